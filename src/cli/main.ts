#!/usr/bin/env node
import process from "node:process";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`tickwright needs Node 22.18 or newer; this is Node ${process.versions.node}.\n`);
  process.exit(2);
}
const { runCommand } = await import("./command.ts");
process.exitCode = await runCommand(process.argv.slice(2));
