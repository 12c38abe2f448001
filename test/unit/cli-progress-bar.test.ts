import process from "node:process";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ProgressBar } from "../../src/cli/progress-bar.ts";

const said: string[] = [];
const { isTTY } = process.stderr;
const { write } = process.stderr;
let nowMs = 0;

beforeEach(() => {
  said.length = 0;
  nowMs = 0;
  vi.spyOn(performance, "now").mockImplementation(() => nowMs);
  process.stderr.isTTY = true;
  process.stderr.write = ((text: string) => said.push(stripVTControlCharacters(text)) > 0) as typeof write;
});
afterEach(() => {
  vi.restoreAllMocks();
  process.stderr.isTTY = isTTY;
  process.stderr.write = write;
});

test("speed and time left count what was done since it began", () => {
  const bar = new ProgressBar("history", "bars");
  bar.begin(900);
  nowMs = 10_000;
  bar.update(950, 1_000);
  expect(said.at(-1)).toContain("95 %  950 bars  5.0 bars/s  ETA 0:10");
  nowMs = 20_000;
  bar.finish(1_000);
  expect(said.at(-1)).toContain("1,000 bars in 20.00 s  (5.0 bars/s)");
});

test("without a beginning all of it counts", () => {
  const bar = new ProgressBar("history", "bars");
  nowMs = 10_000;
  bar.update(500, 1_000);
  expect(said.at(-1)).toContain("50 %  500 bars  50.0 bars/s  ETA 0:10");
});
