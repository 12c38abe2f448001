import { Fault } from "../base/index.ts";
import type { Instrument, VenueOrder, VenueSnapshot } from "../model/index.ts";
import type { MemoryVenue } from "./memory-venue.ts";
import type {
  VenueCapabilities,
  VenueClient,
  VenueFilters,
  VenueListener,
  VenueOrderName,
  VenueOrderTerms,
  VenueOutcome,
  VenuePermissions,
  VenueQuery,
  VenueReport,
  VenueTrouble,
} from "./venue-client.ts";
import type { VenueClock } from "./venue-clock.ts";

/**
 * What goes wrong with one request, on command. `lost`: it never arrives; `dropAck`: it arrives, its answer is lost;
 * `hang`: it arrives, and no answer ever comes; `notSent`: it stays here, for certain; `late`: its answer comes after
 * everything else.
 */
export type RequestFault = "lost" | "dropAck" | "hang" | "notSent" | "late";

/** What goes wrong with one report of the stream. `swap`: it comes behind the next one. */
export type ReportFault = "drop" | "duplicate" | "swap" | "delay";

/** What a {@link MemoryVenueClient} is made from. */
export interface MemoryVenueClientOptions {
  readonly venue: MemoryVenue;
  readonly clock: VenueClock;
  /** One way. @units ns; 1 ms unless given */
  readonly latencyNs?: number;
  readonly capabilities?: Partial<VenueCapabilities>;
  /** What the key may do, where it is not to trade and nothing else. */
  readonly permissions?: Partial<VenuePermissions>;
  /** What orders have to be like, in every instrument, beyond the instrument's own grid. */
  readonly filters?: Partial<VenueFilters>;
}

const CAPABILITIES: VenueCapabilities = {
  types: ["limit", "market", "stop", "stopLimit"],
  timesInForce: ["GTC", "IOC", "FOK", "DAY", "GTD"],
  postOnly: true,
  reduceOnly: false,
  displayLots: false,
  replace: "atomic",
  massCancel: "account",
  clientOrderIds: { lengthMax: 36, characters: "[A-Za-z0-9_-]", uniqueAmong: "ever", canBeQueried: true },
  cancelsOnDisconnect: false,
  rateLimits: [],
};
const PERMISSIONS: VenuePermissions = {
  ...{ canTrade: true, canWithdraw: false, isIpRestricted: true, accountTypes: ["MEMORY"] },
};
const LOST: VenueTrouble = { code: "VENUE_DISCONNECTED", words: "the connection was cut" };

/**
 * A client of a {@link MemoryVenue}: the reference of what `VenueClient` asks for, and one whose faults a test chooses.
 *
 * @invariant Without faults every request is answered, and every report is told once, in order.
 */
export class MemoryVenueClient implements VenueClient {
  readonly capabilities: VenueCapabilities;
  /** Faults of the next requests, in order; one request takes one. `undefined`: none. */
  readonly requestFaults: (RequestFault | undefined)[] = [];
  /** Faults of the next reports, in order. */
  readonly reportFaults: (ReportFault | undefined)[] = [];
  readonly #venue: MemoryVenue;
  readonly #clock: VenueClock;
  readonly #latencyNs: number;
  readonly #permissions: VenuePermissions;
  readonly #filters: Partial<VenueFilters>;
  #listener: VenueListener | undefined = undefined;
  #isConnected = false;
  #life = 0;
  #swapped: VenueReport | undefined = undefined;

  constructor(options: MemoryVenueClientOptions) {
    this.#venue = options.venue;
    this.#clock = options.clock;
    this.#latencyNs = options.latencyNs ?? 1_000_000;
    this.#permissions = { ...PERMISSIONS, ...options.permissions };
    this.#filters = options.filters ?? {};
    this.capabilities = { ...CAPABILITIES, replace: options.venue.replaces, ...options.capabilities };
  }

  get venue(): string {
    return this.#venue.venue;
  }

  get account(): string {
    return this.#venue.account;
  }

  async open(listener: VenueListener): Promise<void> {
    if (this.#listener !== undefined) {
      const expected = "a client that is not open";
      throw new Fault("FAULT_INPUT", { path: "memoryVenueClient.open", value: "open", expected });
    }
    this.#listener = listener;
    this.#venue.onReport = (report) => this.#stream(report);
    this.connect();
  }

