import { Fault } from "../base/index.ts";
import type { AuditLeaves } from "./audit-segment.ts";
import type { MerkleFrontierState } from "./merkle-frontier.ts";

/** Where a chain stands: what the next segment continues from. Plain JSON. */
export interface AuditChainState {
  readonly version: 1;
  readonly origin: string;
  readonly leaves: AuditLeaves;
  /** The number of the last segment. */
  readonly segment: number;
  readonly isSealed: boolean;
  /** Bytes at its end that are no whole frame: a write that was cut short. */
  readonly tornBytes: number;
  readonly nextSeq: number;
  /** @units epoch ns */
  readonly lastTsNs: string;
  /** The last link. @shape 64 hex digits */
  readonly tip: string;
  /** The hash of the last checkpoint; `null` before the first. @shape 64 hex digits */
  readonly checkpointHash: string | null;
  /** The notes of every rotation of the key so far, oldest first. */
  readonly rotations: readonly string[];
  readonly tree: MerkleFrontierState;
}

/** Throws `FAULT_INPUT` naming the field of a state that no chain has saved; its tree is for the edge to check. */
export function checkChainState(state: AuditChainState, origin: string, leaves: AuditLeaves): void {
  const { version, segment, tornBytes, nextSeq, lastTsNs, tip, checkpointHash, rotations } = state;
  if (version !== 1) throw wrong("version", version, "1");
  if (state.origin !== origin) throw wrong("origin", state.origin, origin);
  if (state.leaves !== leaves) throw wrong("leaves", state.leaves, leaves);
  if (!isCount(segment, 0) || segment >= 0xffff_ffff)
    throw wrong("segment", segment, "an integer of at least 0");
  if (!isCount(tornBytes, 0) || tornBytes > 0xffff_ffff)
    throw wrong("tornBytes", tornBytes, "an integer of at least 0");
  if (!isCount(nextSeq, 1)) throw wrong("nextSeq", nextSeq, "an integer of at least 1");
  if (typeof state.isSealed !== "boolean") throw wrong("isSealed", state.isSealed, "true or false");
  if (typeof lastTsNs !== "string" || !/^(?:0|-?[1-9]\d{0,18})$/.test(lastTsNs)) {
    throw wrong("lastTsNs", lastTsNs, "epoch ns as a decimal text");
  }
  if (!isHex(tip)) throw wrong("tip", tip, "64 hex digits");
  if (checkpointHash !== null && !isHex(checkpointHash))
    throw wrong("checkpointHash", checkpointHash, "64 hex digits");
  if (!Array.isArray(rotations) || rotations.some((note) => typeof note !== "string")) {
    throw wrong("rotations", rotations, "a list of notes");
  }
}

function isCount(value: number, least: number): boolean {
  return Number.isSafeInteger(value) && value >= least;
}

function isHex(value: unknown): boolean {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}

function wrong(field: string, value: unknown, expected: string): Fault {
  return new Fault("FAULT_INPUT", { path: `auditChain.state.${field}`, value, expected });
}
