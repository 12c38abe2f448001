import { createHmac } from "node:crypto";
import { connect, type Socket } from "node:net";
import type { VenueSnapshot } from "../../../src/model/index.ts";
import type { CcxtClient } from "../../../src/venue/ccxt.ts";
import type {
  VenueCapabilities,
  VenueClient,
  VenueListener,
  VenueOrderTerms,
  VenueOutcome,
  VenueReport,
} from "../../../src/venue/index.ts";

/** An answer that is awaited. */
interface Waiting {
  readonly order: VenueOrderTerms;
  readonly done: (outcome: VenueOutcome) => void;
}

/**
 * What an order costs at least: the same request written as bytes to a socket that is kept, without the peer's class.
 * Everything but `submit` is ccxt's. A yardstick: it knows limit orders that are immediate or cancel, and no errors.
 */
export class LeanOrders implements VenueClient {
  readonly venue: string;
  readonly account: string;
  readonly #client: CcxtClient;
  readonly #host: string;
  readonly #key: { readonly apiKey: string; readonly secret: string };
  readonly #waiting: Waiting[] = [];
  readonly #nowNs: () => number;
  #socket: Socket | undefined;
  #text = "";

  constructor(
    client: CcxtClient,
    rest: string,
    key: { readonly apiKey: string; readonly secret: string },
    nowNs: () => number,
  ) {
    this.venue = client.venue;
    this.account = client.account;
    this.#client = client;
    this.#host = new URL(rest).host;
    this.#key = key;
    this.#nowNs = nowNs;
  }

  get capabilities(): VenueCapabilities {
    return this.#client.capabilities;
  }

  async open(listener: VenueListener): Promise<void> {
    const [host = "", port = ""] = this.#host.split(":");
    const socket = connect({ host, port: Number(port), noDelay: true });
    await new Promise<void>((done, fail) => {
      socket.once("connect", done);
      socket.once("error", fail);
    });
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => this.#heard(text));
    socket.on("error", () => {});
    this.#socket = socket;
    await this.#client.open(listener);
  }

  submit(order: VenueOrderTerms): Promise<VenueOutcome> {
    const { apiKey, secret } = this.#key;
    const { instrument, side, lots, priceTicks, clientOrderId } = order;
    const terms =
      `symbol=${instrument.symbol}&side=${side === "buy" ? "BUY" : "SELL"}&type=LIMIT&timeInForce=IOC` +
      `&quantity=${instrument.formatQuantity(lots)}&price=${instrument.formatPrice(priceTicks)}` +
      `&newClientOrderId=${clientOrderId}&recvWindow=5000&timestamp=${Date.now()}`;
    const body = `${terms}&signature=${createHmac("sha256", secret).update(terms).digest("hex")}`;
    this.#socket?.write(
      `POST /api/v3/order HTTP/1.1\r\nHost: ${this.#host}\r\nX-MBX-APIKEY: ${apiKey}\r\n` +
        `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      "latin1",
    );
    return new Promise((done) => this.#waiting.push({ order, done }));
  }

  #heard(text: string): void {
    this.#text += text;
    for (;;) {
      const head = this.#text.indexOf("\r\n\r\n");
      const length = Number(/content-length: (\d+)/i.exec(this.#text)?.[1]);
      if (head < 0 || !(this.#text.length >= head + 4 + length)) return;
      const body = this.#text.slice(head + 4, head + 4 + length);
      this.#text = this.#text.slice(head + 4 + length);
      const { order, done } = this.#waiting.shift() as Waiting;
      done({
        outcome: "answered",
        reports: this.#reports(order, JSON.parse(body) as Record<string, unknown>),
      });
    }
  }

  #reports({ instrument, clientOrderId }: VenueOrderTerms, said: Record<string, unknown>): VenueReport[] {
    const order = { instrument: instrument.key, clientOrderId, venueNs: this.#nowNs() };
    if (said["orderId"] === undefined) return [{ ...order, kind: "rejected", words: String(said["msg"]) }];
    const accepted: VenueReport = { ...order, kind: "accepted", orderId: `${said["orderId"] as number}` };
    return said["status"] === "EXPIRED"
      ? [accepted, { ...accepted, kind: "expired", leavesLots: 0 }]
      : [accepted];
  }

  cancel(...args: Parameters<VenueClient["cancel"]>): Promise<VenueOutcome> {
    return this.#client.cancel(...args);
  }

  replace(...args: Parameters<VenueClient["replace"]>): Promise<VenueOutcome> {
    return this.#client.replace(...args);
  }

  cancelAll(...args: Parameters<VenueClient["cancelAll"]>): Promise<VenueOutcome> {
    return this.#client.cancelAll(...args);
  }

  queryOrder(...args: Parameters<VenueClient["queryOrder"]>): ReturnType<VenueClient["queryOrder"]> {
    return this.#client.queryOrder(...args);
  }

  permissions(): ReturnType<VenueClient["permissions"]> {
    return this.#client.permissions();
  }

  filters(...args: Parameters<VenueClient["filters"]>): ReturnType<VenueClient["filters"]> {
    return this.#client.filters(...args);
  }

  query(...args: Parameters<VenueClient["query"]>): Promise<VenueSnapshot> {
    return this.#client.query(...args);
  }

  async close(): Promise<void> {
    this.#socket?.destroy();
    await this.#client.close();
  }
}
