import type {
  VenueCapabilities,
  VenueClient,
  VenueListener,
  VenueOrderTerms,
  VenueOutcome,
} from "../venue/index.ts";

const NOTHING: VenueOutcome = { outcome: "answered", reports: [] };

/** A venue that has everything expire at once, and is nowhere. */
export class RehearsedVenue implements VenueClient {
  readonly venue = "rehearsal";
  readonly account = "rehearsal";
  readonly capabilities: VenueCapabilities = {
    ...{ types: ["limit"], timesInForce: ["IOC"], postOnly: false, reduceOnly: false, displayLots: false },
    ...{ replace: "none", massCancel: "none", cancelsOnDisconnect: false, rateLimits: [] },
    clientOrderIds: {
      ...{ lengthMax: 64, characters: "[A-Za-z0-9_-]" },
      ...{ uniqueAmong: "none", canBeQueried: false },
    },
  };
  readonly #rehearse: (order: VenueOrderTerms) => void;

  constructor(rehearse: (order: VenueOrderTerms) => void) {
    this.#rehearse = rehearse;
  }

  async open(listener: VenueListener): Promise<void> {
    listener.connected();
  }

  async submit(order: VenueOrderTerms): Promise<VenueOutcome> {
    this.#rehearse(order);
    const { instrument, clientOrderId } = order;
    const one = { instrument: instrument.key, clientOrderId, orderId: clientOrderId, venueNs: 0 };
    const expired = { ...one, kind: "expired", leavesLots: 0 } as const;
    return { outcome: "answered", reports: [{ ...one, kind: "accepted" }, expired] };
  }

  async cancel(): Promise<VenueOutcome> {
    return NOTHING;
  }

  async replace(): Promise<VenueOutcome> {
    return NOTHING;
  }

  async cancelAll(): Promise<VenueOutcome> {
    return NOTHING;
  }

  async queryOrder(): Promise<null> {
    return null;
  }

  async query(): ReturnType<VenueClient["query"]> {
    return { venue: this.venue, account: this.account, asOfNs: 0 };
  }

  async permissions(): ReturnType<VenueClient["permissions"]> {
    return { canTrade: false, canWithdraw: false, isIpRestricted: null, accountTypes: null };
  }

  async filters(): ReturnType<VenueClient["filters"]> {
    return {
      ...{ isTrading: null, tickSize: null, lotSize: null, minQuantity: null, maxQuantity: null },
      ...{ minNotional: null, maxNotional: null, maxOpenOrders: null },
    };
  }

  async close(): Promise<void> {}
}
