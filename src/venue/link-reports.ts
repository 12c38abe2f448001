import { MESSAGE_FIELD as FIELD, MESSAGE_STRIDE, REASON, REPORT } from "../model/index.ts";
import type { ExecutionNumbers } from "./execution-numbers.ts";
import type { LinkOrder, LinkOrders } from "./link-orders.ts";
import { RecentTexts } from "./recent-texts.ts";
import type { VenueReport, VenueReportKind } from "./venue-client.ts";
import type { VenueHeldOrder, VenueLinkHost } from "./venue-link-options.ts";
import type { VenueOrderId, VenueOrderIds } from "./venue-order-ids.ts";

/** What reports are read with. */
export interface LinkReportParts {
  readonly ids: VenueOrderIds;
  readonly executions: ExecutionNumbers;
  readonly orders: LinkOrders;
  /** The station of an instrument's key. */
  readonly stationOf: (instrument: string) => number | undefined;
  readonly host: () => VenueLinkHost;
  readonly nowNs: () => number;
  /** A request was answered: by its outcome or by the stream. */
  readonly answered: (order: LinkOrder, requestId: number) => void;
  /** Whether a replace cancels one order at the venue and submits another. */
  readonly splitsReplaces: () => boolean;
  readonly fillsKept: number;
}

/** What was heard, by what became of it. */
export interface LinkCounts {
  /** Reports that were told. */
  readonly told: number;
  /** Reports that were told before. */
  readonly repeated: number;
  /** Reports about orders that are held no more, or never were. */
  readonly late: number;
  /** Reports about orders and instruments that are none of ours. */
  readonly foreign: number;
  /** Reports that cannot be: without price or quantity, an execution without a number of its own. */
  readonly malformed: number;
}

const KINDS: Readonly<Record<VenueReportKind, number>> = {
  accepted: REPORT.accepted,
  rejected: REPORT.rejected,
  canceled: REPORT.canceled,
  expired: REPORT.expired,
  replaced: REPORT.replaced,
  cancelRejected: REPORT.cancelRejected,
  replaceRejected: REPORT.replaceRejected,
  trade: REPORT.trade,
  busted: REPORT.busted,
  corrected: REPORT.corrected,
  restated: REPORT.restated,
  triggered: REPORT.triggered,
};
const ENDS: readonly VenueReportKind[] = ["rejected", "canceled", "expired"];
const ANSWERS: readonly VenueReportKind[] = ["replaced", "cancelRejected", "replaceRejected"];

/**
 * Turns what a venue says into records of `MESSAGE_FIELD`, in whatever order and however often it is said.
 *
 * @invariant An execution is told once, whatever repeats it; one that was not told is not remembered.
 * @invariant The end of an order's old half is never told while its replace is unanswered, nor after it is in force.
 */
export class LinkReports {
  readonly #parts: LinkReportParts;
  readonly #cells = new Float64Array(MESSAGE_STRIDE);
  readonly #seen: RecentTexts;
  readonly #said: RecentTexts;
  readonly #counts = { told: 0, repeated: 0, late: 0, foreign: 0, malformed: 0 };

  constructor(parts: LinkReportParts) {
    this.#parts = parts;
    this.#seen = new RecentTexts(parts.fillsKept);
    this.#said = new RecentTexts(parts.fillsKept);
  }

