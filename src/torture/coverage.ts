import { checkArray, checkInteger, checkKeys, checkText, Fault } from "../base/index.ts";
import { ORDER_EVENTS, ORDER_STATUSES } from "../order/index.ts";
import {
  CHANGE_ASKED,
  CHANGE_CELLS,
  CHANGE_LEGAL,
  changeOf,
  EVENT_ASKED,
  EVENT_CELLS,
  EVENT_LEGAL,
  eventOf,
} from "./coverage-shape.ts";
import { FAULT_CODE, FAULT_NAMES, type FaultName, faultKind } from "./fault-kinds.ts";

/** Options of a {@link Coverage}. */
export interface CoverageOptions {
  /** The classes that the runs can have; all unless given. Only these are asked for. */
  readonly faults?: readonly FaultName[];
  /** The names of the points at which a process can be made to crash; their places are their codes. */
  readonly crashPoints: readonly string[];
}

/** What no run has hit. */
export interface CoverageGaps {
  /** Classes no plan had. */
  readonly planned: readonly FaultName[];
  /** Classes that never happened. */
  readonly injected: readonly FaultName[];
  /** Classes the engine has to notice and never did. */
  readonly detected: readonly FaultName[];
  /** Legal changes of status that can come, as `new -> filled`. */
  readonly changes: readonly string[];
  /** Legal events that can come, as `new + trade`. */
  readonly events: readonly string[];
  readonly crashPoints: readonly string[];
}

/** How many of how many were hit. */
export interface CoverageShare {
  readonly name: string;
  readonly hit: number;
  readonly of: number;
}

const STATUSES = ORDER_STATUSES.length;
const EVENTS = ORDER_EVENTS.length;
const VERSION = 1;
const COUNTS = ["planned", "injected", "detected", "changes", "events", "crashes"] as const;

/**
 * What runs under faults have hit: every class of faults, every change of an order's status, every event in every
 * status, every crash point; counted over as many runs as are merged into it.
 *
 * @cost Counting is one addition; a merge is some 700 additions.
 * @example
 * ```ts
 * import { ORDER_STATUS } from "tickwright/order";
 * import { Coverage } from "tickwright/torture";
 * const coverage = new Coverage({ faults: ["bust"], crashPoints: ["journal: before sync"] });
 * coverage.statusChanged(ORDER_STATUS.new, ORDER_STATUS.filled);
 * coverage.crashed(0);
 * coverage.missing().injected; // => ["bust"]
 * coverage.missing().crashPoints; // => []
 * ```
 */
export class Coverage {
  readonly faults: readonly FaultName[];
  readonly crashPoints: readonly string[];
  /** Faults in plans, by code of the class. */
  readonly planned: Float64Array = new Float64Array(FAULT_NAMES.length);
  /** Faults that happened, by code of the class. */
  readonly injected: Float64Array = new Float64Array(FAULT_NAMES.length);
  /** Faults the engine noticed, by code of the class. */
  readonly detected: Float64Array = new Float64Array(FAULT_NAMES.length);
  /** Changes of status. @shape from * 14 + to */
  readonly changes: Float64Array = new Float64Array(CHANGE_CELLS);
  /** Events. @shape status * 24 + event */
  readonly events: Float64Array = new Float64Array(EVENT_CELLS);
  /** Crashes, by code of the point. */
  readonly crashes: Float64Array;
  /** Runs that are counted here. */
  runs = 0;

  /** @throws `FAULT_CONFIG` on a wrong option, or a crash point that is named twice */
  constructor(options: CoverageOptions) {
    checkKeys("options", options, ["faults", "crashPoints"]);
    const faults = checkArray("options.faults", options.faults ?? FAULT_NAMES, 0);
    checkArray("options.crashPoints", options.crashPoints, 0);
    for (const [i, point] of options.crashPoints.entries()) {
      checkText(`options.crashPoints[${i}]`, point);
      if (options.crashPoints.indexOf(point) === i) continue;
      const expected = "a name that no other point has";
      throw new Fault("FAULT_CONFIG", { path: `options.crashPoints[${i}]`, value: point, expected });
    }
    for (const [i, name] of faults.entries()) {
      if (FAULT_NAMES.includes(name)) continue;
      const expected = "the name of a class of faults";
      throw new Fault("FAULT_CONFIG", { path: `options.faults[${i}]`, value: name, expected });
    }
    this.faults = FAULT_NAMES.filter((name) => faults.includes(name));
    this.crashPoints = Object.freeze([...options.crashPoints]);
    this.crashes = new Float64Array(this.crashPoints.length);
  }