  async close(): Promise<void> {
    this.#listener = undefined;
    this.#isConnected = false;
    this.#life += 1;
    this.#venue.onReport = () => {};
  }

  /** The stream is there again. */
  connect(): void {
    if (this.#isConnected) return;
    this.#isConnected = true;
    this.#life += 1;
    this.#listener?.connected();
  }

  /** The connection is cut: what was on its way to us is lost, and so is the stream until `connect`. */
  disconnect(): void {
    if (!this.#isConnected) return;
    this.#isConnected = false;
    this.#life += 1;
    this.#swapped = undefined;
    this.#listener?.disconnected(LOST);
  }

  submit(order: VenueOrderTerms): Promise<VenueOutcome> {
    return this.#request(() => this.#venue.submit(order));
  }

  cancel(order: VenueOrderName, clientRequestId: string): Promise<VenueOutcome> {
    return this.#request(() => this.#venue.cancel(order, clientRequestId));
  }

  replace(order: VenueOrderName, terms: VenueOrderTerms): Promise<VenueOutcome> {
    return this.#request(() => this.#venue.replace(order, terms));
  }

  cancelAll(instrument: Instrument | null): Promise<VenueOutcome> {
    return this.#request(() => this.#venue.cancelAll(instrument));
  }

  queryOrder(name: VenueOrderName): Promise<VenueOrder | null> {
    return this.#question(() => this.#venue.queryOrder(name));
  }

  query(query: VenueQuery): Promise<VenueSnapshot> {
    return this.#question(() => this.#venue.query(query));
  }

  permissions(): Promise<VenuePermissions> {
    return this.#question(() => this.#permissions);
  }

  filters(instrument: Instrument): Promise<VenueFilters> {
    const { tickSize, lotSize } = instrument.describe();
    return this.#question(() => ({
      ...{ isTrading: true, tickSize, lotSize, maxQuantity: null, minNotional: null, maxNotional: null },
      ...{ minQuantity: instrument.formatQuantity(instrument.minLots), maxOpenOrders: null },
      ...this.#filters,
    }));
  }

  #request(arrive: () => readonly VenueReport[]): Promise<VenueOutcome> {
    const fault = this.requestFaults.shift();
    if (fault === "notSent" || !this.#isConnected) {
      return Promise.resolve({ outcome: "notSent", cause: LOST });
    }
    const life = this.#life;
    return new Promise((resolve) => {
      this.#clock.after(this.#latencyNs, () => {
        const isCut = life !== this.#life;
        // What was written before the connection was cut may have arrived: here it has not.
        const reports = fault === "lost" || isCut ? [] : arrive();
        if (fault === "hang") return;
        const unknown = fault === "lost" || fault === "dropAck" || isCut;
        const outcome: VenueOutcome = unknown
          ? { outcome: "unknown", cause: LOST }
          : { outcome: "answered", reports };
        this.#clock.after(fault === "late" ? 20 * this.#latencyNs : this.#latencyNs, () => {
          // An answer that was on its way when the connection was cut is lost with it.
          resolve(life === this.#life ? outcome : { outcome: "unknown", cause: LOST });
        });
      });
    });
  }

  #question<Value>(answer: () => Value): Promise<Value> {
    return new Promise((resolve, reject) => {
      this.#clock.after(2 * this.#latencyNs, () => {
        if (this.#isConnected) resolve(answer());
        else {
          const expected = "a connection to the venue";
          reject(new Fault("FAULT_IO", { path: "memoryVenueClient", value: LOST.code, expected }));
        }
      });
    });
  }

  #stream(report: VenueReport): void {
    if (!this.#isConnected) return;
    const fault = this.reportFaults.shift();
    const held = this.#swapped;
    this.#swapped = undefined;
    if (fault === "swap" && held === undefined) this.#swapped = report;
    else if (fault !== "drop") {
      this.#later(report, fault === "delay" ? 10 : 1);
      if (fault === "duplicate") this.#later(report, 5);
    }
    if (held !== undefined) this.#later(held, 1);
  }

  #later(report: VenueReport, latencies: number): void {
    const life = this.#life;
    this.#clock.after(latencies * this.#latencyNs, () => {
      if (life === this.#life) this.#listener?.report(report);
    });
  }
}
