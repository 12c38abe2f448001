import { checkArray, checkInteger, checkKeys, checkNumber, Fault } from "../base/index.ts";

/**
 * How long an order takes to the venue, and its report back.
 *
 * @units all times in ns; `feedLatencyNs` is the last feed message's local minus exchange time
 * @invariant A negative entry means the order was lost on the way: its sender hears of that after the
 * absolute value. A response is never negative.
 */
export interface LatencyModel {
  /** Whether `feedLatencyNs` matters to it. */
  readonly usesFeedLatency: boolean;
  entryNs(nowNs: number, feedLatencyNs: number): number;
  responseNs(nowNs: number, feedLatencyNs: number): number;
  /** JSON-safe words and numbers for the manifest. */
  describe(): Readonly<Record<string, unknown>>;
}

/**
 * The same latency for every order.
 *
 * @units ns
 * @throws `FAULT_CONFIG` on negative or fractional times.
 */
export class ConstantLatency implements LatencyModel {
  readonly usesFeedLatency = false;
  readonly #entryNs: number;
  readonly #responseNs: number;

  constructor(options: { readonly entryNs: number; readonly responseNs: number }) {
    checkKeys("latency", options, ["entryNs", "responseNs"]);
    this.#entryNs = checkInteger("latency.entryNs", options.entryNs, 0);
    this.#responseNs = checkInteger("latency.responseNs", options.responseNs, 0);
  }

  entryNs(): number {
    return this.#entryNs;
  }

  responseNs(): number {
    return this.#responseNs;
  }

  describe(): Readonly<Record<string, unknown>> {
    return { model: "constant", entryNs: this.#entryNs, responseNs: this.#responseNs };
  }
}

/**
 * Latency as a multiple of the last feed message's own latency, plus an offset: for captures without
 * recorded orders.
 *
 * @units multiples without unit, offsets in ns
 * @invariant Rounded to whole ns, never below 0.
 */
export class FeedMultipleLatency implements LatencyModel {
  readonly usesFeedLatency = true;
  readonly #entry: number;
  readonly #response: number;
  readonly #entryOffsetNs: number;
  readonly #responseOffsetNs: number;

  constructor(options: {
    readonly entry: number;
    readonly response: number;
    readonly entryOffsetNs?: number;
    readonly responseOffsetNs?: number;
  }) {
    checkKeys("latency", options, ["entry", "response", "entryOffsetNs", "responseOffsetNs"]);
    this.#entry = checkNumber("latency.entry", options.entry, 0);
    this.#response = checkNumber("latency.response", options.response, 0);
    this.#entryOffsetNs = checkInteger("latency.entryOffsetNs", options.entryOffsetNs ?? 0);
    this.#responseOffsetNs = checkInteger("latency.responseOffsetNs", options.responseOffsetNs ?? 0);
  }

