import { describe, expect, it } from "vitest";
import { type OrderMachineEvent, OrderStateMachine } from "../../src/order/index.ts";

/** An event, the state after it as "status lots/cum/leaves", and the outcome where it is not "applied". */
type Step = readonly [OrderMachineEvent, string, string?];

const SUBMIT: Step = [{ type: "submit" }, "pendingNew 10000/0/10000"];
const ACK: Step = [{ type: "ack" }, "new 10000/0/10000"];
const cancel: OrderMachineEvent = { type: "cancelRequest", requestId: "y" };
const canceled: OrderMachineEvent = { type: "cancelAck", requestId: "y" };

function trade(execId: string, lots: number, priceTicks = 100): OrderMachineEvent {
  return { type: "trade", execId, lots, priceTicks };
}

function replace(requestId: string, lots: number): OrderMachineEvent {
  return { type: "replaceRequest", requestId, lots };
}

function replaced(requestId: string): OrderMachineEvent {
  return { type: "replaceAck", requestId };
}

/**
 * Quantities and outcomes of the published scenarios, from the sender's side: a request is pending from the
 * moment it is sent, where the venue's own reports show it only once the venue has seen it.
 */
const SCENARIOS: Readonly<Record<string, readonly Step[]>> = {
  "A1a filled": [
    SUBMIT,
    ACK,
    [trade("1", 2000), "partiallyFilled 10000/2000/8000"],
    [trade("2", 8000), "filled 10000/10000/0"],
  ],
  "A1b part-filled day order": [
    SUBMIT,
    ACK,
    [trade("1", 3000), "partiallyFilled 10000/3000/7000"],
    [{ type: "doneForDay" }, "doneForDay 10000/3000/0"],
    [{ type: "doneForDay" }, "doneForDay 10000/3000/0", "duplicate"],
  ],
  "B1a cancel, zero filled": [
    SUBMIT,
    ACK,
    [cancel, "pendingCancel 10000/0/10000"],
    [canceled, "canceled 10000/0/0"],
  ],
  "B1b cancel, fills while pending": [
    SUBMIT,
    ACK,
    [trade("1", 2000), "partiallyFilled 10000/2000/8000"],
    [cancel, "pendingCancel 10000/2000/8000"],
    [trade("2", 3000), "pendingCancel 10000/5000/5000"],
    [canceled, "canceled 10000/5000/0"],
  ],
  "B1c cancel too late": [
    SUBMIT,
    ACK,
    [cancel, "pendingCancel 10000/0/10000"],
    [trade("1", 10000), "pendingCancel 10000/10000/0"],
    [{ type: "cancelReject", requestId: "y", reason: 0, status: "filled" }, "filled 10000/10000/0"],
    [cancel, "filled 10000/10000/0", "duplicate"],
    [{ type: "cancelRequest", requestId: "z" }, "filled 10000/10000/0", "notOpen"],
  ],
  "B1d cancel before the ack": [
    SUBMIT,
    [cancel, "pendingCancel 10000/0/10000"],
    [canceled, "canceled 10000/0/0"],
    [{ type: "ack" }, "canceled 10000/0/0"],
  ],
  "B1e cancel crosses the ack": [
    SUBMIT,
    [cancel, "pendingCancel 10000/0/10000"],
    [{ type: "ack" }, "pendingCancel 10000/0/10000"],
    [{ type: "cancelReject", requestId: "y", status: "new" }, "new 10000/0/10000"],
  ],
  "cancel rejected before the ack goes back to pendingNew, not to new": [
    SUBMIT,
    [cancel, "pendingCancel 10000/0/10000"],
    [{ type: "cancelReject", requestId: "y", reason: 99 }, "pendingNew 10000/0/10000"],
  ],
  "C1a replace up, zero filled": [
    SUBMIT,
    ACK,
    [replace("y", 11000), "pendingReplace 10000/0/10000"],
    [replaced("y"), "new 11000/0/11000"],
  ],
  "C1b replace up, fill while pending": [
    SUBMIT,
    ACK,
    [trade("1", 1000), "partiallyFilled 10000/1000/9000"],
    [replace("y", 12000), "pendingReplace 10000/1000/9000"],
    [trade("2", 100), "pendingReplace 10000/1100/8900"],
    [replaced("y"), "partiallyFilled 12000/1100/10900"],
  ],
  "C1c replace up after filled": [
    SUBMIT,
    ACK,
    [trade("1", 10000), "filled 10000/10000/0"],
    [replace("w", 10000), "filled 10000/10000/0", "notOpen"],
    [replace("y", 12000), "pendingReplace 10000/10000/0"],
    [replaced("y"), "partiallyFilled 12000/10000/2000"],
    [trade("2", 2000), "filled 12000/12000/0"],
  ],
  "C2a price replace rejected, filled meanwhile": [
    SUBMIT,
    ACK,
    [{ type: "replaceRequest", requestId: "y", priceTicks: 101 }, "pendingReplace 10000/0/10000"],
    [trade("1", 10000), "pendingReplace 10000/10000/0"],
    [{ type: "replaceReject", requestId: "y", reason: 0, status: "filled" }, "filled 10000/10000/0"],
  ],
  "C3a replace down above what is filled": [
    SUBMIT,
    ACK,
    [trade("1", 1000), "partiallyFilled 10000/1000/9000"],
    [replace("y", 8000), "pendingReplace 10000/1000/9000"],
    [trade("2", 500), "pendingReplace 10000/1500/8500"],
    [trade("3", 100), "pendingReplace 10000/1600/8400"],
    [replaced("y"), "partiallyFilled 8000/1600/6400"],
    [trade("4", 6400), "filled 8000/8000/0"],
  ],
  "C3b replace down to what is filled": [
    SUBMIT,
    ACK,
    [replace("y", 7000), "pendingReplace 10000/0/10000"],
    [trade("1", 7000), "pendingReplace 10000/7000/3000"],
    [replaced("y"), "filled 7000/7000/0"],
  ],
  "C3c replace down below what is filled": [
    SUBMIT,
    ACK,
    [replace("y", 7000), "pendingReplace 10000/0/10000"],
    [trade("1", 8000), "pendingReplace 10000/8000/2000"],
    [replaced("y"), "filled 8000/8000/0"],
  ],
  "C3c replace down, the venue states the total before our last fill arrives": [
    SUBMIT,
    ACK,
    [trade("1", 7000), "partiallyFilled 10000/7000/3000"],
    [replace("y", 7000), "pendingReplace 10000/7000/3000"],
    [{ type: "replaceAck", requestId: "y", lots: 8000, priceTicks: 0 }, "partiallyFilled 8000/7000/1000"],
    [trade("2", 1000), "filled 8000/8000/0"],
  ],
  "D1a two replaces in sequence": [
    SUBMIT,
    ACK,
    [replace("y", 9000), "pendingReplace 10000/0/10000"],
    [replaced("y"), "new 9000/0/9000"],
    [replace("z", 8000), "pendingReplace 9000/0/9000"],
    [replaced("z"), "new 8000/0/8000"],
  ],
  "D2 two replaces back to back, answers out of order: the younger terms stay": [
    SUBMIT,
    ACK,
    [replace("y", 9000), "pendingReplace 10000/0/10000"],
    [replace("z", 8000), "pendingReplace 10000/0/10000"],
    [replace("w", 7000), "pendingReplace 10000/0/10000", "requestsFull"],
    [replaced("z"), "pendingReplace 8000/0/8000"],
    [replaced("y"), "new 8000/0/8000"],
  ],
  "D2c second replace rejected while the first is pending": [
    SUBMIT,
    ACK,
    [trade("1", 1000), "partiallyFilled 10000/1000/9000"],
    [replace("y", 8000), "pendingReplace 10000/1000/9000"],
    [replace("z", 6000), "pendingReplace 10000/1000/9000"],
    [
      { type: "replaceReject", requestId: "z", reason: 3, status: "pendingReplace" },
      "pendingReplace 10000/1000/9000",
    ],
    [replaced("y"), "partiallyFilled 8000/1000/7000"],
  ],
  "E1b unsolicited cancel of a part-filled order": [
    SUBMIT,
    ACK,
    [trade("1", 2000), "partiallyFilled 10000/2000/8000"],
    [{ type: "unsolicitedCancel", reason: 6 }, "canceled 10000/2000/0"],
  ],
  "E1c unsolicited restatement": [
    SUBMIT,
    ACK,
    [trade("1", 2000), "partiallyFilled 10000/2000/8000"],
    [{ type: "restated", lots: 9000, reason: 5 }, "partiallyFilled 9000/2000/7000"],
  ],
  "E2a canceled order reinstated": [
    SUBMIT,
    ACK,
    [trade("1", 2000), "partiallyFilled 10000/2000/8000"],
    [{ type: "unsolicitedCancel" }, "canceled 10000/2000/0"],
    [{ type: "activate" }, "partiallyFilled 10000/2000/8000"],
  ],
  "I1a FOK not filled": [SUBMIT, ACK, [{ type: "unsolicitedCancel" }, "canceled 10000/0/0"]],
  "I1b IOC remainder": [
    SUBMIT,
    ACK,
    [trade("1", 4000), "partiallyFilled 10000/4000/6000"],
    [{ type: "unsolicitedCancel" }, "canceled 10000/4000/0"],
  ],
  "J1a filled, corrected, busted": [
    SUBMIT,
    ACK,
    [trade("1", 10000, 100), "filled 10000/10000/0"],
    [{ type: "correct", execId: "2", refExecId: "1", lots: 10000, priceTicks: 101 }, "filled 10000/10000/0"],
    [{ type: "bust", execId: "3", refExecId: "2" }, "new 10000/0/10000"],
    [{ type: "bust", execId: "3", refExecId: "2" }, "new 10000/0/10000", "duplicate"],
  ],
  "J1b canceled, then bust and a new execution": [
    SUBMIT,
    ACK,
    [trade("1", 5000), "partiallyFilled 10000/5000/5000"],
    [{ type: "unsolicitedCancel" }, "canceled 10000/5000/0"],
    [{ type: "bust", execId: "2", refExecId: "1" }, "canceled 10000/0/0"],
    [trade("3", 4000), "canceled 10000/4000/0", "lateFill"],
  ],
  "J1 bust before its trade": [
    SUBMIT,
    ACK,
    [{ type: "bust", execId: "2", refExecId: "1" }, "new 10000/0/10000", "quarantined"],
    [trade("1", 5000), "new 10000/0/10000"],
    [trade("1", 5000), "new 10000/0/10000", "duplicate"],
  ],
  "K1a halt, reinstated": [
    SUBMIT,
    ACK,
    [trade("1", 1000), "partiallyFilled 10000/1000/9000"],
    [{ type: "suspend" }, "suspended 10000/1000/9000"],
    [{ type: "activate" }, "partiallyFilled 10000/1000/9000"],
  ],
  "K1b halt, canceled": [
    SUBMIT,
    ACK,
    [{ type: "suspend" }, "suspended 10000/0/10000"],
    [{ type: "unsolicitedCancel", reason: 6 }, "canceled 10000/0/0"],
  ],
  "L1a stopped, then executed": [
    SUBMIT,
    ACK,
    [{ type: "stop", lots: 10000 }, "stopped 10000/0/10000"],
    [trade("1", 10000), "filled 10000/10000/0"],
  ],
  rejected: [
    SUBMIT,
    [{ type: "reject", reason: 1 }, "rejected 10000/0/0"],
    [{ type: "reject", reason: 1 }, "rejected 10000/0/0", "duplicate"],
    [{ type: "ack" }, "rejected 10000/0/0", "anomaly"],
    [trade("1", 10), "rejected 10000/10/0", "criticalFill"],
  ],
  "Z1 fill before the ack": [
    SUBMIT,
    [trade("1", 4000), "partiallyFilled 10000/4000/6000"],
    [{ type: "ack" }, "partiallyFilled 10000/4000/6000"],
    [{ type: "ack" }, "partiallyFilled 10000/4000/6000", "duplicate"],
  ],
  "Z2 duplicates": [
    SUBMIT,
    ACK,
    [trade("1", 4000), "partiallyFilled 10000/4000/6000"],
    [trade("2", 1000), "partiallyFilled 10000/5000/5000"],
    [trade("1", 4000), "partiallyFilled 10000/5000/5000", "duplicate"],
    [trade("1", 4001), "partiallyFilled 10000/5000/5000", "conflict"],
  ],
  "Z3 overfill": [
    SUBMIT,
    ACK,
    [trade("1", 9000), "partiallyFilled 10000/9000/1000"],
    [trade("2", 2000), "filled 10000/11000/0", "overfill"],
  ],
  "Z4 late fill after canceled": [
    SUBMIT,
    ACK,
    [cancel, "pendingCancel 10000/0/10000"],
    [canceled, "canceled 10000/0/0"],
    [trade("1", 400), "canceled 10000/400/0", "lateFill"],
    [trade("2", 9600), "filled 10000/10000/0", "lateFill"],
  ],
  "Z5 cancel and replace both pending": [
    SUBMIT,
    ACK,
    [replace("x", 8000), "pendingReplace 10000/0/10000"],
    [cancel, "pendingCancel 10000/0/10000"],
    [{ type: "cancelRequest", requestId: "z" }, "pendingCancel 10000/0/10000", "requestPending"],
    [replaced("x"), "pendingCancel 8000/0/8000"],
    [{ type: "cancelReject", requestId: "y", reason: 99 }, "new 8000/0/8000"],
  ],
  "Z5 cancel accepted while a replace is pending": [
    SUBMIT,
    ACK,
    [replace("x", 8000), "pendingReplace 10000/0/10000"],
    [cancel, "pendingCancel 10000/0/10000"],
    [canceled, "canceled 10000/0/0"],
    [{ type: "replaceReject", requestId: "x", reason: 0, status: "canceled" }, "canceled 10000/0/0"],
  ],
  "Z6 request timeout": [
    SUBMIT,
    [{ type: "timeout" }, "pendingNew 10000/0/10000"],
    [{ type: "status", status: "new", cumLots: 0 }, "pendingNew 10000/0/10000", "mismatch"],
    [{ type: "ack" }, "new 10000/0/10000"],
  ],
};

describe("order scenarios", () => {
  for (const [name, steps] of Object.entries(SCENARIOS)) {
    it(name, () => {
      const order = new OrderStateMachine({ side: "buy", lots: 10000, priceTicks: 0 });
      for (const [event, expected, outcome = "applied"] of steps) {
        const got = order.apply(event);
        const state = `${order.status} ${order.lots}/${order.cumLots}/${order.leavesLots}`;
        expect([event, got, state]).toEqual([event, outcome, expected]);
      }
    });
  }
});
