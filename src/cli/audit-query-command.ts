import process from "node:process";
import { parseArgs } from "node:util";
import {
  AUDIT_EVENTS,
  AUDIT_FRAME,
  type AuditEventName,
  type AuditFilter,
  type AuditRecord,
  recordToJson,
  scanRecords,
} from "../audit/index.ts";
import { Fault } from "../base/index.ts";
import { type AuditSegmentFile, localDisk, readAuditFolder, readAuditFrames } from "../host/index.ts";
import { formatNanos, parseNanos } from "../model/index.ts";
import { count, folderOf } from "./audit-words.ts";
import { TextOutlet } from "./text-outlet.ts";
import { Usage } from "./usage.ts";

/** `tickwright audit query`: records by what they say. */
export function auditQuery(args: readonly string[]): number {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      order: { type: "string" },
      type: { type: "string", multiple: true },
      actor: { type: "string" },
      strategy: { type: "string" },
      venue: { type: "string" },
      from: { type: "string" },
      to: { type: "string" },
      json: { type: "boolean" },
    },
  });
  const path = folderOf(positionals, "query");
  const fromNs = momentOf("--from", values.from);
  const toNs = momentOf("--to", values.to);
  const { order, actor, strategy, venue } = values;
  const asked = { fromNs, toNs, types: values.type?.map(typeOf), order, actor, strategy, venue };
  const filter = Object.fromEntries(
    Object.entries(asked).filter(([, value]) => value !== undefined),
  ) as AuditFilter;
  const outlet = new TextOutlet(undefined);
  let found = 0;
  let torn = 0;
  for (const file of readAuditFolder(path).files) {
    if (isOutside(file, fromNs, toNs)) continue;
    torn += scanFile(file, filter, (record) => {
      found += 1;
      outlet.write(values.json === true ? `${recordToJson(record)}\n` : `${lineOf(record)}\n`);
    });
  }
  outlet.end();
  process.stderr.write(`${count(found)} records; a query proves nothing: tickwright audit verify does\n`);
  return torn === 0 ? 0 : 1;
}

/**
 * Tells the records of a file; returns how many bytes it has that are no frames and that the index does
 * not know.
 */
function scanFile(
  { path, entry }: AuditSegmentFile,
  filter: AuditFilter,
  tell: (record: AuditRecord) => void,
): number {
  let torn = 0;
  for (const { tag, at, bytes } of readAuditFrames(localDisk, path)) {
    if (tag === 0) torn += bytes.length;
    if (tag !== AUDIT_FRAME.block) continue;
    try {
      for (const { record } of scanRecords(bytes, filter)) tell(record);
    } catch (cause) {
      if (!(cause instanceof Fault)) throw cause;
      const expected = "a block of records: tickwright audit verify says which is the first bad one";
      throw new Fault("FAULT_JOURNAL_CORRUPT", {
        path: `${path} byte ${at}`,
        value: cause.message,
        expected,
        cause,
      });
    }
  }
  if (torn === 0 || torn === entry?.tornBytes) return 0;
  process.stderr.write(`${path}: its last ${count(torn)} bytes are no whole frame\n`);
  return torn;
}

function isOutside(
  { entry }: AuditSegmentFile,
  fromNs: bigint | undefined,
  toNs: bigint | undefined,
): boolean {
  if (entry === undefined) return false;
  return (fromNs !== undefined && entry.toNs < fromNs) || (toNs !== undefined && entry.fromNs >= toNs);
}

function momentOf(option: string, text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined;
  const moment = parseNanos(text);
  if (typeof moment === "bigint") return moment;
  throw new Usage(`${option}: ${moment.message}`);
}

function typeOf(name: string): AuditEventName {
  if (Object.hasOwn(AUDIT_EVENTS, name)) return name as AuditEventName;
  throw new Usage(
    `--type: there is no ${JSON.stringify(name)}; one of ${Object.keys(AUDIT_EVENTS).join(", ")}`,
  );
}

/** A record on a line; whatever a text holds, it can do nothing to the terminal. */
function lineOf(record: AuditRecord): string {
  const { seq, tsNs, type, actor, order } = record;
  const payload = (
    JSON.parse(recordToJson(record)) as { readonly payload: Readonly<Record<string, unknown>> }
  ).payload;
  const said = Object.entries(payload).map(([field, value]) => `${field}=${JSON.stringify(value)}`);
  const who = `${actor.kind}:${actor.id}`.padEnd(20);
  const line = `${String(seq).padStart(10)}  ${formatNanos(tsNs)}  ${type.padEnd(18)}  ${who}  ${order.padEnd(12)}  ${said.join(" ")}`;
  return line.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, escaped);
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}
