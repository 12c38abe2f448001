import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../scripts/rooms.ts";

/** A small house in which every rule of the floor plan is broken once. */
const HOUSE: Readonly<Record<string, string>> = {
  "src/base/index.ts": 'export { up } from "./up.ts";',
  "src/base/up.ts": 'import { a } from "../model/index.ts"; export const up = a;',
  "src/model/index.ts": 'export { a } from "./a.ts";',
  "src/model/a.ts": 'import { b } from "./b.ts"; export const a = b;',
  "src/model/b.ts": 'import { a } from "./a.ts"; export const b = a;',
  "src/model/c.ts": 'import type { D } from "./d.ts"; export type C = D;',
  "src/model/d.ts": 'import type { C } from "./c.ts"; export type D = C;',
  "src/order/index.ts": 'export { lock } from "./lock.ts"; import "../ledger/index.ts";',
  "src/order/lock.ts":
    'import { a } from "../model/a.ts"; import fs from "node:fs"; export const lock = [a, fs];',
  "src/ledger/index.ts": [
    'import "vitest"; import "zod"; import "decimal.js"; import "node:crypto";',
    'import "./gone.ts"; import "../index.ts";',
  ].join(""),
  "src/cellar/index.ts": 'import "../base/index.ts";',
  "src/run/index.ts": 'import "../../test/x.ts"; import "../base/index.ts"; import "node:fs";',
  "src/index.ts": 'import "./model/b.ts";',
  "test/x.ts": "export {};",
  "package.json": JSON.stringify({
    type: "module",
    dependencies: { "decimal.js": "*", zod: "*" },
    devDependencies: { vitest: "*" },
  }),
  "tsconfig.json": "{}",
  ...installed("vitest"),
  ...installed("zod"),
  ...installed("decimal.js"),
};

describe("the dependency rules", () => {
  let folder = "";
  let found: string[] = [];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "tickwright-floors-"));
    for (const [path, text] of Object.entries(HOUSE)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    found = cruise(folder);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ["floor-0", "src/base/up.ts", "src/model/index.ts"],
    ["floor-3", "src/order/index.ts", "src/ledger/index.ts"],
    ["through-the-door", "src/order/lock.ts", "src/model/a.ts"],
    ["root-through-the-door", "src/index.ts", "src/model/b.ts"],
    ["nobody-imports-the-root", "src/ledger/index.ts", "src/index.ts"],
    ["known-room", "src/cellar/index.ts", "src/base/index.ts"],
    ["no-cycle", "src/model/a.ts", "src/model/b.ts"],
    ["pure-floors", "src/order/lock.ts", "fs"],
    ["pure-floors-packages", "src/ledger/index.ts", "node_modules/zod/index.js"],
    ["no-dev-dependency", "src/ledger/index.ts", "node_modules/vitest/index.js"],
    ["not-to-test", "src/run/index.ts", "test/x.ts"],
    ["resolvable", "src/ledger/index.ts", "./gone.ts"],
  ])("%s sees %s -> %s", (rule, from, to) => {
    expect(found).toContain(`${rule}: ${from} -> ${to}`);
  });

  it.each([
    ["src/run/index.ts -> src/base/index.ts"],
    ["src/run/index.ts -> fs"],
    ["src/ledger/index.ts -> crypto"],
    ["src/ledger/index.ts -> node_modules/decimal.js/index.js"],
    ["src/model/index.ts -> src/model/a.ts"],
    ["src/model/c.ts -> src/model/d.ts"],
  ])("let %s pass", (edge) => {
    expect(found.filter((each) => each.endsWith(`: ${edge}`))).toEqual([]);
  });
});

function installed(name: string): Record<string, string> {
  return {
    [`node_modules/${name}/package.json`]: JSON.stringify({ name, version: "1.0.0", main: "index.js" }),
    [`node_modules/${name}/index.js`]: "module.exports = {};",
  };
}

function cruise(folder: string): string[] {
  const bin = join(ROOT, "node_modules/.bin/depcruise");
  const config = join(ROOT, ".dependency-cruiser.cjs");
  const args = [bin, "src", "--config", config, "--output-type", "json"];
  const output = execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8", maxBuffer: 1 << 26 });
  const result: { summary: { violations: { rule: { name: string }; from: string; to: string }[] } } =
    JSON.parse(output);
  return result.summary.violations.map((each) => `${each.rule.name}: ${each.from} -> ${each.to}`);
}
