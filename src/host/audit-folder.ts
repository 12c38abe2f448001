import type { AuditChainState, AuditPayload } from "../audit/index.ts";
import { checkFunction, checkInteger, checkKeys, checkText, Fault, refuse } from "../base/index.ts";
import {
  type AuditFolderOptions,
  type AuditFolderSettings,
  checkHold,
  checkRelease,
  folderSettings,
  type HoldRequest,
  type ReleaseRequest,
} from "./audit-folder-options.ts";
import { AuditGuard, sha256OfFile } from "./audit-guard.ts";
import { type HoldDone, holdDone } from "./audit-holds.ts";
import { AuditIndexFile, type AuditSegmentEntry, type LegalHold } from "./audit-index.ts";
import { keepKey } from "./audit-key-file.ts";
import { checkLastState } from "./audit-last-state.ts";
import {
  AUDIT_COLD,
  AUDIT_LOCK,
  type AuditNames,
  auditSegmentName,
  listAuditNames,
  onAuditDisk,
} from "./audit-names.ts";
import {
  type AuditRecovery,
  auditSegmentPath,
  checkListedFiles,
  leftIn,
  listSegments,
} from "./audit-recovery.ts";
import { holdOver, type RetentionPlan, type RetentionRefusal, RetentionRule } from "./audit-retention.ts";
import { AuditFileSink } from "./audit-sink-file.ts";

/** An opened audit folder, and what opening it found. */
export interface OpenedAuditFolder {
  readonly folder: AuditFolder;
  readonly recovery: AuditRecovery;
}

/** Who approved what a plan does, and how the trail is told of it. */
export interface RetentionWork {
  readonly approver: string;
  /**
   * Appends a tombstone to the trail, with a checkpoint behind it, and gives its number. It is called
   * before the segment goes; where it throws, the segment stays.
   */
  readonly record: (tombstone: AuditPayload<"retentionTombstone">) => number;
}

/** What became of a plan. */
export interface RetentionDone {
  readonly ok: true;
  readonly cold: readonly number[];
  /**
   * Segments that were deleted; `location` says where a copy is that the caller has to delete, or nothing.
   */
  readonly retired: readonly { readonly segment: number; readonly location: string }[];
}

/**
 * Opens the folder of an audit trail for writing: takes the lock, holds its index against its files, and
 * verifies and lists what a crash had left. It removes no segment.
 *
 * @throws `FAULT_CONFIG` on a wrong option, or another key than the folder's; `FAULT_IO` where the folder
 * cannot be written, another process holds it, or no trail is there and `create` was not given;
 * `FAULT_JOURNAL_FORMAT` for a file that is not of this trail; `FAULT_JOURNAL_CORRUPT` for one that is
 * damaged or missing; `FAULT_DISK_FULL`.
 * @cost What was listed is held against name and length, from the last segment with a checkpoint on against every byte;
 * a segment that was not listed is read twice at most.
 */
export function openAuditFolder(path: string, options: AuditFolderOptions): OpenedAuditFolder {
  const settings = folderSettings(options);
  const { disk, create } = settings;
  checkText("path", path);
  let names = listAuditNames(disk, path);
  const isThere = names !== undefined && (names.hasIndex || names.hot.size + names.cold.size > 0);
  if (!isThere && !create) {
    throw new Fault("FAULT_IO", {
      path,
      value: "no audit trail",
      expected: "an audit trail, or create: true",
    });
  }
  if (names === undefined) onAuditDisk(path, () => disk.makeFolder(path));
  const lock = `${path}/${AUDIT_LOCK}`;
  onAuditDisk(lock, () => disk.lock(lock));
  let file: AuditIndexFile | undefined;
  try {
    names = listAuditNames(disk, path) as AuditNames;
    for (const name of names.partials) onAuditDisk(path, () => disk.remove(`${path}/${name}`));
    keepKey(settings, path, names);
    file = new AuditIndexFile(disk, path, !names.hasIndex);
    checkListedFiles(disk, path, file.index, names);
    checkLastState(disk, path, names, file.index, settings.key);
    const found = listSegments({ ...settings, path }, file, Number.MAX_SAFE_INTEGER);
    const recovery = { ...found, left: [...leftIn(file.index, names)] };
    return { folder: new AuditFolder(path, settings, file), recovery };
  } catch (error) {
    file?.close();
    try {
      disk.unlock(lock);
    } catch {
      // The first fault is what has to be told; a lock of a process that ends is taken over.
    }
    throw error;
  }
}

