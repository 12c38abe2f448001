import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./rooms.ts";

/** The part of a package-lock entry that is read or written here. */
export interface LockEntry {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** A package-lock file. */
export interface Lock {
  packages: Record<string, LockEntry>;
}

const SYSTEMS = ["android", "darwin", "freebsd", "linux", "openharmony", "win32"];
const PROCESSORS = ["arm64", "arm", "ia32", "ppc64", "riscv64", "s390x", "x64"];

/**
 * The platform packages that a lock file's own packages name and that it does not list. An install from a
 * registry mirror without them leaves them out, and `npm ci` then refuses the lock file everywhere.
 */
export function missingPlatforms(lock: Lock): Record<string, LockEntry> {
  const missing: Record<string, LockEntry> = {};
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const places = [`node_modules/${name}`, `${path}/node_modules/${name}`];
      if (places.some((place) => lock.packages[place] !== undefined)) continue;
      missing[`node_modules/${name}`] = platformEntry(name, version, entry.dev === true);
    }
  }
  return missing;
}

/** What a platform package's name says: `@oxlint/binding-linux-arm-musleabihf`. */
function platformEntry(name: string, version: string, dev: boolean): LockEntry {
  const words = (name.split("/").at(-1) ?? "").split("-");
  const os = SYSTEMS.find((each) => words.includes(each));
  const cpu = PROCESSORS.find((each) => words.includes(each));
  if (os === undefined || cpu === undefined) throw new Error(`${name} names no platform`);
  const isMusl = words.some((word) => word.startsWith("musl"));
  const libc = os === "linux" ? { libc: [isMusl ? "musl" : "glibc"] } : {};
  return { version, cpu: [cpu], ...(dev ? { dev } : {}), ...libc, optional: true, os: [os] };
}

if (import.meta.main) {
  const path = join(ROOT, "package-lock.json");
  const lock: Lock = JSON.parse(readFileSync(path, "utf8"));
  const packages = Object.entries({ ...lock.packages, ...missingPlatforms(lock) });
  lock.packages = Object.fromEntries(packages.sort(([left], [right]) => left.localeCompare(right, "en")));
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
}
