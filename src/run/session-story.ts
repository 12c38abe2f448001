import { canonicalJson, Digest, Fault } from "../base/index.ts";
import { EFFECT, INPUT } from "../kernel/index.ts";
import { MESSAGE_FIELD, REASONS, REPORT } from "../model/index.ts";
import { readSessionBegin, type SessionBegin } from "./session-begin.ts";
import {
  readJson,
  SESSION,
  SESSION_BYTES,
  type SessionRecord,
  type SessionSource,
  visitRecords,
} from "./session-record.ts";

const FIELDS = 8;
/** Rows of a market between two notes of where its digest stood. */
const STRETCH = 256;
/** Where a row's record has its exchange time. */
const EXCH_AT = 16;
const INPUT_NAMES: readonly string[] = Object.keys(INPUT);

/** A venue's word on an order, no fill. */
export interface StoryReport {
  /** A code of `REPORT`. */
  readonly kind: number;
  readonly requestId: number;
  readonly reason: string;
  /** When we heard, and when it happened there. */
  readonly ns: number;
  readonly exchNs: number;
}

/** A fill. */
export interface StoryFill {
  /** When we heard, and when it happened there (when we heard, where nobody told). */
  readonly ns: number;
  readonly exchNs: number;
  readonly priceTicks: number;
  readonly lots: number;
  readonly feeMinor: number;
  readonly isMaker: boolean;
  readonly reason: string;
}

/** One order's life as its session saw it. */
export interface OrderStory {
  readonly id: number;
  /** The strategy's place, and the instrument's. */
  readonly strategy: number;
  readonly station: number;
  readonly ns: number;
  readonly side: number;
  readonly priceTicks: number;
  readonly lots: number;
  /** Type, time in force and flags in one number. */
  readonly terms: number;
  readonly changes: readonly { readonly ns: number; readonly priceTicks: number; readonly lots: number }[];
  readonly reports: readonly StoryReport[];
  readonly fills: readonly StoryFill[];
}

type Growing = { -readonly [Key in keyof OrderStory]: OrderStory[Key] } & {
  changes: { ns: number; priceTicks: number; lots: number }[];
  reports: StoryReport[];
  fills: StoryFill[];
};

/** Where the digest of a market stood after some rows: of the rows, and of when we heard of them. */
export interface MarketMark {
  readonly ns: number;
  readonly hex: string;
  readonly heardHex: string;
}

/** A market as a session saw it: digests of its first 256, 512, ... rows, and of all. */
export interface MarketStory {
  readonly rows: number;
  readonly marks: readonly MarketMark[];
}

/** Something that was done to a session from outside its markets and its venues' words. */
export interface StoryEvent {
  readonly ns: number;
  readonly what: string;
}

/** A recorded session, order by order. */
export interface SessionStory {
  readonly begin: SessionBegin;
  readonly orders: readonly OrderStory[];
  readonly markets: readonly MarketStory[];
  /**
   * Kill latches, changes of the gate, lost connections, stopped strategies, restarts, and where a session without an
   * end was cut off.
   */
  readonly events: readonly StoryEvent[];
  /** When the last input came, ns from the base. */
  readonly endNs: number;
  readonly runHash: string | undefined;
}

/**
 * Reads a session's records into the lives of its orders.
 *
 * @throws `FAULT_JOURNAL_FORMAT` for a journal that is no session's.
 * @cost One pass; memory for every order and one digest for 256 rows.
 */
export function readStory(records: SessionSource): SessionStory {
  const reader = new StoryReader();
  visitRecords(records, (record) => reader.take(record));
  return reader.finish();
}

/** Reads a session's records as they come: {@link readStory} in pieces. */
export class StoryReader {
  readonly #orders = new Map<number, Growing>();
  readonly #trades = new ToldTrades();
  readonly #markets: MarketReader[] = [];
  readonly #events: StoryEvent[] = [];
  #begin: SessionBegin | undefined = undefined;
  #runHash: string | undefined = undefined;
  #endNs = 0;
  /** Of the last effect: a session that is cut off has not written all of them. */
  #effectNs = 0;

