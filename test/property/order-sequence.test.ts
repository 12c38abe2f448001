import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  apply,
  checkInvariants,
  LEGAL_BY_CODE,
  ORDER_EVENT,
  ORDER_EVENTS,
  ORDER_STATUSES,
  OrderEvent,
  type OrderEventName,
  OrderStore,
  OUTCOME,
  RECONCILE_BY_CODE,
  ROW_FLAG,
} from "../../src/order/index.ts";
import { terms } from "./order-arbitrary.ts";

interface Word {
  readonly type: OrderEventName;
  readonly lots: number;
  readonly sequence: number;
}

const WORDS = [
  "suspend",
  "activate",
  "stop",
  "doneForDay",
  "expire",
  "unsolicitedCancel",
  "calculate",
  "restated",
] as const;

function opened(): readonly [OrderStore, number] {
  const store = new OrderStore({ capacity: 1 });
  const row = store.open(terms(100, 1));
  const event = new OrderEvent();
  apply(store, row, event.set(ORDER_EVENT.submit));
  apply(store, row, event.set(ORDER_EVENT.ack));
  return [store, row];
}

function tell(store: OrderStore, row: number, word: Word): number {
  const event = new OrderEvent().set(ORDER_EVENT[word.type]);
  event.sequence = word.sequence;
  event.newLots = word.lots;
  event.newTicks = word.lots;
  event.lastLots = word.lots;
  return apply(store, row, event);
}

function endOf(store: OrderStore, row: number) {
  return { status: ORDER_STATUSES[store.status[row] as number], lots: store.lots[row] };
}

function isFlagged(store: OrderStore, row: number): boolean {
  const both = ROW_FLAG.unknown | ROW_FLAG.reconcile;
  return ((store.flags[row] as number) & both) === both;
}

/** What a venue may say one after the other: only words that are legal where they come, none said twice running. */
function historyOf(picks: readonly (readonly [(typeof WORDS)[number], number])[], restatements: number) {
  const [store, row] = opened();
  const words: Word[] = [];
  let restated = 0;
  for (const [type, lots] of picks) {
    const legal =
      LEGAL_BY_CODE[(store.status[row] as number) * ORDER_EVENTS.length + ORDER_EVENT[type]] === 1;
    if (!legal || (type === "restated" && restated >= restatements)) continue;
    const word = { type, lots, sequence: words.length + 1 };
    const [probe, at] = opened();
    for (const before of words) tell(probe, at, before);
    if (tell(probe, at, word) !== OUTCOME.applied) continue;
    if (type === "restated") restated += 1;
    tell(store, row, word);
    words.push(word);
  }
  return { words, end: endOf(store, row) };
}

const picks = fc.array(fc.tuple(fc.constantFrom(...WORDS), fc.integer({ min: 10, max: 99 })), {
  minLength: 3,
  maxLength: 12,
});

function shuffled(restatements: number, duplicate: boolean) {
  return picks.chain((all) => {
    const { words, end } = historyOf(all, restatements);
    const again = duplicate ? fc.subarray(words) : fc.constant<Word[]>([]);
    return again.chain((twice) => {
      const told = [...words, ...twice];
      const order = fc.shuffledSubarray(told, { minLength: told.length, maxLength: told.length });
      return fc.tuple(fc.constant(words), fc.constant(end), order);
    });
  });
}

describe("reports on an order's state", () => {
  it("apply in the venue's sequence: shuffled and repeated they end the same, or the order is unknown", () => {
    let doubtful = 0;
    let differs = 0;
    fc.assert(
      fc.property(shuffled(9, true), ([words, end, order]) => {
        const [store, row] = opened();
        for (const word of order) {
          tell(store, row, word);
          expect(checkInvariants(store, row)).toEqual([]);
        }
        if (isFlagged(store, row)) doubtful += 1;
        else expect([endOf(store, row), words]).toEqual([end, words]);
        if (order.some((word, i) => i > 0 && word.sequence < (order[i - 1] as Word).sequence)) differs += 1;
      }),
      { numRuns: 2000 },
    );
    // The claim would be empty if most were in doubt.
    expect(doubtful).toBeLessThan(differs / 2);
  });

  it("without a sequence, disorder that shows leaves the order unknown, to be reconciled", () => {
    let doubtful = 0;
    fc.assert(
      fc.property(shuffled(1, false), ([words, end, order]) => {
        const [store, row] = opened();
        const outcomes = order.map((word) => tell(store, row, { ...word, sequence: 0 }));
        // What a venue could have said in this very order, repetitions included, cannot be told from disorder.
        const shows = outcomes.some(
          (outcome) => outcome !== OUTCOME.applied && outcome !== OUTCOME.duplicate,
        );
        if (shows) doubtful += 1;
        expect([isFlagged(store, row), order]).toEqual([shows, order]);
        expect(outcomes.some((outcome) => RECONCILE_BY_CODE[outcome] === 1)).toBe(shows);
        if (words.every((word, i) => word === order[i])) expect(endOf(store, row)).toEqual(end);
      }),
      { numRuns: 2000 },
    );
    expect(doubtful).toBeGreaterThan(100);
  });

  it("in order and without a sequence, leave nothing in doubt", () => {
    fc.assert(
      fc.property(picks, (all) => {
        const { words, end } = historyOf(all, 9);
        const [store, row] = opened();
        for (const word of words) expect(tell(store, row, { ...word, sequence: 0 })).toBe(OUTCOME.applied);
        expect([endOf(store, row), isFlagged(store, row)]).toEqual([end, false]);
      }),
      { numRuns: 300 },
    );
  });
});
