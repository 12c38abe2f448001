import { describe, expect, test } from "vitest";
import { CHANNEL, VALIDATION_RULES, validationParameters } from "../../src/feed/index.ts";
import { DepthBlock, LAST, ROW, SNAPSHOT, VALIDATION_REASONS } from "../../src/model/index.ts";
import { FeedByHand, feedAround, resultText } from "../fixtures/feed-messages.ts";

const MS = 1e6;
const SECOND = 1e9;

test("each reason has a rule in its place, and a verdict that it may have", () => {
  expect(VALIDATION_RULES.map(({ reason }) => reason)).toEqual(VALIDATION_REASONS);
  expect(VALIDATION_RULES.filter(({ verdict, may }) => !may.includes(verdict))).toEqual([]);
});

describe("1, prices", () => {
  test.each([
    ["within the band", 10_049, "pass"],
    ["above it", 10_051, "flag FEED_PRICE_OUTLIER"],
    ["below it", 9_950, "flag FEED_PRICE_OUTLIER"],
    ["a thousandth", 9, "drop FEED_PRICE_ABSURD"],
    ["a thousand times", 10_000_001, "drop FEED_PRICE_ABSURD"],
    ["nothing", 0, "drop FEED_PRICE_NOT_POSITIVE"],
    ["less than nothing", -10_000, "drop FEED_PRICE_NOT_POSITIVE"],
    ["more than a book can hold", 0x3fffffff, "drop FEED_PRICE_RANGE"],
  ])("a trade %s", (_what, tick, result) => {
    const feed = feedAround({ tier: "major", tradeOutsideBpsMax: 1e6 });
    expect(feed.trade(tick, 1)).toBe(result);
  });

  test("a level is an outlier only where it would trade", () => {
    const feed = feedAround({ tier: "major" });
    expect(feed.diff([[1, 5]], [[900_000_000, 5]])).toBe("pass");
    expect(feed.diff([[20_000, 0]], [[5, 0]])).toBe("pass");
    expect(feed.diff([], [[9_000, 5]])).toBe("flag FEED_PRICE_OUTLIER");
    expect(feedAround({ tier: "major" }).diff([[11_000, 5]], [])).toBe("flag FEED_PRICE_OUTLIER");
  });

  test("k standard deviations of accepted changes widen the band", () => {
    const feed = feedAround({ priceBand: 0.003, priceSigmas: 10, tradeOutsideBpsMax: 1e6 });
    for (let i = 0; i < 400; i++) feed.trade(10_000 + 20 * (i % 2), 1);
    expect(feed.trade(10_150, 1)).toBe("pass");
    expect(feed.trade(10_400, 1)).toBe("flag FEED_PRICE_OUTLIER");
  });

  test("one poisoned first price sets no bounds", () => {
    const feed = new FeedByHand({ hasBook: false });
    const results = [1, 10_000, 10_000, 10_001, 10_002, 10_003].map((tick) => feed.trade(tick, 1));
    expect(new Set(results)).toEqual(new Set(["pass"]));
    expect(feed.trade(1, 1)).toBe("drop FEED_PRICE_ABSURD");
  });

  test("a lasting jump becomes the reference after so many outliers that agree, and only then", () => {
    const feed = feedAround({ reanchorAlone: 3, tradeOutsideBpsMax: 1e6 });
    const told = [12_000, 12_010, 15_000, 12_000, 12_020, 12_010, 12_015].map((tick) => feed.trade(tick, 1));
    const out = "flag FEED_PRICE_OUTLIER";
    expect(told).toEqual([out, out, out, out, out, out, "pass"]);
    expect(feed.validator.referenceTicks).toBe(12_010);
  });

  test("an absurd jump that lasts ends being dropped as well; with 0 it never does", () => {
    const absurd = "drop FEED_PRICE_ABSURD";
    const feed = feedAround({ reanchorAlone: 2, tradeOutsideBpsMax: 1e6 });
    expect([3, 3, 3].map((tick) => feed.trade(tick, 1))).toEqual([absurd, absurd, "pass"]);
    const never = feedAround({ reanchorAlone: 0, dropsInARow: 1_000 });
    for (let i = 0; i < 100; i++) expect(never.trade(3, 1)).toBe(absurd);
  });

  test("a split, a roll, an auction: reset forgets, or begins at a known reference", () => {
    const feed = feedAround({ tradeOutsideBpsMax: 1e6 });
    feed.validator.reset(5_000);
    expect(feed.trade(5_010, 1)).toBe("pass");
    expect(feed.trade(10_000, 1)).toBe("flag FEED_PRICE_OUTLIER");
    feed.validator.reset();
    expect(feed.validator.referenceTicks).toBeNaN();
    expect(feed.trade(10_000, 1)).toBe("pass");
  });

  test("prices below nothing, where the instrument has them", () => {
    const feed = new FeedByHand({ isSigned: true, priceBandTicks: 10, priceSigmas: 0, hasBook: false });
    const ticks = [-5, -4, 0, 3, -2, 12, -16];
    const out = "flag FEED_PRICE_OUTLIER";
    expect(ticks.map((tick) => feed.trade(tick, 1))).toEqual([
      "pass",
      "pass",
      "pass",
      "pass",
      "pass",
      out,
      out,
    ]);
  });

  test("limit up and limit down, and prices between the multiples of a tick", () => {
    const feed = feedAround({ tickMultiple: 5 });
    feed.validator.setBand(9_995, 10_010);
    expect(feed.trade(10_005, 1)).toBe("pass");
    expect(feed.trade(10_015, 1)).toBe("flag FEED_PRICE_BAND");
    expect(feed.trade(10_001, 1)).toBe("flag FEED_PRICE_OFF_GRID");
    expect(feed.diff([[9_000, 5]], [[9_990, 0]])).toBe("pass");
    expect(feed.diff([], [[9_990, 5]])).toBe("flag FEED_PRICE_BAND");
  });
});

