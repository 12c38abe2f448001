import { expect } from "vitest";
import { isRefusal } from "../../src/base/index.ts";
import {
  apply,
  ClientOrderIds,
  ORDER_EVENT,
  ORDER_STATUS,
  ORDER_STATUSES,
  OrderEvent,
  OrderStore,
  OUTCOMES,
  REQUEST_REJECT,
  RESTATEMENT,
  ROW_FLAG,
} from "../../src/order/index.ts";

type EventFields = Partial<Omit<OrderEvent, "set" | "type">>;

/** A store, its client order ids, and short words for both. */
class Desk {
  readonly store = new OrderStore({ capacity: 8 });
  readonly ids = new ClientOrderIds({ rows: 8, capacity: 32 });
  readonly #event = new OrderEvent();

  /** Opens an order under a client order id; the refusal's code where the id is refused. */
  open(text: string, lots: number, venue = 0): number | string {
    const row = this.store.nextRow;
    const id = this.ids.open(text, row);
    if (isRefusal(id)) return id.code;
    this.store.open({
      instrument: 0,
      strategy: 0,
      venue,
      side: 1,
      type: 0,
      timeInForce: 0,
      flags: 0,
      priceTicks: 100,
      lots,
      expireNs: Infinity,
      createdNs: 0,
    });
    this.tell(row, "submit");
    return row;
  }

