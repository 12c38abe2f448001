import { checkFunction, checkInteger, checkKeys, checkText, Fault } from "../base/index.ts";
import { readColumn } from "./saved-column.ts";
import { savedFields, savedNumber } from "./saved-state.ts";
import type { StatePart, StateReader, StateWriter } from "./state-bytes.ts";

const PROBES_MAX = 1_000_000;
const NEVER = Number.MAX_SAFE_INTEGER;

/** States of a {@link CircuitBreaker}: all pass, none pass, some are tried. */
export const CIRCUIT_STATES = ["closed", "open", "halfOpen"] as const;

/** A state of a {@link CircuitBreaker}. */
export type CircuitState = (typeof CIRCUIT_STATES)[number];

/** Why a breaker may trip. */
export const CIRCUIT_CAUSES = [
  "errorCount",
  "rejectShare",
  "latency",
  "volatility",
  "dataQuality",
  "manual",
] as const;

/** Why a breaker tripped. */
export type CircuitCause = (typeof CIRCUIT_CAUSES)[number];

/** What moves a breaker. */
export type CircuitEvent = "tripped" | "cooledDown" | "probesPassed" | "probeFailed" | "reset";

/**
 * Every transition of a {@link CircuitBreaker}; an event that has no row in a state changes nothing.
 *
 * A reset by a person never goes from open to closed at once: the first one lets probes through, the second closes.
 */
export const CIRCUIT_TRANSITIONS = [
  { from: "closed", on: "tripped", to: "open" },
  { from: "open", on: "cooledDown", to: "halfOpen" },
  { from: "open", on: "reset", to: "halfOpen" },
  { from: "halfOpen", on: "tripped", to: "open" },
  { from: "halfOpen", on: "probeFailed", to: "open" },
  { from: "halfOpen", on: "probesPassed", to: "closed" },
  { from: "halfOpen", on: "reset", to: "closed" },
] as const satisfies readonly { from: CircuitState; on: CircuitEvent; to: CircuitState }[];

/** A transition of a breaker, for the audit. */
export interface CircuitRecord {
  readonly name: string;
  /** ns from the session's base. */
  readonly atNs: number;
  readonly from: CircuitState;
  readonly to: CircuitState;
  readonly on: CircuitEvent;
  /** Of the last trip. */
  readonly cause: CircuitCause;
  /** Who reset it; null for everything else. */
  readonly by: string | null;
}

/** Options of a {@link CircuitBreaker}. */
export interface CircuitBreakerOptions {
  /** What it guards, for the record: `venue XNAS`. */
  readonly name: string;
  /** How long it stays open before probes pass; left out, only a person lets them pass. */
  readonly coolDownNs?: number;
  /** Orders that pass when half open, all of which must succeed to close: 1 unless given. */
  readonly probes?: number;
  /** Is told every transition, after it has happened. */
  readonly onTransition: (record: CircuitRecord) => void;
}

/** What a {@link CircuitBreaker} keeps over a restart. */
export interface SavedCircuitBreaker {
  readonly state: CircuitState;
  readonly cause: CircuitCause;
  readonly openedNs: number;
  /** Probes sent, and probes that succeeded. */
  readonly probes: readonly [number, number];
}

/**
 * A circuit breaker: trips open, cools down, lets a few probes through and closes when all of them succeed.
 *
 * What trips it is beside it: `SlidingCounts` for errors and bad data (after `take`, no longer `allows`: that is the
 * limit reached), {@link RejectShare}, {@link LatencyWatch}, {@link VolatilityWatch}; each says true, and the caller
 * calls `trip`. Ask `allows`; call `sent` for what was sent, and `succeeded` or `failed` for what became of it; a
 * probe that is never answered is a failed one for its sender to tell.
 *
 * @units times in ns from the session's base
 * @invariant It changes state by a row of {@link CIRCUIT_TRANSITIONS} only, and each change is told once.
 * @invariant A clock that goes backwards, or a time that is NaN, closes nothing; a trip at such a time opens, until a
 * person resets it.
 * @cost `allows` O(1), nothing allocated; a transition allocates its record.
 * @throws `FAULT_CONFIG` naming the option.
 * @example
 * ```ts
 * import { CircuitBreaker, SlidingCounts } from "tickwright/risk";
 * const told: string[] = [];
 * const breaker = new CircuitBreaker({
 *   name: "engine", coolDownNs: 1_000, onTransition: ({ from, to, on }) => told.push(`${from} ${on} ${to}`),
 * });
 * const errors = new SlidingCounts({ size: 1, slots: 100 });
 * errors.configure(0, { count: 2, windowNs: 60_000_000_000 });
 * for (const nowNs of [10, 20]) {
 *   errors.take(0, nowNs);
 *   if (!errors.allows(0, nowNs)) breaker.trip("errorCount", nowNs);
 * }
 * [breaker.allows(1_019), breaker.allows(1_020)]; // => [false, true]
 * breaker.sent();
 * breaker.succeeded(1_030);
 * told; // => ["closed tripped open", "open cooledDown halfOpen", "halfOpen probesPassed closed"]
 * ```
 */
export class CircuitBreaker implements StatePart {
  readonly name: string;
  readonly #coolDownNs: number;
  readonly #probes: number;
  readonly #onTransition: (record: CircuitRecord) => void;
  #state: CircuitState = "closed";
  #cause: CircuitCause = "manual";
  #openedNs = NEVER;
  #sent = 0;
  #passed = 0;

