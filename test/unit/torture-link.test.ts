import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crc32c, crc32cOfCells, Prng } from "../../src/base/index.ts";
import {
  Connection,
  END,
  isSound,
  Link,
  type LinkFaults,
  noLinkFaults,
  Scheduler,
  seal,
  WIRE,
  WIRE_STRIDE,
} from "../../src/torture/index.ts";

function message(id: number): Float64Array {
  const cells = new Float64Array(WIRE_STRIDE);
  cells[WIRE.id] = id;
  seal(cells, 0);
  return cells;
}

function makeLink(faults: Partial<LinkFaults> = {}, capacity = 256, seed = 1) {
  const scheduler = new Scheduler({ rng: new Prng(seed) });
  const seen: { ns: number; id: number; isSound: boolean }[] = [];
  let closedAt: number | undefined;
  const link = new Link({
    scheduler,
    rng: new Prng(seed),
    latencyNs: 1000,
    jitterNs: 500,
    capacity,
    faults: { ...noLinkFaults(), ...faults },
    deliver: (cells, at) => {
      seen.push({ ns: scheduler.nowNs[0]!, id: cells[at + WIRE.id]!, isSound: isSound(cells, at) });
    },
    closed: () => {
      closedAt = scheduler.nowNs[0];
    },
  });
  const send = (count: number, everyNs = 0): void => {
    for (let i = 1; i <= count; i++) {
      link.send(message(i), 0);
      if (everyNs > 0) scheduler.run(scheduler.nowNs[0]! + everyNs);
    }
  };
  return { scheduler, link, seen, send, ids: () => seen.map(({ id }) => id), closedAt: () => closedAt };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

describe("the wire's checksum", () => {
  it("is the CRC-32C of the record's bytes, at any offset", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 40 }), (values) => {
        const cells = Float64Array.of(7, ...values);
        const bytes = new Uint8Array(cells.buffer, 8);
        expect(crc32cOfCells(cells, 1, values.length)).toBe(crc32c(bytes));
      }),
    );
  });

  it("notices each single flipped bit", () => {
    const cells = message(77);
    const words = new Int32Array(cells.buffer);
    expect(isSound(cells, 0)).toBe(true);
    let unsound = 0;
    for (let bit = 0; bit < WIRE_STRIDE * 64; bit++) {
      words[bit >> 5]! ^= 1 << (bit & 31);
      if (!isSound(cells, 0)) unsound += 1;
      words[bit >> 5]! ^= 1 << (bit & 31);
    }
    expect(unsound).toBe(WIRE_STRIDE * 64);
  });
});

