import { checkArray, checkInteger, checkKeys, checkNumber, Fault } from "../base/index.ts";

/**
 * The volume of one day in one instrument.
 *
 * @units lots, or any unit that is the same for all parts of a day
 */
export interface VolumeDay {
  /** Of equal parts of continuous trading. */
  readonly parts: readonly number[];
  /** Of the opening and the closing auction; 0 unless given. */
  readonly opening?: number;
  readonly closing?: number;
  /** A half day: it counts for nothing. */
  readonly isHalf?: boolean;
  /** A day with a halt: it counts for nothing. */
  readonly hasHalt?: boolean;
}

/** Options of {@link volumeProfile}. */
export interface VolumeProfileOptions {
  /** The fewest whole days; 20 unless given. */
  readonly daysMin?: number;
}

/** How the volume of a day is spread, as {@link volumeProfile} finds it. */
export interface VolumeProfile {
  /** Shares of continuous trading, adding up to 1: the `curve` of a VWAP. */
  readonly curve: readonly number[];
  /** The auctions' shares of the whole day: of its `auctions`. */
  readonly opening: number;
  readonly closing: number;
  /** Days that count. */
  readonly days: number;
}

const KEYS = ["parts", "opening", "closing", "isHalf", "hasHalt"];

/**
 * How volume is spread over a day: the mean of each day's shares over whole days, the auctions by themselves.
 *
 * @shape all days have as many parts
 * @invariant The curve adds up to 1, but for rounding. A day counts as much as any other, however much it traded.
 * @throws `FAULT_CONFIG` for an option or a day that is none; `FAULT_INPUT` where fewer whole days are left than
 * `daysMin`, where days have different numbers of parts, or one no volume in continuous trading.
 * @cost O(days * parts).
 * @example
 * ```ts
 * import { volumeProfile } from "tickwright/algo";
 * const days = [
 *   { parts: [30, 10, 40], opening: 10, closing: 10 },
 *   { parts: [10, 10, 20], closing: 10 },
 *   { parts: [1, 0, 0], isHalf: true },
 * ];
 * const { curve, opening, closing } = volumeProfile(days, { daysMin: 2 });
 * curve; // => [0.3125, 0.1875, 0.5]
 * [opening, closing]; // => [0.05, 0.15000000000000002]
 * ```
 */
export function volumeProfile(days: readonly VolumeDay[], options: VolumeProfileOptions = {}): VolumeProfile {
  checkKeys("volumeProfile", options, ["daysMin"]);
  const daysMin = checkInteger("volumeProfile.daysMin", options.daysMin ?? 20, 1, 1_000_000);
  for (const [d, day] of checkArray("volumeProfile.days", days, 0).entries()) {
    checkKeys(`volumeProfile.days[${d}]`, day, KEYS);
  }
  const whole = days.filter(({ isHalf, hasHalt }) => isHalf !== true && hasHalt !== true);
  if (whole.length < daysMin) {
    const expected = `at least ${daysMin} days that are neither half nor halted`;
    throw new Fault("FAULT_INPUT", { path: "volumeProfile.days", value: whole.length, expected });
  }
  const parts = whole[0]?.parts.length ?? 0;
  const curve = new Array<number>(parts).fill(0);
  let [opening, closing] = [0, 0];
  for (const [d, day] of days.entries()) {
    if (!whole.includes(day)) continue;
    const path = `volumeProfile.days[${d}]`;
    const volumes = checkArray(`${path}.parts`, day.parts).map((each, b) =>
      checkNumber(`${path}.parts[${b}]`, each, 0),
    );
    const between = volumes.reduce((sum, each) => sum + each, 0);
    if (volumes.length !== parts || !(between > 0 && Number.isFinite(between))) {
      const expected = `${parts} parts with a volume above 0`;
      throw new Fault("FAULT_INPUT", { path: `${path}.parts`, value: day.parts, expected });
    }
    const open = checkNumber(`${path}.opening`, day.opening ?? 0, 0);
    const close = checkNumber(`${path}.closing`, day.closing ?? 0, 0);
    const all = between + open + close;
    opening += open / all / whole.length;
    closing += close / all / whole.length;
    for (const [b, each] of volumes.entries()) {
      curve[b] = (curve[b] as number) + each / between / whole.length;
    }
  }
  return { curve, opening, closing, days: whole.length };
}
