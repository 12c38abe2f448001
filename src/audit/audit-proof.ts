import { checkInteger, Fault, isRefusal, type Refusal, refuse } from "../base/index.ts";
import { AUDIT_RECORD_AT, type AuditRecord, decodeRecord } from "./audit-record.ts";
import {
  AUDIT_BLOCK_HEAD_BYTES,
  AUDIT_FRAME,
  AUDIT_FRAME_HEAD_BYTES,
  type AuditLeaves,
  decodeBlockParts,
  decodeHeader,
} from "./audit-segment.ts";
import type { CheckpointRefusalCode } from "./checkpoint.ts";
import type { KeyChain } from "./key-rotation.ts";
import { merkleLeafHash } from "./merkle-hash.ts";
import { type MerkleRefusalCode, verifyInclusion } from "./merkle-proof.ts";
import { MerkleTree } from "./merkle-tree.ts";
import type { NoteRefusalCode } from "./signed-note.ts";

/** What shows a third party that a record is in the log, without the log. Plain JSON. */
export interface RecordProof {
  readonly version: 1;
  readonly seq: number;
  /** The leaf that holds the record: its block's bytes, or its own. @shape hex */
  readonly leaf: string;
  /** Where the record stands in the leaf. @units bytes */
  readonly offset: number;
  readonly leafIndex: number;
  /** The hashes from the leaf to the root. @shape 64 hex digits each */
  readonly path: readonly string[];
  /** The signed checkpoint whose root it leads to. */
  readonly checkpoint: string;
}

/** A record that a signed checkpoint vouches for. */
export interface ProvedRecord {
  readonly ok: true;
  readonly record: AuditRecord;
  /** Leaves of the tree it was proved in. */
  readonly treeSize: number;
}

/** Code of a proof that holds no such record. */
export type RecordProofCode = "AUDIT_PROOF_MALFORMED";

interface Leaf {
  readonly segment: Uint8Array;
  readonly from: number;
  readonly to: number;
  readonly firstSeq: number;
  readonly count: number;
}

/**
 * Makes proofs of single records out of a log's segments, from the first on.
 *
 * @cost It keeps the segments by reference, and 64 bytes and one entry for each leaf.
 * @example
 * ```ts
 * import { AuditChain, AuditKey, AuditProver, verifyKeyChain, verifyRecordProof, isKeyChain } from "tickwright/audit";
 * const key = AuditKey.fromSeed("example.com/desk", new Uint8Array(32).fill(7));
 * const parts: Uint8Array[] = [];
 * const sink = { append: (bytes: Uint8Array) => void parts.push(bytes.slice()), seal: () => undefined };
 * const chain = new AuditChain({ origin: key.name, sink, signers: [key], salt: new Uint8Array(32) });
 * const none = { node: "", order: "", parent: "", strategy: "", venue: "", cfgHash: "0".repeat(64) };
 * const header = { ...none, tsNs: 1n, clockUncertaintyNs: 0, epoch: 1, buildHash: "0".repeat(64) };
 * const actor = { kind: "user", id: "mara", role: "risk" } as const;
 * const payload = { action: "login", outcome: "done" } as const;
 * chain.append({ ...header, actor, type: "userAction", payload });
 * chain.seal();
 * const proof = new AuditProver([Buffer.concat(parts)]).prove(1);
 * const keys = verifyKeyChain(key.verifierKey, []);
 * const found = isKeyChain(keys) && proof !== undefined && verifyRecordProof(proof, keys);
 * found && found.ok && found.record.actor.id; // => 'mara'
 * ```
 */
export class AuditProver {
  readonly #tree = new MerkleTree();
  readonly #leaves: Leaf[] = [];
  readonly #checkpoints: { readonly size: number; readonly note: string }[] = [];

  /** @throws `FAULT_INPUT` where the bytes are not a log's segments from its first on. */
  constructor(segments: readonly Uint8Array[]) {
    for (const [i, segment] of segments.entries()) this.#take(segment, i);
  }

  /** Leaves of the tree. */
  get treeSize(): number {
    return this.#tree.size;
  }

  /**
   * Makes the proof of a record under the earliest checkpoint that covers it, or under the last; `undefined` where no
   * checkpoint does.
   */
  prove(seq: number, under: "earliest" | "last" = "earliest"): RecordProof | undefined {
    checkInteger("seq", seq, 1);
    const leafIndex = this.#leafOf(seq);
    const leaf = this.#leaves[leafIndex];
    if (leaf === undefined) return undefined;
    const covering = this.#checkpoints.filter(({ size }) => size > leafIndex);
    const checkpoint = under === "earliest" ? covering[0] : covering.at(-1);
    if (checkpoint === undefined) return undefined;
    const bytes = leaf.segment.subarray(leaf.from, leaf.to);
    let offset = 0;
    for (let each = leaf.firstSeq; each < seq; each++) offset += lengthAt(bytes, offset);
    const path = this.#tree.inclusionProof(leafIndex, checkpoint.size).map(hexOf);
    return { version: 1, seq, leaf: hexOf(bytes), offset, leafIndex, path, checkpoint: checkpoint.note };
  }

