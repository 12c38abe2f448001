import { Prng } from "../../../src/base/index.ts";

/** Level updates of one instrument, column by column. Simulated. */
export interface LevelFlow {
  readonly name: string;
  readonly n: number;
  /** 0 a bid level, 1 an ask level. */
  readonly side: Uint8Array;
  readonly tick: Int32Array;
  readonly lots: Float64Array;
}

/**
 * A seeded flow that never crosses: the mid walks at random, updates fall near it with an exponential distance
 * of `spreadTicks`, a quarter of them remove a level, and levels the mid passes are removed first.
 */
export function levelFlow(name: string, n: number, spreadTicks: number, seed: number): LevelFlow {
  const rng = new Prng(seed);
  const flow = { name, n, side: new Uint8Array(n), tick: new Int32Array(n), lots: new Float64Array(n) };
  const sides = [new Set<number>(), new Set<number>()] as const;
  let mid = 1_000_000;
  let i = 0;
  const put = (side: 0 | 1, tick: number, lots: number) => {
    if (i === n) return;
    flow.side[i] = side;
    flow.tick[i] = tick;
    flow.lots[i++] = lots;
    if (lots === 0) sides[side].delete(tick);
    else sides[side].add(tick);
  };
  while (i < n) {
    if (rng.below(20) === 0) {
      const step = Math.ceil(rng.float() * spreadTicks * 0.2);
      const up = rng.below(2) === 0;
      for (let k = 0; k < step; k++) {
        if (up && sides[1].has(mid + k + 1)) put(1, mid + k + 1, 0);
        if (!up && sides[0].has(mid - k)) put(0, mid - k, 0);
      }
      mid += up ? step : -step;
    }
    const side = rng.below(2) as 0 | 1;
    const distance = Math.floor(-Math.log(1 - rng.float()) * spreadTicks);
    const tick = side === 0 ? mid - distance : mid + 1 + distance;
    const removes = sides[side].has(tick) && rng.below(4) === 0;
    put(side, tick, removes ? 0 : 1 + rng.below(5000));
  }
  return flow;
}
