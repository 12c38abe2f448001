import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Fault, Prng } from "../../src/base/index.ts";
import { LAST, MESSAGE_FIELD, REPORT } from "../../src/model/index.ts";
import {
  diffSessions,
  readStory,
  replaySession,
  SESSION,
  type SessionRecord,
  tapesOf,
} from "../../src/run/index.ts";
import { fuzz } from "../fixtures/fuzz.ts";
import { type RandomSession, randomSession } from "./random-session.ts";
import { live } from "./session-ways.ts";

/** A field of an input's record: where it stands, how to make it another, and whether a kernel must notice. */
interface Field {
  readonly name: string;
  readonly flip: (view: DataView) => void;
  /** What it decides is an effect, or money: no replay can come out the same. */
  readonly isTold?: (view: DataView) => boolean;
}

const cell = (k: number): number => 16 + 8 * k;
const more = (at: number) => (view: DataView) => view.setFloat64(at, view.getFloat64(at, true) + 1, true);
const moreTicks = (at: number) => (view: DataView) => view.setInt32(at, view.getInt32(at, true) + 1, true);
const kindOf = (view: DataView): number => view.getFloat64(cell(MESSAGE_FIELD.kind), true);
const isTrade = (view: DataView): boolean => kindOf(view) === REPORT.trade;

const ROW_FIELDS: readonly Field[] = [
  { name: "kind", flip: (view) => view.setUint16(2, (view.getUint16(2, true) ^ 1) | LAST, true) },
  { name: "tick", flip: moreTicks(4) },
  { name: "lots", flip: more(8) },
  { name: "exchNs", flip: more(16) },
  { name: "ns", flip: more(24) },
];
const BAR_FIELDS: readonly Field[] = [
  { name: "close", flip: moreTicks(16) },
  { name: "volume", flip: more(24) },
  { name: "factor", flip: more(32) },
  { name: "openNs", flip: more(40) },
  { name: "ns", flip: more(56) },
];
const REPORT_FIELDS: readonly Field[] = [
  { name: "timeNs", flip: more(cell(MESSAGE_FIELD.timeNs)) },
  { name: "id", flip: more(cell(MESSAGE_FIELD.id)), isTold: () => true },
  { name: "requestId", flip: more(cell(MESSAGE_FIELD.requestId)) },
  { name: "priceTicks", flip: more(cell(MESSAGE_FIELD.priceTicks)), isTold: isTrade },
  { name: "lots", flip: more(cell(MESSAGE_FIELD.lots)), isTold: isTrade },
  { name: "exchNs", flip: more(cell(MESSAGE_FIELD.exchNs)), isTold: (view) => !isTrade(view) },
  { name: "execId", flip: more(cell(MESSAGE_FIELD.execId)) },
  { name: "reason", flip: more(cell(MESSAGE_FIELD.reason)), isTold: () => true },
  {
    name: "maker",
    flip: (view) => view.setFloat64(cell(10), 1 - view.getFloat64(cell(10), true), true),
    isTold: isTrade,
  },
  {
    name: "kind",
    flip: (view) => view.setFloat64(cell(1), (kindOf(view) + 1) % 8, true),
    isTold: () => true,
  },
  { name: "ns", flip: more(8), isTold: () => true },
];
const FIELDS: Readonly<Record<number, readonly Field[]>> = {
  [SESSION.row]: ROW_FIELDS,
  [SESSION.bar]: BAR_FIELDS,
  [SESSION.report]: REPORT_FIELDS,
};

/** The session with one field of one input made another. */
function flipped({ records }: RandomSession, rng: Prng) {
  const inputs = records.filter(({ type }) => FIELDS[type] !== undefined);
  const reports = inputs.filter(({ type }) => type === SESSION.report);
  const from = rng.below(2) === 0 && reports.length > 0 ? reports : inputs;
  const record = from[rng.below(from.length)] as SessionRecord;
  const fields = FIELDS[record.type] as readonly Field[];
  const field = fields[rng.below(fields.length)] as Field;
  const payload = record.payload.slice();
  const view = new DataView(payload.buffer);
  const isTold = field.isTold?.(view) === true;
  field.flip(view);
  const changed = records.map((each) => (each === record ? { ...record, payload } : each));
  return { records: changed, record, isTold, what: `${record.type} ${record.seq} ${field.name}` };
}

describe("any recorded session", () => {
  it("is identical in a replay; with one field of one input another it is not, or that field decided nothing", () => {
    fc.assert(
      fc.property(fc.nat(1 << 28), (seed) => {
        const session = randomSession(seed);
        const rng = new Prng(seed);
        const { runHash, isIdentical } = replaySession(session.records, { strategies: session.strategies() });
        expect(isIdentical).toBe(true);
        for (let i = 0; i < 6; i++) {
          const { records, isTold, what } = flipped(session, rng);
          try {
            const replay = replaySession(records, { strategies: session.strategies() });
            if (isTold) expect([what, replay.isIdentical]).toEqual([what, false]);
            if (replay.isIdentical) expect(replay.runHash).toBe(runHash);
            else expect(replay.difference ?? replay.sendDifference ?? replay.runHash).not.toBe(runHash);
          } catch (error) {
            expect(error).toBeInstanceOf(Fault);
          }
        }
      }),
      fuzz(5),
    );
  });

  it("is named by the diff where one field of its market is another, and what followed is no mystery", () => {
    fc.assert(
      fc.property(fc.nat(1 << 28), (seed) => {
        const session = randomSession(seed);
        const rng = new Prng(seed);
        const { begin } = tapesOf(session.records);
        const left = readStory(session.records);
        for (let i = 0; i < 4; i++) {
          const { records, record, what } = flipped(session, rng);
          if (record.type === SESSION.report) continue;
          const right = readStory(live(records, begin, session.strategies()).records);
          const { causes, lines } = diffSessions(left, right);
          expect([what, lines[0]?.nth, causes.unexplained]).toEqual([what, 0, 0]);
          expect([what, lines[0]?.cause]).toEqual([what, what.endsWith(" ns") ? "latency" : "data"]);
        }
      }),
      fuzz(4),
    );
  });
});
