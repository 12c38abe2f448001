import type { TradingKernel } from "../kernel/index.ts";
import type { Break, ReconReport, VenueSnapshot } from "../recon/index.ts";
import type { ReconMemory } from "./recon-memory.ts";
import type { CarryResult } from "./recon-moment.ts";
import type { LocalBook } from "./recon-view.ts";

/** What became of a break that was due. */
export interface CarriedBreak {
  readonly break: Break;
  readonly result: CarryResult;
}

/** One comparison, and what is done about it. */
export interface ReconRound {
  readonly kernel: TradingKernel;
  readonly memory: ReconMemory;
  readonly venue: VenueSnapshot;
  readonly local: LocalBook;
  readonly report: ReconReport;
}

const ASKING: ReadonlySet<string> = new Set(["queryHistory", "requestStatus", "queryFills", "cancelOrder"]);
const QUIET: ReadonlySet<CarryResult> = new Set(["done", "asked", "waiting"]);

/** Does what a comparison asks for: actions that are due, doubts that are over. Returns what became of each break. */
export function carryRound(round: ReconRound): readonly CarriedBreak[] {
  const { memory, report, venue } = round;
  learn(round);
  memory.doubts.observe(venue);
  for (const each of report.confirmed) memory.evidence.found(each);
  for (const each of report.resolved) {
    memory.notes.forget(each);
    memory.evidence.resolved(each);
  }
  const disputed = disputedOrders(memory);
  const carried = inTurn(report.due).map((each): CarriedBreak => {
    const isApproved = memory.notes.isApproved(each);
    const result = carry(round, each, disputed, isApproved);
    memory.evidence.carried(each, result, isApproved);
    return { break: each, result };
  });
  agree(round);
  settleDoubts(round);
  memory.evidence.tell();
  return carried;
}

/** Whether the breaks are to be looked at again before the next interval. */
export function isUnsettled({ memory, report }: ReconRound, carried: readonly CarriedBreak[]): boolean {
  if (report.inFlight.length > 0 || memory.doubts.size > 0) return true;
  if (carried.some(({ result }) => QUIET.has(result))) return true;
  return memory.book.breaks().some((each) => !each.isConfirmed);
}

/** The venue's ids of our orders, and the answers to what it was asked. */
function learn({ memory, venue, local }: ReconRound): void {
  const name = (text: string | undefined, orderId: string | undefined): void => {
    const id = text === undefined ? undefined : local.ids.get(text);
    if (id === undefined || orderId === undefined) return;
    if (memory.orders.get(id)?.orderId === null) memory.orders.name(id, orderId);
  };
  for (const { clientOrderId, originalClientOrderId, orderId } of venue.orders ?? []) {
    name(clientOrderId, orderId);
    name(originalClientOrderId, orderId);
    if (memory.asked.size === 0) continue;
    if (clientOrderId !== undefined) memory.asked.delete(clientOrderId);
    if (originalClientOrderId !== undefined) memory.asked.delete(originalClientOrderId);
  }
  for (const { clientOrderId, orderId } of venue.fills ?? []) name(clientOrderId, orderId);
  for (const text of venue.notFound ?? []) memory.asked.delete(text);
  for (const text of memory.asked) {
    if (!local.ids.has(text) && !local.requests.has(text)) memory.asked.delete(text);
  }
}

/**
 * The order of work: other terms first, lest a fill end an order that is larger at the venue; orders that are over here
 * and open there last, for they may open again when an execution is taken back.
 */
function inTurn(due: readonly Break[]): readonly Break[] {
  const turn = (each: Break): number => {
    if (each.action.type === "takeVenueTerms") return 0;
    return each.kind === "orphanOrder" && each.local !== null ? 2 : 1;
  };
  return [0, 1, 2].flatMap((now) => due.filter((each) => turn(each) === now));
}

/** Orders of which the venue does not have every execution, or has it otherwise. */
function disputedOrders({ book, fills }: ReconMemory): ReadonlySet<number> {
  const disputed = book.breaks().filter(({ kind }) => kind === "missingFill" || kind === "conflictingFill");
  return new Set(disputed.map(({ key }) => fills.get(key)?.id ?? 0));
}

function carry(
  round: ReconRound,
  each: Break,
  disputed: ReadonlySet<number>,
  isApproved: boolean,
): CarryResult {
  const { memory, local, report } = round;
  const { notes, plan } = memory;
  const { nowNs, asOfNs } = report;
  if (!each.isAutomatic && !isApproved) {
    memory.alert("approval", each, each.action.type);
    return "approval";
  }
  if (ASKING.has(each.action.type)) {
    if (notes.isAsked(each, nowNs, plan.recheckNs)) return "waiting";
    notes.ask(each, nowNs);
  }
  if (each.action.type === "haltSymbol" && !isApproved && isHalted(round, each)) return "halted";
  const result = memory.actions.carry(each, { nowNs, asOfNs, local, disputed, isApproved });
  if (result === "asked") {
    const { action } = each;
    if (action.type === "queryHistory") for (const id of action.clientOrderIds) memory.asked.add(id);
    if (action.type === "requestStatus") memory.asked.add(action.clientOrderId);
  }
  if (result !== "done" && result !== "asked" && result !== "waiting") {
    memory.alert(result, each, each.action.type);
  } else if (each.severity === "critical") memory.alert("critical", each, each.action.type);
  return result;
}

/** Whether the instrument of a break was halted before; from now on it is. */
function isHalted({ memory }: ReconRound, each: Break): boolean {
  const station = memory.actions.stationOf(each.instrument);
  if (station === undefined) return false;
  if (memory.isHalted(station)) return true;
  memory.halted.add(station);
  return false;
}

/** Orders whose state was not known agree with the venue. */
function agree({ kernel, memory, local, report }: ReconRound): void {
  for (const clientOrderId of report.agreed) {
    const id = local.ids.get(clientOrderId);
    const row = id === undefined ? undefined : local.rows.get(id);
    if (id === undefined || row === undefined || !kernel.orders.isCurrent(row, id)) continue;
    const card = memory.orders.get(id);
    if (card !== undefined) card.isUnknown = false;
    memory.reports.agreed(row, report.nowNs, report.asOfNs);
  }
}

/** An order that is over here, without a break of its own, is in doubt no longer. */
function settleDoubts({ kernel, memory, local }: ReconRound): void {
  if (memory.doubts.size === 0) return;
  const open = new Set(memory.book.breaks().map((each) => each.key));
  memory.doubts.settle((clientOrderId) => {
    const id = local.ids.get(clientOrderId);
    const row = id === undefined ? undefined : local.rows.get(id);
    const isHeld = id !== undefined && row !== undefined && kernel.orders.isCurrent(row, id);
    return !open.has(clientOrderId) && !(isHeld && kernel.orders.worstLeavesLots(row) > 0);
  });
}
