import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { floorOf, ROOT } from "../../scripts/rooms.ts";

/** One TypeScript file below a folder of the repository. */
export interface SourceFile {
  /** From the repository's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
  /** The room of a file in src; empty for `src/index.ts` and for files outside of src. */
  readonly room: string;
  readonly floor: number | undefined;
}

export function parse(path: string, text: string): SourceFile {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  const room = /^src\/([^/]+)\//.exec(path)?.[1] ?? "";
  return { path, text, tree, room, floor: floorOf(room) };
}

/** Every `.ts` file below a folder, parsed. */
export function sourcesIn(folder: string): SourceFile[] {
  const root = join(ROOT, folder);
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `${folder}/${name.replaceAll("\\", "/")}`)
    .sort()
    .map((path) => parse(path, readFileSync(join(ROOT, path), "utf8")));
}

/** Calls `visit` for a node and everything below it. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  node.forEachChild((child) => walk(child, visit));
}

/** The line of a node, from 1. */
export function lineOf(file: SourceFile, node: ts.Node): number {
  return file.tree.getLineAndCharacterOfPosition(node.getStart(file.tree)).line + 1;
}

/** A name that an index exports. */
export interface ExportedName {
  readonly name: string;
  readonly type: boolean;
}

/** The names an index exports, sorted; `undefined` in place of names where it holds anything else. */
export function namesOf(index: SourceFile): ExportedName[] | undefined {
  const names: ExportedName[] = [];
  for (const statement of index.tree.statements) {
    if (!ts.isExportDeclaration(statement)) return undefined;
    const clause = statement.exportClause;
    if (clause === undefined || !ts.isNamedExports(clause)) return undefined;
    for (const element of clause.elements) {
      names.push({ name: element.name.text, type: statement.isTypeOnly || element.isTypeOnly });
    }
  }
  return names.sort((left, right) => (left.name < right.name ? -1 : 1));
}

/** What a file imports and re-exports, types included, as written. */
export function importsOf(file: SourceFile): string[] {
  const found: string[] = [];
  walk(file.tree, (node) => {
    const isStatic = ts.isImportDeclaration(node) || ts.isExportDeclaration(node);
    if (isStatic && node.moduleSpecifier !== undefined && ts.isStringLiteral(node.moduleSpecifier)) {
      found.push(node.moduleSpecifier.text);
    }
    const isDynamic = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
    const target = isDynamic ? node.arguments[0] : undefined;
    if (target !== undefined && ts.isStringLiteral(target)) found.push(target.text);
  });
  return found;
}
