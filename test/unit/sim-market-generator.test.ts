import { describe, expect, it } from "vitest";
import { Fault } from "../../src/base/index.ts";
import { bytesInMemory, TapeReader } from "../../src/feed/index.ts";
import {
  BarBlock,
  DepthBlock,
  KIND_MASK,
  LAST,
  ROW,
  type SideSign,
  SNAPSHOT,
} from "../../src/model/index.ts";
import {
  type BarSeriesOptions,
  DepthMarket,
  type DepthMarketOptions,
  generateBarTape,
  generateDepthTape,
  type MarketCause,
  writeDepthTape,
} from "../../src/sim/index.ts";

const SECOND = 1_000_000_000;
const HOUR = 3_600 * SECOND;
const instrument = { symbol: "ABC", venue: "sim", tickSize: "0.01", lotSize: "1", quote: "USD" };

interface Trade {
  readonly cause: MarketCause;
  readonly side: SideSign;
  readonly exchNs: number;
  readonly tick: number;
  readonly lots: number;
}

/** What was seen of a market: its mid every 100 ms, time-weighted spreads and touch, trades by orders. */
class Survey {
  readonly mids: number[] = [];
  /** Each taking order once, at the price of its first fill. */
  readonly trades: Trade[] = [];
  readonly spreadNs = new Map<number, number>();
  touchLots = 0;
  totalNs = 0;
  readonly market: DepthMarket;
  #quote = { exchNs: 0, bid: 0, bidLots: 0, ask: 0 };

  constructor(options: Omit<DepthMarketOptions, "instrument" | "witness">) {
    this.market = new DepthMarket(
      {
        instrument,
        feed: { quotes: true },
        ...options,
        witness: (cause, side, exchNs, tick, lots) => this.#event({ cause, side, exchNs, tick, lots }),
      },
      (exchNs, _localNs, kind, tick, lots) => this.#row(exchNs, kind & KIND_MASK, tick, lots),
    );
    let mid = this.market.midTicks;
    while (this.market.next()) {
      while (this.mids.length * 0.1 * SECOND < this.#exchNs) this.mids.push(mid);
      mid = this.market.midTicks;
    }
  }

  #exchNs = 0;

  #event(event: Trade): void {
    if (event.cause !== "noise" && event.cause !== "excited" && event.cause !== "informed") return;
    if (this.trades.at(-1)?.exchNs !== event.exchNs) this.trades.push(event);
  }

  #row(exchNs: number, kind: number, tick: number, lots: number): void {
    this.#exchNs = exchNs;
    if (kind === ROW.quoteBid) {
      this.#pass(exchNs);
      this.#quote = { exchNs, bid: tick, bidLots: lots, ask: 0 };
    } else if (kind === ROW.quoteAsk) {
      this.#quote.ask = tick;
    }
  }

  #pass(exchNs: number): void {
    const { exchNs: since, bid, bidLots, ask } = this.#quote;
    if (ask === 0) return;
    const spread = ask - bid;
    this.spreadNs.set(spread, (this.spreadNs.get(spread) ?? 0) + exchNs - since);
    this.touchLots += bidLots * (exchNs - since);
    this.totalNs += exchNs - since;
  }

  shareOfSpread(least: number, most: number): number {
    let within = 0;
    for (const [spread, ns] of this.spreadNs) if (spread >= least && spread <= most) within += ns;
    return within / this.totalNs;
  }

  /** Standard deviation of mid changes over some seconds, per root second. */
  volatility(seconds: number): number {
    const step = seconds * 10;
    let [sum, count] = [0, 0];
    for (let i = step; i < this.mids.length; i += step) {
      sum += ((this.mids[i] as number) - (this.mids[i - step] as number)) ** 2;
      count += 1;
    }
    return Math.sqrt(sum / count / seconds);
  }

  /** What the makers gain on average from a kind of trade, against the mid some seconds later. */
  makerMarkout(cause: MarketCause, seconds: number): number {
    let [sum, count] = [0, 0];
    for (const { cause: who, side, exchNs, tick } of this.trades) {
      const later = this.mids[Math.floor(exchNs / SECOND / 0.1) + seconds * 10];
      if (who !== cause || later === undefined) continue;
      sum += side * (tick - later);
      count += 1;
    }
    return sum / count;
  }

  signAutocorrelation(): number {
    let sum = 0;
    for (const [i, { side }] of this.trades.entries()) sum += side * (this.trades[i - 1]?.side ?? 0);
    return sum / (this.trades.length - 1);
  }

  count(cause: MarketCause): number {
    return this.trades.filter((trade) => trade.cause === cause).length;
  }
}

