import { describe, expect, it } from "vitest";
import { flatFees, Instrument } from "../../src/model/index.ts";
import type { VenueClient, VenueListener } from "../../src/venue/index.ts";
import {
  type ConformanceVenue,
  ManualVenueClock,
  MemoryVenue,
  MemoryVenueClient,
  venueConformance,
} from "../../src/venue/testing.ts";

const instrument = new Instrument({
  ...{ symbol: "ABC", venue: "mem", tickSize: "0.01", lotSize: "1", quote: "USD" },
  fees: flatFees("0", "0"),
});

function made(
  wrap: (client: MemoryVenueClient, venue: MemoryVenue) => VenueClient = (client) => client,
  replaces: "atomic" | "cancelNew" = "atomic",
): ConformanceVenue {
  const clock = new ManualVenueClock();
  const venue = new MemoryVenue({
    venue: "mem",
    account: "main",
    clock,
    instruments: [instrument],
    replaces,
  });
  venue.quote(instrument, 990, 1010);
  const client = new MemoryVenueClient({ venue, clock });
  return {
    ...{ client: wrap(client, venue), instrument, lots: 4, takeTicks: 1010, restTicks: [980, 970] },
    fill: (priceTicks, lots) => void venue.print(instrument, priceTicks, lots),
    until: async (condition) => {
      for (let i = 0; i < 60 && !condition(); i++) await clock.advance(1_000_000);
      return condition();
    },
    loseAnswer: () => void client.requestFaults.push("dropAck"),
    loseRequest: () => void client.requestFaults.push("lost"),
    cut: () => {
      client.disconnect();
      clock.after(5_000_000, () => client.connect());
    },
    arrivals: (name) => venue.arrivals.get(name) ?? 0,
    close: () => {},
  };
}

/** A client that is right but for what is given. */
function but(client: MemoryVenueClient, wrong: Partial<VenueClient>): VenueClient {
  const right: VenueClient = {
    venue: client.venue,
    account: client.account,
    capabilities: client.capabilities,
    open: (listener) => client.open(listener),
    submit: (order) => client.submit(order),
    cancel: (order, request) => client.cancel(order, request),
    replace: (order, terms) => client.replace(order, terms),
    cancelAll: (each) => client.cancelAll(each),
    queryOrder: (name) => client.queryOrder(name),
    query: (query) => client.query(query),
    permissions: () => client.permissions(),
    filters: (each) => client.filters(each),
    close: () => client.close(),
  };
  return { ...right, ...wrong };
}

const heard = (listener: VenueListener, over: Partial<VenueListener>): VenueListener => ({
  report: (report) => listener.report(report),
  connected: () => listener.connected(),
  disconnected: (cause) => listener.disconnected(cause),
  trouble: (trouble) => listener.trouble(trouble),
  ...over,
});

