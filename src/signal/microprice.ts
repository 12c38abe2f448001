import { checkInteger, checkKeys, type Refusal, refuse } from "../base/index.ts";
import { bookImbalance, weightedMid } from "./book-imbalance.ts";
import { checkSample, Indicator, inputFault, type StateReader } from "./indicator.ts";
import { solveLinear } from "./solve.ts";

/** The options of {@link Microprice}. */
export interface MicropriceOptions {
  /** Equal steps of imbalance; an odd number gives a balanced book a step of its own. 11 unless given. */
  readonly buckets?: number;
  /** The widest spread, in ticks, that is modelled; 3 unless given. */
  readonly spreads?: number;
  /** Changes of quote a state must have seen to be trusted; 20 unless given. */
  readonly least?: number;
}

/** What {@link Microprice.calibrate} found. */
export interface MicropriceFit {
  readonly ok: true;
  /** States with an adjustment, of `buckets * spreads`. */
  readonly states: number;
  /** Terms of the series that were summed. */
  readonly terms: number;
}

const MOST_TERMS = 10_000;
const TOLERANCE = 1e-10;

/**
 * The micro-price: the mid plus what it is expected to move from the present imbalance and spread, learnt
 * from the quotes themselves. Until {@link Microprice.calibrate} has succeeded, and in states it does not
 * know, the value is the weighted mid.
 *
 * Quotes are states (imbalance step, spread in ticks). With Q the transitions that leave the mid alone, T
 * those that move it and r the mean move, one mid move ahead is `G1 = (I - Q)^-1 r`, the state after it
 * has `B = (I - Q)^-1 T`, and the adjustment is `G1 + B G1 + B B G1 + ...`. Every transition is counted
 * with its mirror image, so the series tends to 0.
 *
 * @units prices and value in ticks (a value is a fraction of ticks)
 * @invariant The adjustment of a mirrored state is the negative of its own. A crossed quote is counted in
 * `skipped` and changes nothing else.
 * @throws `FAULT_CONFIG` on wrong options; `FAULT_INPUT` on prices that are not whole ticks or sizes
 * below 0.
 * @shape two matrices of (buckets * spreads) squared
 * @cost `update` O(1), no allocation; `calibrate` O((buckets * spreads)^3), cold.
 * @source Stoikov, The Micro-Price: A High-Frequency Estimator of Future Prices, 2018
 * @example
 * ```ts
 * import { Microprice } from "tickwright/signal";
 * const micro = new Microprice();
 * micro.update(100, 30, 102, 10); // => 101.5
 * micro.calibrated; // => false
 * ```
 */
export class Microprice extends Indicator {
  #skipped = 0;
  readonly #buckets: number;
  readonly #spreads: number;
  readonly #least: number;
  readonly #size: number;
  /** Transitions by [from, to]: with the mid where it was, and with another mid. */
  readonly #still: Float64Array;
  readonly #moved: Float64Array;
  /** Sum of mid moves, and number of transitions, by the state before. */
  readonly #moves: Float64Array;
  readonly #seen: Float64Array;
  readonly #adjustment: Float64Array;
  readonly #known: Float64Array;
  #calibrated = false;
  #state = -1;
  #mid = 0;
  #value = 0;

  constructor(options: MicropriceOptions = {}) {
    checkKeys("Microprice", options, ["buckets", "spreads", "least"]);
    const buckets = checkInteger("Microprice.buckets", options.buckets ?? 11, 2, 101);
    const spreads = checkInteger("Microprice.spreads", options.spreads ?? 3, 1, 20);
    const least = checkInteger("Microprice.least", options.least ?? 20, 1);
    super("Microprice", { buckets, spreads, least });
    this.#buckets = buckets;
    this.#spreads = spreads;
    this.#least = least;
    this.#size = buckets * spreads;
    this.#still = new Float64Array(this.#size * this.#size);
    this.#moved = new Float64Array(this.#size * this.#size);
    this.#moves = new Float64Array(this.#size);
    this.#seen = new Float64Array(this.#size);
    this.#adjustment = new Float64Array(this.#size);
    this.#known = new Float64Array(this.#size);
  }

