import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type JournalOptions, measureSync, openJournal, verifySnapshot } from "../../src/host/index.ts";
import { snapshotOf } from "../fixtures/journal-work.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tickwright-journal-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const OPTIONS: JournalOptions = {
  policy: "sync",
  baseNs: 0n,
  create: true,
  segmentBytes: 65_536,
  reserveBytes: 4096,
};

describe("a journal on this machine's disk", () => {
  it("keeps records, snapshots and packed segments over several openings", () => {
    const path = join(folder, "deep", "journal");
    let seq = 0;
    for (let round = 0; round < 3; round++) {
      const { journal, recovery } = openJournal(path, OPTIONS);
      expect(recovery.lastSeq).toBe(seq);
      for (let i = 0; i < 1000; i++) journal.append(2, new Uint8Array(100).fill(seq + i), i);
      seq = journal.commit();
      journal.saveSnapshot(snapshotOf(seq));
      while (journal.packNext() > 0);
      journal.close();
    }
    const names = readdirSync(path);
    expect(names.filter((name) => name.endsWith(".zst")).length).toBeGreaterThan(3);
    expect(names).not.toContain("journal.lock");
    expect(verifySnapshot(join(path, "snapshot-0000000000003000.tws")).seq).toBe(3000);
    const { journal } = openJournal(path, OPTIONS);
    let next = 1;
    const count = journal.read(1, (record) => {
      expect([record.seq, record.payload[99], record.payload.length]).toEqual([next, (next - 1) & 255, 100]);
      next++;
    });
    expect(count).toBe(3000);
    journal.close();
  });

  it("is locked while it is open, and taken over from a process that is gone", () => {
    const { journal } = openJournal(folder, OPTIONS);
    const lock = join(folder, "journal.lock");
    expect(() => openJournal(folder, OPTIONS)).toThrow(`FAULT_IO ${lock}`);
    const text = readFileSync(lock, "utf8");
    journal.close();
    expect(existsSync(lock)).toBe(false);
    // A process of this machine that has ended.
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    writeFileSync(lock, JSON.stringify({ ...(JSON.parse(text) as object), pid, started: "1" }));
    openJournal(folder, OPTIONS).journal.close();
    // This process's number, but an earlier one's start; then the same number after a reboot.
    writeFileSync(lock, JSON.stringify({ ...(JSON.parse(text) as object), started: "1" }));
    openJournal(folder, OPTIONS).journal.close();
    writeFileSync(lock, JSON.stringify({ ...(JSON.parse(text) as object), boot: "other" }));
    openJournal(folder, OPTIONS).journal.close();
    expect(readdirSync(folder).filter((name) => name.includes("lock"))).toEqual([]);
    // What cannot be judged from here is left to people.
    for (const other of ['{"host":"elsewhere","boot":"","pid":1,"started":""}', "", "{}", "null"]) {
      writeFileSync(lock, other);
      expect(() => openJournal(folder, OPTIONS)).toThrow(`FAULT_IO ${lock}`);
      expect(readFileSync(lock, "utf8")).toBe(other);
    }
  });

  it("leaves other files alone", () => {
    const other = join(folder, "notes.txt");
    writeFileSync(other, "mine");
    expect(() => openJournal(folder, OPTIONS)).toThrow("FAULT_JOURNAL_FORMAT");
    expect(readdirSync(folder)).toEqual(["notes.txt"]);
    mkdirSync(join(folder, "empty"));
    expect(() => openJournal(join(folder, "empty"), { ...OPTIONS, create: false })).toThrow("FAULT_IO");
    expect(() => openJournal(other, OPTIONS)).toThrow("FAULT_IO");
  });

  it("measures its syncs, and refuses policy sync where they take too long", () => {
    const figures = measureSync(folder, { samples: 5 });
    expect(figures.samples).toBe(5);
    expect(figures.p50Ns).toBeGreaterThan(0);
    expect(figures.maxNs).toBeGreaterThanOrEqual(figures.p99Ns);
    expect(readdirSync(folder)).toEqual([]);
    expect(() => openJournal(folder, { ...OPTIONS, syncBudgetNs: 1 })).toThrow("FAULT_CONFIG options.policy");
    openJournal(folder, { ...OPTIONS, syncBudgetNs: 60_000_000_000 }).journal.close();
    let ns = 0n;
    const clockNs = (): bigint => (ns += 10n);
    expect(measureSync(folder, { samples: 4, clockNs })).toEqual({
      samples: 4,
      p50Ns: 10,
      p99Ns: 10,
      maxNs: 10,
    });
  });
});
