import { checkArray, checkInteger, checkKeys, Fault } from "../base/index.ts";
import { MESSAGE_FIELD } from "../model/index.ts";
import type { OutboundOrder } from "../port/index.ts";
import { AuditBuffer } from "./audit-buffer.ts";
import { AUDIT_EVENTS, auditFieldsOf } from "./audit-event.ts";
import { AuditMoment, fieldBits, textBytes } from "./audit-fields.ts";
import { AUDIT_WORDS } from "./audit-kind.ts";
import {
  AUDIT_ACTORS,
  AUDIT_RECORD_AT,
  AUDIT_RECORD_VERSION,
  AUDIT_UNCERTAINTY_UNKNOWN,
} from "./audit-record.ts";
import { ReportWriter, reportEvent } from "./audit-report-writer.ts";
import type {
  AuditInstrument,
  AuditPlace,
  AuditRequest,
  AuditSeat,
  AuditWriterOptions,
} from "./audit-writer-options.ts";

/** What the texts of one seat are as bytes. */
interface SeatBytes {
  readonly actor: Uint8Array;
  readonly strategy: Uint8Array;
  readonly account: Uint8Array;
}

/** What the texts of one instrument are as bytes. */
interface InstrumentBytes {
  readonly actor: Uint8Array;
  readonly venue: Uint8Array;
  readonly symbol: Uint8Array;
}

const BY_STRATEGY = AUDIT_ACTORS.indexOf("strategy");
const BY_VENUE = AUDIT_ACTORS.indexOf("venue");
const SIDE_BUY = AUDIT_WORDS.side.indexOf("buy");
const SIDE_SELL = AUDIT_WORDS.side.indexOf("sell");
const NO_SIDE = AUDIT_WORDS.sideOrNone.indexOf("none");
const BUY = AUDIT_WORDS.sideOrNone.indexOf("buy");
const SELL = AUDIT_WORDS.sideOrNone.indexOf("sell");
const APPROVED = AUDIT_WORDS.verdict.indexOf("approved");
const REFUSED = AUDIT_WORDS.verdict.indexOf("refused");
const WARNED = AUDIT_WORDS.verdict.indexOf("warned");
const WARNING = AUDIT_WORDS.decisionKind.indexOf("warning");

const NEW = fieldBits("orderNew", [
  "instrument",
  "side",
  "orderType",
  "timeInForce",
  "flags",
  "lots",
  "displayLots",
]);
const NEW_PRICE = fieldBits("orderNew", ["priceTicks"]);
const NEW_STOP = fieldBits("orderNew", ["stopTicks"]);
const NEW_EXPIRE = fieldBits("orderNew", ["expireNs"]);
const MODIFY = fieldBits("orderModify", ["requestId", "priceTicks", "lots"]);
const CANCEL = fieldBits("orderCancel", ["requestId"]);
const RULE = fieldBits("riskDecision", ["rule"]);
const DECIDED = fieldBits(
  "riskDecision",
  auditFieldsOf("riskDecision").flatMap(([field]) => (field === "rule" ? [] : [field])),
);

/**
 * Writes the records of the hot path into a buffer: a gate's decisions from its rows of 16 doubles, orders as they
 * leave, reports as they arrive. Their `seq` is 0 until a chain numbers them.
 *
 * A number that cannot be a field's (an order that is refused may hold any) is kept where the field is a `real`, and
 * else written as what is nearest: no junk in an order keeps its refusal out of the trail.
 *
 * @units every `ns` is ns from the session's base
 * @invariant After a chain has numbered them, `decodeRecord` reads what `encodeRecord` would have written.
 * @cost Nothing allocated; about a byte store for each byte.
 * @throws `FAULT_CONFIG` naming the option, `FAULT_INPUT` for a text that fits no field; `FAULT_CAPACITY` from the
 * methods where the buffer is full.
 * @example
 * ```ts
 * import { AuditBuffer, AuditWriter } from "tickwright/audit";
 * const writer = new AuditWriter({
 *   node: "ldn-1",
 *   epoch: 1,
 *   cfgHash: "00".repeat(32),
 *   buildHash: "00".repeat(32),
 *   baseNs: 1_700_000_000_000_000_000n,
 *   seats: [{ strategy: "pairs", account: "A1" }],
 *   instruments: [{ symbol: "ABC@XNAS", venue: "XNAS" }],
 * });
 * const buffer = new AuditBuffer(4096);
 * writer.cancelSent(buffer, { id: 7, requestId: 2, parentId: 0, seat: 0, instrument: 0 }, 1_000);
 * buffer.length; // => 135
 * ```
 */
export class AuditWriter {
  /** @units ns; as the clock was last known */
  clockUncertaintyNs: number = AUDIT_UNCERTAINTY_UNKNOWN;
  readonly #head: Uint8Array;
  readonly #node: Uint8Array;
  readonly #seats: readonly SeatBytes[];
  readonly #instruments: readonly InstrumentBytes[];
  readonly #rules: readonly (Uint8Array | undefined)[];
  readonly #noSeat: SeatBytes;
  readonly #noInstrument: InstrumentBytes;
  readonly #moment: AuditMoment;
  readonly #reports: ReportWriter;

