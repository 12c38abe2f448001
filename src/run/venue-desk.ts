import { checkKeys, checkMethods, Fault, isRefusal } from "../base/index.ts";
import { MESSAGE_FIELD as FIELD, REPORT } from "../model/index.ts";
import { ROW_FLAG } from "../order/index.ts";
import type {
  VenueClock,
  VenueHeldOrder,
  VenueLink,
  VenueLinkHost,
  VenueLinkState,
  VenueQuestion,
  VenueTrouble,
} from "../venue/index.ts";
import type { ReconAsk, ReconDesk, ReconTaken } from "./recon-desk.ts";
import type { ReconAlert, ReconHands } from "./recon-hands.ts";
import { openDesk, type SessionDeskOptions } from "./session-desk.ts";
import type { TradingSession } from "./trading-session.ts";

/** What a {@link VenueDesk} is made from: the options of a session's desk, without what a link knows. */
export interface VenueDeskOptions
  extends Omit<
    SessionDeskOptions,
    "venue" | "account" | "stations" | "names" | "hands" | "cancelsOnDisconnect"
  > {
  readonly link: VenueLink;
  readonly clock: VenueClock;
  /** Calls a human, stops trading an instrument; other hands are used instead of the desk's own. */
  readonly hands: Pick<ReconHands, "alert" | "halt"> & Partial<ReconHands>;
  /** The venue may cancel what is open when a connection ends; false unless given. */
  readonly cancelsOnDisconnect?: boolean;
  readonly watch?: VenueDeskWatch;
}

/** Who is told what happens between a session and a venue, beside what is recorded. May change nothing. */
export interface VenueDeskWatch {
  changed?(state: VenueLinkState, cause: VenueTrouble | undefined): void;
  refused?(station: number, id: number, requestId: number, cause: VenueTrouble): void;
  trouble?(cause: VenueTrouble): void;
  /** A comparison with the venue was taken. */
  compared?(taken: ReconTaken): void;
  /** The session threw: it takes no more. */
  failed?(cause: unknown): void;
}

/**
 * Ties a venue's link to a session and its reconciliation desk: doors, reports, lost connections, questions that are
 * due and their answers. New orders flow after a whole comparison that leaves nothing to be done by itself.
 *
 * Make it in the `prepare` of `openSession`; `connect` the doors before the session begins or is resumed, then `open`.
 *
 * @invariant Orders whose fate is unknown are asked about again until the venue has told; nothing is sent twice.
 * @invariant After each connection no new order leaves before orders, executions and positions were compared.
 * @throws `FAULT_CONFIG` naming the option
 */
export class VenueDesk {
  readonly desk: ReconDesk;
  readonly link: VenueLink;
  readonly #session: TradingSession;
  readonly #clock: VenueClock;
  readonly #watch: VenueDeskWatch;
  readonly #recheckNs: number;
  #takeBack: (() => void) | undefined = undefined;
  #takeBackLater: (() => void) | undefined = undefined;
  #isOpen = false;
  #isAsking = false;
  #wantsMore = false;

  constructor(session: TradingSession, options: VenueDeskOptions) {
    const { link, clock, watch, hands, ...rest } = options;
    checkKeys("venueDesk.watch", watch ?? {}, ["changed", "refused", "trouble", "compared", "failed"]);
    checkMethods("venueDesk.link", link, ["door"]);
    checkMethods("venueDesk.clock", clock, ["after"]);
    this.link = link;
    this.#session = session;
    this.#clock = clock;
    this.#watch = watch ?? {};
    this.#recheckNs = rest.recheckNs ?? rest.rules.ackTimeoutNs;
    this.desk = openDesk(session, {
      ...rest,
      ...{ venue: link.venue, account: link.account, stations: link.stations },
      names: {
        instrument: (station) => session.kernel.instruments[station]?.key ?? "",
        clientOrderId: (id, requestId) => link.ids.text(id, requestId),
        execId: (number) => link.executions.textOf(number),
        execNumber: (text) => link.executions.numberOf(text),
      },
      hands: {
        queryOrder: () => this.#askAgain(),
        queryFills: () => this.#askAgain(),
        cancelOrphan: (orderId, _, station) => this.#cancelOrphan(orderId, station, hands),
        ...hands,
      },
    });
    const part = `venue ${link.venue} ${link.account}`;
    session.attach({
      name: part,
      save: () => link.executions.save(),
      load: (saved) => link.executions.load(saved as ReturnType<typeof link.executions.save>),
      replay: (note) => {
        const [number, text] = note as [number, string];
        link.executions.learn(number, text);
      },
    });
    link.executions.onLearned = (number, text) => {
      if (session.isRunning) session.remark({ says: [], part, note: [number, text] });
    };
  }