  get counts(): LinkCounts {
    return { ...this.#counts };
  }

  /** One report of the venue, from its stream or out of an answer. */
  hear(report: VenueReport): void {
    const { ids, orders, stationOf } = this.#parts;
    const host = this.#parts.host();
    const station = stationOf(report.instrument);
    const named = ids.parse(report.clientOrderId);
    const origin = ids.parse(report.originalClientOrderId);
    const known = orders.ofOrderId(report.orderId);
    const id = named?.id ?? origin?.id ?? known?.id;
    if (station === undefined || id === undefined) {
      this.#counts.foreign += 1;
      host.foreign?.(report);
      if (station !== undefined)
        host.doubtful(station, `a report about ${report.clientOrderId || "an order"} that is none of ours`);
      return;
    }
    const held = host.order(id);
    if (held === undefined) {
      this.#counts.late += 1;
      if (report.kind === "trade" && !this.#isSeen(report))
        host.doubtful(station, `an execution of order ${id}, which is not held`);
      return;
    }
    const order = orders.open(id, station);
    const { orderId, kind } = report;
    // A replace may bring another id; that it brought none is news as well.
    if (orderId !== undefined && (orders.name(order, orderId) || kind === "replaced"))
      host.named(id, orderId);
    this.#tell(order, held, report, named ?? origin);
  }

  /** Nobody knows what became of a request. */
  timedOut(order: LinkOrder, requestId: number): void {
    const held = this.#parts.host().order(order.id);
    if (held === undefined) return;
    const cells = this.#set(REPORT.timeout, held.row, order.id, requestId, this.#parts.nowNs());
    cells[FIELD.reason] = REASON.lostOnTheWay;
    this.#send(order);
  }

  /** A request never left. */
  notSent(order: LinkOrder, requestId: number, kind: "submit" | "cancel" | "replace"): void {
    const held = this.#parts.host().order(order.id);
    if (held === undefined) return;
    const code = { submit: REPORT.rejected, cancel: REPORT.cancelRejected, replace: REPORT.replaceRejected }[
      kind
    ];
    const cells = this.#set(code, held.row, order.id, requestId, this.#parts.nowNs());
    cells[FIELD.reason] = REASON.notSent;
    this.#send(order);
    if (kind === "submit") this.#parts.orders.end(order);
    if (kind === "replace") this.#release(order);
  }

  #isSeen(report: VenueReport): boolean {
    return this.#seen.has(executionKey(report));
  }

  #tell(order: LinkOrder, held: VenueHeldOrder, report: VenueReport, name: VenueOrderId | undefined): void {
    const { kind } = report;
    const current = Math.max(order.replacedId, held.termsRequestId);
    const requestId = name?.requestId ?? current;
    if (kind === "trade" || kind === "busted" || kind === "corrected") {
      this.#execution(order, held, report);
    } else if (kind === "accepted" && requestId > 0) {
      // A replace that is a new order at the venue: its acceptance is the replace's.
      this.#replaced(order, held, report, requestId);
    } else if (kind === "replaced") this.#replaced(order, held, report, requestId);
    else if (kind === "canceled" || kind === "expired") this.#ended(order, held, report, name, current);
    else this.#state(order, held, report, requestId);
  }

