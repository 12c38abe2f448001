import { checkArray, checkKeys, checkText, Fault, type Refusal, refuse } from "../base/index.ts";
import { NODE } from "./exposure-rows.ts";
import type { GateChange, NodeCapital } from "./gate-options.ts";
import type { GateParts } from "./gate-parts.ts";
import type { Level } from "./levels.ts";
import { checkPerson, type LimitChange, type LimitOverride, type Person } from "./limit-change.ts";
import { burstOf, LIMIT_COLUMNS, parseMoneyBound } from "./limit-table.ts";
import { LIMIT, LIMIT_NAMES, type LimitName, type NodeLimits } from "./limits.ts";
import type { StatePart, StateReader, StateWriter } from "./state-bytes.ts";

interface RunningOverride {
  readonly node: number;
  readonly limit: LimitName;
  readonly before: number;
  readonly beforeBurst: number;
  readonly untilNs: number;
  readonly by: readonly string[];
}

/** Why an override ends. */
const OVER = "time is up";

/**
 * Changes to a gate while it runs. Each is an input: told of with its version, who made it and why, in force as a
 * whole or not at all, and void for every approval that was not sent before it.
 */
export class GateControl implements StatePart {
  readonly #parts: GateParts;
  readonly #tell: ((change: GateChange) => void) | undefined;
  readonly #overrides: RunningOverride[] = [];
  #nextEndNs = Number.POSITIVE_INFINITY;
  /** Who alone may change the gate, and whether it is doing so. */
  #owner: string | undefined = undefined;
  #isEntered = false;
  /** Told of every limit that gets another value, once it has it; beside `onChange`. @internal */
  onLimit: ((change: LimitChange) => void) | undefined = undefined;

  constructor(parts: GateParts, tell: ((change: GateChange) => void) | undefined) {
    this.#parts = parts;
    this.#tell = tell;
  }

  /**
   * Leaves changes to one who records them: from now on whatever changes the gate is a fault, unless it is called
   * within the function that is returned. Overrides that are over end by themselves.
   *
   * @param owner what is to be called instead
   * @throws `FAULT_INPUT` where somebody has it already
   */
  reserve(owner: string): <Value>(work: () => Value) => Value {
    this.#mayChange("reserve");
    this.#owner = owner;
    return (work) => {
      this.#isEntered = true;
      try {
        return work();
      } finally {
        this.#isEntered = false;
      }
    };
  }

  /** The version of the limits: 1 at the start, one more with every change. */
  get version(): number {
    return this.#parts.version;
  }

  /**
   * Changes limits. An override of a limit that is changed ends.
   *
   * @refuses `RISK_OVERRIDE_FORBIDDEN` to a trader: nobody lifts the limits of their own orders
   * @throws `FAULT_CONFIG` naming the limit; nothing has changed then.
   */
  change(
    limits: readonly NodeLimits[],
    by: Person,
    reason: string,
    nowNs: number,
  ): Refusal<"RISK_OVERRIDE_FORBIDDEN"> | { readonly ok: true } {
    this.#mayChange("change");
    checkText("reason", reason);
    const named = checkPerson("by", by);
    if (by.role === "trader") return forbid("by.role", by.role, "somebody of risk or management");
    const parts = this.#parts;
    const read = parts.readLimits("limits", checkArray("limits", limits));
    this.endOverrides(nowNs);
    const changes = read.flatMap(({ node, values }) =>
      [...values].map(([limit, after]) => ({ node, limit, before: parts.limits.of(node, limit), after })),
    );
    parts.applyLimits(read, nowNs);
    for (const { node, limit } of changes) {
      const at = this.#overrides.findIndex((running) => running.node === node && running.limit === limit);
      if (at >= 0) this.#overrides.splice(at, 1);
    }
    this.#settleEnd();
    this.#changed("limits", nowNs, [named], reason, { limits });
    for (const each of changes) this.#tellLimit("limits", each, [named], reason, nowNs);
    return { ok: true };
  }