describe("a market of the defaults, four hours of seed 1", () => {
  const survey = new Survey({ seed: 1, durationNs: 4 * HOUR });

  it("has a spread of 1 to 3 ticks nearly always, and not always the same", () => {
    expect(survey.shareOfSpread(1, 3)).toBeGreaterThan(0.95);
    expect(survey.shareOfSpread(1, 1)).toBeGreaterThan(0.5);
    expect(survey.shareOfSpread(2, 3)).toBeGreaterThan(0.1);
  });

  it("holds some orders' worth at the best", () => {
    expect(survey.touchLots / survey.totalNs).toBeGreaterThan(10);
    expect(survey.touchLots / survey.totalNs).toBeLessThan(50);
  });

  it.each([10, 60])("moves as much as asked for, to 15 per cent, over %i s", (seconds) => {
    expect(survey.volatility(seconds)).toBeGreaterThan(0.85);
    expect(survey.volatility(seconds)).toBeLessThan(1.15);
  });

  it("follows its fundamental", () => {
    expect(Math.abs(survey.market.midTicks - survey.market.fundamentalTicks)).toBeLessThan(10);
  });

  it("lets makers lose to the informed and gain from the others", () => {
    for (const seconds of [1, 5, 30]) {
      expect(survey.makerMarkout("informed", seconds)).toBeLessThan(-0.2);
      expect(survey.makerMarkout("noise", seconds)).toBeGreaterThan(0.2);
    }
    expect(survey.count("informed")).toBeGreaterThan(1_000);
  });

  it("has noise trades at their rate, and self-exciting ones at the rate that branching makes of theirs", () => {
    expect(survey.count("noise") / (4 * 3_600)).toBeCloseTo(1, 1);
    expect(survey.count("excited") / (4 * 3_600)).toBeGreaterThan(1.5 * 0.93);
    expect(survey.count("excited") / (4 * 3_600)).toBeLessThan(1.5 * 1.07);
  });

  it("counts what it did", () => {
    const { counts } = survey.market;
    expect(counts.orderEvents).toBeGreaterThan(29 * 4 * 3_600);
    expect(counts.jumps).toBeGreaterThan(50);
    expect(counts.jumps).toBeLessThan(110);
    expect(counts.messages).toBeGreaterThan(100_000);
  });
});

