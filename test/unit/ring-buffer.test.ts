import { describe, expect, test } from "vitest";
import { Fault } from "../../src/base/index.ts";
import {
  RING_REFUSALS,
  RingBuffer,
  type RingConsumer,
  type RingHandle,
  type RingOptions,
  SlotCodec,
} from "../../src/ring/index.ts";

const CROSS: RingOptions = { capacity: 4, threads: "cross" };

describe("options", () => {
  test.each<[string, object, string]>([
    ["a misspelt name", { capacity: 4, size: 4 }, "ring.size"],
    ["no capacity", {}, "ring.capacity"],
    ["no power of two", { capacity: 6 }, "ring.capacity"],
    ["one slot", { capacity: 1 }, "ring.capacity"],
    ["too many slots", { capacity: 2 ** 25 }, "ring.capacity"],
    ["more than 2 GiB", { capacity: 2 ** 24, slotBytes: 136 }, "ring.capacity"],
    ["slots of 12 bytes", { capacity: 4, slotBytes: 12 }, "ring.slotBytes"],
    ["another thread", { capacity: 4, threads: "shared" }, "ring.threads"],
    ["some producers", { capacity: 4, producers: 2 }, "ring.producers"],
    ["no consumers", { capacity: 4, consumers: [] }, "ring.consumers"],
    ["17 consumers", { capacity: 4, consumers: Array(17).fill({}) }, "ring.consumers.length"],
    ["behind itself", { capacity: 4, consumers: [{ after: [0] }] }, "ring.consumers.0.after"],
    ["a misspelt stage", { capacity: 4, consumers: [{ behind: [] }] }, "ring.consumers.0.behind"],
    [
      "fewer places than consumers",
      { capacity: 4, consumers: [{}, {}], consumersMax: 1 },
      "ring.consumersMax",
    ],
    ["a number past 2^31", { capacity: 4, firstSequence: 2 ** 31 }, "ring.firstSequence"],
  ])("%s", (_what, options, path) => {
    expect(faultOf(() => new RingBuffer(options as RingOptions))).toMatch(`FAULT_CONFIG ${path}`);
  });

  test.each<[string, () => unknown, string]>([
    ["a batch", () => new RingBuffer(CROSS).producer({ batch: 0 }), "ring.producer.batch"],
    ["a look", () => new RingBuffer(CROSS).producer({ look: 1.5 }), "ring.producer.look"],
    ["a wait", () => new RingBuffer(CROSS).producer({ wait: "sleep" as "park" }), "ring.producer.wait"],
    ["spins", () => new RingBuffer(CROSS).consumer(0, { spins: -1 }), "ring.consumer.spins"],
    ["a name", () => new RingBuffer(CROSS).consumer(0, { spin: 1 } as object), "ring.consumer.spin"],
    ["an index", () => new RingBuffer(CROSS).consumer(1), "ring.consumer.index"],
    [
      "a batch of several producers",
      () => new RingBuffer({ ...CROSS, producers: "multi" }).producer({ batch: 2 }),
      "ring.producer.batch",
    ],
  ])("of roles: %s", (_what, make, path) => {
    expect(faultOf(make)).toMatch(`FAULT_CONFIG ${path}`);
  });
});

