import { checkChoice, checkInteger, checkKeys, checkNumber } from "../base/index.ts";
import { checkIndex, checkMoment, checkWhole } from "./inputs.ts";
import { readColumn, type SavedColumn, saveColumn } from "./saved-column.ts";
import type { StateColumn, StatePart, StateReader, StateWriter } from "./state-bytes.ts";

/**
 * The trading statuses of an instrument, as {@link MarketStatus} holds them; `paused` is a volatility
 * pause.
 */
export const MARKET_STATUS = {
  unknown: 0,
  preOpen: 1,
  trading: 2,
  auction: 3,
  halted: 4,
  paused: 5,
  closed: 6,
} as const;

/** The name of a trading status. */
export type MarketStatusName = keyof typeof MARKET_STATUS;

/** The names of {@link MARKET_STATUS}, at their codes. */
export const MARKET_STATUSES = Object.keys(MARKET_STATUS) as readonly MarketStatusName[];

const UNKNOWN = MARKET_STATUS.unknown;
const TRADING = MARKET_STATUS.trading;

/** What an instrument counts as while nobody says how it trades. */
export type UnknownIs = "halted" | "trading";

const UNKNOWN_IS = ["halted", "trading"] as const;
const MAX_INSTRUMENTS = 1 << 24;

/** Options of a {@link MarketStatus}. */
export interface MarketStatusOptions {
  readonly instruments: number;
  /** How long a status holds without being confirmed, in ns. */
  readonly staleNs: number;
  /** What every instrument counts as while its status is unknown or stale: "halted" unless given. */
  readonly unknownIs?: UnknownIs;
}

/** What {@link MarketStatus.save} writes, JSON-safe. */
export interface SavedMarketStatus {
  readonly status: SavedColumn;
  readonly lastKnown: SavedColumn;
  readonly confirmedNs: SavedColumn;
  readonly lenient: SavedColumn;
}

/**
 * Whether each instrument trades now, from the status messages of its venue: fail closed, so an instrument
 * nobody spoke about, or not lately, counts as halted.
 *
 * @units `nowNs`, `staleNs` ns from the session's base; a status holds up to and including `staleNs` after
 * its last confirmation
 * @invariant After any status other than `trading`, only an explicit `trading` opens the instrument again:
 * neither silence nor `unknown` does, not even where unknown counts as trading.
 * @cost Every call O(1) and allocates nothing, but `confirmAll`, `forgetAll`, `save` and `load`:
 * O(instruments).
 * @throws `FAULT_CONFIG` naming the option; `FAULT_INPUT` from the setters for an index, a code or a moment
 * that is none. The questions answer no instead.
 * @example
 * ```ts
 * import { MARKET_STATUS, MarketStatus } from "tickwright/risk";
 * const status = new MarketStatus({ instruments: 2, staleNs: 1_000 });
 * status.isTrading(0, 0); // => false
 * status.set(0, MARKET_STATUS.trading, 0);
 * [status.isTrading(0, 1_000), status.isTrading(0, 1_001)]; // => [true, false]
 * ```
 * @source SEC 17 CFR 240.15c3-5(c)(1)(ii); Delegated Regulation (EU) 2017/589 Art. 15
 */
export class MarketStatus implements StatePart {
  readonly instruments: number;
  readonly staleNs: number;
  readonly #status: Uint8Array;
  /** The last status that was not `unknown`; `unknown` before the first. */
  readonly #lastKnown: Uint8Array;
  readonly #confirmedNs: Float64Array;
  readonly #lenient: Uint8Array;

  constructor(options: MarketStatusOptions) {
    checkKeys("marketStatus", options, ["instruments", "staleNs", "unknownIs"]);
    const count = checkInteger("marketStatus.instruments", options.instruments, 1, MAX_INSTRUMENTS);
    const unknownIs = checkChoice("marketStatus.unknownIs", options.unknownIs ?? "halted", UNKNOWN_IS);
    this.instruments = count;
    this.staleNs = checkNumber("marketStatus.staleNs", options.staleNs, 0);
    this.#status = new Uint8Array(count);
    this.#lastKnown = new Uint8Array(count);
    this.#confirmedNs = new Float64Array(count);
    this.#lenient = new Uint8Array(count).fill(unknownIs === "trading" ? 1 : 0);
  }

