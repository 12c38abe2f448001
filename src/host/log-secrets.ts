import { Buffer } from "node:buffer";
import { Fault } from "../base/index.ts";

/** Characters of a secret that count as the secret: a piece as long as this is found, not the whole alone. */
const PIECE = 8;
const LEAST = 6;
const LAYERS = 4;
const PAIRS = 65_536;
const BASE64 = /[\w+/=-]/;

/** Where pieces of one form are looked for: their lengths, and by their first two bytes whether any can begin. */
class Pieces {
  readonly #byLength = new Map<number, Set<string>>();
  readonly #pairs = new Uint8Array(PAIRS);

  add(text: string, length: number): void {
    const piece = Math.min(length, text.length);
    const pieces = this.#byLength.get(piece) ?? new Set();
    this.#byLength.set(piece, pieces);
    for (let at = 0; at + piece <= text.length; at++) {
      const each = text.slice(at, at + piece);
      pieces.add(each);
      this.#pairs[pairAt(each, 0)] = 1;
    }
  }

  /** Marks the cells of a text that are in a piece, with `margin` characters of base64 more at both sides. */
  mark(text: string, marked: Uint8Array, margin: number): boolean {
    let isFound = false;
    for (let at = 0; at + 1 < text.length; at++) {
      if (this.#pairs[pairAt(text, at)] === 0) continue;
      for (const [length, pieces] of this.#byLength) {
        if (!pieces.has(text.slice(at, at + length))) continue;
        let [from, to] = [at, at + length];
        while (at - from < margin && BASE64.test(text[from - 1] ?? "")) from--;
        while (to - at - length < margin && BASE64.test(text[to] ?? "")) to++;
        marked.fill(1, from, to);
        isFound = true;
      }
    }
    return isFound;
  }
}

/** A text as bytes, one character each, and where each byte stands in the line. */
interface Layer {
  readonly bytes: string;
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/**
 * Finds registered secrets in texts: as they are, cut to pieces of 8 characters or more, URL-encoded, escaped as in
 * JSON, in hexadecimal (with separators too) and in base64, alone or within something longer.
 *
 * @invariant A text that went through `hide` has no 8 characters in a row of a secret in any of these forms, nor a
 * shorter secret.
 * @cost A table lookup for each character and form; more only where two bytes are those of a secret.
 */
export class SecretFinder {
  readonly #raw = new Pieces();
  readonly #base64 = new Pieces();
  readonly #hex = new Pieces();
  readonly #known = new Set<string>();

