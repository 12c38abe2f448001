/**
 * The drift of an offset over a window of samples: the median of the slopes of all pairs (Theil and Sen), which up
 * to 29 % of wild samples do not move far.
 *
 * @cost A sort of up to n(n-1)/2 slopes when asked: 2,016 for a window of 64.
 */
export class ClockDrift {
  readonly #window: number;
  #times: number[] = [];
  #offsets: number[] = [];
  #baseNs: bigint | undefined;

  constructor(window: number) {
    this.#window = window;
  }

  /** Forgets every sample: after a step, or when another source is compared with. */
  clear(): void {
    this.#times = [];
    this.#offsets = [];
    this.#baseNs = undefined;
  }

  /** Takes one offset. */
  add(monotonicRawNs: bigint, offsetNs: number): void {
    this.#baseNs ??= monotonicRawNs;
    this.#times.push(Number(monotonicRawNs - this.#baseNs));
    this.#offsets.push(offsetNs);
    if (this.#times.length <= this.#window) return;
    this.#times.shift();
    this.#offsets.shift();
  }

  /** Undefined below 8 samples. @units ppm: µs gained a second against the reference */
  ppm(): number | undefined {
    const count = this.#times.length;
    if (count < 8) return undefined;
    const slopes = new Float64Array((count * (count - 1)) / 2);
    let next = 0;
    for (let late = 1; late < count; late += 1) {
      for (let early = 0; early < late; early += 1) {
        const elapsed = (this.#times[late] as number) - (this.#times[early] as number);
        slopes[next] = ((this.#offsets[late] as number) - (this.#offsets[early] as number)) / elapsed;
        next += 1;
      }
    }
    slopes.sort();
    const middle = slopes.length >> 1;
    const upper = slopes[middle] as number;
    const median = slopes.length % 2 === 1 ? upper : ((slopes[middle - 1] as number) + upper) / 2;
    return median * 1e6;
  }
}
