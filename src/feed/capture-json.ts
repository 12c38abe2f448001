import type { Instrument } from "../model/index.ts";
import { CAPTURE, type CaptureMessage, EVENT_OTHER, EVENTS, NUMBER, SEEN } from "./capture-message.ts";

const LINE = /^(\d{10})(\d{9}) (.*)$/s;
const DECIMAL = /^\d+(?:\.\d+)?$/;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads one line of a raw capture by JSON.parse: the slow path, for lines the scanner gave up on. It takes
 * any JSON (spaces, escapes, other orders and fields), long numbers and off-grid values, and names what is
 * wrong.
 *
 * @returns what is malformed, or nothing.
 * @cost About 5 us a line; a handful of lines in a capture.
 */
export function readJsonLine(
  text: string,
  instrument: Instrument,
  message: CaptureMessage,
): string | undefined {
  message.reset();
  const match = LINE.exec(text.replace(/\r$/, ""));
  if (match === null) return "a line that starts with 19 digits of local ns and a space";
  message.localSeconds = Number(match[1]);
  message.localNanos = Number(match[2]);
  const fields = parse(match[3] ?? "");
  if (fields === undefined) return "a JSON object after the local time";
  return new JsonLine(fields, instrument, message).read();
}

function parse(json: string): Fields | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  return typeof value.stream === "string" && isObject(value.data) ? value.data : value;
}

class JsonLine {
  readonly #fields: Fields;
  readonly #instrument: Instrument;
  readonly #message: CaptureMessage;
  #wrong: string | undefined;

  constructor(fields: Fields, instrument: Instrument, message: CaptureMessage) {
    this.#fields = fields;
    this.#instrument = instrument;
    this.#message = message;
  }

  read(): string | undefined {
    const m = this.#message;
    const event = this.#fields.e;
    const code = typeof event === "string" ? EVENTS.indexOf(event as (typeof EVENTS)[number], 1) : 0;
    m.event = event === undefined ? 0 : code > 0 ? code : EVENT_OTHER;
    for (const [key, bit] of PRESENT) if (this.#fields[key] !== undefined) m.seen |= bit;
    switch (m.classify()) {
      case CAPTURE.diff:
        this.#ids([
          ["E", NUMBER.event],
          ["U", NUMBER.first],
          ["u", NUMBER.last],
        ]);
        this.#maybe([
          ["T", NUMBER.transact],
          ["pu", NUMBER.previous],
        ]);
        this.#levels("b", "a");
        break;
      case CAPTURE.quote:
        this.#ids([["u", NUMBER.last]]);
        this.#maybe([
          ["E", NUMBER.event],
          ["T", NUMBER.transact],
        ]);
        this.#put(0, this.#fields.b, this.#fields.B);
        this.#put(1, this.#fields.a, this.#fields.A);
        break;
      case CAPTURE.trade:
        this.#ids([
          ["t", NUMBER.trade],
          ["T", NUMBER.transact],
        ]);
        this.#maybe([["E", NUMBER.event]]);
        this.#put(0, this.#fields.p, this.#fields.q);
        this.#maker();
        break;
      case CAPTURE.snapshot:
        this.#ids([["lastUpdateId", NUMBER.last]]);
        this.#maybe([
          ["E", NUMBER.event],
          ["T", NUMBER.transact],
        ]);
        this.#levels("bids", "asks");
        break;
      default:
        m.name = this.#name();
        return undefined;
    }
    this.#symbol();
    return m.missing === undefined ? this.#wrong : `a field for ${m.missing}`;
  }

  #name(): string {
    const event = this.#fields.e;
    return typeof event === "string" ? event : (Object.keys(this.#fields)[0] ?? "empty");
  }

  #ids(fields: readonly (readonly [string, number])[]): void {
    for (const [key, slot] of fields) {
      const value = this.#fields[key];
      if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0)
        this.#message.numbers[slot] = value;
      else this.#wrong ??= `a whole number below 2^53 as ${key}`;
    }
  }

  #maybe(fields: readonly (readonly [string, number])[]): void {
    this.#ids(fields.filter(([key]) => this.#fields[key] !== undefined));
  }

  #symbol(): void {
    const symbol = this.#fields.s;
    if (symbol === undefined) return;
    if (typeof symbol !== "string") this.#wrong ??= "a text as s";
    else if (symbol !== this.#instrument.symbol) this.#message.otherSymbol = 1;
  }

  #maker(): void {
    const maker = this.#fields.m;
    if (typeof maker !== "boolean") this.#wrong ??= "true or false as m";
    else this.#message.buyerIsMaker = maker ? 1 : 0;
  }

  #levels(bids: string, asks: string): void {
    const m = this.#message;
    for (const key of [bids, asks]) {
      const list = this.#fields[key];
      if (!Array.isArray(list)) {
        this.#wrong ??= `a list of levels as ${key}`;
        return;
      }
      for (const level of list as unknown[]) {
        if (!Array.isArray(level) || level.length !== 2) {
          this.#wrong ??= `[price, size] in ${key}`;
          return;
        }
        if (m.levels === m.tick.length) m.grow();
        this.#put(m.levels, level[0], level[1]);
        m.levels += 1;
      }
      if (key === bids) m.bids = m.levels;
    }
  }

  #put(slot: number, price: unknown, size: unknown): void {
    const m = this.#message;
    if (
      typeof price !== "string" ||
      typeof size !== "string" ||
      !DECIMAL.test(price) ||
      !DECIMAL.test(size)
    ) {
      this.#wrong ??= "prices and sizes as decimals in quotes";
      return;
    }
    const tick = this.#instrument.parsePrice(price);
    const lots = this.#instrument.parseBookQuantity(size);
    m.tick[slot] = tick.ok ? tick.value : 0;
    m.lots[slot] = tick.ok && lots.ok ? lots.value : Number.NaN;
    if (tick.ok && lots.ok) return;
    if (m.offGrid === 0) m.offGridText = `[${price}, ${size}]`;
    m.offGrid += 1;
  }
}

const PRESENT: readonly (readonly [string, number])[] = [
  ["e", SEEN.event],
  ["E", SEEN.eventTime],
  ["T", SEEN.transactTime],
  ["s", SEEN.symbol],
  ["U", SEEN.firstId],
  ["u", SEEN.lastId],
  ["pu", SEEN.previousId],
  ["b", SEEN.bidLevels | SEEN.bidPrice],
  ["a", SEEN.askLevels | SEEN.askPrice],
  ["B", SEEN.bidLots],
  ["A", SEEN.askLots],
  ["t", SEEN.tradeId],
  ["p", SEEN.price],
  ["q", SEEN.quantity],
  ["m", SEEN.maker],
  ["lastUpdateId", SEEN.snapshotId],
  ["bids", SEEN.bidLevels],
  ["asks", SEEN.askLevels],
];

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
