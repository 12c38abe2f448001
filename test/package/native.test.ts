import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { buildQuietly, isStale } from "../../scripts/build-native.ts";
import { nativeDoors, ROOT } from "../../scripts/rooms.ts";
import { describeNative } from "../fixtures/native-here.ts";

describeNative("the native binary", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tickwright-native-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("is prebuilt, and loads from the packed files where no compiler is", { timeout: 180_000 }, () => {
    if (isStale("prebuilds")) {
      const { code, output } = buildQuietly(true);
      expect(code, output).toBe(0);
    }
    const project = unpack(folder);
    for (const room of nativeDoors())
      expect(run(project, `await import("tickwright/${room}/native")`)).toBe("");
    const { isAvailable, file } = report(project);
    expect(isAvailable).toBe(true);
    expect(file).toContain("/node_modules/tickwright/native/prebuilds/");
  });

  // Other machines build against what they have; what is shipped is built where this runs.
  it.skipIf(process.env.CI === undefined || process.platform !== "linux")(
    "asks for glibc 2.34 at most",
    () => {
      const [file = ""] = globSync("native/prebuilds/linux-*/*.glibc.node", { cwd: ROOT });
      const text = readFileSync(join(ROOT, file), "latin1");
      const minors = [...text.matchAll(/GLIBC_2\.(\d+)/g)].map(([, minor]) => Number(minor));
      expect(Math.max(...minors)).toBeLessThanOrEqual(34);
    },
  );

  it("is built from the packed sources, without a download", { timeout: 180_000 }, () => {
    const project = unpack(folder);
    const native = join(project, "node_modules/tickwright/native");
    rmSync(join(native, "prebuilds"), { recursive: true, force: true });
    expect(report(project)).toMatchObject({ isAvailable: false, file: null });
    const command = join(project, "node_modules/tickwright/dist/cli/main.js");
    const build = (): string =>
      execFileSync(process.execPath, [command, "build-native"], { cwd: project, stdio: "pipe" }).toString();
    expect(build).toThrow(/FAULT_PEER_MISSING native\.build: found "node-gyp"/);
    for (const name of [".bin", "node-gyp", "node-addon-api", "node-api-headers"]) {
      symlinkSync(join(ROOT, "node_modules", name), join(project, "node_modules", name));
    }
    expect(build()).toContain("loads: ");
    expect(report(project).file).toContain("/native/build/Release/tickwright.node");
  });

  it("says platform, versions and cause where there is none", () => {
    const project = unpack(folder);
    rmSync(join(project, "node_modules/tickwright/native/prebuilds"), { recursive: true, force: true });
    const said = run(
      project,
      `const { nativeDoor } = await import("tickwright/base/native");
       try { nativeDoor("ring"); }
       catch ({ code, path, value }) { console.log(JSON.stringify({ code, path, value })); }`,
    );
    expect(JSON.parse(said)).toMatchObject({
      code: "FAULT_NATIVE_UNAVAILABLE",
      path: "native.ring",
      value: expect.stringMatching(
        `^${process.platform}-${process.arch}, Node-API \\d+, ABI \\d+: No native build was found`,
      ),
    });
  });
});

/** A project with the package's files as they are packed, without its build of this checkout. */
function unpack(folder: string): string {
  const project = join(folder, "project");
  const home = join(project, "node_modules/tickwright");
  mkdirSync(home, { recursive: true });
  const packed: unknown = JSON.parse(
    execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
      cwd: ROOT,
      stdio: "pipe",
    }).toString(),
  );
  const entry = (Array.isArray(packed) ? packed[0] : Object.values(packed as object)[0]) as {
    files: { path: string }[];
  };
  for (const { path } of entry.files) {
    if (!path.startsWith("native/build/")) cpSync(join(ROOT, path), join(home, path));
  }
  for (const name of ["node-gyp-build", "eventemitter3"]) {
    symlinkSync(join(ROOT, "node_modules", name), join(project, "node_modules", name));
  }
  writeFileSync(join(project, "package.json"), JSON.stringify({ type: "module" }));
  if (!existsSync(join(home, "dist"))) throw new Error("npm run build comes first");
  return project;
}

function report(project: string): { isAvailable: boolean; file: string | null } {
  const code = `const { nativeReport } = await import("tickwright/base/native");
    console.log(JSON.stringify(nativeReport(), (_key, value) => value ?? null));`;
  return JSON.parse(run(project, code));
}

function run(project: string, code: string): string {
  return execFileSync(process.execPath, ["--input-type=module", "--eval", code], {
    cwd: project,
    stdio: "pipe",
  }).toString();
}
