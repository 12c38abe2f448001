import { AUDIT_FRAME, AUDIT_FRAME_BYTES_MAX, AUDIT_FRAME_HEAD_BYTES } from "./audit-segment.ts";

const TAGS: ReadonlySet<number> = new Set(Object.values(AUDIT_FRAME));

/** Cuts a stream of chunks into frames. */
export class FrameReader {
  /** Where in the stream the next frame begins. */
  offset = 0;
  #rest: Uint8Array = new Uint8Array(0);

  /** Bytes that are no whole frame yet. */
  get torn(): number {
    return this.#rest.length;
  }

  /**
   * Hands every whole frame to `take`, its body as a view that is good during the call; `false` from it stops.
   *
   * @returns what is wrong with the stream, or `undefined`.
   */
  push(chunk: Uint8Array, take: (tag: number, body: Uint8Array) => boolean): string | undefined {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    let trouble: string | undefined;
    while (bytes.length - at >= AUDIT_FRAME_HEAD_BYTES) {
      const tag = view.getUint32(at, true);
      const length = view.getUint32(at + 4, true);
      if (!TAGS.has(tag)) trouble = `found the tag ${tag.toString(16)}, expected one of AUDIT_FRAME`;
      else if (length > AUDIT_FRAME_BYTES_MAX) trouble = `found a body of ${length} bytes`;
      if (trouble !== undefined) break;
      const end = at + AUDIT_FRAME_HEAD_BYTES + length;
      if (end > bytes.length) break;
      if (!take(tag, bytes.subarray(at + AUDIT_FRAME_HEAD_BYTES, end))) return undefined;
      this.offset += end - at;
      at = end;
    }
    this.#rest = bytes.slice(at);
    return trouble;
  }

  /** Begins another stream. */
  clear(): void {
    this.offset = 0;
    this.#rest = new Uint8Array(0);
  }
}
