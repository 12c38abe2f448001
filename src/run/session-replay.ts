import { canonicalJson, Fault } from "../base/index.ts";
import { type KernelOptions, TradingKernel } from "../kernel/index.ts";
import { MESSAGE_FIELD } from "../model/index.ts";
import type { ApprovalTaker, OutboundOrder, VenueDoor } from "../port/index.ts";
import { outboundOrder } from "../port/index.ts";
import type { ApprovedOrder } from "../risk/index.ts";
import { type EffectDifference, EffectMatch } from "./effect-match.ts";
import { checkMade, kernelOptionsOf, readSessionBegin } from "./session-begin.ts";
import { sessionHash } from "./session-hash.ts";
import { SessionPlayer } from "./session-player.ts";
import {
  checkLength,
  readJson,
  readReport,
  readSending,
  SESSION,
  SESSION_BYTES,
  type SentItem,
  type SessionRecord,
  type SessionSource,
  visitRecords,
} from "./session-record.ts";
import { type SessionWatcher, SessionWatchers } from "./session-watchers.ts";

/** What a session can't hold itself: its code, and what its gate was made from. */
export interface ReplayOptions extends Pick<KernelOptions, "strategies" | "risk" | "debug"> {
  /** Told what the session does while it is run again, the lines of its strategies too. */
  readonly watcher?: SessionWatcher;
  /** Told of the kernel before its first input; who it returns is told what the session does, as `watcher` is. */
  readonly prepare?: (kernel: TradingKernel) => SessionWatcher;
}

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

/**
 * A door that takes orders and tells nobody but its owner: what a replay has in place of venues.
 */
export class ReplayDoor implements VenueDoor<ApprovedOrder> {
  readonly #sent: (item: SentItem, terms: OutboundOrder) => void;
  readonly #station: number;
  readonly #nowNs: Float64Array;
  readonly #into = outboundOrder();
  #gate: ApprovalTaker<ApprovedOrder> | undefined = undefined;

  constructor(station: number, nowNs: Float64Array, sent: (item: SentItem, terms: OutboundOrder) => void) {
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
    const ns = this.#nowNs[0] as number;
    this.#sent({ kind: "order", station: this.#station, id, requestId, ns }, this.#into);
  }

  cancel(row: number, id: number, requestId: number): void {
    Object.assign(this.#into, { row, id, requestId });
    const ns = this.#nowNs[0] as number;
    this.#sent({ kind: "cancel", station: this.#station, id, requestId, ns }, this.#into);
  }
}

class Replay {
  readonly kernel: TradingKernel;
  readonly #effects = new EffectMatch();
  readonly #player: SessionPlayer;
  /** What was recorded as sent and not replayed yet, and the other way round. */
  readonly #recorded: SentItem[] = [];
  readonly #replayed: SentItem[] = [];
  readonly #open = new Map<string, SentItem>();
  #sendDifference: ReplayResult["sendDifference"] = undefined;
  #end: Readonly<Record<string, unknown>> | undefined = undefined;

  constructor(first: SessionRecord, options: ReplayOptions) {
    const begin = readSessionBegin(first);
    const { watcher, prepare, ...made } = options;
    this.kernel = new TradingKernel({ ...kernelOptionsOf(begin, made), isolates: true });
    const watchers = new SessionWatchers(this.kernel);
    for (const each of [watcher, prepare?.(this.kernel)]) if (each !== undefined) watchers.add(each);
    this.#player = new SessionPlayer(this.kernel);
    checkMade(begin, this.kernel);
    this.kernel.effects.sink = (bytes) => this.#effects.replayed(bytes);
    for (const i of this.kernel.stations.keys()) {
      this.kernel.connect(i, new ReplayDoor(i, this.kernel.nowNs, (item) => this.#send(item, "replayed")));
    }
  }

  take(record: SessionRecord): void {
    const { type, payload, seq } = record;
    const path = `session.record ${seq}`;
    if (type === SESSION.report) this.#answered(path, payload);
    if (this.#player.play(record)) return;
    switch (type) {
      case SESSION.sending:
        return this.#sending(checkLength(path, payload, SESSION_BYTES.sending));
      case SESSION.effects:
        return this.#effects.recorded(payload);
      case SESSION.end:
        this.#end = readJson(path, payload);
        return;
      case SESSION.remark:
        return;
      case SESSION.recovered:
        return this.#recovered(path, payload);
      default:
        throw new Fault("FAULT_JOURNAL_FORMAT", { path, value: type, expected: "a kind of `SESSION`" });
    }
  }

  /** The process had ended here: what it had decided to send and did not record as sending never left. */
  #recovered(path: string, payload: Uint8Array): void {
    const { unsent } = readJson(path, payload);
    for (const item of Array.isArray(unsent) ? (unsent as readonly SentItem[]) : []) {
      const made = this.#replayed.shift();
      if (made !== undefined && canonicalJson(made) === canonicalJson(item)) continue;
      this.#sendDifference ??= { recorded: item, ...(made === undefined ? {} : { replayed: made }) };
    }
  }

  /** A report about an order, or about a request of it: it did arrive. */
  #answered(path: string, payload: Uint8Array): void {
    const { view } = readReport(path, payload);
    const field = (k: number): number => view.getFloat64(16 + 8 * k, true);
    this.#open.delete(
      `${view.getUint16(0, true)} ${field(MESSAGE_FIELD.id)} ${field(MESSAGE_FIELD.requestId)}`,
    );
  }

  finish(): ReplayResult {
    const { kernel } = this;
    kernel.effects.flush();
    const difference = this.#effects.finish(this.#end !== undefined);
    const left = this.#recorded[0];
    if (left !== undefined) this.#sendDifference ??= { recorded: left };
    const made = this.#replayed[0];
    if (made !== undefined && this.#end !== undefined) this.#sendDifference ??= { replayed: made };
    const runHash = sessionHash(this.#end?.manifest, kernel);
    const recordedHash = this.#end?.runHash as string | undefined;
    const isSame = difference === undefined && this.#sendDifference === undefined;
    return {
      isIdentical: isSame && (recordedHash === undefined || recordedHash === runHash),
      inputs: this.#player.inputs,
      effects: this.#effects.compared,
      runHash,
      ...(recordedHash === undefined ? {} : { recordedHash }),
      ...(difference === undefined ? {} : { difference }),
      ...(this.#sendDifference === undefined ? {} : { sendDifference: this.#sendDifference }),
      unanswered: [...this.#open.values()],
      kernel,
    };
  }

  #sending(view: DataView): void {
    const item = readSending(view);
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
}
