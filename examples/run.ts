/** `npm run example -- 01`: runs the example whose name starts with that number; without one it lists them. */
import { readdirSync } from "node:fs";
import process from "node:process";

const names = readdirSync(import.meta.dirname).filter((name) => /^\d\d-.*\.ts$/.test(name));
const wanted = process.argv[2];
const found = names.find((name) => wanted !== undefined && name.startsWith(wanted));
if (found === undefined) {
  process.stdout.write(
    `npm run example -- <number>\n${names.map((name) => `  ${name.slice(0, -3)}`).join("\n")}\n`,
  );
  process.exitCode = wanted === undefined ? 0 : 2;
} else await import(new URL(found, import.meta.url).href);
