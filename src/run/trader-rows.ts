import { Fault } from "../base/index.ts";
import { DepthBlock } from "../model/index.ts";
import type { LogFields } from "../port/index.ts";
import type { RemarkSaying } from "./session-remark.ts";
import type { TraderAgenda } from "./trader-agenda.ts";
import type { TraderAlerts } from "./trader-alerts.ts";
import type { TraderVenue } from "./trader-venue.ts";
import type { TradingSession } from "./trading-session.ts";

/** Brings rows to a trader's session, each at a time of its own, and to simulated venues before that. */
export class TraderRows {
  /** Rows that the session did not take. */
  refused = 0;
  readonly #agenda: TraderAgenda;
  readonly #alerts: TraderAlerts;
  readonly #exchangeNs: (exchNs: number, localNs: number) => number;
  readonly #row = new DepthBlock(1);
  #isFull = false;

  constructor(
    agenda: TraderAgenda,
    alerts: TraderAlerts,
    exchangeNs: (exchNs: number, localNs: number) => number,
  ) {
    this.#agenda = agenda;
    this.#alerts = alerts;
    this.#exchangeNs = exchangeNs;
  }

  /** Rows of an instrument, as they came until `nowNs`. */
  take(
    session: TradingSession,
    venue: TraderVenue | undefined,
    station: number,
    block: DepthBlock,
    from: number,
    to: number,
    nowNs: number,
  ): void {
    const localNs = block.local[from] as number;
    // When it came, but above every input before it.
    const came = Math.max(
      localNs <= nowNs ? Math.floor(localNs) : nowNs,
      (session.kernel.nowNs[0] as number) + 1,
    );
    const ns = this.#agenda.free(session, came);
    const row = this.#row;
    if (venue?.lived !== undefined) {
      for (let i = from; i < to; i++) {
        this.#copy(block, i, ns);
        venue.lived(station, row, 0, 1, ns);
      }
      this.#agenda.advance(session, ns, false);
    }
    for (let i = from; i < to; i++) {
      this.#copy(block, i, ns);
      venue?.hearing?.(station, row.exch[0] as number, ns);
      this.#tell(session, station, ns);
    }
  }

  #copy(block: DepthBlock, i: number, ns: number): void {
    const row = this.#row;
    row.kind[0] = block.kind[i] as number;
    row.tick[0] = block.tick[i] as number;
    row.lots[0] = block.lots[i] as number;
    row.exch[0] = this.#exchangeNs(block.exch[i] as number, ns);
    row.local[0] = ns;
  }

  /** What a stage says of its sources goes into the session's records. */
  remark(session: TradingSession, saying: RemarkSaying): void {
    this.#careful(session, { code: saying.type }, () => session.remark({ says: [saying] }));
  }

  #tell(session: TradingSession, station: number, ns: number): void {
    this.#careful(session, { station }, () => session.row(station, this.#row, 0, ns));
  }

  /** What the session does not take is counted and told, and ends nothing. */
  #careful(session: TradingSession, about: LogFields, input: () => void): void {
    try {
      input();
    } catch (error) {
      if (!(error instanceof Fault) || !session.isRunning) throw error;
      this.refused += 1;
      const isFull = error.code === "FAULT_DISK_FULL";
      if (isFull ? this.#isFull : this.refused > 1) return;
      this.#isFull ||= isFull;
      const code = isFull ? "TRADER_DISK_FULL" : "TRADER_ROW_REFUSED";
      this.#alerts.alert("error", code, error.message, about);
    }
  }
}
