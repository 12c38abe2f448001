import { checkChoice, checkInteger, checkKeys, checkText, Fault } from "../base/index.ts";
import { checkIndex } from "./inputs.ts";
import { RESTRICTION, RESTRICTIONS, type RestrictionName } from "./restriction.ts";
import type { StatePart, StateReader, StateWriter } from "./state-bytes.ts";

/** The node that stands for everyone. */
export const EVERY_NODE = -1;

/** One entry of a {@link RestrictedList}. */
export interface Restriction {
  readonly instrument: number;
  /**
   * The node it binds, with everything the caller asks for in its name; {@link EVERY_NODE} unless given.
   */
  readonly node?: number;
  readonly restriction: Exclude<RestrictionName, "none">;
  readonly reason: string;
  /** When it begins, included; from ever unless given. */
  readonly fromNs?: number;
  /** When it ends, excluded; never unless given. */
  readonly untilNs?: number;
}

/** An entry as it is held: `number` names it for `lift` and for the audit. */
export interface RestrictionEntry extends Required<Restriction> {
  readonly number: number;
}

/** Options of a {@link RestrictedList}. */
export interface RestrictedListOptions {
  readonly instruments: number;
  /** The most entries held at once. */
  readonly entries: number;
}

/** What {@link RestrictedList.save} writes, JSON-safe: `null` stands for a time without an end. */
export interface SavedRestrictedList {
  readonly version: number;
  readonly entries: readonly (readonly [
    number: number,
    instrument: number,
    node: number,
    code: number,
    reason: string,
    fromNs: number | null,
    untilNs: number | null,
  ])[];
}

const FREE = -1;
/** More than there will ever be changes: of two entries the stricter ranks higher, of equals the older. */
const RANK = 1_099_511_627_776;
const KEYS = ["instrument", "node", "restriction", "reason", "fromNs", "untilNs"] as const;
const LEVELS = ["noBuy", "closeOnly", "noTrade"] as const;

/**
 * The restricted list: which instruments may not be bought, opened or traded, by everyone or by one node of
 * the limit hierarchy, for a reason and a time. Where several entries hold, the strictest counts.
 *
 * @units times in ns from the session's base
 * @invariant `version` rises with every change; an entry's number is given once.
 * @cost `find` and `codeOf` O(entries of the instrument), nothing allocated; `lift` O(entries).
 * @throws `FAULT_CONFIG` naming the option or the field; `FAULT_INPUT` for an index that is none;
 * `FAULT_CAPACITY` when the list is full.
 * @example
 * ```ts
 * import { RESTRICTIONS, RestrictedList } from "tickwright/risk";
 * const list = new RestrictedList({ instruments: 2, entries: 16 });
 * const entry = { instrument: 1, restriction: "closeOnly", reason: "index event", untilNs: 100 } as const;
 * const number = list.restrict(entry);
 * RESTRICTIONS[list.codeOf(1, 7, 99)]; // => "closeOnly"
 * RESTRICTIONS[list.codeOf(1, 7, 100)]; // => "none"
 * list.lift(number); // => true
 * ```
 * @source SEC 17 CFR 240.15c3-5(c)(2)(ii)
 */
export class RestrictedList implements StatePart {
  readonly instruments: number;
  readonly #entries: (RestrictionEntry | undefined)[];
  readonly #code: Uint8Array;
  readonly #rank: Float64Array;
  readonly #node: Int32Array;
  readonly #fromNs: Float64Array;
  readonly #untilNs: Float64Array;
  /** The first entry of each instrument, and the next one of each entry. */
  readonly #first: Int32Array;
  readonly #next: Int32Array;
  #version = 0;

  constructor(options: RestrictedListOptions) {
    checkKeys("restrictedList", options, ["instruments", "entries"]);
    const entries = checkInteger("restrictedList.entries", options.entries, 1, 1 << 20);
    this.instruments = checkInteger("restrictedList.instruments", options.instruments, 1, 1 << 24);
    this.#entries = Array.from({ length: entries }, () => undefined);
    this.#code = new Uint8Array(entries);
    this.#rank = new Float64Array(entries);
    this.#node = new Int32Array(entries);
    this.#fromNs = new Float64Array(entries);
    this.#untilNs = new Float64Array(entries);
    this.#first = new Int32Array(this.instruments).fill(FREE);
    this.#next = new Int32Array(entries).fill(FREE);
  }

  /** How often the list was changed. */
  get version(): number {
    return this.#version;
  }

  /** Adds an entry and returns its number. */
  restrict(restriction: Restriction): number {
    checkKeys("restriction", restriction, KEYS);
    const [fromNs, untilNs] = [restriction.fromNs ?? -Infinity, restriction.untilNs ?? Infinity];
    if (!(fromNs < untilNs)) {
      throw new Fault("FAULT_CONFIG", {
        path: "restriction.untilNs",
        value: untilNs,
        expected: "later than fromNs",
      });
    }
    const entry = {
      number: this.#version + 1,
      instrument: checkIndex("restriction.instrument", restriction.instrument, this.instruments),
      node: checkInteger("restriction.node", restriction.node ?? EVERY_NODE, EVERY_NODE, 0x7fff_ffff),
      restriction: checkChoice("restriction.restriction", restriction.restriction, LEVELS),
      reason: checkText("restriction.reason", restriction.reason),
      fromNs,
      untilNs,
    };
    this.#add(entry);
    this.#version++;
    return entry.number;
  }

