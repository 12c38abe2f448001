import { existsSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { describe, expect, it } from "vitest";
import { FLOORS, nativeDoors, openRooms, ROOT } from "../../scripts/rooms.ts";
import { importsOf, parse } from "./source-tree.ts";

/**
 * What a newcomer gets who takes one primitive: the rooms that come with it, and the packages. A room that is
 * not listed may draw on anything below its floor.
 */
const CLOSURES: Readonly<Record<string, readonly string[]>> = {
  base: ["base"],
  model: ["base", "model"],
  ring: ["base", "ring"],
  port: ["base", "model", "port"],
  book: ["base", "model", "book"],
  calendar: ["base", "model", "calendar"],
  feed: ["base", "model", "port", "book", "feed"],
  order: ["base", "model", "order"],
  risk: ["base", "model", "port", "risk"],
  ledger: ["base", "model", "ledger"],
  journal: ["base", "journal"],
  audit: ["base", "model", "port", "audit"],
  recon: ["base", "model", "recon"],
  signal: ["base", "model", "book", "signal"],
  stat: ["base", "model", "stat"],
  algo: ["base", "model", "algo"],
  strategy: ["base", "model", "port", "strategy"],
};

describe("import closures", () => {
  it.each(openRooms())("%s stays within its rooms", (room) => {
    const allowed = CLOSURES[room] ?? roomsUpTo(room);
    const { rooms } = closure(`src/${room}/index.ts`);
    expect([...rooms].filter((each) => !allowed.includes(each))).toEqual([]);
  });

  it.each(Object.keys(CLOSURES).filter((room) => openRooms().includes(room)))(
    "%s loads no I/O and no package but decimal.js",
    (room) => {
      const { packages } = closure(`src/${room}/index.ts`);
      const known = ["node:crypto", "node:zlib", "decimal.js"];
      expect([...packages].filter((each) => !known.includes(each))).toEqual([]);
    },
  );

  it.each(openRooms())("%s loads no native code", (room) => {
    const native = /\/native[^/]*\.ts$/;
    const { files } = closure(`src/${room}/index.ts`);
    expect([...files].filter((file) => native.test(file))).toEqual([]);
  });

  it.each(nativeDoors())("%s/native stays within its room's rooms, and needs no package", (room) => {
    const allowed = CLOSURES[room] ?? roomsUpTo(room);
    const { rooms, packages } = closure(`src/${room}/native.ts`);
    expect([...rooms].filter((each) => !allowed.includes(each))).toEqual([]);
    const known = CLOSURES[room] === undefined ? /^node:/ : /^node:(crypto|zlib|module|os|path|util)$/;
    expect([...packages].filter((each) => !known.test(each))).toEqual([]);
  });

  it("follows imports through files and rooms", () => {
    const { rooms, files } = closure("src/model/index.ts");
    expect([...rooms].sort()).toEqual(["base", "model"]);
    expect(files).toContain("src/base/integer.ts");
  });
});

function roomsUpTo(room: string): string[] {
  const floor = FLOORS.findIndex((rooms) => rooms.includes(room));
  return [...FLOORS.slice(0, floor).flat(), room];
}

interface Closure {
  readonly files: Set<string>;
  readonly rooms: Set<string>;
  readonly packages: Set<string>;
}

/** Everything that an entry reaches by static and dynamic imports, types included. */
function closure(entry: string): Closure {
  const found: Closure = { files: new Set(), rooms: new Set(), packages: new Set() };
  const queue = [entry];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (found.files.has(path)) continue;
    found.files.add(path);
    if (!existsSync(join(ROOT, path))) throw new Error(`${path} is imported and does not exist`);
    const file = parse(path, readFileSync(join(ROOT, path), "utf8"));
    found.rooms.add(file.room);
    for (const specifier of importsOf(file)) {
      if (specifier.startsWith(".")) queue.push(posix.join(dirname(path), specifier));
      else found.packages.add(specifier);
    }
  }
  return found;
}
