import process from "node:process";
import { parseArgs } from "node:util";
import { recordToJson } from "../audit/index.ts";
import { verifyAuditFolder } from "../host/index.ts";
import { count, folderOf, labelOf, problemLine, progressOf, provedLines, trailKey } from "./audit-words.ts";
import { TextOutlet } from "./text-outlet.ts";
import { Usage } from "./usage.ts";

/** `tickwright audit export`: records as canonical JSON, each one verified. */
export function auditExport(args: readonly string[]): number {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      key: { type: "string" },
      from: { type: "string" },
      to: { type: "string" },
      part: { type: "boolean" },
      out: { type: "string" },
    },
  });
  const path = folderOf(positionals, "export");
  const fromSeq = seqOf("--from", values.from) ?? 1;
  const toSeq = seqOf("--to", values.to) ?? Number.MAX_SAFE_INTEGER;
  if (fromSeq > toSeq) throw new Usage(`--to: ${toSeq} is before ${fromSeq}`);
  const trusted = trailKey(path, values.key);
  const outlet = new TextOutlet(values.out);
  const bar = progressOf(labelOf("export", path));
  let written = 0;
  try {
    const verdict = verifyAuditFolder(path, {
      key: trusted.key,
      fromSeq,
      toSeq,
      part: values.part === true,
      onProgress: bar.tell,
      onRecord(record) {
        if (record.seq < fromSeq || record.seq > toSeq) return;
        outlet.write(`${recordToJson(record)}\n`);
        written += 1;
      },
    });
    bar.end();
    const { problem } = verdict;
    if (problem !== null) outlet.drop();
    else outlet.end();
    const lines = problem === null ? [] : [problemLine(problem)];
    lines.push(`${count(written)} records ${problem === null ? "exported" : "were good before that"}`);
    process.stderr.write(`${[...lines, ...provedLines(verdict, trusted)].join("\n")}\n`);
    return problem === null ? 0 : 1;
  } catch (error) {
    outlet.drop();
    throw error;
  }
}

/** The number of a record. @throws `Usage` for what is none */
export function seqOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seq = /^[1-9]\d*$/.test(text) ? Number(text) : 0;
  if (seq >= 1 && Number.isSafeInteger(seq)) return seq;
  throw new Usage(`${option}: ${JSON.stringify(text)} is no number of a record, from 1`);
}
