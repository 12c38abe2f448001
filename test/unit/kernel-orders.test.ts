import { describe, expect, it } from "vitest";
import type { Refusal } from "../../src/base/index.ts";
import { KERNEL_REFUSALS } from "../../src/kernel/index.ts";
import { MAX_TICKS, type OrderRequest, type ReplaceRequest } from "../../src/model/index.ts";
import type { OrderTicket, Strategy } from "../../src/strategy/index.ts";
import { KernelDriver } from "../fixtures/kernel-driver.ts";
import { testInstrument } from "../fixtures/sim-venue-driver.ts";

const QUIET: Strategy = { onBook() {} };
const ORDER: OrderRequest = { instrument: "ABC", side: "buy", lots: 3, priceTicks: 100 };

function driver(
  strategy: Strategy = QUIET,
  options: ConstructorParameters<typeof KernelDriver>[1] = {},
): KernelDriver {
  return new KernelDriver([strategy], options).at(50);
}

function submit(to: KernelDriver, change: object = {}, slot = 0): OrderTicket {
  return to.ctx(slot).submit({ ...ORDER, ...change }) as OrderTicket;
}

const refused = (code: string, field: string): unknown => expect.objectContaining({ ok: false, code, field });

describe("submit", () => {
  const good: readonly [string, object][] = [
    ["the shortest limit", {}],
    ["a full key", { instrument: "ABC@test" }],
    ["a sell", { side: "sell" }],
    ["every field", { type: "limit", timeInForce: "GTC", postOnly: true, reduceOnly: true, tag: "x" }],
    ["IOC", { timeInForce: "IOC" }],
    ["FOK", { timeInForce: "FOK", postOnly: false }],
    ["DAY", { timeInForce: "DAY" }],
    ["GTD", { timeInForce: "GTD", expireNs: 51 }],
    ["a market order", { type: "market", priceTicks: undefined }],
    [
      "a market order to fill or kill",
      { type: "market", priceTicks: undefined, timeInForce: "FOK", reduceOnly: true },
    ],
    ["a price of 0", { priceTicks: 0 }],
    ["a price below 0", { priceTicks: -7 }],
    ["the greatest price", { priceTicks: MAX_TICKS }],
    [
      "fields that are undefined",
      { type: undefined, timeInForce: undefined, tag: undefined, expireNs: undefined },
    ],
  ];

  it.each(good)("accepts %s", (_name, change) => {
    const to = driver();
    expect(submit(to, change)).toMatchObject({ ok: true, id: 1, status: "pendingNew", isOpen: true });
    expect(to.door.sent).toHaveLength(1);
  });

  const bad: readonly [string, unknown, string, string][] = [
    ["no object", null, "ORDER_MALFORMED", "request"],
    ["text", "buy 3", "ORDER_MALFORMED", "request"],
    ["a misspelt field", { ...ORDER, price: 1 }, "ORDER_MALFORMED", "price"],
    ["a tag that is no text", { ...ORDER, tag: 5 }, "ORDER_MALFORMED", "tag"],
    ["no instrument", { ...ORDER, instrument: undefined }, "ORDER_INSTRUMENT_UNKNOWN", "instrument"],
    ["an unknown instrument", { ...ORDER, instrument: "XYZ" }, "ORDER_INSTRUMENT_UNKNOWN", "instrument"],
    ["a number for an instrument", { ...ORDER, instrument: 0 }, "ORDER_INSTRUMENT_UNKNOWN", "instrument"],
    ["no side", { ...ORDER, side: undefined }, "ORDER_SIDE", "side"],
    ["a misspelt side", { ...ORDER, side: "bye" }, "ORDER_SIDE", "side"],
    ["a side in capitals", { ...ORDER, side: "BUY" }, "ORDER_SIDE", "side"],
    ["a side that is a number", { ...ORDER, side: 1 }, "ORDER_SIDE", "side"],
    ["an unknown type", { ...ORDER, type: "stop" }, "ORDER_TYPE", "type"],
    ["null for a type", { ...ORDER, type: null }, "ORDER_TYPE", "type"],
    ["a type every object has", { ...ORDER, type: "constructor" }, "ORDER_TYPE", "type"],
    ["a code for a type", { ...ORDER, type: 0 }, "ORDER_TYPE", "type"],
    ["an unknown time in force", { ...ORDER, timeInForce: "GTX" }, "ORDER_TIME_IN_FORCE", "timeInForce"],
    ["null for a time in force", { ...ORDER, timeInForce: null }, "ORDER_TIME_IN_FORCE", "timeInForce"],
    ["a word every object has", { ...ORDER, timeInForce: "toString" }, "ORDER_TIME_IN_FORCE", "timeInForce"],
    [
      "a market order that rests",
      { ...ORDER, type: "market", priceTicks: undefined, timeInForce: "GTC" },
      "ORDER_TIME_IN_FORCE",
      "timeInForce",
    ],
    ["0 lots", { ...ORDER, lots: 0 }, "ORDER_QUANTITY", "lots"],
    ["lots below 0", { ...ORDER, lots: -3 }, "ORDER_QUANTITY", "lots"],
    ["half a lot", { ...ORDER, lots: 0.5 }, "ORDER_QUANTITY", "lots"],
    ["lots that are no number", { ...ORDER, lots: Number.NaN }, "ORDER_QUANTITY", "lots"],
    ["endless lots", { ...ORDER, lots: Number.POSITIVE_INFINITY }, "ORDER_QUANTITY", "lots"],
    ["lots as text", { ...ORDER, lots: "3" }, "ORDER_QUANTITY", "lots"],
    ["lots as a bigint", { ...ORDER, lots: 3n }, "ORDER_QUANTITY", "lots"],
    ["no lots", { ...ORDER, lots: undefined }, "ORDER_QUANTITY", "lots"],
    ["no price", { ...ORDER, priceTicks: undefined }, "ORDER_PRICE", "priceTicks"],
    ["half a tick", { ...ORDER, priceTicks: 100.5 }, "ORDER_PRICE", "priceTicks"],
    ["a price that is no number", { ...ORDER, priceTicks: Number.NaN }, "ORDER_PRICE", "priceTicks"],
    ["a price as text", { ...ORDER, priceTicks: "100" }, "ORDER_PRICE", "priceTicks"],
    ["a price beyond all", { ...ORDER, priceTicks: MAX_TICKS + 1 }, "ORDER_PRICE", "priceTicks"],
    ["a price for a market order", { ...ORDER, type: "market" }, "ORDER_PRICE", "priceTicks"],
    ["GTD without a time", { ...ORDER, timeInForce: "GTD" }, "ORDER_EXPIRY", "expireNs"],
    ["GTD until now", { ...ORDER, timeInForce: "GTD", expireNs: 50 }, "ORDER_EXPIRY", "expireNs"],
    ["GTD until a fraction", { ...ORDER, timeInForce: "GTD", expireNs: 60.5 }, "ORDER_EXPIRY", "expireNs"],
    ["a time that nobody asked for", { ...ORDER, expireNs: 99 }, "ORDER_EXPIRY", "expireNs"],
    ["null for a time", { ...ORDER, expireNs: null }, "ORDER_EXPIRY", "expireNs"],
    ["post-only as a number", { ...ORDER, postOnly: 1 }, "ORDER_FLAGS", "postOnly"],
    ["post-only null", { ...ORDER, postOnly: null }, "ORDER_FLAGS", "postOnly"],
    ["reduce-only as text", { ...ORDER, reduceOnly: "true" }, "ORDER_FLAGS", "reduceOnly"],
    ["post-only that must take", { ...ORDER, timeInForce: "IOC", postOnly: true }, "ORDER_FLAGS", "postOnly"],
    [
      "post-only market",
      { ...ORDER, type: "market", priceTicks: undefined, postOnly: true },
      "ORDER_FLAGS",
      "postOnly",
    ],
  ];

  it.each(bad)("refuses %s by name", (_name, request, code, field) => {
    const to = driver();
    expect(to.ctx().submit(request as OrderRequest)).toEqual(refused(code, field));
    expect(to.door.sent).toEqual([]);
    expect(to.kernel.orders.size).toBe(0);
    expect(to.kernel.effects.count).toBe(1);
  });

  it("refuses by precedence: of two wrong fields the earlier code", () => {
    const to = driver();
    const wrong = {
      side: "x",
      type: "y",
      timeInForce: "z",
      lots: 0,
      priceTicks: 0.5,
      expireNs: 0,
      postOnly: 1,
    };
    const request: Record<string, unknown> = { ...wrong, instrument: "nowhere", more: 1 };
    const codes: string[] = [];
    const right: readonly [string, unknown][] = [
      ["more", undefined],
      ["instrument", "ABC"],
      ["side", "buy"],
      ["type", "limit"],
      ["timeInForce", "GTC"],
      ["lots", 1],
      ["priceTicks", 1],
      ["expireNs", undefined],
      ["postOnly", true],
    ];
    for (const [field, value] of right) {
      codes.push((to.ctx().submit(request as never) as Refusal).code);
      if (field === "more") delete request.more;
      else request[field] = value;
    }
    // Before them all comes that the strategy was stopped: `kernel-strategy-fault.test.ts`.
    expect(codes).toEqual(KERNEL_REFUSALS.slice(1, 10));
    expect(to.ctx().submit(request as never)).toMatchObject({ ok: true });
  });

  it("refuses lots outside the instrument's own bounds", () => {
    const to = driver(QUIET, { instruments: [testInstrument({ minLots: 5, maxLots: 9 })] });
    for (const lots of [4, 10]) expect(submit(to, { lots })).toEqual(refused("ORDER_QUANTITY", "lots"));
    for (const lots of [5, 9]) expect(submit(to, { lots })).toMatchObject({ ok: true });
  });

  it("refuses a symbol that two venues list; the full key tells them apart", () => {
    const to = driver(QUIET, { instruments: [testInstrument(), testInstrument({ venue: "other" })] });
    expect(submit(to)).toEqual(refused("ORDER_INSTRUMENT_UNKNOWN", "instrument"));
    expect(submit(to, { instrument: "ABC@other" })).toMatchObject({ ok: true });
    expect(() => to.ctx().book("ABC")).toThrow(
      expect.objectContaining({ code: "FAULT_INPUT", value: "ABC" }),
    );
    expect(to.ctx().instrument("ABC@other").venue).toBe("other");
  });

  it("refuses an instrument without a venue", () => {
    const to = new KernelDriver([QUIET], {}, false);
    expect(submit(to)).toEqual(refused("ORDER_NO_VENUE", "instrument"));
  });

  it("refuses past the capacity, and accepts again when an order is over", () => {
    const to = driver(QUIET, { orderCapacity: 2 });
    submit(to);
    submit(to);
    expect(submit(to)).toEqual(refused("ORDER_CAPACITY", "orders"));
    to.report("accepted", 0).report("canceled", 0);
    expect(submit(to)).toMatchObject({ ok: true, id: 3 });
  });

  it("hands the door plain numbers", () => {
    const to = driver();
    submit(to, { side: "sell", timeInForce: "GTD", expireNs: 99, reduceOnly: true });
    expect(to.door.sent[0]).toEqual({
      what: "submit",
      requestId: 0,
      stopTicks: 0,
      displayLots: 0,
      row: 0,
      id: 1,
      sideSign: -1,
      type: 0,
      timeInForce: 4,
      flags: 2,
      priceTicks: 100,
      lots: 3,
      expireNs: 99,
    });
  });
});

