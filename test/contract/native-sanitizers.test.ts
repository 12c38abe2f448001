import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../scripts/rooms.ts";

// Compiles every native/test/*_test.cpp and runs it: under the thread sanitizer where its name ends in
// _threads_test.cpp, else under the address and undefined behaviour sanitizers.

const NATIVE = join(ROOT, "native");
const FLAGS = ["-std=c++20", "-O1", "-g", "-fno-omit-frame-pointer", "-Wall", "-Wextra", "-Werror"];
const ADDRESS = "address,undefined";
const COMPILER = process.env.CXX ?? "g++";
const TIMEOUT_MS = 180_000;

const hasCompiler = spawnSync(COMPILER, ["--version"]).status === 0;
// The thread sanitizer knows only some layouts of memory; kernels of these years randomise beyond them.
const fixed = spawnSync("setarch", ["-R", "true"]).status === 0 ? ["setarch", "-R"] : [];
if (!hasCompiler) {
  if (process.env.CI !== undefined) throw new Error(`${COMPILER} is needed to test native code`);
  console.log(`left out, there is no ${COMPILER} here: the unit tests of native code`);
}

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tickwright-sanitizers-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

function run(command: readonly string[], env: NodeJS.ProcessEnv = {}): Ended {
  const [program = "", ...args] = command;
  const { status, signal, stdout, stderr, error } = spawnSync(program, args, {
    encoding: "utf8",
    timeout: TIMEOUT_MS,
    env: { ...process.env, ...env },
  });
  const end = [error?.message, signal].filter((each) => each !== undefined && each !== null).join(" ");
  return { code: status, output: `${stdout}${stderr}${end}`.slice(0, 8000) };
}

/** Compiles a program with a sanitizer and runs it. */
function compileAndRun(source: string, sanitizer: string): Ended {
  const program = join(folder, basename(source, ".cpp"));
  const include = [`-I${NATIVE}`, `-I${join(NATIVE, "test")}`];
  const args = [...FLAGS, `-fsanitize=${sanitizer}`, "-fno-sanitize-recover=undefined", ...include];
  const compiled = run([COMPILER, ...args, source, "-o", program, "-pthread", "-ldl"]);
  if (compiled.code !== 0) return compiled;
  const env = { TSAN_OPTIONS: "halt_on_error=1:second_deadlock_stack=1" };
  return run(sanitizer === "thread" ? [...fixed, program] : [program], env);
}

describe.skipIf(!hasCompiler)("native code under sanitizers", () => {
  const sources = globSync("*_test.cpp", { cwd: join(NATIVE, "test") }).sort();

  it.each(sources)("%s", { timeout: 2 * TIMEOUT_MS }, (name) => {
    const sanitizer = name.endsWith("_threads_test.cpp") ? "thread" : ADDRESS;
    const { code, output } = compileAndRun(join(NATIVE, "test", name), sanitizer);
    expect(code, output).toBe(0);
  });

  const WRONG: readonly (readonly [string, string, string])[] = [
    ["a read behind the end", ADDRESS, "int* cells = new int[4]; int at = 4; return cells[at] == 7;"],
    ["a sum that overflows", ADDRESS, "volatile int most = 2147483647; return most + 1 == 7;"],
    [
      "two threads that write one word",
      "thread",
      "int word = 0; std::thread other([&] { word = 1; }); word = 2; other.join(); return 0;",
    ],
    ["a check that does not hold", ADDRESS, "CHECK_EQUAL(1 + 1, 3); return 0;"],
  ];

  it.each(WRONG)("are seen to find %s", { timeout: TIMEOUT_MS }, (_what, sanitizer, code) => {
    const source = join(folder, "wrong.cpp");
    writeFileSync(source, `#include "check.hpp"\n#include <thread>\nint main() { ${code} }\n`);
    const { code: exit, output } = compileAndRun(source, sanitizer);
    expect(output).toMatch(
      /ERROR: AddressSanitizer|runtime error|WARNING: ThreadSanitizer: data race|does not hold/,
    );
    expect(exit).not.toBe(0);
  });
});
