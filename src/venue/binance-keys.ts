import { readFileSync, statSync } from "node:fs";
import { checkKeys, checkText, Fault } from "../base/index.ts";

/** Keys of an account, of which the secret signs. */
export interface BinanceKeys {
  readonly apiKey: string;
  readonly secret: string;
}

/**
 * Where keys are read from, as plain data: the prefix of environment variables (`DESK` reads `DESK_API_KEY` and
 * `DESK_SECRET`), or a JSON file with `apiKey` and `secret` that nobody but its owner may read.
 */
export type BinanceKeySource = string | { readonly file: string };

const OTHERS = 0o077;

/** Reads keys. The fault names the variable or the file, never what stands there. @throws `FAULT_CONFIG` */
export function readBinanceKeys(path: string, source: BinanceKeySource): BinanceKeys {
  if (typeof source === "string") {
    const prefix = checkText(path, source);
    return { apiKey: variable(path, `${prefix}_API_KEY`), secret: variable(path, `${prefix}_SECRET`) };
  }
  checkKeys(path, source, ["file"]);
  return fromFile(path, checkText(`${path}.file`, source.file));
}

function variable(path: string, name: string): string {
  const value = process.env[name];
  if (value !== undefined && value !== "") return value;
  const expected = `the environment variable ${name}`;
  throw new Fault("FAULT_CONFIG", { path, value: undefined, expected });
}

function fromFile(path: string, file: string): BinanceKeys {
  const wrong = (expected: string): Fault => new Fault("FAULT_CONFIG", { path, value: file, expected });
  let said: unknown;
  try {
    if (process.platform !== "win32" && (statSync(file).mode & OTHERS) !== 0) {
      throw wrong("a file that nobody but its owner may read (mode 600)");
    }
    said = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    // Words of a parser hold what it read.
    throw cause instanceof Fault ? cause : wrong("a JSON file with apiKey and secret");
  }
  const { apiKey, secret } = (said ?? {}) as Partial<BinanceKeys>;
  if (typeof apiKey !== "string" || typeof secret !== "string" || apiKey === "" || secret === "") {
    throw wrong("a JSON file with apiKey and secret");
  }
  return { apiKey, secret };
}