describe("2, times", () => {
  test.each([
    ["as late as its clock may be wrong", { lateMs: -2 }, "pass"],
    ["ahead of us", { lateMs: -2.1 }, "flag FEED_TIME_FUTURE"],
    ["far ahead of us", { lateMs: -1_001 }, "drop FEED_TIME_FAR_FUTURE"],
    ["an hour ahead", { lateMs: -3_600_001 }, "drop FEED_TIME_IMPLAUSIBLE"],
    ["a day old", { lateMs: 86_400_000 }, "drop FEED_TIME_IMPLAUSIBLE"],
    ["stale", { lateMs: 5_001 }, "flag FEED_TIME_STALE"],
    ["before the last here", { atMs: 1_002 }, "flag FEED_CLOCK_FALLS"],
    ["before the last there", { lateMs: 3 }, "flag FEED_TIME_FALLS"],
    ["at the same time as the last", { lateMs: 2 }, "pass"],
    ["never", { atMs: Number.NaN }, "drop FEED_TIME_INVALID"],
    ["at the end of time", { atMs: Number.POSITIVE_INFINITY }, "drop FEED_TIME_INVALID"],
  ])("a trade %s", (_what, beside, result) => {
    expect(feedAround().trade(10_000, 1, beside)).toBe(result);
  });

  test("exchange times may fall between channels, not within one", () => {
    const feed = feedAround();
    expect(feed.trade(10_000, 1, { lateMs: 1 })).toBe("pass");
    expect(feed.diff([[9_990, 1]], [], { lateMs: 5 })).toBe("pass");
    expect(feed.diff([[9_990, 2]], [], { lateMs: 9 })).toBe("flag FEED_TIME_FALLS");
    expect(feed.diff([[9_990, 3]], [], { lateMs: 9 })).toBe("pass");
  });

  test("only the times of the session are plausible", () => {
    const feed = feedAround();
    feed.validator.setSession(0, 1_100 * MS);
    expect(feed.trade(10_000, 1, { atMs: 1_100 })).toBe("pass");
    expect(feed.trade(10_000, 1, { atMs: 1_102 })).toBe("drop FEED_TIME_IMPLAUSIBLE");
  });

  test("rows of one message have one time", () => {
    const feed = feedAround();
    const block = new DepthBlock(2);
    block.kind.set([ROW.bid, ROW.bid | LAST]);
    block.tick.set([9_000, 9_001]);
    block.lots.set([1, 1]);
    block.local.set([SECOND * 2, SECOND * 2]);
    block.exch.set([SECOND * 2, SECOND * 2 + 1]);
    block.seal(2);
    expect(feed.take(block)).toBe("drop FEED_TIME_INVALID");
    expect(feed.validator.book.bidLots(9_000)).toBe(0);
  });
});

