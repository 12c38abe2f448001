import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** The repository's root folder. */
export const ROOT = join(import.meta.dirname, "..");

/**
 * The floor plan: every room by floor, those that are still to be built included. The dependency rules, the
 * package's exports, the build's entries and the documentation's entry points are all derived from it.
 */
export const FLOORS: readonly (readonly string[])[] = [
  ["base"],
  ["model", "ring"],
  ["port", "book", "calendar"],
  ["feed", "order", "risk", "ledger", "audit", "journal", "recon", "signal", "stat"],
  ["match", "route", "algo", "watch", "strategy"],
  ["kernel", "sim", "strategies"],
  ["host", "venue", "store", "stream"],
  ["run"],
  ["sweep", "trial", "library", "torture", "exchange", "ops"],
  ["report", "config", "gateway"],
  ["cli"],
];

/** The highest floor that is synchronous and free of ambient state. */
export const PURE_FLOOR = 5;

/** The floor of a room; undefined where the plan has no such room. */
export function floorOf(room: string): number | undefined {
  const floor = FLOORS.findIndex((rooms) => rooms.includes(room));
  return floor === -1 ? undefined : floor;
}

/** The folders in src, sorted as the floor plan lists them. */
export function roomFolders(): string[] {
  const folders = readdirSync(join(ROOT, "src"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  const order = FLOORS.flat();
  return folders.sort((left, right) => order.indexOf(left) - order.indexOf(right));
}

/** The rooms that are import paths: all but the command. */
function importable(): string[] {
  return roomFolders().filter((room) => room !== "cli");
}

/** The rooms that can be imported now: those with an `index.ts`. */
export function openRooms(): string[] {
  return importable().filter((room) => existsSync(join(ROOT, "src", room, "index.ts")));
}

/** The rooms with a second door, `native.ts`: the same contract over the native binary. */
export function nativeDoors(): string[] {
  return openRooms().filter((room) => existsSync(join(ROOT, "src", room, "native.ts")));
}

/** Doors of rooms beside `index.ts` and `native.ts`: adapters that need a peer of their own, and kits for tests. */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  venue: ["binance", "binance-cancel", "ccxt", "testing"],
};

/** The doors of a room beside its `index.ts`, each a subpath: `room/door`. */
export function doorsOf(room: string): string[] {
  const doors = ["native", ...(DOORS[room] ?? [])];
  return doors.filter((door) => existsSync(join(ROOT, "src", room, `${door}.ts`)));
}

/** The build's entries: the root, each open room, the modules that threads and processes start in, and the command. */
export function buildEntries(): Record<string, string> {
  const entries: Record<string, string> = {};
  const add = (name: string, path: string): void => {
    if (existsSync(join(ROOT, path))) entries[name] = path;
  };
  add("index", "src/index.ts");
  for (const room of openRooms()) add(`${room}/index`, `src/${room}/index.ts`);
  for (const room of openRooms()) {
    for (const door of doorsOf(room)) add(`${room}/${door}`, `src/${room}/${door}.ts`);
  }
  add("run/drill-process", "src/run/drill-process.ts");
  add("run/kill-agent-worker", "src/run/kill-agent-worker.ts");
  add("sweep/sweep-worker", "src/sweep/sweep-worker.ts");
  add("cli/main", "src/cli/main.ts");
  add("cli/doctor-worker", "src/cli/doctor-worker.ts");
  add("cli/simulate-worker", "src/cli/simulate-worker.ts");
  add("cli/sweep-recipe", "src/cli/sweep-recipe.ts");
  return entries;
}

/** One subpath of the package's `exports`. */
export type Subpath = string | Readonly<Record<"tickwright-source" | "types" | "default", string>>;

/** The package's `exports`, as they should be. */
export function packageExports(rooms: readonly string[] = importable()): Record<string, Subpath> {
  const exports: Record<string, Subpath> = { ".": subpath("index") };
  for (const room of rooms) {
    exports[`./${room}`] = subpath(`${room}/index`);
    for (const door of doorsOf(room)) exports[`./${room}/${door}`] = subpath(`${room}/${door}`);
  }
  exports["./package.json"] = "./package.json";
  return exports;
}

function subpath(name: string): Subpath {
  return {
    "tickwright-source": `./src/${name}.ts`,
    types: `./dist/${name}.d.ts`,
    default: `./dist/${name}.js`,
  };
}
