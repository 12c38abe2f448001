import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { FIRM_SCOPE, KillLatch } from "../../src/risk/kill-latch.ts";
import { BOARD_STATE, OpenOrderBoard, OpenOrderEntry } from "../../src/risk/open-order-board.ts";
import { KillAgent } from "../../src/run/kill-agent.ts";
import type { KillAgentOptions } from "../../src/run/kill-agent-options.ts";
import type { KillAgentReport } from "../../src/run/kill-agent-report.ts";
import type { VenueMode } from "../fixtures/kill-venue.ts";
import { KillVenues, publishOrders, until } from "../fixtures/kill-venues.ts";
import { faultOf } from "../fixtures/run-tapes.ts";

/** A venue, a strategy and the firm, as scopes of the latch. */
const SCOPES = 8;
const closing: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Desk {
  readonly venues: KillVenues;
  readonly latch: KillLatch;
  readonly board: OpenOrderBoard;
  readonly agent: KillAgent;
}

async function desk(
  modes: readonly VenueMode[],
  each: number,
  more: Partial<KillAgentOptions> = {},
  hasMassCancel = false,
): Promise<Desk> {
  const venues = await KillVenues.start(modes, each);
  closing.push(() => venues.stop());
  const latch = more.latch ?? new KillLatch(SCOPES);
  const board = new OpenOrderBoard(16_384);
  publishOrders(board, modes.length, each);
  const sessions = venues.sessions({}, hasMassCancel);
  const agent = new KillAgent({ latch, board, sessions, heartbeatMs: 200, ...more });
  closing.push(() => agent.close());
  await agent.ready();
  return { venues, latch, board, agent };
}

async function reportOf(
  agent: KillAgent,
  outcome: KillAgentReport["outcome"] = "complete",
): Promise<KillAgentReport> {
  await until(`a report: ${outcome}`, () => agent.report?.outcome === outcome);
  return agent.report as KillAgentReport;
}

function order(fields: Partial<OpenOrderEntry>): OpenOrderEntry {
  return Object.assign(new OpenOrderEntry(), { state: BOARD_STATE.live }, fields);
}

describe("venues in trouble hold up no other", () => {
  it("slow, dropping its connection midway, refusing", async () => {
    const { agent, venues } = await desk(["live", "slow", "dropping", "refusing"], 300, { deadlineMs: 1500 });
    agent.activate();
    const report = await reportOf(agent, "escalated");
    expect(report.venues.map(({ confirmed, unknown }) => [confirmed, unknown])).toEqual([
      [300, 0],
      [300, 0],
      [300, 0],
      [0, 300],
    ]);
    expect(report.venues.map(({ isEmpty }) => isEmpty)).toEqual([true, true, true, false]);
    expect(report.venues[3]?.trouble).toBe("refused");
    expect(report.venues[3]?.rejected).toBeGreaterThanOrEqual(600);
    const dropping = await venues.statistics(2);
    expect(dropping.connections).toBeGreaterThan(2);
    expect(dropping.open).toBe(0);
    // The one that refused comes to its senses: the report is made anew, and says so.
    await venues.tell(3, "W live");
    const better = await reportOf(agent);
    expect([better.kill, better.confirmed, better.unknown]).toEqual([1, 1200, 0]);
  });

  it("one that is gone altogether, and comes back", async () => {
    const { agent, venues } = await desk(["live", "live"], 100, { deadlineMs: 400 });
    await venues.tell(1, "W dead");
    agent.activate();
    const report = await reportOf(agent, "escalated");
    expect(report.venues.map(({ unknown }) => unknown)).toEqual([0, 100]);
    await venues.tell(1, "W live");
    expect((await reportOf(agent)).unknown).toBe(0);
    expect((await venues.statistics(1)).open).toBe(0);
  });

  it("a budget is kept: cancels leave at the venue's rate, the mass cancel first", async () => {
    const { agent, venues } = await desk(["live", "live"], 400, {}, true);
    agent.activate();
    const report = await reportOf(agent);
    expect(report.venues.map(({ massCancels, confirmed }) => [massCancels, confirmed])).toEqual([
      [1, 400],
      [1, 400],
    ]);
    expect((await venues.statistics(0)).massCancels).toBe(1);

    const slow = await KillVenues.start(["live"], 50);
    closing.push(() => slow.stop());
    const board = new OpenOrderBoard(64);
    publishOrders(board, 1, 50);
    const sessions = slow.sessions({ ratePerSecond: 100, burst: 10 });
    const paced = new KillAgent({ latch: new KillLatch(1), board, sessions });
    closing.push(() => paced.close());
    await paced.ready();
    paced.activate();
    const { venues: told } = await reportOf(paced);
    // 10 at once, 40 more at 100 a second: the last cannot leave within less than 0.4 s.
    expect(told[0]?.handedAllNs).toBeGreaterThan(390e6);
    expect((await slow.statistics(0)).cancels).toBe(50);
  });
});