describe("3, spreads", () => {
  test.each([
    ["crossed", [10_001, 1], [10_000, 1], "flag FEED_SPREAD_CROSSED"],
    ["locked", [10_000, 1], [10_000, 1], "flag FEED_SPREAD_LOCKED"],
    ["without a bid", [0, 0], [10_001, 1], "flag FEED_SPREAD_ONE_SIDED"],
    ["sound", [9_999, 1], [10_000, 1], "pass"],
  ] as const)("quotes that are %s", (_what, bid, ask, result) => {
    const feed = feedAround();
    expect(feed.quote(bid, ask)).toBe(result);
    expect(feed.quote([9_998, 1], [10_001, 1])).toBe("pass");
  });

  test("in an auction they cross, before the open they have one side", () => {
    const feed = feedAround();
    feed.validator.setPhase({ mayCross: true, mayBeOneSided: true });
    expect(feed.quote([10_001, 1], [10_000, 1])).toBe("pass");
    expect(feed.quote([0, 0], [10_000, 1])).toBe("pass");
    expect(feed.diff([[10_001, 1]], [])).toBe("pass");
    feed.validator.setPhase({ mayCross: false, mayBeOneSided: false });
    expect(feed.quote([0, 0], [10_000, 1])).toBe("flag FEED_SPREAD_ONE_SIDED");
    expect(feed.diff([[9_000, 1]], [])).toBe("flag FEED_SPREAD_LOCKED");
  });

  test("a book that meets itself within a message only is sound; after it, it is not until the feed mends it", () => {
    const feed = feedAround();
    expect(feed.diff([[10_001, 4]], [[10_001, 0]])).toBe("pass");
    expect(feed.diff([[10_003, 4]], [])).toBe("flag FEED_SPREAD_CROSSED");
    expect(feed.diff([[9_990, 4]], [])).toBe("flag FEED_SPREAD_CROSSED");
    expect(feed.diff([[10_003, 0]], [[10_002, 1]])).toBe("pass");
  });

  test("above k medians and the bound in bps, until well below", () => {
    const feed = feedAround({ spreadMedians: 3, spreadBpsMax: 5, priceBand: 0.05 });
    for (let i = 0; i < 20; i++) expect(feed.quote([9_998 - (i % 2), 1], [10_000 - (i % 2), 1])).toBe("pass");
    expect(feed.validator.spreadMedianTicks).toBe(2);
    expect(feed.quote([9_992, 1], [10_000, 1])).toBe("flag FEED_SPREAD_WIDE");
    expect(feed.quote([9_992, 2], [10_000, 1])).toBe("flag FEED_SPREAD_WIDE");
    expect(feed.quote([9_994, 1], [9_999, 1])).toBe("flag FEED_SPREAD_WIDE");
    expect(feed.quote([9_995, 1], [9_999, 1])).toBe("pass");
    expect(feed.quote([9_994, 1], [9_999, 1])).toBe("pass");
  });
});

