import { checkFunction, checkKeys } from "../base/index.ts";
import type { ReportFee } from "../kernel/index.ts";
import type { Instrument } from "../model/index.ts";
import type { Break, VenueOrder } from "../recon/index.ts";
import type { ReconRemark } from "./recon-evidence.ts";

/**
 * What the desk has its caller do. `report` and the hands that answer change the kernel: it has settled the input when
 * they return, and it is recorded where sessions are. The others ask the venue or a human.
 *
 * A hand that is left out is one the kernel does not have: what it would do is told to `alert` with the reason
 * `noHand`.
 */
export interface ReconHands {
  /**
   * An input of the kernel: a record of `MESSAGE_FIELD` at `offset`, copied by whoever keeps it. A `note` is kept with
   * it and given to `replaying` where the input is replayed; a `fee` is what the venue charged, for the kernel.
   */
  report(station: number, cells: Float64Array, offset: number, note?: string, fee?: ReportFee): void;
  /**
   * Asks what became of an order, by all the ids it was sent under; the answer is a row or `notFound` of a snapshot.
   */
  queryOrder(clientOrderIds: readonly string[]): void;
  /** Asks for all fills from a time on; `null`: of every instrument, from the start. */
  queryFills(station: number | null, fromNs: number | null): void;
  /** Cancels an order that is not ours; the station is `null` where its instrument is none of ours. */
  cancelOrphan(orderId: string, clientOrderId: string | null, station: number | null): void;
  /** Calls a human. Each break is told once for each reason and difference. */
  alert(alert: ReconAlert): void;
  /** Stops trading an instrument, until `resume`. */
  halt(station: number, why: Break): void;
  /**
   * Takes the venue's order as ours, open and with nothing filled: its executions are reported next. `id` names the
   * finished order that is still held and lives on, 0 a new one. Returns the kernel's id of it; 0 where it could not,
   * and nothing changed.
   */
  adopt?(station: number, order: VenueOrder, id: number): number;
  /** Writes the price and the whole quantity in force at the venue over those of a held order. */
  restate?(station: number, id: number, priceTicks: number, lots: number): boolean;
  /**
   * Adds minor units to the cash of a currency by an adjusting entry; `execId` where it is about a fee. `note` as
   * above. With `feeOf` it is a fee of that station's instrument: given back above 0, charged below.
   */
  adjust?(currency: string, minor: bigint, execId: string | null, note?: string, feeOf?: number): boolean;
  /** Has the kernel refuse new orders in an instrument, or no longer: recorded, so that it outlives the process. */
  hold?(station: number, isHeld: boolean): void;
  /** Takes what was found, done and decided for the records. A `note` is given to `replayingRemark` at a replay. */
  remark?(remark: ReconRemark): void;
}

/**
 * Why a human is called.
 *
 * | Reason | |
 * |---|---|
 * | critical | something grave; its action was carried out |
 * | approval | the action waits for `approve` |
 * | grace | nobody could look at the break again for longer than the grace |
 * | halted | trading of the instrument was stopped |
 * | noHand, refused | there is no hand for the action; it answered false |
 * | instrument | none of the desk's instruments or of the ledger's currencies |
 * | execId | an execution's id stands for no number, or for two executions |
 * | cumLots | only executions fill an order here, and those that are known do not add up to the venue's quantity |
 * | wrongOrder | side or instrument: no report can change these |
 * | gone | the order is no longer held, or the execution no longer kept |
 * | noPrice | a position can't be corrected at no price: no mark yet |
 * | doubt | what the venue said contradicts what was known of an order in doubt, or there are too many of them |
 * | snapshot | a snapshot was refused |
 * | feeCurrency | the venue charges in a currency that cannot be booked: the scheduled fee stays; told once a currency
 * |
 */
export type ReconAlertReason =
  | "critical"
  | "approval"
  | "grace"
  | "halted"
  | "noHand"
  | "refused"
  | "instrument"
  | "execId"
  | "cumLots"
  | "wrongOrder"
  | "gone"
  | "noPrice"
  | "doubt"
  | "snapshot"
  | "feeCurrency";

/** What a human is told. */
export interface ReconAlert {
  readonly reason: ReconAlertReason;
  /** The break it is about; `null` where it is about none. */
  readonly break: Break | null;
  /** More words: a refusal's message, the name of the hand that is missing. */
  readonly detail: string;
}

/** How the venue names what the kernel numbers. Every name is unique at the venue and in the account. */
export interface ReconNames {
  /** The instrument of a station; its symbol unless given. */
  instrument(station: number): string;
  /** An order (request 0), a cancel or a replace of it; `tw-<id>` and `tw-<id>-<request>` unless given. */
  clientOrderId(id: number, requestId: number): string;
  /** An execution of an order; its number in decimals unless given. */
  execId(execNumber: number, id: number): string;
  /** The number of an execution; NaN where it has none. */
  execNumber(execId: string): number;
}

/** Fills in the names that were left out. */
export function reconNames(given: Partial<ReconNames>, instruments: readonly Instrument[]): ReconNames {
  checkKeys("reconDesk.names", given, ["instrument", "clientOrderId", "execId", "execNumber"]);
  return {
    instrument: (station) => (instruments[station] as Instrument).symbol,
    clientOrderId: (id, requestId) => (requestId === 0 ? `tw-${id}` : `tw-${id}-${requestId}`),
    execId: (execNumber) => String(execNumber),
    execNumber: (execId) => (/^[1-9]\d{0,15}$/.test(execId) ? Number(execId) : Number.NaN),
    ...given,
  };
}

const HANDS = ["report", "queryOrder", "queryFills", "cancelOrphan", "alert", "halt"] as const;
const KERNEL_HANDS = ["adopt", "restate", "adjust", "hold", "remark"] as const;

/** Checks that the hands are there. @throws `FAULT_CONFIG` naming the first that is not. */
export function checkHands(hands: ReconHands): ReconHands {
  for (const name of HANDS) checkFunction(`reconDesk.hands.${name}`, hands?.[name]);
  for (const name of KERNEL_HANDS) {
    if (hands[name] !== undefined) checkFunction(`reconDesk.hands.${name}`, hands[name]);
  }
  return hands;
}
