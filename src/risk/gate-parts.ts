import { type ColumnPool, checkArray, checkInteger, checkKeys, Fault, formatScaled } from "../base/index.ts";
import { type Currency, type Instrument, ORDER_TYPE, toCurrency } from "../model/index.ts";
import { checkOptions } from "./check-options.ts";
import type { Decision } from "./decision.ts";
import { DECISION, DECISION_FIELD, DecisionLog } from "./decision-log.ts";
import { Exposure } from "./exposure.ts";
import { NODE, NODE_STRIDE, SOFT_LIMIT } from "./exposure-rows.ts";
import { hoursOf, numbersOf, statusOf } from "./gate-given.ts";
import { GateLosses } from "./gate-losses.ts";
import type { RiskGateOptions, TradingHours } from "./gate-options.ts";
import type { GateRules } from "./gate-rules.ts";
import { Hierarchy } from "./hierarchy.ts";
import { KillLatch } from "./kill-latch.ts";
import { type KillScopeKind, KillScopes } from "./kill-scopes.ts";
import { ACCOUNT, FIRM_NODE, LEVELS, type Level, PATH_LENGTH } from "./levels.ts";
import { burstOf, LIMIT_COLUMNS, LimitTable, parseMoneyBound, REQUIRED_MASK } from "./limit-table.ts";
import { LIMIT, type LimitName, type NodeLimits } from "./limits.ts";
import type { MarketStatus } from "./market-status.ts";
import { MessageCounts } from "./message-counts.ts";
import { ParentReserves } from "./parent-reserves.ts";
import { RecentOrders } from "./recent-orders.ts";
import { ReferencePrices } from "./reference-prices.ts";
import { RISK_CODE, type RiskRefusalCode } from "./refusals.ts";
import { Reservations } from "./reservations.ts";
import { SeenIds } from "./seen-ids.ts";
import { SELF_MATCH } from "./self-match.ts";
import { TokenBuckets } from "./token-bucket.ts";
import { ValueAtRisk } from "./value-at-risk.ts";
import { Worth } from "./worth.ts";

const NEW_ORDER = DECISION.order;
const [MINUTE_NS, DAY_NS] = [60_000_000_000, 86_400_000_000_000];
/** Messages within a minute that there is room for at least. */
const LEAST_MESSAGES = 4096;
/** Messages within a minute that there is room for at most. */
export const MOST_MESSAGES: number = 1 << 22;

/** Limits of one node as numbers. */
export interface ReadLimits {
  readonly node: number;
  readonly values: ReadonlyMap<LimitName, number>;
  readonly burst: number;
}

/** Everything the checks of a gate look at, built from its options. */
export class GateParts {
  readonly currency: Currency;
  readonly instruments: readonly Instrument[];
  readonly hierarchy: Hierarchy;
  readonly limits: LimitTable;
  readonly worth: Worth;
  readonly exposure: Exposure;
  readonly references: ReferencePrices;
  readonly orders: Reservations;
  readonly parents: ParentReserves;
  readonly perSecond: TokenBuckets;
  perMinute: MessageCounts;
  readonly status: MarketStatus | undefined;
  readonly hours: readonly (TradingHours | undefined)[];
  readonly log: DecisionLog;
  readonly latch: KillLatch;
  readonly scopes: KillScopes;
  /** The kill scope of each node, and of each instrument's venue; -1 where there is none. */
  readonly scopeOfNode: Int32Array;
  readonly scopeOfVenue: Int32Array;
  readonly isAtomic: Uint8Array;
  readonly volumeLots: Float64Array;
  readonly protectsMarketOrders: boolean;
  readonly rules: GateRules;
  readonly selfMatchMode: number;
  readonly ids: SeenIds;
  readonly recent: RecentOrders;
  readonly losses: GateLosses;
  readonly valueAtRisk: ValueAtRisk;
  /** A tick of each instrument in units of 1e-8 of its currency. */
  readonly tickE8: Float64Array;
  /** The number of the trading day, given to `newDay`. */
  day = 0;
  readonly #byKey: ReadonlyMap<string, number>;
  readonly #hasRules: boolean;
  readonly #warnEveryNs: number;
  /** When each limit of each node was warned of last. */
  readonly warnedNs: Float64Array;
  version = 1;
  /** Whether no level limits anything, no rule is given, and every session and status is taken for granted. */
  readonly isUnlimited: boolean;