  constructor(options: AuditWriterOptions) {
    const keys = ["node", "epoch", "cfgHash", "buildHash", "baseNs", "seats", "instruments", "rules"];
    checkKeys("auditWriter", options, keys);
    const { baseNs, seats, instruments, rules = {} } = options;
    if (typeof baseNs !== "bigint" || BigInt.asIntN(63, baseNs) !== baseNs) {
      throw new Fault("FAULT_CONFIG", {
        path: "auditWriter.baseNs",
        value: baseNs,
        expected: "epoch ns, a bigint",
      });
    }
    this.#moment = new AuditMoment(baseNs);
    this.#reports = new ReportWriter(this.#moment);
    this.#head = headOf(options);
    this.#node = textBytes("auditWriter.node", options.node, 1);
    this.#seats = checkArray("auditWriter.seats", seats).map((seat, i) =>
      seatOf(`auditWriter.seats[${i}]`, seat),
    );
    this.#instruments = checkArray("auditWriter.instruments", instruments).map((each, i) =>
      instrumentOf(`auditWriter.instruments[${i}]`, each),
    );
    const names: (Uint8Array | undefined)[] = [];
    for (const [name, code] of Object.entries(rules)) {
      names[checkInteger(`auditWriter.rules.${name}`, code, 0, 65_535)] = textBytes(
        "auditWriter.rules",
        name,
        2,
      );
    }
    this.#rules = Array.from(names);
    this.#noSeat = seatOf("", { strategy: "", account: "" });
    this.#noInstrument = instrumentOf("", { symbol: "", venue: "" });
  }

  /**
   * Writes a `riskDecision` from a gate's row.
   *
   * @shape `cells` holds the row at `offset`: sequence, ns, kind, code, id, seat, instrument, side, lots, price in
   * ticks, node, limit, measured, bound, version, latch, as `DECISION_FIELD` of the room `risk`
   */
  decision(into: AuditBuffer, cells: Float64Array, offset: number): void {
    const seat = this.#seats[cells[offset + 5] as number] ?? this.#noSeat;
    const instrument = this.#instruments[cells[offset + 6] as number] ?? this.#noInstrument;
    const code = cells[offset + 3] as number;
    const kind = cells[offset + 2] as number;
    const rule = code === 0 ? undefined : this.#rules[code];
    const from = this.#begin(into, BY_STRATEGY, AUDIT_EVENTS.riskDecision.code, cells[offset + 1] as number);
    this.#names(into, seat.actor, seat, instrument, 0, cells[offset + 4] as number);
    into.u32(rule === undefined ? DECIDED : (DECIDED | RULE) >>> 0);
    into.count(cells[offset] as number);
    into.u8(kind);
    into.u8(kind === WARNING ? WARNED : code === 0 ? APPROVED : REFUSED);
    into.u32(code);
    if (rule !== undefined) into.raw(rule);
    into.raw(seat.account);
    into.raw(instrument.symbol);
    const side = cells[offset + 7] as number;
    into.u8(side === 1 ? BUY : side === -1 ? SELL : NO_SIDE);
    into.real(cells[offset + 8] as number);
    into.real(cells[offset + 9] as number);
    into.int(cells[offset + 10] as number);
    into.int(cells[offset + 11] as number);
    into.real(cells[offset + 12] as number);
    into.real(cells[offset + 13] as number);
    into.count(cells[offset + 14] as number);
    into.u32(cells[offset + 15] as number);
    into.setU32(from + AUDIT_RECORD_AT.length, into.length - from);
  }

  /** Writes an `orderNew`, or an `orderModify` where the order has a request's number. */
  orderSent(into: AuditBuffer, order: OutboundOrder, place: AuditPlace, ns: number): void {
    const isNew = order.requestId === 0;
    const code = isNew ? AUDIT_EVENTS.orderNew.code : AUDIT_EVENTS.orderModify.code;
    const seat = this.#seats[place.seat] ?? this.#noSeat;
    const instrument = this.#instruments[place.instrument] ?? this.#noInstrument;
    const from = this.#begin(into, BY_STRATEGY, code, ns);
    this.#names(into, seat.actor, seat, instrument, place.parentId, order.id);
    if (isNew) {
      this.#terms(into, order, instrument);
    } else {
      into.u32(MODIFY);
      into.count(order.requestId);
      into.int(order.priceTicks);
      into.count(order.lots);
    }
    into.setU32(from + AUDIT_RECORD_AT.length, into.length - from);
  }

  /** Writes an `orderCancel`. */
  cancelSent(into: AuditBuffer, cancel: AuditRequest, ns: number): void {
    const seat = this.#seats[cancel.seat] ?? this.#noSeat;
    const instrument = this.#instruments[cancel.instrument] ?? this.#noInstrument;
    const from = this.#begin(into, BY_STRATEGY, AUDIT_EVENTS.orderCancel.code, ns);
    this.#names(into, seat.actor, seat, instrument, cancel.parentId, cancel.id);
    into.u32(CANCEL);
    into.count(cancel.requestId);
    into.setU32(from + AUDIT_RECORD_AT.length, into.length - from);
  }

  /**
   * Writes a venue's report: a `fill` where it says a trade, also a foreign one, a `fillBust`, a `fillCorrection`, else
   * a `venueResponse`.
   *
   * @shape `cells` holds the report at `offset`, its fields as `MESSAGE_FIELD` of the room `model`; `sideSign` is the
   * order's, which a foreign trade's lots tell themselves
   */
  report(into: AuditBuffer, cells: Float64Array, offset: number, place: AuditPlace, sideSign: number): void {
    const seat = this.#seats[place.seat] ?? this.#noSeat;
    const instrument = this.#instruments[place.instrument] ?? this.#noInstrument;
    const code = reportEvent(cells[offset + MESSAGE_FIELD.kind] as number);
    const from = this.#begin(into, BY_VENUE, code, cells[offset + MESSAGE_FIELD.timeNs] as number);
    this.#names(
      into,
      instrument.actor,
      seat,
      instrument,
      place.parentId,
      cells[offset + MESSAGE_FIELD.id] as number,
    );
    this.#reports.write(into, cells, offset, instrument.symbol, sideSign);
    into.setU32(from + AUDIT_RECORD_AT.length, into.length - from);
  }

  #terms(into: AuditBuffer, order: OutboundOrder, instrument: InstrumentBytes): void {
    const { type, expireNs } = order;
    const hasPrice = type === 0 || type === 3;
    const hasStop = type === 2 || type === 3;
    const expires = expireNs < Number.POSITIVE_INFINITY;
    const present = NEW | (hasPrice ? NEW_PRICE : 0) | (hasStop ? NEW_STOP : 0) | (expires ? NEW_EXPIRE : 0);
    into.u32(present >>> 0);
    into.raw(instrument.symbol);
    into.u8(order.sideSign === 1 ? SIDE_BUY : SIDE_SELL);
    into.u8(type);
    into.u8(order.timeInForce);
    into.u32(order.flags);
    if (hasPrice) into.int(order.priceTicks);
    if (hasStop) into.int(order.stopTicks);
    into.count(order.lots);
    into.count(order.displayLots);
    if (expires) this.#moment.write(into, expireNs);
  }

  #begin(into: AuditBuffer, actorKind: number, code: number, ns: number): number {
    const from = into.length;
    into.raw(this.#head);
    const end = into.length;
    const { bytes } = into;
    bytes[from + AUDIT_RECORD_AT.actorKind] = actorKind;
    bytes[from + AUDIT_RECORD_AT.type] = code & 255;
    bytes[from + AUDIT_RECORD_AT.type + 1] = code >>> 8;
    into.length = from + AUDIT_RECORD_AT.tsNs;
    this.#moment.write(into, ns);
    into.u32(this.clockUncertaintyNs);
    into.length = end;
    return from;
  }

  #names(
    into: AuditBuffer,
    actor: Uint8Array,
    seat: SeatBytes,
    instrument: InstrumentBytes,
    parentId: number,
    id: number,
  ): void {
    into.raw(this.#node);
    into.raw(actor);
    into.raw(seat.strategy);
    into.raw(instrument.venue);
    if (parentId > 0) into.digits(parentId);
    else into.u8(0);
    if (Number.isSafeInteger(id) && id >= 0) into.digits(id);
    else into.u8(0);
  }
}

