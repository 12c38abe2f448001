import process from "node:process";
import { styleText } from "node:util";

const WIDTH = 28;
const REDRAW_MS = 80;

/**
 * A progress bar on standard error: share done, events (or another unit), those a second, time left. Where
 * standard error is no terminal, one line at the end.
 */
export class ProgressBar {
  readonly #label: string;
  readonly #unit: string;
  readonly #speed: (done: number, seconds: number) => string;
  readonly #began = performance.now();
  readonly #live = process.stderr.isTTY === true;
  #drawn = Number.NEGATIVE_INFINITY;
  #before = 0;

  /** @param speed - says how fast it goes, in place of units a second */
  constructor(label: string, unit = "events", speed?: (done: number, seconds: number) => string) {
    this.#label = label;
    this.#unit = unit;
    this.#speed = speed ?? ((done, seconds) => rate(done, seconds, unit));
  }

  /** Takes the bar away, for a line of text in its place: the next update draws it again. */
  clear(): void {
    if (this.#live) process.stderr.write("\r\x1b[2K");
    this.#drawn = Number.NEGATIVE_INFINITY;
  }

  /** What was done before this bar began: speed and time left are counted without it. */
  begin(before: number): void {
    this.#before = before;
  }

  update(done: number, total: number): void {
    const now = performance.now();
    if (!this.#live || now - this.#drawn < REDRAW_MS) return;
    this.#drawn = now;
    const share = total > 0 ? Math.min(1, done / total) : 0;
    const full = Math.round(share * WIDTH);
    const bar = styleText("cyan", "█".repeat(full)) + styleText("dim", "░".repeat(WIDTH - full));
    const seconds = (now - this.#began) / 1000;
    const own = done - this.#before;
    const left = own > 0 ? (seconds / own) * Math.max(0, total - done) : 0;
    const speed = this.#speed(own, seconds);
    const figures = `${percent(share)}  ${count(done)} ${this.#unit}  ${speed}  ETA ${clock(left)}`;
    process.stderr.write(`\r\x1b[2K${this.#label}  ${bar}  ${figures}`);
  }

  finish(done: number): void {
    const seconds = (performance.now() - this.#began) / 1000;
    const speed = this.#speed(done - this.#before, seconds);
    const line = `${this.#label}  ${count(done)} ${this.#unit} in ${seconds.toFixed(2)} s  (${speed})`;
    process.stderr.write(`${this.#live ? "\r\x1b[2K" : ""}${line}\n`);
  }
}

function percent(share: number): string {
  return `${Math.floor(share * 100)
    .toString()
    .padStart(3)} %`;
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}

function rate(events: number, seconds: number, unit: string): string {
  const each = seconds > 0 ? events / seconds : 0;
  if (each < 1e3) return `${each.toFixed(1)} ${unit}/s`;
  return each >= 1e6 ? `${(each / 1e6).toFixed(1)} M ${unit}/s` : `${Math.round(each / 1e3)} k ${unit}/s`;
}

function clock(seconds: number): string {
  const whole = Math.ceil(seconds);
  return `${Math.floor(whole / 60)}:${(whole % 60).toString().padStart(2, "0")}`;
}
