import { Fault } from "../base/index.ts";
import { formatNanos } from "../model/index.ts";
import type { TimeBase } from "./tape-time.ts";

/** A span of time: from this moment on, and before that one. @units epoch ns */
export interface TapeWindow {
  /** The tape's first row unless given. */
  readonly fromNs?: bigint;
  /** Past the tape's last row unless given. */
  readonly toNs?: bigint;
}

/** A window in offsets from a base: `from` belongs to it, `to` does not. */
export interface OffsetWindow {
  readonly from: number;
  readonly to: number;
}

/** Checks a window. @throws `FAULT_CONFIG` naming the end */
export function checkWindow({ fromNs, toNs }: TapeWindow): void {
  for (const [name, ns] of Object.entries({ fromNs, toNs })) {
    if (ns === undefined || (typeof ns === "bigint" && ns >= 0n && ns < 1n << 63n)) continue;
    throw new Fault("FAULT_CONFIG", { path: `window.${name}`, value: ns, expected: "epoch ns as a bigint" });
  }
  if (fromNs === undefined || toNs === undefined || fromNs < toNs) return;
  throw new Fault("FAULT_CONFIG", {
    path: "window.toNs",
    value: formatNanos(toNs),
    expected: `a moment after fromNs, ${formatNanos(fromNs)}`,
  });
}

/** A window as offsets; a moment no double holds is moved to the next one that a row can have. */
export function offsetWindow({ fromNs, toNs }: TapeWindow, base: TimeBase): OffsetWindow {
  return {
    from: fromNs === undefined ? Number.NEGATIVE_INFINITY : offsetUp(fromNs - base.epochNs),
    to: toNs === undefined ? Number.POSITIVE_INFINITY : offsetUp(toNs - base.epochNs),
  };
}

function offsetUp(ns: bigint): number {
  const near = Number(ns);
  let up = near;
  for (let step = 1; BigInt(up) < ns; step *= 2) up = near + step;
  return up;
}

/** A window in words, for the source of a tape. */
export function windowWords({ fromNs, toNs }: TapeWindow): string {
  const from = fromNs === undefined ? "" : ` from ${formatNanos(fromNs)}`;
  return `${from}${toNs === undefined ? "" : ` to ${formatNanos(toNs)}`}`;
}
