import { Fault } from "../base/index.ts";
import { nativeDoor } from "../base/native.ts";
import type { AuditDigest } from "./audit-digest.ts";
import { NativeEdge } from "./native-edge.ts";

/** What `native/audit` offers: hashes of a batch in one call. Its answers are those of `Answer` in chain.hpp. */
export interface NativeAudit {
  /** "" where hashes can be made, else why not. */
  open(): string;
  /** What OpenSSL said of the last failure. */
  failure(): string;
  link(batch: ArrayBufferLike, records: ArrayBufferLike, count: number): number;
  take(edge: ArrayBufferLike, block: ArrayBufferLike): number;
}

const TAKEN = 1;
const DIFFERS = 0;
const UNWHOLE = -2;
const PROVIDER = -3;
const FULL = -4;

/** A digest over the functions of a native binary. @throws `FAULT_NATIVE_UNAVAILABLE` naming what OpenSSL lacks */
export function digestOver(door: NativeAudit): AuditDigest {
  const cause = door.open();
  if (cause !== "") {
    const expected = "the EVP functions of OpenSSL 3, and a provider of SHA-256";
    throw new Fault("FAULT_NATIVE_UNAVAILABLE", { path: "native.audit", value: cause, expected });
  }
  const isTaken = (answer: number): boolean => {
    if (answer === TAKEN || answer === DIFFERS) return answer === TAKEN;
    throw trouble(answer, door);
  };
  return {
    edge: (tree) => new NativeEdge((edge, block) => isTaken(door.take(edge, block)), tree),
    link: ({ memory, buffer }, count) => void isTaken(door.link(memory, buffer.bytes.buffer, count)),
  };
}

/**
 * Hashes by C++ over the OpenSSL that Node itself is built with, a block or a batch in one call. For what takes a
 * digest, as `verifyAuditFolder` does; `AuditChain`, `AuditVerifier` and `RecordChain` of this import path have it.
 *
 * @throws `FAULT_NATIVE_UNAVAILABLE` where the binary does not load, or this process has no OpenSSL 3 that it can call
 * (Electron has BoringSSL): the function that is missing is named.
 * @example
 * ```ts
 * import { AuditKey, AuditVerifier } from "tickwright/audit";
 * import { nativeAuditDigest } from "tickwright/audit/native";
 * import { nativeReport } from "tickwright/base/native";
 * const { verifierKey: key } = AuditKey.fromSeed("example.com/desk", new Uint8Array(32).fill(7));
 * const faster = nativeReport().isAvailable ? { digest: nativeAuditDigest() } : {};
 * const verifier = new AuditVerifier({ key, ...faster });
 * verifier.push(new Uint8Array(100)); // => false
 * ```
 */
export function nativeAuditDigest(): AuditDigest {
  return digestOver(nativeDoor("audit") as NativeAudit);
}

function trouble(answer: number, door: NativeAudit): Fault {
  if (answer === PROVIDER) {
    const expected = "a provider that makes SHA-256";
    return new Fault("FAULT_IO", { path: "auditDigest", value: door.failure(), expected });
  }
  if (answer === FULL) {
    const expected = "fewer than 2^53 - 1 leaves";
    return new Fault("FAULT_CAPACITY", { path: "size", value: Number.MAX_SAFE_INTEGER, expected });
  }
  const [value, expected] =
    answer === UNWHOLE
      ? ["a record that ends elsewhere", "records that end where their block does"]
      : ["memory that is shared, detached or too short", "records within it, in their order"];
  return new Fault("FAULT_INPUT", { path: "auditDigest.records", value, expected });
}
