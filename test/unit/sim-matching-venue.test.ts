import { describe, expect, it } from "vitest";
import { Fault } from "../../src/base/index.ts";
import { KIND_MASK, ROW } from "../../src/model/index.ts";
import { ConstantLatency, MatchingVenue, type MatchingVenueOptions } from "../../src/sim/index.ts";
import { hand, MatchingDriver, QUIET } from "../fixtures/matching-venue-driver.ts";
import { faultOf } from "../fixtures/run-tapes.ts";
import { asApproved, lines, outboundOf, type Wish } from "../fixtures/sim-venue-driver.ts";

const SECOND = 1_000_000_000;

/** All a book is but the time. */
function stateOf({ book }: MatchingVenue): string {
  const { nowNs: _nowNs, ...state } = book.save();
  return JSON.stringify(state);
}

function thrown(call: () => unknown): Fault {
  const fault = faultOf(call);
  if (fault instanceof Fault) return fault;
  throw fault;
}

/** A venue with a quiet crowd and one other trader, at a second after the start. */
function driver(options: Partial<MatchingVenueOptions> = {}) {
  const driven = new MatchingDriver({ participants: [hand("other")], ...options }).until(SECOND);
  const other = driven.venue.desk("other");
  if (other === undefined) throw new Error("no desk");
  return { driven, other, venue: driven.venue };
}

const buy = (lots: number, tick?: number, more: Partial<Wish> = {}): Wish => ({
  ...{ side: "buy", lots, ...more },
  ...(tick === undefined ? {} : { tick }),
});
const sell = (lots: number, tick?: number, more: Partial<Wish> = {}): Wish => ({
  ...buy(lots, tick, more),
  side: "sell",
});

