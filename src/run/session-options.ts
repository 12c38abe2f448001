import { checkInteger, checkKeys, checkText } from "../base/index.ts";
import type { Snapshot } from "../journal/index.ts";
import type { KernelRisk } from "../kernel/index.ts";
import { type Currency, type Instrument, type Money, toCurrency } from "../model/index.ts";
import type { Journal } from "../port/index.ts";
import type { Strategy } from "../strategy/index.ts";
import type { SessionMaking } from "./session-begin.ts";

/** What a {@link TradingSession} is made from. */
export interface SessionOptions {
  readonly name: string;
  readonly instruments: readonly Instrument[];
  readonly strategies: readonly Strategy[];
  /** Cash at the start, one amount a currency. */
  readonly cash: readonly Money[];
  readonly reporting: Currency | string;
  readonly seed: number;
  /** Epoch ns that all times of the session count from. */
  readonly baseNs: bigint;
  /** Orders held at one time; 4,096 unless given. */
  readonly orderCapacity?: number;
  /** How long an order that is over keeps its place for late reports; a minute unless given. @units ns */
  readonly lingerNs?: number;
  /** Between two snapshots; a second unless given, 0 for none. @units ns */
  readonly snapshotEveryNs?: number;
  /**
   * Periods that a repeating timer may be behind, 1,000 unless given: one that is further behind, as after a
   * standstill, fires once and then at its next time.
   */
  readonly timersBehindMax?: number;
  /** The limits orders must keep. A latch in `kill` may be shared: its changes are recorded as they are seen. */
  readonly risk?: KernelRisk;
  readonly debug?: boolean;
}

/** Something beside the kernel whose state is saved and loaded with it: a reconciliation desk, a venue session. */
export interface SessionPart {
  readonly name: string;
  /** JSON-safe: a field may be absent, a bigint is written as its decimal text. */
  save(): unknown;
  /** Takes what `save` gave, before the records behind the snapshot are replayed. */
  load(saved: unknown): void;
  /** What a remark of this part noted, while the session is replayed. */
  replay?(note: unknown): void;
}

/** A journal that keeps snapshots too. */
export interface SessionJournal extends Journal {
  /** The longest payload of a record; absent where only `append` knows. @units bytes */
  readonly payloadBytesMax?: number;
  saveSnapshot?(snapshot: Snapshot): void;
}

const OPTION_KEYS = [
  "name",
  "instruments",
  "strategies",
  "cash",
  "reporting",
  "seed",
  "baseNs",
  "orderCapacity",
  "lingerNs",
  "snapshotEveryNs",
  "timersBehindMax",
  "risk",
  "debug",
];
const MINUTE_NS = 60_000_000_000;
const SECOND_NS = 1_000_000_000;

/** The options of a session that its records begin with, and those that only how it runs depends on. */
export interface CheckedSession extends SessionMaking {
  readonly lingerNs: number;
  readonly snapshotEveryNs: number;
  readonly timersBehindMax: number;
}

/** What a session's records begin with, from its options: everything in them is checked. */
export function checkSessionOptions(options: SessionOptions): CheckedSession {
  checkKeys("session", options, OPTION_KEYS);
  const { name, instruments, cash, seed, risk } = options;
  const latch = risk?.kill?.latch;
  const every = options.snapshotEveryNs ?? SECOND_NS;
  return {
    name: checkText("session.name", name),
    seed,
    cash,
    reporting: toCurrency("session.reporting", options.reporting),
    orderCapacity: checkInteger("session.orderCapacity", options.orderCapacity ?? 4096, 1, 1 << 20),
    lingerNs: checkInteger("session.lingerNs", options.lingerNs ?? MINUTE_NS, 0),
    snapshotEveryNs: checkInteger("session.snapshotEveryNs", every, 0),
    timersBehindMax: checkInteger("session.timersBehindMax", options.timersBehindMax ?? 1000, 1),
    instruments: instruments.map((instrument) => instrument.describe()),
    ...(latch === undefined ? {} : { latchScopes: latch.scopes }),
  };
}
