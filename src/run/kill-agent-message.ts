import type { MessagePort } from "node:worker_threads";
import type { KillLevel } from "../risk/index.ts";
import type { KillAgentPlan } from "./kill-agent-options.ts";
import type { KillAgentReport } from "./kill-agent-report.ts";

/** What the kill agent's thread is started with. */
export interface KillWorkerData {
  readonly plan: KillAgentPlan;
  readonly control: SharedArrayBuffer;
  /** Where the thread says what it has to say. */
  readonly port: MessagePort;
}

/** What the kill agent's thread says. */
export type KillAgentMessage =
  | { readonly kind: "ready" }
  | { readonly kind: "report"; readonly report: KillAgentReport }
  | { readonly kind: "fault"; readonly path: string; readonly value: string; readonly expected: string };

/** A kill asked for by message; `askedNs` is a moment of `process.hrtime.bigint()`, that of arrival unless given. */
export interface KillMessage {
  readonly scope: number;
  readonly level: KillLevel;
  readonly askedNs?: bigint;
}

/** The kill a message asks for; undefined where it asks for none that can be understood. */
export function checkKillMessage(message: unknown): KillMessage | undefined {
  if (typeof message !== "object" || message === null) return undefined;
  const { scope, level, askedNs } = message as Partial<KillMessage>;
  if (typeof scope !== "number" || typeof level !== "number") return undefined;
  if (askedNs === undefined) return { scope, level };
  return typeof askedNs === "bigint" ? { scope, level, askedNs } : undefined;
}
