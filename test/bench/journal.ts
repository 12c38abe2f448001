import {
  closeSync,
  fdatasyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  statfsSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FileJournal, openJournal } from "../../src/host/index.ts";
import { type BenchResult, type BenchRow, ratioFields } from "./bench-row.ts";
import { interleave, type Measured, quantile, type Run, ratioOf, spreadOf } from "./rounds.ts";

const PAYLOAD = new Uint8Array(200).fill(7);
const RECORD_BYTES = 232;
const TMPFS = 0x01021994;
/** Records a commit, and commits a round. */
const BATCHES = [
  [1, 200],
  [10, 200],
  [100, 100],
  [1000, 40],
] as const;
const ROUNDS = 7;
const WARM_UPS = 1;
/** Must be reached by 100 records a commit over one. */
const FLOOR = 30;

/** Durable records a second by records a commit: in zeros written ahead, in a file that grows, and the disk alone. */
export async function bench(): Promise<BenchResult> {
  const folder = mkdtempSync(join(realDisk(), "tickwright-bench-journal-"));
  const sides: Side[] = [];
  try {
    for (const [batch, commits] of BATCHES) {
      sides.push(journalSide("ahead", batch, commits, join(folder, `ahead-${batch}`), true));
      sides.push(journalSide("grows", batch, commits, join(folder, `grows-${batch}`), false));
      sides.push(bareSide(batch, commits, join(folder, `bare-${batch}`)));
    }
    const measured = await interleave(sides, { rounds: ROUNDS, warmUps: WARM_UPS });
    return result(measured, sides);
  } finally {
    for (const side of sides) side.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Side {
  readonly name: string;
  readonly run: () => Run;
  /** How long each commit took, ns. */
  readonly times: Float64Array;
  readonly end: () => void;
}

function result(measured: Map<string, Measured>, sides: readonly Side[]): BenchResult {
  const of = (name: string): Measured => measured.get(name) as Measured;
  const rows: BenchRow[] = [];
  for (const [batch] of BATCHES) {
    const ours = of(`ahead ${batch}`);
    const times = (sides.find(({ name }) => name === ours.name) as Side).times;
    const tail = {
      p50Ns: quantile(times, 0.5),
      p99Ns: quantile(times, 0.99),
      p999Ns: quantile(times, 0.999),
    };
    rows.push({ ...row(`${batch} a commit`, ours, "a file that grows", of(`grows ${batch}`)), ...tail });
    rows.push(row(`${batch} a commit`, ours, "the same bytes, no journal", of(`bare ${batch}`)));
  }
  rows.push({ ...row("100 a commit", of("ahead 100"), "1 a commit", of("ahead 1")), floor: FLOOR });
  return {
    rows,
    notes: [
      `${RECORD_BYTES}-byte records, policy sync: a commit is one write and one fdatasync; p50 to p99.9 are of whole commits`,
      "no journal: one write of as many bytes into a file of zeros and one fdatasync, without records, checksums and hash",
      `${ROUNDS} rounds; the folder is removed afterwards; figures of a disk swing with its neighbours: compare ratios`,
    ],
  };
}

function row(name: string, ours: Measured, peer: string, theirs: Measured): BenchRow {
  return {
    name,
    ours: 1e9 / spreadOf(ours.nsPerUnit).median,
    unit: "records/s",
    peer,
    peerValue: 1e9 / spreadOf(theirs.nsPerUnit).median,
    ...ratioFields(ratioOf(theirs, ours)),
  };
}

function journalSide(kind: string, batch: number, commits: number, path: string, preallocate: boolean): Side {
  const segmentBytes = room(batch, commits) + 4096;
  const options = { policy: "sync", baseNs: 0n, create: true, reserveBytes: 4096, codec: "none" } as const;
  const journal: FileJournal = openJournal(path, { ...options, segmentBytes, preallocate }).journal;
  let tsNs = 0;
  return timed(`${kind} ${batch}`, batch, commits, {
    commit: () => {
      for (let i = 0; i < batch; i++) journal.append(1, PAYLOAD, tsNs++);
      journal.commit();
    },
    end: () => journal.close(),
  });
}

function bareSide(batch: number, commits: number, path: string): Side {
  const file = openSync(path, "w");
  const zeros = new Uint8Array(1 << 20);
  for (let at = 0; at < room(batch, commits); at += zeros.length) writeSync(file, zeros, 0, zeros.length, at);
  fdatasyncSync(file);
  const bytes = new Uint8Array(batch * RECORD_BYTES).fill(7);
  let at = 0;
  return timed(`bare ${batch}`, batch, commits, {
    commit: () => {
      at += writeSync(file, bytes, 0, bytes.length, at);
      fdatasyncSync(file);
    },
    end: () => closeSync(file),
  });
}

function timed(
  name: string,
  batch: number,
  commits: number,
  work: { readonly commit: () => void; readonly end: () => void },
): Side {
  const times = new Float64Array(ROUNDS * commits);
  let next = -WARM_UPS * commits;
  return {
    name,
    times,
    end: work.end,
    run: () => {
      const start = process.hrtime.bigint();
      let last = start;
      for (let k = 0; k < commits; k++) {
        work.commit();
        const now = process.hrtime.bigint();
        if (next >= 0) times[next] = Number(now - last);
        next++;
        last = now;
      }
      return { units: batch * commits, elapsedNs: Number(last - start) };
    },
  };
}

/** Bytes of all rounds: one segment holds them, so that no round has to begin one. */
function room(batch: number, commits: number): number {
  return batch * commits * RECORD_BYTES * (ROUNDS + WARM_UPS);
}

/** The temporary folder, unless it lies in memory. */
function realDisk(): string {
  if (statfsSync(tmpdir()).type !== TMPFS) return tmpdir();
  const path = join(import.meta.dirname, "../../out");
  mkdirSync(path, { recursive: true });
  return path;
}
