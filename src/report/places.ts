/**
 * Picks places of a series for drawing: all of them up to `most`, else the least and the greatest value of
 * equal stretches, with the first and the last place, so that no peak is lost.
 *
 * @cost One pass.
 */
export function drawnPlaces(values: readonly (number | null)[], most: number): number[] {
  if (values.length <= most) return values.map((_value, i) => i);
  const stretches = Math.max(1, Math.floor((most - 2) / 2));
  const places = new Set<number>([0]);
  for (let s = 0; s < stretches; s += 1) {
    const from = Math.floor((s * values.length) / stretches);
    const to = Math.floor(((s + 1) * values.length) / stretches);
    const [least, greatest] = extremes(values, from, to);
    places.add(Math.min(least, greatest)).add(Math.max(least, greatest));
  }
  places.add(values.length - 1);
  return [...places].sort((a, b) => a - b);
}

function extremes(values: readonly (number | null)[], from: number, to: number): [number, number] {
  let [least, greatest] = [from, from];
  for (let i = from; i < to; i += 1) {
    const value = values[i] ?? null;
    if (value === null) continue;
    const low = values[least] ?? null;
    const high = values[greatest] ?? null;
    if (low === null || value < low) least = i;
    if (high === null || value > high) greatest = i;
  }
  return [least, greatest];
}

/** Picks `most` places of `count` at even steps, the first and the last among them; all when they fit. */
export function evenPlaces(count: number, most: number): number[] {
  if (count <= most) return Array.from({ length: count }, (_place, i) => i);
  const step = (count - 1) / (most - 1);
  return Array.from({ length: most }, (_place, i) => Math.round(i * step));
}
