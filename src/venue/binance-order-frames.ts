import type { Instrument } from "../model/index.ts";
import { GridText } from "./binance-grid-text.ts";
import type { BinanceSigner } from "./binance-signer.ts";
import type { VenueOrderName, VenueOrderTerms } from "./venue-client.ts";

/** What an id of ours must be like: then it stands in JSON and in a payload as it is. */
const SAFE_ID = /^[-a-zA-Z0-9_.:/]{1,36}$/;
const DIGITS = /^[0-9]{1,16}$/;

/** An instrument's constants. */
interface Listing {
  readonly symbol: string;
  readonly price: GridText;
  readonly quantity: GridText;
}

/** Why no frame was made: the inner client carries it, or nobody can. */
export const NO_FRAME = { notOurs: 0, offGrid: 1, unsupported: 2 } as const;
/** One of {@link NO_FRAME}. */
export type NoFrame = (typeof NO_FRAME)[keyof typeof NO_FRAME];

/** A frame's text without what is new in each: number, time and signature. */
interface Parts {
  /** `name=value` joined by `&`, in the order of names, up to `timestamp`. */
  readonly payload: string;
  /** The same as members of JSON, each with a comma behind it. */
  readonly members: string;
  /** What comes behind `timestamp`. */
  readonly type: string;
}

/**
 * Frames of the websocket API: new orders, cancels and replaces, each signed.
 *
 * Parameters stand in the order of their names from the start, so nothing is sorted; every value is checked, or made
 * here, so that nothing needs escaping.
 *
 * @cost One signature and some texts a frame.
 * @source Binance spot WebSocket API: order.place, order.cancel, order.cancelReplace, request security
 */
export class BinanceOrderFrames {
  readonly #listings = new Map<string, Listing>();
  readonly #signer: BinanceSigner;
  readonly #recvWindow: number;
  readonly #place: { readonly payload: string; readonly members: string };

