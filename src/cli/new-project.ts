import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { Fault } from "../base/index.ts";
import { VERSION } from "../run/index.ts";

/** What a project is made from. */
export interface NewProjectOptions {
  /** Made where it is not there; empty but for a `.git` where it is. */
  readonly folder: string;
  /** The package's name; the folder's unless given. */
  readonly name?: string;
  /**
   * What `package.json` asks npm for: a version, a range, an address, or a path of a tarball or folder; this package's
   * version unless given.
   */
  readonly tickwright?: string;
}

/** The files of a project, and what the template calls them: names of their own could mean something there. */
export const PROJECT_FILES: Readonly<Record<string, string>> = {
  ".gitignore": "_gitignore",
  ".npmrc": "_npmrc",
  "README.md": "README.md",
  "data/.gitkeep": "data/_gitkeep",
  "package.json": "_package.json",
  "scripts/backtest.ts": "scripts/backtest.ts",
  "scripts/paper.ts": "scripts/paper.ts",
  "scripts/sample.ts": "scripts/sample.ts",
  "scripts/sweep.ts": "scripts/sweep.ts",
  "src/desk.ts": "src/desk.ts",
  "src/market.ts": "src/market.ts",
  "src/recipe.ts": "src/recipe.ts",
  "src/strategy.ts": "src/strategy.ts",
  "test/strategy.test.ts": "test/strategy.test.ts",
  "tsconfig.json": "_tsconfig.json",
};

/** npm's rule for new packages, with a scope or without. */
const NAME = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;
const NAME_LENGTH_MAX = 214;
const TAKEN = ["node_modules", "favicon.ico", "tickwright"];
const SHOWN = 3;

/**
 * Writes a strategy project into a folder; returns the names of its files.
 *
 * @throws `FAULT_IO` naming a folder that holds something or cannot be written, or a tarball that is not there;
 * `FAULT_CONFIG` where the name is none for a package. What is there is never written over.
 */
export function newProject({ folder, name, tickwright = VERSION }: NewProjectOptions): readonly string[] {
  const project = resolve(folder);
  const called = checkName(folder, name ?? basename(project));
  const wanted = wantedOf(tickwright, project);
  checkFree(folder);
  const template = templateFolder();
  for (const [to, from] of Object.entries(PROJECT_FILES)) {
    const text = filled(to, readFileSync(join(template, from), "utf8"), called, wanted);
    write(folder, join(project, to), text);
  }
  return Object.keys(PROJECT_FILES);
}

function checkName(folder: string, name: string): string {
  if (NAME.test(name) && name.length <= NAME_LENGTH_MAX && !TAKEN.includes(name)) return name;
  const expected =
    "a package's name: small letters, digits and - . _ ~, no . or _ first (--name gives one that is not the folder's)";
  throw new Fault("FAULT_CONFIG", { path: `name of ${folder}`, value: name, expected });
}

function checkFree(folder: string): void {
  const stats = statSync(folder, { throwIfNoEntry: false });
  if (stats === undefined) return;
  const found = stats.isDirectory() ? readdirSync(folder).filter((name) => name !== ".git") : ["a file"];
  if (found.length === 0) return;
  const more = found.length > SHOWN ? [`and ${found.length - SHOWN} more`] : [];
  const expected = "a folder that is empty or not there";
  throw new Fault("FAULT_IO", { path: folder, value: [...found.slice(0, SHOWN), ...more], expected });
}

/** A path becomes one that npm finds from the project; whatever else npm takes stays as it is. */
function wantedOf(spec: string, project: string): string {
  const isPath = /^(file:|[./\\]|[A-Za-z]:[\\/])|\.(tgz|tar\.gz)$/.test(spec) && !/^https?:/.test(spec);
  if (!isPath) return spec;
  const path = resolve(spec.replace(/^file:/, ""));
  if (existsSync(path)) return `file:${relative(project, path).split(sep).join("/")}`;
  const expected = "a tarball or folder of tickwright";
  throw new Fault("FAULT_IO", { path: spec, value: "nothing there", expected });
}

/** Two folders up in the source; in the build, whose code may stand in a shared chunk, one or two. */
function templateFolder(): string {
  const urls = ["../../", "../"].map((up) => new URL(`${up}templates/strategy-project/`, import.meta.url));
  const found = urls.map((url) => fileURLToPath(url)).find((path) => existsSync(path));
  if (found !== undefined) return found;
  const expected = "templates/strategy-project in this package";
  throw new Fault("FAULT_IO", { path: import.meta.url, value: "nothing there", expected });
}

function filled(file: string, text: string, name: string, tickwright: string): string {
  if (file === "README.md") return text.replace(/^# .*/, `# ${name}`);
  if (file !== "package.json") return text;
  const manifest = JSON.parse(text) as { readonly dependencies: Readonly<Record<string, string>> };
  const dependencies = { ...manifest.dependencies, tickwright };
  return `${JSON.stringify({ ...manifest, name, dependencies }, undefined, 2)}\n`;
}

function write(folder: string, path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { flag: "wx" });
  } catch (cause) {
    const expected = "a folder that can be written";
    throw new Fault("FAULT_IO", { path: folder, value: String(cause), expected, cause });
  }
}
