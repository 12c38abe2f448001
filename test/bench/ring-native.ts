import { nativeReport } from "../../src/base/native.ts";
import { type BenchResult, type BenchRow, ratioFields } from "./bench-row.ts";
import { childJson, spreadOf } from "./rounds.ts";

const ONCE = new URL("./ring-native-once.ts", import.meta.url);
const ROUNDS = 5;
const CORES_MIN = 1.7;

/** What one process measured. */
interface Once {
  readonly units: number;
  readonly elapsedNs: number;
  /** Processor time of both ends by wall time. */
  readonly cores?: number;
  readonly p50Ns?: number;
}

/** By name the arguments of `ring-native-once`: what, and where the other end stands. */
const VARIANTS: Readonly<Record<string, readonly string[]>> = {
  processes: ["ring", "process"],
  threads: ["ring", "thread"],
  body: ["body", "thread"],
  "one thread": ["alone-ring"],
  "one thread, body": ["alone-body"],
  ipc: ["ipc", "sent"],
  "ipc 64": ["ipc-64", "sent"],
  pipe: ["pipe-64", "sent"],
  "trips of processes": ["trips", "process"],
  "trips of threads": ["trips", "thread"],
  "trips of ipc": ["trips", "ipc"],
};

/**
 * A ring between two processes beside the ring between two threads, messages of `child_process` and a pipe; and the C++
 * body beside the TypeScript one. 64-byte messages, 8 numbers written and summed, in batches of 64.
 */
export async function bench(): Promise<BenchResult> {
  const { isAvailable, cause } = nativeReport();
  if (!isAvailable) return { rows: [], notes: [`There is no native binary here: ${cause}.`] };
  const names = Object.keys(VARIANTS);
  const all = new Map<string, Once[]>(names.map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(turn + round) % names.length] as string;
      all.get(name)?.push((await childJson(ONCE, VARIANTS[name])) as Once);
    }
  }
  const rows = [
    rate(all, "between processes", "processes", "between threads, SharedArrayBuffer", "threads"),
    rate(all, "between processes", "processes", "process.send, a message each", "ipc"),
    rate(all, "between processes", "processes", "process.send, 64 in one array", "ipc 64"),
    rate(all, "between processes", "processes", "a pipe, 4 KiB a write", "pipe"),
    rate(all, "C++ body by its door, two threads", "body", "TypeScript ring, two threads", "threads"),
    rate(
      all,
      "C++ body by its door, one thread",
      "one thread, body",
      "TypeScript ring, one thread",
      "one thread",
    ),
    oneWay(all, "between threads", "trips of threads"),
    oneWay(all, "process.send", "trips of ipc"),
  ];
  const alone = [...all].flatMap(([name, runs]) => {
    const good = runs.filter(({ cores = 2 }) => cores >= CORES_MIN).length;
    return good < runs.length ? [`${name}: ${good} of ${runs.length}`] : [];
  });
  const notes = [
    "Every sum was checked. Rates count rounds in which both ends had a core (processor time by wall time >= 1.7)," +
      ` or all where none had. ${alone.length > 0 ? `Such rounds: ${alone.join(", ")}.` : ""}`,
  ];
  return { rows, notes };
}

function rate(all: Map<string, Once[]>, name: string, ours: string, peer: string, theirs: string): BenchRow {
  const pairs = (all.get(ours) ?? []).map((run, round) => [run, all.get(theirs)?.[round]] as [Once, Once]);
  const good = pairs.filter((pair) => pair.every(({ cores = 2 }) => cores >= CORES_MIN));
  const chosen = good.length > 0 ? good : pairs;
  const [mine, others] = [0, 1].map((side) =>
    chosen.map((pair) => {
      const { units, elapsedNs } = pair[side] as Once;
      return (units / elapsedNs) * 1000;
    }),
  ) as [number[], number[]];
  const ratios = mine.map((each, round) => each / (others[round] as number));
  const medians = { ours: spreadOf(mine).median, peerValue: spreadOf(others).median };
  return { name, unit: "M/s", peer, ...medians, ...ratioFields(spreadOf(ratios)) };
}

function oneWay(all: Map<string, Once[]>, peer: string, theirs: string): BenchRow {
  const of = (name: string): number[] => (all.get(name) ?? []).map(({ p50Ns = Number.NaN }) => p50Ns);
  const [mine, others] = [of("trips of processes"), of(theirs)];
  const ratios = mine.map((each, round) => (others[round] as number) / each);
  return {
    name: "ping-pong between processes, one way, p50",
    ours: spreadOf(mine).median,
    unit: "ns",
    peer,
    peerValue: spreadOf(others).median,
    ...ratioFields(spreadOf(ratios)),
  };
}
