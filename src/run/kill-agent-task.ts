import type { CancelTarget } from "../port/index.ts";
import { BOARD_STATE, type OpenOrderEntry } from "../risk/index.ts";

/** Which cancels leave first: the oldest orders, or those priced furthest towards the market. */
export type CancelOrder = "oldest" | "aggressive";

/** One order the kill agent wants gone, and how far that is. */
export class CancelTask implements CancelTarget {
  readonly id: string;
  readonly number: number;
  readonly instrument: number;
  readonly side: number;
  readonly priceTicks: number;
  /** Which publication on the board it is; -1 for an order that a query brought up. */
  readonly sequence: number;
  /** The venue is known to have had it: an order it no longer lists is over. */
  isKnown: boolean;
  isQueued = true;
  isOver = false;
  /** When its first cancel was given to the wire, ns since the kill was asked for; -1 before. */
  firstNs = -1;
  /** When its last cancel was. */
  handedNs = -1;
  /** When the venue or the board said that it is over, ns since the kill was asked for; -1 before. */
  overNs = -1;
  /** The scan of the board that saw it last. */
  scan = 0;
  /** What the venue last said against canceling it. */
  trouble = "";

  constructor(id: string, entry?: OpenOrderEntry) {
    this.id = id;
    this.number = entry?.number ?? Number.MAX_SAFE_INTEGER;
    this.instrument = entry?.instrument ?? 0;
    this.side = entry?.side ?? 0;
    this.priceTicks = entry?.priceTicks ?? 0;
    this.sequence = entry?.sequence ?? -1;
    this.isKnown = entry === undefined || isKnownState(entry.state);
  }
}

/** Whether an order in this state of the board has been acknowledged by its venue. */
export function isKnownState(state: number): boolean {
  return state === BOARD_STATE.live || state === BOARD_STATE.canceling;
}

/** Puts tasks into the order in which their cancels leave. */
export function arrangeTasks(tasks: CancelTask[], order: CancelOrder): void {
  tasks.sort((a, b) => a.number - b.number);
  if (order === "oldest") return;
  const groups = new Map<number, CancelTask[]>();
  for (const task of tasks) {
    const key = task.instrument * 2 + (task.side > 0 ? 1 : 0);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [task]);
    else group.push(task);
  }
  const ranks = new Map<CancelTask, number>();
  for (const group of groups.values()) {
    group.sort((a, b) => b.side * b.priceTicks - a.side * a.priceTicks || a.number - b.number);
    for (const [rank, task] of group.entries()) ranks.set(task, rank);
  }
  tasks.sort((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0) || a.number - b.number);
}

/** The rate a venue's session may cancel at: full at first, refilled evenly. */
export class CancelBudget {
  readonly #perNs: number;
  readonly #most: number;
  #left: number;
  #atNs: number;

  constructor(ratePerSecond: number, burst: number, nowNs: number) {
    this.#perNs = ratePerSecond / 1e9;
    this.#most = burst;
    this.#left = burst;
    this.#atNs = nowNs;
  }

  /** How many cancels may leave now. */
  available(nowNs: number): number {
    this.#left = Math.min(this.#most, this.#left + (nowNs - this.#atNs) * this.#perNs);
    this.#atNs = nowNs;
    return Math.floor(this.#left);
  }

  spend(count: number): void {
    this.#left -= count;
  }
}
