import { execFileSync } from "node:child_process";
import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { rollup } from "rollup";
import { dts } from "rollup-plugin-dts";
import { buildEntries, ROOT } from "./rooms.ts";

/**
 * Writes the declarations of every import path: first of each file, by the compiler, then rolled up, so that what no import
 * path leads to is not there. In one step, from the sources, it took more than 4 GB of memory.
 */
const TYPES = join(ROOT, "dist/.types");
const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
execFileSync(process.execPath, [tsc, "-p", join(ROOT, "tsconfig.build.json")], { stdio: "inherit" });
for (const path of globSync("**/*.d.ts", { cwd: TYPES })) {
  const file = join(TYPES, path);
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replaceAll(/((?:from|import)\s*\(?\s*"\.[^"]*)\.ts"/g, '$1.js"'));
}
const entries = Object.entries(buildEntries()).map(([name, path]) => [
  name,
  join(TYPES, path.replace(/^src\//, "").replace(/\.ts$/, ".d.ts")),
]);
const bundle = await rollup({
  input: Object.fromEntries(entries) as Record<string, string>,
  plugins: [dts({ tsconfig: join(ROOT, "tsconfig.build.json") })],
  external: (id) => !id.startsWith(".") && !id.startsWith("/"),
});
await bundle.write({ dir: join(ROOT, "dist"), format: "es", chunkFileNames: "[name]-[hash].d.ts" });
await bundle.close();
rmSync(TYPES, { recursive: true });