  constructor(options: RiskGateOptions, columns?: ColumnPool) {
    checkOptions(options);
    const { instruments } = options;
    const keys = instruments.map((instrument) => instrument.key);
    this.instruments = instruments;
    this.#byKey = new Map(keys.map((key, i) => [key, i]));
    this.currency =
      typeof options.currency === "string"
        ? { code: options.currency, decimals: 2 }
        : toCurrency("riskGate.currency", options.currency);
    const classes = keys.map((key) => options.classes?.[key] ?? "all");
    this.hierarchy = new Hierarchy(options.seats, keys, classes);
    this.limits = new LimitTable(this.hierarchy.nodes, this.currency.decimals);
    this.worth = new Worth(this.currency, instruments);
    for (const [code, rate] of Object.entries(options.rates ?? {})) this.worth.setRate(code, rate);
    this.exposure = new Exposure(this.hierarchy, instruments.length, this.worth);
    this.references = new ReferencePrices(instruments.length, options.ages ?? {});
    const capacity = checkInteger("riskGate.capacity", options.capacity ?? 4096, 1, 1 << 20);
    this.orders = new Reservations(capacity, columns);
    this.parents = new ParentReserves(this.orders, this.hierarchy, this.exposure, this.worth, columns);
    this.perSecond = new TokenBuckets(
      { size: this.hierarchy.nodes },
      { rows: this.exposure.nodes, stride: NODE_STRIDE, first: NODE.bucket },
    );
    this.perMinute = this.#countsFor(LEAST_MESSAGES);
    this.status = statusOf(options.status, instruments.length);
    this.hours = keys.map((key) => hoursOf(options.hours, key));
    this.log = new DecisionLog(options.records ?? 4096);
    this.scopes = options.kill?.scopes ?? scopesFor(this.hierarchy, instruments);
    this.latch = options.kill?.latch ?? new KillLatch(this.scopes.size);
    this.scopeOfNode = Int32Array.from({ length: this.hierarchy.nodes }, (_, node) => this.#scopeOf(node));
    this.scopeOfVenue = Int32Array.from(instruments, ({ venue }) =>
      this.scopes.indexOf({ kind: "venue", name: venue }),
    );
    this.isAtomic = Uint8Array.from(instruments, ({ venue }) =>
      options.replacesByCancel?.includes(venue) === true ? 0 : 1,
    );
    this.volumeLots = numbersOf("riskGate.dailyVolumeLots", keys, options.dailyVolumeLots, Number.NaN);
    this.exposure.marginBps.set(numbersOf("riskGate.marginBps", keys, options.marginBps, 10_000));
    this.rules = options.rules ?? {};
    this.#hasRules = Object.keys(this.rules).length > 0;
    this.selfMatchMode = SELF_MATCH[options.selfMatch ?? "cancelNewest"];
    this.ids = new SeenIds({ seats: this.hierarchy.seats.length });
    this.recent = new RecentOrders({ capacity: 8192, ...options.duplicates }, columns);
    this.tickE8 = Float64Array.from(instruments, ({ tickSize }) => Math.round(tickSize * 100_000_000));
    const lossNs = checkInteger("riskGate.lossWindowNs", options.lossWindowNs ?? MINUTE_NS, 1);
    const drawdownNs = checkInteger("riskGate.drawdownWindowNs", options.drawdownWindowNs ?? DAY_NS, 1);
    this.losses = new GateLosses(this, this.hierarchy.nodes, lossNs, drawdownNs);
    const ageNs = checkInteger("riskGate.valueAtRiskAgeNs", options.valueAtRiskAgeNs ?? DAY_NS, 0);
    this.valueAtRisk = new ValueAtRisk(this.hierarchy.nodes, instruments.length, ageNs);
    this.protectsMarketOrders = options.protectsMarketOrders ?? true;
    this.#warnEveryNs = checkInteger("riskGate.warnEveryNs", options.warnEveryNs ?? MINUTE_NS, 0);
    this.warnedNs = new Float64Array(this.hierarchy.nodes * LIMIT_COLUMNS).fill(Number.NEGATIVE_INFINITY);
    for (const [i, item] of checkArray("riskGate.capital", options.capital, 0).entries()) {
      const path = `riskGate.capital[${i}]`;
      const amount = parseMoneyBound(`${path}.amount`, item.amount, this.currency.decimals);
      this.exposure.setNode(this.node(path, item.level, item.name), NODE.capital, amount);
    }
    this.setLimits("riskGate.limits", checkArray("riskGate.limits", options.limits), 0);
    this.isUnlimited =
      this.status === undefined &&
      Object.keys(this.rules).length === 0 &&
      this.hours.every((hours) => hours === undefined) &&
      this.limits.isUnlimited &&
      (this.limits.said[FIRM_NODE] as number) === ((this.limits.said[FIRM_NODE] as number) | REQUIRED_MASK);
    this.parents.counts = !this.isUnlimited;
  }

  /** An amount of the gate's money in words. */
  money(minor: number): string {
    const { code, decimals } = this.currency;
    return Number.isSafeInteger(minor)
      ? `${formatScaled(BigInt(minor), decimals)} ${code}`
      : `${minor} ${code}`;
  }

  /** The place of an instrument; undefined where there is none of that key. */
  instrumentOf(key: string): number | undefined {
    return this.#byKey.get(key);
  }

  /** The node of a level and name. @throws `FAULT_CONFIG` where there is none. */
  node(path: string, level: Level, name: string | undefined): number {
    const node = LEVELS.includes(level) ? this.hierarchy.find(level, name ?? "") : undefined;
    if (node !== undefined) return node;
    const expected = "a level and name of the gate's seats, classes and instruments; no name for the firm";
    throw new Fault("FAULT_CONFIG", { path, value: `${level} ${name ?? ""}`.trim(), expected });
  }

  /**
   * Sets limits of nodes: all of them, or none where one is wrong.
   *
   * @throws `FAULT_CONFIG` naming it; also on a gate that was built without any limit: it counts no exposure.
   */
  setLimits(path: string, list: readonly NodeLimits[], nowNs: number): void {
    this.applyLimits(this.readLimits(path, list), nowNs);
  }

  /** Reads limits of nodes and changes nothing. @throws as {@link GateParts.setLimits} */
  readLimits(path: string, list: readonly NodeLimits[]): readonly ReadLimits[] {
    this.checkCanChange(path, list);
    return list.map((each, i) => {
      const at = `${path}[${i}]`;
      checkKeys(at, each, ["level", "name", "limits"]);
      const { level, name, limits } = each;
      const values = this.limits.parse(`${at}.limits`, limits);
      const burst = burstOf(`${at}.limits.maxOrdersPerSecond`, limits.maxOrdersPerSecond);
      return { node: this.node(at, level, name), values, burst };
    });
  }

  /** Puts limits that were read in force. */
  applyLimits(parsed: readonly ReadLimits[], nowNs: number): void {
    for (const { node, values, burst } of parsed) {
      for (const [limit, value] of values) this.setLimit(node, limit, value, nowNs, burst);
    }
  }

  /** Throws `FAULT_CONFIG` for a gate that was built without any limit: it counts no exposure. */
  checkCanChange(path: string, value: unknown): void {
    if (!this.isUnlimited) return;
    throw new Fault("FAULT_CONFIG", { path, value, expected: "a gate that was built with a limit" });
  }

  /** Sets one limit of a node to a number that was read already. */
  setLimit(node: number, limit: LimitName, value: number, nowNs: number, burst: number): void {
    const { limits, exposure } = this;
    limits.set(node, limit, value);
    limits.say(node, limit);
    const figure = SOFT_LIMIT[limit];
    if (figure !== undefined)
      exposure.setNode(node, figure, limits.soft[node * LIMIT_COLUMNS + LIMIT[limit]] as number);
    exposure.setNode(node, NODE.hasShares, limits.hasShares(node) ? 1 : 0);
    if (limit === "maxOrdersPerSecond") {
      this.limits.burst[node] = burst;
      const isBound = value > 0 && value < Number.POSITIVE_INFINITY && burst > 0;
      this.perSecond.configure(node, isBound ? { ratePerSecond: value, burst } : undefined, nowNs);
    }
    if (limit === "maxWindowLoss" || limit === "maxDrawdown" || limit === "maxDrawdownShare")
      this.losses.configure(node);
    if (limit === "maxOrdersPerMinute") this.#growCounts();
  }

  /** Tells every rule that follows orders of one that was approved. */
  remember(decision: Decision, slot: number, nowNs: number): void {
    const { order } = decision;
    const isNew = decision.kind === NEW_ORDER;
    if (isNew) {
      if (this.perMinute.isCounted[decision.path] === 1) this.perMinute.log(decision.from, nowNs);
      this.ids.commit(order.seat, order.id);
      this.recent.commitChecked(nowNs);
    }
    if (!this.#hasRules) return;
    const { drift, locates, selfMatch, orderToTrade, breakers } = this.rules;
    const account = decision.nodeAt(ACCOUNT);
    if (!decision.isReducing) drift?.commit(order.instrument, order.side, decision.twiceReference / 2, nowNs);
    if (locates !== undefined && order.side < 0 && decision.shortLots > 0) {
      locates.reserve(slot, account, order.instrument, decision.shortLots, nowNs);
      this.parents.located(order.parent, decision.shortLots);
    }
    if (isNew && selfMatch !== undefined && order.type === ORDER_TYPE.limit) {
      selfMatch.add(slot, account, order.instrument, order.side, order.priceTicks, order.lots);
    }
    if (isNew) orderToTrade?.submitted(order.instrument, "single", order.lots);
    else orderToTrade?.modified(order.instrument, "single", this.orders.heldLots[slot] as number, order.lots);
    for (const breaker of breakers ?? []) breaker.sent();
  }

  /** A price in units of 1e-4 of its currency, rounded against a buyer or a seller. */
  priceE4(instrument: number, side: number, ticks: number): number {
    const exact = (ticks * (this.tickE8[instrument] as number)) / 10_000;
    return side > 0 ? Math.ceil(exact) : Math.floor(exact);
  }

  /** What a node made or lost since the start of its day. */
  dayProfitOf(node: number): number {
    return this.exposure.node(node, NODE.today);
  }

  /** What a node made or lost since the gate was built: no day resets it. */
  totalProfitOf(node: number): number {
    return this.exposure.node(node, NODE.before) + this.exposure.node(node, NODE.today);
  }

  /** Begins a node's day anew: what it made or lost so far is part of its capital. */
  beginDay(node: number): void {
    const { exposure } = this;
    const today = this.dayProfitOf(node);
    exposure.setNode(node, NODE.capital, this.equityOf(node));
    exposure.setNode(node, NODE.before, exposure.node(node, NODE.before) + today);
    exposure.setNode(node, NODE.today, 0);
    exposure.setNode(node, NODE.isLossLatched, 0);
  }

  /** What a node is worth now; NaN where its capital was not given. */
  equityOf(node: number): number {
    return this.exposure.node(node, NODE.capital) + this.dayProfitOf(node);
  }

  /** Latches a node that has lost what it may lose in a day. Says whether it is latched. */
  isOverDailyLoss(node: number): boolean {
    if (this.exposure.node(node, NODE.isLossLatched) === 1) return true;
    const limit = this.limits.hard[node * LIMIT_COLUMNS + LIMIT.maxDailyLoss] as number;
    if (this.dayProfitOf(node) > -limit) return false;
    this.exposure.setNode(node, NODE.isLossLatched, 1);
    return true;
  }

  /** Records that a limit is nearly used up, at most once in a while for each node and limit. */
  warn(
    decision: Decision,
    code: RiskRefusalCode,
    node: number,
    column: number,
    measured: number,
    bound: number,
  ): void {
    const at = node * LIMIT_COLUMNS + column;
    const now = decision.nowNs;
    const { log } = this;
    if (decision.collects || now - (this.warnedNs[at] as number) < this.#warnEveryNs || !log.hasRoomToWarn)
      return;
    this.warnedNs[at] = now;
    const offset = log.next();
    const { cells } = log;
    decision.writeApproved(cells, offset, log.count, DECISION.warning, this.version);
    cells[offset + DECISION_FIELD.code] = RISK_CODE[code];
    cells[offset + DECISION_FIELD.node] = node;
    cells[offset + DECISION_FIELD.limit] = column;
    cells[offset + DECISION_FIELD.measured] = measured;
    cells[offset + DECISION_FIELD.bound] = bound;
  }

  /**
   * Room for twice what can be let through in a minute, cancels count too: at most what the firm may send, and no more
   * than all seats may.
   */
  #growCounts(): void {
    const { paths } = this.hierarchy;
    let seats = 0;
    for (let from = 0; from < paths.length; from += PATH_LENGTH) {
      let least = Number.POSITIVE_INFINITY;
      for (let at = from; at < from + PATH_LENGTH; at++) {
        least = Math.min(least, this.limits.of(paths[at] as number, "maxOrdersPerMinute"));
      }
      const isBound = least < Number.POSITIVE_INFINITY;
      this.perMinute.isCounted[from / PATH_LENGTH] = isBound ? 1 : 0;
      if (isBound) seats += least;
    }
    const needed = 2 * Math.min(seats, this.limits.of(FIRM_NODE, "maxOrdersPerMinute"));
    if (needed <= this.perMinute.capacity || this.perMinute.capacity === MOST_MESSAGES) return;
    const grown = this.#countsFor(needed);
    this.perMinute.moveTo(grown);
    grown.isCounted.set(this.perMinute.isCounted);
    this.perMinute = grown;
  }

  #countsFor(messages: number): MessageCounts {
    const { paths } = this.hierarchy;
    let capacity = 2;
    while (capacity < messages && capacity < MOST_MESSAGES) capacity *= 2;
    return new MessageCounts(this.exposure.nodes, paths, MINUTE_NS, capacity);
  }

  #scopeOf(node: number): number {
    if (node === FIRM_NODE) return 0;
    const kind = LEVELS[this.hierarchy.levelOf[node] as number] as Level;
    if (kind === "class") return -1;
    return this.scopes.indexOf({ kind: kind as KillScopeKind, name: this.hierarchy.nameOf[node] as string });
  }
}

function scopesFor(hierarchy: Hierarchy, instruments: readonly Instrument[]): KillScopes {
  const named = (level: Level): string[] =>
    hierarchy.nameOf.filter((_, node) => LEVELS[hierarchy.levelOf[node] as number] === level);
  return new KillScopes({
    venue: [...new Set(instruments.map((instrument) => instrument.venue))],
    account: named("account"),
    desk: named("desk"),
    user: named("user"),
    strategy: named("strategy"),
    symbol: named("symbol"),
  });
}
