import { createSocket } from "node:dgram";
import { afterEach, describe, expect, test, vi } from "vitest";
import { readChronyCsv } from "../../src/host/clock-chrony-csv.ts";
import { ChronySource, chronycSource, chronyUdpSource, UdpTransport } from "../../src/host/index.ts";

/** What a chronyd 4.3 answered to sequence 0x12345678, following a server on 127.0.0.1. */
const ANSWER = [
  "06020000002100050000000000000000" + "123456780000000000000000",
  "7f000001" + "7f000001000000000000000000000000" + "00010000" + "0002" + "0000",
  "000000006b0217c90e0552d1",
  "dd0df6a2d6bf5454d8edbbbcfaab8e89f4ec652dfeefa080e0ddd40fdcadeb51028065ec",
].join("");
const SEQUENCE = 0x1234_5678;

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}

/**
 * A daemon in this process: it answers with the captured bytes, the request's sequence in them, changed by a test.
 */
async function answer(change: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes) {
  const requests: Uint8Array[] = [];
  const source = new ChronySource({
    name: "captured",
    exchange: async (request) => {
      requests.push(request);
      const bytes = bytesOf(ANSWER);
      bytes.set(request.subarray(8, 12), 16);
      return change(bytes);
    },
  });
  return { part: await source.sample(), requests };
}

const at = (offset: number, ...values: number[]) => {
  return (bytes: Uint8Array): Uint8Array => {
    bytes.set(values, offset);
    return bytes;
  };
};

describe("chrony's protocol", () => {
  test("asks with as many bytes as the answer has, under a number of its own", async () => {
    const { requests } = await answer();
    const [request = new Uint8Array()] = requests;
    expect(Buffer.from(request.subarray(0, 8)).toString("hex")).toBe("0601000000210000");
    expect(request).toHaveLength(bytesOf(ANSWER).length);
    expect(request.subarray(12).every((byte) => byte === 0)).toBe(true);
  });

  test("reads what a real daemon answered", async () => {
    const { ntp } = (await answer()).part;
    expect(ntp).toMatchObject({
      synchronised: true,
      reference: "7F000001",
      address: "127.0.0.1",
      stratum: 2,
      leap: "none",
      referenceTimeNs: 1_795_299_273_235_229_905n,
    });
    expect(ntp?.offsetNs).toBe((15_862_110 / 2 ** 43) * 1e9);
    expect(ntp?.rootDelayNs).toBeCloseTo(6_611, 0);
    expect(ntp?.rootDispersionNs).toBe((11_397_969 / 2 ** 43) * 1e9);
  });

  test.each([
    ["00000000", 0],
    ["00800000", 0.25],
    ["04800000", 1],
    ["05800000", -1],
    ["80000001", 2 ** -89],
    ["7effffff", (2 ** 24 - 1) * 2 ** 38],
    ["7f000000", -(2 ** 62)],
  ] as const)("reads the float %s", async (hex, value) => {
    expect((await answer(at(80, ...bytesOf(hex)))).part.ntp?.frequencyPpm).toBe(value);
  });

  test("reads an address of IPv6, a time without its upper half, and a daemon without a source", async () => {
    const v6 = [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 2];
    expect((await answer(at(32, ...v6))).part.ntp?.address).toBe("2001:db8:0:0:0:0:0:5");
    const noHigh = await answer(at(56, 0x7f, 0xff, 0xff, 0xff));
    expect(noHigh.part.ntp?.referenceTimeNs).toBe(1_795_299_273_235_229_905n);
    const lost = await answer((bytes) => at(52, 0, 0, 0, 3)(at(28, 0, 0, 0, 0)(bytes)));
    expect(lost.part.ntp).toMatchObject({ synchronised: false, reference: "00000000", leap: "unknown" });
  });

  test.each([
    ["nothing", () => new Uint8Array(), "chrony.length", 0],
    ["half a header", (bytes: Uint8Array) => bytes.subarray(0, 27), "chrony.length", 27],
    ["half a body", (bytes: Uint8Array) => bytes.subarray(0, 103), "chrony.length", 103],
    ["another version", at(0, 5), "chrony.version", 5],
    ["a request", at(1, 1), "chrony.type", 1],
    ["another command", at(5, 34), "chrony.command", 34],
    ["another answer", at(7, 6), "chrony.reply", 6],
    ["a status", at(9, 2), "chrony.status", "2: unauthorised"],
    ["a status without a name", at(9, 99), "chrony.status", "99"],
    ["a leap status", at(55, 4), "chrony.leapStatus", 4],
    ["nanoseconds", at(64, 0x3b, 0x9a, 0xca, 0), "chrony.referenceTime.nanoseconds", 1_000_000_000],
    ["a negative root delay", at(92, 0x05, 0x40, 0, 0), "chrony.rootDelay", expect.any(Number)],
    ["a negative dispersion", at(96, 0x05, 0x40, 0, 0), "chrony.rootDispersion", expect.any(Number)],
    ["a negative skew", at(88, 0x05, 0x40, 0, 0), "chrony.skew", expect.any(Number)],
  ] as const)("is a fault with %s", async (_name, change, path, value) => {
    await expect(answer(change)).rejects.toMatchObject({ code: "FAULT_INPUT", path, value });
  });

  test("is a fault with the answer to an earlier request", async () => {
    const wrong = answer((bytes) => at(16, ...bytesOf(SEQUENCE.toString(16)))(bytes));
    await expect(wrong).rejects.toMatchObject({
      code: "FAULT_INPUT",
      path: "chrony.sequence",
      value: SEQUENCE,
    });
  });
});

