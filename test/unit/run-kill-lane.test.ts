import { expect, it, test } from "vitest";
import type { CancelSession, CancelSessionEvents } from "../../src/port/index.ts";
import { KillLatch } from "../../src/risk/kill-latch.ts";
import { BOARD_STATE, OpenOrderBoard, OpenOrderEntry } from "../../src/risk/open-order-board.ts";
import { CONTROL, KillControl, KillTrigger, STAMP } from "../../src/run/kill-agent-control.ts";
import { KillAgentLoop } from "../../src/run/kill-agent-loop.ts";
import { planKillAgent } from "../../src/run/kill-agent-options.ts";
import type { KillAgentReport } from "../../src/run/kill-agent-report.ts";
import { VenueLane } from "../../src/run/kill-agent-venue.ts";
import { faultOf } from "../fixtures/run-tapes.ts";

const MS = 1e6;

/** A lane on a clock that stands still unless moved, whose session writes down what it is told. */
class Bench {
  nowMs = 0;
  sent: string[] = [];
  queries = 0;
  sessions = 0;
  takes = 1000;
  events!: CancelSessionEvents;
  readonly lane: VenueLane;

  constructor() {
    this.lane = new VenueLane({
      venue: "A",
      link: { open: (_options, events) => this.#open(events), options: undefined, heartbeatMs: 1000 },
      ratePerSecond: 1e6,
      burst: 1e6,
      retryMs: 250,
      queryMs: 100,
      order: "oldest",
      clock: () => this.nowMs * MS,
    });
  }

  #open(events: CancelSessionEvents): CancelSession {
    this.sessions += 1;
    this.events = events;
    return {
      cancel: (targets: readonly { id: string }[]) => {
        const taken = targets.slice(0, this.takes);
        this.sent.push(...taken.map(({ id }) => id));
        return taken.length;
      },
      queryOpen: () => {
        this.queries += 1;
      },
      heartbeat: () => undefined,
      close: () => undefined,
    };
  }

  /** Opens the session and begins a kill at this moment. */
  async begin(isWide = false): Promise<this> {
    this.lane.tick(false);
    await new Promise((done) => setImmediate(done));
    this.lane.begin(this.nowMs * MS);
    if (isWide) this.lane.widen();
    return this;
  }

  see(id: string, state: number, scan = 1, sequence = 2): void {
    this.lane.see(Object.assign(new OpenOrderEntry(), { id, state, sequence }), scan);
  }

  /** Time goes on; gives what was sent since. */
  go(ms: number): string[] {
    this.nowMs += ms;
    this.lane.pump();
    this.lane.tick(true);
    this.lane.pump();
    return this.sent.splice(0);
  }
}

test("an order missing in the venue's list is over only where the venue had it, and was asked after the cancel", async () => {
  const bench = await new Bench().begin();
  bench.see("sent", BOARD_STATE.sent);
  bench.see("live", BOARD_STATE.live);
  bench.see("unknown", BOARD_STATE.unknown);
  // The answer to no question of this kill proves nothing.
  expect(bench.go(1)).toEqual(["sent", "live", "unknown"]);
  expect([bench.queries, bench.lane.confirmed]).toEqual([1, 0]);
  bench.events.open([]);
  expect(bench.lane.report().unknownIds).toEqual(["sent", "unknown"]);
  bench.events.open([]);
  expect(bench.lane.isDone).toBe(false);
  bench.events.canceled("sent");
  bench.events.canceled("unknown");
  bench.events.canceled("unknown");
  expect([bench.lane.confirmed, bench.lane.isDone]).toEqual([3, true]);
});

test("an answer asked for before the cancel left settles nothing", async () => {
  const bench = await new Bench().begin(true);
  bench.go(1);
  expect(bench.queries).toBe(1);
  bench.nowMs += 1;
  bench.see("live", BOARD_STATE.live);
  bench.lane.pump();
  bench.events.open([]);
  expect(bench.lane.confirmed).toBe(0);
});

test("a list that nobody asked for in this kill proves nothing", async () => {
  const bench = await new Bench().begin(true);
  bench.events.open([]);
  expect(bench.lane.isDone).toBe(false);
  bench.go(1);
  bench.nowMs += 1;
  bench.lane.begin(bench.nowMs * MS);
  bench.lane.widen();
  bench.events.open([]);
  expect(bench.lane.isDone).toBe(false);
  bench.go(1);
  bench.events.open([]);
  expect(bench.lane.isDone).toBe(true);
});

test("an order that the venue lists again is canceled again, and one that stood on no board too", async () => {
  const bench = await new Bench().begin(true);
  bench.see("A-1", BOARD_STATE.live);
  expect(bench.go(1)).toEqual(["A-1"]);
  bench.events.canceled("A-1");
  bench.events.open(["A-1", "A-2"]);
  expect([bench.lane.confirmed, bench.lane.requested, bench.lane.isDone]).toEqual([0, 2, false]);
  expect(bench.go(1)).toEqual(["A-1", "A-2"]);
  bench.events.canceled("A-1");
  bench.events.canceled("A-2");
  bench.go(1);
  bench.events.open([]);
  expect(bench.lane.isDone).toBe(true);
  expect(bench.lane.report()).toMatchObject({ handed: 2, confirmed: 2, confirmedAllNs: 3 * MS });
});

test("a narrow kill leaves orders alone that it did not ask for", async () => {
  const bench = await new Bench().begin();
  bench.see("A-1", BOARD_STATE.live);
  bench.go(1);
  bench.events.canceled("A-1");
  bench.go(1);
  bench.events.open(["A-2"]);
  expect([bench.lane.requested, bench.lane.isDone]).toEqual([1, true]);
});

