import { createRequire } from "node:module";
import { dirname } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { nativeReport } from "../base/native.ts";
import { buildNative } from "./native-build.ts";

const HELP = `tickwright build-native

Builds the native binary of this installation from source, into native/build/Release of the package, where it is taken
before a prebuilt one. Needs a C++20 compiler, make and Python 3, and
  npm install --save-dev node-gyp node-addon-api node-api-headers
`;

/** `tickwright build-native`: builds the native binary where the package stands. */
export function buildNativeCommand(args: readonly string[]): number {
  const { values } = parseArgs({ args: [...args], options: { help: { type: "boolean", short: "h" } } });
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const root = dirname(createRequire(import.meta.url).resolve("tickwright/package.json"));
  const { code, output } = buildNative({ root, isPrebuild: false, isQuiet: false });
  if (code !== 0) {
    process.stderr.write(output === "" ? "the build failed\n" : `the build failed: ${output}\n`);
    return 1;
  }
  const { isAvailable, file, cause } = nativeReport();
  process.stdout.write(isAvailable ? `loads: ${file}\n` : `built, and does not load: ${cause}\n`);
  return isAvailable ? 0 : 1;
}
