import { Fault } from "../base/index.ts";
import { openJournal, readJournal } from "../host/index.ts";
import { ROW_FLAG } from "../order/index.ts";
import type { Break } from "../recon/index.ts";
import { KillLatch } from "../risk/index.ts";
import { replaySession, type SessionRecord } from "../run/index.ts";
import type { EngineVenue } from "./engine-parts.ts";
import { allowsExcess } from "./fault-plan.ts";
import type { TortureEngine } from "./torture-engine.ts";
import type { TortureWorld } from "./torture-world.ts";
import { WIRE, WIRE_KIND } from "./wire.ts";

/** Something that must never be, and was. */
export interface Violation {
  /** A name of {@link ORACLES}. */
  readonly oracle: OracleName;
  readonly ns: number;
  readonly detail: string;
}

/**
 * What must hold, by name.
 *
 * | Oracle | |
 * |---|---|
 * | noFault | no fault of the engine but those of its disk |
 * | sentOnce | no order comes to a venue twice |
 * | sentDurable | nothing leaves before the journal has it |
 * | sentKnown | after a crash every order a venue has is in the journal |
 * | killHolds | no order or replace leaves while the firm is killed |
 * | withinLimits | what a venue holds and could still fill is within the limits in force when the last order left |
 * | oneLeader | a second process on the same journal is refused |
 * | recoversSame | a recovery decides again what was decided |
 * | unknownIsSaid | after a connection is lost every order there that may still execute is unknown |
 * | booksAgree | at rest the kernel's positions are the venues' |
 * | noDrift | no position ever differs from its venue's by more than executions explain |
 * | cashAgrees | at rest the ledger's cash is the venues' |
 * | ordersAgree | at rest no order is open on one side alone |
 * | comesUp | when nothing goes wrong any more the engine is up and no break is open |
 * | replaysSame | the whole journal replayed gives the same hash |
 * | bounded | nothing grows without a bound |
 * | sameTrace | the same seed does the same twice |
 */
export const ORACLES = [
  "noFault",
  "sentOnce",
  "sentDurable",
  "sentKnown",
  "killHolds",
  "withinLimits",
  "oneLeader",
  "recoversSame",
  "unknownIsSaid",
  "booksAgree",
  "noDrift",
  "cashAgrees",
  "ordersAgree",
  "comesUp",
  "replaysSame",
  "bounded",
  "sameTrace",
] as const;

/** A name of {@link ORACLES}. */
export type OracleName = (typeof ORACLES)[number];

const VIOLATIONS_MAX = 20;

/** Watches a world: each rule of {@link ORACLES}, at every step where it can break. */
export class Oracles {
  readonly violations: Violation[] = [];
  readonly #world: TortureWorld;
  #isKilled = false;
  /** The highest id that any venue was sent. */
  #highestId = 0;
  #repeated = 0;
  /** Whether a process came up that knew less than it had been told was durable: see {@link Oracles.atRest}. */
  #hasForgotten = false;
  /** What the last process wrote under. */
  #epoch = 0;
  readonly #allowsExcess: boolean;

  constructor(world: TortureWorld) {
    this.#world = world;
    this.#allowsExcess = allowsExcess(world.plan);
  }