  /** Connects the doors of all instruments of the link to the session. */
  connect(): void {
    for (const station of this.link.stations) this.#session.connect(station, this.link.door(station));
  }

  /** Opens the link, once the session runs. @throws what `VenueLink.open` throws */
  async open(): Promise<void> {
    this.#isOpen = true;
    this.desk.disconnected(this.#now());
    try {
      await this.link.open(this.#host());
    } catch (cause) {
      this.#isOpen = false;
      throw cause;
    }
    this.#plan();
  }

  /** Closes the link; the session goes on without it. */
  async close(): Promise<void> {
    this.#isOpen = false;
    this.#takeBack?.();
    this.#takeBackLater?.();
    this.#takeBack = undefined;
    this.#takeBackLater = undefined;
    await this.link.close();
  }

  /** Compares with the venue as soon as can be. */
  compare(): void {
    if (!this.#isOpen) return;
    this.desk.connected(this.#now());
    this.#plan();
  }

  #host(): VenueLinkHost {
    const session = this.#session;
    const watch = this.#watch;
    return {
      report: (station, cells, offset, fee) => {
        const now = this.#now();
        cells[offset + FIELD.timeNs] = now;
        const told = this.desk.feeOf(station, cells, offset, fee);
        session.report(station, cells, offset, now, undefined, told);
        if (fee === undefined && cells[offset + FIELD.kind] === REPORT.trade) this.#compareFees();
      },
      order: (id) => heldOrder(session, id),
      disconnected: (station) => session.disconnected(station, this.#now()),
      changed: (state, cause) => {
        if (state === "lost") this.desk.disconnected(this.#now());
        if (state === "resyncing") this.compare();
        watch.changed?.(state, cause);
      },
      named: (id, orderId) => this.desk.named(id, orderId),
      doubtful: () => this.compare(),
      refused: (station, id, requestId, cause) => watch.refused?.(station, id, requestId, cause),
      trouble: (cause) => watch.trouble?.(cause),
      failed: (cause) => {
        this.#isOpen = false;
        watch.failed?.(cause);
      },
      isBlocked: (station, sideSign, lots) => this.desk.blocks(station, sideSign, lots),
      foreign: () => this.compare(),
    };
  }

  #now(): number {
    return Math.max(this.#session.kernel.nowNs[0] as number, this.#clock.nowNs());
  }

  /** An execution came without what it cost: its fee is asked for soon, with those of others. */
  #compareFees(): void {
    if (!this.#isOpen) return;
    this.desk.dropCopied(this.#now());
    this.#plan();
  }

  /** Sets the timer for the next question. */
  #plan(): void {
    this.#takeBack?.();
    this.#takeBack = undefined;
    if (!this.#isOpen) return;
    const delay = Math.max(0, this.desk.nextNs() - this.#now());
    this.#takeBack = this.#clock.after(this.#isAsking ? Math.max(delay, this.#recheckNs) : delay, () => {
      this.#takeBack = undefined;
      this.#due();
    });
  }

  #due(): void {
    const { state } = this.link;
    const canAsk = this.#isOpen && (state === "resyncing" || state === "live") && this.#session.isRunning;
    if (!canAsk) return;
    const asked = this.desk.due(this.#now());
    if (asked === undefined) this.#plan();
    else void this.#answer(asked);
  }

  /** The next question asks by name and for all executions: two under way would make each other's answers stale. */
  #askAgain(): void {
    this.#wantsMore = true;
  }

  /** Asks what is due, and takes the answer. */
  async #answer(asked: ReconAsk): Promise<void> {
    this.#isAsking = true;
    const { sections, fillsFromNs, clientOrderIds } = asked;
    const hasAnswer = await this.#ask({ sections, fillsFromNs, clientOrderIds });
    this.#isAsking = false;
    if (!this.#isOpen) return;
    this.#careful(() => {
      if (!hasAnswer) this.desk.failed(this.#now());
      else if (this.link.state === "resyncing" && this.#isWhole(asked) && this.#isSettled())
        this.link.resynced();
    });
    this.#plan();
    if (hasAnswer && (this.link.state === "resyncing" || this.#hasUnknown())) this.#compareLater();
  }

  /** Asks the venue, and compares what it says; whether it said anything that could be compared. */
  async #ask(question: VenueQuestion): Promise<boolean> {
    try {
      const snapshot = await this.link.ask(question);
      if (!this.#isOpen || !this.#session.isRunning) return false;
      return this.#careful(() => {
        const taken = this.desk.take(snapshot, this.#now());
        if (isRefusal(taken)) return false;
        this.#watch.compared?.(taken);
        if (this.#wantsMore) this.compare();
        this.#wantsMore = false;
        return true;
      });
    } catch (cause) {
      this.#watch.trouble?.(troubleOf(cause));
      return false;
    }
  }

  #careful<Value>(work: () => Value): Value | false {
    try {
      return work();
    } catch (cause) {
      this.#isOpen = false;
      this.#watch.failed?.(cause);
      return false;
    }
  }

  #isWhole({ sections }: ReconAsk): boolean {
    return ["orders", "fills", "positions"].every((each) => (sections as readonly string[]).includes(each));
  }

  /** Whether nothing is left that the desk would do by itself. */
  #isSettled(): boolean {
    return !this.#hasUnknown() && this.desk.breaks().every(({ isAutomatic }) => !isAutomatic);
  }

  /** Whether an order's fate is unknown. */
  #hasUnknown(): boolean {
    const { orders } = this.#session.kernel;
    return orders.id.some(
      (id, row) =>
        id > 0 &&
        this.link.stations.includes(orders.instrument[row] as number) &&
        orders.isOpen(row) &&
        ((orders.flags[row] as number) & (ROW_FLAG.unknown | ROW_FLAG.reconcile)) !== 0,
    );
  }

  #compareLater(): void {
    this.#takeBackLater?.();
    this.#takeBackLater = this.#clock.after(this.#recheckNs, () => {
      this.#takeBackLater = undefined;
      this.compare();
    });
  }

  #cancelOrphan(orderId: string, station: number | null, hands: { alert(alert: ReconAlert): void }): void {
    if (station === null) {
      hands.alert({ reason: "instrument", break: null, detail: `order ${orderId}, which is none of ours` });
      return;
    }
    void this.link.cancelOrder(station, orderId).then(({ outcome }) => {
      if (outcome !== "answered") this.compare();
    });
  }
}

/** An order that a session holds, as a link asks for it. */
export function heldOrder({ kernel }: TradingSession, id: number): VenueHeldOrder | undefined {
  const { orders } = kernel;
  const row = orders.rowOf(id);
  if (row < 0) return undefined;
  return {
    row,
    station: orders.instrument[row] as number,
    isAcknowledged: ((orders.flags[row] as number) & ROW_FLAG.acknowledged) !== 0,
    isOpen: orders.isOpen(row) || orders.restsOvernight(row),
    cumLots: orders.cumLots[row] as number,
    termsRequestId: orders.termsRequestId[row] as number,
  };
}

/** Why a venue did not answer: the code its client's fault names. */
function troubleOf(cause: unknown): VenueTrouble {
  const words = cause instanceof Error ? cause.message : String(cause);
  const value = cause instanceof Fault ? cause.value : undefined;
  const isCode = typeof value === "string" && value.startsWith("VENUE_");
  return { code: isCode ? (value as VenueTrouble["code"]) : "VENUE_UNREACHABLE", words };
}
