import { Prng } from "../../src/base/index.ts";
import type { KernelOptions, TradingKernel } from "../../src/kernel/index.ts";
import {
  BarBlock,
  DepthBlock,
  MESSAGE_FIELD as FIELD,
  Instrument,
  LAST,
  MESSAGE_STRIDE,
  money,
  ORDER_TYPE,
  REASON,
  REPORT,
  ROW,
  TIME_IN_FORCE,
} from "../../src/model/index.ts";
import { NO_LIMITS, type RiskLimits } from "../../src/risk/index.ts";
import type { KeptDoor, Sent } from "../fixtures/kernel-driver.ts";

const MS = 1_000_000;
const DAY = 86_400_000 * MS;

/** One input of a kernel, as it stands in a journal. */
export type Input = { readonly ns: number; readonly at: number } & (
  | { readonly what: "start" | "stop" | "timer" | "disconnected" }
  | { readonly what: "row"; readonly kind: number; readonly tick: number; readonly lots: number }
  | { readonly what: "bar"; readonly close: number; readonly volume: number }
  | { readonly what: "report"; readonly cells: readonly number[] }
  | { readonly what: "dividend"; readonly minor: number }
  | { readonly what: "split"; readonly numerator: number; readonly denominator: number }
);

const row = new DepthBlock(1);
const bar = new BarBlock(1);

/** Lets one input happen to a kernel. */
export function settle(kernel: TradingKernel, input: Input): void {
  const { ns } = input;
  const station = kernel.stations[input.at] as TradingKernel["stations"][number];
  kernel.nowNs[0] = ns;
  switch (input.what) {
    case "row":
      row.kind[0] = input.kind;
      row.tick[0] = input.tick;
      row.lots[0] = input.lots;
      row.local[0] = ns;
      row.exch[0] = ns - 5;
      row.seal(1);
      return station.row(row, 0);
    case "bar":
      for (const column of ["open", "high", "low", "close"] as const) bar[column][0] = input.close;
      bar.volume[0] = input.volume;
      bar.factor[0] = 1;
      bar.openNs[0] = ns - 1;
      bar.closeNs[0] = ns;
      bar.seal(1);
      return station.bar(bar, 0);
    case "report":
      return kernel.report(station, Float64Array.from(input.cells), 0);
    case "dividend":
      return kernel.dividend(station, input.minor);
    case "split":
      return kernel.split(station, input.numerator, input.denominator);
    case "disconnected":
      return kernel.disconnected(station);
    default:
      return kernel[input.what]();
  }
}

/** Two venues' names of nearly the same thing, with fees that depend on what was traded before. */
export const INSTRUMENTS: readonly Instrument[] = ["AAA", "BBB"].map(
  (symbol, i) =>
    new Instrument({
      symbol,
      venue: `venue${i}`,
      tickSize: "0.01",
      lotSize: "1",
      quote: "USD",
      fees: {
        tiers: [
          { maker: "0.00003", taker: "0.0005" },
          { fromVolume: "1500", maker: "-0.00001", taker: "0.0002" },
        ],
        sellRate: "0.0000013",
      },
    }),
);

/** Limits that are met now and then; the last two latch. */
const TIGHT: RiskLimits = {
  maxOrderLots: 20,
  maxOrderValue: "1900",
  maxLongLots: 25,
  maxShortLots: 22,
  maxOpenOrders: 9,
  maxOpenValue: "9000",
  maxGrossValue: "12000",
  maxConcentration: 0.9,
  maxDailyLoss: "250",
  maxOrdersPerSecond: { rate: 200, burst: 30 },
  maxOrdersPerMinute: 900,
  priceCollarBps: 150,
  maxTicksThrough: 30,
  maxMarginShare: 0.8,
  maxWindowLoss: "90",
  maxDrawdown: "400",
};
const LOOSE: RiskLimits = { ...NO_LIMITS, maxLongLots: 40, maxOrdersPerSecond: { rate: 500, burst: 60 } };

