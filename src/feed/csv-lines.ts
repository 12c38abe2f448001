import { Fault } from "../base/index.ts";

const LINE_CHARS_MAX = 1 << 20;

/**
 * Cuts a text that comes in chunks of bytes into lines, and lines into fields (RFC 4180 quoting within one
 * line). Lines may end by LF or CRLF; a byte order mark at the start, and empty lines, are skipped.
 *
 * @invariant Lines do not depend on where the chunks were cut.
 * @throws `FAULT_INPUT` naming file and line: a line above 1 MiB, a quote that is not closed.
 */
export class CsvLines {
  line = 0;
  readonly #name: string;
  readonly #onLine: (fields: readonly string[], line: number) => void;
  readonly #separator: string;
  readonly #decoder = new TextDecoder("utf-8");
  #rest = "";

  constructor(name: string, separator: string, onLine: (fields: readonly string[], line: number) => void) {
    this.#name = name;
    this.#separator = separator;
    this.#onLine = onLine;
  }

  push(chunk: Uint8Array): void {
    this.#take(this.#rest + this.#decoder.decode(chunk, { stream: true }));
  }

  end(): void {
    this.#take(this.#rest + this.#decoder.decode());
    if (this.#rest !== "") this.#emit(this.#rest);
    this.#rest = "";
  }

  #take(text: string): void {
    let from = 0;
    for (let at = text.indexOf("\n", from); at >= 0; at = text.indexOf("\n", from)) {
      this.#emit(text.slice(from, at));
      from = at + 1;
    }
    this.#rest = text.slice(from);
    if (this.#rest.length > LINE_CHARS_MAX) {
      throw this.#fault(this.line + 1, `${this.#rest.length} characters`, "a line below 1 MiB");
    }
  }

  #emit(text: string): void {
    this.line += 1;
    const line = text.endsWith("\r") ? text.slice(0, -1) : text;
    if (line === "") return;
    const fields = splitFields(line, this.#separator);
    if (fields === undefined) throw this.#fault(this.line, line, "quotes that are closed on their line");
    this.#onLine(fields, this.line);
  }

  #fault(line: number, value: string, expected: string): Fault {
    return new Fault("FAULT_INPUT", { path: `${this.#name}:${line}`, value, expected });
  }
}

/**
 * The fields of one line; a field in double quotes may hold separators and doubled quotes. Undefined where a quote
 * is not closed.
 */
export function splitFields(line: string, separator: string): readonly string[] | undefined {
  if (!line.includes('"')) return line.split(separator);
  const fields: string[] = [];
  let field = "";
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const char = line[i] as string;
    if (quoted && char === '"' && line[i + 1] === '"') {
      field += '"';
      i += 1;
    } else if (char === '"') quoted = !quoted;
    else if (char === separator && !quoted) {
      fields.push(field);
      field = "";
    } else field += char;
  }
  if (quoted) return undefined;
  fields.push(field);
  return fields;
}
