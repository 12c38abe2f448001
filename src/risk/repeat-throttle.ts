import { checkInteger, checkKeys, checkText } from "../base/index.ts";
import { KeyRing, type SavedKeyRing } from "./key-ring.ts";
import { readColumn } from "./saved-column.ts";
import { savedFields } from "./saved-state.ts";
import type { StateColumn, StatePart, StateReader, StateWriter } from "./state-bytes.ts";

const STRATEGIES_MAX = 65_536;
const NO_LIMIT = Number.POSITIVE_INFINITY;

/** So many equal executions within a window disable a strategy. */
export interface RepeatLimit {
  /** The execution that disables, counted from 1; at least 1. */
  readonly count: number;
  readonly windowNs: number;
}

/** Options of a {@link RepeatThrottle}. */
export interface RepeatThrottleOptions {
  /** Strategies there are, within 1 and 65,536. */
  readonly strategies: number;
  /** Executions remembered over all strategies, a power of two. */
  readonly capacity: number;
  /** The longest window any strategy may be given. */
  readonly windowNsMax: number;
}

/** What a {@link RepeatThrottle} keeps over a restart. */
export interface SavedRepeatThrottle {
  readonly disabled: readonly number[];
  /** How often each strategy was enabled. */
  readonly terms: readonly number[];
  readonly executions: SavedKeyRing;
}

/**
 * The throttle of repeated automated executions: when one signal of a strategy (same instrument, side and signal
 * key) was executed `count` times within the window, the strategy is disabled until a named person enables it. It
 * counts executions, not orders.
 *
 * @units times in ns from the session's base
 * @invariant Disabled stays disabled across time, limits, `save` and `load`, until `enable`; what was executed before
 * counts no more then.
 * @invariant An execution that cannot be remembered, for want of room or of a finite number, disables.
 * @cost O(1) unless many executions share a chain, nothing allocated; 64 bytes an execution.
 * @throws `FAULT_CONFIG` naming the option.
 * @example
 * ```ts
 * import { RepeatThrottle } from "tickwright/risk";
 * const throttle = new RepeatThrottle({ strategies: 1, capacity: 1024, windowNsMax: 1_000 });
 * throttle.configure(0, { count: 3, windowNs: 1_000 });
 * const buys = [0, 1, 2].map((nowNs) => throttle.executed(0, 7, 1, 99, nowNs));
 * [buys, throttle.isEnabled(0)]; // => [[false, false, true], false]
 * [throttle.enable(0, "R. Okafor"), throttle.isEnabled(0)]; // => [true, true]
 * ```
 * @source Delegated Regulation (EU) 2017/589 (RTS 6), Article 15(3)
 */
export class RepeatThrottle implements StatePart {
  readonly strategies: number;
  readonly #windowNsMax: number;
  readonly #ring: KeyRing;
  readonly #counts: Float64Array;
  readonly #windowNs: Float64Array;
  readonly #disabled: Uint8Array;
  readonly #terms: Float64Array;

  constructor(options: RepeatThrottleOptions) {
    checkKeys("repeatThrottle", options, ["strategies", "capacity", "windowNsMax"]);
    const { strategies, capacity, windowNsMax } = options;
    this.strategies = checkInteger("repeatThrottle.strategies", strategies, 1, STRATEGIES_MAX);
    this.#windowNsMax = checkInteger("repeatThrottle.windowNsMax", windowNsMax, 1);
    this.#ring = new KeyRing({ width: 5, capacity, keepNs: windowNsMax });
    this.#counts = new Float64Array(strategies).fill(NO_LIMIT);
    this.#windowNs = new Float64Array(strategies);
    this.#disabled = new Uint8Array(strategies);
    this.#terms = new Float64Array(strategies);
  }

  /** Gives a strategy a limit, or none; disabled stays disabled. @throws `FAULT_CONFIG` naming the field */
  configure(strategy: number, limit: RepeatLimit | undefined): void {
    this.#check(strategy);
    if (limit === undefined) {
      this.#counts[strategy] = NO_LIMIT;
      return;
    }
    checkKeys("repeatThrottle.limit", limit, ["count", "windowNs"]);
    checkInteger("repeatThrottle.windowNs", limit.windowNs, 1, this.#windowNsMax);
    this.#counts[strategy] = checkInteger("repeatThrottle.count", limit.count, 1);
    this.#windowNs[strategy] = limit.windowNs;
  }

  /**
   * Counts one execution; true when it has just disabled the strategy. Without a limit nothing is counted.
   *
   * @throws `FAULT_CONFIG` for a strategy that is not there.
   */
  executed(strategy: number, instrument: number, side: number, signal: number, nowNs: number): boolean {
    const most = this.#counts[this.#check(strategy)] as number;
    if (most === NO_LIMIT || this.#disabled[strategy] === 1) return false;
    const { key } = this.#ring;
    key[0] = strategy;
    key[1] = instrument;
    key[2] = side;
    key[3] = signal;
    key[4] = this.#terms[strategy] as number;
    const isLost = this.#ring.isFull(nowNs) || !Number.isFinite(instrument + side + signal);
    if (!isLost) this.#ring.add(nowNs);
    if (!isLost && this.#ring.count(this.#windowNs[strategy] as number, nowNs) < most) return false;
    this.#disabled[strategy] = 1;
    return true;
  }

  /** Whether the strategy may send orders that add risk; false for one that is not there. */
  isEnabled(strategy: number): boolean {
    return this.#disabled[strategy] === 0;
  }

  /**
   * Enables a strategy again; its count begins anew. Says whether anything changed.
   *
   * @throws `FAULT_CONFIG` when `by` is no name, or the strategy is not there.
   */
  enable(strategy: number, by: string): boolean {
    checkText("repeatThrottle.by", by);
    if (this.isEnabled(this.#check(strategy))) return false;
    this.#disabled[strategy] = 0;
    this.#terms[strategy] = (this.#terms[strategy] as number) + 1;
    return true;
  }

  /** The state; limits are configuration and are not in it. */
  save(): SavedRepeatThrottle {
    return { disabled: [...this.#disabled], terms: [...this.#terms], executions: this.#ring.save() };
  }

  /** Continues from saved state. @throws `FAULT_INPUT` for anything else; nothing has changed then. */
  load(data: unknown): void {
    const path = "repeatThrottle";
    const saved = savedFields<SavedRepeatThrottle>(path, data, ["disabled", "terms", "executions"]);
    const disabled = readColumn(`${path}.disabled`, saved.disabled, this.strategies, 0, 1);
    const terms = readColumn(`${path}.terms`, saved.terms, this.strategies, 0, Number.MAX_SAFE_INTEGER);
    this.#ring.load(saved.executions);
    this.#disabled.set(disabled);
    this.#terms.set(terms);
  }

  /** The state, for the snapshot of a gate; limits are configuration and are not in it. */
  saveInto(to: StateWriter): void {
    to.columns(this.#saved());
    this.#ring.saveInto(to);
  }

  /** Reads what `saveInto` wrote. @throws `FAULT_INPUT` naming the field */
  loadFrom(from: StateReader): () => void {
    const [apply, applyRing] = [from.columns(this.#saved()), this.#ring.loadFrom(from)];
    return () => {
      apply();
      applyRing();
    };
  }

  #check(strategy: number): number {
    return checkInteger("repeatThrottle.strategy", strategy, 0, this.strategies - 1);
  }

  #saved(): readonly StateColumn[] {
    return [
      ["disabled", this.#disabled, 0, 0, 1],
      ["terms", this.#terms, 0],
    ];
  }
}
