import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { Prng } from "../../src/base/index.ts";
import { openJournal } from "../../src/host/index.ts";
import { payloadOf } from "../fixtures/journal-work.ts";

const WRITER = fileURLToPath(new URL("../fixtures/journal-writer.ts", import.meta.url));
/** More by TICKWRIGHT_JOURNAL_KILLS. */
const KILLS = Number(process.env.TICKWRIGHT_JOURNAL_KILLS ?? 15);
const SEED = Number(process.env.TICKWRIGHT_SEED ?? 7);
const folder = mkdtempSync(join(tmpdir(), "tickwright-journal-kill-"));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Killed {
  /** The last line the process wrote: what it had been told is durable. */
  readonly durable: number;
  readonly lines: number;
  readonly errors: string;
}

/** Starts a writer and kills it some time after its first commit. */
async function killWriter(seed: number, afterMs: number): Promise<Killed> {
  const child = spawn(process.execPath, [WRITER, folder, String(seed)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let errors = "";
  let isArmed = false;
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
    if (isArmed) return;
    isArmed = true;
    setTimeout(() => child.kill("SIGKILL"), afterMs);
  });
  const signal = await new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", (_code, ended) => done(ended));
  });
  expect(signal, errors).toBe("SIGKILL");
  const lines = out.split("\n").slice(0, -1);
  return { durable: Number(lines.at(-1)), lines: lines.length, errors };
}

it(
  `${KILLS} processes killed while they append lose nothing they were told is durable (seed ${SEED})`,
  async () => {
    const rng = new Prng(SEED);
    let torn = 0;
    let commits = 0;
    let last = 0;
    for (let k = 0; k < KILLS; k++) {
      const { durable, lines } = await killWriter(k + 1, 1 + rng.float() * 40);
      commits += lines - 1;
      const { journal, recovery } = openJournal(folder, {
        policy: "sync",
        baseNs: 0n,
        segmentBytes: 65_536,
        reserveBytes: 4096,
      });
      expect(recovery.lastSeq, `kill ${k}`).toBeGreaterThanOrEqual(Math.max(durable, last));
      torn += recovery.torn === undefined ? 0 : 1;
      let next = recovery.firstSeq;
      journal.read(recovery.firstSeq, ({ seq, payload, tsNs }) => {
        const isRight = seq === next && tsNs === BigInt(seq) && Buffer.compare(payload, payloadOf(seq)) === 0;
        if (!isRight) throw new Error(`kill ${k}: record ${seq} is not what was appended as ${next}`);
        next++;
      });
      expect(next).toBe(recovery.lastSeq + 1);
      last = recovery.lastSeq;
      journal.close();
    }
    console.log(
      `${KILLS} kills, ${commits} commits, ${last} records, ${torn} torn tails, no durable record lost`,
    );
    expect(commits).toBeGreaterThan(KILLS);
  },
  KILLS * 5000,
);
