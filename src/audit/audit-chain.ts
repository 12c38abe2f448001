import { checkChoice, checkInteger, checkKeys, checkText, Fault } from "../base/index.ts";
import { publishTo } from "./audit-anchoring.ts";
import { fault, OpenBlock } from "./audit-block.ts";
import type { AuditBuffer } from "./audit-buffer.ts";
import {
  type AuditChainOptions,
  CHAIN_OPTIONS,
  checkPorts,
  checkSalt,
  checkSigners,
} from "./audit-chain-options.ts";
import { type AuditChainState, checkChainState } from "./audit-chain-state.ts";
import type { AuditEdge } from "./audit-digest.ts";
import { checkDigest } from "./audit-digest-option.ts";
import type { AuditAnchor, AuditSink } from "./audit-port.ts";
import {
  AUDIT_RECORD_AT,
  AUDIT_RECORD_BYTES_MAX,
  AUDIT_UNCERTAINTY_UNKNOWN,
  type AuditEntry,
  type AuditRecord,
  writeRecord,
} from "./audit-record.ts";
import {
  AUDIT_BLOCK_RECORDS_MAX,
  AUDIT_FRAME_HEAD_BYTES,
  type AuditLeaves,
  encodeCheckpointFrame,
  encodeEnd,
  encodeHeader,
  genesisOf,
} from "./audit-segment.ts";
import { CLOCK_STATUSES, type ClockStatus, checkpointHash, signCheckpoint } from "./checkpoint.ts";
import { signRotation } from "./key-rotation.ts";
import { MERKLE_HASH_BYTES } from "./merkle-hash.ts";
import { plainDigest } from "./plain-digest.ts";
import { parseNote, type Signer } from "./signed-note.ts";

const HOUR_NS = 3_600_000_000_000;
const NO_HASH = new Uint8Array(MERKLE_HASH_BYTES);

/**
 * An append-only log of audit records: numbered without a gap, in blocks linked by SHA-256, under a Merkle tree whose
 * root is signed. Each instance writes one segment.
 *
 * Records enter by `append`, or by an `AuditWriter` writing into `buffer` and `admit`, or already encoded by
 * `admitBytes`. A block goes to the sink when it holds `blockRecords`, and by `flush`; an order whose intent must be
 * durable is sent after the `flush` that carries it.
 *
 * @invariant `AuditVerifier` accepts what it emits. Nothing is emitted after a failure: a sink or signer that throws
 * stops the chain for good, and the caller must stop trading.
 * @throws `FAULT_IO` once a sink failed and ever after; `FAULT_TIME` for a record before the last one, `FAULT_INPUT`
 * for what is no record: neither is taken.
 * @cost `admit` allocates nothing; a block two hashes over its bytes and about one for the tree; a checkpoint one
 * signature. With `leaves: "record"` one hash more and about one for the tree for each record.
 * @example
 * ```ts
 * import { AuditChain, AuditKey, AuditVerifier } from "tickwright/audit";
 * const key = AuditKey.fromSeed("example.com/desk", new Uint8Array(32).fill(7));
 * const parts: Uint8Array[] = [];
 * const sink = { append: (bytes: Uint8Array) => void parts.push(bytes.slice()), seal: () => undefined };
 * const chain = new AuditChain({ origin: key.name, sink, signers: [key], salt: new Uint8Array(32).fill(1) });
 * const seq = chain.append({
 *   tsNs: 1_732_187_000_000_000_000n,
 *   clockUncertaintyNs: 250,
 *   node: "ldn-1",
 *   epoch: 1,
 *   type: "systemEvent",
 *   actor: { kind: "system", id: "engine", role: "" },
 *   order: "",
 *   parent: "",
 *   strategy: "",
 *   venue: "",
 *   cfgHash: "00".repeat(32),
 *   buildHash: "00".repeat(32),
 *   payload: { component: "engine", event: "started" },
 * });
 * chain.seal();
 * const verifier = new AuditVerifier({ key: key.verifierKey });
 * for (const part of parts) verifier.push(part);
 * verifier.endSegment();
 * const { ok, proved } = verifier.finish();
 * ok; // => true
 * proved?.toSeq === seq; // => true
 * ```
 */
