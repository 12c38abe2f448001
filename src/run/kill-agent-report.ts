import { closeSync, fsync, fsyncSync, openSync, renameSync, writeSync } from "node:fs";

/** How long something took over many orders, ns since the kill was asked for; absent figures where there were none. */
export interface KillDistribution {
  readonly count: number;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

/** What a kill did at one venue. */
export interface KillAgentVenueReport {
  readonly venue: string;
  /** The session gave a sign of life within three heartbeats. */
  readonly isHealthy: boolean;
  /** Every order is over and the venue said itself that none is open. */
  readonly isEmpty: boolean;
  /** Orders to cancel, those found by a query included. */
  readonly requested: number;
  /** Orders whose cancel was given to the wire at least once. */
  readonly handed: number;
  readonly confirmed: number;
  /** Orders that may be open still. */
  readonly unknown: number;
  /** Refusals to cancel, repeated ones included. */
  readonly rejected: number;
  readonly massCancels: number;
  readonly queries: number;
  readonly unknownIds: readonly string[];
  /** The last thing that went wrong; empty where nothing did. */
  readonly trouble: string;
  /** T2 of this venue: the last cancel given to the wire; null where that did not happen. */
  readonly handedAllNs: number | null;
  /** T3 of this venue: the last order over, and the venue's word that none is open. */
  readonly confirmedAllNs: number | null;
  readonly handedNs: KillDistribution;
  readonly confirmedNs: KillDistribution;
}

/** What asked for a kill: a trigger or a message, the latch alone, or the silence of the main thread. */
export type KillReason = "trigger" | "latch" | "deadMan";

/**
 * What a kill did: requested, confirmed and unknown, in all and by venue.
 *
 * @units stamps in ns since the kill was asked for (T0)
 */
export interface KillAgentReport {
  /** Counts the kills of this agent, from 1. */
  readonly kill: number;
  /** `complete`: nothing is open anywhere; `escalated`: someone has to look. */
  readonly outcome: "complete" | "escalated";
  readonly reason: KillReason;
  /** Wall time of T0, ISO 8601. */
  readonly askedAt: string;
  readonly latched: readonly { readonly scope: number; readonly level: number }[];
  readonly requested: number;
  readonly handed: number;
  readonly confirmed: number;
  readonly unknown: number;
  /** Orders of venues that the agent has no session for; they count as unknown. */
  readonly unroutable: number;
  /** Slots of the board that stayed busy: a writer that stopped in the middle of an order. */
  readonly unreadable: number;
  /** T1: the gate closed. */
  readonly closedNs: number;
  /** The agent took it up: what lies before is the way from the trigger to it. */
  readonly noticedNs: number;
  /** T2: every cancel of every venue given to the wire; null where a venue could not be given its own. */
  readonly handedAllNs: number | null;
  /** T3: every order over at every venue; null where there is one unknown. */
  readonly confirmedAllNs: number | null;
  readonly venues: readonly KillAgentVenueReport[];
}

/** Counts and quantiles of some figures; sorts them in place. */
export function distributionOf(figures: number[]): KillDistribution {
  figures.sort((a, b) => a - b);
  const at = (share: number): number | null =>
    figures[Math.min(figures.length - 1, Math.floor(share * figures.length))] ?? null;
  return { count: figures.length, p50: at(0.5), p99: at(0.99), max: figures.at(-1) ?? null };
}

/**
 * The file a kill agent writes: that a kill has begun, then what came of it. It can be read when the process is gone.
 *
 * @invariant At no time does a half-written report stand under the name; a disk that fails stops no cancel.
 */
export class KillReportFile {
  readonly #path: string | undefined;
  /** Writes that failed. */
  troubles = 0;

  constructor(path: string | undefined) {
    this.#path = path;
  }

  /** Writes that a kill has begun; the disk is not waited for, the cancels leave meanwhile. */
  begin(fact: object): void {
    this.#write(fact, (file) => {
      fsync(file, () => closeSync(file));
    });
  }

  /** Writes the report and waits until the disk has it. */
  end(report: KillAgentReport): void {
    this.#write(report, (file) => {
      fsyncSync(file);
      closeSync(file);
    });
  }

  #write(content: object, sync: (file: number) => void): void {
    if (this.#path === undefined) return;
    try {
      const partial = `${this.#path}.partial`;
      const file = openSync(partial, "w");
      writeSync(file, `${JSON.stringify(content)}\n`);
      renameSync(partial, this.#path);
      sync(file);
    } catch {
      this.troubles += 1;
    }
  }
}
