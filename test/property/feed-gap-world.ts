import { Prng } from "../../src/base/index.ts";
import { GapRecovery, type GapRefresh, type Numbering } from "../../src/feed/index.ts";
import {
  type Level,
  levelsOf,
  type Message,
  messageOf,
  type PlainBook,
  playRows,
  said,
  textOf,
} from "../fixtures/feed-world.ts";

/** What a random channel is like. Shares within 0 and 1, times in ms. */
export interface GapWorldOptions {
  readonly seed: number;
  readonly numbering: Numbering;
  readonly refresh: GapRefresh;
  readonly messages: number;
  readonly loss: number;
  readonly duplicates: number;
  readonly delayMs: number;
  /** Share of asked-for messages and snapshots that come. */
  readonly answers: number;
  readonly resets: number;
  readonly distrusts: number;
  readonly messagesMax: number;
  readonly wrap: number;
}

interface Sent {
  readonly epoch: number;
  readonly message: Message;
  /** The true book with this message, and its number without a wrap. */
  readonly truth: string;
  readonly last: number;
  readonly before: number;
}

interface Due {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

const MS = 1e6;

/** A channel that loses, doubles, delays and resets, with a plain model of what is true beside it. */
export class GapWorld {
  readonly recovery: GapRecovery;
  readonly problems: string[] = [];
  /** Numbers handed to `apply`, per epoch: none may come twice. */
  readonly applied = new Set<string>();
  readonly book: PlainBook = new Map();
  readonly #options: GapWorldOptions;
  readonly #rng: Prng;
  readonly #truth: PlainBook = new Map();
  readonly #sent: Sent[] = [];
  readonly #due: Due[] = [];
  #order = 0;
  #nowMs = 0;
  #epoch = 0;
  #number: number;
  #isSound = false;
  #isClosing = false;
  /** Called after a snapshot was taken. */
  onSnapshot: () => void = () => undefined;
  /** The number before the first one applied. */
  firstBefore = Number.NaN;

  constructor(options: GapWorldOptions) {
    this.#options = options;
    this.#rng = new Prng(options.seed);
    this.#number = this.#start;
    this.recovery = new GapRecovery({
      numbering: options.numbering,
      refresh: options.refresh,
      wrap: options.wrap,
      messagesMax: options.messagesMax,
      rowsMax: options.messagesMax * 3,
      gapNs: 8 * MS,
      snapshotNs: 20 * MS,
      attempts: 2,
      retryNs: 30 * MS,
      listener: {
        apply: (rows) => {
          playRows(this.book, rows.block, rows.from, rows.to);
          const key = `${this.recovery.epoch}:${rows.lastSequence}`;
          if (this.applied.has(key)) this.problems.push(`applied twice: ${key}`);
          this.applied.add(key);
          if (Number.isNaN(this.firstBefore)) {
            const { numbering } = this.#options;
            this.firstBefore = numbering === "previous" ? rows.previousSequence : rows.firstSequence - 1;
          }
          this.#compare("apply");
        },
        snapshot: (rows) => {
          this.book.clear();
          playRows(this.book, rows.block, rows.from, rows.to);
          this.#isSound = true;
          this.#compare("snapshot");
          this.onSnapshot();
        },
        retransmit: (first, last) => this.#retransmit(first, last),
        requestSnapshot: () => this.#requestSnapshot(),
        state: () => undefined,
        clear: () => this.book.clear(),
        isRefreshed: () => this.book.size >= 4,
      },
    });
  }

  /** Runs it to its end, where nothing is lost any more; returns what went wrong. */
  run(): readonly string[] {
    const { messages, resets, distrusts } = this.#options;
    this.recovery.start(0);
    for (let i = 0; i < messages; i++) {
      this.#nowMs += 1;
      if (this.#chance(resets)) this.#reset();
      if (this.#chance(distrusts)) this.recovery.distrust(this.#nowMs * MS);
      this.#send();
      this.#pass();
      this.#account();
    }
    this.#isClosing = true;
    for (let i = 0; i < 400; i++) {
      this.#nowMs += 1;
      const latest = this.#sent.at(-1);
      if (i % 10 === 0 && latest !== undefined)
        this.recovery.heartbeat(latest.message.lastSequence + 1, this.#nowMs * MS);
      this.#pass();
      this.#account();
    }
    return this.problems;
  }

  get end(): { readonly last: number; readonly truth: string } {
    const latest = this.#sent.at(-1) as Sent;
    return { last: latest.last, truth: latest.truth };
  }

  get #start(): number {
    return this.#options.wrap === 0 ? 100 : this.#options.wrap - 12;
  }

  #chance(share: number): boolean {
    return this.#rng.uint32() / 2 ** 32 < share;
  }

  #below(n: number): number {
    return this.#rng.uint32() % n;
  }

