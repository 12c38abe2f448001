import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageExports, ROOT } from "./rooms.ts";

/** Writes the `exports` of package.json anew from the rooms that exist. */
const path = join(ROOT, "package.json");
const manifest: Record<string, unknown> = JSON.parse(readFileSync(path, "utf8"));
manifest.exports = packageExports();
writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`);
