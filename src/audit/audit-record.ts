import { canonicalJson, Fault, type Refusal, refuse } from "../base/index.ts";
import { AuditBuffer } from "./audit-buffer.ts";
import {
  AUDIT_EVENTS,
  type AuditEventName,
  type AuditPayload,
  auditEventOf,
  auditFieldsOf,
} from "./audit-event.ts";
import { type AuditFieldCodec, auditCodec } from "./audit-kind.ts";
import { AuditReader, type AuditTrouble } from "./audit-reader.ts";

/** The version of the bytes of a record. */
export const AUDIT_RECORD_VERSION = 1;

/** A record is no longer than this. @units bytes */
export const AUDIT_RECORD_BYTES_MAX = 65_535;

/** The clock uncertainty that says it is not known. @units ns */
export const AUDIT_UNCERTAINTY_UNKNOWN = 0xffff_ffff;

/** Kinds of actors, in the order of their codes. */
export const AUDIT_ACTORS = ["system", "strategy", "user", "venue", "operator", "service"] as const;

/** Who did it. */
export interface AuditActor {
  readonly kind: (typeof AUDIT_ACTORS)[number];
  readonly id: string;
  /** The role under which it was done; empty where there are none. */
  readonly role: string;
}

/**
 * Where the parts of a record stand that have a fixed place. Behind them come seven texts (node, actor, role, strategy,
 * venue, parent, order), each with its length in one byte, then 32 bits that say which fields of the payload
 * are there, then those fields.
 *
 * @units bytes from the record's beginning
 */
export const AUDIT_RECORD_AT = {
  version: 0,
  actorKind: 1,
  type: 2,
  length: 4,
  seq: 8,
  tsNs: 16,
  clockUncertaintyNs: 24,
  epoch: 28,
  cfgHash: 32,
  buildHash: 64,
  texts: 96,
} as const;

/** What every record says beside its event. */
export interface AuditHeader {
  /** Rises by one with every record of a chain, from 1. */
  readonly seq: number;
  /** @units epoch ns */
  readonly tsNs: bigint;
  /** @units ns; {@link AUDIT_UNCERTAINTY_UNKNOWN} where it is not known */
  readonly clockUncertaintyNs: number;
  /** The process or machine that recorded it. */
  readonly node: string;
  /** The fencing epoch of the writer. */
  readonly epoch: number;
  readonly actor: AuditActor;
  /** The order, its parent, the strategy and the venue it belongs to; empty where there is none. */
  readonly order: string;
  readonly parent: string;
  readonly strategy: string;
  readonly venue: string;
  /** SHA-256 of the configuration and of the build that ran. @shape 64 hex digits */
  readonly cfgHash: string;
  readonly buildHash: string;
}

/** One record of an audit trail: a header and an event of one type. */
export type AuditRecord<Name extends AuditEventName = AuditEventName> = {
  readonly [Each in Name]: AuditHeader & { readonly type: Each; readonly payload: AuditPayload<Each> };
}[Name];

/** A record that a chain has not numbered yet. */
export type AuditEntry<Name extends AuditEventName = AuditEventName> = {
  readonly [Each in Name]: Omit<AuditHeader, "seq"> & {
    readonly type: Each;
    readonly payload: AuditPayload<Each>;
  };
}[Name];

/** What a record is refused with. */
export type AuditRecordRefusal = Refusal<"AUDIT_RECORD_MALFORMED"> & {
  /** Where in the bytes the trouble is; 0 for JSON. */
  readonly offset: number;
};

type Fields = Readonly<Record<string, unknown>>;
type Codecs = readonly (readonly [string, AuditFieldCodec])[];

const CODECS: ReadonlyMap<AuditEventName, Codecs> = new Map(
  (Object.keys(AUDIT_EVENTS) as AuditEventName[]).map((name) => [
    name,
    auditFieldsOf(name).map(([field, kind]) => [field, auditCodec(kind)] as const),
  ]),
);

