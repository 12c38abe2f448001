import { describe, expect, it } from "vitest";
import {
  AUDIT_EVENTS,
  AUDIT_WORDS,
  AuditBuffer,
  type AuditRecord,
  AuditWriter,
  type AuditWriterOptions,
  auditEventOf,
  decodeRecord,
  encodeRecord,
} from "../../src/audit/index.ts";
import {
  MESSAGE_FIELD,
  MESSAGE_STRIDE,
  ORDER_TYPE,
  REASON,
  REPORT,
  TIME_IN_FORCE,
} from "../../src/model/index.ts";
import { type OutboundOrder, outboundOrder } from "../../src/port/index.ts";
import { DECISION, DECISION_FIELD, DECISION_STRIDE, RISK_CODE } from "../../src/risk/index.ts";

const BASE = 1_732_187_000_000_000_000n;
const OPTIONS: AuditWriterOptions = {
  node: "ldn-1",
  epoch: 3,
  cfgHash: "ab".repeat(32),
  buildHash: "cd".repeat(32),
  baseNs: BASE,
  seats: [
    { strategy: "pairs", account: "A1" },
    { strategy: "naïve", account: "A2" },
  ],
  instruments: [{ symbol: "ABC@XNAS", venue: "XNAS" }],
  rules: RISK_CODE,
};
const PLACE = { seat: 0, instrument: 0, parentId: 12 };

function written(write: (writer: AuditWriter, into: AuditBuffer) => void): AuditRecord {
  const into = new AuditBuffer(2048);
  into.u8(99);
  const writer = new AuditWriter(OPTIONS);
  writer.clockUncertaintyNs = 250;
  write(writer, into);
  into.setCount(9, 77);
  const bytes = into.bytes.slice(1, into.length);
  const read = decodeRecord(bytes);
  if ("ok" in read) throw new Error(read.message);
  expect(Buffer.from(encodeRecord(read)).equals(bytes)).toBe(true);
  expect(read).toMatchObject({ seq: 77, node: "ldn-1", epoch: 3, clockUncertaintyNs: 250 });
  expect(read).toMatchObject({ cfgHash: "ab".repeat(32), buildHash: "cd".repeat(32) });
  return read;
}

/** A gate's row by the names of its fields. */
function row(fields: Partial<Record<keyof typeof DECISION_FIELD, number>>): Float64Array {
  const cells = new Float64Array(3 * DECISION_STRIDE).fill(-7);
  cells.fill(0, DECISION_STRIDE, 2 * DECISION_STRIDE);
  for (const [field, value] of Object.entries(fields)) {
    cells[DECISION_STRIDE + DECISION_FIELD[field as keyof typeof DECISION_FIELD]] = value;
  }
  return cells;
}

function report(fields: Partial<Record<keyof typeof MESSAGE_FIELD, number>>): Float64Array {
  const cells = new Float64Array(2 * MESSAGE_STRIDE);
  for (const [field, value] of Object.entries(fields)) {
    cells[MESSAGE_STRIDE + MESSAGE_FIELD[field as keyof typeof MESSAGE_FIELD]] = value;
  }
  return cells;
}

describe("the words of records", () => {
  it("stand in the order of the codes of the room model", () => {
    expect(AUDIT_WORDS.orderType).toEqual(Object.keys(ORDER_TYPE));
    expect(AUDIT_WORDS.timeInForce).toEqual(Object.keys(TIME_IN_FORCE));
  });

  it("have one for every report that is no trade, and none has moved", () => {
    const words: readonly string[] = AUDIT_WORDS.response;
    expect(Object.keys(REPORT).filter((each) => !words.includes(each))).toEqual(["trade"]);
    expect(words.slice(0, 7)).toEqual(Object.keys(REPORT).slice(0, 7));
    expect(words.slice(7, 19)).toEqual([
      ...["pendingNew", "pendingCancel", "pendingReplace", "restated", "doneForDay", "suspended"],
      ...["triggered", "stopped", "calculated", "status", "timeout", "disconnected"],
    ]);
    expect(words.slice(19)).toEqual(["busted", "corrected", "foreign"]);
  });

  it("and of a gate's kinds of records", () => {
    expect(AUDIT_WORDS.decisionKind).toEqual(Object.keys(DECISION));
    expect(Object.values(DECISION_FIELD)).toEqual(Array.from({ length: 16 }, (_, i) => i));
  });
});

