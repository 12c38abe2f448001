import { createRequire } from "node:module";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { getSystemErrorMessage, getSystemErrorName } from "node:util";
import { Fault } from "./fault.ts";

/** The parts of the native binary, one for each of the doors that end in `/native`. */
export type NativeDoorName = "audit" | "book" | "clock" | "cpu" | "net" | "ring" | "signal";

/** What {@link nativeReport} found. */
export interface NativeReport {
  /** Whether the binary loads here. */
  readonly isAvailable: boolean;
  /** Operating system and processor: `linux-x64`. */
  readonly platform: string;
  /** The version of Node-API that this Node offers; the binary needs 8. */
  readonly napi: number;
  /** The version of Node's own binary interface, which the binary does not depend on. */
  readonly abi: string;
  /** The file that was loaded. */
  readonly file: string | undefined;
  /** Why it does not load, in the system's words. */
  readonly cause: string | undefined;
}

/** The version of the contract that these doors speak; `CONTRACT` in native/binding.hpp is the other side. */
const CONTRACT = 1;
const NAPI_MIN = 8;

type Binary = { readonly contract?: unknown } & Readonly<Record<NativeDoorName, object>>;
type Loaded = { readonly binary: Binary; readonly file: string } | { readonly cause: unknown };
type Loader = ((folder: string) => Binary) & { resolve(folder: string): string };

let loaded: Loaded | undefined;

function load(): Loaded {
  const require = createRequire(import.meta.url);
  try {
    const find: Loader = require("node-gyp-build");
    const folder = join(dirname(require.resolve("tickwright/package.json")), "native");
    const file = find.resolve(folder);
    const binary: Binary = require(file);
    if (binary.contract === CONTRACT) return { binary, file };
    return { cause: new Error(`${file} speaks contract ${String(binary.contract)}, not ${CONTRACT}`) };
  } catch (cause) {
    return { cause };
  }
}

/**
 * One part of the native binary, loaded once for each thread. Rooms wrap it: this is their way in, not a user's.
 *
 * @throws `FAULT_NATIVE_UNAVAILABLE` naming platform, Node-API and Node's own version where the binary does not load: none
 * was built for this platform, or it is another version's. Nothing falls back silently.
 */
export function nativeDoor(name: NativeDoorName): object {
  loaded ??= load();
  if ("binary" in loaded) return loaded.binary[name];
  const { platform, napi, abi, cause } = nativeReport();
  throw new Fault("FAULT_NATIVE_UNAVAILABLE", {
    path: `native.${name}`,
    value: `${platform}, Node-API ${napi}, ABI ${abi}: ${cause}`,
    expected: `a binary for this platform and Node-API ${NAPI_MIN}: "npx tickwright build-native" makes one from source`,
    cause: loaded.cause,
  });
}

/**
 * Whether the native binary loads here, from which file, or why not.
 *
 * @cost The first call loads the binary; then a lookup.
 * @example
 * ```ts
 * import { nativeReport } from "tickwright/base/native";
 * const { isAvailable, file, cause } = nativeReport();
 * isAvailable === (cause === undefined); // => true
 * isAvailable === (file !== undefined); // => true
 * ```
 */
export function nativeReport(): NativeReport {
  loaded ??= load();
  const { versions, platform, arch } = process;
  const about = { platform: `${platform}-${arch}`, napi: Number(versions.napi), abi: versions.modules };
  if ("binary" in loaded) return { isAvailable: true, ...about, file: loaded.file, cause: undefined };
  const { cause } = loaded;
  const words = cause instanceof Error ? cause.message : String(cause);
  return { isAvailable: false, ...about, file: undefined, cause: words.trim().replaceAll(/\s*\n\s*/g, "; ") };
}

/** The name of a system call's answer below 0: `EPERM`; `errno -9999` for one that this system does not have. */
export function errnoName(code: number): string {
  if (!Number.isInteger(code) || code >= 0) return `errno ${code}`;
  const name = getSystemErrorName(code);
  if (/^E[A-Z0-9]+$/.test(name)) return name;
  // Those that no call of Node's answers, such as ESTALE.
  const found = Object.entries(constants.errno).find(([, value]) => value === -code);
  return found?.[0] ?? `errno ${code}`;
}

/** The same in words, where Node has some: `EPERM: operation not permitted`. */
export function errnoText(code: number): string {
  const name = errnoName(code);
  const isKnown = !name.startsWith("errno") && name === getSystemErrorName(code);
  return isKnown ? `${name}: ${getSystemErrorMessage(code)}` : name;
}
