import { describe, expect, it } from "vitest";
import { Fault } from "../../src/base/index.ts";
import {
  type DiskFile,
  type FileJournal,
  type JournalOptions,
  openJournal,
  SnapshotFolder,
} from "../../src/host/index.ts";
import { scanSegment } from "../../src/journal/index.ts";
import type { Replica } from "../../src/port/index.ts";
import { TortureDisk } from "../../src/torture/index.ts";
import { FOLDER, options, payloadOf, snapshotOf } from "../fixtures/journal-work.ts";

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof Fault) return `${error.code} ${error.path}`;
    throw error;
  }
  return "no fault";
}

function opened(disk: TortureDisk, more: Partial<JournalOptions> = {}): FileJournal {
  return openJournal(FOLDER, options(disk, more)).journal;
}

function append(journal: FileJournal, count: number): void {
  for (let i = 0; i < count; i++) journal.append(1, payloadOf(journal.lastSeq + 1), i);
}

/** A disk with a journal of `count` records, each committed alone, and not closed. */
function written(count: number, more: Partial<JournalOptions> = {}): TortureDisk {
  const disk = new TortureDisk();
  const journal = opened(disk, more);
  for (let i = 0; i < count; i++) {
    append(journal, 1);
    journal.commit();
  }
  return disk.afterProcessLoss();
}

const segmentsOf = (disk: TortureDisk): string[] =>
  (disk.list(FOLDER) ?? []).filter((name) => name.startsWith("segment-")).sort();

describe("openJournal", () => {
  it("begins a journal only where it was asked to, and goes on under a higher epoch each time", () => {
    const disk = new TortureDisk();
    expect(codeOf(() => opened(disk, { create: false }))).toBe(`FAULT_IO ${FOLDER}`);
    const journal = opened(disk);
    expect([journal.epoch, journal.lastSeq, journal.durableSeq]).toEqual([1, 0, 0]);
    append(journal, 3);
    expect([journal.lastSeq, journal.durableSeq]).toEqual([3, 0]);
    expect(journal.commit()).toBe(3);
    journal.close();
    const again = openJournal(FOLDER, options(disk, { create: false }));
    expect(again.recovery).toMatchObject({ firstSeq: 1, lastSeq: 3, segments: 1, torn: undefined });
    expect([again.journal.epoch, again.journal.lastSeq, again.journal.durableSeq]).toEqual([2, 3, 3]);
    again.journal.close();
    // The second opening wrote nothing; its segment is taken over and its epoch counts.
    expect(opened(disk, { epochMin: 9 }).epoch).toBe(9);
    expect(segmentsOf(disk).length).toBe(2);
    expect(opened(disk.afterProcessLoss()).epoch).toBe(10);
  });

  it("says what it cut off", () => {
    const disk = written(3);
    const [name = ""] = segmentsOf(disk);
    const path = `${FOLDER}/${name}`;
    const { endByte } = scanSegment(disk.bytes(path), { name });
    disk.damage(path, Uint8Array.of(255), endByte - 9);
    const { recovery } = openJournal(FOLDER, options(disk));
    expect(recovery.lastSeq).toBe(2);
    expect(recovery.torn).toMatchObject({ path, seq: 3, records: 0 });
    const start = scanSegment(disk.bytes(path), { name }).endByte;
    expect(recovery.torn?.byte).toBe(start);
    expect(disk.bytes(path).length).toBe(start);
  });

  it("refuses damage in the middle, at any byte of a sealed segment, and changes nothing", () => {
    const disk = written(60);
    const [name = ""] = segmentsOf(disk);
    const path = `${FOLDER}/${name}`;
    const { length } = disk.bytes(path);
    expect(segmentsOf(disk).length).toBeGreaterThan(2);
    for (let i = 0; i < length; i += 7) {
      disk.flipBit(path, i, 0);
      const before = disk.operations;
      expect(
        codeOf(() => opened(disk)),
        `byte ${i}`,
      ).toMatch(/^FAULT_JOURNAL_(CORRUPT|FORMAT)/);
      expect(disk.operations).toBe(before);
      disk.flipBit(path, i, 0);
    }
    expect(openJournal(FOLDER, options(disk)).recovery.lastSeq).toBe(60);
  });

  it("refuses a journal with a missing, foreign or exchanged segment", () => {
    for (const harm of [
      (disk: TortureDisk, names: string[]) => disk.remove(`${FOLDER}/${names[1]}`),
      (disk: TortureDisk, names: string[]) =>
        disk.put(FOLDER, names[1] ?? "", Buffer.from("not a segment at all")),
      (disk: TortureDisk, names: string[]) =>
        disk.put(FOLDER, names[1] ?? "", disk.bytes(`${FOLDER}/${names[2]}`)),
      (disk: TortureDisk, names: string[]) =>
        disk.put(FOLDER, names[1] ?? "", written(60, { nowNs: () => 2n }).bytes(`${FOLDER}/${names[1]}`)),
    ]) {
      const disk = written(60);
      harm(disk, segmentsOf(disk));
      expect(codeOf(() => opened(disk))).toMatch(/^FAULT_JOURNAL_/);
    }
    expect(codeOf(() => opened(written(3), { shard: 1 }))).toMatch(/^FAULT_JOURNAL_FORMAT/);
  });

  it("leaves a folder of others alone, and one that cannot be written", () => {
    const disk = new TortureDisk();
    disk.put(FOLDER, "thesis.txt", Buffer.from("years of work"));
    expect(codeOf(() => opened(disk))).toBe(`FAULT_JOURNAL_FORMAT ${FOLDER}/thesis.txt`);
    expect(disk.operations).toBe(0);
    const readOnly = new TortureDisk();
    opened(readOnly).close();
    readOnly.faults.isReadOnly = true;
    expect(codeOf(() => opened(readOnly))).toBe(`FAULT_IO ${FOLDER}/journal.lock`);
  });

  it("has one writer", () => {
    const disk = new TortureDisk();
    const first = opened(disk);
    expect(codeOf(() => opened(disk))).toBe(`FAULT_IO ${FOLDER}/journal.lock`);
    first.close();
    opened(disk).close();
  });

  it.each([
    [{ policy: "safe" }, "policy"],
    [{ baseNs: 0 }, "baseNs"],
    [{ segmentBytes: 511 }, "segmentBytes"],
    [{ bufferBytes: 4096 }, "bufferBytes"],
    [{ snapshotsKept: 1 }, "snapshotsKept"],
    [{ quorum: 1 }, "quorum"],
    [{ policy: "replicated" }, "replicas"],
    [{ codec: "lzma" }, "codec"],
    [{ syncBudget: 1 }, "syncBudget"],
  ])("checks its options: %o", (more, name) => {
    expect(codeOf(() => opened(new TortureDisk(), more as never))).toBe(`FAULT_CONFIG options.${name}`);
  });
});

