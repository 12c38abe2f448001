import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { Fault } from "../base/index.ts";
import { openTape } from "../host/index.ts";
import { queryTapes, surveyTapes, type TapeEntry, TapeLibrary } from "../library/index.ts";
import { type DepthBlock, formatNanos } from "../model/index.ts";
import type { TapeSource } from "../port/index.ts";
import { csvText, momentOf, type TapeCall, tableText } from "./tape-words.ts";
import { Usage, usageOf } from "./usage.ts";

/** What `ls` shows: entries of a manifest, or what footers say. */
type Listed = Omit<TapeEntry, "fileSha256">;

/** `tickwright tape ls`: the tapes of a library, or of any folder. */
export async function lsCommand({ paths, values }: TapeCall): Promise<number> {
  const folder = folderOf("ls", paths);
  const [fromNs, toNs] = [momentOf("from", values.from), momentOf("to", values.to)];
  const { tapes, faults }: { readonly tapes: readonly Listed[]; readonly faults: readonly Fault[] } =
    TapeLibrary.isAt(folder)
      ? { tapes: new TapeLibrary({ folder }).list(), faults: [] }
      : surveyTapes(folder);
  const meant = tapes.filter(
    (tape) =>
      (values.symbol === undefined || tape.symbol === values.symbol) &&
      (fromNs === undefined || BigInt(tape.toNs) >= fromNs) &&
      (toNs === undefined || BigInt(tape.fromNs) < toNs),
  );
  for (const { message } of faults) process.stderr.write(`${message}\n`);
  const text =
    values.json === true ? meant.map((tape) => `${JSON.stringify(tape)}\n`).join("") : listText(meant);
  process.stdout.write(text);
  return faults.length === 0 ? 0 : 1;
}

/** `tickwright tape info` of a folder: one line an instrument and schema. */
export function folderInfo(folder: string, isJson: boolean): number {
  const { tapes, faults } = surveyTapes(folder);
  for (const { message } of faults) process.stderr.write(`${message}\n`);
  const kinds = new Map<string, Listed[]>();
  for (const tape of tapes) {
    const key = `${tape.symbol}@${tape.venue} ${tape.schema}`;
    kinds.set(key, [...(kinds.get(key) ?? []), tape]);
  }
  const rows = [...kinds.values()].map((group) => ({
    symbol: (group[0] as Listed).symbol,
    venue: (group[0] as Listed).venue,
    schema: (group[0] as Listed).schema,
    tapes: group.length,
    rows: group.reduce((sum, tape) => sum + tape.rows, 0),
    bytes: group.reduce((sum, tape) => sum + tape.bytes, 0),
    fromNs: leastNs(group.map((tape) => BigInt(tape.fromNs))).toString(),
    toNs: (-leastNs(group.map((tape) => -BigInt(tape.toNs)))).toString(),
    simulated: group.some((tape) => tape.simulated),
  }));
  const body = rows.map((row) => [
    `${row.symbol}@${row.venue}${row.simulated ? " SIMULATED" : ""}`,
    ...[row.schema, row.tapes, row.rows.toLocaleString("en-US"), row.bytes.toLocaleString("en-US")],
    ...[timeText(row.fromNs), timeText(row.toNs)],
  ]);
  process.stdout.write(
    isJson
      ? `${JSON.stringify({ folder, library: TapeLibrary.isAt(folder), kinds: rows })}\n`
      : tableText(["instrument", "schema", "tapes", "rows", "bytes", "from", "to"], body),
  );
  return faults.length === 0 ? 0 : 1;
}

/** `tickwright tape add`: tapes into a library. */
export async function addCommand({ paths, values }: TapeCall): Promise<number> {
  const folder = values.library ?? "";
  if (folder === "") throw new Usage("--library which folder?");
  if (paths.length === 0) throw new Usage("tape add which tapes?");
  const codec = values.codec ?? "none";
  if (codec !== "none" && codec !== "zstd") throw new Usage(`--codec is none or zstd, not ${codec}`);
  const library = new TapeLibrary({ folder, create: true });
  for (const path of paths) {
    const tape = openTape(path);
    try {
      const entry = library.add(tape as TapeSource<DepthBlock>, { codec });
      process.stdout.write(
        values.json === true ? `${JSON.stringify(entry)}\n` : `${join(folder, entry.path)}\n`,
      );
    } finally {
      tape.close();
    }
  }
  return 0;
}

/** `tickwright tape verify`: a library's files against its manifest. */
export async function verifyCommand({ paths, values }: TapeCall): Promise<number> {
  const folder = folderOf("verify", paths);
  const library = new TapeLibrary({ folder });
  const tapes = library.list();
  const findings = library.verify();
  if (values.json === true) process.stdout.write(`${JSON.stringify({ tapes: tapes.length, findings })}\n`);
  else {
    for (const { kind, message } of findings) process.stdout.write(`${kind}: ${message}\n`);
    const rows = tapes.reduce((sum, tape) => sum + tape.rows, 0).toLocaleString("en-US");
    process.stdout.write(`${tapes.length} tapes, ${rows} rows: ${findings.length} findings\n`);
  }
  return findings.length === 0 ? 0 : 1;
}

/** `tickwright tape sql`: a question over tapes and Parquet files. */
export async function sqlCommand({ paths, values }: TapeCall): Promise<number> {
  const [sql, ...places] = paths;
  if (sql === undefined || sql.trim() === "")
    throw new Usage('tape sql which query? such as "select * from bars"');
  if (values.json === true && values.csv === true) throw new Usage("--json or --csv, not both");
  const files = (places.length === 0 ? ["."] : places).flatMap(filesOf);
  if (files.length === 0) throw new Usage(`${places.join(" ") || "."} holds no tape`);
  const { columns, rows } = await usageOf({ sql: "the query", path: "files" }, () => queryTapes(sql, files));
  if (values.json === true) {
    for (const row of rows) {
      process.stdout.write(
        `${JSON.stringify(Object.fromEntries(columns.map((name, k) => [name, row[k]])))}\n`,
      );
    }
  } else process.stdout.write(values.csv === true ? csvText(columns, rows) : tableText(columns, rows));
  return 0;
}

/** The tapes of a library or folder; of a file itself. */
function filesOf(place: string): string[] {
  if (!existsSync(place) || !statSync(place).isDirectory()) return [place];
  const tapes = TapeLibrary.isAt(place)
    ? new TapeLibrary({ folder: place }).list()
    : surveyTapes(place).tapes;
  return tapes.map(({ path }) => join(place, path));
}

function folderOf(verb: string, paths: readonly string[]): string {
  const [folder, more] = paths;
  if (folder === undefined) throw new Usage(`tape ${verb} which folder?`);
  if (more !== undefined) throw new Usage(`tape ${verb} takes one folder, and ${more} is another`);
  return folder;
}

function listText(tapes: readonly Listed[]): string {
  const body = tapes.map((tape) => [
    `${tape.symbol}@${tape.venue}${tape.simulated ? " SIMULATED" : ""}`,
    ...[tape.schema, tape.rows.toLocaleString("en-US"), tape.bytes.toLocaleString("en-US")],
    ...[timeText(tape.fromNs), timeText(tape.toNs), tape.contentSha256.slice(0, 12), tape.path],
  ]);
  return tableText(["instrument", "schema", "rows", "bytes", "from", "to", "sha256", "path"], body);
}

function timeText(ns: string): string {
  return `${formatNanos(BigInt(ns)).slice(0, 19)}Z`;
}

function leastNs(all: readonly bigint[]): bigint {
  return all.reduce((least, ns) => (ns < least ? ns : least));
}
