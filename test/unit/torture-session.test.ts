import { describe, expect, it } from "vitest";
import { Prng } from "../../src/base/index.ts";
import {
  ARRIVAL,
  ClientSession,
  type ClientSessionOptions,
  Connection,
  END,
  noLinkFaults,
  ReceivedNumbers,
  type SavedSession,
  Scheduler,
  SentMessages,
  STREAM,
  seal,
  VenueSession,
  WIRE,
  WIRE_FLAG,
  WIRE_KIND,
  WIRE_STRIDE,
} from "../../src/torture/index.ts";

const MS = 1e6;
const SECOND = 1e9;

function message(id: number): Float64Array {
  const cells = new Float64Array(WIRE_STRIDE);
  cells[WIRE.kind] = WIRE_KIND.newOrder;
  cells[WIRE.id] = id;
  return cells;
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

function setUp(options: Partial<ClientSessionOptions> = {}) {
  const scheduler = new Scheduler({ rng: new Prng(1) });
  const rng = new Prng(2);
  const connection = new Connection({ scheduler, rng, latencyNs: MS });
  const log: string[] = [];
  const told = (name: string, seen: number[]) => ({
    scheduler,
    rng: rng.fork(name),
    connection,
    onMessage: (cells: Float64Array, at: number) => void seen.push(cells[at + WIRE.id]!),
    onUp: () => log.push(`${name} up`),
    onDown: () => log.push(`${name} down`),
    onReset: (stream: number, _generation: number, fromSeq: number, toSeq: number) =>
      log.push(`${name} ${stream === STREAM.incoming ? "in" : "out"} ${fromSeq}-${toSeq}`),
  });
  const atVenue: number[] = [];
  const atClient: number[] = [];
  const { redialNs: _one, maxRedialNs: _two, ...shared } = options;
  const venue = new VenueSession({ ...told("venue", atVenue), ...shared });
  const makeClient = (resume?: SavedSession): ClientSession => {
    const more = resume === undefined ? {} : { resume };
    const client = new ClientSession({ ...told("client", atClient), ...options, ...more });
    client.connect();
    return client;
  };
  const client = makeClient();
  const run = (forNs: number): string[] => {
    scheduler.run(scheduler.nowNs[0]! + forNs);
    return log.splice(0);
  };
  const { toVenue, toClient } = connection;
  const dropAll = (isOn: boolean): void => {
    Object.assign(toClient.faults, { ...noLinkFaults(), drop: isOn ? 1 : 0 });
  };
  return {
    scheduler,
    connection,
    toVenue,
    toClient,
    venue,
    client,
    makeClient,
    atVenue,
    atClient,
    run,
    dropAll,
  };
}

function sendAll(session: ClientSession | VenueSession, ids: readonly number[]): void {
  for (const id of ids) expect(session.send(message(id), 0)).toBe(true);
}

describe("a session", () => {
  it("agrees on numbers and carries both ways, each message a number", () => {
    const { client, venue, atVenue, atClient, run } = setUp();
    expect([client.isUp, client.send(message(1), 0)]).toEqual([false, false]);
    expect(run(SECOND)).toEqual(["venue up", "client up"]);
    sendAll(client, [1, 2, 3]);
    sendAll(venue, [4, 5]);
    expect([client.nextOut, venue.nextOut]).toEqual([4, 3]);
    run(10 * MS);
    expect([atVenue, atClient]).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
    const { generation } = venue.saved();
    expect(client.saved()).toEqual({ generation, nextOut: 4, nextIn: 3 });
    expect(generation).toBeGreaterThan(0);
  });

  it("stays up over idle hours by heartbeats, and keeps no more events", () => {
    const { client, venue, scheduler, run } = setUp();
    run(SECOND);
    expect(run(3600 * SECOND)).toEqual([]);
    expect([client.isUp, venue.isUp]).toEqual([true, true]);
    expect(client.nextOut).toBeGreaterThan(2800);
    expect(scheduler.size).toBeLessThan(6);
  });

  it("asks for what is missing, and gets messages again and gaps filled", () => {
    const { client, venue, atClient, run, dropAll } = setUp();
    run(SECOND);
    dropAll(true);
    sendAll(venue, [1, 2]);
    run(1.2 * SECOND);
    sendAll(venue, [3]);
    run(10 * MS);
    dropAll(false);
    sendAll(venue, [4]);
    expect(run(10 * MS)).toEqual([]);
    expect(atClient).toEqual([1, 2, 3, 4]);
    expect(client.counts).toMatchObject({ gaps: 1, gapFills: 1, received: 4, duplicates: 0 });
    expect(venue.counts).toMatchObject({ resent: 4, sent: 4 });
  });

  it("asks again when the answer is lost", () => {
    const { client, venue, atClient, run, dropAll } = setUp();
    run(SECOND);
    dropAll(true);
    sendAll(venue, [1]);
    run(10 * MS);
    dropAll(false);
    sendAll(venue, [2]);
    run(1.1 * MS);
    dropAll(true);
    run(5 * MS);
    dropAll(false);
    run(SECOND);
    expect(atClient).toEqual([1, 2]);
    expect(client.counts.gaps).toBe(2);
  });

  it("finds a lost last message by the next heartbeat", () => {
    const { venue, atClient, run, dropAll } = setUp();
    run(SECOND);
    dropAll(true);
    sendAll(venue, [1]);
    dropAll(false);
    run(1.6 * SECOND);
    expect(atClient).toEqual([1]);
  });

  it("drops what comes twice, and gives up on an old number with a new message", () => {
    const { client, venue, connection, toClient, atClient, run } = setUp();
    run(SECOND);
    toClient.faults.duplicate = 1;
    sendAll(venue, [1, 2]);
    run(10 * MS);
    expect([atClient, client.counts.duplicates]).toEqual([[1, 2], 2]);
    const wrong = message(9);
    wrong[WIRE.seq] = 1;
    wrong[WIRE.flags] = WIRE_FLAG.possDup;
    seal(wrong, 0);
    connection.send(END.venue, wrong, 0);
    expect(run(10 * MS)).toEqual([]);
    wrong[WIRE.flags] = 0;
    seal(wrong, 0);
    connection.send(END.venue, wrong, 0);
    expect(run(SECOND)).toEqual(["client down", "venue down", "venue up", "client up"]);
    expect([atClient, client.counts.sequenceErrors]).toEqual([[1, 2], 1]);
  });

  it("knows a first copy that comes behind its second, and a number that was passed over", () => {
    const { client, venue, toClient, atClient, run } = setUp();
    run(SECOND);
    // The heartbeat and the message are overtaken by one that shows the gap, and by the answer.
    Object.assign(toClient.faults, { reorder: 1, reorderNs: 500 * MS });
    sendAll(venue, [1]);
    run(1.2 * SECOND);
    sendAll(venue, [2]);
    toClient.faults.reorder = 0;
    sendAll(venue, [3]);
    run(3 * SECOND);
    expect([atClient, client.counts.sequenceErrors]).toEqual([[1, 2, 3], 0]);
    expect(client.counts.duplicates).toBeGreaterThan(0);
  });

  it("ignores what is not sound, and gets it again", () => {
    const { client, venue, toClient, atClient, run } = setUp();
    run(SECOND);
    toClient.faults.corrupt = 1;
    sendAll(venue, [1, 2]);
    run(10 * MS);
    expect([atClient, client.counts.unsound]).toEqual([[], 2]);
    toClient.faults.corrupt = 0;
    run(1.5 * SECOND);
    expect(atClient).toEqual([1, 2]);
  });

  it("notices a half-open connection by its silence, on each end", () => {
    for (const end of [END.client, END.venue]) {
      const { connection, run } = setUp();
      run(SECOND);
      connection.halfOpen(end);
      expect(run(1.4 * SECOND)).toEqual([]);
      expect(run(3 * SECOND).slice(-2)).toEqual(["venue up", "client up"]);
    }
  });

  it("sends again after a cut what did not arrive, and what the venue stored meanwhile", () => {
    const { client, venue, connection, atVenue, atClient, run } = setUp();
    run(SECOND);
    sendAll(client, [1, 2, 3]);
    sendAll(venue, [1, 2, 3]);
    connection.cut();
    run(5 * MS);
    expect([venue.send(message(4), 0), client.send(message(4), 0)]).toEqual([true, false]);
    expect(venue.unsentCount).toBeGreaterThan(0);
    run(SECOND);
    expect([atVenue, atClient, venue.unsentCount]).toEqual([upTo(3), upTo(4), 0]);
  });

  it("sends a long store again without overflowing its own connection", () => {
    const { venue, connection, atClient, run, toClient } = setUp();
    run(SECOND);
    connection.isReachable = false;
    connection.cut();
    run(SECOND);
    sendAll(venue, upTo(1000));
    toClient.faults.readPerSecond = 500;
    connection.isReachable = true;
    run(10 * SECOND);
    expect([atClient.length, toClient.counts.overflows]).toEqual([1000, 0]);
  });

  it("names what its store could not keep", () => {
    const { venue, connection, atClient, run } = setUp({ keep: 8 });
    run(SECOND);
    connection.cut();
    run(5 * MS);
    sendAll(venue, upTo(20));
    expect(run(SECOND)).toEqual(["venue out 1-13", "venue up", "client up", "client in 1-13"]);
    expect(atClient).toEqual([13, 14, 15, 16, 17, 18, 19, 20]);
  });

  it("names numbers that were skipped", () => {
    const { venue, atClient, run } = setUp();
    run(SECOND);
    sendAll(venue, [1]);
    venue.skipSequence(100);
    sendAll(venue, [2]);
    expect(run(10 * MS)).toEqual(["venue out 2-102", "client in 2-102"]);
    expect([atClient, venue.nextOut]).toEqual([[1, 2], 103]);
  });

  it("begins anew where the venue lost its numbers, and says what went with them", () => {
    const { client, venue, atVenue, atClient, run } = setUp();
    run(SECOND);
    sendAll(client, [1, 2]);
    sendAll(venue, [1, 2, 3]);
    run(10 * MS);
    const { generation } = venue.saved();
    sendAll(venue, [4]);
    venue.forgetSequence();
    const log = run(SECOND);
    expect(log.slice(0, 3)).toEqual(["venue down", "venue in 3-Infinity", "venue out 1-5"]);
    expect(log.slice(3).sort()).toEqual(
      ["client down", "venue up", "client in 5-Infinity", "client out 1-3", "client up"].sort(),
    );
    expect(client.saved()).toEqual({ generation: venue.saved().generation, nextOut: 1, nextIn: 1 });
    expect(venue.saved().generation).toBeGreaterThan(generation);
    sendAll(client, [3]);
    sendAll(venue, [5]);
    run(10 * MS);
    expect([atVenue, atClient]).toEqual([
      [1, 2, 3],
      [1, 2, 3, 4, 5],
    ]);
  });

  it("says goodbye and dials only when asked to", () => {
    const { client, run } = setUp();
    run(SECOND);
    client.logout();
    expect(run(10 * SECOND)).toEqual(["client down", "venue down"]);
    client.connect();
    expect(run(SECOND)).toEqual(["venue up", "client up"]);
  });

  it("waits longer and longer between dials, and comes back at once when one succeeds", () => {
    const { connection, toClient, run, client } = setUp({ redialNs: 10 * MS, maxRedialNs: 200 * MS });
    connection.isReachable = false;
    run(10 * SECOND);
    connection.isReachable = true;
    expect(run(420 * MS)).toEqual(["venue up", "client up"]);
    expect([client.counts.logons, toClient.counts.overflows]).toEqual([1, 0]);
    connection.cut();
    expect(run(30 * MS).slice(-2)).toEqual(["venue up", "client up"]);
  });

  it("marks what is sent again, and nothing else", () => {
    const flags: number[] = [];
    const { scheduler, connection, toClient, client, venue, run } = setUp();
    const receive = client.receive.bind(client);
    client.receive = (cells, at) => {
      if (cells[at + WIRE.kind] === WIRE_KIND.newOrder) flags.push(cells[at + WIRE.flags]!);
      receive(cells, at);
    };
    run(SECOND);
    sendAll(venue, [1]);
    run(10 * MS);
    toClient.faults.drop = 1;
    sendAll(venue, [2]);
    toClient.faults.drop = 0;
    run(3 * SECOND);
    expect([flags, connection.isUp, scheduler.size < 9]).toEqual([[0, WIRE_FLAG.possDup], true, true]);
  });

  it("keeps up with a steady stream over a line that loses one message in thirty", () => {
    const { client, venue, toVenue, toClient, atVenue, atClient, run } = setUp({ keep: 256 });
    run(SECOND);
    for (const link of [toVenue, toClient]) {
      const faults = { drop: 0.01, duplicate: 0.01, reorder: 0.01, reorderNs: MS, corrupt: 0.01 };
      Object.assign(link.faults, faults);
    }
    for (let id = 1; id <= 3000; id++) {
      sendAll(client, [id]);
      sendAll(venue, [id]);
      run(MS);
    }
    for (const link of [toVenue, toClient]) Object.assign(link.faults, noLinkFaults());
    run(2 * SECOND);
    expect([atVenue.length, atClient.length]).toEqual([3000, 3000]);
    expect(client.counts.resets + venue.counts.resets).toBe(0);
    expect(venue.counts.resent).toBeLessThan(3000);
  });

  it("loses nothing of a new numbering whose agreement was lost, or came twice", () => {
    const { venue, toVenue, atClient, run, dropAll } = setUp();
    venue.send(message(1), 0);
    toVenue.faults.duplicate = 1;
    dropAll(true);
    run(4 * SECOND);
    dropAll(false);
    const log = run(10 * SECOND);
    expect(log.slice(-2)).toEqual(["venue up", "client up"]);
    expect([atClient, venue.counts.logons > 1, venue.counts.resets]).toEqual([[1], true, 0]);
  });

  it("stalls with its process and goes on afterwards", () => {
    const { client, venue, atClient, scheduler, run } = setUp();
    run(SECOND);
    client.pause(scheduler.nowNs[0]! + SECOND);
    sendAll(venue, [1, 2]);
    run(0.9 * SECOND);
    expect(atClient).toEqual([]);
    expect(run(0.2 * SECOND)).toEqual([]);
    expect(atClient).toEqual([1, 2]);
    client.pause(scheduler.nowNs[0]! + 10 * SECOND);
    run(9 * SECOND);
    expect([client.isUp, venue.isUp]).toEqual([true, false]);
    run(5 * SECOND);
    expect([client.isUp, venue.isUp]).toEqual([true, true]);
  });
});

describe("a client that crashed", () => {
  it("goes on with its numbers: nothing is lost, what was not saved comes again", () => {
    const { client, venue, makeClient, atVenue, atClient, run } = setUp();
    run(SECOND);
    sendAll(client, [1, 2]);
    sendAll(venue, [1, 2, 3]);
    run(10 * MS);
    const saved = { ...client.saved(), nextIn: 2 };
    client.stop();
    expect(client.send(message(9), 0)).toBe(false);
    run(10 * MS);
    sendAll(venue, [4]);
    const next = makeClient(saved);
    expect(run(SECOND)).toEqual(["venue up", "client up"]);
    sendAll(next, [3]);
    run(10 * MS);
    expect([atVenue, atClient]).toEqual([
      [1, 2, 3],
      [1, 2, 3, 2, 3, 4],
    ]);
  });

  it("names what it had sent and cannot send again", () => {
    const { client, toVenue, makeClient, atVenue, run } = setUp();
    run(SECOND);
    toVenue.faults.drop = 1;
    sendAll(client, [1, 2]);
    run(10 * MS);
    client.stop();
    toVenue.faults.drop = 0;
    const next = makeClient(client.saved());
    expect(next.send(message(9), 0)).toBe(false);
    const log = run(SECOND);
    expect(log).toEqual(expect.arrayContaining(["venue in 1-3", "client out 1-3"]));
    sendAll(next, [3]);
    run(10 * MS);
    expect(atVenue).toEqual([3]);
  });

  it("takes the venue's word where its saved numbers are too old", () => {
    const { client, makeClient, atVenue, run } = setUp();
    run(SECOND);
    const early = client.saved();
    sendAll(client, [1, 2, 3]);
    run(10 * MS);
    client.stop();
    const next = makeClient(early);
    run(SECOND);
    expect(next.nextOut).toBe(4);
    sendAll(next, [4]);
    run(10 * MS);
    expect(atVenue).toEqual([1, 2, 3, 4]);
  });

  it("without numbers begins anew; the venue names what is lost with the old ones", () => {
    const { client, venue, makeClient, atVenue, atClient, run } = setUp();
    run(SECOND);
    sendAll(client, [1, 2]);
    sendAll(venue, [1, 2, 3]);
    run(10 * MS);
    client.stop();
    run(10 * MS);
    sendAll(venue, [4]);
    const next = makeClient();
    expect(run(SECOND)).toEqual(["venue in 3-Infinity", "venue out 1-5", "venue up", "client up"]);
    sendAll(next, [3]);
    sendAll(venue, [5]);
    run(10 * MS);
    expect([atVenue, atClient]).toEqual([
      [1, 2, 3],
      [1, 2, 3, 5],
    ]);
  });

  it("without numbers gets what was stored for it also when the first answer is lost", () => {
    const { client, venue, makeClient, atClient, run, dropAll } = setUp();
    run(SECOND);
    sendAll(venue, [1]);
    run(10 * MS);
    client.stop();
    dropAll(true);
    makeClient();
    run(SECOND);
    sendAll(venue, [2]);
    run(2 * SECOND);
    dropAll(false);
    run(10 * SECOND);
    expect([atClient, venue.counts.resets]).toEqual([[1, 2], 1]);
  });

  it("begins anew where it expects more than the venue ever sent", () => {
    const { client, makeClient, run } = setUp();
    run(SECOND);
    client.stop();
    const saved = { ...client.saved(), nextIn: 50 };
    const next = makeClient(saved);
    expect(run(SECOND)).toEqual(expect.arrayContaining(["client in 50-Infinity", "venue up", "client up"]));
    expect(next.saved().nextIn).toBe(1);
    expect(next.saved().generation).toBeGreaterThan(saved.generation);
  });

  it("stores nothing before the venue has said which numbers it has", () => {
    const { client, makeClient, connection, run } = setUp({ storesWhileDown: true });
    run(SECOND);
    client.stop();
    const next = makeClient(client.saved());
    expect(next.send(message(1), 0)).toBe(false);
    run(SECOND);
    connection.cut();
    run(2 * MS);
    expect([next.isUp, next.send(message(1), 0)]).toEqual([false, true]);
  });

  it("with its whole machine is noticed by the venue's timeout", () => {
    const { client, venue, run } = setUp();
    run(SECOND);
    client.stop(true);
    expect(run(1.4 * SECOND)).toEqual([]);
    expect(run(2 * SECOND)).toEqual(["venue down"]);
    expect(venue.counts.timeouts).toBe(1);
  });

  it("is never called again", () => {
    const { client, venue, atClient, run } = setUp();
    run(SECOND);
    sendAll(venue, [1]);
    client.stop();
    client.stop();
    client.disconnect();
    expect(run(10 * SECOND)).toEqual(["venue down"]);
    expect(atClient).toEqual([]);
  });
});

describe("SentMessages", () => {
  it("holds the newest, and tells messages, its own and unknown numbers apart", () => {
    const store = new SentMessages(4);
    store.add(message(1), 0);
    expect(store.addOwn()).toBe(2);
    store.addOwn();
    store.skip(1);
    expect([store.firstSeq, store.nextSeq]).toEqual([1, 5]);
    expect([1, 2, 3, 4].map((seq) => store.isMessage(seq))).toEqual([true, false, false, false]);
    expect([1, 2, 3, 4].map((seq) => store.isUnknown(seq))).toEqual([false, false, false, true]);
    expect([store.runEnd(2), store.runEnd(4)]).toEqual([4, 5]);
    store.add(message(5), 0);
    expect([store.firstSeq, store.isUnknown(1), store.runEnd(1)]).toEqual([2, true, 2]);
    store.skip(100);
    expect([store.firstSeq, store.nextSeq, store.runEnd(3)]).toEqual([102, 106, 106]);
    store.add(message(6), 0);
    expect(store.cells[store.offsetOf(106) + WIRE.id]).toBe(6);
    expect(store.cells[store.offsetOf(106) + WIRE.seq]).toBe(106);
    store.skip(2 ** 33);
    expect([store.nextSeq, store.runEnd(3)]).toEqual([2 ** 33 + 107, 2 ** 33 + 107]);
  });

  it.each([0, 1, 3, 2.5, 2 ** 21])("refuses a capacity of %s by name", (capacity) => {
    expect(() => new SentMessages(capacity)).toThrow(
      expect.objectContaining({ code: "FAULT_CONFIG", path: "sentMessages.capacity" }),
    );
  });
});

describe("ReceivedNumbers", () => {
  function numbered(seq: number, flags = 0): Float64Array {
    const cells = message(seq);
    cells[WIRE.seq] = seq;
    cells[WIRE.flags] = flags;
    seal(cells, 0);
    return cells;
  }

  it("tells the next, the early, the known and the wrong apart", () => {
    const numbers = new ReceivedNumbers();
    const take = (cells: Float64Array): number => numbers.take(cells, 0, 0);
    expect(take(numbered(1))).toBe(ARRIVAL.next);
    expect(take(numbered(3))).toBe(ARRIVAL.ahead);
    expect(take(numbered(1))).toBe(ARRIVAL.again);
    const other = numbered(1);
    other[WIRE.id] = 99;
    seal(other, 0);
    expect(take(other)).toBe(ARRIVAL.wrong);
    expect(take(numbered(2, WIRE_FLAG.possDup))).toBe(ARRIVAL.next);
    expect(take(numbered(2))).toBe(ARRIVAL.again);
    numbers.pass(1000);
    expect([take(numbered(999)), take(numbered(744)), numbers.next]).toEqual([2, 2, 1000]);
    expect([take(numbered(1000)), take(numbered(1000 - 256))]).toEqual([ARRIVAL.next, ARRIVAL.wrong]);
  });

  it("asks once, and again only when nothing moves", () => {
    const numbers = new ReceivedNumbers();
    expect(numbers.isOverdue(1000, 100)).toBe(false);
    expect(numbers.sawAhead(5, false, 1000, 100)).toBe(true);
    expect(numbers.sawAhead(6, false, 1099, 100)).toBe(false);
    expect(numbers.sawAhead(6, false, 1100, 100)).toBe(true);
    numbers.take(numbered(1), 0, 1190);
    expect([numbers.isOverdue(1289, 100), numbers.isOverdue(1290, 100)]).toEqual([false, true]);
    numbers.pass(7);
    expect(numbers.isOverdue(9999, 100)).toBe(false);
    expect(numbers.sawAhead(9, false, 1300, 100)).toBe(true);
    numbers.forgetGap();
    expect(numbers.isOverdue(9999, 100)).toBe(false);
  });

  it("asks at once again where the answer has gaps itself", () => {
    const numbers = new ReceivedNumbers();
    const sawAhead = (seq: number, isResent: boolean): boolean => numbers.sawAhead(seq, isResent, 0, 100);
    expect([4, 5, 6].map((seq) => sawAhead(seq, false))).toEqual([true, false, false]);
    expect([2, 3].map((seq) => sawAhead(seq, true))).toEqual([true, false]);
    expect(sawAhead(3, true)).toBe(true);
    numbers.take(numbered(1), 0, 0);
    expect([4, 5, 6, 7].map((seq) => sawAhead(seq, true))).toEqual([true, false, false, false]);
    expect(sawAhead(7, false)).toBe(false);
  });
});

describe("a session's options", () => {
  it.each([
    [{ heartbeatNs: 0 }, "session.heartbeatNs"],
    [{ timeoutNs: 1e9 }, "session.timeoutNs"],
    [{ keep: 100 }, "sentMessages.capacity"],
    [{ redialNs: 0 }, "session.redialNs"],
    [{ maxRedialNs: 1 }, "session.maxRedialNs"],
    [{ resume: { generation: 0, nextOut: 5, nextIn: 1 } }, "session.resume.generation"],
    [{ resume: { generation: 1, nextOut: 0, nextIn: 1 } }, "session.resume.nextOut"],
    [{ heartbeat: 1 }, "session.heartbeat"],
  ])("refuses %j by name", (wrong, path) => {
    const scheduler = new Scheduler({ rng: new Prng(1) });
    const rng = new Prng(1);
    const connection = new Connection({ scheduler, rng, latencyNs: 1 });
    const options = { scheduler, rng, connection, onMessage: () => undefined, ...wrong };
    expect(() => new ClientSession(options)).toThrow(expect.objectContaining({ code: "FAULT_CONFIG", path }));
  });

  it("refuses to skip no number", () => {
    expect(() => setUp().venue.skipSequence(0)).toThrow(expect.objectContaining({ code: "FAULT_CONFIG" }));
  });
});
