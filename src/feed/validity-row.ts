import { type DepthBlock, LAST, ROW, reasonOf, VALIDATION_CODE, VALIDITY } from "../model/index.ts";
import type { FeedValidity } from "./validation-findings.ts";

/**
 * Writes a `validity` row: what strategies, journals and tapes are told where a validity has changed. Put it before
 * the rows of the message that changed it.
 *
 * @example
 * ```ts
 * import { MarketDataValidator, validityRow } from "tickwright/feed";
 * import { DepthBlock, ROW } from "tickwright/model";
 * const block = new DepthBlock(1);
 * validityRow(block, 0, new MarketDataValidator().validity, 5, 5);
 * block.seal(1);
 * [(block.kind[0] ?? 0) & 0x1f, block.tick[0]]; // => [11, 1]
 * ```
 */
export function validityRow(
  block: DepthBlock,
  i: number,
  validity: FeedValidity,
  exchNs: number,
  localNs: number,
): void {
  block.exch[i] = exchNs;
  block.local[i] = localNs;
  block.kind[i] = ROW.validity | LAST;
  block.tick[i] = validity.state;
  block.lots[i] = validity.reason;
}

/** Whose validity it is, and what else the record should say. */
export interface DataQualityFacts {
  readonly feed: string;
  readonly instrument?: string;
  readonly expectedSequence?: number;
  readonly foundSequence?: number;
  readonly ageNs?: number;
  readonly detail?: string;
}

/** The fields of a `marketDataQuality` record. */
export interface DataQuality extends DataQualityFacts {
  /** A code of `VALIDATION_REASONS`; `none` where data became valid. */
  readonly problem: string;
  readonly state: "suspect" | "stale" | "crossed" | "gap" | "down" | "recovered";
}

const STATES = new Map<number, DataQuality["state"]>([
  [VALIDATION_CODE.FEED_TIME_STALE, "stale"],
  [VALIDATION_CODE.FEED_LATENCY, "stale"],
  [VALIDATION_CODE.FEED_SILENT, "stale"],
  [VALIDATION_CODE.FEED_SPREAD_CROSSED, "crossed"],
  [VALIDATION_CODE.FEED_SPREAD_LOCKED, "crossed"],
  [VALIDATION_CODE.FEED_SEQUENCE_GAP, "gap"],
  [VALIDATION_CODE.FEED_SEQUENCE_MISSING, "gap"],
  [VALIDATION_CODE.FEED_BOOK_INCOMPLETE, "gap"],
  [VALIDATION_CODE.FEED_UNSYNCED, "gap"],
  [VALIDATION_CODE.FEED_DEAD, "down"],
]);

/**
 * What the records of a session say of a validity that has changed: the payload of a `marketDataQuality` event.
 *
 * @example
 * ```ts
 * import { dataQuality, MarketDataValidator } from "tickwright/feed";
 * const { validity } = new MarketDataValidator();
 * const payload = dataQuality(validity, { feed: "binance", instrument: "BTCUSDT" });
 * [payload.problem, payload.state]; // => ["FEED_UNSYNCED", "gap"]
 * ```
 */
export function dataQuality(validity: FeedValidity, facts: DataQualityFacts): DataQuality {
  if (validity.state === VALIDITY.valid) return { ...facts, problem: "none", state: "recovered" };
  return { ...facts, problem: reasonOf(validity.reason), state: STATES.get(validity.reason) ?? "suspect" };
}
