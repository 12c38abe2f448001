import {
  type AuditActor,
  type AuditEntry,
  type AuditEventName,
  type AuditPayload,
  AuditWriter,
  auditText,
} from "../audit/index.ts";
import { canonicalJson, Fault, type Refusal, sha256Hex } from "../base/index.ts";
import { INPUT, type StrategyFault, type TradingKernel } from "../kernel/index.ts";
import { MESSAGE_FIELD as FIELD, REASON, REASONS, REPORT } from "../model/index.ts";
import type { OrderStore } from "../order/index.ts";
import { KillLatch, RISK_CODE } from "../risk/index.ts";
import type { SessionAuditSettings } from "./session-audit-options.ts";
import { REMARK_TYPES } from "./session-remark.ts";
import type { RecoveryFigures } from "./session-trail.ts";
import type { TradingSession } from "./trading-session.ts";

/** An event for a trail: what somebody did, who, and what it is about. Its time and number come from the trail. */
export type AuditNote = {
  readonly [Name in AuditEventName]: {
    readonly type: Name;
    readonly payload: AuditPayload<Name>;
    readonly actor: AuditActor;
    readonly about?: Partial<Pick<AuditEntry, "order" | "parent" | "strategy" | "venue">>;
  };
}[AuditEventName];

/** The names that belong to a report. */
export interface ReportNames {
  readonly symbol: string;
  readonly venue: string;
  /** Empty where the order is not held. */
  readonly strategy: string;
  /** +1 buys, -1 sells; 0 where it is not known. */
  readonly sideSign: number;
}

/** Who acts where the session itself does. */
export const SESSION_ACTOR: AuditActor = { kind: "system", id: "session", role: "" };
/** Where there was nothing before. */
const NO_HASH = "00".repeat(32);
/** A text of this length is recorded whole; of a longer one its hash. */
const TEXT_MOST = 40_000;

/** Who acts where a part of the process does that no replay repeats. */
export function byService(role: string): AuditActor {
  return { ...SESSION_ACTOR, role };
}

/** Checks a note that is appended beside a session's own records. @throws `FAULT_INPUT` */
export function checkNote({ type, actor }: AuditNote, isReplaying: boolean): void {
  const wrong = (field: string, value: string, expected: string): Fault =>
    new Fault("FAULT_INPUT", { path: `sessionAudit.note${field}`, value, expected });
  if (actor.role === "") throw wrong(".actor.role", "", "somebody's role");
  if ((REMARK_TYPES as readonly string[]).includes(type)) {
    throw wrong(".type", type, "`remark` of the session, which its journal has as well");
  }
  if (isReplaying) throw wrong("", "a session that is replayed", "a session that runs");
}

/** The word of each report that is about a state, by its code. */
const RESPONSES: Readonly<Record<number, AuditPayload<"venueResponse">["response"]>> = {
  ...({ 0: "accepted", 1: "rejected", 2: "canceled", 3: "expired", 4: "replaced" } as const),
  ...({ 5: "cancelRejected", 6: "replaceRejected", 12: "restated", 13: "doneForDay" } as const),
  ...({ 14: "suspended", 15: "triggered", 16: "stopped", 17: "calculated", 18: "timeout" } as const),
};

/** Whether a report is one that an `AuditWriter` writes: a venue's own word, of which nothing has to be looked up. */
export function isPlainReport(kind: number, reason: number, isHeld: boolean): boolean {
  if (kind === REPORT.status) return true;
  if (kind === REPORT.foreign || reason === REASON.reconciled || isOwnReport(reason)) return false;
  return isHeld || (kind !== REPORT.trade && kind !== REPORT.corrected);
}

/** Whether a report is the session's own: what it decided never left. */
function isOwnReport(reason: number): boolean {
  return reason === REASON.notSent || reason === REASON.approvalLate;
}

