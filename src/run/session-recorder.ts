import { canonicalJson, Fault } from "../base/index.ts";
import type { AdjustTerms, InputTap, ReportFee } from "../kernel/index.ts";
import { type BarBlock, type DepthBlock, MESSAGE_STRIDE } from "../model/index.ts";
import type { ApprovalTaker, Journal, OutboundOrder, VenueDoor } from "../port/index.ts";
import { type ApprovedOrder, CONTROL_TERMS, type ControlAnswer, type ControlRequest } from "../risk/index.ts";
import { feeBytes, SENDING, SESSION, SESSION_BYTES } from "./session-record.ts";
import { remarkBytes, type SessionRemark } from "./session-remark.ts";

/** Effects in one record: whole ones, and few enough for the smallest segments. */
const EFFECT_BYTES_MAX = 8192;

/** Who is told of remarks. */
interface RemarkTap {
  remark(remark: SessionRemark, nowNs: number): void;
}

/**
 * Writes every input of a kernel into a journal before it is settled, and what leaves before it leaves: from the
 * journal alone the session can be run again.
 *
 * @units `nowNs` ns from the session's base
 * @invariant An input is in the journal before a strategy sees it; an order is durable before its door gets it.
 * @cost One append of 32 to 112 bytes an input; a commit for every order, cancel and replace.
 * @throws what the journal throws: the session must stop then.
 */
export class SessionRecorder implements InputTap {
  readonly journal: Journal;
  readonly #bytes = new Uint8Array(Math.max(...Object.values(SESSION_BYTES)));
  readonly #view = new DataView(this.#bytes.buffer);

  /** What the next report or adjustment is recorded with, for whoever made it. */
  note: Uint8Array | undefined = undefined;
  /** True while recorded inputs are fed again: they are in the journal already. */
  isPaused = false;
  /** Told of each input behind its record, also while paused. @internal */
  listener: (Omit<InputTap, "bar"> & RemarkTap) | undefined = undefined;

  constructor(journal: Journal) {
    this.journal = journal;
  }

  /** The first record: what the session is made of. */
  begin(manifest: unknown): void {
    this.journal.append(SESSION.begin, new TextEncoder().encode(canonicalJson(manifest)), 0);
    this.journal.commit();
  }

  row(station: number, block: DepthBlock, i: number, nowNs: number): void {
    const view = this.#view;
    view.setUint16(0, station, true);
    view.setUint16(2, block.kind[i] as number, true);
    view.setInt32(4, block.tick[i] as number, true);
    view.setFloat64(8, block.lots[i] as number, true);
    view.setFloat64(16, block.exch[i] as number, true);
    view.setFloat64(24, nowNs, true);
    this.#append(SESSION.row, SESSION_BYTES.row, nowNs);
    this.listener?.row(station, block, i, nowNs);
  }

  bar(station: number, block: BarBlock, i: number, nowNs: number): void {
    const view = this.#view;
    view.setUint16(0, station, true);
    view.setUint16(2, block.kind[i] as number, true);
    view.setInt32(4, block.open[i] as number, true);
    view.setInt32(8, block.high[i] as number, true);
    view.setInt32(12, block.low[i] as number, true);
    view.setInt32(16, block.close[i] as number, true);
    view.setInt32(20, 0, true);
    view.setFloat64(24, block.volume[i] as number, true);
    view.setFloat64(32, block.factor[i] as number, true);
    view.setFloat64(40, block.openNs[i] as number, true);
    view.setFloat64(48, block.closeNs[i] as number, true);
    view.setFloat64(56, nowNs, true);
    this.#append(SESSION.bar, SESSION_BYTES.bar, nowNs);
  }

