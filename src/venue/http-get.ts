import { get as getHttp } from "node:http";
import { get as getHttps } from "node:https";
import type { VenueTrouble } from "./venue-client.ts";

/** How much and how long an answer may be. */
export interface GetBounds {
  /** @units ms, from the call to the last byte */
  readonly timeoutMs: number;
  /** @units bytes */
  readonly bytesMax: number;
  readonly signal?: AbortSignal;
}

/** What an address answered, or why there is no answer. */
export type GetAnswer =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly cause: VenueTrouble };

/** Asks an address for its bytes over a connection of its own. Never throws; bounded in time and size. */
export async function httpGet(url: URL, bounds: GetBounds): Promise<GetAnswer> {
  return await new Promise((resolve) => {
    const get = url.protocol === "https:" ? getHttps : getHttp;
    const done = (answer: GetAnswer): void => {
      clearTimeout(late);
      bounds.signal?.removeEventListener("abort", stop);
      resolve(answer);
    };
    const failed = (code: VenueTrouble["code"], words: string): void =>
      done({ ok: false, cause: { code, words } });
    const request = get(url, { agent: false, headers: { accept: "application/json" } }, (response) => {
      const chunks: Uint8Array[] = [];
      let size = 0;
      response.on("data", (chunk: Uint8Array) => {
        size += chunk.length;
        chunks.push(chunk);
        if (size <= bounds.bytesMax) return;
        failed("VENUE_TOO_LARGE", `an answer of more than ${bounds.bytesMax} bytes`);
        request.destroy();
      });
      response.on("end", () => {
        const bytes = Buffer.concat(chunks);
        if (response.statusCode === 200) done({ ok: true, bytes });
        else
          done({
            ok: false,
            cause: troubleOf(response.statusCode ?? 0, response.headers["retry-after"], bytes),
          });
      });
      response.on("aborted", () => failed("VENUE_DISCONNECTED", "the answer was cut short"));
      response.on("error", (error) => failed("VENUE_DISCONNECTED", error.message));
    });
    const late = setTimeout(() => {
      failed("VENUE_TIMEOUT", `no whole answer within ${bounds.timeoutMs} ms`);
      request.destroy();
    }, bounds.timeoutMs);
    const stop = (): void => {
      failed("VENUE_DISCONNECTED", "the feed was closed");
      request.destroy();
    };
    bounds.signal?.addEventListener("abort", stop);
    request.on("error", (error) => failed("VENUE_UNREACHABLE", error.message));
    if (bounds.signal?.aborted === true) stop();
  });
}

function troubleOf(status: number, retryAfter: string | undefined, bytes: Uint8Array): VenueTrouble {
  const words = `HTTP ${status} ${new TextDecoder().decode(bytes.subarray(0, 200))}`.trim();
  const seconds = Number(retryAfter);
  const retry = retryAfter !== undefined && seconds >= 0 ? { retryNs: seconds * 1e9 } : {};
  if (status === 429) return { code: "VENUE_RATE_LIMITED", words, ...retry };
  if (status === 418) return { code: "VENUE_BANNED", words, ...retry };
  if (status === 403) return { code: "VENUE_PERMISSION", words };
  if (status === 400 || status === 404) return { code: "VENUE_UNKNOWN_INSTRUMENT", words };
  return { code: "VENUE_SERVER", words, ...retry };
}
