import fc from "fast-check";
import type {
  CashRow,
  FillRow,
  LocalOrder,
  LocalView,
  ReconAction,
  ReconState,
  RequestRow,
  VenueFill,
  VenueOrder,
  VenueSnapshot,
} from "../../src/recon/index.ts";

/** One second in ns. */
export const S = 1_000_000_000;
/** The account of the world. */
export const SCOPE = { venue: "x", account: "main" } as const;
/** The venue's history is over by then. */
export const END_NS = 200 * S;

type Mutable<Row> = { -readonly [Field in keyof Row]: Row[Field] };

/** What really happens to one order, in seconds. */
export interface Fate {
  readonly sent: number;
  /** Seconds until the venue has it; `null`: it never arrives. */
  readonly travel: number | null;
  readonly side: "buy" | "sell";
  readonly instrument: "AAA" | "BBB";
  readonly price: number;
  /** Lots of its executions, and seconds before each. */
  readonly fills: readonly { readonly lots: number; readonly after: number }[];
  readonly restLots: number;
  /** Seconds after the last execution until it ends by a word of the venue; `null`: never. */
  readonly ends: { readonly after: number; readonly state: "canceled" | "expired" } | null;
  /** A replace of its price, whether it arrives, seconds after the order was sent. */
  readonly replace: { readonly after: number; readonly price: number; readonly arrives: boolean } | null;
}

/** How reports reach us: seconds late, or `null` for lost. Taken in turn. */
export type Delays = readonly (number | null)[];

/** A random fate. */
export const fate: fc.Arbitrary<Fate> = fc.record({
  sent: fc.integer({ min: 1, max: 60 }),
  travel: fc.option(fc.constant(1), { freq: 6 }),
  side: fc.constantFrom("buy", "sell"),
  instrument: fc.constantFrom("AAA", "BBB"),
  price: fc.integer({ min: 1, max: 9 }),
  fills: fc.array(
    fc.record({ lots: fc.integer({ min: 1, max: 5 }), after: fc.integer({ min: 1, max: 30 }) }),
    {
      maxLength: 3,
    },
  ),
  restLots: fc.integer({ min: 0, max: 3 }),
  ends: fc.option(
    fc.record({ after: fc.integer({ min: 1, max: 20 }), state: fc.constantFrom("canceled", "expired") }),
  ),
  replace: fc.option(
    fc.record({
      after: fc.integer({ min: 3, max: 9 }),
      price: fc.integer({ min: 1, max: 9 }),
      arrives: fc.boolean(),
    }),
  ),
});

interface Truth {
  readonly fate: Fate;
  readonly clientOrderId: string;
  readonly requestId: string;
  readonly orderId: string;
  readonly lots: number;
  readonly arriveNs: number;
  readonly replaceNs: number;
  readonly fills: readonly VenueFill[];
  endNs: number;
  endState: ReconState;
}

/** The venue: what is true, and what it tells when it is asked. */
export class World {
  readonly truths: readonly Truth[];
  readonly asked = new Set<string>();

  constructor(fates: readonly Fate[]) {
    this.truths = fates.map((each, i) => truthOf(each, i));
  }

