import { spawnSync } from "node:child_process";
import process from "node:process";
import type { BenchResult, BenchRow } from "./bench-row.ts";
import { captureTapeFile } from "./market-file.ts";
import { spreadOf } from "./rounds.ts";

const ONCE = new URL("./scale-once.ts", import.meta.url).pathname;
const SIZES = [65_536, 262_144, 1_000_000, 5_000_000, 50_000_000];
const BASE = 1_000_000;
const ROUNDS = 5;

interface Shot {
  readonly rows: number;
  readonly nsPerRow: number;
  readonly peakMiB: number;
}

/**
 * Time for each row and peak memory as a tape gets longer: the capture, tiled and read block by block from its
 * file, with a callback on every message. The ratio is the time at 1 M rows over the time at that size.
 */
export async function bench(): Promise<BenchResult> {
  const tape = await captureTapeFile();
  if (tape === undefined) return { rows: [], notes: ["skipped: no capture (set TICKWRIGHT_DATA)"] };
  const shots = new Map<number, Shot[]>(SIZES.map((size) => [size, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const size of SIZES) shots.get(size)?.push(once(tape, size));
  }
  const base = shots.get(BASE) as Shot[];
  const rows: BenchRow[] = SIZES.map((size) => {
    const own = shots.get(size) as Shot[];
    const ratio = spreadOf(own.map((shot, i) => (base[i] as Shot).nsPerRow / shot.nsPerRow));
    return {
      name: `${size.toLocaleString("en-US")} rows, ns/row`,
      ours: spreadOf(own.map(({ nsPerRow }) => nsPerRow)).median,
      unit: "ns",
      peer: "ours at 1,000,000 rows",
      peerValue: spreadOf(base.map(({ nsPerRow }) => nsPerRow)).median,
      ratio: ratio.median,
      ratioMin: ratio.min,
      ratioMax: ratio.max,
      ...(size > BASE ? { floor: 1 / 1.15 } : {}),
    };
  });
  const memory = SIZES.map((size) => {
    const peaks = (shots.get(size) as Shot[]).map(({ peakMiB }) => peakMiB);
    return `${size.toLocaleString("en-US")} rows ${Math.max(...peaks)} MiB`;
  });
  return { rows, notes: [`peak resident memory: ${memory.join(", ")}`] };
}

function once(tape: string, rows: number): Shot {
  const args = ["--conditions=tickwright-source", ONCE, "--tape", tape, "--rows", String(rows)];
  const child = spawnSync(process.execPath, args, { encoding: "utf8", timeout: 180_000 });
  if (child.status !== 0) throw new Error(`scale-once ended with ${child.status}: ${child.stderr}`);
  return JSON.parse(child.stdout.trim().split("\n").at(-1) ?? "") as Shot;
}