describe("orders", () => {
  it("that come up while the latch is on are chased, on the board or only at the venue", async () => {
    const { agent, board, venues } = await desk(["live"], 20);
    agent.activate();
    expect((await reportOf(agent)).confirmed).toBe(20);
    // It was on its way: the venue knows it only now.
    board.publish(500, order({ id: "V0-late", state: BOARD_STATE.sent, number: 900 }));
    await until("its cancel is refused", async () => (await venues.statistics(0)).distinct === 21);
    expect(agent.status.venues[0]).toMatchObject({ requested: 21, confirmed: 20 });
    await venues.tell(0, "N V0-late", "N V0-stranger");
    const report = await reportOf(agent);
    await until("both are gone", async () => (await venues.statistics(0)).open === 0);
    await until("both are told", () => agent.report?.confirmed === 22);
    expect(report.kill).toBe(1);
  });

  it("the board lets go are over, without the venue's word", async () => {
    const { agent, board } = await desk(["dead"], 5, { deadlineMs: 300 });
    agent.activate();
    expect((await reportOf(agent, "escalated")).unknown).toBe(5);
    for (let slot = 0; slot < 5; slot++) board.remove(slot);
    await until("the report says so", () => agent.report?.unknown === 0);
    // The venue has still not said that nothing is open.
    expect(agent.report).toMatchObject({ outcome: "escalated", confirmed: 5, confirmedAllNs: null });
  });

  it("of a venue without a session are unknown", async () => {
    const { agent, board } = await desk(["live"], 5, { deadlineMs: 300 });
    board.publish(100, order({ id: "X-1", venue: 7 }));
    agent.activate();
    const report = await reportOf(agent, "escalated");
    expect([report.requested, report.confirmed, report.unknown, report.unroutable]).toEqual([6, 5, 1, 1]);
  });
});

