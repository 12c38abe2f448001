import {
  canonicalJson,
  checkChoice,
  checkKeys,
  checkText,
  Fault,
  type Refusal,
  refuse,
} from "../base/index.ts";
import { CIRCUIT_CAUSES, type CircuitBreaker } from "./circuit-breaker.ts";
import { CONTROL_TERMS, type ControlArgument, type ControlCall, type ControlCalls } from "./control-calls.ts";
import type { GateRules } from "./gate-rules.ts";
import { checkIndex } from "./inputs.ts";
import { checkPerson, type Person } from "./limit-change.ts";
import type { MarketStatus } from "./market-status.ts";
import type { RiskGate } from "./risk-gate.ts";

/** A change of a gate, as it is asked for and recorded: JSON-safe. */
export type ControlRequest = {
  readonly [Call in ControlCall]: ControlRequestOf<Call>;
}[ControlCall];

/** {@link ControlRequest} of one call. */
export interface ControlRequestOf<Call extends ControlCall> {
  readonly call: Call;
  readonly args: ControlCalls[Call];
  /** Who asks, and why, where `args` does not say: for the records, their authority is for the caller to check. */
  readonly by?: Person;
  readonly reason?: string;
}

/** What became of a {@link ControlRequest}; `value` is what the method returned. */
export type ControlAnswer =
  | { readonly ok: true; readonly value?: number | boolean }
  | Refusal<"RISK_OVERRIDE_FORBIDDEN" | "RISK_CONTROL_INVALID">;

/** What the gate or a rule throws at a request that names nothing that there is: nothing has changed then. */
const INVALID: readonly string[] = ["FAULT_CONFIG", "FAULT_INPUT", "FAULT_CAPACITY"];

type Actions = {
  readonly [Call in ControlCall]: (gate: RiskGate, args: ControlCalls[Call], nowNs: number) => unknown;
};

const ACTIONS: Actions = {
  change: ({ control }, [limits, by, reason], nowNs) => control.change(limits, by, reason, nowNs),
  override: ({ control }, [override], nowNs) => control.override(override, nowNs),
  setCapital: ({ control }, [capital, by, reason], nowNs) => control.setCapital(capital, by, reason, nowNs),
  resetLosses: ({ control }, [level, name, by, reason], nowNs) =>
    control.resetLosses(level, name, by, reason, nowNs),
  setValueAtRisk: ({ control }, [level, name, value, marginals], nowNs) =>
    control.setValueAtRisk(level, name, value, marginals, nowNs),
  close: ({ settlement }, [instrument, ticks], nowNs) => settlement.close(instrument, ticks, nowNs),
  "status.set": (gate, [instrument, status], nowNs) => statusOf(gate).set(instrument, status, nowNs),
  "status.confirm": (gate, [instrument], nowNs) => statusOf(gate).confirm(instrument, nowNs),
  "status.confirmAll": (gate, _, nowNs) => statusOf(gate).confirmAll(nowNs),
  "status.forgetAll": (gate) => statusOf(gate).forgetAll(),
  "status.setUnknownIs": (gate, [instrument, unknownIs]) =>
    statusOf(gate).setUnknownIs(instrument, unknownIs),
  "permissions.allow": (gate, [node, product]) => ruleOf(gate, "permissions").allow(node, product),
  "permissions.deny": (gate, [node, product]) => ruleOf(gate, "permissions").deny(node, product),
  "restricted.restrict": (gate, [restriction]) => ruleOf(gate, "restricted").restrict(restriction),
  "restricted.lift": (gate, [number]) => ruleOf(gate, "restricted").lift(number),
  "locates.setBorrow": (gate, [instrument, borrow]) => ruleOf(gate, "locates").setBorrow(instrument, borrow),
  "locates.grant": (gate, [account, instrument, lots, untilNs], nowNs) =>
    ruleOf(gate, "locates").grant(account, instrument, lots, untilNs, nowNs),
  "bands.startDay": (gate, [day]) => ruleOf(gate, "bands").startDay(day),
  "bands.list": (gate, [instrument, tier, close, percent]) =>
    ruleOf(gate, "bands").list(instrument, tier, close, percent),
  "bands.open": (gate, [instrument, price], nowNs) => ruleOf(gate, "bands").open(instrument, price, nowNs),
  "bands.trade": (gate, [instrument, price], nowNs) => ruleOf(gate, "bands").trade(instrument, price, nowNs),
  "bands.quote": (gate, [instrument, bid, ask], nowNs) =>
    ruleOf(gate, "bands").quote(instrument, bid, ask ?? Number.POSITIVE_INFINITY, nowNs),
  "bands.pause": (gate, [instrument], nowNs) => ruleOf(gate, "bands").pause(instrument, nowNs),
  "shortSale.setPriorClose": (gate, [instrument, ticks, day]) =>
    ruleOf(gate, "shortSale").setPriorClose(instrument, ticks, day),
  "shortSale.trade": (gate, [instrument, ticks, day]) =>
    ruleOf(gate, "shortSale").trade(instrument, ticks, day),
  "shortSale.trigger": (gate, [instrument, day]) => ruleOf(gate, "shortSale").trigger(instrument, day),
  "repeats.executed": (gate, [strategy, instrument, side, signal], nowNs) =>
    ruleOf(gate, "repeats").executed(strategy, instrument, side, signal, nowNs),
  "repeats.enable": (gate, [strategy, by]) => ruleOf(gate, "repeats").enable(strategy, by),
  "breakers.trip": (gate, [breaker, cause], nowNs) =>
    breakerOf(gate, breaker).trip(checkChoice("breakers.cause", cause, CIRCUIT_CAUSES), nowNs),
  "breakers.reset": (gate, [breaker, by], nowNs) => breakerOf(gate, breaker).reset(by, nowNs),
  "breakers.succeeded": (gate, [breaker], nowNs) => breakerOf(gate, breaker).succeeded(nowNs),
  "breakers.failed": (gate, [breaker], nowNs) => breakerOf(gate, breaker).failed(nowNs),
};

