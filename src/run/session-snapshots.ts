import { canonicalJson, Fault, sha256Hex } from "../base/index.ts";
import type { Snapshot, SnapshotSection } from "../journal/index.ts";
import type { TradingKernel } from "../kernel/index.ts";
import type { KillLatch } from "../risk/index.ts";
import type { SessionJournal, SessionPart } from "./session-options.ts";
import { loadParts, sessionSnapshot, whyNoSnapshots } from "./session-snapshot.ts";
import type { SessionTrail } from "./session-trail.ts";

/** When a session's state is saved, and what is saved beside its kernel. */
export class SessionSnapshots {
  /** Snapshots taken. */
  taken = 0;
  /** Why the last one could not be written; undefined where it was. */
  fault: Fault | undefined = undefined;
  /** Why none are taken; undefined where they are. */
  readonly why: string | undefined;
  readonly #kernel: TradingKernel;
  readonly #journal: SessionJournal;
  readonly #everyNs: number;
  readonly #latch: KillLatch | undefined;
  readonly #parts: SessionPart[] = [];
  #areLoaded = false;
  #nextNs = Number.POSITIVE_INFINITY;
  #begin = new Uint8Array(0);
  #configHash = "";

  constructor(kernel: TradingKernel, journal: SessionJournal, everyNs: number, latch: KillLatch | undefined) {
    this.#kernel = kernel;
    this.#journal = journal;
    this.#everyNs = everyNs;
    this.#latch = latch;
    this.why = whyNoSnapshots(everyNs, journal, kernel);
  }

  /** Adds a part; false where it comes too late, or one of its name is there. */
  attach(part: SessionPart): boolean {
    if (this.#areLoaded || this.#parts.some(({ name }) => name === part.name)) return false;
    this.#parts.push(part);
    return true;
  }

  /** Gives the parts what a snapshot holds of them. */
  load(sections: readonly SnapshotSection[]): void {
    this.#areLoaded = true;
    loadParts(this.#parts, sections);
  }

  /** Gives a part what a remark of it noted. */
  replay(part: string, note: unknown): void {
    this.#parts.find(({ name }) => name === part)?.replay?.(note);
  }

  /** The session begins, or goes on. */
  begin(begin: Readonly<Record<string, unknown>>, nowNs: number): void {
    this.#begin = new TextEncoder().encode(canonicalJson(begin));
    this.#configHash = sha256Hex(this.#begin);
    if (this.why === undefined) this.#nextNs = nowNs + this.#everyNs;
  }

  /** Saves the state now. @throws what the journal and the trail throw, and what cannot be saved */
  take(trail: SessionTrail | undefined): void {
    this.#keep(this.#make(), trail);
  }

  #make(): Snapshot {
    const kernel = this.#kernel;
    const journal = this.#journal;
    kernel.effects.flush();
    const state = { kernel, latch: this.#latch, parts: this.#parts };
    const made = { ...state, begin: this.#begin, configHash: this.#configHash };
    return sessionSnapshot(made, journal.lastSeq, journal.epoch);
  }

  #keep(snapshot: Snapshot, trail: SessionTrail | undefined): void {
    this.#journal.saveSnapshot?.(snapshot);
    trail?.snapshot(snapshot);
    this.taken += 1;
    this.fault = undefined;
  }

  /**
   * Saves the state where it is time. The records are the truth, a snapshot only saves time: why a strategy or a part
   * could not be saved, and what the disk did not take, is kept as `fault` and tried again the next time. With an audit
   * trail, which would miss its record, what the disk did not take is thrown.
   */
  takeIfDue(trail: SessionTrail | undefined): void {
    const now = this.#kernel.nowNs[0] as number;
    if (now < this.#nextNs) return;
    this.#nextNs = now + this.#everyNs;
    this.takeIfAble(trail);
  }

  /** Saves the state where that can be done: else `fault` tells why not. */
  takeIfAble(trail: SessionTrail | undefined): void {
    const snapshot = this.#unless(["FAULT_CALLBACK", "FAULT_INPUT"], () => this.#make());
    if (snapshot === undefined) return;
    this.#unless(trail === undefined ? ["FAULT_IO", "FAULT_DISK_FULL"] : [], () =>
      this.#keep(snapshot, trail),
    );
  }

  /** What `work` gives; undefined where it throws a fault of these codes, which is kept. */
  #unless<Value>(codes: readonly string[], work: () => Value): Value | undefined {
    try {
      return work();
    } catch (fault) {
      if (!(fault instanceof Fault) || !codes.includes(fault.code)) throw fault;
      this.fault = fault;
      return undefined;
    }
  }
}
