import type { RiskRefusalCode } from "../../src/risk/index.ts";

/** Levels of the hierarchy, widest first; the first five own positions. */
const LEVELS = ["firm", "desk", "account", "user", "strategy", "class", "symbol"] as const;
const OWNERS = 5;
const ACCOUNT = 2;

/** What the oracle compares of a decision; nothing else can refuse an order of the model. */
export const COMPARED = [
  "kill latch (firm, strategy)",
  "required limits",
  "trading hours",
  "halts",
  "maxOrderLots",
  "maxOrderValue",
  "maxVolumeShare",
  "priceCollarBps",
  "priceCollarTicks",
  "maxTicksThrough",
  "ids and repetitions",
  "maxOrdersPerSecond",
  "maxOrdersPerMinute",
  "reduce only",
  "maxLongLots",
  "maxShortLots",
  "maxGrossValue",
  "maxNetValue",
  "maxOpenOrders",
  "maxOpenValue",
  "maxConcentration",
  "maxMarginShare",
  "maxLeverage",
  "maxDailyLoss",
] as const;

/** A fraction, exact. */
export interface Fraction {
  readonly n: bigint;
  readonly d: bigint;
}

export function fraction(text: string): Fraction {
  const [whole, part = ""] = text.split(".");
  return { n: BigInt(`${whole}${part}`), d: 10n ** BigInt(part.length) };
}

function floorDiv(n: bigint, d: bigint): bigint {
  const q = n / d;
  return n % d !== 0n && n < 0n ? q - 1n : q;
}

export interface OracleInstrument {
  readonly key: string;
  readonly class: string;
  /** Cents that a tick times a lot is worth, and a minor unit of the currency it is quoted in. */
  readonly cents: Fraction;
  readonly minorCents: Fraction;
  readonly marginBps: number;
  readonly volumeLots: number | undefined;
  readonly isAtomic: boolean;
}

export interface OracleSeat {
  readonly desk: string;
  readonly account: string;
  readonly user: string;
  readonly strategy: string;
}

interface Terms {
  lots: number;
  ticks: number;
  unit: number;
}

interface Order extends Terms {
  readonly seat: number;
  readonly instrument: number;
  readonly side: number;
  cum: number;
  open: boolean;
  replaces: (Terms & { requestId: number })[];
}

interface Execution {
  readonly seat: number;
  readonly instrument: number;
  readonly side: number;
  readonly lots: number;
  readonly ticks: number;
}

export interface Asked {
  readonly seat: number;
  readonly instrument: number;
  readonly side: number;
  readonly isMarket: boolean;
  readonly lots: number;
  readonly ticks: number;
  readonly reduceOnly: boolean;
  readonly id: number;
  /** Everything that makes two orders the same. */
  readonly look: string;
  /** The order that is replaced. */
  readonly slot?: number;
}

/** One node of an order's path: its key, its level, and the node whose positions it looks at. */
interface Place {
  readonly key: string;
  readonly level: number;
  readonly owner: string;
}

/**
 * The whole decision from lists: every order, execution, quote and message ever told, summed again for each question,
 * in exact fractions.
 */
export class GateOracle {
  readonly orders = new Map<number, Order>();
  readonly executions: Execution[] = [];
  readonly charges: { seat: number; instrument: number; minor: number }[] = [];
  readonly limits = new Map<string, Record<string, string | undefined>>();
  readonly said = new Map<string, Set<string>>();
  readonly capital = new Map<string, number>();
  readonly #dayBase = new Map<string, bigint>();
  readonly #latched = new Set<string>();
  readonly #quotes = new Map<number, { bid: number; ask: number; at: number }>();
  readonly #trades = new Map<number, { ticks: number; at: number }>();
  readonly #marks = new Map<number, { bid: number; ask: number }>();
  readonly #highest = new Map<number, number>();
  readonly #sent: { look: string; at: number }[] = [];
  readonly #messages: { keys: readonly string[]; at: number }[] = [];
  readonly killed = new Set<string>();
  readonly halted = new Set<number>();
  isClosed = false;
  readonly seats: readonly OracleSeat[];
  readonly instruments: readonly OracleInstrument[];
  readonly required: readonly string[];
  readonly quoteAge: number;
  readonly tradeAge: number;
  readonly repeatNs: number;