export class AuditChain {
  readonly origin: string;
  /** The number of the segment that is written. */
  readonly segment: number;
  readonly #sink: AuditSink;
  readonly #leaves: AuditLeaves;
  readonly #checkpointBlocks: number;
  readonly #checkpointNs: number;
  readonly #anchor: AuditAnchor | undefined;
  readonly #anchorNs: number;
  readonly #block: OpenBlock;
  readonly #edge: AuditEdge;
  readonly #rotations: string[];
  #signers: readonly Signer[];
  /** When the last checkpoint was signed, and when the last one was published, in words of 32 bits. */
  #checkpointHigh: number;
  #checkpointLow: number;
  #anchorHigh = 0;
  #anchorLow = 0;
  #hasAnchored = false;
  #blocksSince = 0;
  #checkpointSize: number;
  #checkpointHash: Uint8Array | null;
  #clock: ClockStatus = "unknown";
  #clockUncertaintyNs: number = AUDIT_UNCERTAINTY_UNKNOWN;
  #isSealed = false;
  #failure: Fault | undefined;

  /** @throws `FAULT_CONFIG` naming the option, `FAULT_INPUT` for a state that is none. */
  constructor(options: AuditChainOptions) {
    checkKeys("auditChain", options, CHAIN_OPTIONS);
    const { state, sink, anchor } = options;
    this.origin = checkText("auditChain.origin", options.origin);
    this.#signers = checkSigners(this.origin, options.signers);
    this.#leaves = checkChoice("auditChain.leaves", options.leaves ?? "block", ["block", "record"]);
    const records = options.blockRecords ?? 64;
    const recordsMax = checkInteger("auditChain.blockRecords", records, 1, AUDIT_BLOCK_RECORDS_MAX);
    this.#checkpointBlocks = checkInteger("auditChain.checkpointBlocks", options.checkpointBlocks ?? 1024, 1);
    this.#checkpointNs = checkInteger("auditChain.checkpointNs", options.checkpointNs ?? 1_000_000_000, 1);
    this.#anchorNs = checkInteger("auditChain.anchorNs", options.anchorNs ?? HOUR_NS, 1);
    this.#anchor = anchor;
    checkPorts(sink, anchor);
    this.#sink = sink;
    if (state !== undefined) checkChainState(state, this.origin, this.#leaves);
    this.#edge = checkDigest("auditChain.digest", options.digest ?? plainDigest).edge(state?.tree);
    this.segment = state === undefined ? 0 : state.segment + 1;
    this.#block = new OpenBlock(recordsMax, state?.nextSeq ?? 1, BigInt(state?.lastTsNs ?? "0"));
    this.#rotations = [...(state?.rotations ?? [])];
    this.#checkpointSize = this.#edge.size;
    this.#checkpointHash = bytesOf(state?.checkpointHash);
    this.#checkpointHigh = this.#block.tsHigh;
    this.#checkpointLow = this.#block.tsLow;
    this.#begin(state, options.salt);
  }

  /** Where an `AuditWriter` writes the next record. */
  get buffer(): AuditBuffer {
    return this.#block.buffer;
  }

  /** The number the next record gets. */
  get nextSeq(): number {
    return this.#block.nextSeq;
  }

  /** Records in the open block, which no sink has yet. */
  get pending(): number {
    return this.#block.count;
  }

  /** Leaves of the tree. */
  get treeSize(): number {
    return this.#edge.size;
  }

  /** The last link: the head of the chain. @shape 32 bytes */
  get tip(): Uint8Array {
    return this.#edge.tip.slice();
  }

  /** What stopped the chain, if anything did. */
  get failure(): Fault | undefined {
    return this.#failure;
  }

  /** What checkpoints say of the clock from now on. */
  clockIs(status: ClockStatus, uncertaintyNs: number): void {
    this.#clock = checkChoice("clock", status, CLOCK_STATUSES);
    this.#clockUncertaintyNs = checkInteger(
      "clockUncertaintyNs",
      uncertaintyNs,
      0,
      AUDIT_UNCERTAINTY_UNKNOWN,
    );
  }