describe("handles", () => {
  const ring = new RingBuffer(CROSS);
  const handle = ring.handle();
  const patched = (word: number, value: number): SharedArrayBuffer => {
    const buffer = new SharedArrayBuffer(handle.buffer.byteLength);
    new Uint8Array(buffer).set(new Uint8Array(handle.buffer));
    new Int32Array(buffer)[word] = value;
    return buffer;
  };

  test.each<[string, object, string]>([
    ["another kind", { ...handle, kind: "ring" }, "ring.handle.kind"],
    ["another version", { ...handle, version: 2 }, "ring.handle.version"],
    ["memory of another version", { ...handle, buffer: patched(1, 2) }, "ring.handle.version"],
    ["an ArrayBuffer", { ...handle, buffer: new ArrayBuffer(4096) }, "ring.handle.buffer"],
    ["nobody's memory", { ...handle, buffer: new SharedArrayBuffer(4096) }, "ring.handle.buffer"],
    ["too little memory", { ...handle, buffer: new SharedArrayBuffer(8) }, "ring.handle.buffer"],
    ["another size", { ...handle, buffer: patched(2, 8) }, "ring.handle.buffer"],
    ["no memory", { kind: handle.kind, version: 1 }, "ring.handle.buffer"],
    ["one field more", { ...handle, name: "x" }, "ring.handle.name"],
    [
      "a capacity that no ring has",
      { ...handle, buffer: patched(2, 3) },
      "ring.handle.buffer.capacity: found 3,",
    ],
    [
      "slots that no ring has",
      { ...handle, buffer: patched(3, 60) },
      "ring.handle.buffer.slotBytes: found 60,",
    ],
    ["3 kinds of producers", { ...handle, buffer: patched(4, 3) }, "ring.handle.buffer.producers: found 3,"],
    ["no consumer", { ...handle, buffer: patched(5, 0) }, "ring.handle.buffer.consumers: found 0,"],
    ["17 places", { ...handle, buffer: patched(6, 17) }, "ring.handle.buffer.consumersMax: found 17,"],
  ])("%s", (_what, wrong, path) => {
    expect(faultOf(() => RingBuffer.attach(wrong as RingHandle))).toMatch(`FAULT_CONFIG ${path}`);
  });

  test("a ring of one thread has none", () => {
    expect(faultOf(() => new RingBuffer({ capacity: 4 }).handle())).toMatch("FAULT_CONFIG ring.threads");
  });

  test("what travels opens the same ring", () => {
    const there = RingBuffer.attach(structuredClone(handle));
    expect([there.capacity, there.slotBytes, there.isShared, there.isMulti]).toEqual([4, 64, true, false]);
  });
});