  /** Counts a change of an order's reported status, by codes; also to the same one. */
  statusChanged(from: number, to: number): void {
    const cell = from * STATUSES + to;
    this.changes[cell] = (this.changes[cell] as number) + 1;
  }

  /** Counts an event that came in a status, by codes. */
  eventCame(status: number, event: number): void {
    const cell = status * EVENTS + event;
    this.events[cell] = (this.events[cell] as number) + 1;
  }

  /** Counts a crash at a point, by its code. */
  crashed(point: number): void {
    this.crashes[point] = (this.crashes[point] as number) + 1;
  }

  /** Counts faults of a plan, by code of the class. */
  faultPlanned(code: number, count = 1): void {
    this.planned[code] = (this.planned[code] as number) + count;
  }

  /** Counts faults that happened, by code of the class. */
  faultInjected(code: number, count = 1): void {
    this.injected[code] = (this.injected[code] as number) + count;
  }

  /** Counts faults the engine noticed, by code of the class. */
  faultDetected(code: number, count = 1): void {
    this.detected[code] = (this.detected[code] as number) + count;
  }

  /** The code of a crash point. @throws `FAULT_CONFIG` where it was not registered */
  crashPoint(name: string): number {
    const code = this.crashPoints.indexOf(name);
    if (code >= 0) return code;
    const expected = `one of the crash points ${this.crashPoints.join(", ")}`;
    throw new Fault("FAULT_CONFIG", { path: "name", value: name, expected });
  }

  /**
   * Adds what other runs have hit.
   *
   * @throws `FAULT_INPUT` where those had other crash points or other classes
   */
  merge(other: Coverage): void {
    const isSame =
      other.crashPoints.join("\n") === this.crashPoints.join("\n") &&
      other.faults.join() === this.faults.join();
    if (!isSame) {
      const expected = "a coverage with the same classes and crash points";
      throw new Fault("FAULT_INPUT", { path: "other", value: other.crashPoints, expected });
    }
    for (const name of COUNTS) add(this[name], other[name]);
    this.runs += other.runs;
  }

  /** Everything back to 0. */
  clear(): void {
    for (const name of COUNTS) this[name].fill(0);
    this.runs = 0;
  }

  /** What no run has hit. */
  missing(): CoverageGaps {
    const never = (counts: Float64Array): FaultName[] =>
      this.faults.filter((name) => counts[FAULT_CODE[name]] === 0);
    return {
      planned: never(this.planned),
      injected: never(this.injected),
      detected: never(this.detected).filter((name) => faultKind(name).isDetectable),
      changes: absent(this.changes, CHANGE_ASKED, (cell) => changeOf(cell).join(" -> ")),
      events: absent(this.events, EVENT_ASKED, (cell) => eventOf(cell).join(" + ")),
      crashPoints: this.crashPoints.filter((_, code) => this.crashes[code] === 0),
    };
  }

  /** How many of how many were hit; the last rows are what the matrices call anomalies. */
  shares(): CoverageShare[] {
    const gaps = this.missing();
    const of = this.faults.length;
    const detectable = this.faults.filter((name) => faultKind(name).isDetectable).length;
    const share = (name: string, whole: number, gap: readonly string[]): CoverageShare => ({
      name,
      hit: whole - gap.length,
      of: whole,
    });
    const anomalies = (name: string, counts: Float64Array, legal: Readonly<Uint8Array>): CoverageShare => ({
      name,
      hit: counts.reduce((sum, count, cell) => sum + (legal[cell] === 0 && count > 0 ? 1 : 0), 0),
      of: legal.length - ones(legal),
    });
    return [
      share("faults planned", of, gaps.planned),
      share("faults injected", of, gaps.injected),
      share("faults detected", detectable, gaps.detected),
      share("status changes", ones(CHANGE_ASKED), gaps.changes),
      share("events in a status", ones(EVENT_ASKED), gaps.events),
      share("crash points", this.crashPoints.length, gaps.crashPoints),
      anomalies("anomalous changes", this.changes, CHANGE_LEGAL),
      anomalies("anomalous events", this.events, EVENT_LEGAL),
    ];
  }

