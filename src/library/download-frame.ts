import { Fault } from "../base/index.ts";

const UNITS: Readonly<Record<string, number>> = {
  ...{ s: 1_000, m: 60_000, h: 3_600_000 },
  ...{ d: 86_400_000, w: 604_800_000 },
};

/** The length of bars by its name: `1s`, `5m`, `4h`, `1d`, `1w`, and months and years of the calendar: `1M`, `1y`. */
export class BarFrame {
  readonly name: string;
  /** 0 where it is the calendar's. @units ms */
  readonly #ms: number;
  readonly #months: number;

  constructor(name: string) {
    const [, count = "", unit = ""] = /^([1-9]\d{0,3})([smhdwMy])$/.exec(name) ?? [];
    if (unit === "") {
      const expected = "a length of bars such as 1m, 4h, 1d, 1w or 1M";
      throw new Fault("FAULT_CONFIG", { path: "download.what", value: name, expected });
    }
    this.name = name;
    this.#ms = Number(count) * (UNITS[unit] ?? 0);
    this.#months = Number(count) * (unit === "M" ? 1 : unit === "y" ? 12 : 0);
  }

  /** When a bar opens that comes so many after the one that opens at a time. @units epoch ms */
  after(openMs: number, bars = 1): number {
    if (this.#months === 0) return openMs + bars * this.#ms;
    const date = new Date(openMs);
    const day = date.getUTCDate();
    date.setUTCMonth(date.getUTCMonth() + bars * this.#months, 1);
    // The 31st of a month that has none is its last day: what opens on a 1st behind it is never passed over.
    const days = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
    return date.setUTCDate(Math.min(day, days));
  }

  /** How many whole bars fit in behind one another, the first opening at `fromMs`. */
  count(fromMs: number, toMs: number): number {
    if (this.#months === 0) return Math.max(0, Math.floor((toMs - fromMs) / this.#ms));
    let bars = 0;
    while (this.after(fromMs, bars + 1) <= toMs) bars += 1;
    return bars;
  }

  /** How many whole bars fit in before one that opens at `toMs`, none of them opening before `fromMs`. */
  countBefore(fromMs: number, toMs: number): number {
    if (this.#months === 0) return this.count(fromMs, toMs);
    let bars = 0;
    while (this.after(toMs, -bars - 1) >= fromMs) bars += 1;
    return bars;
  }
}