function removeSegment({ disk }: AuditFolderSettings, path: string): void {
  onAuditDisk(path, () => {
    disk.remove(path);
    disk.syncFolder(path.slice(0, path.lastIndexOf("/")));
  });
}

/**
 * The folder of an audit trail: one file a segment, each written once, one writer. {@link openAuditFolder}
 * makes it.
 *
 * @invariant A segment's file is created where none is, only ever grows, and is never opened for writing
 * once it is listed, when nobody has the right to write it any more. One exception: behind a loss of
 * power, bytes at the end of the last segment that no checkpoint covers and that are no frames go into a
 * file of their own.
 * @invariant What is deleted is the oldest, sealed, older than its retention, under no hold, and told to
 * the trail before: what is left verifies from its first segment on.
 */
export class AuditFolder {
  readonly path: string;
  readonly #settings: AuditFolderSettings;
  readonly #file: AuditIndexFile;
  readonly #guard: AuditGuard;
  #sink: AuditFileSink | undefined;
  #isClosed = false;

  /** @internal */
  constructor(path: string, settings: AuditFolderSettings, file: AuditIndexFile) {
    this.path = path;
    this.#settings = settings;
    this.#file = file;
    this.#guard = new AuditGuard(path, settings, file);
  }

  /** What the next segment continues from: give it to the `AuditChain`; `undefined` for a new trail. */
  get state(): AuditChainState | undefined {
    return this.#file.index.last?.state;
  }

