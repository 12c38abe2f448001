import { Prng } from "../base/index.ts";
import type { BinanceTerms } from "./binance-options.ts";
import type { BinanceSubscription } from "./binance-subscription.ts";
import { type GetAnswer, httpGet } from "./http-get.ts";
import { RetryWait } from "./retry-wait.ts";
import type { VenueTrouble } from "./venue-client.ts";

/** Who hears what {@link BinanceSnapshots} fetched. */
export interface SnapshotListener {
  /** The answer's bytes. */
  snapshot(of: BinanceSubscription, bytes: Uint8Array): void;
  trouble(trouble: VenueTrouble): void;
}

/** What is being fetched for one book. */
interface Wanted {
  readonly wait: RetryWait;
  /** Whether one is fetched though the book does not want it. */
  isForced: boolean;
  readonly waiting: ((cause: VenueTrouble | undefined) => void)[];
}

/**
 * Fetches snapshots of books, one at a time, until each book that wants one has joined it.
 *
 * @invariant At most one request is under way; a book is asked for again only after a wait that grows.
 */
export class BinanceSnapshots {
  readonly #terms: BinanceTerms;
  readonly #listener: SnapshotListener;
  readonly #rng: Prng;
  readonly #wanted = new Map<BinanceSubscription, Wanted>();
  readonly #due: BinanceSubscription[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #abort = new AbortController();
  #isBusy = false;

  constructor(terms: BinanceTerms, listener: SnapshotListener) {
    this.#terms = terms;
    this.#listener = listener;
    this.#rng = new Prng(terms.seed).fork("snapshots");
  }

  /** Fetches one where the book wants it and none is on its way. */
  want(of: BinanceSubscription): void {
    if (this.#wanted.has(of)) return;
    this.#add(of);
    this.#go();
  }

  /** Fetches one whether the book wants it or not; resolves with why it failed, or nothing. */
  async force(of: BinanceSubscription): Promise<VenueTrouble | undefined> {
    return await new Promise((resolve) => {
      const wanted = this.#wanted.get(of) ?? this.#add(of);
      wanted.isForced = true;
      wanted.waiting.push(resolve);
      this.#go();
    });
  }

  close(): void {
    this.#abort.abort();
    for (const timer of this.#timers) clearTimeout(timer);
    for (const { waiting } of this.#wanted.values()) {
      for (const each of waiting) each({ code: "VENUE_DISCONNECTED", words: "the feed was closed" });
    }
    this.#wanted.clear();
    this.#due.length = 0;
  }

  #add(of: BinanceSubscription): Wanted {
    const { retryMsMin, retryMsMax } = this.#terms;
    const wanted = { wait: new RetryWait(this.#rng, retryMsMin, retryMsMax), isForced: false, waiting: [] };
    this.#wanted.set(of, wanted);
    this.#due.push(of);
    return wanted;
  }

  #go(): void {
    if (this.#isBusy || this.#abort.signal.aborted) return;
    const next = this.#due.shift();
    if (next === undefined) return;
    this.#isBusy = true;
    void this.#one(next);
  }

  async #one(of: BinanceSubscription): Promise<void> {
    const answer = await this.#fetch(of);
    this.#isBusy = false;
    if (!this.#abort.signal.aborted) this.#answered(of, answer);
    this.#go();
  }

  async #fetch(of: BinanceSubscription): Promise<GetAnswer> {
    const { restUrl, snapshotLevels, timeoutMs, snapshotBytesMax } = this.#terms;
    const url = new URL(`${restUrl.replace(/\/$/, "")}/api/v3/depth`);
    url.searchParams.set("symbol", of.instrument.symbol);
    url.searchParams.set("limit", String(snapshotLevels));
    return await httpGet(url, { timeoutMs, bytesMax: snapshotBytesMax, signal: this.#abort.signal });
  }

  #answered(of: BinanceSubscription, answer: GetAnswer): void {
    const wanted = this.#wanted.get(of);
    if (wanted === undefined) return;
    if (answer.ok) this.#listener.snapshot(of, answer.bytes);
    else this.#listener.trouble(answer.cause);
    for (const each of wanted.waiting.splice(0)) each(answer.ok ? undefined : answer.cause);
    if (answer.ok && !of.wantsSnapshot) {
      this.#wanted.delete(of);
      return;
    }
    if (!answer.ok && !of.wantsSnapshot && of.stream.isSynced) {
      // Somebody asked for it and was told; the book needs none.
      this.#wanted.delete(of);
      return;
    }
    const told = answer.ok ? 0 : (answer.cause.retryNs ?? 0) / 1e6;
    this.#later(of, Math.max(told, wanted.wait.next()));
  }

  #later(of: BinanceSubscription, ms: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (!this.#wanted.has(of)) return;
      this.#due.push(of);
      this.#go();
    }, ms);
    this.#timers.add(timer);
  }
}
