import type { Prng } from "../base/index.ts";

/** What a jitter may move, one slot a venue. */
export interface JitterBounds {
  readonly lots: Float64Array;
  readonly most: Float64Array;
  readonly step: Float64Array;
  readonly min: Float64Array;
}

/**
 * Moves a random part of each venue's lots to another venue, so that equal parents do not show equal slices. The sum,
 * the steps, the least orders and what each venue can give stay.
 *
 * @returns whether anything was moved
 */
export function jitterSizes(bounds: JitterBounds, bps: number, rng: Prng): boolean {
  const { lots, most, step, min } = bounds;
  const venues = lots.length;
  let moved = false;
  for (let from = 0; from < venues; from++) {
    const has = lots[from] as number;
    if (has === 0) continue;
    const to = (from + 1 + rng.below(Math.max(1, venues - 1))) % venues;
    if (to === from) continue;
    const unit = commonStep(step[from] as number, step[to] as number);
    const room = (most[to] as number) - (lots[to] as number);
    const part = Math.min(Math.floor((has / 10_000) * bps), has - (min[from] as number), room);
    const units = Math.min(Math.floor(part / unit), 0xfffffffe);
    const draw = rng.below(Math.max(1, units + 1)) * unit;
    if (units <= 0 || draw === 0 || (lots[to] as number) + draw < (min[to] as number)) continue;
    lots[from] = has - draw;
    lots[to] = (lots[to] as number) + draw;
    moved = true;
  }
  return moved;
}

/** The least common multiple of two steps. */
function commonStep(left: number, right: number): number {
  let [a, b] = [left, right];
  while (b !== 0) [a, b] = [b, a % b];
  return (left / a) * right;
}
