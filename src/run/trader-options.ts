import {
  checkArray,
  checkChoice,
  checkFunction,
  checkInteger,
  checkKeys,
  checkText,
  Fault,
} from "../base/index.ts";
import type { Instrument } from "../model/index.ts";
import type { Logger } from "../port/index.ts";
import type { FeedChannel, FeedClient } from "../venue/index.ts";
import { type FeedStage, OPEN_STAGE } from "./feed-stage.ts";
import { readSessionBegin } from "./session-begin.ts";
import { strategyLog } from "./session-log.ts";
import type { SessionOptions } from "./session-options.ts";
import { peekBegin } from "./session-peek.ts";
import type { SessionJournalOptions } from "./session-recovery.ts";
import { planIdle, type TraderIdle, type TraderIdlePlan } from "./trader-idle.ts";
import { SystemTime, type TraderTime } from "./trader-time.ts";
import type { TradingSession } from "./trading-session.ts";

/** A source of market data, and what is wanted of it. */
export interface TraderFeed {
  readonly client: FeedClient;
  /** All of the session's unless given. */
  readonly instruments?: readonly Instrument[];
  /** `depth` and `trades` unless given. */
  readonly channels?: readonly FeedChannel[];
}

/**
 * What is done where nothing was heard of an instrument for too long, its source being connected or not: `tell`
 * somebody, `cancel` what is open there, `hold` it: cancel, and let no new order out until the market is heard of
 * again.
 */
export interface StalePolicy {
  /** Whose orders are canceled; all strategies' unless given. `hold` stops an instrument for all of them. */
  readonly strategy?: string;
  /** Since the last row or sign of life. @units ns */
  readonly afterNs: number;
  readonly does: "tell" | "cancel" | "hold";
}

/**
 * What is done where a validator halts an instrument's data: `tell` somebody, `cancel` what is open there, `hold` it:
 * cancel, and let no new order out until the data is valid again.
 */
export interface HaltedPolicy {
  /** Whose orders are canceled; all strategies' unless given. `hold` stops an instrument for all of them. */
  readonly strategy?: string;
  readonly does: "tell" | "cancel" | "hold";
}

/** What paper and live traders are made from alike. */
export interface TraderOptions extends Omit<SessionOptions, "baseNs"> {
  /** Of the session's journal: a new session where there is none, else the one that is there goes on. */
  readonly folder: string;
  readonly journal: SessionJournalOptions;
  readonly feeds: readonly TraderFeed[];
  /** What stands between feeds and strategies; all passes unless given. */
  readonly stage?: FeedStage;
  /** None unless given. */
  readonly stale?: readonly StalePolicy[];
  /** `hold` unless given. */
  readonly halted?: readonly HaltedPolicy[];
  /** This machine's, from the session's base, unless given. */
  readonly time?: TraderTime;
  readonly logger?: Logger;
  /** The longest time without making durable what came; 100 ms unless given. @units ns */
  readonly idleNs?: number;
  /** What the thread does between two messages: it sleeps, and rehearses nothing, unless given. */
  readonly idle?: TraderIdle;
  /** Parts, watchers and an audit trail of the session: before anything is loaded or replayed. */
  readonly prepare?: (session: TradingSession) => void;
}

/** {@link TraderOptions} checked, with every default in place. */
export interface TraderPlan {
  readonly session: SessionOptions;
  readonly folder: string;
  readonly journal: SessionJournalOptions;
  readonly feeds: readonly Required<TraderFeed>[];
  readonly stage: FeedStage;
  readonly stale: readonly StalePolicy[];
  readonly halted: readonly HaltedPolicy[];
  readonly time: TraderTime;
  readonly logger: Logger | undefined;
  readonly idleNs: number;
  readonly idle: TraderIdlePlan;
  readonly prepare: (session: TradingSession) => void;
}

const OWN_KEYS = [
  "folder",
  "journal",
  "feeds",
  "stage",
  "stale",
  "halted",
  "time",
  "logger",
  "idleNs",
  "idle",
  "prepare",
] as const;
const SESSION_KEYS = [
  ...["name", "instruments", "strategies", "cash", "reporting", "seed", "orderCapacity", "lingerNs"],
  ...["snapshotEveryNs", "timersBehindMax", "risk", "debug"],
] as const;

