import { beforeEach, describe, expect, it } from "vitest";
import { RequestBudget, type VenueOutcome, type VenueTrouble } from "../../src/venue/index.ts";
import { LinkOrders } from "../../src/venue/link-orders.ts";
import type { LinkReports } from "../../src/venue/link-reports.ts";
import { LinkRequests } from "../../src/venue/link-requests.ts";
import { ManualVenueClock } from "../../src/venue/testing.ts";
import type { VenueLinkHost, VenueLinkPlan } from "../../src/venue/venue-link-options.ts";

const TIMEOUT_NS = 1_000;
const cause: VenueTrouble = { code: "VENUE_SERVER", words: "why" };

/** Requests of two orders whose answers a test gives, and what was told of them. */
class Desk {
  readonly clock = new ManualVenueClock();
  readonly orders = new LinkOrders(16, () => false);
  readonly said: string[] = [];
  readonly sent: string[] = [];
  readonly #answers = new Map<string, (outcome: VenueOutcome) => void>();
  budget = new RequestBudget([{ name: "all", weight: 3, perNs: 1_600 }], 0);
  readonly requests = new LinkRequests({
    plan: { clock: this.clock, requestTimeoutNs: TIMEOUT_NS, cancelsQueued: 2 } as unknown as VenueLinkPlan,
    host: () => this.#host,
    reports: () => this.#reports,
    budget: () => this.budget,
    tell: (work) => work(),
  });
  readonly #host = {
    refused: (_station: number, id: number, requestId: number, { code }: VenueTrouble) =>
      void this.said.push(`refused ${id}.${requestId} ${code}`),
    trouble: ({ code }: VenueTrouble) => void this.said.push(code),
    doubtful: () => void this.said.push("doubtful"),
  } as unknown as VenueLinkHost;
  readonly #reports = {
    hear: ({ kind }: { kind: string }) => void this.said.push(kind),
    timedOut: ({ id }: { id: number }, requestId: number) =>
      void this.said.push(`timeout ${id}.${requestId}`),
    notSent: ({ id }: { id: number }, requestId: number, kind: string) =>
      void this.said.push(`not sent ${id}.${requestId} ${kind}`),
  } as unknown as LinkReports;

  #go(name: string): () => Promise<VenueOutcome> {
    return () => {
      this.sent.push(name);
      return new Promise((resolve) => void this.#answers.set(name, resolve));
    };
  }

  send(id: number, requestId: number, kind: "submit" | "replace"): void {
    this.requests.send(this.orders.open(id, 0), requestId, kind, this.#go(`${id}.${requestId}`));
  }

  cancel(id: number, requestId: number): void {
    this.requests.cancel(this.orders.open(id, 0), requestId, this.#go(`${id}.${requestId}`));
  }

  /** The venue's stream speaks of a request. */
  hear(id: number, requestId: number): void {
    this.requests.answered(this.orders.open(id, 0), requestId);
  }

  async answer(
    name: string,
    outcome: VenueOutcome["outcome"],
    more: Partial<VenueTrouble> = {},
  ): Promise<void> {
    const full =
      outcome === "answered" ? { outcome, reports: [] } : { outcome, cause: { ...cause, ...more } };
    this.#answers.get(name)?.(full as VenueOutcome);
    await this.clock.advance(0);
  }
}

let desk: Desk;

beforeEach(() => {
  desk = new Desk();
});

describe("requests on their way", () => {
  it("are in flight until they are answered or nobody answers, once each; cancels never", async () => {
    desk.send(1, 0, "submit");
    desk.send(2, 0, "submit");
    desk.cancel(1, 1);
    expect(desk.requests.inFlight).toBe(2);
    await desk.answer("1.0", "answered");
    expect(desk.requests.inFlight).toBe(1);
    await desk.clock.advance(TIMEOUT_NS);
    expect(desk.requests.inFlight).toBe(0);
    await desk.answer("2.0", "answered");
    await desk.answer("1.1", "answered");
    expect(desk.requests.inFlight).toBe(0);
  });

  it("are unknown after a time, once, and what comes later is heard", async () => {
    desk.send(1, 0, "submit");
    await desk.clock.advance(TIMEOUT_NS);
    expect(desk.said).toEqual(["VENUE_TIMEOUT", "timeout 1.0", "doubtful"]);
    await desk.answer("1.0", "unknown");
    expect([desk.said.length, desk.requests.counts.unknown]).toEqual([3, 1]);
    const other = new Desk();
    other.send(1, 0, "submit");
    await other.answer("1.0", "unknown");
    await other.clock.advance(2 * TIMEOUT_NS);
    expect(other.said).toEqual(["VENUE_SERVER", "timeout 1.0", "doubtful"]);
  });

  it("are neither unknown nor refused where the stream told of them first", async () => {
    for (const outcome of ["unknown", "notSent"] as const) {
      const each = new Desk();
      each.send(1, 0, "submit");
      each.hear(1, 0);
      await each.answer("1.0", outcome);
      await each.clock.advance(2 * TIMEOUT_NS);
      expect(each.said, outcome).toEqual([]);
    }
  });

  it("are told as refused where they never left, and a venue that limits is left alone for as long as it says", async () => {
    desk.send(1, 0, "submit");
    await desk.answer("1.0", "notSent", { code: "VENUE_RATE_LIMITED", retryNs: 5_000 });
    expect(desk.said).toEqual(["refused 1.0 VENUE_RATE_LIMITED", "not sent 1.0 submit"]);
    expect([desk.budget.take("submit", 4_999), desk.budget.take("submit", 5_000)]).toEqual([false, true]);
  });
});

describe("cancels without a budget", () => {
  it("wait in the order in which they came, up to a bound, and none overtakes", async () => {
    for (let i = 1; i <= 6; i++) desk.cancel(1, i);
    expect(desk.sent).toEqual(["1.1", "1.2", "1.3"]);
    expect([desk.requests.queued, desk.said]).toEqual([
      2,
      ["refused 1.6 VENUE_RATE_LIMITED", "not sent 1.6 cancel"],
    ]);
    expect(desk.requests.counts.cancelsDropped).toBe(1);
    // A budget that is there again is for those who wait.
    desk.budget = new RequestBudget([{ name: "all", weight: 1, perNs: 1_600 }], 0);
    desk.requests.close();
    expect(desk.said.slice(2)).toEqual([
      ...["refused 1.4 VENUE_DISCONNECTED", "not sent 1.4 cancel"],
      ...["refused 1.5 VENUE_DISCONNECTED", "not sent 1.5 cancel"],
    ]);
    expect(desk.requests.queued).toBe(0);
  });

  it("leave one by one as the budget comes back", async () => {
    desk.budget = new RequestBudget([{ name: "all", weight: 1, perNs: 1_600 }], 0);
    for (let i = 1; i <= 3; i++) desk.cancel(1, i);
    desk.budget = new RequestBudget([{ name: "all", weight: 1, perNs: 1_600 }], 0);
    desk.cancel(1, 4);
    expect(desk.sent).toEqual(["1.1"]);
    for (let i = 0; i < 40 && desk.requests.queued > 0; i++) await desk.clock.advance(200);
    expect(desk.sent).toEqual(["1.1", "1.2", "1.3"]);
  });
});
