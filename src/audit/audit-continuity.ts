import type { AuditEdge } from "./audit-digest.ts";
import type { AuditSegmentHeader } from "./audit-segment.ts";
import { sameHash } from "./merkle-hash.ts";

/** Where a log stands behind the last frame of a segment. */
export interface LogPlace {
  readonly nextSeq: number;
  readonly lastTsNs: bigint;
  readonly checkpointHash: Uint8Array;
  readonly isSealed: boolean;
  /** Bytes behind the last whole frame. */
  readonly torn: number;
  readonly edge: AuditEdge;
}

/** What of a header does not follow from the segment before; `undefined` where all does. */
export function discontinuity(
  before: AuditSegmentHeader,
  header: AuditSegmentHeader,
  place: LogPlace,
): string | undefined {
  if (header.origin !== before.origin) return `the log is ${header.origin}, before ${before.origin}`;
  if (header.segment !== before.segment + 1) return `segment ${header.segment} follows ${before.segment}`;
  if (header.leaves !== before.leaves) return `the leaves are ${header.leaves}s, before ${before.leaves}s`;
  if (header.firstSeq !== place.nextSeq)
    return `it begins with ${header.firstSeq}, expected ${place.nextSeq}`;
  if (!sameHash(header.previousTip, place.edge.tip)) return "the link before is not the last one";
  if (!sameHash(header.previousCheckpoint, place.checkpointHash))
    return "the checkpoint before is not the last one";
  if (header.isPreviousSealed !== place.isSealed) return "the segment before it is not sealed as it says";
  if (header.tornBytes !== place.torn)
    return `${place.torn} bytes before it are no frame, it says ${header.tornBytes}`;
  if (header.lastTsNs !== place.lastTsNs) return "the time before it is not the last one";
  const peaks = header.peaks.map((peak) => Buffer.from(peak).toString("hex"));
  const tree = place.edge.save();
  const isSame = header.treeSize === tree.size && peaks.join() === tree.peaks.join();
  return isSame ? undefined : "the tree before it is not the last one";
}
