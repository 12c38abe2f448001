import { canonicalJson, checkArray, checkInteger, checkText, Fault } from "../base/index.ts";
import { type InputTap, type KernelOptions, type KernelRisk, TradingKernel } from "../kernel/index.ts";
import { type Currency, Instrument, type InstrumentOptions, type Money, toCurrency } from "../model/index.ts";
import { KillLatch } from "../risk/index.ts";
import { closedMarketHead } from "../sim/index.ts";
import { type BacktestPlan, isClosed } from "./backtest-options.ts";
import type { SessionOptions } from "./session-options.ts";
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
  readonly lingerNs: number;
  readonly latchScopes?: number;
  readonly strategies: unknown;
  readonly risk: unknown;
}

/** What a session's kernel was made from that the kernel itself does not tell. */
export interface SessionMaking {
  readonly name: string;
  readonly seed: number;
  readonly instruments: readonly InstrumentOptions[];
  readonly cash: readonly Money[];
  readonly reporting: Currency;
  readonly orderCapacity: number;
  readonly lingerNs?: number;
  /** Scopes of the kill latch, where its changes are recorded. */
  readonly latchScopes?: number;
}

/** The kernel of a session that trades: a strategy that throws does not end it. */
export function sessionKernel(
  { instruments, strategies, baseNs, debug }: SessionOptions,
  { cash, reporting, seed, orderCapacity, lingerNs = 0 }: SessionMaking,
  tap: InputTap,
  risk: KernelRisk | undefined,
): TradingKernel {
  return new TradingKernel({
    ...{ instruments, strategies, cash, reporting, seed, orderCapacity, lingerNs, baseNs, tap },
    ...{ debug: debug === true, isolates: true },
    ...(risk === undefined ? {} : { risk }),
  });
}

/** What goes into a session's first record. */
export function describeSession(
  making: SessionMaking,
  kernel: TradingKernel,
): Readonly<Record<string, unknown>> {
  const { name, seed, instruments, cash, reporting, orderCapacity, lingerNs, latchScopes } = making;
  return {
    format: FORMAT,
    version: VERSION,
    name,
    baseNs: kernel.baseNs,
    seed,
    instruments,
    cash,
    reporting,
    orderCapacity,
    ...(lingerNs === undefined || lingerNs === 0 ? {} : { lingerNs }),
    ...(latchScopes === undefined ? {} : { latchScopes }),
    strategies: strategiesOf(kernel),
    risk: kernel.gate.describe(),
  };
}

/** What a backtest's kernel was made from. */
export function makingOf(plan: BacktestPlan): SessionMaking {
  const { name, seed, cash, reporting, orderCapacity, lingerNs } = plan;
  const instruments = plan.markets.map((market) => ({
    ...(isClosed(market) ? closedMarketHead(market.closed).instrument : market.tape.meta.instrument),
    ...(market.fees === undefined ? {} : { fees: market.fees }),
  }));
  return { name, seed, instruments, cash, reporting, orderCapacity, lingerNs };
}

/** The options of a kernel like the session's; `code` is what no journal holds. */
export function kernelOptionsOf(
  begin: SessionBegin,
  code: Pick<KernelOptions, "strategies" | "risk" | "debug">,
): KernelOptions {
  const { baseNs, seed, instruments, cash, reporting, orderCapacity, lingerNs } = begin;
  const made = { baseNs, seed, instruments, cash, reporting, orderCapacity, lingerNs };
  const risk = withOwnLatch(code.risk, begin.latchScopes);
  return { ...code, ...made, ...(risk === undefined ? {} : { risk }) };
}

/** Limits that look at a latch of their own: the recorded inputs set it, no other thread does. */
export function withOwnLatch(
  risk: KernelRisk | undefined,
  scopes: number | undefined,
): KernelRisk | undefined {
  if (risk?.kill === undefined || scopes === undefined) return risk;
  return { ...risk, kill: { ...risk.kill, latch: new KillLatch(scopes) } };
}

/** Throws `FAULT_JOURNAL_FORMAT` unless a kernel has the strategies and limits of the session. */
export function checkMade(begin: SessionBegin, kernel: TradingKernel): void {
  checkSame("strategies", begin.strategies, strategiesOf(kernel));
  checkSame("risk", begin.risk, kernel.gate.describe());
}

function checkSame(what: string, recorded: unknown, given: unknown): void {
  const [a, b] = [canonicalJson(recorded ?? null), canonicalJson(given ?? null)];
  if (a === b) return;
  throw new Fault("FAULT_JOURNAL_FORMAT", { path: `session.${what}`, value: b, expected: a });
}

function strategiesOf(kernel: TradingKernel): unknown {
  return kernel.slots.map(({ name, strategy }) => ({ name, params: strategy.params ?? {} }));
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
      lingerNs: checkInteger("lingerNs", begin.lingerNs ?? 0, 0),
      ...(begin.latchScopes === undefined
        ? {}
        : { latchScopes: checkInteger("latchScopes", begin.latchScopes, 1) }),
      strategies: begin.strategies,
      risk: begin.risk,
    };
  } catch (cause) {
    const value = cause instanceof Error ? cause.message : String(cause);
    const expected = "what a session was made from";
    throw new Fault("FAULT_JOURNAL_FORMAT", { path: "session.begin", value, expected, cause });
  }
}
