import ts from "typescript";
import { describe, expect, it } from "vitest";
import { lineOf, parse, type SourceFile, sourcesIn, walk } from "./source-tree.ts";

const FILE_LINES_MAX = 400;
/** Tables of cases may be longer than code. */
const TEST_LINES_MAX = 700;
const FUNCTION_LINES_MAX = 70;
const COLUMNS_MAX = 120;
/** Words that name no thing, as a part of a file's or an export's name. */
const BANNED = new Set(["util", "utils", "helper", "helpers", "common", "manager", "handler", "impl"]);

describe("the source", () => {
  it.each(sourcesIn("src").map((file) => [file.path, file] as const))("%s", (_path, file) => {
    expect(faults(file)).toEqual([]);
  });

  it.each(sourcesIn("test").map((file) => [file.path, file] as const))("%s stays readable", (_path, file) => {
    expect([...longFile(file), ...longLines(file)]).toEqual([]);
  });

  it.each([
    ["src/base/x.ts", "x;\n".repeat(401), "401 lines"],
    ["src/base/x.ts", `x = ${"a".repeat(120)};`, "1: 125 columns"],
    ["src/base/x.ts", `function f() {\n${"x;\n".repeat(70)}}`, "1: a function of 72 lines"],
    ["src/base/x.ts", `const f = () => {\n${"x;\n".repeat(70)}};`, "1: a function of 72 lines"],
    ["src/base/x.ts", "export const x = 1;", "1: x has no docstring"],
    ["src/base/x.ts", "export function f(): void {}", "1: f has no docstring"],
    ["src/base/x.ts", "export type X = 1;", "1: X has no docstring"],
    ["src/base/x.ts", "/** A thing. */\nexport class EventHandler {}", "2: the name EventHandler"],
    ["src/base/x.ts", "/** A thing. */\nexport const orderUtils = 1;", "2: the name orderUtils"],
    ["src/base/string-utils.ts", "", "the name src/base/string-utils.ts"],
    ["src/base/x.ts", "const x = y as any;", "1: any"],
    ["src/base/x.ts", "const x = y as unknown as string;", "1: as unknown as"],
    ["src/base/x.ts", "// @ts-ignore\nx();", "1: @ts-ignore"],
    [
      "src/base/x.ts",
      'import { x } from "../model/instrument.ts";',
      "1: ../model/instrument.ts passes the door",
    ],
    ["src/base/x.ts", 'export * from "./y.ts";', "1: export *"],
    ["src/base/x.ts", "export default 1;", "1: export default"],
  ] as const)("sees a fault: %s, %j, %s", (path, text, fault) => {
    expect(faults(parse(path, text))).toContain(fault);
  });

  it("may have long imports and addresses", () => {
    const text = `import { ${"a, ".repeat(60)} } from "./x.ts";\n// https://example.org/${"a".repeat(120)}\n`;
    expect(faults(parse("src/base/x.ts", text))).toEqual([]);
  });

  it("may use words that hold a banned one", () => {
    const text = "/** A thing. */\nexport const simpleExample = 1;";
    expect(faults(parse("src/base/implied.ts", text))).toEqual([]);
  });
});

function faults(file: SourceFile): string[] {
  return [
    ...longFile(file),
    ...longLines(file),
    ...(isBanned(file.path) ? [`the name ${file.path}`] : []),
    ...longFunctions(file),
    ...wrongExports(file),
    ...escapes(file),
  ];
}

/** Whether a word of a path or of a camel-case name is banned. */
function isBanned(name: string): boolean {
  const words = name.split(/[^A-Za-z]+|(?<=[a-z])(?=[A-Z])/);
  return words.some((word) => BANNED.has(word.toLowerCase()));
}

function longFile(file: SourceFile): string[] {
  const lines = file.text.replace(/\n$/, "").split("\n").length;
  const most = file.path.startsWith("test/") ? TEST_LINES_MAX : FILE_LINES_MAX;
  return lines > most ? [`${lines} lines`] : [];
}

