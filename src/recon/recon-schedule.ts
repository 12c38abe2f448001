import { checkInteger, checkKeys, Fault } from "../base/index.ts";
import { NANOS_PER_MINUTE } from "../model/index.ts";

/** A section of a snapshot. */
export type ReconSection = "orders" | "fills" | "positions" | "cash";

/** Why a reconciliation is due. */
export type ReconCause = "promotion" | "reconnect" | "endOfDay" | "recheck" | "interval" | "dropCopy";

/**
 * What each cause asks for, in order of precedence: `isComplete` asks the venue to vouch for its list of fills.
 *
 * @source RTS 6, Art. 17(3): in real time where the counterparty gives data in real time
 */
export const RECON_CADENCE: Readonly<
  Record<ReconCause, { readonly sections: readonly ReconSection[]; readonly isComplete: boolean }>
> = {
  promotion: { sections: ["orders", "fills", "positions", "cash"], isComplete: true },
  reconnect: { sections: ["orders", "fills", "positions"], isComplete: true },
  endOfDay: { sections: ["orders", "fills", "positions", "cash"], isComplete: true },
  recheck: { sections: ["orders", "fills", "positions"], isComplete: true },
  interval: { sections: ["orders", "fills", "positions"], isComplete: false },
  dropCopy: { sections: ["fills"], isComplete: false },
};

const CAUSES = Object.keys(RECON_CADENCE) as readonly ReconCause[];
const SECTIONS: readonly ReconSection[] = ["orders", "fills", "positions", "cash"];

/** Options of a {@link ReconSchedule}. @units ns */
export interface ReconScheduleOptions {
  /** When the schedule begins: the first reconciliation is one interval later. */
  readonly startNs: number;
  /** Five minutes unless given. */
  readonly intervalNs?: number;
  /** How long drop copy reports are gathered; one second unless given. */
  readonly gatherNs?: number;
  /** How long after a failure it is tried again; ten seconds unless given. */
  readonly retryNs?: number;
  /** How long an unfinished reconciliation holds up the next; one minute unless given. */
  readonly timeoutNs?: number;
}

/** A reconciliation that is due: one, for all of its causes. */
export interface ReconDue {
  /** Names it for `finish`: rises with every reconciliation. */
  readonly run: number;
  /** In order of precedence. */
  readonly causes: readonly ReconCause[];
  readonly sections: readonly ReconSection[];
  readonly isComplete: boolean;
}

/** The state of a {@link ReconSchedule}, JSON-safe. */
export interface SavedReconSchedule {
  readonly nowNs: number;
  readonly nextNs: number;
  readonly endOfDayNs: number | null;
  readonly runs: number;
  readonly dueNs: Readonly<Partial<Record<ReconCause, number>>>;
  readonly running: { readonly causes: readonly ReconCause[]; readonly untilNs: number } | null;
}

/**
 * Which reconciliation is due now: continuously from the drop copy, at every interval, at the end of the day, at every
 * reconnection and promotion, and again when breaks wait for their confirmation. It holds no timer: somebody asks.
 *
 * @units ns of our clock from the session's base
 * @invariant One runs at a time; a cause that comes meanwhile is due afterwards; a failed one stays due.
 * @invariant Intervals missed in a pause are made up for by one reconciliation.
 * @throws `FAULT_CONFIG` naming the option; `FAULT_TIME` for a time before the last.
 * @cost O(causes)
 * @example
 * ```ts
 * import { ReconSchedule } from "tickwright/recon";
 * const schedule = new ReconSchedule({ startNs: 0 });
 * schedule.begin(299e9); // => undefined
 * schedule.begin(300e9)?.causes; // => ["interval"]
 * schedule.note("reconnect", 301e9);
 * schedule.begin(301e9); // => undefined
 * schedule.finish(1, true, 302e9);
 * schedule.begin(302e9)?.causes; // => ["reconnect"]
 * ```
 */
export class ReconSchedule {
  readonly #intervalNs: number;
  readonly #gatherNs: number;
  readonly #retryNs: number;
  readonly #timeoutNs: number;
  readonly #startNs: number;
  #nowNs: number;
  #nextNs: number;
  #endOfDayNs = Infinity;
  #runs = 0;
  #dueNs = new Map<ReconCause, number>();
  #running: SavedReconSchedule["running"] = null;

  constructor(options: ReconScheduleOptions) {
    const keys = ["startNs", "intervalNs", "gatherNs", "retryNs", "timeoutNs"];
    checkKeys("reconSchedule", options, keys);
    this.#startNs = checkInteger("reconSchedule.startNs", options.startNs);
    const least = (name: "intervalNs" | "gatherNs" | "retryNs" | "timeoutNs", standard: number): number =>
      checkInteger(`reconSchedule.${name}`, options[name] ?? standard, 1);
    this.#intervalNs = least("intervalNs", 5 * NANOS_PER_MINUTE);
    this.#gatherNs = least("gatherNs", NANOS_PER_MINUTE / 60);
    this.#retryNs = least("retryNs", NANOS_PER_MINUTE / 6);
    this.#timeoutNs = least("timeoutNs", NANOS_PER_MINUTE);
    this.#nowNs = this.#startNs;
    this.#nextNs = this.#startNs + this.#intervalNs;
  }

