import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type BenchResult, type BenchRow, ratioFields } from "./bench-row.ts";
import { captureTapeFile } from "./market-file.ts";
import { childJson, type Spread, spreadOf } from "./rounds.ts";

const ONCE = new URL("./sweep-once.ts", import.meta.url);
const ROUNDS = 5;
/** So many that what each thread compiles for itself, about 1.2 s, is a small part. */
const POINTS = 1_024;
/** Points for each thread where memory is measured. */
const POINTS_A_THREAD = 4;
/** The capture has about 0.6 M rows: so many times that is 10 M. */
const MEMORY_ROWS = 10_000_000;
const MANY = 8;

interface Shot {
  readonly units: number;
  readonly rows: number;
  readonly elapsedNs: number;
  readonly hash: string;
  readonly peakMiB: number;
}

/**
 * Sweeps on one thread and two, beside the same backtests one after another without a sweep, and the memory of eight
 * threads over one tape beside that of one. Each in a process of its own, threads' starts included, from the build.
 */
export async function bench(): Promise<BenchResult> {
  const tape = await captureTapeFile();
  if (tape === undefined) return { rows: [], notes: ["skipped: no capture (set TICKWRIGHT_DATA)"] };
  build();
  const once = async (threads: number, points: number, times: number): Promise<Shot> => {
    const words = { tape, threads, points, times };
    return (await childJson(
      ONCE,
      Object.entries(words).flatMap(([name, value]) => [`--${name}`, String(value)]),
      { built: true },
    )) as Shot;
  };
  const speeds = new Map<number, Shot[]>([0, 1, 2].map((threads) => [threads, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const turn of [0, 1, 2]) {
      const threads = (turn + round) % 3;
      speeds.get(threads)?.push(await once(threads, POINTS, 1));
    }
  }
  const [bare = [], one = [], two = []] = [0, 1, 2].map((threads) => speeds.get(threads));
  const hashes = new Set([...bare, ...one, ...two].map(({ hash }) => hash));
  if (hashes.size !== 1) throw new Error("the sweeps and the backtests alone came to different runs");
  const perSecond = ({ units, elapsedNs }: Shot): number => (1e9 * units) / elapsedNs;
  const ratio = (a: readonly Shot[], b: readonly Shot[], of: (shot: Shot) => number): Spread =>
    spreadOf(a.map((shot, i) => of(shot) / of(b[i] as Shot)));
  const row = (
    name: string,
    a: readonly Shot[],
    b: readonly Shot[],
    peer: string,
    floor: number,
  ): BenchRow => {
    return {
      ...{ name, unit: "points/s", peer, floor },
      ...{ ours: spreadOf(a.map(perSecond)).median, peerValue: spreadOf(b.map(perSecond)).median },
      ...ratioFields(ratio(a, b, perSecond)),
    };
  };
  const times = Math.ceil(MEMORY_ROWS / (bare[0] as Shot).rows);
  const memory: [Shot[], Shot[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    memory[0].push(await once(1, POINTS_A_THREAD, times));
    memory[1].push(await once(MANY, MANY * POINTS_A_THREAD, times));
  }
  const peak = ({ peakMiB }: Shot): number => peakMiB;
  return {
    rows: [
      row("2 threads", two, one, "1 thread", 1.8),
      row("1 thread", one, bare, "bare backtests", 0.95),
      {
        ...{ name: `memory of ${MANY} threads`, unit: "MiB", peer: "1 thread and the tape", floor: 1 / 1.3 },
        ...{ ours: spreadOf(memory[1].map(peak)).median, peerValue: spreadOf(memory[0].map(peak)).median },
        ...ratioFields(ratio(memory[0], memory[1], peak)),
      },
    ],
    notes: [
      `${POINTS} points over ${(bare[0] as Shot).rows.toLocaleString("en-US")} rows, equal run hashes on all sides`,
      `memory over ${(memory[0][0] as Shot).rows.toLocaleString("en-US")} rows, peak resident; at most 1.3`,
    ],
  };
}

/** Makes the build anew: a thread that compiles the source itself would be measured with that. */
function build(): void {
  const { status, stderr } = spawnSync("npx", ["tsup"], {
    ...{ cwd: fileURLToPath(new URL("../..", import.meta.url)), encoding: "utf8" },
  });
  if (status !== 0) throw new Error(`tsup ended with ${status}: ${stderr}`);
}
