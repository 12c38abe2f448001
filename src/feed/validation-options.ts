import {
  checkBoolean,
  checkChoice,
  checkFunction,
  checkInteger,
  checkKeys,
  checkNumber,
  Fault,
} from "../base/index.ts";
import { LOTS_MAX, OrderBook } from "../book/index.ts";
import type { ValidationReason } from "../model/index.ts";
import type { SourceBoard } from "./source-board.ts";
import { VALIDATION_RULES, type Verdict } from "./validation-rules.ts";

/** Tiers of parameters: how liquid an instrument is. */
export const VALIDATION_TIERS = ["major", "liquid", "thin"] as const;

/** A tier of parameters. */
export type ValidationTier = (typeof VALIDATION_TIERS)[number];

/**
 * Parameters of the checks of one instrument. Each has a default; the tier changes some of them.
 *
 * @units ns; bps: 1/10,000 of the mid; lots: book lots; counts of messages
 */
export interface ValidationParameters {
  /** Prices this many times above or below the reference are dropped: 1,000. */
  readonly priceRatioMax: number;
  /** Standard deviations of accepted price changes that a price may be away: 10. */
  readonly priceSigmas: number;
  /** What a price may be away at least, as a fraction: 0.005, 0.01, 0.05 by tier. */
  readonly priceBand: number;
  /** The same in ticks, for an instrument whose price may be below 0: 100. */
  readonly priceBandTicks: number;
  /** Accepted prices the reference is the median of: 9. */
  readonly priceSamples: number;
  /** Agreeing outliers in a row, of this source alone, that become the reference; 0 is never: 20. */
  readonly reanchorAlone: number;
  /** Prices may be 0 and below: false. */
  readonly isSigned: boolean;
  /** Prices are multiples of so many ticks: 1. */
  readonly tickMultiple: number;
  /** How far our clock may be wrong; 1 ms is added: 1 ms. */
  readonly clockErrorNs: number;
  /** Exchange times further ahead are dropped: 1 s. */
  readonly futureNsMax: number;
  /** Older messages are stale: 5 s, 5 s, 30 s by tier. */
  readonly ageNsMax: number;
  /** Exchange and local time further apart are no times: 1 h. */
  readonly apartNsMax: number;
  /** Times the median spread that a spread may be: 10. */
  readonly spreadMedians: number;
  /** What a spread may be at least: 5, 20, 200 by tier. */
  readonly spreadBpsMax: number;
  /** Spreads the median is taken of: 31. */
  readonly spreadSamples: number;
  /** Sequence numbers wrap at this, such as 2^32; 0 where they do not: 0. */
  readonly sequenceModulus: number;
  /** Whether trades, and quotes, are numbered without gaps (depth always is): false. */
  readonly isContiguousTrades: boolean;
  readonly isContiguousQuotes: boolean;
  /** The largest trade that is likely: 2^53 - 1. */
  readonly tradeLotsMax: number;
  /** The volume of an average day: none. */
  readonly dayLots: number;
  /** How many average days one trade may be: 1. */
  readonly dayShareMax: number;
  /** The largest level that is likely: 2^53 - 1. */
  readonly levelLotsMax: number;
  /** Quantities are multiples of so many book lots: 1. */
  readonly lotMultiple: number;
  /** Latency above the least one seen: 100 ms, 100 ms, 500 ms by tier. */
  readonly latencyNsMax: number;
  /**
   * Whether the exchange's times of quotes are their own: true. False for Binance spot, where feeds put the latest time
   * of another message: no quote is late, stale or out of order by it then.
   */
  readonly hasQuoteTimes: boolean;
  /** How long a least latency counts: 60 s to twice that. */
  readonly skewWindowNs: number;
  /** Silence that is always allowed: 1 s, 5 s, 30 s by tier. */
  readonly idleNsMin: number;
  /** How many times the mean time between messages silence may last: 20. */
  readonly idleGaps: number;
  /** How often the channel says that it lives; 0 where it does not: 0. */
  readonly heartbeatNs: number;
  /** Heartbeats that may be missing: 3. */
  readonly heartbeatsMissed: number;
  /** Whether there is a channel of the book: without its snapshot data is not valid: true. */
  readonly hasBook: boolean;
  /** Levels of a side in a snapshot and in the book: 50,000. */
  readonly depthMax: number;
  /** How far outside of the best bid and ask a trade may be: 20, 50, 500 by tier. */
  readonly tradeOutsideBpsMax: number;
  /** Limits within which a finding ends again, as a share of those at which it began: 0.8. */
  readonly leaveShare: number;
  /** Flagged messages in a row that make data suspect: 1. */
  readonly enterCount: number;
  /** Sound messages in a row that make suspect data valid: 5. */
  readonly leaveCount: number;
  /** The same for halted data: 20. */
  readonly haltLeaveCount: number;
  /** Dropped messages in a row that halt: 20. */
  readonly dropsInARow: number;
}

/** What a {@link MarketDataValidator} is made from. */
export interface ValidatorOptions extends Partial<ValidationParameters> {
  /** `liquid` unless given. */
  readonly tier?: ValidationTier;
  /** Other verdicts than those of the rules, where a rule may have them. */
  readonly verdicts?: Readonly<Partial<Record<ValidationReason, Verdict>>>;
  /** The book that accepted messages are applied to; one of its own unless given. */
  readonly book?: OrderBook;
  /** What the venue's checksum of a book would be; see `bookChecksum`. */
  readonly checksum?: (book: OrderBook) => number;
  /** Where the sources of one instrument are compared, and which of them this is. */
  readonly board?: SourceBoard;
  readonly source?: number;
}

