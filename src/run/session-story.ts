import { Digest, Fault } from "../base/index.ts";
import { EFFECT } from "../kernel/index.ts";
import { REASONS } from "../model/index.ts";
import { readSessionBegin, type SessionBegin } from "./session-begin.ts";
import { readJson, SESSION, type SessionSource, visitRecords } from "./session-record.ts";

const FIELDS = 8;
/** Rows of a market between two notes of where its digest stood. */
const STRETCH = 256;

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
  readonly ns: number;
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

/** A market as a session saw it: digests of its first 256, 512, ... rows, and of all. */
export interface MarketStory {
  readonly rows: number;
  readonly marks: readonly { readonly ns: number; readonly hex: string }[];
}

/** A recorded session, order by order. */
export interface SessionStory {
  readonly begin: SessionBegin;
  readonly orders: readonly OrderStory[];
  readonly markets: readonly MarketStory[];
  readonly runHash: string | undefined;
}

/**
 * Reads a session's records into the lives of its orders.
 *
 * @throws `FAULT_JOURNAL_FORMAT` for a journal that is no session's.
 * @cost One pass; memory for every order and one digest for 256 rows.
 */
export function readStory(records: SessionSource): SessionStory {
  let first: SessionBegin | undefined;
  let runHash: string | undefined;
  const orders = new Map<number, Growing>();
  const markets: MarketReader[] = [];
  visitRecords(records, (record) => {
    if (first === undefined) {
      first = readSessionBegin(record);
      for (const _ of first.instruments) markets.push(new MarketReader());
    } else if (record.type === SESSION.row || record.type === SESSION.bar) {
      const { payload } = record;
      const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
      markets[view.getUint16(0, true)]?.row(payload, view.getFloat64(payload.length - 8, true));
    } else if (record.type === SESSION.effects) readEffects(record.payload, orders);
    else if (record.type === SESSION.end) runHash = String(readJson("session.end", record.payload).runHash);
  });
  const begin = first as SessionBegin | undefined;
  if (begin !== undefined) {
    return { begin, runHash, orders: [...orders.values()], markets: markets.map((each) => each.finish()) };
  }
  throw new Fault("FAULT_JOURNAL_FORMAT", { path: "session", value: "no record", expected: "a session" });
}

/** Digests a market's rows, our own time of hearing them left out. */
class MarketReader {
  readonly #marks: { ns: number; hex: string }[] = [];
  #digest = new Digest();
  #hex = "";
  #rows = 0;
  #ns = 0;

  row(payload: Uint8Array, ns: number): void {
    this.#digest.update(payload.subarray(2, payload.length - 8));
    this.#rows += 1;
    this.#ns = ns;
    if (this.#rows % STRETCH === 0) this.#mark();
  }

  finish(): MarketStory {
    if (this.#rows % STRETCH !== 0) this.#mark();
    return { rows: this.#rows, marks: this.#marks };
  }

  #mark(): void {
    this.#hex = this.#digest.hex();
    this.#marks.push({ ns: this.#ns, hex: this.#hex });
    this.#digest = new Digest().update(this.#hex);
  }
}

function readEffects(payload: Uint8Array, orders: Map<number, Growing>): void {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  for (let at = 0; at + FIELDS * 8 <= payload.length; at += FIELDS * 8) {
    const cells = Array.from({ length: FIELDS }, (_, k) => view.getFloat64(at + 8 * k, true));
    const [kind = 0, ns = 0, id = 0, a = 0, b = 0, c = 0, d = 0, e = 0] = cells;
    if (kind === EFFECT.submitted) {
      const [station, terms] = [Math.floor(a / 64), a % 64];
      const story = { id, ns, station, terms, side: b, priceTicks: c, lots: d, strategy: e };
      orders.set(id, { ...story, changes: [], reports: [], fills: [] });
    }
    const order = orders.get(id);
    if (order === undefined) continue;
    if (kind === EFFECT.cancelSent) order.changes.push({ ns, priceTicks: 0, lots: 0 });
    else if (kind === EFFECT.replaceSent) order.changes.push({ ns, priceTicks: b, lots: c });
    else if (kind === EFFECT.report) {
      order.reports.push({ kind: a, requestId: b, reason: REASONS[c] ?? `${c}`, ns, exchNs: d });
    } else if (kind === EFFECT.filled) {
      const isMaker = e % 2 === 1;
      const reason = REASONS[Math.floor(e / 2)] ?? `${e}`;
      order.fills.push({ ns, priceTicks: b, lots: c, feeMinor: d, isMaker, reason });
    }
  }
}
