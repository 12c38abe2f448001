import type { ClockPath, ClockProof } from "./clock-bound.ts";
import { CLOCK_STATES, type ClockFinding, type ClockState } from "./clock-finding.ts";

/** What one UTC day of watching shows. Plain data: canonical JSON can write it. */
export interface ClockDayEvidence {
  /** Such as `2026-03-02`, in UTC as this machine had it. */
  readonly day: string;
  readonly configurationHash: string;
  readonly samples: number;
  /** Samples without any bound: in the p99 they stand above all others. */
  readonly samplesWithoutBound: number;
  readonly readingsRefused: number;
  /** Left out where no sample had a bound. @units ns */
  readonly boundMaxNs?: number;
  /** No less than the 99th percentile, and at most 1 % more; left out where more than 1 % had no bound. @units ns */
  readonly boundP99Ns?: number;
  /** How long each state was held. @units minutes */
  readonly minutes: Readonly<Record<ClockState, number>>;
  /** Time between samples that lay too far apart: nothing is known of it. @units minutes */
  readonly minutesUnobserved: number;
  readonly steps: number;
  /** Every grandmaster that was followed, in order. @units epoch ns */
  readonly grandmasters: readonly { readonly identity: string; readonly sinceNs: bigint }[];
  readonly paths: readonly (ClockPath | "none")[];
  readonly proofs: readonly ClockProof[];
  readonly hardware: "present" | "absent" | "both";
}

const GROWTH = 1.01;
const DAY_NS = 86_400_000_000_000n;
const MINUTE_NS = 60e9;
/** No list of a day grows beyond it: a grandmaster that changes at every sample is seen from the first thousand. */
const LIST_MAX = 1_000;

/** The UTC day of a moment, such as `2026-03-02`. */
export function clockDay(realtimeNs: bigint): string {
  return new Date(Number((realtimeNs / DAY_NS) * 86_400_000n)).toISOString().slice(0, 10);
}

/** Sums up the samples of one day in bounded memory: bounds go into buckets of 1 %. */
export class ClockDay {
  readonly day: string;
  readonly #configurationHash: string;
  readonly #buckets = new Map<number, number>();
  readonly #stateNs = new Map<ClockState, number>();
  readonly #grandmasters: { identity: string; sinceNs: bigint }[] = [];
  readonly #paths = new Set<ClockPath | "none">();
  readonly #proofs = new Set<ClockProof>();
  readonly #hardware = new Set<"present" | "absent">();
  #samples = 0;
  #unbound = 0;
  #refused = 0;
  #steps = 0;
  #unobservedNs = 0;
  #maxNs: number | undefined;

  constructor(day: string, configurationHash: string) {
    this.day = day;
    this.#configurationHash = configurationHash;
  }

  /** Counts the time until a sample to the state before it. */
  passed(state: ClockState, elapsedNs: number, observed: boolean): void {
    if (observed) this.#stateNs.set(state, (this.#stateNs.get(state) ?? 0) + elapsedNs);
    else this.#unobservedNs += elapsedNs;
  }

  stepped(): void {
    this.#steps += 1;
  }

  refused(): void {
    this.#refused += 1;
  }

  add(finding: ClockFinding): void {
    this.#samples += 1;
    this.#paths.add(finding.path);
    this.#proofs.add(finding.proof);
    this.#hardware.add(finding.hardware);
    const { grandmaster, boundNs } = finding;
    const last = this.#grandmasters.at(-1);
    if (grandmaster !== undefined && last?.identity !== grandmaster && this.#grandmasters.length < LIST_MAX) {
      this.#grandmasters.push({ identity: grandmaster, sinceNs: finding.atRealtimeNs });
    }
    if (boundNs === undefined) {
      this.#unbound += 1;
      return;
    }
    this.#maxNs = Math.max(this.#maxNs ?? 0, boundNs);
    const bucket = boundNs <= 1 ? 0 : Math.ceil(Math.log(boundNs) / Math.log(GROWTH));
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
  }

  evidence(): ClockDayEvidence {
    const p99 = this.#p99();
    const minutes = {} as Record<ClockState, number>;
    for (const state of CLOCK_STATES) minutes[state] = (this.#stateNs.get(state) ?? 0) / MINUTE_NS;
    return {
      day: this.day,
      configurationHash: this.#configurationHash,
      samples: this.#samples,
      samplesWithoutBound: this.#unbound,
      readingsRefused: this.#refused,
      ...(this.#maxNs !== undefined && { boundMaxNs: this.#maxNs }),
      ...(p99 !== undefined && { boundP99Ns: p99 }),
      minutes,
      minutesUnobserved: this.#unobservedNs / MINUTE_NS,
      steps: this.#steps,
      grandmasters: [...this.#grandmasters],
      paths: [...this.#paths],
      proofs: [...this.#proofs],
      hardware: this.#hardware.size === 2 ? "both" : ([...this.#hardware][0] ?? "absent"),
    };
  }

  #p99(): number | undefined {
    const rank = Math.ceil(this.#samples * 0.99);
    let seen = 0;
    for (const [bucket, count] of [...this.#buckets].sort((left, right) => left[0] - right[0])) {
      seen += count;
      // One part in a billion more: a logarithm may round a bucket's edge down.
      if (seen >= rank) return Math.min(GROWTH ** bucket * (1 + 1e-9), this.#maxNs ?? 0);
    }
    return undefined;
  }
}