  tell(row: number, type: keyof typeof ORDER_EVENT, fields: EventFields = {}): string {
    return OUTCOMES[
      apply(this.store, row, Object.assign(this.#event.set(ORDER_EVENT[type]), fields))
    ] as string;
  }

  state(row: number): string {
    const { store } = this;
    const unknown = ((store.flags[row] as number) & ROW_FLAG.unknown) !== 0 ? " unknown" : "";
    const status = ORDER_STATUSES[store.status[row] as number];
    return `${status} ${store.lots[row]}/${store.cumLots[row]}/${store.leavesLots(row)}${unknown}`;
  }
}

/** Scenarios of more than one order, or of what names orders. */
export const BOOK_SCENARIOS: Readonly<Record<string, () => void>> = {
  "F1a a client order id used twice is refused here, the first order untouched": () => {
    const desk = new Desk();
    const first = desk.open("x", 10000) as number;
    desk.tell(first, "ack");
    expect(desk.open("x", 15000)).toBe("ORDER_ID_TAKEN");
    expect([desk.store.size, desk.state(first)]).toEqual([1, "new 10000/0/10000"]);
  },

  "F1a a client order id the venue saw before is rejected, the first order untouched": () => {
    const desk = new Desk();
    const first = desk.open("x", 10000) as number;
    desk.tell(first, "ack");
    // The venue compares fewer characters than we: to it "x2" is "x".
    const second = desk.open("x2", 15000) as number;
    expect(desk.tell(second, "reject", { reason: REQUEST_REJECT.duplicateId })).toBe("applied");
    desk.ids.answer("x2", false);
    expect([desk.state(first), desk.state(second)]).toEqual(["new 10000/0/10000", "rejected 15000/0/0"]);
    expect(desk.store.firstOfStrategy(0)).toBe(first);
  },

  "F1b a possible resend is answered by the state of the first order": () => {
    const desk = new Desk();
    const row = desk.open("x", 10000) as number;
    desk.tell(row, "ack");
    const status = { statusCode: ORDER_STATUS.new, cumLots: 0, leavesLots: 10000, repeated: 1 };
    expect(desk.tell(row, "status", status)).toBe("applied");
    expect(desk.tell(row, "ack", { repeated: 1 })).toBe("duplicate");
    expect([desk.store.size, desk.state(row)]).toEqual([1, "new 10000/0/10000"]);
  },

  "G1a the venue does not know the order we ask about": () => {
    const desk = new Desk();
    const row = desk.open("x", 10000) as number;
    desk.tell(row, "timeout");
    expect(desk.tell(row, "status", { statusCode: ORDER_STATUS.rejected, cumLots: 0 })).toBe("mismatch");
    expect(desk.state(row)).toBe("pendingNew 10000/0/10000 unknown");
    expect(desk.ids.find("never sent")).toBe(-1);
  },

  "G1b status of an order with nothing done": () => {
    const desk = new Desk();
    const row = desk.open("x", 10000) as number;
    desk.tell(row, "ack");
    const status = { statusCode: ORDER_STATUS.new, cumLots: 0, leavesLots: 10000 };
    expect([desk.tell(row, "status", status), desk.state(row)]).toEqual(["applied", "new 10000/0/10000"]);
  },

  "G1c status during the life of an order: evidence that overwrites nothing": () => {
    const desk = new Desk();
    const row = desk.open("x", 10000) as number;
    const status = (status: keyof typeof ORDER_STATUS, cumLots: number, leavesLots: number) =>
      desk.tell(row, "status", { statusCode: ORDER_STATUS[status], cumLots, leavesLots });
    expect(status("pendingNew", 0, 10000)).toBe("applied");
    desk.tell(row, "ack");
    expect(status("new", 0, 10000)).toBe("applied");
    desk.tell(row, "trade", { execId: 1, lastLots: 2000, lastTicks: 100 });
    expect(status("partiallyFilled", 2000, 8000)).toBe("applied");
    expect(status("partiallyFilled", 3000, 7000)).toBe("mismatch");
    expect(desk.state(row)).toBe("partiallyFilled 10000/2000/8000 unknown");
    desk.tell(row, "trade", { execId: 2, lastLots: 1000, lastTicks: 100 });
    expect(status("partiallyFilled", 3000, 7000)).toBe("applied");
    desk.tell(row, "cancelRequest", { requestId: 1 });
    expect(status("partiallyFilled", 3000, 7000)).toBe("applied");
    expect(status("pendingCancel", 3000, 7000)).toBe("applied");
    desk.tell(row, "cancelAck", { requestId: 1 });
    expect(status("canceled", 3000, 0)).toBe("applied");
    expect(desk.state(row)).toBe("canceled 10000/3000/0");
  },

  "D2c ids: a request names the last id not rejected, a reject the last accepted": () => {
    const { ids } = new Desk();
    ids.open("x", 0);
    ids.answer("x", true);
    expect(ids.lastSent(0)).toBe("x");
    ids.request("y", 0, 1);
    expect(ids.lastSent(0)).toBe("y");
    ids.request("z", 0, 2);
    expect(ids.lastAccepted(0)).toBe("x");
    ids.answer("z", false);
    ids.answer("y", true);
    expect([ids.lastSent(0), ids.lastAccepted(0), ids.chain(0)]).toEqual(["y", "y", ["x", "y", "z"]]);
  },

  "D1c ids: after a rejected replace the next one names the order again": () => {
    const { ids } = new Desk();
    ids.open("x", 0);
    ids.answer("x", true);
    ids.request("y", 0, 1);
    ids.answer("y", false);
    expect(ids.lastSent(0)).toBe("x");
    ids.request("z", 0, 2);
    ids.answer("z", true);
    expect([ids.lastSent(0), ids.lastAccepted(0)]).toEqual(["z", "z"]);
  },

  "K1b a halt ends every order of a venue": () => {
    const desk = new Desk();
    const rows = [desk.open("x", 100, 1), desk.open("y", 200, 2), desk.open("z", 300, 1)] as const;
    for (const row of rows) desk.tell(row as number, "ack");
    for (let row = desk.store.firstOfVenue(1); row >= 0; ) {
      const next = desk.store.nextOfVenue(row);
      desk.tell(row, "unsolicitedCancel", { reason: RESTATEMENT.tradingHalt });
      row = next;
    }
    expect(rows.map((row) => desk.state(row as number))).toEqual([
      "canceled 100/0/0",
      "new 200/0/200",
      "canceled 300/0/0",
    ]);
    expect(rows.map((row) => desk.store.reason[row as number])).toEqual([6, 0, 6]);
    expect([desk.store.firstOfVenue(1), desk.store.firstOfVenue(2)]).toEqual([-1, rows[1]]);
  },

  "Z7 a mass cancel: each order has its own outcome, what the report leaves out is unknown": () => {
    const desk = new Desk();
    const open = ["a", "b", "c", "d"].map((text) => desk.open(text, 100, 1)) as number[];
    const elsewhere = desk.open("e", 100, 2) as number;
    for (const row of [...open, elsewhere]) desk.tell(row, "ack");
    const asked: number[] = [];
    for (let row = desk.store.firstOfVenue(1); row >= 0; row = desk.store.nextOfVenue(row)) asked.push(row);
    expect(asked).toEqual(open);
    for (const row of asked) expect(desk.tell(row, "cancelRequest", { requestId: 1 })).toBe("applied");
    const [a, b, c, d] = open as [number, number, number, number];
    desk.tell(b, "trade", { execId: 1, lastLots: 100, lastTicks: 100 });
    desk.tell(c, "trade", { execId: 2, lastLots: 40, lastTicks: 100 });
    // The report names a and c as canceled and b as too late; it does not name d.
    expect(desk.tell(a, "cancelAck", { requestId: 1 })).toBe("applied");
    expect(desk.tell(c, "cancelAck")).toBe("applied");
    expect(desk.tell(b, "cancelReject", { requestId: 1, statusCode: ORDER_STATUS.filled })).toBe("applied");
    expect(desk.tell(d, "timeout")).toBe("applied");
    expect([...open, elsewhere].map((row) => desk.state(row))).toEqual([
      "canceled 100/0/0",
      "filled 100/100/0",
      "canceled 100/40/0",
      "pendingCancel 100/0/100 unknown",
      "new 100/0/100",
    ]);
    expect([a, b, c, d].map((row) => desk.store.canceledLots(row))).toEqual([100, 0, 60, 0]);
    expect(desk.store.worstLeavesLots(d)).toBe(100);
    // Asked again, the venue says that d is gone: reconciliation ends it.
    expect(desk.tell(d, "status", { statusCode: ORDER_STATUS.canceled, cumLots: 0 })).toBe("mismatch");
    desk.tell(d, "unsolicitedCancel", { reason: RESTATEMENT.other });
    expect(desk.tell(d, "status", { statusCode: ORDER_STATUS.canceled, cumLots: 0 })).toBe("applied");
    expect([desk.state(d), desk.store.firstOfVenue(1)]).toEqual(["canceled 100/0/0", -1]);
  },

  "Z8 a lost connection puts every order of the venue in doubt, and no other": () => {
    const desk = new Desk();
    const here = desk.open("x", 100, 1) as number;
    const there = desk.open("y", 100, 2) as number;
    for (const row of [here, there]) desk.tell(row, "ack");
    for (let row = desk.store.firstOfVenue(1); row >= 0; row = desk.store.nextOfVenue(row)) {
      desk.tell(row, "disconnect");
    }
    expect([desk.state(here), desk.state(there)]).toEqual(["new 100/0/100 unknown", "new 100/0/100"]);
    desk.tell(here, "trade", { execId: 1, lastLots: 30, lastTicks: 100 });
    desk.tell(here, "unsolicitedCancel", { reason: RESTATEMENT.connectionLoss });
    const status = { statusCode: ORDER_STATUS.canceled, cumLots: 30, leavesLots: 0 };
    expect(desk.tell(here, "status", status)).toBe("applied");
    expect([desk.state(here), desk.store.canceledLots(here)]).toEqual(["canceled 100/30/0", 70]);
  },

  "Z2 the same fill from the venue and from a drop copy counts once; equal numbers of two venues twice":
    () => {
      const desk = new Desk();
      const row = desk.open("x", 100, 7) as number;
      desk.tell(row, "ack");
      const fill = { execId: 5, lastLots: 10, lastTicks: 100 };
      expect(desk.tell(row, "trade", fill)).toBe("applied");
      expect(desk.tell(row, "trade", { ...fill, venue: 7 })).toBe("duplicate");
      expect(desk.tell(row, "trade", { ...fill, venue: 8 })).toBe("applied");
      expect(desk.tell(row, "trade", { ...fill, venue: 8, lastLots: 11 })).toBe("conflict");
      expect(desk.tell(row, "bust", { execId: 6, refExecId: 5, venue: 8 })).toBe("applied");
      expect(desk.tell(row, "bust", { execId: 6, refExecId: 5, venue: 9 })).toBe("quarantined");
      expect(desk.state(row)).toBe("partiallyFilled 100/10/90");
    },
};
