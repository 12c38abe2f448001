import { Fault } from "../base/index.ts";
import type { VenueFill, VenueOrder } from "../model/index.ts";
import type { ConformanceVenue } from "./conformance.ts";
import type {
  VenueCapabilities,
  VenueOrderTerms,
  VenueOutcome,
  VenueReport,
  VenueReportKind,
  VenueTrouble,
} from "./venue-client.ts";

/** One check under way: what was heard, and the usual requests. */
export class ConformanceRun {
  readonly venue: ConformanceVenue;
  readonly reports: VenueReport[] = [];
  readonly troubles: VenueTrouble[] = [];
  connections = 0;
  cuts = 0;
  readonly #name: string;
  #number = 0;

  constructor(name: string, venue: ConformanceVenue) {
    this.#name = name;
    this.venue = venue;
  }

  get can(): VenueCapabilities {
    return this.venue.client.capabilities;
  }

  async open(): Promise<void> {
    await this.venue.client.open({
      report: (report) => void this.reports.push(report),
      connected: () => {
        this.connections += 1;
      },
      disconnected: () => {
        this.cuts += 1;
      },
      trouble: (trouble) => void this.troubles.push(trouble),
    });
    await this.until("the stream is connected after open", () => this.connections > 0);
  }

  async close(): Promise<void> {
    await this.venue.client.close();
    await this.venue.close();
  }

  /** @throws `FAULT_INPUT` naming the check, unless it holds */
  holds(what: string, isTrue: boolean, found: unknown = isTrue): void {
    if (isTrue) return;
    throw new Fault("FAULT_INPUT", { path: `conformance: ${this.#name}`, value: found, expected: what });
  }

  async until(what: string, condition: () => boolean): Promise<void> {
    this.holds(what, await this.venue.until(condition), "not in time");
  }

  /** A new client order id, of letters and digits. */
  name(): string {
    this.#number += 1;
    return `7${Date.now().toString(10).slice(-8)}${this.#number}`;
  }

  terms(clientOrderId: string, over: Partial<VenueOrderTerms> = {}): VenueOrderTerms {
    const { instrument, restTicks, lots } = this.venue;
    return {
      ...{ instrument, clientOrderId, side: "buy", type: "limit", timeInForce: "GTC", postOnly: false },
      ...{ reduceOnly: false, priceTicks: restTicks[0], stopTicks: 0, lots, displayLots: 0 },
      expireNs: Number.POSITIVE_INFINITY,
      ...over,
    };
  }

  /** A new order, of which the venue has said that it has it. Returns its id. */
  async rest(over: Partial<VenueOrderTerms> = {}): Promise<string> {
    const name = this.name();
    const outcome = await this.request(this.venue.client.submit(this.terms(name, over)));
    this.holds(
      "a good order is answered, not rejected",
      isIn(outcome, ["accepted", "trade"]) || isSilent(outcome),
      outcome,
    );
    await this.until(
      "the stream tells of the new order",
      () => this.heard("accepted", name) || this.heard("trade", name),
    );
    return name;
  }

  /** An outcome, whatever time must go by for it. */
  async request<Value>(promise: Promise<Value>): Promise<Value> {
    let settled: { readonly value: Value } | { readonly cause: unknown } | undefined;
    promise.then(
      (value) => {
        settled = { value };
      },
      (cause: unknown) => {
        settled = { cause };
      },
    );
    await this.until("a request has an outcome", () => settled !== undefined);
    const found = settled as { readonly value: Value } | { readonly cause: unknown } | undefined;
    if (found !== undefined && "value" in found) return found.value;
    throw found?.cause;
  }

  heard(kind: VenueReportKind, clientOrderId: string): boolean {
    return this.reports.some((each) => each.kind === kind && namesOf(each).includes(clientOrderId));
  }

  trades(clientOrderId: string): readonly VenueReport[] {
    return this.reports.filter((each) => each.kind === "trade" && namesOf(each).includes(clientOrderId));
  }

  async openOrders(): Promise<readonly VenueOrder[]> {
    const { client, instrument } = this.venue;
    return (
      (await this.request(client.query({ sections: ["orders"], instruments: [instrument] }))).orders ?? []
    );
  }

  async fills(): Promise<readonly VenueFill[]> {
    const { client, instrument } = this.venue;
    return (await this.request(client.query({ sections: ["fills"], instruments: [instrument] }))).fills ?? [];
  }

  async lots(): Promise<number> {
    const { client, instrument } = this.venue;
    const { positions = [] } = await this.request(
      client.query({ sections: ["positions"], instruments: [instrument] }),
    );
    return positions.find((each) => each.instrument === instrument.key)?.lots ?? 0;
  }

  queryOrder(clientOrderId: string): Promise<VenueOrder | null> {
    return this.request(this.venue.client.queryOrder({ instrument: this.venue.instrument, clientOrderId }));
  }

  cancel(clientOrderId: string): Promise<VenueOutcome> {
    const { client, instrument } = this.venue;
    return this.request(client.cancel({ instrument, clientOrderId }, this.name()));
  }
}

/** Whether an answer holds a report of one of these kinds. */
export function isIn(outcome: VenueOutcome, kinds: readonly VenueReportKind[]): boolean {
  return outcome.outcome === "answered" && outcome.reports.some(({ kind }) => kinds.includes(kind));
}

/** Whether an answer leaves it to the stream. */
function isSilent(outcome: VenueOutcome): boolean {
  return outcome.outcome === "answered" && outcome.reports.length === 0;
}

function namesOf({ clientOrderId, originalClientOrderId }: VenueReport): readonly (string | undefined)[] {
  return [clientOrderId, originalClientOrderId];
}
