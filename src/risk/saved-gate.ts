import { canonicalJson, Fault, sha256Hex } from "../base/index.ts";
import type { ApprovalVault } from "./approved-order.ts";
import type { Decision } from "./decision.ts";
import type { GateControl } from "./gate-control.ts";
import { describeOptions, type RiskGateOptions } from "./gate-options.ts";
import { type GateParts, MOST_MESSAGES } from "./gate-parts.ts";
import type { GateSettlement } from "./gate-settlement.ts";
import { LIMIT_COLUMNS } from "./limit-table.ts";
import { LIMIT, LIMIT_NAMES, type LimitName } from "./limits.ts";
import type { ReferencePrices } from "./reference-prices.ts";
import { cellsPart, nodesPart } from "./saved-exposure.ts";
import { type StateColumn, type StatePart, StateReader, StateWriter } from "./state-bytes.ts";

const PATH = "gateSnapshot";
/** "TWGS" read as a number. */
const MAGIC = 0x53475754;
const VERSION = 1;
const MOST = Number.MAX_SAFE_INTEGER;
/** What buckets and windows take: money within 2^50, a message a second at least. */
const RANGES: readonly (readonly [column: number, least: number, most: number])[] = [
  [LIMIT.maxWindowLoss, 1, 1_125_899_906_842_624],
  [LIMIT.maxDrawdown, 1, 1_125_899_906_842_624],
  [LIMIT.maxDrawdownShare, 0.0001, 1],
  [LIMIT.maxOrdersPerSecond, 0, 1_000_000],
];

/** What a snapshot of a gate is made of. */
export interface GateState {
  readonly options: RiskGateOptions;
  readonly parts: GateParts;
  readonly settlement: GateSettlement;
  readonly control: GateControl;
  readonly decision: Decision;
  readonly vault: ApprovalVault;
  /** `RiskGate.lastSlot`. */
  lastSlot: number;
}

/** Saves and loads one gate: its sections are laid out once. */
export class SavedGate {
  readonly #state: GateState;
  readonly #writer = new StateWriter();
  readonly #sections: readonly (readonly [name: string, part: StatePart])[];

  constructor(state: GateState) {
    this.#state = state;
    this.#sections = sectionsOf(state);
  }