/** What a report says that is no {@link isPlainReport}. `timeOf` turns ns of the session into epoch ns. */
export function reportSaying(
  cells: Float64Array,
  offset: number,
  names: ReportNames,
  timeOf: (ns: number) => bigint,
): AuditNote {
  const field = (at: number): number => cells[offset + at] as number;
  const kind = field(FIELD.kind);
  const reasonCode = field(FIELD.reason);
  const word = REASONS[reasonCode] ?? "";
  const order = kind === REPORT.foreign || field(FIELD.id) < 0 ? "" : String(field(FIELD.id));
  const about = { order, strategy: names.strategy, venue: names.venue };
  const isOurs = kind === REPORT.foreign || reasonCode === REASON.reconciled;
  const actor: AuditActor = isOurs
    ? { kind: "service", id: "reconciliation", role: "" }
    : { kind: "venue", id: names.venue, role: "" };
  const reason = word === "" ? {} : { reason: word };
  const execution = { execId: String(field(FIELD.execId)), venueNs: timeOf(field(FIELD.exchNs)) };
  if (isOwnReport(reasonCode)) {
    const event = reasonCode === REASON.notSent ? "notSent" : "stoppedAtDoor";
    const detail = `${RESPONSES[kind] ?? kind}, request ${field(FIELD.requestId)}`;
    return {
      type: "systemEvent",
      payload: { component: "door", event, detail },
      actor: SESSION_ACTOR,
      about,
    };
  }
  if (kind === REPORT.busted) {
    const payload = { ...execution, ...reason, refExecId: String(field(FIELD.requestId)) };
    return { type: "fillBust", payload, actor, about };
  }
  const response = RESPONSES[kind];
  if (response !== undefined) {
    const payload = {
      response,
      ...{ requestId: field(FIELD.requestId), ...reason, reasonCode, priceTicks: field(FIELD.priceTicks) },
      ...{ lots: field(FIELD.lots), leavesLots: field(FIELD.leavesLots), venueNs: execution.venueNs },
    };
    return { type: "venueResponse", payload, actor, about };
  }
  const sign = kind === REPORT.foreign ? Math.sign(field(FIELD.lots)) : names.sideSign;
  const terms = {
    ...execution,
    instrument: names.symbol,
    side: sign < 0 ? ("sell" as const) : ("buy" as const),
    lots: Math.abs(field(FIELD.lots)),
    priceTicks: field(FIELD.priceTicks),
  };
  if (sign === 0) {
    const { instrument, lots, priceTicks } = terms;
    const detail = canonicalJson({ execId: execution.execId, instrument, lots, priceTicks });
    const payload = { component: "reports", event: "executionOfUnknownOrder", detail };
    return { type: "systemEvent", payload, actor, about };
  }
  if (kind === REPORT.corrected) {
    const payload = { ...terms, ...reason, refExecId: String(field(FIELD.requestId)) };
    return { type: "fillCorrection", payload, actor, about };
  }
  const liquidity = field(FIELD.maker) === 1 ? ("maker" as const) : ("taker" as const);
  const leaves = kind === REPORT.foreign ? {} : { leavesLots: field(FIELD.leavesLots) };
  return { type: "fill", payload: { ...terms, liquidity, ...leaves }, actor, about };
}

/** The session that a trail is of, what the trail was told of it, and the hash of its configuration. */
export interface AuditedMaking {
  readonly session: TradingSession;
  readonly settings: SessionAuditSettings;
  readonly cfgHash: string;
}

/** The writer of a session's hot records. */
export function writerOf({ session, settings, cfgHash }: AuditedMaking): AuditWriter {
  const { kernel, recorder } = session;
  const writer = new AuditWriter({
    ...{ node: settings.node, epoch: recorder.journal.epoch, cfgHash, buildHash: settings.buildHash },
    baseNs: kernel.baseNs,
    seats: kernel.gate.parts.hierarchy.seats.map(({ strategy, account }) => ({ strategy, account })),
    instruments: kernel.instruments.map(({ key, venue }) => ({ symbol: key, venue })),
    rules: RISK_CODE,
  });
  writer.clockUncertaintyNs = settings.clockUncertaintyNs;
  return writer;
}

/** An input of `INPUT`, as a tap is told of it. */
export interface ToldInput {
  readonly kind: number;
  readonly station: number;
  readonly a: number;
  readonly b: number;
}

/** What an input of `INPUT` is recorded as; nothing where it says nothing to a reader. */
export function inputSayings(
  making: AuditedMaking,
  { kind, station, a, b }: ToldInput,
): readonly AuditNote[] {
  const { kernel } = making.session;
  if (kind === INPUT.start) return startSayings(making);
  if (kind === INPUT.stop) return stopSayings(kernel);
  if (kind === INPUT.latch) return [latchSaying(kernel.gate.parts.latch, a, b)];
  const at = (component: string, event: string, said: Readonly<Record<string, unknown>>): AuditNote[] => [
    stationSaying(kernel, component, event, station, said),
  ];
  if (kind === INPUT.disconnected) return at("connection", "disconnected", {});
  if (kind === INPUT.hold) return at("instrument", a === 1 ? "stopped" : "released", {});
  if (kind === INPUT.dividend) return at("positions", "dividend", { minorPerLot: a });
  return kind === INPUT.split ? at("positions", "split", { numerator: a, denominator: b }) : [];
}

/** Something happened to an instrument; `said` is JSON-safe. */
export function stationSaying(
  { instruments }: TradingKernel,
  component: string,
  event: string,
  station: number,
  said: Readonly<Record<string, unknown>>,
): AuditNote {
  const { key: instrument = "", venue = "" } = instruments[station] ?? {};
  return eventSaying(component, event, { instrument, ...said }, venue);
}

