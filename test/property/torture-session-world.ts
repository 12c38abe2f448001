import { Prng } from "../../src/base/index.ts";
import {
  ClientSession,
  type ClientSessionOptions,
  Connection,
  END,
  type End,
  isSound,
  type LinkFaults,
  noLinkFaults,
  type SavedSession,
  Scheduler,
  type SessionOptions,
  STREAM,
  VenueSession,
  WIRE,
  WIRE_STRIDE,
} from "../../src/torture/index.ts";

export const MS = 1e6;
export const SECOND = 1e9;

/** A number that was named as lost. */
interface Named {
  readonly generation: number;
  readonly fromSeq: number;
  readonly toSeq: number;
}

interface Sent {
  readonly id: number;
  readonly seq: number;
  /** 0 until the sender has agreed on one, -1 where it was named as lost before. */
  generation: number;
}

/** What one application sent, and what the other saw of it: the slow, obvious account. */
class Account {
  readonly sent: Sent[] = [];
  /** The ids that each process of the receiver saw. */
  readonly seen: number[][] = [[]];
  readonly named: Named[] = [];
  readonly wrong: string[] = [];

  see(cells: Float64Array, at: number): void {
    const id = cells[at + WIRE.id]!;
    if (!isSound(cells, at)) this.wrong.push(`${id} is unsound`);
    if (cells[at + WIRE.lots] !== id * 3 || cells[at + WIRE.priceTicks] !== -id) {
      this.wrong.push(`${id} was changed`);
    }
    const seen = this.seen.at(-1)!;
    if (id <= (seen.at(-1) ?? 0)) this.wrong.push(`${id} after ${seen.at(-1)}`);
    seen.push(id);
  }

  /** What is wrong with this direction now that everything is quiet. */
  faults(): string[] {
    const seen = new Set(this.seen.flat());
    const faults = [...this.wrong];
    const known = new Set(this.sent.map(({ id }) => id));
    for (const id of seen) if (!known.has(id)) faults.push(`${id} was never sent`);
    for (const { id, seq, generation } of this.sent) {
      if (generation === -1) continue;
      const isNamed = this.named.some(
        (lost) => lost.generation === generation && lost.fromSeq <= seq && seq < lost.toSeq,
      );
      if (!seen.has(id) && !isNamed)
        faults.push(`${id} (generation ${generation}, number ${seq}) is missing`);
    }
    return faults;
  }
}

/** Both ends of a session over one connection, with accounts of everything that they say. */
export class SessionWorld {
  readonly scheduler: Scheduler;
  readonly connection: Connection;
  readonly rng: Prng;
  client!: ClientSession;
  venue: VenueSession;
  readonly toVenue = new Account();
  readonly toClient = new Account();
  readonly ups: string[] = [];
  #ids = 0;
  /** A generation that ended at the venue without its messages: they go over into the next. */
  #carried = 0;
  readonly #message = new Float64Array(WIRE_STRIDE);
  readonly #options: Partial<ClientSessionOptions>;