  /** Removes the entry with a number; false when there is none. */
  lift(number: number): boolean {
    const at = this.#entries.findIndex((entry) => entry?.number === number);
    const entry = this.#entries[at];
    if (entry === undefined) return false;
    this.#entries[at] = undefined;
    this.#relink(entry.instrument);
    this.#version++;
    return true;
  }

  /**
   * The place of the strictest entry, of equals the oldest, that binds a node in an instrument now; -1 for
   * none.
   */
  find(instrument: number, node: number, nowNs: number): number {
    let [strictest, highest] = [FREE, 0];
    const first = this.#first[
      checkIndex("restrictedList.instrument", instrument, this.instruments)
    ] as number;
    for (let at = first; at !== FREE; at = this.#next[at] as number) {
      const bound = this.#node[at] as number;
      if (bound !== EVERY_NODE && bound !== node) continue;
      if (nowNs < (this.#fromNs[at] as number) || nowNs >= (this.#untilNs[at] as number)) continue;
      if ((this.#rank[at] as number) > highest) [strictest, highest] = [at, this.#rank[at] as number];
    }
    return strictest;
  }

  /** The code of {@link RESTRICTION} that binds a node in an instrument now. */
  codeOf(instrument: number, node: number, nowNs: number): number {
    return this.#code[this.find(instrument, node, nowNs)] ?? RESTRICTION.none;
  }

  /** The entry at a place that `find` gave. */
  entryAt(place: number): RestrictionEntry | undefined {
    return this.#entries[place];
  }

  /** Every entry, oldest first. */
  entries(): RestrictionEntry[] {
    return this.#entries
      .filter((entry) => entry !== undefined)
      .sort((left, right) => left.number - right.number);
  }

  /** The whole list, JSON-safe. */
  save(): SavedRestrictedList {
    const finite = (ns: number): number | null => (Number.isFinite(ns) ? ns : null);
    return {
      version: this.#version,
      entries: this.entries().map(({ number, instrument, node, restriction, reason, fromNs, untilNs }) => {
        return [number, instrument, node, RESTRICTION[restriction], reason, finite(fromNs), finite(untilNs)];
      }),
    };
  }

  /**
   * Takes the list that `save` wrote, in place of what is held.
   *
   * @throws as `restrict`; the list then holds only what came before the fault.
   */
  load(saved: SavedRestrictedList): void {
    this.#entries.fill(undefined);
    this.#first.fill(FREE);
    for (const [number, instrument, node, code, reason, fromNs, untilNs] of saved.entries) {
      this.#version = checkInteger("restrictedList.number", number, 1) - 1;
      const restriction = RESTRICTIONS[code] as Restriction["restriction"];
      const times = { fromNs: fromNs ?? -Infinity, untilNs: untilNs ?? Infinity };
      this.restrict({ instrument, node, restriction, reason, ...times });
    }
    this.#version = checkInteger("restrictedList.version", saved.version, this.#version);
  }

  /** The whole list, for the snapshot of a gate. */
  saveInto(to: StateWriter): void {
    const entries = this.entries();
    to.number(this.#version);
    to.number(entries.length);
    for (const { number, instrument, node, restriction, reason, fromNs, untilNs } of entries) {
      for (const each of [number, instrument, node, RESTRICTION[restriction], fromNs, untilNs])
        to.number(each);
      to.text(reason);
    }
  }

  /** Reads what `saveInto` wrote. @throws `FAULT_INPUT` naming the field */
  loadFrom(from: StateReader): () => void {
    const version = from.whole("version", 0, Number.MAX_SAFE_INTEGER);
    const count = from.whole("entries", 0, this.#entries.length);
    const entries = Array.from({ length: count }, (): RestrictionEntry => {
      const number = from.whole("number", 1, version);
      const instrument = from.whole("instrument", 0, this.instruments - 1);
      const node = from.whole("node", EVERY_NODE, 0x7fff_ffff);
      const restriction = LEVELS[from.whole("restriction", 1, LEVELS.length) - 1] as (typeof LEVELS)[number];
      const [fromNs, untilNs] = [from.number(), from.number()];
      return { number, instrument, node, restriction, fromNs, untilNs, reason: from.text("reason") };
    });
    return () => {
      this.#entries.fill(undefined);
      this.#first.fill(FREE);
      for (const entry of entries) this.#add(entry);
      this.#version = version;
    };
  }

  #add(entry: RestrictionEntry): void {
    const at = this.#entries.indexOf(undefined);
    if (at === FREE) {
      const value = this.#entries.length;
      throw new Fault("FAULT_CAPACITY", { path: "restrictedList.entries", value, expected: "a free place" });
    }
    this.#entries[at] = entry;
    this.#code[at] = RESTRICTION[entry.restriction];
    this.#rank[at] = RESTRICTION[entry.restriction] * RANK - entry.number;
    this.#node[at] = entry.node;
    this.#fromNs[at] = entry.fromNs;
    this.#untilNs[at] = entry.untilNs;
    this.#relink(entry.instrument);
  }

  /** Chains the entries of an instrument again. */
  #relink(instrument: number): void {
    this.#first[instrument] = FREE;
    for (const [at, entry] of this.#entries.entries()) {
      if (entry?.instrument !== instrument) continue;
      this.#next[at] = this.#first[instrument] as number;
      this.#first[instrument] = at;
    }
  }
}
