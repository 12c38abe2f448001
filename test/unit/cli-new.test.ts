import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Fault } from "../../src/base/index.ts";
import { runCommand } from "../../src/cli/command.ts";
import { newProject, PROJECT_FILES } from "../../src/cli/new-project.ts";
import { VERSION } from "../../src/run/index.ts";

const ROOT = join(import.meta.dirname, "../..");
const TEMPLATE = join(ROOT, "templates/strategy-project");

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly engines: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

let folder = "";
const at = (...names: string[]): string => join(folder, ...names);
const manifestOf = (path: string): Manifest => JSON.parse(readFileSync(path, "utf8")) as Manifest;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tickwright-new-"));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

function filesIn(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(path, join(entry.parentPath, entry.name)))
    .sort();
}

function faultOf(work: () => unknown): Fault {
  try {
    work();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error("no fault");
}

async function command(...args: string[]): Promise<{ code: number; out: string; told: string }> {
  let [out, told] = ["", ""];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => Boolean((out += String(text))));
  vi.spyOn(process.stderr, "write").mockImplementation((text) => Boolean((told += String(text))));
  const code = await runCommand(["new", ...args]);
  return { code, out, told };
}

describe("a new project", () => {
  it("has every file of the template, word for word but for its name and our version", () => {
    // What a run in the template leaves there is no part of it.
    const made = filesIn(TEMPLATE).filter((path) => !/^(out|node_modules)\/|\.tape$/.test(path));
    expect(Object.values(PROJECT_FILES).sort()).toEqual(made);
    expect([...newProject({ folder: at("edge") })].sort()).toEqual(filesIn(at("edge")));
    expect(filesIn(at("edge"))).toEqual(Object.keys(PROJECT_FILES).sort());
    for (const [to, from] of Object.entries(PROJECT_FILES)) {
      if (to === "package.json" || to === "README.md") continue;
      expect(readFileSync(at("edge", to), "utf8"), to).toBe(readFileSync(join(TEMPLATE, from), "utf8"));
    }
    const readme = readFileSync(at("edge/README.md"), "utf8");
    expect(readme.split("\n")[0]).toBe("# edge");
    const ours = manifestOf(join(TEMPLATE, "_package.json"));
    expect(manifestOf(at("edge/package.json"))).toEqual({
      ...ours,
      name: "edge",
      dependencies: { ...ours.dependencies, tickwright: VERSION },
    });
  });

  it("asks for the packages, and the Node, that the template is tested with here", () => {
    const { engines, devDependencies } = manifestOf(join(ROOT, "package.json"));
    const { dependencies, ...project } = manifestOf(join(TEMPLATE, "_package.json"));
    const { tickwright, ...others } = { ...dependencies, ...project.devDependencies };
    expect(tickwright).toBe(VERSION);
    expect(project.engines).toEqual(engines);
    expect(devDependencies).toMatchObject(others);
  });

  it("is what create-tickwright of this version makes", () => {
    const create = manifestOf(join(ROOT, "packages/create-tickwright/package.json"));
    expect([create.version, create.dependencies]).toEqual([VERSION, { tickwright: VERSION }]);
    expect(create.engines).toEqual(manifestOf(join(ROOT, "package.json")).engines);
  });

  it("goes into an empty folder, one with .git alone, and ones that are not there", () => {
    mkdirSync(at("empty"));
    mkdirSync(at("git/.git"), { recursive: true });
    for (const name of ["empty", "git", "not/there/yet"]) newProject({ folder: at(name) });
    expect(manifestOf(at("not/there/yet/package.json")).name).toBe("yet");
    expect(statSync(at("git/.git")).isDirectory()).toBe(true);
  });

  it.each([
    ["^0.1.0", "^0.1.0"],
    ["latest", "latest"],
    ["https://example.com/tickwright-0.1.0.tgz", "https://example.com/tickwright-0.1.0.tgz"],
    ["@there.tgz", "file:../there.tgz"],
    ["file:@there.tgz", "file:../there.tgz"],
  ])("asks npm for --tickwright %s as %s", (tickwright, wanted) => {
    writeFileSync(at("there.tgz"), "");
    newProject({ folder: at("edge"), tickwright: tickwright.replace("@", `${folder}/`) });
    expect(manifestOf(at("edge/package.json")).dependencies["tickwright"]).toBe(wanted);
  });

  it("refuses a folder that holds anything, by its path, and leaves it as it was", () => {
    mkdirSync(at("full"));
    for (const name of ["a", "b", "c", "README.md"]) writeFileSync(at("full", name), "mine");
    const fault = faultOf(() => newProject({ folder: at("full") }));
    expect(fault).toMatchObject({ code: "FAULT_IO", path: at("full") });
    expect(fault.message).toContain("and 1 more");
    expect(filesIn(at("full"))).toEqual(["README.md", "a", "b", "c"]);
    expect(readFileSync(at("full/README.md"), "utf8")).toBe("mine");
    expect(faultOf(() => newProject({ folder: at("full/a") }))).toMatchObject({
      ...{ code: "FAULT_IO", path: at("full/a") },
    });
  });

  it.each(["My", "a b", ".hidden", "_private", "node_modules", "tickwright", "@scope", "ä", "x".repeat(215)])(
    "refuses the name %s, and writes nothing",
    (name) => {
      const fault = faultOf(() => newProject({ folder: at(name) }));
      expect(fault).toMatchObject({ code: "FAULT_CONFIG", path: `name of ${at(name)}` });
      expect(readdirSync(folder)).toEqual([]);
      newProject({ folder: at("other"), name: "@desk/edge-1" });
      expect(manifestOf(at("other/package.json")).name).toBe("@desk/edge-1");
      expect(faultOf(() => newProject({ folder: at("third"), name }))).toMatchObject({
        code: "FAULT_CONFIG",
      });
    },
  );

  it("refuses a tarball that is not there before it writes anything", () => {
    const fault = faultOf(() => newProject({ folder: at("edge"), tickwright: at("none.tgz") }));
    expect(fault).toMatchObject({ code: "FAULT_IO", path: at("none.tgz") });
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("tickwright new", () => {
  it("writes a project, and says what to do next", async () => {
    const { code, out, told } = await command(at("edge"));
    expect([code, told]).toEqual([0, ""]);
    expect(out).toContain(`cd ${at("edge")}\n  npm install\n  npm test\n`);
    expect(filesIn(at("edge"))).toHaveLength(Object.keys(PROJECT_FILES).length);
  });

  it("tells a fault with its code and path, exit code 1", async () => {
    writeFileSync(at("there"), "");
    const { code, told } = await command(folder, "--name", "edge");
    expect([code, told]).toEqual([1, expect.stringMatching(`^FAULT_IO ${folder}: found \\["there"\\]`)]);
  });

  it.each([
    [[], "which folder?"],
    [["a", "b"], "one folder, not a and b"],
    [["a", "--colour"], "Unknown option '--colour'"],
  ])("tells a wrong call %j in a line, exit code 2", async (args, words) => {
    const { code, told } = await command(...args);
    expect(code).toBe(2);
    expect(told).toContain(words);
  });
});