describe("an order at a matching venue", () => {
  it("takes what stands there, by price and time, ours told with what was left", () => {
    const { driven, other } = driver();
    other.submit({ side: "sell", lots: 3, priceTicks: 10_002 });
    const { told } = driven.submit(buy(5, 10_002));
    expect(lines(told)).toEqual(["accepted", "trade 1@10001 taken", "trade 3@10002 taken"]);
    expect(told.map(({ leaves }) => leaves)).toEqual([0, 4, 1]);
    expect(driven.venue.book.bestBid).toBe(10_002);
    expect(other.positionLots).toBe(-3);
    expect(other.moneyTicks).toBe(3 * 10_002);
  });

  it("rests behind who came before, and is taken in its turn", () => {
    const { driven, other } = driver();
    other.submit({ side: "buy", lots: 4, priceTicks: 10_000 });
    const { row } = driven.submit(buy(5, 10_000));
    other.submit({ side: "sell", lots: 6, priceTicks: 10_000 });
    expect(lines(driven.hear())).toEqual(["trade 2@10000 queueReached maker"]);
    expect(driven.venue.position[0]).toBe(2);
    expect(lines(driven.cancel(row))).toEqual(["canceled"]);
    expect(lines(driven.cancel(row))).toEqual(["cancelRejected tooLate"]);
    expect(lines(driven.replace(row, 10_000, 9))).toEqual(["replaceRejected tooLate"]);
  });

  const CASES: readonly (readonly [string, Wish, readonly string[]])[] = [
    [
      "IOC",
      buy(3, 10_001, { timeInForce: "IOC" }),
      ["accepted", "trade 1@10001 taken", "expired iocRemainder"],
    ],
    ["FOK", buy(3, 10_001, { timeInForce: "FOK" }), ["accepted", "expired fokNotFillable"]],
    ["market", sell(3), ["accepted", "trade 1@9999 taken", "expired noLiquidity"]],
    ["post-only that would take", buy(1, 10_001, { postOnly: true }), ["rejected postOnlyWouldTake"]],
    ["post-only", buy(1, 10_000, { postOnly: true }), ["accepted"]],
    [
      "reduce-only without a position",
      buy(1, 10_001, { reduceOnly: true }),
      ["rejected reduceOnlyWouldOpen"],
    ],
    ["GTD that is over", buy(1, 9_000, { timeInForce: "GTD", expireNs: 5 }), ["rejected gtdReached"]],
    ["price that is none", buy(1, -5), ["rejected invalid"]],
    ["market order that would rest", buy(1, undefined, { timeInForce: "GTC" }), ["rejected invalid"]],
    ["opening order when it is late", buy(1, 9_000, { timeInForce: "atOpen" }), ["rejected phase"]],
    ["stop without a price", buy(1, undefined, { type: "stop" }), ["rejected invalid"]],
  ];
  it.each(CASES)("%s", (_name, wish, said) => {
    const { driven, venue } = driver();
    const before = stateOf(venue);
    const { told } = driven.submit(wish);
    expect(lines(told)).toEqual(said);
    const isRejected = said[0]?.startsWith("rejected") === true;
    expect(stateOf(venue) === before).toBe(isRejected);
  });

  it("is replaced: smaller keeps its place, larger goes behind, nothing left ends it", () => {
    const { driven, other } = driver();
    const { row } = driven.submit(buy(5, 10_000));
    other.submit({ side: "buy", lots: 5, priceTicks: 10_000 });
    expect(lines(driven.replace(row, 10_000, 4))).toEqual(["replaced 4@10000"]);
    other.submit({ side: "sell", lots: 1, priceTicks: 10_000, timeInForce: "IOC" });
    expect(lines(driven.hear())).toEqual(["trade 1@10000 queueReached maker"]);
    expect(lines(driven.replace(row, 10_000, 9))).toEqual(["replaced 9@10000"]);
    other.submit({ side: "sell", lots: 5, priceTicks: 10_000, timeInForce: "IOC" });
    expect(driven.hear()).toEqual([]);
    expect(lines(driven.replace(row, 10_000, 1))).toEqual(["replaced 1@10000"]);
    expect(lines(driven.cancel(row))).toEqual(["cancelRejected tooLate"]);
  });

  it("waits as a stop for the last trade, then is active", () => {
    const { driven, other } = driver();
    const stop = driven.submit(sell(1, undefined, { type: "stop", timeInForce: "GTC", stopTicks: 9_999 }));
    const limit = driven.submit(sell(2, 9_990, { type: "stopLimit", stopTicks: 9_995 }));
    expect(lines([...stop.told, ...limit.told])).toEqual(["accepted", "accepted"]);
    other.submit({ side: "buy", lots: 5, priceTicks: 9_994 });
    other.submit({ side: "sell", lots: 1, priceTicks: 9_999 });
    expect(lines(driven.hear())).toEqual([
      ...["triggered", "trade 1@9994 taken", "triggered", "trade 2@9994 taken"],
    ]);
  });

  it("shows a part of an iceberg, and nothing of a hidden order", () => {
    const { driven, other } = driver();
    driven.submit(sell(9, 10_000, { displayLots: 2 }));
    driven.submit(buy(4, 9_999, { hidden: true }));
    const { followed } = driven;
    expect([followed.askLots(10_000), followed.bidLots(9_999)]).toEqual([2, 1]);
    other.submit({ side: "buy", lots: 3, priceTicks: 10_000 });
    driven.until(SECOND);
    expect([...lines(driven.hear())]).toEqual([
      ...["trade 2@10000 queueReached maker", "trade 1@10000 queueReached maker"],
    ]);
    expect(driven.venue.book.shownLots("sell", 10_000)).toBe(1);
  });

  it("expires at its time, or with its day", () => {
    const { driven } = driver({ dayEndNs: () => BigInt(30 * SECOND) });
    driven.submit(buy(1, 9_000, { timeInForce: "GTD", expireNs: 20 * SECOND }));
    driven.submit(buy(1, 9_001, { timeInForce: "DAY" }));
    driven.submit(buy(1, 9_002));
    driven.hear();
    driven.until(40 * SECOND);
    const told = driven.hear();
    expect(lines(told)).toEqual(["expired gtdReached", "expired dayEnded"]);
    expect(told.map(({ exchNs }) => exchNs / SECOND)).toEqual([20, 30]);
    expect(lines(driven.submit(buy(1, 9_001, { timeInForce: "DAY" })).told)).toEqual(["rejected dayEnded"]);
  });

  it.each([
    ["none", ["accepted", "trade 2@10000 queueReached maker", "trade 2@10000 taken"]],
    ["cancelNewest", ["accepted", "canceled selfMatch"]],
    ["cancelOldest", ["accepted", "canceled selfMatch"]],
    ["cancelBoth", ["accepted", "canceled selfMatch", "canceled selfMatch"]],
    ["decrement", ["accepted", "restated 3@10000 selfMatch", "canceled selfMatch"]],
  ] as const)("meets another of ours: %s", (selfMatch, said) => {
    const { driven, venue } = driver({ selfMatch });
    driven.submit(buy(5, 10_000));
    expect(lines(driven.submit(sell(2, 10_000)).told)).toEqual(said);
    expect(venue.position[0]).toBe(0);
    expect(venue.money[1]).toBe(0);
  });

  it("meets others whatever self-match protection says", () => {
    const { driven, other } = driver({ selfMatch: "cancelBoth" });
    other.submit({ side: "buy", lots: 5, priceTicks: 10_000 });
    expect(lines(driven.submit(sell(2, 10_000)).told)).toEqual(["accepted", "trade 2@10000 taken"]);
  });
});

