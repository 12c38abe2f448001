#!/usr/bin/env node
/** `npm create tickwright FOLDER` is `tickwright new FOLDER` of the version that this package depends on. */
import process from "node:process";

process.argv.splice(2, 0, "new");
await import(new URL("dist/cli/main.js", import.meta.resolve("tickwright/package.json")).href);
