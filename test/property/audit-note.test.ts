import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AuditKey } from "../../src/audit/audit-key.ts";
import {
  type Checkpoint,
  CLOCK_STATUSES,
  checkpointText,
  openCheckpoint,
  parseCheckpoint,
  signCheckpoint,
} from "../../src/audit/checkpoint.ts";
import { composeNote, openNote, parseNote, signNote } from "../../src/audit/signed-note.ts";

const NAME = "example.com/desk";
const key = AuditKey.fromSeed(NAME, new Uint8Array(32).fill(7));
const keys = [key.verifierKey];

const line = fc
  .string({ unit: "grapheme", maxLength: 30 })
  .filter((text) => Array.from(text).every((character) => character >= " "));
const text = fc.array(line, { maxLength: 8 }).map((lines) => `${lines.join("\n")}\n`);
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });

const checkpoint: fc.Arbitrary<Checkpoint> = fc.record({
  origin: fc.constant(NAME),
  size: fc.maxSafeNat(),
  root: hash,
  tsNs: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  clock: fc.constantFrom(...CLOCK_STATUSES),
  clockUncertaintyNs: fc.nat({ max: 4_294_967_295 }),
  previous: fc.option(hash),
  chainHead: hash,
});

describe("any text", () => {
  it("comes back from its note", () => {
    fc.assert(
      fc.property(text, (each) => {
        const note = signNote(each, [key]);
        const opened = openNote(note, keys);
        expect(opened.ok && opened.text).toBe(each);
        const parsed = parseNote(Buffer.from(note));
        expect(parsed.ok && composeNote(parsed.text, parsed.signatures)).toBe(note);
      }),
      { numRuns: 300 },
    );
  });

  it("is never opened after a byte was changed, put in or taken out", () => {
    const harm = fc.record({
      how: fc.constantFrom("change", "insert", "remove"),
      at: fc.nat(),
      byte: fc.nat({ max: 255 }),
    });
    fc.assert(
      fc.property(text, harm, (each, { how, at, byte }) => {
        const bytes = [...Buffer.from(signNote(each, [key]))];
        const place = at % bytes.length;
        if (how === "change") fc.pre(bytes[place] !== byte);
        bytes.splice(place, how === "insert" ? 0 : 1, ...(how === "remove" ? [] : [byte]));
        const opened = openNote(Uint8Array.from(bytes), keys);
        expect(opened.ok).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  it("of any bytes is refused without a fault", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(openNote(bytes, keys).ok).toBe(false);
        expect(openNote(Buffer.concat([Buffer.from("a\n\n— a AAAAAAA=\n"), bytes]), keys).ok).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});

describe("any checkpoint", () => {
  it("comes back from its text and from its note", () => {
    fc.assert(
      fc.property(checkpoint, (each) => {
        expect(parseCheckpoint(checkpointText(each))).toEqual(each);
        const opened = openCheckpoint(signCheckpoint(each, [key]), NAME, keys);
        expect(opened.ok && opened.checkpoint).toEqual(each);
      }),
      { numRuns: 300 },
    );
  });

  it("has one text: what is read is written the same again", () => {
    fc.assert(
      fc.property(checkpoint, fc.nat(), fc.string({ maxLength: 2 }), (each, at, put) => {
        const original = checkpointText(each);
        const place = at % original.length;
        const changed = original.slice(0, place) + put + original.slice(place + 1);
        const parsed = parseCheckpoint(changed);
        if (!("code" in parsed)) expect(checkpointText(parsed)).toBe(changed);
      }),
      { numRuns: 2_000 },
    );
  });
});