/** Checks a trader's options; `more` are those of its kind. @throws `FAULT_CONFIG` naming the option */
export function planTrader(options: TraderOptions, more: readonly string[]): TraderPlan {
  checkKeys("trader", options, [...OWN_KEYS, ...SESSION_KEYS, ...more]);
  const { folder, journal, stage = OPEN_STAGE, stale = [], logger, prepare = () => {} } = options;
  const { halted = [{ does: "hold" }] } = options;
  checkText("trader.folder", folder);
  if (typeof journal !== "object" || journal === null) {
    throw new Fault("FAULT_CONFIG", {
      path: "trader.journal",
      value: journal,
      expected: "a journal's options",
    });
  }
  const instruments = checkArray("trader.instruments", options.instruments);
  const feeds = checkArray("trader.feeds", options.feeds).map((feed, i) => planFeed(i, feed, instruments));
  checkFunction("trader.stage.message", Reflect.get(stage, "message"));
  const names = options.strategies.map(({ name }) => name);
  for (const [i, policy] of stale.entries()) checkStale(`trader.stale[${i}]`, policy, names);
  for (const [i, policy] of halted.entries()) {
    checkKeys(`trader.halted[${i}]`, policy, ["strategy", "does"]);
    checkPolicy(`trader.halted[${i}]`, policy, names);
  }
  const time = options.time ?? sessionTime(folder, journal);
  const session = Object.fromEntries(
    SESSION_KEYS.flatMap((key) =>
      options[key as keyof TraderOptions] === undefined ? [] : [[key, options[key as keyof TraderOptions]]],
    ),
  ) as object as Omit<SessionOptions, "baseNs">;
  return {
    session: { ...session, baseNs: time.baseNs },
    ...{ folder, journal, feeds, stage, stale, halted, time, logger },
    idleNs: checkInteger("trader.idleNs", options.idleNs ?? 100_000_000, 1),
    idle: planIdle(options.idle ?? {}),
    prepare: withLog(logger, time.baseNs, checkFunction("trader.prepare", prepare)),
  };
}

/** Lines of strategies go to the log too: what they write by `ctx.log`. */
function withLog(
  logger: Logger | undefined,
  baseNs: bigint,
  prepare: TraderPlan["prepare"],
): TraderPlan["prepare"] {
  if (logger === undefined) return prepare;
  return (session) => {
    session.watch(strategyLog(logger, { baseNs, isReplaying: () => session.isMade }));
    prepare(session);
  };
}

function planFeed(i: number, feed: TraderFeed, instruments: readonly Instrument[]): Required<TraderFeed> {
  const path = `trader.feeds[${i}]`;
  checkKeys(path, feed, ["client", "instruments", "channels"]);
  checkText(`${path}.client.source`, feed.client?.source);
  for (const name of ["open", "subscribe", "requestSnapshot", "close"] as const)
    checkFunction(`${path}.client.${name}`, feed.client[name]);
  const keys = instruments.map(({ key }) => key);
  const wanted = feed.instruments ?? instruments;
  for (const [j, { key }] of wanted.entries()) checkChoice(`${path}.instruments[${j}]`, key, keys);
  return { client: feed.client, instruments: wanted, channels: feed.channels ?? ["depth", "trades"] };
}

function checkStale(path: string, policy: StalePolicy, strategies: readonly (string | undefined)[]): void {
  checkKeys(path, policy, ["strategy", "afterNs", "does"]);
  checkInteger(`${path}.afterNs`, policy.afterNs, 1);
  checkPolicy(path, policy, strategies);
}

function checkPolicy(path: string, policy: HaltedPolicy, strategies: readonly (string | undefined)[]): void {
  checkChoice(`${path}.does`, policy.does, ["tell", "cancel", "hold"]);
  if (policy.strategy === undefined) return;
  const known = strategies.filter((name) => name !== undefined);
  checkChoice(`${path}.strategy`, policy.strategy, known);
}

/**
 * This machine's time from the base of the session in a folder; from now, to the second, where there is none. For what
 * is made before its trader and keeps that trader's time: clients of venues, feeds.
 *
 * @throws `FAULT_CONFIG` where that session began more than 104 days ago; what reading its journal throws
 */
export function sessionTime(folder: string, journal: SessionJournalOptions): SystemTime {
  const begin = peekBegin(folder, journal);
  if (begin !== undefined) return new SystemTime(readSessionBegin(begin).baseNs);
  return new SystemTime(BigInt(Math.floor(Date.now() / 1000)) * 1_000_000_000n);
}
