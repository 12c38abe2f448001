import { crc32 } from "node:zlib";
import { describe, expect, test } from "vitest";
import { OrderBook } from "../../src/book/index.ts";
import {
  AGREEMENT,
  bookChecksum,
  dataQuality,
  MarketDataValidator,
  SourceBoard,
  validityRow,
} from "../../src/feed/index.ts";
import { DepthBlock, LAST, ROW, VALIDATION_CODE } from "../../src/model/index.ts";
import { checkRemark } from "../../src/run/session-remark.ts";
import { FeedByHand, feedAround, resultText } from "../fixtures/feed-messages.ts";

const MS = 1e6;
const SECOND = 1e9;

describe("6, latency and silence", () => {
  test("what is above the least latency counts, whatever the clocks say, and ends well below", () => {
    const feed = feedAround({ clockErrorNs: 10 * SECOND, leaveCount: 1 });
    const late = (lateMs: number, atMs?: number): string =>
      feed.diff([[9_990, 1]], [], { lateMs, ...(atMs === undefined ? {} : { atMs }) });
    feed.trade(10_000, 1, { lateMs: -1_200 });
    expect(feed.validator.skewNs).toBe(-1_200 * MS);
    expect(late(-1_101, 3_000)).toBe("pass");
    expect(late(-1_100, 3_100)).toBe("flag FEED_LATENCY");
    expect(late(-1_110, 3_200)).toBe("flag FEED_LATENCY");
    expect(late(-1_121, 3_300)).toBe("pass");
  });

  test("a least latency is forgotten after one to two windows", () => {
    const feed = feedAround({ skewWindowNs: SECOND });
    feed.trade(10_000, 1, { lateMs: 1, atMs: 2_000 });
    expect(feed.trade(10_000, 1, { lateMs: 300, atMs: 2_500 })).toBe("flag FEED_LATENCY");
    feed.trade(10_000, 1, { lateMs: 300, atMs: 3_600 });
    expect(feed.trade(10_000, 1, { lateMs: 300, atMs: 4_700 })).toBe("pass");
    expect(feed.validator.skewNs).toBe(300 * MS);
  });

  test("quotes without a time of their own are not late, stale or out of order by another message's", () => {
    const late = { atMs: 9_000, lateMs: 7_000 };
    const own = feedAround();
    expect(own.quote([9_999, 1], [10_001, 1], late)).toBe("flag FEED_TIME_STALE");
    const other = feedAround({ hasQuoteTimes: false });
    const skewNs = other.validator.skewNs;
    expect(other.quote([9_999, 1], [10_001, 1], late)).toBe("pass");
    expect(other.quote([9_999, 2], [10_001, 1], { atMs: 9_000, lateMs: 8_000 })).toBe("pass");
    expect(other.quote([9_999, 2], [10_001, 0], { atMs: 9_001, lateMs: -5_000 })).toBe(
      "flag FEED_SPREAD_ONE_SIDED",
    );
    expect(other.validator.skewNs).toBe(skewNs);
    expect(other.quote([9_999, 2], [10_001, 1], { atMs: 8_999 })).toBe("flag FEED_CLOCK_FALLS");
    expect(other.quote([9_999, 2], [10_001, 1], { atMs: 9_002, lateMs: Number.NaN })).toBe(
      "drop FEED_TIME_INVALID",
    );
    expect(other.trade(10_000, 1, { atMs: 9_200, lateMs: 150 })).toBe("flag FEED_LATENCY");
  });

  test("quiet is not dead: silence is measured by the instrument's own activity", () => {
    const busy = feedAround({ idleNsMin: 10 * MS, idleGaps: 20, leaveCount: 1 });
    const idle = (feed: FeedByHand, ms: number): string => resultText(feed.validator.idle(ms * MS));
    for (let i = 0; i < 200; i++) busy.trade(10_000, 1);
    const last = 1_000 + 6 + 200;
    expect([idle(busy, last + 19), idle(busy, last + 21)]).toEqual(["pass", "flag FEED_SILENT"]);
    expect(busy.state).toBe("suspect FEED_SILENT");
    busy.trade(10_000, 1);
    expect(busy.state).toBe("valid");
    const slow = feedAround({ idleNsMin: 10 * MS, idleGaps: 20 });
    for (let i = 0; i < 200; i++) slow.trade(10_000, 1, { atMs: 2_000 + 1_000 * i });
    expect(idle(slow, 2_000 + 199_000 + 15_000)).toBe("pass");
  });

  test("heartbeats tell quiet from dead: without one for so long a half-open connection is seen", () => {
    const feed = feedAround({ heartbeatNs: 100 * MS, heartbeatsMissed: 3, idleNsMin: 0 });
    for (let ms = 1_100; ms <= 60_000; ms += 100) {
      expect(resultText(feed.validator.alive(ms * MS))).toBe("pass");
      expect(resultText(feed.validator.idle(ms * MS + 299 * MS))).toBe("pass");
    }
    expect(resultText(feed.validator.idle(60_301 * MS))).toBe("halt FEED_DEAD");
    expect(feed.state).toBe("halted FEED_DEAD");
  });

  test("nothing is silent before it has spoken", () => {
    expect(new MarketDataValidator().idle(1e15)).toBe(0);
  });
});

