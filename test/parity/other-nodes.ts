/**
 * Runs the parity runs on the oldest and the newest supported Node and compares their hashes with those of this
 * one. The other versions come from npm, into an ignored folder, once.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

const VERSIONS = ["22.18.0", "26"];
const ROOT = new URL("../../", import.meta.url).pathname;
const PRINT = join(ROOT, "test/parity/print-hashes.ts");

function hashesOf(node: string): string {
  const child = spawnSync(node, ["--conditions=tickwright-source", PRINT], {
    encoding: "utf8",
    timeout: 120_000,
  });
  if (child.status !== 0) throw new Error(`${node} ended with ${child.status}: ${child.stderr}`);
  return child.stdout.trim();
}

/** The binary of a version, installed on demand; undefined where npm does not have it here. */
function nodeBinary(version: string): string | undefined {
  const folder = join(ROOT, ".bench-peers", `node-${version}`);
  const binary = join(folder, "node_modules", "node", "bin", "node");
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "private": true, "allowScripts": { "node": true } }\n');
  const args = ["install", "--prefix", folder, "--no-audit", "--no-fund", `node@${version}`];
  const install = spawnSync("npm", args, { encoding: "utf8", timeout: 300_000 });
  if (!existsSync(binary)) process.stdout.write(install.stderr);
  return existsSync(binary) ? binary : undefined;
}

const here = hashesOf(process.execPath);
process.stdout.write(`Node ${process.versions.node}: ${here}\n`);
for (const version of VERSIONS) {
  const node = nodeBinary(version);
  if (node === undefined) {
    process.stdout.write(`Node ${version}: skipped, npm could not install it here\n`);
    continue;
  }
  const theirs = hashesOf(node);
  const found = spawnSync(node, ["--version"], { encoding: "utf8" }).stdout.trim();
  if (theirs === here) process.stdout.write(`Node ${found}: the same hashes\n`);
  else {
    process.stdout.write(`Node ${found}: DIFFERENT hashes ${theirs}\n`);
    process.exitCode = 1;
  }
}