describe("time", () => {
  it("passes between sending and arriving, and between happening and hearing", () => {
    const latency = new ConstantLatency({ entryNs: 700, responseNs: 300 });
    const { driven, other } = driver({ latency });
    driven.send(buy(1, 10_001));
    driven.until(SECOND + 699);
    expect(driven.venue.reports.ring.size).toBe(0);
    driven.until(SECOND + 700);
    const told = driven.hear();
    expect(told.map(({ what, exchNs, arrivesNs }) => [what, exchNs - SECOND, arrivesNs - SECOND])).toEqual([
      ["accepted", 700, 1_000],
      ["trade", 700, 1_000],
    ]);
    expect(other.nowNs).toBe(SECOND + 700);
  });

  it("takes an order that is lost on its way nowhere", () => {
    const lost = { usesFeedLatency: false, entryNs: () => -50, responseNs: () => 0, describe: () => ({}) };
    const { driven, venue } = driver({ latency: lost });
    const before = stateOf(venue);
    const row = driven.send(buy(1, 10_001));
    driven.askCancel(row);
    expect(lines(driven.hear())).toEqual(["rejected lostOnTheWay", "cancelRejected lostOnTheWay"]);
    expect(stateOf(venue)).toBe(before);
  });

  it("goes on for orders after the market is over", () => {
    const { driven, venue } = driver();
    driven.until(2_000 * SECOND);
    expect(venue.nextNs[0]).toBe(Number.POSITIVE_INFINITY);
    expect(lines(driven.submit(buy(1, 10_001)).told)).toEqual(["accepted", "trade 1@10001 taken"]);
  });
});

