import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { importCapture } from "../../src/feed/index.ts";
import {
  checkBinanceCapture,
  importBinanceCapture,
  openDepthTape,
  readChunks,
} from "../../src/host/index.ts";
import { capture } from "../fixtures/capture-lines.ts";
import { joined, SPOT_START } from "../fixtures/capture-run.ts";

const folder = mkdtempSync(join(tmpdir(), "tickwright-host-"));
afterAll(() => rmSync(folder, { recursive: true }));

const bytes = capture([...SPOT_START, joined]);
const spot = { market: "spot" } as const;

function file(name: string, content: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe("a capture file", () => {
  test.each([
    ["plain", bytes],
    ["gzipped", gzipSync(bytes)],
    [
      "gzipped in two members",
      Buffer.concat([gzipSync(bytes.subarray(0, 300)), gzipSync(bytes.subarray(300))]),
    ],
  ])("%s: imports to the same tape as its bytes in memory", async (name, content) => {
    const path = file(`${name.replaceAll(" ", "-")}.capture`, content);
    const out = `${path}.tape`;
    const { meta, report } = await importBinanceCapture({ ...spot, path, out });
    const { tape } = importCapture(spot, () => [bytes]);
    expect(meta.contentSha256).toBe(tape.meta.contentSha256);
    expect(meta.source).toBe(`binance spot capture ${name.replaceAll(" ", "-")}.capture`);
    expect(meta.counts).toEqual(tape.meta.counts);
    expect(report.events).toBe(5);
    const opened = openDepthTape(out);
    expect(opened.meta).toEqual(meta);
    opened.close();
    await expect(importBinanceCapture({ ...spot, path, out })).rejects.toThrow("FAULT_IO");
  });

  test("a gzip stream cut short: a fault, or counted by policy", async () => {
    const packed = gzipSync(bytes, { level: 0 });
    const path = file("cut.gz", packed.subarray(0, packed.length - 60));
    await expect(checkBinanceCapture({ ...spot, path })).rejects.toThrow(
      /FAULT_INPUT cut\.gz:\d: .*cut short/,
    );
    const { counts } = await checkBinanceCapture({ ...spot, path, policies: { truncated: "drop" } });
    expect(counts).toMatchObject({ truncatedFile: 1, truncated: 1, snapshots: 1 });
  });

  test.each([
    ["bytes behind the gzip stream", Buffer.concat([gzipSync(bytes), Buffer.from("rest")])],
    ["a damaged gzip stream", Buffer.concat([gzipSync(bytes).subarray(0, 40), Buffer.alloc(400, 7)])],
  ])("%s are FAULT_IO", async (name, content) => {
    const path = file(`${name.replaceAll(" ", "-")}.gz`, content);
    await expect(checkBinanceCapture({ ...spot, path })).rejects.toThrow(`FAULT_IO ${path}`);
  });

  test("empty, absent and misspelt", async () => {
    const path = file("empty.gz", new Uint8Array(0));
    await expect(checkBinanceCapture({ ...spot, path })).rejects.toThrow("an empty capture");
    const packed = file("packed-empty.gz", gzipSync(""));
    await expect(checkBinanceCapture({ ...spot, path: packed })).rejects.toThrow("an empty capture");
    await expect(checkBinanceCapture({ ...spot, path: join(folder, "absent") })).rejects.toThrow("FAULT_IO");
    await expect(checkBinanceCapture({ ...spot, path: folder })).rejects.toThrow("FAULT_IO");
    const misspelt = { ...spot, path, polices: {} } as Parameters<typeof checkBinanceCapture>[0];
    await expect(checkBinanceCapture(misspelt)).rejects.toThrow("FAULT_CONFIG capture.polices");
  });

  test("an import that fails leaves no file behind", async () => {
    const path = file("bad.capture", capture([...SPOT_START, "not a line"]));
    const out = join(folder, "bad.tape");
    await expect(importBinanceCapture({ ...spot, path, out })).rejects.toThrow("FAULT_INPUT bad.capture:5");
    expect(existsSync(out)).toBe(false);
    expect(readdirSync(folder).filter((name) => name.endsWith(".partial"))).toEqual([]);
  });

  test("chunks say how far the file is read", async () => {
    const path = file("progress.capture", bytes);
    const seen: number[] = [];
    await readChunks(path, (_chunk, { bytesRead, bytes: all }) => seen.push(bytesRead / all));
    expect(seen).toEqual([1]);
  });
});
