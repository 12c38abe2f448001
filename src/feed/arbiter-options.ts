import {
  checkArray,
  checkChoice,
  checkInteger,
  checkKeys,
  checkMethods,
  checkNumber,
  checkText,
  Fault,
} from "../base/index.ts";
import type { DepthBlock } from "../model/index.ts";
import { checkWrap } from "./gap-options.ts";
import { checkNames } from "./line-options.ts";
import { NUMBERINGS, type Numbering } from "./sequenced-rows.ts";
import { QUALITY_WEIGHTS, type QualityWeights } from "./source-quality.ts";

/**
 * What disqualifies a source at once. `disconnected`; `noBook`: no snapshot came yet; `gap`: numbers are missing for
 * longer than `gapGraceNs`; `crossed`: its book is, for longer than `crossedNs`; `corrupt`: a checksum failed or rows
 * could not be applied; `silent`: nothing comes for longer than is expected; `frozen`: messages come, its own time
 * stands still while that of others goes on; `stale`: so many messages in a row were late; `invalid`: a validator does
 * not vouch for it (`trusted`).
 */
export const DISQUALIFIERS = [
  "disconnected",
  "noBook",
  "gap",
  "crossed",
  "corrupt",
  "silent",
  "frozen",
  "stale",
  "invalid",
] as const;

/** One of {@link DISQUALIFIERS}. */
export type Disqualifier = (typeof DISQUALIFIERS)[number];

/**
 * Why the composite stream has another source. `first`: it had none before; a disqualifier of the one before; `score`:
 * this one is better; `primary`: it is the one to be preferred.
 */
export type SwitchReason = "first" | "score" | "primary" | Disqualifier;

/** One source of a {@link FeedArbiter}. @units ns */
export interface ArbiterSourceOptions {
  readonly name: string;
  /** How its messages of the book are numbered; `none` where they are not. */
  readonly numbering: Numbering | "none";
  /** Its p99 latency that scores 1; 50 ms unless given. */
  readonly latencyTargetNs?: number;
  /** How often it gives a sign of life; 0, for never, unless given. */
  readonly heartbeatNs?: number;
  /** The number after the highest, where numbers begin again at 0; 0, for never, unless given. */
  readonly wrap?: number;
}

/** Who takes the rows of the composite stream: one reused block, `from` up to, and without, `to`. */
export interface CompositeSink {
  rows(block: DepthBlock, from: number, to: number, source: number): void;
}

/** Who hears of sources, by their place in `sources`; called within the call that caused it. */
export interface FeedArbiterListener {
  /** The composite stream's book is this source's from the next rows on; `from` -1 where there was none. */
  sourceChanged(to: number, from: number, reason: SwitchReason, nowNs: number): void;
  /** No source is left: a `gap` row was put out, nothing follows until a source is good again. */
  feedFailed(reason: Disqualifier, nowNs: number): void;
  disqualified(source: number, reason: Disqualifier, nowNs: number): void;
  /** Nothing speaks against it any more; it is on probation. */
  qualified(source: number, nowNs: number): void;
  /** Numbers of a source are missing, both included: ask it for them where it can send them again. */
  gap(source: number, first: number, last: number, nowNs: number): void;
  recovered(source: number, tookNs: number, nowNs: number): void;
  /** A source's book is needed: ask for it; it comes through `message`, not within this call. */
  requestSnapshot(source: number, nowNs: number): void;
}

/** Options of a {@link FeedArbiter}. @units ns */
export interface FeedArbiterOptions {
  /** 1 to 16, of one instrument on one price grid. */
  readonly sources: readonly ArbiterSourceOptions[];
  readonly sink: CompositeSink;
  readonly listener: FeedArbiterListener;
  /** The source to go back to: a name, `latency` for the one with the least median, `none` unless given. */
  readonly primary?: string;
  readonly weights?: QualityWeights;
  /** Mid prices this far from the median of all sources agree. @units ticks */
  readonly agreementTicks: number;
  /** The window of the quality score, and how often it is made anew; 10 s and 50 ms unless given. */
  readonly windowNs?: number;
  readonly scoreNs?: number;
  /** A source that scores this much more, for so long, takes over; 0.1 and 500 ms unless given. */
  readonly switchMargin?: number;
  readonly switchAfterNs?: number;
  /** No such change sooner than this after the last change; 5 s unless given. */
  readonly holdDownNs?: number;
  /** A source that was disqualified waits so long before it is chosen while another is good; 5 s unless given. */
  readonly probationNs?: number;
  /** 10 ms, and 20 ms for a snapshot to be asked for, unless given. */
  readonly gapGraceNs?: number;
  readonly gapNs?: number;
  /** 20 ms unless given. */
  readonly crossedNs?: number;
  /** Later than the least latency by so much is stale: 100 ms unless given; so many in a row disqualify: 8. */
  readonly staleNs?: number;
  readonly staleRun?: number;
  /** Never silent before 25 ms, always after 2 s, unless given: a quiet market is no longer quiet than that. */
  readonly silentNsMin?: number;
  readonly silentNsMax?: number;
  /** Silent after this many times what is expected (p99.9); 1.5 unless given. */
  readonly silentFactor?: number;
  /** Messages before anything is expected; 200 unless given. */
  readonly samplesMin?: number;
  /** Heartbeats that may be missed; 3 unless given. */
  readonly heartbeatMisses?: number;
  /** Its own time may stand still for 50 ms unless given, or longer where it is used to. */
  readonly frozenNs?: number;
  /**
   * Messages and rows held behind a gap at most, of each source that numbers its own: 4,096 and 65,536 unless given.
   * The memory is made at once, 60 bytes a row.
   */
  readonly messagesMax?: number;
  readonly rowsMax?: number;
}

