import { describe, expect, it } from "vitest";
import { AuditKey } from "../../src/audit/audit-key.ts";
import {
  composeNote,
  NOTE_REFUSALS,
  type NoteSignature,
  noteMessage,
  openNote,
  parseNote,
  type Signer,
  signNote,
} from "../../src/audit/signed-note.ts";
import { parseVerifierKey, VerifierKey } from "../../src/audit/verifier-key.ts";
import {
  ENOCH,
  ENOCH_LINE,
  GO_HEAD,
  GO_KEY,
  PETER,
  PETER_LINE,
  PETER_SEED,
  TEXT,
} from "../fixtures/published-notes.ts";

function key(text: string): VerifierKey {
  const parsed = parseVerifierKey(text);
  if (parsed instanceof VerifierKey) return parsed;
  throw new Error(parsed.message);
}

const peter = key(PETER);
const enoch = key(ENOCH);
const peterSigner = AuditKey.fromSeed("PeterNeumann", Buffer.from(PETER_SEED, "base64").subarray(1));
const NOTE = `${TEXT}\n${PETER_LINE}${ENOCH_LINE}`;
const names = (list: readonly NoteSignature[]): string[] => list.map((each) => `${each.name}+${each.keyId}`);

describe("notes that others published", () => {
  it("open with both keys, or with one and the other unknown", () => {
    const both = openNote(NOTE, [peter, enoch]);
    expect(both.ok && [both.text, names(both.verified), both.unknown]).toEqual([
      TEXT,
      ["PeterNeumann+c74f20a3", "EnochRoot+af0cfe78"],
      [],
    ]);
    const one = openNote(NOTE, [enoch]);
    expect(one.ok && [names(one.verified), names(one.unknown)]).toEqual([
      ["EnochRoot+af0cfe78"],
      ["PeterNeumann+c74f20a3"],
    ]);
  });

  it("open the tree head of Go's checksum database, from bytes too", () => {
    const opened = openNote(new TextEncoder().encode(GO_HEAD), [key(GO_KEY)]);
    expect(opened.ok && opened.text.split("\n")[1]).toBe("30055305");
    expect(openNote(GO_HEAD.replace("30055305", "30055306"), [key(GO_KEY)])).toMatchObject({
      code: "NOTE_SIGNATURE_INVALID",
      value: "sum.golang.org+033de0ae",
    });
  });

  it("come out of our signer to the byte", () => {
    expect(peterSigner.verifierKey.text).toBe(PETER);
    expect(signNote(TEXT, [peterSigner])).toBe(`${TEXT}\n${PETER_LINE}`);
  });
});

describe("a verifier key", () => {
  it("is the text it was read from", () => {
    expect([peter.name, peter.keyId, peter.text, String(peter), JSON.stringify(peter)]).toEqual([
      "PeterNeumann",
      "c74f20a3",
      PETER,
      PETER,
      `"${PETER}"`,
    ]);
    expect(new VerifierKey("PeterNeumann", peter.publicKey).text).toBe(PETER);
    peter.publicKey.fill(0);
    expect(openNote(NOTE, [peter]).ok).toBe(true);
  });

  it("does not follow the array it was made from", () => {
    const bytes = peter.publicKey;
    const made = new VerifierKey("PeterNeumann", bytes);
    bytes.fill(0);
    expect([made.publicKey, made.text]).toEqual([peter.publicKey, PETER]);
    expect(openNote(NOTE, [made]).ok).toBe(true);
  });

  it("is refused with any part cut off or any character changed", () => {
    for (let from = 0; from <= PETER.length; from++) {
      for (let to = from + 1; to <= PETER.length; to++) {
        if (from === 0 && to === PETER.length) continue;
        expect(parseVerifierKey(PETER.slice(from, to)), `${from} to ${to}`).toMatchObject({ ok: false });
      }
    }
    for (let at = 0; at < PETER.length; at++) {
      const next = String.fromCharCode(PETER.charCodeAt(at) + 1);
      const changed = PETER.slice(0, at) + next + PETER.slice(at + 1);
      expect(parseVerifierKey(changed), changed).toMatchObject({ code: "NOTE_KEY_INVALID" });
    }
  });

  it.each([
    [
      "a key too long, its id right",
      "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
    ],
    ["another type, its id right", "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"],
    ["an id in upper case", PETER.replace("c74f20a3", "C74F20A3")],
    ["a space in the name", PETER.replace("Peter", "Peter ")],
    ["no name", PETER.replace("PeterNeumann", "")],
    ["a newline at its end", `${PETER}\n`],
    ["base64 for URLs", PETER.replace("/", "_")],
  ])("is refused with %s", (_what, text) => {
    expect(parseVerifierKey(text)).toMatchObject({ ok: false, code: "NOTE_KEY_INVALID", value: text });
  });

  it.each([
    ["", new Uint8Array(32), "name"],
    ["a b", new Uint8Array(32), "name"],
    ["a+b", new Uint8Array(32), "name"],
    ["a\u0085b", new Uint8Array(32), "name"],
    ["a\u3000b", new Uint8Array(32), "name"],
    ["a\u0001b", new Uint8Array(32), "name"],
    ["a\ud800b", new Uint8Array(32), "name"],
    [7, new Uint8Array(32), "name"],
    ["a", new Uint8Array(31), "publicKey"],
    ["a", "a".repeat(32), "publicKey"],
  ])("is not made of %j", (name, bytes, path) => {
    expect(() => new VerifierKey(name as never, bytes as never)).toThrow(`FAULT_INPUT ${path}`);
  });
});