  /** Whether a word about an order's state says what was told before: strategies hear it once. */
  #isRepeated(
    id: number,
    held: VenueHeldOrder,
    { kind, priceTicks, lots, venueNs }: VenueReport,
    requestId: number,
  ): boolean {
    if (ENDS.includes(kind) && requestId === 0 && !held.isOpen) return true;
    if (kind === "accepted" && held.isAcknowledged) return true;
    const key = `${kind} ${id} ${requestId}${kind === "restated" ? ` ${priceTicks} ${lots} ${venueNs}` : ""}`;
    if (this.#said.has(key)) return true;
    this.#said.add(key);
    return false;
  }

  #state(order: LinkOrder, held: VenueHeldOrder, report: VenueReport, requestId: number): void {
    const { kind, priceTicks, lots } = report;
    const isRejected = kind === "rejected" && requestId > 0;
    const code = isRejected ? REPORT.replaceRejected : KINDS[kind];
    const isAnswer = isRejected || ANSWERS.includes(kind);
    this.#parts.answered(order, isAnswer ? requestId : 0);
    if (this.#isRepeated(order.id, held, report, isAnswer ? requestId : 0)) return this.#repeated();
    const cells = this.#set(code, held.row, order.id, isAnswer ? requestId : 0, report.venueNs);
    if (kind === "restated") {
      if (priceTicks === undefined || lots === undefined) return this.#malformed(report);
      cells[FIELD.priceTicks] = priceTicks;
      cells[FIELD.lots] = lots;
    }
    if (kind === "cancelRejected") cells[FIELD.reason] = REASON.unknownOrder;
    this.#send(order);
    if (isNo(kind) && report.words !== undefined) {
      const words = `${kind}, order ${order.id}: ${report.words}`;
      this.#parts.host().trouble({ code: "VENUE_REJECTED", words });
    }
    if (kind === "cancelRejected")
      this.#parts.host().doubtful(order.station, `a cancel of order ${order.id} was rejected`);
    if (isRejected || kind === "replaceRejected") this.#release(order);
    else if (ENDS.includes(kind)) this.#parts.orders.end(order);
  }

  #replaced(order: LinkOrder, held: VenueHeldOrder, report: VenueReport, requestId: number): void {
    order.replacedId = Math.max(order.replacedId, requestId);
    order.held = undefined;
    this.#parts.answered(order, requestId);
    if (this.#isRepeated(order.id, held, { ...report, kind: "replaced" }, requestId)) return this.#repeated();
    const cells = this.#set(REPORT.replaced, held.row, order.id, requestId, report.venueNs);
    // Without both figures the terms are those that were asked for.
    if (report.priceTicks !== undefined && report.lots !== undefined) {
      cells[FIELD.priceTicks] = report.priceTicks;
      cells[FIELD.lots] = report.lots;
    }
    this.#send(order);
  }

  #ended(
    order: LinkOrder,
    held: VenueHeldOrder,
    report: VenueReport,
    name: VenueOrderId | undefined,
    current: number,
  ): void {
    const cancelId = pendingOf(order, "cancel");
    const isCanceled = report.kind === "canceled";
    const origin = this.#parts.ids.parse(report.originalClientOrderId);
    // The order's own name at the venue: where a cancel's name is told as well, the one before it.
    const leg = Math.min(name?.requestId ?? current, origin?.requestId ?? Number.POSITIVE_INFINITY);
    if (this.#parts.splitsReplaces()) {
      if (leg < current) return;
      if (pendingOf(order, "replace") > 0) {
        order.held = report;
        return;
      }
    }
    if (isCanceled) this.#parts.answered(order, cancelId);
    this.#parts.answered(order, 0);
    if (this.#isRepeated(order.id, held, report, 0)) return this.#repeated();
    const requestId = isCanceled ? cancelId : 0;
    const cells = this.#set(KINDS[report.kind], held.row, order.id, requestId, report.venueNs);
    cells[FIELD.leavesLots] = report.leavesLots ?? 0;
    this.#send(order);
    this.#parts.orders.end(order);
  }

  /** The replace that an end waited for is not in force: the end was the order's. */
  #release(order: LinkOrder): void {
    const { held } = order;
    if (held === undefined || pendingOf(order, "replace") > 0) return;
    order.held = undefined;
    this.hear(held);
  }

  #execution(order: LinkOrder, held: VenueHeldOrder, report: VenueReport): void {
    const { execId, priceTicks, lots, kind } = report;
    const { executions } = this.#parts;
    const number = execId === undefined ? Number.NaN : executions.numberOf(execId);
    const isSized = kind === "busted" || (priceTicks !== undefined && lots !== undefined && lots > 0);
    if (execId === undefined || Number.isNaN(number) || !isSized) return this.#malformed(report);
    const key = executionKey(report);
    if (this.#seen.has(key)) return this.#repeated();
    const isTrade = kind === "trade";
    const own = isTrade ? number : executions.numberOf(`${kind} ${key}`);
    const cells = this.#set(KINDS[kind], held.row, order.id, isTrade ? 0 : number, report.venueNs);
    cells[FIELD.execId] = own;
    cells[FIELD.priceTicks] = priceTicks ?? 0;
    cells[FIELD.lots] = lots ?? 0;
    cells[FIELD.leavesLots] = report.leavesLots ?? 0;
    cells[FIELD.reason] = REASON.reported;
    cells[FIELD.maker] = report.isMaker === true ? 1 : 0;
    if (isTrade) this.#parts.answered(order, 0);
    this.#send(order, report.fee);
    this.#seen.add(key);
    // Not every venue tells with an execution what is left.
    if (isTrade && this.#parts.host().order(order.id)?.isOpen !== true) this.#parts.orders.end(order);
  }

  #repeated(): void {
    this.#counts.repeated += 1;
  }

  #malformed(report: VenueReport): void {
    this.#counts.malformed += 1;
    const words = `a report ${report.kind} of ${report.clientOrderId} that lacks what it is about`;
    const host = this.#parts.host();
    host.trouble({ code: "VENUE_MALFORMED", words });
    const station = this.#parts.stationOf(report.instrument);
    if (station !== undefined) host.doubtful(station, words);
  }

  #set(kind: number, row: number, id: number, requestId: number, venueNs: number): Float64Array {
    const cells = this.#cells.fill(0);
    cells[FIELD.timeNs] = this.#parts.nowNs();
    cells[FIELD.kind] = kind;
    cells[FIELD.row] = row;
    cells[FIELD.id] = id;
    cells[FIELD.requestId] = requestId;
    cells[FIELD.exchNs] = venueNs;
    return cells;
  }

  #send(order: LinkOrder, fee?: VenueReport["fee"]): void {
    this.#counts.told += 1;
    this.#parts.host().report(order.station, this.#cells, 0, fee);
  }
}

function isNo(kind: VenueReportKind): boolean {
  return kind === "rejected" || kind === "cancelRejected" || kind === "replaceRejected";
}

/** The youngest request of a kind that waits; 0 where none does. */
export function pendingOf(order: LinkOrder, kind: "cancel" | "replace"): number {
  let youngest = 0;
  for (const [requestId, request] of order.requests)
    if (request.kind === kind) youngest = Math.max(youngest, requestId);
  return youngest;
}

function executionKey({ kind, execId, priceTicks, lots }: VenueReport): string {
  return kind === "trade" ? `${execId}` : `${kind} ${execId} ${priceTicks ?? ""} ${lots ?? ""}`;
}
