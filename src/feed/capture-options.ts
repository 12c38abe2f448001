import { checkChoice, checkInteger, checkKeys, checkText, Fault } from "../base/index.ts";
import { Instrument, type InstrumentOptions, NANOS_PER_DAY, NANOS_PER_MILLI } from "../model/index.ts";
import type { CaptureMarket } from "./capture-message.ts";
import { type CapturePolicies, capturePolicies } from "./capture-policy.ts";

/** What a capture is, and how it is to be read. */
export interface CaptureOptions {
  readonly market: CaptureMarket;
  /** The symbol every event must have; the instrument's, or BTCUSDT, unless given. */
  readonly symbol?: string;
  /** The grid of prices and sizes; known for BTCUSDT, required for others. Its symbol must be `symbol`. */
  readonly instrument?: InstrumentOptions;
  readonly policies?: Partial<CapturePolicies>;
  /**
   * Added to every local time. Unless given it is estimated: where the least latency of the capture is below
   * `latencyFloorNs`, the recorder's clock was behind, and local times are raised until it is the floor.
   *
   * @units ns
   */
  readonly clockShiftNs?: number;
  /** 1 ms unless given. @units ns */
  readonly latencyFloorNs?: number;
  /** Names the input in messages and in the tape's `source`. */
  readonly name?: string;
}

/** The keys of {@link CaptureOptions}. */
export const CAPTURE_KEYS = [
  "market",
  "symbol",
  "instrument",
  "policies",
  "clockShiftNs",
  "latencyFloorNs",
  "name",
] as const;

/** Capture options with every default filled in. */
export interface CaptureProfile {
  readonly market: CaptureMarket;
  readonly instrument: Instrument;
  readonly policies: CapturePolicies;
  readonly clockShiftNs: number | undefined;
  readonly latencyFloorNs: number;
  readonly name: string;
}

/**
 * Checks capture options and fills in their defaults.
 *
 * @throws `FAULT_CONFIG` naming the option.
 */
export function captureProfile(options: CaptureOptions, path = "capture"): CaptureProfile {
  checkKeys(path, options, CAPTURE_KEYS);
  const market = checkChoice(`${path}.market`, options.market, ["spot", "usdm"]);
  const symbol = checkText(`${path}.symbol`, options.symbol ?? options.instrument?.symbol ?? "BTCUSDT");
  const instrument = new Instrument(options.instrument ?? binanceInstrument(market, symbol));
  if (instrument.symbol !== symbol) {
    throw new Fault("FAULT_CONFIG", { path: `${path}.symbol`, value: symbol, expected: instrument.symbol });
  }
  const shift = options.clockShiftNs;
  return {
    market,
    instrument,
    policies: capturePolicies(options.policies),
    clockShiftNs:
      shift === undefined
        ? undefined
        : checkInteger(`${path}.clockShiftNs`, shift, -NANOS_PER_DAY, NANOS_PER_DAY),
    latencyFloorNs: checkInteger(`${path}.latencyFloorNs`, options.latencyFloorNs ?? NANOS_PER_MILLI, 0),
    name: checkText(`${path}.name`, options.name ?? "capture"),
  };
}

/**
 * The grid of a Binance instrument that this package knows by name: BTCUSDT, spot and USD-M futures.
 *
 * Spot books show quantities to 8 decimals, finer than the lot of an order.
 *
 * @throws `FAULT_CONFIG` on any other symbol: its tick and lot must be given.
 */
export function binanceInstrument(market: CaptureMarket, symbol: string): InstrumentOptions {
  if (symbol !== "BTCUSDT") {
    throw new Fault("FAULT_CONFIG", {
      path: "capture.instrument",
      value: symbol,
      expected: "BTCUSDT, or an instrument with the symbol's tickSize and lotSize",
    });
  }
  return market === "spot"
    ? {
        symbol,
        venue: "binance",
        tickSize: "0.01",
        lotSize: "0.00001",
        bookLotSize: "0.00000001",
        base: "BTC",
        quote: "USDT",
      }
    : { symbol, venue: "binance-usdm", tickSize: "0.1", lotSize: "0.001", base: "BTC", quote: "USDT" };
}