  /** Everything the venue holds at a time. */
  snapshot(asOfNs: number, sections: readonly string[], isComplete: boolean): VenueSnapshot {
    const orders = this.truths.flatMap((truth) => this.#rowAt(truth, asOfNs));
    const told = orders.filter(
      (row) => row.state === "open" || this.asked.has(row.clientOrderId ?? "") || this.#isAsked(row),
    );
    const fills = this.fillsAt(asOfNs);
    const positions = sumBy(fills.map((fill) => [fill.instrument, BigInt(signed(fill))]));
    const all = {
      orders: told,
      fills,
      positions: [...positions].map(([instrument, lots]) => ({ instrument, lots: Number(lots) })),
      cash: [...sumBy(fills.flatMap(movesOf))].map(([currency, minor]) => ({
        currency,
        minor: String(minor),
      })),
    };
    const some = Object.fromEntries(Object.entries(all).filter(([name]) => sections.includes(name)));
    const notFound = [...this.asked].filter((id) => !this.#knows(id, asOfNs));
    const through = isComplete && sections.includes("fills") ? { fillsThroughNs: asOfNs } : {};
    return { ...SCOPE, asOfNs, notFound, ...through, ...some };
  }

  fillsAt(asOfNs: number): readonly VenueFill[] {
    return this.truths.flatMap((truth) =>
      truth.fills.filter((fill) => fill.venueNs <= Math.min(asOfNs, truth.endNs)),
    );
  }

  cancel(orderId: string, nowNs: number): void {
    const truth = this.truths.find((each) => each.orderId === orderId);
    if (truth === undefined || truth.endNs <= nowNs) return;
    truth.endNs = nowNs;
    truth.endState = "canceled";
  }

  /** All that the venue would tell about every order. */
  askAll(): void {
    for (const truth of this.truths) this.asked.add(truth.clientOrderId).add(truth.requestId);
  }

  #isAsked(row: VenueOrder): boolean {
    return this.asked.has(row.originalClientOrderId ?? "");
  }

  #rowAt(truth: Truth, asOfNs: number): VenueOrder[] {
    if (truth.arriveNs > asOfNs) return [];
    const cumLots = this.fillsAt(asOfNs)
      .filter((fill) => fill.orderId === truth.orderId)
      .reduce((sum, fill) => sum + fill.lots, 0);
    const isReplaced = truth.replaceNs <= Math.min(asOfNs, truth.endNs);
    const row: Mutable<VenueOrder> = {
      orderId: truth.orderId,
      clientOrderId: isReplaced ? truth.requestId : truth.clientOrderId,
      instrument: truth.fate.instrument,
      side: truth.fate.side,
      priceTicks: isReplaced ? (truth.fate.replace?.price as number) : truth.fate.price,
      lots: truth.lots,
      cumLots,
      state: "open",
    };
    if (isReplaced) row.originalClientOrderId = truth.clientOrderId;
    if (cumLots === truth.lots) row.state = "filled";
    else if (truth.endNs <= asOfNs) row.state = truth.endState as "canceled";
    return [row];
  }

  #knows(id: string, asOfNs: number): boolean {
    return this.truths.some((truth) => {
      if (id === truth.clientOrderId) return truth.arriveNs <= asOfNs;
      return id === truth.requestId && truth.replaceNs <= Math.min(asOfNs, truth.endNs);
    });
  }
}

function truthOf(each: Fate, i: number): Truth {
  const sentNs = each.sent * S;
  const arriveNs = each.travel === null ? Infinity : sentNs + each.travel * S;
  let atNs = arriveNs;
  const fills = each.fills.map((fill, n): VenueFill => {
    atNs += fill.after * S;
    const sign = each.side === "buy" ? -1 : 1;
    return {
      execId: `e${i}-${n}`,
      orderId: `v${i}`,
      clientOrderId: `c${i}`,
      instrument: each.instrument,
      side: each.side,
      priceTicks: each.price,
      lots: fill.lots,
      venueNs: atNs,
      cash: { currency: "USD", minor: String(sign * each.price * fill.lots) },
      fee: { currency: "FEE", minor: String(fill.lots) },
    };
  });
  const lots = Math.max(1, each.restLots + each.fills.reduce((sum, fill) => sum + fill.lots, 0));
  const isOver = each.restLots === 0 && each.fills.length > 0;
  const hasEnd = each.ends !== null && !isOver && each.travel !== null;
  const hasReplace = each.replace?.arrives === true && each.travel !== null;
  const doneNs = isOver ? atNs : Infinity;
  const endNs = hasEnd ? atNs + (each.ends?.after ?? 0) * S : doneNs;
  const replaceNs = hasReplace ? sentNs + (each.replace?.after ?? 0) * S + S : Infinity;
  return {
    fate: each,
    clientOrderId: `c${i}`,
    requestId: `r${i}`,
    orderId: `v${i}`,
    lots,
    arriveNs: each.travel === null ? Infinity : arriveNs,
    replaceNs: replaceNs < endNs ? replaceNs : Infinity,
    fills: each.travel === null ? [] : fills,
    endNs,
    endState: isOver ? "filled" : (each.ends?.state ?? "canceled"),
  };
}

/** Lots with the sign of their side. */
export function signed(fill: FillRow): number {
  return fill.side === "buy" ? fill.lots : -fill.lots;
}

/** What a fill moves, by currency. */
export function movesOf(fill: FillRow): (readonly [string, bigint])[] {
  return [
    [fill.cash?.currency ?? "", BigInt(fill.cash?.minor ?? 0n)],
    [fill.fee?.currency ?? "", -BigInt(fill.fee?.minor ?? 0n)],
  ];
}

function sumBy(rows: readonly (readonly [string, bigint])[]): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const [key, value] of rows) sums.set(key, (sums.get(key) ?? 0n) + value);
  return sums;
}

type HostOrder = Omit<Mutable<LocalOrder>, "requests" | "clientOrderIds"> & {
  clientOrderIds: string[];
  requests: RequestRow[];
};

