import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { Fault } from "../base/index.ts";
import type { ByteSource } from "../feed/index.ts";

/**
 * A file read by position, synchronously.
 *
 * @throws `FAULT_IO` naming the file where it cannot be opened or read, and naming the byte where it ends
 * early.
 */
export class FileBytes implements ByteSource {
  readonly name: string;
  readonly length: number;
  #file: number;

  constructor(path: string) {
    this.name = path;
    this.#file = attempt(path, () => openSync(path, "r"));
    const stat = attempt(path, () => fstatSync(this.#file));
    if (!stat.isFile()) {
      this.close();
      throw ioFault(path, "something else", "a file");
    }
    this.length = stat.size;
  }

  read(at: number, into: Uint8Array): void {
    if (this.#file < 0) throw ioFault(`${this.name} byte ${at}`, "a closed file", "a file that is open");
    let done = 0;
    while (done < into.length) {
      const count = attempt(`${this.name} byte ${at + done}`, () =>
        readSync(this.#file, into, done, into.length - done, at + done),
      );
      if (count === 0)
        throw ioFault(
          `${this.name} byte ${at + done}`,
          "the end of the file",
          `${into.length - done} bytes more`,
        );
      done += count;
    }
  }

  close(): void {
    if (this.#file < 0) return;
    closeSync(this.#file);
    this.#file = -1;
  }
}

/** Runs a file operation; what the system throws becomes a `FAULT_IO` that names the path. */
export function attempt<Value>(path: string, operation: () => Value): Value {
  try {
    return operation();
  } catch (cause) {
    const value = cause instanceof Error ? cause.message : String(cause);
    throw new Fault("FAULT_IO", { path, value, expected: "a file operation that succeeds", cause });
  }
}

/** A `FAULT_IO` at a place of a file. */
export function ioFault(path: string, value: unknown, expected: string): Fault {
  return new Fault("FAULT_IO", { path, value, expected });
}
