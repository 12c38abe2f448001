import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { beforeAll, describe, expect, it } from "vitest";
import { type PackedPackage, run } from "./packed-package.ts";

const INSTALL = ["install", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
const HASH = /Run hash\s+([0-9a-f]{16})/;

/**
 * What a newcomer does: `npm create tickwright my-strategy` in an empty folder, `npm install`, and each script of the
 * project, by nothing but packed tarballs and the registry's packages. What npm cannot do before the packages are
 * published is to find them by name: their tarballs are named instead.
 */
export function describeNewProject(packed: PackedPackage): void {
  describe("a new project from the packed tarballs", () => {
    let folder = "";
    let project = "";
    let said = "";

    beforeAll(() => {
      folder = join(packed.folder, "newcomer");
      project = join(folder, "my-strategy");
      mkdirSync(folder);
      const tarballs = [packed.tarball, packed.packToo("packages/create-tickwright")];
      writeFileSync(join(folder, "package.json"), '{ "private": true }');
      run("npm", [...INSTALL, ...tarballs.map((name) => join(packed.folder, name))], folder);
      const create = join(folder, "node_modules/.bin/create-tickwright");
      said = run(create, ["my-strategy", "--tickwright", join(packed.folder, packed.tarball)], folder);
      run("npm", INSTALL, project);
    }, 300_000);

    it("is told what to do next, and every command of it is there", () => {
      expect(said).toMatch(
        /^\d+ files in my-strategy\. Then:\n\n {2}cd my-strategy\n {2}npm install\n {2}npm test\n/,
      );
      const { scripts, dependencies } = JSON.parse(readFileSync(join(project, "package.json"), "utf8")) as {
        readonly scripts: Readonly<Record<string, string>>;
        readonly dependencies: Readonly<Record<string, string>>;
      };
      for (const [, script] of said.matchAll(/npm run (\w+)/g))
        expect(scripts).toHaveProperty(script as string);
      expect(dependencies["tickwright"]).toBe(`file:../../${packed.tarball}`);
      expect(existsSync(join(project, ".gitignore"))).toBe(true);
      expect(existsSync(join(project, "node_modules/tickwright/dist/index.js"))).toBe(true);
    });

    it("type-checks as it is", () => {
      expect(script("check")).toMatchObject({ code: 0 });
    });

    it("passes its own tests, and fails where the strategy is another", () => {
      expect(script("test")).toMatchObject({ code: 0, out: expect.stringMatching(/pass 4\n.*fail 0\n/s) });
      const path = join(project, "src/strategy.ts");
      const text = readFileSync(path, "utf8");
      writeFileSync(path, text.replace("priceTicks: book.bestBid", "priceTicks: book.bestAsk"));
      expect(script("test")).toMatchObject({ code: 1 });
      writeFileSync(path, text);
    });

    it("backtests the sample, the same each time, from memory and from a tape", () => {
      const { code, out } = script("backtest");
      expect(code).toBe(0);
      expect(out).toMatch(/Data\s+SIMULATED DATA[\s\S]*Final equity\s+[\d,]+\.\d\d USDT[\s\S]*Fills\s+[1-9]/);
      expect(readFileSync(join(project, "out/backtest/report.html"), "utf8")).toContain("<html");
      expect(script("sample")).toMatchObject({
        code: 0,
        out: expect.stringContaining("data/sample.tape: 259547 rows"),
      });
      const again = script("backtest", "data/sample.tape");
      expect(HASH.exec(again.out)?.[1]).toBe(HASH.exec(out)?.[1] ?? "no hash");
    });

    it("sweeps, says what the best is worth, and takes up the same sweep but not that of other code", () => {
      const { code, out } = script("sweep");
      expect(code).toBe(0);
      expect(out).toMatch(
        /points tried\s+24, 0 failed\n[\s\S]*deflated Sharpe\s+\d+\.\d %[\s\S]*overfitting\s+\d+\.\d %/,
      );
      const files = /(out\/sweep-\S+\/report\.html) (\S+\.csv)/.exec(out)?.slice(1) ?? [];
      expect(readFileSync(join(project, files[0] as string), "utf8")).toContain("<html");
      expect(
        readFileSync(join(project, files[1] as string), "utf8")
          .trimEnd()
          .split("\n"),
      ).toHaveLength(25);
      expect(script("sweep").out).toBe(out);
      const path = join(project, "src/strategy.ts");
      const text = readFileSync(path, "utf8");
      writeFileSync(path, `${text}// another\n`);
      expect(script("sweep").out).not.toContain(files[0]);
      writeFileSync(path, text);
    });

    it("trades on paper over loopback, and replays the journal to the same hash", () => {
      const { code, out } = script("paper", "4");
      expect(out).toMatch(
        /is connected\n[\s\S]*\d+ fills; stopped clean; .*\nreplay of [1-9]\d* records: identical\n$/,
      );
      expect(code).toBe(0);
    });

    it("is not written over", () => {
      const { status, stderr } = spawnSync(process.execPath, [tickwright(), "new", "my-strategy"], {
        ...{ cwd: folder, encoding: "utf8" },
      });
      expect(status).toBe(1);
      expect(stderr).toMatch(/^FAULT_IO my-strategy: /);
    });

    function tickwright(): string {
      return join(project, "node_modules/tickwright/dist/cli/main.js");
    }

    function script(name: string, ...args: string[]): { readonly code: number; readonly out: string } {
      try {
        return { code: 0, out: run("npm", ["run", "--silent", name, "--", ...args], project) };
      } catch (error) {
        const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string };
        return { code: status, out: `${stdout}${stderr}` };
      }
    }
  });
}
