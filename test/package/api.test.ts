import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { doorsOf, openRooms, ROOT } from "../../scripts/rooms.ts";
import { namesOf, parse } from "./source-tree.ts";

/**
 * The names each room exports, frozen: a change of the public surface is a change of these files, seen in
 * review. `UPDATE_API=1 npm test -- test/package/api.test.ts` writes them anew.
 */
const FOLDER = join(ROOT, "test/golden/api");
const update = process.env.UPDATE_API === "1";

interface Surface {
  readonly values: readonly string[];
  readonly types: readonly string[];
}

describe("the public surface", () => {
  const entries = [
    ...openRooms().map((room) => [room, `src/${room}/index.ts`] as const),
    ...openRooms().flatMap((room) =>
      doorsOf(room).map((door) => [`${room}-${door}`, `src/${room}/${door}.ts`] as const),
    ),
    ...(existsSync(join(ROOT, "src/index.ts")) ? [["tickwright", "src/index.ts"] as const] : []),
  ];

  it.each(entries)("of %s is the one on record", (name, path) => {
    const golden = join(FOLDER, `${name}.json`);
    const now = surface(path);
    if (update) {
      mkdirSync(FOLDER, { recursive: true });
      writeFileSync(golden, `${JSON.stringify(now, null, 2)}\n`);
    }
    expect(existsSync(golden), `${golden}: run with UPDATE_API=1 once the names are settled`).toBe(true);
    expect(now).toEqual(JSON.parse(readFileSync(golden, "utf8")));
  });

  it.each(entries)("of %s is what an import finds", async (_name, path) => {
    const module: Record<string, unknown> = await import(join(ROOT, path));
    expect(Object.keys(module).sort()).toEqual(surface(path).values);
    for (const [name, value] of Object.entries(module)) expect(value, name).toBeDefined();
  });
});

function surface(path: string): Surface {
  const names = namesOf(parse(path, readFileSync(join(ROOT, path), "utf8"))) ?? [];
  return {
    values: names.filter((each) => !each.type).map((each) => each.name),
    types: names.filter((each) => each.type).map((each) => each.name),
  };
}
