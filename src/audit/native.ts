export { AuditChain } from "./native-audit-chain.ts";
export { AuditVerifier } from "./native-audit-verifier.ts";
export { nativeAuditDigest } from "./native-digest.ts";
export { RecordChain } from "./native-record-chain.ts";
