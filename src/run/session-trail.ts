import type { Snapshot } from "../journal/index.ts";
import type { InputTap, StrategyFault } from "../kernel/index.ts";
import type { OutboundOrder } from "../port/index.ts";
import type { SentItem } from "./session-record.ts";
import type { SessionRemark } from "./session-remark.ts";

/** What a recovery tells of itself; the same whenever its record in the journal is replayed. */
export interface RecoveryFigures {
  /** The record of the journal that the snapshot in use was taken after, and the last one that was replayed. */
  readonly fromSequence: number;
  readonly toSequence: number;
  /** The `runHash` after the replay. */
  readonly runHash: string;
  /** What had been decided and never left. */
  readonly unsent: number;
  /** When the session went on. @units ns from the session's base */
  readonly ns: number;
}

/**
 * Who is told of everything a session does, also while a recovery replays it: its audit trail.
 *
 * @throws whatever stops the session: what cannot be recorded must not go on
 */
export interface SessionTrail extends Omit<InputTap, "bar"> {
  /** The time of the last record; below 0 where there is none. @units ns from the session's base */
  lastNs(): number;
  /** Something was found or done beside the kernel. */
  remark(remark: SessionRemark, nowNs: number): void;
  /** Something is about to leave; its terms are good during the call. */
  sending(item: SentItem, terms: OutboundOrder): void;
  /** A strategy threw and is stopped; requests to cancel its orders follow. */
  strategyFaulted(fault: StrategyFault): void;
  /** The journal has everything so far; what waits leaves next. */
  committed(): void;
  /** It left. */
  left(): void;
  /** Nothing else is to be done. */
  idle(): void;
  /** A snapshot was saved. */
  snapshot(snapshot: Snapshot): void;
  /** The session goes on after a crash. */
  recovered(figures: RecoveryFigures): void;
  /** The session ends with this hash; its last record follows. */
  stopped(runHash: string): void;
  /** The session takes no more inputs. Throws nothing. */
  failed(cause: unknown): void;
}
