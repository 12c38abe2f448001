import { canonicalJson } from "../base/index.ts";
import { REPORT } from "../model/index.ts";
import type { MarketStory, OrderStory, SessionStory } from "./session-story.ts";

/**
 * Why two sessions' orders differ. `setup`: limits, cash or instruments. `code`: the package's version, parameters, or
 * another decision on the same inputs. `data`: other market data before it. `latency`: the same request took another
 * time. `rejection`: a venue or gate took it in one session only. `queue`: filled at another time, price or quantity
 * though it arrived at the same time. `fee`: the same fill at another price of trading. `consequence`: decided after an
 * earlier difference. `unexplained`: none of these.
 */
export const DIFF_CAUSES = [
  "setup",
  "code",
  "data",
  "latency",
  "rejection",
  "queue",
  "fee",
  "consequence",
  "unexplained",
] as const;

/** A cause of {@link DIFF_CAUSES}. */
export type DiffCause = (typeof DIFF_CAUSES)[number];

/** One difference between two sessions. */
export interface DiffLine {
  readonly cause: DiffCause;
  /** When, ns from the base: of the earlier of the two. */
  readonly ns: number;
  /** The order: which one of its strategy in its instrument, from 1; 0 for a line about the session. */
  readonly nth: number;
  readonly strategy: number;
  readonly station: number;
  /** What differs, in words. */
  readonly what: string;
  readonly left?: OrderStory;
  readonly right?: OrderStory;
}

/** What {@link diffSessions} found. */
export interface SessionDiff {
  readonly isEqual: boolean;
  /** What times count from, epoch ns. */
  readonly baseNs: string;
  /** Orders of each side, and pairs without a difference. */
  readonly leftOrders: number;
  readonly rightOrders: number;
  readonly equalOrders: number;
  readonly lines: readonly DiffLine[];
  readonly causes: Readonly<Record<DiffCause, number>>;
}

/**
 * Compares two recorded sessions order by order (live with its backtest, a backtest with another version's) and gives
 * every difference a cause.
 *
 * Orders are paired by strategy and instrument, in the order they were made. What an order shows by itself names its
 * cause; a decision that differs is a consequence of an earlier difference where there is one.
 *
 * @invariant A session compared with itself is equal; left and right swapped give the same causes.
 * @cost O(orders + market marks).
 */
export function diffSessions(left: SessionStory, right: SessionStory): SessionDiff {
  const lines = [...setupLines(left, right)];
  const dataNs = firstDataDifference(left.markets, right.markets);
  if (dataNs < Number.POSITIVE_INFINITY) {
    lines.push({ cause: "data", ns: dataNs, nth: 0, strategy: -1, station: -1, what: "market data differ" });
  }
  const pairs = pairsOf(left.orders, right.orders);
  const hasCode = lines.some(({ cause }) => cause === "code");
  const hasSetup = lines.some(({ cause }) => cause === "setup");
  let equal = 0;
  /** When the first difference became known to the strategies. */
  let knownNs = Number.POSITIVE_INFINITY;
  for (const pair of pairs) {
    const found = differenceOf(pair, { dataNs, knownNs, hasCode, hasSetup });
    if (found === undefined) {
      equal += 1;
      continue;
    }
    const { cause, ns, what, heardNs } = found;
    lines.push({ cause, ns, what, ...pair });
    knownNs = Math.min(knownNs, heardNs);
  }
  const causes = Object.fromEntries(
    DIFF_CAUSES.map((cause) => [cause, lines.filter((line) => line.cause === cause).length]),
  ) as Record<DiffCause, number>;
  return {
    isEqual: lines.length === 0,
    baseNs: left.begin.baseNs.toString(),
    leftOrders: left.orders.length,
    rightOrders: right.orders.length,
    equalOrders: equal,
    lines,
    causes,
  };
}

interface Pair {
  readonly nth: number;
  readonly strategy: number;
  readonly station: number;
  readonly left?: OrderStory;
  readonly right?: OrderStory;
}