  /** A table for people: shares in percent, each class with its counts, and what was never hit. */
  report(): string {
    const lines = [this.runs === 1 ? "1 run" : `${this.runs} runs`, ""];
    for (const { name, hit, of } of this.shares()) lines.push(shareLine(name, hit, of));
    lines.push("", `${"fault".padEnd(22)}${cells(["planned", "injected", "detected"])}`);
    for (const name of this.faults) {
      const code = FAULT_CODE[name];
      const counts = [this.planned, this.injected, this.detected].map((each) => each[code] as number);
      lines.push(`${name.padEnd(22)}${cells(counts.map(String))}`);
    }
    for (const [what, names] of Object.entries(this.missing())) {
      if (names.length > 0) lines.push("", `never ${NEVER[what as keyof CoverageGaps]}: ${names.join(", ")}`);
    }
    return `${lines.join("\n")}\n`;
  }

  /** Prints the counts as JSON; {@link Coverage.fromJson} reads them. */
  toJson(): string {
    const counts = Object.fromEntries(COUNTS.map((name) => [name, Array.from(this[name])]));
    const { faults, crashPoints, runs } = this;
    return `${JSON.stringify({ version: VERSION, faults, crashPoints, runs, ...counts })}\n`;
  }

  /** Reads what {@link Coverage.toJson} printed. @throws `FAULT_CONFIG` naming the field that is wrong */
  static fromJson(text: string): Coverage {
    let value: CoverageOptions & Readonly<Record<string, unknown>>;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      throw new Fault("FAULT_CONFIG", {
        path: "coverage",
        value: text,
        expected: "a coverage in JSON",
        cause,
      });
    }
    checkKeys("coverage", value, ["version", "faults", "crashPoints", "runs", ...COUNTS]);
    checkInteger("coverage.version", value["version"], VERSION, VERSION);
    const faults = checkArray("coverage.faults", value.faults ?? [], 0);
    const coverage = new Coverage({ faults, crashPoints: value.crashPoints });
    coverage.runs = checkInteger("coverage.runs", value["runs"], 0);
    for (const name of COUNTS) readCounts(coverage[name], value[name], `coverage.${name}`);
    return coverage;
  }
}

const NEVER: Readonly<Record<keyof CoverageGaps, string>> = {
  planned: "planned",
  injected: "injected",
  detected: "detected",
  changes: "changed",
  events: "came",
  crashPoints: "crashed at",
};

function add(into: Float64Array, more: Float64Array): void {
  for (let i = 0; i < into.length; i++) into[i] = (into[i] as number) + (more[i] as number);
}

function ones(marks: Readonly<Uint8Array>): number {
  return marks.reduce((sum, mark) => sum + mark, 0);
}

function absent(counts: Float64Array, legal: Readonly<Uint8Array>, name: (cell: number) => string): string[] {
  const names: string[] = [];
  for (let cell = 0; cell < counts.length; cell++) {
    if (legal[cell] === 1 && counts[cell] === 0) names.push(name(cell));
  }
  return names;
}

function shareLine(name: string, hit: number, of: number): string {
  const percent = of === 0 ? "-" : `${((100 * hit) / of).toFixed(1)} %`;
  return `${name.padEnd(22)}${percent.padStart(8)}   ${hit} of ${of}`;
}

function cells(texts: readonly string[]): string {
  return texts.map((text) => text.padStart(12)).join("");
}

function readCounts(into: Float64Array, given: unknown, path: string): void {
  const counts = checkArray(path, given as readonly number[], 0);
  checkInteger(`${path}.length`, counts.length, into.length, into.length);
  for (const [i, count] of counts.entries()) into[i] = checkInteger(`${path}[${i}]`, count, 0);
}