describe("phases", () => {
  it("let orders gather and trade at one price", () => {
    const { driven, other, venue } = driver();
    expect(venue.turn("opening")).toBeUndefined();
    driven.until(2 * SECOND);
    expect([driven.isValid, driven.followed.bestBid > 0]).toEqual([false, false]);
    other.submit({ side: "sell", lots: 4, priceTicks: 9_990 });
    const { told } = driven.submit(buy(3, 10_010));
    driven.submit(buy(1, 9_995, { timeInForce: "atOpen" }));
    expect(lines(told)).toEqual(["accepted"]);
    expect(lines(driven.submit(buy(1, 10_010, { timeInForce: "IOC" })).told)).toEqual(["rejected phase"]);
    driven.hear();
    venue.turn("continuous");
    const auction = driven.hear();
    expect(lines(auction)).toEqual(["trade 3@9999 auction", "expired auctionEnded"]);
    const rows = driven.until(3 * SECOND).rows.filter(({ kind }) => (kind & KIND_MASK) === ROW.trade);
    expect(rows.reduce((sum, { lots }) => sum + lots, 0)).toBe(4);
    expect(driven.isValid).toBe(true);
    expect(driven.followed.bestBid).toBe(venue.book.bestBid);
  });

  it("end what was for an auction only", () => {
    const { driven, venue } = driver({ phases: [{ atNs: 2 * SECOND, phase: "opening" }] });
    driven.until(2 * SECOND);
    driven.submit(buy(1, 9_000, { timeInForce: "atOpen" }));
    venue.turn("continuous");
    expect(lines(driven.hear())).toEqual(["expired auctionEnded"]);
  });

  it("come at their times; a halt takes cancels only, and the end of the day ends orders of the day", () => {
    const phases = [
      { atNs: 10 * SECOND, phase: "halted" },
      { atNs: 20 * SECOND, phase: "continuous" },
      { atNs: 30 * SECOND, phase: "closed" },
    ] as const;
    const { driven, venue } = driver({ phases });
    const day = driven.submit(buy(1, 9_000, { timeInForce: "DAY" }));
    driven.submit(buy(1, 9_001));
    driven.until(10 * SECOND);
    expect(venue.book.phase).toBe("halted");
    const before = stateOf(venue);
    expect(lines(driven.submit(buy(1, 9_000)).told)).toEqual(["rejected phase"]);
    expect(lines(driven.replace(day.row, 9_010, 1))).toEqual(["replaceRejected phase"]);
    expect(stateOf(venue)).toBe(before);
    driven.until(20 * SECOND);
    expect(lines(driven.submit(buy(1, 10_001)).told)).toEqual(["accepted", "trade 1@10001 taken"]);
    driven.until(30 * SECOND);
    expect(lines(driven.hear())).toEqual(["expired dayEnded"]);
    expect(venue.turn("dinner" as never)?.code).toBe("MATCH_ORDER_INVALID");
  });
});

describe("permanent impact", () => {
  const market = { ...QUIET, permanentTicksPerLot: 0.25 };

  it("moves the fundamental with what we and participants take, and back with the way back", () => {
    const { driven, other, venue } = driver({ market });
    other.submit({ side: "sell", lots: 8, priceTicks: 10_000 });
    expect(venue.fundamentalTicks).toBe(10_000);
    driven.submit(buy(6, 10_000));
    expect(venue.fundamentalTicks).toBe(10_001.5);
    driven.submit(buy(5, 10_000));
    expect(venue.fundamentalTicks).toBe(10_002);
    // Three of ours rest: another's sale takes them, and moves it down.
    other.submit({ side: "sell", lots: 3, priceTicks: 10_000 });
    expect(venue.fundamentalTicks).toBe(10_001.25);
    other.submit({ side: "sell", lots: 1, priceTicks: 9_999 });
    expect(venue.fundamentalTicks).toBe(10_001);
    expect(JSON.stringify(venue.describe())).toContain('"permanentTicksPerLot":0.25');
  });

  it("is none where none is asked for, and knows nothing of auctions", () => {
    const { driven, other, venue } = driver();
    other.submit({ side: "sell", lots: 8, priceTicks: 10_000 });
    driven.submit(buy(6, 10_000));
    expect([venue.fundamentalTicks, JSON.stringify(venue.describe()).includes("permanent")]).toEqual([
      10_000,
      false,
    ]);
    const again = driver({ market });
    again.venue.turn("volatility");
    again.other.submit({ side: "sell", lots: 8, priceTicks: 10_000 });
    again.driven.submit(buy(6, 10_000));
    again.venue.turn("continuous");
    expect([again.venue.position[0], again.venue.fundamentalTicks]).toEqual([6, 10_000]);
  });
});