describe("a disk that fails", () => {
  it("after a failed sync every call is a fault, and the sync is not tried again", () => {
    const disk = new TortureDisk();
    const journal = opened(disk);
    append(journal, 1);
    journal.commit();
    disk.faults.syncFailsAt = disk.counts.syncs;
    append(journal, 1);
    expect(codeOf(() => journal.commit())).toBe(`FAULT_IO ${FOLDER}`);
    const before = disk.operations;
    for (const call of [
      () => journal.append(1, new Uint8Array(1), 0),
      () => journal.appendClosing(1, new Uint8Array(1), 0),
      () => journal.commit(),
      () => journal.sync(),
      () => journal.packNext(),
      () => journal.retire(1),
      () => journal.prepareNext(),
      () => journal.saveSnapshot(snapshotOf(1)),
      () => journal.read(1, () => {}),
    ]) {
      expect(codeOf(call)).toBe(`FAULT_IO ${FOLDER}`);
    }
    expect(disk.operations).toBe(before);
    expect(journal.durableSeq).toBe(1);
    journal.close();
    expect(codeOf(() => journal.commit())).toBe(`FAULT_IO ${FOLDER}`);
    expect(openJournal(FOLDER, options(disk.afterPowerLoss(1, "none"))).recovery.lastSeq).toBe(1);
  });

  it("a full disk stops trading, and what was appended and closing records still go to the reserve", () => {
    const disk = new TortureDisk({ faults: { capacityBytes: 8000 } });
    const journal = opened(disk, { reserveBytes: 3000 });
    let last = 0;
    for (;;) {
      try {
        append(journal, 1);
        last = journal.commit();
      } catch (error) {
        expect(error).toMatchObject({ code: "FAULT_DISK_FULL" });
        break;
      }
    }
    expect(journal.isDiskFull).toBe(true);
    expect(journal.durableSeq).toBe(last);
    expect(journal.appendClosing(9, Uint8Array.of(1), 0)).toBe(last + 1);
    expect(journal.commit()).toBe(last + 1);
    expect(codeOf(() => append(journal, 1))).toMatch(/^FAULT_DISK_FULL/);
    journal.close();
    const types: number[] = [];
    const left = disk.afterPowerLoss(1, "none");
    const again = openJournal(FOLDER, options(left)).journal;
    again.read(last, ({ type }) => types.push(type));
    expect(types).toEqual([1, 9]);
  });

  it("trading stops before the disk is full, or the journal too long", () => {
    const low = opened(new TortureDisk({ faults: { capacityBytes: 20_000 } }), { freeBytesMin: 18_000 });
    expect(codeOf(() => append(low, 1))).toMatch(/^FAULT_DISK_FULL/);
    const long = opened(new TortureDisk(), { bytesMax: 6000 });
    const fill = (): void => {
      for (let i = 0; i < 200; i++) {
        append(long, 1);
        long.commit();
      }
    };
    expect(codeOf(fill)).toMatch(/^FAULT_DISK_FULL/);
    expect(long.durableSeq).toBeGreaterThan(20);
  });
});

