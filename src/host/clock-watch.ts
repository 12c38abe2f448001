import { checkArray, checkFunction, checkKeys, Fault, isRefusal, type Refusal } from "../base/index.ts";
import type { ClockMonitor, ClockSampled } from "./clock-monitor.ts";
import type {
  ClockPart,
  ClockReading,
  ClockSource,
  ClockSourceTrouble,
  ClockStamps,
} from "./clock-readings.ts";
import type { ClockRefusalCode } from "./clock-refusals.ts";
import { nodeClockStamps } from "./clock-stamps.ts";

/** What is watched, and who is told. */
export interface ClockWatchOptions {
  readonly monitor: ClockMonitor;
  /** Asked side by side; where two know the same part, the earlier one counts. */
  readonly sources: readonly ClockSource[];
  /** Called with every sample, on the event loop. */
  readonly onSample: (sampled: ClockSampled) => void;
  /** Called with a reading that the monitor refuses: a source is wrong. */
  readonly onRefusal: (refusal: Refusal<ClockRefusalCode>) => void;
}

/**
 * Asks every source once and puts their parts together; a source that fails is missing, with its fault.
 *
 * The stamps are those of the first source that gives some, else {@link nodeClockStamps}.
 */
export async function readClockSources(sources: readonly ClockSource[]): Promise<ClockReading> {
  const missing: ClockSourceTrouble[] = [];
  const parts = await Promise.all(
    sources.map(async (source): Promise<ClockPart> => {
      try {
        return await source.sample();
      } catch (error) {
        missing.push(troubleOf(source.name, error));
        return {};
      }
    }),
  );
  let stamps: ClockStamps | undefined;
  let whole: ClockPart = {};
  for (const part of parts) {
    stamps ??= part.stamps;
    whole = { ...part, ...whole };
  }
  missing.sort((left, right) => (left.source < right.source ? -1 : 1));
  return { ...whole, stamps: stamps ?? nodeClockStamps(), ...(missing.length > 0 && { missing }) };
}

/** Lets go of every source's sockets. */
export function closeClockSources(sources: readonly ClockSource[]): void {
  for (const source of sources) source.close?.();
}

function troubleOf(source: string, error: unknown): ClockSourceTrouble {
  if (error instanceof Fault) return { source, code: error.code, message: error.message };
  return { source, code: "FAULT_CALLBACK", message: error instanceof Error ? error.message : String(error) };
}

/**
 * Samples on a real timer, at the monitor's interval, until it is stopped.
 *
 * @invariant One sample at a time: where sources take longer than the interval, samples are left out, and the
 * monitor tells of the gap.
 */
export class ClockWatch {
  readonly #options: ClockWatchOptions;
  #timer: NodeJS.Timeout | undefined;
  #busy = false;

  /** @throws `FAULT_CONFIG` naming the option */
  constructor(options: ClockWatchOptions) {
    checkKeys("options", options, ["monitor", "sources", "onSample", "onRefusal"]);
    checkArray("options.sources", options.sources, 0);
    checkFunction("options.onSample", options.onSample);
    checkFunction("options.onRefusal", options.onRefusal);
    this.#options = options;
  }

  /** Takes the first sample now, and the next ones by the timer. */
  start(): void {
    if (this.#timer !== undefined) return;
    const intervalMs = this.#options.monitor.settings.sampleNs / 1e6;
    this.#timer = setInterval(() => void this.#tick(), intervalMs);
    void this.#tick();
  }

  /** Takes no further sample and closes the sources. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    closeClockSources(this.#options.sources);
  }

  async #tick(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    const reading = await readClockSources(this.#options.sources);
    this.#busy = false;
    if (this.#timer === undefined) return;
    const sampled = this.#options.monitor.sample(reading);
    if (isRefusal(sampled)) this.#options.onRefusal(sampled);
    else this.#options.onSample(sampled);
  }
}
