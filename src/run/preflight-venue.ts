import { Fault } from "../base/index.ts";
import type { CashRow, VenueSnapshot } from "../model/index.ts";
import type { VenueCapabilities, VenueClient, VenuePermissions } from "../venue/index.ts";
import type { PreflightCheck } from "./preflight.ts";
import { check } from "./preflight-check.ts";
import type { FilteredInstrument } from "./preflight-limits.ts";
import type { TraderPlan } from "./trader-options.ts";

const MS = 1_000_000;

/** A venue to be looked at: a client of its own, which is closed afterwards. */
export interface PreflightVenue {
  readonly client: VenueClient;
  /** Of this session's instruments, the places of those that trade here; all unless given. */
  readonly stations?: readonly number[];
  /** Who says what the key may do, where the client does not. */
  readonly permissions?: () => Promise<VenuePermissions>;
  /** What the account has to be for, in the venue's words, such as `SPOT`; not looked at unless given. */
  readonly accountType?: string;
  /** What has to be there, as decimal text of minor units, by currency; the session's cash unless given. */
  readonly cashMin?: Readonly<Record<string, string>>;
}

/** What a look at a venue found: checks, and what it takes of orders. */
export interface VenueLook {
  readonly checks: readonly PreflightCheck[];
  readonly filtered: readonly Omit<FilteredInstrument, "ticks">[];
  readonly capabilities: VenueCapabilities;
  readonly path: string;
}

/** Opens a client, asks it everything, and closes it. @units `clockNsMax` ns */
export async function venueChecks(
  plan: TraderPlan,
  venue: PreflightVenue,
  clockNsMax: number,
): Promise<VenueLook> {
  const { client } = venue;
  const path = `venue.${client.venue}.${client.account}`;
  const nothing = (): void => {};
  const listener = { report: nothing, connected: nothing, disconnected: nothing, trouble: nothing };
  try {
    await client.open(listener);
    const sentNs = plan.time.nowNs();
    const told = await asked(client);
    const gotNs = plan.time.nowNs();
    const { capabilities } = client;
    if (told === undefined) {
      const expected = `at most ${clockNsMax / MS} ms`;
      const no = "so far off that the venue answers nothing";
      return {
        ...{ checks: [check(`${path}.clock`, "fail", no, expected, "set this machine's clock")] },
        ...{ filtered: [], capabilities, path },
      };
    }
    const { canBeQueried } = capabilities.clientOrderIds;
    const open = (told.orders ?? []).filter(({ state }) => state === "open").length;
    const off = Math.max(sentNs - told.asOfNs, told.asOfNs - gotNs, 0);
    const checks = [
      check(
        `${path}.clock`,
        off > clockNsMax ? "fail" : "ok",
        `${(off / MS).toFixed(0)} ms off`,
        `at most ${clockNsMax / MS} ms`,
        "set this machine's clock",
      ),
      check(
        `${path}.lookUp`,
        canBeQueried ? "ok" : "fail",
        canBeQueried ? "by client order id" : "none",
        "orders can be asked for by client order id",
        "without it an unknown order stays unknown",
      ),
      check(
        `${path}.orders`,
        open > 0 ? "warn" : "ok",
        `${open} open`,
        "none, or this session's",
        "cancel what is not this session's: it will be treated as an orphan",
      ),
      ...cashChecks(path, plan, venue, told.cash ?? []),
      ...permissionChecks(path, await (venue.permissions?.() ?? client.permissions()), venue.accountType),
    ];
    const filtered = [];
    for (const [station, instrument] of plan.session.instruments.entries()) {
      if (venue.stations?.includes(station) === false) continue;
      filtered.push({ path, instrument, filters: await client.filters(instrument) });
    }
    return { checks, filtered, capabilities, path };
  } finally {
    await client.close();
  }
}

/** What an account holds; undefined where the venue says that our clock is too far off to be answered. */
async function asked(client: VenueClient): Promise<VenueSnapshot | undefined> {
  try {
    return await client.query({ sections: ["orders", "positions", "cash"] });
  } catch (error) {
    if (error instanceof Fault && error.value === "VENUE_CLOCK") return undefined;
    throw error;
  }
}

/** Balances beside what has to be there, or else beside what the session begins with. */
function cashChecks(
  path: string,
  { session }: TraderPlan,
  { cashMin, stations }: PreflightVenue,
  cash: readonly CashRow[],
): readonly PreflightCheck[] {
  const has = (code: string): bigint => BigInt(cash.find(({ currency }) => currency === code)?.minor ?? 0);
  if (cashMin !== undefined) {
    return Object.entries(cashMin).map(([code, least]) => {
      const state = has(code) < BigInt(least) ? "fail" : "ok";
      return check(
        `${path}.cash.${code}`,
        state,
        `${has(code)}`,
        `at least ${least}`,
        "pay in, or trade less",
      );
    });
  }
  const here = session.instruments.filter((_, i) => stations?.includes(i) !== false);
  const quoted = new Set(here.map(({ quote }) => quote.code));
  return session.cash
    .filter(({ currency, minor }) => quoted.has(currency.code) && minor > 0n)
    .map(({ currency: { code }, minor }) => {
      // A session that goes on has spent some of it: only nothing at all is certain to be too little.
      const state = has(code) <= 0n ? "fail" : has(code) < minor ? "warn" : "ok";
      const expected = `${minor}, what the session begins with`;
      return check(`${path}.cash.${code}`, state, `${has(code)}`, expected, "pay in, or begin with less");
    });
}

function permissionChecks(
  path: string,
  { canTrade, canWithdraw, isIpRestricted, accountTypes }: VenuePermissions,
  accountType: string | undefined,
): readonly PreflightCheck[] {
  const word = (value: boolean | null): string => (value === null ? "not said" : value ? "yes" : "no");
  const state = (value: boolean | null, good: boolean, bad: "fail" | "warn") =>
    value === good ? "ok" : value === null ? "warn" : bad;
  const types = accountTypes ?? [];
  const isType = accountType === undefined || types.includes(accountType);
  return [
    check(`${path}.canTrade`, state(canTrade, true, "fail"), word(canTrade), "yes", "allow the key to trade"),
    check(
      `${path}.canWithdraw`,
      state(canWithdraw, false, "fail"),
      word(canWithdraw),
      "no",
      "take the right to withdraw from the key",
    ),
    check(
      `${path}.ipRestricted`,
      state(isIpRestricted, true, "warn"),
      word(isIpRestricted),
      "yes",
      "bind the key to this machine's address",
    ),
    ...(accountType === undefined
      ? []
      : [
          check(
            `${path}.accountType`,
            isType ? "ok" : accountTypes === null ? "warn" : "fail",
            types.join(" ") || "not said",
            accountType,
            "take a key of such an account",
          ),
        ]),
  ];
}