  /** Every segment that is complete and listed, also those that are gone. */
  get segments(): readonly AuditSegmentEntry[] {
    return [...this.#file.index.segments.values()];
  }

  /** The holds in force. */
  get holds(): readonly LegalHold[] {
    return [...this.#file.index.holds.values()];
  }

  /** Where a listed segment's file is; `undefined` where it is elsewhere or gone. */
  pathOf(segment: number): string | undefined {
    const names = listAuditNames(this.#settings.disk, this.path);
    return names === undefined ? undefined : auditSegmentPath(this.path, names, segment);
  }

  /**
   * The sink of the next segment. Its file appears with the chain's header.
   *
   * @throws `FAULT_INPUT` while the segment before is still written.
   */
  sink(): AuditFileSink {
    this.#live();
    const before = this.#sink;
    if (before?.hasFile && !before.isSealed) {
      const expected = "a segment that was sealed: seal the chain first";
      throw new Fault("FAULT_INPUT", { path: "auditFolder.sink", value: before.segment, expected });
    }
    const listed = this.#file.index.segments.size;
    const segment = before?.isSealed === true ? Math.max(before.segment + 1, listed) : listed;
    const { disk, sync } = this.#settings;
    this.#sink = new AuditFileSink(disk, this.path, segment, sync);
    return this.#sink;
  }

  /**
   * Reads back every segment that was sealed since, verifies it, and lists it; gives their numbers. Call
   * it when idle: it takes as long as verifying does.
   *
   * @throws `FAULT_JOURNAL_CORRUPT`, `FAULT_JOURNAL_FORMAT` where the disk has not what was written.
   */
  settle(): readonly number[] {
    this.#live();
    const sink = this.#sink;
    if (sink === undefined) return [];
    const upTo = sink.isSealed ? sink.segment : sink.segment - 1;
    return listSegments({ ...this.#settings, path: this.path }, this.#file, upTo).listed;
  }

  /**
   * Places a legal hold: from now on no segment with a record of that time is moved or deleted. Append the
   * event.
   *
   * @refuses `AUDIT_HOLD_TAKEN` for an id that was used before.
   */
  hold(request: HoldRequest): HoldDone | RetentionRefusal {
    this.#live();
    checkHold(request);
    const { id, subject, reason, approver } = request;
    if (this.#file.index.holdIds.has(id)) return refuse("AUDIT_HOLD_TAKEN", "id", id, "an id that is new");
    const { fromNs = null, toNs = null } = request;
    const atNs = this.#settings.nowNs();
    this.#file.append({ kind: "hold", id, fromNs, toNs, subject, reason, approver, atNs });
    return holdDone(id, "placed", { fromNs, toNs, subject, reason, approver });
  }

  /** Ends a legal hold. Append the event. @refuses `AUDIT_HOLD_UNKNOWN` for one that is not in force */
  release(request: ReleaseRequest): HoldDone | RetentionRefusal {
    this.#live();
    checkRelease(request);
    const { id, reason, approver } = request;
    const hold = this.#file.index.holds.get(id);
    if (hold === undefined) return refuse("AUDIT_HOLD_UNKNOWN", "id", id, "a hold that is in force");
    this.#file.append({ kind: "release", id, reason, approver, atNs: this.#settings.nowNs() });
    this.#guard.released(id);
    return holdDone(id, "released", { ...hold, reason, approver });
  }

  /**
   * Says what the retention allows at a moment. Nothing is allowed by a clock that is behind what the
   * trail knows, or further ahead of its newest record than `idleDaysMax`.
   */
  plan(nowNs: bigint): RetentionPlan {
    this.#live();
    return this.#rule(nowNs).plan();
  }

  /**
   * Does what a plan says, or a part of it: moves segments to the subfolder `cold`, deletes segments and
   * tells the trail. All of it is asked for anew first, and nothing is done where one thing is refused.
   *
   * @refuses In this order: `AUDIT_SEGMENT_UNKNOWN`, `AUDIT_RETENTION_CLOCK`, `AUDIT_RETENTION_HELD`,
   * `AUDIT_RETENTION_YOUNG`, `AUDIT_RETENTION_ORDER` (not the oldest, the last one, not in place),
   * `AUDIT_SEGMENT_UNSEALED`.
   */
  apply(plan: Omit<RetentionPlan, "stays">, work: RetentionWork): RetentionDone | RetentionRefusal {
    this.#live();
    checkKeys("work", work, ["approver", "record"]);
    checkText("work.approver", work.approver);
    checkFunction("work.record", work.record);
    const no = this.#applyRefusal(plan);
    if (no !== undefined) return no;
    if (plan.retire.length > 0) {
      this.#guard.ask();
      const held = this.#applyRefusal(plan) ?? this.#guard.refusal(plan.retire);
      if (held !== undefined) return held;
    }
    const cold = plan.cold.filter((segment) => !plan.retire.includes(segment));
    for (const segment of cold) this.#moveCold(segment, plan.nowNs);
    return { ok: true, cold, retired: plan.retire.map((segment) => this.#retire(segment, plan.nowNs, work)) };
  }

  /**
   * Says that an archive has a segment, and removes the file here. Of those that are here, only the oldest
   * may go.
   *
   * @refuses What `apply` does for a move; `AUDIT_CONTENT_DIFFERS` where the archive has other bytes.
   */
  archived(
    segment: number,
    stored: { readonly nowNs: bigint; readonly location: string; readonly sha256: string },
  ): RetentionDone | RetentionRefusal {
    this.#live();
    checkKeys("stored", stored, ["nowNs", "location", "sha256"]);
    const location = checkText("stored.location", stored.location);
    const rule = this.#rule(stored.nowNs);
    const no = rule.leaveRefusal(segment);
    if (no !== undefined) return no;
    const names = listAuditNames(this.#settings.disk, this.path);
    const oldest = this.segments.find(
      (each) => names?.hot.has(each.segment) || names?.cold.has(each.segment),
    );
    if (oldest?.segment !== segment || segment === this.#file.index.segments.size - 1) {
      const expected = `${oldest?.segment}, the oldest here, and not the last one`;
      return refuse("AUDIT_RETENTION_ORDER", "segment", segment, expected);
    }
    if (oldest.sha256 !== stored.sha256) {
      return refuse("AUDIT_CONTENT_DIFFERS", "stored.sha256", stored.sha256, oldest.sha256);
    }
    const path = this.pathOf(segment) as string;
    const found = sha256OfFile(this.#settings.disk, path);
    if (found !== stored.sha256) {
      return refuse("AUDIT_CONTENT_DIFFERS", "stored.sha256", stored.sha256, `${found}, the file's`);
    }
    this.#guard.ask();
    const held = rule.leaveRefusal(segment) ?? this.#guard.refusal([segment]);
    if (held !== undefined) return held;
    this.#guard.checkExtent(oldest);
    this.#file.append({ kind: "cold", segment, location, atNs: stored.nowNs });
    removeSegment(this.#settings, path);
    return { ok: true, cold: [segment], retired: [] };
  }

  /**
   * Closes the folder and gives the lock back; a segment that is not sealed is taken up by the next
   * opening.
   */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const lock = `${this.path}/${AUDIT_LOCK}`;
    this.#sink?.close();
    this.#file.close();
    onAuditDisk(lock, () => this.#settings.disk.unlock(lock));
  }

  #rule(nowNs: bigint): RetentionRule {
    if (typeof nowNs !== "bigint") {
      throw new Fault("FAULT_CONFIG", { path: "nowNs", value: nowNs, expected: "epoch ns, a bigint" });
    }
    const { index } = this.#file;
    const names = listAuditNames(this.#settings.disk, this.path);
    const left = names === undefined ? new Set<number>() : leftIn(index, names);
    return new RetentionRule(index, this.#settings.terms, {
      nowNs,
      openNs: this.#sink?.newestNs ?? 0n,
      left,
    });
  }

  #applyRefusal(plan: Pick<RetentionPlan, "nowNs" | "cold" | "retire">): RetentionRefusal | undefined {
    const rule = this.#rule(plan.nowNs);
    for (const segment of plan.cold) {
      const no = rule.coldRefusal(segment);
      if (no !== undefined) return no;
    }
    return rule.retireRefusal(plan.retire);
  }

  #moveCold(segment: number, atNs: bigint): void {
    const { disk } = this.#settings;
    const cold = `${this.path}/${AUDIT_COLD}`;
    const name = auditSegmentName(segment);
    onAuditDisk(cold, () => {
      if (disk.list(cold) === undefined) disk.makeFolder(cold);
      disk.rename(`${this.path}/${name}`, `${cold}/${name}`);
      disk.syncFolder(cold);
      disk.syncFolder(this.path);
    });
    this.#file.append({ kind: "cold", segment, location: "", atNs });
  }

  #retire(segment: number, atNs: bigint, work: RetentionWork): { segment: number; location: string } {
    const entry = this.#file.index.segments.get(segment) as AuditSegmentEntry;
    const { firstSeq, lastSeq, fromNs, toNs, sha256, location } = entry;
    const path = this.pathOf(segment);
    if (path !== undefined) this.#guard.checkExtent(entry);
    const recordSeq = work.record({
      retentionClass: this.#settings.terms.retentionClass,
      firstSeq,
      lastSeq,
      fromNs,
      toNs,
      segment,
      contentHash: sha256,
      approver: work.approver,
    });
    checkInteger("work.record", recordSeq, 1);
    // What was recorded may have been a hold.
    const hold = holdOver(this.#file.index, entry);
    if (hold !== undefined) {
      const expected = "no hold that is placed while a plan is done: the segment stays";
      throw new Fault("FAULT_INPUT", { path: this.path, value: `the hold ${hold.id}`, expected });
    }
    this.#file.append({ kind: "retired", segment, approver: work.approver, recordSeq, atNs });
    if (path !== undefined) removeSegment(this.#settings, path);
    return { segment, location };
  }

  #live(): void {
    if (!this.#isClosed) return;
    throw new Fault("FAULT_IO", {
      path: this.path,
      value: "a folder that is closed",
      expected: "one that is open",
    });
  }
}
