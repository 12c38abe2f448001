import { Fault } from "../base/index.ts";
import { INPUT, type Station, type TradingKernel } from "../kernel/index.ts";
import { BarBlock, DepthBlock, MESSAGE_STRIDE } from "../model/index.ts";
import { type ControlRequest, isKillLevel, type KillLatch, readControlRequest } from "../risk/index.ts";
import {
  checkLength,
  pathOf,
  readJson,
  readReport,
  SESSION,
  SESSION_BYTES,
  type SessionRecord,
} from "./session-record.ts";

/**
 * Feeds the recorded inputs of a session to a kernel, one by one.
 *
 * @invariant Inputs come as they came: with their times, in their order, the latch as it was seen then.
 * @throws `FAULT_JOURNAL_FORMAT` naming the record that cannot be one.
 */
export class SessionPlayer {
  /** Inputs settled so far. */
  inputs = 0;
  /** Told of a report's words before the report is settled, and again after it. */
  onNote: ((station: number, note: string, isSettled: boolean) => void) | undefined = undefined;
  readonly #kernel: TradingKernel;
  readonly #latch: KillLatch;
  readonly #depth = new DepthBlock(1);
  readonly #bars = new BarBlock(1);
  readonly #cells = new Float64Array(MESSAGE_STRIDE);

  /** `latch` is the kernel's own, which no other thread sees. */
  constructor(kernel: TradingKernel, latch: KillLatch = kernel.gate.parts.latch) {
    this.#kernel = kernel;
    this.#latch = latch;
  }

  /**
   * Settles the input of a record; false for a record that is none.
   *
   * @throws `FAULT_CALLBACK` naming the record at which a strategy throws
   */
  play(record: SessionRecord): boolean {
    try {
      return this.#play(record);
    } catch (cause) {
      if (cause instanceof Fault) throw cause;
      const value = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
      const path = `strategy callback at ${pathOf(record.seq)}`;
      throw new Fault("FAULT_CALLBACK", { path, value, expected: "a callback that returns", cause });
    }
  }

