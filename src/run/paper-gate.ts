import { checkText } from "../base/index.ts";
import { DepthBlock } from "../model/index.ts";
import type { TapeSource } from "../port/index.ts";
import type { Strategy } from "../strategy/index.ts";
import type { DiffCause } from "./session-diff.ts";
import { tapesOf } from "./session-market.ts";
import type { SessionSource } from "./session-record.ts";
import { type ResimulationOptions, resimulate } from "./session-resimulation.ts";

/** Days on paper that a live start asks for, and the fewest that somebody may approve. */
export const PAPER_DAYS = { usual: 90, least: 30 } as const;
const DAY_MS = 86_400_000;

/** Somebody who lets fewer days do, and why. */
export interface PaperApproval {
  readonly by: string;
  readonly reason: string;
}

/** A session on paper, for its gate. */
export interface PaperSession {
  readonly records: SessionSource;
  readonly strategies: readonly Strategy[];
  /** How the venues were simulated: {@link ResimulationOptions.market}. */
  readonly market?: ResimulationOptions["market"];
  readonly risk?: ResimulationOptions["risk"];
}

/** What trading on paper came to: a document, JSON-safe. */
export interface PaperGate {
  readonly isPassed: boolean;
  /** UTC days on which a session heard its market, over all sessions. */
  readonly days: number;
  readonly orders: number;
  readonly fills: number;
  /** Differences to a backtest of the same days, by cause. */
  readonly causes: Readonly<Record<DiffCause, number>>;
  readonly unexplained: number;
  /** Of the strategies' code. */
  readonly codeHash: string;
  readonly approval?: PaperApproval;
  /** What speaks against it; empty where it is passed. */
  readonly failures: readonly string[];
}

/**
 * Judges sessions on paper: how many days they traded, and what differs from a backtest of the same days and models. It
 * is passed with 90 days, or 30 that somebody approved, and nothing unexplained.
 *
 * @throws what `resimulate` throws; `FAULT_CONFIG` for an approval without name or reason
 * @cost A backtest of each session.
 */
export function paperGate(
  sessions: readonly PaperSession[],
  codeHash: string,
  approval?: PaperApproval,
): PaperGate {
  checkText("paperGate.codeHash", codeHash);
  if (approval !== undefined) {
    checkText("paperGate.approval.by", approval.by);
    checkText("paperGate.approval.reason", approval.reason);
  }
  const days = new Set<number>();
  let [orders, fills] = [0, 0];
  const causes: Record<string, number> = {};
  for (const { records, strategies, market, risk } of sessions) {
    const more = { ...(market === undefined ? {} : { market }), ...(risk === undefined ? {} : { risk }) };
    const { recorded, diff } = resimulate(records, { strategies, ...more });
    for (const [cause, count] of Object.entries(diff.causes)) causes[cause] = (causes[cause] ?? 0) + count;
    orders += recorded.orders.length;
    for (const order of recorded.orders) fills += order.fills.length;
    for (const day of daysOf(records)) days.add(day);
  }
  return judge(days.size, { orders, fills, causes: causes as PaperGate["causes"], codeHash }, approval);
}

function judge(
  days: number,
  rest: Pick<PaperGate, "orders" | "fills" | "causes" | "codeHash">,
  approval: PaperApproval | undefined,
): PaperGate {
  const unexplained = rest.causes.unexplained ?? 0;
  const least = approval === undefined ? PAPER_DAYS.usual : PAPER_DAYS.least;
  const failures = [
    ...(days < least ? [`${days} days of ${least}`] : []),
    ...(unexplained > 0 ? [`${unexplained} differences that nothing explains`] : []),
    ...(rest.fills === 0 ? ["no execution"] : []),
  ];
  return {
    isPassed: failures.length === 0,
    days,
    ...rest,
    unexplained,
    failures,
    ...(approval && { approval }),
  };
}

/** UTC days on which a session heard its market. */
function daysOf(records: SessionSource): ReadonlySet<number> {
  const days = new Set<number>();
  const { begin, tapes } = tapesOf(records);
  const baseMs = Number(begin.baseNs / 1_000_000n);
  const block = new DepthBlock();
  for (const tape of tapes) {
    if (tape.meta.schema === "bars") continue;
    for (let i = 0; i < tape.blockCount; i++) {
      (tape as TapeSource<DepthBlock>).read(i, block);
      for (let row = 0; row < block.n; row++)
        days.add(Math.floor((baseMs + (block.local[row] as number) / 1e6) / DAY_MS));
    }
  }
  return days;
}