describe("opening refuses", () => {
  it.each([
    ["a text alone", TEXT, "note"],
    ["nothing", "", "note"],
    ["no signature line", `${TEXT}\n`, "line 4"],
    ["a last line without its newline", `${TEXT}\n${PETER_LINE.slice(0, -1)}`, "line 4"],
    ["a control character", `If \u0001${TEXT}\n${PETER_LINE}`, "line 1 column 4"],
    ["a tab in the second line", `${TEXT.replace("then", "\tthen")}\n${PETER_LINE}`, "line 2 column 1"],
    ["a carriage return", `${TEXT}\n${PETER_LINE.replace("\n", "\r\n")}`, "line 4 column 108"],
    ["half of a surrogate pair", `\udc00${TEXT}\n${PETER_LINE}`, "note"],
    ["bytes that are no UTF-8", Buffer.concat([Buffer.of(0xff), Buffer.from(NOTE)]), "note"],
    ["a hyphen for the dash", `${TEXT}\n${PETER_LINE.replace("—", "-")}`, "line 4 column 1"],
    ["a name with a space", `${TEXT}\n${PETER_LINE.replace("Neumann", " Neumann")}`, "line 4 column 9"],
    ["a name with a plus", `${TEXT}\n${PETER_LINE.replace("Neumann", "+")}`, "line 4 column 3"],
    ["no name", `${TEXT}\n${PETER_LINE.replace("PeterNeumann", "")}`, "line 4 column 3"],
    ["no space after the name", `${TEXT}\n— PeterNeumann\n`, "line 4 column 3"],
    ["no signature", `${TEXT}\n— PeterNeumann \n`, "line 4 column 16"],
    ["an id alone", `${TEXT}\n— PeterNeumann x08gow==\n`, "line 4 column 16"],
    ["base64 without padding", `${TEXT}\n${PETER_LINE.replace("=", "")}`, "line 4 column 16"],
    ["base64 with bits left over", `${TEXT}\n${PETER_LINE.replace("M=", "N=")}`, "line 4 column 16"],
    ["a line of its own kind", `${NOTE}Unexpected line.\n`, "line 6 column 1"],
    ["more than 100 signatures", `${TEXT}\n${PETER_LINE.repeat(101)}`, "line 104"],
    ["more than a million bytes", `${"é".repeat(500_000)}\n\n${PETER_LINE}`, "note"],
    ["more than a million characters", `${"e".repeat(1_000_001)}\n\n${PETER_LINE}`, "note"],
    ["more than a million bytes of bytes", new Uint8Array(1_000_001), "note"],
  ])("%s, and says where", (_what, note, field) => {
    expect(openNote(note, [peter])).toMatchObject({ ok: false, code: "NOTE_MALFORMED", field });
  });

  it("a bad signature of a known key, even beside a good one", () => {
    const forged = `${PETER_LINE.slice(0, 60)}A${PETER_LINE.slice(61)}`;
    expect(forged).not.toBe(PETER_LINE);
    expect(openNote(`${TEXT}\n${ENOCH_LINE}${forged}`, [peter, enoch])).toMatchObject({
      code: "NOTE_SIGNATURE_INVALID",
      value: "PeterNeumann+c74f20a3",
    });
    expect(openNote(`${TEXT}\n${ENOCH_LINE}${forged}`, [enoch]).ok).toBe(true);
    const short = `— PeterNeumann ${Buffer.concat([Buffer.from("c74f20a3", "hex"), Buffer.alloc(63)]).toString("base64")}\n`;
    expect(openNote(`${TEXT}\n${short}`, [peter])).toMatchObject({ code: "NOTE_SIGNATURE_INVALID" });
  });

  it("signatures of unknown keys alone, also of a known name or a known id", () => {
    expect(openNote(`${TEXT}\n${PETER_LINE}`, [enoch])).toMatchObject({
      code: "NOTE_UNVERIFIED",
      value: "PeterNeumann+c74f20a3",
      expected: "one by EnochRoot+af0cfe78",
    });
    for (const line of [PETER_LINE.replace("Peter", "Paul"), PETER_LINE.replace("x08g", "xxxx")]) {
      expect(openNote(`${TEXT}\n${line}`, [peter])).toMatchObject({ code: "NOTE_UNVERIFIED" });
      expect(openNote(`${TEXT}\n${line}${PETER_LINE}`, [peter]).ok).toBe(true);
    }
  });

  it("every change of a bit in what was signed", () => {
    const bytes = new TextEncoder().encode(`${TEXT}\n${PETER_LINE}`);
    for (let at = 0; at < bytes.length - 1; at++) {
      for (const bit of [1, 0x20]) {
        const changed = bytes.with(at, (bytes[at] as number) ^ bit);
        expect(openNote(changed, [peter]).ok, `byte ${at}, bit ${bit}`).toBe(false);
      }
    }
  });

  it("to be asked without keys, or with one twice", () => {
    expect(() => openNote(NOTE, [])).toThrow("FAULT_INPUT keys");
    expect(() => openNote(NOTE, [peter, enoch, key(PETER)])).toThrow("FAULT_INPUT keys[2]");
    expect(() => openNote(NOTE, [PETER as never])).toThrow("FAULT_INPUT keys[0]");
  });

  it("by codes that are all listed", () => {
    expect(NOTE_REFUSALS).toEqual([
      "NOTE_KEY_INVALID",
      "NOTE_MALFORMED",
      "NOTE_SIGNATURE_INVALID",
      "NOTE_UNVERIFIED",
    ]);
  });
});

