import { AUDIT_UNCERTAINTY_UNKNOWN, AuditChain } from "../audit/index.ts";
import { checkChoice, checkFunction, checkInteger, checkKeys, checkText, Fault } from "../base/index.ts";
import type { AuditTrailReader } from "./session-audit-trail.ts";

/** Options of a `SessionAudit`. */
export interface SessionAuditOptions {
  /** Where the records go, with the state of the trail so far. One session at a time writes into it. */
  readonly chain: AuditChain;
  /** Reads back what the trail has: `readAuditTrail` of its folder. A recovery asks it once. */
  readonly trail: AuditTrailReader;
  /** The process or machine that records. */
  readonly node: string;
  /** SHA-256 of the build that runs. @shape 64 hex digits */
  readonly buildHash: string;
  /** SHA-256 of the configuration; of what the session was made from unless given. @shape 64 hex digits */
  readonly cfgHash?: string;
  /** The version of each strategy, by its name; empty where it is not said. */
  readonly versions?: Readonly<Record<string, string>>;
  /** Who wrote and who approved the limits the session begins with, and why; empty where it is not said. */
  readonly author?: string;
  readonly approver?: string;
  readonly reason?: string;
  /** How far the clock may be off at first; unknown unless given. `clockIs` says more. @units ns */
  readonly clockUncertaintyNs?: number;
  /**
   * When records are handed to the sink: `block` (unless given) behind what leaves, when a block of the chain is full,
   * when idle and with every checkpoint; `turn` in every turn that sends, before anything leaves.
   */
  readonly flush?: "block" | "turn";
  /** Records that wait for the journal; 1 MiB unless given. @units bytes */
  readonly bufferBytes?: number;
}

/** {@link SessionAuditOptions} with everything said but the configuration's hash. */
export interface SessionAuditSettings extends Required<Omit<SessionAuditOptions, "cfgHash">> {
  readonly cfgHash: string | undefined;
}

const KEYS = [
  "chain",
  "trail",
  "node",
  "buildHash",
  "cfgHash",
  "versions",
  "author",
  "approver",
  "reason",
  "clockUncertaintyNs",
  "flush",
  "bufferBytes",
];
/** Two of the longest records. */
const BUFFER_BYTES_MIN = 131_072;

/** Checks the options and fills in what was left out. @throws `FAULT_CONFIG` naming the option */
export function sessionAuditSettings(options: SessionAuditOptions): SessionAuditSettings {
  checkKeys("sessionAudit", options, KEYS);
  const { chain, author = "", approver = "", reason = "", versions = {} } = options;
  if (!(chain instanceof AuditChain)) {
    const path = "sessionAudit.chain";
    throw new Fault("FAULT_CONFIG", { path, value: typeof chain, expected: "an AuditChain" });
  }
  checkTexts("sessionAudit", { author, approver, reason });
  checkTexts("sessionAudit.versions", versions);
  const { clockUncertaintyNs = AUDIT_UNCERTAINTY_UNKNOWN, bufferBytes = 1 << 20 } = options;
  return {
    ...{ chain, author, approver, reason, versions },
    trail: checkFunction("sessionAudit.trail", options.trail),
    node: checkText("sessionAudit.node", options.node),
    buildHash: checkText("sessionAudit.buildHash", options.buildHash),
    cfgHash: options.cfgHash,
    flush: checkChoice("sessionAudit.flush", options.flush ?? "block", ["block", "turn"]),
    clockUncertaintyNs: checkInteger(
      "sessionAudit.clockUncertaintyNs",
      clockUncertaintyNs,
      0,
      AUDIT_UNCERTAINTY_UNKNOWN,
    ),
    bufferBytes: checkInteger("sessionAudit.bufferBytes", bufferBytes, BUFFER_BYTES_MIN, 1 << 30),
  };
}

/** Texts that may be empty. */
function checkTexts(path: string, texts: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(texts)) {
    if (typeof value === "string") continue;
    throw new Fault("FAULT_CONFIG", { path: `${path}.${name}`, value, expected: "a text" });
  }
}