/** All of {@link FeedArbiterOptions}, checked. */
export type ArbiterSettings = Required<FeedArbiterOptions> & {
  readonly sources: readonly Required<ArbiterSourceOptions>[];
};

const SOURCE_KEYS = ["name", "numbering", "latencyTargetNs", "heartbeatNs", "wrap"];
const CALLS = [
  "sourceChanged",
  "feedFailed",
  "disqualified",
  "qualified",
  "gap",
  "recovered",
  "requestSnapshot",
] as const;
/** Options in ns: what is taken where they are left out, and the least. */
const TIMES = {
  windowNs: [10e9, 1],
  scoreNs: [50e6, 1],
  switchAfterNs: [500e6, 0],
  holdDownNs: [5e9, 0],
  probationNs: [5e9, 0],
  gapGraceNs: [10e6, 0],
  gapNs: [20e6, 0],
  crossedNs: [20e6, 0],
  staleNs: [100e6, 1],
  silentNsMin: [25e6, 1],
  silentNsMax: [2e9, 1],
  frozenNs: [50e6, 1],
} as const;
const KEYS = [
  "sources",
  "sink",
  "listener",
  "primary",
  "weights",
  "agreementTicks",
  "switchMargin",
  "staleRun",
  "silentFactor",
  "samplesMin",
  "heartbeatMisses",
  "messagesMax",
  "rowsMax",
  ...Object.keys(TIMES),
];

/** Checks the options and fills in the rest. @throws `FAULT_CONFIG` naming the option. */
export function checkArbiterOptions(options: FeedArbiterOptions): ArbiterSettings {
  checkKeys("feedArbiter", options, KEYS);
  const { sink, listener } = options;
  const sources = checkArray("feedArbiter.sources", options.sources).map((source, i) =>
    checkSource(`feedArbiter.sources[${i}]`, source),
  );
  const names = sources.map(({ name }) => name);
  checkNames("feedArbiter.sources", names);
  if (typeof sink !== "object" || sink === null) checkKeys("feedArbiter.sink", sink, []);
  checkMethods("feedArbiter.sink", sink, ["rows"]);
  if (typeof listener !== "object" || listener === null) checkKeys("feedArbiter.listener", listener, CALLS);
  checkMethods("feedArbiter.listener", listener, CALLS);
  const times = checkTimes(options);
  const { silentNsMin, silentNsMax } = times;
  checkInteger("feedArbiter.silentNsMax", silentNsMax, silentNsMin);
  return {
    ...times,
    sources,
    sink,
    listener,
    primary: checkChoice("feedArbiter.primary", options.primary ?? "none", ["none", "latency", ...names]),
    weights: checkWeights("feedArbiter.weights", options.weights ?? QUALITY_WEIGHTS),
    agreementTicks: checkNumber("feedArbiter.agreementTicks", options.agreementTicks, 0),
    switchMargin: checkNumber("feedArbiter.switchMargin", options.switchMargin ?? 0.1, 0, 1),
    staleRun: checkInteger("feedArbiter.staleRun", options.staleRun ?? 8, 1),
    silentFactor: checkNumber("feedArbiter.silentFactor", options.silentFactor ?? 1.5, 1, 1_000),
    samplesMin: checkInteger("feedArbiter.samplesMin", options.samplesMin ?? 200, 1),
    heartbeatMisses: checkInteger("feedArbiter.heartbeatMisses", options.heartbeatMisses ?? 3, 1),
    messagesMax: checkInteger("feedArbiter.messagesMax", options.messagesMax ?? 4_096, 1, 1_048_576),
    rowsMax: checkInteger("feedArbiter.rowsMax", options.rowsMax ?? 65_536, 1, 16_777_216),
  };
}

type TimeName = keyof typeof TIMES;

function checkTimes(options: FeedArbiterOptions): Record<TimeName, number> {
  const rows = Object.entries(TIMES).map(([name, [usual, least]]) => [
    name,
    checkInteger(`feedArbiter.${name}`, options[name as TimeName] ?? usual, least),
  ]);
  return Object.fromEntries(rows) as Record<TimeName, number>;
}

function checkSource(path: string, source: ArbiterSourceOptions): Required<ArbiterSourceOptions> {
  checkKeys(path, source, SOURCE_KEYS);
  return {
    name: checkText(`${path}.name`, source.name),
    numbering: checkChoice(`${path}.numbering`, source.numbering, [...NUMBERINGS, "none"]),
    latencyTargetNs: checkInteger(`${path}.latencyTargetNs`, source.latencyTargetNs ?? 50e6, 1),
    heartbeatNs: checkInteger(`${path}.heartbeatNs`, source.heartbeatNs ?? 0, 0),
    wrap: checkWrap(`${path}.wrap`, source.wrap),
  };
}

function checkWeights(path: string, weights: QualityWeights): QualityWeights {
  const names = Object.keys(QUALITY_WEIGHTS) as (keyof QualityWeights)[];
  checkKeys(path, weights, names);
  let sum = 0;
  for (const name of names) sum += checkNumber(`${path}.${name}`, weights[name], 0, 1);
  if (Math.abs(sum - 1) < 1e-9) return weights;
  throw new Fault("FAULT_CONFIG", { path, value: weights, expected: "weights that add up to 1" });
}