describe("a decision of a gate", () => {
  const fields = {
    sequence: 2 ** 33 + 1,
    atNs: 5_000_000_123,
    kind: DECISION.order,
    code: 0,
    id: 4_200_000_000_007,
    seat: 1,
    instrument: 0,
    side: -1,
    lots: 600,
    priceTicks: 10_000,
    node: -1,
    limit: -1,
    version: 3,
    latch: 0xffff_ffff,
  };

  it("that approves", () => {
    expect(written((writer, into) => writer.decision(into, row(fields), DECISION_STRIDE))).toMatchObject({
      type: "riskDecision",
      tsNs: BASE + 5_000_000_123n,
      actor: { kind: "strategy", id: "naïve", role: "" },
      order: "4200000000007",
      parent: "",
      strategy: "naïve",
      venue: "XNAS",
      payload: {
        decision: 2 ** 33 + 1,
        kind: "order",
        verdict: "approved",
        code: 0,
        account: "A2",
        instrument: "ABC@XNAS",
        side: "sell",
        lots: 600,
        priceTicks: 10_000,
        node: -1,
        limit: -1,
        measured: 0,
        bound: 0,
        limitsVersion: 3,
        latch: 0xffff_ffff,
      },
    });
  });

  it("that refuses, and one that warns", () => {
    const code = RISK_CODE.RISK_NOTIONAL_EXCEEDED;
    const limited = { ...fields, code, node: 4, limit: 9, measured: 60_000.5, bound: 50_000 };
    const refusal = written((writer, into) => writer.decision(into, row(limited), DECISION_STRIDE));
    const payload = { verdict: "refused", code, rule: "RISK_NOTIONAL_EXCEEDED", node: 4, limit: 9 };
    expect(refusal.payload).toMatchObject({ ...payload, measured: 60_000.5, bound: 50_000 });
    const soft = { ...limited, kind: DECISION.warning };
    const warning = written((writer, into) => writer.decision(into, row(soft), DECISION_STRIDE));
    expect(warning.payload).toMatchObject({ ...payload, kind: "warning", verdict: "warned" });
  });

  it("about an order that cannot be", () => {
    const junk = { ...fields, id: Number.NaN, seat: -1, instrument: Number.NaN, side: 7 };
    const odd = { ...junk, lots: Number.NaN, priceTicks: Number.NEGATIVE_INFINITY, measured: -0.1 };
    const record = written((writer, into) => writer.decision(into, row(odd), DECISION_STRIDE));
    expect(record).toMatchObject({ order: "", strategy: "", venue: "", actor: { id: "" } });
    expect(record.payload).toMatchObject({ account: "", instrument: "", side: "none", lots: Number.NaN });
    expect(record.payload).toMatchObject({ priceTicks: Number.NEGATIVE_INFINITY, measured: -0.1 });
  });
});

describe("an order on its way", () => {
  const order: OutboundOrder = {
    ...outboundOrder(),
    ...{ id: 10, sideSign: 1, type: ORDER_TYPE.limit, timeInForce: TIME_IN_FORCE.IOC, flags: 3 },
    ...{ priceTicks: -5, stopTicks: 77, lots: 9, displayLots: 2 },
  };
  const common = {
    instrument: "ABC@XNAS",
    side: "buy",
    timeInForce: "IOC",
    flags: 3,
    lots: 9,
    displayLots: 2,
  };

  it.each([
    ["limit", { priceTicks: -5 }],
    ["market", {}],
    ["stop", { stopTicks: 77 }],
    ["stopLimit", { priceTicks: -5, stopTicks: 77 }],
  ] as const)("is new: %s", (orderType, prices) => {
    const sent = { ...order, type: ORDER_TYPE[orderType] };
    const record = written((writer, into) => writer.orderSent(into, sent, PLACE, 1));
    expect(record).toMatchObject({ type: "orderNew", order: "10", parent: "12", tsNs: BASE + 1n });
    expect(record.payload).toEqual({ ...common, orderType, ...prices });
  });

  it("is new until a moment", () => {
    const sent = { ...order, sideSign: -1, timeInForce: TIME_IN_FORCE.GTD, expireNs: 2 ** 40 };
    const record = written((writer, into) => writer.orderSent(into, sent, PLACE, 1));
    expect(record.payload).toMatchObject({ side: "sell", timeInForce: "GTD", expireNs: BASE + 2n ** 40n });
  });

  it("is changed, and canceled", () => {
    const changed = written((writer, into) => writer.orderSent(into, { ...order, requestId: 4 }, PLACE, 2));
    expect(changed).toMatchObject({
      type: "orderModify",
      payload: { requestId: 4, priceTicks: -5, lots: 9 },
    });
    const request = { ...PLACE, parentId: 0, id: 0, requestId: 5 };
    const canceled = written((writer, into) => writer.cancelSent(into, request, 3));
    expect(canceled).toMatchObject({
      type: "orderCancel",
      order: "0",
      parent: "",
      payload: { requestId: 5 },
    });
  });
});