  /** Crossed quotes that were left out. */
  get skipped(): number {
    return this.#skipped;
  }

  get ready(): boolean {
    return this.samples > 0;
  }

  get value(): number {
    return this.samples > 0 ? this.#value : Number.NaN;
  }

  /** True once {@link Microprice.calibrate} has succeeded. */
  get calibrated(): boolean {
    return this.#calibrated;
  }

  /** Takes a quote in, learns the transition from the one before, and returns the micro-price. */
  update(bid: number, bidSize: number, ask: number, askSize: number): number {
    checkTicks("Microprice.update.bid", bid);
    checkTicks("Microprice.update.ask", ask);
    const imbalance = bookImbalance(bidSize, askSize);
    if (bid > ask) {
      this.#skipped += 1;
      return this.value;
    }
    const mid = (bid + ask) / 2;
    const state = this.#stateOf(imbalance, ask - bid);
    if (state >= 0 && this.#state >= 0) this.#learn(state, mid - this.#mid);
    this.#state = state;
    this.#mid = mid;
    this.samples += 1;
    const known = state >= 0 && this.#known[state] === 1;
    this.#value = known ? mid + (this.#adjustment[state] as number) : weightedMid(bid, bidSize, ask, askSize);
    return this.#value;
  }

  /** What is added to the mid, in ticks; NaN for a state that is not known. */
  adjustment(imbalance: number, spreadTicks: number): number {
    checkSample("Microprice.adjustment.imbalance", imbalance);
    const state = this.#stateOf(imbalance, spreadTicks);
    return state >= 0 && this.#known[state] === 1 ? (this.#adjustment[state] as number) : Number.NaN;
  }

  /**
   * Computes the adjustments from everything learnt so far.
   *
   * @refuses `MICROPRICE_TOO_FEW_MOVES` where no state has enough transitions and a way to a mid move;
   * `MICROPRICE_NOT_CONVERGENT` where the series does not end. The adjustments then stay as they were.
   */
  calibrate(): MicropriceFit | Refusal<"MICROPRICE_TOO_FEW_MOVES" | "MICROPRICE_NOT_CONVERGENT"> {
    const known = this.#reachable();
    const states = known.reduce((total, item) => total + item, 0);
    if (states === 0) {
      const expected = `a state with ${this.#least} transitions that leads to a move of the mid`;
      return refuse("MICROPRICE_TOO_FEW_MOVES", "quotes", this.samples, expected);
    }
    const sum = new Float64Array(this.#size);
    const terms = this.#series(known, sum);
    if (terms === 0) {
      return refuse("MICROPRICE_NOT_CONVERGENT", "terms", MOST_TERMS, `a term below ${TOLERANCE} ticks`);
    }
    this.#adjustment.set(sum);
    this.#known.set(known);
    this.#calibrated = true;
    return { ok: true, states, terms };
  }

  reset(): void {
    this.samples = 0;
    this.#skipped = 0;
    this.#calibrated = false;
    this.#state = -1;
    this.#mid = 0;
    this.#value = 0;
    for (const column of this.#columns()) column.fill(0);
  }

  writeState(out: number[]): void {
    out.push(this.samples, this.#skipped, this.#calibrated ? 1 : 0, this.#state + 1, this.#mid, this.#value);
    for (const column of this.#columns()) for (const item of column) out.push(item);
  }

  readState(from: StateReader): void {
    this.samples = from.index();
    this.#skipped = from.index();
    this.#calibrated = from.index(1) === 1;
    this.#state = from.index(this.#size) - 1;
    this.#mid = from.next();
    this.#value = from.next();
    for (const column of this.#columns()) from.fill(column);
  }

  #stateOf(imbalance: number, spreadTicks: number): number {
    if (!(spreadTicks >= 1 && spreadTicks <= this.#spreads)) return -1;
    const bucket = Math.min(Math.floor(imbalance * this.#buckets), this.#buckets - 1);
    return (spreadTicks - 1) * this.#buckets + bucket;
  }

  /** The state with bid and ask exchanged. */
  #mirror(state: number): number {
    const bucket = state % this.#buckets;
    return state - bucket + (this.#buckets - 1 - bucket);
  }

  #learn(state: number, move: number): void {
    const from = this.#state;
    const mirrorFrom = this.#mirror(from);
    const there = from * this.#size + state;
    const mirrored = mirrorFrom * this.#size + this.#mirror(state);
    const table = move === 0 ? this.#still : this.#moved;
    table[there] = (table[there] as number) + 1;
    table[mirrored] = (table[mirrored] as number) + 1;
    this.#moves[from] = (this.#moves[from] as number) + move;
    this.#moves[mirrorFrom] = (this.#moves[mirrorFrom] as number) - move;
    this.#seen[from] = (this.#seen[from] as number) + 1;
    this.#seen[mirrorFrom] = (this.#seen[mirrorFrom] as number) + 1;
  }

  /** 1 for states that were seen often enough and from which a move of the mid can be reached. */
  #reachable(): Float64Array {
    const n = this.#size;
    const known = new Float64Array(n);
    for (let changed = true; changed; ) {
      changed = false;
      for (let from = 0; from < n; from++) {
        if (known[from] === 1 || (this.#seen[from] as number) < this.#least) continue;
        let leads = false;
        for (let to = 0; to < n && !leads; to++) {
          const still = (this.#still[from * n + to] as number) > 0;
          leads = (this.#moved[from * n + to] as number) > 0 || (still && known[to] === 1);
        }
        if (leads) {
          known[from] = 1;
          changed = true;
        }
      }
    }
    return known;
  }

  /** Sums the series into `sum`; the number of terms, or 0 where it does not converge. */
  #series(known: Float64Array, sum: Float64Array): number {
    const n = this.#size;
    const width = n + 1;
    const right = this.#firstMoves(known);
    if (right === undefined) return 0;
    let term = new Float64Array(n);
    for (let i = 0; i < n; i++) term[i] = right[i * width] as number;
    for (let terms = 1; terms <= MOST_TERMS; terms++) {
      let largest = 0;
      for (let i = 0; i < n; i++) {
        sum[i] = (sum[i] as number) + (term[i] as number);
        largest = Math.max(largest, Math.abs(term[i] as number));
      }
      if (largest < TOLERANCE) return terms;
      const next = new Float64Array(n);
      for (let i = 0; i < n; i++) {
        let total = 0;
        for (let j = 0; j < n; j++) total += (right[i * width + 1 + j] as number) * (term[j] as number);
        next[i] = total;
      }
      term = next;
    }
    return 0;
  }

  /** The columns [G1 | B] by rows; undefined where the system has no solution. */
  #firstMoves(known: Float64Array): Float64Array | undefined {
    const n = this.#size;
    const width = n + 1;
    const left = new Float64Array(n * n);
    const right = new Float64Array(n * width);
    for (let from = 0; from < n; from++) {
      left[from * n + from] = 1;
      if (known[from] !== 1) continue;
      const share = 1 / (this.#seen[from] as number);
      right[from * width] = (this.#moves[from] as number) * share;
      for (let to = 0; to < n; to++) {
        const at = from * n + to;
        left[at] = (left[at] as number) - (this.#still[at] as number) * share;
        right[from * width + 1 + to] = (this.#moved[at] as number) * share;
      }
    }
    return solveLinear(left, right, n, width) ? right : undefined;
  }

  #columns(): Float64Array[] {
    return [this.#still, this.#moved, this.#moves, this.#seen, this.#adjustment, this.#known];
  }
}

function checkTicks(path: string, ticks: number): void {
  if (!Number.isSafeInteger(ticks)) throw inputFault(path, ticks, "a whole number of ticks");
}
