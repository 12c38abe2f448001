import { checkChoice, checkInteger, checkKeys, checkNumber } from "../base/index.ts";
import {
  type FeedArbiterOptions,
  NUMBERINGS,
  type Numbering,
  type SourceBoardOptions,
  type ValidatorOptions,
  validationParameters,
} from "../feed/index.ts";

/** The validator of each source: {@link ValidatorOptions} without what a stage decides itself. */
export type StageValidation = Omit<ValidatorOptions, "book" | "board" | "source">;

/** The arbiter between sources: {@link FeedArbiterOptions} without what a stage decides itself. */
export type StageArbitration = Partial<
  Omit<
    FeedArbiterOptions,
    "sources" | "sink" | "listener" | "gapNs" | "gapGraceNs" | "messagesMax" | "rowsMax"
  >
>;

/** How the market data of an instrument is judged, and which source is taken. @units ns */
export interface StageMarketOptions {
  readonly validation?: StageValidation;
  /** `agreementTicks` is 100, `silentNsMax` 2, 10, 60 s by tier of the validation, unless given. */
  readonly arbiter?: StageArbitration;
  /** How sources are compared; false for not at all. */
  readonly board?: Omit<SourceBoardOptions, "sources"> | false;
  /**
   * A source that is suspect is left where another one is valid, and no sooner than this after the last time: 5 s
   * unless given. What is halted is left at once.
   */
  readonly suspectHoldNs?: number;
}

/** Sources that carry the same messages under the same numbers: the first copy of each goes on. */
export interface StageLines {
  readonly sources: readonly string[];
  readonly numbering: Numbering;
  /** How long a message waits for those before it; 2 ms unless given. @units ns */
  readonly windowNs?: number;
}

/** What a `MarketDataStage` is made from. Everything has a default. */
export interface MarketDataStageOptions extends StageMarketOptions {
  /** What is other for an instrument, by its key: option by option. */
  readonly instruments?: Readonly<Record<string, StageMarketOptions>>;
  /** How a source numbers its messages of the book, by its name; what its client says unless given. */
  readonly numbering?: Readonly<Record<string, Numbering | "none">>;
  /** Sources that are lines of one, by the name that they go by together. */
  readonly lines?: Readonly<Record<string, StageLines>>;
  /** How often silence is looked for where nothing comes; 100 ms unless given. @units ns */
  readonly lookEveryNs?: number;
  /** How often a source of an instrument is remarked on at most, what halts it aside; 1 s unless given. @units ns */
  readonly remarkEveryNs?: number;
  /** How long a snapshot is waited for before it is asked for again; 2 s unless given. @units ns */
  readonly snapshotNs?: number;
  /** How long missing numbers are waited for before a snapshot is asked for; 0 unless given. @units ns */
  readonly gapNs?: number;
  /** Messages and rows held behind a gap, of each source that is joined here; 1,024 and 16,384 unless given. */
  readonly messagesMax?: number;
  readonly rowsMax?: number;
}

/** {@link StageMarketOptions} checked, with every default in place. */
export interface StageMarketTerms {
  readonly validation: StageValidation;
  readonly arbiter: StageArbitration & { readonly agreementTicks: number };
  readonly board: Omit<SourceBoardOptions, "sources"> | false;
  readonly suspectHoldNs: number;
}

/** {@link MarketDataStageOptions} checked, with every default in place. */
export interface StageTerms {
  readonly market: StageMarketOptions;
  readonly instruments: Readonly<Record<string, StageMarketOptions>>;
  readonly numbering: Readonly<Record<string, Numbering | "none">>;
  readonly lines: Readonly<Record<string, StageLines>>;
  readonly lookEveryNs: number;
  readonly remarkEveryNs: number;
  readonly snapshotNs: number;
  readonly gapNs: number;
  readonly messagesMax: number;
  readonly rowsMax: number;
}