describe.each(["same", "cross"] as const)("a ring, threads: %s", (threads) => {
  test("a full ring refuses with a code, and says how much room there is", () => {
    const ring = new RingBuffer({ capacity: 4, threads });
    const producer = ring.producer();
    expect([producer.claim(3), producer.publish(), producer.claim(2)]).toEqual([0, undefined, -1]);
    expect(producer.refusal(2)).toMatchObject({
      ok: false,
      code: "RING_FULL",
      expected: "at most 1, the room there is",
    });
    expect(producer.refusal()).toBeUndefined();
    expect(producer.stats()).toMatchObject({ committed: 3, refusals: 1, highWater: 3 });
    ring.removeConsumer(0);
    expect(producer.refusal(2)?.code).toBe("RING_NO_CONSUMER");
  });

  test("messages go out one by one while they are read, else 64 at a time, or with a flush", () => {
    const ring = new RingBuffer({ capacity: 1024, threads });
    const [producer, consumer] = [ring.producer(), ring.consumer()];
    const readAll = (): void => consumer.release(consumer.available());
    const sendOne = (): number => {
      producer.claim();
      producer.commit();
      return consumer.stats().released + ring.stats().depth;
    };
    const oneByOne = Array.from({ length: 6 }, () => {
      readAll();
      return sendOne();
    });
    expect(oneByOne).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...new Set(Array.from({ length: 200 }, sendOne))]).toEqual([6, 70, 134, 198]);
    producer.flush();
    expect(ring.stats().depth).toBe(201);
    readAll();
    expect(sendOne()).toBe(207);
  });

  test("a consumer that catches up later is seen at the eighth message, and after 2, 4, 8 and 16 batches", () => {
    const ring = new RingBuffer({ capacity: 8192, threads });
    const [producer, consumer] = [ring.producer(), ring.consumer()];
    const publishes: number[] = [];
    const sendUntilPublished = (): void => {
      const before = ring.stats().depth;
      for (let n = 1; ; n++) {
        producer.claim();
        producer.commit();
        if (ring.stats().depth === before) continue;
        publishes.push(n);
        return;
      }
    };
    sendUntilPublished();
    producer.claim();
    producer.commit();
    consumer.release(consumer.available());
    sendUntilPublished();
    expect(publishes.splice(0)).toEqual([1, 7]);
    for (let n = 0; n < 60; n++) sendUntilPublished();
    expect(publishes.splice(0)).toEqual(Array(60).fill(64));
    while (publishes.at(-1) !== 8 && publishes.length < 20) {
      consumer.release(consumer.available());
      sendUntilPublished();
    }
    expect([publishes.length <= 16, publishes.at(-1)]).toEqual([true, 8]);
    // One that is behind again with the next message only paused: there are 15 batches before the next look.
    producer.claim();
    producer.commit();
    consumer.release(consumer.available());
    sendUntilPublished();
    expect(publishes.at(-1)).toBe(63);
    producer.flush();
    consumer.release(consumer.available());
    sendUntilPublished();
    expect(publishes.at(-1)).toBe(1);
  });

  test("wrong options of a consumer take no place", () => {
    const ring = new RingBuffer({ capacity: 4, threads, consumersMax: 2 });
    for (const options of [{ spin: 1 }, { spins: -1 }, { wait: "sleep" }, null]) {
      expect(faultOf(() => ring.consumer(0, options as object))).toMatch("FAULT_CONFIG ring.consumer");
      expect(faultOf(() => ring.addConsumer(options as object))).toMatch("FAULT_CONFIG ring.consumer");
    }
    const [producer, consumer] = [ring.producer(), ring.consumer()];
    for (let n = 0; n < 9; n++) {
      expect(producer.claim()).toBe(n & 3);
      producer.publish();
      consumer.release(consumer.available());
    }
  });

  test("a stream commits one with the next, and says -1 where the ring is full", () => {
    const ring = new RingBuffer({ capacity: 4, threads });
    const [producer, consumer] = [ring.producer(), ring.consumer()];
    expect(producer.next()).toBe(0);
    producer.flush();
    expect([producer.stats().committed, ring.stats().depth]).toEqual([0, 0]);
    expect(producer.next()).toBe(1);
    expect([producer.stats().committed, ring.stats().depth]).toEqual([1, 1]);
    expect([producer.next(), producer.next(), producer.next()]).toEqual([2, 3, -1]);
    expect([producer.stats().refusals, ring.stats().depth]).toEqual([1, 4]);
    expect(faultOf(() => producer.publish())).toMatch("FAULT_INPUT ring.commit");
    consumer.release(consumer.available());
    expect(producer.claim(2)).toBe(0);
    expect(producer.next()).toBe(2);
    producer.publish();
    expect([producer.stats().committed, ring.stats().depth]).toEqual([7, 3]);
    producer.close();
    expect(faultOf(() => producer.next())).toMatch("FAULT_VIEW_EXPIRED ring.producer");
  });

  test.each([
    [1, 1],
    [3, 2],
    [64, 16],
  ])("a stream goes out as single commits do, batch %d, look %d", (batch, look) => {
    const published = (isStream: boolean): number[] => {
      const ring = new RingBuffer({ capacity: 512, threads });
      const [producer, consumer] = [ring.producer({ batch, look }), ring.consumer()];
      if (isStream) producer.next();
      return Array.from({ length: 1500 }, (_, n) => {
        if (!isStream) producer.claim();
        if (isStream) producer.next();
        else producer.commit();
        const seen = consumer.stats().released + ring.stats().depth;
        if (n % 150 > 140 || n % 61 === 0) consumer.release(consumer.available());
        return seen;
      });
    };
    expect(published(true)).toEqual(published(false));
  });

  test("a drain that throws has released what came before", () => {
    const ring = new RingBuffer({ capacity: 8, threads });
    const [producer, consumer] = [ring.producer(), ring.consumer()];
    producer.claim(5);
    producer.publish();
    const seen: number[] = [];
    const read = (slot: number): void => {
      if (slot === 2 && seen.length === 2) throw new Error("a bad message");
      seen.push(slot);
    };
    expect(() => consumer.drain(read)).toThrow("a bad message");
    seen.push(-1);
    expect([consumer.drain(read, 2), consumer.drain(read), seen]).toEqual([2, 1, [0, 1, -1, 2, 3, 4]]);
  });

  test.each([0, -1, 1.5, 5, Number.NaN])("a claim of %d is a fault", (count) => {
    const producer = new RingBuffer({ capacity: 4, threads }).producer();
    expect(faultOf(() => producer.claim(count))).toMatch("FAULT_INPUT ring.claim.count");
    expect(faultOf(() => producer.commit())).toMatch("FAULT_INPUT ring.commit");
  });

  test("one of several producers cannot claim over an open run; an only one claims its slots anew", () => {
    const [many, one] = (["multi", "single"] as const).map((producers) =>
      new RingBuffer({ capacity: 4, threads, producers }).producer(),
    );
    many?.claim(2);
    expect(faultOf(() => many?.claim())).toMatch("FAULT_INPUT ring.claim");
    expect([one?.claim(2), one?.claim(), one?.next(), one?.claim(2)]).toEqual([0, 0, 1, 1]);
    one?.publish();
    expect(one?.stats().committed).toBe(3);
  });

  test.each(["single", "multi"] as const)("a producer does not close over an open claim: %s", (producers) => {
    const producer = new RingBuffer({ capacity: 4, threads, producers }).producer();
    producer.next();
    expect(faultOf(() => producer.close())).toMatch('FAULT_INPUT ring.close: found "1 claimed"');
    producer.publish();
    producer.claim(2);
    expect(faultOf(() => producer.close())).toMatch('FAULT_INPUT ring.close: found "2 claimed"');
    producer.publish();
    expect([producer.stats().committed, producer.holds()]).toEqual([3, true]);
    producer.close();
    producer.close();
    expect(producer.holds()).toBe(false);
    expect(faultOf(() => producer.claim())).toMatch("FAULT_VIEW_EXPIRED ring.producer");
  });

  test.each(["single", "multi"] as const)("a wait is for room beside an open claim: %s", (producers) => {
    const producer = new RingBuffer({ capacity: 2, threads, producers }).producer({ spins: 1 });
    producer.next();
    expect([producer.wait(1, 0), producer.wait(2, 0)]).toEqual([true, false]);
    producer.next();
    expect([producer.wait(1, 0), producer.waitAsync(1, 0)]).toEqual([false, false]);
  });

  test("one that opens when nobody gates has a ring of room", () => {
    const ring = new RingBuffer({ capacity: 4, threads });
    ring.removeConsumer(0);
    const producer = ring.producer();
    expect([producer.claim(4), producer.stats().refusals]).toEqual([0, 0]);
  });

  test("one that was taken over publishes nothing more", () => {
    const ring = new RingBuffer({ capacity: 4, threads });
    const [lost, consumer] = [ring.producer({ batch: 4 }), ring.consumer()];
    for (let n = 0; n < 2; n++) {
      lost.claim();
      lost.commit();
    }
    const heir = ring.producer({ takeOver: true });
    expect([lost.holds(), heir.holds()]).toEqual([false, true]);
    heir.claim();
    heir.publish();
    const published = consumer.available();
    lost.close();
    expect([consumer.available(), heir.holds()]).toEqual([published, true]);
    consumer.release(published);
    expect(consumer.available()).toBe(0);
  });

  test("a wait for nobody ends", () => {
    const ring = new RingBuffer({ capacity: 2, threads });
    const [producer, consumer] = [ring.producer({ spins: 1 }), ring.consumer(0, { wait: "yield", spins: 1 })];
    expect([consumer.wait(1), producer.wait(2, 1), consumer.waitAsync(0)]).toEqual([0, true, false]);
    producer.claim(2);
    producer.publish();
    expect([consumer.wait(1), producer.wait(2, 1)]).toEqual([2, false]);
    expect(faultOf(() => consumer.wait(-1))).toMatch("FAULT_INPUT ring.wait.timeoutMs");
  });

  test("consumers beyond the places are refused", () => {
    const ring = new RingBuffer({ capacity: 4, threads, consumersMax: 2 });
    const late = ring.addConsumer() as RingConsumer;
    expect(ring.addConsumer()).toMatchObject({ ok: false, code: "RING_CONSUMERS_FULL" });
    late.leave();
    expect(ring.addConsumer()).toMatchObject({ index: 1 });
    expect(RING_REFUSALS).toEqual(["RING_CONSUMERS_FULL", "RING_NO_CONSUMER", "RING_FULL"]);
  });
});

