import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect, isDeepStrictEqual } from "node:util";
import { runInThisContext } from "node:vm";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT, roomFolders } from "../../scripts/rooms.ts";
import { lineOf, parse, sourcesIn } from "./source-tree.ts";

/** An ignored folder inside the package: an example imports `tickwright/...` as its own name. */
const FOLDER = join(ROOT, `out/examples-in-docs-${process.pid}`);

/** A fenced TypeScript block of a docstring or a README. */
interface Example {
  /** `src/base/prng.ts:21`: the file and the line its code begins at. */
  readonly place: string;
  readonly code: string;
}

/** A line `expr; // => value` of an example. */
interface Claim {
  readonly place: string;
  readonly expected: string;
  readonly actual: unknown;
}

const examples = [
  ...sourcesIn("src").flatMap((file) => examplesIn(file.path, file.text)),
  ...["README.md", ...roomFolders().map((room) => `src/${room}/README.md`)]
    .filter((path) => existsSync(join(ROOT, path)))
    .flatMap((path) => examplesIn(path, readFileSync(join(ROOT, path), "utf8"))),
];
const claims: Claim[] = [];

describe("examples in docstrings and READMEs", () => {
  beforeAll(() => {
    rmSync(FOLDER, { recursive: true, force: true });
    mkdirSync(FOLDER, { recursive: true });
    (globalThis as Record<string, unknown>)[CLAIM] = (place: string, expected: string, actual: unknown) => {
      claims.push({ place, expected, actual });
    };
    for (const [i, example] of examples.entries()) {
      writeFileSync(join(FOLDER, `typed-${i}.ts`), `${example.code}\nexport {};\n`);
      writeFileSync(join(FOLDER, `run-${i}.ts`), `${runnable(example)}\nexport {};\n`);
    }
  });

  afterAll(() => {
    rmSync(FOLDER, { recursive: true, force: true });
  });

  it.each(examples.map((example, i) => [example.place, i] as const))("%s", async (place, i) => {
    const first = claims.length;
    await import(join(FOLDER, `run-${i}.ts`));
    for (const claim of claims.slice(first)) {
      const note = `${claim.place} gives ${inspect(claim.actual)}, the example says ${claim.expected}`;
      expect(holds(claim), note).toBe(true);
    }
    expect(claims.length - first, `${place}: lines that say what they give`).toBe(promised(place, i));
  });

  it("type-check", () => {
    expect(typeFaults()).toEqual([]);
  }, 60_000);

  it.each([
    ["1 + 1", "2", 2],
    ["a bigint", "2n", 2n],
    ["a text", '"a"', "a"],
    ["an object", "{ a: 1, b: [2] }", { a: 1, b: [2] }],
    ["NaN", "NaN", Number.NaN],
    ["a typed array", "Float64Array(1) [ 2 ]", new Float64Array([2])],
  ])("compare %s", (_what, expected, actual) => {
    expect(holds({ place: "", expected, actual })).toBe(true);
    expect(holds({ place: "", expected, actual: "something else" })).toBe(false);
  });

  it("refuse a result that stands behind no expression", () => {
    const place = "x.md:1";
    expect(() => withClaims({ place, code: "const x = 1; // => 1" })).toThrow("x.md:1");
    expect(withClaims({ place, code: "1 + 1; // => 2" })).toContain('"2", (1 + 1))');
  });
});

const CLAIM = "__tickwrightExampleClaim";

/** The TypeScript fences of a file; in a docstring the leading stars are dropped. */
function examplesIn(path: string, text: string): Example[] {
  const found: Example[] = [];
  const lines = text.split("\n");
  let start = -1;
  for (const [i, line] of lines.entries()) {
    const bare = path.endsWith(".ts") ? line.replace(/^\s*\* ?/, "") : line;
    if (start === -1) {
      if (/^```ts\b/.test(bare)) start = i + 1;
    } else if (bare.startsWith("```")) {
      const body = lines.slice(start, i);
      const code = path.endsWith(".ts") ? body.map((each) => each.replace(/^\s*\* ?/, "")) : body;
      found.push({ place: `${path}:${start + 1}`, code: code.join("\n") });
      start = -1;
    }
  }
  if (start !== -1) throw new Error(`${path}:${start}: the fence is never closed`);
  return found;
}

/** A malformed example fails alone, when it is run. */
function runnable(example: Example): string {
  try {
    return withClaims(example);
  } catch (fault) {
    return `throw new Error(${JSON.stringify(String(fault))});`;
  }
}

/** How many results an example shows. */
function promised(place: string, i: number): number {
  const example = examples[i];
  if (example === undefined) throw new Error(`${place} is no example`);
  return example.code.split("\n").filter((line) => line.includes("// =>")).length;
}

/** The example with each `expr; // => value` handed to the test together with its value. */
function withClaims(example: Example): string {
  const file = parse("example.ts", example.code);
  const lines = example.code.split("\n");
  const edits: { readonly start: number; readonly end: number; readonly text: string }[] = [];
  const claimed = new Set<number>();
  for (const statement of file.tree.statements) {
    if (!ts.isExpressionStatement(statement)) continue;
    const end = file.tree.getLineAndCharacterOfPosition(statement.getEnd()).line;
    const expected = /\/\/ => (.+)$/.exec(lines[end] ?? "")?.[1];
    if (expected === undefined) continue;
    claimed.add(end);
    const place = JSON.stringify(`${example.place} +${lineOf(file, statement) - 1}`);
    const call = `globalThis.${CLAIM}(${place}, ${JSON.stringify(expected.trim())}, `;
    edits.push({
      start: statement.getStart(file.tree),
      end: statement.getEnd(),
      text: `${call}(${statement.expression.getText(file.tree)}));`,
    });
  }
  for (const [i, line] of lines.entries()) {
    if (!line.includes("// =>") || claimed.has(i)) continue;
    throw new Error(`${example.place}: "${line.trim()}" shows a result of no top-level expression`);
  }
  return edits.reduceRight(
    (code, edit) => code.slice(0, edit.start) + edit.text + code.slice(edit.end),
    example.code,
  );
}

/** The value as an expression, or as `util.inspect` prints it. */
function holds(claim: Claim): boolean {
  if (inspect(claim.actual, { depth: 6, breakLength: Number.POSITIVE_INFINITY }) === claim.expected)
    return true;
  try {
    return isDeepStrictEqual(runInThisContext(`(${claim.expected})`), claim.actual);
  } catch {
    return false;
  }
}

function typeFaults(): string[] {
  const names = examples.map((_example, i) => join(FOLDER, `typed-${i}.ts`));
  const config = ts.readConfigFile(join(ROOT, "tsconfig.json"), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, ROOT);
  options.noUncheckedIndexedAccess = false;
  options.noUnusedLocals = false;
  options.noUnusedParameters = false;
  const program = ts.createProgram(names, options);
  return names.flatMap((name, i) => {
    const file = program.getSourceFile(name);
    return ts.getPreEmitDiagnostics(program, file).map((fault) => {
      const message = ts.flattenDiagnosticMessageText(fault.messageText, " ");
      const line = file?.getLineAndCharacterOfPosition(fault.start ?? 0).line ?? 0;
      return `${examples[i]?.place} +${line}: ${message}`;
    });
  });
}
