import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, globSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "./rooms.ts";

/**
 * Builds the native binary from source. Without an option, for this checkout, and only what changed, into
 * `native/build/Release`; with `--prebuild`, stripped, for the package, into `native/prebuilds`. Nothing is downloaded:
 * the headers of Node-API come with a dev dependency.
 */
const NATIVE = join(ROOT, "native");

/** Where `node-gyp` finds Node's headers: of Node-API alone, which is the same for every version of Node. */
function layOutHeaders(): string {
  const folder = join(ROOT, "out", "node-api");
  const include = join(folder, "include", "node");
  mkdirSync(include, { recursive: true });
  const { include_dir: source }: { include_dir: string } = createRequire(import.meta.url)("node-api-headers");
  for (const name of readdirSync(source)) copyFileSync(join(source, name), join(include, name));
  const configurations = { Debug: { cflags: ["-g", "-O0"] }, Release: {} };
  const mac = { xcode_settings: { MACOSX_DEPLOYMENT_TARGET: "12.0", CLANG_CXX_LIBRARY: "libc++" } };
  const target = {
    default_configuration: "Release",
    configurations,
    conditions: [["OS=='mac'", mac, { cflags: ["-fPIC", "-pthread"], ldflags: ["-pthread"] }]],
  };
  writeFileSync(join(include, "common.gypi"), JSON.stringify({ target_defaults: target }));
  writeFileSync(join(include, "config.gypi"), JSON.stringify({ target_defaults: {}, variables: {} }));
  return folder;
}

/** Whether the binary that a loader takes here, or with `prebuilds` the one to be packed, is missing or older than a source. */
export function isStale(folder?: "prebuilds"): boolean {
  const timesOf = (...paths: string[]): number[] =>
    globSync(paths, { cwd: NATIVE }).map((path) => statSync(join(NATIVE, path)).mtimeMs);
  const release = folder === undefined ? timesOf("build/Release/*.node") : [];
  const built = release.length > 0 ? release : timesOf("prebuilds/*/*.node");
  const sources = timesOf("*.{cpp,hpp,gyp}", "*/*.{cpp,hpp}");
  return built.length === 0 || Math.max(...sources) > Math.min(...built);
}

/** Builds; the exit code, and what was printed where it is not shown. */
export function buildNative(options: { readonly isPrebuild: boolean; readonly isQuiet: boolean }): {
  readonly code: number;
  readonly output: string;
} {
  const bin = join(ROOT, "node_modules", ".bin");
  const [command, ...args] = options.isPrebuild
    ? ["prebuildify", "--napi", "--strip", "--tag-libc", "--name", "tickwright"]
    : ["node-gyp", existsSync(join(NATIVE, "build")) ? "build" : "rebuild", "--release"];
  const env = {
    ...process.env,
    PATH: `${bin}${delimiter}${process.env.PATH ?? ""}`,
    npm_config_nodedir: layOutHeaders(),
    JOBS: "max",
  };
  const stdio = options.isQuiet ? "pipe" : "inherit";
  const { status, stdout, stderr, error } = spawnSync(join(bin, command as string), args, {
    cwd: NATIVE,
    env,
    stdio,
    encoding: "utf8",
  });
  return {
    code: status ?? 1,
    output: error === undefined ? `${stdout ?? ""}${stderr ?? ""}` : error.message,
  };
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { prebuild: { type: "boolean", default: false } } });
  process.exitCode = buildNative({ isPrebuild: values.prebuild, isQuiet: false }).code;
}
