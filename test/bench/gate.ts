import { type BenchResult, type BenchRow, ratioFields } from "./bench-row.ts";
import { DecimalSide } from "./gate/decimal-gate.ts";
import { BLOCK, LIMITS, makeFlow, TIGHT } from "./gate/flow.ts";
import { OurSide } from "./gate/our-gate.ts";
import type { GateProcess } from "./gate/process.ts";
import { childJson, type Measured, ratioOf, spreadOf } from "./rounds.ts";

const SEED = 20_261_121;
const PEER = "decimal.js 10.6.0";
/** Processes: how a compiler and an allocator lay a program out differs from one to the next by a fifth. */
const PROCESSES = 7;
/** Must be reached by the whole decision. */
const FLOOR = 40;

/** The complete gate: ten checks at seven levels, reservation and the hand-off of records, against decimal.js. */
export async function bench(): Promise<BenchResult> {
  const equal = [LIMITS, TIGHT].map((limits) => provenEqual(limits));
  const processes: GateProcess[] = [];
  for (let i = 0; i < PROCESSES; i++)
    processes.push((await childJson(new URL("gate-once.ts", import.meta.url))) as GateProcess);
  const of = (name: string): Measured => ({
    name,
    nsPerUnit: processes.map(({ ns }) => ns[name] as number),
    collections: [],
  });
  const decimal = of("decimal");
  const percentile = (place: number): number =>
    spreadOf(processes.map(({ calls }) => (calls.raw[place] as number) - calls.clock)).median;
  const rows: BenchRow[] = [
    {
      ...row("check: decided, reserved, recorded", of("check"), decimal),
      floor: FLOOR,
      ...{ p50Ns: percentile(0), p99Ns: percentile(1), p999Ns: percentile(2) },
    },
    { ...row("check and take", of("take"), decimal), floor: FLOOR },
    row("check of an order off the quick path (iceberg)", of("iceberg"), decimal),
    row("refusal, its words included (collar)", of("refusal"), of("decimal refusal")),
    row(
      "check: decided, reserved, recorded",
      of("check"),
      of("bare"),
      "seventy bare comparisons, one record",
    ),
  ];
  return { rows, notes: notesOf(equal, processes, of) };
}

function notesOf(
  equal: readonly string[],
  processes: readonly GateProcess[],
  of: (name: string) => Measured,
): string[] {
  const ours = spreadOf(of("check").nsPerUnit);
  const more = spreadOf(of("hashed").nsPerUnit).median - ours.median;
  const calls = processes.map((each) => each.calls);
  const each = (take: (calls: GateProcess["calls"]) => number): string =>
    calls.map((one) => take(one).toFixed(0)).join(" ");
  const median = (take: (process: GateProcess) => number): number => spreadOf(processes.map(take)).median;
  const clock = median((process) => process.calls.clock);
  return [
    `equal decisions on the same flow: ${equal.join("; ")}`,
    `medians of ${PROCESSES} processes, one after the other; check in each: ` +
      `${of("check")
        .nsPerUnit.map((ns) => ns.toFixed(0))
        .join(" ")} ns`,
    "ns/decision is the time of a batch of decisions (ours 256, decimal.js 8, so that both take about as long) with " +
      "the copy of its records to an audit trail, over their number: the median batch; prices, fills and cancels " +
      "between are not timed",
    `hashing the records into the digest of the run instead of copying them: ${more.toFixed(0)} ns more a decision`,
    `one by one: 400,000 calls of check a process, each between two readings of process.hrtime.bigint; its own cost ` +
      `(median of as many empty pairs, ${clock.toFixed(0)} ns) is taken off; with the clock p50 ${each((c) => c.raw[0] as number)}, ` +
      `p99 ${each((c) => c.raw[1] as number)}, p99.9 ${each((c) => c.raw[2] as number)}; empty pairs p99.9 ` +
      `${each((c) => c.empty[2] as number)}; longest ${each((c) => c.max / 1_000)} us`,
    `bytes allocated a decision: check ${median((p) => p.bytes.check).toFixed(1)}, check and take ` +
      `${median((p) => p.bytes.take).toFixed(1)} (48 the ApprovedOrder, 16 the time of the call, a double that the caller boxes)`,
    `limits of all ${Object.keys(LIMITS).length} kinds at all seven levels; orders of 4 strategies in 8 instruments, ` +
      "a thousand a second",
  ];
}

function row(name: string, ours: Measured, theirs: Measured, peer = PEER): BenchRow {
  return {
    name,
    ours: spreadOf(ours.nsPerUnit).median,
    unit: "ns/decision",
    peer,
    peerValue: spreadOf(theirs.nsPerUnit).median,
    ...ratioFields(ratioOf(theirs, ours)),
  };
}

/** Both sides decide the same flow; any difference ends the bench. Says what was compared. */
function provenEqual(limits: typeof LIMITS | typeof TIGHT): string {
  const flow = makeFlow("mixed", 40, SEED + 1);
  const [ours, theirs] = [new OurSide("check", limits), new DecimalSide(flow, limits)];
  let approvals = 0;
  for (let block = 0; block < flow.count / BLOCK; block++) {
    for (const side of [ours, theirs]) side.open(flow, block);
    approvals += ours.decide(flow, block, 0, BLOCK);
    theirs.decide(flow, block, 0, BLOCK);
    const differs = ours.approved.findIndex((is, at) => is !== theirs.approved[at]);
    if (differs >= 0) throw new Error(`order ${block * BLOCK + differs}: the gates differ`);
    for (const side of [ours, theirs]) side.close(flow, block);
  }
  return `${approvals} of ${flow.count} approved under ${limits === LIMITS ? "wide" : "tight"} limits`;
}
