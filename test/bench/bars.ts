import { DataFrame, type IDataFrame } from "data-forge";
import grademark from "grademark";
import { Prng } from "../../src/base/index.ts";
import { BarTapeBuilder } from "../../src/feed/index.ts";
import type { BarBlock } from "../../src/model/index.ts";
import type { TapeSource } from "../../src/port/index.ts";
import { Backtester } from "../../src/run/index.ts";
import { AverageCross } from "./average-cross.ts";
import { type BenchResult, ratioFields } from "./bench-row.ts";
import { interleave, type Measured, ratioOf, spreadOf } from "./rounds.ts";

const BARS = 200_000;
const MINUTE_NS = 60_000_000_000;

interface Bar {
  readonly time: Date;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** A 10/30 average cross over minute bars: our backtester against grademark (npm). */
export async function bench(): Promise<BenchResult> {
  const { tape, bars } = walk(BARS);
  const frame = new DataFrame<number, Bar>(bars as Bar[]);
  const trades = { ours: 0, theirs: 0 };
  const measured = await interleave(
    [
      {
        name: "tickwright",
        run: () => {
          const strategy = new AverageCross();
          new Backtester({
            markets: [{ tape, bars: { participation: 1 } }],
            strategies: [strategy],
            cash: { USD: "1000000" },
          }).runToEnd();
          trades.ours = Math.floor(strategy.closed);
          return { units: BARS };
        },
      },
      {
        name: "grademark",
        run: () => {
          trades.theirs = grademark.backtest<Bar, Marked, object, number>(CROSS, frame).length;
          return { units: BARS };
        },
      },
    ],
    { rounds: 7, warmUps: 3 },
  );
  const ours = measured.get("tickwright") as Measured;
  const theirs = measured.get("grademark") as Measured;
  const rows = [
    {
      name: `average cross, ${BARS} bars`,
      ours: 1e9 / spreadOf(ours.nsPerUnit).median,
      unit: "bars/s",
      peer: "grademark 0.3.0",
      peerValue: 1e9 / spreadOf(theirs.nsPerUnit).median,
      ...ratioFields(ratioOf(theirs, ours)),
      floor: 5,
    },
  ];
  return {
    rows,
    notes: [`trades closed: ours ${trades.ours}, grademark ${trades.theirs} (it closes the last at the end)`],
  };
}

interface Marked extends Bar {
  readonly before: number;
  readonly now: number;
}

/** The same cross as ours, averages included: rolling sums in one pass. */
const CROSS = {
  prepIndicators({ inputSeries }: { readonly inputSeries: Frame<Bar> }): Frame<Marked> {
    const bars = inputSeries.toArray();
    const marked: Marked[] = [];
    let fast = 0;
    let slow = 0;
    let before = 0;
    for (let i = 0; i < bars.length; i++) {
      const bar = bars[i] as Bar;
      const cents = (at: number): number => Math.round((bars[at] as Bar).close * 100);
      fast += cents(i) - (i >= 10 ? cents(i - 10) : 0);
      slow += cents(i) - (i >= 30 ? cents(i - 30) : 0);
      const now = fast / 10 - slow / 30;
      marked.push({ ...bar, before: i < 30 ? 0 : before, now });
      before = now;
    }
    return new DataFrame<number, Marked>(marked);
  },
  entryRule(enter: () => void, { bar }: { readonly bar: Marked }): void {
    if (bar.before < 0 && bar.now > 0) enter();
  },
  exitRule(exit: () => void, { bar }: { readonly bar: Marked }): void {
    if (bar.before > 0 && bar.now < 0) exit();
  },
};

type Frame<Row> = IDataFrame<number, Row>;

function walk(count: number): { tape: TapeSource<BarBlock>; bars: readonly Bar[] } {
  const rng = new Prng(7);
  const builder = new BarTapeBuilder({
    instrument: { symbol: "WALK", venue: "bench", tickSize: "0.01", lotSize: "1", quote: "USD" },
    baseNs: 0n,
    source: "seeded random walk, seed 7",
    simulated: true,
  });
  const bars: Bar[] = [];
  let close = 10_000;
  for (let i = 0; i < count; i++) {
    const open = Math.max(100, close + rng.below(7) - 3);
    close = Math.max(100, open + rng.below(51) - 25);
    const high = Math.max(open, close) + rng.below(9);
    const low = Math.min(open, close) - rng.below(9);
    builder.push({
      openNs: i * MINUTE_NS,
      closeNs: (i + 1) * MINUTE_NS,
      open,
      high,
      low,
      close,
      volume: 1000,
    });
    const price = (ticks: number): number => ticks / 100;
    bars.push({
      time: new Date(i * 60_000),
      open: price(open),
      high: price(high),
      low: price(low),
      close: price(close),
      volume: 1000,
    });
  }
  return { tape: builder.build(), bars };
}