describe("the LULD Plan at a matching venue", () => {
  const luld = { tier: 1, priorCloseTicks: 10_000 } as const;

  it("keeps trades within the bands, pauses after 15 seconds at one, and opens again by an auction", () => {
    const { driven, other, venue } = driver({ luld });
    // The reference is the mid at the start: 100.00, so that 95.00 and 105.00 are the bands.
    other.submit({ side: "buy", lots: 5, priceTicks: 10_400 });
    driven.submit(buy(2, 10_600));
    expect(lines(driven.hear())).toEqual([]);
    expect(venue.book.bestBid).toBe(10_500);
    expect(lines(driven.told)).toContain("restated 2@10500 band");
    other.submit({ side: "sell", lots: 1, priceTicks: 10_501 });
    driven.until(15.9 * SECOND);
    expect(venue.book.phase).toBe("continuous");
    driven.until(16 * SECOND);
    expect(venue.book.phase).toBe("volatility");
    expect(driven.isValid).toBe(false);
    other.submit({ side: "sell", lots: 2, priceTicks: 10_450 });
    expect(driven.hear()).toEqual([]);
    driven.until(315 * SECOND);
    expect(venue.book.phase).toBe("volatility");
    driven.until(316 * SECOND);
    expect(venue.book.phase).toBe("continuous");
    expect(driven.hear().map(({ why, lots }) => [why, lots])).toEqual([["auction", 2]]);
    expect([venue.counts.limitStates, venue.counts.pauses]).toEqual([1, 1]);
    expect(driven.isValid).toBe(true);
  });

  /** A pause that a bid at the upper band of 105.00 began after 15 s or 16; the collars are 95.00 and 110.25. */
  function paused() {
    const world = driver({ luld });
    world.other.submit({ side: "buy", lots: 5, priceTicks: 10_500 });
    world.driven.until(17 * SECOND);
    expect([world.venue.book.phase, world.venue.counts.pauses]).toEqual(["volatility", 1]);
    return world;
  }
  const END = 316 * SECOND;
  const EXTENSION = 300 * SECOND;

  it("has collars from the band that was reached to the other one, and trades at them", () => {
    const { driven, other, venue } = paused();
    expect(venue.reopeningCollars).toEqual({ lowerTicks: 9_500, upperTicks: 11_025 });
    other.submit({ side: "buy", lots: 9, priceTicks: 11_025 });
    other.submit({ side: "sell", lots: 9, priceTicks: 11_025 });
    driven.until(END);
    expect([venue.book.phase, venue.counts.extensions]).toEqual(["continuous", 0]);
    expect([venue.book.auctionTicks, venue.reopeningCollars]).toEqual([11_025, undefined]);
  });

  it("goes on for five minutes with a wider collar while the auction's price is above it", () => {
    const { driven, other, venue } = paused();
    other.submit({ side: "buy", lots: 9, priceTicks: 11_551 });
    other.submit({ side: "sell", lots: 9, priceTicks: 11_551 });
    driven.until(END);
    expect(venue.reopeningCollars).toEqual({ lowerTicks: 9_500, upperTicks: 11_550 });
    driven.until(END + EXTENSION - 2 * SECOND);
    expect([venue.book.phase, venue.counts.extensions]).toEqual(["volatility", 1]);
    driven.until(END + EXTENSION);
    expect(venue.reopeningCollars).toEqual({ lowerTicks: 9_500, upperTicks: 12_075 });
    expect([venue.book.phase, venue.counts.extensions]).toEqual(["volatility", 2]);
    driven.until(END + 2 * EXTENSION);
    expect([venue.book.phase, venue.book.auctionTicks]).toEqual(["continuous", 11_551]);
  });

  it("goes on below the lower collar, too, and opens as soon as five minutes end with a price inside", () => {
    const { driven, other, venue } = paused();
    const low = other.submit({ side: "sell", lots: 90, priceTicks: 9_400 }) as number;
    const bid = other.submit({ side: "buy", lots: 90, priceTicks: 9_400 }) as number;
    driven.until(END);
    expect(venue.reopeningCollars).toEqual({ lowerTicks: 8_975, upperTicks: 11_025 });
    expect([other.cancel(low), other.cancel(bid)]).toEqual([undefined, undefined]);
    driven.until(END + EXTENSION);
    expect([venue.book.phase, venue.counts.extensions, venue.counts.pauses]).toEqual(["continuous", 1, 1]);
  });

  it("goes on while orders at the market are left over, to their side", () => {
    const { driven, other, venue } = paused();
    const { row } = driven.submit(sell(70));
    driven.until(END);
    expect(venue.reopeningCollars).toEqual({ lowerTicks: 8_975, upperTicks: 11_025 });
    other.submit({ side: "buy", lots: 64, priceTicks: 10_400 });
    driven.until(END + EXTENSION);
    expect(venue.reopeningCollars).toEqual({ lowerTicks: 8_450, upperTicks: 11_025 });
    other.submit({ side: "buy", lots: 1, priceTicks: 10_300 });
    driven.until(END + 2 * EXTENSION);
    expect([venue.book.phase, venue.counts.extensions]).toEqual(["continuous", 2]);
    expect(driven.venue.orders.leaves[row]).toBe(0);
    const fills = driven.hear().filter(({ why }) => why === "auction");
    expect(fills.reduce((sum, { lots }) => sum + lots, 0)).toBe(70);
  });

  it("does not go on past the close", () => {
    const { driven, other, venue } = driver({ luld: { ...luld, sessionNs: 600 * SECOND } });
    other.submit({ side: "buy", lots: 5, priceTicks: 11_000 });
    driven.until(17 * SECOND);
    other.submit({ side: "buy", lots: 5, priceTicks: 15_000 });
    other.submit({ side: "sell", lots: 5, priceTicks: 15_000 });
    driven.until(END);
    expect([venue.book.phase, venue.counts.extensions]).toEqual(["continuous", 0]);
  });

  it("leaves a limit state where the quote goes away", () => {
    const { driven, other, venue } = driver({ luld });
    const id = other.submit({ side: "buy", lots: 5, priceTicks: 10_700 }) as number;
    driven.until(10 * SECOND);
    other.cancel(id);
    driven.until(60 * SECOND);
    expect([venue.counts.limitStates, venue.counts.pauses, venue.book.phase]).toEqual([1, 0, "continuous"]);
  });

  it("has no bands before the open and after the close; those of the last minutes are twice as wide", () => {
    const { driven, other, venue } = driver({ luld: { ...luld, openNs: 5 * SECOND, sessionNs: 5 * SECOND } });
    const crossed = () => {
      other.submit({ side: "sell", lots: 1, priceTicks: 12_000 });
      return lines(driven.submit(buy(1, 12_000, { timeInForce: "IOC" })).told).at(-1);
    };
    driven.submit(buy(1, 10_001));
    expect(crossed()).toBe("trade 1@12000 taken");
    driven.until(6 * SECOND);
    expect(crossed()).toBe("expired iocRemainder");
    driven.until(11 * SECOND);
    expect(crossed()).toBe("trade 1@12000 taken");
    expect(venue.counts.pauses).toBe(0);
  });
});

