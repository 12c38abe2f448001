/** Prints the parity hashes of this Node, for `other-nodes.ts`. */
import process from "node:process";
import { parityHashes } from "./runs.ts";

process.stdout.write(`${JSON.stringify(parityHashes())}\n`);
