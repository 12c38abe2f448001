import type { ReconAlertReason } from "./recon-hands.ts";
import type { LocalBook } from "./recon-view.ts";

/**
 * What became of a break's action: `done` (the kernel has it), `asked` (the venue was asked), `waiting` (asked a moment
 * ago, or a human's turn), or why it could not be and a human was called.
 */
export type CarryResult = "done" | "asked" | "waiting" | ReconAlertReason;

/** The comparison that actions come from. @units ns */
export interface ReconMoment {
  readonly nowNs: number;
  readonly asOfNs: number;
  readonly local: LocalBook;
  /** Orders with executions that the venue does not have like that: these come first. */
  readonly disputed: ReadonlySet<number>;
  /** Whether a human approved it. */
  readonly isApproved: boolean;
}
