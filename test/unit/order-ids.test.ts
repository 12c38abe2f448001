import { describe, expect, it } from "vitest";
import { Fault, isRefusal } from "../../src/base/index.ts";
import { ClientOrderIds, type ClientOrderIdsOptions, ID_ANSWER } from "../../src/order/index.ts";

function refusal(value: unknown): unknown {
  return isRefusal(value) ? [value.code, value.field, value.value, value.expected] : value;
}

describe("ClientOrderIds", () => {
  it.each([
    [{}, "clientOrderIds.rows"],
    [{ rows: 0, capacity: 1 }, "clientOrderIds.rows"],
    [{ rows: 1 }, "clientOrderIds.capacity"],
    [{ rows: 1, capacity: 0 }, "clientOrderIds.capacity"],
    [{ rows: 1, capacity: (1 << 24) + 1 }, "clientOrderIds.capacity"],
    [{ rows: 1, capacity: 1, size: 1 }, "clientOrderIds.size"],
  ])("refuses the options %j by name", (options, path) => {
    const make = () => new ClientOrderIds(options as ClientOrderIdsOptions);
    expect(make).toThrow(Fault);
    expect(make).toThrow(`FAULT_CONFIG ${path}:`);
  });

  it("gives dense ids and knows them both ways", () => {
    const ids = new ClientOrderIds({ rows: 2, capacity: 8 });
    expect([ids.open("a", 1), ids.open("b", 0), ids.request("c", 1, 7), ids.size]).toEqual([0, 1, 2, 3]);
    expect(ids.capacity).toBe(8);
    expect(["a", "b", "c", "d"].map((text) => ids.find(text))).toEqual([0, 1, 2, -1]);
    expect([0, 1, 2].map((id) => [ids.textOf(id), ids.rowOf(id), ids.requestIdOf(id)])).toEqual([
      ["a", 1, 0],
      ["b", 0, 0],
      ["c", 1, 7],
    ]);
    expect([ids.textOfRequest(1, 7), ids.textOfRequest(1, 0), ids.textOfRequest(0, 7)]).toEqual([
      "c",
      "a",
      undefined,
    ]);
    expect([ids.answer("c", true), ids.answer("b", false), ids.answer("d", true)]).toEqual([2, 1, -1]);
    expect([0, 1, 2].map((id) => ids.answerOf(id))).toEqual([
      ID_ANSWER.none,
      ID_ANSWER.rejected,
      ID_ANSWER.accepted,
    ]);
  });

  it("refuses with what was found and expected", () => {
    const ids = new ClientOrderIds({ rows: 2, capacity: 3 });
    for (const row of [-1, 2, 0.5, NaN]) {
      expect(refusal(ids.open("a", row))).toEqual(["ORDER_ID_CHAIN", "row", row, "a row within 0 and 1"]);
    }
    expect(refusal(ids.open("", 0))).toEqual([
      "ORDER_ID_MALFORMED",
      "clientOrderId",
      "",
      "a text that is not empty",
    ]);
    expect(refusal(ids.open(5 as never, 0))).toEqual([
      "ORDER_ID_MALFORMED",
      "clientOrderId",
      5,
      "a text that is not empty",
    ]);
    for (const row of [0, 7]) {
      const expected = ["ORDER_ID_CHAIN", "row", row, "a row whose first id was opened"];
      expect(refusal(ids.request("a", row, 1))).toEqual(expected);
    }
    ids.open("a", 0);
    expect(refusal(ids.open("a", 1))).toEqual([
      "ORDER_ID_TAKEN",
      "clientOrderId",
      "a",
      "a text that was never sent before",
    ]);
    for (const requestId of [0, -1, NaN, 0.5, 2 ** 53]) {
      const expected = ["ORDER_ID_CHAIN", "requestId", requestId, "a whole number above 0"];
      expect(refusal(ids.request("b", 0, requestId))).toEqual(expected);
    }
    expect(ids.request("b", 0, 4)).toBe(1);
    expect(refusal(ids.request("c", 0, 4))).toEqual([
      "ORDER_ID_CHAIN",
      "requestId",
      4,
      "a whole number above 4",
    ]);
    expect(ids.request("c", 0, 5)).toBe(2);
    expect(refusal(ids.request("d", 0, 6))).toEqual([
      "ORDER_IDS_FULL",
      "clientOrderIds",
      3,
      "fewer than 3 ids",
    ]);
    expect(refusal(ids.open("d", 0))).toEqual(["ORDER_IDS_FULL", "clientOrderIds", 3, "fewer than 3 ids"]);
    expect(ids.chain(0)).toEqual(["a", "b", "c"]);
  });

  it("keeps a finished order's texts taken and found until they are forgotten", () => {
    const ids = new ClientOrderIds({ rows: 1, capacity: 4 });
    ids.open("a", 0);
    ids.request("b", 0, 1);
    ids.finish(0);
    ids.finish(0);
    ids.finish(9);
    expect([ids.chain(0), ids.lastSent(0), ids.lastAccepted(0), ids.find("b")]).toEqual([
      [],
      undefined,
      undefined,
      1,
    ]);
    expect(refusal(ids.open("b", 0))).toContain("ORDER_ID_TAKEN");
    ids.open("c", 0);
    ids.forgetFinished();
    expect([ids.size, ids.find("a"), ids.find("b"), ids.chain(0)]).toEqual([1, -1, -1, ["c"]]);
    expect([ids.request("b", 0, 1), ids.request("a", 0, 2), ids.request("d", 0, 3)]).toEqual([0, 1, 3]);
    expect(ids.chain(0)).toEqual(["c", "b", "a", "d"]);
    ids.forgetFinished();
    expect(ids.size).toBe(4);
  });

  it("finishes the order before when its row is opened again", () => {
    const ids = new ClientOrderIds({ rows: 1, capacity: 4 });
    ids.open("a", 0);
    ids.open("b", 0);
    expect([ids.chain(0), ids.rowOf(ids.find("a"))]).toEqual([["b"], 0]);
    ids.forgetFinished();
    expect([ids.size, ids.find("a")]).toEqual([1, -1]);
  });

  it("names the order itself where every request, or the order, was rejected", () => {
    const ids = new ClientOrderIds({ rows: 1, capacity: 4 });
    ids.open("a", 0);
    expect([ids.lastSent(0), ids.lastAccepted(0)]).toEqual(["a", "a"]);
    ids.request("b", 0, 1);
    expect([ids.lastSent(0), ids.lastAccepted(0)]).toEqual(["b", "a"]);
    ids.answer("b", false);
    ids.answer("a", false);
    expect([ids.lastSent(0), ids.lastAccepted(0)]).toEqual(["a", "a"]);
    ids.answer("b", true);
    expect([ids.lastSent(0), ids.lastAccepted(0)]).toEqual(["b", "b"]);
  });
});