describe("policies", () => {
  class Copy implements Replica {
    readonly name: string;
    held = 0;
    isSilent = false;
    constructor(name: string) {
      this.name = name;
    }
    send(_records: Uint8Array, _firstSeq: number, lastSeq: number): void {
      if (!this.isSilent) this.held = lastSeq;
    }
    heldSeq(): number {
      return this.held;
    }
  }

  it("replicated: durable once a quorum holds it, whatever the disk has; without a quorum it is over", () => {
    const disk = new TortureDisk();
    const copies = [new Copy("a"), new Copy("b"), new Copy("c")];
    const journal = opened(disk, { policy: "replicated", replicas: copies, quorum: 2 });
    append(journal, 2);
    expect(journal.commit()).toBe(2);
    expect(journal.syncedSeq).toBe(0);
    journal.sync();
    expect(journal.syncedSeq).toBe(2);
    for (const copy of copies.slice(0, 1)) copy.isSilent = true;
    append(journal, 1);
    expect(journal.commit()).toBe(3);
    for (const copy of copies) copy.isSilent = true;
    append(journal, 1);
    expect(codeOf(() => journal.commit())).toBe("FAULT_IO replicas");
    expect(journal.durableSeq).toBe(3);
    expect(codeOf(() => journal.commit())).toBe(`FAULT_IO ${FOLDER}`);
  });

  it("async: survives the process, not the loss of power", () => {
    const disk = new TortureDisk();
    const journal = opened(disk, { policy: "async" });
    append(journal, 5);
    expect(journal.commit()).toBe(5);
    expect(openJournal(FOLDER, options(disk.afterProcessLoss())).recovery.lastSeq).toBe(5);
    expect(openJournal(FOLDER, options(disk.afterPowerLoss(1, "none"))).recovery.lastSeq).toBe(0);
  });
});

describe("what no sync has covered", () => {
  it("is bounded: the disk is synced before a place would not fit its field", () => {
    const disk = new TortureDisk();
    const more = { policy: "async", segmentBytes: 8 * 1024 * 1024, preallocate: false } as const;
    const journal = opened(disk, { ...more, bufferBytes: 1024 * 1024 });
    const nothing = new Uint8Array(0);
    for (let i = 0; i < 70_000; i++) journal.append(1, nothing, i);
    journal.commit();
    expect([journal.syncedSeq, journal.durableSeq]).toEqual([65_536, 70_000]);
    expect(openJournal(FOLDER, options(disk.afterPowerLoss(1, "none"), more)).recovery.lastSeq).toBe(65_536);
  });

  it("is never more than the segment that is written to", () => {
    const disk = new TortureDisk();
    const journal = opened(disk, { policy: "async" });
    append(journal, 60);
    journal.commit();
    expect(journal.syncedSeq).toBeGreaterThan(20);
    const { recovery } = openJournal(FOLDER, options(disk.afterPowerLoss(1, "none")));
    expect(recovery.lastSeq).toBe(journal.syncedSeq);
  });
});

