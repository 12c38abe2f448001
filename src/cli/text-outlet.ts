import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import process from "node:process";
import { Fault } from "../base/index.ts";

const CHUNK = 65_536;

/** Where a command's text goes: standard output, or a file that is not there yet. */
export class TextOutlet {
  readonly #path: string | undefined;
  readonly #file: number | undefined;
  #waiting: string[] = [];
  #length = 0;

  /** @throws `FAULT_IO` where the file cannot be made, or is there */
  constructor(path: string | undefined) {
    this.#path = path;
    if (path === undefined) return;
    this.#file = this.#attempt(() => openSync(path, "wx"));
  }

  write(text: string): void {
    this.#waiting.push(text);
    this.#length += text.length;
    if (this.#length >= CHUNK) this.#flush();
  }

  /** Writes what waits, and closes the file. */
  end(): void {
    this.#flush();
    const file = this.#file;
    if (file === undefined) return;
    this.#attempt(() => closeSync(file));
    process.stderr.write(`wrote ${this.#path}\n`);
  }

  /** Closes the file and takes it away: half of it is worth nothing. */
  drop(): void {
    if (this.#file === undefined || this.#path === undefined) return;
    closeSync(this.#file);
    rmSync(this.#path, { force: true });
  }

  #flush(): void {
    const text = this.#waiting.join("");
    this.#waiting = [];
    this.#length = 0;
    const file = this.#file;
    if (file === undefined) {
      if (text !== "") process.stdout.write(text);
      return;
    }
    const bytes = Buffer.from(text);
    this.#attempt(() => {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    });
  }

  #attempt<Value>(work: () => Value): Value {
    try {
      return work();
    } catch (cause) {
      const expected = "a file that can be written and is not there yet";
      throw new Fault("FAULT_IO", { path: this.#path ?? "", value: String(cause), expected, cause });
    }
  }
}