  take(record: SessionRecord): void {
    const { type, payload } = record;
    if (this.#begin === undefined) {
      this.#begin = readSessionBegin(record);
      for (const _ of this.#begin.instruments) this.#markets.push(new MarketReader());
      return;
    }
    const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
    if (type === SESSION.row || type === SESSION.bar) {
      this.#endNs = view.getFloat64(payload.length - 8, true);
      this.#markets[view.getUint16(0, true)]?.row(payload, view, this.#endNs);
    } else if (type === SESSION.report) {
      this.#endNs = view.getFloat64(8, true);
      this.#trades.put(view);
    }
    if (type === SESSION.event) this.#event(view);
    else if (type === SESSION.control) this.#control(readJson("session.control", payload));
    else if (type === SESSION.adjust) {
      const { station, minor, currency } = readJson("session.adjust", payload);
      const unit = typeof currency === "string" ? ` ${currency}` : "";
      const what = `cash of instrument ${Number(station)} adjusted by ${String(minor)}${unit}`;
      this.#events.push({ ns: this.#endNs, what });
    } else if (type === SESSION.effects)
      this.#effectNs = readEffects(view, this.#orders, this.#trades, this.#events);
    else if (type === SESSION.end) this.#runHash = String(readJson("session.end", payload).runHash);
    else if (type === SESSION.recovered) this.#events.push({ ns: this.#endNs, what: "a restart" });
  }

  finish(): SessionStory {
    const begin = this.#begin;
    if (begin === undefined) {
      throw new Fault("FAULT_JOURNAL_FORMAT", { path: "session", value: "no record", expected: "a session" });
    }
    const known = this.#runHash === undefined ? [...this.#events, cutAt(this.#effectNs)] : this.#events;
    return {
      begin,
      orders: [...this.#orders.values()],
      markets: this.#markets.map((each) => each.finish()),
      // Effects are recorded in blocks, later than what they came from.
      events: known.toSorted((a, b) => a.ns - b.ns),
      endNs: this.#endNs,
      runHash: this.#runHash,
    };
  }

  #event(view: DataView): void {
    const [station, kind] = [view.getInt32(0, true), view.getInt32(4, true)];
    const [a, b, ns] = [view.getFloat64(8, true), view.getFloat64(16, true), view.getFloat64(24, true)];
    this.#endNs = ns;
    if (kind === INPUT.latch) this.#events.push({ ns, what: `kill latch of scope ${a} at level ${b}` });
    else if (kind === INPUT.hold)
      this.#events.push({ ns, what: `instrument ${station} ${a === 1 ? "stopped" : "let go on"}` });
    else if (kind === INPUT.disconnected)
      this.#events.push({ ns, what: `connection of instrument ${station} lost` });
    else if (kind === INPUT.dividend || kind === INPUT.split)
      this.#events.push({ ns, what: `${INPUT_NAMES[kind - 1]} ${a} ${b} of instrument ${station}` });
  }

  #control({ ns, ...request }: Readonly<Record<string, unknown>>): void {
    this.#endNs = Number(ns);
    this.#events.push({ ns: this.#endNs, what: `the gate was asked for ${canonicalJson(request)}` });
  }
}

function cutAt(ns: number): StoryEvent {
  return { ns, what: "cut off" };
}

/**
 * Digests a market's rows as their venue lived them, and apart from them our own times of hearing. A row of a depth
 * feed whose exchange time falls counts as of the latest before it, as on a tape.
 */
class MarketReader {
  readonly #marks: MarketMark[] = [];
  readonly #row = new Uint8Array(64);
  readonly #view = new DataView(this.#row.buffer);
  #digest = new Digest();
  #heard = new Digest();
  #rows = 0;
  #ns = 0;
  #exchNs = Number.NEGATIVE_INFINITY;