describe("4, sequence numbers", () => {
  const numbered = (feed: FeedByHand, first: number, last: number, previous = -1): string =>
    feed.diff([[9_990, last % 7]], [], { first, last, previous });

  test("one after the other; duplicates are left out and are nobody's fault; a gap stops until a snapshot", () => {
    const feed = feedAround();
    expect(numbered(feed, 101, 103)).toBe("pass");
    expect(numbered(feed, 101, 103)).toBe("drop FEED_SEQUENCE_DUPLICATE");
    expect(numbered(feed, 102, 104)).toBe("pass");
    expect(feed.state).toBe("valid");
    expect(numbered(feed, 106, 107)).toBe("halt FEED_SEQUENCE_GAP");
    expect(feed.state).toBe("halted FEED_SEQUENCE_GAP");
    expect(numbered(feed, 108, 108)).toBe("drop FEED_BOOK_LOST");
    expect(feed.trade(10_000, 1)).toBe("pass");
    expect(feed.snapshot([[9_999, 1]], [[10_001, 1]], { last: 103 })).toBe("drop FEED_SEQUENCE_DUPLICATE");
    expect(feed.snapshot([[9_999, 1]], [[10_001, 1]], { last: 110 })).toBe("pass");
    expect(feed.state).toBe("halted FEED_SEQUENCE_GAP");
    expect(numbered(feed, 105, 111)).toBe("pass");
    expect(feed.state).toBe("valid");
  });

  test("a number of the one before joins as well as a range", () => {
    const feed = feedAround();
    expect(numbered(feed, 150, 160, 100)).toBe("pass");
    expect(numbered(feed, 170, 180, 160)).toBe("pass");
    expect(numbered(feed, 190, 200, 185)).toBe("halt FEED_SEQUENCE_GAP");
  });

  test("numbers of 32 bits wrap", () => {
    const feed = feedAround({ sequenceModulus: 2 ** 32 });
    feed.validator.resetSequence(CHANNEL.depth, 2 ** 32 - 2);
    expect(numbered(feed, 2 ** 32 - 2, 2 ** 32 - 1)).toBe("pass");
    expect(numbered(feed, 2 ** 32 - 1, 2 ** 32 - 1)).toBe("drop FEED_SEQUENCE_DUPLICATE");
    expect(numbered(feed, 0, 1)).toBe("pass");
    expect(numbered(feed, 2 ** 32, 2 ** 32)).toBe("drop FEED_SEQUENCE_INVALID");
    expect(numbered(feed, 4, 4)).toBe("halt FEED_SEQUENCE_GAP");
  });

  test("a new epoch begins anywhere, or where it says", () => {
    const feed = feedAround();
    numbered(feed, 101, 500);
    expect(numbered(feed, 1, 1)).toBe("drop FEED_SEQUENCE_DUPLICATE");
    feed.validator.resetSequence();
    expect(numbered(feed, 7, 7)).toBe("pass");
    feed.validator.resetSequence(CHANNEL.depth, 1);
    expect(numbered(feed, 1, 1)).toBe("pass");
    feed.validator.resetSequence(CHANNEL.depth, 1);
    expect(numbered(feed, 2, 2)).toBe("halt FEED_SEQUENCE_GAP");
  });

  test("a heartbeat that carries the next number shows a gap before the next message does", () => {
    const feed = feedAround();
    expect(resultText(feed.validator.alive(2 * SECOND, 101))).toBe("pass");
    expect(resultText(feed.validator.alive(2 * SECOND, 90))).toBe("pass");
    expect(resultText(feed.validator.alive(2 * SECOND, 102))).toBe("halt FEED_SEQUENCE_GAP");
    expect(resultText(feed.validator.alive(2 * SECOND, 102))).toBe("pass");
    expect(numbered(feed, 102, 102)).toBe("drop FEED_BOOK_LOST");
    const wrapped = feedAround({ sequenceModulus: 101 });
    expect(resultText(wrapped.validator.alive(2 * SECOND, 0))).toBe("pass");
  });

  test.each([
    [Number.NaN, 5],
    [1.5, 5],
    [101, Number.POSITIVE_INFINITY],
    [9, 8],
    [-2, 101],
  ])("numbers that are none: %d to %d", (first, last) => {
    expect(numbered(feedAround(), first, last)).toBe("drop FEED_SEQUENCE_INVALID");
  });

  test("missing prints do not make a book wrong; quotes are numbered with gaps", () => {
    const feed = feedAround({ isContiguousTrades: true });
    expect(feed.trade(10_000, 1, { last: 5 })).toBe("pass");
    expect(feed.trade(10_000, 1, { last: 7 })).toBe("flag FEED_SEQUENCE_MISSING");
    expect(feed.trade(10_000, 1, { last: 8 })).toBe("pass");
    expect(feed.quote([9_999, 1], [10_000, 1], { last: 100 })).toBe("pass");
    expect(feed.quote([9_999, 2], [10_000, 1], { last: 900 })).toBe("pass");
    expect(feed.quote([9_999, 1], [10_000, 1], { last: 900 })).toBe("drop FEED_SEQUENCE_DUPLICATE");
  });

  test("a row that says that rows are missing is a gap, which may be lived with", () => {
    const feed = feedAround();
    expect(feed.rows([[ROW.gap, 0, 0]])).toBe("halt FEED_SEQUENCE_GAP");
    expect(feed.diff([[9_990, 1]], [])).toBe("drop FEED_BOOK_LOST");
    const natural = feedAround({ verdicts: { FEED_SEQUENCE_GAP: "flag" } });
    expect(natural.rows([[ROW.gap, 0, 0]])).toBe("flag FEED_SEQUENCE_GAP");
    expect(natural.diff([[9_990, 1]], [])).toBe("pass");
  });
});