describe("memory that another process damaged", () => {
  const words = (ring: RingBuffer): Int32Array => new Int32Array(ring.bytes.buffer);
  const [HEAD, CONSUMER] = [32, 160];

  test("a gate ahead of what was claimed ends an only producer", () => {
    const ring = new RingBuffer({ capacity: 4 });
    const producer = ring.producer();
    producer.claim(4);
    producer.publish();
    words(ring)[CONSUMER] = 1000;
    expect(faultOf(() => producer.claim())).toMatch("FAULT_INVARIANT ring.producer");
    expect(faultOf(() => producer.claim())).toMatch("FAULT_VIEW_EXPIRED ring.producer");
    expect(producer.holds()).toBe(false);
    expect(faultOf(() => ring.producer())).toMatch("FAULT_INVARIANT ring.producer");
    words(ring)[CONSUMER] = 4;
    ring.producer().close();
  });

  test("a head further on than a capacity ends a consumer", () => {
    const ring = new RingBuffer({ capacity: 4 });
    const consumer = ring.consumer();
    words(ring)[HEAD] = 5;
    expect(faultOf(() => consumer.available())).toMatch("FAULT_INVARIANT ring.consumer(0)");
    expect(faultOf(() => consumer.available())).toMatch("FAULT_VIEW_EXPIRED ring.consumer(0)");
  });

  test.each([0, -1, 5])("a run of %d messages ends a consumer", (length) => {
    const ring = new RingBuffer({ capacity: 4, producers: "multi" });
    const [producer, consumer] = [ring.producer(), ring.consumer()];
    producer.claim();
    producer.publish();
    words(ring)[CONSUMER + 32 + 1] = length;
    expect(faultOf(() => consumer.available())).toMatch("FAULT_INVARIANT ring.consumer(0)");
  });
});