describe("7, sources", () => {
  test("two that differ are flagged, one against two is outvoted, a basis is learnt", () => {
    const board = new SourceBoard({ sources: 3, bpsMax: 10, alignNs: 0, basisWeight: 0.5, sigmas: 0 });
    expect(board.judge(0, 20_000, 0, 0)).toBe(AGREEMENT.agrees);
    expect(board.judge(1, 20_030, 0, 0)).toBe(AGREEMENT.differs);
    expect(board.judge(2, 20_002, 0, 0)).toBe(AGREEMENT.agrees);
    expect(board.judge(1, 20_030, 0, 0)).toBe(AGREEMENT.outvoted);
    expect(board.basisOf(1)).toBe(0);
    expect(board.judge(1, 20_016, 0, 0)).toBe(AGREEMENT.agrees);
    expect(board.basisOf(1)).toBeGreaterThan(0);
    expect(board.judge(1, 20_027, 0, 0)).toBe(AGREEMENT.agrees);
  });

  test("a difference must last, and who has been silent has no vote", () => {
    const board = new SourceBoard({ sources: 2, alignNs: 100, ageNsMax: 1_000, basisWeight: 0 });
    board.judge(0, 20_000, 0, 0);
    expect(board.judge(1, 21_000, 0, 10)).toBe(AGREEMENT.agrees);
    expect(board.judge(1, 21_000, 0, 110)).toBe(AGREEMENT.differs);
    expect(board.judge(1, 21_000, 0, 1_001)).toBe(AGREEMENT.agrees);
    board.alive(0, 1_001);
    expect(board.judge(1, 21_000, 0, 1_002)).toBe(AGREEMENT.differs);
    board.silence(0);
    expect(board.judge(1, 21_000, 0, 1_003)).toBe(AGREEMENT.agrees);
  });

  test("four that are split have no majority", () => {
    const board = new SourceBoard({ sources: 4, alignNs: 0, basisWeight: 0 });
    for (const [i, twice] of [20_000, 20_001, 22_000].entries()) board.judge(i, twice, 0, 0);
    expect(board.judge(3, 22_001, 0, 0)).toBe(AGREEMENT.differs);
  });

  test("a validator halts a source that the others outvote, and goes on hearing it", () => {
    const board = new SourceBoard({ sources: 3, alignNs: 0 });
    const feeds = [0, 1, 2].map((source) =>
      feedAround({ board, source, priceBand: 0.05, spreadBpsMax: 1e4 }),
    );
    const [a, b, c] = feeds as [FeedByHand, FeedByHand, FeedByHand];
    expect([a, b].map((feed) => feed.quote([9_998, 1], [10_002, 1]))).toEqual(["pass", "pass"]);
    expect(c.quote([10_198, 1], [10_202, 1])).toBe("halt FEED_SOURCE_OUTVOTED");
    expect(c.quote([10_198, 1], [10_202, 2])).toBe("halt FEED_SOURCE_OUTVOTED");
    expect([c.quote([9_997, 1], [10_001, 1]), c.quote([9_997, 1], [10_002, 1])]).toEqual(["pass", "pass"]);
    expect(c.state).toBe("valid");
  });

  test("two outliers in a row that agree, of two sources, are the price; of one source they are not", () => {
    const board = new SourceBoard({ sources: 2, alignNs: 1e12 });
    const options = { board, priceBand: 0.01, tradeOutsideBpsMax: 1e6, reanchorAlone: 0 };
    const a = feedAround({ ...options, source: 0 });
    const b = feedAround({ ...options, source: 1 });
    const out = "flag FEED_PRICE_OUTLIER";
    expect([a.trade(12_000, 1), a.trade(12_000, 1), b.trade(12_010, 1)]).toEqual([out, out, out]);
    expect([b.trade(12_000, 1), a.trade(12_000, 1), a.trade(12_005, 1)]).toEqual(["pass", out, out]);
    expect([b.trade(14_000, 1), b.trade(12_000, 1), a.trade(14_000, 1)]).toEqual([out, "pass", out]);
  });

  test("its state is JSON, and goes on", () => {
    const board = new SourceBoard({ sources: 2 });
    board.judge(0, 20_000, 0, 5);
    board.judge(1, 20_010, 0, 6);
    const again = new SourceBoard({ sources: 2 });
    again.load(JSON.parse(JSON.stringify(board.save())));
    expect(again.save()).toEqual(board.save());
  });

  test.each([
    [{ sources: 1 }, "sourceBoard.sources"],
    [{ sources: 2, bpsMax: Number.NaN }, "sourceBoard.bpsMax"],
    [{ sources: 2, alignMs: 1 }, "sourceBoard.alignMs"],
  ])("%j is refused", (options, path) => {
    expect(() => new SourceBoard(options)).toThrow(expect.objectContaining({ code: "FAULT_CONFIG", path }));
  });
});

