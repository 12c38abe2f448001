import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { importBinanceCapture } from "../../src/host/index.ts";

const DATA = process.env["TICKWRIGHT_DATA"] ?? new URL("../../../shared/data/", import.meta.url).pathname;
const FOLDER = new URL("../../.bench-peers/data/", import.meta.url).pathname;
const CAPTURE = join(DATA, "binance-raw", "usdm_btcusdt_20240808.gz");

/** The futures capture as a tape file, made once; undefined where the capture is absent. */
export async function captureTapeFile(): Promise<string | undefined> {
  if (!existsSync(CAPTURE)) return undefined;
  const out = join(FOLDER, "usdm.tape");
  if (existsSync(out)) return out;
  mkdirSync(FOLDER, { recursive: true });
  await importBinanceCapture({ path: CAPTURE, out, market: "usdm" });
  return out;
}
