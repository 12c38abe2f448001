/** The trading process of a drill: started by `drill`, killed by it, never imported. */
import { writeSync } from "node:fs";
import process from "node:process";
import { Prng } from "../base/index.ts";
import { DrillDesk } from "./drill-desk.ts";
import type { DrillLine, DrillOrder } from "./drill-message.ts";

const ROWS_A_TURN = 40;
/** How often the last record appended is told, in rows: what a kill takes is known up to so many. */
const ROWS_A_LINE = 8;

const [, , folder = "", seed = "1", snapshotRows = "2000"] = process.argv;
const text = new TextEncoder();

/** Writes a line at once: what was said is with the parent whatever happens next. */
function say(line: DrillLine): void {
  const bytes = text.encode(`${JSON.stringify(line)}\n`);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    }
  }
}

const journal = { policy: "sync", create: true, segmentBytes: 1 << 20, reserveBytes: 65_536 } as const;
const desk = new DrillDesk(folder, Number(snapshotRows), journal, new Prng(Number(seed)));
say({ hello: desk.hello });
desk.go((send) => say({ send }));

/** Nothing is traded from here until the venue has answered. */
let isTold = false;
let isStopping = false;
function ask(): void {
  isTold = false;
  for (const each of desk.questions()) say({ ask: each });
  say({ asked: 1 });
}
ask();

function take({ word, told, stop }: DrillOrder): number {
  if (word !== undefined) desk.tell(word);
  if (stop !== undefined) {
    isStopping = true;
    ask();
  }
  if (told !== undefined) {
    isTold = true;
    if (isStopping) end();
    else setImmediate(turn);
  }
  return word?.execId ?? 0;
}

let rest = "";
process.stdin.on("data", (chunk: Buffer) => {
  const lines = (rest + chunk.toString()).split("\n");
  rest = lines.pop() ?? "";
  const got = lines.map((line) => take(JSON.parse(line) as DrillOrder)).filter((execId) => execId > 0);
  desk.session.commit();
  if (got.length > 0) say({ got });
});
process.stdin.on("end", () => process.exit(0));

function turn(): void {
  if (!isTold) return;
  for (let i = 0; i < ROWS_A_TURN; i++) {
    desk.row();
    if (i % ROWS_A_LINE === 0) say({ at: [desk.lastSeq, performance.timeOrigin + performance.now()] });
  }
  desk.idle();
  setImmediate(turn);
}

function end(): void {
  say({ bye: desk.stop() });
  process.exit(0);
}
