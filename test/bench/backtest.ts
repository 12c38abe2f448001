import { spawnSync } from "node:child_process";
import process from "node:process";
import { type BenchResult, type BenchRow, ratioFields } from "./bench-row.ts";
import { captureTapeFile } from "./market-file.ts";
import { interleave, type Measured, type Run, ratioOf, spreadOf } from "./rounds.ts";

const ONCE = new URL("./backtest-once.ts", import.meta.url).pathname;
const HOOK = new URL("./map-book-hook.ts", import.meta.url).pathname;
const TILES = 9;

interface Shot {
  readonly rows: number;
  readonly ns: number;
  readonly collections: number;
  readonly runHash: string;
  readonly trades: number;
}

/**
 * The grid market maker over the futures capture, tiled to 5 M rows, two books: the kernel with its ladder
 * against the same kernel with a Map-based book (hftbacktest's way), in fresh processes.
 */
export async function bench(): Promise<BenchResult> {
  const tape = await captureTapeFile();
  if (tape === undefined) return { rows: [], notes: ["skipped: no capture (set TICKWRIGHT_DATA)"] };
  const rows: BenchRow[] = [];
  const notes: string[] = [];
  for (const variant of ["wide", "touch"]) {
    const args = [
      "--tape",
      tape,
      "--tile",
      String(TILES),
      "--variant",
      variant,
      "--queue",
      "power3",
      "--qty",
      "10",
    ];
    const hashes = new Set<string>();
    const shoot = (name: string, flags: readonly string[]) => ({
      name,
      run: (): Run => {
        const shot = once([...flags, ONCE, ...args]);
        hashes.add(shot.runHash);
        return { units: shot.rows, elapsedNs: shot.ns, collections: shot.collections };
      },
    });
    const measured = await interleave([shoot("ladder", []), shoot("map book", ["--import", HOOK])], {
      rounds: 5,
      warmUps: 0,
    });
    const ladder = measured.get("ladder") as Measured;
    const map = measured.get("map book") as Measured;
    rows.push({
      name: `grid ${variant}, rows/s`,
      ours: 1e9 / spreadOf(ladder.nsPerUnit).median,
      unit: "rows/s",
      peer: "the same with a Map book",
      peerValue: 1e9 / spreadOf(map.nsPerUnit).median,
      ...ratioFields(ratioOf(map, ladder)),
      floor: 1.6,
    });
    notes.push(
      `${variant}: ${hashes.size === 1 ? "one run hash in all runs" : `DIFFERENT run hashes: ${[...hashes].join(" ")}`}, ` +
        `garbage collections in a timed run: ${Math.min(...ladder.collections)} to ${Math.max(...ladder.collections)}`,
    );
  }
  return { rows, notes };
}

function once(args: readonly string[]): Shot {
  const child = spawnSync(process.execPath, ["--conditions=tickwright-source", ...args], {
    encoding: "utf8",
    timeout: 120_000,
    maxBuffer: 1 << 24,
  });
  if (child.status !== 0) throw new Error(`${args.join(" ")} ended with ${child.status}: ${child.stderr}`);
  return JSON.parse(child.stdout.trim().split("\n").at(-1) ?? "") as Shot;
}
