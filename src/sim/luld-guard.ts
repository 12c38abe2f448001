import { checkInteger, checkKeys, Fault } from "../base/index.ts";
import type { Instrument } from "../model/index.ts";
import {
  LULD_LIMIT_NS,
  LULD_PAUSE_NS,
  LULD_PHASE,
  type LuldBands,
  type LuldCollars,
  type LuldSide,
  LuldState,
  luldCollars,
  luldTerms,
  REGULAR_SESSION_NS,
  widenLuldCollars,
} from "../risk/index.ts";

/** An instrument under the LULD Plan. */
export interface ClosedMarketLuld {
  readonly tier: 1 | 2;
  /** The closing price of the day before. @units ticks */
  readonly priorCloseTicks: number;
  /** Of a leveraged product, without its sign, in percent; 100 unless given. */
  readonly leveragePercent?: number;
  /** The day whose terms hold, as YYYY-MM-DD; 2024-01-02 unless given. */
  readonly date?: string;
  /** When the regular session opens, from the market's start; 0 unless given. @units ns */
  readonly openNs?: number;
  /** How long it lasts; 390 minutes unless given. @units ns */
  readonly sessionNs?: number;
}

/** The options checked, with every default filled in. */
export type LuldSettings = Required<ClosedMarketLuld>;

const KEYS = ["tier", "priorCloseTicks", "leveragePercent", "date", "openNs", "sessionNs"] as const;
const PATH = "venue.luld";
/** The highest price: $100,000, with as many trades in five minutes as there is room for. */
const MAX_PRICE_E4 = 1_000_000_000;
const TRADES = 65_536;
const NEVER = Number.POSITIVE_INFINITY;

/** Checks the options. @throws `FAULT_CONFIG`, for a price grid that is no multiple of 0.0001 too */
export function luldSettings(given: ClosedMarketLuld, instrument: Instrument): LuldSettings {
  checkKeys(PATH, given, KEYS);
  const tickE4 = tickE4Of(instrument);
  const most = Math.floor(MAX_PRICE_E4 / tickE4);
  const settings = {
    tier: checkInteger(`${PATH}.tier`, given.tier, 1, 2) as 1 | 2,
    priorCloseTicks: checkInteger(`${PATH}.priorCloseTicks`, given.priorCloseTicks, 1, most),
    leveragePercent: checkInteger(`${PATH}.leveragePercent`, given.leveragePercent ?? 100, 1, 1_000),
    date: given.date ?? "2024-01-02",
    openNs: checkInteger(`${PATH}.openNs`, given.openNs ?? 0, 0),
    sessionNs: checkInteger(`${PATH}.sessionNs`, given.sessionNs ?? REGULAR_SESSION_NS, 1),
  };
  luldTerms(settings.date);
  return settings;
}

function tickE4Of({ tickSize }: Instrument): number {
  const tickE4 = Math.round(tickSize * 10_000);
  if (tickE4 >= 1 && Math.abs(tickSize * 10_000 - tickE4) < 1e-9) return tickE4;
  const expected = "a tick that is a multiple of 0.0001";
  throw new Fault("FAULT_CONFIG", { path: PATH, value: tickSize, expected });
}

/** Two prices. @units ticks */
export interface TickBands {
  readonly lowerTicks: number;
  readonly upperTicks: number;
}

/**
 * The LULD Plan over one closed market: its trades and quotes go to a `LuldState` of risk, bands and pauses come back.
 * A pause ends by an auction within its collars, or goes on for another five minutes with wider ones.
 *
 * @units prices in ticks, moments in ns from the session's base
 * @source LULD Plan (SEC File 4-631), Sections V to VII; NYSE Arca Rule 7.35-E(e), Nasdaq Rule 4120(c)(10)
 */
export class LuldGuard {
  readonly #state: LuldState;
  readonly #tickE4: number;
  readonly #openNs: number;
  readonly #closeNs: number;
  #limitNs = NEVER;
  /** When a pause may end, and between which prices. */
  #reopensNs = NEVER;
  #collars: LuldCollars | undefined;
  /** The phase that `quoted` returned last. */
  #seen: number = LULD_PHASE.unopened;
  /** How often a limit state and a pause began, and a pause went on. */
  limits = 0;
  pauses = 0;
  extensions = 0;

