import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Fault } from "../../src/base/index.ts";
import { readChronyCsv } from "../../src/host/clock-chrony-csv.ts";
import {
  chronyFloat,
  chronyTrackingRequest,
  readChronyTracking,
} from "../../src/host/clock-chrony-packet.ts";
import { readPmcText } from "../../src/host/clock-pmc-text.ts";
import type { PtpFieldKind } from "../../src/host/clock-ptp-fields.ts";
import {
  PTP_DATA_SETS,
  type PtpDataSet,
  type PtpSetName,
  ptpResponse,
  readPtpResponse,
} from "../../src/host/index.ts";

const RUNS = { numRuns: 500 };
const NAMES = Object.keys(PTP_DATA_SETS) as PtpSetName[];

/** Whatever comes is read, or is a fault of the input: nothing else is thrown, and nothing beyond the end is read. */
function readOrFault(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(Fault);
    expect((error as Fault).code).toBe("FAULT_INPUT");
  }
}

const hex = (digits: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.nat(15).map((digit) => digit.toString(16)), minLength: digits, maxLength: digits });
const int = (bits: number, signed: boolean): fc.Arbitrary<number> =>
  fc.integer({ min: signed ? -(2 ** (bits - 1)) : 0, max: 2 ** (signed ? bits - 1 : bits) - 1 });

const FIELDS: Readonly<Record<PtpFieldKind, fc.Arbitrary<unknown>>> = {
  u8: int(8, false),
  u16: int(16, false),
  u32: int(32, false),
  i8: int(8, true),
  i16: int(16, true),
  i32: int(32, true),
  i64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  interval: fc.integer({ min: -(2 ** 52), max: 2 ** 52 }).map((value) => value / 65_536 + 0),
  identity: hex(16),
  port: fc.tuple(hex(16), int(16, false)).map(([clock, port]) => `${clock}-${port}`),
  scaledNs: hex(24),
};

const anySet = fc.constantFrom(...NAMES).chain((name) => {
  const fields: Record<string, fc.Arbitrary<unknown>> = {};
  for (const [field, kind] of Object.entries(PTP_DATA_SETS[name].fields)) {
    if (!field.startsWith("reserved")) fields[field] = FIELDS[kind];
  }
  return fc.record(fields).map((set) => ({ name, set: set as PtpDataSet<PtpSetName> }));
});

/** A change of one byte, and a cut. */
const damage = fc.record({ at: fc.nat(), value: fc.integer({ min: 0, max: 255 }), keep: fc.nat(120) });

describe("PTP", () => {
  test("data sets are read as they were written, behind other bytes too", () => {
    fc.assert(
      fc.property(
        anySet,
        int(16, false),
        int(8, false),
        fc.uint8Array({ maxLength: 9 }),
        (item, sequenceId, domain, more) => {
          const request = { set: item.name, sequenceId, domain };
          const bytes = ptpResponse(request, item.set);
          expect(readPtpResponse(bytes, request)).toEqual(item.set);
          expect(readPtpResponse(Uint8Array.of(...more, ...bytes).subarray(more.length), request)).toEqual(
            item.set,
          );
          expect(readPtpResponse(Uint8Array.of(...bytes, ...more), request)).toEqual(item.set);
          for (let keep = 0; keep < bytes.length; keep += 1) {
            expect(() => readPtpResponse(bytes.subarray(0, keep), request)).toThrow(Fault);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  test("bytes that are damaged, or none of its own, are a fault or a data set", () => {
    fc.assert(
      fc.property(
        anySet,
        damage,
        fc.uint8Array({ maxLength: 200 }),
        ({ name, set }, { at, value, keep }, noise) => {
          const request = { set: name, sequenceId: 7 };
          const bytes = ptpResponse(request, set);
          readOrFault(() => readPtpResponse(bytes.with(at % bytes.length, value), request));
          readOrFault(() => readPtpResponse(bytes.subarray(0, keep), request));
          readOrFault(() => readPtpResponse(noise, request));
          readOrFault(() => readPtpResponse(Uint8Array.of(...bytes.subarray(0, 54), ...noise), request));
        },
      ),
      RUNS,
    );
  });

  test("text of pmc that is cut or changed is a fault or a data set", () => {
    const line = fc.oneof(
      fc.constant("\t56a308.fffe.465622-0 seq 0 RESPONSE MANAGEMENT TIME_PROPERTIES_DATA_SET "),
      fc.constantFrom("currentUtcOffset", "leap61", "leap59", "timeSource").map((name) => `\t\t${name}   37`),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        for (const name of NAMES) readOrFault(() => readPmcText(lines.join("\n")).all(name));
      }),
      RUNS,
    );
  });
});

describe("chrony", () => {
  test("any bytes behind a good header are a fault or a reading without NaN", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 120 }), fc.boolean(), (noise, isWhole) => {
        const header = Uint8Array.of(
          6,
          2,
          0,
          0,
          0,
          33,
          0,
          5,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          9,
          ...new Uint8Array(8),
        );
        const bytes = isWhole ? Uint8Array.of(...header, ...noise) : noise;
        readOrFault(() => {
          const reading = readChronyTracking(bytes, 9);
          for (const value of Object.values(reading)) {
            if (typeof value === "number") expect(Number.isFinite(value)).toBe(true);
          }
          expect(
            Math.min(reading.rootDelayNs, reading.rootDispersionNs, reading.skewPpm),
          ).toBeGreaterThanOrEqual(0);
        });
      }),
      RUNS,
    );
  });

  test("a float is its coefficient times a power of two", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -64, max: 63 }),
        fc.integer({ min: -(2 ** 24), max: 2 ** 24 - 1 }),
        (power, digits) => {
          const word = ((power << 25) | (digits & 0x1ff_ffff)) >>> 0;
          expect(chronyFloat(word)).toBe(digits * 2 ** (power - 25));
        },
      ),
      RUNS,
    );
  });

  test("a request has its number and nothing else of the caller", () => {
    fc.assert(
      fc.property(int(32, false), (sequence) => {
        const bytes = chronyTrackingRequest(sequence);
        expect(new DataView(bytes.buffer).getUint32(8)).toBe(sequence);
        expect(bytes.with(8, 0).with(9, 0).with(10, 0).with(11, 0)).toEqual(chronyTrackingRequest(0));
      }),
    );
  });

  test("any line is a fault or a reading", () => {
    const cell = fc.oneof(fc.constantFrom("7F000001", "Normal", "1.5", "-2", "0"), fc.string());
    fc.assert(
      fc.property(fc.array(cell, { minLength: 10, maxLength: 16 }), (cells) => {
        readOrFault(() => readChronyCsv(cells.join(",")));
      }),
      RUNS,
    );
  });
});
