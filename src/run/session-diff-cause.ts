import { canonicalJson } from "../base/index.ts";
import { REPORT } from "../model/index.ts";
import type { DiffCause } from "./session-diff.ts";
import type { OrderStory, StoryReport } from "./session-story.ts";

const NEVER = Number.POSITIVE_INFINITY;
/** How many times longer than its twin's an answer may be out at a session's end to count as late, and at least. */
const PATIENCE = 10;
const PATIENCE_NS = 1_000_000_000;

/** The nth order of a strategy in an instrument, of each session. */
export interface OrderPair {
  readonly nth: number;
  readonly strategy: number;
  readonly station: number;
  readonly left?: OrderStory;
  readonly right?: OrderStory;
}

/** From when on what came to two sessions from outside may differ; Infinity for never. */
export interface SessionParting {
  /** Market data; when they were heard of; what was done to the sessions. @units ns from the base */
  readonly dataNs: number;
  readonly feedNs: number;
  readonly eventNs: number;
}

/** What is known of two sessions as wholes. */
export interface SessionKnown extends SessionParting {
  readonly hasCode: boolean;
  readonly hasSetup: boolean;
  readonly leftEndNs: number;
  readonly rightEndNs: number;
}

/** A difference of a pair, and its cause if nothing before led to it. */
export interface Found {
  readonly root: DiffCause;
  /** Of its line. */
  readonly ns: number;
  /** From when on a strategy may know of it. */
  readonly heardNs: number;
  readonly what: string;
  /** Whether a strategy decided otherwise; else the world answered otherwise. */
  readonly isDecision: boolean;
}

type World = Omit<Found, "ns" | "isDecision"> & { readonly ofRequest?: boolean };

/** When the first of a pair was made. */
export function startOf({ left, right }: OrderPair): number {
  return Math.min(left?.ns ?? NEVER, right?.ns ?? NEVER);
}

/** The earliest difference of a pair of orders, undefined where there is none. */
export function differenceOf(pair: OrderPair, known: SessionKnown): Found | undefined {
  const { left, right } = pair;
  const ns = startOf(pair);
  if (left === undefined || right === undefined)
    return decision(ns, left === undefined ? "only right" : "only left", known);
  const terms = termsDiffer(left, right);
  if (terms !== undefined) return decision(ns, terms, known);
  const world = worldDiffers(left, right, known);
  const changedNs = changesDiffer(left, right);
  if (changedNs !== undefined && !isBefore(world, changedNs))
    return decision(changedNs, "changed differently", known);
  if (world === undefined) return undefined;
  const { root, heardNs, what } = world;
  return { root, heardNs, what, ns, isDecision: false };
}

/** What was heard at the moment of a change came before it, unless it answers that change. */
function isBefore(world: World | undefined, changedNs: number): boolean {
  if (world === undefined) return false;
  return world.heardNs < changedNs || (world.heardNs === changedNs && world.ofRequest !== true);
}

/** Why a strategy decided otherwise at a moment, unless an earlier difference led to it. */
function decision(ns: number, what: string, known: SessionKnown): Found {
  const { hasCode, hasSetup } = known;
  const root = hasCode ? "code" : hasSetup ? "setup" : (outside(ns, known) ?? "code");
  return { root, ns, heardNs: ns, what, isDecision: true };
}

/** What came from outside and was not the same before a moment. */
function outside(ns: number, { dataNs, feedNs, eventNs }: SessionParting): DiffCause | undefined {
  if (dataNs <= ns) return "data";
  if (eventNs <= ns) return "setup";
  return feedNs <= ns ? "latency" : undefined;
}

function termsDiffer(a: OrderStory, b: OrderStory): string | undefined {
  for (const name of ["side", "priceTicks", "lots", "terms", "ns"] as const)
    if (a[name] !== b[name]) return `${name} ${a[name]}, ${b[name]}`;
  return undefined;
}

