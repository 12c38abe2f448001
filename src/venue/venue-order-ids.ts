import { checkInteger, checkText, Fault, sha256Hex } from "../base/index.ts";
import type { VenueCapabilities } from "./venue-client.ts";

/** The alphabets tried, the shortest ids first. */
const ALPHABETS = [
  "0123456789abcdefghijklmnopqrstuvwxyz",
  "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  "0123456789",
];
/** Characters of a prefix that is made of a session's name. */
const PREFIX_LENGTH = 6;

/** The order and the request an id stands for; `requestId` 0 is the order itself. */
export interface VenueOrderId {
  readonly id: number;
  readonly requestId: number;
}

/**
 * Client order ids of one session at one venue: a prefix, the order's number, the request's. The same order has the
 * same id after a restart, and an id tells its order without a table.
 *
 * @invariant `parse(text(id, requestId))` gives both back; two orders never share an id; the venue takes every id.
 * @throws `FAULT_CONFIG` where the venue's ids are too short or of other characters than letters and digits, or a
 * prefix is not of them
 * @cost O(length), one text.
 * @example
 * ```ts
 * import { VenueOrderIds } from "tickwright/venue";
 * const ids = new VenueOrderIds("tw1", { lengthMax: 36, characters: "[A-Za-z0-9-]" });
 * ids.text(70_000, 2); // => "tw141i0g2"
 * ids.parse(ids.text(70_000, 2)); // => { id: 70000, requestId: 2 }
 * ids.parse("someone-else"); // => undefined
 * ```
 */
export class VenueOrderIds {
  readonly prefix: string;
  readonly lengthMax: number;
  readonly #radix: number;
  /** Characters of the length of an order's number. */
  readonly #width: number;
  readonly #isUpper: boolean;

  constructor(prefix: string, rules: Pick<VenueCapabilities["clientOrderIds"], "lengthMax" | "characters">) {
    this.lengthMax = checkInteger("venueOrderIds.lengthMax", rules.lengthMax, 1, 4096);
    const alphabet = alphabetOf(rules.characters);
    this.#radix = alphabet.length;
    this.#width = this.#radix === 10 ? 2 : 1;
    this.#isUpper = alphabet.includes("A");
    this.prefix = this.#isUpper ? checkText("venueOrderIds.prefix", prefix).toUpperCase() : prefix;
    checkText("venueOrderIds.prefix", this.prefix);
    const isOdd = this.prefix.split("").some((each) => !isAllowed(rules.characters, each));
    // The longest: prefix, the length of the order's number, and two numbers of 40 bits.
    const longest = this.prefix.length + this.#width + 2 * (2 ** 40).toString(this.#radix).length;
    if (isOdd || longest > this.lengthMax) {
      const expected = `a prefix of ${rules.characters}, and ids of ${longest} characters (at most ${this.lengthMax})`;
      throw new Fault("FAULT_CONFIG", { path: "venueOrderIds.prefix", value: this.prefix, expected });
    }
  }

  /** The id of an order (request 0), or of a cancel or replace of it. */
  text(id: number, requestId: number): string {
    const number = id.toString(this.#radix);
    const request = requestId === 0 ? "" : requestId.toString(this.#radix);
    const text = `${number.length.toString(this.#radix).padStart(this.#width, "0")}${number}${request}`;
    return this.prefix + (this.#isUpper ? text.toUpperCase() : text);
  }

  /** What an id stands for; undefined where it is none of this session's. */
  parse(text: string | undefined): VenueOrderId | undefined {
    if (text === undefined || !text.startsWith(this.prefix)) return undefined;
    const rest = text.slice(this.prefix.length).toLowerCase();
    const from = this.#width;
    const length = Number.parseInt(rest.slice(0, from), this.#radix);
    if (!(length >= 1) || rest.length < from + length) return undefined;
    const id = Number.parseInt(rest.slice(from, from + length), this.#radix);
    const request = rest.slice(from + length);
    const requestId = request === "" ? 0 : Number.parseInt(request, this.#radix);
    if (!Number.isSafeInteger(id) || !Number.isSafeInteger(requestId) || id < 1) return undefined;
    return this.text(id, requestId) === text ? { id, requestId } : undefined;
  }
}

/**
 * A prefix for a session's ids: the same for the same session, another for another name or base.
 *
 * @param name - the session's name
 * @param baseNs - the epoch ns its times count from
 */
export function venueIdPrefix(name: string, baseNs: bigint): string {
  const hash = BigInt(`0x${sha256Hex(new TextEncoder().encode(`${name} ${baseNs}`)).slice(0, 16)}`);
  const digits = hash.toString(10);
  return digits.slice(0, PREFIX_LENGTH);
}

function alphabetOf(characters: string): string {
  const found = ALPHABETS.find((alphabet) => alphabet.split("").every((each) => isAllowed(characters, each)));
  if (found !== undefined) return found;
  throw new Fault("FAULT_CONFIG", {
    path: "venueOrderIds.characters",
    value: characters,
    expected: "a regular expression of one character that takes digits",
  });
}

function isAllowed(characters: string, each: string): boolean {
  return new RegExp(`^(?:${characters})$`).test(each);
}