describe("scopes and levels", () => {
  it("a strategy's kill cancels its orders, and a wider one the others", async () => {
    const { agent, board, venues } = await desk(["live"], 10);
    await venues.tell(0, "N V0-own", "N V0-own-2");
    const own = order({ id: "V0-own", number: 100 });
    own.scopes[0] = 3;
    board.publish(100, own);
    const other = order({ id: "V0-own-2", number: 101 });
    other.scopes[7] = 3;
    board.publish(101, other);
    agent.activate(3, 2);
    const report = await reportOf(agent);
    expect([report.requested, report.confirmed, report.latched]).toEqual([2, 2, [{ scope: 3, level: 2 }]]);
    expect((await venues.statistics(0)).open).toBe(10);
    agent.activate(FIRM_SCOPE, 4);
    await until("the second kill is over", () => agent.report?.kill === 2);
    expect(agent.report).toMatchObject({ outcome: "complete", requested: 12, confirmed: 12 });
    expect((await venues.statistics(0)).open).toBe(0);
  });

  it("a venue's kill takes in all of the venue and nothing of another", async () => {
    const venues = await KillVenues.start(["live", "live"], 10);
    closing.push(() => venues.stop());
    const board = new OpenOrderBoard(64);
    publishOrders(board, 2, 5);
    const sessions = venues.sessions().map((session, i) => ({ ...session, scope: 1 + i }));
    const agent = new KillAgent({ latch: new KillLatch(SCOPES), board, sessions });
    closing.push(() => agent.close());
    await agent.ready();
    agent.activate(2, 2);
    const report = await reportOf(agent);
    // Five stood on the board, five more only at the venue.
    expect(report.venues.map(({ requested, confirmed }) => [requested, confirmed])).toEqual([
      [0, 0],
      [10, 10],
    ]);
    expect((await venues.statistics(0)).open).toBe(10);
  });

  it("level 1 cancels nothing; lifted and latched again is another kill", async () => {
    const { agent, latch, venues } = await desk(["live"], 10);
    agent.activate(FIRM_SCOPE, 1);
    await new Promise((done) => setTimeout(done, 50));
    expect([agent.status.state, (await venues.statistics(0)).cancels]).toEqual(["armed", 0]);
    // Without a trigger: whoever has the latch can set it.
    latch.set(FIRM_SCOPE, 2);
    expect(await reportOf(agent)).toMatchObject({ kill: 1, reason: "latch", confirmed: 10 });
    latch.clear(FIRM_SCOPE);
    await until("armed again", () => agent.status.state === "armed");
    await venues.tell(0, "N V0-3");
    expect(agent.activate()).toBe(true);
    expect(agent.activate()).toBe(false);
    await until("a second report", () => agent.report?.kill === 2);
    expect(agent.report).toMatchObject({ reason: "trigger", outcome: "complete" });
    expect((await venues.statistics(0)).open).toBe(0);
    expect(agent.status.kills).toBe(2);
  });
});

describe("ways to ask", () => {
  it("by message, which sets the latch; nonsense is counted and ignored", async () => {
    const { agent, latch } = await desk(["live"], 10);
    const channel = agent.openChannel();
    for (const nonsense of [
      7,
      {},
      { scope: 99, level: 2 },
      { scope: 0, level: 9 },
      { scope: 0, level: 2, askedNs: 5 },
    ]) {
      channel.postMessage(nonsense);
    }
    await until("five troubles", () => agent.status.troubles === 5);
    expect(KillLatch.isOpen(latch.read())).toBe(true);
    channel.postMessage({ scope: 0, level: 2, askedNs: process.hrtime.bigint() - 1_000_000n });
    const report = await reportOf(agent);
    expect(KillLatch.isFirmLatched(latch.read())).toBe(true);
    expect(report.closedNs).toBeGreaterThan(1e6);
    channel.close();
  });

  it("by silence: the dead man's switch, once the first beat was given", async () => {
    const { agent, latch } = await desk(["live"], 10, { deadMan: { silenceMs: 250, scope: 2, level: 3 } });
    await new Promise((done) => setTimeout(done, 400));
    expect(KillLatch.isOpen(latch.read())).toBe(true);
    for (let i = 0; i < 8; i++) {
      agent.beat();
      await new Promise((done) => setTimeout(done, 50));
    }
    expect(KillLatch.isOpen(latch.read())).toBe(true);
    await until("the latch closes", () => latch.levelOf(2) === 3);
    expect(await reportOf(agent)).toMatchObject({ reason: "deadMan", requested: 0 });
  });
});

