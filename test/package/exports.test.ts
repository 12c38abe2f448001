import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { floorOf, openRooms, packageExports, ROOT, roomFolders } from "../../scripts/rooms.ts";
import { namesOf, sourcesIn } from "./source-tree.ts";

const manifest: {
  exports: Record<string, unknown>;
  files: string[];
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
  peerDependenciesMeta: Record<string, { optional?: boolean }>;
} = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
const rooms = openRooms();
/** Folders with files in them; version control keeps no others. */
const filled = roomFolders().filter((room) => readdirSync(join(ROOT, "src", room)).length > 0);

describe("the package's exports", () => {
  it("are the rooms that exist, in the order of the floors: `npm run exports` writes them", () => {
    expect(Object.entries(manifest.exports)).toEqual(Object.entries(packageExports()));
  });

  it("put the types before the code and offer nothing but ES modules", () => {
    for (const [path, target] of Object.entries(manifest.exports)) {
      if (path === "./package.json") continue;
      expect(Object.keys(target as object)).toEqual(["tickwright-source", "types", "default"]);
    }
  });

  it("leave every peer optional", () => {
    for (const peer of Object.keys(manifest.peerDependencies)) {
      expect(manifest.peerDependenciesMeta[peer]?.optional, peer).toBe(true);
    }
  });

  it("come with few runtime dependencies, pinned", () => {
    expect(Object.keys(manifest.dependencies)).toEqual(["eventemitter3", "node-gyp-build"]);
    for (const version of Object.values(manifest.dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  });
});

describe("every room", () => {
  it.each(roomFolders())("%s stands on a floor of the plan", (room) => {
    expect(floorOf(room)).toBeTypeOf("number");
  });

  it.each(filled.filter((room) => room !== "cli"))("%s has an index", (room) => {
    expect(rooms).toContain(room);
  });

  it.each(filled)("%s has a README", (room) => {
    expect(existsSync(join(ROOT, "src", room, "README.md")), `src/${room}/README.md`).toBe(true);
  });

  it.each(filled)("%s is named in src/README.md", (room) => {
    expect(readFileSync(join(ROOT, "src/README.md"), "utf8")).toMatch(new RegExp(`\\b${room}\\b`));
  });

  const indexes = sourcesIn("src").filter((file) => /^src\/([^/]+\/)?(index|native)\.ts$/.test(file.path));
  it.each(indexes.map((file) => [file.path, file] as const))("%s names each export, once", (_path, file) => {
    const names = namesOf(file);
    expect(names, "export statements with names, and nothing else").toBeDefined();
    const plain = names?.map((each) => each.name) ?? [];
    expect(new Set(plain).size).toBe(plain.length);
    expect(plain).not.toContain("default");
  });
});