  report(station: number, cells: Float64Array, offset: number, nowNs: number, fee?: ReportFee): void {
    const view = this.#view;
    const { note } = this;
    const told = fee === undefined ? undefined : feeBytes(fee);
    view.setUint16(0, station, true);
    view.setUint16(2, told?.length ?? 0, true);
    view.setUint32(4, note?.length ?? 0, true);
    view.setFloat64(8, nowNs, true);
    for (let k = 0; k < MESSAGE_STRIDE; k++) view.setFloat64(16 + 8 * k, cells[offset + k] as number, true);
    this.note = undefined;
    if (note === undefined && told === undefined) this.#close(SESSION.report, SESSION_BYTES.report, nowNs);
    else this.#behind([told, note], nowNs);
    this.listener?.report(station, cells, offset, nowNs, fee);
  }

  event(kind: number, station: number, a: number, b: number, nowNs: number): void {
    this.#words(SESSION.event, kind, station, a, b, nowNs);
    this.listener?.event(kind, station, a, b, nowNs);
  }

  /** Cash that no report told of. */
  adjust(station: number, minor: bigint, nowNs: number, terms: AdjustTerms): void {
    const note = this.note === undefined ? {} : { note: new TextDecoder().decode(this.note) };
    this.note = undefined;
    const bytes = new TextEncoder().encode(canonicalJson({ ns: nowNs, station, minor, ...terms, ...note }));
    if (!this.isPaused) this.journal.appendClosing(SESSION.adjust, bytes, Math.floor(nowNs));
    this.listener?.adjust(station, minor, nowNs, terms);
  }

  /** A change of the gate: durable when this returns, unless it is word from a market. */
  control(request: ControlRequest, nowNs: number): void {
    if (!this.isPaused) {
      const { journal } = this;
      if (journal.lastSeq === 0) {
        const expected = "a session that has begun";
        throw new Fault("FAULT_INPUT", { path: "session.control", value: request.call, expected });
      }
      const text = canonicalJson({ ns: nowNs, ...request });
      journal.append(SESSION.control, new TextEncoder().encode(text), Math.floor(nowNs));
      if (!CONTROL_TERMS[request.call].isFeed) journal.commit();
    }
    this.listener?.control(request, nowNs);
  }

  /** What became of it: not recorded, a replay tells it. */
  controlled(request: ControlRequest, answer: ControlAnswer, nowNs: number): void {
    this.listener?.controlled(request, answer, nowNs);
  }

  /** What was found or done beside the kernel; it may use the space that is kept back. */
  remark(remark: SessionRemark, nowNs: number): void {
    if (!this.isPaused)
      this.journal.appendClosing(SESSION.remark, remarkBytes(remark, nowNs), Math.floor(nowNs));
    this.listener?.remark(remark, nowNs);
  }

  /** What leaves: durable when this returns. `kind` is a code of {@link SENDING}. */
  sending(kind: number, station: number, id: number, requestId: number, nowNs: number): void {
    this.prepare(kind, station, id, requestId, nowNs);
    this.journal.commit();
  }

  /** What is to leave once the journal's next commit is done. */
  prepare(kind: number, station: number, id: number, requestId: number, nowNs: number): void {
    this.#words(SESSION.sending, kind, station, id, requestId, nowNs);
  }

  /** An order or replace that is to leave behind the next commit; whether it must not, for the disk is full. */
  prepareOrder(station: number, id: number, requestId: number, nowNs: number): boolean {
    try {
      this.prepare(SENDING.order, station, id, requestId, nowNs);
      return false;
    } catch (fault) {
      if (!(fault instanceof Fault && fault.code === "FAULT_DISK_FULL")) throw fault;
      this.#close(SESSION.sending, SESSION_BYTES.event, nowNs);
      return true;
    }
  }

  /** Records of the kernel's decisions and effects, as its `EffectLog` hands them on. */
  effects(records: Uint8Array, nowNs: number): void {
    for (let from = 0; from < records.length; from += EFFECT_BYTES_MAX) {
      const part = records.subarray(from, from + EFFECT_BYTES_MAX);
      this.journal.appendClosing(SESSION.effects, part, Math.floor(nowNs));
    }
  }

