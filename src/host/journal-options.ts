import {
  checkArray,
  checkBoolean,
  checkChoice,
  checkFunction,
  checkInteger,
  checkKeys,
  checkText,
  Fault,
} from "../base/index.ts";
import { SEGMENT_HEADER_BYTES, type TornBatch } from "../journal/index.ts";
import type { DurabilityPolicy, Replica } from "../port/index.ts";
import { type Disk, localDisk } from "./journal-disk.ts";
import type { SegmentCodec } from "./journal-folder.ts";

const MIB = 1024 * 1024;

/** How a journal in a folder is opened. */
export interface JournalOptions {
  /** What counts as durable. */
  readonly policy: DurabilityPolicy;
  /** What the times of appended records are counted from, epoch ns. */
  readonly baseNs: bigint;
  /** False unless given: where there is no journal, none is begun. */
  readonly create?: boolean;
  /** Which of several engines this journal belongs to; 0 unless given. */
  readonly shard?: number;
  /** The least epoch to write under, such as a lease's; one above the last unless given. */
  readonly epochMin?: number;
  /** Length of a segment; 64 MiB unless given. */
  readonly segmentBytes?: number;
  /** Records are collected in so many bytes before they are written; 1 MiB unless given. */
  readonly bufferBytes?: number;
  /** True unless given: a segment is filled with zeros before its first record. */
  readonly preallocate?: boolean;
  /** Space kept back for closing records; 16 MiB unless given. */
  readonly reserveBytes?: number;
  /** Where less is free when a segment begins, only closing records are taken; `segmentBytes` unless given. */
  readonly freeBytesMin?: number;
  /** Where segments take more, only closing records are taken; 64 GiB unless given. */
  readonly bytesMax?: number;
  /** How `pack` stores sealed segments; `zstd` unless given. */
  readonly codec?: SegmentCodec;
  /** 3 unless given, and at least 2. */
  readonly snapshotsKept?: number;
  /** `drop` unless given. */
  readonly tornBatch?: TornBatch;
  /** The copies of policy `replicated`. */
  readonly replicas?: readonly Replica[];
  /** How many of them must hold a record; all unless given. */
  readonly quorum?: number;
  /** Measures the disk first; policy `sync` is refused where the 99th percentile of a sync takes longer. */
  readonly syncBudgetNs?: number;
  /** This machine's disk unless given. */
  readonly disk?: Disk;
  /** The system's clock unless given. @units epoch ns */
  readonly nowNs?: () => bigint;
}

/** {@link JournalOptions} with everything said. */
export interface JournalSettings extends Required<Omit<JournalOptions, "syncBudgetNs">> {
  readonly syncBudgetNs: number | undefined;
}

const KEYS = [
  "policy",
  "baseNs",
  "create",
  "shard",
  "epochMin",
  "segmentBytes",
  "bufferBytes",
  "preallocate",
  "reserveBytes",
  "freeBytesMin",
  "bytesMax",
  "codec",
  "snapshotsKept",
  "tornBatch",
  "replicas",
  "quorum",
  "syncBudgetNs",
  "disk",
  "nowNs",
];

/** Checks the options of a journal and fills in what was left out. @throws `FAULT_CONFIG` naming the option */
export function journalSettings(options: JournalOptions): JournalSettings {
  checkKeys("options", options, KEYS);
  const segmentBytes = checkInteger(
    "options.segmentBytes",
    options.segmentBytes ?? 64 * MIB,
    512,
    1024 * MIB,
  );
  const buffered = Math.min(MIB, segmentBytes - SEGMENT_HEADER_BYTES) & ~7;
  const policy = checkChoice("options.policy", options.policy, ["sync", "replicated", "async"]);
  if (typeof options.baseNs !== "bigint") {
    throw new Fault("FAULT_CONFIG", { path: "options.baseNs", value: options.baseNs, expected: "a bigint" });
  }
  return {
    policy,
    baseNs: options.baseNs,
    create: checkBoolean("options.create", options.create ?? false),
    shard: checkInteger("options.shard", options.shard ?? 0, 0, 0xffff_ffff),
    epochMin: checkInteger("options.epochMin", options.epochMin ?? 1, 1, 0xffff_ffff),
    segmentBytes,
    bufferBytes: checkInteger(
      "options.bufferBytes",
      options.bufferBytes ?? buffered,
      64,
      segmentBytes - SEGMENT_HEADER_BYTES,
    ),
    preallocate: checkBoolean("options.preallocate", options.preallocate ?? true),
    reserveBytes: checkInteger("options.reserveBytes", options.reserveBytes ?? 16 * MIB, 0),
    freeBytesMin: checkInteger("options.freeBytesMin", options.freeBytesMin ?? segmentBytes, 0),
    bytesMax: checkInteger("options.bytesMax", options.bytesMax ?? 65_536 * MIB, segmentBytes),
    codec: checkChoice("options.codec", options.codec ?? "zstd", ["none", "gzip", "zstd"]),
    snapshotsKept: checkInteger("options.snapshotsKept", options.snapshotsKept ?? 3, 2, 1000),
    tornBatch: checkChoice("options.tornBatch", options.tornBatch ?? "drop", ["drop", "refuse"]),
    ...checkReplicas(policy, options),
    syncBudgetNs:
      options.syncBudgetNs === undefined
        ? undefined
        : checkInteger("options.syncBudgetNs", options.syncBudgetNs, 1),
    disk: options.disk ?? localDisk,
    nowNs: checkFunction("options.nowNs", options.nowNs ?? (() => BigInt(Date.now()) * 1_000_000n)),
  };
}

function checkReplicas(
  policy: DurabilityPolicy,
  options: JournalOptions,
): { readonly replicas: readonly Replica[]; readonly quorum: number } {
  const isReplicated = policy === "replicated";
  const replicas = checkArray("options.replicas", options.replicas ?? [], isReplicated ? 1 : 0);
  if (!isReplicated && replicas.length > 0) {
    const expected = 'none, or the policy "replicated"';
    throw new Fault("FAULT_CONFIG", { path: "options.replicas", value: replicas.length, expected });
  }
  for (const [i, replica] of replicas.entries()) checkText(`options.replicas[${i}].name`, replica.name);
  const least = isReplicated ? 1 : 0;
  const quorum = options.quorum ?? replicas.length;
  return { replicas, quorum: checkInteger("options.quorum", quorum, least, replicas.length) };
}