  /**
   * Lets one limit be exceeded for a while.
   *
   * @refuses `RISK_OVERRIDE_FORBIDDEN` where one person does both, the one who grants it is not of the risk
   * function, it would end in the past, or the limit is under an override already
   * @throws `FAULT_CONFIG` naming the field.
   */
  override(
    override: LimitOverride,
    nowNs: number,
  ): Refusal<"RISK_OVERRIDE_FORBIDDEN"> | { readonly ok: true } {
    this.#mayChange("override");
    checkKeys("override", override, [
      "level",
      "name",
      "limits",
      "reason",
      "requestedBy",
      "approvedBy",
      "untilNs",
    ]);
    const { requestedBy, approvedBy, untilNs } = override;
    const reason = checkText("override.reason", override.reason);
    const by = [
      checkPerson("override.requestedBy", requestedBy),
      checkPerson("override.approvedBy", approvedBy),
    ];
    const node = this.#parts.node("override", override.level, override.name);
    const parsed = [...this.#parts.limits.parse("override.limits", override.limits)];
    const [limit, value] = parsed[0] ?? [undefined, 0];
    if (limit === undefined || parsed.length > 1) {
      throw new Fault("FAULT_CONFIG", {
        path: "override.limits",
        value: override.limits,
        expected: "one limit",
      });
    }
    const burst = burstOf("override.limits.maxOrdersPerSecond", override.limits.maxOrdersPerSecond);
    this.#parts.checkCanChange("override.limits", override.limits);
    this.endOverrides(nowNs);
    if (requestedBy.name === approvedBy.name) return forbid("approvedBy", approvedBy.name, "another person");
    if (approvedBy.role !== "risk")
      return forbid("approvedBy.role", approvedBy.role, "somebody of the risk function");
    if (!(untilNs > nowNs && untilNs < Number.POSITIVE_INFINITY))
      return forbid("untilNs", untilNs, "an end after now");
    if (this.#overrides.some((running) => running.node === node && running.limit === limit)) {
      return forbid("limits", limit, "a limit that is under no override");
    }
    const before = this.#parts.limits.of(node, limit);
    const beforeBurst = this.#parts.limits.burst[node] as number;
    this.#overrides.push({ node, limit, before, beforeBurst, untilNs, by });
    this.#parts.setLimit(node, limit, value, nowNs, burst);
    this.#settleEnd();
    this.#changed("override", nowNs, by, reason, {
      level: override.level,
      name: override.name,
      limit,
      value,
      untilNs,
    });
    this.#tellLimit("override", { node, limit, before, after: value, untilNs }, by, reason, nowNs);
    return { ok: true };
  }

  /** Ends overrides whose time is up: the limit is again what it was. A gate does so before it decides. */
  expire(nowNs: number): void {
    this.#mayChange("expire");
    this.endOverrides(nowNs);
  }

  /** What `expire` does, for the gate itself. @internal */
  endOverrides(nowNs: number): void {
    if (typeof nowNs !== "number" || !(nowNs >= this.#nextEndNs) || nowNs === Number.POSITIVE_INFINITY)
      return;
    for (let i = this.#overrides.length - 1; i >= 0; i--) {
      const ended = this.#overrides[i] as RunningOverride;
      if (ended.untilNs > nowNs) continue;
      this.#overrides.splice(i, 1);
      const { node, limit, before, by } = ended;
      const over = this.#parts.limits.of(node, limit);
      this.#parts.setLimit(node, limit, before, nowNs, ended.beforeBurst);
      const where = this.#parts.hierarchy.describe(node);
      this.#changed("overrideEnded", nowNs, by, OVER, { where, limit });
      this.#tellLimit("overrideEnded", { node, limit, before: over, after: before }, by, OVER, nowNs);
    }
    this.#settleEnd();
  }

  /** A new trading day: what was made and lost counts from here, and latches of the daily loss are lifted. */
  newDay(nowNs: number, day: number): void {
    this.#mayChange("newDay");
    const parts = this.#parts;
    for (let node = 0; node < parts.hierarchy.nodes; node++) {
      parts.beginDay(node);
    }
    parts.losses.drawdown.newDay(nowNs);
    parts.rules.orderToTrade?.newDay();
    parts.day = day;
    this.#changed("day", nowNs, [], "new trading day", { day });
  }

  /**
   * Sets what a node is worth now: after a deposit, a withdrawal, or word from the broker.
   *
   * @throws `FAULT_CONFIG` naming the field.
   */
  setCapital(capital: NodeCapital, by: Person, reason: string, nowNs: number): void {
    this.#mayChange("setCapital");
    checkText("reason", reason);
    const named = checkPerson("by", by);
    checkKeys("capital", capital, ["level", "name", "amount"]);
    const node = this.#parts.node("capital", capital.level, capital.name);
    const amount = parseMoneyBound("capital.amount", capital.amount, this.#parts.currency.decimals);
    this.#parts.exposure.setNode(node, NODE.capital, amount - this.#parts.dayProfitOf(node));
    this.#changed("capital", nowNs, [named], reason, { ...capital });
  }

  /**
   * Takes a calculation of value at risk: of a node, and what one lot bought of each instrument adds.
   *
   * @units whole minor units of the gate's currency, positive for losses
   * @throws `FAULT_CONFIG` naming the field.
   */
  setValueAtRisk(
    level: Level,
    name: string,
    value: number,
    marginals: ArrayLike<number>,
    nowNs: number,
  ): void {
    this.#mayChange("setValueAtRisk");
    const node = this.#parts.node("valueAtRisk", level, name);
    this.#parts.valueAtRisk.set(node, value, marginals, nowNs);
  }

  /**
   * Lifts the latches of losses of one node: of the day, of the window, of the drawdown.
   *
   * @refuses `RISK_OVERRIDE_FORBIDDEN` unless somebody of the risk function does it
   */
  resetLosses(
    level: Level,
    name: string | undefined,
    by: Person,
    reason: string,
    nowNs: number,
  ): Refusal<"RISK_OVERRIDE_FORBIDDEN"> | { readonly ok: true } {
    this.#mayChange("resetLosses");
    checkText("reason", reason);
    const named = checkPerson("by", by);
    const node = this.#parts.node("node", level, name);
    if (by.role !== "risk") return forbid("by.role", by.role, "somebody of the risk function");
    this.#parts.beginDay(node);
    this.#parts.losses.window.reset(node, named);
    this.#parts.losses.drawdown.reset(node, named);
    this.#changed("reset", nowNs, [named], reason, { where: this.#parts.hierarchy.describe(node) });
    return { ok: true };
  }

  /** How much of each limit of a node is used, where it is bound and known: 1 is all of it. */
  utilisation(level: Level, name?: string): Readonly<Record<string, number>> {
    const { exposure, limits } = this.#parts;
    const node = this.#parts.node("node", level, name);
    const used: Partial<Record<LimitName, number>> = {
      maxGrossValue: exposure.node(node, NODE.gross),
      maxNetValue: Math.max(exposure.node(node, NODE.long), exposure.node(node, NODE.short)),
      maxOpenOrders: exposure.node(node, NODE.openOrders),
      maxOpenValue: exposure.node(node, NODE.openValue),
      maxMarginShare: exposure.node(node, NODE.margin) / this.#parts.equityOf(node),
      maxLeverage: exposure.node(node, NODE.gross) / this.#parts.equityOf(node),
      maxDailyLoss: Math.max(0, 0 - this.#parts.dayProfitOf(node)),
    };
    const shares: Record<string, number> = {};
    for (const [limit, value] of Object.entries(used)) {
      const bound = limits.hard[node * LIMIT_COLUMNS + LIMIT[limit as LimitName]] as number;
      if (bound < Number.POSITIVE_INFINITY && !Number.isNaN(value)) shares[limit] = shareOf(value, bound);
    }
    return shares;
  }

  /** The overrides that run, for the snapshot of a gate. */
  saveInto(to: StateWriter): void {
    to.number(this.#overrides.length);
    for (const { node, limit, before, beforeBurst, untilNs, by } of this.#overrides) {
      for (const each of [node, LIMIT[limit], before, beforeBurst, untilNs, by.length]) to.number(each);
      for (const name of by) to.text(name);
    }
  }

  /** Reads what `saveInto` wrote. @throws `FAULT_INPUT` naming the field */
  loadFrom(from: StateReader): () => void {
    const { nodes } = this.#parts.hierarchy;
    const overrides = Array.from({ length: from.whole("overrides", 0, nodes * LIMIT_COLUMNS) }, () => {
      const node = from.whole("node", 0, nodes - 1);
      const limit = LIMIT_NAMES[from.whole("limit", 0, LIMIT_COLUMNS - 1)] as LimitName;
      const [before, beforeBurst] = [from.number(), from.number()];
      const untilNs = from.within("untilNs", -Number.MAX_VALUE, Number.MAX_VALUE);
      const by = Array.from({ length: from.whole("by", 0, 2) }, () => from.text("by"));
      return { node, limit, before, beforeBurst, untilNs, by };
    });
    return () => {
      this.#overrides.length = 0;
      this.#overrides.push(...overrides);
      this.#settleEnd();
    };
  }

  /** Throws where somebody else records the changes of this gate. */
  #mayChange(call: string): void {
    if (this.#owner === undefined || this.#isEntered) return;
    const path = `gate.control.${call}`;
    const expected = `${this.#owner}: a change that nobody records can't be replayed`;
    throw new Fault("FAULT_INPUT", { path, value: "called past whoever records it", expected });
  }

  #tellLimit(
    kind: LimitChange["kind"],
    change: Pick<LimitChange, "limit" | "before" | "after" | "untilNs"> & { readonly node: number },
    by: readonly string[],
    reason: string,
    atNs: number,
  ): void {
    const { node, ...said } = change;
    const { hierarchy, version } = this.#parts;
    this.onLimit?.({ ...said, kind, where: hierarchy.describe(node), by, reason, atNs, version });
  }

  #settleEnd(): void {
    this.#nextEndNs = Math.min(
      Number.POSITIVE_INFINITY,
      ...this.#overrides.map((running) => running.untilNs),
    );
  }

  #changed(
    kind: GateChange["kind"],
    atNs: number,
    by: readonly string[],
    reason: string,
    detail: Readonly<Record<string, unknown>>,
  ): void {
    this.#parts.version += 1;
    this.#tell?.({ kind, atNs, version: this.#parts.version, by, reason, detail });
  }
}

function forbid(field: string, value: unknown, expected: string): Refusal<"RISK_OVERRIDE_FORBIDDEN"> {
  return refuse("RISK_OVERRIDE_FORBIDDEN", field, value, expected);
}

/** Of a limit of 0 everything is used, even by nothing. */
function shareOf(value: number, bound: number): number {
  if (bound > 0) return value / bound;
  return value > 0 ? Number.POSITIVE_INFINITY : 1;
}
