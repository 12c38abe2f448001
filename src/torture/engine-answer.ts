import type { VenueSnapshot } from "../recon/index.ts";
import type { ReconAsk } from "../run/index.ts";
import type { TortureVenue } from "./torture-venue.ts";
import { TRUTH_LOG } from "./truth-log.ts";

/** What a venue is asked for. */
export type Question = Pick<ReconAsk, "clientOrderIds" | "fillsFromNs">;

/**
 * A venue's answer to a question of reconciliation: orders that ended lately, executions from when on it was asked for,
 * and which names it never got.
 */
export function answerOf(
  venue: TortureVenue,
  { clientOrderIds: asked, fillsFromNs }: Question,
): VenueSnapshot {
  const ids = [...new Set(asked.map((text) => Number(text.split("-")[1])))];
  const from = fillsFromNs === null ? {} : { fillsFromNs };
  const told = venue.snapshot({ ids, endedWithinNs: 20_000_000_000, ...from });
  return { ...told, notFound: asked.filter((text) => !knows(venue, text)) };
}

/** Whether a venue ever got the request of a name, `tw-<id>` or `tw-<id>-<request>`. */
function knows({ truth }: TortureVenue, text: string): boolean {
  const [, id, request = "0"] = text.split("-");
  const row = truth.orders.rowOf(Number(id));
  if (row < 0 || truth.orders.forgotten[row] === 1) return false;
  if (request === "0") return true;
  const { log } = truth;
  for (let line = log.count - 1; line >= 0; line--) {
    const isOne = log.field(line, TRUTH_LOG.requestId) === Number(request);
    if (isOne && log.field(line, TRUTH_LOG.id) === Number(id)) return true;
  }
  return false;
}