  /**
   * From now on it is found.
   *
   * @throws `FAULT_CONFIG` for one of fewer than 6 characters: hiding it would hide half of every line. The fault does
   * not tell it.
   */
  add(secret: string): void {
    if (typeof secret !== "string" || secret.length < LEAST) {
      const value = typeof secret === "string" ? `${secret.length} characters` : typeof secret;
      throw new Fault("FAULT_CONFIG", {
        path: "log.secrets",
        value,
        expected: `${LEAST} characters or more`,
      });
    }
    if (this.#known.has(secret)) return;
    this.#known.add(secret);
    const bytes = Buffer.from(secret, "utf8");
    const latin = bytes.toString("latin1");
    this.#raw.add(latin, PIECE);
    if (latin.includes(" ")) this.#raw.add(latin.replaceAll(" ", "+"), PIECE);
    this.#hex.add(bytes.toString("hex"), 2 * PIECE);
    for (let offset = 0; offset < 3; offset++) {
      const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
      // The characters that come from the secret alone.
      const core = text.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
      for (const each of [core, core.replaceAll("+", "-").replaceAll("/", "_")]) {
        this.#base64.add(each, Math.floor((PIECE * 8) / 6) - 1);
      }
    }
  }

  /** The text with everything of a secret in it replaced by `mask`. */
  hide(text: string, mask: string): string {
    if (this.#known.size === 0 || text.length === 0) return text;
    const marked = new Uint8Array(text.length);
    let isFound = false;
    let layer = layerOf(text);
    for (let depth = 0; depth < LAYERS; depth++) {
      isFound = this.#markLayer(layer, marked) || isFound;
      const next = unescaped(layer);
      if (next.bytes.length === layer.bytes.length) break;
      layer = next;
    }
    return isFound ? masked(text, marked, mask) : text;
  }

  #markLayer(layer: Layer, marked: Uint8Array): boolean {
    const bare = without(layer, /[\s:,_.-]/);
    const forms = [
      [this.#raw, layer, layer.bytes, 0],
      [this.#base64, layer, layer.bytes, 2],
      [this.#hex, bare, bare.bytes.toLowerCase(), 0],
    ] as const;
    let isFound = false;
    for (const [pieces, { from, to }, bytes, margin] of forms) {
      const cells = new Uint8Array(bytes.length);
      if (!pieces.mark(bytes, cells, margin)) continue;
      isFound = true;
      for (let at = 0; at < cells.length; at++) {
        if (cells[at] === 1) marked.fill(1, from[at], to[at]);
      }
    }
    return isFound;
  }
}

function pairAt(text: string, at: number): number {
  return ((text.charCodeAt(at) & 255) << 8) | (text.charCodeAt(at + 1) & 255);
}

function layerOf(text: string): Layer {
  const from: number[] = [];
  const to: number[] = [];
  let bytes = "";
  for (let at = 0; at < text.length; ) {
    const code = text.codePointAt(at) as number;
    const end = at + (code > 0xffff ? 2 : 1);
    const encoded =
      code < 128 ? String.fromCharCode(code) : Buffer.from(text.slice(at, end)).toString("latin1");
    bytes += encoded;
    for (let k = 0; k < encoded.length; k++) {
      from.push(at);
      to.push(end);
    }
    at = end;
  }
  return { bytes, from, to };
}

const ESCAPES = /%([0-9a-f]{2})|\\x([0-9a-f]{2})|\\u([0-9a-f]{4})|\\(["'\\/bfnrt])/gi;
const LETTERS: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/** What stands behind one layer of escapes: of URLs, of JSON, of strings in code. */
function unescaped(layer: Layer): Layer {
  if (!/[%\\]/.test(layer.bytes)) return layer;
  const from: number[] = [];
  const to: number[] = [];
  let bytes = "";
  let at = 0;
  const copy = (end: number): void => {
    bytes += layer.bytes.slice(at, end);
    for (; at < end; at++) {
      from.push(layer.from[at] as number);
      to.push(layer.to[at] as number);
    }
  };
  let high = "";
  for (const found of layer.bytes.matchAll(ESCAPES)) {
    copy(found.index);
    const [whole, percent, hex, unit, letter = ""] = found;
    const end = found.index + whole.length;
    let said = LETTERS[letter] ?? letter;
    const byte = percent ?? hex;
    if (byte !== undefined) said = String.fromCharCode(Number.parseInt(byte, 16));
    if (unit !== undefined) said = latinOf(high, String.fromCharCode(Number.parseInt(unit, 16)));
    high = unit !== undefined && said === "" ? String.fromCharCode(Number.parseInt(unit, 16)) : "";
    bytes += said;
    for (let k = 0; k < said.length; k++) {
      from.push(layer.from[found.index] as number);
      to.push(layer.to[end - 1] as number);
    }
    at = end;
  }
  copy(layer.bytes.length);
  return { bytes, from, to };
}

/** The bytes of a UTF-16 unit; of the second half of a pair, those of both; of a first half, none yet. */
function latinOf(high: string, unit: string): string {
  const code = unit.charCodeAt(0);
  if (code >= 0xd800 && code < 0xdc00) return "";
  return Buffer.from(high + unit).toString("latin1");
}

/** A layer without some characters. */
function without(layer: Layer, some: RegExp): Layer {
  const kept: number[] = [];
  for (let at = 0; at < layer.bytes.length; at++) if (!some.test(layer.bytes[at] as string)) kept.push(at);
  if (kept.length === layer.bytes.length) return layer;
  return {
    bytes: kept.map((at) => layer.bytes[at]).join(""),
    from: kept.map((at) => layer.from[at] as number),
    to: kept.map((at) => layer.to[at] as number),
  };
}

function masked(text: string, marked: Uint8Array, mask: string): string {
  let said = "";
  for (let at = 0; at < text.length; at++) {
    if (marked[at] === 0) said += text[at];
    else if (at === 0 || marked[at - 1] === 0) said += mask;
  }
  return said;
}
