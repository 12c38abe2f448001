import { readdirSync } from "node:fs";
import { isRefusal, type Refusal } from "../base/index.ts";
import { chronycSource, chronyUdpSource } from "./clock-chrony.ts";
import type { ClockFinding } from "./clock-finding.ts";
import { ClockMonitor } from "./clock-monitor.ts";
import type { ClockMonitorOptions } from "./clock-options.ts";
import { pmcSource } from "./clock-ptp.ts";
import type { ClockReading, ClockSource } from "./clock-readings.ts";
import type { ClockRefusalCode } from "./clock-refusals.ts";
import { closeClockSources, readClockSources } from "./clock-watch.ts";

/** What one source said when it was asked once. */
export interface ClockSourceFound {
  readonly name: string;
  readonly answers: boolean;
  /** The parts that it gave, such as `ntp`. */
  readonly parts: readonly string[];
  /** Why it gave nothing. */
  readonly trouble?: string;
}

/** What can be said of this machine's clock at one look. */
export interface ClockSurvey {
  readonly sources: readonly ClockSourceFound[];
  /** Such as `/dev/ptp0`; their presence alone proves nothing. */
  readonly hardwareClocks: readonly string[];
  readonly reading: ClockReading;
  /** One sample sees no step and no drift. A refusal where a source gave what cannot be. */
  readonly finding: ClockFinding | Refusal<ClockRefusalCode>;
}

/** The sources that need no native code, where their daemons have their defaults. */
export function defaultClockSources(): readonly ClockSource[] {
  return [pmcSource(), chronyUdpSource(), chronycSource()];
}

/**
 * Asks every source once, says which of them answer, and what follows for the clock.
 *
 * @throws `FAULT_CONFIG` naming an option of the monitor
 * @example
 * ```ts
 * import { surveyClock } from "tickwright/host";
 * const survey = await surveyClock([]);
 * "state" in survey.finding && survey.finding.state; // => "unsynchronized"
 * "state" in survey.finding && survey.finding.hardware; // => "absent"
 * ```
 */
export async function surveyClock(
  sources: readonly ClockSource[] = defaultClockSources(),
  options: ClockMonitorOptions = {},
): Promise<ClockSurvey> {
  const monitor = new ClockMonitor(options);
  const parts = new Map<string, readonly string[]>();
  const asked = sources.map(
    (source): ClockSource => ({
      name: source.name,
      async sample() {
        const part = await source.sample();
        parts.set(source.name, Object.keys(part));
        return part;
      },
    }),
  );
  const reading = await readClockSources(asked);
  closeClockSources(sources);
  const found = sources.map(({ name }): ClockSourceFound => {
    const trouble = reading.missing?.find((item) => item.source === name)?.message;
    const answers = parts.has(name);
    return { name, answers, parts: parts.get(name) ?? [], ...(trouble !== undefined && { trouble }) };
  });
  const sampled = monitor.sample(reading);
  const finding = isRefusal(sampled) ? sampled : sampled.finding;
  return { sources: found, hardwareClocks: hardwareClocks(), reading, finding };
}

/** The PTP hardware clocks that the kernel shows. */
function hardwareClocks(): readonly string[] {
  try {
    return readdirSync("/dev")
      .filter((name) => /^ptp\d+$/.test(name))
      .sort()
      .map((name) => `/dev/${name}`);
  } catch {
    return [];
  }
}
