import { checkArray, checkBoolean, checkFunction, checkKeys, Fault } from "../base/index.ts";
import { groupAnchors } from "./audit-anchors.ts";
import { BeginningSearch } from "./audit-beginning.ts";
import { type FoundRecord, readBlockRecords, Trouble } from "./audit-block-check.ts";
import type { AuditChainState } from "./audit-chain-state.ts";
import { discontinuity } from "./audit-continuity.ts";
import type { AuditDigest, AuditEdge } from "./audit-digest.ts";
import { checkDigest } from "./audit-digest-option.ts";
import { FrameReader } from "./audit-frame-reader.ts";
import type { AuditRecord } from "./audit-record.ts";
import {
  AUDIT_FRAME,
  AUDIT_FRAME_HEAD_BYTES,
  type AuditSegmentHeader,
  decodeBlockParts,
  decodeEnd,
  decodeHeader,
  genesisOf,
} from "./audit-segment.ts";
import type { AuditProblem, AuditProblemCode, AuditVerdict } from "./audit-verdict.ts";
import type { AuditVerifierOptions } from "./audit-verifier-options.ts";
import { BlockCopy } from "./block-copy.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { isKeyChain, type KeyChain, verifyKeyChain } from "./key-rotation.ts";
import { MERKLE_HASH_BYTES, sameHash } from "./merkle-hash.ts";
import { plainDigest } from "./plain-digest.ts";
import { VerifierKey } from "./verifier-key.ts";

/**
 * Reads the segments of a log in their order, in chunks of any size, and says what they prove: every length and every
 * byte of every record is as a writer writes it, numbers have no gap, time never goes back, every link holds, every
 * checkpoint is signed by the key of its size and has the root and the head of exactly these records.
 *
 * Of a log that begins later, what lay before is taken from its header, and the next signed root shows whether that was
 * true. It is `AUDIT_BEGINNING_MISSING` unless a proved `retentionTombstone` tells of it, or the caller says that this is
 * a `part`. It stops at the first problem.
 *
 * @invariant No change of any byte up to the last signed checkpoint or anchor goes unseen. Records cut off behind it
 * leave no trace; they are never `proved`.
 * @throws `FAULT_CONFIG` naming the option.
 * @cost One pass: a frame is held in memory, and the edge of the tree; about two hashes over every byte.
 * @example
 * ```ts
 * import { AuditKey, AuditVerifier } from "tickwright/audit";
 * const key = AuditKey.fromSeed("example.com/desk", new Uint8Array(32).fill(7));
 * const verifier = new AuditVerifier({ key: key.verifierKey });
 * verifier.push(new Uint8Array(100)); // => false
 * verifier.finish().problem?.code; // => 'AUDIT_FRAME_MALFORMED'
 * ```
 */
export class AuditVerifier {
  readonly #first: VerifierKey;
  readonly #rotations: (string | Uint8Array)[];
  readonly #anchors: ReadonlyMap<number, readonly Checkpoint[]>;
  readonly #anchorSizeMax: number;
  readonly #onRecord: AuditVerifierOptions["onRecord"];
  readonly #digest: AuditDigest;
  readonly #frames = new FrameReader();
  readonly #copy = new BlockCopy();
  readonly #beginning: BeginningSearch;
  #keys: KeyChain;
  #edge: AuditEdge;
  #header: AuditSegmentHeader | undefined;
  #checkpointHash: Uint8Array = new Uint8Array(MERKLE_HASH_BYTES);
  #startSeq = 0;
  #startSize = 0;
  #nextSeq = 1;
  #lastTsNs = 0n;
  #provedSeq = 0;
  #isSealed = false;
  #isOpen = false;
  /** Bytes behind the last whole frame of the segment before, and where they begin. */
  #torn = 0;
  #tornOffset = 0;
  #bytes = 0;
  #segments = 0;
  #blocks = 0;
  #checkpoints = 0;
  #anchorsMet = 0;
  #problem: AuditProblem | null = null;
  #isFinished = false;

