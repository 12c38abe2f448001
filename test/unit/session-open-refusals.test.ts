import { describe, expect, it } from "vitest";
import { crc32cOf, Fault, type FaultCode } from "../../src/base/index.ts";
import { openJournal, readJournal } from "../../src/host/index.ts";
import { Instrument, money } from "../../src/model/index.ts";
import {
  openSession,
  recover,
  SESSION,
  type SessionJournalOptions,
  type SessionOptions,
} from "../../src/run/index.ts";
import { type DiskFaults, TortureDisk } from "../../src/torture/index.ts";
import { sessionOptions } from "../fixtures/session-desk.ts";
import { SessionStrategy } from "../fixtures/session-strategy.ts";
import { SessionWorld } from "../fixtures/session-world.ts";

const FOLDER = "/session";
const JOURNAL: SessionJournalOptions = {
  ...{ policy: "sync", create: true, segmentBytes: 16_384, reserveBytes: 2048, freeBytesMin: 0 },
  nowNs: () => 0n,
};
const FORMAT = "the beginning of a session, tickwright.session/1";
const FIRST = "/session/segment-0000000000000001.twj";
const BOND = new Instrument({ symbol: "BOND", venue: "sim", tickSize: "0.01", lotSize: "1", quote: "USD" });

/** The disk of a session that traded and whose process ended; with snapshots, unless told otherwise. */
function traded(more: Partial<SessionOptions> = {}): TortureDisk {
  const world = new SessionWorld(1, () => sessionOptions(more));
  const disk = new TortureDisk();
  world.run(world.go(world.open(disk)), 900);
  return disk.afterProcessLoss();
}

const untouched = (): TortureDisk => traded({ snapshotEveryNs: 0 });

/** A disk with a journal of one record. */
function recorded(type: number, payload: string): TortureDisk {
  const disk = new TortureDisk();
  const { journal } = openJournal(FOLDER, { ...JOURNAL, baseNs: 0n, disk });
  journal.append(type, Buffer.from(payload), 0);
  journal.close();
  return disk;
}

const filesOf = (disk: TortureDisk): [path: string, bytes: string][] =>
  disk.paths().map((path) => [path, Buffer.from(disk.bytes(path)).toString("latin1")]);

const segmentsOf = (disk: TortureDisk): string[] =>
  disk
    .paths()
    .filter((path) => path.startsWith(`${FOLDER}/segment-`))
    .sort();

/** The disk with other bytes in a file. */
function replaced(disk: TortureDisk, path: string, bytes: Uint8Array): TortureDisk {
  disk.loseEntry(path);
  disk.put(FOLDER, path.slice(FOLDER.length + 1), bytes);
  return disk;
}

/** A segment as an older version of the format would have begun it. */
function older(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setUint32(8, 0, true);
  view.setUint32(124, crc32cOf(bytes, 0, 124), true);
  return bytes;
}

