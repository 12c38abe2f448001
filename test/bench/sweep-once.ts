/** One sweep, or the same backtests without it: prints how long they took, what they came to, and peak memory. */
import process from "node:process";
import { parseArgs } from "node:util";
import { sha256Hex } from "tickwright/base";
import { loadTape, SharedTape, tileTape } from "tickwright/feed";
import { openDepthTape } from "tickwright/host";
import { Backtester } from "tickwright/run";
import { pointsOf, Sweep, ThreadExecutor } from "tickwright/sweep";
import { grid, gridSpace } from "./sweep-grid.ts";

const { values } = parseArgs({
  options: {
    tape: { type: "string" },
    times: { type: "string", default: "1" },
    points: { type: "string", default: "8" },
    /** 0 runs the backtests one after another, without a sweep. */
    threads: { type: "string", default: "0" },
  },
});

const threads = Number(values.threads);
const space = gridSpace(Number(values.points));
const file = openDepthTape(values.tape as string);
const tiled = tileTape(file, Number(values.times));
let hashes: string[];
let elapsedNs: number;
if (threads === 0) {
  const tape = loadTape(tiled);
  const make = grid();
  const start = process.hrtime.bigint();
  hashes = pointsOf({ space }).map((params) => new Backtester(make(params, [tape])).runToEnd().runHash);
  elapsedNs = Number(process.hrtime.bigint() - start);
} else {
  const tape = SharedTape.from(tiled);
  const module = new URL("./sweep-grid.ts", import.meta.url).href;
  const sweep = new Sweep({
    ...{ space, tapes: [tape], recipe: { module, name: "grid" } },
    executor: new ThreadExecutor({ threads }),
  });
  const start = process.hrtime.bigint();
  const { points } = await sweep.run();
  elapsedNs = Number(process.hrtime.bigint() - start);
  hashes = points.map(({ runHash }) => runHash);
}
process.stdout.write(
  `${JSON.stringify({
    ...{ units: hashes.length, rows: tiled.meta.rows, elapsedNs },
    ...{ hash: sha256Hex(hashes.join(" ")), peakMiB: process.resourceUsage().maxRSS / 1024 },
  })}\n`,
);