const MS = 1_000_000;
const MARKET_KEYS = ["validation", "arbiter", "board", "suspectHoldNs"] as const;
const KEYS = [
  ...MARKET_KEYS,
  ...["instruments", "numbering", "lines", "lookEveryNs", "remarkEveryNs", "snapshotNs", "gapNs"],
  ...["messagesMax", "rowsMax"],
] as const;
const ARBITER_KEYS = [
  ...["primary", "weights", "agreementTicks", "windowNs", "scoreNs", "switchMargin", "switchAfterNs"],
  ...["holdDownNs", "probationNs", "crossedNs", "staleNs", "staleRun", "silentNsMin", "silentNsMax"],
  ...["silentFactor", "samplesMin", "heartbeatMisses", "frozenNs"],
];
/** A market is no longer quiet than that, by tier. */
const QUIET_NS = { major: 2_000 * MS, liquid: 10_000 * MS, thin: 60_000 * MS } as const;

/** Checks a stage's options. @throws `FAULT_CONFIG` naming the option */
export function stageTerms(options: MarketDataStageOptions): StageTerms {
  checkKeys("stage", options, KEYS);
  const { instruments = {}, numbering = {}, lines = {} } = options;
  const market = Object.fromEntries(
    MARKET_KEYS.flatMap((key) => (options[key] === undefined ? [] : [[key, options[key]]])),
  ) as StageMarketOptions;
  checkMarket("stage", market);
  for (const [key, each] of Object.entries(instruments)) {
    checkKeys(`stage.instruments.${key}`, each, MARKET_KEYS);
    checkMarket(`stage.instruments.${key}`, each);
  }
  for (const [source, each] of Object.entries(numbering))
    checkChoice(`stage.numbering.${source}`, each, [...NUMBERINGS, "none"]);
  for (const [name, each] of Object.entries(lines)) {
    checkKeys(`stage.lines.${name}`, each, ["sources", "numbering", "windowNs"]);
    checkChoice(`stage.lines.${name}.numbering`, each.numbering, NUMBERINGS);
  }
  const whole = (name: keyof MarketDataStageOptions, usual: number, least: number, most?: number): number =>
    checkInteger(`stage.${name}`, options[name] ?? usual, least, most);
  return {
    ...{ market, instruments, numbering, lines },
    lookEveryNs: whole("lookEveryNs", 100 * MS, MS),
    remarkEveryNs: whole("remarkEveryNs", 1_000 * MS, 0),
    snapshotNs: whole("snapshotNs", 2_000 * MS, 1),
    gapNs: whole("gapNs", 0, 0),
    messagesMax: whole("messagesMax", 1_024, 1, 1_048_576),
    rowsMax: whole("rowsMax", 16_384, 1, 16_777_216),
  };
}

/** The terms of one instrument: its own options in place of those of all. */
export function marketTerms(terms: StageTerms, key: string): StageMarketTerms {
  const { market } = terms;
  const own = terms.instruments[key] ?? {};
  const validation = { ...market.validation, ...own.validation };
  const board = own.board ?? market.board ?? {};
  return {
    validation,
    arbiter: {
      agreementTicks: 100,
      silentNsMax: QUIET_NS[validation.tier ?? "liquid"],
      ...market.arbiter,
      ...own.arbiter,
    },
    board,
    suspectHoldNs: own.suspectHoldNs ?? market.suspectHoldNs ?? 5_000 * MS,
  };
}

function checkMarket(path: string, options: StageMarketOptions): void {
  const { validation = {}, arbiter = {}, board, suspectHoldNs } = options;
  for (const name of ["book", "board", "source"])
    if (name in validation) checkKeys(`${path}.validation`, validation, []);
  validationParameters(validation);
  checkKeys(`${path}.arbiter`, arbiter, ARBITER_KEYS);
  if (arbiter.agreementTicks !== undefined)
    checkNumber(`${path}.arbiter.agreementTicks`, arbiter.agreementTicks, 0);
  if (board !== undefined && board !== false) {
    const names = ["bpsMax", "sigmas", "alignNs", "ageNsMax", "basisWeight", "basisBpsMax"];
    checkKeys(`${path}.board`, board, names);
  }
  if (suspectHoldNs !== undefined) checkInteger(`${path}.suspectHoldNs`, suspectHoldNs, 0);
}