describe("the book", () => {
  test("a message that is left out changes nothing, and the book lacks it until a snapshot", () => {
    const feed = feedAround();
    const hash = feed.validator.book.stateHash();
    expect(
      feed.diff(
        [
          [9_990, 1],
          [9_991, -1],
        ],
        [],
      ),
    ).toBe("drop FEED_VOLUME_INVALID");
    expect(feed.validator.book.stateHash()).toBe(hash);
    expect(feed.diff([[9_992, 1]], [])).toBe("flag FEED_BOOK_INCOMPLETE");
    expect(feed.trade(10_000, 1)).toBe("pass");
    expect(feed.state).toBe("suspect FEED_BOOK_INCOMPLETE");
    expect(feed.snapshot([[9_999, 1]], [[10_001, 1]])).toBe("pass");
    expect(feed.state).toBe("valid");
  });

  test("snapshots: best first, no price twice, not too deep", () => {
    const feed = feedAround({ depthMax: 2 });
    const wrong = "drop FEED_LEVEL_ORDER";
    expect(
      feed.snapshot(
        [
          [9_998, 1],
          [9_999, 1],
        ],
        [],
      ),
    ).toBe(wrong);
    expect(
      feed.snapshot(
        [
          [9_998, 1],
          [9_998, 1],
        ],
        [],
      ),
    ).toBe(wrong);
    expect(
      feed.snapshot(
        [],
        [
          [10_002, 1],
          [10_001, 1],
        ],
      ),
    ).toBe(wrong);
    expect(
      feed.snapshot(
        [],
        [
          [10_002, 1],
          [10_003, 1],
          [10_004, 1],
        ],
      ),
    ).toBe("drop FEED_DEPTH_EXCEEDED");
    expect(feed.touch).toEqual([9_999, 10_001]);
    expect(
      feed.snapshot(
        [
          [9_999, 1],
          [9_998, 1],
        ],
        [[10_001, 1]],
      ),
    ).toBe("pass");
  });

  test("increments that make it deeper are found within 256 messages", () => {
    const feed = feedAround({ depthMax: 100 });
    const results = Array.from({ length: 300 }, (_, i) => feed.diff([[9_000 - i, 1]], []));
    expect(results.filter((result) => result !== "pass")).toEqual(["flag FEED_DEPTH_GROWN"]);
  });

  test("a book that no memory holds stops, and needs a snapshot", () => {
    const feed = feedAround({ book: new OrderBook({ pagesMax: 2 }) });
    const told = [1, 2, 3].map((page) => feed.diff([[page * 4_096 - 4_000, 1]], []));
    expect(told.at(-1)).toBe("drop FEED_BOOK_LOST");
    expect(told).toContain("halt FEED_BOOK_CAPACITY");
    expect(feed.snapshot([[9_999, 1]], [[10_001, 1]])).toBe("pass");
  });

  test("a snapshot of the same moment audits what increments made", () => {
    const bids = [
      [9_999, 5],
      [9_998, 5],
    ] as const;
    const asks = [
      [10_001, 5],
      [10_002, 5],
    ] as const;
    const audit = (...sides: Parameters<FeedByHand["snapshot"]>): string => feedAround().snapshot(...sides);
    expect(audit(bids, asks, { last: 100 })).toBe("pass");
    expect(audit([[9_999, 5]], asks, { last: 100 })).toBe("pass");
    expect(audit([[9_999, 6]], asks, { last: 100 })).toBe("flag FEED_SNAPSHOT_MISMATCH");
    expect(audit([[9_998, 5]], asks, { last: 100 })).toBe("flag FEED_SNAPSHOT_MISMATCH");
    expect(audit([...bids, [9_000, 1]], asks, { last: 100 })).toBe("flag FEED_SNAPSHOT_MISMATCH");
    expect(audit(bids, [[10_002, 5]], { last: 100 })).toBe("flag FEED_SNAPSHOT_MISMATCH");
    expect(audit([[9_999, 6]], asks, { last: 101 })).toBe("pass");
    expect(audit([[9_999, 6]], asks, { last: 99 })).toBe("drop FEED_SEQUENCE_DUPLICATE");
  });

  test("trades are near the best bid and ask: of the quotes where there are any", () => {
    const feed = feedAround({ tradeOutsideBpsMax: 10 });
    expect([
      feed.trade(9_989, 1),
      feed.trade(9_988, 1),
      feed.trade(10_011, 1),
      feed.trade(10_012, 1),
    ]).toEqual([...["pass", "flag FEED_TRADE_OUTSIDE", "pass", "flag FEED_TRADE_OUTSIDE"]]);
    feed.quote([10_029, 1], [10_031, 1]);
    expect(feed.trade(10_040, 1)).toBe("pass");
    expect(feed.trade(10_000, 1)).toBe("flag FEED_TRADE_OUTSIDE");
  });

  test("the venue's checksum, signed or not", () => {
    const checksum = bookChecksum({ style: "okx", priceDecimals: 0, lotsDecimals: 0 });
    const feed = new FeedByHand({ checksum, hasBook: true });
    const right = crc32("99:1:101:1");
    expect(feed.snapshot([[99, 1]], [[101, 1]], { checksum: right })).toBe("pass");
    expect(feed.diff([[98, 1]], [], { checksum: crc32("99:1:101:1:98:1") | 0 })).toBe("pass");
    expect(feed.diff([[97, 1]], [], { checksum: right })).toBe("halt FEED_CHECKSUM");
    expect(feed.diff([[96, 1]], [], { checksum: right })).toBe("drop FEED_BOOK_LOST");
    expect(feed.snapshot([[99, 1]], [[101, 1]], { checksum: right })).toBe("pass");
  });

  test("the checksums of the venues' own examples", () => {
    const kraken = new OrderBook();
    for (const tick of [5005, 5010, 5015, 5020, 5025, 5030, 5035, 5040, 5045, 5050]) kraken.setAsk(tick, 500);
    for (const tick of [5000, 4995, 4990, 4980, 4975, 4970, 4965, 4960, 4955, 4950]) kraken.setBid(tick, 500);
    expect(bookChecksum({ style: "kraken", priceDecimals: 5, lotsDecimals: 8 })(kraken) >>> 0).toBe(
      974947235,
    );
    const okx = (bids: readonly number[][], asks: readonly number[][]): number => {
      const book = new OrderBook();
      for (const [tick = 0, lots = 0] of bids) book.setBid(tick, lots);
      for (const [tick = 0, lots = 0] of asks) book.setAsk(tick, lots);
      return bookChecksum({ style: "okx", priceDecimals: 1, lotsDecimals: 0 })(book);
    };
    expect(
      okx(
        [
          [33_661, 7],
          [33_660, 6],
        ],
        [
          [33_668, 9],
          [33_680, 8],
        ],
      ),
    ).toBe(-1881014294);
    expect(
      okx(
        [[33_661, 7]],
        [
          [33_668, 9],
          [33_680, 8],
          [33_720, 8],
        ],
      ),
    ).toBe(831078360);
  });

  test("prices and quantities as text: fractions, zeros, prices below nothing", () => {
    const text = (tick: number, lots: number, isTrimmed: boolean): number => {
      const book = new OrderBook();
      book.setBid(tick, lots);
      return bookChecksum({ style: "okx", priceDecimals: 2, lotsDecimals: 3, isTrimmed })(book);
    };
    expect(text(5, 1_200, true)).toBe(crc32("0.05:1.2") | 0);
    expect(text(5, 1_200, false)).toBe(crc32("0.05:1.200") | 0);
    expect(text(-120, 1, true)).toBe(crc32("-1.2:0.001") | 0);
    expect(text(0, 1_000, true)).toBe(crc32("0:1") | 0);
  });
});

