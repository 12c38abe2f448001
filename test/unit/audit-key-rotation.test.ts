import { describe, expect, it } from "vitest";
import { AuditKey } from "../../src/audit/audit-key.ts";
import { type Checkpoint, signCheckpoint } from "../../src/audit/checkpoint.ts";
import {
  isKeyChain,
  KEY_REFUSALS,
  KeyChain,
  parseRotation,
  signRotation,
  verifyKeyChain,
} from "../../src/audit/key-rotation.ts";
import { signNote } from "../../src/audit/signed-note.ts";

const NAME = "example.com/desk";
const keyOf = (byte: number, name = NAME): AuditKey => AuditKey.fromSeed(name, new Uint8Array(32).fill(byte));
const [a, b, c] = [keyOf(1), keyOf(2), keyOf(3)];
const terms = (number: number, fromSize: number) => ({
  number,
  fromSize,
  tsNs: 1_000n,
  reason: "yearly, as planned",
});
const first = signRotation(a, b, terms(1, 100));
const second = signRotation(b, c, terms(2, 250));

function chainOf(rotations: readonly string[]): KeyChain {
  const chain = verifyKeyChain(a.verifierKey, rotations);
  if (isKeyChain(chain)) return chain;
  throw new Error(chain.message);
}

/** A rotation's text with a part replaced, signed by whom it may concern. */
function altered(part: string | RegExp, by: string, signers: readonly AuditKey[]): string {
  const text = first.slice(0, first.indexOf("\n\n") + 1);
  const changed = text.replace(part, by);
  expect(changed).not.toBe(text);
  return signNote(changed, signers);
}

describe("a rotation", () => {
  it("is a note of seven lines with two signatures", () => {
    expect(first.split("\n").slice(0, 8)).toEqual([
      "tickwright audit key rotation v1",
      "number 1",
      `from ${a.verifierKey.text}`,
      `to ${b.verifierKey.text}`,
      "size 100",
      "time 1000",
      "reason yearly, as planned",
      "",
    ]);
    expect(first.split("\n").length).toBe(11);
    const parsed = parseRotation(`${first.split("\n").slice(0, 7).join("\n")}\n`);
    expect(parsed).toMatchObject(terms(1, 100));
  });

  it.each([
    ["a key of another name", b, keyOf(3, "example.com/other"), {}, "to"],
    ["the same key", b, keyOf(2), {}, "to"],
    ["a number of 0", a, b, { number: 0 }, "number"],
    ["half a size", a, b, { fromSize: 1.5 }, "fromSize"],
    ["a time in a double", a, b, { tsNs: 5 }, "tsNs"],
    ["a time of 65 bits", a, b, { tsNs: 2n ** 63n }, "tsNs"],
    ["an empty reason", a, b, { reason: "" }, "reason"],
    ["a reason of two lines", a, b, { reason: "a\nb" }, "reason"],
  ])("is not made with %s", (_what, from, to, change, path) => {
    expect(() => signRotation(from, to, { ...terms(1, 0), ...change } as never)).toThrow(
      `FAULT_INPUT ${path}`,
    );
  });
});

