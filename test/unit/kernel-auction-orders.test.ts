import { describe, expect, it } from "vitest";
import { isRefusal } from "../../src/base/index.ts";
import { readJournal } from "../../src/host/index.ts";
import { loadKernel, saveKernel } from "../../src/kernel/index.ts";
import { TIME_IN_FORCE } from "../../src/model/index.ts";
import type { VenueDoor } from "../../src/port/index.ts";
import type { ApprovedOrder } from "../../src/risk/index.ts";
import { DurableDoor, replaySession, resumeSession, type SessionRecord } from "../../src/run/index.ts";
import type { Strategy, StrategyContext } from "../../src/strategy/index.ts";
import { KeptDoor, KernelDriver } from "../fixtures/kernel-driver.ts";
import { NotingDoor, SmallSessions } from "../fixtures/small-session.ts";

const ORDER = { instrument: "ABC", side: "buy", lots: 5, priceTicks: 100 } as const;
const idle = (): Strategy => ({
  name: "one",
  onSave: () => ({ version: 1, state: null }),
  onLoad: () => undefined,
});
const said = (answer: object): string => (isRefusal(answer) ? `${answer.code} ${answer.field}` : "ok");

function driven(door: VenueDoor<ApprovedOrder>): KernelDriver {
  const to = new KernelDriver([idle()], {}, false);
  to.kernel.connect(0, door);
  return to.at(1_000).row("bid", 99, 100).row("ask", 101, 100);
}

describe("orders for an auction alone", () => {
  it("go to a venue that has them, as what they are", () => {
    const door = new KeptDoor(true);
    const to = driven(door);
    for (const timeInForce of ["atOpen", "atClose"] as const) {
      expect(to.ctx().explain({ ...ORDER, timeInForce })).toEqual([]);
      expect(said(to.ctx().submit({ ...ORDER, timeInForce }))).toBe("ok");
    }
    expect(door.sent.map((each) => (each.what === "submit" ? each.timeInForce : -1))).toEqual([
      TIME_IN_FORCE.atOpen,
      TIME_IN_FORCE.atClose,
    ]);
    const [order] = to.ctx().openOrders("ABC");
    expect(order?.isOpen).toBe(true);
  });

  it("are refused by name where the venue has none, and nothing leaves", () => {
    const door = new KeptDoor();
    const to = driven(door);
    for (const timeInForce of ["atOpen", "atClose"] as const) {
      const answer = to.ctx().submit({ ...ORDER, timeInForce });
      expect(said(answer)).toBe("ORDER_TIME_IN_FORCE timeInForce");
      expect(isRefusal(answer) ? answer.message : "").toContain("no orders for an auction alone");
    }
    expect(door.sent).toEqual([]);
  });

  it("are limit orders that nothing in the book meets: none at the market, none post-only", () => {
    const to = driven(new KeptDoor(true));
    const { priceTicks: _, ...market } = { ...ORDER, type: "market", timeInForce: "atClose" } as const;
    expect(said(to.ctx().submit(market))).toBe("ORDER_TIME_IN_FORCE timeInForce");
    const postOnly = { ...ORDER, timeInForce: "atClose", postOnly: true } as const;
    expect(said(to.ctx().submit(postOnly))).toBe("ORDER_FLAGS postOnly");
    const expiring = { ...ORDER, timeInForce: "atOpen", expireNs: 2_000 } as const;
    expect(said(to.ctx().submit(expiring))).toBe("ORDER_EXPIRY expireNs");
  });

  it("are known after a snapshot, and behind a door that records", () => {
    const to = driven(new KeptDoor(true));
    const again = new KernelDriver([idle()]);
    loadKernel(again.kernel, saveKernel(to.kernel));
    expect(said(again.ctx().submit({ ...ORDER, timeInForce: "atClose" }))).toBe("ok");
    for (const takes of [true, false]) {
      const durable = new DurableDoor(new KeptDoor(takes), undefined as never, 0, new Float64Array(1));
      expect(durable.takesAuctionOrders).toBe(takes);
    }
  });

  it("are decided alike in a session, in its recovery and in its replay, whatever the venue has then", () => {
    const sessions = new SmallSessions();
    const answers: string[] = [];
    const strategy = {
      onTrade: (_: unknown, ctx: StrategyContext) => {
        answers.push(
          said(ctx.submit({ ...ORDER, instrument: "ABC@sim", priceTicks: 990, timeInForce: "atClose" })),
        );
      },
    };
    const door = (takesAuctionOrders: boolean): NotingDoor =>
      Object.assign(new NotingDoor(), { takesAuctionOrders });
    const { session } = sessions.open(sessions.options(strategy));
    session.connect(0, door(true));
    session.start(0);
    sessions.trade(session, 1_000);
    session.commit();
    expect(answers.splice(0)).toEqual(["ok"]);
    const opened = sessions.recover(sessions.options(strategy));
    expect(answers.splice(0)).toEqual(["ok"]);
    opened.session.connect(0, door(false));
    resumeSession(opened, 2_000_000_000);
    sessions.trade(opened.session, 3_000_000_000);
    opened.session.commit();
    expect(answers.splice(0)).toEqual(["ORDER_TIME_IN_FORCE timeInForce"]);
    const records: SessionRecord[] = [];
    readJournal(
      "/journal",
      ({ seq, type, payload }) => records.push({ seq, type, payload: payload.slice() }),
      { disk: sessions.disk },
    );
    const replay = replaySession(records, sessions.options(strategy));
    expect(answers).toEqual(["ok", "ORDER_TIME_IN_FORCE timeInForce"]);
    expect(replay.difference).toBeUndefined();
  });
});
