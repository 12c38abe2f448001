import ts from "typescript";
import { describe, expect, it } from "vitest";
import { PURE_FLOOR } from "../../scripts/rooms.ts";
import { lineOf, parse, type SourceFile, sourcesIn, walk } from "./source-tree.ts";

/** Names of the surroundings: reading one would make a run depend on more than its inputs. */
const AMBIENT = new Set([
  "Date",
  "Intl",
  "Promise",
  "Worker",
  "clearInterval",
  "clearTimeout",
  "console",
  "crypto",
  "fetch",
  "globalThis",
  "performance",
  "process",
  "queueMicrotask",
  "require",
  "setImmediate",
  "setInterval",
  "setTimeout",
]);

/** Members that differ between versions or machines, or draw on the system's randomness. */
const AMBIENT_MEMBERS = new Set([
  "localeCompare",
  "pow",
  "random",
  "randomBytes",
  "randomUUID",
  "toLocaleString",
]);

describe("floors 0 to 5 are free of ambient state", () => {
  /** The one file that asks the platform: it loads the native binary, and no index.ts leads to it. */
  const loader = "src/base/native-binary.ts";
  const pure = sourcesIn("src").filter(
    ({ floor, path }) => floor !== undefined && floor <= PURE_FLOOR && path !== loader,
  );

  it.each(pure.map((file) => [file.path, file] as const))("%s", (_path, file) => {
    expect(ambientUses(file)).toEqual([]);
  });

  it.each([
    ["Date.now()", "Date"],
    ["new Date(0)", "Date"],
    ["performance.now()", "performance"],
    ["Math.random()", ".random"],
    ["Math.pow(2, 3)", ".pow"],
    ["const { pow } = Math", ".pow"],
    ["2 ** 3", "**"],
    ["let x = 2; x **= 3", "**="],
    ["process.env", "process"],
    ["console.log(1)", "console"],
    ["setTimeout(f, 1)", "setTimeout"],
    ["async function f() {}", "async"],
    ["const f = async () => 1", "async"],
    ["for await (const x of y) ;", "await"],
    ["await f()", "await"],
    ["const p: Promise<number> = f()", "Promise"],
    ["import { randomUUID } from 'node:crypto'", ".randomUUID"],
    ["import('node:fs')", "import()"],
    ["`${x}${Date.now()}`", "Date"],
    ["'a'.localeCompare('b')", ".localeCompare"],
  ])("sees %s", (code, found) => {
    expect(ambientUses(parse("src/base/x.ts", code))).toContain(`1: ${found}`);
  });

  it.each([
    ["// Date.now()"],
    ["/** await process.env */"],
    ["'setTimeout(1)'"],
    ["const date = { process: 1 }"],
    ['export { performance } from "./performance.ts"'],
    ["function performance() {}"],
  ])("lets %s pass", (code) => {
    expect(ambientUses(parse("src/base/x.ts", code))).toEqual([]);
  });
});

function ambientUses(file: SourceFile): string[] {
  const found: string[] = [];
  const own = ownNames(file);
  walk(file.tree, (node) => {
    const name = ambientName(node);
    if (name !== undefined && !own.has(name)) found.push(`${lineOf(file, node)}: ${name}`);
  });
  return found;
}

/** What the file declares, imports or passes on by name: `performance` may be a function of a room. */
function ownNames(file: SourceFile): Set<string> {
  const names = new Set<string>();
  walk(file.tree, (node) => {
    if (ts.isFunctionDeclaration(node) || ts.isParameter(node) || ts.isVariableDeclaration(node)) {
      if (node.name !== undefined && ts.isIdentifier(node.name)) names.add(node.name.text);
    }
    if (ts.isImportSpecifier(node)) names.add(node.name.text);
    if (ts.isExportSpecifier(node) && node.parent.parent.moduleSpecifier !== undefined) {
      names.add(node.name.text);
    }
  });
  return names;
}

function ambientName(node: ts.Node): string | undefined {
  switch (node.kind) {
    case ts.SyntaxKind.AsteriskAsteriskToken:
      return "**";
    case ts.SyntaxKind.AsteriskAsteriskEqualsToken:
      return "**=";
    case ts.SyntaxKind.AsyncKeyword:
      return "async";
    case ts.SyntaxKind.AwaitKeyword:
    case ts.SyntaxKind.AwaitExpression:
      return "await";
    case ts.SyntaxKind.ImportKeyword:
      return ts.isCallExpression(node.parent) ? "import()" : undefined;
    default:
      return ts.isIdentifier(node) ? ambientIdentifier(node) : undefined;
  }
}

function ambientIdentifier(node: ts.Identifier): string | undefined {
  const { parent, text } = node;
  const isMember = ts.isPropertyAccessExpression(parent) && parent.name === node;
  const isTaken = ts.isBindingElement(parent) || ts.isImportSpecifier(parent);
  if ((isMember || isTaken) && AMBIENT_MEMBERS.has(text)) return `.${text}`;
  if (isMember || isDeclaredMember(parent, node)) return undefined;
  return AMBIENT.has(text) ? text : undefined;
}

/** The name of a field or method, which stands for nothing outside of its object. */
function isDeclaredMember(parent: ts.Node, node: ts.Identifier): boolean {
  const isMember =
    ts.isPropertyAssignment(parent) ||
    ts.isPropertySignature(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isMethodSignature(parent);
  return isMember && parent.name === node;
}
