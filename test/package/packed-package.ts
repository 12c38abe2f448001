import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { buildEntries, ROOT } from "../../scripts/rooms.ts";

/** The package as npm would publish it: one tarball, built only where the build is older than the source. */
export class PackedPackage {
  /** A temporary folder with the tarball in it; empty before `pack`. */
  folder = "";
  tarball = "";
  files: readonly string[] = [];

  pack(): void {
    if (isStale()) run("npm", ["run", "build"], ROOT);
    this.folder = mkdtempSync(join(tmpdir(), "tickwright-tarball-"));
    ({ tarball: this.tarball, files: this.files } = this.#pack(ROOT));
  }

  /** Packs another package of the repository beside it; returns the tarball's name. */
  packToo(path: string): string {
    return this.#pack(join(ROOT, path)).tarball;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #pack(path: string): { readonly tarball: string; readonly files: readonly string[] } {
    const said = run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", this.folder], path);
    const parsed: unknown = JSON.parse(said);
    const entry = (Array.isArray(parsed) ? parsed[0] : Object.values(parsed as object)[0]) as {
      readonly filename: string;
      readonly files: readonly { readonly path: string }[];
    };
    return { tarball: entry.filename, files: entry.files.map((file) => file.path) };
  }
}

/** What a command prints. @throws where it fails, with what it printed */
export function run(command: string, args: readonly string[], cwd: string): string {
  return execFileSync(command, args, {
    cwd,
    env: userEnv(),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** What a command prints, also where it fails. */
export function outputOf(command: string, args: readonly string[], cwd: string): string {
  const { stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
  return `${stdout}${stderr}`;
}

/** A user's environment: none of our own conditions, and this Node first. */
function userEnv(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, ...env } = process.env;
  return { ...env, PATH: `${dirname(process.execPath)}:${env["PATH"] ?? ""}` };
}

/** No build, or one that is older than a source file. */
function isStale(): boolean {
  const built = Object.keys(buildEntries()).map((name) => join(ROOT, "dist", `${name}.d.ts`));
  if (!built.every((path) => existsSync(path))) return true;
  const builtMs = Math.min(...built.map((path) => statSync(path).mtimeMs));
  const sources = [...globSync("src/**/*.ts", { cwd: ROOT }), "package.json", "tsup.config.ts"];
  return sources.some((path) => statSync(join(ROOT, path)).mtimeMs > builtMs);
}