/** What a session begins with: itself, its limits, its strategies. */
function startSayings({ session, settings, cfgHash }: AuditedMaking): readonly AuditNote[] {
  const { kernel, making } = session;
  const { author, approver, reason, versions } = settings;
  const actor = SESSION_ACTOR;
  const changed = { beforeHash: NO_HASH, author, approver, reason };
  const limits = canonicalJson(kernel.gate.describe() ?? "no limits");
  const text = limits.length > TEXT_MOST ? {} : { after: auditText(limits, 60_000) };
  return [
    eventSaying("session", "started", auditText(making.name), ""),
    { type: "configChange", payload: { path: "session", afterHash: cfgHash, ...changed }, actor },
    {
      type: "configChange",
      payload: { path: "session.risk", afterHash: sha256Hex(limits), ...changed, ...text },
      actor,
    },
    ...kernel.slots.map(({ name, strategy }): AuditNote => {
      const parametersHash = sha256Hex(canonicalJson(strategy.params ?? {}));
      const payload = { version: auditText(versions[name] ?? ""), parametersHash };
      return { type: "strategyStart", payload, actor, about: { strategy: name } };
    }),
  ];
}

/** What a session ends with. */
function stopSayings({ slots, desk }: TradingKernel): readonly AuditNote[] {
  return slots.flatMap((slot): AuditNote[] => {
    if (slot.fault !== undefined) return [];
    const openOrders = desk.openOrders(slot, undefined).length;
    const payload = { reason: "the session stops", openOrders, isFault: false };
    return [{ type: "strategyStop", payload, actor: SESSION_ACTOR, about: { strategy: slot.name } }];
  });
}

/** A strategy threw: that it is stopped, which every replay tells again. */
export function faultSaying({ strategy, callback, openOrders }: StrategyFault): AuditNote {
  const payload = { reason: `${callback} threw`, openOrders, isFault: true };
  return { type: "strategyStop", payload, actor: SESSION_ACTOR, about: { strategy } };
}

/** What it threw: the words of an error are another version's tomorrow, so no replay is held against them. */
export function thrownSaying({ strategy, callback, code, message, error }: StrategyFault): AuditNote {
  const stack = stackOf(error);
  const payload = {
    ...{ component: `${auditText(strategy)}.${callback}`, severity: "error" as const },
    ...{ code: auditText(code), message: auditText(message) },
    ...(stack === undefined ? {} : { stackHash: sha256Hex(stack), stack: auditText(stack) }),
  };
  return { type: "error", payload, actor: byService("strategies"), about: { strategy } };
}

/** A stack as somebody else's code left it. */
function stackOf(error: unknown): string | undefined {
  try {
    if (!(error instanceof Error)) return undefined;
    const { stack } = error;
    return typeof stack === "string" ? stack.slice(0, TEXT_MOST).toWellFormed() : undefined;
  } catch {
    return undefined;
  }
}

/** A scope of the latch was seen at another level. */
function latchSaying(latch: KillLatch, scope: number, level: number): AuditNote {
  const latchEpoch = KillLatch.epochOf(latch.read());
  const said = { run: 0, step: "seen", scope: String(scope), latchEpoch, isDrill: false };
  return { type: "killStep", payload: { ...said, detail: `level ${level}` }, actor: SESSION_ACTOR };
}

/** Something happened that is no order's; `said` is a text or JSON-safe. */
export function eventSaying(component: string, event: string, said: unknown, venue: string): AuditNote {
  const detail = typeof said === "string" ? said : canonicalJson(said);
  return {
    type: "systemEvent",
    payload: { component, event, detail },
    actor: SESSION_ACTOR,
    about: { venue },
  };
}

/** What a strategy asked for was refused before the gate looked at it: the gate records its own decisions. */
export function refusalSaying(strategy: string, { code, message }: Refusal): AuditNote {
  const payload = { component: "orders", event: code, detail: auditText(message) };
  return { type: "systemEvent", payload, actor: SESSION_ACTOR, about: { strategy } };
}

/** The session goes on; what is open may be at its venue, or not. */
export function recoverySaying(figures: RecoveryFigures, orders: OrderStore): AuditNote {
  const { fromSequence, toSequence, runHash, unsent } = figures;
  let unknownOrders = 0;
  for (let row = 0; row < orders.capacity; row++) {
    if (orders.id[row] !== 0 && orders.isOpen(row)) unknownOrders += 1;
  }
  const detail = canonicalJson({ unsent });
  const payload = { fromSequence, toSequence, stateHash: runHash, unknownOrders, detail };
  return { type: "recovery", payload, actor: SESSION_ACTOR };
}

/** Why a session takes no more inputs. */
export function failureSaying(cause: unknown): AuditNote {
  const code = cause instanceof Fault ? cause.code : cause instanceof Error ? cause.name : typeof cause;
  const message = auditText(cause instanceof Error ? cause.message : String(cause));
  const payload = { component: "session", severity: "critical" as const, code: auditText(code), message };
  return { type: "error", payload, actor: byService("session") };
}
