import { getHeapStatistics } from "node:v8";
import { Digest } from "../../src/base/index.ts";
import { ApprovedOrder } from "../../src/risk/index.ts";
import { type BenchResult, type BenchRow, ratioFields } from "./bench-row.ts";
import { BareSide } from "./gate/bare.ts";
import { DecimalSide } from "./gate/decimal-gate.ts";
import { BLOCK, type Flow, type FlowKind, LIMITS, makeFlow, TIGHT } from "./gate/flow.ts";
import { type Decider, OurSide } from "./gate/our-gate.ts";
import { interleave, type Measured, quantile, type Run, ratioOf, spreadOf, type Variant } from "./rounds.ts";

const SEED = 20_261_121;
const PEER = "decimal.js 10.6.0";
/** Blocks of each half of a flow. */
const BLOCKS = 32;
/** How often each side runs its flow in a round, and how many decisions are timed together: as long for both. */
const OURS = { repeats: 8, batch: BLOCK };
const THEIRS = { repeats: 1, batch: 8 };
/** Calls that are timed one by one, and pairs of clock readings with nothing between them. */
const CALLS = 1_200_000;
/** Must be reached by the whole decision. */
const FLOOR = 40;

/** The complete gate: ten checks at seven levels, reservation and the hand-off of records, against decimal.js. */
export async function bench(): Promise<BenchResult> {
  const equal = [LIMITS, TIGHT].map((limits) => provenEqual(limits));
  const kinds: readonly FlowKind[] = ["good", "iceberg", "far"];
  const flows = Object.fromEntries(kinds.map((kind) => [kind, makeFlow(kind, BLOCKS, SEED)])) as Record<
    FlowKind,
    Flow
  >;
  const variants = [
    variant("check", new OurSide("check"), flows.good, OURS),
    variant("take", new OurSide("take"), flows.good, OURS),
    variant("hashed", new OurSide("check", LIMITS, hashing()), flows.good, OURS),
    variant("iceberg", new OurSide("check"), flows.iceberg, OURS),
    variant("refusal", new OurSide("check"), flows.far, OURS),
    variant("bare", new BareSide(), flows.good, OURS),
    variant("decimal", new DecimalSide(flows.good), flows.good, THEIRS),
    variant("decimal refusal", new DecimalSide(flows.far), flows.far, THEIRS),
  ];
  const measured = await interleave(variants, { rounds: 7, warmUps: 3 });
  const of = (name: string): Measured => measured.get(name) as Measured;
  const calls = perCall(flows.good);
  const decimal = of("decimal");
  const rows: BenchRow[] = [
    {
      ...row("check: decided, reserved, recorded", of("check"), decimal),
      floor: FLOOR,
      ...calls.percentiles,
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
  return { rows, notes: notesOf(equal, calls, of("hashed"), of("check"), flows.good) };
}

function notesOf(
  equal: readonly string[],
  calls: ReturnType<typeof perCall>,
  hashed: Measured,
  check: Measured,
  flow: Flow,
): string[] {
  const more = spreadOf(hashed.nsPerUnit).median - spreadOf(check.nsPerUnit).median;
  return [
    `equal decisions on the same flow: ${equal.join("; ")}`,
    `ns/decision is the time of a batch of decisions (ours ${OURS.batch}, decimal.js ${THEIRS.batch}, so that both take ` +
      "about as long) with the copy of its records to an audit trail, over their number: the median batch of each " +
      "round; prices, fills and cancels between are not timed",
    `hashing the records into the digest of the run instead of copying them: ${more.toFixed(0)} ns more a decision`,
    `one by one: ${CALLS.toLocaleString("en-US")} calls of check, each between two readings of process.hrtime.bigint; ` +
      `its own cost (median of as many empty pairs, ${calls.clock.toFixed(0)} ns) is taken off; p50/p99/p99.9 above, ` +
      `max ${(calls.max / 1_000).toFixed(0)} us; with the clock ${calls.raw}; empty pairs ${calls.empty}`,
    `bytes allocated a decision: check ${bytes("check", flow)}, check and take ${bytes("take", flow)} ` +
      "(48 the ApprovedOrder, 16 the time of the call, a double that the caller boxes)",
    `limits of all ${Object.keys(LIMITS).length} kinds at all seven levels; orders of 4 strategies in 8 instruments`,
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

function variant(name: string, side: Decider, flow: Flow, pace: typeof OURS): Variant {
  return { name, run: () => live(side, flow, pace) };
}

/**
 * Runs a flow over and over; only decisions and the hand-off of their records are timed, a batch at a time. The
 * time of the run is that of its median batch: on a busy machine a batch now and then waits for its turn.
 */
function live(side: Decider, flow: Flow, { repeats, batch }: typeof OURS): Run {
  const blocks = flow.count / BLOCK;
  const times = new Float64Array((repeats * flow.count) / batch);
  let timed = 0;
  for (let k = 0; k < repeats; k++) {
    for (let block = 0; block < blocks; block++) {
      side.open(flow, block);
      for (let first = 0; first < BLOCK; first += batch) {
        const start = process.hrtime.bigint();
        side.decide(flow, block, first, first + batch);
        times[timed++] = Number(process.hrtime.bigint() - start);
      }
      side.close(flow, block);
    }
  }
  return { units: batch, elapsedNs: quantile(times, 0.5) };
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

function hashing(): { update(bytes: Uint8Array): unknown } {
  const digest = new Digest();
  return { update: (bytes) => digest.update(bytes) };
}

/** Every call by itself: percentiles in ns with the clock's own cost taken off. */
function perCall(flow: Flow) {
  const side = new OurSide("check");
  live(side, flow, OURS);
  const [times, empty] = [new Float64Array(CALLS), new Float64Array(CALLS)];
  const blocks = flow.count / BLOCK;
  let call = 0;
  for (let block = 0; call < CALLS; block = (block + 1) % blocks) {
    side.open(flow, block);
    for (let at = 0; at < BLOCK; at++) {
      side.read(at);
      const first = process.hrtime.bigint();
      const start = process.hrtime.bigint();
      const decision = side.gate.check(side.order, side.now);
      const end = process.hrtime.bigint();
      side.note(at, decision);
      if (!ApprovedOrder.is(decision)) throw new Error("the flow has none but good orders");
      if (call < CALLS) {
        times[call] = Number(end - start);
        empty[call] = Number(start - first);
      }
      call += 1;
    }
    side.handOff();
    side.close(flow, block);
  }
  times.sort();
  empty.sort();
  const at = (sorted: Float64Array, share: number): number => sorted[Math.floor(share * CALLS)] as number;
  const clock = at(empty, 0.5);
  const text = (sorted: Float64Array) => [0.5, 0.99, 0.999].map((share) => at(sorted, share)).join("/");
  return {
    clock,
    max: at(times, 1 - 1 / CALLS) - clock,
    raw: text(times),
    empty: text(empty),
    percentiles: {
      p50Ns: at(times, 0.5) - clock,
      p99Ns: at(times, 0.99) - clock,
      p999Ns: at(times, 0.999) - clock,
    },
  };
}

/** Bytes on the heap that a decision leaves, by the least growth of many blocks: a collection only takes away. */
function bytes(take: "check" | "take", flow: Flow): string {
  const side = new OurSide(take);
  live(side, flow, OURS);
  const figures: number[] = [];
  for (let block = 0; block < flow.count / BLOCK; block++) {
    side.open(flow, block);
    const idle = getHeapStatistics().used_heap_size;
    const before = getHeapStatistics().used_heap_size;
    side.decide(flow, block, 0, BLOCK);
    const grown = getHeapStatistics().used_heap_size - before - (before - idle);
    if (grown >= 0) figures.push(grown / BLOCK);
    side.close(flow, block);
  }
  return spreadOf(figures).median.toFixed(1);
}
