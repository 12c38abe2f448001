import {
  AUDIT_RECORD_BYTES_MAX,
  AUDIT_UNCERTAINTY_UNKNOWN,
  type AuditChain,
  type AuditEntry,
  type AuditPayload,
  type AuditRecord,
  type AuditWriter,
  writeRecord,
} from "../audit/index.ts";
import { canonicalJson, checkInteger, checkText, sha256Hex } from "../base/index.ts";
import type { Snapshot } from "../journal/index.ts";
import { type AdjustTerms, INPUT, type ReportFee, type StrategyFault } from "../kernel/index.ts";
import {
  type DepthBlock,
  MESSAGE_FIELD as FIELD,
  KIND_MASK,
  MESSAGE_STRIDE,
  REPORT,
  ROW,
} from "../model/index.ts";
import type { OutboundOrder } from "../port/index.ts";
import {
  CONTROL_TERMS,
  type ControlAnswer,
  type ControlRequest,
  DECISION_STRIDE,
  RISK_CODE,
} from "../risk/index.ts";
import {
  type AuditNote,
  byService,
  checkNote,
  failureSaying,
  faultSaying,
  inputSayings,
  isPlainReport,
  recoverySaying,
  refusalSaying,
  reportSaying,
  stationSaying,
  thrownSaying,
  writerOf,
} from "./session-audit-entries.ts";
import {
  type SessionAuditOptions,
  type SessionAuditSettings,
  sessionAuditSettings,
} from "./session-audit-options.ts";
import { SessionAuditQueue } from "./session-audit-queue.ts";
import { TrailMatch } from "./session-audit-trail.ts";
import { describeSession } from "./session-begin.ts";
import { controlSayings, limitSayings } from "./session-control-entries.ts";
import type { SentItem } from "./session-record.ts";
import type { SessionRemark } from "./session-remark.ts";
import type { RecoveryFigures } from "./session-trail.ts";
import type { TradingSession } from "./trading-session.ts";

/** Room that a record of the hot path takes at most. @units bytes */
const HOT_BYTES = 4096;
/** The name of the trail's part in the session's snapshots. */
const PART = "audit";

/**
 * The audit trail of a trading session: every decision of the gate, everything that leaves, every report, the latch,
 * lost connections, starts and stops, snapshots and recoveries, in the order in which they happened.
 *
 * Make it in the `prepare` of `openSession`; it ties itself to the session. Records wait until the journal has what
 * they tell of. After a crash the replay makes the same records again: those that the trail has are passed over, the
 * others appended, then a `recovery` record.
 *
 * @units `ns`, `nowNs`: ns from the session's base
 * @invariant The trail has each record of the session once, however often its process or machine died, also where the
 * folder's `sync` is `checkpoint`. What is in the trail is in the journal, unless that loses what it called durable.
 * @invariant A record that the replay makes differently is a fault, and so is one that it does not make.
 * @throws `FAULT_IO` once the trail cannot be written, and ever after: the session stops. `FAULT_TIME` for a session
 * whose times lie before the trail's last record. `FAULT_CONFIG` naming the option. `FAULT_JOURNAL_FORMAT` from
 * `openSession` where the trail is another session's, or was changed.
 * @cost A record of 150 to 300 bytes for each event; nothing allocated for decisions, orders and reports.
 */
export class SessionAudit {
  readonly chain: AuditChain;
  readonly #match: TrailMatch;
  readonly #session: TradingSession;
  readonly #settings: SessionAuditSettings;
  readonly #cfgHash: string;
  readonly #writer: AuditWriter;
  readonly #queue: SessionAuditQueue;
  readonly #cells = new Float64Array(MESSAGE_STRIDE);
  readonly #place = { seat: 0, instrument: 0, parentId: 0 };
  readonly #request = { seat: 0, instrument: 0, parentId: 0, id: 0, requestId: 0 };
  #rows = new Float64Array(0);
  /** The digest of what a change of the gate is about, before it. */
  #before = "";

