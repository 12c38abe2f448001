import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { MulticastReceiver } from "../../src/host/index.ts";
import {
  interfaceStamps,
  MulticastSender,
  MulticastReceiver as NativeReceiver,
} from "../../src/host/native.ts";
import { RingBuffer } from "../../src/ring/index.ts";
import {
  drain,
  freePort,
  isAccounted,
  numbered,
  type Taken,
  takeUntil,
  until,
} from "../fixtures/multicast.ts";
import { describeNative } from "../fixtures/native-here.ts";

const isLinux = process.platform === "linux";
if (!isLinux) console.log("left out, not Linux: the native multicast receiver");
const LOOP = "127.0.0.1";
const GROUP = "239.195.7.1";
const OTHER = "239.195.7.2";
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0).reverse()) end();
});

function ringOf(capacity: number, slotBytes = 192): RingBuffer {
  return new RingBuffer({ capacity, slotBytes, threads: "cross" });
}

async function sender(): Promise<{ socket: Socket; port: number }> {
  const socket = createSocket("udp4");
  socket.bind(0, LOOP);
  await once(socket, "listening");
  socket.setMulticastInterface(LOOP);
  ends.push(() => socket.close());
  return { socket, port: socket.address().port };
}

function send(socket: Socket, bytes: Uint8Array, port: number, group: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(bytes, port, group, (error) => (error === null ? resolve() : reject(error)));
  });
}

const BODIES = [
  ["dgram", MulticastReceiver, describe],
  ["native", NativeReceiver, isLinux ? describeNative : describe.skip],
] as const;

