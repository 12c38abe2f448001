import type { Refusal } from "../base/index.ts";
import type { StrategyFault } from "../kernel/index.ts";
import type { LogFields, Logger, LogLevel } from "../port/index.ts";
import type { FillCopy } from "../strategy/index.ts";
import type { VenueTrouble } from "../venue/index.ts";
import type { FeedStageWord } from "./feed-stage.ts";
import type { SessionRecovery } from "./session-recovery.ts";
import type { TraderHolds } from "./trader-holds.ts";
import type { TradingSession } from "./trading-session.ts";

/** What a {@link TraderAlert} is about: a code that is for ever. */
export type TraderAlertCode =
  | "TRADER_STARTED"
  | "TRADER_RECOVERED"
  | "TRADER_STOPPED"
  | "TRADER_STOP_LATE"
  | "TRADER_FAILED"
  | "TRADER_FEED_UP"
  | "TRADER_FEED_DOWN"
  | "TRADER_FEED_TROUBLE"
  | "TRADER_MARKET_STALE"
  | "TRADER_DATA_QUALITY"
  | "TRADER_DATA_HALTED"
  | "TRADER_FEED_SWITCHED"
  | "TRADER_ROW_REFUSED"
  | "TRADER_VENUE_TROUBLE"
  | "TRADER_RECONCILIATION"
  | "TRADER_HELD"
  | "TRADER_FREED"
  | "TRADER_STRATEGY_FAULTED"
  | "TRADER_KILLED"
  | "TRADER_STAGE"
  | "TRADER_DISK_FULL"
  | "TRADER_REHEARSAL_FAILED"
  | "TRADER_LISTENER_THREW";

/** Something that somebody should know; it has happened when it is told. */
export interface TraderAlert {
  readonly level: LogLevel;
  readonly code: TraderAlertCode;
  readonly words: string;
  readonly fields: LogFields;
}

/**
 * Where a trader is: `made`, `opening` its doors, `running`, `stopping`, `ended`, or `failed` at something that no
 * trading goes on after.
 */
export type TraderState = "made" | "opening" | "running" | "stopping" | "ended" | "failed";

/** What a trader tells those who listen: after it has happened, and they can change nothing by it. */
export interface TraderEvents {
  state: (state: TraderState) => void;
  fill: (fill: FillCopy) => void;
  refused: (refusal: Refusal) => void;
  alert: (alert: TraderAlert) => void;
}

/** Tells alerts to a log and to whoever listens: a listener that throws is an alert of its own, and stops nothing. */
export class TraderAlerts {
  readonly #log: Logger | undefined;
  readonly #tell: (alert: TraderAlert) => void;

  constructor(log: Logger | undefined, tell: (alert: TraderAlert) => void) {
    this.#log = log;
    this.#tell = tell;
  }

  alert(level: LogLevel, code: TraderAlertCode, words: string, fields: LogFields = {}): void {
    this.#log?.log(level, words, { code, ...fields });
    this.careful("alert", () => this.#tell({ level, code, words, fields }));
  }

  /** A session begins, or goes on. */
  began(name: string, { isNew, snapshotSeq, inputs, unsent }: SessionRecovery): void {
    if (isNew) return this.alert("info", "TRADER_STARTED", `${name} begins`);
    const words = `${name} goes on: ${inputs} inputs behind record ${snapshotSeq}`;
    this.alert("info", "TRADER_RECOVERED", words, { snapshotSeq, inputs, unsent: unsent.length });
  }

  /** A session ended, or, without a hash, waits to go on. */
  stopped(
    name: string,
    isClean: boolean,
    end: { readonly openOrders: number; readonly runHash: string | undefined },
  ): void {
    const code = isClean ? "TRADER_STOPPED" : "TRADER_STOP_LATE";
    const words = `${name} ${end.runHash === undefined ? "waits to go on" : "ended"}, ${end.openOrders} orders open`;
    this.alert(isClean ? "info" : "error", code, words, end);
  }

  /** Something threw that nothing goes on after. */
  failed(level: LogLevel, error: unknown): void {
    this.alert(level, "TRADER_FAILED", error instanceof Error ? error.message : String(error));
  }

  /** Nothing is rehearsed any more; trading goes on. */
  rehearsalFailed(error: unknown): void {
    const words = error instanceof Error ? error.message : String(error);
    this.alert("warn", "TRADER_REHEARSAL_FAILED", `orders are rehearsed no longer: ${words}`);
  }

  venueTrouble(venue: string, { code, words }: VenueTrouble): void {
    this.alert("warn", "TRADER_VENUE_TROUBLE", `${venue}: ${words}`, { venue, cause: code });
  }

  /** Reconciliation calls a human. */
  reconciliation(venue: string, words: string): void {
    this.alert("error", "TRADER_RECONCILIATION", `${venue}: ${words}`, { venue });
  }

  /** What a stage says of its sources. */
  stageSaid({ level, words, saying }: FeedStageWord): void {
    const code = saying.type === "marketDataFailover" ? "TRADER_FEED_SWITCHED" : "TRADER_DATA_QUALITY";
    this.alert(level, code, words, { ...saying.payload });
  }

  /** Instruments that are about to be held or let go. */
  holding({ kernel }: TradingSession, holds: TraderHolds): void {
    for (const { index, isHeld, instrument } of kernel.stations) {
      if (isHeld === holds.isHeld(index)) continue;
      const fields = { reasons: holds.of(index).join(" ") };
      if (isHeld) this.alert("info", "TRADER_FREED", `${instrument.key} trades`, fields);
      else this.alert("info", "TRADER_HELD", `${instrument.key} is held`, fields);
    }
  }

  strategyFaulted({ strategy, callback, message }: StrategyFault): void {
    const words = `${strategy} threw in ${callback} and was stopped: ${message}`;
    this.alert("error", "TRADER_STRATEGY_FAULTED", words, { strategy, callback });
  }

  /** Does what a listener's code is part of. */
  careful(event: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      const words = `a listener of ${event} threw: ${error instanceof Error ? error.message : String(error)}`;
      this.#log?.log("error", words, { code: "TRADER_LISTENER_THREW" });
    }
  }
}