describe("the parameters of a market", () => {
  const still = { informed: { ratePerSecond: 0 }, noise: { ratePerSecond: 0 } };

  it("make trade signs persist by self-excitement alone", () => {
    const excited = { ratePerSecond: 2, crossShare: 0 };
    const calm = new Survey({ seed: 3, durationNs: HOUR, ...still, excited: { ...excited, branching: 0 } });
    const hot = new Survey({ seed: 3, durationNs: HOUR, ...still, excited: { ...excited, branching: 0.7 } });
    const adverse = { ...excited, branching: 0.7, crossShare: 1 };
    const cross = new Survey({ seed: 3, durationNs: HOUR, ...still, excited: adverse });
    expect(Math.abs(calm.signAutocorrelation())).toBeLessThan(0.05);
    expect(hot.signAutocorrelation()).toBeGreaterThan(0.2);
    expect(cross.signAutocorrelation()).toBeLessThan(-0.1);
    expect(hot.trades.length / calm.trades.length).toBeGreaterThan(2.8);
    expect(hot.trades.length / calm.trades.length).toBeLessThan(3.9);
  });

  it("set the volatility", () => {
    for (const volatilityTicks of [0.5, 3]) {
      const survey = new Survey({ seed: 5, durationNs: 3 * HOUR, volatilityTicks, jumpShare: 0 });
      expect(survey.volatility(60) / volatilityTicks).toBeGreaterThan(0.8);
      expect(survey.volatility(60) / volatilityTicks).toBeLessThan(1.2);
    }
    const calm = new Survey({ seed: 5, durationNs: 600 * SECOND, volatilityTicks: 0 });
    expect(calm.market.fundamentalTicks).toBe(10_000);
  });

  it("leave out who is not asked for", () => {
    const { counts } = generateDepthTape({
      instrument,
      seed: 5,
      durationNs: 60 * SECOND,
      ...still,
      excited: { ratePerSecond: 0 },
      makers: { ratePerSecond: 0 },
    }).meta;
    expect(Object.keys(counts).sort()).toEqual(["cancelEvents", "messages", "orderEvents"]);
  });

  it("do not let latency or quotes change the market", () => {
    const trades = (feed: DepthMarketOptions["feed"] & object) =>
      new Survey({ seed: 5, durationNs: 120 * SECOND, feed: { quotes: true, ...feed } }).trades;
    const plain = trades({});
    expect(plain.length).toBeGreaterThan(50);
    expect(trades({ latencySigma: 0, latencyFloorNs: 0 })).toEqual(plain);
    expect(trades({ diffIntervalNs: 0, quotes: false })).toEqual(plain);
  });
});

