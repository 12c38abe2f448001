import { openDesk, type ReconAlert, type ReconDesk, type TradingSession } from "../run/index.ts";
import type { EngineVenue } from "./engine-parts.ts";

/** What a desk needs of its engine. */
export interface EngineDeskParts {
  readonly session: TradingSession;
  /** Settles a report that the desk made. */
  readonly settle: (station: number, cells: Float64Array, offset: number, note: string | undefined) => void;
  /** Asks the venue to cancel an order. */
  readonly cancelNow: (station: number, id: number) => void;
  /** Told of every alert, with the desk. */
  readonly alerted: (alert: ReconAlert) => void;
}

const ON_DUTY = { approver: "on duty", reason: "as the venue says" } as const;

/**
 * The reconciliation desk of one venue, saved with the session. Whoever is on duty approves what a desk may
 * not decide alone and lets a halted instrument go on.
 */
export function engineDesk(engineVenue: EngineVenue, parts: EngineDeskParts): ReconDesk {
  const { name, stations } = engineVenue;
  const { session, settle, cancelNow, alerted } = parts;
  const { kernel } = session;
  const desk = openDesk(session, {
    venue: name,
    account: "main",
    stations,
    rules: {
      ackTimeoutNs: 1_000_000_000,
      graceNs: 10_000_000_000,
      orphans: "cancel",
      positionToleranceLots: 0,
    },
    schedule: { startNs: 0, intervalNs: 5_000_000_000, retryNs: 1_000_000_000, timeoutNs: 3_000_000_000 },
    names: { instrument: (station) => (kernel.instruments[station] as { readonly key: string }).key },
    cancelsOnDisconnect: true,
    fillsKept: 200,
    hands: {
      report: settle,
      queryOrder: () => {},
      queryFills: () => {},
      cancelOrphan: (_orderId, clientOrderId, station) => {
        const id = Number(clientOrderId?.split("-")[1]);
        if (station !== null && id > 0) cancelNow(station, id);
      },
      alert: (alert) => {
        alerted(alert);
        if (alert.reason === "approval" && alert.break !== null)
          desk.approve(alert.break.kind, alert.break.key, ON_DUTY);
      },
      halt: (station) => desk.resume(station, ON_DUTY),
    },
  });
  return desk;
}
