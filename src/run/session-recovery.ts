import { performance } from "node:perf_hooks";
import { canonicalJson, Fault } from "../base/index.ts";
import { type FileJournal, type JournalOptions, type JournalRecovery, openJournal } from "../host/index.ts";
import type { Snapshot } from "../journal/index.ts";
import { INPUT, kernelStateHash, loadKernel, saveKernel, type TradingKernel } from "../kernel/index.ts";
import { KillLatch } from "../risk/index.ts";
import { type EffectDifference, EffectMatch } from "./effect-match.ts";
import { describeSession, readSessionBegin } from "./session-begin.ts";
import { checkTime } from "./session-inputs.ts";
import type { SessionOptions } from "./session-options.ts";
import { LateJournal, peekBegin } from "./session-peek.ts";
import { SessionPlayer, setLatch } from "./session-player.ts";
import {
  checkLength,
  pathOf,
  readJson,
  readSending,
  SESSION,
  SESSION_BYTES,
  type SentItem,
  type SessionRecord,
} from "./session-record.ts";
import { readRemark } from "./session-remark.ts";
import { ReplayDoor } from "./session-replay.ts";
import { readParts } from "./session-snapshot.ts";
import { TradingSession } from "./trading-session.ts";

/** How the journal of a session is opened: {@link JournalOptions} without what the session knows. */
export type SessionJournalOptions = Omit<JournalOptions, "baseNs">;

/** What {@link openSession} found and did. */
export interface SessionRecovery {
  /** Whether the folder held no session: `start` begins one. */
  readonly isNew: boolean;
  readonly journal: JournalRecovery;
  /** The record that the snapshot in use was taken after; 0 where all was replayed from the first record. */
  readonly snapshotSeq: number;
  /** Snapshots that could not be used, newest first, and why. */
  readonly unusable: readonly { readonly seq: number; readonly reason: string }[];
  /** Records read, and inputs among them that were settled again. */
  readonly records: number;
  readonly inputs: number;
  /** What had been decided and never left: told to the kernel as not sent. */
  readonly unsent: readonly SentItem[];
  /** The first effect that came out differently: other code, or a strategy that does not save all of its state. */
  readonly difference: EffectDifference | undefined;
  /**
   * The first thing that left and was not sent again by the replay, or was otherwise: other code. An order of `recorded`
   * may be at the venue, and this session does not know it.
   */
  readonly sendDifference: { readonly recorded: SentItem; readonly replayed?: SentItem } | undefined;
  /** The hash of all decisions and the state after the replay, before the session goes on. */
  readonly runHash: string;
  /** The hash of the state alone; absent where strategies cannot save theirs, or failed to. */
  readonly stateHash: string | undefined;
  /** Milliseconds of opening and checking the journal, loading the snapshot, replaying. */
  readonly openMs: number;
  readonly loadMs: number;
  readonly replayMs: number;
}

/** A session, and how it came about. */
export interface OpenedSession {
  readonly session: TradingSession;
  readonly journal: FileJournal;
  readonly recovery: SessionRecovery;
}

/**
 * Opens the session of a folder: a new one where there is none and `create` is given, else the one that was there,
 * brought to where its last durable record left it: the newest whole snapshot, then the records behind it. Connect the
 * doors, then call `start` on a new session, `resumeSession` on a recovered one. `prepare` attaches parts and observers
 * to the session before anything is loaded or replayed; it is called again where a snapshot turns out to be unusable.
 *
 * @invariant Nothing is sent. Orders that may be at a venue are in the store, `unknown` once the session goes on.
 * @throws what `openJournal` throws; `FAULT_JOURNAL_FORMAT` where the folder's session was made from other options, and
 * then nothing in the folder is touched, or has ended; `FAULT_CONFIG`.
 */