describe("a depth tape", () => {
  it("begins with the book and says that it is simulated", () => {
    const tape = generateDepthTape({ instrument, seed: 9, rows: 5_000, startNs: 1_723_075_200_000_000_123n });
    expect(tape.meta).toMatchObject({
      schema: "depth",
      simulated: true,
      source: 'seeded market, seed 9, {"rows":5000}',
      baseNs: "1723075200000000000",
      contentSha256: "2b6590a7a38b4ad42e87a6d44a6cfb160b64200e1a3d4b39e6167c0f302138d2",
    });
    const block = new DepthBlock();
    tape.read(0, block);
    expect([block.exch[0], block.kind[0], block.tick[0]]).toEqual([123, ROW.clear | SNAPSHOT, 0]);
    let last = 1;
    while (((block.kind[last] as number) & LAST) === 0) last += 1;
    expect(last).toBeGreaterThan(40);
    expect(block.kind.subarray(1, last + 1).every((kind) => (kind & SNAPSHOT) !== 0)).toBe(true);
    expect((block.kind[last] as number) & KIND_MASK).toBe(ROW.ask);
    expect((block.kind[last + 1] as number) & SNAPSHOT).toBe(0);
    expect((block.kind[block.n - 1] as number) & LAST).toBe(LAST);
    expect(tape.meta.rows).toBeLessThan(5_100);
  });

  it("comes with a latency whose floor and median are those asked for", () => {
    const late: number[] = [];
    const feed = { latencyFloorNs: 2_000_000, latencyMedianNs: 3_000_000, latencySigma: 0.8 };
    const sink = (exchNs: number, localNs: number, kind: number) => {
      if ((kind & LAST) !== 0) late.push(localNs - exchNs);
    };
    const market = new DepthMarket({ instrument, seed: 9, durationNs: 1_800 * SECOND, feed }, sink);
    while (market.next()) {}
    late.sort((a, b) => a - b);
    expect(late[0]).toBeGreaterThan(2_000_000);
    expect((late[late.length >> 1] as number) / 5_000_000).toBeGreaterThan(0.95);
    expect((late[late.length >> 1] as number) / 5_000_000).toBeLessThan(1.05);
    expect(late.at(-1)).toBeGreaterThan(15_000_000);
  });

  it("tells diffs at whole intervals, and trades between", () => {
    const tape = generateDepthTape({ instrument, seed: 9, durationNs: 60 * SECOND });
    const block = new DepthBlock();
    tape.read(0, block);
    const offGrid = { level: 0, trade: 0 };
    for (let i = 0; i < block.n; i++) {
      const kind = (block.kind[i] as number) & KIND_MASK;
      const isTrade = kind === ROW.buy || kind === ROW.sell;
      if ((block.exch[i] as number) % 100_000_000 !== 0) offGrid[isTrade ? "trade" : "level"] += 1;
    }
    expect(offGrid.level).toBe(0);
    expect(offGrid.trade).toBeGreaterThan(50);
  });

  it("is written in pieces that read back as the same tape", () => {
    const options = { instrument, seed: 4, rows: 150_000 };
    const pieces: Uint8Array[] = [];
    const meta = writeDepthTape(options, { sink: (piece) => pieces.push(piece), codec: "zstd" });
    expect(pieces.length).toBeGreaterThan(3);
    const reader = new TapeReader(bytesInMemory(Buffer.concat(pieces)));
    const tape = generateDepthTape(options);
    expect(reader.meta).toEqual(meta);
    expect(meta).toEqual(tape.meta);
    const [left, right] = [new DepthBlock(), new DepthBlock()];
    for (let i = 0; i < tape.blockCount; i++) {
      tape.read(i, left);
      reader.read(i, right);
      expect(right).toEqual(left);
    }
  });

  it("ends where time runs out of exact numbers", () => {
    const rare = { ratePerSecond: 0.001, cancelPerSecond: 1e-6 };
    const none = { ratePerSecond: 0 };
    const market: DepthMarketOptions = {
      instrument,
      seed: 4,
      rows: 1_000_000,
      orders: rare,
      noise: none,
      excited: none,
      informed: none,
      makers: none,
    };
    expect(() => generateDepthTape(market)).toThrow("FAULT_TIME market");
  });

  const wrong: readonly (readonly [string, Record<string, unknown>])[] = [
    ["market.sead", { sead: 1 }],
    ["market.seed", { seed: 0.5 }],
    ["market.durationNs", { rows: 10 }],
    ["market.durationNs", { durationNs: undefined }],
    ["market.durationNs", { durationNs: 0 }],
    ["market.rows", { rows: 0, durationNs: undefined }],
    ["market.startNs", { startNs: -1n }],
    ["market.startNs", { startNs: 5 }],
    ["market.priceTicks", { priceTicks: 199 }],
    ["market.volatilityTicks", { volatilityTicks: Number.NaN }],
    ["market.jumpShare", { jumpShare: 1.5 }],
    ["market.jumpsPerHour", { jumpsPerHour: 0 }],
    ["market.warmUpNs", { warmUpNs: -1 }],
    ["market.orders.rate", { orders: { rate: 1 } }],
    ["market.orders.ratePerSecond", { orders: { ratePerSecond: 0 } }],
    ["market.orders.lots", { orders: { lots: 0 } }],
    ["market.orders.levels", { orders: { levels: 1 } }],
    ["market.noise.ratePerSecond", { noise: { ratePerSecond: -1 } }],
    ["market.noise.reachTicks", { noise: { reachTicks: 0.5 } }],
    ["market.excited.branching", { excited: { branching: 1 } }],
    ["market.excited.crossShare", { excited: { crossShare: 2 } }],
    ["market.excited.decayPerSecond", { excited: { decayPerSecond: 0 } }],
    ["market.informed.costTicks", { informed: { costTicks: -1 } }],
    ["market.makers.levels", { makers: { levels: 51 } }],
    ["market.makers.lots", { makers: { lots: 0 } }],
    ["market.makers.lagNs", { makers: { lagNs: 0 } }],
    ["market.feed.diffIntervalNs", { feed: { diffIntervalNs: -1 } }],
    ["market.feed.quotes", { feed: { quotes: 1 } }],
    ["market.feed.latencySigma", { feed: { latencySigma: Number.POSITIVE_INFINITY } }],
    ["market.witness", { witness: 1 }],
    ["instrument.tickSize", { instrument: { ...instrument, tickSize: "0" } }],
  ];

  it.each(wrong)("refuses %s by name", (path, change) => {
    const options = { instrument, seed: 1, durationNs: SECOND, ...change } as DepthMarketOptions;
    expect(faultOf(() => generateDepthTape(options))).toMatchObject({ code: "FAULT_CONFIG", path });
  });

  it("refuses a misspelt target by name", () => {
    const target = { sink: () => {}, codek: "zstd" };
    const fault = faultOf(() => writeDepthTape({ instrument, seed: 1, rows: 10 }, target));
    expect(fault).toMatchObject({ code: "FAULT_CONFIG", path: "target.codek" });
  });
});