  #later(ms: number, run: () => void): void {
    this.#due.push({ atMs: this.#nowMs + ms, order: this.#order, run });
    this.#order += 1;
  }

  #pass(): void {
    for (;;) {
      const ready = this.#due.filter(({ atMs }) => atMs <= this.#nowMs);
      if (ready.length === 0) break;
      ready.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
      for (const due of ready) {
        this.#due.splice(this.#due.indexOf(due), 1);
        due.run();
      }
    }
    if (this.recovery.nextNs <= this.#nowMs * MS) this.recovery.advance(this.#nowMs * MS);
  }

  #wire(number: number): number {
    return this.#options.wrap === 0 ? number : number % this.#options.wrap;
  }

  #send(): void {
    const { numbering, loss, duplicates, delayMs } = this.#options;
    const levels: Level[] = [];
    for (let i = this.#below(3); i >= 0; i--) {
      const side = this.#chance(0.5) ? "bid" : "ask";
      levels.push({ side, tick: (side === "bid" ? 90 : 110) + this.#below(6), lots: this.#below(4) });
    }
    for (const level of levels) said(this.#truth, level);
    const before = this.#number;
    this.#number += numbering === "single" ? 1 : 1 + this.#below(4);
    const last = this.#number;
    const first = numbering === "single" ? last : numbering === "range" ? before + 1 : last - this.#below(2);
    const previous = numbering === "previous" ? this.#wire(before) : -1;
    const message = messageOf({ first: this.#wire(first), last: this.#wire(last), previous }, levels);
    const sent = { epoch: this.#epoch, message, truth: textOf(this.#truth), last, before };
    this.#sent.push(sent);
    let copies = this.#chance(loss) ? 0 : 1;
    if (this.#chance(duplicates)) copies += 1 + this.#below(2);
    for (let i = 0; i < copies; i++) this.#later(this.#below(delayMs + 1), () => this.#arrive(sent));
  }

  #arrive({ message, epoch }: Sent): void {
    this.recovery.message(message, this.#nowMs * MS, epoch);
  }

  #retransmit(first: number, last: number): void {
    if (first > last) this.problems.push(`asked for ${first}..${last}`);
    for (const sent of this.#sent) {
      if (sent.epoch !== this.#epoch || sent.last < first || sent.before >= last) continue;
      if (this.#isClosing || this.#chance(this.#options.answers)) {
        this.#later(1 + this.#below(6), () => this.#arrive(sent));
      }
    }
  }

  #requestSnapshot(): void {
    if (!this.#isClosing && !this.#chance(this.#options.answers)) return;
    const epoch = this.#epoch;
    const take = (): void => {
      const latest = this.#sent.at(-1);
      const last = latest?.epoch === epoch ? latest.last : this.#start;
      if (epoch !== this.#epoch) return;
      const snapshot = messageOf(this.#wire(last), levelsOf(this.#truth), { isSnapshot: true });
      this.#later(this.#below(6), () => this.recovery.message(snapshot, this.#nowMs * MS, epoch));
    };
    this.#later(1 + this.#below(4), take);
  }

  #reset(): void {
    this.#epoch += 1;
    this.#number = this.#start;
    this.#truth.clear();
    this.#isSound = false;
    if (this.#chance(0.5)) this.recovery.reset(this.#epoch, this.#nowMs * MS);
  }

  /** The book must be the true one at the position, unless built from changes alone or of an epoch that is over. */
  #compare(after: string): void {
    if (this.#options.refresh !== "snapshot" || !this.#isSound || this.recovery.epoch !== this.#epoch) return;
    const { position } = this.recovery;
    const sent = this.#sent.find(({ epoch, last }) => epoch === this.#epoch && last === position);
    if (sent === undefined) return;
    const found = textOf(this.book);
    if (found !== sent.truth)
      this.problems.push(`after ${after} at ${position}: ${found}, expected ${sent.truth}`);
  }

  /** What was counted must add up, at every moment. */
  #account(): void {
    const counts = this.recovery.counts;
    const { applied, snapshots, snapshotsLeft, duplicates, superseded, discarded, staleEpochs } = counts;
    const messages =
      applied +
      snapshots +
      snapshotsLeft +
      duplicates +
      superseded +
      discarded +
      staleEpochs +
      this.recovery.held;
    if (messages !== counts.received)
      this.problems.push(`received ${counts.received}, accounted ${messages}`);
    const numbers = counts.numbersApplied + counts.numbersSuperseded + counts.lost;
    if (numbers !== counts.numbers)
      this.problems.push(`passed ${counts.numbers} numbers, accounted ${numbers}`);
  }
}
