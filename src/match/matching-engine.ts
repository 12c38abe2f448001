import {
  canonicalJson,
  checkKeys,
  checkText,
  Fault,
  type Refusal,
  refuse,
  sha256Hex,
} from "../base/index.ts";
import type { MatchPhase } from "./match-auction.ts";
import { invalid } from "./match-check.ts";
import type { MatchEvent } from "./match-events.ts";
import type { MatchOrder, MatchOrderId, MatchOrderList, MatchReplace } from "./match-order.ts";
import { MatchingBook } from "./matching-book.ts";
import type { MatchingOptions } from "./matching-options.ts";
import type { MatchRefusalCode } from "./refusals.ts";
import type { SavedMatchingBook } from "./saved-matching.ts";

type Refused = Refusal<MatchRefusalCode> | undefined;

/** What a {@link MatchingEngine} is made with. */
export interface MatchingEngineOptions {
  /** Each instrument's name and the options of its book. */
  readonly instruments: Readonly<Record<string, MatchingOptions>>;
}

/** An event and the instrument it happened in. */
export interface EngineEvent extends MatchEvent {
  readonly instrument: string;
}

/** The state of a {@link MatchingEngine}: JSON-safe. */
export interface SavedMatchingEngine {
  readonly version: 1;
  readonly nowNs: number;
  readonly books: Readonly<Record<string, SavedMatchingBook>>;
}

/**
 * The matching of several instruments: a {@link MatchingBook} each, one clock for all of them.
 *
 * A command goes to the book of its instrument; `advance`, `turn` and `cancelAll` go to every one, in the order in which
 * the instruments were given. Order ids are of one book: two instruments may have the same. For a venue's hottest loop
 * take the book by `book` and command it directly.
 *
 * @units times ns; prices and quantities as in `MatchingBook`
 * @invariant A command to an instrument changes no other book.
 * @throws `FAULT_CONFIG` naming the option
 * @cost A lookup of the instrument beyond the book's own.
 * @example
 * ```ts
 * import { MatchingEngine } from "tickwright/match";
 * const engine = new MatchingEngine({ instruments: { ABC: {}, XYZ: { allocation: "proRata" } } });
 * engine.submit("ABC", { id: 1, side: "sell", lots: 5, priceTicks: 101 });
 * engine.submit("ABC", { id: 2, side: "buy", lots: 3, priceTicks: 101 });
 * engine.events().map(({ instrument, kind, lots }) => [instrument, kind, lots]); // => [["ABC", "accepted", 3], ["ABC", "traded", 3]]
 * engine.submit("NONE", { id: 1, side: "buy", lots: 1, priceTicks: 1 })?.code; // => "MATCH_INSTRUMENT_UNKNOWN"
 * ```
 */
export class MatchingEngine {
  /** In the order in which they were given. */
  readonly instruments: readonly string[];
  readonly #books = new Map<string, MatchingBook>();
  /** Instruments whose books the last command went to. */
  #touched: readonly string[] = [];
  #nowNs = 0;

