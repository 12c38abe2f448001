import { describe, expect, it } from "vitest";
import {
  CIRCUIT_STATES,
  CIRCUIT_TRANSITIONS,
  CircuitBreaker,
  type CircuitEvent,
  type CircuitRecord,
  type CircuitState,
} from "../../src/risk/circuit-breaker.ts";

const told: CircuitRecord[] = [];

function breaker(options: { coolDownNs?: number; probes?: number } = { coolDownNs: 100 }): CircuitBreaker {
  told.length = 0;
  return new CircuitBreaker({ name: "venue X", ...options, onTransition: (record) => told.push(record) });
}

/** One that was brought to a state, with what it told on the way forgotten. */
function brought(state: CircuitState): CircuitBreaker {
  const made = breaker();
  if (state !== "closed") made.trip("latency", 0);
  if (state === "halfOpen") made.reset("R. Okafor", 0);
  told.length = 0;
  return made;
}

const EVENTS: Readonly<Record<CircuitEvent, (made: CircuitBreaker) => unknown>> = {
  tripped: (made) => made.trip("volatility", 100),
  cooledDown: (made) => made.allows(100),
  probesPassed: (made) => {
    made.sent();
    made.succeeded(100);
  },
  probeFailed: (made) => made.failed(100),
  reset: (made) => made.reset("A. Lindqvist", 100),
};