describe("codec", () => {
  const codec = new SlotCodec({ id: "u32", price: "f64", side: "i32", ns: "i64Number", raw: "i64" });

  test("fields of 8 bytes stand first, and neighbours keep apart", () => {
    expect(codec.offsets).toEqual({ price: 0, ns: 8, raw: 16, id: 24, side: 28 });
    expect(codec.slotBytes).toBe(32);
    const ring = new RingBuffer({ capacity: 4, slotBytes: 40 });
    const view = codec.view(ring);
    const written = { id: 4_000_000_000, price: -0.5, side: -1, ns: -(2 ** 53 - 1), raw: -(2n ** 63n) };
    Object.assign(view.at(1), written);
    Object.assign(view.at(2), { id: 1, price: 1, side: 1, ns: 1, raw: 1n });
    expect({ ...view.at(1) }).toEqual(written);
    expect(ring.i64[5 + 1]).toBe(BigInt(written.ns));
    expect({ ...view.at(3) }).toEqual({ id: 0, price: 0, side: 0, ns: 0, raw: 0n });
  });

  test.each([0, 1, -1, 2 ** 32, -(2 ** 32), 2 ** 53 - 1, 1_732_187_000_000_000])(
    "i64Number keeps %d",
    (ns) => {
      const ring = new RingBuffer({ capacity: 2 });
      const view = codec.view(ring);
      view.ns = ns;
      expect([view.ns, ring.i64[1]]).toEqual([ns, BigInt(ns)]);
    },
  );

  test.each<[string, () => unknown, string]>([
    ["no fields", () => new SlotCodec({}), "FAULT_CONFIG slotCodec.length"],
    ["no object", () => new SlotCodec(undefined as never), "FAULT_CONFIG slotCodec"],
    ["a kind there is not", () => new SlotCodec({ x: "f32" as "f64" }), "FAULT_CONFIG slotCodec.x"],
    ["a field called at", () => new SlotCodec({ at: "f64" }), "FAULT_CONFIG slotCodec.at"],
    [
      "slots that are too small",
      () => codec.view(new RingBuffer({ capacity: 2, slotBytes: 24 })),
      "FAULT_CONFIG ring.slotBytes",
    ],
    [
      "a fraction",
      () => Object.assign(codec.view(new RingBuffer({ capacity: 2 })), { ns: 0.5 }),
      "FAULT_INPUT slot.ns",
    ],
  ])("%s", (_what, run, message) => {
    expect(faultOf(run)).toMatch(message);
  });
});

function faultOf(run: () => unknown): string {
  try {
    run();
    return "";
  } catch (fault) {
    return fault instanceof Fault ? fault.message : `no Fault: ${String(fault)}`;
  }
}