  /** Writes everything. @throws `FAULT_INPUT` while records wait, or an approval was not taken */
  save(lastSlot: number): Uint8Array {
    const { log } = this.#state.parts;
    check("recordsWaiting", log.size, log.size === 0, "0: seal the records first");
    const { firstGood } = this.#state.vault;
    check("approvals", `place ${firstGood}`, firstGood < 0, "approvals that were taken or given up");
    const writer = this.#writer;
    this.#state.lastSlot = lastSlot;
    writer.clear();
    writer.u32(MAGIC);
    writer.u32(VERSION);
    for (const [name, part] of this.#sections) writer.section(name, part);
    // A gate that never had a parent is written as it was before there were any.
    const { parents } = this.#state.parts;
    if (parents.lastId > 0) writer.section("parents", parents);
    return writer.seal();
  }

  /** The SHA-256 of a section alone; of none where there is no such section. */
  digestOf(name: string): string {
    const writer = new StateWriter();
    const [, part] = this.#sections.find(([each]) => each === name) ?? [];
    if (name === "parents") this.#state.parts.parents.saveInto(writer);
    part?.saveInto(writer);
    return sha256Hex(writer.seal());
  }

  /** Reads everything, then changes the gate, and returns its last slot. @throws `FAULT_INPUT` naming the field */
  load(bytes: Uint8Array, lastSlot: number): number {
    const { parts } = this.#state;
    const isFresh =
      parts.log.count === 0 &&
      parts.version === 1 &&
      parts.orders.room === parts.orders.capacity &&
      lastSlot < 0;
    check("gate", parts.log.count, isFresh, "a gate that has decided nothing and was not changed");
    const reader = StateReader.open(PATH, bytes);
    const [magic, version] = [reader.u32(), reader.u32()];
    check("magic", magic, magic === MAGIC, `${MAGIC}`);
    check("version", version, version === VERSION, `${VERSION}`);
    const applied = this.#sections.map(([name, part]) => reader.section(name, part));
    if (!reader.isAtEnd) applied.push(reader.section("parents", parts.parents));
    reader.end();
    for (const apply of applied) apply();
    return this.#state.lastSlot;
  }
}

/** In the order they are applied in: limits write into the rows of nodes. */
function sectionsOf(state: GateState): readonly (readonly [string, StatePart])[] {
  const { parts, control, settlement } = state;
  const { exposure, status } = parts;
  return [
    ["gate", gatePart(state)],
    ["progress", progressPart(state)],
    ["limits", limitsPart(parts)],
    ["overrides", control],
    ["warnings", columnsPart([["warnedNs", parts.warnedNs, Number.NEGATIVE_INFINITY]])],
    ["nodes", nodesPart(exposure)],
    ["cells", cellsPart(exposure)],
    ["marks", columnsPart(pricesOf(exposure, ["markTicks", "longMarkTicks", "shortMarkTicks"]))],
    ["charges", columnsPart([["charged", settlement.charged, 0]])],
    ["orders", parts.orders],
    ["references", columnsPart(referencesOf(parts.references))],
    ["minutes", minutesPart(parts)],
    ["ids", parts.ids],
    ["recent", parts.recent],
    ["losses", lossesPart(parts)],
    ["valueAtRisk", parts.valueAtRisk],
    ...(status === undefined ? [] : [["status", status] as const]),
    ...rulesOf(parts),
  ];
}

/** The rules there are, in the order of their names; breakers are one section. */
function rulesOf({ rules }: GateParts): readonly (readonly [string, StatePart])[] {
  const { breakers, ...others } = rules;
  const named: (readonly [string, StatePart])[] = [];
  for (const [name, rule] of Object.entries(others)) if (rule !== undefined) named.push([name, rule]);
  named.sort(([a], [b]) => (a < b ? -1 : 1));
  if (breakers !== undefined) named.push(["breakers", listPart(breakers)]);
  return named;
}

/** What the gate was made from: read and compared, never changed. */
function gatePart({ options, parts }: GateState): StatePart {
  const { orders, log, hierarchy, instruments } = parts;
  const digest = digestOf(options);
  const sizes = [
    ["capacity", orders.capacity],
    ["records", log.capacity],
    ["seats", hierarchy.seats.length],
    ["instruments", instruments.length],
    ["nodes", hierarchy.nodes],
  ] as const;
  return {
    saveInto(to) {
      for (const [, size] of sizes) to.number(size);
      to.text(digest);
    },
    loadFrom(from) {
      for (const [field, size] of sizes) {
        const found = from.number();
        from.check(field, found, found === size, `${size}`);
      }
      const found = from.text("options");
      from.check("options", found, found === digest, `a gate of the same options: ${digest}`);
      return () => {};
    },
  };
}

/** A digest of the options that decide: what is an object of the caller's is named only. */
function digestOf(options: RiskGateOptions): string {
  const { valueAtRiskAgeNs, warnEveryNs } = options;
  const instruments = options.instruments.map((each) => {
    const { key, tickSize, lotSize, quantumMinor, quote, minLots, maxLots } = each;
    return { key, tickSize, lotSize, quantumMinor, quote, minLots, maxLots };
  });
  const described = describeOptions(options);
  return sha256Hex(canonicalJson({ described, valueAtRiskAgeNs, warnEveryNs, instruments }));
}

function progressPart(state: GateState): StatePart {
  const { parts, decision } = state;
  return {
    saveInto(to) {
      to.number(parts.version);
      to.number(parts.log.count);
      to.number(parts.day);
      to.number(state.lastSlot);
      // The record of an order that names no seat tells the latch that was read last.
      to.number(decision.latch);
    },
    loadFrom(from) {
      const version = from.whole("version", 1, MOST);
      const records = from.whole("records", 0, MOST);
      const day = from.number();
      const lastSlot = from.whole("lastSlot", -1, parts.orders.capacity - 1);
      const latch = from.whole("latch", -0x8000_0000, 0x7fff_ffff);
      return () => {
        parts.version = version;
        parts.log.goOn(records);
        parts.day = day;
        state.lastSlot = lastSlot;
        decision.latch = latch;
      };
    },
  };
}

/** The limits in force. What follows from them (soft parts, buckets, windows) is set anew where one is another. */
function limitsPart(parts: GateParts): StatePart {
  const { limits, hierarchy } = parts;
  const [hard, burst, said] = [limits.hard.slice(), limits.burst.slice(), limits.said.slice()];
  const columnsOf = (from: Pick<typeof limits, "hard" | "burst" | "said">): readonly StateColumn[] => [
    ["hard", from.hard, Number.POSITIVE_INFINITY, 0, Number.POSITIVE_INFINITY],
    ["burst", from.burst, 0, 0, Number.POSITIVE_INFINITY],
    ["said", from.said, 0, -0x8000_0000, 0x7fff_ffff],
  ];
  const isOther = (node: number, limit: LimitName, at: number): boolean =>
    hard[at] !== limits.hard[at] || (limit === "maxOrdersPerSecond" && burst[node] !== limits.burst[node]);
  return {
    saveInto: (to) => to.columns(columnsOf(limits)),
    loadFrom(from) {
      from.columns(columnsOf({ hard, burst, said }))();
      for (const [at, value] of hard.entries()) {
        const [, least, most] = RANGES.find(([column]) => column === at % LIMIT_COLUMNS) ?? [];
        const isRight = value === Number.POSITIVE_INFINITY || least === undefined;
        from.check("hard", value, isRight || (value >= least && value <= (most as number)), "a limit");
      }
      return () => {
        for (let node = 0; node < hierarchy.nodes; node++) {
          for (const limit of LIMIT_NAMES) {
            const at = node * LIMIT_COLUMNS + LIMIT[limit];
            if (!isOther(node, limit, at)) continue;
            parts.setLimit(node, limit, hard[at] as number, 0, burst[node] as number);
          }
        }
        limits.said.set(said);
      };
    },
  };
}

function minutesPart(parts: GateParts): StatePart {
  return {
    saveInto: (to) => parts.perMinute.saveInto(to),
    loadFrom(from) {
      const loaded = parts.perMinute.loadFrom(from, MOST_MESSAGES);
      return () => {
        parts.perMinute = loaded();
      };
    },
  };
}

function lossesPart({ losses }: GateParts): StatePart {
  const { window, drawdown } = losses;
  return {
    saveInto(to) {
      to.number(losses.isUsed ? 1 : 0);
      window.saveInto(to);
      drawdown.saveInto(to);
    },
    loadFrom(from) {
      const isUsed = from.whole("isUsed", 0, 1) === 1;
      const applied = [window.loadFrom(from), drawdown.loadFrom(from)];
      return () => {
        losses.isUsed = isUsed;
        for (const apply of applied) apply();
      };
    },
  };
}

function listPart(list: readonly StatePart[]): StatePart {
  return {
    saveInto(to) {
      to.number(list.length);
      for (const part of list) part.saveInto(to);
    },
    loadFrom(from) {
      from.whole("length", list.length, list.length);
      const applied = list.map((part) => part.loadFrom(from));
      return () => {
        for (const apply of applied) apply();
      };
    },
  };
}

function columnsPart(columns: readonly StateColumn[]): StatePart {
  return { saveInto: (to) => to.columns(columns), loadFrom: (from) => from.columns(columns) };
}

function referencesOf(references: ReferencePrices): readonly StateColumn[] {
  const times = ["quoteNs", "lastNs", "closeNs"] as const;
  return pricesOf(references, ["bidTicks", "askTicks", "lastTicks", "closeTicks", ...times]);
}

/** Columns of figures that are NaN where nobody told them. */
function pricesOf<Name extends string>(
  owner: Readonly<Record<Name, Float64Array>>,
  names: readonly Name[],
): readonly StateColumn[] {
  return names.map((name): StateColumn => [name, owner[name], Number.NaN]);
}

function check(field: string, value: unknown, isRight: boolean, expected: string): void {
  if (!isRight) throw new Fault("FAULT_INPUT", { path: `${PATH}.${field}`, value, expected });
}