  constructor(options: CircuitBreakerOptions) {
    checkKeys("circuitBreaker", options, ["name", "coolDownNs", "probes", "onTransition"]);
    const { name, coolDownNs, probes = 1, onTransition } = options;
    this.name = checkText("circuitBreaker.name", name);
    this.#coolDownNs =
      coolDownNs === undefined
        ? Number.POSITIVE_INFINITY
        : checkInteger("circuitBreaker.coolDownNs", coolDownNs, 1);
    this.#probes = checkInteger("circuitBreaker.probes", probes, 1, PROBES_MAX);
    this.#onTransition = checkFunction("circuitBreaker.onTransition", onTransition);
  }

  /** The state, as of the last call. */
  get state(): CircuitState {
    return this.#state;
  }

  /** The cause of the last trip, `manual` before the first. */
  get cause(): CircuitCause {
    return this.#cause;
  }

  /** What `allows` would say, without letting a breaker that has cooled down half open. */
  wouldAllow(nowNs: number): boolean {
    if (this.#state === "open") return nowNs - this.#openedNs >= this.#coolDownNs;
    return this.#state === "closed" || this.#sent < this.#probes;
  }

  /** Whether an order may pass now. An open breaker that has cooled down becomes half open by being asked. */
  allows(nowNs: number): boolean {
    if (this.#state === "closed") return true;
    if (nowNs - this.#openedNs >= this.#coolDownNs) this.#apply("cooledDown", nowNs, null);
    return this.#state === "halfOpen" && this.#sent < this.#probes;
  }

  /** Opens it. Says whether that changed anything: an open one keeps its time and its cause. */
  trip(cause: CircuitCause, nowNs: number): boolean {
    if (this.#state === "open") return false;
    this.#cause = cause;
    return this.#apply("tripped", nowNs, null);
  }

  /** Counts an order that was sent as a probe, when half open. */
  sent(): void {
    if (this.#state === "halfOpen") this.#sent++;
  }

  /** Tells that a probe succeeded; the last of them closes the breaker. */
  succeeded(nowNs: number): void {
    if (this.#passed === this.#sent) return;
    this.#passed++;
    if (this.#passed === this.#probes) this.#apply("probesPassed", nowNs, null);
  }

  /** Tells that a probe failed, which opens a half open breaker again. */
  failed(nowNs: number): void {
    this.#apply("probeFailed", nowNs, null);
  }

  /**
   * Lets probes through an open breaker, closes a half open one. Says whether that changed anything.
   *
   * @param by who did it: their authority is for the caller to check
   * @throws `FAULT_CONFIG` when `by` is no name.
   */
  reset(by: string, nowNs: number): boolean {
    return this.#apply("reset", nowNs, checkText("circuitBreaker.by", by));
  }

  /** The state; options are not in it. */
  save(): SavedCircuitBreaker {
    return {
      state: this.#state,
      cause: this.#cause,
      openedNs: this.#openedNs,
      probes: [this.#sent, this.#passed],
    };
  }

  /** Continues from saved state, telling nobody. @throws `FAULT_INPUT` for anything else; nothing has changed then. */
  load(data: unknown): void {
    const path = "circuitBreaker";
    const fields = ["state", "cause", "openedNs", "probes"] as const;
    const saved = savedFields<SavedCircuitBreaker>(path, data, fields);
    if (!CIRCUIT_STATES.includes(saved.state) || !CIRCUIT_CAUSES.includes(saved.cause)) {
      throw new Fault("FAULT_INPUT", { path, value: saved, expected: "a known state and a known cause" });
    }
    const openedNs = savedNumber(`${path}.openedNs`, saved.openedNs);
    const [sent, passed] = readColumn(`${path}.probes`, saved.probes, 2, 0, Number.MAX_SAFE_INTEGER);
    savedNumber(`${path}.probes[1]`, passed, 0, sent);
    this.#state = saved.state;
    this.#cause = saved.cause;
    this.#openedNs = openedNs;
    this.#sent = sent as number;
    this.#passed = passed as number;
  }

  /** The state, for the snapshot of a gate; options are not in it. */
  saveInto(to: StateWriter): void {
    to.number(CIRCUIT_STATES.indexOf(this.#state));
    to.number(CIRCUIT_CAUSES.indexOf(this.#cause));
    to.number(this.#openedNs);
    to.number(this.#sent);
    to.number(this.#passed);
  }

  /** Reads what `saveInto` wrote, to tell nobody of it. @throws `FAULT_INPUT` naming the field */
  loadFrom(from: StateReader): () => void {
    const state = CIRCUIT_STATES[from.whole("state", 0, CIRCUIT_STATES.length - 1)] as CircuitState;
    const cause = CIRCUIT_CAUSES[from.whole("cause", 0, CIRCUIT_CAUSES.length - 1)] as CircuitCause;
    const [openedNs, sent, passed] = [from.number(), from.number(), from.number()];
    return () => {
      this.#state = state;
      this.#cause = cause;
      this.#openedNs = openedNs;
      this.#sent = sent;
      this.#passed = passed;
    };
  }

  #apply(on: CircuitEvent, atNs: number, by: string | null): boolean {
    const from = this.#state;
    const row = CIRCUIT_TRANSITIONS.find((each) => each.from === from && each.on === on);
    if (row === undefined) return false;
    this.#state = row.to;
    if (row.to === "open") this.#openedNs = Number.isFinite(atNs) ? atNs : NEVER;
    this.#sent = 0;
    this.#passed = 0;
    this.#onTransition({ name: this.name, atNs, from, to: row.to, on, cause: this.#cause, by });
    return true;
  }
}
