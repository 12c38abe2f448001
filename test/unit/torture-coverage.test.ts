import { describe, expect, it } from "vitest";
import { Fault } from "../../src/base/index.ts";
import {
  ORDER_EVENT,
  ORDER_EVENTS,
  ORDER_STATUS,
  ORDER_STATUSES,
  type OrderEventName,
  type OrderStatus,
  STATUS_CHANGES,
  TRANSITIONS,
} from "../../src/order/index.ts";
import { UNREACHABLE } from "../../src/torture/coverage-shape.ts";
import { Coverage, FAULT_CODE, FAULT_NAMES, faultKind } from "../../src/torture/index.ts";

const crashPoints = ["before write", "after sync"];

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof Fault) return `${error.code} ${error.path}`;
    throw error;
  }
  return "none";
}

function some(): Coverage {
  const coverage = new Coverage({ crashPoints });
  coverage.runs = 1;
  coverage.statusChanged(ORDER_STATUS.new, ORDER_STATUS.filled);
  coverage.statusChanged(ORDER_STATUS.filled, ORDER_STATUS.canceled);
  coverage.eventCame(ORDER_STATUS.new, ORDER_EVENT.trade);
  coverage.eventCame(ORDER_STATUS.calculated, ORDER_EVENT.newDay);
  coverage.crashed(coverage.crashPoint("after sync"));
  coverage.faultPlanned(FAULT_CODE.bust, 3);
  coverage.faultInjected(FAULT_CODE.bust, 2);
  coverage.faultInjected(FAULT_CODE.diskBitFlip);
  coverage.faultDetected(FAULT_CODE.diskBitFlip);
  return coverage;
}

