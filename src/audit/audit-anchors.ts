import { Fault } from "../base/index.ts";
import { type Checkpoint, checkpointText } from "./checkpoint.ts";
import { merkleEmptyRoot, sameHash } from "./merkle-hash.ts";

/**
 * Checkpoints that are trusted, by the size of their tree.
 *
 * @throws `FAULT_CONFIG` for one of another log, `FAULT_INPUT` for one that is none.
 */
export function groupAnchors(
  origin: string,
  anchors: readonly Checkpoint[],
): ReadonlyMap<number, readonly Checkpoint[]> {
  const groups = new Map<number, Checkpoint[]>();
  for (const [i, anchor] of anchors.entries()) {
    const path = `auditVerifier.anchors[${i}]`;
    checkpointText(anchor);
    if (anchor.origin !== origin) {
      throw new Fault("FAULT_CONFIG", { path: `${path}.origin`, value: anchor.origin, expected: origin });
    }
    if (anchor.size === 0 && !sameHash(anchor.root, merkleEmptyRoot())) {
      throw new Fault("FAULT_CONFIG", {
        path: `${path}.root`,
        value: "another",
        expected: "that of no leaves",
      });
    }
    groups.set(anchor.size, [...(groups.get(anchor.size) ?? []), anchor]);
  }
  return groups;
}
