import {
  checkArray,
  checkChoice,
  checkFunction,
  checkInteger,
  checkKeys,
  checkText,
  Fault,
} from "../base/index.ts";
import { checkWrap } from "./gap-options.ts";
import { NUMBERINGS, type Numbering, type SequencedRows } from "./sequenced-rows.ts";

/** What a {@link LineArbiter} gives, called within the call that caused it. */
export interface LineListener {
  /** The next message, from the line that brought it first. Late ones come behind higher numbers. */
  release(rows: SequencedRows, nowNs: number): void;
  /** No line brought these numbers in time, both included. */
  gap(first: number, last: number, nowNs: number): void;
  /** Two lines say different things under one number: neither is to be believed, a recovery channel is. */
  divergent(sequence: number, line: number, winner: number, nowNs: number): void;
}

/** Options of a {@link LineArbiter}. @units ns; numbers of the source */
export interface LineArbiterOptions {
  /** Names of the lines, 1 to 16; a line is called by its place in them. */
  readonly lines: readonly string[];
  readonly numbering: Numbering;
  readonly listener: LineListener;
  /** How long a message waits for those before it; 2 ms unless given, 0 for not at all. */
  readonly windowNs?: number;
  /** How many wait at most before a gap is declared; 256 unless given. */
  readonly windowMessages?: number;
  /** Rows of waiting messages at most; 16,384 unless given. */
  readonly rowsMax?: number;
  /** Messages remembered, for what other lines bring of them: a power of 2, 4,096 unless given. */
  readonly memory?: number;
  /** The number after the highest, where numbers begin again at 0; 0, for never, unless given. */
  readonly wrap?: number;
}

/** All of {@link LineArbiterOptions}, checked. */
export type LineSettings = Required<LineArbiterOptions>;

const KEYS = ["lines", "numbering", "listener", "windowNs", "windowMessages", "rowsMax", "memory", "wrap"];

/** Checks the options and fills in the rest. @throws `FAULT_CONFIG` naming the option. */
export function checkLineOptions(options: LineArbiterOptions): LineSettings {
  checkKeys("lineArbiter", options, KEYS);
  const { listener } = options;
  const calls = ["release", "gap", "divergent"] as const;
  if (typeof listener !== "object" || listener === null) checkKeys("lineArbiter.listener", listener, calls);
  for (const call of calls) checkFunction(`lineArbiter.listener.${call}`, listener[call]);
  const memory = checkInteger("lineArbiter.memory", options.memory ?? 4_096, 2, 1_048_576);
  if ((memory & (memory - 1)) !== 0) {
    throw new Fault("FAULT_CONFIG", { path: "lineArbiter.memory", value: memory, expected: "a power of 2" });
  }
  return {
    lines: checkNames("lineArbiter.lines", options.lines),
    numbering: checkChoice("lineArbiter.numbering", options.numbering, NUMBERINGS),
    listener,
    windowNs: checkInteger("lineArbiter.windowNs", options.windowNs ?? 2e6, 0),
    windowMessages: checkInteger("lineArbiter.windowMessages", options.windowMessages ?? 256, 1, 65_536),
    rowsMax: checkInteger("lineArbiter.rowsMax", options.rowsMax ?? 16_384, 1, 16_777_216),
    memory,
    wrap: checkWrap("lineArbiter.wrap", options.wrap),
  };
}

/** Checks 1 to 16 names, none twice. */
export function checkNames(path: string, names: readonly string[]): readonly string[] {
  for (const [i, name] of checkArray(path, names).entries()) {
    checkText(`${path}[${i}]`, name);
    if (names.indexOf(name) !== i || i >= 16) {
      throw new Fault("FAULT_CONFIG", {
        path: `${path}[${i}]`,
        value: name,
        expected: "at most 16 names, none twice",
      });
    }
  }
  return names;
}

/** What one line brought. `received` is the sum of `wins`, `losses`, `unverified` and `divergent`. */
export interface LineCounts {
  readonly name: string;
  readonly received: number;
  /** Messages it brought first. */
  readonly wins: number;
  /** Messages another line had brought, found equal; `unverified` where the first copy is no longer remembered. */
  readonly losses: number;
  readonly unverified: number;
  readonly divergent: number;
  /** How far it was behind the winner, over its losses: the sum, and the most. @units ns */
  readonly lagNs: number;
  readonly lagNsMax: number;
}

/** What came out of all lines. Numbers passed are the sum of `numbersReleased` and `lost`. */
export interface LineTotals {
  readonly released: number;
  readonly numbersReleased: number;
  /** Gaps declared, and the numbers in them that have not come since. */
  readonly gaps: number;
  readonly lost: number;
  /** Messages that came after their gap was declared, and were let through. */
  readonly late: number;
  readonly resets: number;
}