const COUNT = auditCodec("count");
const U32 = auditCodec("u32");
const TIME = auditCodec("time");
const HASH = auditCodec("hash");
const HEADER_KEYS = [
  "seq",
  "tsNs",
  "clockUncertaintyNs",
  "node",
  "epoch",
  "type",
  "actor",
  "order",
  "parent",
  "strategy",
  "venue",
  "cfgHash",
  "buildHash",
  "payload",
];

/**
 * Writes a record behind what a buffer holds.
 *
 * @throws `FAULT_INPUT` naming the field that is wrong, unknown or missing, `FAULT_CAPACITY` where it does not fit; the
 * buffer's length is then what it was.
 * @cost O(bytes); allocates, and checks every field: for records that are rare.
 */
export function writeRecord(into: AuditBuffer, record: AuditRecord): void {
  const from = into.length;
  try {
    writeParts(into, from, record);
  } catch (cause) {
    into.length = from;
    throw cause;
  }
}

/**
 * The canonical bytes of a record: two equal records have equal bytes, and no other bytes mean the same.
 *
 * @throws `FAULT_INPUT` naming the field that is wrong, unknown or missing.
 * @example
 * ```ts
 * import { type AuditRecord, decodeRecord, encodeRecord } from "tickwright/audit";
 * const record: AuditRecord<"strategyPause"> = {
 *   seq: 7,
 *   tsNs: 1_723_161_253_937_085_768n,
 *   clockUncertaintyNs: 250,
 *   node: "ldn-1",
 *   epoch: 3,
 *   type: "strategyPause",
 *   actor: { kind: "user", id: "mara", role: "risk" },
 *   order: "",
 *   parent: "",
 *   strategy: "pairs",
 *   venue: "",
 *   cfgHash: "00".repeat(32),
 *   buildHash: "11".repeat(32),
 *   payload: { reason: "spread too wide", openOrders: 2 },
 * };
 * const bytes = encodeRecord(record);
 * bytes.length; // => 150
 * const back = decodeRecord(bytes);
 * "ok" in back ? back.message : back.payload; // => { reason: "spread too wide", openOrders: 2 }
 * ```
 */
export function encodeRecord(record: AuditRecord): Uint8Array {
  return encoded(record, (bytes) => bytes.slice());
}

/**
 * Reads one record; the bytes must be all of it.
 *
 * @refuses `AUDIT_RECORD_MALFORMED` naming the first field that is not as `encodeRecord` writes it: another version, an
 * unknown type or word, a length that is not the bytes', a text that is not UTF-8 in NFC, a number in another form,
 * bytes left over.
 */
export function decodeRecord(bytes: Uint8Array): AuditRecord | AuditRecordRefusal {
  return decodeRecordAt(bytes, 0, bytes.length);
}

/** Reads the record that fills `bytes` from `from` to `to`. */
export function decodeRecordAt(
  bytes: Uint8Array,
  from: number,
  to: number,
): AuditRecord | AuditRecordRefusal {
  const reader = new AuditReader(bytes, from, to);
  const version = reader.u8();
  if (version !== AUDIT_RECORD_VERSION) reader.refuse("version", version, String(AUDIT_RECORD_VERSION));
  const actorKind = reader.u8();
  if (actorKind >= AUDIT_ACTORS.length)
    reader.refuse("actor.kind", actorKind, `below ${AUDIT_ACTORS.length}`);
  const code = reader.u16();
  const type = auditEventOf(code);
  if (type === undefined) reader.refuse("type", code, "a code of AUDIT_EVENTS");
  const length = reader.u32();
  if (length !== to - from || length > AUDIT_RECORD_BYTES_MAX) {
    reader.refuse("length", length, `${to - from}, at most ${AUDIT_RECORD_BYTES_MAX}`);
  }
  const seq = reader.count("seq");
  if (seq === 0) reader.refuse("seq", seq, "at least 1");
  const tsNs = reader.i64();
  const clockUncertaintyNs = reader.u32();
  const epoch = reader.u32();
  const cfgHash = HASH.read(reader, "cfgHash") as string;
  const buildHash = HASH.read(reader, "buildHash") as string;
  const node = reader.text("node", 1);
  const id = reader.text("actor.id", 1);
  const role = reader.text("actor.role", 1);
  const strategy = reader.text("strategy", 1);
  const venue = reader.text("venue", 1);
  const parent = reader.text("parent", 1);
  const order = reader.text("order", 1);
  const payload = type === undefined ? {} : readPayload(reader, type);
  if (reader.rest > 0) reader.refuse("payload", `${reader.rest} bytes`, "none left over");
  if (reader.trouble !== undefined) return refused(reader.trouble);
  const kind = AUDIT_ACTORS[actorKind] ?? "system";
  const header = { seq, tsNs, clockUncertaintyNs, node, epoch, type, actor: { kind, id, role } };
  return { ...header, order, parent, strategy, venue, cfgHash, buildHash, payload } as AuditRecord;
}

