import { type BenchResult, type BenchRow, ratioFields } from "./bench-row.ts";
import { childJson, spreadOf } from "./rounds.ts";

const ONCE = new URL("./ring-once.ts", import.meta.url);
const ROUNDS = 5;
const CORES_MIN = 1.7;

/** What one process measured. */
interface Once {
  readonly units: number;
  readonly elapsedNs: number;
  /** Processor time by wall time: two threads that spin on one core each give 2. */
  readonly cores?: number;
  readonly p50Ns?: number;
  readonly p99Ns?: number;
  readonly p999Ns?: number;
}

/** By name the arguments of `ring-once`: what, capacity, messages, consumers. */
const VARIANTS: Readonly<Record<string, readonly string[]>> = {
  "batch 64": ["batch", "65536", "640000", "1"],
  "each message": ["each", "65536", "96000", "1"],
  "ring of 4 k": ["batch", "4096", "640000", "1"],
  adaptive: ["adaptive", "65536", "640000", "1"],
  "two consumers": ["batch", "65536", "160000", "2"],
  trips: ["trips"],
  "postMessage trips": ["trips-post"],
  same: ["same"],
  atomic: ["atomic"],
};

/**
 * The ring between two threads, 8 numbers a message, written and summed; every measurement is a process of its own.
 * A window of about 10 ms in which two spinning threads shared a core is measured again, for 1.5 s at most.
 */
export async function bench(): Promise<BenchResult> {
  const names = Object.keys(VARIANTS);
  const all = new Map<string, Once[]>(names.map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(turn + round) % names.length] as string;
      all.get(name)?.push((await childJson(ONCE, VARIANTS[name])) as Once);
    }
  }
  const rows = [
    rate(all, "batch 64, ring of 64 k", "batch 64", "one publish a message", "each message"),
    rate(all, "batch 64, ring of 4 k", "ring of 4 k", "ring of 64 k", "batch 64"),
    rate(all, "adaptive publish", "adaptive", "one Atomics.store a message", "each message"),
    rate(all, "batch 64, 1 to 2 consumers", "two consumers", "1 to 1", "batch 64"),
    rate(all, "one thread, bursts of 256", "same", "the same with Atomics, published one by one", "atomic"),
    oneWay(all),
  ];
  return { rows, notes: notesOf(all) };
}

function rate(all: Map<string, Once[]>, name: string, ours: string, peer: string, theirs: string): BenchRow {
  const pairs = (all.get(ours) ?? []).map((run, round) => [run, all.get(theirs)?.[round]] as [Once, Once]);
  const good = pairs.filter((pair) => pair.every(({ cores = 2 }) => cores >= CORES_MIN));
  const [mine, others] = [0, 1].map((side) =>
    (good.length > 0 ? good : pairs).map((pair) => {
      const { units, elapsedNs } = pair[side] as Once;
      return (units / elapsedNs) * 1000;
    }),
  ) as [number[], number[]];
  const ratios = mine.map((each, round) => each / (others[round] as number));
  const medians = { ours: spreadOf(mine).median, peerValue: spreadOf(others).median };
  return { name, unit: "M/s", peer, ...medians, ...ratioFields(spreadOf(ratios)) };
}

function oneWay(all: Map<string, Once[]>): BenchRow {
  const of = (name: string, what: "p50Ns" | "p99Ns" | "p999Ns"): number[] => {
    return (all.get(name) ?? []).map((run) => run[what] ?? Number.NaN);
  };
  const [mine, posts] = [of("trips", "p50Ns"), of("postMessage trips", "p50Ns")];
  return {
    name: "ping-pong, one way, p50",
    ours: spreadOf(mine).median,
    unit: "ns",
    peer: "postMessage",
    peerValue: spreadOf(posts).median,
    ...ratioFields(spreadOf(mine.map((each, round) => (posts[round] as number) / each))),
    floor: 20,
    p50Ns: spreadOf(mine).median,
    p99Ns: spreadOf(of("trips", "p99Ns")).median,
    p999Ns: spreadOf(of("trips", "p999Ns")).median,
  };
}

function notesOf(all: Map<string, Once[]>): string[] {
  const shared = [...all].flatMap(([name, runs]) => {
    const count = runs.filter(({ cores }) => cores !== undefined && cores < CORES_MIN).length;
    return count === 0 ? [] : [`${name}: ${count} of ${runs.length}`];
  });
  const note = "rounds whose threads never had 1.7 cores, left out where others had";
  return [
    "every consumer's sum of all cells was checked",
    "two consumers beside the producer are three spinning threads",
    ...(shared.length === 0 ? [] : [`${note}: ${shared.join("; ")}`]),
  ];
}
