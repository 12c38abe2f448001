import { describe, expect, it } from "vitest";
import { Prng } from "../../src/base/index.ts";
import { FAULTS, FailoverWorld, type FaultKind } from "../fixtures/feed-failover-world.ts";

const MS = 1e6;
/** Messages a second of each source, and faults at that rate: 2,002 in all. */
const WORLDS = [
  { rate: 1_000, faults: 840 },
  { rate: 300, faults: 700 },
  { rate: 50, faults: 462 },
] as const;

interface Sample {
  readonly kind: FaultKind;
  readonly rate: number;
  /** From the fault to the new source's book, and to its first message after that. */
  readonly bookNs: number;
  readonly messageNs: number;
  readonly boundNs: number;
}

function world({ rate, faults }: (typeof WORLDS)[number]): {
  samples: Sample[];
  missed: string[];
  changes: number;
} {
  const made = new FailoverWorld({ seed: 1_000 + rate, rate });
  const rng = new Prng(rate);
  const samples: Sample[] = [];
  const missed: string[] = [];
  made.run(6_000 * MS);
  for (let i = 0; i < faults; i++) {
    const kind = FAULTS[i % FAULTS.length] as FaultKind;
    made.run((700 + (rng.uint32() % 300)) * MS);
    const source = made.arbiter.current;
    const changes = made.changes.length;
    const atNs = made.nowNs;
    const of = { disconnect: "disconnected", checksum: "corrupt", latency: "silent" } as const;
    const boundNs = made.arbiter.detectionBoundNs(
      source,
      kind in of ? of[kind as keyof typeof of] : (kind as "gap"),
    );
    made.inject(source, kind);
    for (let waited = 0; waited < 1_000 && made.changes.length === changes; waited++) made.run(1 * MS);
    const change = made.changes[changes];
    if (change === undefined || change.from !== source) {
      missed.push(`${kind} at ${rate}/s`);
    } else {
      const bookNs = change.atNs - atNs;
      for (let waited = 0; waited < 200 && !((made.freshNs[change.to] ?? 0) > change.atNs); waited++)
        made.run(1 * MS);
      samples.push({ kind, rate, bookNs, messageNs: (made.freshNs[change.to] ?? Infinity) - atNs, boundNs });
    }
    made.run(300 * MS);
    made.heal(source);
    const current = made.arbiter.current;
    expect(made.wrongs).toEqual([]);
    expect(current).not.toBe(-1);
  }
  made.stop();
  made.run(500 * MS);
  expect(made.failures).toEqual([]);
  expect({ bid: made.book.bestBid, ask: made.book.bestAsk }).toEqual(made.truth);
  return { samples, missed, changes: made.changes.length - 1 - samples.length };
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

function line(name: string, samples: readonly Sample[], of: (sample: Sample) => number): string {
  const sorted = samples.map(of).sort((a, b) => a - b);
  const [p50, p99, max] = [quantile(sorted, 0.5), quantile(sorted, 0.99), sorted.at(-1) ?? Number.NaN];
  return `${name} ${[p50, p99, max].map((ns) => (ns / MS).toFixed(1).padStart(7)).join(" ")}`;
}

describe("fail-over to a hot source", () => {
  it("2,002 faults: each is noticed, and the new book is out in time", { timeout: 120_000 }, () => {
    const results = WORLDS.map(world);
    const samples = results.flatMap((result) => result.samples);
    const lines = [
      `${samples.length} faults, virtual ms from fault to the new source's book and to its next message: p50 p99 max`,
    ];
    for (const kind of FAULTS) {
      for (const { rate } of WORLDS) {
        const mine = samples.filter((sample) => sample.kind === kind && sample.rate === rate);
        const text = line(
          `  ${kind.padEnd(10)} ${String(rate).padStart(5)}/s book`,
          mine,
          ({ bookNs }) => bookNs,
        );
        const bound = line("bound", mine, ({ boundNs }) => boundNs);
        lines.push(`${text}   ${line("message", mine, ({ messageNs }) => messageNs)}   ${bound}`);
      }
    }
    lines.push(line("  all, book", samples, ({ bookNs }) => bookNs));
    lines.push(line("  all, message", samples, ({ messageNs }) => messageNs));
    lines.push(
      `  changes that no fault had asked for: ${results.map(({ changes }) => changes).join(", ")} by rate`,
    );
    console.log(lines.join("\n"));
    expect(results.flatMap(({ missed }) => missed)).toEqual([]);
    for (const { kind, rate, bookNs, messageNs, boundNs } of samples) {
      // Slow sources are bound by how often they and the others speak.
      if (rate > 50) expect(messageNs, `${kind} at ${rate}/s`).toBeLessThan(100 * MS);
      const spareNs = 25 * MS + (10 / rate) * 1e9;
      expect(bookNs, `${kind} at ${rate}/s`).toBeLessThanOrEqual(boundNs + spareNs);
    }
  });
});