function longLines(file: SourceFile): string[] {
  return file.text.split("\n").flatMap((line, i) => {
    // A template or a text cannot be broken without changing what it says.
    const isExcepted = /^\s*(import|export) (type )?[{*]|^\} from |https?:\/\/|[`"]/.test(line);
    return line.length > COLUMNS_MAX && !isExcepted ? [`${i + 1}: ${line.length} columns`] : [];
  });
}

function longFunctions(file: SourceFile): string[] {
  const found: string[] = [];
  walk(file.tree, (node) => {
    if (!ts.isFunctionLike(node) || !("body" in node) || node.body === undefined) return;
    const first = lineOf(file, node);
    const last = file.tree.getLineAndCharacterOfPosition(node.getEnd()).line + 1;
    const lines = last - first + 1;
    if (lines > FUNCTION_LINES_MAX) found.push(`${first}: a function of ${lines} lines`);
  });
  return found;
}

function wrongExports(file: SourceFile): string[] {
  const found: string[] = [];
  for (const statement of file.tree.statements) {
    const line = lineOf(file, statement);
    if (ts.isExportAssignment(statement)) found.push(`${line}: export default`);
    if (ts.isExportDeclaration(statement) && statement.exportClause === undefined) {
      found.push(`${line}: export *`);
    }
    for (const name of exportedNames(statement)) {
      if (isBanned(name)) found.push(`${line}: the name ${name}`);
      if (!hasDocstring(statement)) found.push(`${line}: ${name} has no docstring`);
    }
  }
  return found;
}

function exportedNames(statement: ts.Statement): string[] {
  if (!ts.canHaveModifiers(statement)) return [];
  const modifiers = ts.getModifiers(statement) ?? [];
  if (!modifiers.some((each) => each.kind === ts.SyntaxKind.ExportKeyword)) return [];
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map((each) => each.name.getText());
  }
  const named = statement as ts.Statement & { readonly name?: ts.Identifier };
  return named.name === undefined ? [] : [named.name.text];
}

function hasDocstring(statement: ts.Statement): boolean {
  if (isLaterOverload(statement)) return true;
  return ts
    .getJSDocCommentsAndTags(statement)
    .some((each) => ts.isJSDoc(each) && (ts.getTextOfJSDocComment(each.comment) ?? "").trim() !== "");
}

/** Signatures of one function: the first one carries the docstring. */
function isLaterOverload(statement: ts.Statement): boolean {
  if (!ts.isFunctionDeclaration(statement)) return false;
  const siblings = statement.parent;
  if (!ts.isSourceFile(siblings)) return false;
  const before = siblings.statements[siblings.statements.indexOf(statement) - 1];
  return (
    before !== undefined && ts.isFunctionDeclaration(before) && before.name?.text === statement.name?.text
  );
}

function escapes(file: SourceFile): string[] {
  const found: string[] = [];
  walk(file.tree, (node) => {
    const line = lineOf(file, node);
    if (node.kind === ts.SyntaxKind.AnyKeyword) found.push(`${line}: any`);
    const isDouble =
      ts.isAsExpression(node) &&
      ts.isAsExpression(node.expression) &&
      node.expression.type.kind === ts.SyntaxKind.UnknownKeyword;
    if (isDouble) found.push(`${line}: as unknown as`);
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      const target = node.moduleSpecifier.text;
      const isPast = /^\.\.\/(?!venue\/(binance|ccxt|testing)\.ts$)[^/]+\/(?!(index|native)\.ts$)/.test(
        target,
      );
      if (isPast && /^src\/[^/]+\/[^/]+$/.test(file.path)) {
        found.push(`${line}: ${target} passes the door`);
      }
    }
  });
  for (const [i, text] of file.text.split("\n").entries()) {
    const comment = /@ts-(ignore|nocheck|expect-error)/.exec(text);
    if (comment !== null) found.push(`${i + 1}: ${comment[0]}`);
  }
  return found;
}
