/** A tape is a file of columns: written once, read block by block, checked by checksums and a content hash. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openTape, writeTape } from "tickwright/host";
import { generateDepthTape } from "tickwright/sim";

const folder = mkdtempSync(join(tmpdir(), "tickwright-"));
const path = join(folder, "market.tape");
const made = generateDepthTape({
  instrument: { symbol: "SIM", venue: "simulated", tickSize: "0.01", lotSize: "1", quote: "USD" },
  seed: 1,
  durationNs: 60 * 1_000_000_000,
});
writeTape(path, made, { codec: "zstd" });
const tape = openTape(path);
console.log(tape.meta.rows, "rows, simulated:", tape.meta.simulated);
console.log("same content:", tape.meta.contentSha256 === made.meta.contentSha256);
tape.close();
rmSync(folder, { recursive: true });
