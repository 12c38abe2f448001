import { createHash, randomBytes } from "node:crypto";
import { LINK_HEAD_BYTES, sha256, writeLinkHead } from "../../src/audit/audit-segment.ts";
import { AuditBuffer, AuditChain, AuditKey, AuditVerifier } from "../../src/audit/index.ts";
import { decisions, encoded, RECORDS, STRIDE, writer } from "./audit/decisions.ts";
import { type BenchResult, type BenchRow, ratioFields } from "./bench-row.ts";
import { interleave, type Measured, type Run, ratioOf, spreadOf, type Variant } from "./rounds.ts";

const BLOCK = 64;
const ORIGIN = "example.com/desk";
/** Records a second that chain, tree and checkpoints must reach. */
const FLOOR_PER_SECOND = 500_000;
/** One link for each block against one for each record. */
const FLOOR = 4;

/**
 * A gate's decisions into an audit trail: links over blocks against a hash for each record, then the whole way (record,
 * number, check word, link, Merkle tree, signed checkpoints) against the rate that is asked for.
 */
export async function bench(): Promise<BenchResult> {
  const rows = decisions();
  const records = encoded(rows);
  const blocks = joined(records);
  const variants: Variant[] = [
    { name: "per record", run: () => linkRecords(records) },
    { name: "per block", run: () => linkBlocks(blocks) },
    { name: "encode", run: () => encodeAll(rows) },
    { name: "chain", run: () => chainAll(rows, "block") },
    { name: "chain, leaves of records", run: () => chainAll(rows, "record") },
    { name: "verify", run: verifying(rows) },
  ];
  const measured = await interleave(variants, { rounds: 7, warmUps: 2 });
  const of = (name: string): Measured => measured.get(name) as Measured;
  const chain = of("chain");
  const bytes = records.reduce((sum, { length }) => sum + length, 0) / RECORDS;
  return {
    rows: [
      {
        ...against(
          "links over blocks of 64",
          of("per block"),
          "createHash for each record",
          of("per record"),
        ),
        floor: FLOOR,
      },
      { ...rate("records, chain, tree, checkpoints", chain), floor: 1 },
      rate("the same, a leaf for each record", of("chain, leaves of records")),
      against("records, chain, tree, checkpoints", chain, "createHash for each record", of("per record")),
      against("encoding a decision", of("encode"), "createHash for each record", of("per record")),
      against("verifying", of("verify"), "writing", chain),
    ],
    notes: [
      `${RECORDS} decisions of ${bytes.toFixed(0)} bytes a round, by the hot path writer; a checkpoint every 1024 blocks and 1 s`,
      `collections a round (medians): chain ${spreadOf(chain.collections).median}, encoding ${spreadOf(of("encode").collections).median}`,
      "every round's trail is read by AuditVerifier once before, and must be proved to its last record",
    ],
  };
}

function against(name: string, ours: Measured, peer: string, theirs: Measured): BenchRow {
  const [mine, its] = [spreadOf(ours.nsPerUnit).median, spreadOf(theirs.nsPerUnit).median];
  return { name, ours: mine, unit: "ns/record", peer, peerValue: its, ...ratioFields(ratioOf(theirs, ours)) };
}

/** Records a second against what is asked for. */
function rate(name: string, ours: Measured): BenchRow {
  const perSecond = spreadOf(ours.nsPerUnit.map((ns) => 1e9 / ns));
  const { median, min, max } = perSecond;
  const ratio = {
    ratio: median / FLOOR_PER_SECOND,
    ratioMin: min / FLOOR_PER_SECOND,
    ratioMax: max / FLOOR_PER_SECOND,
  };
  return { name, ours: median, unit: "records/s", peer: "asked for", peerValue: FLOOR_PER_SECOND, ...ratio };
}

function encodeAll(rows: Float64Array): Run {
  const into = new AuditBuffer(4096);
  const each = writer();
  for (let i = 0; i < RECORDS; i++) {
    into.length = 0;
    each.decision(into, rows, i * STRIDE);
  }
  return { units: RECORDS };
}

function linkRecords(records: readonly Uint8Array[]): Run {
  let tip: Uint8Array = new Uint8Array(32);
  for (const record of records) tip = createHash("sha256").update(tip).update(record).digest();
  return { units: tip.length === 32 ? RECORDS : 0 };
}

/** The records of each block behind one another, with room for what stands before them in its link. */
function joined(records: readonly Uint8Array[]): AuditBuffer[] {
  return Array.from({ length: RECORDS / BLOCK }, (_, i) => {
    const bytes = Buffer.concat(records.slice(i * BLOCK, (i + 1) * BLOCK));
    const buffer = new AuditBuffer(LINK_HEAD_BYTES + bytes.length);
    buffer.length = LINK_HEAD_BYTES;
    buffer.raw(bytes);
    return buffer;
  });
}

/** As the chain does: the records stand where they were written, and one call hashes the block. */
function linkBlocks(blocks: readonly AuditBuffer[]): Run {
  let tip: Uint8Array = new Uint8Array(32);
  for (const [i, block] of blocks.entries()) {
    writeLinkHead(block, 0, tip, i * BLOCK + 1, block.length - LINK_HEAD_BYTES);
    tip = sha256(block.bytes);
  }
  return { units: tip.length === 32 ? RECORDS : 0 };
}

const KEY = AuditKey.fromSeed(ORIGIN, randomBytes(32));

function chainAll(rows: Float64Array, leaves: "block" | "record", keep?: Uint8Array[]): Run {
  const sink = { append: (bytes: Uint8Array) => void keep?.push(bytes.slice()), seal: () => undefined };
  const chain = new AuditChain({ origin: ORIGIN, sink, signers: [KEY], salt: randomBytes(32), leaves });
  const each = writer();
  const { buffer } = chain;
  for (let i = 0; i < RECORDS; i++) {
    each.decision(buffer, rows, i * STRIDE);
    chain.admit();
  }
  chain.seal();
  return { units: RECORDS };
}

/** Reads a trail, kept beforehand, of each kind. */
function verifying(rows: Float64Array): () => Run {
  const kept = (["block", "record"] as const).map((leaves) => {
    const parts: Uint8Array[] = [];
    chainAll(rows, leaves, parts);
    return Buffer.concat(parts);
  });
  const [first] = kept as [Buffer, Buffer];
  for (const bytes of kept) verifyAll(bytes);
  return () => verifyAll(first);
}

function verifyAll(bytes: Uint8Array): Run {
  const verifier = new AuditVerifier({ key: KEY.verifierKey });
  for (let at = 0; at < bytes.length; at += 1 << 18) verifier.push(bytes.subarray(at, at + (1 << 18)));
  const { ok, proved } = verifier.finish();
  if (!ok || proved?.toSeq !== RECORDS) throw new Error("the trail is not proved to its last record");
  return { units: RECORDS };
}