describe("a participant", () => {
  it("acts at the start and at the times it returns", () => {
    const seen: number[] = [];
    const act = (desk: { readonly nowNs: number }) => {
      seen.push(desk.nowNs);
      return desk.nowNs < 3 * SECOND ? desk.nowNs + SECOND : Number.POSITIVE_INFINITY;
    };
    new MatchingDriver({ participants: [{ name: "clock", act }] }).until(60 * SECOND);
    expect(seen).toEqual([0, SECOND, 2 * SECOND, 3 * SECOND]);
  });

  it("counts from the market's start, as do its orders' times", () => {
    const market = { ...QUIET, startNs: BigInt(100 * SECOND) };
    const driven = new MatchingDriver({ market, participants: [hand("other")] }).until(103 * SECOND);
    const other = driven.venue.desk("other");
    const dated = { side: "buy", lots: 1, priceTicks: 9_000, timeInForce: "GTD" } as const;
    const id = other?.submit({ ...dated, expireNs: 5 * SECOND }) as number;
    driven.until(104 * SECOND);
    expect(other?.order(id)?.leavesLots).toBe(1);
    driven.until(105 * SECOND);
    expect([other?.order(id), other?.nowNs]).toEqual([undefined, 5 * SECOND]);
  });

  it("is refused what is wrong or not its own, and nothing changes", () => {
    const { driven, other, venue } = driver({ participants: [hand("other"), hand("third")] });
    const third = venue.desk("third");
    const id = other.submit({ side: "buy", lots: 1, priceTicks: 9_000 }) as number;
    driven.submit(buy(1, 9_000));
    const before = stateOf(venue);
    const wrong = [
      other.submit({ side: "buy", lots: 0, priceTicks: 9_000 }),
      other.submit({ side: "buy", lots: 1, priceTicks: 9_000, allOrNone: true } as never),
      other.submit({ side: "buy", lots: 1, priceTicks: 9_000, owner: 1 } as never),
      other.submit(null as never),
    ];
    expect(wrong.map((refused) => (refused as { code?: string }).code)).toEqual(
      new Array(4).fill("MATCH_ORDER_INVALID"),
    );
    expect(third?.cancel(id)?.code).toBe("MATCH_UNKNOWN_ORDER");
    expect(third?.replace(id, { lots: 2 })?.code).toBe("MATCH_UNKNOWN_ORDER");
    expect(third?.order(id)).toBeUndefined();
    expect(other.order(id)?.leavesLots).toBe(1);
    expect(stateOf(venue)).toBe(before);
    expect(venue.desk("nobody")).toBeUndefined();
  });
});

