import { canonicalJson } from "../base/index.ts";
import {
  differenceOf,
  type Found,
  type OrderPair,
  type SessionParting,
  startOf,
} from "./session-diff-cause.ts";
import type { MarketMark, OrderStory, SessionStory, StoryEvent } from "./session-story.ts";

/**
 * Why two sessions' orders differ. `setup`: limits, cash or instruments, or what was done to them (a kill, a lost
 * connection, a restart). `code`: the package's version, parameters, or another decision on the same inputs. `data`:
 * other market data before it. `latency`: the same request took another time, or the same market was heard of at
 * another time. `rejection`: a venue took it in one session only, or refused it for another reason. `queue`: filled at another time, price or
 * quantity though it arrived at the same time. `fee`: the same fill at another price of trading. `consequence`: decided
 * or answered after an earlier difference. `unexplained`: none of these.
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
  /** Names by place: `strategy` and `station` of a line and of an order are places. */
  readonly strategies: readonly string[];
  readonly instruments: readonly string[];
  /** Orders of each side, and pairs without a difference. */
  readonly leftOrders: number;
  readonly rightOrders: number;
  readonly equalOrders: number;
  readonly lines: readonly DiffLine[];
  readonly causes: Readonly<Record<DiffCause, number>>;
}

const NEVER = Number.POSITIVE_INFINITY;
const SESSION_LINE = { nth: 0, strategy: -1, station: -1 } as const;

/**
 * Compares two recorded sessions order by order (live with its backtest, a backtest with another version's) and gives
 * every difference a cause.
 *
 * Orders are paired by strategy and instrument, in the order they were made. What an order shows by itself names its
 * cause; a decision that differs is a consequence of an earlier difference where there is one.
 *
 * @invariant A session compared with itself is equal; left and right swapped give the same causes.
 * @cost O(n log n) in orders, O(market marks).
 */
export function diffSessions(left: SessionStory, right: SessionStory): SessionDiff {
  const parting = partingOf(left, right);
  const lines = [...setupLines(left, right), ...partingLines(left, right, parting)];
  const known = {
    ...parting,
    hasCode: lines.some(({ cause }) => cause === "code"),
    hasSetup: lines.some(({ cause, ns }) => cause === "setup" && ns === 0),
    leftEndNs: left.endNs,
    rightEndNs: right.endNs,
  };
  const pairs = pairsOf(left.orders, right.orders);
  const found: { readonly pair: OrderPair; readonly difference: Found }[] = [];
  for (const pair of pairs) {
    const difference = differenceOf(pair, known);
    if (difference !== undefined) found.push({ pair, difference });
  }
  // By when the strategies heard: what comes first is no consequence of what comes later. Words of the world first.
  found.sort((a, b) => a.difference.heardNs - b.difference.heardNs || rankOf(a) - rankOf(b));
  let knownNs = NEVER;
  for (const { pair, difference } of found) {
    const { root, ns, what, heardNs, isDecision } = difference;
    const isLater = knownNs <= heardNs && (isDecision || root === "unexplained");
    lines.push({ cause: isLater ? "consequence" : root, ns, what, ...pair });
    knownNs = Math.min(knownNs, heardNs);
  }
  const from = lines.length - found.length;
  lines.splice(from, found.length, ...lines.slice(from).sort((a, b) => a.ns - b.ns));
  return {
    isEqual: lines.length === 0,
    baseNs: left.begin.baseNs.toString(),
    strategies: longer(strategyNames(left), strategyNames(right)),
    instruments: longer(instrumentNames(left), instrumentNames(right)),
    leftOrders: left.orders.length,
    rightOrders: right.orders.length,
    equalOrders: pairs.length - found.length,
    lines,
    causes: countsOf(lines),
  };
}

function strategyNames({ begin }: SessionStory): readonly string[] {
  const { strategies } = begin;
  if (!Array.isArray(strategies)) return [];
  return strategies.map((each: { readonly name?: unknown } | null, i) =>
    typeof each?.name === "string" ? each.name : `strategy ${i}`,
  );
}

function instrumentNames({ begin }: SessionStory): readonly string[] {
  return begin.instruments.map(({ key }) => key);
}

/** The left side's names, and beyond them the right side's: where they differ in between, a line says so. */
function longer(left: readonly string[], right: readonly string[]): readonly string[] {
  return [...left, ...right.slice(left.length)];
}

function rankOf({ difference }: { readonly difference: Found }): number {
  return difference.isDecision ? 1 : 0;
}

function countsOf(lines: readonly DiffLine[]): Readonly<Record<DiffCause, number>> {
  const count = (cause: DiffCause): number => lines.filter((line) => line.cause === cause).length;
  return Object.fromEntries(DIFF_CAUSES.map((cause) => [cause, count(cause)])) as Record<DiffCause, number>;
}

