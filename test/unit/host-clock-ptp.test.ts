import { describe, expect, test } from "vitest";
import { readPmcText } from "../../src/host/clock-pmc-text.ts";
import {
  type ClockTransport,
  type PtpDataSet,
  type PtpSetName,
  PtpSource,
  pmcSource,
  ptpRequest,
  readPtpResponse,
} from "../../src/host/index.ts";

/** What a ptp4l 3.1.1 answered to sequence 7 over its Unix socket, 20 seconds into following a grandmaster. */
const HEAD = "0000000000000000000000000000000056a308fffe465622";
const TO = "0007047f00000000000000000001";
const ANSWERS: Readonly<Record<PtpSetName, string>> = {
  DEFAULT_DATA_SET: `0d02004a${HEAD}0000${TO}0000020000010016200003000001fafffeffff8056a308fffe4656220000`,
  CURRENT_DATA_SET: `0d020048${HEAD}0000${TO}000002000001001420010001fffffffffba80000000000000a900000`,
  PARENT_DATA_SET:
    `0d020056${HEAD}0000${TO}0000020000010022` +
    "2002c6628ffffe27792000010000ffff7fffffff0a0621ffff80c6628ffffe277920",
  TIME_PROPERTIES_DATA_SET: `0d02003a${HEAD}0000${TO}00000200000100062003002500a0`,
  PORT_DATA_SET: `0d020050${HEAD}0001${TO}000002000001001c200456a308fffe465622000108000000000000000000ff03fd010002`,
  TIME_STATUS_NP:
    `0d020068${HEAD}0000${TO}0000020000010034c000` +
    "fffffffffffffba818ea2f2bc1880517" +
    "00000000000000000000000000000000000000000000" +
    "00000001c6628ffffe277920",
  GRANDMASTER_SETTINGS_NP: `0d02003e${HEAD}0000${TO}000002000001000ac001fffeffff002500a0`,
};
const REFUSED = `0d02003c${HEAD}0001${TO}000002000002000800022fff00000000`;

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));
const read = <Name extends PtpSetName>(set: Name): PtpDataSet<Name> =>
  readPtpResponse(bytesOf(ANSWERS[set]), { set, sequenceId: 7 });

/** Answers by the captured bytes, under the number of the request, changed by a test. */
function captured(
  change: (set: string, bytes: Uint8Array) => Uint8Array = (_set, bytes) => bytes,
): ClockTransport {
  const sets = Object.entries(ANSWERS).map(([set, hex]) => [hex.slice(104, 108), set, hex] as const);
  return {
    name: "captured",
    exchange: async (request) => {
      const id = Buffer.from(request.subarray(52, 54)).toString("hex");
      const [, set = "", hex = ""] = sets.find(([known]) => known === id) ?? [];
      const bytes = bytesOf(hex);
      bytes.set(request.subarray(30, 32), 30);
      return change(set, bytes);
    },
  };
}