test("a cancel that came before its order is sent again as soon as the order is acknowledged", async () => {
  const bench = await new Bench().begin();
  bench.see("A-1", BOARD_STATE.sent);
  expect(bench.go(1)).toEqual(["A-1"]);
  bench.events.rejected("A-1", "unknown order");
  expect(bench.go(1)).toEqual([]);
  bench.see("A-1", BOARD_STATE.live, 2);
  expect(bench.go(1)).toEqual(["A-1"]);
  bench.see("A-1", BOARD_STATE.live, 3);
  expect(bench.go(1)).toEqual([]);
  expect(bench.lane.report()).toMatchObject({ rejected: 1, trouble: "unknown order" });
});

test("a cancel without an answer is sent again after a while to a venue that lives, not to a silent one", async () => {
  const bench = await new Bench().begin();
  bench.see("A-1", BOARD_STATE.live);
  expect(bench.go(1)).toEqual(["A-1"]);
  expect(bench.go(300)).toEqual([]);
  bench.events.alive();
  expect(bench.go(1)).toEqual(["A-1"]);
  expect(bench.go(249)).toEqual([]);
});

test("a silent session stays in use until the next one is up, which is sent everything again", async () => {
  const bench = await new Bench().begin();
  bench.see("A-1", BOARD_STATE.live);
  bench.go(1);
  bench.see("A-2", BOARD_STATE.live);
  expect(bench.go(3100)).toEqual(["A-2"]);
  expect([bench.sessions, bench.lane.link.isUp, bench.lane.link.trouble]).toEqual([
    2,
    true,
    "the venue is silent",
  ]);
  await new Promise((done) => setImmediate(done));
  expect(bench.go(1)).toEqual(["A-1", "A-2"]);
  expect(bench.lane.handed).toBe(2);
});

test("what a session does not take comes again, in order; T2 is when the last was taken", async () => {
  const bench = await new Bench().begin();
  for (let i = 0; i < 5; i++) bench.see(`A-${i}`, BOARD_STATE.live);
  bench.takes = 2;
  expect(bench.go(1)).toEqual(["A-0", "A-1", "A-2", "A-3"]);
  expect(bench.lane.handedAllNs).toBe(-1);
  expect(bench.go(1)).toEqual(["A-4"]);
  expect(bench.lane.handedAllNs).toBe(2 * MS);
});

test("the slot of an order that is over may bring another with the same id", async () => {
  const bench = await new Bench().begin();
  bench.see("A-1", BOARD_STATE.live, 1, 2);
  bench.go(1);
  bench.events.canceled("A-1");
  bench.see("A-1", BOARD_STATE.live, 2, 2);
  expect(bench.go(1)).toEqual([]);
  bench.see("A-1", BOARD_STATE.live, 3, 4);
  expect(bench.go(1)).toEqual(["A-1"]);
  expect([bench.lane.requested, bench.lane.confirmed]).toEqual([1, 0]);
});

it("lifting one of two scopes begins no other kill; raising a third does", async () => {
  const latch = new KillLatch(4);
  const board = new OpenOrderBoard(4);
  const module = "data:text/javascript,";
  const plan = planKillAgent({ latch, board, sessions: [{ venue: "A", module, ratePerSecond: 1 }] });
  const control = new KillControl(1);
  const reports: KillAgentReport[] = [];
  const open = (_options: unknown, events: CancelSessionEvents): never =>
    ({
      cancel: () => 0,
      queryOpen: () => events.open([]),
      heartbeat: () => events.alive(),
      close: () => undefined,
    }) as never;
  const loop = new KillAgentLoop(plan, control, [open], (report) => reports.push(report));
  loop.step();
  await new Promise((done) => setImmediate(done));
  latch.set(1, 2);
  latch.set(2, 3);
  loop.step();
  loop.step();
  expect([control.state, control.words[CONTROL.kills], reports.length]).toEqual(["complete", 1, 1]);
  latch.clear(1);
  loop.step();
  expect([control.state, control.words[CONTROL.kills]]).toEqual(["complete", 1]);
  latch.set(3, 2);
  loop.step();
  expect([control.words[CONTROL.kills], reports.at(-1)?.latched]).toEqual([
    2,
    [2, 3].map((scope) => ({ scope, level: scope === 2 ? 3 : 2 })),
  ]);
  latch.clear(2);
  latch.clear(3);
  loop.step();
  expect(control.state).toBe("armed");
  loop.close();
});

test("a pull that changes nothing leaves no moment behind for the next kill", () => {
  const latch = new KillLatch(2);
  const control = new KillControl(1);
  const trigger = new KillTrigger({ latch: latch.buffer, control: control.buffer });
  expect(trigger.pullAt(0, 2, 77n)).toBe(true);
  expect(control.stamps[STAMP.activated]).toBe(77n);
  expect(Number(control.stamps[STAMP.closed])).toBeGreaterThan(0);
  // The agent takes the stamp.
  control.stamps[STAMP.activated] = 0n;
  expect(trigger.pull(0, 2)).toBe(false);
  expect(control.stamps[STAMP.activated]).toBe(0n);
  expect(faultOf(() => trigger.pull(2, 2))).toMatchObject({ code: "FAULT_INPUT" });
  expect(control.stamps[STAMP.activated]).toBe(0n);
  expect(control.words[CONTROL.pulls]).toBe(2);
});

it.each([0, 257, 1.5])("a control block of %s venues is refused", (venues) => {
  expect(faultOf(() => new KillControl(venues))).toMatchObject({ path: "killControl.venues" });
});

it.each([0, 128, 100])("a buffer of %s bytes is no control block", (bytes) => {
  const fault = { code: "FAULT_CONFIG", path: "killControl.buffer" };
  expect(faultOf(() => new KillControl(new SharedArrayBuffer(bytes)))).toMatchObject(fault);
});
