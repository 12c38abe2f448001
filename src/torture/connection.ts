import { checkInteger, checkKeys, type Prng } from "../base/index.ts";
import { Link } from "./link.ts";
import type { Actor, Scheduler } from "./scheduler.ts";

/** The ends of a {@link Connection}: the client dials, the venue is dialled. */
export const END = { client: 0, venue: 1 } as const;

/** One of {@link END}. */
export type End = (typeof END)[keyof typeof END];

/** What stands at an end of a {@link Connection}. */
export interface Endpoint {
  /** A message came, sound or not; the cells hold only during the call. */
  receive(cells: Float64Array, offset: number): void;
  /** The connection is there: what is sent from now on has nothing before it. */
  connected(): void;
  /** The connection was lost, or dialling failed. */
  disconnected(): void;
}

/** The options of a {@link Connection}. */
export interface ConnectionOptions {
  readonly scheduler: Scheduler;
  /** Only forked. */
  readonly rng: Prng;
  /** Shortest time on the way, each direction. */
  readonly latencyNs: number;
  readonly jitterNs?: number;
  /** Messages that each direction holds at most. 256 unless told. */
  readonly capacity?: number;
}

const OPTIONS = ["scheduler", "rng", "latencyNs", "jitterNs", "capacity"] as const;

/**
 * Two links and their state: a connection that the client dials, and that breaks for both ends at once or,
 * half-open, for one without its knowing.
 *
 * @units ns
 * @invariant An end hears nothing between `disconnected` and `connected`, and nothing of an earlier connection
 * after `connected`.
 */
export class Connection implements Actor {
  /** The way to the venue. */
  readonly toVenue: Link;
  /** The way to the client. */
  readonly toClient: Link;
  /** Messages that each way holds at most. */
  readonly capacity: number;
  /** While false dialling fails: the venue's gateway is gone. */
  isReachable = true;
  readonly #scheduler: Scheduler;
  readonly #self: number;
  readonly #dialNs: number;
  readonly #ends: [Endpoint | null, Endpoint | null] = [null, null];
  readonly #thinksUp: [boolean, boolean] = [false, false];
  readonly #pausedUntilNs: [number, number] = [0, 0];
  #dials = 0;

  /** @throws `FAULT_CONFIG` naming the option. */
  constructor(options: ConnectionOptions) {
    checkKeys("connection", options, OPTIONS);
    const { scheduler, rng, latencyNs, jitterNs = 0, capacity = 256 } = options;
    checkInteger("connection.latencyNs", latencyNs, 0);
    this.capacity = capacity;
    this.#scheduler = scheduler;
    this.#self = scheduler.actor(this);
    this.#dialNs = 2 * latencyNs;
    const link = (label: string, to: End): Link => {
      const made = new Link({
        scheduler,
        rng: rng.fork(label),
        latencyNs,
        jitterNs,
        capacity,
        deliver: (cells, offset) => this.#deliver(to, cells, offset),
        closed: () => this.#lost(to),
      });
      made.drop();
      return made;
    };
    this.toVenue = link("toVenue", END.venue);
    this.toClient = link("toClient", END.client);
  }

  /** Whether both ways are open. One end or both may think otherwise. */
  get isUp(): boolean {
    return this.toVenue.isUp && this.toClient.isUp;
  }

  /** Puts a process at an end, or nobody: what comes for nobody is lost and nobody answers. */
  attach(end: End, endpoint: Endpoint | null): void {
    this.#ends[end] = endpoint;
    this.#thinksUp[end] = false;
  }

  /**
   * The client asks for a new connection; after a round trip both ends are told, the venue first, or the
   * client that it failed. A connection that was still there is lost.
   */
  dial(): void {
    this.#dials += 1;
    const ns = (this.#scheduler.nowNs[0] as number) + this.#dialNs;
    this.#scheduler.at(ns, this.#self, 0, this.#dials, 0);
  }

  /** @throws never; for the {@link Scheduler} alone. */
  fire(_kind: number, dial: number): void {
    if (dial !== this.#dials) return;
    const pausedUntilNs = Math.max(...this.#pausedUntilNs);
    if (pausedUntilNs > (this.#scheduler.nowNs[0] as number)) {
      this.#scheduler.at(pausedUntilNs, this.#self, 0, dial, 0);
      return;
    }
    const [client, venue] = this.#ends;
    if (!this.isReachable || venue === null || client === null) {
      client?.disconnected();
      return;
    }
    this.toVenue.drop();
    this.toClient.drop();
    this.#lost(END.venue);
    this.toVenue.open();
    this.toClient.open();
    this.#thinksUp[END.client] = true;
    this.#thinksUp[END.venue] = true;
    venue.connected();
    if (dial === this.#dials && this.#thinksUp[END.client]) client.connected();
  }

  /**
   * Sends a copy of a message from an end.
   *
   * @returns false where it certainly does not arrive.
   */
  send(from: End, cells: Float64Array, offset: number): boolean {
    const link = from === END.client ? this.toVenue : this.toClient;
    const hasOverflowed = link.isUp && !link.send(cells, offset);
    if (hasOverflowed) this.#wayTo(from).cut();
    return link.isUp;
  }

  /** Messages that an end can send now before the way overflows; 0 where it is down. */
  room(from: End): number {
    const link = from === END.client ? this.toVenue : this.toClient;
    return link.isUp ? link.room : 0;
  }

  /**
   * An end closes: what it sent before still arrives, then the other end is told. It hears nothing more
   * itself. A dial on its way is called off.
   */
  close(by: End): void {
    if (by === END.client) this.#dials += 1;
    this.#thinksUp[by] = false;
    this.#wayTo(by).drop();
    this.#wayTo(otherEnd(by)).close();
  }

  /** The connection breaks: each end gets a random first part of what is on its way, and is then told. */
  cut(): void {
    this.toVenue.cut();
    this.toClient.cut();
  }

  /** What `from` sends vanishes from now on, without an error; ends with the next connection. */
  halfOpen(from: End): void {
    this.#wayTo(otherEnd(from)).isHalfOpen = true;
  }

  /** The process at an end stalls: everything that it would hear until `untilNs` waits for it. */
  pause(end: End, untilNs: number): void {
    this.#pausedUntilNs[end] = Math.max(this.#pausedUntilNs[end], untilNs);
    this.#wayTo(end).pauseReader(untilNs);
  }

  #wayTo(end: End): Link {
    return end === END.client ? this.toClient : this.toVenue;
  }

  #deliver(to: End, cells: Float64Array, offset: number): void {
    if (this.#thinksUp[to]) this.#ends[to]?.receive(cells, offset);
  }

  /** The end learns that its connection is gone, once. */
  #lost(end: End): void {
    if (!this.#thinksUp[end]) return;
    this.#thinksUp[end] = false;
    this.#ends[end]?.disconnected();
  }
}

function otherEnd(end: End): End {
  return end === END.client ? END.venue : END.client;
}
