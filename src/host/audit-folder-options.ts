import { VerifierKey } from "../audit/index.ts";
import { checkBoolean, checkChoice, checkFunction, checkKeys, checkText, Fault } from "../base/index.ts";
import { type AuditRetention, type RetentionTerms, retentionTerms } from "./audit-retention.ts";
import type { AuditSync } from "./audit-sink-file.ts";
import { type Disk, localDisk } from "./journal-disk.ts";

/** How an audit folder is opened. */
export interface AuditFolderOptions {
  /** The log's first key, which is trusted. */
  readonly key: VerifierKey;
  /** False unless given: where there is no trail, none is begun. */
  readonly create?: boolean;
  /** `append` unless given: every block is on the disk before the chain goes on. */
  readonly sync?: AuditSync;
  /** 7 years in all and 2 in place unless given. */
  readonly retention?: AuditRetention;
  /** This machine's disk unless given. */
  readonly disk?: Disk;
  /** The system's clock unless given. @units epoch ns */
  readonly nowNs?: () => bigint;
}

/** {@link AuditFolderOptions} with everything said. */
export interface AuditFolderSettings extends Required<Omit<AuditFolderOptions, "retention">> {
  readonly terms: RetentionTerms;
}

/** A legal hold to place. */
export interface HoldRequest {
  readonly id: string;
  /**
   * The first and the last moment it covers; all before or all behind where it is left out. @units epoch
   * ns
   */
  readonly fromNs?: bigint;
  readonly toNs?: bigint;
  /** What it is about, such as a case or a client's pseudonym. */
  readonly subject: string;
  readonly reason: string;
  readonly approver: string;
}

/** A legal hold to end. */
export interface ReleaseRequest {
  readonly id: string;
  readonly reason: string;
  readonly approver: string;
}

/** Checks the options of a folder and fills in what was left out. @throws `FAULT_CONFIG` naming the option */
export function folderSettings(options: AuditFolderOptions): AuditFolderSettings {
  checkKeys("options", options, ["key", "create", "sync", "retention", "disk", "nowNs"]);
  if (!(options.key instanceof VerifierKey)) {
    const value = typeof options.key;
    throw new Fault("FAULT_CONFIG", { path: "options.key", value, expected: "a VerifierKey" });
  }
  return {
    key: options.key,
    create: checkBoolean("options.create", options.create ?? false),
    sync: checkChoice("options.sync", options.sync ?? "append", ["append", "checkpoint"]),
    terms: retentionTerms(options.retention ?? {}),
    disk: options.disk ?? localDisk,
    nowNs: checkFunction("options.nowNs", options.nowNs ?? (() => BigInt(Date.now()) * 1_000_000n)),
  };
}

/** Checks a hold. @throws `FAULT_CONFIG` naming the field */
export function checkHold(request: HoldRequest): void {
  checkKeys("hold", request, ["id", "fromNs", "toNs", "subject", "reason", "approver"]);
  for (const field of ["id", "subject", "reason", "approver"] as const)
    checkText(`hold.${field}`, request[field]);
  const { fromNs, toNs } = request;
  for (const [field, value] of Object.entries({ fromNs, toNs })) {
    if (value === undefined || typeof value === "bigint") continue;
    throw new Fault("FAULT_CONFIG", { path: `hold.${field}`, value, expected: "epoch ns, a bigint" });
  }
  if (fromNs === undefined || toNs === undefined || fromNs <= toNs) return;
  throw new Fault("FAULT_CONFIG", { path: "hold.toNs", value: toNs, expected: `at least ${fromNs}` });
}

/** Checks a release. @throws `FAULT_CONFIG` naming the field */
export function checkRelease(request: ReleaseRequest): void {
  checkKeys("release", request, ["id", "reason", "approver"]);
  for (const field of ["id", "reason", "approver"] as const) checkText(`release.${field}`, request[field]);
}