describe("what is thought of a source", () => {
  test("begins without a book, becomes valid with sound messages, in a row", () => {
    const feed = new FeedByHand({ leaveCount: 3 });
    expect([feed.state, feed.diff([[9_999, 1]], [])]).toEqual([
      "suspect FEED_UNSYNCED",
      "drop FEED_BOOK_LOST",
    ]);
    feed.snapshot([[9_999, 1]], [[10_001, 1]]);
    feed.trade(10_000, 1);
    expect(feed.trade(-1, 1)).toBe("drop FEED_PRICE_NOT_POSITIVE");
    feed.trade(10_000, 1);
    feed.trade(10_000, 1);
    expect(feed.state).toBe("suspect FEED_PRICE_NOT_POSITIVE");
    feed.trade(10_000, 1);
    expect([feed.state, feed.validator.validity.sinceNs]).toEqual(["valid", 1_007 * MS]);
  });

  test("needs so many flags in a row to be suspect, and so many drops in a row to be halted", () => {
    const feed = feedAround({ enterCount: 3, dropsInARow: 3, haltLeaveCount: 2, leaveCount: 1 });
    const flag = (): string => feed.trade(10_000, 1, { atMs: 10_000, lateMs: 200 });
    expect([flag(), flag(), feed.state]).toEqual(["flag FEED_LATENCY", "flag FEED_LATENCY", "valid"]);
    expect([flag(), feed.state]).toEqual(["flag FEED_LATENCY", "suspect FEED_LATENCY"]);
    const bad = [1, 2, 3, 4].map(() => feed.trade(0, 1));
    const drop = "drop FEED_PRICE_NOT_POSITIVE";
    expect(bad).toEqual([drop, drop, "halt FEED_DROPS_IN_A_ROW", "halt FEED_DROPS_IN_A_ROW"]);
    feed.trade(10_000, 1);
    expect(feed.state).toBe("halted FEED_DROPS_IN_A_ROW");
    feed.trade(10_000, 1);
    expect(feed.state).toBe("valid");
  });

  test("whoever else finds the book wrong says so", () => {
    const feed = feedAround();
    feed.validator.lose(5 * SECOND, VALIDATION_CODE.FEED_DEAD);
    expect([feed.state, feed.diff([[1, 1]], [])]).toEqual(["halted FEED_DEAD", "drop FEED_BOOK_LOST"]);
    expect(feed.validator.validity.sinceNs).toBe(5 * SECOND);
  });

  test("its changes are rows, and records of a session", () => {
    const { validator } = feedAround();
    const { validity } = validator;
    const before = validity.changes;
    validator.lose(7, VALIDATION_CODE.FEED_SEQUENCE_GAP);
    expect(validity.changes).toBe(before + 1);
    const block = new DepthBlock(1);
    validityRow(block, 0, validity, 6, 7);
    expect([block.exch[0], block.local[0], block.kind[0], block.tick[0], block.lots[0]]).toEqual([
      ...[6, 7, ROW.validity | LAST, 2, VALIDATION_CODE.FEED_SEQUENCE_GAP],
    ]);
    const facts = { feed: "binance", instrument: "BTCUSDT", expectedSequence: 5, foundSequence: 7 };
    const payload = dataQuality(validity, facts);
    expect(payload).toEqual({ ...facts, problem: "FEED_SEQUENCE_GAP", state: "gap" });
    const says = [
      { type: "marketDataQuality", payload, actor: { kind: "system", id: "feed", role: "" } },
    ] as const;
    expect(() => checkRemark({ says })).not.toThrow();
    validity.set(0, 0, 8);
    expect(dataQuality(validity, { feed: "binance" })).toEqual({
      feed: "binance",
      problem: "none",
      state: "recovered",
    });
  });

  test("counts by verdict and reason, each reason once a message", () => {
    const feed = feedAround();
    feed.diff(
      [
        [9_990, -1],
        [9_991, -1],
      ],
      [],
    );
    const { verdicts, reasons, messages, rows } = feed.validator.counts();
    expect({ verdicts, reasons, messages, rows }).toEqual({
      verdicts: { pass: 6, flag: 0, drop: 1, halt: 0 },
      reasons: { FEED_VOLUME_INVALID: 1 },
      messages: 7,
      rows: 12,
    });
  });

  test("rows that are not in the block are the program's fault; none are nothing", () => {
    const { validator } = feedAround();
    const block = new DepthBlock(2);
    block.seal(1);
    const numbers = { isSnapshot: false, firstSequence: -1, lastSequence: -1, previousSequence: -1 };
    for (const [from, to] of [
      [0, 2],
      [-1, 1],
      [1, 0],
      [Number.NaN, 1],
    ] as const) {
      const wrong = expect.objectContaining({ code: "FAULT_INPUT", path: "validator.message" });
      expect(() => validator.take({ block, from, to, ...numbers })).toThrow(wrong);
    }
    expect(validator.take({ block, from: 1, to: 1, ...numbers })).toBe(0);
  });

  test("saved state that is none is refused by its place, and changes nothing", () => {
    const { validator } = feedAround();
    const saved = validator.save();
    const wrong: [unknown, string][] = [
      [null, "validator"],
      [{ ...saved, more: 1 }, "validator"],
      [{ ...saved, numbers: [1] }, "validator.numbers"],
      [{ ...saved, sequence: saved.sequence.map(() => null) }, "validator.sequence[0]"],
      [
        { ...saved, touch: { ...saved.touch, spreads: Array.from({ length: 99 }, () => 1) } },
        "validator.touch.spreads",
      ],
      [{ ...saved, book: [1, 2] }, "book.load"],
    ];
    for (const [data, path] of wrong) {
      const fault = { code: "FAULT_INPUT", path: expect.stringContaining(path) };
      expect(() => validator.load(data)).toThrow(expect.objectContaining(fault));
      expect(validator.save()).toEqual(saved);
    }
  });
});
