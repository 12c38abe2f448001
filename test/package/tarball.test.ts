import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildEntries, doorsOf, openRooms, ROOT } from "../../scripts/rooms.ts";
import { describeNewProject } from "./new-project.ts";
import { outputOf, PackedPackage, run } from "./packed-package.ts";

/**
 * The package as a user gets it: packed, installed into an empty project, imported by plain Node without our
 * source condition. The runtime dependencies are taken from this checkout, so that no network is needed.
 */
const manifest: {
  version: string;
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
  peerDependenciesMeta: Record<string, { optional: boolean }>;
} = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

const packed = new PackedPackage();

beforeAll(() => packed.pack(), 180_000);
afterAll(() => packed.remove());

describe("the packed tarball in an empty project", () => {
  let folder = "";

  beforeAll(() => {
    folder = packed.folder;
    const project = join(folder, "project");
    mkdirSync(project);
    const near = Object.keys(manifest.dependencies).map((name) => [
      name,
      `file:${join(ROOT, "node_modules", name)}`,
    ]);
    const dependencies = { ...Object.fromEntries(near), tickwright: `file:../${packed.tarball}` };
    writeFileSync(join(project, "package.json"), JSON.stringify({ type: "module", dependencies }));
    run("npm", ["install", "--offline", "--no-audit", "--no-fund", "--install-links"], project);
  }, 180_000);

  it("holds the build, the source, the examples, the templates, the READMEs and the licence, and nothing else", () => {
    const known =
      /^((dist|src|verifier|examples|templates)\/|native\/(?!build\/)|(README|CHANGELOG)\.md$|LICENSE$|package\.json$)/;
    expect(packed.files.filter((path) => !known.test(path))).toEqual([]);
    for (const name of Object.keys(buildEntries())) {
      expect(packed.files).toContain(`dist/${name}.js`);
      expect(packed.files).toContain(`src/${name}.ts`);
    }
    expect(packed.files).toContain("LICENSE");
  });

  it("has each dependency stay outside of the build", () => {
    const code = globSync("dist/**/*.js", { cwd: ROOT }).map((path) =>
      readFileSync(join(ROOT, path), "utf8"),
    );
    for (const text of code) expect(text).not.toMatch(/node_modules\/(zod|decimal\.js|eventemitter3)/);
  });

  it("names the types of Node as a peer, since its declarations import them", () => {
    const types = globSync("dist/**/*.d.ts", { cwd: ROOT }).map((path) =>
      readFileSync(join(ROOT, path), "utf8"),
    );
    expect(types.some((text) => /from 'node:/.test(text))).toBe(true);
    expect(manifest.peerDependencies["@types/node"]).toBe(">=22");
    expect(manifest.peerDependenciesMeta["@types/node"]).toEqual({ optional: true });
  });

  const subpaths = [
    ...(existsSync(join(ROOT, "src/index.ts")) ? ["tickwright"] : []),
    ...openRooms().map((room) => `tickwright/${room}`),
    ...openRooms().flatMap((room) => doorsOf(room).map((door) => `tickwright/${room}/${door}`)),
  ];

  it("imports every subpath in plain Node, from dist, with the names on record", () => {
    const code = `
      const names = {};
      for (const path of ${JSON.stringify(subpaths)}) {
        if (!import.meta.resolve(path).includes("/tickwright/dist/")) throw new Error(path);
        names[path] = Object.keys(await import(path)).sort();
      }
      console.log(JSON.stringify(names));`;
    const names: Record<string, string[]> = JSON.parse(runCode(code));
    for (const path of subpaths) {
      const golden = join(ROOT, `test/golden/api/${path.replace("tickwright/", "").replace("/", "-")}.json`);
      if (existsSync(golden))
        expect(names[path], path).toEqual(JSON.parse(readFileSync(golden, "utf8")).values);
    }
  });

  it("type-checks in a strict project that checks our declarations too", () => {
    const imports = subpaths.map((path, i) => `import * as room${i} from "${path}";\nvoid room${i};`);
    writeFileSync(join(folder, "project/user.ts"), `${imports.join("\n")}\n`);
    const compilerOptions = {
      target: "ES2023",
      lib: ["ES2023"],
      module: "NodeNext",
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
      typeRoots: [join(ROOT, "node_modules/@types")],
      types: ["node"],
    };
    writeFileSync(
      join(folder, "project/tsconfig.json"),
      JSON.stringify({ compilerOptions, files: ["user.ts"] }),
    );
    const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
    expect(outputOf(process.execPath, [tsc, "-p", "."], join(folder, "project"))).toBe("");
  });

  it("shares one class over subpaths: a Fault of any room is the Fault of base", () => {
    const code = `
      import { Fault } from "tickwright/base";
      import { Instrument } from "tickwright/model";
      try { new Instrument({}); } catch (fault) { console.log(fault instanceof Fault, fault.code); }`;
    expect(runCode(code)).toBe("true FAULT_CONFIG\n");
  });

  it("starts a kill agent in a thread of its own, whose session is the user's module", () => {
    writeFileSync(
      join(folder, "project/session.mjs"),
      `export function openCancelSession(options, events) {
        const open = new Set(options.open);
        return {
          cancel(targets) {
            for (const { id } of targets) if (open.delete(id)) events.canceled(id);
            return targets.length;
          },
          queryOpen: () => events.open([...open]),
          heartbeat: () => events.alive(),
          close() {},
        };
      }`,
    );
    const code = `
      import { KillLatch, OpenOrderBoard, OpenOrderEntry } from "tickwright/risk";
      import { KillAgent } from "tickwright/run";
      const latch = new KillLatch(1);
      const board = new OpenOrderBoard(16);
      const module = new URL("session.mjs", "file://" + process.cwd() + "/").href;
      const sessions = [{ venue: "A", module, options: { open: ["A-1", "A-2"] }, ratePerSecond: 100 }];
      const agent = new KillAgent({ latch, board, sessions });
      await agent.ready();
      board.publish(3, Object.assign(new OpenOrderEntry(), { id: "A-1" }));
      const report = new Promise((done) => agent.once("report", done));
      agent.activate();
      const { outcome, requested, confirmed, unknown } = await report;
      await agent.close();
      console.log(outcome, requested, confirmed, unknown, KillLatch.isOpen(latch.read()), agent.status.state);`;
    expect(runCode(code)).toBe("complete 2 2 0 false stopped\n");
  });

  it("exports its package.json and refuses what is inside", () => {
    const code = `
      import manifest from "tickwright/package.json" with { type: "json" };
      const inside = await import("tickwright/dist/base/index.js").catch((fault) => fault.code);
      console.log(manifest.version, inside);`;
    expect(runCode(code)).toBe(`${manifest.version} ERR_PACKAGE_PATH_NOT_EXPORTED\n`);
  });

  it.skipIf(!existsSync(join(ROOT, "src/cli/main.ts")))("answers --help as a command", () => {
    const bin = join(folder, "project/node_modules/.bin/tickwright");
    const help = run(bin, ["--help"], join(folder, "project"));
    expect(help).toContain("tickwright");
    expect(readFileSync(join(ROOT, "dist/cli/main.js"), "utf8")).toMatch(/^#!\/usr\/bin\/env node/);
  });

  function runCode(code: string): string {
    return run(process.execPath, ["--input-type=module", "--eval", code], join(folder, "project"));
  }
});

describeNewProject(packed);