/** Clients that are wrong in one way each. */
const WRONG: Readonly<Record<string, (client: MemoryVenueClient, venue: MemoryVenue) => VenueClient>> = {
  "sends again what had no answer": (client) =>
    but(client, {
      submit: async (order) => {
        const outcome = await client.submit(order);
        return outcome.outcome === "unknown" ? client.submit(order) : outcome;
      },
    }),
  "calls rejected what is unknown": (client) =>
    but(client, {
      submit: async (order) => {
        const outcome = await client.submit(order);
        if (outcome.outcome !== "unknown") return outcome;
        const { clientOrderId } = order;
        return {
          outcome: "answered",
          reports: [{ kind: "rejected", instrument: instrument.key, clientOrderId, venueNs: 0 }],
        };
      },
    }),
  "throws where it cannot say": (client) =>
    but(client, {
      submit: async (order) => {
        const outcome = await client.submit(order);
        if (outcome.outcome !== "answered") throw new Error("failed");
        return outcome;
      },
    }),
  "rounds prices": (client) =>
    but(client, {
      submit: (order) => client.submit({ ...order, priceTicks: order.priceTicks - (order.priceTicks % 50) }),
    }),
  "shortens ids": (client) =>
    but(client, {
      submit: (order) => client.submit({ ...order, clientOrderId: order.clientOrderId.slice(0, 20) }),
    }),
  "makes ids of its own": (client) =>
    but(client, { submit: (order) => client.submit({ ...order, clientOrderId: `x${order.clientOrderId}` }) }),
  "loses executions": (client) =>
    but(client, {
      open: (listener) =>
        client.open(
          heard(listener, { report: (report) => void (report.kind === "trade" || listener.report(report)) }),
        ),
    }),
  "tells executions twice under other ids": (client) =>
    but(client, {
      open: (listener) =>
        client.open(
          heard(listener, {
            report: (report) => {
              listener.report(report);
              if (report.kind === "trade") listener.report({ ...report, execId: `${report.execId}b` });
            },
          }),
        ),
    }),
  "numbers all executions alike": (client) =>
    but(client, {
      open: (listener) =>
        client.open(
          heard(listener, {
            report: (report) =>
              listener.report(report.kind === "trade" ? { ...report, execId: "1" } : report),
          }),
        ),
    }),
  "cancels nothing": (client) => but(client, { cancel: async () => ({ outcome: "answered", reports: [] }) }),
  "calls an unknown order notSent": (client) =>
    but(client, {
      cancel: async (order, request) => {
        const outcome = await client.cancel(order, request);
        const isNo =
          outcome.outcome === "answered" && outcome.reports.some(({ kind }) => kind === "cancelRejected");
        return isNo ? { outcome: "notSent", cause: { code: "VENUE_SERVER", words: "no" } } : outcome;
      },
    }),
  "replaces by a second order": (client) => but(client, { replace: (_order, terms) => client.submit(terms) }),
  "mass cancels one instrument of none": (client) =>
    but(client, { cancelAll: async () => ({ outcome: "answered", reports: [] }) }),
  "throws for an order nobody knows": (client) =>
    but(client, {
      queryOrder: async (name) => {
        const order = await client.queryOrder(name);
        if (order === null) throw new Error("not found");
        return order;
      },
    }),
  "tells every section": (client) =>
    but(client, {
      query: (query) => client.query({ ...query, sections: ["orders", "fills", "positions", "cash"] }),
    }),
  "ignores post-only": (client) =>
    but(client, { submit: (order) => client.submit({ ...order, postOnly: false }) }),
  "is silent when it is cut": (client) =>
    but(client, { open: (listener) => client.open(heard(listener, { disconnected: () => {} })) }),
  "stays cut": (client) => {
    let times = 0;
    return but(client, {
      open: (listener) =>
        client.open(heard(listener, { connected: () => void (times++ === 0 && listener.connected()) })),
    });
  },
  "talks after it was closed": (client, venue) =>
    but(client, {
      open: (listener) => {
        const opened = client.open(listener);
        return opened.then(() => {
          const before = venue.onReport;
          venue.onReport = (report) => {
            before(report);
          };
        });
      },
      close: async () => {
        const { onReport } = venue;
        await Promise.resolve();
        venue.onReport = onReport;
      },
    }),
  "says it has positions that it has not": (client) =>
    but(client, {
      query: async (query) => {
        const told = await client.query(query);
        return told.positions === undefined ? told : { ...told, positions: [] };
      },
    }),
  "tells costs in another currency than it lists": (client) =>
    but(client, {
      open: (listener) =>
        client.open(
          heard(listener, {
            report: (report) =>
              listener.report(
                report.fee === undefined ? report : { ...report, fee: { ...report.fee, currency: "BNB" } },
              ),
          }),
        ),
    }),
  "tells costs in minor units": (client) =>
    but(client, {
      open: (listener) =>
        client.open(
          heard(listener, {
            report: (report) =>
              listener.report(
                report.fee === undefined ? report : { ...report, fee: { ...report.fee, amount: "7" } },
              ),
          }),
        ),
    }),
  "denies its key what it does": (client) =>
    but(client, { permissions: async () => ({ ...(await client.permissions()), canTrade: false }) }),
  "says more of its key than yes, no or nothing": (client) =>
    but(client, {
      permissions: async () => ({ ...(await client.permissions()), canWithdraw: "no" as never }),
    }),
  "forbids orders that it takes": (client) =>
    but(client, { filters: async (each) => ({ ...(await client.filters(each)), minQuantity: "1000" }) }),
  "writes filters as doubles": (client) =>
    but(client, { filters: async (each) => ({ ...(await client.filters(each)), tickSize: "1e-2" }) }),
  "belongs to another account": (client) =>
    but(client, { query: async (query) => ({ ...(await client.query(query)), account: "other" }) }),
};

describe.each(["atomic", "cancelNew"] as const)("the conformance kit, replaces %s", (replaces) => {
  for (const { name, run } of venueConformance({ make: () => made(undefined, replaces) })) {
    it(name, run);
  }
});

describe("the conformance kit finds a client that", () => {
  it.each(Object.keys(WRONG))("%s", async (name) => {
    const checks = venueConformance({ make: () => made(WRONG[name]) });
    const results = await Promise.allSettled(checks.map(({ run }) => run()));
    const failed = checks.filter((_, i) => results[i]?.status === "rejected");
    expect(failed.map((each) => each.name)).not.toEqual([]);
    expect(failed.length).toBeLessThan(checks.length);
  });
});