/** Our side: books what is reported, and does what breaks propose. A human approves everything. */
export class Host {
  readonly orders = new Map<string, HostOrder>();
  readonly fills = new Map<string, Mutable<FillRow>>();
  readonly positions = new Map<string, number>();
  readonly cash = new Map<string, bigint>();
  readonly #world: World;
  #reports: { readonly atNs: number; readonly run: () => void }[] = [];

  constructor(world: World, delays: Delays) {
    this.#world = world;
    let turn = 0;
    const report = (venueNs: number, run: () => void): void => {
      const delay = delays.length === 0 ? 0 : (delays[turn++ % delays.length] ?? null);
      if (delay !== null && Number.isFinite(venueNs)) this.#reports.push({ atNs: venueNs + delay * S, run });
    };
    for (const truth of world.truths) {
      const { sent, replace } = truth.fate;
      this.#reports.push({ atNs: sent * S, run: () => this.#send(truth) });
      report(truth.arriveNs, () => this.#acknowledge(truth));
      if (replace !== null) {
        this.#reports.push({ atNs: (sent + replace.after) * S, run: () => this.#sendReplace(truth) });
        report(truth.replaceNs, () => this.#answer(truth.requestId, true, truth.replaceNs));
      }
      for (const fill of truth.fills) {
        report(fill.venueNs, () => {
          if (fill.venueNs <= truth.endNs) this.book(fill);
        });
      }
      const endNs = truth.endNs;
      if (truth.endState !== "filled") report(endNs, () => this.#end(truth, endNs));
    }
    this.#reports.sort((left, right) => left.atNs - right.atNs);
  }

  view(nowNs: number): LocalView {
    while (this.#reports[0] !== undefined && this.#reports[0].atNs <= nowNs) this.#reports.shift()?.run();
    return {
      ...SCOPE,
      nowNs,
      orders: [...this.orders.values()].map((order) => ({ ...order, requests: [...order.requests] })),
      fills: [...this.fills.values()].map((fill) => ({ ...fill })),
      positions: [...this.positions].map(([instrument, lots]) => ({ instrument, lots })),
      cash: [...this.cash].map(([currency, minor]) => ({ currency, minor })),
    };
  }

  /** Books an execution, or takes it back. */
  book(fill: FillRow, factor: 1 | -1 = 1): void {
    if (factor === 1 && this.fills.has(fill.execId)) return;
    if (factor === 1) this.fills.set(fill.execId, { ...fill });
    else this.fills.delete(fill.execId);
    this.positions.set(fill.instrument, (this.positions.get(fill.instrument) ?? 0) + factor * signed(fill));
    for (const [currency, minor] of movesOf(fill)) {
      this.cash.set(currency, (this.cash.get(currency) ?? 0n) + BigInt(factor) * minor);
    }
    const order = this.find(fill.orderId, fill.clientOrderId);
    if (order === undefined) return;
    order.cumLots += factor * fill.lots;
    if (order.cumLots >= order.lots && order.state !== "filled") this.#finish(order, "filled");
    else if (order.cumLots < order.lots && order.state === "filled") order.state = "open";
  }

  find(orderId: string | undefined, clientOrderId: string | null | undefined): HostOrder | undefined {
    const all = [...this.orders.values()];
    return (
      all.find((order) => orderId !== undefined && order.orderId === orderId) ??
      all.find((order) => order.clientOrderIds.includes(clientOrderId ?? ""))
    );
  }

  /** Does what an action says. */
  apply(action: ReconAction, nowNs: number): void {
    switch (action.type) {
      case "bookFill":
        return this.book(action.fill);
      case "bustFill":
      case "quarantineFill":
        return this.#reviewFill(action.execId);
      case "queryHistory":
        for (const id of action.clientOrderIds) this.#world.asked.add(id);
        return;
      case "requestStatus":
        this.#world.asked.add(action.clientOrderId);
        return;
      case "queryFills":
        return;
      case "answerRequest":
        return this.#answer(action.requestId, action.isAccepted, undefined, action.orderId ?? undefined);
      case "applyTerminal":
        return this.#change(action.clientOrderId, (order) => {
          this.#finish(order, action.state);
          order.cumLots = action.cumLots;
        });
      case "closeUnknown":
        return this.#change(action.clientOrderId, (order) => this.#finish(order, "rejected"));
      case "adoptOrder":
        return this.#adopt(action.order, action.cumLots, action.clientOrderId);
      case "cancelOrder":
        return this.#world.cancel(action.orderId, nowNs);
      case "takeVenueTerms":
        return this.#change(action.clientOrderId, (order) => {
          const { side, instrument, priceTicks, lots, cumLots } = action.order;
          Object.assign(order, { side, instrument, priceTicks, lots, cumLots });
        });
      case "correctPosition":
      case "haltSymbol":
        this.positions.set(action.instrument, (this.positions.get(action.instrument) ?? 0) + action.lots);
        return;
      case "adjustCash":
        this.cash.set(action.currency, (this.cash.get(action.currency) ?? 0n) + BigInt(action.minor));
        if (action.execId !== null) this.#adjustFee(action.execId, BigInt(action.minor));
        return;
      case "rechargeFee":
        this.#recharge(action.execId, action.to);
    }
  }

