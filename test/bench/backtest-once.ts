/**
 * One run of the grid market maker over a rows file, in a process of its own: prints one JSON line with the
 * fields of the peers' harnesses, and on request a dump of every step to compare with theirs.
 */
import { writeFileSync } from "node:fs";
import { PerformanceObserver } from "node:perf_hooks";
import process from "node:process";
import { parseArgs } from "node:util";
import { loadTape, tileTape } from "../../src/feed/index.ts";
import { openDepthTape } from "../../src/host/index.ts";
import { type DepthBlock, Instrument, type TapeMeta } from "../../src/model/index.ts";
import type { TapeSource } from "../../src/port/index.ts";
import { Backtester } from "../../src/run/index.ts";
import type { SimVenue } from "../../src/sim/index.ts";
import { ConstantLatency } from "../../src/sim/index.ts";
import { GridMaker } from "../../src/strategies/index.ts";
import type { StrategyContext } from "../../src/strategy/index.ts";
import { readRows } from "./peers/rows-file.ts";

const { values } = parseArgs({
  options: {
    "rows-file": { type: "string" },
    tape: { type: "string" },
    tile: { type: "string", default: "1" },
    variant: { type: "string", default: "touch" },
    queue: { type: "string", default: "riskAverse" },
    fill: { type: "string", default: "noPartial" },
    qty: { type: "string", default: "10" },
    steps: { type: "string" },
    fills: { type: "string" },
    markouts: { type: "boolean", default: false },
    warm: { type: "string", default: "2" },
  },
});

/** Rows files count prices in ticks and quantities in lots: every sum of either side is then exact. */
const ROWS_INSTRUMENT = {
  symbol: "BTCUSDT",
  venue: "rows",
  tickSize: "1",
  lotSize: "1",
  quote: { code: "UNIT", decimals: 0 },
} as const;

interface Step {
  readonly label: string;
  readonly text: string;
}

/** The grid maker, with callbacks on every message as a strategy would have, noting each step on request. */
class Watched extends GridMaker {
  messages = 0;
  calls = 0;
  lastCallNs = 0n;
  readonly steps: Step[] = [];
  backtester: Backtester | undefined = undefined;

  onBook(): void {
    this.messages += 1;
  }

  onTrade(): void {
    this.messages += 1;
  }

  onStop(ctx: StrategyContext): void {
    if (values.steps !== undefined)
      this.steps.push({ label: "end", text: line(this.backtester as Backtester, ctx) });
  }

  override onTimer(timer: number, ctx: StrategyContext): void {
    this.calls += 1;
    if (values.steps !== undefined) {
      this.lastCallNs = ctx.clock.epochNs();
      this.steps.push({ label: String(this.lastCallNs), text: line(this.backtester as Backtester, ctx) });
    }
    super.onTimer(timer, ctx);
  }
}

function line(backtester: Backtester, ctx: StrategyContext): string {
  const { kernel } = backtester;
  const orders = ctx.openOrders();
  let bids = 0;
  let asks = 0;
  for (const order of orders) {
    if (order.side === "buy") bids += order.priceTicks;
    else asks += order.priceTicks;
  }
  const book = ctx.book(SYMBOL);
  const recorder = kernel.observer as unknown as { fills: number; filledQuantity: number; sent: number };
  const fields = [
    kernel.ledger.positionLots[0],
    kernel.ledger.cashMinor(UNIT),
    recorder.fills,
    recorder.filledQuantity,
    orders.length,
    bids,
    asks,
    book.hasBid ? book.bestBid : -1,
    book.hasAsk ? book.bestAsk : -1,
    recorder.sent,
    kernel.cancelsSent,
  ];
  return fields.join(" ");
}

/** The first blocks of a tape: what the optimiser is warmed up with. */
class Head implements TapeSource<DepthBlock> {
  readonly meta: TapeMeta;
  readonly blockCount: number;
  readonly #tape: TapeSource<DepthBlock>;

  constructor(tape: TapeSource<DepthBlock>, blocks: number) {
    this.#tape = tape;
    this.meta = tape.meta;
    this.blockCount = Math.min(blocks, tape.blockCount);
  }