  /** A process has recovered. */
  booted({ recovery, session }: TortureEngine): void {
    const { difference, sendDifference } = recovery;
    const { epoch } = session.recorder.journal;
    if (epoch <= this.#epoch && !this.#world.hands.hasDamagedDisk) {
      this.#report("oneLeader", `epoch ${epoch} after ${this.#epoch}`);
    }
    this.#epoch = epoch;
    if (difference !== undefined) this.#report("recoversSame", JSON.stringify(difference));
    if (sendDifference !== undefined) this.#report("recoversSame", JSON.stringify({ sendDifference }));
    const wrong = this.#world.limits.booted(session);
    if (wrong !== undefined && !this.#world.hands.hasDamagedDisk) this.#report("recoversSame", wrong);
    const { nextId } = session.kernel.orders;
    if (this.#highestId < nextId) return;
    if (this.#world.hands.hasDamagedDisk) this.#hasForgotten = true;
    else {
      this.#report("sentKnown", `a venue has order ${this.#highestId}, the next one here is ${nextId}`);
    }
  }

  /** A process ended by a fault that no disk made. */
  crashed(error: unknown): void {
    if (this.#world.hands.hasDamagedDisk && error instanceof Fault && error.code.startsWith("FAULT_JOURNAL"))
      return;
    this.#report("noFault", error instanceof Error ? (error.stack ?? error.message) : String(error));
  }

  /** Reconciliation found a position that no execution explains: something was booked twice, or not at all. */
  drifted({ local, venue, key }: Break): void {
    if (this.#world.hands.hasDamagedDisk) return;
    this.#report("noDrift", `${key}: ${JSON.stringify({ local, venue })}`);
  }

  /** Something is about to leave, or has left. */
  sending(isAfter: boolean): void {
    const { engine } = this.#world;
    if (isAfter || engine === undefined) return;
    const { journal } = engine.session.recorder;
    if (journal.durableSeq < journal.lastSeq) {
      this.#report("sentDurable", `record ${journal.lastSeq} is not durable, ${journal.durableSeq} is`);
    }
  }

  /** A venue's session got a message. */
  received(cells: Float64Array, offset: number): void {
    if (cells[offset + WIRE.kind] !== WIRE_KIND.newOrder) return;
    this.#highestId = Math.max(this.#highestId, cells[offset + WIRE.id] as number);
  }

  /** An order or replace is handed to the network. */
  leaving(kind: number, id: number, lots: number): void {
    const { engine, limits } = this.#world;
    if ((kind !== WIRE_KIND.newOrder && kind !== WIRE_KIND.replace) || engine === undefined) return;
    const wrong = limits.leaving(engine.session, id, lots, kind === WIRE_KIND.replace);
    if (wrong !== undefined) this.#report("withinLimits", wrong);
    if (!KillLatch.isOpen(this.#world.estate.latch.read())) {
      this.#report(
        "killHolds",
        `${kind === WIRE_KIND.newOrder ? "order" : "replace"} of ${id} after the kill`,
      );
    }
  }

  /** The engine has been told that a connection is lost. */
  disconnected(stations: readonly number[]): void {
    const { engine } = this.#world;
    if (engine === undefined) return;
    const { orders } = engine.session.kernel;
    for (let row = 0; row < orders.capacity; row++) {
      const id = orders.id[row] as number;
      const isAlive = orders.isOpen(row) || orders.restsOvernight(row);
      if (id === 0 || !isAlive || !stations.includes(orders.instrument[row] as number)) continue;
      if (((orders.flags[row] as number) & ROW_FLAG.unknown) !== 0) continue;
      this.#report("unknownIsSaid", `order ${id} is taken for open after its connection was lost`);
    }
  }

  /** Whether any venue was sent an order. */
  get hasSeenOrders(): boolean {
    return this.#highestId > 0;
  }

  killed(): void {
    this.#isKilled = true;
  }

  lifted(): void {
    this.#isKilled = false;
  }

  get isKilled(): boolean {
    return this.#isKilled;
  }

  /** Somebody else starts a process on the journal in use. */
  secondLeader(): void {
    const { engine, disk } = this.#world;
    if (engine?.isAlive !== true) return;
    try {
      openJournal("/journal", {
        policy: "sync",
        baseNs: 0n,
        disk,
        freeBytesMin: 0,
        nowNs: () => 0n,
      }).journal.close();
      this.#report("oneLeader", "a second process took the journal");
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
    }
  }

  /** What has to hold at any time. */
  check(): void {
    const { venues, scheduler } = this.#world;
    if (scheduler.size > 100_000) this.#report("bounded", `${scheduler.size} events wait`);
    for (const { venue } of venues) {
      const { repeatedOrders } = venue.truth.counts;
      if (repeatedOrders > this.#repeated && !this.#world.hands.hasDamagedDisk) {
        this.#repeated = repeatedOrders;
        this.#report("sentOnce", `${repeatedOrders} orders came again`);
      }
    }
    for (const i of venues.keys()) this.checkLimits(i);
  }

  /** What could still execute at a venue stays within the limits. */
  checkLimits(i: number): void {
    // Of orders whose records a damaged disk lost no gate can know.
    if (this.#allowsExcess || this.#world.hands.hasDamagedDisk) return;
    const { venues, limits } = this.#world;
    const { venue } = venues[i] as EngineVenue;
    const position = venue.positionLots(i);
    const long = position + venue.worstLeaves(i, 1);
    const short = position - venue.worstLeaves(i, -1);
    const [longMax, shortMax] = [limits.allowedLots(i, 1), limits.allowedLots(i, -1)];
    if (long <= longMax && -short <= shortMax) return;
    const detail = `venue ${i}: ${short} to ${long} lots possible, ${-shortMax} to ${longMax} allowed`;
    this.#report("withinLimits", detail);
  }

  /** Whether everything agrees: what is on its way between us and a venue may be the whole difference. */
  isAtRest(): boolean {
    const before = this.violations.length;
    this.atRest();
    const agrees = this.violations.length === before;
    this.violations.length = before;
    return agrees;
  }

  /**
   * What has to hold at the end, when nothing has gone wrong for a while.
   *
   * A journal whose last files lost their names is a shorter journal, and a whole one: nothing on the disk tells that
   * there was more. The process gives numbers out again that a venue knows already, and what the venue then says of
   * a number is of two orders. Books cannot be asked to agree after that.
   */
  atRest(): void {
    const { engine, venues } = this.#world;
    if (engine?.isUp !== true) {
      this.#report("comesUp", engine === undefined ? "no process" : "not connected, or a book is missing");
      return;
    }
    if (this.#hasForgotten) return;
    const { kernel } = engine.session;
    for (const [i, { venue }] of venues.entries()) {
      const own = kernel.ledger.positionLots[i] as number;
      const true_ = venue.positionLots(i);
      if (own !== true_) this.#report("booksAgree", `instrument ${i}: ${own} here, ${true_} at the venue`);
      for (const each of engine.desks[i]?.breaks() ?? []) {
        if (each.isConfirmed) this.#report("comesUp", `break ${each.kind} ${each.key}`);
      }
    }
    this.#checkOrders();
    const cash = venues.reduce((sum, { venue }, i) => sum + venue.cashMinor(i), 1_000_000_000_00n);
    const own = kernel.ledger.cashMinor("USD");
    // What is booked anew for records that a damaged disk lost bears fees that nobody can know.
    if (own !== cash && !this.#world.hands.hasDamagedDisk)
      this.#report("cashAgrees", `${own} here, ${cash} at the venues`);
  }

  /** Replays the whole journal: slow, for some runs only. */
  replay(): void {
    const { engine, disk } = this.#world;
    if (engine?.isAlive !== true || this.#world.hands.hasDamagedDisk) return;
    engine.session.commit();
    const records: SessionRecord[] = [];
    readJournal(
      "/journal",
      ({ seq, type, payload }) => void records.push({ seq, type, payload: payload.slice() }),
      {
        disk,
      },
    );
    if (records[0]?.seq !== 1) return;
    const options = this.#world.sessionOptions();
    const replay = replaySession(records, {
      strategies: options.strategies,
      ...(options.risk === undefined ? {} : { risk: options.risk }),
    });
    const runHash = engine.session.runHash();
    const { difference, sendDifference } = replay;
    if (replay.runHash === runHash && difference === undefined && sendDifference === undefined) return;
    this.#report("replaysSame", JSON.stringify({ difference, sendDifference }));
  }

  #checkOrders(): void {
    const { engine, venues } = this.#world;
    if (engine === undefined) return;
    const { orders } = engine.session.kernel;
    for (let row = 0; row < orders.capacity; row++) {
      const id = orders.id[row] as number;
      const isAlive = orders.isOpen(row) || orders.restsOvernight(row);
      if (id === 0 || !isAlive) continue;
      const { truth } = (venues[orders.instrument[row] as number] as EngineVenue).venue;
      const there = truth.orders.rowOf(id);
      if (there >= 0 && truth.orders.isOpen(there)) continue;
      // An order that has just been sent, or has just ended, is on its way.
      const ageNs = this.#world.nowNs - (orders.createdNs[row] as number);
      const state = there < 0 ? "not there" : `state ${truth.orders.state[there]} there`;
      if (ageNs > 5e9) this.#report("ordersAgree", `order ${id} is open here alone, ${state}`);
    }
    for (const { venue } of venues) {
      const { orders: there } = venue.truth;
      for (let row = 0; row < there.count; row++) {
        if (!there.isOpen(row)) continue;
        const id = there.id[row] as number;
        const own = orders.id.indexOf(id);
        if (own >= 0 && (orders.isOpen(own) || orders.restsOvernight(own))) continue;
        const ageNs = this.#world.nowNs - (there.changedNs[row] as number);
        if (ageNs > 5e9) this.#report("ordersAgree", `order ${id} is open at the venue alone`);
      }
    }
  }

  #report(oracle: OracleName, detail: string): void {
    if (this.violations.length >= VIOLATIONS_MAX) return;
    this.violations.push({ oracle, ns: this.#world.nowNs, detail });
  }
}
