import type { DepthBlock } from "../model/index.ts";
import type { Verdict } from "./validation-rules.ts";

/** A message to judge: rows `from` up to, and without, `to` of a block. `FeedMessage` of a feed client is one. */
export interface JudgedMessage {
  readonly block: DepthBlock;
  readonly from: number;
  readonly to: number;
  /** Whether the rows replace the book; true as well where the first row is `clear`. */
  readonly isSnapshot: boolean;
  /** First and last number of what the source numbers, and the last one before; -1 where it does not say. */
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly previousSequence: number;
  /** The venue's checksum of its book after this message. */
  readonly checksum?: number | undefined;
  /** A condition code says that the trade was negotiated: neither its size nor its price is of the market. */
  readonly isBlockTrade?: boolean | undefined;
}

/** What was counted. */
export interface ValidatorCounts {
  readonly messages: number;
  readonly rows: number;
  /** Messages by verdict. */
  readonly verdicts: Readonly<Record<Verdict, number>>;
  /** Messages in which each reason was found, those that were found at all. */
  readonly reasons: Readonly<Record<string, number>>;
}
