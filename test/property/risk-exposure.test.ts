import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Instrument } from "../../src/model/index.ts";
import { Exposure } from "../../src/risk/exposure.ts";
import { NODE, PLANNED } from "../../src/risk/exposure-rows.ts";
import { Hierarchy } from "../../src/risk/hierarchy.ts";
import { Worth } from "../../src/risk/worth.ts";
import { ABC, SEATS } from "../fixtures/gate-setup.ts";

/** A tick times a lot of it is 1.0837 cents. */
const EUR = new Instrument({ symbol: "E", venue: "XPAR", tickSize: "0.01", lotSize: "1", quote: "EUR" });
const INSTRUMENTS = [ABC, EUR];
const hierarchy = new Hierarchy(
  SEATS,
  INSTRUMENTS.map(({ key }) => key),
  ["stocks", "stocks"],
);
const { paths } = hierarchy;
const PATHS = paths.length / 7;

function make(marginBps: readonly [number, number]): Exposure {
  const worth = new Worth({ code: "USD", decimals: 2 }, INSTRUMENTS);
  worth.setRate("EUR", "1.0837");
  const exposure = new Exposure(hierarchy, 2, worth);
  exposure.marginBps.set(marginBps);
  return exposure;
}

interface Commit {
  readonly what: "commit";
  readonly path: number;
  readonly side: 1 | -1;
  readonly lots: number;
  readonly tickLots: number;
  readonly value: number;
  readonly nowNs: number;
  readonly messages: number;
}
type Step =
  | Commit
  | {
      readonly what: "execute";
      readonly path: number;
      readonly side: 1 | -1;
      readonly lots: number;
      readonly ticks: number;
    };

const path = fc.nat({ max: PATHS - 1 });
const side = fc.constantFrom<1 | -1>(1, -1);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    what: fc.constant("commit" as const),
    path,
    side,
    lots: fc.integer({ min: 1, max: 1000 }),
    tickLots: fc.integer({ min: 1, max: 1_000_000 }),
    value: fc.nat({ max: 1_000_000 }),
    nowNs: fc.nat({ max: 1000 }),
    messages: fc.constantFrom(0, 1),
  }),
  fc.record({
    what: fc.constant("execute" as const),
    path,
    side,
    lots: fc.integer({ min: 1, max: 1000 }),
    ticks: fc.integer({ min: 1, max: 1000 }),
  }),
);

/** Puts an order on a path in one pass. */
function commit(exposure: Exposure, each: Commit): void {
  const i = each.path % 2;
  exposure.plan(each.path, i, each.side > 0, each.lots, each.tickLots, each.value, each.nowNs);
  exposure.rows[PLANNED.messages] = each.messages;
  exposure.commit(each.path, i, each.side > 0);
}

/** The same by the parts that settlement uses, level by level. */
function hold(exposure: Exposure, each: Commit): void {
  const from = each.path * 7;
  exposure.hold(paths, from, each.path % 2, each.side, each.lots, each.tickLots);
  exposure.count(paths, from, 1, each.value);
  for (const node of paths.subarray(from, from + 7)) {
    const [due, interval] = [exposure.node(node, NODE.bucket), exposure.node(node, NODE.bucket + 2)];
    exposure.setNode(node, NODE.bucket, Math.max(due, each.nowNs) + interval);
    exposure.setNode(node, NODE.sent, exposure.node(node, NODE.sent) + each.messages);
  }
}

/** Every figure of nodes and cells; 0 for -0. */
function figures(exposure: Exposure): number[] {
  return [...exposure.nodes, ...exposure.cells].map((each) => each + 0);
}

function pair(marginBps: readonly [number, number]): readonly [Exposure, Exposure] {
  const both = [make(marginBps), make(marginBps)] as const;
  for (const exposure of both) {
    for (let node = 0; node < hierarchy.nodes; node++) exposure.setNode(node, NODE.bucket + 2, 10 * node);
  }
  return both;
}

describe("an order that is put on a path in one pass", () => {
  it("changes what holding and counting it level by level changes", () => {
    fc.assert(
      fc.property(
        fc.constantFrom<[number, number]>([10_000, 10_000], [2_501, 10_000], [10_000, 333], [1, 20_000]),
        fc.array(step, { minLength: 1, maxLength: 30 }),
        (marginBps, steps) => {
          const [made, other] = pair(marginBps);
          for (const each of steps) {
            if (each.what === "commit") {
              commit(made, each);
              hold(other, each);
            } else {
              const { lots, ticks } = each;
              for (const exposure of [made, other]) {
                exposure.execute(paths, each.path * 7, each.path % 2, each.side, lots, ticks);
              }
            }
          }
          expect(figures(made)).toEqual(figures(other));
        },
      ),
      { numRuns: Number(process.env.FC_RUNS ?? 300) },
    );
  });

  const most = Number.MAX_SAFE_INTEGER;
  it.each([1, 2 ** 46, 3_766_796_622_135_412, most / 10_837, most - 1, most, most + 1, 2 ** 60, Number.NaN])(
    "does so for a worth of about %d too, where numbers are not exact any more",
    (given) => {
      const tickLots = Math.floor(given);
      for (const marginBps of [10_000, 2_501]) {
        for (const at of [0, 1]) {
          const [made, other] = pair([marginBps, marginBps]);
          const terms = { what: "commit", side: 1, lots: 5, value: 7, nowNs: 1, messages: 1 } as const;
          commit(made, { ...terms, path: at, tickLots });
          hold(other, { ...terms, path: at, tickLots });
          expect(figures(made)).toEqual(figures(other));
        }
      }
    },
  );
});