describe("management messages", () => {
  test("ask by the bytes that ptp4l answered to", () => {
    const whole = ptpRequest({ set: "TIME_STATUS_NP", sequenceId: 7 });
    expect(Buffer.from(whole).toString("hex")).toBe(
      "0d020036000000000000000000000000000000000000000000000000" +
        "00010007047fffffffffffffffffffff0000000000010002c000",
    );
    const port = ptpRequest({ set: "PORT_DATA_SET", sequenceId: 8, port: 2, domain: 24 });
    expect([port[4], port[31], port[42], port[43]]).toEqual([24, 8, 0, 2]);
    expect(() => ptpRequest({ set: "PORT_DATA_SET", sequenceId: 65_536 })).toThrow("request.sequenceId");
    expect(() => ptpRequest({ set: "PORT_DATA_SET", sequenceId: 0, domain: 256 })).toThrow("request.domain");
  });

  test("are read as the data sets that a real ptp4l sent", () => {
    expect(read("DEFAULT_DATA_SET")).toEqual({
      flags: 3,
      numberPorts: 1,
      priority1: 250,
      clockClass: 255,
      clockAccuracy: 0xfe,
      offsetScaledLogVariance: 0xffff,
      priority2: 128,
      clockIdentity: "56a308fffe465622",
      domainNumber: 0,
    });
    expect(read("CURRENT_DATA_SET")).toEqual({
      stepsRemoved: 1,
      offsetFromMaster: -1_112,
      meanPathDelay: 2_704,
    });
    expect(read("PARENT_DATA_SET")).toMatchObject({
      parentPortIdentity: "c6628ffffe277920-1",
      observedParentClockPhaseChangeRate: 0x7fff_ffff,
      grandmasterPriority1: 10,
      clockClass: 6,
      clockAccuracy: 0x21,
      grandmasterIdentity: "c6628ffffe277920",
    });
    expect(read("TIME_PROPERTIES_DATA_SET")).toEqual({
      currentUtcOffset: 37,
      timeFlags: 0,
      timeSource: 0xa0,
    });
    expect(read("PORT_DATA_SET")).toMatchObject({
      portIdentity: "56a308fffe465622-1",
      portState: 8,
      logAnnounceInterval: -1,
      logSyncInterval: -3,
      versionNumber: 2,
    });
    expect(read("TIME_STATUS_NP")).toEqual({
      masterOffset: -1_112n,
      ingressTime: 1_795_299_266_437_580_055n,
      cumulativeScaledRateOffset: 0,
      scaledLastGmPhaseChange: 0,
      gmTimeBaseIndicator: 0,
      lastGmPhaseChange: "0".repeat(24),
      gmPresent: 1,
      gmIdentity: "c6628ffffe277920",
    });
    expect(read("GRANDMASTER_SETTINGS_NP")).toMatchObject({
      clockClass: 255,
      currentUtcOffset: 37,
      timeSource: 0xa0,
    });
  });

  test("make a reading, one exchange a data set", async () => {
    expect((await new PtpSource(captured()).sample()).ptp).toEqual({
      clockIdentity: "56a308fffe465622",
      grandmasterIdentity: "c6628ffffe277920",
      grandmasterPresent: true,
      portStates: ["UNCALIBRATED"],
      stepsRemoved: 1,
      masterOffsetNs: -1_112,
      meanPathDelayNs: 2_704,
      ingressTimeNs: 1_795_299_266_437_580_055n,
      grandmasterClass: 6,
      grandmasterAccuracy: 0x21,
      currentUtcOffset: 37,
      utcOffsetValid: false,
      ptpTimescale: false,
      timeTraceable: false,
      frequencyTraceable: false,
      timeSource: 0xa0,
      leap: "none",
    });
  });

  test("tell of a lost grandmaster by the parent, while gmPresent still says that it is there", async () => {
    const own = captured((set, bytes) => {
      if (set === "PARENT_DATA_SET") bytes.set(bytes.subarray(20, 28), 78);
      return bytes;
    });
    expect((await new PtpSource(own).sample()).ptp).toMatchObject({
      grandmasterPresent: false,
      grandmasterIdentity: "56a308fffe465622",
    });
  });

  test.each([
    ["nothing", () => new Uint8Array(), "ptp.length", 0],
    ["half a TLV", (bytes: Uint8Array) => bytes.subarray(0, 53), "ptp.length", 53],
    ["a cut body", (bytes: Uint8Array) => bytes.subarray(0, 60), "ptp.messageLength", 104],
    ["a length below the header", (bytes: Uint8Array) => bytes.with(3, 20), "ptp.messageLength", 20],
    ["an announce message", (bytes: Uint8Array) => bytes.with(0, 0x0b), "ptp.messageType", 0x0b],
    ["another version", (bytes: Uint8Array) => bytes.with(1, 1), "ptp.version", 1],
    ["another domain", (bytes: Uint8Array) => bytes.with(4, 1), "ptp.domain", 1],
    ["another number", (bytes: Uint8Array) => bytes.with(31, 8), "ptp.sequenceId", 8],
    ["a request", (bytes: Uint8Array) => bytes.with(46, 0), "ptp.action", 0],
    ["a TLV beyond the message", (bytes: Uint8Array) => bytes.with(51, 0x35), "ptp.tlv.length", 0x35],
    ["a TLV without an id", (bytes: Uint8Array) => bytes.with(51, 1), "ptp.tlv.length", 1],
    ["another TLV", (bytes: Uint8Array) => bytes.with(49, 3), "ptp.tlv.type", 3],
    ["another data set", (bytes: Uint8Array) => bytes.with(53, 1), "ptp.tlv.id", 0xc001],
    ["a shorter data set", (bytes: Uint8Array) => bytes.with(51, 0x32), "ptp.TIME_STATUS_NP.length", 48],
    ["an error of the clock", () => bytesOf(REFUSED), "ptp.error", "2: no such id"],
  ] as const)("are a fault with %s", (_name, change, path, value) => {
    const bytes = change(bytesOf(ANSWERS.TIME_STATUS_NP));
    const fault = expect.objectContaining({ code: "FAULT_INPUT", path, value });
    expect(() => readPtpResponse(bytes, { set: "TIME_STATUS_NP", sequenceId: 7 })).toThrow(fault);
  });

  test.each([
    ["no port", "DEFAULT_DATA_SET", 57, 0, "ptp.numberPorts"],
    ["more ports than a clock has", "DEFAULT_DATA_SET", 57, 65, "ptp.numberPorts"],
    ["a port in no state", "PORT_DATA_SET", 64, 11, "ptp.portState"],
    ["a negative path delay", "CURRENT_DATA_SET", 64, 0xff, "ptp.meanPathDelay"],
    ["another grandmaster meanwhile", "PARENT_DATA_SET", 85, 1, "ptp.grandmasterIdentity"],
  ] as const)("make no reading with %s", async (_name, changed, offset, value, path) => {
    const source = new PtpSource(
      captured((set, bytes) => (set === changed ? bytes.with(offset, value) : bytes)),
    );
    await expect(source.sample()).rejects.toMatchObject({ code: "FAULT_INPUT", path });
  });
});