describe("the options of a matching venue", () => {
  const wrong: readonly (readonly [string, object, string])[] = [
    ["an unknown one", { queue: 1 }, "venue.queue"],
    ["no market", { market: undefined }, "market"],
    ["a market of rows", { market: { ...QUIET, rows: 5 } }, "market.rows"],
    ["a market that hears", { market: { ...QUIET, witness: () => {} } }, "market.witness"],
    ["a capacity of none", { capacity: 0 }, "venue.capacity"],
    ["a latency that is a number", { latency: 5 }, "venue.latency"],
    ["a self-match mode that is none", { selfMatch: "maybe" }, "venue.selfMatch"],
    [
      "phases that fall",
      {
        phases: [
          { atNs: 5, phase: "halted" },
          { atNs: 4, phase: "closed" },
        ],
      },
      "venue.phases[1].atNs",
    ],
    ["a phase that is none", { phases: [{ atNs: 5, phase: "lunch" }] }, "venue.phases[0].phase"],
    ["a tier that is none", { luld: { tier: 3, priorCloseTicks: 5 } }, "venue.luld.tier"],
    ["a prior close of nothing", { luld: { tier: 1, priorCloseTicks: 0 } }, "venue.luld.priorCloseTicks"],
    ["a date before the plan", { luld: { tier: 1, priorCloseTicks: 5, date: "2001-01-01" } }, "luld.date"],
    ["two participants of one name", { participants: [hand("a"), hand("a")] }, "venue.participants[1].name"],
    ["a participant without hands", { participants: [{ name: "a" }] }, "venue.participants[0].act"],
    ["an allocation that is none", { allocation: "mine" }, "venue.allocation"],
    ["a price beyond its book", { market: { ...QUIET, priceTicks: 20_000_000 } }, "market.priceTicks"],
    ["a base after its start", { baseNs: 1n }, "market.startNs"],
    [
      "a permanent impact below 0",
      { market: { ...QUIET, permanentTicksPerLot: -1 } },
      "market.permanentTicksPerLot",
    ],
    [
      "a fee of flow below 0",
      { market: { ...QUIET, makers: { flowTicksPerLot: -1 } } },
      "market.makers.flowTicksPerLot",
    ],
  ];
  it.each(wrong)("refuse %s", (_name, options, path) => {
    const fault = thrown(() => new MatchingVenue({ market: QUIET, ...options } as MatchingVenueOptions));
    expect([["FAULT_CONFIG", "FAULT_TIME", "FAULT_INPUT"].includes(fault.code), fault.path]).toEqual([
      true,
      path,
    ]);
  });

  it("take no order before a gate is bound", () => {
    const venue = new MatchingVenue({ market: QUIET });
    const fault = thrown(() => venue.send(asApproved(outboundOf(buy(1, 10_001), 0, 1))));
    expect(fault.code).toBe("FAULT_APPROVAL");
    expect(venue.requests.size).toBe(0);
  });
});