describe("Link", () => {
  it("delivers everything once, in order, at different times, after the latency", () => {
    const { scheduler, link, seen, send, ids } = makeLink();
    send(100);
    send(100, 7);
    scheduler.run(1e6);
    expect(ids()).toEqual([...upTo(100), ...upTo(100)]);
    expect(seen.every(({ isSound }) => isSound)).toBe(true);
    expect(seen[0]!.ns).toBeGreaterThanOrEqual(1000);
    expect(new Set(seen.map(({ ns }) => ns)).size).toBe(200);
    expect([link.queueLength, link.counts.sent, link.counts.delivered]).toEqual([0, 200, 200]);
  });

  it("copies what is sent, and no more than its length", () => {
    const { scheduler, link, ids } = makeLink();
    const cells = message(5);
    link.send(cells, 0);
    cells[WIRE.id] = 6;
    scheduler.run(1e6);
    expect(ids()).toEqual([5]);
    expect(() => link.send(cells, 0, 21)).toThrow(
      expect.objectContaining({ code: "FAULT_INPUT", path: "link.length" }),
    );
  });

  it("drops, repeats, reorders, delays and corrupts as often as told, each alone", () => {
    const run = (faults: Partial<LinkFaults>) => {
      const made = makeLink(faults, 4096);
      made.send(1000, 100);
      made.scheduler.run(1e9);
      return made;
    };
    const isRising = (ids: number[]): boolean => ids.every((id, i) => i === 0 || ids[i - 1]! < id);
    const dropped = run({ drop: 0.3 });
    expect(dropped.link.counts.dropped).toBeGreaterThan(200);
    expect(dropped.link.counts.dropped).toBeLessThan(400);
    expect(dropped.seen).toHaveLength(1000 - dropped.link.counts.dropped);
    expect(isRising(dropped.ids())).toBe(true);
    const repeated = run({ duplicate: 0.3, reorderNs: 5000 });
    expect(repeated.seen).toHaveLength(1000 + repeated.link.counts.duplicated);
    expect(new Set(repeated.ids()).size).toBe(1000);
    const reordered = run({ reorder: 0.1, reorderNs: 5000 });
    expect(isRising(reordered.ids())).toBe(false);
    expect(reordered.ids().sort((a, b) => a - b)).toEqual(upTo(1000));
    const delayed = run({ delay: 0.1, delayNs: 50_000 });
    expect(delayed.ids()).toEqual(upTo(1000));
    expect(delayed.link.counts.delayed).toBeGreaterThan(50);
    const corrupted = run({ corrupt: 0.2 });
    const unsound = corrupted.seen.filter(({ isSound }) => !isSound).length;
    expect(unsound).toBe(corrupted.link.counts.corrupted);
    expect(unsound).toBeGreaterThan(100);
  });

  it("draws each fault from a sequence of its own", () => {
    const dropsOf = (faults: Partial<LinkFaults>): number[] => {
      const made = makeLink({ drop: 0.2, ...faults }, 4096);
      made.send(300, 100);
      made.scheduler.run(1e9);
      const seen = new Set(made.ids());
      return upTo(300).filter((id) => !seen.has(id));
    };
    expect(dropsOf({ reorder: 0.5, reorderNs: 100, delay: 0.5, delayNs: 10 })).toEqual(dropsOf({}));
  });

  it("lets the receiver read no faster than told, and breaks when its queue is full", () => {
    const slow = makeLink({ readPerSecond: 1_000_000 }, 50);
    slow.send(50);
    slow.scheduler.run(1e6);
    expect(slow.ids()).toEqual(upTo(50));
    const gaps = slow.seen.slice(1).map(({ ns }, i) => ns - slow.seen[i]!.ns);
    expect(Math.min(...gaps)).toBe(1000);
    slow.send(51);
    expect([slow.link.isUp, slow.link.counts.overflows]).toEqual([false, 1]);
    slow.scheduler.run(2e6);
    expect(slow.closedAt()).toBeGreaterThan(1e6);
    expect(slow.link.queueLength).toBe(0);
  });

  it("lets a stalled receiver read everything later, the end included", () => {
    const { scheduler, link, seen, send, ids, closedAt } = makeLink();
    link.pauseReader(1e6);
    send(10);
    link.close();
    scheduler.run(999_999);
    expect(seen).toEqual([]);
    scheduler.run(2e6);
    expect(ids()).toEqual(upTo(10));
    expect(closedAt()).toBe(1e6);
  });

  it("keeps the order of what arrives at the very time that reading goes on", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const scheduler = new Scheduler({ rng: new Prng(seed) });
      const ids: number[] = [];
      const deliver = (cells: Float64Array, at: number): void => void ids.push(cells[at + WIRE.id]!);
      const link = new Link({ scheduler, rng: new Prng(1), latencyNs: 1000, deliver });
      link.pauseReader(5000);
      link.send(message(1), 0);
      scheduler.run(4000);
      link.send(message(2), 0);
      scheduler.run(9000);
      expect(ids).toEqual([1, 2]);
    }
  });

  it("closes behind what was sent; a cut lets a first part through; a drop nothing", () => {
    const closing = makeLink();
    closing.send(20);
    closing.link.close();
    expect(closing.link.send(message(21), 0)).toBe(false);
    closing.scheduler.run(1e6);
    expect(closing.ids()).toEqual(upTo(20));
    expect(closing.closedAt()).toBeGreaterThan(closing.seen.at(-1)!.ns);
    const lengths = new Set<number>();
    for (let seed = 1; seed <= 40; seed++) {
      const cut = makeLink({}, 256, seed);
      cut.send(20, 60);
      cut.link.cut();
      cut.scheduler.run(1e6);
      expect(cut.ids()).toEqual(upTo(cut.seen.length));
      expect(cut.link.counts.lost).toBe(20 - cut.seen.length);
      expect(cut.closedAt()).toBeDefined();
      lengths.add(cut.seen.length);
    }
    expect(lengths.size).toBeGreaterThan(8);
    const dropped = makeLink();
    dropped.send(20);
    dropped.link.drop();
    dropped.scheduler.run(1e6);
    expect([dropped.seen, dropped.closedAt()]).toEqual([[], undefined]);
  });

  it("carries nothing over an opening", () => {
    const { scheduler, link, send, ids, closedAt } = makeLink();
    send(5);
    link.cut();
    link.open();
    link.send(message(9), 0);
    scheduler.run(1e6);
    expect(ids()).toEqual([9]);
    expect(closedAt()).toBeUndefined();
  });

  it("can be closed and opened by the receiver of a message", () => {
    const scheduler = new Scheduler({ rng: new Prng(1) });
    const seen: number[] = [];
    const link: Link = new Link({
      scheduler,
      rng: new Prng(1),
      latencyNs: 10,
      capacity: 4,
      faults: { ...noLinkFaults(), readPerSecond: 1e9 },
      deliver: (cells, at) => {
        seen.push(cells[at + WIRE.id]!);
        if (seen.length === 2) {
          link.open();
          for (const id of [11, 12, 13]) link.send(message(id), 0);
        }
      },
    });
    link.pauseReader(100);
    for (const id of [1, 2, 3, 4]) link.send(message(id), 0);
    scheduler.run(1000);
    expect(seen).toEqual([1, 2, 11, 12, 13]);
    expect([link.queueLength, link.room]).toEqual([0, 4]);
  });

  it("half-open takes everything and delivers nothing, not even its end", () => {
    const { scheduler, link, seen, send, closedAt } = makeLink();
    link.isHalfOpen = true;
    send(5);
    expect(link.isUp).toBe(true);
    link.cut();
    scheduler.run(1e6);
    expect([seen, closedAt()]).toEqual([[], undefined]);
  });

  it.each([
    [{ latencyNs: -1 }, "link.latencyNs"],
    [{ jitterNs: 0.5 }, "link.jitterNs"],
    [{ capacity: 0 }, "link.capacity"],
    [{ stride: 0 }, "link.stride"],
    [{ lattency: 1 }, "link.lattency"],
  ])("refuses %j by name", (wrong, path) => {
    const scheduler = new Scheduler({ rng: new Prng(1) });
    const options = { scheduler, rng: new Prng(1), latencyNs: 1, deliver: () => undefined, ...wrong };
    expect(() => new Link(options)).toThrow(expect.objectContaining({ code: "FAULT_CONFIG", path }));
  });
});