  constructor(session: TradingSession, options: SessionAuditOptions) {
    const settings = sessionAuditSettings(options);
    const { kernel, recorder } = session;
    this.#session = session;
    this.#settings = settings;
    this.chain = settings.chain;
    this.#match = new TrailMatch(settings.trail, settings.chain.nextSeq, recorder.journal.policy !== "sync");
    // Another version of the package that goes on with a session is another build, not another configuration.
    const { version: _, ...made } = describeSession(session.making, kernel);
    this.#cfgHash = settings.cfgHash ?? sha256Hex(canonicalJson(made));
    this.#writer = writerOf({ session, settings, cfgHash: this.#cfgHash });
    this.#queue = new SessionAuditQueue(this.chain, this.#match, recorder, settings.bufferBytes);
    kernel.risk.sink = (records) => this.#decisions(records);
    kernel.gate.control.onLimit = (change) => {
      for (const saying of limitSayings(kernel, change)) this.#say(saying, change.atNs);
    };
    kernel.desk.onRefused = (slot, refusal, nowNs) => {
      if (!Object.hasOwn(RISK_CODE, refusal.code)) this.#say(refusalSaying(slot.name, refusal), nowNs);
    };
    recorder.listener = this;
    session.trail = this;
    session.attach({ name: PART, save: () => this.#save(), load: (saved) => this.#load(saved) });
  }

  /** Records of the session that were appended. */
  get made(): number {
    return this.#queue.made;
  }

  /** Records of the session that a recovery found in the trail. */
  get skipped(): number {
    return this.#match.skipped;
  }

  /** The time of the trail's last record; below 0 where it has none. */
  lastNs(): number {
    return Number(BigInt(this.chain.save().lastTsNs) - this.#session.kernel.baseNs);
  }

  /**
   * Appends a record that is not the session's own, behind everything that happened before, at the time of the session;
   * it is signed and durable when this returns its number.
   *
   * @throws `FAULT_INPUT` where the actor has no role, by which such records are told from the session's own; for what
   * `session.remark` is for; while a recovery has not gone on yet
   */
  note(note: AuditNote): number {
    checkNote(note, this.#isReplaying);
    this.#hand();
    const seq = this.#append(note, this.#nowNs);
    this.#checkpoint();
    return seq;
  }

  /** What records and checkpoints say of the clock from now on, and a record of it; gives its number. */
  clockIs(status: AuditPayload<"clockStatus">): number {
    const uncertaintyNs = Math.min(status.uncertaintyNs, AUDIT_UNCERTAINTY_UNKNOWN);
    this.chain.clockIs(status.state, uncertaintyNs);
    this.#writer.clockUncertaintyNs = uncertaintyNs;
    return this.note({ type: "clockStatus", payload: status, actor: byService("clock") });
  }

  /** @internal */
  row(station: number, block: DepthBlock, i: number, nowNs: number): void {
    if (((block.kind[i] as number) & KIND_MASK) !== ROW.funding) return;
    const { kernel } = this.#session;
    this.#say(stationSaying(kernel, "positions", "funding", station, { rate: block.lots[i] }), nowNs);
  }

  /** @internal */
  report(station: number, cells: Float64Array, offset: number, nowNs: number, fee?: ReportFee): void {
    this.#drain();
    if (fee !== undefined) this.#feeTold(station, cells[offset + FIELD.execId] as number, fee, nowNs);
    const { orders, gate, instruments } = this.#session.kernel;
    const row = cells[offset + FIELD.row] as number;
    const kind = cells[offset + FIELD.kind] as number;
    const isHeld = orders.isCurrent(row, cells[offset + FIELD.id] as number);
    const seat = kind === REPORT.foreign ? row : isHeld ? (orders.strategy[row] as number) : -1;
    const sideSign = isHeld ? (orders.side[row] as number) : 0;
    if (!isPlainReport(kind, cells[offset + FIELD.reason] as number, isHeld)) {
      const { key: symbol = "", venue = "" } = instruments[station] ?? {};
      const strategy = gate.parts.hierarchy.seats[seat]?.strategy ?? "";
      const names = { symbol, venue, strategy, sideSign };
      this.#say(
        reportSaying(cells, offset, names, (ns) => this.#timeOf(ns)),
        nowNs,
      );
      return;
    }
    const own = this.#cells;
    for (let k = 0; k < MESSAGE_STRIDE; k++) own[k] = cells[offset + k] as number;
    own[FIELD.timeNs] = nowNs;
    const place = this.#place;
    place.seat = seat;
    place.instrument = station;
    const from = this.#queue.begin(HOT_BYTES);
    this.#writer.report(this.#queue.buffer, own, 0, place, sideSign);
    this.#queue.end(from);
  }

  /** What an execution is charged where that is not in the quote currency: before its report. */
  #feeTold(station: number, execId: number, { currency, minor }: ReportFee, nowNs: number): void {
    const { kernel } = this.#session;
    if (currency === kernel.instruments[station]?.quote.code) return;
    const said = { execId, currency, minor: String(minor) };
    this.#say(stationSaying(kernel, "ledger", "feeCharged", station, said), nowNs);
  }

  /** @internal */
  event(kind: number, station: number, a: number, b: number, nowNs: number): void {
    if (kind === INPUT.timer) return;
    this.#drain();
    const making = { session: this.#session, settings: this.#settings, cfgHash: this.#cfgHash };
    for (const saying of inputSayings(making, { kind, station, a, b })) this.#say(saying, nowNs);
  }

  /** @internal */
  adjust(station: number, minor: bigint, nowNs: number, terms: AdjustTerms): void {
    const { kernel } = this.#session;
    const said = { minor: String(minor), ...terms };
    this.#say(stationSaying(kernel, "ledger", "cashAdjusted", station, said), nowNs);
  }

  /** @internal */
  control({ call }: ControlRequest): void {
    const { section, isFeed } = CONTROL_TERMS[call];
    if (!isFeed) this.#before = this.#session.kernel.gate.digestOf(section);
  }

  /** @internal */
  controlled(request: ControlRequest, answer: ControlAnswer, nowNs: number): void {
    const { gate } = this.#session.kernel;
    for (const saying of controlSayings(gate, request, answer, this.#before)) this.#say(saying, nowNs);
  }

  /** @internal */
  remark({ says }: SessionRemark, nowNs: number): void {
    for (const saying of says) this.#say(saying, nowNs);
  }

  /** @internal */
  sending({ kind, station, id, requestId, ns }: SentItem, terms: OutboundOrder): void {
    this.#drain();
    const seat = this.#session.kernel.orders.strategy[terms.row] as number;
    const target = kind === "cancel" ? this.#request : this.#place;
    target.seat = seat;
    target.instrument = station;
    const from = this.#queue.begin(HOT_BYTES);
    if (kind === "cancel") {
      this.#request.id = id;
      this.#request.requestId = requestId;
      this.#writer.cancelSent(this.#queue.buffer, this.#request, ns);
    } else this.#writer.orderSent(this.#queue.buffer, terms, this.#place, ns);
    this.#queue.end(from);
  }

  /** @internal */
  strategyFaulted(fault: StrategyFault): void {
    const { made } = this;
    this.#say(faultSaying(fault), fault.ns);
    // A crash between the two left the stop alone in the trail: what was thrown is in no journal.
    if (this.made === made && (this.#match.hasThrown || !this.#match.isAtEnd)) return;
    this.#hand();
    this.#append(thrownSaying(fault), fault.ns);
  }

  /** @internal */
  committed(): void {
    if (this.#settings.flush === "turn") this.idle();
  }

  /** @internal */
  left(): void {
    this.#hand();
  }

  /** @internal */
  idle(): void {
    this.#hand();
    this.chain.flush();
  }

  /** @internal */
  snapshot({ seq, stateHash, sections }: Snapshot): void {
    const byteLength = sections.reduce((sum, { bytes }) => sum + bytes.length, 0);
    const payload = { sequence: seq, stateHash, byteLength };
    this.#append({ type: "snapshot", payload, actor: byService("snapshots") }, this.#nowNs);
  }

  /** @internal */
  recovered(figures: RecoveryFigures): void {
    this.#drain();
    if (!this.#isReplaying) this.#match.finish();
    this.#say(recoverySaying(figures, this.#session.kernel.orders), figures.ns);
    if (this.#isReplaying) return;
    this.#hand();
    const detail = canonicalJson({
      skipped: this.skipped,
      completed: this.made - 1,
      ahead: this.#match.ahead,
    });
    const payload = { component: "audit", event: "completed", detail };
    this.#append({ type: "systemEvent", payload, actor: byService("audit") }, figures.ns);
  }

  /** @internal */
  stopped(runHash: string): void {
    this.#hand();
    const payload = { component: "session", event: "stopped", detail: runHash };
    this.#append({ type: "systemEvent", payload, actor: byService("session") }, this.#nowNs);
    this.#checkpoint();
  }

  /** @internal */
  failed(cause: unknown): void {
    try {
      this.#hand();
      this.#append(failureSaying(cause), this.#nowNs);
      this.#checkpoint();
    } catch {
      // Who asked is told of the first fault; what the trail lacks, the next recovery appends.
    }
  }

  get #isReplaying(): boolean {
    return this.#session.recorder.isPaused;
  }

  get #nowNs(): number {
    return this.#session.kernel.nowNs[0] as number;
  }

  /** How far the trail is: durably, before the snapshot is. */
  #save(): unknown {
    this.#hand();
    this.#checkpoint();
    return { version: 1, seq: this.chain.nextSeq, link: Buffer.from(this.chain.tip).toString("hex") };
  }

  #load(saved: unknown): void {
    const { seq, link } = saved as { readonly seq: unknown; readonly link: unknown };
    this.#match.from(checkInteger("sessionAudit.seq", seq, 1), checkText("sessionAudit.link", link));
  }

  /** Writes the decisions that wait in the gate: they came before what is recorded next. */
  #drain(): void {
    const { gate, risk } = this.#session.kernel;
    if (gate.recordsWaiting > 0) risk.seal();
  }

  #decisions(bytes: Uint8Array): void {
    if (this.#rows.buffer !== bytes.buffer) this.#rows = new Float64Array(bytes.buffer as ArrayBuffer);
    const first = bytes.byteOffset / 8;
    for (let at = first; at < first + bytes.length / 8; at += DECISION_STRIDE) {
      const from = this.#queue.begin(HOT_BYTES);
      this.#writer.decision(this.#queue.buffer, this.#rows, at);
      this.#queue.end(from);
    }
  }

  /** Writes a record of the session that is rare; its number comes later. */
  #say(saying: AuditNote, nowNs: number): void {
    this.#drain();
    const from = this.#queue.begin(AUDIT_RECORD_BYTES_MAX);
    writeRecord(this.#queue.buffer, { ...this.#entry(saying, nowNs), seq: 1 } as AuditRecord);
    this.#queue.end(from);
  }

  /** Appends a record that no replay makes, behind all that wait. */
  #append(saying: AuditNote, nowNs: number): number {
    return this.chain.append(this.#entry(saying, nowNs));
  }

  #entry({ type, payload, actor, about }: AuditNote, nowNs: number): AuditEntry {
    return {
      ...{ tsNs: this.#timeOf(nowNs), clockUncertaintyNs: this.#writer.clockUncertaintyNs },
      ...{ node: this.#settings.node, epoch: this.#session.recorder.journal.epoch },
      ...{ order: "", parent: "", strategy: "", venue: "", ...about },
      ...{ cfgHash: this.#cfgHash, buildHash: this.#settings.buildHash },
      ...{ actor, type, payload },
    } as AuditEntry;
  }

  /** Brings everything that happened so far into the chain. */
  #hand(): void {
    this.#drain();
    this.#queue.admit();
  }

  /** Signs everything; also what an anchor answered. */
  #checkpoint(): void {
    this.chain.checkpoint();
    if (this.chain.pending > 0) this.chain.checkpoint();
  }

  #timeOf(ns: number): bigint {
    return this.#session.kernel.baseNs + BigInt(Math.floor(ns));
  }
}