for (const [body, Receiver, describeBody] of BODIES) {
  const groups = [{ group: GROUP, interface: LOOP }];

  describeBody(`a multicast receiver by ${body}`, () => {
    it("brings every datagram, whole and in order", async () => {
      const [ring, port] = [ringOf(4096), await freePort()];
      const receiver = await Receiver.open({ ring, port, groups, receiveBufferBytes: 1 << 20 });
      ends.push(() => receiver.close());
      const from = await sender();
      const consumer = ring.consumer();
      const taken: Taken[] = [];
      for (let number = 0; number < 1000; number++) {
        await send(from.socket, numbered(number, 8 + (number % 100)), port, GROUP);
        drain(ring, consumer, (each) => taken.push(each));
      }
      await takeUntil(ring, consumer, taken, 1000);
      expect(taken.map(({ number, sequence }) => [number, sequence])).toEqual(
        Array.from({ length: 1000 }, (_, at) => [at, at]),
      );
      expect(
        taken.every(
          ({ isWhole, number, length, kept }) => isWhole && length === 8 + (number % 100) && kept === length,
        ),
      ).toBe(true);
      expect(new Set(taken.map((each) => each.port))).toEqual(new Set([from.port]));
      expect(new Set(taken.map((each) => each.source))).toEqual(new Set([0x7f000001]));
      const stats = receiver.stats();
      expect(stats).toMatchObject({ datagrams: 1000, droppedByRing: 0, truncated: 0, ended: undefined });
      expect(stats.bytes).toBe(taken.reduce((sum, { length }) => sum + length, 0));
    });

    it("joins several groups", async () => {
      const [ring, port] = [ringOf(64), await freePort()];
      const both = [...groups, { group: OTHER, interface: LOOP }];
      const receiver = await Receiver.open({ ring, port, groups: both });
      ends.push(() => receiver.close());
      const { socket } = await sender();
      await send(socket, numbered(1, 8), port, GROUP);
      await send(socket, numbered(2, 8), port, OTHER);
      const taken: Taken[] = [];
      const consumer = ring.consumer();
      await takeUntil(ring, consumer, taken, 2);
      expect(taken.map(({ number }) => number)).toEqual([1, 2]);
      const where = taken.map(({ destination }) => destination);
      expect(where).toEqual(body === "native" ? [0xefc30701, 0xefc30702] : [0, 0]);
    });

    it("counts what finds the ring full, and tells it by the numbers", async () => {
      const [ring, port] = [ringOf(16), await freePort()];
      const receiver = await Receiver.open({ ring, port, groups });
      ends.push(() => receiver.close());
      const { socket } = await sender();
      for (let number = 0; number < 100; number++) await send(socket, numbered(number, 8), port, GROUP);
      await until(() => receiver.stats().datagrams === 100);
      const consumer = ring.consumer();
      const taken: Taken[] = [];
      drain(ring, consumer, (each) => taken.push(each));
      expect(taken.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 16 }, (_, at) => at));
      expect(receiver.stats()).toMatchObject({ datagrams: 100, droppedByRing: 84 });
      await send(socket, numbered(100, 8), port, GROUP);
      await takeUntil(ring, consumer, taken, taken.length + 1);
      expect(taken.at(-1)).toMatchObject({ sequence: 100, number: 100 });
      expect(isAccounted(receiver.stats(), taken.length, 101)).toBe(true);
    });

    it("says what it had to cut", async () => {
      const [ring, port] = [ringOf(16, 128), await freePort()];
      const receiver = await Receiver.open({ ring, port, groups });
      ends.push(() => receiver.close());
      const { socket } = await sender();
      for (const length of [63, 64, 65, 1400]) await send(socket, numbered(length, length), port, GROUP);
      const taken: Taken[] = [];
      const consumer = ring.consumer();
      await takeUntil(ring, consumer, taken, 4);
      expect(taken.map(({ length, kept, isWhole }) => [length, kept, isWhole])).toEqual([
        [63, 63, true],
        [64, 64, true],
        [65, 64, true],
        [1400, 64, true],
      ]);
      expect(receiver.stats()).toMatchObject({ truncated: 2, bytes: 63 + 64 + 65 + 1400 });
    });

    it("takes datagrams of one source alone, where one is named", async () => {
      const [ring, port] = [ringOf(16), await freePort()];
      const elsewhere = [{ group: "232.1.1.7", interface: LOOP, source: "127.0.0.9" }];
      const receiver = await Receiver.open({ ring, port, groups: elsewhere });
      ends.push(() => receiver.close());
      const { socket } = await sender();
      await send(socket, numbered(1, 8), port, "232.1.1.7");
      const right = createSocket("udp4");
      right.bind(0, "127.0.0.9");
      await once(right, "listening");
      right.setMulticastInterface(LOOP);
      ends.push(() => right.close());
      await send(right, numbered(2, 8), port, "232.1.1.7");
      const taken: Taken[] = [];
      const consumer = ring.consumer();
      await takeUntil(ring, consumer, taken, taken.length + 1);
      expect(taken.map(({ number }) => number)).toEqual([2]);
    });

    it("is the ring's only producer until it is closed", async () => {
      const [ring, port] = [ringOf(16), await freePort()];
      const receiver = await Receiver.open({ ring, port, groups });
      await expect(Receiver.open({ ring, port, groups })).rejects.toThrow(
        /FAULT_(INPUT|IO) .*(held|ring|producer)/i,
      );
      receiver.close();
      receiver.close();
      const { datagrams } = receiver.stats();
      expect(datagrams).toBe(0);
      const again = await Receiver.open({ ring, port, groups });
      again.close();
    });

    it("ends where another producer took its place, and says so", async () => {
      const [ring, port] = [ringOf(16), await freePort()];
      const receiver = await Receiver.open({ ring, port, groups });
      ends.push(() => receiver.close());
      expect([receiver.stats().ended, receiver.fault()]).toEqual([undefined, undefined]);
      const [heir, consumer] = [ring.producer({ takeOver: true }), ring.consumer()];
      const { socket } = await sender();
      await send(socket, numbered(1, 8), port, GROUP);
      expect(await until(() => receiver.stats().ended !== undefined)).toBe(true);
      expect(receiver.fault()).toMatchObject({ code: "FAULT_VIEW_EXPIRED", path: "multicastReceiver.ring" });
      // Its thread may have noticed before the datagram came.
      const { datagrams, droppedByRing } = receiver.stats();
      expect([0, 1]).toContain(datagrams);
      expect(droppedByRing).toBe(datagrams);
      receiver.close();
      expect([consumer.available(), heir.holds()]).toEqual([0, true]);
    });

    it("ends where the ring is damaged, and says so", async () => {
      const [ring, port] = [ringOf(16), await freePort()];
      const receiver = await Receiver.open({ ring, port, groups });
      ends.push(() => receiver.close());
      // The position of consumer 0: further than anything that was published.
      const words = new Int32Array(ring.bytes.buffer);
      words[160] = 1000;
      const { socket } = await sender();
      for (let number = 0; number < 40; number++) await send(socket, numbered(number, 8), port, GROUP);
      expect(await until(() => receiver.stats().ended !== undefined)).toBe(true);
      expect(receiver.fault()).toMatchObject({ code: "FAULT_INVARIANT", path: "multicastReceiver.ring" });
      receiver.close();
      expect(receiver.fault()).toMatchObject({ code: "FAULT_INVARIANT" });
      // It let go of the ring.
      words[160] = words[32] ?? 0;
      ring.producer().close();
    });

    it.each([
      ["ring", { ring: {} }],
      ["ring", { ring: new RingBuffer({ capacity: 8, slotBytes: 64, threads: "cross" }) }],
      [
        "ring",
        { ring: new RingBuffer({ capacity: 8, slotBytes: 128, threads: "cross", producers: "multi" }) },
      ],
      ["port", { port: 0 }],
      ["groups", { groups: [] }],
      ["groups[0].group", { groups: [{ group: "10.0.0.1" }] }],
      ["groups[0].group", { groups: [{ group: "239.1.1" }] }],
      ["groups[0].interface", { groups: [{ group: GROUP, interface: "nosuch0" }] }],
      ["groups[0].source", { groups: [{ group: GROUP, source: "x" }] }],
      ["groups[0].iface", { groups: [{ group: GROUP, iface: LOOP }] }],
      ["receiveBufferBytes", { receiveBufferBytes: -1 }],
      ["recieveBufferBytes", { recieveBufferBytes: 1 }],
    ])("refuses a wrong %s", async (path, wrong) => {
      const options = { ring: ringOf(8), port: 9, groups, ...wrong };
      await expect(Receiver.open(options as never)).rejects.toThrow(`FAULT_CONFIG multicastReceiver.${path}`);
    });
  });
}