function headOf(options: AuditWriterOptions): Uint8Array {
  const hashes = [options.cfgHash, options.buildHash].map((hash, i) => {
    if (typeof hash === "string" && /^[0-9a-f]{64}$/.test(hash)) return Buffer.from(hash, "hex");
    const path = `auditWriter.${i === 0 ? "cfgHash" : "buildHash"}`;
    throw new Fault("FAULT_CONFIG", { path, value: hash, expected: "64 lower-case hex digits" });
  });
  const buffer = new AuditBuffer(AUDIT_RECORD_AT.texts);
  buffer.u8(AUDIT_RECORD_VERSION);
  buffer.length = AUDIT_RECORD_AT.epoch;
  buffer.u32(checkInteger("auditWriter.epoch", options.epoch, 0, 0xffff_ffff));
  for (const hash of hashes) buffer.raw(hash);
  return buffer.bytes;
}

function seatOf(path: string, seat: AuditSeat): SeatBytes {
  const strategy = textBytes(`${path}.strategy`, seat.strategy, 1);
  const actor = Uint8Array.of(...strategy, 0);
  return { actor, strategy, account: textBytes(`${path}.account`, seat.account, 2) };
}

function instrumentOf(path: string, instrument: AuditInstrument): InstrumentBytes {
  const venue = textBytes(`${path}.venue`, instrument.venue, 1);
  const actor = Uint8Array.of(...venue, 0);
  return { actor, venue, symbol: textBytes(`${path}.symbol`, instrument.symbol, 2) };
}
