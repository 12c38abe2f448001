import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Fault } from "../base/index.ts";

/** A thread's module: beside this file in the source; in the build this code stands in `dist` or `dist/cli`. */
export function workerUrl(name: string): URL {
  const names = [`./${name}.ts`, `./${name}.js`, `./cli/${name}.js`];
  const urls = names.map((each) => new URL(each, import.meta.url));
  const found = urls.find((each) => existsSync(fileURLToPath(each)));
  if (found !== undefined) return found;
  const expected = `${name}.js beside this package's code`;
  throw new Fault("FAULT_CONFIG", { path: name, value: import.meta.url, expected });
}
