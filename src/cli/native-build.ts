import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { Fault } from "../base/index.ts";

/** What a build of the native binary needs, and a user of the package does not have by itself. */
const HEADERS = "node-api-headers";
const NEEDED = ["node-gyp", "node-addon-api", HEADERS] as const;

/** How to build. */
export interface NativeBuild {
  /** The folder of the package's `package.json`. */
  readonly root: string;
  /** Stripped and named for each platform, into `native/prebuilds`; otherwise into `native/build/Release`. */
  readonly isPrebuild: boolean;
  /** Whether the compiler's words are kept instead of shown. */
  readonly isQuiet: boolean;
}

/**
 * Builds the native binary from source. Nothing is downloaded: the headers of Node-API come from a package, and are the
 * same for every version of Node.
 *
 * @returns the exit code, and what was printed where it was not shown
 * @throws `FAULT_PEER_MISSING` naming a package that the build needs
 */
export function buildNative({ root, isPrebuild, isQuiet }: NativeBuild): { code: number; output: string } {
  const native = join(root, "native");
  const require = createRequire(join(native, "binding.gyp"));
  for (const name of isPrebuild ? [...NEEDED, "prebuildify"] : NEEDED) need(require, name);
  const tool = require.resolve(isPrebuild ? "prebuildify/bin.js" : "node-gyp/bin/node-gyp.js");
  // prebuildify asks the shell for node-gyp.
  const bin = join(dirname(require.resolve("node-gyp/package.json")), "..", ".bin");
  const args = isPrebuild
    ? ["--napi", "--strip", "--tag-libc", "--name", "tickwright"]
    : [existsSync(join(native, "build")) ? "build" : "rebuild", "--release"];
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [tool, ...args], {
    cwd: native,
    env: {
      ...process.env,
      PATH: `${bin}${delimiter}${process.env.PATH ?? ""}`,
      npm_config_nodedir: layOutHeaders(native, require),
      JOBS: "max",
    },
    stdio: isQuiet ? "pipe" : "inherit",
    encoding: "utf8",
  });
  return {
    code: status ?? 1,
    output: error === undefined ? `${stdout ?? ""}${stderr ?? ""}` : error.message,
  };
}

function need(require: NodeJS.Require, name: string): void {
  try {
    require.resolve(`${name}/package.json`);
  } catch (cause) {
    const expected = `the package ${name}: npm install --save-dev ${NEEDED.join(" ")}`;
    throw new Fault("FAULT_PEER_MISSING", { path: "native.build", value: name, expected, cause });
  }
}

/** A folder in the shape that `node-gyp` takes for Node's own: the headers of Node-API, and no more. */
function layOutHeaders(native: string, require: NodeJS.Require): string {
  const folder = join(native, "headers");
  const include = join(folder, "include", "node");
  mkdirSync(include, { recursive: true });
  const { include_dir: source }: { include_dir: string } = require(HEADERS);
  for (const name of readdirSync(source)) copyFileSync(join(source, name), join(include, name));
  const mac = {
    xcode_settings: {
      MACOSX_DEPLOYMENT_TARGET: "12.0",
      CLANG_CXX_LIBRARY: "libc++",
      CLANG_CXX_LANGUAGE_STANDARD: "c++20",
      GCC_ENABLE_CPP_EXCEPTIONS: "YES",
    },
  };
  const target = {
    default_configuration: "Release",
    configurations: { Debug: { cflags: ["-g", "-O0"] }, Release: {} },
    conditions: [["OS=='mac'", mac, { cflags: ["-fPIC", "-pthread"], ldflags: ["-pthread"] }]],
  };
  writeFileSync(join(include, "common.gypi"), JSON.stringify({ target_defaults: target }));
  writeFileSync(join(include, "config.gypi"), JSON.stringify({ target_defaults: {}, variables: {} }));
  return folder;
}
