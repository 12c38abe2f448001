import { monitorEventLoopDelay, PerformanceObserver } from "node:perf_hooks";
import process from "node:process";

const MB = 1024 * 1024;
const RESOLUTION_MS = 5;
/** `detail.kind` of a collection of the whole heap. */
const MAJOR = 4;

/** A line through points: how steep it is, and how sure that is. @units MB an hour */
export interface Slope {
  readonly perHour: number;
  readonly standardError: number;
  readonly points: number;
}

interface Sample {
  readonly hours: number;
  readonly mb: number;
}

/**
 * Samples this process: resident memory every so often, the heap as it stands behind each collection of all of it, and
 * by how much timers are late.
 */
export class MemoryWatch {
  readonly rss: Sample[] = [];
  readonly heap: Sample[] = [];
  readonly #began = performance.now();
  readonly #timer: NodeJS.Timeout;
  readonly #collections: PerformanceObserver;
  readonly #lag = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  constructor(everyMs: number) {
    this.#timer = setInterval(() => this.#sample(this.rss, process.memoryUsage.rss()), everyMs);
    this.#collections = new PerformanceObserver((list) => {
      const isMajor = list
        .getEntries()
        .some((entry) => (entry as { readonly detail?: { readonly kind?: number } }).detail?.kind === MAJOR);
      if (isMajor) this.#sample(this.heap, process.memoryUsage().heapUsed);
    });
    this.#collections.observe({ entryTypes: ["gc"] });
    this.#lag.enable();
  }

  /** How late timers were, beside the watch's own period. @units ms */
  lag(): { readonly p50: number; readonly p99: number; readonly max: number } {
    const late = (ns: number): number => Math.max(0, ns / 1e6 - RESOLUTION_MS);
    return {
      p50: late(this.#lag.percentile(50)),
      p99: late(this.#lag.percentile(99)),
      max: late(this.#lag.max),
    };
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#collections.disconnect();
    this.#lag.disable();
  }

  #sample(into: Sample[], bytes: number): void {
    into.push({ hours: (performance.now() - this.#began) / 3.6e6, mb: bytes / MB });
  }
}

/** The least squares line through the samples behind a warm-up; undefined where there are less than three. */
export function slopeOf(samples: readonly Sample[], warmUpHours: number): Slope | undefined {
  const points = samples.filter(({ hours }) => hours >= warmUpHours);
  const n = points.length;
  if (n < 3) return undefined;
  const meanX = points.reduce((sum, { hours }) => sum + hours, 0) / n;
  const meanY = points.reduce((sum, { mb }) => sum + mb, 0) / n;
  let [xx, xy] = [0, 0];
  for (const { hours, mb } of points) {
    xx += (hours - meanX) * (hours - meanX);
    xy += (hours - meanX) * (mb - meanY);
  }
  const perHour = xy / xx;
  const squares = points.reduce((sum, { hours, mb }) => {
    const rest = mb - meanY - perHour * (hours - meanX);
    return sum + rest * rest;
  }, 0);
  return { perHour, standardError: Math.sqrt(squares / (n - 2) / xx), points: n };
}
