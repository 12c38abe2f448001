import { inspect } from "node:util";
import fc from "fast-check";
import { expect, it } from "vitest";
import { jsonLogger, type LoggerOptions, memoryLogger } from "../../src/host/index.ts";
import type { LogFields } from "../../src/port/index.ts";

// A registered secret is in no line, wherever it stood and however it was written.

const TEXT = fc.string({ maxLength: 20, unit: "binary" });
const SECRET = fc
  .oneof(
    fc.string({ minLength: 8, maxLength: 64, unit: "grapheme" }),
    fc.string({ minLength: 8, maxLength: 64, unit: "grapheme-ascii" }),
    fc.base64String({ minLength: 16, maxLength: 88 }),
    fc.uuid(),
  )
  // What every line holds by itself is no secret.
  .filter((secret) => secret.length >= 8 && !/redacted|^\s|\s$/i.test(secret) && new Set(secret).size > 3);

const jsonEscaped = (text: string): string => JSON.stringify(text).slice(1, -1);
const everyPercent = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
const unicode = (text: string): string =>
  Array.from(
    { length: text.length },
    (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, "0")}`,
  ).join("");

/** How a secret can be written, beside some text. */
const FORMS: readonly ((secret: string, beside: string) => string)[] = [
  (secret) => secret,
  (secret, beside) => `${beside}${secret}${beside}`,
  (secret) => encodeURIComponent(secret),
  (secret) => encodeURI(secret),
  everyPercent,
  (secret) => encodeURIComponent(encodeURIComponent(secret)),
  (secret) => new URLSearchParams({ q: secret }).toString(),
  (secret) => `https://host/path?q=${encodeURIComponent(secret)}&r=1`,
  jsonEscaped,
  (secret) => jsonEscaped(jsonEscaped(secret)),
  unicode,
  (secret) => Buffer.from(secret).toString("hex"),
  (secret) => Buffer.from(secret).toString("hex").toUpperCase(),
  (secret) => inspect(Buffer.from(secret)),
  (secret) => Buffer.from(secret).toString("base64"),
  (secret) => Buffer.from(secret).toString("base64url"),
  (secret, beside) => Buffer.from(`${beside}:${secret}`).toString("base64"),
  (secret, beside) => Buffer.from(`${beside}${secret}${beside}`).toString("base64url"),
  (secret) => encodeURIComponent(Buffer.from(secret).toString("base64")),
];

/** Everything that a text could be read as. */
function readings(text: string): string[] {
  const unescaped = (each: string): string =>
    each
      .replace(/(?:%[0-9a-f]{2})+/gi, (some) => Buffer.from(some.replaceAll("%", ""), "hex").toString("utf8"))
      .replace(/\\u([0-9a-f]{4})/gi, (_all, code) => String.fromCharCode(Number.parseInt(code, 16)))
      .replace(/\\(["\\/])/g, "$1");
  const found = [text];
  for (let depth = 0; depth < 3; depth++) found.push(unescaped(found.at(-1) as string));
  return found.flatMap((each) => [
    each,
    each.replaceAll("+", " "),
    ...(each.replace(/[\s:,_-]/g, "").match(/[0-9a-f]{8,}/gi) ?? []).map((hex) =>
      Buffer.from(hex, "hex").toString(),
    ),
    ...(each.match(/[A-Za-z0-9+/_-]{8,}={0,2}/g) ?? []).map((some) => Buffer.from(some, "base64").toString()),
  ]);
}

const lineOf = (options: LoggerOptions, words: string, fields: LogFields): string => {
  let written = "";
  const stream = {
    writableLength: 0,
    write: (text: string) => (written += text) !== "",
    on: () => undefined,
  };
  jsonLogger({ ...options, stream }).log("error", words, fields);
  return written;
};

it("hides a secret in every form and place", () => {
  fc.assert(
    fc.property(SECRET, TEXT, fc.nat(FORMS.length - 1), (secret, beside, form) => {
      const said = FORMS[form]?.(secret, beside) ?? "";
      const error = new Error(`cannot sign with ${said}`, { cause: { deep: [{ text: said }] } });
      const fields = {
        text: `${beside} ${said} ${beside}`,
        nested: { list: [said, new Map([["one", said]])], [said]: 1 },
        error,
        url: new URL(`https://host/?x=${encodeURIComponent(said)}`),
      };
      const line = lineOf({ redact: { secrets: [secret] } }, `words ${said}`, fields as never);
      expect(() => JSON.parse(line)).not.toThrow();
      for (const reading of readings(line)) expect(reading.includes(secret)).toBe(false);
    }),
    { numRuns: 400 },
  );
});

it("hides pieces of a secret of 8 characters and more", () => {
  const ascii = fc
    .string({ minLength: 12, maxLength: 64, unit: "grapheme-ascii" })
    .filter((each) => !/redacted/.test(each));
  fc.assert(
    fc.property(ascii, fc.nat(50), fc.nat(60), (secret, from, length) => {
      const piece = secret.slice(
        Math.min(from, secret.length - 8),
        Math.min(from, secret.length - 8) + 8 + length,
      );
      const { logger, lines } = memoryLogger({ redact: { secrets: [secret] } });
      logger.log("info", `<${piece}>`);
      expect(lines[0]?.words).not.toContain(piece);
    }),
  );
});

it("leaves texts alone that hold no secret, whatever they are", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200, unit: "binary" }), (text) => {
      const { logger, lines } = memoryLogger({ redact: { secrets: ["\u{1f511}k\u{1f511}e\u{1f511}y"] } });
      logger.log("info", text);
      if (!/[:=]|%3/.test(text)) expect(lines[0]?.words).toBe(text);
    }),
  );
});

it("takes any fields and never throws", () => {
  fc.assert(
    fc.property(
      fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true }),
      (any) => {
        const { logger } = memoryLogger();
        logger.log("info", "any", any as never);
        logger.log("info", any as never, { any } as never);
        const { written, lostByWriter } = logger.stats();
        expect(written + lostByWriter).toBe(2);
        expect(() => JSON.parse(lineOf({}, "any", { any } as never))).not.toThrow();
      },
    ),
  );
});
