import {
  AUDIT_FRAME,
  type AuditRecord,
  AuditVerifier,
  isKeyChain,
  merkleLeafHash,
  type ProvedRecord,
  parseVerifierKey,
  type RecordProof,
  VerifierKey,
  verifyKeyChain,
  verifyRecordProof,
} from "../audit/index.ts";
import { checkInteger, Fault, type Refusal, refuse } from "../base/index.ts";
import { readAuditFrames } from "./audit-frames.ts";
import { readAuditFolder } from "./audit-listing.ts";
import { SuffixTree } from "./audit-suffix-tree.ts";
import { type AuditRecordPlace, verifyAuditFolder } from "./audit-verify.ts";
import { type Disk, localDisk } from "./journal-disk.ts";

/** One record's proof with all that is needed to check it but the trust in the key. Plain JSON. */
export interface AuditProofFile {
  readonly version: 1;
  /** The log's first key, as it signed; hold it against the one you trust. */
  readonly key: string;
  /** The key's rotations so far, oldest first. */
  readonly rotations: readonly string[];
  readonly proof: RecordProof;
}

/** Where records and check words stand in a block's frame, and in a record. */
const RECORDS_LENGTH_AT = 20;
const RECORDS_AT = 24;
const RECORD_LENGTH_AT = 4;

/**
 * Makes the proof of a record out of a trail's folder, under the earliest checkpoint that covers it.
 * Everything from the segment the record is in (without an index: from the first) up to that checkpoint is
 * verified on the way.
 *
 * @throws `FAULT_INPUT` where the trail has no such record, or no checkpoint covers it yet;
 * `FAULT_JOURNAL_CORRUPT` where the trail does not hold; what {@link verifyAuditFolder} throws.
 * @cost 32 bytes for each leaf that is read.
 */
export function proveAuditRecord(
  path: string,
  options: { readonly key: VerifierKey; readonly seq: number; readonly disk?: Disk },
): AuditProofFile {
  const { key, disk = localDisk } = options;
  const seq = checkInteger("proveAuditRecord.seq", options.seq, 1);
  const found = new LeafSearch(seq, treeBefore(path, key, seq, disk));
  const verdict = verifyAuditFolder(path, {
    key,
    fromSeq: seq,
    toSeq: seq,
    part: true,
    disk,
    onRecord: (record, place) => found.hear(record, place),
  });
  if (verdict.problem !== null) {
    const { code, path: file, offset, message, fromSeq } = verdict.problem;
    const value = `${code}, record ${fromSeq}: ${message}`;
    throw new Fault("FAULT_JOURNAL_CORRUPT", {
      path: `${file} byte ${offset}`,
      value,
      expected: "a trail that holds",
    });
  }
  const { leaf } = found;
  const { checkpoint, proved, rotations } = verdict;
  if (leaf === undefined) {
    const last = verdict.unproved?.toSeq ?? proved?.toSeq ?? verdict.before?.toSeq ?? 0;
    const has = last === 0 ? "a trail with records" : `a record that is there: the last one is ${last}`;
    throw new Fault("FAULT_INPUT", { path: "seq", value: seq, expected: has });
  }
  if (checkpoint === null || checkpoint.size <= leaf.index) {
    const expected = "a record that a checkpoint covers: none does yet";
    throw new Fault("FAULT_INPUT", { path: "seq", value: seq, expected });
  }
  const proof: RecordProof = {
    version: 1,
    seq,
    leaf: hexOf(leaf.bytes),
    offset: leaf.offset,
    leafIndex: leaf.index,
    path: found.tree.path(leaf.index, checkpoint.size).map(hexOf),
    checkpoint: checkpoint.note,
  };
  return { version: 1, key: key.text, rotations, proof };
}

/**
 * Says whether a proof's file shows a record of the log whose first key is given.
 *
 * @refuses `AUDIT_PROOF_MALFORMED` for what is no such file, `NOTE_KEY_INVALID` for another key than the
 * one given; what `verifyKeyChain` and `verifyRecordProof` refuse.
 */
export function checkAuditProof(file: AuditProofFile, key: VerifierKey): ProvedRecord | Refusal {
  const { version, rotations, proof } = file;
  if (version !== 1 || !Array.isArray(rotations) || typeof proof !== "object" || proof === null) {
    return refuse("AUDIT_PROOF_MALFORMED", "file", version, "a proof's file, version 1");
  }
  const named = parseVerifierKey(String(file.key));
  if (!(named instanceof VerifierKey)) return named;
  if (named.text !== key.text) return refuse("NOTE_KEY_INVALID", "key", named.text, key.text);
  if (typeof proof.checkpoint !== "string" || rotations.some((note) => typeof note !== "string")) {
    return refuse("AUDIT_PROOF_MALFORMED", "proof.checkpoint, rotations", "no texts", "notes");
  }
  const keys = verifyKeyChain(key, rotations as readonly string[]);
  return isKeyChain(keys) ? verifyRecordProof(proof, keys) : keys;
}

interface FoundLeaf {
  readonly index: number;
  readonly bytes: Uint8Array;
  readonly offset: number;
}

/** Collects leaves while records go by, and keeps the one that holds the record. */
class LeafSearch {
  readonly tree: SuffixTree;
  leaf: FoundLeaf | undefined;
  readonly #seq: number;
  readonly #isPerRecord: boolean;

  constructor(seq: number, before: TreeBefore) {
    this.#seq = seq;
    this.#isPerRecord = before.isPerRecord;
    this.tree = new SuffixTree(before.tree);
  }

  hear(record: AuditRecord, place: AuditRecordPlace): void {
    const isNew = place.leaf === this.tree.size;
    const isWanted = record.seq === this.#seq;
    if (!isNew && !isWanted) return;
    const { bytes, at } = place.frame;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const from = this.#isPerRecord ? place.offset - at : RECORDS_AT;
    const length = view.getUint32(this.#isPerRecord ? from + RECORD_LENGTH_AT : RECORDS_LENGTH_AT, true);
    const leaf = bytes.subarray(from, from + length);
    if (isNew) this.tree.append(merkleLeafHash(leaf));
    if (isWanted) this.leaf = { index: place.leaf, bytes: leaf.slice(), offset: place.offset - at - from };
  }
}

interface TreeBefore {
  readonly tree: ConstructorParameters<typeof SuffixTree>[0];
  readonly isPerRecord: boolean;
}

/** The tree as it was before the first segment that has to be read, by that segment's own header. */
function treeBefore(path: string, key: VerifierKey, seq: number, disk: Disk): TreeBefore {
  const { files } = readAuditFolder(path, disk);
  const first = files.find(({ entry }) => entry === undefined || entry.lastSeq >= seq) ?? files.at(-1);
  const none = { tree: { version: 1, size: 0, peaks: [] }, isPerRecord: false } as const;
  if (first === undefined) return none;
  for (const { bytes, tag } of readAuditFrames(disk, first.path)) {
    if (tag !== AUDIT_FRAME.header) return none;
    const verifier = new AuditVerifier({ key });
    verifier.push(bytes);
    const { state } = verifier.finish();
    return state === null ? none : { tree: state.tree, isPerRecord: state.leaves === "record" };
  }
  return none;
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}
