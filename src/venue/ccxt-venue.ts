import { checkKeys } from "../base/index.ts";
import { CcxtClient } from "./ccxt-client.ts";
import type { CcxtOptions } from "./ccxt-options.ts";
import { VenueLink } from "./venue-link.ts";
import type { VenueLinkOptions } from "./venue-link-options.ts";

/** What {@link ccxtVenue} makes a link from: the client's options, and the link's in `link`. */
export interface CcxtVenueOptions extends CcxtOptions {
  /** What all client order ids of the session begin with: `venueIdPrefix`. */
  readonly prefix: string;
  readonly link?: Omit<VenueLinkOptions, "client" | "clock" | "instruments" | "prefix">;
}

const LINK_KEYS = [
  "stations",
  "ids",
  "requestTimeoutNs",
  "cancelShare",
  "cancelsQueued",
  "inFlightMax",
  "fillsKept",
  "ordersKept",
  "learned",
];

/**
 * A link to an account at an exchange that the optional peer ccxt knows. Nothing is loaded or connected before `open`.
 *
 * @throws `FAULT_CONFIG` naming the option; `open` also `FAULT_PEER_MISSING`, `FAULT_IO`
 * @example
 * ```ts
 * import { Instrument } from "tickwright/model";
 * import { systemVenueClock, venueIdPrefix } from "tickwright/venue";
 * import { ccxtVenue } from "tickwright/venue/ccxt";
 * const baseNs = 1_700_000_000_000_000_000n;
 * const link = ccxtVenue({
 *   exchange: "binance",
 *   instruments: [
 *     new Instrument({ symbol: "BTCUSDT", venue: "binance", tickSize: "0.01", lotSize: "0.00001", quote: "USDT" }),
 *   ],
 *   ...{ baseNs, clock: systemVenueClock(baseNs), prefix: venueIdPrefix("desk", baseNs) },
 *   ...{ credentials: "BINANCE", isSandbox: true, seed: 1 },
 * });
 * link.state; // => "closed"
 * ```
 */
export function ccxtVenue(options: CcxtVenueOptions): VenueLink {
  const { prefix, link = {}, ...rest } = options;
  checkKeys("ccxt.link", link, LINK_KEYS);
  const client = new CcxtClient(rest);
  const { clock, instruments } = rest;
  return new VenueLink({ client, clock, instruments, prefix, ...link });
}
