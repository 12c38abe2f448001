import { BAR_ROW, BarBlock, BLOCK_ROWS, type Instrument } from "../model/index.ts";
import type { TapeSource } from "../port/index.ts";
import { BlockWindow } from "./block-window.ts";
import type { WantedFill } from "./trade-books.ts";
import type { DrilledMarket } from "./trade-drill.ts";

/** Bars before that of the fill, and behind it. */
const BEFORE = 20;
const AFTER = 10;

type Bar = DrilledMarket["bars"][number];

/** The bars around fills, in the order in which they were asked for: that of the fill, 20 before and 10 behind it. */
export function barsAround(
  tape: TapeSource<BarBlock>,
  shiftNs: number,
  instrument: Instrument,
  wanted: readonly WantedFill[],
): DrilledMarket[] {
  const order = wanted.map((_, place) => place);
  order.sort((a, b) => (wanted[a] as WantedFill).exchNs - (wanted[b] as WantedFill).exchNs);
  const markets: DrilledMarket[] = [];
  const past: Bar[] = [];
  let following: { readonly bars: Bar[]; left: number }[] = [];
  let next = 0;
  const price = (ticks: number): number => Number(instrument.formatPrice(ticks));
  const take = (openNs: number, closeNs: number, bar: readonly [number, number, number, number]): void => {
    for (; next < order.length; next++) {
      const place = order[next] as number;
      const { exchNs } = wanted[place] as WantedFill;
      if (exchNs > closeNs) break;
      const bars = past.map((one) => shifted(one, exchNs));
      markets[place] = { before: null, after: null, quotes: [], prints: [], hasAllPrints: true, bars };
      following.push({ bars, left: AFTER + 1 });
      fillTimes.set(bars, exchNs);
    }
    const now: Bar = [openNs, closeNs, price(bar[0]), price(bar[1]), price(bar[2]), price(bar[3])];
    for (const one of following) {
      one.bars.push(shifted(now, fillTimes.get(one.bars) as number));
      one.left -= 1;
    }
    following = following.filter(({ left }) => left > 0);
    past.push(now);
    if (past.length > BEFORE) past.shift();
  };
  const fillTimes = new Map<Bar[], number>();
  const window = new BlockWindow(tape, () => new BarBlock(Math.min(tape.meta.rows, BLOCK_ROWS)), shiftNs);
  for (let nth = 0; nth < window.blockCount; nth++) {
    const block = window.take(nth);
    for (let i = 0; i < block.n; i++) {
      if (block.kind[i] !== BAR_ROW.bar) continue;
      const bar = [block.open[i], block.high[i], block.low[i], block.close[i]] as [
        number,
        number,
        number,
        number,
      ];
      take(block.openNs[i] as number, block.closeNs[i] as number, bar);
    }
    window.release(nth);
  }
  return markets;
}

/** Its times counted from a fill. */
function shifted([openNs, closeNs, ...prices]: Bar, fillNs: number): Bar {
  return [openNs - fillNs, closeNs - fillNs, ...prices];
}
