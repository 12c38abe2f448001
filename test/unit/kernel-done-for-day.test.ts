import { describe, expect, it } from "vitest";
import type { KernelRisk } from "../../src/kernel/index.ts";
import { NO_LIMITS } from "../../src/risk/index.ts";
import type { OrderTicket, OrderView } from "../../src/strategy/index.ts";
import { KernelDriver } from "../fixtures/kernel-driver.ts";

const risk: KernelRisk = {
  currency: "USD",
  limits: [{ level: "firm", limits: { ...NO_LIMITS, maxLongLots: 10 } }],
  capital: [],
  hours: "always",
  status: "trusted",
};

function driven(lingerNs = 1_000) {
  const said: string[] = [];
  const idle = {
    name: "idle",
    onStart: () => {},
    onOrder: ({ kind, ticket }: OrderView) => void said.push(`${kind} ${ticket.id}`),
  };
  const to = new KernelDriver([idle], { risk, lingerNs });
  to.at(100).row("bid", 99, 5).row("ask", 101, 5);
  const submit = (lots: number): OrderTicket =>
    to.ctx().submit({ instrument: "ABC", side: "buy", lots, priceTicks: 99 }) as OrderTicket;
  return { to, submit, said };
}

describe("an order that is done for the day", () => {
  it("holds its room at the gate until it is over: it may fill another day", () => {
    const { to, submit } = driven();
    submit(6);
    to.report("accepted").report("doneForDay");
    expect(to.kernel.orders.worstLeavesLots(0)).toBe(6);
    expect(submit(5)).toMatchObject({ ok: false, code: "RISK_POSITION_EXCEEDED" });
    to.report("restated", 0, { lots: 5 });
    expect(submit(5)).toMatchObject({ ok: true });
    to.report("expired");
    expect(submit(4)).toMatchObject({ ok: true });
  });

  it("is unknown once the connection is lost", () => {
    const { to, submit, said } = driven();
    const ticket = submit(6);
    to.report("accepted").report("doneForDay");
    to.kernel.disconnected(to.kernel.stationOf("ABC"));
    expect([ticket.status, said.at(-1)]).toEqual(["doneForDay", `unknown ${ticket.id}`]);
  });

  it("is let go where it was filled: nothing more can come of it", () => {
    const { to, submit } = driven(0);
    const ticket = submit(6);
    to.report("accepted").report("trade", 0, { lots: 6 });
    expect(to.kernel.orders.size).toBe(0);
    const [other] = [submit(4)];
    to.report("accepted", 1).report("trade", 1, { lots: 3 }).report("doneForDay", 1);
    expect([ticket.status, other.status, to.kernel.orders.size]).toEqual(["filled", "doneForDay", 1]);
    to.report("trade", 1, { lots: 1 });
    expect(to.kernel.orders.size).toBe(0);
  });

  it("cannot be made larger once it is filled: the gate refuses that", () => {
    const { to, submit } = driven();
    const ticket = submit(4);
    to.report("accepted").report("trade", 0, { lots: 4 });
    expect(ticket.status).toBe("filled");
    expect(to.ctx().replace(ticket, { lots: 6 })).toMatchObject({ ok: false, code: "RISK_ORDER_NOT_OPEN" });
  });
});