describe("a circuit breaker", () => {
  it.each(
    CIRCUIT_STATES.flatMap((from) =>
      Object.entries(EVENTS).map(([on, act]) => [from, on as CircuitEvent, act] as const),
    ),
  )("from %s, %s goes as the table says", (from, on, act) => {
    const made = brought(from);
    act(made);
    const row = CIRCUIT_TRANSITIONS.find((each) => each.from === from && each.on === on);
    expect(made.state).toBe(row?.to ?? from);
    const by = on === "reset" ? "A. Lindqvist" : null;
    const cause = on === "tripped" ? "volatility" : from === "closed" ? "manual" : "latency";
    const record = { name: "venue X", atNs: 100, from, to: row?.to, on, cause, by };
    expect(told).toEqual(row === undefined ? [] : [record]);
  });

  it("passes everything when closed, nothing when open, probes when half open", () => {
    const made = breaker({ coolDownNs: 100, probes: 2 });
    expect([made.state, made.cause, made.allows(0), made.allows(Number.NaN)]).toEqual([
      "closed",
      "manual",
      true,
      true,
    ]);
    expect([made.trip("errorCount", 50), made.trip("latency", 60), made.cause]).toEqual([
      true,
      false,
      "errorCount",
    ]);
    expect([made.allows(149), made.allows(Number.NaN), made.state]).toEqual([false, false, "open"]);
    expect([made.allows(150), made.state, made.allows(150)]).toEqual([true, "halfOpen", true]);
    made.sent();
    expect(made.allows(150)).toBe(true);
    made.sent();
    expect(made.allows(150)).toBe(false);
    made.succeeded(151);
    expect([made.state, made.allows(1e9)]).toEqual(["halfOpen", false]);
    made.succeeded(152);
    expect([made.state, made.allows(0)]).toEqual(["closed", true]);
    expect(told.map((each) => each.on)).toEqual(["tripped", "cooledDown", "probesPassed"]);
  });

  it("counts no success but that of a probe", () => {
    const made = breaker({ coolDownNs: 100, probes: 2 });
    made.sent();
    made.succeeded(0);
    expect(made.save().probes).toEqual([0, 0]);
    made.trip("latency", 0);
    made.sent();
    expect(made.save().probes).toEqual([0, 0]);
    made.succeeded(1);
    made.allows(100);
    made.succeeded(101);
    made.sent();
    made.succeeded(102);
    made.succeeded(103);
    expect([made.state, made.save().probes]).toEqual(["halfOpen", [1, 1]]);
    made.sent();
    made.succeeded(104);
    expect(made.state).toBe("closed");
  });

  it("opens again at a failed probe, and cools down anew with new probes", () => {
    const made = breaker({ coolDownNs: 100, probes: 2 });
    made.trip("latency", 0);
    made.allows(100);
    made.sent();
    made.sent();
    made.succeeded(110);
    made.failed(120);
    expect([made.state, made.allows(219), made.allows(220)]).toEqual(["open", false, true]);
    made.sent();
    made.succeeded(230);
    expect(made.state).toBe("halfOpen");
  });

  it("tells whether a trip or a reset changed anything", () => {
    const made = breaker();
    expect([
      made.reset("R. Okafor", 0),
      made.trip("manual", 0),
      made.reset("R. Okafor", 0),
      made.reset("R. Okafor", 0),
    ]).toEqual([false, true, true, true]);
    expect(() => made.reset("", 0)).toThrow("FAULT_CONFIG circuitBreaker.by");
  });

  it("without a cool-down waits for a person", () => {
    const made = breaker({});
    made.trip("latency", 0);
    expect(made.allows(Number.MAX_SAFE_INTEGER)).toBe(false);
    made.reset("R. Okafor", 5);
    expect([made.state, made.allows(5)]).toEqual(["halfOpen", true]);
  });

  it("opens at a time that is no number, until a person resets it", () => {
    const made = breaker();
    made.trip("latency", Number.NaN);
    expect([made.state, made.allows(1e15), made.save().openedNs]).toEqual([
      "open",
      false,
      Number.MAX_SAFE_INTEGER,
    ]);
    made.reset("R. Okafor", 0);
    expect(made.allows(0)).toBe(true);
  });

  it("stays open when the clock goes back", () => {
    const made = breaker();
    made.trip("latency", 1000);
    expect([made.allows(0), made.allows(1100)]).toEqual([false, true]);
  });

  it("continues from saved state, telling nobody", () => {
    const made = breaker({ coolDownNs: 100, probes: 3 });
    made.trip("dataQuality", 7);
    made.allows(107);
    made.sent();
    made.sent();
    made.succeeded(108);
    const saved = JSON.parse(JSON.stringify(made.save()));
    expect(saved).toEqual({ state: "halfOpen", cause: "dataQuality", openedNs: 7, probes: [2, 1] });
    const again = breaker({ coolDownNs: 100, probes: 3 });
    again.load(saved);
    expect([again.save(), again.state, again.cause, again.allows(0), told]).toEqual([
      saved,
      "halfOpen",
      "dataQuality",
      true,
      [],
    ]);
    again.load({ ...saved, state: "open" });
    expect([again.allows(106), again.allows(107)]).toEqual([false, true]);
  });

  it.each([
    [{}, "circuitBreaker:"],
    [{ state: "half" }, "circuitBreaker:"],
    [{ cause: "half" }, "circuitBreaker:"],
    [{ openedNs: null }, "circuitBreaker.openedNs"],
    [{ probes: [1] }, "circuitBreaker.probes:"],
    [{ probes: [1, -1] }, "circuitBreaker.probes[1]"],
    [{ probes: [1, 0.5] }, "circuitBreaker.probes[1]"],
    [{ probes: [-1, 0] }, "circuitBreaker.probes[0]"],
    [{ probes: [1, 2] }, "circuitBreaker.probes[1]"],
  ])("refuses to continue from %j", (part, path) => {
    const made = breaker();
    made.trip("latency", 7);
    const before = made.save();
    const data = Object.keys(part).length === 0 ? part : { ...before, ...part };
    expect(() => made.load(data)).toThrow(`FAULT_INPUT ${path}`);
    expect(made.save()).toEqual(before);
  });

  it("says what a state must be", () => {
    expect(() => breaker().load({ state: "x", cause: "manual", openedNs: 0, probes: [0, 0] })).toThrow(
      "expected a known state and a known cause",
    );
  });

  it.each([
    [{ name: "" }, "name"],
    [{ coolDownNs: 0 }, "coolDownNs"],
    [{ probes: 0 }, "probes"],
    [{ probes: 1_000_001 }, "probes"],
    [{ onTransition: undefined }, "onTransition"],
    [{ resets: 1 }, "resets"],
  ])("refuses the options %j", (part, path) => {
    const options = { name: "a", onTransition: () => {}, ...part } as ConstructorParameters<
      typeof CircuitBreaker
    >[0];
    expect(() => new CircuitBreaker(options)).toThrow(`FAULT_CONFIG circuitBreaker.${path}:`);
  });

  it("has its name", () => {
    expect(breaker().name).toBe("venue X");
  });
});

describe("wouldAllow", () => {
  it("says what allows would, at the end of the cool-down exactly, and changes nothing", () => {
    const made = breaker({ coolDownNs: 100, probes: 2 });
    expect([made.wouldAllow(0), made.wouldAllow(Number.NaN)]).toEqual([true, true]);
    made.trip("latency", 50);
    told.length = 0;
    expect([149, 150, 151, Number.NaN].map((nowNs) => made.wouldAllow(nowNs))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect([made.state, told]).toEqual(["open", []]);
    made.allows(150);
    expect([made.state, made.wouldAllow(150)]).toEqual(["halfOpen", true]);
    made.sent();
    expect(made.wouldAllow(150)).toBe(true);
    made.sent();
    expect([made.wouldAllow(150), made.wouldAllow(1e9), made.state]).toEqual([false, false, "halfOpen"]);
    made.succeeded(151);
    made.succeeded(152);
    expect([made.state, made.wouldAllow(152)]).toEqual(["closed", true]);
  });

  it("waits for a person as allows does", () => {
    const made = breaker({});
    made.trip("latency", 0);
    expect(made.wouldAllow(Number.MAX_SAFE_INTEGER)).toBe(false);
    made.reset("R. Okafor", 0);
    expect(made.wouldAllow(0)).toBe(true);
  });
});