describe("warm-up", () => {
  it("is state of the engine: orders are refused until the events were seen", () => {
    const answers: string[] = [];
    const strategy: Strategy = {
      warmup: 3,
      onBook: (_book, ctx) => {
        const answer = ctx.submit(ORDER);
        answers.push(answer.ok ? "sent" : `${answer.code} ${ctx.isWarm}`);
      },
    };
    const to = driver(strategy);
    for (let i = 0; i < 4; i++) to.row("bid", 100 + i, 1);
    expect(answers).toEqual(["ORDER_NOT_WARM false", "ORDER_NOT_WARM false", "sent", "sent"]);
  });

  it("counts market events that the strategy has no callback for", () => {
    const to = driver({ warmup: 2, onFill() {} });
    expect(to.ctx().isWarm).toBe(false);
    to.row("buy", 100, 1).row("bid", 99, 1);
    expect(to.ctx().isWarm).toBe(true);
  });

  it("says what else is wrong first", () => {
    expect(submit(driver({ warmup: 2, onFill() {} }), { lots: 0 })).toEqual(
      refused("ORDER_QUANTITY", "lots"),
    );
  });

  it.each([-1, 0.5, Number.NaN, "3"])("of %s is refused by name", (warmup) => {
    expect(() => driver({ warmup: warmup as number, onBook() {} })).toThrow(
      expect.objectContaining({ code: "FAULT_CONFIG", path: "strategies[0].warmup" }),
    );
  });
});