  /** Something happened that asks for a reconciliation: a connection is back, a standby was promoted, a drop copy. */
  note(cause: "promotion" | "reconnect" | "dropCopy", nowNs: number): void {
    this.#advance(nowNs);
    this.#ask(cause, cause === "dropCopy" ? nowNs + this.#gatherNs : nowNs);
  }

  /** The next end of day; one that was planned and has not come yet is replaced. */
  planEndOfDay(atNs: number): void {
    this.#endOfDayNs = checkInteger("reconSchedule.endOfDayNs", atNs);
    this.#advance(this.#nowNs);
  }

  /** Breaks wait for a second look, at the latest then. */
  planRecheck(atNs: number): void {
    this.#ask("recheck", checkInteger("reconSchedule.recheckNs", atNs));
  }

  /** The moment to ask again, if nothing else happens. */
  nextNs(): number {
    let soonest = Math.min(this.#nextNs, this.#endOfDayNs);
    if (this.#dueNs.size > 0) for (const dueNs of this.#dueNs.values()) soonest = Math.min(soonest, dueNs);
    return this.#running === null ? soonest : Math.max(soonest, this.#running.untilNs);
  }

  /** The reconciliation that is due, which is then under way; undefined where none is, or one is under way. */
  begin(nowNs: number): ReconDue | undefined {
    this.#advance(nowNs);
    if (this.#running !== null) {
      if (nowNs < this.#running.untilNs) return undefined;
      this.#release(false, nowNs);
    }
    const causes = CAUSES.filter((cause) => (this.#dueNs.get(cause) ?? Infinity) <= nowNs);
    if (causes.length === 0) return undefined;
    for (const cause of causes) this.#dueNs.delete(cause);
    this.#running = { causes, untilNs: nowNs + this.#timeoutNs };
    this.#runs += 1;
    const asked = new Set(causes.flatMap((cause) => RECON_CADENCE[cause].sections));
    return {
      run: this.#runs,
      causes,
      sections: SECTIONS.filter((section) => asked.has(section)),
      isComplete: causes.some((cause) => RECON_CADENCE[cause].isComplete),
    };
  }

  /** A reconciliation ended; false where it was given up before, and nothing changes. */
  finish(run: number, isDone: boolean, nowNs: number): boolean {
    this.#advance(nowNs);
    if (this.#running === null || run !== this.#runs) return false;
    this.#release(isDone, nowNs);
    return true;
  }

  /** The whole state, JSON-safe. */
  save(): SavedReconSchedule {
    return {
      nowNs: this.#nowNs,
      nextNs: this.#nextNs,
      endOfDayNs: this.#endOfDayNs === Infinity ? null : this.#endOfDayNs,
      runs: this.#runs,
      dueNs: Object.fromEntries(this.#dueNs),
      running: this.#running,
    };
  }

  /**
   * Takes the state that `save` wrote. What was under way then is due again.
   *
   * @throws `FAULT_INPUT` for anything else, and nothing changes.
   */
  load(saved: SavedReconSchedule): void {
    const { nowNs, nextNs, endOfDayNs, runs, dueNs, running } = saved;
    const causes = [...Object.keys(dueNs ?? {}), ...(running?.causes ?? [])];
    const times = [nowNs, nextNs, endOfDayNs ?? 0, runs, ...Object.values(dueNs ?? {})];
    const isKnown = causes.every((cause) => (CAUSES as readonly string[]).includes(cause));
    if (!isKnown || !times.every(Number.isSafeInteger) || nextNs <= nowNs || runs < 0) {
      throw new Fault("FAULT_INPUT", { path: "saved", value: saved, expected: "what save wrote" });
    }
    [this.#nowNs, this.#nextNs, this.#runs] = [nowNs, nextNs, runs];
    this.#endOfDayNs = endOfDayNs ?? Infinity;
    this.#dueNs = new Map(Object.entries(dueNs) as [ReconCause, number][]);
    this.#running = null;
    for (const cause of running?.causes ?? []) this.#ask(cause, nowNs);
  }

  #advance(nowNs: number): void {
    if (!(Number.isSafeInteger(nowNs) && nowNs >= this.#nowNs)) {
      throw new Fault("FAULT_TIME", { path: "nowNs", value: nowNs, expected: `at least ${this.#nowNs}` });
    }
    this.#nowNs = nowNs;
    if (nowNs >= this.#endOfDayNs) {
      this.#ask("endOfDay", this.#endOfDayNs);
      this.#endOfDayNs = Infinity;
    }
    if (nowNs < this.#nextNs) return;
    this.#ask("interval", this.#nextNs);
    const passed = Math.floor((nowNs - this.#startNs) / this.#intervalNs);
    this.#nextNs = this.#startNs + (passed + 1) * this.#intervalNs;
  }

  #ask(cause: ReconCause, atNs: number): void {
    this.#dueNs.set(cause, Math.min(atNs, this.#dueNs.get(cause) ?? Infinity));
  }

  #release(isDone: boolean, nowNs: number): void {
    const causes = this.#running?.causes ?? [];
    this.#running = null;
    if (isDone) return;
    for (const cause of causes) this.#ask(cause, nowNs + this.#retryNs);
  }
}