describe("pmc", () => {
  const TEXT = [
    "sending: GET TIME_STATUS_NP",
    "sending: GET PORT_DATA_SET",
    "\t56a308.fffe.465622-0 seq 0 RESPONSE MANAGEMENT TIME_STATUS_NP ",
    "\t\tmaster_offset              110",
    "\t\tingress_time               1795299266187502484",
    "\t\tcumulativeScaledRateOffset +0.000000000",
    "\t\tscaledLastGmPhaseChange    0",
    "\t\tgmTimeBaseIndicator        0",
    "\t\tlastGmPhaseChange          0x0000'0000000000000000.0000",
    "\t\tgmPresent                  true",
    "\t\tgmIdentity                 c6628f.fffe.277920",
    "\t56a308.fffe.465622-1 seq 1 RESPONSE MANAGEMENT PORT_DATA_SET ",
    "\t\tportIdentity            56a308.fffe.465622-1",
    "\t\tportState               SLAVE",
    "\t\tlogMinDelayReqInterval  0",
    "\t\tpeerMeanPathDelay       0",
    "\t\tlogAnnounceInterval     -1",
    "\t\tannounceReceiptTimeout  3",
    "\t\tlogSyncInterval         -3",
    "\t\tdelayMechanism          1",
    "\t\tlogMinPdelayReqInterval 0",
    "\t\tversionNumber           2",
    "\t56a308.fffe.465622-0 seq 2 RESPONSE MANAGEMENT PARENT_DATA_SET ",
    "\t\tparentPortIdentity                    c6628f.fffe.277920-1",
    "\t\tparentStats                           0",
    "\t\tobservedParentOffsetScaledLogVariance 0xffff",
    "\t\tobservedParentClockPhaseChangeRate    0x7fffffff",
    "\t\tgrandmasterPriority1                  10",
    "\t\tgm.ClockClass                         6",
    "\t\tgm.ClockAccuracy                      0x21",
    "\t\tgm.OffsetScaledLogVariance            0xffff",
    "\t\tgrandmasterPriority2                  128",
    "\t\tgrandmasterIdentity                   c6628f.fffe.277920",
    "\t56a308.fffe.465622-0 seq 3 RESPONSE MANAGEMENT TIME_PROPERTIES_DATA_SET ",
    "\t\tcurrentUtcOffset      37",
    "\t\tleap61                1",
    "\t\tleap59                0",
    "\t\tcurrentUtcOffsetValid 1",
    "\t\tptpTimescale          1",
    "\t\ttimeTraceable         1",
    "\t\tfrequencyTraceable    0",
    "\t\ttimeSource            0x20",
  ].join("\n");

  test("prints the same data sets as the messages have", () => {
    const answers = readPmcText(TEXT);
    expect(answers.one("TIME_STATUS_NP")).toEqual({
      ...read("TIME_STATUS_NP"),
      masterOffset: 110n,
      ingressTime: 1_795_299_266_187_502_484n,
    });
    expect(answers.all("PORT_DATA_SET")).toEqual([{ ...read("PORT_DATA_SET"), portState: 9 }]);
    expect(answers.one("PARENT_DATA_SET")).toEqual(read("PARENT_DATA_SET"));
    expect(answers.one("TIME_PROPERTIES_DATA_SET")).toEqual({
      currentUtcOffset: 37,
      timeFlags: 0x1d,
      timeSource: 0x20,
    });
  });

  test.each([
    ["SLAVE", "SLEEPING", "PORT_DATA_SET", "PORT_DATA_SET.portState"],
    ["master_offset              110", "", "TIME_STATUS_NP", "TIME_STATUS_NP.master_offset"],
    ["110\n", "1e9\n", "TIME_STATUS_NP", "TIME_STATUS_NP.master_offset"],
    [
      "gmIdentity                 c6628f",
      "gmIdentity                 c6628",
      "TIME_STATUS_NP",
      "TIME_STATUS_NP.gmIdentity",
    ],
    ["277920-1", "277920-x", "PARENT_DATA_SET", "PARENT_DATA_SET.parentPortIdentity"],
    ["0000'0", "0000*0", "TIME_STATUS_NP", "TIME_STATUS_NP.lastGmPhaseChange"],
    [
      "leap61                1",
      "leap61                2",
      "TIME_PROPERTIES_DATA_SET",
      "TIME_PROPERTIES_DATA_SET.leap61",
    ],
    ["0x20", "0xzz", "TIME_PROPERTIES_DATA_SET", "TIME_PROPERTIES_DATA_SET.timeSource"],
    [
      "MANAGEMENT TIME_STATUS_NP",
      "MANAGEMENT_ERROR_STATUS TIME_STATUS_NP",
      "TIME_STATUS_NP",
      "TIME_STATUS_NP",
    ],
  ] as const)("is a fault with %j become %j", (from, to, set, path) => {
    const fault = expect.objectContaining({ code: "FAULT_INPUT", path: `pmc.${path}` });
    expect(() => readPmcText(TEXT.replace(from, to)).one(set)).toThrow(fault);
  });

  test("is a fault where it is not there, or nothing answers", async () => {
    const absent = pmcSource({ command: "/nowhere/pmc" });
    await expect(absent.sample()).rejects.toMatchObject({ code: "FAULT_IO", value: "ENOENT" });
    const silent = pmcSource({ command: "true" });
    await expect(silent.sample()).rejects.toMatchObject({ code: "FAULT_IO", value: "no answer" });
    expect(() => pmcSource({ domain: 256 })).toThrow("options.domain");
    expect(() => pmcSource({ sokcet: "/run/ptp4l" } as never)).toThrow("options.sokcet");
  });
});