describe("a bar tape", () => {
  const bars: BarSeriesOptions = {
    instrument,
    seed: 2,
    bars: 20_000,
    periodNs: 60 * SECOND,
    priceTicks: 1_000_000,
  };

  it("has bars whose ranges enclose them, each opening where the last closed", () => {
    const returns: number[] = [];
    let ranges = 0;
    let close = 1_000_000;
    eachBar(bars, (block, i) => {
      expect(block.open[i]).toBe(close);
      close = block.close[i] as number;
      expect(block.high[i]).toBeGreaterThanOrEqual(Math.max(block.open[i] as number, close));
      expect(block.low[i]).toBeLessThanOrEqual(Math.min(block.open[i] as number, close));
      returns.push(Math.log(close / (block.open[i] as number)));
      ranges += Math.log((block.high[i] as number) / (block.low[i] as number)) ** 2;
    });
    const mean = returns.reduce((sum, each) => sum + each, 0) / returns.length;
    const variance = returns.reduce((sum, each) => sum + (each - mean) ** 2, 0) / returns.length;
    expect(returns.length).toBe(20_000);
    expect(Math.abs(Math.sqrt(variance) / 0.01 - 1)).toBeLessThan(0.03);
    expect(Math.abs(mean)).toBeLessThan(0.0003);
    // Parkinson's estimate, which the steps of a path keep somewhat below the truth.
    const parkinson = Math.sqrt(ranges / returns.length / (4 * Math.LN2));
    expect(parkinson).toBeGreaterThan(0.008);
    expect(parkinson).toBeLessThan(0.0101);
  });

  it("is one tape for one seed", () => {
    const few = { ...bars, bars: 100 };
    const tape = generateBarTape(few);
    expect(tape.meta).toMatchObject({ schema: "bars", simulated: true, rows: 100 });
    expect(tape.meta.source).toContain("seed 2");
    expect(generateBarTape(few).meta).toEqual(tape.meta);
    expect(generateBarTape({ ...few, seed: 3 }).meta.contentSha256).not.toBe(tape.meta.contentSha256);
  });

  it("refuses a misspelt option by name", () => {
    const options = { ...bars, volatilty: 0.1 } as BarSeriesOptions;
    expect(faultOf(() => generateBarTape(options))).toMatchObject({
      code: "FAULT_CONFIG",
      path: "bars.volatilty",
    });
  });
});

function eachBar(options: BarSeriesOptions, visit: (block: BarBlock, i: number) => void): void {
  const tape = generateBarTape(options);
  const block = new BarBlock();
  for (let b = 0; b < tape.blockCount; b++) {
    tape.read(b, block);
    for (let i = 0; i < block.n; i++) visit(block, i);
  }
}

function faultOf(call: () => unknown): unknown {
  try {
    call();
  } catch (fault) {
    if (fault instanceof Fault) return fault;
    throw fault;
  }
  return undefined;
}
