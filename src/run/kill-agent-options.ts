import {
  checkArray,
  checkChoice,
  checkInteger,
  checkKeys,
  checkNumber,
  checkPositive,
  checkText,
  Fault,
} from "../base/index.ts";
import { KillLatch, type KillLevel, OpenOrderBoard } from "../risk/index.ts";
import type { CancelOrder } from "./kill-agent-task.ts";

/** One venue of a kill agent: where its cancel-only session comes from and how fast it may cancel. */
export interface KillSessionOptions {
  /** A name for reports; the place in the list is the venue's index on the board. */
  readonly venue: string;
  /** The URL of an ES module that exports `openCancelSession`, an {@link OpenCancelSession}. */
  readonly module: string;
  /** Given to the module: plain data, copied into the agent's thread. */
  readonly options?: unknown;
  /** Cancels a second reserved for the kill at this venue. */
  readonly ratePerSecond: number;
  /** Cancels that may leave at once; `ratePerSecond` unless given. */
  readonly burst?: number;
  /** The latch's scope of this venue; none unless given. */
  readonly scope?: number;
}

/** A kill when the main thread falls silent. */
export interface KillDeadManOptions {
  /** Time without `beat()` after which the agent kills; counted from the first beat. */
  readonly silenceMs: number;
  /** The firm unless given. */
  readonly scope?: number;
  /** 2 unless given. */
  readonly level?: KillLevel;
}

/** What a kill agent is made of. */
export interface KillAgentOptions {
  readonly latch: KillLatch;
  readonly board: OpenOrderBoard;
  readonly sessions: readonly KillSessionOptions[];
  /** How often the latch is looked at where nobody wakes the agent; 1 unless given. */
  readonly pollMs?: number;
  /** Between two signs of life asked of a venue; three without an answer replace the session. 1,000 unless given. */
  readonly heartbeatMs?: number;
  /** Before an unconfirmed cancel is sent again to a venue that lives; 250 unless given. */
  readonly retryMs?: number;
  /** Between two queries of open orders; 100 unless given. */
  readonly queryMs?: number;
  /** From the kill to a report that says what is unknown; 5,000 unless given. */
  readonly deadlineMs?: number;
  /** `oldest` unless given. */
  readonly order?: CancelOrder;
  /** None unless given. */
  readonly deadMan?: KillDeadManOptions;
  /** A file for the report, written by the agent's thread; none unless given. */
  readonly reportPath?: string;
  /** The agent's thread, where a bundler moved it from its place beside this package's code. */
  readonly workerUrl?: string | URL;
}

/** One session of a {@link KillAgentPlan}. */
export interface KillSessionPlan {
  readonly venue: string;
  readonly module: string;
  readonly options: unknown;
  readonly ratePerSecond: number;
  readonly burst: number;
  /** -1 for none. */
  readonly scope: number;
}

/** Checked options of a kill agent, as its thread gets them. */
export interface KillAgentPlan {
  readonly latch: SharedArrayBuffer;
  readonly board: SharedArrayBuffer;
  readonly sessions: readonly KillSessionPlan[];
  readonly pollMs: number;
  readonly heartbeatMs: number;
  readonly retryMs: number;
  readonly queryMs: number;
  readonly deadlineMs: number;
  readonly order: CancelOrder;
  readonly deadMan:
    | { readonly silenceMs: number; readonly scope: number; readonly level: KillLevel }
    | undefined;
  readonly reportPath: string | undefined;
}

const KEYS = [
  "latch",
  "board",
  "sessions",
  "pollMs",
  "heartbeatMs",
  "retryMs",
  "queryMs",
  "deadlineMs",
  "order",
  "deadMan",
  "reportPath",
  "workerUrl",
];
const SESSION_KEYS = ["venue", "module", "options", "ratePerSecond", "burst", "scope"];
const DAY_MS = 86_400_000;

/** Checks the options of a kill agent. @throws `FAULT_CONFIG` naming the option */
export function planKillAgent(options: KillAgentOptions): KillAgentPlan {
  checkKeys("killAgent", options, KEYS);
  const { latch, board } = options;
  if (!(latch instanceof KillLatch)) throw wrong("killAgent.latch", latch, "a KillLatch");
  if (!(board instanceof OpenOrderBoard)) throw wrong("killAgent.board", board, "an OpenOrderBoard");
  const ms = (name: "pollMs" | "heartbeatMs" | "retryMs" | "queryMs" | "deadlineMs", usual: number): number =>
    checkInteger(`killAgent.${name}`, options[name] ?? usual, 1, DAY_MS);
  const sessions = checkArray("killAgent.sessions", options.sessions).map((session, i) =>
    planSession(`killAgent.sessions[${i}]`, session, latch),
  );
  const names = sessions.map(({ venue }) => venue);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw wrong("killAgent.sessions", twice, "each venue once");
  if (options.reportPath !== undefined) checkText("killAgent.reportPath", options.reportPath);
  return {
    latch: latch.buffer,
    board: board.buffer,
    sessions,
    pollMs: ms("pollMs", 1),
    heartbeatMs: ms("heartbeatMs", 1000),
    retryMs: ms("retryMs", 250),
    queryMs: ms("queryMs", 100),
    deadlineMs: ms("deadlineMs", 5000),
    order: checkChoice("killAgent.order", options.order ?? "oldest", ["oldest", "aggressive"]),
    deadMan: options.deadMan === undefined ? undefined : planDeadMan(options.deadMan, latch),
    reportPath: options.reportPath,
  };
}

function planSession(path: string, session: KillSessionOptions, latch: KillLatch): KillSessionPlan {
  checkKeys(path, session, SESSION_KEYS);
  checkText(`${path}.module`, session.module);
  if (!URL.canParse(session.module)) throw wrong(`${path}.module`, session.module, "the URL of a module");
  const ratePerSecond = checkPositive(`${path}.ratePerSecond`, session.ratePerSecond);
  return {
    venue: checkText(`${path}.venue`, session.venue),
    module: session.module,
    options: session.options,
    ratePerSecond,
    burst: checkNumber(`${path}.burst`, session.burst ?? Math.max(1, ratePerSecond), 1),
    scope:
      session.scope === undefined ? -1 : checkInteger(`${path}.scope`, session.scope, 1, latch.scopes - 1),
  };
}

function planDeadMan(deadMan: KillDeadManOptions, latch: KillLatch): KillAgentPlan["deadMan"] {
  const path = "killAgent.deadMan";
  checkKeys(path, deadMan, ["silenceMs", "scope", "level"]);
  return {
    silenceMs: checkInteger(`${path}.silenceMs`, deadMan.silenceMs, 1, DAY_MS),
    scope: checkInteger(`${path}.scope`, deadMan.scope ?? 0, 0, latch.scopes - 1),
    level: checkInteger(`${path}.level`, deadMan.level ?? 2, 1, 4) as KillLevel,
  };
}

function wrong(path: string, value: unknown, expected: string): Fault {
  return new Fault("FAULT_CONFIG", { path, value, expected });
}