/** A kernel's options but for its strategies, drawn from a seed. */
export function drawOptions(seed: number): Omit<KernelOptions, "strategies"> {
  const rng = new Prng(seed);
  const draw = rng.below(5);
  const limits = draw < 3 ? LOOSE : draw < 4 ? { ...TIGHT, maxWindowLoss: "unlimited" } : TIGHT;
  const dollars = INSTRUMENTS[0]?.quote as NonNullable<KernelOptions["reporting"]>;
  return {
    instruments: INSTRUMENTS,
    cash: [money(50_000_00n, "USD")],
    reporting: dollars,
    seed,
    baseNs: BigInt(DAY) * 20_000n + BigInt(rng.below(1_000_000)) * 86_000_000n,
    orderCapacity: rng.below(2) === 0 ? 14 : 60,
    lingerNs: rng.below(3) * 7 * MS,
    risk: {
      currency: "USD",
      limits: [
        { level: "firm", limits },
        { level: "symbol", name: "BBB@venue1", limits: { maxLongLots: 30 } },
      ],
      capital: [{ level: "firm", amount: "50000" }],
      hours: "always",
      status: "trusted",
      duplicates: { windowNs: 2 * MS, count: 3 },
      selfMatch: rng.below(2) === 0 ? "cancelNewest" : "none",
    },
  };
}

interface Live {
  readonly at: number;
  readonly order: Extract<Sent, { what: "submit" }>;
  ticks: number;
  lots: number;
  cum: number;
  acked: boolean;
}

/** A cancel or a replace that no one has answered. */
interface Asked {
  readonly at: number;
  readonly sent: Exclude<Sent, { what: "submit" }>;
}

interface Told {
  readonly at: number;
  readonly cells: readonly number[];
}

/** What a market and two venues do next, by a seed and what the kernel sends: slow answers, fills, and mistakes. */
export class World {
  readonly #rng: Prng;
  readonly #kernel: TradingKernel;
  readonly #doors: readonly KeptDoor[];
  readonly #read: number[];
  readonly #mid: number[];
  readonly #live: Live[] = [];
  readonly #asked: Asked[] = [];
  readonly #trades: Told[] = [];
  readonly #told: Told[] = [];
  /** How many more inputs of a hundred are bars. */
  readonly #bars: number;
  #nowNs = 1_000;
  #executions = 0;

  constructor(seed: number, kernel: TradingKernel, doors: readonly KeptDoor[]) {
    this.#rng = new Prng(seed).fork("world");
    this.#kernel = kernel;
    this.#doors = doors;
    this.#read = doors.map(() => 0);
    this.#mid = doors.map(() => 9_000);
    this.#bars = this.#rng.below(3) * 18;
  }

