/** One process of the bench `gate`: each side once over its flow, after warm-ups. Prints one JSON line. */
import { getHeapStatistics } from "node:v8";
import { Digest } from "../../src/base/index.ts";
import { ApprovedOrder } from "../../src/risk/index.ts";
import { BareSide } from "./gate/bare.ts";
import { DecimalSide } from "./gate/decimal-gate.ts";
import { BLOCK, type Flow, type FlowKind, LIMITS, makeFlow } from "./gate/flow.ts";
import { type Decider, OurSide } from "./gate/our-gate.ts";
import type { GateProcess } from "./gate/process.ts";
import { quantile, spreadOf } from "./rounds.ts";

const SEED = 20_261_121;
/** Blocks of each half of a flow. */
const BLOCKS = 32;
/** How often each side runs its flow, and how many decisions are timed together: as long for both. */
const OURS = { repeats: 8, batch: BLOCK };
const THEIRS = { repeats: 1, batch: 8 };
const WARM_UPS = 3;
/** Calls that are timed one by one, and pairs of clock readings with nothing between them. */
const CALLS = 400_000;

/** Measures everything once. */
function main(): GateProcess {
  const kinds: readonly FlowKind[] = ["good", "iceberg", "far"];
  const flows = Object.fromEntries(kinds.map((kind) => [kind, makeFlow(kind, BLOCKS, SEED)])) as Record<
    FlowKind,
    Flow
  >;
  const sides: readonly [string, Decider, Flow, typeof OURS][] = [
    ["check", new OurSide("check"), flows.good, OURS],
    ["take", new OurSide("take"), flows.good, OURS],
    ["hashed", new OurSide("check", LIMITS, hashing()), flows.good, OURS],
    ["iceberg", new OurSide("check"), flows.iceberg, OURS],
    ["refusal", new OurSide("check"), flows.far, OURS],
    ["bare", new BareSide(), flows.good, OURS],
    ["decimal", new DecimalSide(flows.good), flows.good, THEIRS],
    ["decimal refusal", new DecimalSide(flows.far), flows.far, THEIRS],
  ];
  const ns: Record<string, number> = {};
  for (let round = 0; round <= WARM_UPS; round++) {
    for (const [name, side, flow, pace] of sides) ns[name] = live(side, flow, pace);
  }
  const bytes = { check: allocated("check", flows.good), take: allocated("take", flows.good) };
  return { ns, calls: perCall(flows.good), bytes };
}

/**
 * Runs a flow over and over; only decisions and the hand-off of their records are timed, a batch at a time. The
 * result is that of its median batch: on a busy machine a batch now and then waits for its turn.
 */
function live(side: Decider, flow: Flow, { repeats, batch }: typeof OURS): number {
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
  return quantile(times, 0.5) / batch;
}

function hashing(): { update(bytes: Uint8Array): unknown } {
  const digest = new Digest();
  return { update: (bytes) => digest.update(bytes) };
}

/** Every call by itself: percentiles in ns with the clock's own cost taken off. */
function perCall(flow: Flow): GateProcess["calls"] {
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
  return {
    clock,
    raw: [0.5, 0.99, 0.999].map((share) => at(times, share)),
    empty: [0.5, 0.99, 0.999].map((share) => at(empty, share)),
    max: at(times, 1 - 1 / CALLS),
  };
}

/** Bytes on the heap that a decision leaves, by the least growth of many blocks: a collection only takes away. */
function allocated(take: "check" | "take", flow: Flow): number {
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
  return spreadOf(figures).median;
}

console.log(JSON.stringify(main()));