export function openSession(
  path: string,
  options: SessionOptions,
  journalOptions: SessionJournalOptions,
  prepare: (session: TradingSession) => void = () => {},
): OpenedSession {
  const from = performance.now();
  const begin = peekBegin(path, journalOptions);
  const late = new LateJournal();
  let first = begin === undefined ? undefined : new TradingSession(options, late);
  if (begin !== undefined && first !== undefined) checkBegin(first, begin);
  const { journal, recovery } = openJournal(path, { ...journalOptions, baseNs: options.baseNs });
  late.open(journal);
  try {
    const make = (): TradingSession => {
      const session = first ?? new TradingSession(options, journal);
      first = undefined;
      prepare(session);
      return session;
    };
    const opened = new Recovery(make, journal, recovery, performance.now() - from).run();
    return { ...opened, journal };
  } catch (error) {
    journal.close();
    throw error;
  }
}

/** {@link openSession} of a folder that must hold one, resumed at `nowNs`. */
export function recover(
  path: string,
  options: SessionOptions,
  journalOptions: SessionJournalOptions,
  prepare?: (session: TradingSession) => void,
): OpenedSession {
  return openSession(path, options, { ...journalOptions, create: false }, prepare);
}

/** A session that had to replay more than this is saved at once: one that keeps dying must not replay ever more. */
const REPLAYED_MAX = 10_000;

/** How a recovered session is to go on. */
export interface ResumeOptions {
  /** Also where the replay came out differently: orders may be at a venue that this session does not know. */
  readonly evenIfDifferent?: boolean;
  /** Instruments that take no new order until somebody lets them: held before any strategy hears of the recovery. */
  readonly held?: readonly number[];
}

/**
 * Lets a recovered session go on: its record, what never left, every connection lost, and a snapshot where many records
 * were replayed. Doors first.
 *
 * @throws `FAULT_INPUT` for a session that is not waiting for this, or lacks a door for orders it has;
 * `FAULT_JOURNAL_FORMAT` where the replay decided or sent something else than was recorded.
 */
export function resumeSession(
  { session, journal, recovery }: OpenedSession,
  nowNs: number,
  { evenIfDifferent = false, held = [] }: ResumeOptions = {},
): void {
  session.checkResumable();
  checkTime("session.nowNs", nowNs);
  const differs = recovery.sendDifference ?? recovery.difference;
  if (differs !== undefined && !evenIfDifferent) {
    const expected = "a replay that decides and sends what was recorded, or `evenIfDifferent`";
    throw new Fault("FAULT_JOURNAL_FORMAT", { path: "session.recovery", value: differs, expected });
  }
  const { recorder, kernel } = session;
  const { snapshotSeq, inputs, unsent, runHash } = recovery;
  const ns = Math.floor(Math.max(nowNs, kernel.nowNs[0] as number, session.trail?.lastNs() ?? 0));
  recorder.isPaused = false;
  const figures = {
    fromSequence: snapshotSeq,
    toSequence: journal.lastSeq,
    unsent: unsent.length,
    runHash,
    ns,
  };
  recorder.recovered({ epoch: journal.epoch, snapshotSeq, inputs, unsent, runHash, ns }, ns);
  session.trail?.recovered(figures);
  session.goOn(describeSession(session.making, kernel), unsent, ns, held);
  if (recovery.records > REPLAYED_MAX && session.noSnapshots === undefined) session.saveIfAble();
}

class Recovery {
  readonly #make: () => TradingSession;
  readonly #journal: FileJournal;
  readonly #found: JournalRecovery;
  readonly #openMs: number;
  readonly #unusable: { readonly seq: number; readonly reason: string }[] = [];
  readonly #effects = new EffectMatch();
  readonly #recorded: SentItem[] = [];
  readonly #replayed: SentItem[] = [];
  #sendDifference: SessionRecovery["sendDifference"] = undefined;
  #records = 0;

  constructor(make: () => TradingSession, journal: FileJournal, found: JournalRecovery, openMs: number) {
    this.#make = make;
    this.#journal = journal;
    this.#found = found;
    this.#openMs = openMs;
  }