(isLinux ? describeNative : describe.skip)("the native multicast receiver alone", () => {
  const groups = [{ group: GROUP, interface: LOOP }];

  it("takes a hundred thousand, every one checked, with times that follow one another", {
    timeout: 60_000,
  }, async () => {
    const [ring, port] = [ringOf(16_384, 128), await freePort()];
    const receiver = await NativeReceiver.open({ ring, port, groups, receiveBufferBytes: 8 << 20 });
    const out = new MulticastSender({ group: GROUP, interface: LOOP, port });
    ends.push(
      () => receiver.close(),
      () => out.close(),
    );
    const consumer = ring.consumer();
    const [total, burst, length] = [102_400, 512, 40];
    const bytes = new Uint8Array(burst * length);
    let expected = 0;
    let wrong = 0;
    let before = 0n;
    for (let sent = 0; sent < total; sent += burst) {
      for (let at = 0; at < burst; at++) bytes.set(numbered(sent + at, length), at * length);
      expect(out.send(bytes, length)).toBe(burst);
      const isDone = await until(() => {
        drain(ring, consumer, ({ sequence, number, isWhole, kernelNs, userNs }) => {
          if (sequence !== expected || number !== expected || !isWhole) wrong++;
          if (kernelNs <= 0n || userNs < before) wrong++;
          before = userNs;
          expected++;
        });
        return expected === sent + burst;
      });
      if (!isDone) break;
    }
    const stats = receiver.stats();
    expect([expected, wrong, stats.droppedByRing, stats.droppedByKernel]).toEqual([total, 0, 0, 0]);
    expect(stats.calls).toBeLessThan(total);
  });

  it("counts what the kernel had no room for", async () => {
    const [ring, port] = [ringOf(16, 128), await freePort()];
    const receiver = await NativeReceiver.open({ ring, port, groups, receiveBufferBytes: 4096, batch: 1 });
    const out = new MulticastSender({ group: GROUP, interface: LOOP, port });
    ends.push(
      () => receiver.close(),
      () => out.close(),
    );
    const bytes = new Uint8Array(2000 * 1000);
    let sent = 0;
    const lossy = () => {
      sent += out.send(bytes, 1000);
      return (receiver.stats().droppedByKernel ?? 0) > 0;
    };
    expect(await until(lossy)).toBe(true);
    const settled = () => {
      const { datagrams, droppedByKernel = 0 } = receiver.stats();
      return datagrams + droppedByKernel === sent;
    };
    expect(await until(settled)).toBe(true);
    expect(receiver.stats().droppedByRing).toBe(receiver.stats().datagrams - 16);
  });

  it("spins on a processor of choice", async () => {
    const [ring, port] = [ringOf(16), await freePort()];
    const receiver = await NativeReceiver.open({ ring, port, groups, wait: "spin", cpu: 0, batch: 8 });
    ends.push(() => receiver.close());
    const { socket } = await sender();
    await send(socket, numbered(5, 8), port, GROUP);
    const consumer = ring.consumer();
    const taken: Taken[] = [];
    expect(await takeUntil(ring, consumer, taken, 1)).toBe(true);
    expect(taken).toMatchObject([{ number: 5 }]);
    receiver.close();
    const { datagrams, calls } = receiver.stats();
    expect([datagrams, calls]).toEqual([1, receiver.stats().calls]);
  });

  it("names what the system refuses", async () => {
    const options = { ring: ringOf(8), port: await freePort(), groups };
    await expect(NativeReceiver.open({ ...options, cpu: 8191 })).rejects.toThrow(
      /FAULT_IO multicastReceiver.cpu: found "EINVAL/,
    );
    await expect(NativeReceiver.open({ ...options, batch: 0 })).rejects.toThrow(
      /FAULT_CONFIG multicastReceiver.batch/,
    );
    const hardware = { ...options, hardwareStamps: true, groups: [{ group: GROUP, interface: "lo" }] };
    await expect(NativeReceiver.open(hardware)).rejects.toThrow(
      /FAULT_IO multicastReceiver.hardwareStamps: found "lo with no/,
    );
    await expect(
      NativeReceiver.open({ ...options, hardwareStamps: true, groups: [{ group: GROUP }] }),
    ).rejects.toThrow(/FAULT_CONFIG multicastReceiver.hardwareStamps/);
    // A ring that failed to get a receiver is free for the next one.
    (await NativeReceiver.open(options)).close();
  });

  it("ends with the thread that opened it, closed or not", async () => {
    const ring = ringOf(1024);
    const port = await freePort();
    const urls = ["../../src/host/native.ts", "../../src/ring/index.ts"].map(
      (each) => new URL(each, import.meta.url).href,
    );
    const code = `const { parentPort, workerData } = require("node:worker_threads");
      Promise.all(${JSON.stringify(urls)}.map((url) => import(url))).then(async ([host, { RingBuffer }]) => {
        const ring = RingBuffer.attach(workerData.ring);
        globalThis.kept = await host.MulticastReceiver.open({ ...workerData.options, ring });
        parentPort.postMessage("open");
      });`;
    for (const isTerminated of [true, false]) {
      const workerData = { ring: ring.handle(), options: { port, groups } };
      const worker = new Worker(code, {
        eval: true,
        workerData,
        execArgv: ["--conditions=tickwright-source"],
      });
      await once(worker, "message");
      const out = new MulticastSender({ group: GROUP, interface: LOOP, port });
      expect(out.send(new Uint8Array(8 * 100), 8)).toBe(100);
      out.close();
      if (isTerminated) await worker.terminate();
      else await once(worker, "exit");
      const consumer = ring.consumer();
      consumer.release(consumer.available());
      consumer.close();
      // The producer was let go.
      ring.producer().close();
    }
  });

  it("says what an interface stamps", () => {
    const none = {
      hasHardwareReceive: false,
      hasHardwareSend: false,
      isHardwareReceiveOn: false,
      phc: undefined,
    };
    expect(interfaceStamps("lo")).toMatchObject(none);
    expect(() => interfaceStamps("nosuch0")).toThrow(/FAULT_IO interfaceStamps nosuch0: found "ENODEV/);
    expect(() => interfaceStamps("x".repeat(300))).toThrow(/ENODEV/);
  });

  it("sends what can be sent", () => {
    expect(() => new MulticastSender({ group: "1.2.3.4", port: 1 })).toThrow(
      /FAULT_CONFIG multicastSender.group/,
    );
    const out = new MulticastSender({ group: GROUP, interface: "lo", port: 9, ttl: 0 });
    expect(out.send(new Uint8Array(0), 8)).toBe(0);
    expect(() => out.send(new Uint8Array(8), 0)).toThrow(/FAULT_INPUT send.each/);
    expect(() => out.send(new Uint8Array(8), 70_000)).toThrow(/FAULT_INPUT send.each/);
    out.close();
    expect(() => out.send(new Uint8Array(8), 8)).toThrow(/FAULT_IO multicastSender/);
  });
});
