import { Prng } from "tickwright/base";
import type { TapeSource } from "tickwright/port";
import type { BacktestOptions } from "tickwright/run";
import { ConstantLatency } from "tickwright/sim";
import { GridMaker } from "tickwright/strategies";
import type { Params } from "tickwright/sweep";

/** The space of the bench: grids of one instrument, their levels and skews. */
export function gridSpace(points: number): Readonly<Record<string, readonly number[]>> {
  const draws = new Prng(3);
  return { levels: [10], skew: Array.from({ length: points }, () => 1e-6 * (1 + draws.float())) };
}

/** The recipe of the bench's sweep. */
export function grid(): (params: Params, tapes: readonly TapeSource[]) => BacktestOptions {
  return ({ levels, skew }, [tape]) => ({
    markets: [
      {
        tape: tape as TapeSource,
        venue: { latency: new ConstantLatency({ entryNs: 5_000_000, responseNs: 5_000_000 }) },
      },
    ],
    cash: { USDT: "1000000" },
    ...{ tca: false, markouts: false },
    strategies: [
      new GridMaker({
        instrument: (tape as TapeSource).meta.instrument.symbol,
        ...{ halfSpread: 5e-5, gridInterval: 5e-5, orderLots: 10, maxPositionLots: 100 },
        ...{ levels: levels as number, skew: skew as number },
      }),
    ],
  });
}