  constructor(
    seats: readonly OracleSeat[],
    instruments: readonly OracleInstrument[],
    required: readonly string[],
    ages: { readonly quoteNs: number; readonly tradeNs: number; readonly repeatNs: number },
  ) {
    this.seats = seats;
    this.instruments = instruments;
    this.required = required;
    this.quoteAge = ages.quoteNs;
    this.tradeAge = ages.tradeNs;
    this.repeatNs = ages.repeatNs;
  }

  path(seat: number, instrument: number): Place[] {
    const who = this.seats[seat] as OracleSeat;
    const what = this.instruments[instrument] as OracleInstrument;
    const names = ["", who.desk, who.account, who.user, who.strategy, what.class, what.key];
    return LEVELS.map((name, level) => {
      const key = `${name} ${names[level]}`;
      return { key, level, owner: level < OWNERS ? key : "firm " };
    });
  }

  #owns(owner: string, seat: number): boolean {
    return this.path(seat, 0).some((place) => place.level < OWNERS && place.key === owner);
  }

  #instrumentsOf(key: string): number[] {
    const [level, ...name] = key.split(" ");
    const named = name.join(" ");
    return [...this.instruments.keys()].filter((i) => {
      const instrument = this.instruments[i] as OracleInstrument;
      if (level === "class") return instrument.class === named;
      return level !== "symbol" || instrument.key === named;
    });
  }

  #limit(key: string, name: string): Fraction | undefined {
    const text = this.limits.get(key)?.[name];
    return text === undefined ? undefined : fraction(text);
  }

  #isOver(key: string, name: string, measured: bigint): boolean {
    const limit = this.#limit(key, name);
    return limit !== undefined && measured * limit.d > limit.n;
  }

  up(instrument: number, tickLots: bigint): bigint {
    const { n, d } = (this.instruments[instrument] as OracleInstrument).cents;
    return -floorDiv(-tickLots * n, d);
  }

  position(owner: string, instrument: number): number {
    let lots = 0;
    for (const each of this.executions) {
      if (each.instrument === instrument && this.#owns(owner, each.seat)) lots += each.side * each.lots;
    }
    return lots;
  }

  worst(order: Order): { lots: number; tickLots: bigint } {
    if (!order.open) return { lots: 0, tickLots: 0n };
    const versions = [order, ...order.replaces].map(({ lots, unit }) => {
      const leaves = Math.max(0, lots - order.cum);
      return { lots: leaves, tickLots: BigInt(leaves) * BigInt(unit) };
    });
    const { isAtomic } = this.instruments[order.instrument] as OracleInstrument;
    return versions.reduce((sum, each) =>
      isAtomic
        ? {
            lots: Math.max(sum.lots, each.lots),
            tickLots: sum.tickLots > each.tickLots ? sum.tickLots : each.tickLots,
          }
        : { lots: sum.lots + each.lots, tickLots: sum.tickLots + each.tickLots },
    );
  }

  /** Lots and tick-lots that open orders of a side may still do. */
  open(owner: string, instrument: number, side: number): { lots: number; tickLots: bigint } {
    let [lots, tickLots] = [0, 0n];
    for (const order of this.orders.values()) {
      if (order.instrument !== instrument || order.side !== side || !this.#owns(owner, order.seat)) continue;
      const worst = this.worst(order);
      lots += worst.lots;
      tickLots += worst.tickLots;
    }
    return { lots, tickLots };
  }

  /** What one owner's positions and orders in one instrument are worth, with tick-lots added on a side. */
  cell(owner: string, instrument: number, side = 1, added = 0n) {
    const position = BigInt(this.position(owner, instrument));
    const mark = this.#marks.get(instrument);
    const value = mark === undefined ? 0 : Math.max(Math.abs(mark.bid), Math.abs(mark.ask));
    const held = position * BigInt(value);
    const long = held + this.open(owner, instrument, 1).tickLots + (side > 0 ? added : 0n);
    const short = held - this.open(owner, instrument, -1).tickLots - (side > 0 ? 0n : added);
    const size = (x: bigint): bigint => (x < 0n ? -x : x);
    const gross = this.up(instrument, size(long) > size(short) ? size(long) : size(short));
    const { marginBps } = this.instruments[instrument] as OracleInstrument;
    const margin = -floorDiv(-gross * BigInt(marginBps), 10_000n);
    return { gross, long: this.up(instrument, long), short: -this.up(instrument, -short), margin };
  }

  profit(owner: string, instrument: number): bigint {
    let cash = 0n;
    for (const each of this.executions) {
      if (each.instrument !== instrument || !this.#owns(owner, each.seat)) continue;
      cash -= BigInt(each.side * each.lots) * BigInt(each.ticks);
    }
    const position = this.position(owner, instrument);
    const mark = this.#marks.get(instrument);
    const worth =
      position === 0 ? 0n : BigInt(position) * BigInt((position > 0 ? mark?.bid : mark?.ask) ?? 0);
    return -this.up(instrument, -(cash + worth));
  }

  /** Sums over the instruments of a node. */
  node(key: string) {
    const owner = /^(class|symbol) /.test(key) ? "firm " : key;
    const sum = { gross: 0n, long: 0n, short: 0n, margin: 0n, openOrders: 0, openValue: 0n };
    for (const i of this.#instrumentsOf(key)) {
      const cell = this.cell(owner, i);
      sum.gross += cell.gross;
      sum.long += cell.long;
      sum.short += cell.short;
      sum.margin += cell.margin;
    }
    for (const order of this.orders.values()) {
      if (!this.path(order.seat, order.instrument).some((place) => place.key === key)) continue;
      const worst = this.worst(order);
      sum.openOrders += worst.lots > 0 ? 1 : 0;
      sum.openValue += this.up(order.instrument, worst.tickLots);
    }
    return sum;
  }

  #earned(key: string): bigint {
    const owner = /^(class|symbol) /.test(key) ? "firm " : key;
    let total = 0n;
    for (const i of this.#instrumentsOf(key)) total += this.profit(owner, i);
    for (const seat of this.seats.keys()) {
      for (const [instrument, { minorCents }] of this.instruments.entries()) {
        if (!this.path(seat, instrument).some((place) => place.key === key)) continue;
        const own = this.charges.filter((each) => each.seat === seat && each.instrument === instrument);
        const minor = BigInt(own.reduce((sum, each) => sum + each.minor, 0));
        total += floorDiv(-minor * minorCents.n, minorCents.d);
      }
    }
    return total;
  }

  dayProfit(key: string): bigint {
    return this.#earned(key) - (this.#dayBase.get(key) ?? 0n);
  }

  equity(key: string): bigint | undefined {
    const capital = this.capital.get(key);
    return capital === undefined ? undefined : BigInt(capital) + this.#earned(key);
  }

  keys(): string[] {
    const all = this.seats.flatMap((_, seat) => this.instruments.flatMap((_, i) => this.path(seat, i)));
    return [...new Set(all.map((place) => place.key))];
  }

  /** Losses latch whenever anything is told. */
  watch(): void {
    for (const key of this.keys()) {
      const limit = this.#limit(key, "maxDailyLoss");
      if (limit !== undefined && -this.dayProfit(key) * limit.d >= limit.n) this.#latched.add(key);
    }
  }

  newDay(): void {
    for (const key of this.keys()) this.#dayBase.set(key, this.#earned(key));
    this.#latched.clear();
  }

  quote(instrument: number, bid: number, ask: number, at: number): void {
    this.#quotes.set(instrument, { bid, ask, at });
    if (bid < ask) this.#marks.set(instrument, { bid, ask });
  }

  trade(instrument: number, ticks: number, at: number): void {
    this.#trades.set(instrument, { ticks, at });
    if (this.#book(instrument, at) === undefined) this.#marks.set(instrument, { bid: ticks, ask: ticks });
  }

  execute(execution: Execution): void {
    const { instrument, ticks } = execution;
    if (!this.#marks.has(instrument)) this.#marks.set(instrument, { bid: ticks, ask: ticks });
    this.executions.push(execution);
  }

  #book(instrument: number, now: number) {
    const quote = this.#quotes.get(instrument);
    if (quote === undefined || quote.bid >= quote.ask || now - quote.at > this.quoteAge) return undefined;
    return quote;
  }

  /** Twice the reference. */
  #twice(instrument: number, now: number): number | undefined {
    const book = this.#book(instrument, now);
    if (book !== undefined) return book.bid + book.ask;
    const trade = this.#trades.get(instrument);
    return trade !== undefined && now - trade.at <= this.tradeAge ? 2 * trade.ticks : undefined;
  }

  /** How far twice a price may lie from twice the reference at a node, as a fraction. */
  #collar(key: string, twice: number): Fraction | undefined {
    const bps = this.#limit(key, "priceCollarBps");
    if (bps === undefined) return undefined;
    const share = { n: BigInt(twice) * bps.n, d: bps.d * 10_000n };
    const ticks = 2n * (this.#limit(key, "priceCollarTicks")?.n ?? 0n);
    return share.n > ticks * share.d ? share : { n: ticks, d: 1n };
  }

  /** The worst price an order can trade at; undefined where it cannot be known. */
  #unit(asked: Asked, places: readonly Place[], now: number): number | undefined {
    const twice = this.#twice(asked.instrument, now);
    if (!asked.isMarket) {
      if (asked.side > 0 || twice === undefined) return asked.ticks;
      return Math.max(asked.ticks, Math.ceil(twice / 2));
    }
    if (twice === undefined) return undefined;
    if (asked.side < 0) return Math.ceil(twice / 2);
    const collars = places.flatMap((place) => this.#collar(place.key, twice) ?? []);
    if (collars.length === 0) return this.#book(asked.instrument, now)?.ask ?? Math.ceil(twice / 2);
    const bounds = collars.map(({ n, d }) => floorDiv(BigInt(twice) * d + n, 2n * d));
    return Number(bounds.reduce((least, each) => (each < least ? each : least)));
  }

  reduces(owner: string, asked: Asked, lots: number): boolean {
    const held = this.position(owner, asked.instrument) * asked.side;
    return held + this.open(owner, asked.instrument, asked.side).lots + lots <= 0;
  }

  /** Every broken rule; undefined where the order cannot be valued although it only reduces. */
  judge(asked: Asked, now: number): { codes: Set<RiskRefusalCode>; unit: number } | undefined {
    const places = this.path(asked.seat, asked.instrument);
    const replaced = asked.slot === undefined ? undefined : (this.orders.get(asked.slot) as Order);
    const unit = this.#unit(asked, places, now);
    const added = this.#added(asked, replaced, unit);
    const account = (places[ACCOUNT] as Place).key;
    const isSmaller = replaced !== undefined && added.lots === 0 && asked.ticks === replaced.ticks;
    const reducing = isSmaller || this.reduces(account, asked, added.lots);
    if (unit === undefined && reducing) return undefined;
    const codes = new Set<RiskRefusalCode>();
    if (places.some((place) => this.killed.has(place.key))) codes.add("RISK_KILLED");
    if (!reducing) this.#doors(asked, places, codes);
    if (unit === undefined) codes.add("RISK_REFERENCE_UNAVAILABLE");
    this.#size(asked, places, unit, codes);
    this.#price(asked, places, reducing, now, codes);
    if (replaced === undefined) this.#repetition(asked, now, codes);
    this.#rates(places, now, codes);
    if (asked.reduceOnly && !reducing) codes.add("RISK_REDUCE_ONLY");
    for (const place of places) {
      this.#position(asked, place, added, codes);
      if (unit !== undefined) this.#worth(asked, place, added, reducing, replaced !== undefined, codes);
      if (this.#isLossy(place) && !this.reduces(place.owner, asked, added.lots)) codes.add("RISK_DAILY_LOSS");
    }
    return { codes, unit: unit ?? 0 };
  }

  #isLossy({ key }: Place): boolean {
    const limit = this.#limit(key, "maxDailyLoss");
    if (limit !== undefined && -this.dayProfit(key) * limit.d >= limit.n) this.#latched.add(key);
    return this.#latched.has(key);
  }

  #added(asked: Asked, replaced: Order | undefined, unit = 0): { lots: number; tickLots: bigint } {
    if (replaced === undefined) return { lots: asked.lots, tickLots: BigInt(asked.lots) * BigInt(unit) };
    const leaves = Math.max(0, asked.lots - replaced.cum);
    const tickLots = BigInt(leaves) * BigInt(unit);
    if (!(this.instruments[asked.instrument] as OracleInstrument).isAtomic) return { lots: leaves, tickLots };
    const worst = this.worst(replaced);
    const more = tickLots - worst.tickLots;
    return { lots: Math.max(0, leaves - worst.lots), tickLots: more > 0n ? more : 0n };
  }

  #doors(asked: Asked, places: readonly Place[], codes: Set<RiskRefusalCode>): void {
    const missing = this.required.some(
      (name) => !places.some((place) => this.said.get(place.key)?.has(name)),
    );
    if (missing) codes.add("RISK_LIMIT_MISSING");
    if (this.isClosed) codes.add("RISK_SESSION_CLOSED");
    if (this.halted.has(asked.instrument)) codes.add("RISK_HALTED");
  }

  #size(asked: Asked, places: readonly Place[], unit: number | undefined, codes: Set<RiskRefusalCode>): void {
    const { volumeLots } = this.instruments[asked.instrument] as OracleInstrument;
    for (const { key } of places) {
      if (this.#isOver(key, "maxOrderLots", BigInt(asked.lots))) codes.add("RISK_QUANTITY_EXCEEDED");
      const value = unit === undefined ? 0n : this.up(asked.instrument, BigInt(asked.lots) * BigInt(unit));
      if (this.#isOver(key, "maxOrderValue", value)) codes.add("RISK_NOTIONAL_EXCEEDED");
      const share = this.#limit(key, "maxVolumeShare");
      if (share === undefined) continue;
      if (BigInt(asked.lots) * share.d > share.n * BigInt(volumeLots ?? 0))
        codes.add("RISK_VOLUME_SHARE_EXCEEDED");
    }
  }

  #price(
    asked: Asked,
    places: readonly Place[],
    reducing: boolean,
    now: number,
    codes: Set<RiskRefusalCode>,
  ): void {
    const twice = this.#twice(asked.instrument, now);
    const book = this.#book(asked.instrument, now);
    const isCollared = places.some((place) => this.#limit(place.key, "priceCollarBps") !== undefined);
    if (twice === undefined && isCollared && !reducing) {
      codes.add("RISK_REFERENCE_UNAVAILABLE");
      return;
    }
    if (asked.isMarket) return;
    for (const { key } of places) {
      const collar = twice === undefined ? undefined : this.#collar(key, twice);
      const off = BigInt(Math.abs(2 * asked.ticks - (twice ?? 0)));
      if (collar !== undefined && off * collar.d > collar.n) codes.add("RISK_PRICE_COLLAR");
      const through = this.#limit(key, "maxTicksThrough");
      if (through === undefined) continue;
      if (book === undefined && !reducing) codes.add("RISK_REFERENCE_UNAVAILABLE");
      if (book === undefined) continue;
      const beyond = asked.side > 0 ? asked.ticks - book.ask : book.bid - asked.ticks;
      if (BigInt(beyond) > through.n) codes.add("RISK_PRICE_THROUGH");
    }
  }

  #repetition(asked: Asked, now: number, codes: Set<RiskRefusalCode>): void {
    if (asked.id <= (this.#highest.get(asked.seat) ?? 0)) codes.add("RISK_DUPLICATE_ID");
    const alike = this.#sent.filter((each) => each.look === asked.look && now - each.at < this.repeatNs);
    if (alike.length > 0) codes.add("RISK_DUPLICATE_ORDER");
  }

  /** Every message ever sent, again: a bucket that fills by one every 1/rate s, and a count of the last minute. */
  #rates(places: readonly Place[], now: number, codes: Set<RiskRefusalCode>): void {
    for (const { key } of places) {
      const times = this.#messages.filter((each) => each.keys.includes(key)).map((each) => each.at);
      const rate = this.#limit(key, "maxOrdersPerSecond");
      if (rate !== undefined) {
        const every = Math.ceil(1e9 / Number(rate.n));
        let full = Number.NEGATIVE_INFINITY;
        for (const at of times) full = Math.max(full, at) + every;
        const missing = full > now ? Math.ceil((full - now) / every) : 0;
        if (missing >= Number(rate.n)) codes.add("RISK_RATE_SECOND");
      }
      const most = this.#limit(key, "maxOrdersPerMinute");
      const recent = times.filter((at) => now - at < 60e9).length;
      if (most !== undefined && recent >= Number(most.n)) codes.add("RISK_RATE_MINUTE");
    }
  }

  #position(asked: Asked, place: Place, added: { lots: number }, codes: Set<RiskRefusalCode>): void {
    const { owner, key } = place;
    const held = this.position(owner, asked.instrument) * asked.side;
    const worst = held + this.open(owner, asked.instrument, asked.side).lots + added.lots;
    const name = asked.side > 0 ? "maxLongLots" : "maxShortLots";
    if (added.lots > 0 && worst > 0 && this.#isOver(key, name, BigInt(worst)))
      codes.add("RISK_POSITION_EXCEEDED");
  }

  #worth(
    asked: Asked,
    { key, owner }: Place,
    added: { lots: number; tickLots: bigint },
    reducing: boolean,
    isReplace: boolean,
    codes: Set<RiskRefusalCode>,
  ): void {
    const now = this.node(key);
    const before = this.cell(owner, asked.instrument);
    const after = this.cell(owner, asked.instrument, asked.side, added.tickLots);
    const growth = after.gross - before.gross;
    const gross = now.gross + growth;
    if (growth > 0n && this.#isOver(key, "maxGrossValue", gross)) codes.add("RISK_GROSS_EXCEEDED");
    const more = asked.side > 0 ? after.long - before.long : before.short - after.short;
    const net = (asked.side > 0 ? now.long : -now.short) + more;
    if (more > 0n && net > 0n && this.#isOver(key, "maxNetValue", net)) codes.add("RISK_NET_EXCEEDED");
    if (!reducing) {
      const orders = BigInt(now.openOrders + 1);
      if (!isReplace && this.#isOver(key, "maxOpenOrders", orders)) codes.add("RISK_OPEN_ORDERS_EXCEEDED");
      const value = this.up(asked.instrument, added.tickLots);
      if (value > 0n && this.#isOver(key, "maxOpenValue", now.openValue + value)) {
        codes.add("RISK_OPEN_VALUE_EXCEEDED");
      }
    }
    const names = ["maxConcentration", "maxMarginShare", "maxLeverage"] as const;
    if (names.every((name) => this.#limit(key, name) === undefined)) return;
    const equity = this.equity(key);
    if (equity === undefined) {
      if (!reducing) codes.add("RISK_EQUITY_UNKNOWN");
      return;
    }
    const isMore = (name: string, amount: bigint): boolean => {
      const limit = this.#limit(key, name);
      return limit !== undefined && growth > 0n && (equity <= 0n || amount * limit.d > limit.n * equity);
    };
    if (isMore("maxConcentration", after.gross)) codes.add("RISK_CONCENTRATION_EXCEEDED");
    if (isMore("maxMarginShare", now.margin + after.margin - before.margin))
      codes.add("RISK_MARGIN_EXCEEDED");
    if (isMore("maxLeverage", gross)) codes.add("RISK_LEVERAGE_EXCEEDED");
  }

  /** An order or a replace that was approved. */
  accept(asked: Asked, unit: number, slot: number, requestId: number, now: number): void {
    this.message(asked.seat, asked.instrument, now);
    if (asked.slot !== undefined) {
      const order = this.orders.get(asked.slot) as Order;
      order.replaces.push({ requestId, lots: asked.lots, ticks: asked.ticks, unit });
      return;
    }
    const { seat, instrument, side, lots } = asked;
    this.#highest.set(seat, asked.id);
    this.#sent.push({ look: asked.look, at: now });
    const terms = { lots, unit, ticks: asked.ticks };
    this.orders.set(slot, { seat, instrument, side, ...terms, cum: 0, open: true, replaces: [] });
  }

  message(seat: number, instrument: number, at: number): void {
    this.#messages.push({ keys: this.path(seat, instrument).map((place) => place.key), at });
  }

  answer(slot: number, requestId: number, isAccepted: boolean): void {
    const order = this.orders.get(slot) as Order;
    const terms = order.replaces.find((each) => each.requestId === requestId) as Terms;
    order.replaces = order.replaces.filter((each) => each.requestId !== requestId);
    if (isAccepted) Object.assign(order, { lots: terms.lots, ticks: terms.ticks, unit: terms.unit });
    this.#settle(order);
  }

  fill(slot: number, lots: number, ticks: number): void {
    const order = this.orders.get(slot) as Order;
    const { seat, instrument, side } = order;
    this.execute({ seat, instrument, side, lots, ticks });
    order.cum = Math.max(0, order.cum + lots);
    this.#settle(order);
  }

  close(slot: number): void {
    const order = this.orders.get(slot) as Order;
    order.open = false;
    order.replaces = [];
  }

  #settle(order: Order): void {
    if (order.open && this.worst(order).lots === 0) order.open = false;
  }
}
