import type { AnchoredCheckpoint, AuditAnchor } from "./audit-port.ts";
import { type AuditEntry, auditText } from "./audit-record.ts";
import { MERKLE_HASH_BYTES } from "./merkle-hash.ts";

const RECEIPT_BYTES_MAX = 32_768;

/** What a chain has to record after it published a checkpoint. */
export type AnchorEntry = AuditEntry<"anchorReceipt"> | AuditEntry<"anchorFailed">;

/** Publishes a checkpoint and gives the record of what came of it; `undefined` where the receipt comes later. */
export function publishTo(
  anchor: AuditAnchor,
  checkpoint: AnchoredCheckpoint,
  tsNs: bigint,
  clockUncertaintyNs: number,
): AnchorEntry | undefined {
  const { treeSize, checkpointHash } = checkpoint;
  const said = { treeSize, checkpointHash, anchor: auditText(anchor.name, 255) };
  const none = "00".repeat(MERKLE_HASH_BYTES);
  const names = { node: "", order: "", parent: "", strategy: "", venue: "" };
  const actor = { kind: "service", id: "audit", role: "" } as const;
  const header = { tsNs, clockUncertaintyNs, epoch: 0, actor, cfgHash: none, buildHash: none, ...names };
  let message = "a receipt that is no bytes, or more than 32,768";
  try {
    const receipt = anchor.publish(checkpoint);
    if (receipt === null) return undefined;
    if (receipt instanceof Uint8Array && receipt.length <= RECEIPT_BYTES_MAX) {
      return { ...header, type: "anchorReceipt", payload: { ...said, receipt } };
    }
  } catch (cause) {
    message = cause instanceof Error ? cause.message : String(cause);
  }
  return { ...header, type: "anchorFailed", payload: { ...said, message: auditText(message) } };
}
