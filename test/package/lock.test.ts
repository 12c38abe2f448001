import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Lock, missingPlatforms } from "../../scripts/lock.ts";
import { ROOT } from "../../scripts/rooms.ts";

const text = readFileSync(join(ROOT, "package-lock.json"), "utf8");

describe("package-lock.json", () => {
  it("lists every platform's packages, or `npm ci` refuses it: `npm run lock` adds them", () => {
    expect(Object.keys(missingPlatforms(JSON.parse(text)))).toEqual([]);
  });

  it("names no registry", () => {
    expect(text).not.toMatch(/"resolved":/);
  });

  it("is found wanting where an entry is taken away", () => {
    const lock: Lock = JSON.parse(text);
    const taken = "node_modules/@oxlint/binding-linux-arm-musleabihf";
    const entry = lock.packages[taken];
    delete lock.packages[taken];
    expect(missingPlatforms(lock)).toEqual({ [taken]: entry });
  });
});
