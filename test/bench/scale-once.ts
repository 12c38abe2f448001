/** One run over a tape file read block by block, of about `--rows` rows: prints ns per row and peak memory. */
import process from "node:process";
import { parseArgs } from "node:util";
import { tileTape } from "../../src/feed/index.ts";
import { openDepthTape } from "../../src/host/index.ts";
import type { DepthBlock } from "../../src/model/index.ts";
import type { TapeSource } from "../../src/port/index.ts";
import { Backtester } from "../../src/run/index.ts";
import { Sma } from "../../src/signal/index.ts";
import { ConstantLatency } from "../../src/sim/index.ts";
import { GridMaker } from "../../src/strategies/index.ts";
import type { TradeView } from "../../src/strategy/index.ts";

const { values } = parseArgs({ options: { tape: { type: "string" }, rows: { type: "string" } } });

/** The grid maker with an average of trade prices beside it: a callback on every message. */
class Averaging extends GridMaker {
  readonly average = new Sma({ period: 1000 });
  messages = 0;

  onBook(): void {
    this.messages += 1;
  }

  onTrade(trade: TradeView): void {
    this.messages += 1;
    this.average.update(trade.priceTicks);
  }
}

/** A tape cut after some blocks. */
function head(tape: TapeSource<DepthBlock>, rows: number): TapeSource<DepthBlock> {
  const blockCount = Math.min(
    tape.blockCount,
    Math.max(1, Math.ceil((rows * tape.blockCount) / tape.meta.rows)),
  );
  return {
    meta: tape.meta,
    blockCount,
    read: (index, into) => tape.read(index, into),
    close: () => undefined,
  };
}

function run(rows: number): { readonly rows: number; readonly ns: number; readonly messages: number } {
  const file = openDepthTape(values.tape as string);
  const tape = head(tileTape(file, Math.ceil(rows / file.meta.rows)), rows);
  const strategy = new Averaging({
    instrument: tape.meta.instrument.symbol,
    halfSpread: 5e-5,
    gridInterval: 5e-5,
    skew: 5e-6,
    levels: 10,
    orderLots: 10,
    maxPositionLots: 100,
  });
  const latency = new ConstantLatency({ entryNs: 5_000_000, responseNs: 5_000_000 });
  const backtester = new Backtester({
    markets: [{ tape, venue: { latency, fills: "noPartial" } }],
    strategies: [strategy],
    cash: { USDT: "100000" },
    markouts: false,
    tca: false,
  });
  const began = process.hrtime.bigint();
  const result = backtester.runToEnd();
  const ns = Number(process.hrtime.bigint() - began);
  file.close();
  return { rows: result.events, ns, messages: strategy.messages };
}

for (let i = 0; i < 5; i++) run(1_200_000);
const { rows, ns, messages } = run(Number(values.rows));
const peakMiB = Math.round(process.resourceUsage().maxRSS / 1024);
process.stdout.write(`${JSON.stringify({ rows, ns, messages, nsPerRow: ns / rows, peakMiB })}\n`);