describe("a venue's report", () => {
  it.each(Object.entries(REPORT).slice(0, 7))("%s", (response, kind) => {
    const fields = { kind, id: 8, requestId: 2, priceTicks: 3, lots: 4, exchNs: 6, timeNs: 9, leavesLots: 1 };
    const cells = report({ ...fields, reason: REASON.tooLate });
    const record = written((writer, into) => writer.report(into, cells, MESSAGE_STRIDE, PLACE, 1));
    expect(record).toMatchObject({
      type: "venueResponse",
      tsNs: BASE + 9n,
      actor: { kind: "venue", id: "XNAS" },
      payload: {
        ...{ response, requestId: 2, reason: "tooLate", reasonCode: REASON.tooLate, priceTicks: 3, lots: 4 },
        ...{ leavesLots: 1, venueNs: BASE + 6n },
      },
    });
  });

  it("of a trade", () => {
    const fields = {
      kind: REPORT.trade,
      id: 8,
      execId: 1234,
      priceTicks: 3,
      lots: 4,
      maker: 1,
      leavesLots: 0,
    };
    const cells = report({ ...fields, exchNs: 6, timeNs: 9 });
    const record = written((writer, into) => writer.report(into, cells, MESSAGE_STRIDE, PLACE, -1));
    expect(record).toMatchObject({ type: "fill", order: "8", strategy: "pairs" });
    expect(record.payload).toEqual({
      ...{ instrument: "ABC@XNAS", side: "sell", execId: "1234", lots: 4, priceTicks: 3 },
      ...{ venueNs: BASE + 6n, liquidity: "maker", leavesLots: 0 },
    });
  });

  it("of an execution that is undone, or that was another", () => {
    const fields = { id: 8, requestId: 1234, execId: 1240, priceTicks: 3, lots: 4, exchNs: 6, timeNs: 9 };
    const numbers = { execId: "1240", refExecId: "1234", venueNs: BASE + 6n };
    for (const [reason, said] of [
      [0, {}],
      [REASON.reconciled as number, { reason: "reconciled" }],
    ] as const) {
      const bust = report({ ...fields, kind: REPORT.busted, reason });
      const busted = written((writer, into) => writer.report(into, bust, MESSAGE_STRIDE, PLACE, 1));
      expect(busted).toMatchObject({ type: "fillBust", order: "8", strategy: "pairs", tsNs: BASE + 9n });
      expect(busted.payload).toEqual({ ...numbers, ...said });
      const other = report({ ...fields, kind: REPORT.corrected, reason });
      const corrected = written((writer, into) => writer.report(into, other, MESSAGE_STRIDE, PLACE, -1));
      expect(corrected).toMatchObject({ type: "fillCorrection", order: "8", strategy: "pairs" });
      const terms = { instrument: "ABC@XNAS", side: "sell", lots: 4, priceTicks: 3 };
      expect(corrected.payload).toEqual({ ...numbers, ...said, ...terms });
    }
  });

  it("of a trade that no order explains", () => {
    for (const [lots, side] of [
      [4, "buy"],
      [-4, "sell"],
    ] as const) {
      const cells = report({ kind: REPORT.foreign, id: -1, execId: 9, priceTicks: 3, lots, exchNs: 6 });
      const record = written((writer, into) => writer.report(into, cells, MESSAGE_STRIDE, PLACE, 0));
      expect(record).toMatchObject({ type: "fill", order: "" });
      expect(record.payload).toEqual({
        ...{ instrument: "ABC@XNAS", side, execId: "9", lots: 4, priceTicks: 3 },
        ...{ venueNs: BASE + 6n, liquidity: "taker" },
      });
    }
  });

  it("of a status, whose code is no reason", () => {
    const cells = report({ kind: REPORT.status, id: 8, reason: 200, lots: 3, leavesLots: 2, exchNs: 6 });
    const record = written((writer, into) => writer.report(into, cells, MESSAGE_STRIDE, PLACE, 1));
    expect(record.payload).toEqual({
      ...{ response: "status", requestId: 0, reasonCode: 200, cumLots: 3, leavesLots: 2 },
      venueNs: BASE + 6n,
    });
  });

  it("adds the base without a loss, whatever carries", () => {
    for (const baseNs of [0n, -1n, 2n ** 32n - 1n, -(2n ** 40n), BASE]) {
      for (const ns of [0, 1, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, -5, -(2 ** 33)]) {
        const into = new AuditBuffer(2048);
        new AuditWriter({ ...OPTIONS, baseNs }).cancelSent(into, { ...PLACE, id: 1, requestId: 1 }, ns);
        into.setCount(8, 1);
        expect(decodeRecord(into.bytes.slice(0, into.length))).toMatchObject({ tsNs: baseNs + BigInt(ns) });
      }
    }
  });
});

describe("a writer", () => {
  it.each([
    ["baseNs", 5],
    ["epoch", -1],
    ["cfgHash", "00"],
    ["seats", []],
    ["instruments", []],
    ["colour", "red"],
  ])("refuses the option %s", (field, value) => {
    expect(() => new AuditWriter({ ...OPTIONS, [field]: value } as AuditWriterOptions)).toThrowError(
      expect.objectContaining({ code: "FAULT_CONFIG", path: expect.stringContaining(field) }),
    );
  });

  it("faults where the buffer is full", () => {
    const into = new AuditBuffer(100);
    const writer = new AuditWriter(OPTIONS);
    expect(() => writer.cancelSent(into, { ...PLACE, id: 1, requestId: 1 }, 1)).toThrowError(
      expect.objectContaining({ code: "FAULT_CAPACITY" }),
    );
  });

  it("writes only types of the table", () => {
    expect(auditEventOf(AUDIT_EVENTS.riskDecision.code)).toBe("riskDecision");
  });
});