  /** The session goes on after its process had ended. */
  recovered(report: unknown, nowNs: number): void {
    this.journal.appendClosing(
      SESSION.recovered,
      new TextEncoder().encode(canonicalJson(report)),
      Math.floor(nowNs),
    );
    this.journal.commit();
  }

  /** The last record. */
  end(result: unknown, nowNs: number): void {
    this.journal.appendClosing(
      SESSION.end,
      new TextEncoder().encode(canonicalJson(result)),
      Math.floor(nowNs),
    );
    this.journal.commit();
  }

  #words(type: number, kind: number, station: number, a: number, b: number, nowNs: number): void {
    const view = this.#view;
    view.setInt32(0, station, true);
    view.setInt32(4, kind, true);
    view.setFloat64(8, a, true);
    view.setFloat64(16, b, true);
    view.setFloat64(24, nowNs, true);
    // A new order is the one thing among these that needs a disk with room.
    if (type === SESSION.sending && kind === SENDING.order) this.#append(type, SESSION_BYTES.event, nowNs);
    else this.#close(type, SESSION_BYTES.event, nowNs);
  }

  /** A report with what stands behind its cells. */
  #behind(parts: readonly (Uint8Array | undefined)[], nowNs: number): void {
    if (this.isPaused) return;
    const length = parts.reduce((sum, part) => sum + (part?.length ?? 0), 0);
    const bytes = new Uint8Array(SESSION_BYTES.report + length);
    bytes.set(this.#bytes.subarray(0, SESSION_BYTES.report));
    let at = SESSION_BYTES.report;
    for (const part of parts) {
      if (part === undefined) continue;
      bytes.set(part, at);
      at += part.length;
    }
    this.journal.appendClosing(SESSION.report, bytes, Math.floor(nowNs));
  }

  /** What ends trading, or tells what is true at a venue: it may use the space that is kept back. */
  #close(type: number, length: number, nowNs: number): void {
    if (!this.isPaused) this.journal.appendClosing(type, this.#bytes.subarray(0, length), Math.floor(nowNs));
  }

  #append(type: number, length: number, nowNs: number): void {
    if (!this.isPaused) this.journal.append(type, this.#bytes.subarray(0, length), Math.floor(nowNs));
  }
}

/**
 * A door behind which nothing gets before the journal has it: every order, replace and cancel is recorded and durable,
 * then handed to the door it stands before.
 *
 * @invariant Orders that may have been sent are those with a `sending` record: after a crash nobody else's may be at
 * the venue.
 */
export class DurableDoor implements VenueDoor<ApprovedOrder> {
  readonly #door: VenueDoor<ApprovedOrder>;
  readonly #recorder: SessionRecorder;
  readonly #station: number;
  readonly #nowNs: Float64Array;

  constructor(
    door: VenueDoor<ApprovedOrder>,
    recorder: SessionRecorder,
    station: number,
    nowNs: Float64Array,
  ) {
    this.#door = door;
    this.#recorder = recorder;
    this.#station = station;
    this.#nowNs = nowNs;
  }

  bind(gate: ApprovalTaker<ApprovedOrder>): void {
    this.#door.bind({
      take: (approved: ApprovedOrder, into: OutboundOrder) => {
        gate.take(approved, into);
        this.#recorder.sending(
          SENDING.order,
          this.#station,
          into.id,
          into.requestId,
          this.#nowNs[0] as number,
        );
      },
    });
  }

  get takesAuctionOrders(): boolean {
    return this.#door.takesAuctionOrders === true;
  }

  send(approved: ApprovedOrder): void {
    this.#door.send(approved);
  }

  cancel(row: number, id: number, requestId: number): void {
    this.#recorder.sending(SENDING.cancel, this.#station, id, requestId, this.#nowNs[0] as number);
    this.#door.cancel(row, id, requestId);
  }
}
