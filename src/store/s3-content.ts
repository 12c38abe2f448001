import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { Fault } from "../base/index.ts";

/** One upload holds no more: 5 GiB. @units bytes */
const BYTES_MAX = 5_368_709_120;
/** The frame that ends a sealed segment: tag, length, and 48 bytes. */
const END_BYTES = 56;

/** What is to be stored: its length, its hash, and its bytes, anew for each attempt. */
export interface S3Content {
  readonly byteLength: number;
  /** @shape 32 bytes */
  readonly sha256: Buffer;
  readonly body: () => Uint8Array | Readable;
}

/** Measures a file or bytes; a file is read once for its hash and once for each upload. */
export async function contentOf(path: string, source: string | Uint8Array): Promise<S3Content> {
  if (source instanceof Uint8Array) {
    const sha256 = createHash("sha256").update(source).digest();
    return { byteLength: checkLength(path, source.length), sha256, body: () => source };
  }
  if (typeof source !== "string" || source === "") {
    throw new Fault("FAULT_INPUT", { path, value: typeof source, expected: "the path of a file, or bytes" });
  }
  const hash = createHash("sha256");
  let byteLength = 0;
  await onFile(source, async () => {
    checkLength(source, (await stat(source)).size);
    for await (const chunk of createReadStream(source) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      byteLength += chunk.length;
    }
  });
  // An object must not be longer than what was hashed.
  const end = Math.max(0, byteLength - 1);
  const body = () => (byteLength === 0 ? new Uint8Array(0) : createReadStream(source, { end }));
  return { byteLength, sha256: hash.digest(), body };
}

/** Ends the reading of a body whose upload failed. */
export function endBody(body: Uint8Array | Readable): void {
  if (body instanceof Readable) body.destroy();
}

/** The segments of an audit folder by name, those in `cold` included, and whether their writer ended them. */
export async function segmentsIn(
  folder: string,
): Promise<{ readonly name: string; readonly path: string; readonly isSealed: boolean }[]> {
  const names = await onFile(folder, () => readdir(folder));
  const cold = names.includes("cold") ? await onFile(folder, () => readdir(join(folder, "cold"))) : [];
  const paths = [...names, ...cold.map((name) => `cold/${name}`)].filter((name) => name.endsWith(".twa"));
  const found = paths.map(async (each) => {
    const path = join(folder, each);
    return { name: each.replace("cold/", ""), path, isSealed: await isSealed(path) };
  });
  return (await Promise.all(found)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Whether a file ends with the frame that ends a segment. It says what the writer meant and proves nothing. */
async function isSealed(path: string): Promise<boolean> {
  return await onFile(path, async () => {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      if (size < END_BYTES) return false;
      const { buffer } = await file.read(Buffer.alloc(8), 0, 8, size - END_BYTES);
      return buffer.toString("latin1", 0, 4) === "END1" && buffer.readUInt32LE(4) === END_BYTES - 8;
    } finally {
      await file.close();
    }
  });
}

/** Does work on a file; what the system says becomes a fault that names the file. */
export async function onFile<Value>(path: string, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    const value = cause instanceof Error ? cause.message : String(cause);
    throw new Fault("FAULT_IO", { path, value, expected: "a file that can be read", cause });
  }
}

function checkLength(path: string, byteLength: number): number {
  if (byteLength <= BYTES_MAX) return byteLength;
  const value = `${byteLength} bytes`;
  throw new Fault("FAULT_INPUT", {
    path,
    value,
    expected: "at most 5 GiB, which is one upload: roll segments earlier",
  });
}
