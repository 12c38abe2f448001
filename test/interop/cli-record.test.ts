import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { CaptureLine } from "../../src/feed/index.ts";
import { FeedRecorder } from "../../src/run/index.ts";
import { BASE_NS, spotInstrument, until } from "../fixtures/feed-ear.ts";
import { LoopbackBinance } from "../fixtures/loopback-binance.ts";
import { SimulatedMarket } from "../fixtures/played-market.ts";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function tickwright(args: readonly string[]): { readonly ended: Promise<Ended>; stop(): void } {
  const child = spawn(process.execPath, ["--conditions=tickwright-source", MAIN, ...args]);
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  const ended = new Promise<Ended>((resolve) => {
    child.on("close", (code) => resolve({ code, out, err }));
  });
  return { ended, stop: () => child.kill("SIGINT") };
}

it("records until it is stopped, and says what a recording lacks", { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "record-"));
  const market = new SimulatedMarket(3, "BTCUSDT", Date.now() - 30_000);
  const exchange = new LoopbackBinance([market]);
  await exchange.open();
  try {
    const where = [
      "--url",
      exchange.streamUrl,
      "--rest-url",
      exchange.restUrl,
      "--out",
      folder,
      "--every",
      "1",
    ];
    const recording = tickwright(["record", "--exchange", "binance", "--symbols", "BTCUSDT", ...where]);
    await until("it subscribed", () => exchange.streams === 3);
    exchange.play(200);
    await until("it asked for the book", () => exchange.snapshotsAsked > 0);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    exchange.play(50);
    await new Promise((resolve) => setTimeout(resolve, 100));
    recording.stop();
    const { code, err } = await recording.ended;
    expect(err).toContain("book joined");
    expect(code).toBe(0);
    const [date] = readdirSync(folder);
    const files = readdirSync(join(folder, date as string, "symbol=BTCUSDT"));
    expect(files).toEqual(
      expect.arrayContaining(["depth.tape", "bars-1d.tape", "quality.json", "raw-000001.gz"]),
    );
    const fails = await tickwright(["tape", "quality", folder]).ended;
    expect(fails.out).toContain("BTCUSDT  FAIL");
    expect(fails.out).toContain("QUALITY_HOURS");
    expect(fails.code).toBe(1);
    const wrong = await tickwright(["record", "--exchange", "nasdaq"]).ended;
    expect(wrong.code).toBe(2);
  } finally {
    await exchange.close();
    rmSync(folder, { recursive: true });
  }
});

it("passes a whole day that lacks nothing", { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "record-"));
  const instrument = spotInstrument();
  const recorder = new FeedRecorder({ folder, instruments: [instrument], baseNs: BASE_NS, freeBytesMin: 0 });
  const line = new CaptureLine(BASE_NS);
  const startMs = Number(BASE_NS / 1_000_000n);
  const say = (ns: number, said: unknown): void => {
    const bytes = new TextEncoder().encode(JSON.stringify(said));
    line.write(bytes, 0, bytes.length, ns);
    recorder.line(instrument, ns, line.bytes, 0, line.length);
  };
  try {
    say(0, { lastUpdateId: 9, bids: [["99.00", "1.00000000"]], asks: [["101.00", "1.00000000"]] });
    for (let i = 0; i < 24 * 720; i++) {
      const ns = i * 5_000_000_000 + 3_000_000;
      const E = startMs + i * 5_000;
      const ids = { U: 10 + i, u: 10 + i };
      const levels = { b: [[`${90 + (i % 9)}.00`, "2.00000000"]], a: [] };
      say(ns, {
        stream: "btcusdt@depth@100ms",
        data: { e: "depthUpdate", E, s: "BTCUSDT", ...ids, ...levels },
      });
    }
    await recorder.stop();
    const passed = await tickwright(["tape", "quality", folder, "--json"]).ended;
    expect(JSON.parse(passed.out).verdict).toEqual({ pass: true, reasons: [] });
    expect(passed.code).toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
