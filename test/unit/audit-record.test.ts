import { describe, expect, it } from "vitest";
import {
  AUDIT_EVENTS,
  AUDIT_RECORD_BYTES_MAX,
  AuditBuffer,
  type AuditEventName,
  type AuditRecord,
  auditEventOf,
  auditFieldsOf,
  auditText,
  decodeRecord,
  encodeRecord,
  recordFromJson,
  recordToJson,
  writeRecord,
} from "../../src/audit/index.ts";
import { sampleEntry } from "../fixtures/audit-trail.ts";

const TYPES = Object.keys(AUDIT_EVENTS) as AuditEventName[];

function sample(type: AuditEventName, turn = 0): AuditRecord {
  return { ...sampleEntry(type, turn), seq: turn + 1 } as AuditRecord;
}

describe("the table of events", () => {
  it("has the mandatory ones", () => {
    const mandatory = [
      ...["orderNew", "orderModify", "orderCancel", "venueResponse", "fill", "fillBust", "fillCorrection"],
      ...["riskDecision", "limitChange", "configChange", "strategyStart", "strategyStop", "strategyPause"],
      ...["userAction", "systemEvent", "error", "killActivated", "killReenabled", "marketDataQuality"],
      ...["marketDataFailover", "clockStatus", "snapshot", "recovery", "reconciliationBreak"],
      ...["reconciliationAction", "surveillanceAlert", "surveillanceCase", "deployment", "buildAttestation"],
      ...["keyRotation", "checkpoint", "retentionTombstone", "legalHold"],
    ];
    expect(TYPES).toEqual(expect.arrayContaining(mandatory));
    expect(auditFieldsOf("configChange").map(([field]) => field)).toEqual(
      expect.arrayContaining(["beforeHash", "afterHash", "author", "approver"]),
    );
  });

  it("has codes of 16 bits, each once, and at most 32 fields", () => {
    const codes = TYPES.map((type) => AUDIT_EVENTS[type].code);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes.every((code) => code > 0 && code < 65_536)).toBe(true);
    for (const type of TYPES) {
      expect(auditFieldsOf(type).length, type).toBeLessThanOrEqual(32);
      expect(auditEventOf(AUDIT_EVENTS[type].code)).toBe(type);
    }
    expect(auditEventOf(0)).toBeUndefined();
  });
});