/**
 * A record as canonical JSON: texts and integers as they are, moments, decimals and numbers that may be fractions as
 * strings, bytes and hashes as hex.
 *
 * @source RFC 8785
 * @throws `FAULT_INPUT` for what is no record.
 */
export function recordToJson(record: AuditRecord): string {
  encoded(record, () => undefined);
  const payload: Record<string, unknown> = {};
  const said = record.payload as Fields;
  for (const [field, codec] of CODECS.get(record.type) ?? []) {
    const value = said[field];
    if (value === undefined) continue;
    payload[field] = codec.toJson === undefined ? value : codec.toJson(value);
  }
  const { actor } = record;
  const header = {
    ...record,
    version: AUDIT_RECORD_VERSION,
    actor: { kind: actor.kind, id: actor.id, role: actor.role },
  };
  return canonicalJson({ ...header, payload }).normalize("NFC");
}

/**
 * Reads a record from its canonical JSON.
 *
 * @refuses `AUDIT_RECORD_MALFORMED` for every text that `recordToJson` does not write.
 * @example
 * ```ts
 * import { recordFromJson } from "tickwright/audit";
 * const read = recordFromJson('{"type":"strategyPause"}');
 * "ok" in read && read.code; // => 'AUDIT_RECORD_MALFORMED'
 * ```
 */
export function recordFromJson(text: string): AuditRecord | AuditRecordRefusal {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused({ field: "json", value: text, expected: "JSON", offset: 0 });
  }
  const record = value as { readonly type?: unknown; readonly tsNs?: unknown; readonly payload?: unknown };
  const codecs = typeof record?.type === "string" ? CODECS.get(record.type as AuditEventName) : undefined;
  if (codecs === undefined || typeof record.payload !== "object" || record.payload === null) {
    return refused({ field: "json", value: text, expected: "a record with a type and a payload", offset: 0 });
  }
  const payload: Record<string, unknown> = { ...record.payload };
  for (const [field, codec] of codecs) {
    if (field in payload && codec.fromJson !== undefined) payload[field] = codec.fromJson(payload[field]);
  }
  const { version, ...rest } = { version: undefined, ...record, tsNs: TIME.fromJson?.(record.tsNs), payload };
  try {
    const made = rest as AuditRecord;
    if (version === AUDIT_RECORD_VERSION && recordToJson(made) === text) return made;
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    const { path = "json", value: found, expected = "a record" } = cause;
    return refused({ field: path, value: found, expected, offset: 0 });
  }
  return refused({ field: "json", value: text, expected: "canonical JSON of a record", offset: 0 });
}

/**
 * Makes any text fit a field: lone surrogates replaced, NFC, cut between characters to at most `bytesMax` bytes. For
 * texts nobody chose, such as an exception's message: what cannot be recorded would stop trading.
 *
 * @example
 * ```ts
 * import { auditText } from "tickwright/audit";
 * auditText("naïve \ud800", 7); // => 'naïve '
 * ```
 */
export function auditText(text: string, bytesMax = 4096): string {
  let clean = text.slice(0, bytesMax).toWellFormed().normalize("NFC");
  while (Buffer.byteLength(clean) > bytesMax) {
    const over = Buffer.byteLength(clean) - bytesMax;
    clean = clean.slice(0, clean.length - Math.ceil(over / 3)).toWellFormed();
    if (clean.endsWith("\ufffd")) clean = clean.slice(0, -1);
  }
  return clean;
}

