import { Fault } from "../base/index.ts";

const LINE_BYTES_MAX = 1 << 20;

/**
 * Cuts a text that comes in chunks of bytes into lines, and lines into fields (RFC 4180 quoting within one
 * line). Lines may end by LF or CRLF; a byte order mark at the start is skipped.
 *
 * @invariant Lines do not depend on where the chunks were cut.
 * @throws `FAULT_INPUT` for a line above 1 MiB.
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
      this.#emit(
        text.charCodeAt(at - 1) === 13 && at > from ? text.slice(from, at - 1) : text.slice(from, at),
      );
      from = at + 1;
    }
    this.#rest = text.slice(from);
    if (this.#rest.length > LINE_BYTES_MAX) {
      const path = `${this.#name}:${this.line + 1}`;
      throw new Fault("FAULT_INPUT", {
        path,
        value: `${this.#rest.length} characters`,
        expected: "a line below 1 MiB",
      });
    }
  }

  #emit(text: string): void {
    this.line += 1;
    if (text === "" || text === "\r") return;
    this.#onLine(splitFields(text, this.#separator), this.line);
  }
}

/** The fields of one line; a field in double quotes may hold separators and doubled quotes. */
export function splitFields(line: string, separator: string): readonly string[] {
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
  fields.push(field);
  return fields;
}
