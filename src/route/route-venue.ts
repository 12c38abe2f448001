import {
  checkArray,
  checkBoolean,
  checkInteger,
  checkKeys,
  checkNumber,
  checkText,
  Fault,
} from "../base/index.ts";

/** How many fee units a tick is: fees and all-in prices are whole numbers of them. */
export const FEE_UNITS = 100_000_000;

/** The largest rate, of either sign: 2^22 in 1e-8 of the notional, about 4.19 %. */
const RATE_MAX = 4_194_304;

/** The largest fee per lot, of either sign: with the rate's share and a score it stays below 2^53. */
export const PER_LOT_MAX = 1_125_899_906_842_624;

/**
 * What a venue charges from a traded volume up. What is left out is 0.
 *
 * @units rates in 1e-8 of the notional, amounts per lot in 1e-8 ticks; below 0 is a rebate
 */
export interface RouteFeeTier {
  /** The volume from which it holds; the first tier holds from 0. @units lots */
  readonly fromLots?: number;
  readonly takerRate?: number;
  readonly makerRate?: number;
  readonly takerPerLot?: number;
  readonly makerPerLot?: number;
}

/** A venue that a router may send to. */
export interface RouteVenue {
  readonly id: string;
  /** Rising by volume from 0; there is no free venue unless it says so. */
  readonly fees: readonly RouteFeeTier[];
  /** From our sending to the venue's having it, until the scorecard has learned better. @units ns */
  readonly latencyNs: number;
  /** Orders are whole multiples of it; 1 unless given. @units lots */
  readonly lotStep?: number;
  /** The least order; `lotStep` unless given, rounded up to a multiple of it. @units lots */
  readonly minLots?: number;
  /** Whether its best bid and ask are protected quotes (17 CFR 242.611); false unless given. */
  readonly isProtected?: boolean;
  /** A book older than this is not used; none unless given. @units ns */
  readonly staleNs?: number;
  /** What takers trade there in a second at the best price of one side: for posting; 0 unless given. @units lots */
  readonly flowLotsPerS?: number;
}

/** Columns of venues, one slot a venue. */
export interface VenueTable {
  readonly ids: readonly string[];
  readonly fees: readonly (readonly Required<RouteFeeTier>[])[];
  readonly latencyNs: Float64Array;
  readonly lotStep: Float64Array;
  readonly minLots: Float64Array;
  readonly isProtected: Uint8Array;
  readonly staleNs: Float64Array;
  readonly flowLotsPerS: Float64Array;
  /** Of the tier that holds now. */
  readonly takerRate: Float64Array;
  readonly makerRate: Float64Array;
  readonly takerPerLot: Float64Array;
  readonly makerPerLot: Float64Array;
  readonly volumeLots: Float64Array;
}

const KEYS = ["id", "fees", "latencyNs", "lotStep", "minLots", "isProtected", "staleNs", "flowLotsPerS"];
const TIER_KEYS = ["fromLots", "takerRate", "makerRate", "takerPerLot", "makerPerLot"];

/** Checks venues. @throws `FAULT_CONFIG` naming the path. */
export function venueTable(venues: readonly RouteVenue[]): VenueTable {
  checkArray("route.venues", venues);
  if (venues.length > 64) {
    throw new Fault("FAULT_CONFIG", { path: "route.venues", value: venues.length, expected: "at most 64" });
  }
  venues.forEach(checkVenue);
  const ids = venues.map(({ id }) => id);
  const twice = ids.findIndex((id, i) => ids.indexOf(id) !== i);
  if (twice >= 0) {
    throw new Fault("FAULT_CONFIG", {
      path: `route.venues[${twice}].id`,
      value: ids[twice],
      expected: "an id of its own",
    });
  }
  const of = (read: (venue: RouteVenue) => number): Float64Array => Float64Array.from(venues, read);
  const table: VenueTable = {
    ids,
    fees: venues.map(({ fees }) => fees.map(wholeTier)),
    latencyNs: of(({ latencyNs }) => latencyNs),
    lotStep: of(stepOf),
    minLots: of((venue) => Math.ceil((venue.minLots ?? 1) / stepOf(venue)) * stepOf(venue)),
    isProtected: Uint8Array.from(venues, ({ isProtected }) => (isProtected === true ? 1 : 0)),
    staleNs: of(({ staleNs }) => staleNs ?? Infinity),
    flowLotsPerS: of(({ flowLotsPerS }) => flowLotsPerS ?? 0),
    takerRate: of(() => 0),
    makerRate: of(() => 0),
    takerPerLot: of(() => 0),
    makerPerLot: of(() => 0),
    volumeLots: of(() => 0),
  };
  for (let v = 0; v < ids.length; v++) setVolume(table, v, 0);
  return table;
}

/** Puts the tier of a volume into force. */
export function setVolume(table: VenueTable, venue: number, lots: number): void {
  const tiers = table.fees[venue] as readonly Required<RouteFeeTier>[];
  const tier = tiers.findLast(({ fromLots }) => fromLots <= lots) as Required<RouteFeeTier>;
  table.volumeLots[venue] = lots;
  table.takerRate[venue] = tier.takerRate;
  table.makerRate[venue] = tier.makerRate;
  table.takerPerLot[venue] = tier.takerPerLot;
  table.makerPerLot[venue] = tier.makerPerLot;
}

function wholeTier(tier: RouteFeeTier): Required<RouteFeeTier> {
  return { fromLots: 0, takerRate: 0, makerRate: 0, takerPerLot: 0, makerPerLot: 0, ...tier };
}

function stepOf({ lotStep }: RouteVenue): number {
  return lotStep ?? 1;
}

function checkVenue(venue: RouteVenue, i: number): void {
  const path = `route.venues[${i}]`;
  checkKeys(path, venue, KEYS);
  checkText(`${path}.id`, venue.id);
  checkInteger(`${path}.latencyNs`, venue.latencyNs, 0, 60_000_000_000);
  checkInteger(`${path}.lotStep`, venue.lotStep ?? 1, 1, 1_000_000_000);
  checkInteger(`${path}.minLots`, venue.minLots ?? 1, 1, 1_000_000_000_000);
  checkBoolean(`${path}.isProtected`, venue.isProtected ?? false);
  if (venue.staleNs !== undefined) checkInteger(`${path}.staleNs`, venue.staleNs, 1);
  checkNumber(`${path}.flowLotsPerS`, venue.flowLotsPerS ?? 0, 0, 1e15);
  checkArray(`${path}.fees`, venue.fees);
  let least = 0;
  for (const [k, tier] of venue.fees.entries()) {
    const at = `${path}.fees[${k}]`;
    checkKeys(at, tier, TIER_KEYS);
    checkInteger(`${at}.fromLots`, tier.fromLots ?? 0, least, k === 0 ? 0 : Number.MAX_SAFE_INTEGER);
    least = (tier.fromLots ?? 0) + 1;
    for (const name of ["takerRate", "makerRate"] as const)
      checkInteger(`${at}.${name}`, tier[name] ?? 0, -RATE_MAX, RATE_MAX);
    for (const name of ["takerPerLot", "makerPerLot"] as const)
      checkInteger(`${at}.${name}`, tier[name] ?? 0, -PER_LOT_MAX, PER_LOT_MAX);
  }
}
