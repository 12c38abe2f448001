import { expect, it, test } from "vitest";
import { OpenOrderEntry } from "../../src/risk/open-order-board.ts";
import { distributionOf } from "../../src/run/kill-agent-report.ts";
import { arrangeTasks, CancelBudget, type CancelOrder, CancelTask } from "../../src/run/kill-agent-task.ts";

/** `[number, instrument, side, priceTicks]` of each order. */
const ORDERS = [
  [4, 1, 1, 100],
  [1, 1, 1, 98],
  [3, 1, 1, 100],
  [2, 1, -1, 105],
  [6, 2, -1, 7],
  [5, 1, -1, 101],
] as const;

function arranged(order: CancelOrder): string {
  const tasks = ORDERS.map(([number, instrument, side, priceTicks]) => {
    const entry = Object.assign(new OpenOrderEntry(), { number, instrument, side, priceTicks });
    return new CancelTask(`${number}`, entry);
  });
  tasks.push(new CancelTask("found"));
  arrangeTasks(tasks, order);
  return tasks.map(({ id }) => id).join(" ");
}

it.each([
  // An order that only the venue knew of has no age: it comes last.
  ["oldest", "1 2 3 4 5 6 found"],
  // The best bid and offer of each instrument first, the older of two; then what stands behind them.
  ["aggressive", "3 5 6 found 2 4 1"],
] as const)("%s: %s", (order, ids) => {
  expect(arranged(order)).toBe(ids);
});

test("a budget is full at first, refills evenly, and keeps no more than its burst", () => {
  const budget = new CancelBudget(100, 10, 0);
  expect(budget.available(0)).toBe(10);
  budget.spend(10);
  expect(budget.available(9.9e6)).toBe(0);
  expect(budget.available(10e6)).toBe(1);
  budget.spend(1);
  expect(budget.available(60e6)).toBe(5);
  expect(budget.available(5e9)).toBe(10);
});

test("distributions, of nothing too", () => {
  expect(distributionOf([])).toEqual({ count: 0, p50: null, p99: null, max: null });
  expect(distributionOf([3])).toEqual({ count: 1, p50: 3, p99: 3, max: 3 });
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect(distributionOf(hundred)).toEqual({ count: 100, p50: 51, p99: 100, max: 100 });
});
