import { ApiError } from "./api-error.ts";

/** How much the exchange takes. @units requests' weight a minute, orders */
export interface RateLimitOptions {
  /** Weight of requests of one address a minute; 6,000. */
  readonly requestWeight?: number;
  /** New orders of one account in ten seconds; 100. */
  readonly ordersPer10s?: number;
  /** New orders of one account a day; 200,000. */
  readonly ordersPerDay?: number;
  /** How often an address may be refused within a minute before it is banned; 5. */
  readonly refusalsBeforeBan?: number;
  /** How long the first ban holds; 120 s. @units s */
  readonly banS?: number;
}

const MINUTE = 60_000;
const TEN_SECONDS = 10_000;
const DAY = 86_400_000;

/** What was used of an interval. */
class Window {
  readonly #lengthMs: number;
  #startMs = -1;
  #used = 0;

  constructor(lengthMs: number) {
    this.#lengthMs = lengthMs;
  }

  used(nowMs: number): number {
    const startMs = nowMs - (nowMs % this.#lengthMs);
    if (startMs !== this.#startMs) {
      this.#startMs = startMs;
      this.#used = 0;
    }
    return this.#used;
  }

  add(nowMs: number, amount: number): number {
    this.#used = this.used(nowMs) + amount;
    return this.#used;
  }

  /** Seconds until the interval ends, at least one. */
  leftS(nowMs: number): number {
    return Math.max(1, Math.ceil((this.#lengthMs - (nowMs % this.#lengthMs)) / 1_000));
  }
}

/** One interval's limit, and what was used of it. */
export interface UsedLimit {
  readonly rateLimitType: "REQUEST_WEIGHT" | "ORDERS";
  readonly interval: "SECOND" | "MINUTE" | "DAY";
  readonly intervalNum: number;
  readonly limit: number;
  readonly count: number;
}

/** The exchange's limits: one address (everybody here has the same) and one account each. */
export class RateLimits {
  readonly options: Required<RateLimitOptions>;
  readonly #weight = new Window(MINUTE);
  readonly #refusals = new Window(MINUTE);
  readonly #orders: Map<string, readonly [Window, Window]> = new Map();
  #bannedUntilMs = 0;

  constructor(options: RateLimitOptions) {
    this.options = {
      requestWeight: options.requestWeight ?? 6_000,
      ordersPer10s: options.ordersPer10s ?? 100,
      ordersPerDay: options.ordersPerDay ?? 200_000,
      refusalsBeforeBan: options.refusalsBeforeBan ?? 5,
      banS: options.banS ?? 120,
    };
  }

  /** Takes a request's weight; an error where the address is banned or has used up its minute. */
  request(nowMs: number, weight: number): ApiError | undefined {
    if (nowMs < this.#bannedUntilMs) return this.#banned(nowMs);
    if (this.#weight.add(nowMs, weight) <= this.options.requestWeight) return undefined;
    if (this.#refusals.add(nowMs, 1) > this.options.refusalsBeforeBan)
      return this.ban(nowMs, this.options.banS);
    return new ApiError(
      -1003,
      `Too much request weight used; current limit is ${this.options.requestWeight} request weight per 1 MINUTE. ` +
        "Please use WebSocket Streams for live updates to avoid polling the API.",
      429,
      { retryAfterS: this.#weight.leftS(nowMs) },
    );
  }

  /** Bans the address. */
  ban(nowMs: number, seconds: number): ApiError {
    this.#bannedUntilMs = nowMs + seconds * 1_000;
    return this.#banned(nowMs);
  }

  #banned(nowMs: number): ApiError {
    const until = this.#bannedUntilMs;
    return new ApiError(
      -1003,
      `Way too much request weight used; IP banned until ${until}. ` +
        "Please use WebSocket Streams for live updates to avoid bans.",
      418,
      { retryAfterS: Math.max(1, Math.ceil((until - nowMs) / 1_000)) },
    );
  }

  #of(account: string): readonly [Window, Window] {
    let windows = this.#orders.get(account);
    if (windows === undefined) {
      windows = [new Window(TEN_SECONDS), new Window(DAY)];
      this.#orders.set(account, windows);
    }
    return windows;
  }

  /** Takes new orders, all or none; an error past a limit. */
  order(nowMs: number, account: string, count = 1): ApiError | undefined {
    const [short, day] = this.#of(account);
    const { ordersPer10s, ordersPerDay } = this.options;
    const words = (limit: number, interval: string): ApiError =>
      new ApiError(-1015, `Too many new orders; current limit is ${limit} orders per ${interval}.`, 429, {
        retryAfterS: (interval === "10 SECOND" ? short : day).leftS(nowMs),
      });
    if (short.used(nowMs) + count > ordersPer10s) return words(ordersPer10s, "10 SECOND");
    if (day.used(nowMs) + count > ordersPerDay) return words(ordersPerDay, "1 DAY");
    short.add(nowMs, count);
    day.add(nowMs, count);
    return undefined;
  }

  /** What was used: of the address, and of an account where one is named. */
  used(nowMs: number, account: string | undefined): UsedLimit[] {
    const { requestWeight, ordersPer10s, ordersPerDay } = this.options;
    const weight: UsedLimit = {
      rateLimitType: "REQUEST_WEIGHT",
      interval: "MINUTE",
      intervalNum: 1,
      limit: requestWeight,
      count: this.#weight.used(nowMs),
    };
    if (account === undefined) return [weight];
    const [short, day] = this.#of(account);
    const orders = { rateLimitType: "ORDERS" } as const;
    return [
      weight,
      { ...orders, interval: "SECOND", intervalNum: 10, limit: ordersPer10s, count: short.used(nowMs) },
      { ...orders, interval: "DAY", intervalNum: 1, limit: ordersPerDay, count: day.used(nowMs) },
    ];
  }

  /** What was used, as headers of an answer. */
  headers(nowMs: number, account: string | undefined): Record<string, string> {
    const headers: Record<string, string> = {};
    for (const { rateLimitType, interval, intervalNum, count } of this.used(nowMs, account)) {
      const name = `${intervalNum}${interval.charAt(0)}`;
      if (rateLimitType === "REQUEST_WEIGHT") {
        headers["x-mbx-used-weight"] = `${count}`;
        headers[`x-mbx-used-weight-${name.toLowerCase()}`] = `${count}`;
      } else headers[`x-mbx-order-count-${name.toLowerCase()}`] = `${count}`;
    }
    return headers;
  }
}
