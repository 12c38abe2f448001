/** The moments on the way from a tick's bytes to an order's bytes, in their order. */
export const MOMENTS = [
  "bytes",
  "frame",
  "decoded",
  "validated",
  "strategy",
  "decided",
  "gated",
  "left",
  "signing",
  "signed",
  "written",
] as const;

/** One of them. */
export type Moment = (typeof MOMENTS)[number];

const PLACE = Object.fromEntries(MOMENTS.map((moment, i) => [moment, i])) as Record<Moment, number>;
const WIDTH = MOMENTS.length;
/** Taken before a backtest bars callbacks from reading clocks. */
const nowMs = performance.now.bind(performance);

/** What kind of message a tick was. */
export type TickKind = "quote" | "trade" | "depth";

/** One tick that became an order. @units ns */
export interface Sample {
  readonly kind: TickKind;
  /** Between a moment and the one before. */
  readonly took: Readonly<Record<Moment, number>>;
  /** Of what lies between `gated` and `left`: until the journal's disk had it. */
  readonly durableNs: number;
}

/**
 * Takes the time at the moments of each tick, and keeps those of ticks that become an order. One order at a time: what
 * comes while it is on its way is not stamped.
 *
 * @cost One reading of the clock a moment, subtracted from what lies before it.
 */
export class Stamps {
  readonly samples: Sample[] = [];
  /** From `decided` to `gated` of orders that are not kept. @units ns */
  readonly gates: number[] = [];
  /** What one reading of the clock takes. @units ns */
  readonly clockNs: number = clockCost();
  readonly #ms: Float64Array = new Float64Array(WIDTH);
  #kind: TickKind = "quote";
  #durableMs = 0;
  #isOpen = false;
  readonly #isKept: boolean;

  /** `isKept`: false where orders are made only so that code gets warm. */
  constructor(isKept = true) {
    this.#isKept = isKept;
  }

  /** Whether an order is on its way. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** A moment of a tick that has not become an order. */
  tick(moment: Moment): void {
    if (!this.#isOpen) this.#ms[PLACE[moment]] = nowMs();
  }

  /** The tick becomes an order. */
  open(kind: TickKind): void {
    this.#isOpen = this.#isKept;
    const ms = this.#ms;
    const gate = (ms[PLACE.gated] as number) - (ms[PLACE.decided] as number);
    if (!this.#isKept) this.gates.push(Math.max(0, gate * 1e6 - this.clockNs));
    this.#kind = kind;
    this.#durableMs = 0;
  }

  /** A moment of an order on its way. */
  order(moment: Moment): void {
    if (this.#isOpen) this.#ms[PLACE[moment]] = nowMs();
  }

  /** The disk was waited for. */
  waited(ms: number): void {
    if (this.#isOpen) this.#durableMs += ms;
  }

  /** The order's bytes are with the socket. */
  close(): void {
    if (!this.#isOpen) return;
    this.order("written");
    this.#isOpen = false;
    const took = {} as Record<Moment, number>;
    const ms = this.#ms;
    let before = ms[0] as number;
    for (const [i, moment] of MOMENTS.entries()) {
      // A moment that this way does not have was stamped by an order before, or never.
      const at = Math.max(before, ms[i] as number);
      took[moment] = Math.max(0, (at - before) * 1e6 - this.clockNs);
      before = at;
    }
    this.samples.push({ kind: this.#kind, took, durableNs: this.#durableMs * 1e6 });
  }
}

/** The least that a reading of the clock takes, of many. @units ns */
function clockCost(): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 50; round++) {
    const from = performance.now();
    for (let i = 0; i < 1_000; i++) performance.now();
    least = Math.min(least, (performance.now() - from) * 1e3);
  }
  return least;
}
