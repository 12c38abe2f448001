import { INPUT } from "../../src/kernel/index.ts";
import { BarBlock, DepthBlock, MESSAGE_STRIDE } from "../../src/model/index.ts";
import { SESSION, type SessionRecord, type TradingSession } from "../../src/run/index.ts";
import { RequestDoor } from "../fixtures/session-desk.ts";
import type { VenueRequest } from "../fixtures/session-venue.ts";

/** A live session with nobody behind its doors: they note what is sent, and the world's words come from a record. */
export class LiveDesk {
  readonly noted: VenueRequest[] = [];
  readonly #session: TradingSession;
  readonly #row = new DepthBlock(1);
  readonly #bar = new BarBlock(1);
  #runHash = "";

  constructor(session: TradingSession) {
    this.#session = session;
    for (const i of session.kernel.stations.keys())
      session.connect(i, new RequestDoor(i, (request) => this.noted.push(request)));
  }

  /** Brings every recorded input to the session at its time; returns the session's hash. */
  run(records: readonly SessionRecord[]): string {
    for (const { type, payload } of records) {
      const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
      if (type === SESSION.row) this.#takeRow(view);
      else if (type === SESSION.bar) this.#takeBar(view);
      else if (type === SESSION.report) this.#takeReport(view);
      else if (type === SESSION.event) this.#takeEvent(view);
    }
    return this.#runHash;
  }

  #takeRow(view: DataView): void {
    const block = this.#row;
    const ns = view.getFloat64(24, true);
    block.kind[0] = view.getUint16(2, true);
    block.tick[0] = view.getInt32(4, true);
    block.lots[0] = view.getFloat64(8, true);
    block.exch[0] = view.getFloat64(16, true);
    block.local[0] = ns;
    this.#session.row(view.getUint16(0, true), block, 0, ns);
  }

  #takeBar(view: DataView): void {
    const block = this.#bar;
    block.kind[0] = view.getUint16(2, true);
    const prices = [block.open, block.high, block.low, block.close];
    for (const [i, column] of prices.entries()) column[0] = view.getInt32(4 + 4 * i, true);
    const reals = [block.volume, block.factor, block.openNs, block.closeNs];
    for (const [i, column] of reals.entries()) column[0] = view.getFloat64(24 + 8 * i, true);
    this.#session.bar(view.getUint16(0, true), block, 0, view.getFloat64(56, true));
  }

  #takeReport(view: DataView): void {
    const cells = Float64Array.from({ length: MESSAGE_STRIDE }, (_, k) => view.getFloat64(16 + 8 * k, true));
    this.#session.report(view.getUint16(0, true), cells, 0, view.getFloat64(8, true));
  }

  #takeEvent(view: DataView): void {
    const session = this.#session;
    const [station, kind] = [view.getInt32(0, true), view.getInt32(4, true)];
    const [a, b, ns] = [view.getFloat64(8, true), view.getFloat64(16, true), view.getFloat64(24, true)];
    if (kind === INPUT.start) session.start(ns);
    else if (kind === INPUT.stop) this.#runHash = session.stop(ns);
    else if (kind === INPUT.timer) session.idle(ns);
    else if (kind === INPUT.dividend) session.dividend(station, a, ns);
    else if (kind === INPUT.split) session.split(station, a, b, ns);
    else if (kind === INPUT.disconnected) session.disconnected(station, ns);
    else throw new Error(`input ${kind} of a live session`);
  }
}
