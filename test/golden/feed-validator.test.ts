import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { importCapture } from "../../src/feed/index.ts";
import { messagesOf, ValidatorSide } from "../bench/feed/messages.ts";

const data = process.env.TICKWRIGHT_DATA ?? fileURLToPath(new URL("../../../shared/data/", import.meta.url));
const CAPTURES = [
  { market: "usdm", verdicts: { pass: 93_902, flag: 0, drop: 0, halt: 0 }, reasons: {} },
  {
    market: "spot",
    verdicts: { pass: 41_144, flag: 99, drop: 0, halt: 0 },
    reasons: { FEED_SPREAD_WIDE: 4, FEED_LATENCY: 95 },
  },
] as const;
const pathOf = (market: string): string => `${data}/binance-raw/${market}_btcusdt_20240808.gz`;
const isHere = CAPTURES.every(({ market }) => existsSync(pathOf(market)));
if (!isHere) console.log(`skipped: the real captures are not at ${data} (set TICKWRIGHT_DATA)`);

describe.skipIf(!isHere).each(CAPTURES)("the real $market capture", ({ market, verdicts, reasons }) => {
  test("passes nearly whole with the defaults of its tier", () => {
    const raw = gunzipSync(readFileSync(pathOf(market)));
    const messages = messagesOf(importCapture({ market }, () => [raw]).tape);
    const side = new ValidatorSide(messages);
    side.run(0, messages.ends.length);
    expect(side.validator.counts()).toMatchObject({ verdicts });
    expect(side.validator.counts().reasons).toEqual(reasons);
    expect(side.validator.validity.isValid).toBe(true);
  });
});