describe("5, quantities", () => {
  test.each([
    ["a trade of nothing", ROW.buy, 0, "drop FEED_VOLUME_INVALID"],
    ["a trade of less", ROW.sell, -1, "drop FEED_VOLUME_INVALID"],
    ["a trade of NaN", ROW.trade, Number.NaN, "drop FEED_VOLUME_INVALID"],
    ["a trade without end", ROW.buy, Number.POSITIVE_INFINITY, "drop FEED_VOLUME_INVALID"],
    ["a part of a lot", ROW.buy, 1.5, "drop FEED_VOLUME_INVALID"],
    ["more than 2^53 lots", ROW.bid, 2 ** 53, "drop FEED_VOLUME_INVALID"],
    ["a level of less than nothing", ROW.bid, -(2 ** 40), "drop FEED_VOLUME_INVALID"],
    ["between lots", ROW.buy, 3, "flag FEED_VOLUME_OFF_LOT"],
    ["the largest trade", ROW.buy, 100, "pass"],
    ["a larger trade", ROW.buy, 102, "flag FEED_VOLUME_LARGE"],
    ["a large level", ROW.bid, 1_002, "flag FEED_VOLUME_LEVEL"],
    ["a level beyond 32 bits", ROW.bid, 2 ** 40, "flag FEED_VOLUME_LEVEL"],
  ])("%s", (_what, kind, lots, result) => {
    const feed = feedAround({ lotMultiple: 2, tradeLotsMax: 100, levelLotsMax: 1_000 });
    expect(feed.rows([[kind, 9_999, lots]])).toBe(result);
  });

  test("a trade of more than an average day, unless its condition says that it is a block", () => {
    const feed = feedAround({ dayLots: 1_000, dayShareMax: 0.5 });
    expect(feed.trade(10_000, 500)).toBe("pass");
    expect(feed.trade(10_000, 501)).toBe("flag FEED_VOLUME_DAY_SHARE");
    expect(feed.trade(10_000, 501, { isBlockTrade: true })).toBe("pass");
    expect(feed.trade(8_000, 501, { isBlockTrade: true })).toBe("pass");
    expect(feed.trade(10_000, 0, { isBlockTrade: true })).toBe("drop FEED_VOLUME_INVALID");
    expect(feed.validator.referenceTicks).toBe(10_000);
  });

  test("the volume of the day never falls, but for a new day", () => {
    const { validator } = feedAround();
    expect([5, 5, 9, 8, 9, Number.NaN].map((lots) => resultText(validator.volume(lots, SECOND)))).toEqual([
      ...["pass", "pass", "pass", "flag FEED_VOLUME_FALLS", "pass", "flag FEED_VOLUME_FALLS"],
    ]);
    validator.reset();
    expect(resultText(validator.volume(1, SECOND))).toBe("pass");
  });
});