describe("what a venue says twice", () => {
  it("is counted and recorded, and its strategy hears it once", () => {
    const heard: string[] = [];
    const to = driver({ onOrder: ({ kind }) => void heard.push(kind) });
    submit(to);
    to.report("accepted").report("accepted").report("trade", 0, { lots: 1, tick: 100 });
    to.report("canceled").report("canceled");
    expect(heard).toEqual(["accepted", "partiallyFilled", "canceled"]);
    expect(to.kernel.anomalies).toBe(1); // the last word came when nothing was held any more
  });

  it("is told where the order is shown otherwise for it", () => {
    const heard: string[] = [];
    const to = driver({ onOrder: ({ kind, ticket }) => void heard.push(`${kind} ${ticket.status}`) });
    const ticket = submit(to);
    to.report("accepted");
    to.ctx().cancel(ticket);
    to.report("canceled").report("canceled", 0, { requestId: 1 });
    expect(heard).toEqual(["accepted new", "canceled canceled"]);
  });
});

describe("a ticket", () => {
  it("tells of its order while it lives", () => {
    const to = driver();
    const ticket = submit(to, { tag: "mine" });
    expect(ticket).toMatchObject({
      clientOrderId: "tw-1",
      side: "buy",
      tag: "mine",
      lots: 3,
      leavesLots: 3,
      cumLots: 0,
    });
    expect(ticket.averageTicks).toBeNaN();
    to.report("accepted");
    expect(ticket.status).toBe("new");
    to.report("trade", 0, { lots: 1, tick: 100 });
    expect(ticket).toMatchObject({ status: "partiallyFilled", cumLots: 1, leavesLots: 2, averageTicks: 100 });
    to.ctx().cancel(ticket);
    expect(ticket).toMatchObject({ status: "pendingCancel", isPending: true, isOpen: true });
    to.report("canceled", 0, { requestId: 1 });
    expect(ticket).toMatchObject({
      status: "canceled",
      isPending: false,
      isOpen: false,
      cumLots: 1,
      leavesLots: 0,
    });
  });

  it("stays true when its row is used again", () => {
    const to = driver(QUIET, { orderCapacity: 1 });
    const first = submit(to);
    to.report("accepted").report("trade", 0, { lots: 3, tick: 99 });
    const second = submit(to, { side: "sell", lots: 8, priceTicks: 500 });
    expect(second.id).toBe(2);
    expect(first).toMatchObject({
      id: 1,
      status: "filled",
      cumLots: 3,
      leavesLots: 0,
      averageTicks: 99,
      lots: 3,
      isOpen: false,
    });
    expect(second).toMatchObject({ id: 2, status: "pendingNew", cumLots: 0, lots: 8 });
  });

  it("of an order that is over is refused for cancel and replace", () => {
    const to = driver();
    const ticket = submit(to);
    to.report("accepted").report("canceled");
    expect(to.ctx().cancel(ticket)).toEqual(refused("ORDER_NOT_OPEN", "ticket"));
    expect(to.ctx().replace(ticket, { lots: 1 })).toEqual(refused("ORDER_NOT_OPEN", "ticket"));
    expect(to.door.sent).toHaveLength(1);
  });

  it("of an order that is over, but whose cancel was not answered, is refused too", () => {
    const to = driver();
    const ticket = submit(to);
    to.report("accepted");
    to.ctx().cancel(ticket);
    to.report("trade", 0, { lots: 3 });
    expect(to.ctx().cancel(ticket)).toMatchObject({ ok: false });
    to.report("cancelRejected", 0, { requestId: 1, reason: "tooLate" });
    expect(ticket).toMatchObject({ status: "filled", isPending: false });
    expect(to.kernel.orders.size).toBe(0);
    expect(to.kernel.anomalies).toBe(0);
  });

  it("of another strategy, of another run, or of nobody is refused", () => {
    const to = new KernelDriver([QUIET, QUIET]).at(50);
    const other = driver();
    const ticket = submit(to);
    const stranger = submit(other);
    for (const wrong of [stranger, { ...ticket }, {}, null, undefined, 1, "tw-1"]) {
      expect(to.ctx().cancel(wrong as OrderTicket)).toEqual(refused("ORDER_NOT_YOURS", "ticket"));
      expect(to.ctx().replace(wrong as OrderTicket, { lots: 1 })).toEqual(
        refused("ORDER_NOT_YOURS", "ticket"),
      );
    }
    expect(to.ctx(1).cancel(ticket)).toEqual(refused("ORDER_NOT_YOURS", "ticket"));
    to.report("accepted").report("canceled");
    expect(to.ctx(1).cancel(ticket)).toEqual(refused("ORDER_NOT_YOURS", "ticket"));
    expect(to.ctx().cancel(ticket)).toEqual(refused("ORDER_NOT_OPEN", "ticket"));
  });
});

