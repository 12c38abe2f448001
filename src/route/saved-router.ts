import { Fault } from "../base/index.ts";
import { TICK_MAX, TICK_MIN } from "../book/index.ts";
import type { SavedRouter } from "./router-state.ts";
import { LOTS_MAX } from "./venue-books.ts";

/** What a router that restores is made with. */
export interface RouterShape {
  readonly ids: readonly string[];
  readonly statuses: readonly string[];
  readonly levels: number;
  readonly rowsMax: number;
}

type Row = Readonly<Record<string, unknown>>;

/**
 * Checks what a router saved before any of it is put in place: every field, that claims are what slices in flight
 * claim, and that each row is in flight or free.
 *
 * @throws `FAULT_INPUT` naming the field, as `route.saved.venues[0].claimed`
 * @cost O(venues * levels + slicesMax)
 */
export function checkSavedRouter(saved: unknown, shape: RouterShape): SavedRouter {
  const router = object("", saved);
  if (router.version !== 1) throw wrong("version", router.version, "1");
  const venues = list("venues", router.venues);
  const found = venues.map((venue) => (venue as Row | null)?.id);
  if (found.length !== shape.ids.length || found.some((id, v) => id !== shape.ids[v])) {
    throw wrong("venues", found, `the venues ${shape.ids.join(", ")}`);
  }
  for (const [v, venue] of venues.entries()) checkVenue(`venues[${v}]`, venue as Row, shape);
  const claims = checkInFlight(object("inFlight", router.inFlight), shape);
  for (const [v, venue] of venues.entries()) {
    const claimed = (venue as Row).claimed as readonly number[];
    for (const side of [0, 1] as const) {
      const expected = claims[2 * v + side] as number;
      if (claimed[side] === expected) continue;
      throw wrong(
        `venues[${v}].claimed[${side}]`,
        claimed[side],
        `${expected}, as its slices in flight claim`,
      );
    }
  }
  const draws = list("draws", router.draws);
  const isState = draws.length === 4 && draws.every((word) => ((word as number) | 0) === word);
  if (!isState || draws.every((word) => word === 0)) {
    throw wrong("draws", router.draws, "four 32-bit integers, not all 0");
  }
  return saved as SavedRouter;
}

function checkVenue(path: string, venue: Row, { statuses, levels }: RouterShape): void {
  if (!statuses.includes(venue.status as string)) {
    throw wrong(`${path}.status`, venue.status, statuses.join(", "));
  }
  whole(`${path}.volumeLots`, venue.volumeLots, 0);
  number(`${path}.flowLotsPerS`, venue.flowLotsPerS, 0, 1e15);
  const ns = whole(`${path}.ns`, venue.ns, -1);
  for (const side of ["asks", "bids"] as const) {
    const rows = list(`${path}.${side}`, venue[side]);
    const most = ns < 0 ? 0 : levels;
    if (rows.length > most) throw wrong(`${path}.${side}`, rows.length, `at most ${most} levels`);
    for (const [i, row] of rows.entries()) {
      if (list(`${path}.${side}[${i}]`, row).length !== 2)
        throw wrong(`${path}.${side}[${i}]`, row, "a price and lots");
    }
  }
  const claimed = list(`${path}.claimed`, venue.claimed);
  if (claimed.length !== 2) throw wrong(`${path}.claimed`, claimed, "lots of asks and of bids");
  for (const [side, lots] of claimed.entries()) whole(`${path}.claimed[${side}]`, lots, 0, LOTS_MAX);
  const score = object(`${path}.score`, venue.score);
  for (const name of ["fillRate", "rejectRate"]) number(`${path}.score.${name}`, score[name], 0, 1);
  for (const name of ["slices", "latencyNs", "improvementTicks", "postRatio"])
    number(`${path}.score.${name}`, score[name], 0, Number.MAX_SAFE_INTEGER);
  for (const name of ["markoutTicks", "penaltyUnits"])
    number(`${path}.score.${name}`, score[name], Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
}

/** Checks slices in flight; what they claim, by venue * 2 + side. */
function checkInFlight(saved: Row, { ids, rowsMax }: RouterShape): Float64Array {
  const nextId = whole("inFlight.nextId", saved.nextId, 1, Number.MAX_SAFE_INTEGER / rowsMax);
  const claims = new Float64Array(2 * ids.length);
  const rows = new Uint8Array(rowsMax);
  const slices = list("inFlight.slices", saved.slices);
  let last = 0;
  for (const [i, slice] of slices.entries()) {
    const path = `inFlight.slices[${i}]`;
    const cells = list(path, slice);
    if (cells.length !== 9) throw wrong(path, slice, "nine numbers");
    const id = whole(`${path}[0]`, cells[0], Math.max(last + 1, rowsMax), nextId * rowsMax - 1);
    last = id;
    if (rows[id % rowsMax] === 1) throw wrong(`${path}[0]`, id, "a row of its own");
    rows[id % rowsMax] = 1;
    const venue = whole(`${path}[1]`, cells[1], 0, ids.length - 1);
    const side = whole(`${path}[2]`, cells[2], 0, 1);
    const kind = whole(`${path}[3]`, cells[3], 0, 1);
    const lots = whole(`${path}[4]`, cells[4], 1, LOTS_MAX);
    const leaves = whole(`${path}[5]`, cells[5], 0, lots);
    whole(`${path}[6]`, cells[6], TICK_MIN, TICK_MAX);
    number(`${path}[7]`, cells[7], 0, Number.MAX_SAFE_INTEGER);
    whole(`${path}[8]`, cells[8], TICK_MIN, TICK_MAX);
    const at = 2 * venue + side;
    if (kind === 0) claims[at] = (claims[at] as number) + leaves;
  }
  const free = list("inFlight.free", saved.free);
  if (free.length !== rowsMax - slices.length) {
    throw wrong(
      "inFlight.free",
      free.length,
      `${rowsMax - slices.length} rows: those not in flight of ${rowsMax}`,
    );
  }
  for (const [i, row] of free.entries()) {
    const at = whole(`inFlight.free[${i}]`, row, 0, rowsMax - 1);
    if (rows[at] === 1)
      throw wrong(`inFlight.free[${i}]`, at, "a row that is neither in flight nor told before");
    rows[at] = 1;
  }
  return claims;
}

function whole(path: string, value: unknown, least: number, most = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most)
    return value as number;
  throw wrong(path, value, `an integer within ${least} and ${Math.floor(most)}`);
}

function number(path: string, value: unknown, least: number, most: number): void {
  if (typeof value === "number" && value >= least && value <= most) return;
  throw wrong(path, value, `a number within ${least} and ${most}`);
}

function list(path: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw wrong(path, value, "a list");
}

function object(path: string, value: unknown): Row {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Row;
  throw wrong(path === "" ? "version" : path, value, "an object");
}

function wrong(path: string, value: unknown, expected: string): Fault {
  return new Fault("FAULT_INPUT", { path: `route.saved.${path}`, value, expected });
}