interface Known {
  readonly dataNs: number;
  readonly knownNs: number;
  readonly hasCode: boolean;
  readonly hasSetup: boolean;
}

type Found = Pick<DiffLine, "cause" | "ns" | "what"> & { readonly heardNs: number };

function* setupLines(left: SessionStory, right: SessionStory): Generator<DiffLine> {
  const at = { ns: 0, nth: 0, strategy: -1, station: -1 } as const;
  const [a, b] = [left.begin, right.begin];
  if (a.version !== b.version) yield { ...at, cause: "code", what: `version ${a.version}, ${b.version}` };
  const names = ["strategies", "risk", "cash", "seed", "baseNs", "reporting", "orderCapacity"] as const;
  for (const name of names) {
    const [x, y] = [canonicalJson(a[name]), canonicalJson(b[name])];
    if (x !== y) yield { ...at, cause: name === "strategies" ? "code" : "setup", what: `${name} ${x}, ${y}` };
  }
  const keys = (story: SessionStory): string => story.begin.instruments.map(({ key }) => key).join(" ");
  if (keys(left) !== keys(right))
    yield { ...at, cause: "setup", what: `instruments ${keys(left)}, ${keys(right)}` };
}

/** From when on market data may differ: the mark before the first that differs. */
function firstDataDifference(left: readonly MarketStory[], right: readonly MarketStory[]): number {
  let first = Number.POSITIVE_INFINITY;
  for (const [i, a] of left.entries()) {
    const b = right[i];
    if (b === undefined) continue;
    const count = Math.max(a.marks.length, b.marks.length);
    for (let k = 0; k < count; k++) {
      if (a.marks[k]?.hex === b.marks[k]?.hex) continue;
      first = Math.min(first, a.marks[k - 1]?.ns ?? 0, b.marks[k - 1]?.ns ?? 0);
      break;
    }
  }
  return first;
}

/** Pairs the nth order of each strategy and instrument; earliest first. */
function pairsOf(left: readonly OrderStory[], right: readonly OrderStory[]): readonly Pair[] {
  const lists = new Map<string, { left: OrderStory[]; right: OrderStory[] }>();
  const put = (story: OrderStory, side: "left" | "right"): void => {
    const key = `${story.strategy} ${story.station}`;
    const list = lists.get(key) ?? { left: [], right: [] };
    lists.set(key, list);
    list[side].push(story);
  };
  for (const story of left) put(story, "left");
  for (const story of right) put(story, "right");
  const pairs: Pair[] = [];
  for (const [key, list] of lists) {
    const [strategy = 0, station = 0] = key.split(" ").map(Number);
    for (let i = 0; i < Math.max(list.left.length, list.right.length); i++) {
      const [a, b] = [list.left[i], list.right[i]];
      pairs.push({
        nth: i + 1,
        ...{ strategy, station },
        ...(a === undefined ? {} : { left: a }),
        ...(b === undefined ? {} : { right: b }),
      });
    }
  }
  return pairs.sort((a, b) => startOf(a) - startOf(b));
}

function startOf({ left, right }: Pair): number {
  return Math.min(left?.ns ?? Number.POSITIVE_INFINITY, right?.ns ?? Number.POSITIVE_INFINITY);
}

function differenceOf(pair: Pair, known: Known): Found | undefined {
  const { left, right } = pair;
  const ns = startOf(pair);
  if (left === undefined || right === undefined) {
    return { ...decided(ns, known), ns, heardNs: ns, what: left === undefined ? "only right" : "only left" };
  }
  const terms = termsDiffer(left, right);
  if (terms !== undefined) return { ...decided(ns, known), ns, heardNs: ns, what: terms };
  const world = worldDiffers(left, right, known);
  const changes = changesDiffer(left, right);
  if (changes !== undefined && (world === undefined || changes.ns <= world.heardNs)) {
    return {
      ...decided(changes.ns, known),
      ns: changes.ns,
      heardNs: changes.ns,
      what: "changed differently",
    };
  }
  return world === undefined ? undefined : { ...world, ns };
}

