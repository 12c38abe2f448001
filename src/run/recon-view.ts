import { type Refusal, refuse } from "../base/index.ts";
import type { TradingKernel } from "../kernel/index.ts";
import type { Instrument } from "../model/index.ts";
import { EXECUTION, ORDER_STATUS, REQUEST, ROW_FLAG } from "../order/index.ts";
import type {
  FillRow,
  LocalOrder,
  LocalView,
  ReconRefusalCode,
  ReconState,
  RequestRow,
  VenueSnapshot,
} from "../recon/index.ts";
import type { KeptExecution, ReconFills } from "./recon-fills.ts";
import type { ReconNames } from "./recon-hands.ts";
import type { ReconCard, ReconOrders } from "./recon-orders.ts";

/** What a {@link ReconView} reads. */
export interface ReconViewParts {
  readonly venue: string;
  readonly account: string;
  readonly kernel: TradingKernel;
  readonly stations: readonly number[];
  readonly names: ReconNames;
  readonly orders: ReconOrders;
  readonly fills: ReconFills;
  readonly comparesCash: boolean;
}

/** A request that waits for its answer. */
export interface WaitingRequest {
  readonly id: number;
  readonly requestId: number;
  readonly kind: RequestRow["kind"];
}

/** What we hold, and what its names stand for in the kernel. */
export interface LocalBook {
  readonly view: LocalView;
  /** The store's row of every order in the view, by id. */
  readonly rows: ReadonlyMap<number, number>;
  readonly orders: ReadonlyMap<number, LocalOrder>;
  /** Orders by every client order id of their chains. */
  readonly ids: ReadonlyMap<string, number>;
  readonly requests: ReadonlyMap<string, WaitingRequest>;
}

/** No request waits. */
const NONE: readonly { readonly request: RequestRow; readonly requestId: number }[] = [];

/**
 * Reads the kernel as one account at one venue: its orders, executions, positions and cash.
 *
 * @invariant What the order store says is booked is what the view lists: executions that were busted or corrected there
 * are taken over.
 * @cost O(capacity of the store + executions held); no hot path.
 */
export class ReconView {
  readonly #parts: ReconViewParts;
  /** Rows made of executions before: most stay as they are from one comparison to the next. */
  readonly #made = new WeakMap<KeptExecution, FillRow>();

  constructor(parts: ReconViewParts) {
    this.#parts = parts;
  }

  /** The state of an order as far as reconciliation cares. */
  stateOf(row: number): ReconState {
    const store = this.#parts.kernel.orders;
    switch (store.base[row]) {
      case ORDER_STATUS.created:
      case ORDER_STATUS.pendingNew:
        return "pendingNew";
      case ORDER_STATUS.filled:
        return "filled";
      case ORDER_STATUS.canceled:
        return "canceled";
      case ORDER_STATUS.rejected:
        return "rejected";
      case ORDER_STATUS.expired:
        return "expired";
      case ORDER_STATUS.calculated:
        return (store.cumLots[row] as number) >= (store.lots[row] as number) ? "filled" : "expired";
      default:
        return "open";
    }
  }

  /** Everything we hold now. */
  build(nowNs: number): LocalBook {
    const { kernel, stations, names, orders, fills, venue, account, comparesCash } = this.#parts;
    const rows = this.#rows();
    orders.retain((id) => rows.has(id));
    fills.retain((id) => rows.has(id));
    const requests = new Map<string, WaitingRequest>();
    const byId = new Map<number, LocalOrder>();
    const ids = new Map<string, number>();
    for (const [id, row] of rows) {
      const order = this.#order(id, row, requests);
      byId.set(id, order);
      for (const text of order.clientOrderIds) ids.set(text, id);
    }
    this.#takeOver(rows);
    const { ledger } = kernel;
    const cash = comparesCash ? Object.entries(ledger.snapshot().cash) : [];
    const view: LocalView = {
      venue,
      account,
      nowNs,
      orders: [...byId.values()],
      fills: Array.from(fills.all(), (each) => this.#fill(each)),
      positions: stations.map((station) => ({
        instrument: names.instrument(station),
        lots: kernel.ledger.positionLots[station] as number,
      })),
      cash: cash.filter(([code]) => ledger.isListed(code)).map(([currency, minor]) => ({ currency, minor })),
    };
    return { view, rows, orders: byId, ids, requests };
  }

  /**
   * A snapshot without what can't be compared: executions that we let go, cash that others use as well.
   *
   * @refuses `RECON_SNAPSHOT_STALE` where executions after it were let go.
   */
  trim(snapshot: VenueSnapshot): VenueSnapshot | Refusal<ReconRefusalCode> {
    const { comparesCash, fills, kernel } = this.#parts;
    if (typeof snapshot !== "object" || snapshot === null) return snapshot;
    const { cash: told, ...rest } = snapshot;
    // Of a base currency that the session's cash does not name it is not known what the account owned before.
    const { ledger } = kernel;
    const isOpen = (code: string): boolean => ledger.currencies.includes(code) && !ledger.isListed(code);
    const cash = Array.isArray(told) ? told.filter((each) => !isOpen(each?.currency)) : told;
    const known = comparesCash && cash !== undefined ? { ...rest, cash } : rest;
    const { forgottenNs } = fills;
    if (forgottenNs === null || typeof snapshot.asOfNs !== "number") return known;
    if (forgottenNs >= snapshot.asOfNs) {
      const expected = `after ${forgottenNs}, since when executions are kept`;
      return refuse("RECON_SNAPSHOT_STALE", "venue.asOfNs", snapshot.asOfNs, expected);
    }
    if (!Array.isArray(snapshot.fills)) return known;
    const fromNs = Math.max(forgottenNs + 1, snapshot.fillsFromNs ?? -Infinity);
    const { fillsThroughNs, ...open } = known;
    const kept = {
      ...open,
      fills: snapshot.fills.filter((fill) => !(fill?.venueNs <= forgottenNs)),
      fillsFromNs: fromNs,
    };
    return fillsThroughNs === undefined || fillsThroughNs < fromNs ? kept : { ...kept, fillsThroughNs };
  }

  /** The rows of this venue's orders, by id, oldest first. */
  #rows(): Map<number, number> {
    const { kernel, stations } = this.#parts;
    const { orders } = kernel;
    const mine = new Set(stations);
    const found: [number, number][] = [];
    for (let row = 0; row < orders.capacity; row++) {
      const id = orders.id[row] as number;
      if (id > 0 && mine.has(orders.instrument[row] as number)) found.push([id, row]);
    }
    return new Map(found.sort(([left], [right]) => left - right));
  }