describe("a note", () => {
  it("counts the first signature of a key once", () => {
    const opened = openNote(`${TEXT}\n${PETER_LINE}${PETER_LINE}`, [peter]);
    expect(opened.ok && names(opened.verified)).toEqual(["PeterNeumann+c74f20a3"]);
    const after = openNote(`${TEXT}\n${PETER_LINE}${PETER_LINE.slice(0, 60)}A${PETER_LINE.slice(61)}`, [
      peter,
    ]);
    expect(after.ok && names(after.verified)).toEqual(["PeterNeumann+c74f20a3"]);
  });

  it("takes a hundred signatures", () => {
    expect(openNote(`${TEXT}\n${PETER_LINE.repeat(100)}`, [peter]).ok).toBe(true);
  });

  it.each(["\n", "a\n\nb\n", "a\n\n", "\n\n\n", "— a b\n", "é 😂 \u007f\n", "\ufeffa\n"])(
    "carries the text %j",
    (text) => {
      const note = signNote(text, [peterSigner]);
      const opened = openNote(Buffer.from(note), [peter]);
      expect(opened.ok && opened.text).toBe(text);
    },
  );

  it("is put together again from its parts", () => {
    const parsed = parseNote(NOTE);
    expect(parsed.ok && composeNote(parsed.text, parsed.signatures)).toBe(NOTE);
  });

  it("takes signatures made elsewhere and later", () => {
    const signature = peterSigner.sign(noteMessage(TEXT));
    const note = composeNote(TEXT, [{ name: peter.name, keyId: peter.keyId, signature }]);
    expect(note).toBe(`${TEXT}\n${PETER_LINE}`);
  });

  it.each([
    ["an empty text", "", "text"],
    ["a text without its newline", "abc", "text"],
    ["a tab", "a\tb\n", "text"],
    ["half of a surrogate pair", "\ud800\n", "text"],
    ["a text too long", `${"é".repeat(250_000)}\n`, "text"],
    ["no text", undefined, "text"],
  ])("is not made of %s", (_what, text, path) => {
    expect(() => signNote(text as never, [peterSigner])).toThrow(`FAULT_INPUT ${path}`);
  });

  const good = { name: "a", keyId: "00000000", signature: Uint8Array.of(1) };
  it.each([
    ["no signatures", [], "signatures.length"],
    ["too many", Array.from({ length: 101 }, (_, i) => ({ ...good, name: `a${i}` })), "signatures.length"],
    ["one key twice", [good, good], "signatures[1].keyId"],
    ["an id too long", [{ ...good, keyId: "0000000000" }], "signatures[0].keyId"],
    ["a name that is none", [{ ...good, name: "a b" }], "signatures[0].name"],
    ["an empty signature", [{ ...good, signature: new Uint8Array(0) }], "signatures[0].signature"],
  ])("is not made with %s", (_what, signatures, path) => {
    expect(() => composeNote("a\n", signatures)).toThrow(`FAULT_INPUT ${path}`);
  });

  it("is not made by a signer whose signature is another's", () => {
    const liar: Signer = { verifierKey: enoch, sign: (message) => peterSigner.sign(message) };
    expect(() => signNote(TEXT, [liar])).toThrow("FAULT_INVARIANT signer.sign");
  });
});