const SECOND = 1e9;
const YEAR = 366 * 86_400 * SECOND;

type Bounds = readonly [base: number | boolean, least?: number, most?: number, isWhole?: boolean];

const PARAMETERS: Readonly<Record<keyof ValidationParameters, Bounds>> = {
  priceRatioMax: [1_000, 1.01, 1e9, false],
  priceSigmas: [10, 0, 1e6, false],
  priceBand: [0.01, 1e-6, 1e6, false],
  priceBandTicks: [100, 0],
  priceSamples: [9, 3, 255],
  reanchorAlone: [20, 0],
  isSigned: [false],
  tickMultiple: [1, 1, 1_000_000],
  clockErrorNs: [1e6, 0, YEAR],
  futureNsMax: [SECOND, 0, YEAR],
  ageNsMax: [5 * SECOND, 0, YEAR],
  apartNsMax: [3_600 * SECOND, 0, YEAR],
  spreadMedians: [10, 1, 1e6, false],
  spreadBpsMax: [20, 0, 1e6, false],
  spreadSamples: [31, 3, 255],
  sequenceModulus: [0, 0],
  isContiguousTrades: [false],
  isContiguousQuotes: [false],
  tradeLotsMax: [LOTS_MAX, 1, LOTS_MAX],
  dayLots: [LOTS_MAX, 1, LOTS_MAX],
  dayShareMax: [1, 1e-6, 1e6, false],
  levelLotsMax: [LOTS_MAX, 1, LOTS_MAX],
  lotMultiple: [1, 1],
  latencyNsMax: [100e6, 0, YEAR],
  hasQuoteTimes: [true],
  skewWindowNs: [60 * SECOND, 1, YEAR],
  idleNsMin: [5 * SECOND, 0, YEAR],
  idleGaps: [20, 1, 1e6, false],
  heartbeatNs: [0, 0, YEAR],
  heartbeatsMissed: [3, 1, 1e6],
  hasBook: [true],
  depthMax: [50_000, 1],
  tradeOutsideBpsMax: [50, 0, 1e6, false],
  leaveShare: [0.8, 0.01, 1, false],
  enterCount: [1, 1],
  leaveCount: [5, 1],
  haltLeaveCount: [20, 1],
  dropsInARow: [20, 1],
};

const TIERS: Readonly<Record<ValidationTier, Partial<ValidationParameters>>> = {
  major: { priceBand: 0.005, spreadBpsMax: 5, idleNsMin: SECOND, tradeOutsideBpsMax: 20 },
  liquid: {},
  thin: {
    ...{ priceBand: 0.05, spreadBpsMax: 200, tradeOutsideBpsMax: 500 },
    ...{ ageNsMax: 30 * SECOND, latencyNsMax: 500e6, idleNsMin: 30 * SECOND },
  },
};

const OTHERS = ["tier", "verdicts", "book", "checksum", "board", "source"] as const;

/** The parameters of a tier, those that were given in place of its own. @throws `FAULT_CONFIG` naming the option */
export function validationParameters(options: ValidatorOptions = {}): ValidationParameters {
  checkKeys("validator", options, [...Object.keys(PARAMETERS), ...OTHERS]);
  const tier = TIERS[checkChoice("validator.tier", options.tier ?? "liquid", VALIDATION_TIERS)];
  const found: Record<string, number | boolean> = {};
  for (const [name, [base, least, most, isWhole = true]] of Object.entries(PARAMETERS)) {
    const key = name as keyof ValidationParameters;
    const value = options[key] ?? tier[key] ?? base;
    const path = `validator.${name}`;
    if (typeof base === "boolean") found[name] = checkBoolean(path, value);
    else if (isWhole) found[name] = checkInteger(path, value, least, most);
    else found[name] = checkNumber(path, value, least, most);
  }
  const { sequenceModulus } = found;
  if (sequenceModulus === 1 || sequenceModulus === 2) {
    const expected = "0, or an integer above 2";
    throw new Fault("FAULT_CONFIG", { path: "validator.sequenceModulus", value: sequenceModulus, expected });
  }
  return Object.freeze(found) as object as ValidationParameters;
}

/** Checks what is beside the parameters. @throws `FAULT_CONFIG` naming the option */
export function checkValidatorParts(options: ValidatorOptions): void {
  const { verdicts = {}, book, checksum, board, source } = options;
  checkKeys(
    "validator.verdicts",
    verdicts,
    VALIDATION_RULES.map(({ reason }) => reason),
  );
  for (const { reason, may } of VALIDATION_RULES) {
    if (reason in verdicts) checkChoice(`validator.verdicts.${reason}`, verdicts[reason], may);
  }
  if (book !== undefined && !(book instanceof OrderBook)) {
    throw new Fault("FAULT_CONFIG", { path: "validator.book", value: book, expected: "an OrderBook" });
  }
  if (checksum !== undefined) checkFunction("validator.checksum", checksum);
  if (board !== undefined) checkInteger("validator.source", source, 0, board.sources - 1);
  else if (source !== undefined) {
    throw new Fault("FAULT_CONFIG", {
      path: "validator.source",
      value: source,
      expected: "a board beside it",
    });
  }
}