  #order(id: number, row: number, waiting: Map<string, WaitingRequest>): LocalOrder {
    const { kernel, names, orders } = this.#parts;
    const store = kernel.orders;
    const card = orders.open(id, store.createdNs[row] as number);
    const state = this.stateOf(row);
    const isLive = state === "open" || state === "pendingNew";
    // What no venue has acknowledged can bear the name of an unanswered replace, and of nothing that was refused.
    const isSilent = state === "pendingNew";
    const numbers = new Set<number>();
    if (!isSilent) for (const [requestId] of card.requests) numbers.add(requestId);
    const terms = store.termsRequestId[row] as number;
    if (terms > 0) numbers.add(terms);
    const requests = this.#requests(card, row);
    for (const { request, requestId } of requests) {
      waiting.set(request.clientOrderId, { id, requestId, kind: request.kind });
      if (!isSilent || request.kind === "replace") numbers.add(requestId);
    }
    const chain = [card.clientOrderId];
    for (const each of numbers) chain.push(names.clientOrderId(id, each));
    if (state === "pendingNew") waiting.set(card.clientOrderId, { id, requestId: 0, kind: "new" });
    const doubt = ROW_FLAG.unknown | ROW_FLAG.reconcile;
    const made: { -readonly [Field in keyof LocalOrder]: LocalOrder[Field] } = {
      clientOrderIds: chain,
      instrument: names.instrument(store.instrument[row] as number),
      side: (store.side[row] as number) > 0 ? "buy" : "sell",
      priceTicks: store.priceTicks[row] as number,
      lots: store.lots[row] as number,
      cumLots: store.cumLots[row] as number,
      state: isLive ? state : (card.endState ?? state),
      sentNs: card.sentNs,
      isUnknown: card.isUnknown || ((store.flags[row] as number) & doubt) !== 0,
      requests: requests.map(({ request }) => request),
    };
    if (card.orderId !== null) made.orderId = card.orderId;
    if (card.updatedNs !== null) made.updatedNs = card.updatedNs;
    return made;
  }

  #requests(
    card: ReconCard,
    row: number,
  ): readonly { readonly request: RequestRow; readonly requestId: number }[] {
    const { kernel, names } = this.#parts;
    const store = kernel.orders;
    const from = row * store.requestSlots;
    if (store.pendingCount[row] === 0) return NONE;
    return Array.from({ length: store.pendingCount[row] as number }, (_, i) => {
      const requestId = store.pendingId[from + i] as number;
      const sentNs = card.requests.find((each) => each[0] === requestId)?.[1] ?? card.sentNs;
      const clientOrderId = names.clientOrderId(card.id, requestId);
      if (store.pendingKind[from + i] === REQUEST.cancel) {
        return { requestId, request: { kind: "cancel", clientOrderId, sentNs } };
      }
      const priceTicks = store.pendingTicks[from + i] as number;
      const lots = store.pendingLots[from + i] as number;
      return { requestId, request: { kind: "replace", clientOrderId, sentNs, priceTicks, lots } };
    });
  }

  /** Brings the kept executions of one held order in line with the store: before its row is used again. */
  amended(id: number, row: number, exchNs: number): void {
    const { kernel, fills, orders } = this.#parts;
    const card = orders.get(id);
    if (card === undefined) return;
    const pool = kernel.orders.executions;
    const live = new Set<string>();
    let node = kernel.orders.firstExecution[row] as number;
    for (; node >= 0; node = pool.next[node] as number) {
      if (pool.kind[node] === EXECUTION.live) live.add(this.#keep(card, row, node, exchNs));
    }
    for (const each of [...fills.all()])
      if (each.id === id && !live.has(each.execId)) fills.drop(each.execId);
  }

  /** Brings the kept executions of held orders in line with the store, which had them busted or corrected. */
  #takeOver(rows: ReadonlyMap<number, number>): void {
    const { kernel, fills, orders } = this.#parts;
    const pool = kernel.orders.executions;
    const live = new Set<string>();
    for (const [id, row] of rows) {
      const card = orders.get(id) as ReconCard;
      for (
        let node = kernel.orders.firstExecution[row] as number;
        node >= 0;
        node = pool.next[node] as number
      ) {
        if (pool.kind[node] === EXECUTION.live) live.add(this.#keep(card, row, node));
      }
    }
    // What is dropped while a Map is walked through is not met again.
    for (const each of fills.all()) {
      if (rows.has(each.id) && !live.has(each.execId)) fills.drop(each.execId);
    }
  }

  /**
   * Keeps one live execution of the store as it is there; its name. One that was corrected may count from its
   * correction at the venue: what is let go must not be older here than there.
   */
  #keep(card: ReconCard, row: number, node: number, exchNs?: number): string {
    const { kernel, fills, names } = this.#parts;
    const store = kernel.orders;
    const pool = store.executions;
    const number = pool.execId[node] as number;
    const renamed = fills.otherName(card.id, number);
    const execId = renamed ?? names.execId(number, card.id);
    const [lots, priceTicks] = [pool.lots[node] as number, pool.ticks[node] as number];
    const known = fills.get(execId);
    if (known !== undefined && known.id !== card.id) return execId;
    if (known?.number === number && known.lots === lots && known.priceTicks === priceTicks) return execId;
    if (known === undefined && number <= card.forgottenExec) return execId;
    const before = known ?? this.#corrected(card.id, pool.refExecId[node] as number);
    const toldNs = exchNs ?? card.updatedNs ?? card.sentNs;
    const forgotten = fills.put({
      execId,
      id: card.id,
      number,
      station: store.instrument[row] as number,
      sign: store.side[row] as number,
      priceTicks,
      lots,
      venueNs: before?.venueNs ?? toldNs,
      latestNs: Math.max(before?.latestNs ?? toldNs, toldNs),
      isMaker: before?.isMaker ?? false,
      // A correction leaves a fee in another currency as it was charged; of one in the quote currency nobody knows.
      feeMinor: before?.feeCurrency === undefined ? null : before.feeMinor,
      feeCurrency: before?.feeCurrency,
      orderId: card.orderId,
      clientOrderId: card.clientOrderId,
    });
    this.forgot(forgotten);
    return execId;
  }

  /** Notes on its order's card that an execution is not kept any more. */
  forgot(row: KeptExecution | undefined): void {
    const card = row === undefined ? undefined : this.#parts.orders.get(row.id);
    if (card !== undefined && row !== undefined)
      card.forgottenExec = Math.max(card.forgottenExec, row.number);
  }

  #corrected(id: number, number: number): KeptExecution | undefined {
    const { fills, names } = this.#parts;
    if (!(number > 0)) return undefined;
    return fills.get(fills.otherName(id, number) ?? names.execId(number, id));
  }

  #fill(each: KeptExecution): FillRow {
    const { kernel, names, orders } = this.#parts;
    const orderId = orders.get(each.id)?.orderId ?? each.orderId ?? undefined;
    const known = this.#made.get(each);
    if (known !== undefined && known.orderId === orderId) return known;
    const instrument = kernel.instruments[each.station] as Instrument;
    const currency = instrument.quote.code;
    const notional = instrument.notionalMinor(each.priceTicks, each.lots);
    const money =
      each.feeMinor === null
        ? {}
        : {
            cash: { currency, minor: String(each.sign > 0 ? -notional : notional) },
            fee: { currency: each.feeCurrency ?? currency, minor: String(each.feeMinor) },
          };
    const made: FillRow = {
      execId: each.execId,
      ...(orderId === undefined ? {} : { orderId }),
      ...(each.clientOrderId === null ? {} : { clientOrderId: each.clientOrderId }),
      instrument: names.instrument(each.station),
      side: each.sign > 0 ? "buy" : "sell",
      priceTicks: each.priceTicks,
      lots: each.lots,
      venueNs: each.venueNs,
      ...money,
    };
    this.#made.set(each, made);
    return made;
  }
}
