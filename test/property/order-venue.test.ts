import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  apply,
  checkInvariants,
  ORDER_EVENT,
  ORDER_STATUSES,
  OrderEvent,
  type OrderEventName,
  OrderStore,
  OUTCOME,
  RECONCILE_BY_CODE,
  REQUEST_REJECT,
  ROW_FLAG,
} from "../../src/order/index.ts";
import { terms } from "./order-arbitrary.ts";

interface Report {
  readonly type: OrderEventName;
  readonly sequence: number;
  readonly execId?: number;
  readonly refExecId?: number;
  readonly lots?: number;
  readonly ticks?: number;
  readonly requestId?: number;
}

interface Request {
  readonly kind: "cancel" | "replace";
  readonly id: number;
  readonly lots: number;
}

const LOTS = 20;
const RUNS = 800;

/** A venue with one order, as plainly as can be: it takes requests one by one and numbers what it says. */
class ReferenceVenue {
  readonly said: Report[] = [];
  readonly inbox: Request[] = [];
  readonly fills = new Map<number, { lots: number; ticks: number }>();
  lots = LOTS;
  canceled = false;
  #sequence = 0;
  #execId = 0;

  get cum(): number {
    return [...this.fills.values()].reduce((sum, fill) => sum + fill.lots, 0);
  }

  get notional(): number {
    return [...this.fills.values()].reduce((sum, fill) => sum + fill.lots * fill.ticks, 0);
  }

  get leaves(): number {
    return this.canceled ? 0 : Math.max(0, this.lots - this.cum);
  }

  get status(): string {
    if (this.cum >= this.lots) return "filled";
    if (this.canceled) return "canceled";
    return this.cum > 0 ? "partiallyFilled" : "new";
  }

  say(report: Omit<Report, "sequence">): void {
    this.#sequence += 1;
    this.said.push({ ...report, sequence: this.#sequence });
  }

  fill(most: number, ticks: number): void {
    const lots = Math.min(most, this.leaves);
    if (lots === 0) return;
    this.#execId += 1;
    this.fills.set(this.#execId, { lots, ticks });
    this.say({ type: "trade", execId: this.#execId, lots, ticks });
  }

  bust(pick: number): void {
    const ids = [...this.fills.keys()];
    const refExecId = ids[pick % Math.max(1, ids.length)];
    if (refExecId === undefined) return;
    this.fills.delete(refExecId);
    this.#execId += 1;
    this.say({ type: "bust", execId: this.#execId, refExecId });
  }

  work(): void {
    const request = this.inbox.shift();
    if (request === undefined) return;
    const { kind, id: requestId } = request;
    const isLarger = kind === "replace" && request.lots > this.cum;
    if (this.canceled || (this.leaves === 0 && !isLarger)) {
      this.say({ type: kind === "cancel" ? "cancelReject" : "replaceReject", requestId });
    } else if (kind === "cancel") {
      this.canceled = true;
      this.say({ type: "cancelAck", requestId });
    } else {
      this.lots = Math.max(request.lots, this.cum);
      this.say({ type: "replaceAck", requestId, lots: this.lots, ticks: 7 });
    }
  }
}

function tell(store: OrderStore, row: number, event: OrderEvent, report: Report): number {
  event.set(ORDER_EVENT[report.type]);
  event.sequence = report.sequence;
  event.execId = report.execId ?? 0;
  event.refExecId = report.refExecId ?? 0;
  event.requestId = report.requestId ?? 0;
  event.lastLots = report.lots ?? 0;
  event.lastTicks = report.ticks ?? 0;
  if (report.type === "cancelReject" || report.type === "replaceReject") {
    event.reason = REQUEST_REJECT.tooLate;
  }
  if (report.type === "replaceAck") {
    event.newLots = report.lots ?? 0;
    event.newTicks = report.ticks ?? 0;
  }
  return apply(store, row, event);
}

const command = fc.record({
  op: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom("fill", "work", "deliver", "deliver") },
    { weight: 2, arbitrary: fc.constantFrom("replace", "replace", "cancel", "repeat") },
    { weight: 1, arbitrary: fc.constant("bust") },
  ),
  pick: fc.nat(30),
});

function lives(busts: boolean, inOrder: boolean) {
  const event = new OrderEvent();
  let doubtful = 0;
  fc.assert(
    fc.property(fc.array(command, { minLength: 10, maxLength: 60 }), (commands) => {
      const store = new OrderStore({ capacity: 1 });
      const row = store.open(terms(LOTS, 7));
      const venue = new ReferenceVenue();
      const told: Report[] = [];
      let position = 0;
      let requests = 0;
      const deliver = (report: Report) => {
        const outcome = tell(store, row, event, report);
        if (inOrder) expect([RECONCILE_BY_CODE[outcome], report]).toEqual([0, report]);
        told.push(report);
        position += event.bookedLots - event.undoneLots;
        expect(checkInvariants(store, row)).toEqual([]);
        expect(position).toBe(store.cumLots[row]);
      };
      apply(store, row, event.set(ORDER_EVENT.submit));
      venue.say({ type: "ack" });
      for (const { op, pick } of commands) {
        if (op === "fill") venue.fill(1 + (pick % 6), 5 + (pick % 5));
        else if (op === "bust" && busts) venue.bust(pick);
        else if (op === "work") venue.work();
        else if (op === "deliver" && venue.said.length > 0) {
          const [report] = venue.said.splice(inOrder ? 0 : pick % venue.said.length, 1);
          deliver(report as Report);
        } else if (op === "repeat" && told.length > 0) deliver(told[pick % told.length] as Report);
        else if (op === "cancel" || op === "replace") {
          const id = requests + 1;
          event.set(ORDER_EVENT[op === "cancel" ? "cancelRequest" : "replaceRequest"]);
          event.requestId = id;
          event.newLots = 1 + pick;
          event.newTicks = 7;
          if (apply(store, row, event) !== OUTCOME.applied) continue;
          requests = id;
          venue.inbox.push({ kind: op, id, lots: 1 + pick });
        }
        // Whatever is under way: what may still fill at the venue is reserved.
        if (!busts) expect(store.worstLeavesLots(row)).toBeGreaterThanOrEqual(venue.leaves);
      }
      while (venue.inbox.length > 0) venue.work();
      while (venue.said.length > 0) deliver((inOrder ? venue.said.shift() : venue.said.pop()) as Report);
      expect([store.cumLots[row], (store.notionalTicks[row] as number) + 0]).toEqual([
        venue.cum,
        venue.notional,
      ]);
      expect([store.pendingCount[row], store.heldCount[row]]).toEqual([0, 0]);
      if (((store.flags[row] as number) & ROW_FLAG.reconcile) !== 0) {
        doubtful += 1;
        return;
      }
      expect(store.lots[row]).toBe(venue.lots);
      expect(store.leavesLots(row)).toBe(venue.leaves);
      expect(ORDER_STATUSES[store.status[row] as number]).toBe(venue.status);
    }),
    { numRuns: RUNS },
  );
  expect(doubtful / RUNS).toBeLessThan(inOrder ? 0.001 : 0.6);
}

describe("an order against a reference venue", () => {
  it("loses and doubles no fill when reports come in order, some again", () => {
    lives(false, true);
  });

  it("ends as the venue's when reports come in any order, some again, or asks to be reconciled", () => {
    lives(false, false);
  });

  it("books every bust once, before or after its trade", () => {
    lives(true, false);
  });
});