function faultOf(work: () => unknown): Fault {
  try {
    work();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error("no fault");
}

/** What is wrong; the fault's code, and what its path, value and expectation hold. */
type Case = readonly [
  what: string,
  disk: () => TortureDisk,
  code: FaultCode,
  path: string,
  value: string,
  expected: string,
  how?: { readonly session?: Partial<SessionOptions>; readonly journal?: Partial<SessionJournalOptions> },
];

const FOREIGN: readonly Case[] = [
  [
    "a foreign file in the folder",
    () => {
      const disk = new TortureDisk();
      disk.put(FOLDER, "thesis.txt", Buffer.from("years of work"));
      return disk;
    },
    ...(["FAULT_JOURNAL_FORMAT", "/session/thesis.txt", "a file of others", "or an empty one"] as const),
  ],
  [
    "a foreign file under a segment's name",
    () => replaced(untouched(), FIRST, Buffer.alloc(16_384, "not a segment ")),
    ...(["FAULT_JOURNAL_FORMAT", FIRST, "no journal segment", "the magic of a segment"] as const),
  ],
  [
    "a journal that is no session's",
    () => recorded(77, "prices"),
    ...(["FAULT_JOURNAL_FORMAT", "session", "undefined", FORMAT] as const),
  ],
  [
    "an older version of the session's format",
    () => recorded(SESSION.begin, '{"format":"tickwright.session/0"}'),
    ...(["FAULT_JOURNAL_FORMAT", "session", "tickwright.session/0", FORMAT] as const),
  ],
  [
    "an older version of the segments",
    () => {
      const disk = traded();
      return replaced(disk, FIRST, older(disk.bytes(FIRST)));
    },
    ...(["FAULT_JOURNAL_FORMAT", FIRST, "version 0, which is older", "version 1"] as const),
  ],
  [
    "segments of two journals",
    () => {
      const disk = untouched();
      const [, path = ""] = segmentsOf(disk);
      return replaced(disk, path, traded({ snapshotEveryNs: 0, name: "text" }).bytes(path));
    },
    ...(["FAULT_JOURNAL_FORMAT", "/session/segment-", "that follows", "one that follows"] as const),
  ],
  [
    "the journal of another shard",
    untouched,
    ...(["FAULT_JOURNAL_FORMAT", FIRST, "shard 0", "shard 3"] as const),
    { journal: { shard: 3 } },
  ],
];

const OTHER_SESSIONS: readonly Case[] = [traded, untouched].flatMap((disk, i) => {
  const where = i === 0 ? ", by its snapshot" : ", by its first record";
  const of = (path: string, value: string, expected: string, session: Partial<SessionOptions>): Case => [
    `a session of another ${path}${where}`,
    disk,
    ...(["FAULT_JOURNAL_FORMAT", `session.${path}`, value, expected] as const),
    { session },
  ];
  return [
    of("name", "night", "test", { name: "night" }),
    of("instruments", "BOND", "ABC", { instruments: [BOND] }),
    of("strategies", "2000000", "1000000", { strategies: [new SessionStrategy(2_000_000)] }),
    of("seed", "6", "5", { seed: 6 }),
    of("cash", "500", "100000000", { cash: [money(500n, "USD")] }),
    of("orderCapacity", "32", "64", { orderCapacity: 32 }),
  ];
});

const DAMAGE: readonly Case[] = [
  [
    "a damaged record in the middle",
    () => {
      const disk = traded();
      const [, path = ""] = segmentsOf(disk);
      disk.flipBit(path, 4000, 3);
      return disk;
    },
    ...(["FAULT_JOURNAL_CORRUPT", "/session/segment-", "a damaged record", ""] as const),
  ],
  [
    "a segment that is missing",
    () => {
      const disk = traded();
      disk.loseEntry(segmentsOf(disk)[1] ?? "");
      return disk;
    },
    ...(["FAULT_JOURNAL_CORRUPT", "/session/segment-", "a segment from record", "one from record"] as const),
  ],
  [
    "a journal that ends before its newest snapshot",
    () => {
      const disk = traded();
      for (const path of segmentsOf(disk).slice(1)) disk.loseEntry(path);
      return disk;
    },
    ...(["FAULT_JOURNAL_CORRUPT", FOLDER, "records up to", "which the newest snapshot holds"] as const),
  ],
  [
    "a process that holds the lock",
    () => {
      const disk = traded();
      disk.holdLock(`${FOLDER}/journal.lock`);
      return disk;
    },
    ...(["FAULT_IO", "/session/journal.lock", "held", "no other process holds"] as const),
  ],
];

describe("a folder that is refused stays as it was", () => {
  const cases = [...FOREIGN, ...OTHER_SESSIONS, ...DAMAGE].map((each) => [each[0], each] as const);
  it.each(cases)("%s", (_what, [, make, code, path, value, expected, how]) => {
    const disk = make();
    const before = filesOf(disk);
    const options = { ...JOURNAL, ...how?.journal, disk };
    for (const open of [openSession, recover]) {
      const fault = faultOf(() => open(FOLDER, sessionOptions(how?.session), options));
      expect(fault.code).toBe(code);
      expect(fault.path).toContain(path);
      expect(String(fault.value)).toContain(value);
      expect(fault.expected).toContain(expected);
    }
    expect(filesOf(disk)).toEqual(before);
  });

  it("and opens with its own options", () => {
    expect(openSession(FOLDER, sessionOptions(), { ...JOURNAL, disk: traded() }).recovery.isNew).toBe(false);
  });
});

describe("a disk that can't be written", () => {
  const faultOn = (disk: TortureDisk, faults: Partial<DiskFaults>): Fault => {
    Object.assign(disk.faults, faults);
    return faultOf(() => openSession(FOLDER, sessionOptions(), { ...JOURNAL, disk }));
  };

  it("read-only: says so, and changes nothing", () => {
    const disk = traded();
    const before = filesOf(disk);
    const fault = faultOn(disk, { isReadOnly: true });
    expect([fault.code, fault.path]).toEqual(["FAULT_IO", `${FOLDER}/journal.lock`]);
    expect(String(fault.value)).toContain("EROFS");
    expect(filesOf(disk)).toEqual(before);
  });

  it("read-only, and nothing is there yet", () => {
    const disk = new TortureDisk();
    const fault = faultOn(disk, { isReadOnly: true });
    expect([fault.code, fault.path]).toEqual(["FAULT_IO", FOLDER]);
    expect(disk.paths()).toEqual([]);
  });

  it("full, and nothing is there yet", () => {
    const fault = faultOn(new TortureDisk(), { capacityBytes: 1000 });
    expect(fault.code).toBe("FAULT_DISK_FULL");
    expect(fault.path).toContain(FOLDER);
  });

  it("full: every record that was there still is", () => {
    const disk = traded();
    const recordsOf = (): string[] => {
      const records: string[] = [];
      readJournal(
        FOLDER,
        ({ seq, type, payload }) =>
          void records.push(`${seq} ${type} ${Buffer.from(payload).toString("hex")}`),
        { disk },
      );
      return records;
    };
    const before = recordsOf();
    const used = filesOf(disk).reduce((sum, [, bytes]) => sum + bytes.length, 0);
    // The effects that the crash cut off go into the space that is kept back.
    Object.assign(disk.faults, { capacityBytes: used });
    const { recovery, journal } = openSession(FOLDER, sessionOptions(), { ...JOURNAL, disk });
    expect(recovery.journal.lastSeq).toBe(before.length);
    journal.close();
    expect(recordsOf().slice(0, before.length)).toEqual(before);
  });
});