  constructor(settings: LuldSettings, instrument: Instrument, startNs: number) {
    const { tier, priorCloseTicks, leveragePercent, date, openNs, sessionNs } = settings;
    this.#tickE4 = tickE4Of(instrument);
    this.#openNs = startNs + openNs;
    this.#closeNs = this.#openNs + sessionNs;
    this.#state = new LuldState({
      ...{ instruments: 1, trades: TRADES, maxPriceE4: MAX_PRICE_E4, terms: luldTerms(date) },
      ...{ openNs: this.#openNs, sessionNs },
    });
    this.#state.list(0, tier, priorCloseTicks * this.#tickE4, leveragePercent);
  }

  /** A code of `LULD_PHASE`. */
  get phase(): number {
    return this.#state.phaseOf(0);
  }

  get isPaused(): boolean {
    return this.phase === LULD_PHASE.paused;
  }

  isOpen(nowNs: number): boolean {
    return nowNs >= this.#openNs && nowNs <= this.#closeNs;
  }

  /** When time alone changes something: an open, a close, the end of a limit state or of a pause. */
  nextNs(nowNs: number): number {
    if (nowNs < this.#openNs) return this.#openNs;
    if (this.isPaused) return this.#reopensNs;
    return nowNs <= this.#closeNs ? Math.min(this.#limitNs, this.#closeNs + 1) : NEVER;
  }

  /** Trading begins or goes on at a price, which need not be whole. */
  opened(ticks: number, nowNs: number): void {
    this.#limitNs = NEVER;
    this.#reopensNs = NEVER;
    this.#collars = undefined;
    this.#seen = LULD_PHASE.normal;
    this.#state.open(0, Math.round(ticks * this.#tickE4), nowNs);
  }

  traded(tick: number, nowNs: number): void {
    if (this.isOpen(nowNs) && !this.isPaused) this.#state.trade(0, tick * this.#tickE4, nowNs);
  }

  /** Takes the best quotes, NaN for none, and returns the phase. */
  quoted(bid: number, ask: number, nowNs: number): number {
    const before = this.#seen;
    const bidE4 = Number.isNaN(bid) ? 0 : bid * this.#tickE4;
    const askE4 = Number.isNaN(ask) ? NEVER : ask * this.#tickE4;
    const phase = this.#state.quote(0, bidE4, askE4, nowNs);
    this.#seen = phase;
    const isLimit = phase === LULD_PHASE.limitDown || phase === LULD_PHASE.limitUp;
    if (!isLimit) this.#limitNs = NEVER;
    else if (phase !== before) {
      this.#limitNs = nowNs + LULD_LIMIT_NS;
      this.limits += 1;
    }
    if (phase === LULD_PHASE.paused && before !== phase)
      this.#pause(before === LULD_PHASE.limitUp ? "upper" : "lower");
    return phase;
  }

  #pause(limit: LuldSide): void {
    this.pauses += 1;
    this.#reopensNs = this.#state.reopensNs(0);
    const [lowerE4, upperE4] = [this.#state.lowerE4(0), this.#state.upperE4(0)];
    this.#collars = luldCollars(limit, { lowerE4, upperE4 });
  }

  /**
   * Whether the auction at the end of a pause may trade; else the pause goes on for five minutes, and the collar on the
   * side of the auction's price, or of the orders at the market that it would leave over, is a step wider. No pause
   * goes on past the close.
   *
   * @param ticks the price without collars, NaN for none; `marketLots` left over, above 0 of buyers
   */
  mayReopen(ticks: number, marketLots: number, nowNs: number): boolean {
    const collars = this.#collars;
    if (collars === undefined) return true;
    const { lowerTicks, upperTicks } = this.#inTicks(collars);
    const side =
      ticks > upperTicks || marketLots > 0
        ? "upper"
        : ticks < lowerTicks || marketLots < 0
          ? "lower"
          : undefined;
    if (side === undefined || nowNs + LULD_PAUSE_NS > this.#closeNs) return true;
    this.#collars = widenLuldCollars(collars, side);
    this.#reopensNs = nowNs + LULD_PAUSE_NS;
    this.extensions += 1;
    return false;
  }

  /** Between which prices the auction at the end of a pause may trade; undefined outside of one. */
  get collars(): TickBands | undefined {
    return this.#collars === undefined ? undefined : this.#inTicks(this.#collars);
  }

  #inTicks({ lowerE4, upperE4 }: LuldBands): TickBands {
    const lowerTicks = Math.max(1, Math.ceil(lowerE4 / this.#tickE4));
    return { lowerTicks, upperTicks: Math.max(lowerTicks, Math.floor(upperE4 / this.#tickE4)) };
  }

  /** What trades now; undefined while there are no bands. */
  bands(nowNs: number): TickBands | undefined {
    if (!this.isOpen(nowNs) || this.isPaused || this.phase === LULD_PHASE.unopened) return undefined;
    return this.#inTicks({ lowerE4: this.#state.lowerE4(0), upperE4: this.#state.upperE4(0) });
  }

  /** The reference price; 0 before the open. */
  get referenceTicks(): number {
    return this.#state.referenceE4(0) / this.#tickE4;
  }
}
