import { REPORT } from "../model/index.ts";
import { KillAuthority, type KillOrder, KillSwitch } from "../risk/index.ts";
import { killRemark, type TradingSession } from "../run/index.ts";
import type { EngineEstate, EngineVenue } from "./engine-parts.ts";
import { WIRE, WIRE_REPORT } from "./wire.ts";

const MS = 1_000_000;

/** What a kill switch needs of its engine. */
export interface EngineKillParts {
  readonly session: TradingSession;
  readonly estate: EngineEstate;
  readonly venues: readonly EngineVenue[];
  readonly massCancel: (venue: number) => void;
  readonly cancelNow: (venue: number, station: number, id: number) => void;
  readonly queryOpenOrders: (venue: number) => void;
}

/** The kill switch of an engine: two risk managers, a record that outlives it, every venue. */
export function engineKillSwitch(parts: EngineKillParts): KillSwitch {
  const { session, estate, venues, massCancel, cancelNow, queryOpenOrders } = parts;
  const { orders } = session.kernel;
  return new KillSwitch({
    latch: estate.latch,
    scopes: estate.scopes,
    authority: new KillAuthority(estate.scopes, [
      { who: "ann", role: "riskManager" },
      { who: "rob", role: "riskManager" },
    ]),
    store: {
      save: (record) => {
        estate.killRecord = record;
      },
    },
    venues: venues.map(({ name, stations }, v) => ({
      name,
      massCancel: () => massCancel(v),
      cancel: (ref) => {
        const row = orders.id.indexOf(Number(ref));
        const station = row < 0 ? stations[0] : orders.instrument[row];
        cancelNow(v, station as number, Number(ref));
      },
      queryOpenOrders: () => queryOpenOrders(v),
    })),
    orders: {
      open: () => openOrders(session, venues),
      includes: () => true,
    },
    pace: {
      cancelsPerStep: 20,
      retryNs: 500 * MS,
      queryNs: 1000 * MS,
      inFlightNs: 500 * MS,
      roundsMax: 100,
      escalateNs: 30_000 * MS,
      requestNs: 60_000 * MS,
    },
    onRecord: (record) => session.remark(killRemark(record)),
  });
}

/** Tells the switch what a venue's report says of an order it may be canceling. */
export function tellKillSwitch(
  killSwitch: KillSwitch,
  venue: string,
  cells: Float64Array,
  offset: number,
  nowNs: number,
): void {
  const id = cells[offset + WIRE.id] as number;
  const kind = (cells[offset + WIRE.kind] as number) - WIRE_REPORT;
  const isOver = kind === REPORT.canceled || kind === REPORT.expired || kind === REPORT.rejected;
  if (isOver || kind === REPORT.calculated) killSwitch.onCancelConfirmed(venue, id, nowNs);
  else if (kind === REPORT.cancelRejected) killSwitch.onCancelRejected(venue, id, nowNs);
  else if (kind === REPORT.accepted) killSwitch.onAck(venue, id, nowNs);
  else if (kind === REPORT.trade && cells[offset + WIRE.leavesLots] === 0)
    killSwitch.onFilled(venue, id, nowNs);
}

function openOrders({ kernel }: TradingSession, venues: readonly EngineVenue[]): KillOrder[] {
  const { orders } = kernel;
  const open: KillOrder[] = [];
  for (let row = 0; row < orders.capacity; row++) {
    const id = orders.id[row] as number;
    if (id === 0 || orders.worstLeavesLots(row) === 0) continue;
    const station = orders.instrument[row] as number;
    const { name } = venues.find(({ stations }) => stations.includes(station)) as EngineVenue;
    open.push({ venue: name, ref: id, aggressiveness: 0, openedNs: orders.createdNs[row] as number });
  }
  return open;
}
