import { checkArray, checkInteger, checkText, Fault } from "../base/index.ts";
import type { TradingKernel } from "../kernel/index.ts";
import { type Currency, Instrument, type InstrumentOptions, type Money, toCurrency } from "../model/index.ts";
import type { BacktestPlan } from "./backtest-options.ts";
import { readJson, SESSION, type SessionRecord } from "./session-record.ts";
import { VERSION } from "./version.ts";

const FORMAT = "tickwright.session/1";

/** What a session was made from: everything but its code. */
export interface SessionBegin {
  /** The version of the package that recorded it. */
  readonly version: string;
  readonly name: string;
  readonly baseNs: bigint;
  readonly seed: number;
  readonly instruments: readonly Instrument[];
  readonly cash: readonly Money[];
  readonly reporting: Currency;
  readonly orderCapacity: number;
  readonly strategies: unknown;
  readonly risk: unknown;
}

/** What goes into a session's first record. */
export function describeSession(
  plan: BacktestPlan,
  kernel: TradingKernel,
): Readonly<Record<string, unknown>> {
  return {
    format: FORMAT,
    version: VERSION,
    name: plan.name,
    baseNs: kernel.baseNs,
    seed: plan.seed,
    instruments: plan.markets.map(({ tape, fees }) => ({
      ...tape.meta.instrument,
      ...(fees === undefined ? {} : { fees }),
    })),
    cash: plan.cash,
    reporting: plan.reporting,
    orderCapacity: plan.orderCapacity,
    strategies: kernel.slots.map(({ name, strategy }) => ({ name, params: strategy.params ?? {} })),
    risk: kernel.gate.describe(),
  };
}

/**
 * Reads a session's first record.
 *
 * @throws `FAULT_JOURNAL_FORMAT` for anything else, naming what is wrong.
 */
export function readSessionBegin({ type, payload }: SessionRecord): SessionBegin {
  const begin = type === SESSION.begin ? readJson("session.begin", payload) : {};
  if (begin.format !== FORMAT) {
    const expected = `the beginning of a session, ${FORMAT}`;
    throw new Fault("FAULT_JOURNAL_FORMAT", { path: "session", value: begin.format, expected });
  }
  try {
    return {
      version: checkText("version", begin.version),
      name: checkText("name", begin.name),
      baseNs: BigInt(checkText("baseNs", begin.baseNs)),
      seed: checkInteger("seed", begin.seed),
      instruments: checkArray("instruments", begin.instruments as InstrumentOptions[]).map(
        (each) => new Instrument(each),
      ),
      cash: checkArray("cash", begin.cash as { minor: unknown; currency: Currency }[]).map(
        ({ minor, currency }) => ({
          minor: BigInt(checkText("cash.minor", minor)),
          currency: toCurrency("cash.currency", currency),
        }),
      ),
      reporting: toCurrency("reporting", begin.reporting as Currency),
      orderCapacity: checkInteger("orderCapacity", begin.orderCapacity, 1),
      strategies: begin.strategies,
      risk: begin.risk,
    };
  } catch (cause) {
    const value = cause instanceof Error ? cause.message : String(cause);
    const expected = "what a session was made from";
    throw new Fault("FAULT_JOURNAL_FORMAT", { path: "session.begin", value, expected, cause });
  }
}