  /** The hashes that show that the tree of one checkpoint begins with that of another. @shape 32 bytes each */
  consistencyProof(first: number, second: number): Uint8Array[] {
    return this.#tree.consistencyProof(first, second);
  }

  #leafOf(seq: number): number {
    let low = 0;
    let high = this.#leaves.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const leaf = this.#leaves[middle] as Leaf;
      if (leaf.firstSeq + leaf.count <= seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #take(segment: Uint8Array, index: number): void {
    const view = new DataView(segment.buffer, segment.byteOffset, segment.byteLength);
    let leaves: AuditLeaves = "block";
    for (let at = 0; at + AUDIT_FRAME_HEAD_BYTES <= segment.length; ) {
      const from = at + AUDIT_FRAME_HEAD_BYTES;
      const end = from + view.getUint32(at + 4, true);
      if (end > segment.length) break;
      const tag = view.getUint32(at, true);
      const body = segment.subarray(from, end);
      if (at === 0) {
        const header =
          tag === AUDIT_FRAME.header ? decodeHeader(body) : refuse("AUDIT_SEGMENT_MALFORMED", "", 0, "");
        if ("code" in header || header.treeSize !== this.#tree.size || header.segment !== index) {
          throw new Fault("FAULT_INPUT", {
            path: `segments[${index}]`,
            expected: `the log's segment ${index}`,
          });
        }
        leaves = header.leaves;
      } else if (tag === AUDIT_FRAME.block) {
        this.#takeBlock(segment, from, body, leaves);
      } else if (tag === AUDIT_FRAME.checkpoint) {
        const note = Buffer.from(body).toString();
        this.#checkpoints.push({ size: this.#tree.size, note });
      }
      at = end;
    }
  }

  #takeBlock(segment: Uint8Array, base: number, body: Uint8Array, leaves: AuditLeaves): void {
    const parts = decodeBlockParts(body);
    if ("code" in parts) throw new Fault("FAULT_INPUT", { path: `segment[${base}]`, value: parts.message });
    const { firstSeq, count } = parts;
    const [from, to] = [base + AUDIT_BLOCK_HEAD_BYTES, base + parts.to];
    if (leaves === "block") {
      this.#tree.append(segment.subarray(from, to));
      this.#leaves.push({ segment, from, to, firstSeq, count });
      return;
    }
    for (let at = from, i = 0; i < count; i++) {
      const length = lengthAt(segment, at);
      this.#tree.append(segment.subarray(at, at + length));
      this.#leaves.push({ segment, from: at, to: at + length, firstSeq: firstSeq + i, count: 1 });
      at += length;
    }
  }
}

/**
 * Says whether a proof shows a record of the log whose keys are given.
 *
 * @refuses In this order: `AUDIT_PROOF_MALFORMED` (no such record where the proof says), what
 * `KeyChain.openCheckpoint` refuses, `MERKLE_*`.
 */
export function verifyRecordProof(
  proof: RecordProof,
  keys: KeyChain,
): ProvedRecord | Refusal<RecordProofCode | NoteRefusalCode | CheckpointRefusalCode | MerkleRefusalCode> {
  const { version, seq, offset, leafIndex, path, checkpoint } = proof;
  if (version !== 1) return malformed("version", version, "1");
  const leaf = bytesOf(proof.leaf);
  const hashes = Array.isArray(path) ? path.map(bytesOf) : [undefined];
  if (leaf === undefined || hashes.includes(undefined)) return malformed("leaf, path", "no bytes", "hex");
  const record = recordAt(leaf, offset);
  if (record === undefined || record.seq !== seq)
    return malformed("seq", record?.seq, `a record numbered ${seq}`);
  const opened = keys.openCheckpoint(checkpoint);
  if (!opened.ok) return opened;
  const { size, root } = opened.checkpoint;
  const claim = {
    index: leafIndex,
    size,
    leafHash: merkleLeafHash(leaf),
    proof: hashes as Uint8Array[],
    root,
  };
  const holds = verifyInclusion(claim);
  return holds.ok ? { ok: true, record, treeSize: size } : holds;
}

/** The record at a place of a leaf whose records all follow one another. */
function recordAt(leaf: Uint8Array, offset: number): AuditRecord | undefined {
  for (let at = 0; at + AUDIT_RECORD_AT.texts <= leaf.length; ) {
    const end = at + lengthAt(leaf, at);
    if (end > leaf.length || end === at) return undefined;
    if (at === offset) {
      const record = decodeRecord(leaf.subarray(at, end));
      return isRefusal(record) ? undefined : (record as AuditRecord);
    }
    at = end;
  }
  return undefined;
}

function lengthAt(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(AUDIT_RECORD_AT.length, true);
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}

function bytesOf(hex: unknown): Uint8Array | undefined {
  const isHex = typeof hex === "string" && /^(?:[0-9a-f]{2})*$/.test(hex);
  return isHex ? new Uint8Array(Buffer.from(hex, "hex")) : undefined;
}

function malformed(field: string, value: unknown, expected: string): Refusal<RecordProofCode> {
  return refuse("AUDIT_PROOF_MALFORMED", field, value, expected);
}
