import type { BenchResult, BenchRow } from "./bench-row.ts";
import type { Spread } from "./peers/interleave.ts";
import { cppPrograms, ourProgram, Rounds, type What } from "./ring/measure.ts";

const ROUNDS = 5;

/** By name the arguments of `ring-once.ts`. */
const OURS: Readonly<Record<string, readonly string[]>> = {
  "batch 64": ["stream", "batch"],
  "each message": ["stream", "each"],
  "ring of 4 k": ["stream", "batch", "4096", "1"],
  adaptive: ["stream", "adaptive"],
  naive: ["stream", "naive"],
  "1 to 2": ["stream", "batch", "65536", "2"],
  "one thread": ["alone", "same"],
  "one thread, Atomics": ["alone", "cross"],
  spin: ["trips", "spin"],
  "beside a neighbour": ["trips", "usual", "beside"],
  park: ["trips", "park"],
  yield: ["trips", "yield"],
  waitAsync: ["trips", "async"],
  postMessage: ["posts"],
  "lone messages": ["flow", "5000"],
  "lone messages, flushed": ["flow", "5000", "flush"],
  "100 k/s": ["flow", "100000"],
  "100 k/s, flushed": ["flow", "100000", "flush"],
  "1 M/s": ["flow", "1000000"],
  "1 M/s, flushed": ["flow", "1000000", "flush"],
};

/** By name the arguments of `alternatives/ring.cpp`. */
const CPP: Readonly<Record<string, readonly string[]>> = {
  "C++, batch 64": ["stream", "batch"],
  "C++, each message": ["stream", "each"],
  "C++, trips": ["trips"],
};

/**
 * The ring between two threads, 8 numbers a message, written and summed; every measurement is a process of its own.
 * Windows in which two spinning threads shared a core do not count, and a process that had no other is run again.
 */
export async function bench(): Promise<BenchResult> {
  const cpp = cppPrograms(() => {}, CPP);
  const ours = Object.entries(OURS).map(([name, args]) => ourProgram(name, ...args));
  const rounds = new Rounds([...ours, ...(typeof cpp === "string" ? [] : cpp)], ROUNDS, () => {});
  const rows = [
    rate(rounds, "adaptive publish", "adaptive", "one Atomics.store a message", "each message", 8, 15),
    rate(rounds, "adaptive publish", "adaptive", "naive: Atomics for every index", "naive", 8, 15),
    rate(rounds, "batch 64", "batch 64", "one Atomics.store a message", "each message"),
    rate(rounds, "batch 64, ring of 4 k", "ring of 4 k", "ring of 64 k", "batch 64", 0.7, 0.8),
    rate(rounds, "batch 64, 1 to 2 consumers", "1 to 2", "1 to 1", "batch 64"),
    rate(
      rounds,
      "one thread, bursts of 256",
      "one thread",
      "with Atomics, one by one",
      "one thread, Atomics",
      2.5,
      3,
    ),
    ...(typeof cpp === "string" ? [] : cppRows(rounds)),
    faster(rounds, "one way: spin", "spin", "postMessage", 20, 28),
    ...["park", "yield", "waitAsync"].map((wait) => faster(rounds, `one way: ${wait}`, wait, "postMessage")),
    faster(rounds, "one way: usual, a process spins beside", "beside a neighbour", "spin"),
    ...["lone messages", "100 k/s", "1 M/s"].flatMap((flow) => [
      faster(rounds, `${flow}: commit to seen`, flow, `${flow}, flushed`),
      faster(rounds, `${flow}: commit, flush, to seen`, `${flow}, flushed`, flow),
    ]),
  ];
  return { rows, notes: notesOf(rounds, cpp) };
}

function rate(
  rounds: Rounds,
  name: string,
  ours: string,
  peer: string,
  theirs: string,
  ...bounds: readonly number[]
): BenchRow {
  const pair = rounds.pair(ours, theirs, "rate");
  return row(name, "M/s", peer, { ...pair, ratio: pair.ratio }, bounds);
}

function cppRows(rounds: Rounds): BenchRow[] {
  return [
    rate(rounds, "batch 64", "batch 64", "own ring of C++", "C++, batch 64", 0.4, 0.65),
    rate(rounds, "each message", "each message", "own ring of C++", "C++, each message"),
    { ...faster(rounds, "one way: spin", "spin", "C++, trips"), peer: "own ring of C++" },
  ];
}

/** A row of times: the ratio says how many times less ours is. */
function faster(
  rounds: Rounds,
  name: string,
  ours: string,
  theirs: string,
  ...bounds: readonly number[]
): BenchRow {
  const pair = rounds.pair(ours, theirs, "p50Ns");
  const { median, min, max } = pair.ratio;
  const ratio = { median: 1 / median, min: 1 / max, max: 1 / min };
  const of = (what: What): number => rounds.of(ours, what).median;
  return {
    ...row(name, "ns", theirs, { ...pair, ratio }, bounds),
    ...{ p50Ns: of("p50Ns"), p99Ns: of("p99Ns"), p999Ns: of("p999Ns") },
  };
}

function row(
  name: string,
  unit: string,
  peer: string,
  { ours, theirs, ratio }: { ours: Spread; theirs: Spread; ratio: Spread },
  [floor, aim]: readonly number[],
): BenchRow {
  return {
    ...{ name, unit, peer, ours: ours.median, peerValue: theirs.median },
    ...{ ratio: ratio.median, ratioMin: ratio.min, ratioMax: ratio.max },
    ...(floor === undefined ? {} : { floor }),
    ...(aim === undefined ? {} : { aim }),
  };
}

function notesOf(rounds: Rounds, cpp: unknown): string[] {
  const shared = rounds.names().flatMap((name) => rounds.sharedOf(name) ?? []);
  const perSecond = rounds.of("1 M/s, flushed", "rate").median;
  const p99 = rounds.of("1 M/s, flushed", "p99Ns").median;
  const holds = perSecond > 0.99 && p99 < 10_000 ? "holds" : "does not hold here";
  return [
    `1 M messages a second between two threads with p99 below 10 us: ${perSecond.toFixed(2)} M/s, ` +
      `${(p99 / 1000).toFixed(2)} us, ${holds}`,
    "every consumer's sum of all numbers was checked; ratios of times say how many times less ours is",
    "the floor of adaptive publish is held against one Atomics.store a message; two consumers make three threads",
    `others used at most ${rounds.foreignCores.toFixed(2)} cores; ${rounds.repeated} processes were run again`,
    ...(typeof cpp === "string" ? [cpp] : []),
    ...(shared.length === 0
      ? []
      : [`rounds without 1.7 cores, left out where others had them: ${shared.join("; ")}`]),
  ];
}
