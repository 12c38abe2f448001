import { createReadStream, statSync } from "node:fs";
import { createGunzip } from "node:zlib";
import { Fault } from "../base/index.ts";
import { attempt, FileBytes } from "./file-bytes.ts";

const CHUNK_BYTES = 256 * 1024;

/** How far a file has been read. @units bytes of the file as it lies on disk */
export interface FileProgress {
  readonly bytesRead: number;
  readonly bytes: number;
}

/**
 * Reads a file chunk by chunk, unpacking it where it starts with the gzip magic, in bounded memory.
 *
 * @returns why the file is cut short, where its gzip stream ends early; nothing where it is whole.
 * @throws `FAULT_IO` naming the file where it cannot be read, its gzip stream is damaged, or bytes follow it.
 */
export async function readChunks(
  path: string,
  onChunk: (chunk: Uint8Array, progress: FileProgress) => void,
): Promise<string | undefined> {
  const bytes = attempt(path, () => statSync(path)).size;
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  if (!isGzip(path, bytes)) {
    for await (const chunk of caught(path, file)) onChunk(chunk, { bytesRead: file.bytesRead, bytes });
    return undefined;
  }
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  file.on("error", (error) => gunzip.destroy(error));
  file.pipe(gunzip);
  try {
    for await (const chunk of gunzip as AsyncIterable<Uint8Array>) {
      onChunk(chunk, { bytesRead: file.bytesRead, bytes });
    }
  } catch (error) {
    if (error instanceof Fault) throw error;
    if (codeOf(error) === "Z_BUF_ERROR") return `a gzip stream cut short after ${bytes} bytes`;
    throw unreadable(path, error);
  } finally {
    file.destroy();
  }
  return undefined;
}

async function* caught(path: string, file: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* file;
  } catch (error) {
    throw unreadable(path, error);
  }
}

function isGzip(path: string, bytes: number): boolean {
  if (bytes < 2) return false;
  const file = new FileBytes(path);
  try {
    const magic = new Uint8Array(2);
    file.read(0, magic);
    return magic[0] === 0x1f && magic[1] === 0x8b;
  } finally {
    file.close();
  }
}

function unreadable(path: string, cause: unknown): Fault {
  const value = cause instanceof Error ? cause.message : String(cause);
  return new Fault("FAULT_IO", { path, value, expected: "a file that can be read to its end", cause });
}

function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}