describe("Coverage", () => {
  it("misses at first all that is legal and can come, and nothing else", () => {
    const missing = new Coverage({ crashPoints }).missing();
    const changes = ORDER_STATUSES.flatMap((from) =>
      Object.entries(STATUS_CHANGES[from])
        .filter(([, mark]) => mark !== "x")
        .map(([to]) => `${from} -> ${to}`),
    );
    const events = ORDER_STATUSES.flatMap((status) =>
      ORDER_EVENTS.filter((event) => TRANSITIONS[status][event] !== "x").map(
        (event) => `${status} + ${event}`,
      ),
    );
    const can = (names: readonly string[], never: object): string[] =>
      names.filter((name) => !Object.hasOwn(never, name)).sort();
    expect([...missing.changes].sort()).toEqual(can(changes, UNREACHABLE.changes));
    expect([...missing.events].sort()).toEqual(can(events, UNREACHABLE.events));
    expect([missing.planned, missing.injected]).toEqual([FAULT_NAMES, FAULT_NAMES]);
    expect(missing.detected).toEqual(FAULT_NAMES.filter((name) => faultKind(name).isDetectable));
    expect(missing.crashPoints).toEqual(crashPoints);
  });

  it("misses what was not hit, and counts anomalies apart", () => {
    const coverage = some();
    const missing = coverage.missing();
    expect(missing.changes).not.toContain("new -> filled");
    expect(missing.changes).toContain("new -> canceled");
    expect(missing.events).not.toContain("new + trade");
    expect(missing.crashPoints).toEqual(["before write"]);
    expect(missing.planned).toContain("diskBitFlip");
    expect(missing.injected).not.toContain("diskBitFlip");
    expect(missing.detected).not.toContain("diskBitFlip");
    const shares = Object.fromEntries(
      coverage.shares().map(({ name, hit, of }) => [name, `${hit} of ${of}`]),
    );
    expect(shares["faults injected"]).toBe(`2 of ${FAULT_NAMES.length}`);
    expect(shares["crash points"]).toBe("1 of 2");
    expect(shares["status changes"]).toMatch(/^1 of /);
    expect(shares["anomalous changes"]).toMatch(/^1 of /);
    expect(shares["events in a status"]).toMatch(/^1 of /);
    expect(shares["anomalous events"]).toMatch(/^1 of /);
    const all = coverage.shares().reduce((sum, { name, of }) => sum + (name.includes("event") ? of : 0), 0);
    const never = Object.keys(UNREACHABLE.events).filter((name) => {
      const [status, event] = name.split(" + ") as [OrderStatus, OrderEventName];
      return TRANSITIONS[status][event] !== "x";
    });
    expect(all).toBe(ORDER_STATUSES.length * ORDER_EVENTS.length - never.length);
  });

  it("asks only for the classes it was given", () => {
    const coverage = new Coverage({ crashPoints: [], faults: ["halt", "bust"] });
    coverage.faultInjected(FAULT_CODE.halt);
    expect(coverage.missing()).toMatchObject({ planned: ["bust", "halt"], injected: ["bust"], detected: [] });
    const shares = coverage.shares().map(({ name, hit, of }) => `${name} ${hit}/${of}`);
    expect(shares).toContain("faults detected 0/0");
    expect(coverage.report()).toContain("faults detected              -   0 of 0");
  });

  it("merges to the sums, and clears to nothing", () => {
    const sum = some();
    sum.merge(some());
    sum.merge(new Coverage({ crashPoints }));
    expect(sum.runs).toBe(2);
    expect(sum.planned[FAULT_CODE.bust]).toBe(6);
    expect(sum.crashes[1]).toBe(2);
    expect(sum.missing()).toEqual(some().missing());
    sum.clear();
    expect(sum.toJson()).toBe(new Coverage({ crashPoints }).toJson());
    expect(codeOf(() => sum.merge(new Coverage({ crashPoints: ["x"] })))).toBe("FAULT_INPUT other");
    expect(codeOf(() => sum.merge(new Coverage({ crashPoints, faults: ["bust"] })))).toBe(
      "FAULT_INPUT other",
    );
  });

  it("comes back from JSON as it was", () => {
    const coverage = some();
    const again = Coverage.fromJson(coverage.toJson());
    expect(again.toJson()).toBe(coverage.toJson());
    expect(again.report()).toBe(coverage.report());
    expect(again.missing()).toEqual(coverage.missing());
  });

  it.each<[string, (file: Record<string, unknown>) => void]>([
    ["coverage.version", (file) => (file["version"] = 2)],
    ["coverage.more", (file) => (file["more"] = 2)],
    ["coverage.runs", (file) => (file["runs"] = -1)],
    ["coverage.planned", (file) => delete file["planned"]],
    ["coverage.changes.length", (file) => (file["changes"] = [1])],
    ["coverage.crashes[1]", (file) => (file["crashes"] = [0, 0.5])],
    ["options.crashPoints", (file) => delete file["crashPoints"]],
    ["options.faults[0]", (file) => (file["faults"] = ["x"])],
  ])("names what is wrong with a file: %s", (path, harm) => {
    const file: Record<string, unknown> = JSON.parse(some().toJson());
    harm(file);
    expect(codeOf(() => Coverage.fromJson(JSON.stringify(file)))).toBe(`FAULT_CONFIG ${path}`);
  });

  it("checks its options", () => {
    expect(codeOf(() => new Coverage({ crashPoints: ["a", "a"] }))).toBe(
      "FAULT_CONFIG options.crashPoints[1]",
    );
    expect(codeOf(() => new Coverage({ crashPoints: [""] }))).toBe("FAULT_CONFIG options.crashPoints[0]");
    expect(codeOf(() => new Coverage({ crashPoint: [] } as never))).toBe("FAULT_CONFIG options.crashPoint");
    expect(codeOf(() => new Coverage({ crashPoints }).crashPoint("x"))).toBe("FAULT_CONFIG name");
    expect(codeOf(() => Coverage.fromJson("{"))).toBe("FAULT_CONFIG coverage");
  });

  it("reports shares, counts and what was never hit", () => {
    const report = some().report();
    const percent = (hit: number): string => ((100 * hit) / FAULT_NAMES.length).toFixed(1);
    expect(report.split("\n").slice(0, 4)).toEqual([
      "1 run",
      "",
      `faults planned           ${percent(1)} %   1 of ${FAULT_NAMES.length}`,
      `faults injected          ${percent(2)} %   2 of ${FAULT_NAMES.length}`,
    ]);
    expect(report).toMatch(/^bust {18} +3 +2 +0$/m);
    expect(report).toMatch(/^never crashed at: before write$/m);
    expect(report).toMatch(/^never planned: messageDrop, /m);
  });
});