describe("the bytes of a record", () => {
  it("stand where the layout says", () => {
    const record: AuditRecord<"clockStatus"> = {
      seq: 2 ** 32 + 5,
      tsNs: -2n,
      clockUncertaintyNs: 7,
      node: "n1",
      epoch: 9,
      type: "clockStatus",
      actor: { kind: "system", id: "ptp", role: "" },
      order: "o",
      parent: "",
      strategy: "s",
      venue: "v",
      cfgHash: "01".repeat(32),
      buildHash: "02".repeat(32),
      payload: { state: "locked", source: "ptp4l", offsetNs: -1, uncertaintyNs: 90 },
    };
    const fixed = Buffer.alloc(32);
    fixed.writeUInt8(1, 0);
    fixed.writeUInt16LE(0x0a01, 2);
    fixed.writeUInt32LE(96 + 15 + 4 + 1 + 7 + 8 + 8, 4);
    fixed.writeBigUInt64LE(4_294_967_301n, 8);
    fixed.writeBigInt64LE(-2n, 16);
    fixed.writeUInt32LE(7, 24);
    fixed.writeUInt32LE(9, 28);
    const counted = (text: string): Buffer =>
      Buffer.from(`${String.fromCharCode(text.length)}${text}`, "latin1");
    const numbers = Buffer.alloc(16);
    numbers.writeBigInt64LE(-1n, 0);
    numbers.writeBigUInt64LE(90n, 8);
    const expected = Buffer.concat([
      fixed,
      Buffer.alloc(32, 1),
      Buffer.alloc(32, 2),
      ...["n1", "ptp", "", "s", "v", "", "o"].map(counted),
      Buffer.from([0b1111, 0, 0, 0, 0, 5, 0]),
      Buffer.from("ptp4l"),
      numbers,
    ]);
    expect(Buffer.from(encodeRecord(record)).toString("hex")).toBe(expected.toString("hex"));
  });

  it.each(TYPES)("of %s are read back, and so is its JSON", (type) => {
    for (let turn = 0; turn < 10; turn++) {
      const record = sample(type, turn);
      const bytes = encodeRecord(record);
      expect(decodeRecord(bytes)).toEqual(record);
      const json = recordToJson(record);
      const back = recordFromJson(json);
      expect(back).toEqual(record);
      expect(Buffer.from(encodeRecord(back as AuditRecord)).equals(bytes)).toBe(true);
      expect(JSON.stringify(JSON.parse(json), Object.keys(JSON.parse(json)).sort())).toBeTypeOf("string");
    }
  });

  it.each(TYPES)("of %s are one form only: every changed bit, cut and growth", (type) => {
    const bytes = encodeRecord(sample(type, 4));
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = bytes.slice();
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      const read = decodeRecord(changed);
      if ("ok" in read) continue;
      expect(Buffer.from(encodeRecord(read)).equals(changed), `bit ${bit}`).toBe(true);
    }
    for (let length = 0; length < bytes.length; length++) {
      expect(decodeRecord(bytes.subarray(0, length))).toMatchObject({ code: "AUDIT_RECORD_MALFORMED" });
    }
    expect(decodeRecord(Buffer.concat([bytes, Buffer.alloc(1)]))).toMatchObject({ field: "length" });
  });

  it.each([
    ["version", 0, [2], "version"],
    ["actor", 1, [6], "actor.kind"],
    ["type", 2, [0xff, 0xff], "type"],
    ["length", 4, [1], "length"],
    ["seq 0", 8, [0, 0, 0, 0, 0, 0, 0, 0], "seq"],
    ["seq of 2^53", 14, [0x20], "seq"],
    ["a text that is no UTF-8", 97, [0xff], "node"],
    ["unknown fields", 126, [0x0f], "payload"],
    ["a missing field", 126, [0x00], "payload.reason"],
  ])("refuses %s", (_what, at, bytes, field) => {
    const record = encodeRecord(sample("strategyResume", 0));
    record.set(bytes, at);
    expect(decodeRecord(record)).toMatchObject({ ok: false, code: "AUDIT_RECORD_MALFORMED", field });
  });

  it("refuses texts that are not in NFC, and writes them so", () => {
    const decomposed = "e\u0301";
    const record = {
      ...sample("strategyResume", 0),
      payload: { reason: decomposed },
    } as AuditRecord<"strategyResume">;
    const bytes = encodeRecord(record);
    expect(decodeRecord(bytes)).toMatchObject({ payload: { reason: "é" } });
    expect(recordToJson(record)).toContain('"reason":"é"');
    const raw = encodeRecord({ ...record, payload: { reason: "xyz" } });
    raw.set(Buffer.from(decomposed), raw.length - 3);
    expect(decodeRecord(raw)).toMatchObject({ field: "payload.reason", expected: "a text in NFC" });
  });

  it.each([
    0,
    -0,
    1,
    -1,
    0.5,
    -0.1,
    2 ** 53,
    -(2 ** 53) - 2,
    1e300,
    5e-324,
    Number.MAX_VALUE,
    Number.NaN,
    -Infinity,
  ])("holds the number %s exactly", (measured) => {
    const decision = sample("riskDecision", 1) as AuditRecord<"riskDecision">;
    const record: AuditRecord = { ...decision, payload: { ...decision.payload, measured } };
    const read = decodeRecord(encodeRecord(record)) as AuditRecord<"riskDecision">;
    expect(Object.is(read.payload.measured, measured)).toBe(true);
    expect(recordFromJson(recordToJson(record))).toEqual(read);
  });
});

