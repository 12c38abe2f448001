import { checkKeys } from "../base/index.ts";
import { DepthRows, DepthTapeBuilder, type MemoryTape, type TapeCodec, TapeWriter } from "../feed/index.ts";
import type { DepthBlock, TapeMeta } from "../model/index.ts";
import { DepthMarket } from "./market-generator.ts";
import type { DepthMarketOptions } from "./market-generator-options.ts";

/**
 * Makes a depth tape of a seeded market in memory; see {@link DepthMarket}.
 *
 * @invariant `meta.simulated` is true, `meta.source` names the seed; one set of options gives one
 * `contentSha256`.
 * @throws as {@link DepthMarket}
 * @cost 29 bytes of memory a row.
 * @example
 * ```ts
 * import { generateDepthTape } from "tickwright/sim";
 * const tape = generateDepthTape({
 *   instrument: { symbol: "ABC", venue: "sim", tickSize: "0.01", lotSize: "1", quote: "USD" },
 *   seed: 7,
 *   rows: 10_000,
 * });
 * tape.meta.simulated; // => true
 * tape.meta.rows >= 10_000; // => true
 * tape.meta.source; // => 'seeded market, seed 7, {"rows":10000}'
 * ```
 */
export function generateDepthTape(options: DepthMarketOptions): MemoryTape<DepthBlock> {
  let builder: DepthTapeBuilder | undefined;
  const market = new DepthMarket(options, (exchNs, localNs, kind, tick, lots) => {
    builder?.push(exchNs, localNs, kind, tick, lots);
  });
  builder = new DepthTapeBuilder(market.head);
  while (market.next()) {}
  for (const [name, count] of Object.entries(market.counts)) builder.count(name, count);
  return builder.build();
}

/** Where the bytes of a tape go. */
export interface TapeTarget {
  /** Receives the file's bytes in order; each piece is handed over, not reused. */
  readonly sink: (bytes: Uint8Array) => void;
  /** `none` unless given. */
  readonly codec?: TapeCodec;
}

/**
 * Writes a depth tape of a seeded market as the bytes of a tape file, in one pass; returns its meta.
 *
 * @invariant The meta is that of {@link generateDepthTape} for the same options.
 * @throws as {@link DepthMarket}
 * @cost One block in memory, whatever the tape's length.
 * @example
 * ```ts
 * import { generateDepthTape, writeDepthTape } from "tickwright/sim";
 * const options = {
 *   instrument: { symbol: "ABC", venue: "sim", tickSize: "0.01", lotSize: "1", quote: "USD" },
 *   seed: 7,
 *   durationNs: 60_000_000_000,
 * };
 * let bytes = 0;
 * const meta = writeDepthTape(options, {
 *   sink: (piece) => {
 *     bytes += piece.length;
 *   },
 * });
 * bytes > 20 * meta.rows; // => true
 * meta.contentSha256 === generateDepthTape(options).meta.contentSha256; // => true
 * ```
 */
export function writeDepthTape(options: DepthMarketOptions, target: TapeTarget): TapeMeta {
  checkKeys("target", target, ["sink", "codec"]);
  let writer: TapeWriter | undefined;
  const rows = new DepthRows({ onBlock: (block) => writer?.write(block) });
  const market = new DepthMarket(options, (exchNs, localNs, kind, tick, lots) => {
    rows.push(exchNs, localNs, kind, tick, lots);
  });
  writer = new TapeWriter({ ...target, ...market.head, schema: "depth" });
  while (market.next()) {}
  rows.end();
  for (const [name, count] of Object.entries(market.counts)) writer.count(name, count);
  return writer.finish();
}