  constructor(options: MatchingEngineOptions) {
    for (const [instrument, made] of instrumentsOf(options)) {
      this.#books.set(instrument, new MatchingBook(made));
    }
    this.instruments = [...this.#books.keys()];
  }

  /** The time that all books were told last. @units ns */
  get nowNs(): number {
    return this.#nowNs;
  }

  /** An instrument's book. Tell it no time of its own. @throws `FAULT_INPUT` for an instrument that is not here */
  book(instrument: string): MatchingBook {
    const book = this.#books.get(instrument);
    if (book !== undefined) return book;
    const expected = `one of ${this.instruments.join(", ")}`;
    throw new Fault("FAULT_INPUT", { path: "matchingEngine.instrument", value: instrument, expected });
  }

  submit(instrument: string, order: MatchOrder): Refused {
    return this.#at(instrument, (book) => book.submit(order));
  }

  submitList(instrument: string, list: MatchOrderList): Refused {
    return this.#at(instrument, (book) => book.submitList(list));
  }

  cancel(instrument: string, id: MatchOrderId): Refused {
    return this.#at(instrument, (book) => book.cancel(id));
  }

  replace(instrument: string, id: MatchOrderId, terms: MatchReplace): Refused {
    return this.#at(instrument, (book) => book.replace(id, terms));
  }

  /** Ends every order, or every one of an owner, in every instrument; returns how many. O(orders). */
  cancelAll(owner?: number): number {
    return this.#each((book) => book.cancelAll(owner)).reduce((sum, count) => sum + count, 0);
  }

  /** The time is another, in every book. Going back is refused, and changes none. @units ns */
  advance(nowNs: number): Refused {
    this.#touched = [];
    if (!Number.isSafeInteger(nowNs) || nowNs < this.#nowNs) {
      return invalid("nowNs", nowNs, `an integer from ${this.#nowNs}`);
    }
    this.#nowNs = nowNs;
    return this.#each((book) => book.advance(nowNs)).find((refused) => refused !== undefined);
  }

  /** Turns every book to another phase; `book(instrument).turn` turns one. */
  turn(phase: MatchPhase): Refused {
    return this.#each((book) => book.turn(phase)).find((refused) => refused !== undefined);
  }

  /** What the last command made happen, instrument by instrument. Allocates. */
  events(): EngineEvent[] {
    return this.#touched.flatMap((instrument) =>
      this.book(instrument)
        .events.list()
        .map((event) => ({ instrument, ...event })),
    );
  }

  /** SHA-256 of the whole state. O(orders). */
  stateHash(): string {
    return sha256Hex(canonicalJson(this.save()));
  }

  /** The whole state as JSON-safe values. O(orders), allocates. */
  save(): SavedMatchingEngine {
    const books = this.instruments.map((each) => [each, this.book(each).save()] as const);
    return { version: 1, nowNs: this.#nowNs, books: Object.fromEntries(books) };
  }

  /** An engine that goes on from what was saved, with the options it was made with. @throws `FAULT_INPUT` */
  static restore(saved: SavedMatchingEngine, options: MatchingEngineOptions): MatchingEngine {
    const engine = new MatchingEngine(options);
    const wrong = (path: string, value: unknown, expected: string): Fault =>
      new Fault("FAULT_INPUT", { path: `matchingEngine.saved.${path}`, value, expected });
    if (saved?.version !== 1) throw wrong("version", saved?.version, "1");
    const found = Object.keys(saved.books ?? {});
    if (found.length !== engine.instruments.length || found.some((each) => !engine.#books.has(each))) {
      throw wrong("books", found, `books of ${engine.instruments.join(", ")}`);
    }
    if (!Number.isSafeInteger(saved.nowNs)) throw wrong("nowNs", saved.nowNs, "a time that was saved");
    engine.#nowNs = saved.nowNs;
    for (const [instrument, made] of instrumentsOf(options)) {
      const book = MatchingBook.restore(saved.books[instrument] as SavedMatchingBook, made);
      engine.#books.set(instrument, book);
    }
    return engine;
  }

  #at(instrument: string, command: (book: MatchingBook) => Refused): Refused {
    const book = this.#books.get(instrument);
    this.#touched = book === undefined ? [] : [instrument];
    if (book !== undefined) return command(book);
    const expected = `one of ${this.instruments.join(", ")}`;
    return refuse("MATCH_INSTRUMENT_UNKNOWN", "instrument", instrument, expected);
  }

  #each<Value>(command: (book: MatchingBook) => Value): Value[] {
    this.#touched = this.instruments;
    return this.instruments.map((each) => command(this.book(each)));
  }
}

function instrumentsOf(options: MatchingEngineOptions): [string, MatchingOptions][] {
  checkKeys("matchingEngine", options, ["instruments"]);
  const { instruments } = options;
  if (typeof instruments !== "object" || instruments === null || Object.keys(instruments).length === 0) {
    const expected = "an instrument or more, by name";
    throw new Fault("FAULT_CONFIG", { path: "matchingEngine.instruments", value: instruments, expected });
  }
  const entries = Object.entries(instruments);
  for (const [name] of entries) checkText("matchingEngine.instruments", name);
  return entries;
}
