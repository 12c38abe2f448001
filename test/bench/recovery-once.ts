/**
 * One process of the bench `recovery`. `build FOLDER RECORDS BEHIND` trades until the journal has so many records, with a
 * snapshot so many before its end (0: none), and ends without a word to the journal, as a killed process does.
 * `recover FOLDER` brings the session up again. `pack FOLDER` packs its sealed segments. Each prints one JSON line.
 */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { Prng } from "../../src/base/index.ts";
import { openJournal } from "../../src/host/index.ts";
import { REASON, REPORT } from "../../src/model/index.ts";
import {
  type OpenedSession,
  openSession,
  recover,
  type SessionOptions,
  type TradingSession,
} from "../../src/run/index.ts";
import { feedRow, INSTRUMENTS, RequestDoor, sessionOptions, tellSession } from "../fixtures/session-desk.ts";
import { SessionStrategy } from "../fixtures/session-strategy.ts";
import type { VenueRequest, VenueWord } from "../fixtures/session-venue.ts";

/** 40 rows between two turns of the strategy, which acts in two instruments: one request in 20 rows. */
const STEP_NS = 250_000;
const TURN_NS = 40 * STEP_NS;
const JOURNAL = { policy: "async", preallocate: false } as const;

/** What the session is made from: the snapshot is taken where the bench wants it. */
function making(): SessionOptions {
  return sessionOptions({ snapshotEveryNs: 0, strategies: [new SessionStrategy(TURN_NS)] });
}

/** What a build made. */
export interface Built {
  readonly bytes: number;
  readonly segments: number;
  readonly records: number;
  readonly rows: number;
  readonly requests: number;
  readonly snapshotBytes: number;
  readonly runHash: string;
  readonly elapsedMs: number;
}

/** What a recovery took. */
export interface Recovered {
  readonly lastSeq: number;
  readonly records: number;
  readonly snapshotSeq: number;
  readonly isDifferent: boolean;
  readonly runHash: string;
  readonly openMs: number;
  readonly loadMs: number;
  readonly replayMs: number;
  readonly totalMs: number;
  readonly residentMiB: number;
}

function build(folder: string, records: number, behind: number): Built {
  const from = performance.now();
  const opened = openSession(folder, making(), { ...JOURNAL, create: true });
  const { session, journal } = opened;
  const venue = new PromptVenue(session);
  for (const i of INSTRUMENTS.keys())
    session.connect(i, new RequestDoor(i, (request) => venue.take(request)));
  const rng = new Prng(1);
  session.start(0);
  let rows = 0;
  let isSaved = behind === 0;
  let nextTold = 1_000_000;
  while (journal.lastSeq < records) {
    rows += 1;
    feedRow(session, rng, rows * STEP_NS);
    venue.tell(rows * STEP_NS);
    if (!isSaved && journal.lastSeq >= records - behind) {
      session.saveSnapshot();
      isSaved = true;
    }
    if (journal.lastSeq < nextTold) continue;
    process.stderr.write(`  ${nextTold.toLocaleString("en-US")} records written\n`);
    nextTold += 1_000_000;
  }
  session.commit();
  return {
    ...sizesOf(folder),
    ...resultOf(opened),
    rows,
    requests: venue.requests,
    elapsedMs: performance.now() - from,
  };
}

function resultOf({ session, journal }: OpenedSession): {
  readonly records: number;
  readonly runHash: string;
} {
  return { records: journal.lastSeq, runHash: session.runHash() };
}

function sizesOf(folder: string): {
  readonly bytes: number;
  readonly segments: number;
  readonly snapshotBytes: number;
} {
  const sizes = (kind: string): number[] =>
    readdirSync(folder)
      .filter((name) => name.startsWith(`${kind}-`))
      .map((name) => statSync(join(folder, name)).size);
  const sum = (each: readonly number[]): number => each.reduce((total, size) => total + size, 0);
  const segments = sizes("segment");
  return { bytes: sum(segments), segments: segments.length, snapshotBytes: sum(sizes("snapshot")) };
}

function recovered(folder: string): Recovered {
  const from = performance.now();
  const { recovery } = recover(folder, making(), JOURNAL);
  const totalMs = performance.now() - from;
  const { journal, records, snapshotSeq, difference, runHash, openMs, loadMs, replayMs } = recovery;
  const isDifferent = difference !== undefined;
  const residentMiB = process.resourceUsage().maxRSS / 1024;
  const { lastSeq } = journal;
  return {
    lastSeq,
    records,
    snapshotSeq,
    isDifferent,
    runHash,
    openMs,
    loadMs,
    replayMs,
    totalMs,
    residentMiB,
  };
}

/** A venue that answers each request behind the row that led to it, and fills three orders in ten at once. */
class PromptVenue {
  requests = 0;
  readonly #session: TradingSession;
  readonly #rng = new Prng(2);
  readonly #open = new Set<number>();
  #out: VenueWord[] = [];
  #execs = 0;

  constructor(session: TradingSession) {
    this.#session = session;
  }

  take(request: VenueRequest): void {
    this.requests += 1;
    const { what, id } = request;
    if (what === "order") {
      this.#open.add(id);
      this.#say(request, REPORT.accepted, 0, request.lots);
      if (this.#rng.float() < 0.3) this.#fill(request);
    } else if (what === "replace") this.#answer(request, REPORT.replaced, REPORT.replaceRejected);
    else if (this.#answer(request, REPORT.canceled, REPORT.cancelRejected)) this.#open.delete(id);
  }

  /** Tells what there is to tell. */
  tell(nowNs: number): void {
    while (this.#out.length > 0) {
      const words = this.#out;
      this.#out = [];
      for (const word of words) tellSession(this.#session, word, nowNs);
    }
  }

  #fill(request: VenueRequest): void {
    this.#open.delete(request.id);
    this.#execs += 1;
    this.#say(request, REPORT.trade, this.#execs, 0);
  }

  #answer(request: VenueRequest, done: number, rejected: number): boolean {
    const isOpen = this.#open.has(request.id);
    this.#say(request, isOpen ? done : rejected, 0, 0);
    return isOpen;
  }

  #say(
    { instrument, id, requestId, priceTicks, lots }: VenueRequest,
    kind: number,
    execId: number,
    leavesLots: number,
  ): void {
    const isRejected = kind === REPORT.replaceRejected || kind === REPORT.cancelRejected;
    const reason = isRejected ? REASON.tooLate : REASON.reported;
    this.#out.push({ kind, instrument, id, requestId, priceTicks, lots, execId, reason, leavesLots });
  }
}

/** Packs what is sealed; the session begins no turn. */
function packed(folder: string): { readonly bytes: number } {
  const { journal } = openJournal(folder, { ...JOURNAL, baseNs: making().baseNs });
  while (journal.packNext() > 0) process.stderr.write("  a segment packed\n");
  journal.close();
  return { bytes: sizesOf(folder).bytes };
}

const [what, folder = "", records = "0", behind = "0"] = process.argv.slice(2);
const done =
  what === "build"
    ? build(folder, Number(records), Number(behind))
    : what === "pack"
      ? packed(folder)
      : recovered(folder);
console.log(JSON.stringify(done));
// Without closing the journal: the lock and the last segment stay as a kill leaves them.
process.exit(0);