describe("a record that is none", () => {
  const good = sample("strategyPause", 2) as AuditRecord<"strategyPause">;

  it.each([
    ["an unknown type", { type: "other" }, "type"],
    ["an unknown field", { colour: "red" }, "colour"],
    ["seq 0", { seq: 0 }, "seq"],
    ["a seq past 2^53", { seq: 2 ** 53 }, "seq"],
    ["a time of the wrong kind", { tsNs: 5 }, "tsNs"],
    ["a time past 64 bits", { tsNs: 2n ** 63n }, "tsNs"],
    ["an actor of no kind", { actor: { kind: "ghost", id: "", role: "" } }, "actor.kind"],
    ["a long text", { node: "x".repeat(256) }, "node"],
    ["half a surrogate pair", { node: "\ud800" }, "node"],
    ["a hash of another form", { cfgHash: "AB".repeat(32) }, "cfgHash"],
    ["a missing value", { payload: { reason: "x" } }, "payload.openOrders"],
    ["a value of the wrong kind", { payload: { reason: 7, openOrders: 1 } }, "payload.reason"],
    ["a fraction", { payload: { reason: "x", openOrders: 1.5 } }, "payload.openOrders"],
    ["a value that no field has", { payload: { reason: "x", openOrders: 1, more: 2 } }, "payload.more"],
  ])("is refused by name: %s", (_what, change, path) => {
    const record = { ...good, ...change } as AuditRecord;
    const buffer = new AuditBuffer(1000);
    buffer.u8(1);
    expect(() => writeRecord(buffer, record)).toThrowError(
      expect.objectContaining({ code: "FAULT_INPUT", path }),
    );
    expect(buffer.length).toBe(1);
    expect(() => recordToJson(record)).toThrowError(expect.objectContaining({ code: "FAULT_INPUT" }));
  });

  it.each([
    "1.2.3",
    "+1",
    "01",
    "1e5",
    "-0",
    "-0.0",
    ".5",
    "1.",
    "9223372036854775808",
    `0.${"1".repeat(19)}`,
    5,
  ])("is refused for the decimal %s", (amount) => {
    const broken = sample("reconciliationBreak", 0) as AuditRecord<"reconciliationBreak">;
    const record = { ...broken, payload: { ...broken.payload, amount } } as AuditRecord;
    expect(() => encodeRecord(record)).toThrowError(expect.objectContaining({ path: "payload.amount" }));
  });

  it("is refused where it is too long", () => {
    const attested = sample("buildAttestation", 1) as AuditRecord<"buildAttestation">;
    const payload = { ...attested.payload, attestation: new Uint8Array(65_535), builder: "x".repeat(600) };
    expect(() => encodeRecord({ ...attested, payload })).toThrowError(
      expect.objectContaining({ code: "FAULT_CAPACITY" }),
    );
    const buffer = new AuditBuffer(2 * AUDIT_RECORD_BYTES_MAX);
    expect(() => writeRecord(buffer, { ...attested, payload })).toThrowError(
      expect.objectContaining({ path: "length" }),
    );
  });
});

describe("JSON of a record", () => {
  it("is canonical", () => {
    const pause = {
      ...sample("strategyPause", 0),
      payload: { reason: "wide", openOrders: 2 },
    } as AuditRecord;
    expect(recordToJson(pause)).toBe(
      `{"actor":{"id":"mara","kind":"user","role":"risk"},"buildHash":"${"cd".repeat(32)}","cfgHash":"${"ab".repeat(32)}",` +
        '"clockUncertaintyNs":250,"epoch":3,"node":"ldn-1","order":"0","parent":"",' +
        '"payload":{"openOrders":2,"reason":"wide"},"seq":1,"strategy":"pairs","tsNs":"1732187000000000000",' +
        '"type":"strategyPause","venue":"XNAS","version":1}',
    );
  });

  it.each([
    ["no JSON", "{"],
    ["null", "null"],
    ["a list", "[]"],
    ["no record", '{"type":"strategyPause"}'],
    ["another order of keys", (json: string) => json.replace('"epoch":3,', "").replace("{", '{"epoch":3,')],
    ["spaces", (json: string) => json.replace(":", ": ")],
    ["another version", (json: string) => json.replace('"version":1', '"version":2')],
    ["no version", (json: string) => json.replace(',"version":1', "")],
    [
      "a time that is a number",
      (json: string) => json.replace('"1732187000000000000"', "1732187000000000000"),
    ],
    ["a further field", (json: string) => json.replace('"venue"', '"vanity":1,"venue"')],
    ["a number in another form", (json: string) => json.replace('"epoch":3', '"epoch":3.0')],
  ])("is refused: %s", (_what, change) => {
    const json = recordToJson(sample("strategyPause", 0));
    const text = typeof change === "string" ? change : change(json);
    expect(text).not.toBe(json);
    expect(recordFromJson(text)).toMatchObject({ ok: false, code: "AUDIT_RECORD_MALFORMED" });
  });
});

describe("auditText", () => {
  it.each([
    ["short", 10, "short"],
    ["naïve \ud800", 7, "naïve "],
    ["株株株", 7, "株株"],
    ["😀😀", 5, "😀"],
    ["e\u0301", 10, "é"],
    ["abc", 0, ""],
  ])("makes %j fit %i bytes", (text, bytesMax, expected) => {
    expect(auditText(text, bytesMax)).toBe(expected);
  });
});