  constructor(options: AuditVerifierOptions) {
    checkKeys("auditVerifier", options, ["key", "rotations", "anchors", "part", "onRecord", "digest"]);
    const { key, rotations = [], anchors = [], part = false, onRecord, digest = plainDigest } = options;
    if (!(key instanceof VerifierKey)) {
      throw new Fault("FAULT_CONFIG", {
        path: "auditVerifier.key",
        value: typeof key,
        expected: "a VerifierKey",
      });
    }
    this.#first = key;
    this.#beginning = new BeginningSearch(checkBoolean("auditVerifier.part", part));
    this.#rotations = [...checkArray("auditVerifier.rotations", rotations, 0)];
    const keys = verifyKeyChain(key, this.#rotations);
    if (!isKeyChain(keys)) {
      const expected = "rotations that follow from the key";
      throw new Fault("FAULT_CONFIG", { path: "auditVerifier.rotations", value: keys.message, expected });
    }
    this.#keys = keys;
    if (onRecord !== undefined) checkFunction("auditVerifier.onRecord", onRecord);
    this.#onRecord = onRecord;
    this.#digest = checkDigest("auditVerifier.digest", digest);
    this.#edge = this.#digest.edge();
    this.#anchors = groupAnchors(key.name, checkArray("auditVerifier.anchors", anchors, 0));
    this.#anchorSizeMax = Math.max(0, ...this.#anchors.keys());
  }

  /** Takes the next bytes of the segment. `false` once a problem was found: the rest need not be read. */
  push(chunk: Uint8Array): boolean {
    if (this.#isFinished)
      throw new Fault("FAULT_INPUT", { path: "auditVerifier.push", value: "after finish" });
    if (this.#problem !== null) return false;
    if (!this.#isOpen) this.#frames.clear();
    this.#isOpen = true;
    this.#bytes += chunk.length;
    const trouble = this.#frames.push(chunk, (tag, body) => this.#frame(tag, body));
    if (trouble !== undefined && this.#problem === null) {
      this.#place(new Trouble("AUDIT_FRAME_MALFORMED", trouble, this.#nextSeq, this.#nextSeq));
    }
    return this.#problem === null;
  }

  /** The segment's bytes are over; the next chunk begins another one. */
  endSegment(): void {
    if (this.#problem !== null || !this.#isOpen) return;
    this.#torn = this.#frames.torn;
    this.#tornOffset = this.#frames.offset;
    if (this.#frames.offset === 0) {
      this.#place(new Trouble("AUDIT_TORN", "the header is cut short", this.#nextSeq, this.#nextSeq));
      return;
    }
    this.#isOpen = false;
    this.#segments += 1;
  }

  /** Says what was found; nothing more can be pushed. */
  finish(): AuditVerdict {
    if (this.#isOpen) this.endSegment();
    this.#isFinished = true;
    if (this.#problem === null && this.#torn > 0) this.#placeTorn();
    if (this.#problem === null && this.#anchorSizeMax > this.#edge.size) {
      const message = `found ${this.#edge.size} leaves, expected the ${this.#anchorSizeMax} that are anchored`;
      this.#place(new Trouble("AUDIT_TRUNCATED", message, this.#nextSeq, this.#nextSeq));
    }
    this.#problem ??= this.#beginning.problem(this.#provedSeq);
    return this.#verdict();
  }

  #verdict(): AuditVerdict {
    const last = this.#nextSeq - 1;
    const proved = this.#provedSeq >= this.#startSeq && this.#provedSeq > 0;
    const from = proved ? this.#provedSeq + 1 : this.#startSeq;
    const hasHash = this.#checkpointHash.some((byte) => byte !== 0);
    const before = [...this.#anchors.keys()].filter((size) => size < this.#startSize);
    return {
      ok: this.#problem === null,
      problem: this.#problem,
      beginning: this.#beginning.found(this.#provedSeq),
      proved: proved ? { fromSeq: this.#startSeq, toSeq: this.#provedSeq } : null,
      unproved: from <= last && from > 0 ? { fromSeq: from, toSeq: last } : null,
      isSealed: this.#isSealed,
      segments: this.#segments,
      blocks: this.#blocks,
      records: this.#startSeq === 0 ? 0 : this.#nextSeq - this.#startSeq,
      checkpoints: this.#checkpoints,
      rotations: this.#rotations.length,
      anchorsMet: this.#anchorsMet,
      anchorsBefore: before.reduce((sum, size) => sum + (this.#anchors.get(size)?.length ?? 0), 0),
      bytes: this.#bytes,
      checkpointHash: hasHash ? Buffer.from(this.#checkpointHash).toString("hex") : null,
      state: this.#state(hasHash),
    };
  }

  #state(hasHash: boolean): AuditChainState | null {
    const header = this.#header;
    if (header === undefined) return null;
    const text = (note: string | Uint8Array): string =>
      typeof note === "string" ? note : Buffer.from(note).toString();
    return {
      version: 1,
      origin: header.origin,
      leaves: header.leaves,
      segment: header.segment,
      isSealed: this.#isSealed,
      tornBytes: this.#torn,
      nextSeq: this.#nextSeq,
      lastTsNs: String(this.#lastTsNs),
      tip: Buffer.from(this.#edge.tip).toString("hex"),
      checkpointHash: hasHash ? Buffer.from(this.#checkpointHash).toString("hex") : null,
      rotations: this.#rotations.map(text),
      tree: this.#edge.save(),
    };
  }

  #frame(tag: number, body: Uint8Array): boolean {
    const trouble = this.#read(tag, body);
    if (trouble === undefined) return true;
    this.#place(trouble);
    return false;
  }

  #read(tag: number, body: Uint8Array): Trouble | undefined {
    const isFirst = this.#frames.offset === 0;
    if (isFirst !== (tag === AUDIT_FRAME.header)) {
      return this.#trouble("AUDIT_FRAME_MALFORMED", isFirst ? "no header comes first" : "a second header");
    }
    if (isFirst) return this.#readHeader(body);
    if (this.#isSealed) return this.#trouble("AUDIT_FRAME_MALFORMED", "a frame behind the segment's end");
    if (tag === AUDIT_FRAME.block) return this.#readBlock(body);
    return tag === AUDIT_FRAME.checkpoint ? this.#readCheckpoint(body) : this.#readEnd(body);
  }

  #readHeader(body: Uint8Array): Trouble | undefined {
    const header = decodeHeader(body);
    if ("code" in header) return this.#trouble("AUDIT_HEADER_MALFORMED", header.message);
    if (this.#torn > 0 && header.tornBytes !== this.#torn) {
      this.#placeTorn();
      return this.#trouble("AUDIT_TORN", "as placed");
    }
    const wrong = this.#header === undefined ? this.#start(header) : this.#continuity(this.#header, header);
    if (wrong !== undefined) return this.#trouble("AUDIT_SEGMENT_DISCONTINUOUS", wrong);
    const isStart = this.#header === undefined;
    this.#header = header;
    if (isStart) this.#edge.begin(header.previousTip);
    const differs = isStart ? this.#meetAnchors(header.treeSize - 1) : undefined;
    this.#edge.begin(genesisOf(body));
    this.#isSealed = false;
    this.#torn = 0;
    return differs;
  }

  /** What of the first header cannot be. */
  #start(header: AuditSegmentHeader): string | undefined {
    if (header.origin !== this.#first.name)
      return `the log is ${header.origin}, the key's ${this.#first.name}`;
    const isBlank = [header.previousTip, header.previousCheckpoint].every((each) =>
      each.every((byte) => byte === 0),
    );
    const isNew = header.firstSeq === 1 && header.treeSize === 0 && isBlank && header.lastTsNs === 0n;
    if (header.segment === 0 && !(isNew && header.tornBytes === 0 && !header.isPreviousSealed)) {
      return "the first segment of all names one before it";
    }
    const peaks = header.peaks.map((peak) => Buffer.from(peak).toString("hex"));
    this.#edge = this.#digest.edge({ version: 1, size: header.treeSize, peaks });
    this.#beginning.start(header);
    this.#startSeq = header.firstSeq;
    this.#startSize = header.treeSize;
    this.#nextSeq = header.firstSeq;
    this.#lastTsNs = header.lastTsNs;
    this.#checkpointHash = header.previousCheckpoint;
    return undefined;
  }

  /** What of a header does not follow from the segment before. */
  #continuity(before: AuditSegmentHeader, header: AuditSegmentHeader): string | undefined {
    return discontinuity(before, header, {
      nextSeq: this.#nextSeq,
      lastTsNs: this.#lastTsNs,
      checkpointHash: this.#checkpointHash,
      isSealed: this.#isSealed,
      torn: this.#torn,
      edge: this.#edge,
    });
  }

  #readBlock(body: Uint8Array): Trouble | undefined {
    const parts = decodeBlockParts(body);
    if ("code" in parts) return this.#trouble("AUDIT_FRAME_MALFORMED", parts.message);
    const { firstSeq, count, from, to } = parts;
    if (firstSeq !== this.#nextSeq) {
      return this.#trouble("AUDIT_SEQ_GAP", `a block begins with ${firstSeq}, expected ${this.#nextSeq}`);
    }
    const records = readBlockRecords(body, parts, this.#lastTsNs);
    if (records instanceof Trouble) return records;
    const sizeBefore = this.#edge.size;
    const copy = this.#copy.of(body.subarray(from, to));
    const leaves = this.#header?.leaves ?? "block";
    if (!this.#edge.take(copy, copy.length, firstSeq, leaves, body.subarray(to + 4 * count))) {
      const message = "the link does not follow from the records and the one before";
      return new Trouble("AUDIT_LINK_BROKEN", message, firstSeq, firstSeq + count - 1);
    }
    const last = records.at(-1) as FoundRecord;
    this.#nextSeq += count;
    this.#lastTsNs = last.record.tsNs;
    this.#blocks += 1;
    return this.#hear(records, sizeBefore);
  }

  /** Hears of rotations, tells of the records, and holds the tree against what was anchored. */
  #hear(records: readonly FoundRecord[], sizeBefore: number): Trouble | undefined {
    const step = this.#header?.leaves === "record" ? 1 : 0;
    for (const [i, { record, from }] of records.entries()) {
      if (record.type === "keyRotation") {
        const trouble = this.#rotate(record, from);
        if (trouble !== undefined) return trouble;
      }
      this.#beginning.hear(record);
      const offset = this.#frames.offset + AUDIT_FRAME_HEAD_BYTES + from;
      this.#onRecord?.(record, { segment: this.#segments, offset, leaf: sizeBefore + step * i });
    }
    return this.#meetAnchors(sizeBefore);
  }

  #rotate(record: AuditRecord<"keyRotation">, at: number): Trouble | undefined {
    const { statement } = record.payload;
    const keys = verifyKeyChain(this.#first, [...this.#rotations, statement]);
    if (!isKeyChain(keys)) {
      return new Trouble("AUDIT_ROTATION_INVALID", keys.message, record.seq, record.seq, at);
    }
    this.#rotations.push(statement);
    this.#keys = keys;
    return undefined;
  }

  #meetAnchors(sizeBefore: number): Trouble | undefined {
    const { size } = this.#edge;
    if (sizeBefore >= this.#anchorSizeMax) return undefined;
    for (let each = sizeBefore + 1; each <= size; each++) {
      for (const anchor of this.#anchors.get(each) ?? []) {
        const isSame =
          each === size &&
          sameHash(anchor.root, this.#edge.root()) &&
          sameHash(anchor.chainHead, this.#edge.tip);
        if (!isSame) {
          const message = `the tree of ${each} leaves is not the one that is anchored`;
          return new Trouble("AUDIT_ANCHOR_DIFFERS", message, this.#firstUnproved, this.#nextSeq - 1);
        }
        this.#anchorsMet += 1;
        this.#provedSeq = Math.max(this.#provedSeq, this.#nextSeq - 1);
      }
    }
    return undefined;
  }

  #readCheckpoint(body: Uint8Array): Trouble | undefined {
    const opened = this.#keys.openCheckpoint(body);
    const last = this.#nextSeq - 1;
    const from = Math.min(this.#firstUnproved, last);
    if (!opened.ok) return new Trouble("AUDIT_CHECKPOINT_UNSIGNED", opened.message, from, last);
    const { checkpoint, hash } = opened;
    const wrong = this.#difference(checkpoint);
    if (wrong !== undefined) return new Trouble("AUDIT_CHECKPOINT_DIFFERS", wrong, from, last);
    this.#checkpointHash = hash;
    this.#provedSeq = last;
    this.#checkpoints += 1;
    return undefined;
  }

  #difference(checkpoint: Checkpoint): string | undefined {
    const { size, root, chainHead, previous, tsNs } = checkpoint;
    if (size !== this.#edge.size) return `it is of ${size} leaves, found ${this.#edge.size}`;
    if (!sameHash(root, this.#edge.root())) return "its root is not that of the records";
    if (!sameHash(chainHead, this.#edge.tip)) return "its chain head is not the last link";
    if (!sameHash(previous ?? new Uint8Array(MERKLE_HASH_BYTES), this.#checkpointHash)) {
      return "the checkpoint before is not the one it names";
    }
    return tsNs === this.#lastTsNs ? undefined : `its time is ${tsNs}, the last record's ${this.#lastTsNs}`;
  }

  #readEnd(body: Uint8Array): Trouble | undefined {
    const end = decodeEnd(body);
    if ("code" in end) return this.#trouble("AUDIT_END_DIFFERS", end.message);
    const isSame = end.lastSeq === this.#nextSeq - 1 && end.treeSize === this.#edge.size;
    if (!isSame || !sameHash(end.tip, this.#edge.tip)) {
      return this.#trouble("AUDIT_END_DIFFERS", "the end is not that of the records before it");
    }
    this.#isSealed = true;
    return undefined;
  }

  get #firstUnproved(): number {
    return this.#provedSeq >= this.#startSeq && this.#provedSeq > 0 ? this.#provedSeq + 1 : this.#startSeq;
  }

  #trouble(code: AuditProblemCode, message: string): Trouble {
    return new Trouble(code, message, this.#nextSeq, this.#nextSeq);
  }

  /** Names the torn end of the segment before. */
  #placeTorn(): void {
    const message = `the last ${this.#torn} bytes are no whole frame`;
    const place = { segment: this.#segments - 1, offset: this.#tornOffset };
    this.#problem = { code: "AUDIT_TORN", ...place, fromSeq: this.#nextSeq, toSeq: this.#nextSeq, message };
  }

  /** The first problem stays. */
  #place(trouble: Trouble): void {
    if (this.#problem !== null) return;
    const { code, message, fromSeq, toSeq, at } = trouble;
    const offset = this.#frames.offset + (at < 0 ? 0 : AUDIT_FRAME_HEAD_BYTES + at);
    this.#problem = { code, segment: this.#segments, offset, fromSeq, toSeq, message };
  }
}
