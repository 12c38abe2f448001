import { describe, expect, it } from "vitest";
import { ORDER_STATUSES, type OrderStatus, STATUS_CHANGES } from "../../src/order/index.ts";

const COLUMNS = [
  "new",
  "partiallyFilled",
  "filled",
  "doneForDay",
  "pendingCancel",
  "pendingReplace",
  "canceled",
  "rejected",
  "stopped",
  "suspended",
  "expired",
  "calculated",
] as const;

/**
 * The published matrix of reported statuses with the legal changes it does not illustrate; `-` is a status that
 * stays. Source: FIX 5.0 SP2, Order State Changes.
 */
const PUBLISHED: Partial<Record<OrderStatus, string>> = {
  //                new PF F  DFD pCx pRp Can Rej Stp Sus Exp Cal
  pendingNew: "      P  A  A  A   A   A   A   P   A   A   A   x",
  new: "             -  P  P  P   P   P   A   P   P   A   A   x",
  partiallyFilled: " A  P  P  P   P   P   P   x   A   A   A   x",
  filled: "          A  P  P  A   x   P   x   x   x   x   x   A",
  doneForDay: "      A  P  A  A   A   A   A   x   x   x   A   A",
  pendingCancel: "   P  P  P  A   P   A   P   A   A   A   A   x",
  pendingReplace: "  P  P  P  A   A   P   P   A   A   A   A   x",
  stopped: "         x  P  A  A   A   A   A   x   -   A   A   x",
  suspended: "       A  A  A  A   A   A   A   x   x   -   A   x",
  canceled: "        A  A  A  A   x   x   -   x   x   x   x   A",
  expired: "         A  A  A  A   x   x   x   x   x   x   -   A",
  rejected: "        x  x  x  x   x   x   x   -   x   x   x   x",
  calculated: "      x  A  A  x   x   x   x   x   x   x   x   -",
};

/** Ours beside the published ones: a stop that was not triggered waits another day. */
const OURS = ["doneForDay suspended A"];

describe("the table of status changes", () => {
  it("is the published one, with what is ours by name", () => {
    const differing = ORDER_STATUSES.flatMap((from) => {
      const marks = PUBLISHED[from]?.trim().split(/\s+/) ?? [];
      return marks.flatMap((mark, i) => {
        const to = COLUMNS[i] as (typeof COLUMNS)[number];
        const found = STATUS_CHANGES[from][to];
        const isSame = mark === "-" ? found !== "x" : found === mark;
        return isSame ? [] : [`${from} ${to} ${found}`];
      });
    });
    expect(differing).toEqual(OURS);
  });

  it("lets an order begin as sent or refused, and come back to pendingNew only from requests", () => {
    const begins = Object.entries(STATUS_CHANGES.created).filter(([, mark]) => mark !== "x");
    expect(begins.map(([to]) => to)).toEqual(["pendingNew", "rejected"]);
    const back = ORDER_STATUSES.filter((from) => STATUS_CHANGES[from].pendingNew !== "x");
    expect(back).toEqual(["created", "pendingNew", "pendingCancel", "pendingReplace"]);
  });
});
