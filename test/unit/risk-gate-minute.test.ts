import { describe, expect, it } from "vitest";
import { NODE } from "../../src/risk/exposure-rows.ts";
import type { NodeLimits, RiskGate } from "../../src/risk/index.ts";
import { at, makeGate, NOW, order, verdict } from "../fixtures/gate-setup.ts";

const MINUTE = 60e9;
const ages = { quoteNs: 10 * MINUTE };

/** Sends orders until one is not approved, at most so many; says how many were, and what the last one was told. */
function sendAll(gate: RiskGate, most: number, changes: object, nowNs: number): readonly [number, string] {
  for (let sent = 0; sent < most; sent++) {
    const decision = gate.check(order(changes), nowNs);
    gate.drain(() => {});
    if (!decision.ok) return [sent, decision.code];
    gate.settlement.forget(gate.lastSlot);
  }
  return [most, "approved"];
}

function setLimits(gate: RiskGate, limits: NodeLimits, nowNs: number): void {
  gate.parts.setLimits("test", [limits], nowNs);
  gate.parts.version += 1;
}

describe("a limit of messages within a minute", () => {
  it("of more than there was room for at first lets exactly as many through", () => {
    const gate = makeGate({ limits: [at("user", { maxOrdersPerMinute: 4_500 })], ages });
    expect(sendAll(gate, 1, {}, NOW)).toEqual([1, "approved"]);
    expect(sendAll(gate, 5_000, {}, NOW + 1)).toEqual([4_499, "RISK_RATE_MINUTE"]);
    expect(verdict(gate, {}, NOW + MINUTE - 1)).toBe("RISK_RATE_MINUTE");
    expect(sendAll(gate, 5_000, {}, NOW + MINUTE)).toEqual([1, "RISK_RATE_MINUTE"]);
    expect(sendAll(gate, 5_000, {}, NOW + MINUTE + 1)).toEqual([4_499, "RISK_RATE_MINUTE"]);
  });

  it("counts what was sent before it was raised", () => {
    const gate = makeGate({ limits: [at("user", { maxOrdersPerMinute: 100 })], ages });
    expect(sendAll(gate, 200, {}, NOW)).toEqual([100, "RISK_RATE_MINUTE"]);
    const before = gate.parts.perMinute;
    setLimits(gate, at("user", { maxOrdersPerMinute: 2_500 }), NOW);
    expect(gate.parts.perMinute).not.toBe(before);
    expect(sendAll(gate, 5_000, {}, NOW + 1)).toEqual([2_400, "RISK_RATE_MINUTE"]);
    expect(sendAll(gate, 5_000, {}, NOW + MINUTE)).toEqual([100, "RISK_RATE_MINUTE"]);
  });

  it("has all its messages in sight, though others send more than there is room for", () => {
    const gate = makeGate({ limits: [at("user", { maxOrdersPerMinute: 3 })], ages });
    expect(sendAll(gate, 5, {}, NOW)).toEqual([3, "RISK_RATE_MINUTE"]);
    expect(sendAll(gate, 4_200, { seat: 2, instrument: 1 }, NOW)).toEqual([4_200, "approved"]);
    expect(verdict(gate, {}, NOW)).toBe("RISK_RATE_MINUTE");
  });

  it.each([3, 3_000])("of %d begins with what is sent from then on", (most) => {
    const gate = makeGate({ limits: [at("user", { maxOrdersPerMinute: most })], ages });
    expect([...gate.parts.perMinute.isCounted]).toEqual([1, 1, 0, 0, 0, 0]);
    expect(sendAll(gate, 5, { seat: 2 }, NOW)).toEqual([5, "approved"]);
    setLimits(gate, at("firm", { maxOrdersPerMinute: most }), NOW);
    expect([...gate.parts.perMinute.isCounted]).toEqual([1, 1, 1, 1, 1, 1]);
    expect(sendAll(gate, 5_000, { seat: 2 }, NOW + MINUTE)).toEqual([most, "RISK_RATE_MINUTE"]);
    setLimits(gate, at("firm", { maxOrdersPerMinute: "unlimited" }), NOW + MINUTE);
    expect([...gate.parts.perMinute.isCounted]).toEqual([1, 1, 0, 0, 0, 0]);
  });

  it("has room for twice what all seats may send, and never for more than 2^22 messages", () => {
    const room = (...limits: NodeLimits[]) => makeGate({ limits }).parts.perMinute.capacity;
    const user = (maxOrdersPerMinute: number) => at("user", { maxOrdersPerMinute });
    // The user has a path to each of two instruments.
    expect([room(), room(user(1_024)), room(user(1_025)), room(user(2_048)), room(user(2_049))]).toEqual([
      ...[4_096, 4_096, 8_192, 8_192, 16_384],
    ]);
    const firm = (maxOrdersPerMinute: number) => room(at("firm", { maxOrdersPerMinute }), user(2_049));
    expect([firm(2_048), firm(2_049)]).toEqual([4_096, 8_192]);
    expect(room(at("strategy", { maxOrdersPerMinute: 1_024 }), user(4_096))).toBe(4_096);
    const gate = makeGate({ limits: [at("desk", { maxOrdersPerMinute: 1_000_000 })] });
    const { perMinute } = gate.parts;
    expect(perMinute.capacity).toBe(4_194_304);
    setLimits(gate, at("account", { maxOrdersPerMinute: 999_999 }), NOW);
    expect(gate.parts.perMinute).toBe(perMinute);
  });

  it("takes nothing off a node whose messages it did not count", () => {
    const gate = makeGate({ limits: [at("user", { maxOrdersPerMinute: 3 })], ages });
    sendAll(gate, 4, { seat: 2 }, NOW);
    sendAll(gate, 2, {}, NOW);
    verdict(gate, {}, NOW + MINUTE);
    expect(gate.parts.exposure.node(0, NODE.sent)).toBe(1);
  });
});