describe("Connection", () => {
  function makeConnection() {
    const scheduler = new Scheduler({ rng: new Prng(1) });
    const connection = new Connection({ scheduler, rng: new Prng(1), latencyNs: 1000 });
    const heard: string[] = [];
    const endpoint = (name: string) => ({
      receive: (cells: Float64Array, at: number) => heard.push(`${name} ${cells[at + WIRE.id]}`),
      connected: () => heard.push(`${name} connected`),
      disconnected: () => heard.push(`${name} disconnected`),
    });
    connection.attach(END.client, endpoint("client"));
    connection.attach(END.venue, endpoint("venue"));
    const run = (): string[] => {
      scheduler.run(scheduler.nowNs[0]! + 1e6);
      return heard.splice(0);
    };
    return { scheduler, connection, run };
  }

  it("is dialled, carries both ways, and tells both ends of a cut", () => {
    const { connection, run } = makeConnection();
    expect(connection.send(END.client, message(1), 0)).toBe(false);
    connection.dial();
    expect(run()).toEqual(["venue connected", "client connected"]);
    connection.send(END.client, message(1), 0);
    expect(run()).toEqual(["venue 1"]);
    connection.send(END.venue, message(2), 0);
    expect(run()).toEqual(["client 2"]);
    connection.cut();
    expect(connection.isUp).toBe(false);
    expect(run().sort()).toEqual(["client disconnected", "venue disconnected"]);
  });

  it("fails a dial to a venue that is gone, and tells the old connection's end of a new one", () => {
    const { connection, run } = makeConnection();
    connection.isReachable = false;
    connection.dial();
    expect(run()).toEqual(["client disconnected"]);
    connection.isReachable = true;
    connection.dial();
    run();
    connection.send(END.client, message(1), 0);
    connection.dial();
    connection.send(END.client, message(2), 0);
    expect(run()).toEqual([
      "venue 1",
      "venue 2",
      "venue disconnected",
      "venue connected",
      "client connected",
    ]);
  });

  it("tells a new process nothing of its predecessor's connection", () => {
    const { connection, run } = makeConnection();
    connection.dial();
    run();
    connection.send(END.venue, message(1), 0);
    const heard: string[] = [];
    connection.attach(END.client, {
      receive: () => heard.push("received"),
      connected: () => heard.push("connected"),
      disconnected: () => heard.push("disconnected"),
    });
    expect([run(), heard]).toEqual([[], []]);
    connection.cut();
    expect([run(), heard]).toEqual([["venue disconnected"], []]);
  });

  it("tells the other end of a close, not the one that closed", () => {
    const { connection, run } = makeConnection();
    connection.dial();
    run();
    connection.send(END.client, message(1), 0);
    connection.send(END.venue, message(2), 0);
    connection.close(END.client);
    expect(run()).toEqual(["venue 1", "venue disconnected"]);
  });

  it("half-open loses one way in silence", () => {
    const { connection, run } = makeConnection();
    connection.dial();
    run();
    connection.halfOpen(END.venue);
    expect(connection.send(END.venue, message(2), 0)).toBe(true);
    connection.send(END.client, message(1), 0);
    expect(run()).toEqual(["venue 1"]);
    connection.attach(END.client, null);
    connection.toVenue.isHalfOpen = true;
    connection.send(END.client, message(1), 0);
    expect(run()).toEqual([]);
  });

  it("breaks both ways when one overflows", () => {
    const { connection, run } = makeConnection();
    connection.dial();
    run();
    connection.pause(END.venue, 1e9);
    for (let i = 0; i < 256; i++) expect(connection.send(END.client, message(i), 0)).toBe(true);
    expect(connection.room(END.client)).toBe(0);
    expect(connection.send(END.client, message(0), 0)).toBe(false);
    expect(run()).toEqual(["client disconnected"]);
    expect(connection.isUp).toBe(false);
  });
});
