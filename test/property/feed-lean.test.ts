import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LeanFactors, leanDay, ZipArchive } from "../../src/feed/index.ts";
import { type ZipPart, zipOf } from "../fixtures/zip-bytes.ts";

const parts = fc.array(
  fc.record({ name: fc.stringMatching(/^[a-z]{1,8}\.csv$/), text: fc.string(), stored: fc.boolean() }),
  { minLength: 1, maxLength: 4 },
);

function texts(zip: Uint8Array): string[] {
  return new ZipArchive("x", zip).entries.map((entry) => new TextDecoder().decode(entry.unpack()));
}

function isFault(error: unknown): boolean {
  return error instanceof Error && /^FAULT_INPUT x[/:]/.test(error.message);
}

describe("a zip archive", () => {
  test("gives back what was put in", () => {
    fc.assert(
      fc.property(parts, fc.stringMatching(/^[a-z]{0,9}$/), (list: ZipPart[], comment) => {
        expect(texts(zipOf(list, comment))).toEqual(list.map((part) => Buffer.from(part.text).toString()));
      }),
    );
  });

  test("cut short anywhere is a fault that names it", () => {
    fc.assert(
      fc.property(parts, fc.double({ min: 0, max: 1, noNaN: true }), (list: ZipPart[], share) => {
        const zip = zipOf(list);
        const cut = zip.subarray(0, Math.floor(share * (zip.length - 1)));
        let caught: unknown;
        try {
          texts(cut);
        } catch (error) {
          caught = error;
        }
        expect(isFault(caught), String(caught)).toBe(true);
      }),
    );
  });

  test("with any byte changed is a fault, or gives the same texts", () => {
    fc.assert(
      fc.property(parts, fc.nat(), fc.integer({ min: 1, max: 255 }), (list: ZipPart[], place, flip) => {
        const zip = zipOf(list);
        const at = place % zip.length;
        zip[at] = (zip[at] as number) ^ flip;
        try {
          const found = texts(zip);
          // What is not protected by a checksum: names, and how many entries the directory claims to have.
          for (const text of found) expect(list.map((part) => part.text)).toContain(text);
        } catch (error) {
          if (!isFault(error)) throw error;
        }
      }),
    );
  });
});

const digits = (value: number): string => value.toFixed(7);
const day = (row: number): string => `${2_000 + row}0103`;

describe("factors rounded to seven decimals", () => {
  test("give back the splits they were made of", () => {
    const ratio = fc
      .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }))
      .filter(([numerator, denominator]) => numerator !== denominator);
    fc.assert(
      fc.property(fc.array(ratio, { minLength: 1, maxLength: 3 }), (splits) => {
        const rows = [1];
        for (const [numerator, denominator] of splits) {
          rows.unshift(((rows[0] as number) * denominator) / numerator);
        }
        // Where the factor is small its seven digits no longer tell fractions of this size apart.
        fc.pre(rows.every((factor) => factor > 0.002));
        const text = rows.map((factor, i) => `${day(i)},1,${digits(factor)},10\n`).join("");
        const found = new LeanFactors("f", Buffer.from(text)).actions;
        const told = found.map(({ split }) => (split?.numerator ?? 0) / (split?.denominator ?? 1));
        const made = [...splits].reverse().map(([numerator, denominator]) => numerator / denominator);
        expect(told).toEqual(made);
        expect(found.map(({ afterDay }) => afterDay)).toEqual(made.map((_, i) => leanDay(day(i))));
      }),
    );
  });

  test("give back dividends of three decimals below a price of 500", () => {
    const dividend = fc.record({
      mills: fc.integer({ min: 1, max: 4_999 }),
      price: fc.integer({ min: 1_000, max: 50_000 }),
    });
    fc.assert(
      fc.property(fc.array(dividend, { minLength: 1, maxLength: 20 }), (list) => {
        const rows = [{ factor: 1, price: 0 }];
        for (const { mills, price } of list) {
          const factor = (rows[0]?.factor ?? 1) * (1 - mills / 1_000 / (price / 100));
          rows.unshift({ factor, price });
        }
        fc.pre((rows[0]?.factor ?? 0) > 0.3);
        const text = rows.map((row, i) => `${day(i)},${digits(row.factor)},1,${row.price / 100}\n`).join("");
        const { actions } = new LeanFactors("f", Buffer.from(text));
        const told = actions.map(({ dividend: cash }) => Number(cash?.digits) / 10 ** (cash?.scale ?? 0));
        expect(told).toEqual([...list].reverse().map(({ mills }) => mills / 1_000));
      }),
    );
  });
});