  row(payload: Uint8Array, view: DataView, ns: number): void {
    const end = payload.length - 8;
    this.#row.set(payload.subarray(0, end));
    if (payload.length === SESSION_BYTES.row) {
      this.#exchNs = Math.max(this.#exchNs, view.getFloat64(EXCH_AT, true));
      this.#view.setFloat64(EXCH_AT, this.#exchNs, true);
    }
    this.#digest.update(this.#row.subarray(2, end));
    this.#heard.update(payload.subarray(end));
    this.#rows += 1;
    this.#ns = ns;
    if (this.#rows % STRETCH === 0) this.#mark();
  }

  finish(): MarketStory {
    if (this.#rows % STRETCH !== 0) this.#mark();
    return { rows: this.#rows, marks: this.#marks };
  }

  #mark(): void {
    const [hex, heardHex] = [this.#digest.hex(), this.#heard.hex()];
    this.#marks.push({ ns: this.#ns, hex, heardHex });
    this.#digest = new Digest().update(hex);
    this.#heard = new Digest().update(heardHex);
  }
}

/** Trades as venues told them, until the effects tell what became of them. */
class ToldTrades {
  readonly #byOrder = new Map<number, DataView[]>();

  put(view: DataView): void {
    if (view.getFloat64(16 + 8 * MESSAGE_FIELD.kind, true) !== REPORT.trade) return;
    const id = view.getFloat64(16 + 8 * MESSAGE_FIELD.id, true);
    const told = this.#byOrder.get(id) ?? [];
    this.#byOrder.set(id, told);
    told.push(new DataView(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength)));
  }

  /** When a fill happened there: what was told before it goes, it was no fill. */
  take(id: number, ns: number, priceTicks: number, lots: number): number {
    const told = this.#byOrder.get(id) ?? [];
    const at = told.findIndex(
      (view) =>
        view.getFloat64(8, true) === ns &&
        view.getFloat64(16 + 8 * MESSAGE_FIELD.priceTicks, true) === priceTicks &&
        view.getFloat64(16 + 8 * MESSAGE_FIELD.lots, true) === lots,
    );
    if (at < 0) return ns;
    const [found] = told.splice(0, at + 1).slice(-1);
    if (told.length === 0) this.#byOrder.delete(id);
    return found?.getFloat64(16 + 8 * MESSAGE_FIELD.exchNs, true) ?? ns;
  }
}

function readEffects(
  view: DataView,
  orders: Map<number, Growing>,
  trades: ToldTrades,
  events: StoryEvent[],
): number {
  let last = 0;
  for (let at = 0; at + FIELDS * 8 <= view.byteLength; at += FIELDS * 8) {
    const cells = Array.from({ length: FIELDS }, (_, k) => view.getFloat64(at + 8 * k, true));
    const [kind = 0, ns = 0, id = 0, a = 0, b = 0, c = 0, d = 0, e = 0] = cells;
    last = ns;
    if (kind === EFFECT.submitted) {
      const [station, terms] = [Math.floor(a / 64), a % 64];
      const story = { id, ns, station, terms, side: b, priceTicks: c, lots: d, strategy: e };
      orders.set(id, { ...story, changes: [], reports: [], fills: [] });
    }
    if (kind === EFFECT.strategyFaulted) events.push({ ns, what: `strategy ${a} threw and was stopped` });
    const order = orders.get(id);
    if (order === undefined) continue;
    if (kind === EFFECT.cancelSent) order.changes.push({ ns, priceTicks: 0, lots: 0 });
    else if (kind === EFFECT.replaceSent) order.changes.push({ ns, priceTicks: b, lots: c });
    else if (kind === EFFECT.report) {
      order.reports.push({ kind: a, requestId: b, reason: REASONS[c] ?? `${c}`, ns, exchNs: d });
    } else if (kind === EFFECT.filled) {
      const isMaker = e % 2 === 1;
      const reason = REASONS[Math.floor(e / 2)] ?? `${e}`;
      const exchNs = trades.take(id, ns, b, c);
      order.fills.push({ ns, exchNs, priceTicks: b, lots: c, feeMinor: d, isMaker, reason });
    }
  }
  return last;
}
