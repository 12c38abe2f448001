import process from "node:process";
import { parseArgs } from "node:util";
import { recordToJson } from "../audit/index.ts";
import { canonicalJson, Fault, isRefusal } from "../base/index.ts";
import { type AuditProofFile, checkAuditProof, proveAuditRecord } from "../host/index.ts";
import { seqOf } from "./audit-export-command.ts";
import { count, folderOf, readKey, readText, trailKey } from "./audit-words.ts";
import { TextOutlet } from "./text-outlet.ts";
import { Usage } from "./usage.ts";

/** `tickwright audit prove`: one record, for somebody without the log. */
export function auditProve(args: readonly string[]): number {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { key: { type: "string" }, seq: { type: "string" }, out: { type: "string" } },
  });
  const path = folderOf(positionals, "prove");
  const seq = seqOf("--seq", values.seq);
  if (seq === undefined) throw new Usage("--seq which record?");
  const { key } = trailKey(path, values.key);
  const file = proveAuditRecord(path, { key, seq });
  const outlet = new TextOutlet(values.out);
  outlet.write(`${canonicalJson(file)}\n`);
  outlet.end();
  process.stderr.write(
    `record ${count(seq)}, proved under ${key.text}; the proof shows the other records of its block too\n`,
  );
  return 0;
}

/** `tickwright audit check-proof`: whether a proof shows a record of the log of a key. */
export function auditCheckProof(args: readonly string[]): number {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { key: { type: "string" }, json: { type: "boolean" } },
  });
  const [path] = positionals;
  if (path === undefined || positionals.length > 1) throw new Usage("audit check-proof which file?");
  if (values.key === undefined)
    throw new Usage("--key whom do you trust? the key in the file is the prover's");
  const found = checkAuditProof(readProof(path), readKey(values.key));
  if (isRefusal(found) || !("record" in found)) {
    const { code, message } = found;
    process.stdout.write(
      values.json === true ? `${canonicalJson({ ok: false, code, message })}\n` : `${message}\n`,
    );
    return 1;
  }
  const { record, treeSize } = found;
  const json = recordToJson(record);
  process.stdout.write(
    values.json === true ? `{"ok":true,"record":${json},"treeSize":${treeSize}}\n` : `${json}\n`,
  );
  if (values.json === true) return 0;
  process.stderr.write(
    `record ${count(record.seq)} is in the log of that key, in its tree of ${count(treeSize)} leaves\n`,
  );
  return 0;
}

function readProof(path: string): AuditProofFile {
  const expected = "a proof of tickwright audit prove";
  const text = readText(path, expected);
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (cause) {
    throw new Fault("FAULT_INPUT", { path, value: text, expected, cause });
  }
  if (typeof file === "object" && file !== null) return file as AuditProofFile;
  throw new Fault("FAULT_INPUT", { path, value: text, expected });
}