describe("cancel", () => {
  it("goes to the door with a number of its own, and only one at a time", () => {
    const to = driver();
    const ticket = submit(to);
    expect(to.ctx().cancel(ticket)).toEqual({ ok: true });
    expect(to.ctx().cancel(ticket)).toEqual(refused("ORDER_REQUEST_PENDING", "ticket"));
    expect(to.door.sent.slice(1)).toEqual([{ what: "cancel", row: 0, id: 1, requestId: 1 }]);
    to.report("accepted").report("cancelRejected", 0, { requestId: 1 });
    expect(ticket).toMatchObject({ status: "new", isPending: false });
    expect(to.ctx().cancel(ticket)).toEqual({ ok: true });
    expect(to.kernel.cancelsSent).toBe(2);
  });
});

describe("replace", () => {
  it("repeats what stays", () => {
    const to = driver();
    const ticket = submit(to);
    expect(to.ctx().replace(ticket, { priceTicks: 90 })).toEqual({ ok: true });
    expect(to.ctx().replace(ticket, { lots: 9 })).toEqual({ ok: true });
    expect(to.door.sent.slice(1)).toEqual([
      { what: "replace", row: 0, id: 1, requestId: 1, priceTicks: 90, lots: 3 },
      { what: "replace", row: 0, id: 1, requestId: 2, priceTicks: 100, lots: 9 },
    ]);
    to.report("accepted").report("replaced", 0, { requestId: 1, tick: 90, lots: 3 });
    expect(ticket).toMatchObject({ priceTicks: 90, lots: 3 });
  });

  const bad: readonly [string, unknown, string, string][] = [
    ["no object", null, "ORDER_MALFORMED", "terms"],
    ["nothing", {}, "ORDER_MALFORMED", "terms"],
    ["undefined only", { lots: undefined }, "ORDER_MALFORMED", "terms"],
    ["a misspelt field", { price: 5 }, "ORDER_MALFORMED", "price"],
    ["another side", { side: "sell" }, "ORDER_MALFORMED", "side"],
    ["0 lots", { lots: 0 }, "ORDER_QUANTITY", "lots"],
    ["lots below 0", { lots: -1 }, "ORDER_QUANTITY", "lots"],
    ["half a lot", { lots: 1.5 }, "ORDER_QUANTITY", "lots"],
    ["lots as text", { lots: "2" }, "ORDER_QUANTITY", "lots"],
    ["half a tick", { priceTicks: 0.5 }, "ORDER_PRICE", "priceTicks"],
    ["a price that is no number", { priceTicks: Number.NaN }, "ORDER_PRICE", "priceTicks"],
    ["a price beyond all", { priceTicks: -MAX_TICKS - 1 }, "ORDER_PRICE", "priceTicks"],
  ];

  it.each(bad)("refuses %s by name", (_name, terms, code, field) => {
    const to = driver();
    const ticket = submit(to);
    expect(to.ctx().replace(ticket, terms as ReplaceRequest)).toEqual(refused(code, field));
    expect(to.door.sent).toHaveLength(1);
    expect(ticket.isPending).toBe(false);
  });

  it("refuses the third of two that were not answered", () => {
    const to = driver();
    const ticket = submit(to);
    for (const lots of [4, 5]) expect(to.ctx().replace(ticket, { lots })).toEqual({ ok: true });
    expect(to.ctx().replace(ticket, { lots: 6 })).toEqual(refused("ORDER_REQUEST_PENDING", "ticket"));
    expect(to.ctx().cancel(ticket)).toEqual({ ok: true });
  });
});