function* setupLines(left: SessionStory, right: SessionStory): Generator<DiffLine> {
  const at = { ns: 0, ...SESSION_LINE } as const;
  const [a, b] = [madeOf(left), madeOf(right)];
  for (const [name, x] of Object.entries(a)) {
    const y = b[name] as string;
    const cause = name === "version" || name === "strategies" ? "code" : "setup";
    if (x !== y) yield { ...at, cause, what: `${name} ${x}, ${y}` };
  }
}

/** What a session was made from, each thing as text. */
function madeOf({ begin }: SessionStory): Readonly<Record<string, string>> {
  const { version, strategies, risk, cash, seed, baseNs, reporting, orderCapacity, lingerNs, instruments } =
    begin;
  const amounts = cash
    .filter(({ minor }) => minor !== 0n)
    .map(({ minor, currency }) => [currency.code, minor]);
  return {
    version,
    strategies: canonicalJson(strategies ?? null),
    risk: canonicalJson(risk ?? null),
    cash: canonicalJson(amounts),
    seed: `${seed}`,
    baseNs: `${baseNs}`,
    reporting: reporting.code,
    orderCapacity: `${orderCapacity}`,
    lingerNs: `${lingerNs}`,
    instruments: instruments.map(({ key }) => key).join(" "),
  };
}

/** From when on what came to the two sessions from outside may differ; Infinity for never. */
function partingOf(left: SessionStory, right: SessionStory): SessionParting {
  let [dataNs, feedNs] = [NEVER, NEVER];
  for (const [i, a] of left.markets.entries()) {
    const b = right.markets[i];
    if (b === undefined) continue;
    dataNs = Math.min(dataNs, firstDifference(a.marks, b.marks, "hex"));
    feedNs = Math.min(feedNs, firstDifference(a.marks, b.marks, "heardHex"));
  }
  let eventNs = NEVER;
  for (let i = 0; i < Math.max(left.events.length, right.events.length) && eventNs === NEVER; i++) {
    const [x, y] = [left.events[i], right.events[i]];
    if (x?.what !== y?.what || x?.ns !== y?.ns) eventNs = Math.min(x?.ns ?? NEVER, y?.ns ?? NEVER);
  }
  return { dataNs, feedNs, eventNs };
}

/** The mark before the first that differs. */
function firstDifference(
  a: readonly MarketMark[],
  b: readonly MarketMark[],
  digest: "hex" | "heardHex",
): number {
  for (let k = 0; k < Math.max(a.length, b.length); k++) {
    if (a[k]?.[digest] !== b[k]?.[digest]) return Math.min(a[k - 1]?.ns ?? 0, b[k - 1]?.ns ?? 0);
  }
  return NEVER;
}

function* partingLines(
  left: SessionStory,
  right: SessionStory,
  { dataNs, feedNs, eventNs }: SessionParting,
): Generator<DiffLine> {
  if (dataNs < NEVER) yield { cause: "data", ns: dataNs, ...SESSION_LINE, what: "market data differ" };
  // Other rows come at other times: only rows that are the same can be late.
  if (feedNs < dataNs)
    yield { cause: "latency", ns: feedNs, ...SESSION_LINE, what: "market data were heard of at other times" };
  if (eventNs === NEVER) return;
  const at = left.events.findIndex(({ what, ns }, i) => {
    const other = right.events[i];
    return other?.what !== what || other.ns !== ns;
  });
  const [x, y] = at < 0 ? [undefined, right.events[left.events.length]] : [left.events[at], right.events[at]];
  yield {
    cause: "setup",
    ns: eventNs,
    ...SESSION_LINE,
    what: `${named(left, x)}, ${named(right, y)}`,
  };
}

/** What was done to a session, its instrument by name. */
function named(story: SessionStory, event: StoryEvent | undefined): string {
  const names = instrumentNames(story);
  return (
    event?.what.replace(/\binstrument (\d+)\b/, (all, place) => names[Number(place)] ?? all) ?? "nothing"
  );
}

/** Pairs the nth order of each strategy and instrument; earliest first. */
function pairsOf(left: readonly OrderStory[], right: readonly OrderStory[]): readonly OrderPair[] {
  const lists = new Map<string, { left: OrderStory[]; right: OrderStory[] }>();
  const put = (story: OrderStory, side: "left" | "right"): void => {
    const key = `${story.strategy} ${story.station}`;
    const list = lists.get(key) ?? { left: [], right: [] };
    lists.set(key, list);
    list[side].push(story);
  };
  for (const story of left) put(story, "left");
  for (const story of right) put(story, "right");
  const pairs: OrderPair[] = [];
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
