import { checkBoolean, checkFunction, checkInteger, checkKeys, checkText, Fault } from "../base/index.ts";
import type { Instrument } from "../model/index.ts";

/** Where a feed's times come from. */
export interface FeedClock {
  /** The epoch ns that `nowNs` counts from: whole seconds. */
  readonly baseNs: bigint;
  /** Now. @units ns from the base */
  readonly nowNs: () => number;
}

/**
 * Hears each message as a line of a capture, before anything is made of it: 19 digits of local epoch ns, a space, the
 * bytes as they came, a line feed. The bytes are reused.
 *
 * @units `localNs`: ns from the feed's base
 */
export type FeedLineListener = (
  instrument: Instrument,
  localNs: number,
  bytes: Uint8Array,
  from: number,
  to: number,
) => void;

/** What a `BinanceFeed` is made from. */
export interface BinanceFeedOptions {
  readonly clock: FeedClock;
  /** The feed's name in what it tells; `binance` unless given. */
  readonly source?: string;
  /** The combined streams; Binance's own unless given. */
  readonly streamUrl?: string;
  /** Where snapshots are asked for; Binance's own unless given. */
  readonly restUrl?: string;
  /** Of the jitter of waiting times; 1 unless given. Give each instance its own. */
  readonly seed?: number;
  /**
   * Whether diffs are joined to snapshots here, and held while there is none: true unless given. False hands on every
   * message as it came, for an arbiter that joins them itself.
   */
  readonly joins?: boolean;
  /** Levels a side of a snapshot; 5,000 unless given. */
  readonly snapshotLevels?: number;
  /** How often a ping is sent; 1,000 unless given. @units ms */
  readonly heartbeatMs?: number;
  /** A connection that is silent for so long, pongs included, is given up; 5,000 unless given. @units ms */
  readonly silenceMs?: number;
  /**
   * The age at which a connection is replaced, before the exchange ends it at 24 h: a new one is opened beside it and
   * subscribed, then the old one is closed, so that nothing is missed; what comes twice is dropped by its number. 23 h
   * unless given, 0 for never. @units ms
   */
  readonly renewMs?: number;
  /** How long a connection, an acknowledgement or a snapshot may take; 10,000 unless given. @units ms */
  readonly timeoutMs?: number;
  /** The first and the longest wait before connecting, or asking for a snapshot, again; 250 and 30,000. @units ms */
  readonly retryMsMin?: number;
  readonly retryMsMax?: number;
  /** A longer message ends the connection; 4 MiB unless given. @units bytes */
  readonly frameBytesMax?: number;
  /** A longer snapshot is left out; 16 MiB unless given. @units bytes */
  readonly snapshotBytesMax?: number;
  readonly onLine?: FeedLineListener;
}

/** Options with every default filled in. */
export type BinanceTerms = Readonly<Required<Omit<BinanceFeedOptions, "onLine">>> &
  Pick<BinanceFeedOptions, "onLine">;

const MIB = 1024 * 1024;
const DEFAULTS = {
  source: "binance",
  streamUrl: "wss://stream.binance.com:9443/stream",
  restUrl: "https://api.binance.com",
  seed: 1,
  joins: true,
  snapshotLevels: 5_000,
  heartbeatMs: 1_000,
  silenceMs: 5_000,
  renewMs: 23 * 3_600_000,
  timeoutMs: 10_000,
  retryMsMin: 250,
  retryMsMax: 30_000,
  frameBytesMax: 4 * MIB,
  snapshotBytesMax: 16 * MIB,
} as const;
const MS_MAX = 3_600_000;

/** Checks options and fills in their defaults. @throws `FAULT_CONFIG` naming the option */
export function binanceTerms(options: BinanceFeedOptions): BinanceTerms {
  checkKeys("feed", options, [...Object.keys(DEFAULTS), "clock", "onLine"]);
  const terms = { ...DEFAULTS, ...options };
  checkKeys("feed.clock", terms.clock, ["baseNs", "nowNs"]);
  checkFunction("feed.clock.nowNs", terms.clock.nowNs);
  checkText("feed.source", terms.source);
  checkUrl("feed.streamUrl", terms.streamUrl, ["ws:", "wss:"]);
  checkUrl("feed.restUrl", terms.restUrl, ["http:", "https:"]);
  checkInteger("feed.seed", terms.seed);
  checkBoolean("feed.joins", terms.joins);
  checkInteger("feed.snapshotLevels", terms.snapshotLevels, 1, 5_000);
  checkInteger("feed.heartbeatMs", terms.heartbeatMs, 1, MS_MAX);
  checkInteger("feed.silenceMs", terms.silenceMs, terms.heartbeatMs + 1, MS_MAX);
  checkInteger("feed.renewMs", terms.renewMs, 0, 24 * MS_MAX);
  checkInteger("feed.timeoutMs", terms.timeoutMs, 1, MS_MAX);
  checkInteger("feed.retryMsMin", terms.retryMsMin, 1, MS_MAX);
  checkInteger("feed.retryMsMax", terms.retryMsMax, terms.retryMsMin, MS_MAX);
  checkInteger("feed.frameBytesMax", terms.frameBytesMax, 1_024, 256 * MIB);
  checkInteger("feed.snapshotBytesMax", terms.snapshotBytesMax, 1_024, 256 * MIB);
  if (terms.onLine !== undefined) checkFunction("feed.onLine", terms.onLine);
  return terms;
}

/** Checks an address. @throws `FAULT_CONFIG` naming the option */
export function checkUrl(path: string, value: string, protocols: readonly string[]): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url !== undefined && protocols.includes(url.protocol)) return value;
  throw new Fault("FAULT_CONFIG", { path, value, expected: `an address with ${protocols.join(" or ")}` });
}