  entryNs(_nowNs: number, feedLatencyNs: number): number {
    return Math.max(0, Math.round(this.#entry * feedLatencyNs + this.#entryOffsetNs));
  }

  responseNs(_nowNs: number, feedLatencyNs: number): number {
    return Math.max(0, Math.round(this.#response * feedLatencyNs + this.#responseOffsetNs));
  }

  describe(): Readonly<Record<string, unknown>> {
    return {
      model: "feedMultiple",
      entry: this.#entry,
      response: this.#response,
      entryOffsetNs: this.#entryOffsetNs,
      responseOffsetNs: this.#responseOffsetNs,
    };
  }
}

/** One recorded order: when it was sent, when the venue had it (0 or less: lost), when its report came. */
export interface RecordedLatency {
  readonly sentNs: number;
  readonly exchNs: number;
  readonly reportNs: number;
}

/**
 * Latency interpolated between recorded orders; before the first and after the last, theirs.
 *
 * @units ns from the session's base
 * @invariant Between two records the entry latency is linear in the time of sending, the response latency in
 * the time of arrival; an order sent next to a lost one is lost, and heard of as late as that one was.
 * @throws `FAULT_CONFIG` on an empty recording, times that fall, or reports before their orders.
 */
export class InterpolatedLatency implements LatencyModel {
  readonly usesFeedLatency = false;
  readonly #sent: Float64Array;
  readonly #exch: Float64Array;
  readonly #report: Float64Array;
  /** Arrivals and reports of the records that were not lost, by arrival. */
  readonly #arrivedNs: Float64Array;
  readonly #answeredNs: Float64Array;
  #entryHint = 0;
  #responseHint = 0;

  constructor(options: { readonly records: readonly RecordedLatency[] }) {
    checkKeys("latency", options, ["records"]);
    const records = checkArray("latency.records", options.records);
    this.#sent = new Float64Array(records.length);
    this.#exch = new Float64Array(records.length);
    this.#report = new Float64Array(records.length);
    for (const [i, record] of records.entries()) {
      const path = `latency.records[${i}]`;
      checkKeys(path, record, ["sentNs", "exchNs", "reportNs"]);
      this.#sent[i] = checkNumber(`${path}.sentNs`, record.sentNs);
      this.#exch[i] = checkNumber(`${path}.exchNs`, record.exchNs);
      this.#report[i] = checkNumber(`${path}.reportNs`, record.reportNs);
      checkRising(path, record, i === 0 ? Number.NEGATIVE_INFINITY : (this.#sent[i - 1] as number));
    }
    const arrived = records.filter(({ exchNs }) => exchNs > 0).sort((a, b) => a.exchNs - b.exchNs);
    this.#arrivedNs = Float64Array.from(arrived, ({ exchNs }) => exchNs);
    this.#answeredNs = Float64Array.from(arrived, ({ reportNs }) => reportNs);
  }

  entryNs(nowNs: number): number {
    const at = this.#locate(this.#sent, nowNs, this.#entryHint);
    const low = Math.max(at, 0);
    const high = Math.min(at + 1, this.#sent.length - 1);
    this.#entryHint = low;
    if (this.#isLost(low)) return -this.#lostFor(low);
    if (this.#isLost(high)) return -this.#lostFor(high);
    return this.#between(this.#sent, this.#exch, low, high, nowNs);
  }

  /** 0 where every recorded order was lost: no answer was ever timed. */
  responseNs(nowNs: number): number {
    const arrived = this.#arrivedNs;
    if (arrived.length === 0) return 0;
    const at = this.#locate(arrived, nowNs, this.#responseHint);
    const low = Math.max(at, 0);
    this.#responseHint = low;
    return this.#between(arrived, this.#answeredNs, low, Math.min(at + 1, arrived.length - 1), nowNs);
  }

  describe(): Readonly<Record<string, unknown>> {
    return {
      model: "interpolated",
      records: this.#sent.length,
      firstNs: this.#at(this.#sent, 0),
      lastNs: this.#at(this.#sent, this.#sent.length - 1),
    };
  }

  #isLost(i: number): boolean {
    return this.#at(this.#exch, i) <= 0;
  }

  /** How long the sender of a lost order waited to hear of it; at least 1, for 0 would be an arrival. */
  #lostFor(i: number): number {
    return Math.max(1, Math.round(this.#at(this.#report, i) - this.#at(this.#sent, i)));
  }

  #at(column: Float64Array, i: number): number {
    return column[i] as number;
  }

  /** The last record at or before `nowNs`, or -1; the search goes on from the last answer. */
  #locate(column: Float64Array, nowNs: number, hint: number): number {
    let at = hint;
    while (at > 0 && this.#at(column, at) > nowNs) at -= 1;
    while (at + 1 < column.length && this.#at(column, at + 1) <= nowNs) at += 1;
    return this.#at(column, at) > nowNs ? -1 : at;
  }

  #between(from: Float64Array, to: Float64Array, low: number, high: number, nowNs: number): number {
    const lowNs = this.#at(to, low) - this.#at(from, low);
    const span = this.#at(from, high) - this.#at(from, low);
    if (span <= 0 || nowNs <= this.#at(from, low)) return Math.round(lowNs);
    const highNs = this.#at(to, high) - this.#at(from, high);
    const share = Math.min(1, (nowNs - this.#at(from, low)) / span);
    return Math.round(lowNs + (highNs - lowNs) * share);
  }
}

function checkRising(path: string, record: RecordedLatency, last: number): void {
  if (record.sentNs < last) {
    throw new Fault("FAULT_CONFIG", {
      path: `${path}.sentNs`,
      value: record.sentNs,
      expected: `at least ${last}`,
    });
  }
  const arrived = record.exchNs <= 0 || (record.exchNs >= record.sentNs && record.reportNs >= record.exchNs);
  if (arrived && record.reportNs >= record.sentNs) return;
  throw new Fault("FAULT_CONFIG", {
    path,
    value: record,
    expected: "sentNs <= exchNs <= reportNs, or exchNs 0 for a lost order",
  });
}
