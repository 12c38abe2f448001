const NS_PER_MS = 1_000_000;
/** Binance's word on a ban. */
const BANNED_UNTIL = /banned until (\d{13})/;

/**
 * How long a venue wants to be left alone: by the header `Retry-After`, in seconds or as a date, or by its words.
 *
 * @units ns from now; undefined where it does not say
 */
export function retryAfterNs(
  headers: Readonly<Record<string, string>> | undefined,
  words: string,
  nowMs: number,
): number | undefined {
  const name = Object.keys(headers ?? {}).find((each) => each.toLowerCase() === "retry-after");
  const text = name === undefined ? "" : (headers?.[name] ?? "").trim();
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
  const dateMs = seconds === undefined && text !== "" ? Date.parse(text) : Number.NaN;
  const untilMs = Number.isNaN(dateMs) ? Number(BANNED_UNTIL.exec(words)?.[1] ?? Number.NaN) : dateMs;
  if (seconds !== undefined) return seconds * 1_000 * NS_PER_MS;
  return Number.isNaN(untilMs) ? undefined : Math.max(0, untilMs - nowMs) * NS_PER_MS;
}
