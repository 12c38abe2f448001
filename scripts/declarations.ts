import { execFileSync } from "node:child_process";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { ROOT } from "./rooms.ts";

/**
 * Writes the declarations of every file of `src` into `dist`, beside the build's code. Not rolled up into one file for each
 * entry: that took more than 4 GB of memory. Imports name what stands there: `./x.js`, of which `./x.d.ts` is the type.
 */
const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
execFileSync(process.execPath, [tsc, "-p", join(ROOT, "tsconfig.build.json")], { stdio: "inherit" });
for (const path of globSync("dist/**/*.d.ts", { cwd: ROOT })) {
  const file = join(ROOT, path);
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replaceAll(/((?:from|import)\s*\(?\s*"\.[^"]*)\.ts"/g, '$1.js"'));
}
