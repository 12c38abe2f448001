import { formatNanos } from "../model/index.ts";
import type { Leak, LookAheadReport, WarmUpReport } from "../trial/index.ts";

const NOTHING = "nothing";

/** What a search for look-ahead found, as lines. */
export function lookAheadLines(report: LookAheadReport, baseNs: bigint): readonly string[] {
  const { leaks, decisions, compared, runs } = report;
  if (decisions === 0) return [`look-ahead: nothing was decided in ${runs} runs, so nothing could be found`];
  const tried = `${decisions} decisions, ${compared} compared in ${runs} runs`;
  if (leaks.length === 0) return [`look-ahead: none found; ${tried}`];
  return [`look-ahead: ${leaks.length} leaks; ${tried}`, ...leaks.flatMap((leak) => leakLines(leak, baseNs))];
}

function leakLines(leak: Leak, baseNs: bigint): readonly string[] {
  const { kind, callback, strategy, world } = leak;
  const why =
    kind === "carried"
      ? "decides otherwise in a second run over the same tapes"
      : `knows what comes at ${momentOf(baseNs, leak.cutNs)} or later (future ${world})`;
  const who = strategy === 0 ? callback : `${callback} of strategy ${strategy}`;
  return [
    `  ${who} at ${momentOf(baseNs, leak.ns)} ${why}`,
    `    asked for       ${leak.asked ?? NOTHING}`,
    `    in the other    ${leak.otherwise ?? NOTHING}`,
  ];
}

/** What a check of the warm-up came to, as lines. */
export function warmUpLines(report: WarmUpReport, baseNs: bigint): readonly string[] {
  const { warmup, starts, isEnough, enough, runs } = report;
  const tried = `${starts.length} starts, ${runs} runs`;
  if (starts.length === 0)
    return [`warm-up: ${warmup} events; the tapes are too short to begin in their midst`];
  if (isEnough) return [`warm-up: ${warmup} events are enough; ${tried}`];
  const needed = enough === undefined ? "no length that fits the tapes is" : `${enough} would be`;
  const differing = starts.filter(({ difference }) => difference !== undefined);
  const lines = differing.flatMap(({ beginNs, difference: found }) =>
    found === undefined
      ? []
      : [
          `  ${found.callback} at ${momentOf(baseNs, found.ns)}, begun at ${momentOf(baseNs, beginNs)}`,
          `    with all the past  ${found.asked ?? NOTHING}`,
          `    warmed up only     ${found.otherwise ?? NOTHING}`,
        ],
  );
  return [`warm-up: ${warmup} events are not enough, ${needed}; ${tried}`, ...lines];
}

/** Both, JSON-safe: moments as ISO 8601 beside their ns from the run's base; null where there is none. */
export function trialJson(
  lookAhead: LookAheadReport,
  warmUp: WarmUpReport,
  baseNs: bigint,
): Readonly<Record<string, unknown>> {
  const leaks = lookAhead.leaks.map(({ asked = null, otherwise = null, ...leak }) => ({
    ...{ ...leak, at: momentOf(baseNs, leak.ns), asked, otherwise },
    cutNs: Number.isFinite(leak.cutNs) ? leak.cutNs : null,
  }));
  const starts = warmUp.starts.map(({ difference, ...start }) => ({
    ...{ ...start, begin: momentOf(baseNs, start.beginNs), warm: momentOf(baseNs, start.warmNs) },
    difference:
      difference === undefined
        ? null
        : {
            ...{ ...difference, at: momentOf(baseNs, difference.ns) },
            ...{ asked: difference.asked ?? null, otherwise: difference.otherwise ?? null },
          },
  }));
  return {
    schema: "tickwright.trial/1",
    lookAhead: { ...lookAhead, leaks },
    warmUp: { ...warmUp, enough: warmUp.enough ?? null, starts },
  };
}

/** A moment as ISO 8601, to the ns. */
function momentOf(baseNs: bigint, ns: number): string {
  return formatNanos(baseNs + BigInt(Math.trunc(ns)));
}