  #send(truth: Truth): void {
    const { fate: each, clientOrderId } = truth;
    const sentNs = each.sent * S;
    this.orders.set(clientOrderId, {
      clientOrderIds: [clientOrderId],
      instrument: each.instrument,
      side: each.side,
      priceTicks: each.price,
      lots: truth.lots,
      cumLots: 0,
      state: "pendingNew",
      sentNs,
      requests: [{ kind: "new", clientOrderId, sentNs }],
    });
  }

  #acknowledge(truth: Truth): void {
    this.#answer(truth.clientOrderId, true, truth.arriveNs, truth.orderId);
  }

  #sendReplace(truth: Truth): void {
    const order = this.orders.get(truth.clientOrderId);
    if (order === undefined || (order.state !== "open" && order.state !== "pendingNew")) return;
    const { after, price } = truth.fate.replace as { after: number; price: number };
    order.clientOrderIds.push(truth.requestId);
    const sentNs = (truth.fate.sent + after) * S;
    order.requests.push({ kind: "replace", clientOrderId: truth.requestId, sentNs, priceTicks: price });
  }

  #answer(requestId: string, isAccepted: boolean, venueNs: number | undefined, orderId?: string): void {
    for (const order of this.orders.values()) {
      const request = order.requests.find((each) => each.clientOrderId === requestId);
      if (request === undefined) continue;
      order.requests = order.requests.filter((each) => each !== request);
      if (orderId !== undefined) order.orderId = orderId;
      if (venueNs !== undefined) order.updatedNs = Math.max(order.updatedNs ?? 0, venueNs);
      if (isAccepted && order.state === "pendingNew") order.state = "open";
      if (isAccepted && request.kind === "replace") order.priceTicks = request.priceTicks ?? order.priceTicks;
    }
  }

  #end(truth: Truth, endNs: number): void {
    const order = this.orders.get(truth.clientOrderId);
    if (order === undefined || truth.endNs !== endNs) return;
    order.updatedNs = Math.max(order.updatedNs ?? 0, endNs);
    if (order.state === "open" || order.state === "pendingNew") this.#finish(order, truth.endState);
  }

  #finish(order: HostOrder, state: ReconState): void {
    order.state = state;
    order.requests = [];
  }

  #change(clientOrderId: string, change: (order: HostOrder) => void): void {
    const order = this.find(undefined, clientOrderId);
    if (order !== undefined) change(order);
  }

  #adopt(row: VenueOrder, cumLots: number, clientOrderId: string | null): void {
    const known = this.find(row.orderId, clientOrderId);
    const ids = known?.clientOrderIds ?? [clientOrderId ?? row.orderId];
    const { instrument, side, priceTicks, lots, orderId } = row;
    const terms = { instrument, side, priceTicks, lots, orderId, cumLots };
    const order: HostOrder = {
      clientOrderIds: ids,
      ...terms,
      state: "open",
      sentNs: known?.sentNs ?? 0,
      requests: [],
    };
    if (known?.updatedNs !== undefined) order.updatedNs = known.updatedNs;
    this.orders.set(ids[0] as string, order);
  }

  /** The human looks at an execution, and makes it what the venue holds. */
  #reviewFill(execId: string): void {
    const ours = this.fills.get(execId);
    const theirs = this.#world.fillsAt(END_NS * 9).find((fill) => fill.execId === execId);
    if (ours !== undefined) this.book(ours, -1);
    if (theirs !== undefined) this.book(theirs);
  }

  /** What was charged in one currency is given back, and charged in another. */
  #recharge(execId: string, to: CashRow): void {
    const fill = this.fills.get(execId);
    if (fill?.fee === undefined) return;
    const { currency, minor } = fill.fee;
    this.cash.set(currency, (this.cash.get(currency) ?? 0n) + BigInt(minor));
    this.cash.set(to.currency, (this.cash.get(to.currency) ?? 0n) - BigInt(to.minor));
    fill.fee = to;
  }

  #adjustFee(execId: string, minor: bigint): void {
    const fill = this.fills.get(execId);
    if (fill?.fee === undefined) return;
    fill.fee = { currency: fill.fee.currency, minor: BigInt(fill.fee.minor) - minor };
  }
}