/**
 * A request as it is recorded: what its JSON says. What is done is what a replay will do.
 *
 * @throws `FAULT_CONFIG` for a call that there is not, a field that is misspelt, an argument of another kind;
 * `FAULT_INPUT` for what is no JSON, NaN and infinities among it
 */
export function readControlRequest(request: ControlRequest, path = "control"): ControlRequest {
  checkKeys(path, request, ["call", "args", "by", "reason"]);
  const call = checkChoice(`${path}.call`, request.call, Object.keys(CONTROL_TERMS) as ControlCall[]);
  const { takes } = CONTROL_TERMS[call];
  const { args, by, reason } = request as { args: unknown; by?: Person; reason?: string };
  if (!Array.isArray(args) || args.length !== takes.length) {
    const expected = `${takes.length} arguments: ${takes.join(", ")}`;
    throw new Fault("FAULT_CONFIG", { path: `${path}.args`, value: args, expected });
  }
  for (const [i, kind] of takes.entries()) checkArgument(`${path}.args[${i}]`, kind, args[i]);
  if (by !== undefined) checkPerson(`${path}.by`, by);
  if (reason !== undefined) checkText(`${path}.reason`, reason);
  return JSON.parse(canonicalJson(request, path)) as ControlRequest;
}

/**
 * Does what a request asks for.
 *
 * @refuses what the gate refuses: overrides whose time is up may have ended then; `RISK_CONTROL_INVALID` naming what is
 * not there or is out of its range, a limit, a node, a rule: nothing has changed then
 */
export function carryOut(gate: RiskGate, request: ControlRequest, nowNs: number): ControlAnswer {
  try {
    const value = act(gate, request, nowNs);
    if (typeof value === "number" || typeof value === "boolean") return { ok: true, value };
    return value === undefined ? { ok: true } : (value as ControlAnswer);
  } catch (fault) {
    if (!(fault instanceof Fault && INVALID.includes(fault.code))) throw fault;
    const { path = request.call, value, expected = "something else" } = fault;
    return refuse("RISK_CONTROL_INVALID", path, value, expected);
  }
}

function act<Call extends ControlCall>(
  gate: RiskGate,
  { call, args }: ControlRequestOf<Call>,
  nowNs: number,
): unknown {
  return ACTIONS[call](gate, args, nowNs);
}

function checkArgument(path: string, kind: ControlArgument, value: unknown): void {
  if (isKind(kind, value)) return;
  throw new Fault("FAULT_CONFIG", { path, value, expected: KINDS[kind] });
}

const KINDS: Readonly<Record<ControlArgument, string>> = {
  text: "a string",
  number: "a finite number",
  maybe: "a finite number or null",
  object: "an object",
  list: "an array of objects",
  numbers: "an array of finite numbers",
};

function isKind(kind: ControlArgument, value: unknown): boolean {
  if (kind === "text") return typeof value === "string";
  if (kind === "number") return Number.isFinite(value);
  if (kind === "maybe") return value === null || Number.isFinite(value);
  if (kind === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  const item = kind === "list" ? "object" : "number";
  return Array.isArray(value) && value.every((each) => isKind(item, each));
}

function statusOf({ parts }: RiskGate): MarketStatus {
  return there("status", parts.status, "a gate that asks for a status");
}

function ruleOf<Rule extends keyof GateRules>({ parts }: RiskGate, rule: Rule): NonNullable<GateRules[Rule]> {
  return there(`rules.${rule}`, parts.rules[rule], "a gate with this rule");
}

function breakerOf(gate: RiskGate, place: number): CircuitBreaker {
  const breakers = ruleOf(gate, "breakers");
  return breakers[checkIndex("breakers", place, breakers.length)] as CircuitBreaker;
}

function there<Value>(path: string, value: Value, expected: string): NonNullable<Value> {
  if (value !== undefined && value !== null) return value;
  throw new Fault("FAULT_CONFIG", { path, value: "none", expected });
}