  /** The next input; the caller settles it before it asks again. */
  next(): Input {
    this.#readDoors();
    const rng = this.#rng;
    const timerNs = this.#kernel.timers.nextNs[0] as number;
    this.#nowNs += this.#pause();
    if (timerNs <= this.#nowNs) {
      this.#nowNs = timerNs;
      return { what: "timer", ns: timerNs, at: 0 };
    }
    const draw = rng.below(100);
    const at = rng.below(this.#doors.length);
    const trade = this.#trades[this.#trades.length - 1];
    if (trade !== undefined && trade === this.#told[this.#told.length - 1] && draw < 12)
      return this.#amend(trade);
    if (draw < 40 - this.#bars) return this.#market(at);
    if (draw < 44) return this.#bar(at);
    if (draw < 92) return this.#venue() ?? this.#market(at);
    return this.#rare(at);
  }

  /** Mostly a moment, now and then long enough for a day to begin or for traded volume to be forgotten. */
  #pause(): number {
    const rng = this.#rng;
    if (rng.below(70) === 0 && this.#nowNs < 60 * DAY)
      return ([0, 1, 2, 9, 31][rng.below(5)] as number) * DAY;
    return rng.below(40) === 0 ? 300 * MS : rng.below(2 * MS);
  }

  #readDoors(): void {
    for (const [at, door] of this.#doors.entries()) {
      for (const sent of door.sent.slice(this.#read[at])) {
        if (sent.what !== "submit") this.#asked.push({ at, sent });
        else {
          const { priceTicks: ticks, lots } = sent;
          this.#live.push({ at, order: sent, ticks, lots, cum: 0, acked: false });
        }
      }
      this.#read[at] = door.sent.length;
    }
  }

  #market(at: number): Input {
    const rng = this.#rng;
    const ns = this.#nowNs;
    this.#mid[at] =
      (this.#mid[at] as number) + rng.below(7) - 3 + Math.sign(9_000 - (this.#mid[at] as number));
    const mid = this.#mid[at] as number;
    const [depth, lots] = [rng.below(6), rng.below(4) * rng.below(9)];
    const input = (kind: number, tick: number, size: number, last = rng.below(8) > 0): Input => ({
      what: "row",
      ns,
      at,
      kind: kind | (last ? LAST : 0),
      tick,
      lots: size,
    });
    // Levels come without the old ones leaving: the sides cross, and what was passed over stays hidden.
    const draw = rng.below(40);
    if (draw < 14) return input(ROW.bid, mid - depth, lots);
    if (draw < 28) return input(ROW.ask, mid + 1 + depth, lots);
    if (draw < 31)
      return input([ROW.buy, ROW.sell, ROW.trade][depth % 3] as number, mid + (depth % 2), lots + 1);
    if (draw < 35) return input(depth % 2 === 0 ? ROW.quoteBid : ROW.quoteAsk, mid + (depth % 2), lots);
    if (draw < 37) return input(ROW.mark, mid + depth, 0);
    if (draw < 38) return input(ROW.funding, 0, (depth - 2) * 123_456_789, true);
    return input(draw < 39 ? ROW.gap : ROW.clear, 0, 0, true);
  }

  #bar(at: number): Input {
    const close = (this.#mid[at] as number) + this.#rng.below(61) - 30;
    return { what: "bar", ns: this.#nowNs, at, close, volume: this.#rng.below(99) };
  }

  /** A venue answers, fills, or says something again. */
  #venue(): Input | undefined {
    const rng = this.#rng;
    const draw = rng.below(100);
    if (draw < 30 && this.#asked.length > 0) return this.#answer();
    if (draw < 85) {
      const live = this.#live[rng.below(this.#live.length + 1)];
      return live === undefined ? undefined : this.#work(live);
    }
    const trade = this.#trades[this.#trades.length - 1 - rng.below(8)];
    if (draw < 94 && trade !== undefined) return this.#amend(trade);
    const again = this.#told[this.#told.length - 1 - rng.below(20)];
    return again === undefined ? undefined : { what: "report", ns: this.#nowNs, ...again };
  }

  #answer(): Input {
    const rng = this.#rng;
    const [{ at, sent }] = this.#asked.splice(rng.below(this.#asked.length), 1) as [Asked];
    const live = this.#live.find(({ order }) => order.id === sent.id);
    const isGranted = live !== undefined && rng.below(5) > 0;
    const about = { row: sent.row, id: sent.id, requestId: sent.requestId };
    if (sent.what === "cancel") {
      if (!isGranted)
        return this.#tell(at, { ...about, kind: REPORT.cancelRejected, reason: REASON.tooLate });
      this.#end(live);
      return this.#tell(at, { ...about, kind: REPORT.canceled });
    }
    const { priceTicks, lots } = sent;
    if (!isGranted) return this.#tell(at, { ...about, kind: REPORT.replaceRejected, reason: REASON.tooLate });
    live.ticks = priceTicks;
    live.lots = lots;
    if (live.cum >= lots) this.#end(live);
    return this.#tell(at, { ...about, kind: REPORT.replaced, priceTicks, lots, leavesLots: lots - live.cum });
  }

  /** Something happens to an order that is out. */
  #work(live: Live): Input {
    const rng = this.#rng;
    const { at, order, lots, cum } = live;
    const about = { row: order.row, id: order.id };
    const draw = rng.below(100);
    if (!live.acked && draw < 60) {
      if (draw < 4) {
        this.#end(live);
        return this.#tell(at, { ...about, kind: REPORT.rejected, reason: REASON.noLiquidity });
      }
      live.acked = true;
      return this.#tell(at, { ...about, kind: REPORT.accepted });
    }
    const isTaker = order.type === ORDER_TYPE.market || order.timeInForce === TIME_IN_FORCE.IOC;
    if (isTaker ? draw < 20 : draw < 3) {
      this.#end(live);
      const kind = draw % 2 === 0 || isTaker ? REPORT.expired : REPORT.canceled;
      return this.#tell(at, { ...about, kind, reason: isTaker ? REASON.iocRemainder : REASON.dayEnded });
    }
    if (draw > 95) {
      const wrong = rng.below(3) === 0 ? 1 : 0;
      return this.#tell(at, { ...about, kind: REPORT.status, lots: cum + wrong, leavesLots: -1, reason: -1 });
    }
    if (!isTaker && rng.below(3) > 0) return this.#market(at);
    return this.#trade(live, Math.max(1, rng.below(3) === 0 ? lots - cum : rng.below(lots - cum + 1)));
  }

  #trade(live: Live, lots: number): Input {
    const { at, order } = live;
    live.cum += lots;
    if (live.cum >= live.lots) this.#end(live);
    this.#executions += 1;
    const input = this.#tell(at, {
      kind: REPORT.trade,
      row: order.row,
      id: order.id,
      execId: this.#executions,
      priceTicks: order.type === ORDER_TYPE.market ? (this.#mid[at] as number) : live.ticks,
      lots,
      maker: this.#rng.below(2),
      reason: REASON.queueReached,
      leavesLots: live.lots - live.cum,
    });
    this.#trades.push(this.#told[this.#told.length - 1] as Told);
    return input;
  }

  /** An execution is taken back or corrected; now and then one that has not been reported yet. */
  #amend({ at, cells }: Told): Input {
    const rng = this.#rng;
    this.#executions += 1;
    return this.#tell(at, {
      kind: rng.below(2) === 0 ? REPORT.busted : REPORT.corrected,
      row: cells[FIELD.row] as number,
      id: cells[FIELD.id] as number,
      requestId: rng.below(5) === 0 ? this.#executions + 2 : (cells[FIELD.execId] as number),
      execId: this.#executions,
      priceTicks: (cells[FIELD.priceTicks] as number) + rng.below(3) - 1,
      lots: Math.max(1, (cells[FIELD.lots] as number) + rng.below(3) - 1),
      maker: cells[FIELD.maker] as number,
    });
  }

  #rare(at: number): Input {
    const rng = this.#rng;
    const ns = this.#nowNs;
    const draw = rng.below(12);
    if (draw < 2) return { what: "dividend", ns, at, minor: rng.below(90) };
    if (draw < 3)
      return { what: "split", ns, at, numerator: 1 + rng.below(3), denominator: 1 + rng.below(2) };
    if (draw < 6) return { what: "disconnected", ns, at };
    if (draw < 10) {
      const signed = (1 + rng.below(6)) * (rng.below(2) === 0 ? 1 : -1);
      const strategy = rng.below(this.#kernel.slots.length);
      const about = {
        kind: REPORT.foreign,
        row: strategy,
        lots: signed,
        priceTicks: this.#mid[at] as number,
      };
      return this.#tell(at, { ...about, maker: rng.below(2), reason: REASON.reported });
    }
    return this.#market(at);
  }

  #end(live: Live): void {
    const place = this.#live.indexOf(live);
    if (place >= 0) this.#live.splice(place, 1);
  }

  #tell(at: number, fields: Partial<Record<keyof typeof FIELD, number>>): Input {
    const cells = new Array<number>(MESSAGE_STRIDE).fill(0);
    cells[FIELD.timeNs] = this.#nowNs;
    cells[FIELD.exchNs] = this.#nowNs - 5;
    for (const [name, value] of Object.entries(fields)) cells[FIELD[name as keyof typeof FIELD]] = value;
    this.#told.push({ at, cells });
    return { what: "report", ns: this.#nowNs, at, cells };
  }
}
