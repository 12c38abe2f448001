import { Digest, Prng } from "../../src/base/index.ts";
import { flatFees, Instrument, ORDER_TYPE, REPORT, TIME_IN_FORCE } from "../../src/model/index.ts";
import {
  Scheduler,
  TortureVenue,
  type TortureVenueOptions,
  VENUE_REPORT,
  WIRE,
  WIRE_KIND,
  WIRE_REPORT,
  WIRE_STRIDE,
} from "../../src/torture/index.ts";

/** A report as a plain object. */
export interface Report {
  readonly kind: string;
  readonly atNs: number;
  readonly cells: Float64Array;
  readonly id: number;
  readonly requestId: number;
  readonly priceTicks: number;
  readonly lots: number;
  readonly execId: number;
  readonly refExecId: number;
  readonly reason: number;
  readonly leavesLots: number;
  readonly cumLots: number;
  readonly sideSign: number;
  readonly instrument: number;
  readonly exchNs: number;
}

const KIND_OF = new Map<number, string>(
  [...Object.entries(REPORT), ...Object.entries(VENUE_REPORT)].map(([word, code]) => [code, word]),
);

export interface OrderTerms {
  readonly id: number;
  readonly side?: 1 | -1;
  readonly tick?: number;
  readonly lots?: number;
  readonly type?: keyof typeof ORDER_TYPE;
  readonly tif?: keyof typeof TIME_IN_FORCE;
  readonly flags?: number;
  readonly instrument?: number;
  readonly expireNs?: number;
  readonly epoch?: number;
}

/** A venue on a scheduler of its own, with everything it says written down. */
export class Rig {
  readonly scheduler: Scheduler;
  readonly venue: TortureVenue;
  readonly reports: Report[] = [];
  readonly packets: number[][] = [];
  readonly packetsB: number[][] = [];
  readonly digest = new Digest();
  disconnects = 0;
  keepsPackets = true;

  constructor(options: Partial<TortureVenueOptions> = {}, seed = 1, bothChannels = false) {
    const rng = new Prng(seed);
    this.scheduler = new Scheduler({ rng: rng.fork("scheduler") });
    const keep = (list: number[][]) => (cells: Float64Array, length: number) => {
      this.digest.update(new Uint8Array(cells.buffer, cells.byteOffset, length * 8).slice());
      if (this.keepsPackets) list.push([...cells.subarray(0, length)]);
    };
    this.venue = new TortureVenue({
      scheduler: this.scheduler,
      rng: rng.fork("venue"),
      venue: "x",
      account: "main",
      instruments: [
        { index: 3, instrument: instrument("ABC"), startTicks: 1000 },
        { index: 5, instrument: instrument("DEF"), startTicks: 5000 },
      ],
      onReport: (cells, offset) => this.#report(cells, offset),
      onFeedA: keep(this.packets),
      ...(bothChannels ? { onFeedB: keep(this.packetsB) } : {}),
      onDisconnect: () => {
        this.disconnects += 1;
      },
      ...options,
    });
  }

  get nowNs(): number {
    return this.scheduler.nowNs[0] as number;
  }

  /** Runs on for so many virtual milliseconds. */
  run(ms = 1): this {
    this.scheduler.run(this.nowNs + ms * 1e6);
    return this;
  }

  order(terms: OrderTerms): this {
    const { id, side = 1, tick = 990, lots = 5, type = "limit", tif = "GTC", flags = 0 } = terms;
    return this.#send({
      kind: WIRE_KIND.newOrder,
      epoch: terms.epoch ?? 1,
      instrument: terms.instrument ?? 3,
      id,
      sideSign: side,
      type: ORDER_TYPE[type],
      timeInForce: TIME_IN_FORCE[tif],
      flags,
      priceTicks: type === "market" ? 0 : tick,
      lots,
      expireNs: terms.expireNs ?? 0,
    });
  }

  cancel(id: number, requestId = 1, epoch = 1): this {
    return this.#send({ kind: WIRE_KIND.cancel, epoch, instrument: 3, id, requestId });
  }

  replace(id: number, requestId: number, priceTicks: number, lots: number): this {
    return this.#send({ kind: WIRE_KIND.replace, epoch: 1, instrument: 3, id, requestId, priceTicks, lots });
  }

  massCancel(instrument = -1, sideSign = 0): this {
    return this.#send({ kind: WIRE_KIND.massCancel, epoch: 1, instrument, sideSign });
  }

  /** The kinds of all reports of an order so far, in order. */
  kinds(id: number): string[] {
    return this.reports.filter((each) => each.id === id).map((each) => each.kind);
  }

  last(id: number): Report {
    const found = this.reports.filter((each) => each.id === id).at(-1);
    if (found === undefined) throw new Error(`no report of ${id}`);
    return found;
  }

  best(side: 0 | 1, local = 0): number {
    return this.venue.market.bestTick(local, side);
  }

  #send(fields: Partial<Record<keyof typeof WIRE, number>>): this {
    const cells = new Float64Array(WIRE_STRIDE);
    for (const [name, value] of Object.entries(fields)) cells[WIRE[name as keyof typeof WIRE]] = value;
    this.venue.receive(cells, 0);
    return this;
  }

  #report(source: Float64Array, offset: number): void {
    const cells = source.slice(offset, offset + WIRE_STRIDE);
    this.digest.update(new Uint8Array(cells.buffer));
    const of = (name: keyof typeof WIRE): number => cells[WIRE[name]] as number;
    this.reports.push({
      kind: KIND_OF.get(of("kind") - WIRE_REPORT) ?? "?",
      atNs: this.nowNs,
      cells,
      id: of("id"),
      requestId: of("requestId"),
      priceTicks: of("priceTicks"),
      lots: of("lots"),
      execId: of("execId"),
      refExecId: of("refExecId"),
      reason: of("reason"),
      leavesLots: of("leavesLots"),
      cumLots: of("cumLots"),
      sideSign: of("sideSign"),
      instrument: of("instrument"),
      exchNs: of("exchNs"),
    });
  }
}

export function instrument(symbol: string): Instrument {
  return new Instrument({
    symbol,
    venue: "x",
    tickSize: "0.01",
    lotSize: "1",
    quote: "USD",
    fees: flatFees("-0.0001", "0.0005"),
  });
}