/** Why a strategy decided otherwise at a moment. */
function decided(ns: number, { dataNs, knownNs, hasCode, hasSetup }: Known): { readonly cause: DiffCause } {
  if (knownNs <= ns) return { cause: "consequence" };
  if (hasCode) return { cause: "code" };
  if (hasSetup) return { cause: "setup" };
  return { cause: dataNs <= ns ? "data" : "code" };
}

function termsDiffer(a: OrderStory, b: OrderStory): string | undefined {
  for (const name of ["side", "priceTicks", "lots", "terms", "ns"] as const)
    if (a[name] !== b[name]) return `${name} ${a[name]}, ${b[name]}`;
  return undefined;
}

/** What the venues and the way to them made different. */
function worldDiffers(a: OrderStory, b: OrderStory, known: Known): Omit<Found, "ns"> | undefined {
  const count = Math.max(a.reports.length, b.reports.length);
  for (let i = 0; i < count; i++) {
    const [x, y] = [a.reports[i], b.reports[i]];
    const heardNs = Math.min(x?.ns ?? Number.POSITIVE_INFINITY, y?.ns ?? Number.POSITIVE_INFINITY);
    if (x?.kind !== y?.kind || x?.reason !== y?.reason) {
      const late = fillsDiffer(a, b, known);
      if (late !== undefined && late.heardNs <= heardNs) return late;
      if (x !== undefined && y !== undefined && isRejection(x.kind) !== isRejection(y.kind))
        return { cause: "rejection", heardNs, what: `${x.reason}, ${y.reason}` };
      if (late !== undefined) return late;
      const cause = known.dataNs <= heardNs ? "data" : "unexplained";
      return { cause, heardNs, what: `answered ${x?.reason ?? "nothing"}, ${y?.reason ?? "nothing"}` };
    }
    if (x !== undefined && y !== undefined && (x.exchNs !== y.exchNs || x.ns !== y.ns))
      return { cause: "latency", heardNs, what: `there ${x.exchNs}, ${y.exchNs}; heard ${x.ns}, ${y.ns}` };
  }
  return fillsDiffer(a, b, known);
}

function fillsDiffer(a: OrderStory, b: OrderStory, { dataNs }: Known): Omit<Found, "ns"> | undefined {
  const count = Math.max(a.fills.length, b.fills.length);
  for (let i = 0; i < count; i++) {
    const [x, y] = [a.fills[i], b.fills[i]];
    const heardNs = Math.min(x?.ns ?? Number.POSITIVE_INFINITY, y?.ns ?? Number.POSITIVE_INFINITY);
    const isSame = x?.lots === y?.lots && x?.priceTicks === y?.priceTicks && x?.isMaker === y?.isMaker;
    if (x === undefined || y === undefined || !isSame || x.ns !== y.ns) {
      const cause = dataNs <= heardNs ? "data" : "queue";
      return {
        cause,
        heardNs,
        what: `fill ${x?.lots ?? 0}@${x?.priceTicks ?? "-"}, ${y?.lots ?? 0}@${y?.priceTicks ?? "-"}`,
      };
    }
    if (x.feeMinor !== y.feeMinor) return { cause: "fee", heardNs, what: `fee ${x.feeMinor}, ${y.feeMinor}` };
  }
  return undefined;
}

function changesDiffer(a: OrderStory, b: OrderStory): { readonly ns: number } | undefined {
  const count = Math.max(a.changes.length, b.changes.length);
  for (let i = 0; i < count; i++) {
    const [x, y] = [a.changes[i], b.changes[i]];
    if (canonicalJson(x ?? null) === canonicalJson(y ?? null)) continue;
    return { ns: Math.min(x?.ns ?? Number.POSITIVE_INFINITY, y?.ns ?? Number.POSITIVE_INFINITY) };
  }
  return undefined;
}

function isRejection(kind: number): boolean {
  return kind === REPORT.rejected || kind === REPORT.cancelRejected || kind === REPORT.replaceRejected;
}
