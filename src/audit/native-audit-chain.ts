import { AuditChain as PlainAuditChain } from "./audit-chain.ts";
import type { AuditChainOptions } from "./audit-chain-options.ts";
import { nativeAuditDigest } from "./native-digest.ts";

/**
 * The `AuditChain` of `tickwright/audit`, and an instance of it, whose hashes are made by native code: one call for
 * each block. It writes the same bytes.
 *
 * @throws `FAULT_NATIVE_UNAVAILABLE` as `nativeAuditDigest` does.
 */
export class AuditChain extends PlainAuditChain {
  constructor(options: AuditChainOptions) {
    super({ digest: nativeAuditDigest(), ...options });
  }
}
