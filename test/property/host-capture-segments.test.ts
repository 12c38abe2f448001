import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CaptureSegments, readCaptureSegments } from "../../src/host/index.ts";
import { TortureDisk } from "../../src/torture/index.ts";

const batches = fc.array(fc.string({ minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 12 });

function readAll(folder: string, disk?: TortureDisk): { readonly text: string; readonly torn: number } {
  const parts: Uint8Array[] = [];
  const { tornBytes } = readCaptureSegments(folder, (lines) => parts.push(lines.slice()), disk);
  return { text: Buffer.concat(parts).toString("utf8"), torn: tornBytes };
}

describe("segments of a capture", () => {
  it("are a prefix, of whole batches, after the process or the power is lost at any operation", () => {
    fc.assert(
      fc.property(batches, fc.nat(60), fc.nat(), fc.boolean(), (texts, crashAt, seed, isPower) => {
        const disk = new TortureDisk({ seed, faults: { crashAt } });
        const done: string[] = [];
        try {
          const segments = new CaptureSegments({ folder: "/r", disk, segmentBytesMax: 1_024 });
          for (const [i, text] of texts.entries()) {
            segments.write(Buffer.from(`${text}\n`), i);
            done.push(`${text}\n`);
          }
          segments.close();
        } catch {
          // The crash.
        }
        const after = isPower ? disk.afterPowerLoss(seed) : disk.afterProcessLoss();
        const { text } = readAll("/r", after);
        const whole = texts.map((each) => `${each}\n`).join("");
        expect(whole.startsWith(text)).toBe(true);
        expect(text.startsWith(done.join(""))).toBe(true);
        // Another recorder goes on behind it, in a segment of its own.
        const next = new CaptureSegments({ folder: "/r", disk: after });
        next.write(Buffer.from("more\n"), 0);
        next.close();
        expect(readAll("/r", after).text).toBe(`${text}more\n`);
      }),
      { numRuns: 200 },
    );
  });

  it("are a prefix where a file is cut at any byte, and gzip to any other program", () => {
    const folder = mkdtempSync(join(tmpdir(), "segments-"));
    const path = join(folder, "raw-000001.gz");
    try {
      fc.assert(
        fc.property(batches, fc.nat(), (texts, cut) => {
          rmSync(path, { force: true });
          const segments = new CaptureSegments({ folder });
          for (const text of texts) segments.write(Buffer.from(`${text}\n`), 0);
          segments.close();
          const bytes = readFileSync(path);
          const whole = texts.map((text) => `${text}\n`).join("");
          expect(gunzipSync(bytes).toString("utf8")).toBe(Buffer.from(whole).toString("utf8"));
          writeFileSync(path, bytes.subarray(0, cut % (bytes.length + 1)));
          const { text, torn } = readAll(folder);
          expect(whole.startsWith(text)).toBe(true);
          expect(torn === 0 || text.length < whole.length).toBe(true);
        }),
        { numRuns: 60 },
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("are damaged, not torn, where a batch in the middle was changed", () => {
    const disk = new TortureDisk({ seed: 1 });
    const segments = new CaptureSegments({ folder: "/r", disk });
    for (let i = 0; i < 3; i++) segments.write(Buffer.from(`line ${i} of a batch\n`), i);
    segments.close();
    const file = disk.open("/r/raw-000001.gz", "write");
    file.write(Uint8Array.of(0xff), 24);
    file.close();
    expect(() => readAll("/r", disk)).toThrow("FAULT_TAPE_CORRUPT");
  });

  it("writes again what a full disk refused, and leaves nothing of the first try", () => {
    const disk = new TortureDisk({ seed: 1 });
    const segments = new CaptureSegments({ folder: "/r", disk });
    segments.write(Buffer.from("first\n"), 0);
    const room = disk.faults.capacityBytes;
    disk.faults.capacityBytes = 1;
    expect(() => segments.write(Buffer.from("second\n"), 1)).toThrow("FAULT_IO");
    disk.faults.capacityBytes = room;
    segments.write(Buffer.from("second\n"), 2);
    segments.close();
    expect(readAll("/r", disk)).toEqual({ text: "first\nsecond\n", torn: 0 });
  });
});
