import { readFileSync } from "node:fs";
import { basename } from "node:path";
import process from "node:process";
import { parseVerifierKey, VerifierKey } from "../audit/index.ts";
import { Fault } from "../base/index.ts";
import {
  type AuditFolderProblem,
  type AuditFolderVerdict,
  type AuditProgress,
  readAuditFolder,
} from "../host/index.ts";
import { formatNanos } from "../model/index.ts";
import { ProgressBar } from "./progress-bar.ts";
import { Usage } from "./usage.ts";

/** A key and where it came from. */
export interface TrustedKey {
  readonly key: VerifierKey;
  /** Whether it lies beside what it is to vouch for. */
  readonly isFolders: boolean;
}

/** The folder of a command. @throws `Usage` unless there is exactly one */
export function folderOf(positionals: readonly string[], verb: string): string {
  const [path] = positionals;
  if (path === undefined || positionals.length > 1) throw new Usage(`audit ${verb} which folder?`);
  return path;
}

/** The key of a trail: what `--key` says, else the folder's. */
export function trailKey(folder: string, said: string | undefined): TrustedKey {
  if (said !== undefined) return { key: readKey(said), isFolders: false };
  const { keyText } = readAuditFolder(folder);
  const key = keyText === undefined ? undefined : parseVerifierKey(keyText);
  if (key instanceof VerifierKey) return { key, isFolders: true };
  throw new Usage("--key which? there is none in the folder");
}

/** A key as text, or in a file. @throws `FAULT_INPUT` where it is neither */
export function readKey(said: string): VerifierKey {
  const key = parseVerifierKey(said);
  if (key instanceof VerifierKey) return key;
  let text: string;
  try {
    text = readFileSync(said, "utf8");
  } catch (cause) {
    const expected = "a verifier key such as name+id+base64, or a file that holds one";
    throw new Fault("FAULT_INPUT", { path: "--key", value: said, expected, cause });
  }
  const found = parseVerifierKey(text.trim());
  if (found instanceof VerifierKey) return found;
  throw new Fault("FAULT_INPUT", {
    path: said,
    value: text.trim(),
    expected: found.expected ?? "a verifier key",
  });
}

/** Reads a file of a command. @throws `FAULT_IO` */
export function readText(path: string, expected: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new Fault("FAULT_IO", { path, value: String(cause), expected, cause });
  }
}

/** A progress bar where somebody looks at it. */
export function progressOf(label: string): {
  readonly tell: (progress: AuditProgress) => void;
  readonly end: () => void;
} {
  if (process.stderr.isTTY !== true) return { tell: () => undefined, end: () => undefined };
  const bar = new ProgressBar(label, "records");
  let last = 0;
  return {
    tell({ records, bytes, bytesTotal }) {
      last = records;
      bar.update(records, bytes > 0 ? (records * bytesTotal) / bytes : 0);
    },
    end: () => bar.finish(last),
  };
}

/** What is wrong, in a line. */
export function problemLine(problem: AuditFolderProblem): string {
  const { code, path, offset, fromSeq, toSeq, message } = problem;
  const which =
    fromSeq >= toSeq ? `record ${count(fromSeq)}` : `one of the records ${range({ fromSeq, toSeq })}`;
  const isKey = code === "AUDIT_CHECKPOINT_UNSIGNED" || message.includes("the key's");
  const hint = isKey ? "; is this the log's first key?" : "";
  return `${code} ${which}, ${path} byte ${count(offset)}: ${message}${hint}`;
}

const BEFORE = {
  here: "are here",
  retired: "were deleted by rule: a proved tombstone says so",
  part: "were not read: this is a part; nothing is shown of them",
  missing: "are not here and not proved: the beginning is missing; --part where you know why",
} as const;

/** What is proved and what is not, in words. */
export function provedLines(verdict: AuditFolderVerdict, { key, isFolders }: TrustedKey): string[] {
  const { before, proved, unproved, checkpoint, anchorsMet, ok } = verdict;
  const lines: string[] = [];
  if (before !== null) lines.push(`records ${range(before)} ${BEFORE[verdict.beginning ?? "part"]}`);
  if (proved !== null) lines.push(`records ${range(proved)} proved by ${provers(verdict, key.name)}`);
  else lines.push("no record is proved");
  const cut = (seq: number): string => `nothing shows if records behind ${count(seq)} were cut off`;
  if (unproved !== null) {
    lines.push(`records ${range(unproved)} not proved: linked, but not signed; ${cut(unproved.toSeq)}`);
  } else if (proved !== null && ok && anchorsMet === 0) {
    lines.push(`no anchor was met: ${cut(proved.toSeq)}, or if the holder of the key wrote all of it anew`);
  }
  if (isFolders && checkpoint !== null) {
    const own = `the key is the folder's own, ${key.text}`;
    lines.push(`self-signed: consistent, but of no proved origin: ${own}; --key says whom you trust`);
  }
  return lines;
}

function provers({ checkpoint, anchorsMet }: AuditFolderVerdict, name: string): string {
  const anchors = anchorsMet === 0 ? "" : `${count(anchorsMet)} ${anchorsMet === 1 ? "anchor" : "anchors"}`;
  if (checkpoint === null) return anchors;
  const { size, keyId, tsNs } = checkpoint;
  const signed = `the checkpoint of ${count(size)} leaves, signed by ${name}+${keyId} at ${formatNanos(BigInt(tsNs))}`;
  return anchors === "" ? signed : `${signed}, and ${anchors}`;
}

/** Two numbers of records. */
export function range({ fromSeq, toSeq }: { readonly fromSeq: number; readonly toSeq: number }): string {
  return `${count(fromSeq)}..${count(toSeq)}`;
}

/** A number with commas. */
export function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** A label for a folder. */
export function labelOf(verb: string, path: string): string {
  return `${verb} ${basename(path)}`;
}