  #play({ type, payload, seq }: SessionRecord): boolean {
    switch (type) {
      case SESSION.row:
        this.#row(checkLength(seq, payload, SESSION_BYTES.row));
        return true;
      case SESSION.bar:
        this.#bar(checkLength(seq, payload, SESSION_BYTES.bar));
        return true;
      case SESSION.report:
        this.#report(pathOf(seq), payload);
        return true;
      case SESSION.event:
        this.#event(seq, checkLength(seq, payload, SESSION_BYTES.event));
        return true;
      case SESSION.control:
        this.#control(pathOf(seq), payload);
        return true;
      case SESSION.adjust:
        this.#adjust(pathOf(seq), payload);
        return true;
      default:
        return false;
    }
  }

  #row(view: DataView): void {
    const block = this.#depth;
    block.kind[0] = view.getUint16(2, true);
    block.tick[0] = view.getInt32(4, true);
    block.lots[0] = view.getFloat64(8, true);
    block.exch[0] = view.getFloat64(16, true);
    block.local[0] = this.#advance(view.getFloat64(24, true));
    this.#station(view.getUint16(0, true)).row(block, 0);
  }

  #bar(view: DataView): void {
    const block = this.#bars;
    block.kind[0] = view.getUint16(2, true);
    block.open[0] = view.getInt32(4, true);
    block.high[0] = view.getInt32(8, true);
    block.low[0] = view.getInt32(12, true);
    block.close[0] = view.getInt32(16, true);
    block.volume[0] = view.getFloat64(24, true);
    block.factor[0] = view.getFloat64(32, true);
    block.openNs[0] = view.getFloat64(40, true);
    block.closeNs[0] = view.getFloat64(48, true);
    this.#advance(view.getFloat64(56, true));
    this.#station(view.getUint16(0, true)).bar(block, 0);
  }

  #report(path: string, payload: Uint8Array): void {
    const { view, fee, note } = readReport(path, payload);
    const index = view.getUint16(0, true);
    for (let k = 0; k < MESSAGE_STRIDE; k++) this.#cells[k] = view.getFloat64(16 + 8 * k, true);
    this.#advance(view.getFloat64(8, true));
    if (note !== undefined) this.onNote?.(index, note, false);
    if (fee !== undefined) this.#checkCurrency(path, fee.currency);
    this.#kernel.report(this.#station(index), this.#cells, 0, fee);
    if (note !== undefined) this.onNote?.(index, note, true);
  }

  #event(seq: number, view: DataView): void {
    const [a, b] = [view.getFloat64(8, true), view.getFloat64(16, true)];
    this.#advance(view.getFloat64(24, true));
    const kind = view.getInt32(4, true);
    const station = view.getInt32(0, true);
    const kernel = this.#kernel;
    if (kind === INPUT.start) kernel.start();
    else if (kind === INPUT.stop) kernel.stop();
    else if (kind === INPUT.timer) kernel.timer(a);
    else if (kind === INPUT.dividend) kernel.dividend(this.#station(station), a);
    else if (kind === INPUT.split) kernel.split(this.#station(station), a, b);
    else if (kind === INPUT.disconnected) kernel.disconnected(this.#station(station));
    else if (kind === INPUT.skipIds) kernel.skipIds(a);
    else if (kind === INPUT.doorless) {
      this.#station(station).isDoorless = a === 1;
      this.#station(station).takesAuctionOrders = b === 1;
    } else if (kind === INPUT.hold) kernel.hold(this.#station(station), a === 1);
    else if (kind === INPUT.skipRequests) kernel.skipRequests(a);
    else if (kind === INPUT.latch) setLatch(this.#latch, a, b);
    else {
      const expected = "a kind of `INPUT`";
      throw new Fault("FAULT_JOURNAL_FORMAT", { path: pathOf(seq), value: kind, expected });
    }
  }

  #control(path: string, payload: Uint8Array): void {
    const { ns, ...request } = readJson(path, payload);
    const said = readControl(path, request);
    if (!Number.isFinite(ns))
      throw new Fault("FAULT_JOURNAL_FORMAT", { path, value: ns, expected: "a time" });
    this.#advance(ns as number);
    this.#kernel.control(said);
  }

  #adjust(path: string, payload: Uint8Array): void {
    const { ns, station, minor, currency, isFee, note } = readJson(path, payload);
    if (!Number.isFinite(ns) || typeof minor !== "string" || !/^-?\d{1,38}$/.test(minor)) {
      throw new Fault("FAULT_JOURNAL_FORMAT", { path, value: minor, expected: "an amount, and a time" });
    }
    const on = this.#station(Number(station));
    this.#advance(ns as number);
    if (typeof note === "string") this.onNote?.(on.index, note, false);
    if (currency !== undefined) this.#checkCurrency(path, currency);
    const named = currency === undefined ? {} : { currency: currency as string };
    this.#kernel.adjust(on, BigInt(minor), isFee === true ? { ...named, isFee } : named);
    if (typeof note === "string") this.onNote?.(on.index, note, true);
  }

  #checkCurrency(path: string, currency: unknown): void {
    const { currencies } = this.#kernel.ledger;
    if (currencies.includes(currency as string)) return;
    const expected = `one of ${currencies.join(", ")}`;
    throw new Fault("FAULT_JOURNAL_FORMAT", { path, value: currency, expected });
  }

  #advance(ns: number): number {
    this.inputs += 1;
    this.#kernel.nowNs[0] = ns;
    return ns;
  }

  #station(index: number): Station {
    const { stations } = this.#kernel;
    const station = stations[index];
    if (station !== undefined) return station;
    const expected = `an instrument below ${stations.length}`;
    throw new Fault("FAULT_JOURNAL_FORMAT", { path: "session.station", value: index, expected });
  }
}

/** Sets a scope of a latch to a level, 0 for none. A lower level than now is set after the higher one is lifted. */
export function setLatch(latch: KillLatch, scope: number, level: number): void {
  if (latch.levelOf(scope) > level) latch.clear(scope);
  if (isKillLevel(level)) latch.set(scope, level);
}

function readControl(path: string, request: object): ControlRequest {
  try {
    return readControlRequest(request as ControlRequest, path);
  } catch (cause) {
    const value = cause instanceof Error ? cause.message : String(cause);
    const expected = "a change of the gate";
    throw new Fault("FAULT_JOURNAL_FORMAT", { path, value, expected, cause });
  }
}
