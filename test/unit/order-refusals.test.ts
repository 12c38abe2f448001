import { describe, expect, it } from "vitest";
import { OrderStore, OUTCOME, OUTCOMES, refuseRequest, refuseStoreFull } from "../../src/order/index.ts";

const TERMS = {
  instrument: 0,
  strategy: 0,
  side: 1,
  type: 0,
  timeInForce: 0,
  flags: 0,
  priceTicks: 0,
  lots: 1,
  expireNs: Infinity,
  createdNs: 0,
};

describe("refusals of requests", () => {
  it("name the field, what was found and what was expected", () => {
    const store = new OrderStore({ capacity: 2, maxPendingRequests: 3 });
    store.open(TERMS);
    const row = store.open(TERMS);
    store.status[row] = 8;
    store.pendingCount[row] = 3;
    const told = OUTCOMES.flatMap((name) => {
      const refusal = refuseRequest(store, row, OUTCOME[name]);
      if (refusal === undefined) return [];
      const { code, field, value, expected } = refusal;
      return [[name, code, field, value, expected]];
    });
    expect(told).toEqual([
      ["duplicate", "ORDER_REQUEST_REPEATED", "requestId", row, "an id above every earlier one of the order"],
      [
        "malformed",
        "ORDER_TERMS_MALFORMED",
        "terms",
        row,
        "whole ticks, at least 1 lot, and a request id above 0",
      ],
      ["stale", "ORDER_STALE", "row", row, "a row that holds the order"],
      ["notOpen", "ORDER_NOT_OPEN", "status", "canceled", "an order that can still change"],
      ["requestPending", "ORDER_CANCEL_PENDING", "status", "canceled", "no cancel on its way already"],
      ["requestsFull", "ORDER_REQUESTS_FULL", "pendingRequests", 3, "fewer than 3 replaces unanswered"],
    ]);
    expect(refuseRequest(store, 99, OUTCOME.stale)?.code).toBe("ORDER_STALE");
  });

  it("say how many orders there are", () => {
    const store = new OrderStore({ capacity: 1 });
    store.open(TERMS);
    expect(refuseStoreFull(store)).toMatchObject({
      code: "ORDER_STORE_FULL",
      field: "orders",
      value: 1,
      expected: "fewer than 1 orders",
    });
  });
});