describe("bounded room", () => {
  it("packs and retires sealed segments, and keeps what the oldest snapshot needs", () => {
    const disk = new TortureDisk();
    const journal = opened(disk, { codec: "gzip" });
    let retired = 0;
    for (let k = 1; k <= 6; k++) {
      append(journal, 20);
      journal.commit();
      const { segments, bytes } = journal.retire(journal.lastSeq);
      if (k <= 2) expect([segments, bytes]).toEqual([0, 0]);
      retired += segments;
      journal.saveSnapshot(snapshotOf(journal.lastSeq));
      while (journal.packNext() > 0);
    }
    expect(retired).toBeGreaterThan(2);
    const names = segmentsOf(disk);
    expect(names.slice(0, -1).every((name) => name.endsWith(".gz"))).toBe(true);
    const { recovery } = openJournal(FOLDER, options(disk.afterPowerLoss(1, "none"), { codec: "gzip" }));
    expect(recovery.snapshot?.seq).toBe(120);
    expect(recovery.firstSeq).toBeGreaterThan(1);
    expect(recovery.firstSeq).toBeLessThanOrEqual(81);
  });

  it("falls back to the snapshot before a damaged one, and says so", () => {
    const disk = new TortureDisk();
    const journal = opened(disk);
    for (let k = 0; k < 5; k++) {
      append(journal, 2);
      journal.saveSnapshot(snapshotOf(journal.lastSeq));
    }
    expect(new SnapshotFolder(FOLDER, 3, disk).seqs()).toEqual([10, 8, 6]);
    const left = disk.afterProcessLoss();
    const path = `${FOLDER}/snapshot-0000000000000010.tws`;
    left.damage(path, Uint8Array.of(77), 200);
    const { recovery } = openJournal(FOLDER, options(left));
    expect(recovery.snapshot?.seq).toBe(8);
    expect(recovery.damagedSnapshots).toMatchObject([{ path, seq: 10 }]);
    expect(recovery.damagedSnapshots[0]?.reason).toContain("FAULT_JOURNAL_CORRUPT");
  });

  it("a disk that cannot read the snapshots now is trouble of the disk, not damage to the journal", () => {
    class TiredDisk extends TortureDisk {
      isTired = false;
      override open(path: string, mode: "read" | "write" | "create"): DiskFile {
        if (!this.isTired || !path.includes("snapshot-")) return super.open(path, mode);
        throw Object.assign(new Error("EIO: i/o error"), { code: "EIO" });
      }
    }
    const disk = new TiredDisk();
    const journal = opened(disk);
    for (let k = 1; k <= 6; k++) {
      append(journal, 20);
      journal.commit();
      journal.saveSnapshot(snapshotOf(journal.lastSeq));
      journal.retire(journal.lastSeq);
    }
    journal.close();
    disk.isTired = true;
    expect(codeOf(() => opened(disk))).toMatch(/^FAULT_IO .*snapshot-/);
    disk.isTired = false;
    const { recovery } = openJournal(FOLDER, options(disk));
    expect(recovery.snapshot?.seq).toBe(120);
    expect(recovery.firstSeq).toBeGreaterThan(1);
  });

  it("a snapshot that cannot be read back costs no older one", () => {
    class BadDisk extends TortureDisk {
      override rename(from: string, to: string): void {
        super.rename(from, to);
        if (to.endsWith("10.tws")) this.damage(to, Uint8Array.of(255), 150);
      }
    }
    const disk = new BadDisk();
    disk.makeFolder(FOLDER);
    const snapshots = new SnapshotFolder(FOLDER, 2, disk);
    for (const seq of [7, 8]) snapshots.save(snapshotOf(seq));
    expect(codeOf(() => snapshots.save(snapshotOf(10)))).toMatch(/^FAULT_JOURNAL_CORRUPT/);
    expect(snapshots.seqs()).toEqual([10, 8, 7]);
    expect(snapshots.newest()).toMatchObject({ snapshot: { seq: 8 }, damaged: [{ seq: 10 }] });
  });

  it("a snapshot of records that are gone, or none for records that were retired, is a lost journal", () => {
    const ahead = written(3);
    new SnapshotFolder(FOLDER, 3, ahead).save(snapshotOf(9));
    expect(codeOf(() => opened(ahead))).toBe(`FAULT_JOURNAL_CORRUPT ${FOLDER}`);
    const behind = written(60);
    behind.remove(`${FOLDER}/${segmentsOf(behind)[0]}`);
    expect(codeOf(() => opened(behind))).toBe(`FAULT_JOURNAL_CORRUPT ${FOLDER}`);
    const journal = opened(new TortureDisk());
    append(journal, 2);
    expect(codeOf(() => journal.saveSnapshot(snapshotOf(3)))).toBe("FAULT_INPUT snapshot.seq");
  });

  it.each([0, 40])(
    "no journal is begun where snapshots of one are left, whole or not (cut by %i bytes)",
    (cut) => {
      const disk = new TortureDisk();
      const journal = opened(disk);
      append(journal, 9);
      journal.commit();
      journal.saveSnapshot(snapshotOf(9));
      journal.close();
      const left = (disk.list(FOLDER) ?? []).filter((name) => name.startsWith("snapshot-"));
      expect(left).toHaveLength(1);
      for (const name of segmentsOf(disk)) disk.remove(`${FOLDER}/${name}`);
      const file = disk.open(`${FOLDER}/${left[0]}`, "write");
      file.truncate(file.size() - cut);
      file.close();
      expect(codeOf(() => opened(disk, { create: true }))).toBe(`FAULT_JOURNAL_CORRUPT ${FOLDER}`);
      expect(segmentsOf(disk)).toEqual([]);
    },
  );

  it("a record longer than the buffer is refused, and the journal goes on", () => {
    const journal = opened(new TortureDisk());
    expect(codeOf(() => journal.append(1, new Uint8Array(993), 0))).toBe("FAULT_CAPACITY payload.length");
    expect(journal.append(1, new Uint8Array(992), 0)).toBe(1);
    expect(journal.commit()).toBe(1);
  });
});
