import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { describe, expect, test } from "vitest";

const FOLDER = new URL("../../examples/", import.meta.url);
const names = readdirSync(FOLDER).filter((name) => /^\d\d-.*\.ts$/.test(name));

/** A line each example must print: what it is there to show. */
const SHOWS: Readonly<Record<string, RegExp>> = {
  "01": /Final equity\s+[\d,]+\.\d\d USD/,
  "02": /simulated data: true[\s\S]*run hash: [0-9a-f]{64}/,
  "03": /next best bid 9999[\s\S]*ahead of a 7 ahead of b 0/,
  "04": /below the limit of 0\.1\? true[\s\S]*as lots: 0\.100 below the limit\? false/,
  "05": /partiallyFilled 4 6/,
  "06": /same content: true/,
  "07": /RISK_POSITION_EXCEEDED of the account 110 > 100\nsent 60[\s\S]*FAULT_APPROVAL[\s\S]*explained: RISK_PRICE_COLLAR/,
  "08": /A \{ requested: 2, confirmed: 2, unknown: 0[\s\S]*B \{[^}]*unknown: 1, escalated: true[\s\S]*UNKNOWN_ORDERS/,
  "09": /11-29 closes 18:00 \(half day\)[\s\S]*209 minutes after the open: preClose[\s\S]*211 RISK_SESSION_CLOSED/,
  "10": /bound \{ fills: \d+, mostHeld: 0\.02[\s\S]*RISK_DAILY_LOSS: \d+[\s\S]*RISK_POSITION_EXCEEDED: \d+/,
  "11": /broke noFault: Error: I counted \d+ lots, and hold \d+\nof \d+ faults it needs: bust/,
  "12": /exchange has \d+ lots\nrecovered: snapshot [1-9]\d*, \d+ inputs[\s\S]*unknownFill \d+: bookFill done\nheld (\d+), at the exchange \1\nreplay: identical, runHash [0-9a-f]{64}\n$/,
  "13": /(?=[\s\S]*journal: 100000 messages, sum of prices 1000299995, 0)[\s\S]*trader: 100000 messages, sum of prices 1000299995, 0 too/,
  "15": /^preflight: 0 fail, \d+ warn\nfilled, and an order is open\n[\s\S]*killed: 0 orders open[\s\S]*stopped cleanly; (-?\d\.\d{5}) BTC here, \1 there\nreplay of [1-9]\d* records: identical\n$/,
  "14": /[1-9]\d* fills, [01] lots held\n[\s\S]*replay of [1-9]\d* records: identical\n$/,
  "16": /slippages in bp, costs in USDT\nalgorithm[\s\S]*market +100%[\s\S]*sweep[\s\S]*twap +100%[\s\S]*vwap[\s\S]*pov[\s\S]*shortfall +100%[\s\S]*iceberg/,
  "17": /nobody knows: 160 lots cost [2-9]\.\d\d ticks each, 20 s later [5-9]\.\d\d ticks[\s\S]*makers know: 160 lots cost [2-9]\.\d\d ticks each, 20 s later -?[01]\.\d\d ticks/,
  "18": /does not\n {2}best of 32 points[\s\S]*deflated Sharpe +[1-9]\d\.\d %\n {2}overfitting \(PBO\) +[1-9]\d\.\d %[\s\S]*look-ahead +none in \d{3,} decisions\n[\s\S]*next bar\n[\s\S]*deflated Sharpe +(99\.\d|100\.0) %[\s\S]*look-ahead +in onBar\n$/,
};

/** Lines of an example: few, but for a whole trading process. */
const LINES = 40;
const LINES_OF: Readonly<Record<string, number>> = {
  "12": 200,
  "13": 50,
  "14": 100,
  "15": 80,
  "16": 140,
  "17": 60,
  "18": 60,
};

describe("examples", () => {
  test("each is numbered, short, and says what it must show", () => {
    for (const name of names) {
      const lines = readFileSync(new URL(name, FOLDER), "utf8").trimEnd().split("\n").length;
      expect(lines, name).toBeLessThanOrEqual(LINES_OF[name.slice(0, 2)] ?? LINES);
      expect(SHOWS[name.slice(0, 2)], `${name} needs a line in SHOWS`).toBeDefined();
    }
  });

  test.each(names)(
    "%s runs and prints what it shows",
    (name) => {
      const args = ["--conditions=tickwright-source", new URL(name, FOLDER).pathname];
      const child = spawnSync(process.execPath, args, { encoding: "utf8", timeout: 120_000 });
      expect(child.stderr).toBe("");
      expect(child.status).toBe(0);
      expect(child.stdout).toMatch(SHOWS[name.slice(0, 2)] as RegExp);
    },
    130_000,
  );
});
