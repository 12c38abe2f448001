import type { Snapshot, SnapshotSection } from "../journal/index.ts";
import { kernelStateHash, saveKernel, type TradingKernel } from "../kernel/index.ts";
import type { KillLatch } from "../risk/index.ts";
import type { SessionJournal, SessionPart } from "./session-options.ts";

/** What a snapshot of a session is taken from. */
export interface SessionState {
  readonly kernel: TradingKernel;
  readonly begin: Uint8Array;
  readonly configHash: string;
  readonly latch: KillLatch | undefined;
  readonly parts: readonly SessionPart[];
}

/** Why a session takes no snapshots; undefined where it does. */
export function whyNoSnapshots(
  everyNs: number,
  journal: SessionJournal,
  { slots }: TradingKernel,
): string | undefined {
  if (everyNs === 0) return "snapshotEveryNs is 0";
  if (journal.saveSnapshot === undefined) return "the journal keeps none";
  const slot = slots.find(({ canSave }) => !canSave);
  return slot === undefined ? undefined : `strategy ${slot.name} has no onSave and onLoad`;
}

/** A session's whole state as a snapshot behind record `seq`. */
export function sessionSnapshot(state: SessionState, seq: number, epoch: number): Snapshot {
  const { kernel, begin, configHash, latch, parts } = state;
  const sections = saveKernel(kernel);
  return {
    ...{ seq, epoch, configHash },
    tsNs: kernel.baseNs + BigInt(Math.floor(kernel.nowNs[0] as number)),
    stateHash: kernelStateHash(sections),
    sections: [
      ...sections,
      { name: "begin", bytes: begin },
      { name: "latch", bytes: latchBytes(latch) },
      ...parts.map((part) => ({ name: `part ${part.name}`, bytes: jsonBytes(part.save()) })),
    ],
  };
}

/** Gives each part what it saved. */
export function loadParts(parts: readonly SessionPart[], sections: readonly SnapshotSection[]): void {
  for (const part of parts) {
    const bytes = sections.find(({ name }) => name === `part ${part.name}`)?.bytes;
    if (bytes !== undefined) part.load(JSON.parse(new TextDecoder().decode(bytes)));
  }
}

function jsonBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** The latch as the decisions see it: its word, then the level of each scope. */
export function latchBytes(latch: KillLatch | undefined): Uint8Array {
  if (latch === undefined) return new Uint8Array(0);
  const words = new Int32Array(1 + latch.scopes);
  words[0] = latch.read();
  for (let scope = 0; scope < latch.scopes; scope++) words[1 + scope] = latch.levelOf(scope);
  return new Uint8Array(words.buffer);
}
