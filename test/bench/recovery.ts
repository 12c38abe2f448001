import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BenchResult, ratioFields } from "./bench-row.ts";
import type { Built, Recovered } from "./recovery-once.ts";
import { spreadOf } from "./rounds.ts";

/** Records of the journal; fewer by TICKWRIGHT_RECOVERY_RECORDS, for a quick look. A tenth is behind the snapshot. */
const RECORDS = Number(process.env["TICKWRIGHT_RECOVERY_RECORDS"] ?? 10_000_000);
const BEHIND = Math.floor(RECORDS / 10);
/** @units s */
const TARGET = 10;
const ROUNDS = 5;
const TMPFS = 0x01021994;
const ONCE = fileURLToPath(new URL("./recovery-once.ts", import.meta.url));

/** `recover` of a long journal with a snapshot near its end; of a shorter one from its first record; of packed segments. */
export async function bench(): Promise<BenchResult> {
  if (!Number.isSafeInteger(BEHIND) || BEHIND < 1000) {
    throw new Error(`TICKWRIGHT_RECOVERY_RECORDS: found ${RECORDS}, expected at least 10000`);
  }
  const folder = mkdtempSync(join(realDisk(), "tickwright-bench-recovery-"));
  const [long, short, small] = [join(folder, "long"), join(folder, "short"), join(folder, "packed")];
  try {
    const built = (await once("build", long, RECORDS, BEHIND)) as Built;
    const fromFirst = (await once("build", short, BEHIND, 0)) as Built;
    await once("build", small, RECORDS, BEHIND);
    const { bytes } = (await once("pack", small)) as { readonly bytes: number };
    const runs: Record<"snapshot" | "first" | "packed", Recovered[]> = {
      snapshot: [],
      first: [],
      packed: [],
    };
    for (let round = 0; round < ROUNDS; round++) {
      runs.snapshot.push(checked(await once("recover", long), built, RECORDS - BEHIND));
      runs.first.push(checked(await once("recover", short), fromFirst, 0));
      runs.packed.push(checked(await once("recover", small), built, RECORDS - BEHIND));
    }
    return result(built, bytes, runs);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function result(
  built: Built,
  packedBytes: number,
  { snapshot, first, packed }: Readonly<Record<"snapshot" | "first" | "packed", readonly Recovered[]>>,
): BenchResult {
  const seconds = (runs: readonly Recovered[]): readonly number[] =>
    runs.map(({ totalMs }) => totalMs / 1000);
  const replayed = (run: Recovered): number => (run.records / run.replayMs) * 1000;
  const read = (run: Recovered): number => (run.lastSeq / run.openMs) * 1000;
  const median = (runs: readonly Recovered[], of: (run: Recovered) => number): number =>
    spreadOf(runs.map(of)).median;
  const against = (
    ours: readonly Recovered[],
    theirs: readonly Recovered[],
    of: (run: Recovered) => number,
  ): Pick<BenchResult["rows"][number], "ours" | "peerValue" | "ratio" | "ratioMin" | "ratioMax"> => ({
    ours: median(ours, of),
    peerValue: median(theirs, of),
    ...ratioFields(spreadOf(ours.map((run, i) => of(run) / of(theirs[i] as Recovered)))),
  });
  const unit = "records/s";
  return {
    rows: [
      {
        ...{ name: `recover ${words(built.records)} records`, unit: "s", peer: "target", peerValue: TARGET },
        ours: spreadOf(seconds(snapshot)).median,
        ...ratioFields(spreadOf(seconds(snapshot).map((each) => TARGET / each))),
        floor: 1,
      },
      { name: "read and checked", unit, peer: "packed segments", ...against(snapshot, packed, read) },
      { name: "replayed", unit, peer: "from the first record", ...against(snapshot, first, replayed) },
    ],
    notes: [
      `recover: ${partsOf(snapshot)}; at most ${words(Math.max(...snapshot.map((run) => run.residentMiB)))} MiB resident`,
      `journal: ${built.segments} segments, ${mb(built.bytes)} MB, ${words(built.rows)} rows, ${words(built.requests)} requests; snapshot ${words(built.snapshotBytes / 1024)} KiB, ${words(snapshot[0]?.records ?? 0)} records behind it`,
      `packed: ${mb(packedBytes)} MB, recover: ${partsOf(packed)}`,
      `from the first record, ${words(first[0]?.lastSeq ?? 0)} records, no snapshot: ${partsOf(first)}`,
      `each of ${ROUNDS} recoveries is a new process after one that ended without closing; its runHash equals the writer's`,
      `written by a session in ${(built.elapsedMs / 1000).toFixed(1)} s, policy async; read from the page cache: add the disk's time for a cold one`,
    ],
  };
}

function checked(run: unknown, built: Built, snapshotSeq: number): Recovered {
  const recovered = run as Recovered;
  const { runHash, isDifferent, lastSeq } = recovered;
  // The snapshot is taken between two turns, some records behind its place.
  const isPlaced = recovered.snapshotSeq >= snapshotSeq && recovered.snapshotSeq <= snapshotSeq + 100;
  if (runHash === built.runHash && !isDifferent && lastSeq === built.records && isPlaced) return recovered;
  throw new Error(`recovery: found ${JSON.stringify(run)}, expected ${JSON.stringify(built)}`);
}

function partsOf(runs: readonly Recovered[]): string {
  const seconds = (part: "openMs" | "loadMs" | "replayMs" | "totalMs"): string =>
    (spreadOf(runs.map((run) => run[part])).median / 1000).toFixed(2);
  return `${seconds("totalMs")} s = open ${seconds("openMs")} + load ${seconds("loadMs")} + replay ${seconds("replayMs")}`;
}

function words(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function mb(bytes: number): string {
  return words(bytes / 1e6);
}

/** A step in a process of its own; what it says of its progress goes on. */
async function once(...args: readonly (string | number)[]): Promise<unknown> {
  const flags = ["--conditions=tickwright-source", ONCE, ...args.map(String)];
  const child = spawn(process.execPath, flags, { stdio: ["ignore", "pipe", "inherit"] });
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  const code = await new Promise<number | null>((done, fail) => {
    child.on("error", fail);
    child.on("close", done);
  });
  if (code !== 0) throw new Error(`recovery-once ${args.join(" ")} ended with ${code}`);
  return JSON.parse(out);
}

/** The temporary folder, unless it lies in memory. */
function realDisk(): string {
  if (statfsSync(tmpdir()).type !== TMPFS) return tmpdir();
  const path = join(import.meta.dirname, "../../out");
  mkdirSync(path, { recursive: true });
  return path;
}