  /** Takes a record and gives its number. */
  append(entry: AuditEntry): number {
    this.#check();
    this.#block.rewind();
    writeRecord(this.#block.buffer, { ...entry, seq: this.#block.nextSeq } as AuditRecord);
    return this.admit();
  }

  /** Takes the record that an `AuditWriter` wrote into `buffer`, and gives its number. */
  admit(): number {
    this.#check();
    const block = this.#block;
    const seq = block.nextSeq;
    if (block.admit()) {
      this.#checkpointHigh = block.tsHigh;
      this.#checkpointLow = block.tsLow;
    }
    if (block.sinceNs(this.#checkpointHigh, this.#checkpointLow) >= this.#checkpointNs) this.checkpoint();
    else if (block.isFull) this.#close();
    return seq;
  }

  /** Takes records that stand in `bytes` one behind the other, as they came out of a ring, and gives the last number. */
  admitBytes(bytes: Uint8Array, from = 0, to: number = bytes.length): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = from; at < to; ) {
      const left = to - at;
      const length = left < AUDIT_RECORD_AT.texts ? 0 : view.getUint32(at + AUDIT_RECORD_AT.length, true);
      if (length < AUDIT_RECORD_AT.texts || length > left || length > AUDIT_RECORD_BYTES_MAX) {
        throw fault("FAULT_INPUT", `admitBytes[${at}]`, `${left} bytes`, "whole records");
      }
      this.#block.rewind();
      this.#block.buffer.raw(bytes.subarray(at, at + length));
      this.admit();
      at += length;
    }
    return this.#block.nextSeq - 1;
  }

  /** Closes the open block and hands it to the sink. */
  flush(): void {
    this.#check();
    this.#close();
  }

  /** Closes the open block, signs the tree's root and hands both to the sink; `undefined` where nothing is new. */
  checkpoint(): string | undefined {
    this.#check();
    this.#emitBlock();
    this.#checkpointHigh = this.#block.tsHigh;
    this.#checkpointLow = this.#block.tsLow;
    this.#blocksSince = 0;
    if (this.#edge.size === this.#checkpointSize) return undefined;
    const note = this.#attempt("signers", () => this.#sign());
    const parsed = parseNote(note);
    this.#checkpointSize = this.#edge.size;
    this.#checkpointHash = checkpointHash(parsed.ok ? parsed.text : "");
    this.#emit(encodeCheckpointFrame(note));
    this.#publish(note, this.#checkpointHash);
    return note;
  }

  /**
   * Hands the log over to another key of the same name: a checkpoint under the old one, then a `keyRotation` record
   * with the statement both have signed, then a checkpoint under the new one. Gives the statement.
   *
   * @throws `FAULT_INPUT` for a key of another name or the same key; nothing has changed then.
   */
  rotate(to: Signer, reason: string, entry: Omit<AuditEntry<"keyRotation">, "type" | "payload">): string {
    this.checkpoint();
    const before = this.#signers;
    const from = before[0] as Signer;
    const number = this.#rotations.length + 1;
    const statement = signRotation(from, to, {
      number,
      fromSize: this.#edge.size + 1,
      tsNs: entry.tsNs,
      reason,
    });
    const payload = {
      retiringKey: from.verifierKey.text,
      succeedingKey: to.verifierKey.text,
      statement: new TextEncoder().encode(statement),
      reason,
    };
    // The record may bring a checkpoint about, which is the new key's to sign.
    this.#signers = [to, ...before.slice(1)];
    this.#rotations.push(statement);
    try {
      this.append({ ...entry, type: "keyRotation", payload });
    } catch (cause) {
      this.#signers = before;
      this.#rotations.pop();
      throw cause;
    }
    this.checkpoint();
    return statement;
  }

  /** Signs a last checkpoint and ends the segment; the chain takes no more. Gives what the next one continues from. */
  seal(): AuditChainState {
    this.checkpoint();
    // What an anchor answered came behind the checkpoint.
    if (this.#block.count > 0) this.checkpoint();
    this.#emit(
      encodeEnd({ lastSeq: this.#block.nextSeq - 1, treeSize: this.#edge.size, tip: this.#edge.tip }),
    );
    this.#attempt("sink.seal", () => this.#sink.seal());
    this.#isSealed = true;
    return this.save();
  }

  /** Hands the open block to the sink and gives what the next segment continues from. */
  save(): AuditChainState {
    if (!this.#isSealed) this.flush();
    const hash = this.#checkpointHash;
    return {
      version: 1,
      origin: this.origin,
      leaves: this.#leaves,
      segment: this.segment,
      isSealed: this.#isSealed,
      tornBytes: 0,
      nextSeq: this.#block.nextSeq,
      lastTsNs: String(this.#block.lastTsNs),
      tip: Buffer.from(this.#edge.tip).toString("hex"),
      checkpointHash: hash === null ? null : Buffer.from(hash).toString("hex"),
      rotations: [...this.#rotations],
      tree: this.#edge.save(),
    };
  }

  #begin(state: AuditChainState | undefined, salt: Uint8Array): void {
    checkSalt(salt);
    const frame = encodeHeader({
      origin: this.origin,
      segment: this.segment,
      leaves: this.#leaves,
      firstSeq: this.#block.nextSeq,
      lastTsNs: this.#block.lastTsNs,
      previousTip: bytesOf(state?.tip) ?? NO_HASH,
      previousCheckpoint: this.#checkpointHash ?? NO_HASH,
      isPreviousSealed: state?.isSealed ?? false,
      tornBytes: state?.tornBytes ?? 0,
      salt,
      treeSize: this.#edge.size,
      peaks: this.#edge.save().peaks.map((peak) => Buffer.from(peak, "hex")),
    });
    this.#edge.begin(genesisOf(frame.subarray(AUDIT_FRAME_HEAD_BYTES)));
    this.#emit(frame);
  }

  #close(): void {
    this.#emitBlock();
    if (this.#blocksSince >= this.#checkpointBlocks) this.checkpoint();
  }

  #emitBlock(): void {
    const block = this.#block;
    if (block.count === 0) return;
    this.#attempt("digest", () => block.advance(this.#edge, this.#leaves));
    this.#emit(block.frame(this.#edge.tip));
    block.clear();
    this.#blocksSince += 1;
  }

  #sign(): string {
    const checkpoint = {
      origin: this.origin,
      size: this.#edge.size,
      root: this.#edge.root(),
      tsNs: this.#block.lastTsNs,
      clock: this.#clock,
      clockUncertaintyNs: this.#clockUncertaintyNs,
      previous: this.#checkpointHash,
      chainHead: this.#edge.tip,
    };
    return signCheckpoint(checkpoint, this.#signers);
  }

  #publish(note: string, hash: Uint8Array): void {
    const anchor = this.#anchor;
    const block = this.#block;
    if (anchor === undefined) return;
    if (this.#hasAnchored && block.sinceNs(this.#anchorHigh, this.#anchorLow) < this.#anchorNs) return;
    this.#hasAnchored = true;
    this.#anchorHigh = block.tsHigh;
    this.#anchorLow = block.tsLow;
    const said = { note, treeSize: this.#edge.size, checkpointHash: Buffer.from(hash).toString("hex") };
    const entry = publishTo(anchor, said, block.lastTsNs, this.#clockUncertaintyNs);
    if (entry !== undefined) this.append(entry);
  }

  #emit(bytes: Uint8Array): void {
    this.#attempt("sink.append", () => this.#sink.append(bytes));
  }

  /** Runs what may fail outside of the chain; a failure stops the chain for good. */
  #attempt<Result>(path: string, run: () => Result): Result {
    try {
      return run();
    } catch (cause) {
      const expected = "a trail that can be written: stop trading";
      const value = cause instanceof Error ? cause.message : String(cause);
      this.#failure = new Fault("FAULT_IO", { path: `auditChain.${path}`, value, expected, cause });
      throw this.#failure;
    }
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#isSealed) throw fault("FAULT_INPUT", "seal", "a sealed segment", "a segment that is open");
  }
}

function bytesOf(hex: string | null | undefined): Uint8Array | null {
  return hex === null || hex === undefined ? null : Buffer.from(hex, "hex");
}
