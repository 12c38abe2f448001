import { Fault, storedJson } from "../base/index.ts";
import type { Snapshot, SnapshotSection } from "../journal/index.ts";
import { kernelStateHash, saveKernel, type TradingKernel } from "../kernel/index.ts";
import type { KillLatch } from "../risk/index.ts";
import type { SessionJournal, SessionPart } from "./session-options.ts";

/** What the name of a part's section begins with. */
const PART = "part ";

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
      ...parts.map((part) => ({ name: `${PART}${part.name}`, bytes: partBytes(part) })),
    ],
  };
}

/** Gives each part what it saved. @throws as {@link readParts} */
export function loadParts(parts: readonly SessionPart[], sections: readonly SnapshotSection[]): void {
  const saved = readParts(sections);
  for (const part of parts) if (saved.has(part.name)) part.load(saved.get(part.name));
}

/** What the parts saved, by their names. @throws `FAULT_INPUT` naming a part whose bytes are not JSON in UTF-8 */
export function readParts(sections: readonly SnapshotSection[]): ReadonlyMap<string, unknown> {
  const read = new Map<string, unknown>();
  for (const { name, bytes } of sections) {
    if (!name.startsWith(PART)) continue;
    const part = name.slice(PART.length);
    try {
      read.set(part, JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
    } catch (cause) {
      const value = cause instanceof Error ? cause.message : `${bytes.length} bytes`;
      throw new Fault("FAULT_INPUT", {
        path: `session.parts.${part}`,
        value,
        expected: "JSON in UTF-8",
        cause,
      });
    }
  }
  return read;
}

/** What a part saves. @throws `FAULT_INPUT` naming the part and the place in it of what JSON cannot bring back */
function partBytes(part: SessionPart): Uint8Array {
  return new TextEncoder().encode(storedJson(part.save(), `session.parts.${part.name}.save`));
}

/** The latch as the decisions see it: its word, then the level of each scope. */
export function latchBytes(latch: KillLatch | undefined): Uint8Array {
  if (latch === undefined) return new Uint8Array(0);
  const words = new Int32Array(1 + latch.scopes);
  words[0] = latch.read();
  for (let scope = 0; scope < latch.scopes; scope++) words[1 + scope] = latch.levelOf(scope);
  return new Uint8Array(words.buffer);
}