describe("a chain of keys", () => {
  it("leads from the trusted key to the current one", () => {
    expect(chainOf([]).current.text).toBe(a.verifierKey.text);
    const chain = chainOf([first, second]);
    expect(chain.current.text).toBe(c.verifierKey.text);
    expect(chain.terms.map((term) => term.fromSize)).toEqual([0, 100, 250]);
    const at = [0, 99, 100, 249, 250, Number.MAX_SAFE_INTEGER].map((size) => chain.keyAt(size).keyId);
    expect(at).toEqual([a, a, b, b, c, c].map((key) => key.keyId));
    expect(() => chain.keyAt(-1)).toThrow("FAULT_INPUT size");
  });

  it("may hand over twice at one size; the last key has it", () => {
    const chain = chainOf([first, signRotation(b, c, terms(2, 100))]);
    expect([chain.keyAt(99).keyId, chain.keyAt(100).keyId]).toEqual([a.keyId, c.keyId]);
  });

  it.each<[string, readonly string[], string]>([
    ["a rotation left out", [second], "KEY_ROTATION_OUT_OF_ORDER"],
    ["rotations in the wrong order", [second, first], "KEY_ROTATION_OUT_OF_ORDER"],
    ["a rotation twice", [first, first], "KEY_ROTATION_OUT_OF_ORDER"],
    ["a number left out", [signRotation(a, b, terms(2, 100))], "KEY_ROTATION_OUT_OF_ORDER"],
    ["an earlier size", [first, signRotation(b, c, terms(2, 99))], "KEY_ROTATION_OUT_OF_ORDER"],
    ["a key that came before", [first, signRotation(b, a, terms(2, 250))], "KEY_REUSED"],
    ["the new key's signature alone", [altered("100", "101", [b])], "KEY_ROTATION_UNSIGNED"],
    ["the old key's signature alone", [altered("100", "101", [a])], "KEY_ROTATION_UNSIGNED"],
    ["a stranger's signature", [altered("100", "101", [c])], "NOTE_UNVERIFIED"],
    ["a size that was changed", [first.replace("size 100", "size 101")], "NOTE_SIGNATURE_INVALID"],
    ["a reason that was changed", [first.replace("planned", "guessed")], "NOTE_SIGNATURE_INVALID"],
    ["another title", [altered("v1", "v2", [a, b])], "KEY_ROTATION_MALFORMED"],
    ["a number that is none", [altered("number 1", "number 01", [a, b])], "KEY_ROTATION_MALFORMED"],
    [
      "a number past 2^53",
      [altered("number 1", "number 9007199254740993", [a, b])],
      "KEY_ROTATION_MALFORMED",
    ],
    [
      "a time of 65 bits",
      [altered("time 1000", "time 9223372036854775808", [a, b])],
      "KEY_ROTATION_MALFORMED",
    ],
    ["a line too many", [altered(/$/, "more\n", [a, b])], "KEY_ROTATION_MALFORMED"],
    ["an old key that is none", [altered(/from .*/, "from nobody", [a, b])], "NOTE_KEY_INVALID"],
    ["a new key that is none", [altered(/to .*/, "to nobody", [a, b])], "NOTE_KEY_INVALID"],
    ["no note", ["a rotation\n"], "NOTE_MALFORMED"],
    [
      "a key of another name",
      [altered(/to .*/, `to ${keyOf(2, "other").verifierKey.text}`, [a, keyOf(2, "other")])],
      "KEY_ROTATION_OUT_OF_ORDER",
    ],
  ])("is refused with %s", (_what, rotations, code) => {
    expect(verifyKeyChain(a.verifierKey, rotations)).toMatchObject({ ok: false, code });
  });

  it("is refused from another first key", () => {
    expect(verifyKeyChain(c.verifierKey, [first])).toMatchObject({ code: "KEY_ROTATION_OUT_OF_ORDER" });
    expect(isKeyChain(verifyKeyChain(c.verifierKey, [first]))).toBe(false);
  });

  it("begins at size 0 and cannot be changed", () => {
    expect(() => new KeyChain([])).toThrow("FAULT_INPUT terms");
    expect(() => new KeyChain([{ key: a.verifierKey, fromSize: 1 }])).toThrow("FAULT_INPUT terms");
    const chain = chainOf([first]);
    expect(Object.isFrozen(chain.terms)).toBe(true);
    expect(Object.isFrozen(chain.terms[0])).toBe(true);
  });

  it("refuses by codes that are all listed", () => {
    expect(new Set(KEY_REFUSALS).size).toBe(4);
  });
});

describe("checkpoints over a change of keys", () => {
  const chain = chainOf([first, second]);
  const at = (size: number): Checkpoint => ({
    origin: NAME,
    size,
    root: new Uint8Array(32),
    tsNs: 5n,
    clock: "locked",
    clockUncertaintyNs: 0,
    previous: null,
    chainHead: new Uint8Array(32),
  });

  it("open with the key of their size alone", () => {
    for (const size of [0, 99, 100, 249, 250, 1_000]) {
      const opened = [a, b, c].map((key) => chain.openCheckpoint(signCheckpoint(at(size), [key])).ok);
      expect(opened, `size ${size}`).toEqual([a, b, c].map((key) => chain.keyAt(size).keyId === key.keyId));
    }
  });

  it("say why they do not", () => {
    expect(chain.openCheckpoint(signCheckpoint(at(100), [a]))).toMatchObject({ code: "NOTE_UNVERIFIED" });
    expect(chain.openCheckpoint("nothing")).toMatchObject({ code: "NOTE_MALFORMED" });
    expect(chain.openCheckpoint(signNote("a\nb\n", [a]))).toMatchObject({ code: "CHECKPOINT_MALFORMED" });
    const other = { ...at(5), origin: "example.com/other" };
    const note = signCheckpoint(other, [keyOf(1, "example.com/other"), a]);
    expect(chain.openCheckpoint(note)).toMatchObject({ code: "CHECKPOINT_ORIGIN_DIFFERS" });
  });
});
