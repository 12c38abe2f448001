import { describe, expect, it } from "vitest";
import { Exposure } from "../../src/risk/exposure.ts";
import { NODE, PLANNED, SOFT_LIMIT } from "../../src/risk/exposure-rows.ts";
import { Hierarchy } from "../../src/risk/hierarchy.ts";
import { Worth } from "../../src/risk/worth.ts";
import { ABC, SEATS, XYZ } from "../fixtures/gate-setup.ts";

const hierarchy = new Hierarchy(SEATS, [ABC.key, XYZ.key], ["stocks", "stocks"]);
const worth = new Worth({ code: "USD", decimals: 2 }, [ABC, XYZ]);
const PATHS = SEATS.length * 2;

function make(): Exposure {
  return new Exposure(hierarchy, 2, worth);
}

describe("the rows of an exposure", () => {
  it("are found by sixteen integers a path: five cells, three zeros, seven nodes, a zero", () => {
    const { places, rows, cells } = make();
    const cellsAt = rows.length - cells.length;
    const expected = Array.from({ length: PATHS }, (_, path) => {
      const [firm, desk, account, user, strategy, ofClass, symbol] = hierarchy.paths.subarray(path * 7);
      const owners = [strategy, user, account, desk, firm] as number[];
      const cellAt = (node: number) => cellsAt + (node * 2 + (path % 2)) * 16;
      const nodes = [...owners, ofClass as number, symbol as number];
      return [...owners.map(cellAt), 0, 0, 0, ...nodes.map((node) => 32 + node * 32), 0];
    });
    expect([...places]).toEqual(expected.flat());
  });

  it("begin without a limit, without a position, and with a capital that is not known", () => {
    const { nodes, cells, planned } = make();
    const row = new Float64Array(32);
    row[NODE.capital] = Number.NaN;
    for (const figure of Object.values(SOFT_LIMIT)) row[figure] = Number.POSITIVE_INFINITY;
    for (let node = 0; node < hierarchy.nodes; node++) {
      expect(nodes.subarray(node * 32, node * 32 + 32)).toEqual(row);
    }
    expect(nodes.length).toBe(hierarchy.nodes * 32);
    expect([...cells, ...planned].every((each) => each === 0)).toBe(true);
  });

  it("hold a plan of five cells and of the order, and nothing between and behind", () => {
    const exposure = make();
    const rest = exposure.rows.slice(32);
    exposure.marginBps[1] = 5_000;
    exposure.plan(1, 1, true, 2, 200, 201, 7);
    exposure.plan(1, 1, false, 3, 301, 302, 8);
    const cell = [301, 301, 151, 0];
    const tail = [3, 301, 302, 8, 0, 0, 0, 0];
    expect([...exposure.planned]).toEqual([...[0, 1, 2, 3, 4].flatMap(() => cell), 0, 0, 0, 0, ...tail]);
    expect(exposure.rows.slice(32)).toEqual(rest);
  });

  it("keep their plan when an order is put on a path", () => {
    const exposure = make();
    exposure.plan(0, 0, true, 3, 300, 303, 77);
    exposure.rows[PLANNED.messages] = 1;
    const before = exposure.planned.slice();
    exposure.commit(0, 0, true);
    expect(exposure.planned).toEqual(before);
    const firm = [
      exposure.node(0, NODE.gross),
      exposure.node(0, NODE.openValue),
      exposure.node(0, NODE.sent),
    ];
    expect(firm).toEqual([300, 303, 1]);
  });
});