  /** Says what one instrument counts as while its status is unknown or stale. */
  setUnknownIs(instrument: number, unknownIs: UnknownIs): void {
    const at = checkIndex("marketStatus.instrument", instrument, this.instruments);
    checkChoice("marketStatus.unknownIs", unknownIs, UNKNOWN_IS);
    this.#lenient[at] = unknownIs === "trading" ? 1 : 0;
  }

  /** Takes a status message: a code of {@link MARKET_STATUS}, confirmed now. */
  set(instrument: number, status: number, nowNs: number): void {
    const at = checkIndex("marketStatus.instrument", instrument, this.instruments);
    checkWhole("marketStatus.status", status, 0, MARKET_STATUSES.length - 1);
    this.#confirmedNs[at] = checkMoment("marketStatus.nowNs", nowNs);
    this.#status[at] = status;
    if (status !== UNKNOWN) this.#lastKnown[at] = status;
  }

  /** Takes a sign of life: the status of one instrument, whatever it is, still holds. */
  confirm(instrument: number, nowNs: number): void {
    const at = checkIndex("marketStatus.instrument", instrument, this.instruments);
    this.#confirmedNs[at] = checkMoment("marketStatus.nowNs", nowNs);
  }

  /** Takes a sign of life of the whole status feed. */
  confirmAll(nowNs: number): void {
    this.#confirmedNs.fill(checkMoment("marketStatus.nowNs", nowNs));
  }

  /** The status feed is lost: every status is unknown until its next message. */
  forgetAll(): void {
    this.#status.fill(UNKNOWN);
  }

  /** The code of the last message; {@link MARKET_STATUS}`.unknown` for an instrument there is none of. */
  statusOf(instrument: number): number {
    return this.#status[instrument] ?? UNKNOWN;
  }

  /**
   * Whether the status is known and was confirmed within `staleNs`. A confirmation from the future is none.
   */
  isFresh(instrument: number, nowNs: number): boolean {
    const ageNs = nowNs - (this.#confirmedNs[instrument] as number);
    return this.statusOf(instrument) !== UNKNOWN && ageNs >= 0 && ageNs <= this.staleNs;
  }

  /** Whether new risk may be taken in the instrument now; cancels never ask. */
  isTrading(instrument: number, nowNs: number): boolean {
    const last = this.#lastKnown[instrument];
    if (last === TRADING && this.isFresh(instrument, nowNs)) return true;
    return (last === TRADING || last === UNKNOWN) && this.#lenient[instrument] === 1;
  }

  /** The whole state, JSON-safe. */
  save(): SavedMarketStatus {
    return {
      status: saveColumn(this.#status),
      lastKnown: saveColumn(this.#lastKnown),
      confirmedNs: saveColumn(this.#confirmedNs),
      lenient: saveColumn(this.#lenient),
    };
  }

  /**
   * Takes the state that `save` wrote; a state that does not fit changes nothing.
   *
   * @throws `FAULT_INPUT` naming the column.
   */
  load(saved: SavedMarketStatus): void {
    const count = this.instruments;
    const highest = MARKET_STATUSES.length - 1;
    const far = Number.MAX_VALUE;
    const status = readColumn("marketStatus.status", saved.status, count, 0, highest);
    const lastKnown = readColumn("marketStatus.lastKnown", saved.lastKnown, count, 0, highest);
    const confirmedNs = readColumn("marketStatus.confirmedNs", saved.confirmedNs, count, -far, far, false);
    const lenient = readColumn("marketStatus.lenient", saved.lenient, count, 0, 1);
    this.#status.set(status);
    this.#lastKnown.set(lastKnown);
    this.#confirmedNs.set(confirmedNs);
    this.#lenient.set(lenient);
  }

  /** The state, for the snapshot of a gate. */
  saveInto(to: StateWriter): void {
    to.columns(this.#saved());
  }

  /** Reads what `saveInto` wrote. @throws `FAULT_INPUT` naming the field */
  loadFrom(from: StateReader): () => void {
    return from.columns(this.#saved());
  }

  #saved(): readonly StateColumn[] {
    return [
      ["status", this.#status, UNKNOWN, UNKNOWN, MARKET_STATUSES.length - 1],
      ["lastKnown", this.#lastKnown, UNKNOWN, UNKNOWN, MARKET_STATUSES.length - 1],
      ["confirmedNs", this.#confirmedNs, 0],
      ["lenient", this.#lenient, 0, 0, 1],
    ];
  }
}