  read(index: number, into: DepthBlock): void {
    this.#tape.read(index, into);
  }

  close(): void {}
}

const tape: TapeSource<DepthBlock> =
  values.tape === undefined
    ? readRows(values["rows-file"] as string, ROWS_INSTRUMENT)
    : tileTape(loadTape(openDepthTape(values.tape)), Number(values.tile));
const SYMBOL = tape.meta.instrument.symbol;
const UNIT = new Instrument(tape.meta.instrument).quote.code;
const touch = values.variant === "touch";
const lots = Number(values.qty);

function once(source: TapeSource<DepthBlock>, quiet: boolean): void {
  const strategy = new Watched({
    instrument: SYMBOL,
    halfSpread: touch ? 0 : 5e-5,
    gridInterval: touch ? 0 : 5e-5,
    skew: touch ? 1e-6 : 5e-6,
    levels: 10,
    orderLots: lots,
    maxPositionLots: 10 * lots,
  });
  const queue =
    values.queue === "riskAverse" ? ({ model: "riskAverse" } as const) : ({ model: "power3", n: 3 } as const);
  const backtester = new Backtester({
    markets: [
      {
        tape: source,
        venue: {
          latency: new ConstantLatency({ entryNs: 5_000_000, responseNs: 5_000_000 }),
          queue,
          fills: values.fill === "partial" ? "partial" : "noPartial",
        },
      },
    ],
    strategies: [strategy],
    cash: { [UNIT]: "0" },
    markouts: values.markouts,
    tca: false,
    sampleNs: 1_000_000_000,
  });
  strategy.backtester = backtester;
  const fills: string[] = [];
  if (values.fills !== undefined) {
    backtester.on("fill", (fill) => {
      const at = backtester.kernel.baseNs + BigInt(fill.exchNs);
      fills.push(`${at} ${fill.side === "buy" ? 1 : -1} ${fill.priceTicks} ${fill.lots}`);
    });
  }
  const observer = new PerformanceObserver(() => undefined);
  observer.observe({ entryTypes: ["gc"] });
  const beganMs = performance.now();
  const began = process.hrtime.bigint();
  const result = backtester.runToEnd();
  const ns = Number(process.hrtime.bigint() - began);
  const { kernel } = backtester;
  const venue = backtester.venues[0] as SimVenue;
  if (values.steps !== undefined) {
    const text = strategy.steps.map((step) => `${step.label} ${step.text}`).join("\n");
    writeFileSync(values.steps, `${text}\n`);
  }
  if (values.fills !== undefined) {
    fills.sort(compareFills);
    writeFileSync(values.fills, `${fills.join("\n")}\n`);
  }
  if (quiet) {
    observer.disconnect();
    return;
  }
  setImmediate(() => {
    const collections = observer.takeRecords().filter((entry) => entry.startTime >= beganMs).length;
    observer.disconnect();
    const out = {
      engine: "tickwright",
      rows: tape.meta.rows,
      ns,
      rowsPerSecond: Math.round((tape.meta.rows / ns) * 1e9),
      calls: strategy.calls,
      submitted: result.orders.submitted,
      cancelRequests: kernel.cancelsSent,
      trades: result.fills.count,
      position: kernel.ledger.positionLots[0],
      balance: Number(kernel.ledger.cashMinor(UNIT)),
      fee: Number(kernel.ledger.totals().feesMinor),
      trading_volume: result.fills.volume,
      trading_value: result.fills.turnover,
      messages: strategy.messages,
      crossings: venue.book.crossings,
      collections,
      runHash: result.runHash,
    };
    process.stdout.write(`${JSON.stringify(out)}\n`);
  });
}

function compareFills(a: string, b: string): number {
  const [x, y] = [a.split(" "), b.split(" ")];
  const ns = BigInt(x[0] as string) - BigInt(y[0] as string);
  if (ns !== 0n) return ns < 0n ? -1 : 1;
  return Number(x[1]) - Number(y[1]) || Number(x[2]) - Number(y[2]);
}

for (let i = 0; i < Number(values.warm); i++) once(new Head(tape, 16), true);
once(tape, false);
