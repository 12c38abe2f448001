import { isRefusal } from "../base/index.ts";
import type { KernelRisk } from "../kernel/index.ts";
import { DepthBlock, MESSAGE_FIELD as FIELD, type Instrument, LAST, money, ROW } from "../model/index.ts";
import { NO_LIMITS } from "../risk/index.ts";
import type { OrderTicket, Strategy, StrategyContext } from "../strategy/index.ts";
import { VenueLink, type VenueOrderTerms } from "../venue/index.ts";
import { RehearsedVenue } from "./rehearsed-venue.ts";
import { openSession } from "./session-recovery.ts";
import type { TradingSession } from "./trading-session.ts";
import { heldOrder } from "./venue-desk.ts";
import { voidDisk } from "./void-disk.ts";

const SECOND_NS = 1_000_000_000;
/** Then a new session takes the place of the one there is: a step is a second of its time, and times are whole. */
const STEPS_MAX = 1_000_000;
const LEVELS = 2;
/** Promises between an order and the end of its answer, and some more. */
const HOPS = 32;
const CASH = 10n ** 15n;

/** What an {@link OrderRehearsal} is made from. */
export interface OrderRehearsalOptions {
  readonly instrument: Instrument;
  /** The rules of the gate that is rehearsed; of its limits those of the firm alone. */
  readonly risk: KernelRisk | undefined;
  /** Epoch ns. */
  readonly baseNs: bigint;
  /** What the venue's client does with an order before its bytes leave. */
  readonly rehearse: (order: VenueOrderTerms) => void;
}

/**
 * Walks the way of an order without sending one: a session of its own, by the same code from a row of the market to
 * the bytes for the venue, on a disk that keeps nothing and before a venue that answers at once. It shares with the
 * session that trades nothing but the code, which is compiled then, and in the caches of its core.
 *
 * @invariant Nothing leaves, nothing is recorded, nothing of the session that trades is read or changed.
 * @cost One step is an order from row to end: 20 us of the thread where all of it is warm.
 */
export class OrderRehearsal {
  readonly #options: OrderRehearsalOptions;
  readonly #block = new DepthBlock(LEVELS);
  #stage: Stage | undefined = undefined;
  #steps = 0;
  #orders = 0;

  constructor(options: OrderRehearsalOptions) {
    this.#options = options;
  }

  /** Orders that went the whole way. */
  get orders(): number {
    return this.#orders + (this.#stage?.probe.orders ?? 0);
  }

  /** Before the first step. */
  async open(): Promise<void> {
    this.#orders = this.orders;
    this.#stage = undefined;
    this.#steps = 0;
    this.#stage = await openStage(this.#options);
  }

  /** Resolves when the venue's answers to a step were heard, or do not come. */
  async settled(): Promise<void> {
    for (let hop = 0; hop < HOPS && this.#stage?.probe.isWaiting === true; hop++) await Promise.resolve();
  }

  /** Two rows of the market, an order of them, and its end: within the promises of the same turn. @units ticks */
  step(bidTicks: number): void {
    const stage = this.#stage;
    if (stage === undefined || stage.probe.isWaiting) return;
    this.#steps += 1;
    const nowNs = this.#steps * SECOND_NS;
    stage.nowNs = nowNs;
    const block = this.#block;
    for (let i = 0; i < LEVELS; i++) {
      block.kind[i] = i === 0 ? ROW.bid : ROW.ask | LAST;
      block.tick[i] = bidTicks + i;
      block.lots[i] = 1 + (this.#steps % 100);
      block.exch[i] = nowNs;
      block.local[i] = nowNs;
      stage.session.row(0, block, i, nowNs);
    }
    if (this.#steps === STEPS_MAX) void this.open();
  }
}

/** A session that trades with nobody. */
interface Stage {
  readonly session: TradingSession;
  readonly probe: Probe;
  nowNs: number;
}

async function openStage({ instrument, risk, baseNs, rehearse }: OrderRehearsalOptions): Promise<Stage> {
  const probe = new Probe(instrument);
  const { session } = openSession(
    "rehearsal",
    {
      ...{ name: "rehearsal", instruments: [instrument], strategies: [probe], seed: 1, baseNs },
      ...{ cash: [money(CASH, instrument.quote)], reporting: instrument.quote },
      ...{ orderCapacity: 256, lingerNs: 0, snapshotEveryNs: 0 },
      ...(risk === undefined ? {} : { risk: ownRisk(risk) }),
    },
    { policy: "sync", create: true, disk: voidDisk() },
  );
  const stage = { session, probe, nowNs: 0 };
  const link = new VenueLink({
    ...{ client: new RehearsedVenue(rehearse), instruments: [instrument], stations: [0] },
    // Every answer comes at once: no timer ever ends.
    ...{ clock: { nowNs: () => stage.nowNs, after: () => () => {} }, prefix: "r" },
    ...{ ordersKept: 16, fillsKept: 16 },
  });
  session.connect(0, link.door(0));
  session.start(0);
  const nothing = (): void => {};
  await link.open({
    report: (station, cells, offset) => {
      cells[offset + FIELD.timeNs] = stage.nowNs;
      session.report(station, cells, offset, stage.nowNs);
    },
    order: (id) => heldOrder(session, id),
    ...{ disconnected: nothing, named: nothing, doubtful: nothing, refused: nothing, trouble: nothing },
    ...{ changed: nothing, failed: nothing },
  });
  link.resynced();
  return stage;
}

/** The limits of the firm under no latch, at every hour. */
function ownRisk(risk: KernelRisk): KernelRisk {
  const { kill: _, ...rest } = risk;
  const firm = risk.limits.find(({ level }) => level === "firm")?.limits ?? NO_LIMITS;
  return { ...rest, capital: [], hours: "always", limits: [{ level: "firm", limits: firm }] };
}

/** Buys at the best bid, immediate or cancel. */
class Probe implements Strategy {
  readonly name = "rehearsal";
  orders = 0;
  readonly #instrument: Instrument;
  #last: OrderTicket | undefined = undefined;

  constructor(instrument: Instrument) {
    this.#instrument = instrument;
  }

  /** Whether its last order is not over. */
  get isWaiting(): boolean {
    return this.#last?.isOpen === true;
  }

  onBook(_: unknown, ctx: StrategyContext): void {
    const { key, minLots } = this.#instrument;
    const { hasAsk, bestBid } = ctx.book(key);
    if (!hasAsk || this.isWaiting) return;
    const said = ctx.submit({
      ...{ instrument: key, side: "buy", timeInForce: "IOC" },
      ...{ lots: minLots, priceTicks: bestBid },
    });
    if (isRefusal(said)) return;
    this.#last = said;
    this.orders += 1;
  }
}
