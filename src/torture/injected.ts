import { CRASH_POINTS } from "./crash-points.ts";
import type { DiskCounts } from "./disk-faults.ts";
import { FAULT_NAMES, type FaultName } from "./fault-kinds.ts";
import type { LinkCounts } from "./link-faults.ts";
import type { TortureWorld } from "./torture-world.ts";

import { VENUE_FAULT, VENUE_FAULTS } from "./venue-faults.ts";

const LINK_COUNTS: Readonly<Partial<Record<FaultName, keyof LinkCounts>>> = {
  messageDrop: "dropped",
  messageDuplicate: "duplicated",
  messageReorder: "reordered",
  messageDelay: "delayed",
  messageCorrupt: "corrupted",
};

/** Without `diskFull`: a journal keeps a reserve, and stops before a disk refuses anything. */
const DISK_COUNTS: Readonly<Partial<Record<FaultName, keyof DiskCounts>>> = {
  diskBitFlip: "bitFlips",
  diskMisdirected: "misdirectedWrites",
  diskSyncLie: "syncLies",
  diskReadError: "readErrors",
  diskWriteError: "writeErrors",
  diskSyncError: "syncErrors",
  diskReadOnly: "refusedReadOnly",
  diskSlow: "slowOperations",
  diskStall: "stalls",
  diskShortTransfer: "shortTransfers",
  diskTruncated: "truncations",
  diskEntryLost: "entriesLost",
  diskStaleLock: "staleLocks",
};

/** The point that each class makes a process die at, by its place in {@link CRASH_POINTS}. */
const POINTS: Readonly<Partial<Record<FaultName, number>>> = {
  crashBeforeWrite: 0,
  crashInWrite: 1,
  crashBeforeSync: 2,
  crashBeforeEffect: 3,
  crashAfterEffect: 4,
  outOfMemory: 5,
  diskTornWrite: 6,
};

/**
 * How often each class of faults really happened in a world, as what was broken counts it: a message that was lost,
 * not a link that may lose some.
 *
 * @param crashes - how often the run died at each of {@link CRASH_POINTS}, by its place
 */
export function countInjected(world: TortureWorld, crashes: readonly number[]): Map<FaultName, number> {
  const counts = new Map<FaultName, number>();
  for (const name of FAULT_NAMES) {
    const count = countOf(world, name, crashes);
    if (count > 0) counts.set(name, count);
  }
  return counts;
}

function countOf(world: TortureWorld, name: FaultName, crashes: readonly number[]): number {
  const { venues, disk, hands } = world;
  const link = LINK_COUNTS[name];
  if (link !== undefined) {
    return venues.reduce(
      (sum, { connection: { toVenue, toClient } }) => sum + toVenue.counts[link] + toClient.counts[link],
      0,
    );
  }
  const onDisk = DISK_COUNTS[name];
  if (onDisk !== undefined) return disk.counts[onDisk];
  const point = POINTS[name];
  if (point !== undefined) return crashes[point] ?? 0;
  const kind = VENUE_FAULTS.find((each) => each === name);
  if (kind === undefined) return hands.injected.get(name) ?? 0;
  return venues.reduce((sum, { venue }) => sum + (venue.faults.injected[VENUE_FAULT[kind]] as number), 0);
}

/** How often each crash point was hit so far. */
export function crashesOf(counts: { readonly crashes: Float64Array } | undefined): number[] {
  return Array.from({ length: CRASH_POINTS.length }, (_, code) => counts?.crashes[code] ?? 0);
}
