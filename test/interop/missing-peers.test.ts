import { execFileSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { expect, it } from "vitest";

it("says what to install where an optional peer is not there", { timeout: 60_000 }, () => {
  const script = join(import.meta.dirname, "../fixtures/without-peers.ts");
  const out = execFileSync(process.execPath, ["--conditions=tickwright-source", script], {
    encoding: "utf8",
  });
  const told = JSON.parse(out) as Record<string, string>;
  expect(Object.keys(told)).toEqual(["pino", "ccxt", "feed", "exchange"]);
  for (const [name, peer] of [
    ["pino", "pino"],
    ["ccxt", "ccxt"],
    ["feed", "ws"],
    ["exchange", "ws"],
  ] as const) {
    expect(told[name]).toContain(`FAULT_PEER_MISSING ${peer}`);
    expect(told[name]).toContain(`npm install ${peer}`);
  }
});