describe("openOrders", () => {
  it("are the strategy's own, oldest first", () => {
    const instruments = [testInstrument(), testInstrument({ symbol: "XYZ" })];
    const to = new KernelDriver([QUIET, QUIET], { instruments }).at(50);
    const [a, , c, d] = [submit(to), submit(to, {}, 1), submit(to), submit(to, { instrument: "XYZ" })];
    expect(to.ctx().openOrders()).toEqual([a, c, d]);
    expect(to.ctx().openOrders("XYZ")).toEqual([d]);
    to.report("accepted", 2).report("canceled", 2);
    expect(to.ctx().openOrders("ABC")).toEqual([a]);
    expect(() => to.ctx().openOrders("nowhere")).toThrow(expect.objectContaining({ code: "FAULT_INPUT" }));
  });
});

describe("reports", () => {
  it("book a fill once in orders, position and cash, with its fee", () => {
    const fees = { tiers: [{ maker: "-0.0001", taker: "0.001" }] };
    const to = driver(QUIET, {
      instruments: [testInstrument({ fees, quote: { code: "USD", decimals: 4 }, tickSize: "0.01" })],
      cash: [{ minor: 1_000_000n, currency: { code: "USD", decimals: 4 } }],
      reporting: { code: "USD", decimals: 4 },
    });
    submit(to, { lots: 10, priceTicks: 100 });
    to.report("accepted").report("trade", 0, { lots: 10, tick: 100 });
    expect(to.kernel.ledger.cashMinor("USD")).toBe(1_000_000n - 100_000n - 100n);
    expect(to.ctx().position("ABC")).toMatchObject({ lots: 10, averageTicks: 100 });
    expect(to.kernel.finalState()).toMatchObject({ positions: [10], anomalies: 0, staleReports: 0 });
  });

  it("about an order that is over are counted and change nothing", () => {
    const to = driver();
    submit(to);
    to.report("accepted").report("canceled");
    const before = to.kernel.effects.hex();
    to.report("trade", 0, { lots: 1 });
    expect(to.kernel.finalState()).toMatchObject({ staleReports: 1, positions: [0] });
    expect(to.kernel.effects.hex()).toBe(before);
  });

  it("that are not legal where they come are counted as anomalies", () => {
    const to = driver();
    submit(to);
    to.report("accepted").report("accepted");
    expect(to.kernel.anomalies).toBe(1);
  });
});
