import { nativeAuditDigest } from "./native-digest.ts";
import { RecordChain as PlainRecordChain, type RecordChainOptions } from "./record-chain.ts";

/**
 * The `RecordChain` of `tickwright/audit`, and an instance of it, whose links are made by native code: one call for
 * each batch. The links are the same.
 *
 * @throws `FAULT_NATIVE_UNAVAILABLE` as `nativeAuditDigest` does.
 * @example
 * ```ts
 * import { RecordChain as PlainRecordChain } from "tickwright/audit";
 * import { RecordChain } from "tickwright/audit/native";
 * import { nativeReport } from "tickwright/base/native";
 * const chains = [new PlainRecordChain(), nativeReport().isAvailable ? new RecordChain() : new PlainRecordChain()];
 * for (const chain of chains) {
 *   chain.append(new TextEncoder().encode("new"));
 *   chain.flush();
 * }
 * const [plain, native] = chains.map(({ head }) => Buffer.from(head).toString("hex"));
 * native === plain; // => true
 * ```
 */
export class RecordChain extends PlainRecordChain {
  constructor(options: RecordChainOptions = {}) {
    super({ digest: nativeAuditDigest(), ...options });
  }
}
