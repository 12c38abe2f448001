import type { OracleName } from "../src/torture/index.ts";

/** One thing done wrong in one place, which the simulation has to notice. */
export interface StandingMutant {
  readonly name: string;
  /** What is wrong then. */
  readonly wrong: string;
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly old: string;
  readonly new: string;
  /** The rules that it breaks: others break by what follows from it, or by something else. */
  readonly oracles: readonly OracleName[];
  /** A seed that found it; the gate begins there. */
  readonly seed: number;
  /** Why no oracle sees it yet; then nobody expects it to be found. */
  readonly unseen?: string;
}

/** Faults of reasoning that cost firms money, each in the code as it is. */
export const STANDING_MUTANTS: readonly StandingMutant[] = [
  {
    name: "duplicateExecBooked",
    wrong: "an execution that is told twice is booked twice",
    file: "src/order/apply-execution.ts",
    old: "if (execId <= (store.lastExecId[row] as number)) {",
    new: "if (execId < 0) {",
    oracles: ["booksAgree", "cashAgrees"],
    seed: 1,
  },
  {
    name: "sentBeforeDurable",
    wrong: "orders leave before the journal is synced",
    file: "src/run/outbox.ts",
    old: "    this.#recorder.journal.commit();",
    new: "",
    oracles: ["sentDurable"],
    seed: 1,
  },
  {
    name: "commitWithoutSync",
    wrong: "the journal calls records durable that it has only written",
    file: "src/host/journal-files.ts",
    old: "    this.#do(() => this.#segments.sync());\n    this.#syncedSeq = this.#writtenSeq;",
    new: "    this.#syncedSeq = this.#writtenSeq;",
    oracles: ["sentKnown"],
    seed: 1,
  },
  {
    name: "exposureNetted",
    wrong: "open orders of the other side are taken off the worst case",
    file: "src/risk/quick-check.ts",
    old: "worstLots = side * (rows[cell] as number) + (rows[cell | own] as number) + lots;",
    new:
      "worstLots = side * (rows[cell] as number) + (rows[cell | own] as number) + lots - " +
      "(rows[cell | (12 - own)] as number);",
    oracles: ["withinLimits"],
    seed: 12,
  },
  {
    name: "releasedOnCancelRequest",
    wrong: "what is held for an order is released when its cancel leaves, not when the venue says so",
    file: "src/kernel/risk-desk.ts",
    old: "if (this.#isBound) this.gate.settlement.canceling(this.#places[row] as number, nowNs);",
    new:
      "if (this.#isBound) this.gate.settlement.canceling(this.#places[row] as number, nowNs);\n" +
      "    this.gate.settlement.closed(this.#places[row] as number);",
    oracles: ["withinLimits"],
    seed: 53,
  },
  {
    name: "replaceHeldByNewTermsOnly",
    wrong: "a replace is held by its own terms, not by the worse of old and new",
    file: "src/risk/reservations.ts",
    old: "worst = this.isAtomic[slot] === 1 ? Math.max(worst, held) : worst + held;",
    new: "worst = held;",
    oracles: ["withinLimits"],
    seed: 53,
  },
  {
    name: "killIgnoredOnReplace",
    wrong: "replaces are not asked whether the kill switch is latched",
    file: "src/risk/checks-order.ts",
    old: "  if (KillLatch.isOpen(word)) return false;",
    new: "  if (KillLatch.isOpen(word) || (decision.kind as number) === 1) return false;",
    oracles: ["killHolds"],
    seed: 13,
  },
  {
    name: "lastLookSkipped",
    wrong: "what waits for the journal leaves although the kill switch was latched meanwhile",
    file: "src/run/session-latch.ts",
    old: "this.#shared !== undefined && this.#shared.read() !== this.#seen;",
    new: "this.#shared !== undefined && this.#seen < 0 && this.#shared.read() < 0;",
    oracles: ["killHolds"],
    seed: 13,
  },
  {
    name: "cancelRejectIsCancel",
    wrong: "a refused cancel is taken for a cancel",
    file: "src/kernel/settlement.ts",
    old: "[REPORT.cancelRejected]: ORDER_EVENT.cancelReject,",
    new: "[REPORT.cancelRejected]: ORDER_EVENT.cancelAck,",
    oracles: ["ordersAgree", "booksAgree", "withinLimits"],
    seed: 274,
  },
  {
    name: "lateFillDropped",
    wrong: "an execution of an order that is over is not booked",
    file: "src/kernel/settlement.ts",
    old: "    if (kind === REPORT.trade) this.#trade(station, ticket, cells, offset, fee);",
    new:
      "    if (kind === REPORT.trade && this.#orders.isOpen(row)) this.#trade(station, ticket, cells, offset, fee);\n" +
      "    else if (kind === REPORT.trade) return;",
    oracles: ["noFault"],
    seed: 6,
  },
  {
    name: "sentTakenForUnsent",
    wrong: "a recovery takes what was sent for unsent, and frees what is held for it",
    file: "src/run/session-recovery.ts",
    old: "        this.#recorded,\n        this.#replayed,\n      );\n    } else if (type === SESSION.effects)",
    new: "        [],\n        [],\n      );\n    } else if (type === SESSION.effects)",
    oracles: ["booksAgree", "ordersAgree", "withinLimits"],
    seed: 7,
  },
  {
    name: "reportNotRecorded",
    wrong: "reports of venues are settled and not recorded",
    file: "src/run/session-recorder.ts",
    old: "    if (note === undefined && told === undefined) this.#close(SESSION.report, SESSION_BYTES.report, nowNs);",
    new: "    if (note === undefined && told === undefined) void SESSION_BYTES.report;",
    oracles: ["recoversSame", "replaysSame", "sentKnown"],
    seed: 1,
  },
  {
    name: "fillsForgottenOnRestart",
    wrong: "after a restart reconciliation does not know what was booked, and books it again",
    file: "src/run/recon-fills.ts",
    old: "    for (const row of saved.rows) {",
    new: "    for (const row of saved.rows.slice(0, 0)) {",
    oracles: ["booksAgree", "cashAgrees"],
    seed: 13,
  },
  {
    name: "syncErrorIgnored",
    wrong: "a sync that failed is taken for one that succeeded",
    file: "src/host/journal-segment.ts",
    old: "  sync(): void {\n    this.#file.sync();",
    new: "  sync(): void {\n    try {\n      this.#file.sync();\n    } catch {}",
    oracles: ["sentKnown", "recoversSame", "noFault"],
    seed: 1,
  },
  {
    name: "secondLeader",
    wrong: "a journal is opened although another process holds it",
    file: "src/host/journal-files.ts",
    old: "  onDisk(folder.file(LOCK_NAME), () => disk.lock(folder.file(LOCK_NAME)));",
    new: "  void disk;",
    oracles: ["oneLeader"],
    seed: 2,
  },
  {
    name: "epochKept",
    wrong: "a new process writes and sends under the epoch of the one before it",
    file: "src/host/journal-files.ts",
    old: "    this.epoch = Math.max(end.epoch + 1, settings.epochMin);",
    new: "    this.epoch = Math.max(end.epoch, settings.epochMin);",
    oracles: ["oneLeader"],
    seed: 1,
  },
  {
    name: "disconnectForgotten",
    wrong: "orders are not in doubt when the connection to their venue is lost",
    file: "src/kernel/settlement.ts",
    old: "    for (const each of rows) {\n      apply(",
    new: "    for (const each of rows.slice(0, 0)) {\n      apply(",
    oracles: ["unknownIsSaid"],
    seed: 4,
  },
];
