import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ORDER_TYPE, TIME_IN_FORCE } from "../../src/model/index.ts";
import {
  apply,
  ORDER_EVENT,
  ORDER_STATUS,
  ORDER_STATUSES,
  OrderEvent,
  OrderStore,
  ROW_FLAG,
} from "../../src/order/index.ts";
import {
  CHANGE_LEGAL,
  changeOf,
  EVENT_LEGAL,
  eventOf,
  UNREACHABLE,
} from "../../src/torture/coverage-shape.ts";

/** One event: its type, a quantity, and the execution it is about. */
type Step = readonly [type: number, lots: number, ref: number];

const LOTS = 2;
const FLAGS = ROW_FLAG.acknowledged | ROW_FLAG.triggered;
const EXECUTIONS_MAX = 2;
const { submit: _submit, timeout: _timeout, newDay: _newDay, ...AFTER_SENDING } = ORDER_EVENT;

/** Everything that can come to an order once it was sent, with each quantity that makes a difference. */
const STEPS: readonly Step[] = Object.values(AFTER_SENDING).flatMap((type): Step[] => {
  const { trade, restated, replaceRequest, bust, correct } = ORDER_EVENT;
  if (type === trade || type === restated || type === replaceRequest)
    return [1, 3].map((lots): Step => [type, lots, 0]);
  if (type === bust) return [[type, 0, 1]];
  if (type === correct) return [[type, 1, 1]];
  return [[type, 1, 0]];
});

/** An order after a path of events: made anew each time. */
class Walked {
  readonly store = new OrderStore({ capacity: 1, maxPendingRequests: 1 });
  readonly row: number;
  readonly #event = new OrderEvent();
  executions = 0;
  #requests = 0;

  constructor(path: readonly Step[]) {
    this.row = this.store.open({
      ...{ instrument: 0, strategy: 0, side: 1, type: ORDER_TYPE.limit, timeInForce: TIME_IN_FORCE.GTC },
      ...{
        flags: 0,
        priceTicks: 100,
        lots: LOTS,
        expireNs: Infinity,
        createdNs: 0,
        stopTicks: 0,
        trigger: 0,
      },
    });
    apply(this.store, this.row, this.#event.set(ORDER_EVENT.submit));
    for (const step of path) this.go(step);
  }

  go([type, lots, ref]: Step): void {
    const event = this.#event.set(type);
    const { trade, bust, correct, cancelRequest, replaceRequest } = ORDER_EVENT;
    if (type === trade || type === bust || type === correct) event.execId = ++this.executions;
    event.refExecId = ref;
    event.lastLots = lots;
    event.lastTicks = 100;
    event.newLots = lots;
    event.newTicks = 100;
    if (type === cancelRequest || type === replaceRequest) event.requestId = ++this.#requests;
    apply(this.store, this.row, event);
  }

  get status(): number {
    return this.store.status[this.row]!;
  }

  get base(): number {
    return this.store.base[this.row]!;
  }

  /** All that what comes next depends on. */
  get key(): string {
    const { store, row } = this;
    const pool = store.executions;
    const parts: unknown[] = [store.flags[row]! & FLAGS, store.phase[row], store.lots[row], this.executions];
    for (let i = 0; i < store.pendingCount[row]!; i++) {
      const slot = row * store.requestSlots + i;
      parts.push(store.pendingKind[slot], store.pendingLots[slot]);
    }
    for (let node = store.firstExecution[row]!; node >= 0; node = pool.next[node]!)
      parts.push(pool.kind[node], pool.lots[node]);
    return parts.join(" ");
  }
}

/** Every change of status that any history of one order can make, as far as new states come. */
function reachedChanges(): Set<string> {
  const reached = new Set<string>();
  const seen = new Set<string>();
  let paths: (readonly Step[])[] = [[]];
  while (paths.length > 0) {
    const next: (readonly Step[])[] = [];
    for (const path of paths) {
      for (const step of STEPS) {
        const order = new Walked(path);
        const from = order.status;
        // The gate refuses it: test/unit/kernel-done-for-day.test.ts.
        if (step[0] === ORDER_EVENT.replaceRequest && order.base === ORDER_STATUS.filled) continue;
        order.go(step);
        reached.add(`${ORDER_STATUSES[from]} -> ${ORDER_STATUSES[order.status]}`);
        if (order.executions > EXECUTIONS_MAX || seen.has(order.key)) continue;
        seen.add(order.key);
        next.push([...path, step]);
      }
    }
    paths = next;
  }
  return reached;
}

const named = (legal: Readonly<Uint8Array>, name: (cell: number) => string): string[] =>
  [...legal.keys()].filter((cell) => legal[cell] === 1).map(name);

describe("what coverage does not ask for", () => {
  it("are the legal changes of status that no history makes, and those alone", () => {
    const reached = reachedChanges();
    const legal = named(CHANGE_LEGAL, (cell) => changeOf(cell).join(" -> "));
    // What the kernel enters it sends in the same call.
    const never = legal.filter((change) => !reached.has(change) && change !== "created -> pendingNew");
    expect(Object.keys(UNREACHABLE.changes)).toEqual(never);
  });

  it("are events that nothing beside the room of orders makes", () => {
    const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter(
      (path) => path.endsWith(".ts") && !path.startsWith("order"),
    );
    const texts = files.map((path) => readFileSync(`src/${path}`, "utf8"));
    expect(texts.filter((text) => /ORDER_EVENT\.newDay/.test(text))).toEqual([]);
    // A report `timeout` makes it in the kernel's settlement, and nobody in this room sends one.
    expect(texts.filter((text) => /ORDER_EVENT\.timeout/.test(text))).toHaveLength(1);
    const own = files.flatMap((path, i) => (path.startsWith("torture/") ? (texts[i] as string) : []));
    expect(own.filter((text) => /REPORT\.timeout/.test(text))).toEqual([]);
    expect(texts.filter((text) => /ORDER_EVENT\.submit\)/.test(text))).toHaveLength(1);
    const legal = named(EVENT_LEGAL, (cell) => eventOf(cell).join(" + "));
    const never = legal.filter(
      (each) =>
        / \+ (timeout|newDay)$/.test(each) || /^created \+ (?!submit)|^filled \+ replaceRequest$/.test(each),
    );
    expect(legal.filter((each) => Object.hasOwn(UNREACHABLE.events, each))).toEqual(never);
  });
});
