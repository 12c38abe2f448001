import { checkArray, checkKeys, checkText } from "../base/index.ts";
import type { LogFields } from "../port/index.ts";
import { SecretFinder } from "./log-secrets.ts";

/** What stands in the place of what is hidden. */
const MASK = "[redacted]";
const DEPTH_MAX = 6;
const ITEMS_MAX = 64;
const TEXT_MAX = 8192;

/** Names whose values are never written, by their letters and digits alone: `X-MBX-APIKEY` holds `apikey`. */
const NAMES = [
  "apikey",
  "secret",
  "password",
  "passwd",
  "passphrase",
  "privatekey",
  "token",
  "authorization",
  "signature",
  "listenkey",
  "credential",
  "cookie",
] as const;

/** What a log hides. */
export interface RedactionOptions {
  /**
   * More names of fields that are hidden: a field is where its name holds one of them, whatever its case, dashes and
   * underscores. Already known: apiKey, secret, password, passwd, passphrase, privateKey, token, authorization,
   * signature, listenKey, credential, cookie.
   */
  readonly names?: readonly string[];
  /** Names of fields that are written although they hold such a name: `tokensLeft`. */
  readonly keep?: readonly string[];
  /** Secrets that are hidden wherever they stand, 6 characters or more; more of them by `addSecret`. */
  readonly secrets?: readonly string[];
}

/** A value of a line as JSON has it. */
export type LogValue =
  | string
  | number
  | boolean
  | null
  | readonly LogValue[]
  | { readonly [name: string]: LogValue };

/**
 * Takes out of lines what must not be read: values of fields by name, also within texts (`signature=…`, `"apiKey": "…"`,
 * `Authorization: Bearer …`), and registered secrets wherever they stand, in pieces and encoded too.
 *
 * @invariant It never throws for a line, whatever its fields are, and what it gives is JSON-safe.
 * @example
 * ```ts
 * import { LogRedaction } from "tickwright/host";
 * const redaction = new LogRedaction({ secrets: ["hunter2-hunter2"] });
 * redaction.text("GET /order?symbol=BTC&signature=ab12"); // => "GET /order?symbol=BTC&signature=[redacted]"
 * redaction.text("sent aHVudGVyMi1odW50ZXIy"); // => "sent [redacted]"
 * redaction.fields({ apiKey: "k", venue: "b" }); // => { apiKey: "[redacted]", venue: "b" }
 * ```
 */
export class LogRedaction {
  readonly #secrets = new SecretFinder();
  readonly #names: readonly string[];
  readonly #keep: ReadonlySet<string>;
  readonly #inText: RegExp;

  /** @throws `FAULT_CONFIG` for options; for secrets without telling them. */
  constructor(options: RedactionOptions = {}) {
    checkKeys("log.redact", options, ["names", "keep", "secrets"]);
    const given = checkArray("log.redact.names", options.names ?? [], 0);
    this.#names = [...NAMES, ...given.map((name) => plain(checkText("log.redact.names", name)))];
    const keep = checkArray("log.redact.keep", options.keep ?? [], 0);
    this.#keep = new Set(keep.map((name) => plain(checkText("log.redact.keep", name))));
    for (const secret of checkArray("log.redact.secrets", options.secrets ?? [], 0)) this.addSecret(secret);
    const names = this.#names.map((name) => Array.from(name).join("[-_ ]?")).join("|");
    const value = String.raw`"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|(?:(?:Bearer|Basic|Digest)\s+)?[^\s&,;"'<>(){}[\]]+`;
    const between = String.raw`\\?["']?\s{0,4}(?:[:=]|%3[ad])\s{0,4}\\?`;
    this.#inText = new RegExp(String.raw`([\w-]{0,32}(?:${names})[\w-]{0,32})(${between})(${value})`, "gi");
  }

  /** Hides one more secret from now on. @throws `FAULT_CONFIG` for fewer than 6 characters, without telling it */
  addSecret(secret: string): void {
    this.#secrets.add(secret);
  }

  /** The first 8,192 characters of a text, without what must not be read. */
  text(text: string): string {
    const hidden = this.#secrets.hide(text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text, MASK);
    return hidden.replace(this.#inText, (whole, name: string, between: string) =>
      this.#keep.has(plain(name)) ? whole : `${name}${between}${MASK}`,
    );
  }

  /** A text without registered secrets; values that are hidden by a name alone stand. */
  withoutSecrets(text: string): string {
    return this.#secrets.hide(text, MASK);
  }

  /** Fields without what must not be read, nested ones and errors too, JSON-safe. */
  fields(fields: LogFields): { readonly [name: string]: LogValue } {
    const safe = this.#object(fields, DEPTH_MAX, new Set());
    return typeof safe === "object" && safe !== null && !Array.isArray(safe)
      ? (safe as { readonly [name: string]: LogValue })
      : { fields: safe };
  }

  #isHidden(name: string): boolean {
    const bare = plain(name);
    return this.#names.some((each) => bare.includes(each)) && !this.#keep.has(bare);
  }

  #value(value: unknown, depth: number, above: Set<object>): LogValue {
    if (value === null || value === undefined) return null;
    switch (typeof value) {
      case "string":
        return this.text(value);
      case "boolean":
        return value;
      case "number": {
        const said = String(value);
        return Number.isFinite(value) && this.text(said) === said ? value : this.text(said);
      }
      case "bigint":
        return this.text(String(value));
      case "object":
        return this.#object(value, depth, above);
      default:
        return `<${typeof value}>`;
    }
  }

  #object(value: object, depth: number, above: Set<object>): LogValue {
    if (above.has(value)) return "<again>";
    if (depth === 0) return "<deeper>";
    above.add(value);
    try {
      return this.#known(value, depth, above);
    } catch {
      return "<unreadable>";
    } finally {
      above.delete(value);
    }
  }

  #known(value: object, depth: number, above: Set<object>): LogValue {
    if (ArrayBuffer.isView(value)) return `<${value.byteLength} bytes>`;
    if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer)
      return `<${value.byteLength} bytes>`;
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
    if (value instanceof URL) return this.text(value.href);
    if (Array.isArray(value)) return this.#list(value, depth, above);
    if (value instanceof Set) return this.#list([...value], depth, above);
    const entries: [string, unknown][] =
      value instanceof Map ? [...value].map(([name, each]) => [String(name), each]) : entriesOf(value);
    const safe: [string, LogValue][] = [];
    for (const [name, each] of entries.slice(0, ITEMS_MAX)) {
      const said = this.#isHidden(name)
        ? MASK
        : each === undefined
          ? undefined
          : this.#value(each, depth - 1, above);
      if (said !== undefined) safe.push([this.#secrets.hide(name, MASK), said]);
    }
    return Object.fromEntries(safe);
  }

  #list(items: readonly unknown[], depth: number, above: Set<object>): LogValue {
    return items.slice(0, ITEMS_MAX).map((each) => this.#value(each, depth - 1, above));
  }
}

/** What an object says of itself; an error also what it does not list. */
function entriesOf(value: object): [string, unknown][] {
  const own = Object.keys(value).map((name): [string, unknown] => [name, read(value, name)]);
  if (!(value instanceof Error)) return own;
  const told = ["name", "message", "stack", "cause", "errors"].filter((name) => name in value);
  return [...told.map((name): [string, unknown] => [name, read(value, name)]), ...own];
}

function read(value: object, name: string): unknown {
  try {
    return Reflect.get(value, name);
  } catch {
    return "<unreadable>";
  }
}

/** The letters and digits of a name, in small letters. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}
