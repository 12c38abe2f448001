import { existsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Fault } from "../base/index.ts";

/**
 * The module that a thread starts in: in the source beside the file that asks; in the build, where that file's code may
 * stand in a shared chunk, beside it or in the folder of its room.
 *
 * @param from - the asking file's `import.meta.url`
 * @throws `FAULT_CONFIG` where there is none.
 */
export function threadModule(from: string, room: string, name: string): URL {
  const names = [`./${name}.ts`, `./${name}.js`, `./${room}/${name}.js`];
  const urls = names.map((each) => new URL(each, from));
  const found = urls.find((each) => existsSync(fileURLToPath(each)));
  if (found !== undefined) return found;
  throw new Fault("FAULT_CONFIG", {
    path: name,
    value: from,
    expected: `${name}.js beside this package's code`,
  });
}

/** The flags of this process by which a thread finds the same modules. */
export function threadFlags(): string[] {
  return process.execArgv.filter((flag) => /^(-C|--conditions)=/.test(flag));
}