describe("chronyc", () => {
  const LINE =
    "7F000001,127.0.0.1,2,1795299273.384853143,-0.000001621,-0.000000173,0.000000463,0.024,-0.005,0.209,0.000006611,0.000000698,0.5,Normal";

  test("is read from its CSV", () => {
    expect(readChronyCsv(`${LINE}\n`)).toEqual({
      synchronised: true,
      reference: "7F000001",
      address: "127.0.0.1",
      stratum: 2,
      offsetNs: 1_621,
      rootDelayNs: 6_611,
      rootDispersionNs: expect.closeTo(698, 6),
      frequencyPpm: 0.024,
      skewPpm: 0.209,
      leap: "none",
      referenceTimeNs: 1_795_299_273_384_853_143n,
    });
    for (const [from, to, path] of [
      [",Normal", "", "line"],
      ["Normal", "Normal\nNormal", "line"],
      ["7F000001", "7F00001", "reference"],
      [",2,", ",two,", "stratum"],
      ["1795299273.384853143", "yesterday", "referenceTime"],
      ["-0.000001621", "nan", "correction"],
      ["0.000006611", "-0.000006611", "rootDelay"],
      ["0.000000698", "", "rootDispersion"],
      ["0.209", "-1", "skew"],
      ["Normal", "Leap", "leapStatus"],
    ] as const) {
      const fault = expect.objectContaining({ code: "FAULT_INPUT", path: `chronyc.${path}` });
      expect(() => readChronyCsv(LINE.replace(from, to)), from).toThrow(fault);
    }
  });

  test("that fails, or is not there, is a fault with what it said", async () => {
    // Node knows no option -n: any program that ends with a failure will do.
    const other = chronycSource({ command: process.execPath, timeoutMs: 10_000 });
    const said = expect.stringContaining("it said: ");
    await expect(other.sample()).rejects.toMatchObject({ code: "FAULT_IO", expected: said });
    const absent = chronycSource({ command: "/nowhere/chronyc" });
    await expect(absent.sample()).rejects.toMatchObject({ code: "FAULT_IO", value: "ENOENT" });
  });
});

describe("UDP", () => {
  const open: { close(): void }[] = [];
  afterEach(() => {
    for (const one of open.splice(0)) one.close();
  });

  async function daemon(onMessage: (bytes: Uint8Array, send: (answer: Uint8Array) => void) => void) {
    const socket = createSocket("udp4");
    open.push(socket);
    socket.on("message", (bytes, from) =>
      onMessage(bytes, (answer) => socket.send(answer, from.port, from.address)),
    );
    await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
    const transport = new UdpTransport({ host: "127.0.0.1", port: socket.address().port, timeoutMs: 200 });
    open.push(transport);
    return transport;
  }

  test("takes one request at a time, and drops what nobody asked for", async () => {
    const transport = await daemon((bytes, send) => {
      send(bytes);
      send(Uint8Array.of(9));
    });
    const first = transport.exchange(Uint8Array.of(1));
    await expect(Promise.all([first, transport.exchange(Uint8Array.of(2))])).rejects.toMatchObject({
      code: "FAULT_IO",
      value: "a request under way",
    });
    await expect(first).resolves.toEqual(Buffer.of(1));
  });

  test("leaves no timer behind an answer", async () => {
    const transport = await daemon((bytes, send) => send(bytes));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      await transport.exchange(Uint8Array.of(1));
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test("is a fault without an answer, without a listener, and once closed", async () => {
    const silent = await daemon(() => undefined);
    await expect(silent.exchange(Uint8Array.of(1))).rejects.toMatchObject({
      code: "FAULT_IO",
      value: "no answer within 200 ms",
    });
    const asked = silent.exchange(Uint8Array.of(1));
    await new Promise((resolve) => setImmediate(resolve));
    silent.close();
    await expect(asked).rejects.toMatchObject({ code: "FAULT_IO", value: "closed" });
    const probe = createSocket("udp4");
    await new Promise<void>((resolve) => probe.bind(0, "127.0.0.1", resolve));
    const { port } = probe.address();
    await new Promise<void>((resolve) => probe.close(() => resolve()));
    const nobody = chronyUdpSource({ port, timeoutMs: 5_000 });
    await expect(nobody.sample()).rejects.toMatchObject({
      code: "FAULT_IO",
      value: expect.stringMatching(/REFUSED/),
    });
    nobody.close();
  });

  test("refuses options that cannot be", () => {
    expect(() => chronyUdpSource({ port: 0 })).toThrow("options.port");
    expect(() => chronyUdpSource({ prot: 323 } as never)).toThrow("options.prot");
    expect(() => chronycSource({ timeoutMs: 0 })).toThrow("options.timeoutMs");
    expect(() => new UdpTransport({ host: "", port: 1 })).toThrow("options.host");
  });
});
