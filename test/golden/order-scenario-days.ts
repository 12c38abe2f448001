import type { OrderMachineEvent } from "../../src/order/index.ts";

/** An event, then "status lots/cum/leaves at average, day lots/cum at average", and the outcome if not "applied". */
type Step = readonly [OrderMachineEvent, string, string?];

function trade(execId: string, lots: number, priceTicks: number): OrderMachineEvent {
  return { type: "trade", execId, lots, priceTicks };
}

const RENEWED: OrderMachineEvent = { type: "restated", reason: 1 };

/** The first day of every published scenario of orders good till canceled, and the second morning. */
const FIRST_DAY: readonly Step[] = [
  [{ type: "submit" }, "pendingNew 10000/0/10000 at NaN, day 10000/0 at NaN"],
  [{ type: "ack" }, "new 10000/0/10000 at NaN, day 10000/0 at NaN"],
  [trade("1", 2000, 100), "partiallyFilled 10000/2000/8000 at 100, day 10000/2000 at 100"],
  [{ type: "doneForDay" }, "doneForDay 10000/2000/0 at 100, day 10000/2000 at 100"],
  [{ type: "newDay", day: 2 }, "partiallyFilled 10000/2000/8000 at 100, day 8000/0 at NaN"],
];

/**
 * Orders that live for several days. `newDay` is ours; the venue's renewal comes after it. The standard's own
 * tables leave the remainder in the report that the order is done for the day; here nothing is left today.
 */
export const DAY_SCENARIOS: Readonly<Record<string, readonly Step[]>> = {
  "H1a renewed, then part-filled the next day": [
    ...FIRST_DAY,
    [RENEWED, "partiallyFilled 10000/2000/8000 at 100, day 8000/0 at NaN"],
    [{ type: "newDay", day: 2 }, "partiallyFilled 10000/2000/8000 at 100, day 8000/0 at NaN", "duplicate"],
    [trade("2", 1000, 103), "partiallyFilled 10000/3000/7000 at 101, day 8000/1000 at 103"],
    [{ type: "newDay", day: 1 }, "partiallyFilled 10000/3000/7000 at 101, day 8000/1000 at 103", "duplicate"],
    [{ type: "newDay", day: 3 }, "partiallyFilled 10000/3000/7000 at 101, day 7000/0 at NaN"],
  ],
  "H1a with corrections of both days": [
    ...FIRST_DAY,
    [RENEWED, "partiallyFilled 10000/2000/8000 at 100, day 8000/0 at NaN"],
    [trade("2", 1000, 103), "partiallyFilled 10000/3000/7000 at 101, day 8000/1000 at 103"],
    [
      { type: "correct", execId: "3", refExecId: "1", lots: 1500, priceTicks: 100 },
      "partiallyFilled 10000/2500/7500 at 101.2, day 8500/1000 at 103",
    ],
    [
      { type: "correct", execId: "4", refExecId: "2", lots: 500, priceTicks: 104 },
      "partiallyFilled 10000/2000/8000 at 101, day 8500/500 at 104",
    ],
    [
      { type: "bust", execId: "5", refExecId: "1" },
      "partiallyFilled 10000/500/9500 at 104, day 10000/500 at 104",
    ],
    [{ type: "bust", execId: "6", refExecId: "4" }, "new 10000/0/10000 at NaN, day 10000/0 at NaN"],
  ],
  "H1b split 2:1 over night, then filled": [
    ...FIRST_DAY,
    [
      { type: "restated", reason: 0, ratio: [2, 1] },
      "partiallyFilled 20000/4000/16000 at 50, day 16000/0 at NaN",
    ],
    [trade("2", 5000, 52), "partiallyFilled 20000/9000/11000 at 51.111111111111114, day 16000/5000 at 52"],
    [trade("3", 11000, 50), "filled 20000/20000/0 at 50.5, day 16000/16000 at 50.625"],
    [
      { type: "bust", execId: "4", refExecId: "1" },
      "partiallyFilled 20000/16000/4000 at 50.625, day 20000/16000 at 50.625",
    ],
  ],
  "H1b a split that leaves fractions is refused and reconciled": [
    ...FIRST_DAY,
    [
      { type: "restated", reason: 0, lots: 3334, priceTicks: 300, ratio: [1, 3] },
      "partiallyFilled 10000/2000/8000 at 100, day 8000/0 at NaN",
      "malformed",
    ],
    [
      { type: "restated", reason: 0, lots: 5000, priceTicks: 200, ratio: [1, 2] },
      "partiallyFilled 5000/1000/4000 at 200, day 4000/0 at NaN",
    ],
    [
      { type: "restated", reason: 0, lots: 15000, priceTicks: 67, ratio: [3, 1] },
      "partiallyFilled 15000/3000/12000 at 66.66666666666667, day 12000/0 at NaN",
    ],
  ],
  "H1c renewed, then canceled the next day": [
    ...FIRST_DAY,
    [RENEWED, "partiallyFilled 10000/2000/8000 at 100, day 8000/0 at NaN"],
    [{ type: "cancelRequest", requestId: "y" }, "pendingCancel 10000/2000/8000 at 100, day 8000/0 at NaN"],
    [{ type: "cancelAck", requestId: "y" }, "canceled 10000/2000/0 at 100, day 8000/0 at NaN"],
    [{ type: "newDay", day: 3 }, "canceled 10000/2000/0 at 100, day 8000/0 at NaN", "anomaly"],
  ],
  "H1d renewed, then replaced to more the next day": [
    ...FIRST_DAY,
    [RENEWED, "partiallyFilled 10000/2000/8000 at 100, day 8000/0 at NaN"],
    [
      { type: "replaceRequest", requestId: "y", lots: 15000 },
      "pendingReplace 10000/2000/8000 at 100, day 8000/0 at NaN",
    ],
    [trade("2", 1000, 103), "pendingReplace 10000/3000/7000 at 101, day 8000/1000 at 103"],
    [
      { type: "replaceAck", requestId: "y" },
      "partiallyFilled 15000/3000/12000 at 101, day 13000/1000 at 103",
    ],
  ],
  "J1a filled, then corrections and busts as published": [
    ...FIRST_DAY.slice(0, 2),
    [trade("C", 1000, 100), "partiallyFilled 10000/1000/9000 at 100, day 10000/1000 at 100"],
    [trade("D", 9000, 110), "filled 10000/10000/0 at 109, day 10000/10000 at 109"],
    [
      { type: "bust", execId: "E", refExecId: "C" },
      "partiallyFilled 10000/9000/1000 at 110, day 10000/9000 at 110",
    ],
    [
      { type: "correct", execId: "F", refExecId: "D", lots: 9000, priceTicks: 100 },
      "partiallyFilled 10000/9000/1000 at 100, day 10000/9000 at 100",
    ],
    [trade("G", 1000, 120), "filled 10000/10000/0 at 102, day 10000/10000 at 102"],
    [
      { type: "correct", execId: "H", refExecId: "F", lots: 9000, priceTicks: 120 },
      "filled 10000/10000/0 at 120, day 10000/10000 at 120",
    ],
    [
      { type: "replaceRequest", requestId: "y", lots: 12000 },
      "pendingReplace 10000/10000/0 at 120, day 10000/10000 at 120",
    ],
    [
      { type: "replaceAck", requestId: "y" },
      "partiallyFilled 12000/10000/2000 at 120, day 12000/10000 at 120",
    ],
    [
      { type: "correct", execId: "K", refExecId: "H", lots: 9500, priceTicks: 120 },
      "partiallyFilled 12000/10500/1500 at 120, day 12000/10500 at 120",
    ],
  ],
};