  constructor(instruments: readonly Instrument[], signer: BinanceSigner, recvWindowMs: number) {
    for (const instrument of instruments) {
      const { tickSize, lotSize } = instrument.describe();
      this.#listings.set(instrument.key, {
        symbol: instrument.symbol,
        price: new GridText(tickSize),
        quantity: new GridText(lotSize),
      });
    }
    this.#signer = signer;
    this.#recvWindow = recvWindowMs;
    const { apiKey } = signer;
    this.#place = { payload: `apiKey=${apiKey}`, members: `"apiKey":"${apiKey}"` };
  }

  /** A new order. @units `nowMs`: epoch ms of the venue's clock */
  place(id: number, order: VenueOrderTerms, nowMs: number): string | NoFrame {
    const listing = this.#listings.get(order.instrument.key);
    if (listing === undefined || !SAFE_ID.test(order.clientOrderId)) return NO_FRAME.notOurs;
    const terms = this.#terms(listing, order);
    if (typeof terms === "number") return terms;
    const { payload, members } = this.#place;
    const parts = { payload: payload + terms.payload, members: members + terms.members, type: terms.type };
    return this.#frame("order.place", id, parts, nowMs);
  }

  /** A cancel, by our id where there is one, else by the venue's. */
  cancel(id: number, order: VenueOrderName, nowMs: number): string | NoFrame {
    const listing = this.#listings.get(order.instrument.key);
    if (listing === undefined) return NO_FRAME.notOurs;
    const { clientOrderId, orderId = "" } = order;
    const isOurs = clientOrderId !== "";
    if (isOurs ? !SAFE_ID.test(clientOrderId) : !DIGITS.test(orderId)) return NO_FRAME.notOurs;
    const { apiKey } = this.#signer;
    const { symbol } = listing;
    const name = isOurs ? "origClientOrderId" : "orderId";
    const value = isOurs ? `"${clientOrderId}"` : orderId;
    const parts = {
      payload:
        `apiKey=${apiKey}&${name}=${isOurs ? clientOrderId : orderId}&recvWindow=${this.#recvWindow}` +
        `&symbol=${symbol}`,
      members: `"apiKey":"${apiKey}","${name}":${value},"recvWindow":${this.#recvWindow},"symbol":"${symbol}"`,
      type: "",
    };
    return this.#frame("order.cancel", id, parts, nowMs);
  }

  /** A cancel and a new order: the second only where the first was done, the first only while nothing is executed. */
  replace(id: number, order: VenueOrderName, terms: VenueOrderTerms, nowMs: number): string | NoFrame {
    const listing = this.#listings.get(terms.instrument.key);
    const { clientOrderId, orderId } = order;
    const isKnown = orderId !== undefined;
    if (listing === undefined || !SAFE_ID.test(terms.clientOrderId)) return NO_FRAME.notOurs;
    if (isKnown ? !DIGITS.test(orderId) : !SAFE_ID.test(clientOrderId)) return NO_FRAME.notOurs;
    const said = this.#terms(listing, terms);
    if (typeof said === "number") return said;
    const { payload, members } = this.#place;
    const name = isKnown ? "cancelOrderId" : "cancelOrigClientOrderId";
    const head = isKnown ? orderId : clientOrderId;
    const value = isKnown ? orderId : `"${clientOrderId}"`;
    const restrictions = "&cancelRestrictions=ONLY_NEW";
    const mode = "&cancelReplaceMode=STOP_ON_FAILURE";
    const modes = `"cancelReplaceMode":"STOP_ON_FAILURE","cancelRestrictions":"ONLY_NEW"`;
    // By name: cancelOrderId, cancelOrigClientOrderId, cancelReplaceMode, cancelRestrictions.
    const parts = {
      payload: `${payload}&${name}=${head}${mode}${restrictions}${said.payload}`,
      members: `${members},"${name}":${value},${modes}${said.members}`,
      type: said.type,
    };
    return this.#frame("order.cancelReplace", id, parts, nowMs);
  }

  /** A question that only these keys may ask, and that changes nothing. */
  question(id: number, symbol: string, nowMs: number): string {
    const { apiKey } = this.#signer;
    const parts = {
      payload: `apiKey=${apiKey}&recvWindow=${this.#recvWindow}&symbol=${symbol}`,
      members: `"apiKey":"${apiKey}","recvWindow":${this.#recvWindow},"symbol":"${symbol}"`,
      type: "",
    };
    return this.#frame("openOrders.status", id, parts, nowMs);
  }

  #frame(method: string, id: number, { payload, members, type }: Parts, nowMs: number): string {
    const typed = type === "" ? "" : `&type=${type}`;
    const member = type === "" ? "" : `,"type":"${type}"`;
    const signature = this.#signer.sign(`${payload}&timestamp=${nowMs}${typed}`);
    return (
      `{"id":${id},"method":"${method}","params":{${members},"timestamp":${nowMs}${member}` +
      `,"signature":"${signature}"}}`
    );
  }

  /** A new order's parameters between `apiKey` and `timestamp`. */
  #terms({ symbol, price, quantity }: Listing, order: VenueOrderTerms): Parts | NoFrame {
    const type = wireType(order);
    if (typeof type === "number") return type;
    const amount = quantity.text(order.lots);
    if (amount === undefined) return NO_FRAME.offGrid;
    let payload = "";
    let members = "";
    const { displayLots } = order;
    if (displayLots > 0 && displayLots < order.lots) {
      const shown = quantity.text(displayLots);
      if (shown === undefined) return NO_FRAME.offGrid;
      payload = `&icebergQty=${shown}`;
      members = `,"icebergQty":"${shown}"`;
    }
    payload += `&newClientOrderId=${order.clientOrderId}&newOrderRespType=RESULT`;
    members += `,"newClientOrderId":"${order.clientOrderId}","newOrderRespType":"RESULT"`;
    if (hasLimit(type)) {
      const limit = price.text(order.priceTicks);
      if (limit === undefined) return NO_FRAME.offGrid;
      payload += `&price=${limit}`;
      members += `,"price":"${limit}"`;
    }
    const side = order.side === "buy" ? "BUY" : "SELL";
    payload += `&quantity=${amount}&recvWindow=${this.#recvWindow}&side=${side}`;
    members += `,"quantity":"${amount}","recvWindow":${this.#recvWindow},"side":"${side}"`;
    if (type === "STOP_LOSS" || type === "STOP_LOSS_LIMIT") {
      const stop = price.text(order.stopTicks);
      if (stop === undefined) return NO_FRAME.offGrid;
      payload += `&stopPrice=${stop}`;
      members += `,"stopPrice":"${stop}"`;
    }
    payload += `&symbol=${symbol}`;
    members += `,"symbol":"${symbol}"`;
    if (type === "LIMIT" || type === "STOP_LOSS_LIMIT") {
      payload += `&timeInForce=${order.timeInForce}`;
      members += `,"timeInForce":"${order.timeInForce}"`;
    }
    return { payload, members, type };
  }
}

type WireType = "LIMIT" | "LIMIT_MAKER" | "MARKET" | "STOP_LOSS" | "STOP_LOSS_LIMIT";

function hasLimit(type: WireType): boolean {
  return type === "LIMIT" || type === "LIMIT_MAKER" || type === "STOP_LOSS_LIMIT";
}

/** The venue's type of an order, as the inner client would say it. */
function wireType(order: VenueOrderTerms): WireType | NoFrame {
  const { type, postOnly, timeInForce } = order;
  if (order.reduceOnly) return NO_FRAME.notOurs;
  // There are none on the wire: as a LIMIT_MAKER one would lose its stop.
  if (postOnly) return type === "limit" ? "LIMIT_MAKER" : NO_FRAME.unsupported;
  if (type === "market") return "MARKET";
  if (type === "stop") return "STOP_LOSS";
  if (timeInForce !== "GTC" && timeInForce !== "IOC" && timeInForce !== "FOK") return NO_FRAME.notOurs;
  return type === "limit" ? "LIMIT" : "STOP_LOSS_LIMIT";
}
