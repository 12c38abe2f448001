import { canonicalJson, Digest, Fault } from "../base/index.ts";
import { INPUT, type KernelOptions, type Station, TradingKernel } from "../kernel/index.ts";
import { BarBlock, DepthBlock, MESSAGE_STRIDE } from "../model/index.ts";
import type { ApprovalTaker, VenueDoor } from "../port/index.ts";
import { outboundOrder } from "../port/index.ts";
import type { ApprovedOrder } from "../risk/index.ts";
import { type EffectDifference, EffectMatch } from "./effect-match.ts";
import { readSessionBegin } from "./session-begin.ts";
import {
  checkLength,
  readJson,
  SENDING,
  SESSION,
  SESSION_BYTES,
  type SessionRecord,
  type SessionSource,
  visitRecords,
} from "./session-record.ts";

/** What left the session, or was about to when it ended. */
export interface SentItem {
  readonly kind: "order" | "cancel";
  readonly station: number;
  readonly id: number;
  /** 0 for a new order. */
  readonly requestId: number;
  readonly ns: number;
}

/** What a session can't hold itself: its code, and what its gate was made from. */
export type ReplayOptions = Pick<KernelOptions, "strategies" | "risk" | "debug">;

/** What a {@link replaySession} found. */
export interface ReplayResult {
  /** Whether the session did again what it had done: every effect, everything sent, and the hash where it ended. */
  readonly isIdentical: boolean;
  /** Inputs settled. */
  readonly inputs: number;
  /** Effects compared. */
  readonly effects: number;
  /** The hash of the session replayed; of its state so far where it has no end. */
  readonly runHash: string;
  /** The hash that was recorded; absent where the session did not end. */
  readonly recordedHash?: string;
  /** The first effect that differs. */
  readonly difference?: EffectDifference;
  /** Sends that the replay made differently, or did not make: the first of them. */
  readonly sendDifference?: { readonly recorded?: SentItem; readonly replayed?: SentItem };
  /** What was sent after the last report of its order: after a crash it may be at the venue, or not. */
  readonly unanswered: readonly SentItem[];
  readonly kernel: TradingKernel;
}

/**
 * Runs a recorded session again: its inputs go through a new kernel made from the same options, behind doors that send
 * nothing. What the kernel does is compared with what it did.
 *
 * @invariant Nothing leaves.
 * @throws `FAULT_JOURNAL_FORMAT` for a journal that is no session's, or of another make than `options`.
 * @cost One pass; memory for what is sent and not yet answered, and one block of effects.
 */
export function replaySession(records: SessionSource, options: ReplayOptions): ReplayResult {
  let made: Replay | undefined;
  visitRecords(records, (record) => {
    if (made === undefined) made = new Replay(record, options);
    else made.take(record);
  });
  const replay = made as Replay | undefined;
  if (replay !== undefined) return replay.finish();
  throw new Fault("FAULT_JOURNAL_FORMAT", { path: "session", value: "no record", expected: "a session" });
}

/** A door that takes orders and tells nobody but the replay. */
class ReplayDoor implements VenueDoor<ApprovedOrder> {
  readonly #sent: (item: SentItem) => void;
  readonly #station: number;
  readonly #nowNs: Float64Array;
  readonly #into = outboundOrder();
  #gate: ApprovalTaker<ApprovedOrder> | undefined = undefined;

  constructor(station: number, nowNs: Float64Array, sent: (item: SentItem) => void) {
    this.#station = station;
    this.#nowNs = nowNs;
    this.#sent = sent;
  }

  bind(gate: ApprovalTaker<ApprovedOrder>): void {
    this.#gate = gate;
  }

  send(approved: ApprovedOrder): void {
    this.#gate?.take(approved, this.#into);
    const { id, requestId } = this.#into;
    this.#sent({ kind: "order", station: this.#station, id, requestId, ns: this.#nowNs[0] as number });
  }

