import { AuditVerifier as PlainAuditVerifier } from "./audit-verifier.ts";
import type { AuditVerifierOptions } from "./audit-verifier-options.ts";
import { nativeAuditDigest } from "./native-digest.ts";

/**
 * The `AuditVerifier` of `tickwright/audit`, and an instance of it, whose hashes are made by native code: one call for
 * each block. It gives the same verdicts.
 *
 * @throws `FAULT_NATIVE_UNAVAILABLE` as `nativeAuditDigest` does.
 */
export class AuditVerifier extends PlainAuditVerifier {
  constructor(options: AuditVerifierOptions) {
    super({ digest: nativeAuditDigest(), ...options });
  }
}
