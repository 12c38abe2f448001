import type { ClockEvent, ClockEventType, ClockFinding, ClockState } from "./clock-finding.ts";
import type { ClockSettings } from "./clock-options.ts";
import type { ClockJump } from "./clock-steps.ts";

/** How bad a state is. */
const RANK: Readonly<Record<ClockState, number>> = {
  locked: 0,
  degraded: 1,
  holdover: 2,
  stepped: 3,
  outOfTolerance: 4,
  unsynchronized: 5,
};

/** Tells what changed from one finding to the next; the first is compared with a clock of which nothing is known. */
export class ClockChanges {
  readonly #settings: ClockSettings;
  /** The last grandmaster that was followed, also while none is. */
  #grandmaster: string | undefined;
  #utcOffset: number | undefined;
  #events: ClockEvent[] = [];

  constructor(settings: ClockSettings) {
    this.#settings = settings;
  }

  between(
    before: ClockFinding | undefined,
    now: ClockFinding,
    jump: ClockJump | undefined,
  ): readonly ClockEvent[] {
    this.#events = [];
    if (jump !== undefined) this.#jump(now, jump);
    this.#sources(before, now);
    this.#reference(before, now);
    this.#thresholds(before, now);
    this.#verdicts(before, now);
    const state = before?.state ?? "unsynchronized";
    if (state !== now.state || before === undefined) {
      const worse = RANK[now.state] > RANK[state] || before === undefined;
      const severity = !worse || now.state === "locked" ? "info" : RANK[now.state] >= 3 ? "alarm" : "warning";
      this.#push(now, "stateChange", severity, { before: state, after: now.state });
    }
    return this.#events;
  }

  #jump(now: ClockFinding, jump: ClockJump): void {
    if (jump.kind === "step") this.#push(now, "step", "alarm", { after: jump.jumpNs });
    if (jump.kind === "leapSecond") this.#push(now, "leapSecond", "info", { after: jump.jumpNs });
    const missed = Math.round(jump.elapsedNs / this.#settings.sampleNs) - 1;
    if (missed >= this.#settings.gapSamples) {
      this.#push(now, "missingSamples", "warning", { after: missed });
    }
  }

  #sources(before: ClockFinding | undefined, now: ClockFinding): void {
    const silent = new Set(before?.missing.map(({ source }) => source));
    for (const { source, code } of now.missing) {
      if (!silent.delete(source))
        this.#push(now, "sourceTrouble", "warning", { subject: source, after: code });
    }
    for (const source of silent)
      this.#push(now, "sourceTrouble", "info", { subject: source, after: "answers" });
    const disagreed = before?.reasons.includes("sourcesDisagree") ?? false;
    const disagree = now.reasons.includes("sourcesDisagree");
    if (disagree !== disagreed) {
      this.#push(now, "sourcesDisagree", disagree ? "alarm" : "info", { after: disagree ? "yes" : "no" });
    }
    const path = before?.path ?? "none";
    if (path !== now.path) this.#push(now, "pathChange", "warning", { before: path, after: now.path });
  }

  #reference(before: ClockFinding | undefined, now: ClockFinding): void {
    const { grandmaster, utcOffset } = now;
    if (grandmaster !== undefined && grandmaster !== this.#grandmaster) {
      const from = this.#grandmaster;
      const severity = from === undefined ? "info" : "warning";
      this.#push(now, "grandmasterChange", severity, {
        after: grandmaster,
        ...(from !== undefined && { before: from }),
      });
      this.#grandmaster = grandmaster;
    }
    const followed = before?.path === "ptp" && !before.holdover;
    if (followed && (now.path !== "ptp" || now.holdover)) {
      this.#push(now, "grandmasterLost", "alarm", { before: before.grandmaster ?? "" });
    }
    const traceable = before?.traceable ?? false;
    if (before !== undefined && traceable !== now.traceable) {
      const severity = now.traceable ? "info" : "alarm";
      this.#push(now, "traceabilityChange", severity, {
        after: now.traceable ? "traceable" : "not traceable",
      });
    }
    if (utcOffset === undefined) return;
    if (this.#utcOffset !== undefined && this.#utcOffset !== utcOffset) {
      this.#push(now, "utcOffsetChange", "warning", { before: this.#utcOffset, after: utcOffset });
    }
    this.#utcOffset = utcOffset;
  }

  #thresholds(before: ClockFinding | undefined, now: ClockFinding): void {
    for (const [type, limit] of [
      ["degradedThreshold", this.#settings.degradedNs],
      ["toleranceThreshold", this.#settings.toleranceNs],
    ] as const) {
      const was = before !== undefined && (before.boundNs ?? Number.POSITIVE_INFINITY) > limit;
      const is = (now.boundNs ?? Number.POSITIVE_INFINITY) > limit;
      if (was === is) continue;
      const severity = !is ? "info" : type === "toleranceThreshold" ? "alarm" : "warning";
      this.#push(now, type, severity, { before: limit, after: now.boundNs ?? "no bound" });
    }
  }

  #verdicts(before: ClockFinding | undefined, now: ClockFinding): void {
    for (const verdict of now.verdicts) {
      const was = before?.verdicts.find(({ profile }) => profile === verdict.profile);
      if (was?.holds === verdict.holds) continue;
      const severity = verdict.holds ? "info" : verdict.action === "flag" ? "warning" : "alarm";
      const after = verdict.holds ? "holds" : verdict.reasons.join(" ");
      this.#push(now, "verdictChange", severity, { subject: verdict.profile, after });
    }
  }

  #push(
    now: ClockFinding,
    type: ClockEventType,
    severity: ClockEvent["severity"],
    detail: Pick<ClockEvent, "subject" | "before" | "after">,
  ): void {
    this.#events.push({ type, severity, atRealtimeNs: now.atRealtimeNs, ...detail });
  }
}