  cancel(_row: number, id: number, requestId: number): void {
    this.#sent({ kind: "cancel", station: this.#station, id, requestId, ns: this.#nowNs[0] as number });
  }
}

class Replay {
  readonly kernel: TradingKernel;
  readonly #effects = new EffectMatch();
  readonly #depth = new DepthBlock(1);
  readonly #bars = new BarBlock(1);
  readonly #cells = new Float64Array(MESSAGE_STRIDE);
  /** What was recorded as sent and not replayed yet, and the other way round. */
  readonly #recorded: SentItem[] = [];
  readonly #replayed: SentItem[] = [];
  readonly #open = new Map<string, SentItem>();
  #sendDifference: ReplayResult["sendDifference"] = undefined;
  #inputs = 0;
  #end: Readonly<Record<string, unknown>> | undefined = undefined;

  constructor(first: SessionRecord, options: ReplayOptions) {
    const begin = readSessionBegin(first);
    const { baseNs, seed, instruments, cash, reporting, orderCapacity } = begin;
    const made = { baseNs, seed, instruments, cash, reporting, orderCapacity };
    this.kernel = new TradingKernel({ ...options, ...made });
    const strategies = this.kernel.slots.map(({ name, strategy }) => ({
      name,
      params: strategy.params ?? {},
    }));
    this.#check("strategies", begin.strategies, strategies);
    this.#check("risk", begin.risk, this.kernel.gate.describe());
    this.kernel.effects.sink = (bytes) => this.#effects.replayed(bytes);
    for (const i of this.kernel.stations.keys()) {
      this.kernel.connect(i, new ReplayDoor(i, this.kernel.nowNs, (item) => this.#send(item, "replayed")));
    }
  }

  take({ type, payload, seq }: SessionRecord): void {
    const path = `session.record ${seq}`;
    switch (type) {
      case SESSION.row:
        return this.#row(checkLength(path, payload, SESSION_BYTES.row));
      case SESSION.bar:
        return this.#bar(checkLength(path, payload, SESSION_BYTES.bar));
      case SESSION.report:
        return this.#report(checkLength(path, payload, SESSION_BYTES.report));
      case SESSION.event:
        return this.#event(path, checkLength(path, payload, SESSION_BYTES.event));
      case SESSION.sending:
        return this.#sending(checkLength(path, payload, SESSION_BYTES.sending));
      case SESSION.effects:
        return this.#effects.recorded(payload);
      case SESSION.end:
        this.#end = readJson(path, payload);
        return;
      default:
        throw new Fault("FAULT_JOURNAL_FORMAT", { path, value: type, expected: "a kind of `SESSION`" });
    }
  }

  finish(): ReplayResult {
    const { kernel } = this;
    const effects = kernel.effects.hex();
    const difference = this.#effects.finish(this.#end !== undefined);
    const left = this.#recorded[0];
    if (left !== undefined) this.#sendDifference ??= { recorded: left };
    const made = this.#replayed[0];
    if (made !== undefined && this.#end !== undefined) this.#sendDifference ??= { replayed: made };
    const runHash = new Digest()
      .update(canonicalJson(this.#end?.manifest ?? null))
      .update(effects)
      .update(canonicalJson(kernel.finalState()))
      .hex();
    const recordedHash = this.#end?.runHash as string | undefined;
    const isSame = difference === undefined && this.#sendDifference === undefined;
    return {
      isIdentical: isSame && (recordedHash === undefined || recordedHash === runHash),
      inputs: this.#inputs,
      effects: this.#effects.compared,
      runHash,
      ...(recordedHash === undefined ? {} : { recordedHash }),
      ...(difference === undefined ? {} : { difference }),
      ...(this.#sendDifference === undefined ? {} : { sendDifference: this.#sendDifference }),
      unanswered: [...this.#open.values()],
      kernel,
    };
  }

  #row(view: DataView): void {
    const block = this.#depth;
    block.kind[0] = view.getUint16(2, true);
    block.tick[0] = view.getInt32(4, true);
    block.lots[0] = view.getFloat64(8, true);
    block.exch[0] = view.getFloat64(16, true);
    block.local[0] = this.#advance(view.getFloat64(24, true));
    this.#station(view.getUint16(0, true)).row(block, 0);
  }

  #bar(view: DataView): void {
    const block = this.#bars;
    block.kind[0] = view.getUint16(2, true);
    block.open[0] = view.getInt32(4, true);
    block.high[0] = view.getInt32(8, true);
    block.low[0] = view.getInt32(12, true);
    block.close[0] = view.getInt32(16, true);
    block.volume[0] = view.getFloat64(24, true);
    block.factor[0] = view.getFloat64(32, true);
    block.openNs[0] = view.getFloat64(40, true);
    block.closeNs[0] = view.getFloat64(48, true);
    this.#advance(view.getFloat64(56, true));
    this.#station(view.getUint16(0, true)).bar(block, 0);
  }

  #report(view: DataView): void {
    for (let k = 0; k < MESSAGE_STRIDE; k++) this.#cells[k] = view.getFloat64(16 + 8 * k, true);
    const station = view.getUint16(0, true);
    this.#advance(view.getFloat64(8, true));
    this.#open.delete(`${station} ${this.#cells[3]} ${this.#cells[4]}`);
    this.kernel.report(this.#station(station), this.#cells, 0);
  }

  #event(path: string, view: DataView): void {
    const [a, b] = [view.getFloat64(8, true), view.getFloat64(16, true)];
    this.#advance(view.getFloat64(24, true));
    const kind = view.getInt32(4, true);
    const { kernel } = this;
    if (kind === INPUT.start) kernel.start();
    else if (kind === INPUT.stop) kernel.stop();
    else if (kind === INPUT.timer) kernel.timer();
    else if (kind === INPUT.dividend) kernel.dividend(this.#station(view.getInt32(0, true)), a);
    else if (kind === INPUT.split) kernel.split(this.#station(view.getInt32(0, true)), a, b);
    else throw new Fault("FAULT_JOURNAL_FORMAT", { path, value: kind, expected: "a kind of `INPUT`" });
  }

  #sending(view: DataView): void {
    const item: SentItem = {
      kind: view.getInt32(4, true) === SENDING.cancel ? "cancel" : "order",
      station: view.getInt32(0, true),
      id: view.getFloat64(8, true),
      requestId: view.getFloat64(16, true),
      ns: view.getFloat64(24, true),
    };
    this.#open.set(`${item.station} ${item.id} ${item.requestId}`, item);
    this.#send(item, "recorded");
  }

  /** Pairs what left with what leaves now, in order. */
  #send(item: SentItem, by: "recorded" | "replayed"): void {
    const [own, other] =
      by === "recorded" ? [this.#recorded, this.#replayed] : [this.#replayed, this.#recorded];
    const partner = other.shift();
    if (partner === undefined) own.push(item);
    else if (canonicalJson(partner) !== canonicalJson(item)) {
      const [recorded, replayed] = by === "recorded" ? [item, partner] : [partner, item];
      this.#sendDifference ??= { recorded, replayed };
    }
  }

  #advance(ns: number): number {
    this.#inputs += 1;
    this.kernel.nowNs[0] = ns;
    return ns;
  }

  #station(index: number): Station {
    const station = this.kernel.stations[index];
    if (station !== undefined) return station;
    const expected = `an instrument below ${this.kernel.stations.length}`;
    throw new Fault("FAULT_JOURNAL_FORMAT", { path: "session.station", value: index, expected });
  }

  #check(what: string, recorded: unknown, given: unknown): void {
    const [a, b] = [canonicalJson(recorded ?? null), canonicalJson(given ?? null)];
    if (a === b) return;
    throw new Fault("FAULT_JOURNAL_FORMAT", { path: `session.${what}`, value: b, expected: a });
  }
}