/** What the venues and the way to them made different. */
function worldDiffers(a: OrderStory, b: OrderStory, known: SessionKnown): World | undefined {
  const count = Math.max(a.reports.length, b.reports.length);
  const fills = fillsDiffer(a, b, known);
  for (let i = 0; i < count; i++) {
    const [x, y] = [a.reports[i], b.reports[i]];
    const heardNs = Math.min(x?.ns ?? NEVER, y?.ns ?? NEVER);
    const isOther = x?.kind !== y?.kind || x?.reason !== y?.reason;
    if (!isOther && x?.exchNs === y?.exchNs && x?.ns === y?.ns) continue;
    if (fills !== undefined && fills.heardNs < heardNs) return fills;
    const ofRequest = (x ?? y)?.requestId !== 0;
    if (!isOther)
      return {
        root: "latency",
        heardNs,
        ofRequest,
        what: `there ${x?.exchNs}, ${y?.exchNs}; heard ${x?.ns}, ${y?.ns}`,
      };
    // A fill tells more than the word that comes with it, or because of it.
    if (fills !== undefined && fills.heardNs === heardNs) return fills;
    if (x !== undefined && y !== undefined && (isRejection(x.kind) || isRejection(y.kind)))
      return { root: "rejection", heardNs, ofRequest, what: `${wordOf(x)}, ${wordOf(y)}` };
    if (fills !== undefined) return fills;
    return {
      root: answerCause(a, b, i, known),
      heardNs,
      ofRequest,
      what: `answered ${wordOf(x)}, ${wordOf(y)}`,
    };
  }
  return fills;
}

/** Why the nth words on two orders are not the same, where it is neither their fills nor a rejection. */
function answerCause(a: OrderStory, b: OrderStory, i: number, known: SessionKnown): DiffCause {
  const [x, y] = [a.reports[i], b.reports[i]];
  const heardNs = Math.min(x?.ns ?? NEVER, y?.ns ?? NEVER);
  const cause = outside(heardNs, known);
  if (cause !== undefined) return cause;
  if (x !== undefined && y !== undefined) return known.hasCode ? "code" : "unexplained";
  // One of them was not answered when its session ended: no wonder where that was soon.
  const [story, word] = x === undefined ? [b, y] : [a, x];
  const endNs = x === undefined ? known.leftEndNs : known.rightEndNs;
  const waitedNs =
    heardNs - Math.max(story.ns, ...story.changes.map(({ ns }) => ns).filter((ns) => ns <= heardNs));
  const outNs = endNs - heardNs;
  if (word !== undefined && outNs <= Math.max(PATIENCE_NS, PATIENCE * waitedNs)) return "latency";
  return "unexplained";
}

/** What differs in the fills of two orders. */
function fillsDiffer(a: OrderStory, b: OrderStory, known: SessionKnown): World | undefined {
  const count = Math.max(a.fills.length, b.fills.length);
  for (let i = 0; i < count; i++) {
    const [x, y] = [a.fills[i], b.fills[i]];
    const heardNs = Math.min(x?.ns ?? NEVER, y?.ns ?? NEVER);
    const isSame = x?.lots === y?.lots && x?.priceTicks === y?.priceTicks && x?.isMaker === y?.isMaker;
    if (x === undefined || y === undefined || !isSame || x.exchNs !== y.exchNs) {
      const fill = (each: typeof x): string => `${each?.lots ?? 0}@${each?.priceTicks ?? "-"}`;
      return { root: outside(heardNs, known) ?? "queue", heardNs, what: `fill ${fill(x)}, ${fill(y)}` };
    }
    if (x.ns !== y.ns)
      return { root: "latency", heardNs, what: `fill at ${x.exchNs} heard ${x.ns}, ${y.ns}` };
    if (x.feeMinor !== y.feeMinor) return { root: "fee", heardNs, what: `fee ${x.feeMinor}, ${y.feeMinor}` };
  }
  return undefined;
}

function changesDiffer(a: OrderStory, b: OrderStory): number | undefined {
  const count = Math.max(a.changes.length, b.changes.length);
  for (let i = 0; i < count; i++) {
    const [x, y] = [a.changes[i], b.changes[i]];
    if (canonicalJson(x ?? null) !== canonicalJson(y ?? null))
      return Math.min(x?.ns ?? NEVER, y?.ns ?? NEVER);
  }
  return undefined;
}

const KINDS: readonly string[] = Object.keys(REPORT);
const CODES: readonly number[] = Object.values(REPORT);

function wordOf(report: StoryReport | undefined): string {
  if (report === undefined) return "nothing";
  const kind = KINDS[CODES.indexOf(report.kind)] ?? `${report.kind}`;
  return report.reason === "" ? kind : `${kind} (${report.reason})`;
}

function isRejection(kind: number): boolean {
  return kind === REPORT.rejected || kind === REPORT.cancelRejected || kind === REPORT.replaceRejected;
}
