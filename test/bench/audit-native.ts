import { createHash, randomBytes } from "node:crypto";
import * as plain from "../../src/audit/index.ts";
import * as native from "../../src/audit/native.ts";
import { nativeReport } from "../../src/base/native.ts";
import { decisions, encoded, RECORDS, STRIDE, writer } from "./audit/decisions.ts";
import { type BenchResult, type BenchRow, ratioFields } from "./bench-row.ts";
import { interleave, type Measured, type Run, ratioOf, spreadOf, type Variant } from "./rounds.ts";

/** Links of records by native code against createHash for each of them. */
const FLOOR = 4;
const ORIGIN = "example.com/desk";
const KEY = plain.AuditKey.fromSeed(ORIGIN, randomBytes(32));
const BODIES = { plain, native };

type Body = keyof typeof BODIES;
type Leaves = plain.AuditLeaves;

/**
 * The native body of the audit trail against that in TypeScript and against `createHash`: a link for each record, then
 * chains and their verification with leaves of blocks and of records.
 */
export async function bench(): Promise<BenchResult> {
  const { isAvailable, cause } = nativeReport();
  if (!isAvailable) return { rows: [], notes: [`left out: there is no native binary here: ${cause}`] };
  const rows = decisions();
  const links = await interleave(linkVariants(encoded(rows)), { rounds: 15, warmUps: 2 });
  const trails = await interleave(trailVariants(rows), { rounds: 9, warmUps: 2 });
  const of = (name: string): Measured => (links.get(name) ?? trails.get(name)) as Measured;
  const twins = (what: string, name: string): BenchRow =>
    against(`native: ${what}`, of(`${name} native`), "in TypeScript", of(`${name} plain`));
  const slow = ["createHash per record", of("createHash")] as const;
  return {
    rows: [
      { ...against("native audit chain, 64 a call", of("link 64"), ...slow), floor: FLOOR },
      against("native audit chain, 1 a call", of("link 1"), ...slow),
      against("native audit chain, 64 a call", of("link 64"), "in TypeScript", of("link plain")),
      twins("records, chain, tree, checkpoints", "chain block"),
      twins("the same, a leaf for each record", "chain record"),
      twins("verifying", "verify block"),
      twins("verifying, a leaf for each record", "verify record"),
    ],
    notes: [
      `${RECORDS} decisions of 232 bytes a round; all heads are equal, all trails proved`,
      ...(["block", "record"] as const).map((leaves) => rates(leaves, of)),
    ],
  };
}

function linkVariants(records: readonly Uint8Array[]): Variant[] {
  const head = Buffer.from(linkEach(records).head).toString("hex");
  return [
    { name: "createHash", run: () => linkEach(records) },
    { name: "link 1", run: () => linkAll("native", records, 1, head) },
    { name: "link 64", run: () => linkAll("native", records, 64, head) },
    { name: "link plain", run: () => linkAll("plain", records, 64, head) },
  ];
}

function trailVariants(rows: Float64Array): Variant[] {
  return (["block", "record"] as const).flatMap((leaves) => {
    const parts: Uint8Array[] = [];
    chainAll("plain", rows, leaves, parts);
    const trail = Buffer.concat(parts);
    return (["plain", "native"] as const).flatMap((body) => [
      { name: `chain ${leaves} ${body}`, run: () => chainAll(body, rows, leaves) },
      { name: `verify ${leaves} ${body}`, run: () => verifyAll(body, trail) },
    ]);
  });
}

/** What verifying comes to; a record is 232 bytes of some 240 in its trail. */
function rates(leaves: Leaves, of: (name: string) => Measured): string {
  const [plainly, natively] = (["plain", "native"] as const).map((body) => {
    const perSecond = 1e9 / spreadOf(of(`verify ${leaves} ${body}`).nsPerUnit).median;
    return `${Math.round(perSecond / 1000)}k records/s, ${((perSecond * 232) / 1e6).toFixed(0)} MB/s`;
  });
  return `verifying, leaves of ${leaves}s: TypeScript ${plainly}; native ${natively}`;
}

function against(name: string, ours: Measured, peer: string, theirs: Measured): BenchRow {
  const [mine, its] = [spreadOf(ours.nsPerUnit).median, spreadOf(theirs.nsPerUnit).median];
  return { name, ours: mine, unit: "ns/record", peer, peerValue: its, ...ratioFields(ratioOf(theirs, ours)) };
}

function linkEach(records: readonly Uint8Array[]): Run & { readonly head: Uint8Array } {
  let head: Uint8Array = new Uint8Array(32);
  for (const record of records) head = createHash("sha256").update(head).update(record).digest();
  return { units: records.length, head };
}

function linkAll(body: Body, records: readonly Uint8Array[], batchRecords: number, head: string): Run {
  const chain = new BODIES[body].RecordChain({ batchRecords });
  for (const record of records) chain.append(record);
  chain.flush();
  if (Buffer.from(chain.head).toString("hex") !== head) throw new Error("another head");
  return { units: records.length };
}

function chainAll(body: Body, rows: Float64Array, leaves: Leaves, keep?: Uint8Array[]): Run {
  const sink = { append: (bytes: Uint8Array) => void keep?.push(bytes.slice()), seal: () => undefined };
  const chain = new BODIES[body].AuditChain({
    origin: ORIGIN,
    sink,
    signers: [KEY],
    salt: randomBytes(32),
    leaves,
  });
  const each = writer();
  const { buffer } = chain;
  for (let i = 0; i < RECORDS; i++) {
    each.decision(buffer, rows, i * STRIDE);
    chain.admit();
  }
  chain.seal();
  return { units: RECORDS };
}

function verifyAll(body: Body, trail: Uint8Array): Run {
  const verifier = new BODIES[body].AuditVerifier({ key: KEY.verifierKey });
  for (let at = 0; at < trail.length; at += 1 << 18) verifier.push(trail.subarray(at, at + (1 << 18)));
  const { ok, proved } = verifier.finish();
  if (!ok || proved?.toSeq !== RECORDS) throw new Error("the trail is not proved to its last record");
  return { units: RECORDS };
}
