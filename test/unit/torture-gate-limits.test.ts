import { describe, expect, it } from "vitest";
import { Prng } from "../../src/base/index.ts";
import type { ControlRequest } from "../../src/risk/index.ts";
import type { TradingSession } from "../../src/run/index.ts";
import { GateLimits } from "../../src/torture/gate-limits.ts";
import { simulateSeed } from "../../src/torture/index.ts";
import type { TortureEngine } from "../../src/torture/torture-engine.ts";

const FIRM = { maxOrderLots: 20, maxLongLots: 60, maxShortLots: 60 };

/** An engine that takes what it is asked, or dies of it. */
function engineOf(dies = false) {
  const limits = { ...FIRM };
  const asked: ControlRequest[] = [];
  const session = {
    control: (request: ControlRequest) => {
      asked.push(request);
      if (request.call === "change" && request.args[1].role === "risk") {
        Object.assign(limits, request.args[0][0]?.limits);
      }
      if (dies) throw new Error("killed");
      return { ok: true };
    },
    kernel: {
      gate: { parts: { limits: { of: (_: number, name: keyof typeof FIRM) => limits[name] } } },
      orders: { id: [7, 8], side: [1, -1], instrument: [1, 0], lots: [10, 21] },
    },
  } as unknown as TradingSession;
  const engine = { session, ask: (work: (on: TradingSession, ns: number) => void) => work(session, 5) };
  return { engine: engine as unknown as TortureEngine, session, asked, limits };
}

const made = () => new GateLimits(2, { positionLots: 60, orderLots: 20 }, new Prng(1));

describe("who changes limits of a torture run", () => {
  it("cuts and lifts the position limit, and lets what left before be", () => {
    const limits = made();
    const { engine, session, asked } = engineOf();
    limits.cut(75, engine);
    expect([
      limits.allowedLots(1, 1),
      limits.leaving(session, 7, 10, false),
      limits.allowedLots(1, 1),
    ]).toEqual([60, undefined, 15]);
    limits.lift(engine);
    // It asks for no more than before: the limit that it left under holds.
    expect([limits.leaving(session, 7, 9, true), limits.allowedLots(1, 1)]).toEqual([undefined, 15]);
    expect([limits.leaving(session, 7, 11, true), limits.allowedLots(1, 1)]).toEqual([undefined, 60]);
    expect(limits.leaving(session, 8, 21, false)).toBe("order 8 of 21 lots, 20 allowed");
    expect([limits.allowedLots(0, -1), asked.length]).toEqual([60, 2]);
    limits.restore(engine);
    expect(asked).toHaveLength(2);
  });

  it("knows which limits a recovered process may have, and asks again", () => {
    const limits = made();
    const dying = engineOf(true);
    expect(() => limits.cut(50, dying.engine)).toThrow("killed");
    const same = engineOf();
    expect(limits.booted(same.session)).toBeUndefined();
    limits.apply(same.engine);
    expect(same.limits).toEqual({ maxOrderLots: 20, maxLongLots: 30, maxShortLots: 30 });
    expect(limits.booted(same.session)).toBeUndefined();
    expect(limits.booted(engineOf().session)).toContain(
      '{"positionLots":60,"orderLots":20} after a recovery',
    );
  });

  it("changes something else now and then, or is a trader who may not", () => {
    const limits = made();
    const { engine, asked } = engineOf();
    limits.meddle(undefined);
    for (let i = 0; i < 60; i++) limits.meddle(engine);
    const roles = asked.flatMap(({ call, args }) => (call === "change" ? [args[1].role] : [call]));
    expect(new Set(roles)).toEqual(new Set(["risk", "trader", "override", "setCapital"]));
  });
});

describe("runs with cut limits", () => {
  it("keep them, also over the death of the process", () => {
    const faults = ["limitCut", "configChange", "outOfMemory", "crashBeforeSync"] as const;
    let cuts = 0;
    for (let seed = 1; seed <= 4; seed++) {
      const { violations, plan } = simulateSeed(seed, {
        durationNs: 20e9,
        force: 0.7,
        replayEvery: 2,
        faults,
      });
      expect(violations, `seed ${seed}`).toEqual([]);
      cuts += plan.faults.filter(({ fault }) => fault === "limitCut").length;
    }
    expect(cuts).toBeGreaterThan(3);
  });
});
