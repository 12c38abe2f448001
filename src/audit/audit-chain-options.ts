import { checkArray, checkFunction, Fault } from "../base/index.ts";
import type { AuditChainState } from "./audit-chain-state.ts";
import type { AuditDigest } from "./audit-digest.ts";
import type { AuditAnchor, AuditSink } from "./audit-port.ts";
import type { AuditLeaves } from "./audit-segment.ts";
import { MERKLE_HASH_BYTES } from "./merkle-hash.ts";
import type { Signer } from "./signed-note.ts";

/** Options of an `AuditChain`. */
export interface AuditChainOptions {
  /** The name of the log; the key that signs bears it too. */
  readonly origin: string;
  readonly sink: AuditSink;
  /** Who signs checkpoints: the log's key first, then witnesses. */
  readonly signers: readonly Signer[];
  /** 32 random bytes, new for each segment. */
  readonly salt: Uint8Array;
  /** Whether the tree's leaves are blocks (unless said) or single records. */
  readonly leaves?: AuditLeaves;
  /** Records in a block at most, within 1 and 64; 64 unless said. */
  readonly blockRecords?: number;
  /** A checkpoint at least every this many blocks; 1024 unless said. */
  readonly checkpointBlocks?: number;
  /** A checkpoint with the first record this long after the last one; 1 s unless said. @units ns */
  readonly checkpointNs?: number;
  /** Where checkpoints are published, and how often; an hour unless said. */
  readonly anchor?: AuditAnchor;
  readonly anchorNs?: number;
  /** The state of the segment before, from `save` or from a verifier; none for a new log. */
  readonly state?: AuditChainState;
  /** What hashes; TypeScript unless given. It changes no byte. */
  readonly digest?: AuditDigest;
}

/** The names of the options. */
export const CHAIN_OPTIONS = [
  "origin",
  "sink",
  "signers",
  "salt",
  "leaves",
  "blockRecords",
  "checkpointBlocks",
  "checkpointNs",
  "anchor",
  "anchorNs",
  "state",
  "digest",
];

/** Throws `FAULT_CONFIG` unless the first signer bears the name of the log. */
export function checkSigners(origin: string, signers: readonly Signer[]): readonly Signer[] {
  const name = checkArray("auditChain.signers", signers)[0]?.verifierKey?.name;
  if (name === origin) return [...signers];
  const expected = `a first signer named ${origin}`;
  throw new Fault("FAULT_CONFIG", { path: "auditChain.signers[0].name", value: name, expected });
}

/** Throws `FAULT_CONFIG` unless a salt is 32 bytes long. */
export function checkSalt(salt: Uint8Array): void {
  if (salt instanceof Uint8Array && salt.length === MERKLE_HASH_BYTES) return;
  const value = salt instanceof Uint8Array ? `${salt.length} bytes` : typeof salt;
  throw new Fault("FAULT_CONFIG", { path: "auditChain.salt", value, expected: "32 bytes" });
}

/** Checks that the ports have their methods. @throws `FAULT_CONFIG` naming the one that is not there */
export function checkPorts(sink: AuditSink, anchor: AuditAnchor | undefined): void {
  for (const name of ["append", "seal"]) checkMethod("auditChain.sink", sink, name);
  if (anchor !== undefined) checkMethod("auditChain.anchor", anchor, "publish");
}

function checkMethod(path: string, target: object | undefined, name: string): void {
  checkFunction(`${path}.${name}`, target === undefined ? undefined : Reflect.get(target, name));
}
