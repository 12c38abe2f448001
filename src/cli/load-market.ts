import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { checkKeys, Fault } from "../base/index.ts";
import type { ClosedBacktestMarket } from "../run/index.ts";
import { closedMarketHead, MatchingVenue } from "../sim/index.ts";

const KEYS = ["closed", "fees", "venue"] as const;
const EXPECTED = "an object { closed: { instrument, seed, durationNs }, venue, fees }";

/**
 * Loads a closed market from a file: JSON where its name ends so, with `startNs` as text; else a module, of which it is
 * the default export, or the one named `market`. `seed` stands in place of the file's.
 *
 * @throws `FAULT_IO` where the file cannot be loaded, `FAULT_CONFIG` naming the file and the option
 */
export async function loadMarket(path: string, seed: number | undefined): Promise<ClosedBacktestMarket> {
  const found = path.endsWith(".json") ? readMarket(path) : await importMarket(path);
  try {
    checkKeys("market", found, KEYS);
    const { closed, ...others } = found as ClosedBacktestMarket;
    if (!isObject(closed))
      throw new Fault("FAULT_CONFIG", { path: "closed", value: closed, expected: EXPECTED });
    const market = { ...others, closed: { ...closed, ...(seed === undefined ? {} : { seed }) } };
    // Made once without its warm-up, so that what is wrong is told with the name of the file.
    const { baseNs } = closedMarketHead(market.closed);
    new MatchingVenue({ ...others.venue, baseNs, market: { ...market.closed, warmUpNs: 0 } });
    return market;
  } catch (cause) {
    throw cause instanceof Fault ? inFile(path, cause) : cause;
  }
}

function inFile(path: string, { code, path: option, value, expected }: Fault): Fault {
  const where = option === undefined ? path : `${path} ${option}`;
  return new Fault(code, { path: where, value, ...(expected === undefined ? {} : { expected }) });
}

function readMarket(path: string): unknown {
  let found: unknown;
  try {
    found = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new Fault("FAULT_IO", { path, value: String(cause), expected: "a file of JSON", cause });
  }
  if (!isObject(found)) return found;
  const { closed } = found as { readonly closed?: unknown };
  if (!isObject(closed)) return found;
  const { startNs } = closed as { readonly startNs?: unknown };
  if (typeof startNs !== "string" || !/^\d{1,19}$/.test(startNs)) return found;
  return { ...found, closed: { ...closed, startNs: BigInt(startNs) } };
}

async function importMarket(path: string): Promise<unknown> {
  try {
    const module = (await import(pathToFileURL(resolve(path)).href)) as Readonly<Record<string, unknown>>;
    return module["default"] ?? module["market"];
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    const value = cause instanceof Error ? cause.message : String(cause);
    throw new Fault("FAULT_IO", { path, value, expected: "a module that can be loaded", cause });
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
