import process from "node:process";
import { parseArgs } from "node:util";
import { type Checkpoint, parseCheckpoint, parseNote } from "../audit/index.ts";
import { canonicalJson, Fault, isRefusal } from "../base/index.ts";
import { verifyAuditFolder } from "../host/index.ts";
import {
  count,
  folderOf,
  labelOf,
  problemLine,
  progressOf,
  provedLines,
  readText,
  trailKey,
} from "./audit-words.ts";
import { Usage } from "./usage.ts";

/** Its exit code where nothing is wrong by the folder's own key, which does not show whose trail it is. */
const SELF_SIGNED = 3;

/** `tickwright audit verify`: what a trail proves, and the first thing that is wrong. */
export function auditVerify(args: readonly string[]): number {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      key: { type: "string" },
      anchor: { type: "string", multiple: true },
      part: { type: "boolean" },
      json: { type: "boolean" },
    },
  });
  const path = folderOf(positionals, "verify");
  const trusted = trailKey(path, values.key);
  const anchors = (values.anchor ?? []).map(readAnchor);
  const bar = progressOf(labelOf("verify", path));
  const part = values.part === true;
  const verdict = verifyAuditFolder(path, { key: trusted.key, anchors, part, onProgress: bar.tell });
  bar.end();
  const isWhole = verdict.beginning === "here" || verdict.beginning === "retired";
  // Said always, it would hide the day on which a beginning goes.
  if (part && verdict.ok && isWhole) {
    throw new Usage("--part of what? the trail's beginning is accounted for: leave it out");
  }
  // As the stand-alone verifier: nothing wrong, something proved; and every checkpoint that was kept elsewhere met.
  const isEvidence = verdict.ok && verdict.proved !== null && verdict.anchorsBefore === 0;
  const good = trusted.isFolders ? SELF_SIGNED : 0;
  const exitCode = isEvidence ? good : 1;
  if (values.json === true) {
    const trust = trusted.isFolders ? "self-signed" : "given";
    process.stdout.write(`${canonicalJson({ ...verdict, key: trusted.key.text, trust })}\n`);
    return exitCode;
  }
  const { segments, records, blocks, checkpoints, rotations, bytes, problem } = verdict;
  const turned = rotations.length === 0 ? "" : `, ${count(rotations.length)} rotations of the key`;
  const lines = [
    `${path}: ${count(segments)} segments, ${count(records)} records, ${count(blocks)} blocks, ` +
      `${count(checkpoints)} checkpoints${turned}, ${count(bytes)} bytes`,
    ...(problem === null ? [] : [problemLine(problem)]),
    ...provedLines(verdict, trusted),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
  return exitCode;
}

/** A checkpoint that was kept elsewhere, as it was signed. */
function readAnchor(path: string): Checkpoint {
  const note = parseNote(readText(path, "a signed checkpoint"));
  const checkpoint = note.ok ? parseCheckpoint(note.text) : note;
  if (!isRefusal(checkpoint) && "tsNs" in checkpoint) return checkpoint;
  const value = isRefusal(checkpoint) ? checkpoint.message : "another note";
  throw new Fault("FAULT_INPUT", { path, value, expected: "a signed checkpoint" });
}
