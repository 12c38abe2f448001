import { BarBlock, DepthBlock } from "../../src/model/index.ts";
import type { TapeSource } from "../../src/port/index.ts";
import type { TradingSession } from "../../src/run/index.ts";
import { SimBarVenue, type SimVenue } from "../../src/sim/index.ts";

const NEVER = Number.POSITIVE_INFINITY;

type Venue = SimVenue | SimBarVenue;

/** One instrument at the desk: its market's rows, how far we and its venue are in them, the venue. */
interface Place<Block, Kind> {
  readonly station: number;
  readonly blocks: readonly Block[];
  readonly venue: Kind;
  heard: [block: number, row: number];
  lived: [block: number, row: number];
  isOpen: boolean;
}

interface Due {
  readonly ns: number;
  readonly rank: number;
  readonly station: number;
  happen(): void;
}

/**
 * Paper trading the slow and obvious way: of everything that is due at any venue, in any feed or on any timer the
 * earliest happens next, one thing at a time, in a session that is called from outside as a live one is.
 */
export class PaperDesk {
  readonly #session: TradingSession;
  readonly #places: readonly (Place<DepthBlock, SimVenue> | Place<BarBlock, SimBarVenue>)[];

  /** Connects the session's doors to its venues; each instrument has its tape. */
  constructor(session: TradingSession, tapes: readonly TapeSource[], venues: readonly Venue[]) {
    this.#session = session;
    this.#places = tapes.map((tape, station) => {
      const venue = venues[station] as Venue;
      session.connect(station, venue);
      const make = (): DepthBlock | BarBlock =>
        tape.meta.schema === "bars" ? new BarBlock() : new DepthBlock();
      const blocks = Array.from({ length: tape.blockCount }, (_, i) => {
        const block = make();
        tape.read(i, block);
        return block;
      });
      const place = { station, blocks, venue, heard: [0, 0], lived: [0, 0], isOpen: false };
      return place as unknown as Place<DepthBlock, SimVenue>;
    });
  }

  /** Trades from `fromNs` to `toNs`, both included; returns the session's hash. */
  run(fromNs: number, toNs: number): string {
    const session = this.#session;
    session.start(fromNs);
    for (;;) {
      const due = this.#places.flatMap((place) => [...this.#dueAt(place)]);
      due.sort((a, b) => a.ns - b.ns || a.rank - b.rank || a.station - b.station);
      const [first] = due;
      const timer = session.kernel.timers.nextNs[0] as number;
      if (Math.min(timer, first?.ns ?? NEVER) > toNs) break;
      if (first === undefined || timer < first.ns) session.idle(timer);
      else first.happen();
    }
    return session.stop(toNs);
  }

  *#dueAt(place: Place<DepthBlock, SimVenue> | Place<BarBlock, SimBarVenue>): Generator<Due> {
    const { venue, station } = place;
    const { ring } = venue.reports;
    const tell = (): void => {
      const cells = ring.cells.slice(ring.first, ring.first + 12);
      ring.shift();
      this.#session.report(station, cells, 0, cells[0] as number);
    };
    const reports = { ns: ring.nextNs[0] as number, station, happen: tell };
    // One instrument after the other at one moment, and in each of them this order; opens of bars after all else.
    const rank = (nth: number): number => 10 * station + nth;
    if (venue instanceof SimBarVenue) {
      yield { ...reports, rank: rank(0) };
      yield* this.#barsDue(place as Place<BarBlock, SimBarVenue>, rank);
      return;
    }
    yield { ...reports, rank: rank(1) };
    yield* this.#rowsDue(place as Place<DepthBlock, SimVenue>, rank);
    yield {
      ...{ ns: venue.nextExpiryNs[0] as number, rank: rank(3), station },
      happen: () => at(venue, venue.nextExpiryNs[0] as number).expire(),
    };
    yield {
      ...{ ns: venue.requests.nextNs[0] as number, rank: rank(4), station },
      happen: () => at(venue, venue.requests.nextNs[0] as number).arrive(),
    };
  }

  *#rowsDue(place: Place<DepthBlock, SimVenue>, rank: (nth: number) => number): Generator<Due> {
    const { venue, station, blocks } = place;
    const heard = blocks[place.heard[0]];
    const lived = blocks[place.lived[0]];
    if (heard !== undefined) {
      const i = place.heard[1];
      const ns = heard.local[i] as number;
      const happen = (): void => {
        place.heard = after(place.heard, blocks);
        venue.feedLatencyNs[0] = ns - (heard.exch[i] as number);
        this.#session.row(station, heard, i, ns);
      };
      yield { ns, rank: rank(0), station, happen };
    }
    if (lived !== undefined) {
      const i = place.lived[1];
      const ns = lived.exch[i] as number;
      const happen = (): void => {
        place.lived = after(place.lived, blocks);
        at(venue, ns).row(lived, i);
      };
      yield { ns, rank: rank(2), station, happen };
    }
  }

  *#barsDue(place: Place<BarBlock, SimBarVenue>, rank: (nth: number) => number): Generator<Due> {
    const { venue, station, blocks } = place;
    const block = blocks[place.heard[0]];
    if (block === undefined) return;
    const i = place.heard[1];
    const session = this.#session;
    if (block.kind[i] !== 0) {
      const ns = block.openNs[i] as number;
      const happen = (): void => {
        place.heard = after(place.heard, blocks);
        at(venue, ns);
        if (block.kind[i] === 2) return session.dividend(station, block.volume[i] as number, ns);
        venue.split(block.open[i] as number, block.high[i] as number);
        this.#hear(place, ns);
        session.split(station, block.open[i] as number, block.high[i] as number, ns);
      };
      yield { ns, rank: 1000 + rank(1), station, happen };
    } else if (place.isOpen) {
      const ns = block.closeNs[i] as number;
      const happen = (): void => {
        place.isOpen = false;
        place.heard = after(place.heard, blocks);
        at(venue, ns).close(block, i);
        this.#hear(place, ns);
        session.bar(station, block, i, ns);
      };
      yield { ns, rank: rank(1), station, happen };
    } else {
      const ns = block.openNs[i] as number;
      const happen = (): void => {
        place.isOpen = true;
        at(venue, ns).open(block, i);
      };
      yield { ns, rank: 1000 + rank(1), station, happen };
    }
  }

  /** What the venue said of a moment comes before its bar. */
  #hear({ venue, station }: Place<BarBlock, SimBarVenue>, ns: number): void {
    const { ring } = venue.reports;
    while ((ring.nextNs[0] as number) <= ns) {
      const cells = ring.cells.slice(ring.first, ring.first + 12);
      ring.shift();
      this.#session.report(station, cells, 0, ns);
    }
  }
}

function at<Kind extends Venue>(venue: Kind, ns: number): Kind {
  venue.nowNs[0] = ns;
  return venue;
}

function after(
  [block, row]: readonly [number, number],
  blocks: readonly { readonly n: number }[],
): [number, number] {
  return row + 1 < (blocks[block]?.n ?? 0) ? [block, row + 1] : [block + 1, 0];
}