describe("what is wrong is said", () => {
  const latch = new KillLatch(SCOPES);
  const board = new OpenOrderBoard(4);
  const session = { venue: "A", module: "file:///none.mjs", ratePerSecond: 10 };
  const fine: KillAgentOptions = { latch, board, sessions: [session] };

  it.each([
    ["killAgent.latc", { latc: 1 }],
    ["killAgent.latch", { latch: latch.buffer }],
    ["killAgent.board", { board: board.buffer }],
    ["killAgent.sessions", { sessions: [] }],
    ["killAgent.sessions", { sessions: [session, session] }],
    ["killAgent.sessions[0].venue", { sessions: [{ ...session, venue: "" }] }],
    ["killAgent.sessions[0].module", { sessions: [{ ...session, module: "./session.ts" }] }],
    ["killAgent.sessions[0].ratePerSecond", { sessions: [{ ...session, ratePerSecond: 0 }] }],
    ["killAgent.sessions[0].burst", { sessions: [{ ...session, burst: 0.5 }] }],
    ["killAgent.sessions[0].scope", { sessions: [{ ...session, scope: SCOPES }] }],
    ["killAgent.sessions[0].scope", { sessions: [{ ...session, scope: 0 }] }],
    ["killAgent.sessions[0].rate", { sessions: [{ ...session, rate: 1 }] }],
    ["killAgent.pollMs", { pollMs: 0 }],
    ["killAgent.heartbeatMs", { heartbeatMs: Number.NaN }],
    ["killAgent.retryMs", { retryMs: -1 }],
    ["killAgent.queryMs", { queryMs: 0.5 }],
    ["killAgent.deadlineMs", { deadlineMs: 1e9 }],
    ["killAgent.order", { order: "newest" }],
    ["killAgent.deadMan.silenceMs", { deadMan: {} }],
    ["killAgent.deadMan.scope", { deadMan: { silenceMs: 1, scope: SCOPES } }],
    ["killAgent.deadMan.level", { deadMan: { silenceMs: 1, level: 5 } }],
    ["killAgent.reportPath", { reportPath: "" }],
    ["killAgent", { sessions: [{ ...session, options: () => 1 }] }],
    ["killAgent", { workerUrl: "no url" }],
  ])("%s", (path, wrong) => {
    const fault = faultOf(() => new KillAgent({ ...fine, ...wrong } as KillAgentOptions));
    expect(fault).toMatchObject({ code: "FAULT_CONFIG", path });
  });

  it("a module that is not there, or opens no session: ready() rejects and the state says so", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tickwright-kill-"));
    closing.push(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, "session.mjs");
    writeFileSync(path, "export const openSession = 1;");
    for (const module of [pathToFileURL(path).href, "file:///none.mjs"]) {
      const agent = new KillAgent({ ...fine, sessions: [{ ...session, module }] });
      const failures: Error[] = [];
      agent.on("failed", (cause) => failures.push(cause));
      const wrong = { code: "FAULT_CONFIG", path: "killAgent.sessions[0].module" };
      await expect(agent.ready()).rejects.toMatchObject(wrong);
      await until("the state is failed", () => agent.status.state === "failed");
      expect(failures).toHaveLength(1);
      await agent.close();
    }
  });

  it("a session that throws, in its calls and later on: the venue is unhealthy, the agent lives", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tickwright-kill-"));
    closing.push(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, "session.mjs");
    const code = `export function openCancelSession(options) {
      if (options.never) throw new Error("no way in");
      const fail = () => { throw new Error("out of order"); };
      setTimeout(fail, 20);
      return { cancel: fail, queryOpen: fail, heartbeat() {}, close: fail };
    }`;
    writeFileSync(path, code);
    const module = pathToFileURL(path).href;
    const venues = await KillVenues.start(["live"], 10);
    closing.push(() => venues.stop());
    const own = new OpenOrderBoard(64);
    publishOrders(own, 3, 10);
    const sessions = [
      ...venues.sessions(),
      { ...session, module, options: { never: true } },
      { ...session, venue: "B", module, options: {} },
    ];
    const agent = new KillAgent({
      latch: new KillLatch(1),
      board: own,
      sessions,
      heartbeatMs: 100,
      deadlineMs: 500,
    });
    closing.push(() => agent.close());
    await agent.ready();
    await until("trouble is counted", () => agent.status.troubles > 0);
    agent.activate();
    const report = await reportOf(agent, "escalated");
    expect(report.venues.map(({ confirmed, handed }) => [confirmed, handed])).toEqual([
      [10, 10],
      [0, 0],
      [0, 0],
    ]);
    expect(report.venues.map(({ trouble }) => trouble)).toEqual(["", "no way in", "out of order"]);
    expect(report.handedAllNs).toBe(null);
  });
});