/** A buffer for one record while nobody uses it: a getter of a record may encode another one. */
let spare: AuditBuffer | undefined;

/** Writes a record and hands its bytes, good during the call, to `use`. */
function encoded<Result>(record: AuditRecord, use: (bytes: Uint8Array) => Result): Result {
  const buffer = spare ?? new AuditBuffer(AUDIT_RECORD_BYTES_MAX);
  spare = undefined;
  buffer.length = 0;
  try {
    writeRecord(buffer, record);
    return use(buffer.bytes.subarray(0, buffer.length));
  } finally {
    spare = buffer;
  }
}

function writeParts(into: AuditBuffer, from: number, record: AuditRecord): void {
  const codecs = CODECS.get(record.type);
  if (codecs === undefined) throw wrong("type", record.type, "a name of AUDIT_EVENTS");
  const stray = Object.entries(record).find(([key]) => !HEADER_KEYS.includes(key));
  if (stray !== undefined) throw wrong(stray[0], stray[1], "no such field");
  const { actor } = record;
  const kind = AUDIT_ACTORS.indexOf(actor.kind);
  if (kind < 0) throw wrong("actor.kind", actor.kind, `one of ${AUDIT_ACTORS.join(", ")}`);
  if (record.seq === 0) throw wrong("seq", 0, "at least 1");
  into.u8(AUDIT_RECORD_VERSION);
  into.u8(kind);
  into.u16(AUDIT_EVENTS[record.type].code);
  into.u32(0);
  COUNT.write(into, record.seq, "seq");
  TIME.write(into, record.tsNs, "tsNs");
  U32.write(into, record.clockUncertaintyNs, "clockUncertaintyNs");
  U32.write(into, record.epoch, "epoch");
  HASH.write(into, record.cfgHash, "cfgHash");
  HASH.write(into, record.buildHash, "buildHash");
  into.text(record.node, "node", 1);
  into.text(actor.id, "actor.id", 1);
  into.text(actor.role, "actor.role", 1);
  into.text(record.strategy, "strategy", 1);
  into.text(record.venue, "venue", 1);
  into.text(record.parent, "parent", 1);
  into.text(record.order, "order", 1);
  writePayload(into, codecs, record.payload as Fields);
  const length = into.length - from;
  if (length > AUDIT_RECORD_BYTES_MAX) throw wrong("length", length, `at most ${AUDIT_RECORD_BYTES_MAX}`);
  into.setU32(from + AUDIT_RECORD_AT.length, length);
}

function writePayload(into: AuditBuffer, codecs: Codecs, payload: Fields): void {
  for (const key of Object.keys(payload)) {
    if (!codecs.some(([field]) => field === key))
      throw wrong(`payload.${key}`, payload[key], "no such field");
  }
  const at = into.length;
  into.u32(0);
  let present = 0;
  for (const [i, [field, codec]] of codecs.entries()) {
    const value = payload[field];
    if (value === undefined && codec.isOptional) continue;
    codec.write(into, value, `payload.${field}`);
    present |= 1 << i;
  }
  into.setU32(at, present >>> 0);
}

function readPayload(reader: AuditReader, type: AuditEventName): Fields {
  const codecs = CODECS.get(type) ?? [];
  const present = reader.u32();
  const payload: Record<string, unknown> = {};
  let known = 0;
  for (const [i, [field, codec]] of codecs.entries()) {
    known |= 1 << i;
    if ((present & (1 << i)) !== 0) payload[field] = codec.read(reader, `payload.${field}`);
    else if (!codec.isOptional) reader.refuse(`payload.${field}`, "absent", "present");
    if (reader.trouble !== undefined) return payload;
  }
  if ((present & ~known) !== 0) reader.refuse("payload", present, "bits of known fields only");
  return payload;
}

function refused(trouble: AuditTrouble): AuditRecordRefusal {
  const { field, value, expected, offset } = trouble;
  return { ...refuse("AUDIT_RECORD_MALFORMED", field, value, expected), offset };
}

function wrong(path: string, value: unknown, expected: string): Fault {
  return new Fault("FAULT_INPUT", { path, value, expected });
}