  constructor(seed: number, options: Partial<ClientSessionOptions> = {}) {
    this.rng = new Prng(seed);
    this.scheduler = new Scheduler({ rng: this.rng.fork("scheduler"), capacity: 16 });
    const { scheduler } = this;
    this.connection = new Connection({ scheduler, rng: this.rng, latencyNs: MS, jitterNs: MS });
    this.#options = options;
    const { redialNs: _one, maxRedialNs: _two, resume: _three, ...shared } = options;
    this.venue = new VenueSession({ ...this.#shared("venue", this.toClient, this.toVenue), ...shared });
    this.startClient();
  }

  #shared(name: string, out: Account, incoming: Account): SessionOptions {
    const { scheduler, connection } = this;
    return {
      scheduler,
      connection,
      rng: this.rng.fork(name),
      onMessage: (cells, at) => incoming.see(cells, at),
      onUp: () => {
        this.ups.push(`${name} up`);
        this.#settle();
        if (name === "venue") this.#carry();
      },
      onDown: () => this.ups.push(`${name} down`),
      onReset: (stream, generation, fromSeq, toSeq) => {
        if (name === "venue" && toSeq === Number.POSITIVE_INFINITY) this.#carried = generation;
        else if (name === "venue" && generation === this.#carried) this.#carried = 0;
        const account = stream === STREAM.incoming ? incoming : out;
        // Numbers of no generation can be used again: the messages themselves are marked.
        for (const sent of generation === 0 ? account.sent : []) {
          if (sent.generation === 0 && sent.seq >= fromSeq && sent.seq < toSeq) sent.generation = -1;
        }
        account.named.push({ generation, fromSeq, toSeq });
      },
    };
  }

  startClient(resume?: SavedSession): void {
    const shared = this.#shared("client", this.toVenue, this.toClient);
    const more = resume === undefined ? {} : { resume };
    this.client = new ClientSession({ ...shared, ...this.#options, ...more });
    this.client.connect();
  }

  /** Messages that were stored before a generation was agreed on belong to the one that now is. */
  #settle(): void {
    for (const [account, session] of [
      [this.toVenue, this.client],
      [this.toClient, this.venue],
    ] as const) {
      if (!session.isUp) continue;
      for (const sent of account.sent)
        if (sent.generation === 0) sent.generation = session.saved().generation;
    }
  }

  #carry(): void {
    const { generation } = this.venue.saved();
    for (const sent of this.toClient.sent) {
      if (this.#carried > 0 && sent.generation === this.#carried) sent.generation = generation;
    }
    this.#carried = 0;
  }

  send(from: End, count = 1): number {
    const session = from === END.client ? this.client : this.venue;
    const account = from === END.client ? this.toVenue : this.toClient;
    let taken = 0;
    for (let i = 0; i < count; i++) {
      const id = this.#ids + 1;
      const message = this.#message;
      message[WIRE.kind] = from === END.client ? 1 : 107;
      message[WIRE.id] = id;
      message[WIRE.lots] = id * 3;
      message[WIRE.priceTicks] = -id;
      const seq = session.nextOut;
      if (!session.send(message, 0)) continue;
      this.#ids = id;
      taken += 1;
      account.sent.push({ id, seq, generation: session.saved().generation });
    }
    return taken;
  }

  /** The client's process dies; a new one goes on with what was saved, or from nothing. */
  crash(isSilent: boolean, resume?: SavedSession): void {
    this.client.stop(isSilent);
    const { sent } = this.toVenue;
    // What a process stored before any generation was agreed on dies with it.
    for (let i = sent.length - 1; i >= 0 && sent[i]!.generation === 0; i--) sent.pop();
    this.toClient.seen.push([]);
    this.startClient(resume);
  }

  setFaults(faults: Partial<LinkFaults>): void {
    for (const link of [this.connection.toVenue, this.connection.toClient]) {
      Object.assign(link.faults, noLinkFaults(), faults);
    }
  }

  run(forNs: number): void {
    this.scheduler.run(this.scheduler.nowNs[0]! + forNs);
  }

  get resets(): number {
    return this.client.counts.resets + this.venue.counts.resets;
  }

  get isUp(): boolean {
    return this.client.isUp && this.venue.isUp;
  }

  /** Everything that is wrong once it is quiet. */
  faults(): string[] {
    const faults = [
      ...this.toVenue.faults().map((fault) => `to the venue: ${fault}`),
      ...this.toClient.faults().map((fault) => `to the client: ${fault}`),
    ];
    for (const link of [this.connection.toVenue, this.connection.toClient]) {
      if (link.queueLength > 2) faults.push(`${link.queueLength} still on the way`);
    }
    if (this.client.unsentCount + this.venue.unsentCount > 0) faults.push("unsent messages");
    return faults;
  }
}