  run(): { readonly session: TradingSession; readonly recovery: SessionRecovery } {
    const isNew = this.#found.lastSeq === 0;
    const from = performance.now();
    const { session, snapshotSeq } = isNew ? { session: this.#make(), snapshotSeq: 0 } : this.#load();
    const loaded = performance.now();
    const player = new SessionPlayer(session.kernel);
    player.onNote = (...told) => session.watchers.noted(...told);
    if (!isNew) this.#replay(session, player, snapshotSeq);
    const replayMs = performance.now() - loaded;
    const { kernel, noSnapshots } = session;
    return {
      session,
      recovery: {
        isNew,
        journal: this.#found,
        snapshotSeq,
        unusable: this.#unusable,
        records: this.#records,
        inputs: player.inputs,
        unsent: [...this.#replayed],
        difference: this.#effects.finish(false),
        sendDifference:
          this.#sendDifference ??
          (this.#recorded[0] === undefined ? undefined : { recorded: this.#recorded[0] }),
        runHash: session.runHash(),
        stateHash: noSnapshots === undefined ? stateHashOf(kernel) : undefined,
        openMs: this.#openMs,
        loadMs: loaded - from,
        replayMs,
      },
    };
  }

  /** A session in the state of the newest snapshot that fits, else of none. */
  #load(): { readonly session: TradingSession; readonly snapshotSeq: number } {
    const { firstSeq } = this.#found;
    let unread: Fault | undefined;
    for (const { seq, reason } of this.#found.damagedSnapshots) this.#unusable.push({ seq, reason });
    for (const seq of this.#journal.snapshotSeqs()) {
      if (this.#unusable.some((each) => each.seq === seq)) continue;
      const session = this.#make();
      try {
        loadSession(session, this.#journal.loadSnapshot(seq));
        return { session, snapshotSeq: seq };
      } catch (error) {
        if (!(error instanceof Fault) || error.code === "FAULT_JOURNAL_FORMAT") throw error;
        // The same strategy objects would begin the next attempt with what this one gave them.
        if (session.kernel.slots.some(({ isTouched }) => isTouched)) throw error;
        if (error.code === "FAULT_IO") unread = error;
        this.#unusable.push({ seq, reason: error.message });
      }
    }
    if (firstSeq === 1) return { session: this.#make(), snapshotSeq: 0 };
    if (unread !== undefined) throw unread;
    const value = this.#unusable.map(({ seq, reason }) => `${seq}: ${reason}`).join("; ");
    const expected = `a snapshot that can be loaded: the journal begins with record ${firstSeq}`;
    throw new Fault("FAULT_JOURNAL_CORRUPT", { path: "session.snapshot", value, expected });
  }

  #replay(session: TradingSession, player: SessionPlayer, snapshotSeq: number): void {
    const { kernel, recorder } = session;
    recorder.isPaused = true;
    kernel.effects.sink = (bytes) => this.#effects.replayed(bytes);
    const doors = kernel.stations.map(({ door }) => door);
    for (const i of kernel.stations.keys()) {
      kernel.connect(
        i,
        new ReplayDoor(i, kernel.nowNs, (item, terms) => {
          this.#pair(item, this.#replayed, this.#recorded);
          session.sending(item, terms);
        }),
      );
    }
    session.replays(true);
    this.#journal.read(snapshotSeq + 1, (record) => this.#take(record, session, player));
    session.replays(false);
    // Doors that were connected before; where there was none, orders are refused as in a new session.
    for (const [i, station] of kernel.stations.entries()) station.door = doors[i];
    kernel.effects.flush();
    const ahead = this.#effects.ahead();
    if (ahead.length > 0) recorder.effects(ahead, kernel.nowNs[0] as number);
    session.tapEffects();
  }

  #take({ type, payload, seq }: SessionRecord, session: TradingSession, player: SessionPlayer): void {
    // The payload of a record that is read is made anew each time it is asked for.
    const record = { type, payload, seq };
    this.#records += 1;
    if (type === SESSION.event) tellLatch(session, checkLength(seq, payload, SESSION_BYTES.event));
    if (player.play(record)) return;
    const path = pathOf(seq);
    if (type === SESSION.sending) {
      this.#pair(
        readSending(checkLength(path, payload, SESSION_BYTES.sending)),
        this.#recorded,
        this.#replayed,
      );
    } else if (type === SESSION.effects) this.#effects.recorded(payload);
    else if (type === SESSION.begin) checkBegin(session, record);
    else if (type === SESSION.recovered) {
      const { unsent, snapshotSeq, runHash, ns } = readJson(path, payload);
      const count = Array.isArray(unsent) ? unsent.length : 0;
      this.#replayed.splice(0, count);
      session.trail?.recovered({
        ...{ fromSequence: Number(snapshotSeq), toSequence: seq - 1, unsent: count },
        ...{ runHash: String(runHash), ns: Number(ns) },
      });
    } else if (type === SESSION.remark) {
      const { remark, ns } = readRemark(path, payload);
      session.replayRemark(remark, ns);
    } else if (type === SESSION.end) {
      throw new Fault("FAULT_JOURNAL_FORMAT", {
        path,
        value: "the session's end",
        expected: "a session that goes on",
      });
    } else throw new Fault("FAULT_JOURNAL_FORMAT", { path, value: type, expected: "a kind of `SESSION`" });
  }

  #pair(item: SentItem, own: SentItem[], other: SentItem[]): void {
    const partner = other.shift();
    if (partner === undefined) own.push(item);
    else if (canonicalJson(partner) !== canonicalJson(item)) {
      const [recorded, replayed] = own === this.#recorded ? [item, partner] : [partner, item];
      this.#sendDifference ??= { recorded, replayed };
    }
  }
}

/** The latch is no input of the kernel: who listens is told of its changes here. */
function tellLatch({ recorder }: TradingSession, view: DataView): void {
  if (view.getInt32(4, true) !== INPUT.latch) return;
  recorder.event(
    INPUT.latch,
    -1,
    view.getFloat64(8, true),
    view.getFloat64(16, true),
    view.getFloat64(24, true),
  );
}

function stateHashOf(kernel: TradingKernel): string | undefined {
  try {
    return kernelStateHash(saveKernel(kernel));
  } catch (fault) {
    if (fault instanceof Fault && ["FAULT_CALLBACK", "FAULT_INPUT"].includes(fault.code)) return undefined;
    throw fault;
  }
}

/** Brings a new session to the state of a snapshot. */
function loadSession(session: TradingSession, snapshot: Snapshot): void {
  const section = (name: string): Uint8Array =>
    snapshot.sections.find((each) => each.name === name)?.bytes ?? new Uint8Array(0);
  checkBegin(session, { seq: 1, type: SESSION.begin, payload: section("begin") });
  // What cannot be read is found before a strategy is given anything: another snapshot can be tried then.
  readParts(snapshot.sections);
  const { latch } = session.kernel.gate.parts;
  const bytes = section("latch");
  if (bytes.length % 4 !== 0 || bytes.length > 4 * (1 + latch.scopes)) {
    const expected = `a word, and one for each of ${latch.scopes} scopes`;
    throw new Fault("FAULT_INPUT", { path: "session.latch", value: `${bytes.length} bytes`, expected });
  }
  loadKernel(session.kernel, snapshot.sections);
  session.loadParts(snapshot.sections);
  const words = new Int32Array(bytes.slice().buffer);
  if (words.length === 0) return;
  for (let scope = 0; scope < words.length - 1; scope++) setLatch(latch, scope, words[1 + scope] as number);
  const epoch = KillLatch.epochOf(words[0] as number);
  if (epoch > 0) latch.advance(epoch - 1);
}

/** Throws `FAULT_JOURNAL_FORMAT` where a session was made from other options, naming the first that differs. */
function checkBegin(session: TradingSession, record: SessionRecord): void {
  const text = canonicalJson(describeSession(session.making, session.kernel));
  if (new TextDecoder().decode(record.payload) === text && record.type === SESSION.begin) return;
  readSessionBegin(record);
  const recorded = readJson("session.begin", record.payload);
  const own = JSON.parse(text) as Record<string, unknown>;
  for (const key of new Set([...Object.keys(recorded), ...Object.keys(own)])) {
    const [was, is] = [canonicalJson(recorded[key] ?? null), canonicalJson(own[key] ?? null)];
    if (key === "version" || was === is) continue;
    throw new Fault("FAULT_JOURNAL_FORMAT", { path: `session.${key}`, value: is, expected: was });
  }
}
