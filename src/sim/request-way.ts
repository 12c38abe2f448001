import { MESSAGE_FIELD as FIELD, REASON, REPORT } from "../model/index.ts";
import type { LatencyModel } from "./latency.ts";
import type { MessageRing } from "./message-ring.ts";
import type { VenueReports } from "./venue-reports.ts";

/** What is asked of a simulated venue. */
export const REQUEST = { submit: 0, cancel: 1, replace: 2 } as const;

/** What a request that cannot be met is answered with, by its kind. */
export const REFUSED: readonly number[] = [REPORT.rejected, REPORT.cancelRejected, REPORT.replaceRejected];

/** What a {@link RequestWay} leads through. */
export interface RequestWayParts {
  readonly latency: LatencyModel;
  readonly requests: MessageRing;
  readonly reports: VenueReports;
  readonly senderNs: Float64Array;
  readonly feedLatencyNs: Float64Array;
}

/**
 * The way of requests to a simulated venue: each arrives after the latency model's time, or is lost.
 *
 * @units ns, ticks, lots
 */
export class RequestWay {
  readonly #parts: RequestWayParts;

  constructor(parts: RequestWayParts) {
    this.#parts = parts;
  }

  /** Sends a request; false where it is lost, which its sender hears of later. */
  send(kind: number, row: number, id: number, requestId: number, tick: number, lots: number): boolean {
    const { latency, requests, reports, senderNs, feedLatencyNs } = this.#parts;
    const now = senderNs[0] as number;
    const entryNs = latency.entryNs(now, feedLatencyNs[0] as number);
    if (entryNs < 0) {
      reports.lost(REFUSED[kind] as number, row, id, requestId, REASON.lostOnTheWay, now - entryNs);
      return false;
    }
    const offset = requests.push(now + entryNs);
    const { cells } = requests;
    cells[offset + FIELD.kind] = kind;
    cells[offset + FIELD.row] = row;
    cells[offset + FIELD.id] = id;
    cells[offset + FIELD.requestId] = requestId;
    cells[offset + FIELD.priceTicks] = tick;
    cells[offset + FIELD.lots] = lots;
    return true;
  }
}