test("the form of a message: kinds, one channel, one end", () => {
  const at = (kind: number): readonly [number, number, number] => [kind, 9_999, 5];
  const cases: [readonly number[], string, boolean?][] = [
    [[12], "drop FEED_ROW_UNKNOWN"],
    [[0x20], "drop FEED_ROW_UNKNOWN"],
    [[ROW.bid, 19], "drop FEED_ROW_UNKNOWN"],
    [[ROW.bid, ROW.buy], "drop FEED_ROW_MIXED"],
    [[ROW.quoteBid, ROW.ask], "drop FEED_ROW_MIXED"],
    [[ROW.bid, ROW.clear], "drop FEED_ROW_MIXED"],
    [[ROW.bid, ROW.bid], "drop FEED_MESSAGE_UNFINISHED", true],
    [[ROW.bid | LAST, ROW.bid | LAST], "drop FEED_MESSAGE_UNFINISHED", true],
    [[ROW.clear | LAST, ROW.bid | LAST], "drop FEED_MESSAGE_UNFINISHED", true],
    [[ROW.bid | SNAPSHOT], "pass"],
    [[ROW.mark], "pass"],
    [[ROW.validity], "pass"],
  ];
  for (const [kinds, result, isRaw] of cases) {
    const feed = feedAround();
    const before = feed.validator.book.stateHash();
    expect([kinds, feed.rows(kinds.map(at), {}, isRaw)]).toEqual([kinds, result]);
    if (result !== "pass") expect(feed.validator.book.stateHash()).toBe(before);
  }
  expect(feedAround().rows([[ROW.mark, -5, 0]])).toBe("drop FEED_PRICE_RANGE");
  expect(feedAround().rows([[ROW.funding, 0, -250]])).toBe("pass");
  expect(feedAround().rows([[ROW.funding, 0, Number.NaN]])).toBe("drop FEED_VOLUME_INVALID");
});

test("parameters: tiers, defaults, and everything wrong by its name", () => {
  expect(validationParameters()).toMatchObject({
    priceRatioMax: 1_000,
    priceSigmas: 10,
    latencyNsMax: 100 * MS,
  });
  expect(validationParameters({ tier: "thin", priceBand: 0.2 })).toMatchObject({
    priceBand: 0.2,
    ageNsMax: 30e9,
  });
  const wrong: [object, string][] = [
    [{ priceBnad: 1 }, "validator.priceBnad"],
    [{ tier: "huge" }, "validator.tier"],
    [{ priceSamples: 2 }, "validator.priceSamples"],
    [{ priceBand: Number.NaN }, "validator.priceBand"],
    [{ leaveShare: 1.1 }, "validator.leaveShare"],
    [{ isSigned: 1 }, "validator.isSigned"],
    [{ sequenceModulus: 1 }, "validator.sequenceModulus"],
    [{ verdicts: { FEED_OUTLIER: "drop" } }, "validator.verdicts.FEED_OUTLIER"],
    [{ verdicts: { FEED_VOLUME_INVALID: "flag" } }, "validator.verdicts.FEED_VOLUME_INVALID"],
    [{ verdicts: { FEED_SPREAD_WIDE: "drop" } }, "validator.verdicts.FEED_SPREAD_WIDE"],
    [{ book: {} }, "validator.book"],
    [{ source: 1 }, "validator.source"],
    [{ checksum: 5 }, "validator.checksum"],
  ];
  for (const [options, path] of wrong) {
    expect(() => new FeedByHand(options)).toThrow(expect.objectContaining({ code: "FAULT_CONFIG", path }));
  }
});
