import { globSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildNative } from "../src/cli/native-build.ts";
import { ROOT } from "./rooms.ts";

/**
 * Builds the native binary of this checkout. Without an option only what changed, into `native/build/Release`; with
 * `--prebuild`, for the package, into `native/prebuilds`.
 */
const NATIVE = join(ROOT, "native");

/** Whether the binary that a loader takes here, or the one in `prebuilds`, is missing or older than a source. */
export function isStale(folder?: "prebuilds"): boolean {
  const timesOf = (...paths: string[]): number[] =>
    globSync(paths, { cwd: NATIVE, exclude: ["test/**"] }).map(
      (path) => statSync(join(NATIVE, path)).mtimeMs,
    );
  const release = folder === undefined ? timesOf("build/Release/*.node") : [];
  const built = release.length > 0 ? release : timesOf("prebuilds/*/*.node");
  const sources = timesOf("*.{cpp,hpp,gyp}", "!(test|build|headers)/*.{cpp,hpp}");
  return built.length === 0 || Math.max(...sources) > Math.min(...built);
}

/** Builds this checkout's binary, and keeps what the compiler says. */
export function buildQuietly(isPrebuild: boolean): { readonly code: number; readonly output: string } {
  return buildNative({ root: ROOT, isPrebuild, isQuiet: true });
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { prebuild: { type: "boolean", default: false } } });
  process.exitCode = buildNative({ root: ROOT, isPrebuild: values.prebuild, isQuiet: false }).code;
}
