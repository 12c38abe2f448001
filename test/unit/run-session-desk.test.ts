import { describe, expect, it } from "vitest";
import { isRefusal, type Refusal } from "../../src/base/index.ts";
import {
  DepthBlock,
  MESSAGE_FIELD as FIELD,
  flatFees,
  Instrument,
  LAST,
  MESSAGE_STRIDE,
  REPORT,
  ROW,
} from "../../src/model/index.ts";
import type { VenueFill, VenueSnapshot } from "../../src/recon/index.ts";
import { KillAuthority, KillLatch, KillScopes, KillSwitch } from "../../src/risk/index.ts";
import {
  killRemark,
  type OpenedSession,
  openDesk,
  openSession,
  type ReconAlert,
  type ReconDesk,
  type ReconTaken,
  replaySession,
  resumeSession,
  SESSION,
  SessionAudit,
  type SessionOptions,
  type SessionRemark,
} from "../../src/run/index.ts";
import type { OrderTicket, Strategy, StrategyContext } from "../../src/strategy/index.ts";
import { TortureDisk } from "../../src/torture/torture-disk.ts";
import { auditOptions, openTrail, readTrail } from "../fixtures/audited-world.ts";
import { RISK } from "../fixtures/recon-rig.ts";
import { RequestDoor, sessionOptions } from "../fixtures/session-desk.ts";
import { recordsOf } from "../fixtures/session-records.ts";
import type { VenueRequest } from "../fixtures/session-venue.ts";

const S = 1_000_000_000;
const INSTRUMENTS = ["ABC", "XYZ"].map(
  (symbol) =>
    new Instrument({
      ...{ symbol, venue: "sim", tickSize: "0.01", lotSize: "1", quote: "USD" },
      fees: flatFees("0", "0"),
    }),
);

type Act = (ctx: StrategyContext) => unknown;

/** Does at its nth timer what stands there: the same whenever it is replayed. */
class Scripted implements Strategy {
  readonly name = "scripted";
  timers = 0;
  readonly #script: ReadonlyMap<number, Act>;

  constructor(script: ReadonlyMap<number, Act>) {
    this.#script = script;
  }

  onStart(ctx: StrategyContext): void {
    ctx.clock.every(S / 10);
  }

  onTimer(_timer: number, ctx: StrategyContext): void {
    this.timers += 1;
    this.#script.get(this.timers)?.(ctx);
  }
}

/** A session with a desk on a disk that outlives it. */
class Rig {
  disk = new TortureDisk({});
  readonly script = new Map<number, Act>();
  strategy = new Scripted(this.script);
  left: VenueRequest[] = [];
  alerts: ReconAlert[] = [];
  opened!: OpenedSession;
  desk!: ReconDesk;
  audit: SessionAudit | undefined = undefined;
  now = 0;
  readonly #isAudited: boolean;

  constructor(isAudited = false) {
    this.#isAudited = isAudited;
    this.open();
  }

  get made(): SessionOptions {
    return sessionOptions({ instruments: INSTRUMENTS, strategies: [this.strategy], snapshotEveryNs: 0 });
  }

  open(): void {
    this.strategy = new Scripted(this.script);
    const how = { policy: "sync", create: true, reserveBytes: 2048, freeBytesMin: 0 } as const;
    const chain = this.#isAudited ? openTrail(this.disk, "append").chain : undefined;
    this.opened = openSession(
      "/session",
      this.made,
      { ...how, disk: this.disk, nowNs: () => 0n },
      (session) => {
        if (chain !== undefined) this.audit = new SessionAudit(session, auditOptions(chain, this.disk));
        this.desk = openDesk(session, {
          ...{ venue: "sim", account: "main", stations: [0, 1], schedule: { startNs: 0 } },
          rules: { ackTimeoutNs: S, graceNs: 60 * S, orphans: "cancel", positionToleranceLots: 10 },
          ...{ comparesCash: true, names: { instrument: (i) => INSTRUMENTS[i]?.key ?? "" } },
          hands: {
            ...{ queryOrder() {}, queryFills() {}, cancelOrphan() {}, halt() {} },
            alert: (alert) => void this.alerts.push(alert),
          },
        });
      },
    );
    const { session, recovery } = this.opened;
    for (const i of INSTRUMENTS.keys())
      session.connect(i, new RequestDoor(i, (request) => void this.left.push(request)));
    if (recovery.isNew) session.start(this.now);
    else resumeSession(this.opened, this.now);
  }

  /** The process dies; another one goes on. */
  crash(): void {
    this.opened.session.commit();
    this.disk = this.disk.afterProcessLoss();
    this.open();
  }

  do<Value>(work: (ctx: StrategyContext) => Value): Value {
    let value: { readonly is: Value } | undefined;
    this.script.set(this.strategy.timers + 1, (ctx) => {
      value = { is: work(ctx) };
    });
    this.now += 1000;
    for (const i of INSTRUMENTS.keys()) this.#print(i);
    this.now += S / 2;
    this.opened.session.idle(this.now);
    if (value === undefined) throw new Error("no timer fired");
    return value.is;
  }

  buy(instrument: string, lots = 5): OrderTicket | Refusal {
    return this.do((ctx) =>
      ctx.submit({ instrument, side: "buy", type: "limit", lots, priceTicks: 1000 } as never),
    );
  }

  report(ticket: OrderTicket, kind: number, more: Partial<Record<keyof typeof FIELD, number>> = {}): void {
    const { session } = this.opened;
    const cells = new Float64Array(MESSAGE_STRIDE);
    const { id } = ticket as OrderTicket & { readonly id: number };
    const row = session.kernel.orders.id.indexOf(id);
    const said = { kind, id, row, timeNs: this.now, exchNs: this.now, ...more };
    for (const [name, value] of Object.entries(said)) cells[FIELD[name as keyof typeof FIELD]] = value;
    session.report(session.kernel.orders.instrument[row] as number, cells, 0, this.now);
  }

  compare(venue: Partial<VenueSnapshot>): ReconTaken {
    this.now += 2 * S;
    const asOfNs = this.now - S / 10;
    const rest = { venue: "sim", account: "main", asOfNs, orders: [], fills: [], fillsThroughNs: asOfNs };
    const taken = this.desk.take({ ...rest, ...venue } as VenueSnapshot, this.now);
    if (isRefusal(taken)) throw new Error(taken.message);
    return taken;
  }

  #print(station: number): void {
    const block = new DepthBlock(1);
    Object.assign(block.kind, [ROW.trade | LAST]);
    Object.assign(block.tick, [1000]);
    Object.assign(block.lots, [1]);
    this.opened.session.row(station, block, 0, this.now);
  }

  /** Stops, and holds the whole journal against its replay. */
  stop(): void {
    const { session, journal } = this.opened;
    const runHash = session.stop(this.now);
    journal.close();
    const again = { ...this.made, strategies: [new Scripted(this.script)] };
    const replayed = replaySession(recordsOf(this.disk), again);
    expect(replayed.recordedHash).toBe(runHash);
  }
}

const drift = (lots: number) => ({ positions: [{ instrument: "ABC@sim", lots }] });

describe("an instrument that reconciliation stops", () => {
  it("takes no new order and no replace until a human lets it go on, whatever dies in between", () => {
    const rig = new Rig();
    const open = rig.buy("ABC") as OrderTicket;
    rig.report(open, REPORT.accepted);
    for (let i = 0; i < 3; i++) rig.compare(drift(50_000));
    expect(rig.desk.blocks(0)).toBe(true);
    expect(rig.buy("ABC")).toMatchObject({ ok: false, code: "ORDER_INSTRUMENT_HELD", value: "ABC@sim" });
    const smaller = rig.do((ctx) =>
      ctx.replace(ctx.openOrders("ABC")[0] as OrderTicket, { lots: 3 as never }),
    );
    expect(smaller).toMatchObject({ code: "ORDER_INSTRUMENT_HELD" });
    expect(isRefusal(rig.buy("XYZ"))).toBe(false);
    rig.crash();
    expect(rig.desk.blocks(0)).toBe(true);
    expect(rig.buy("ABC")).toMatchObject({ code: "ORDER_INSTRUMENT_HELD" });
    rig.left.length = 0;
    expect(rig.do((ctx) => ctx.cancel(ctx.openOrders("ABC")[0] as OrderTicket))).toEqual({ ok: true });
    expect(rig.left).toMatchObject([{ what: "cancel" }]);
    rig.desk.resume(0, RISK);
    expect(isRefusal(rig.buy("ABC"))).toBe(false);
    rig.crash();
    expect(rig.desk.blocks(0)).toBe(false);
    expect(isRefusal(rig.buy("ABC"))).toBe(false);
  });

  it("is stopped in a snapshot too, and by nobody who gives no reason", () => {
    const rig = new Rig();
    rig.opened.session.hold(1, true, rig.now);
    expect(rig.opened.session.kernel.stations.map((each) => each.save().isHeld)).toEqual([undefined, true]);
    expect(() => rig.desk.resume(1, { approver: "", reason: "x" })).toThrow(/approval.approver/);
    expect(() => rig.desk.resume(1, { approver: "x", reason: "" })).toThrow(/approval.reason/);
    expect(() => rig.opened.session.hold(7, true, rig.now)).toThrow(/session.station/);
    expect(() => rig.opened.session.hold(1, 1 as never, rig.now)).toThrow(/session.hold/);
    expect(rig.opened.session.isRunning).toBe(true);
    expect(rig.desk.blocks(1)).toBe(true);
    const [other] = new Rig().opened.session.kernel.stations;
    for (const isHeld of [true, false]) {
      rig.opened.session.hold(1, isHeld, rig.now);
      const saved = JSON.stringify(rig.opened.session.kernel.stations[1]?.save());
      other?.load(JSON.parse(saved));
      expect(other?.isHeld).toBe(isHeld);
    }
  });
});

describe("a human's approval", () => {
  it("outlives the process that heard it", () => {
    const rig = new Rig();
    expect(rig.desk.approve("positionDrift", "ABC@sim", RISK)).toBe(false);
    for (let i = 0; i < 2; i++) rig.compare(drift(50_000));
    expect(rig.desk.approve("positionDrift", "ABC@sim", RISK)).toBe(true);
    rig.crash();
    expect(rig.desk.save().notes).toMatchObject([
      { name: "positionDrift ABC@sim", approved: expect.stringMatching(/^haltSymbol/) },
    ]);
  });
});

describe("cash that reconciliation corrects", () => {
  it("is corrected once, also where the process dies right after", () => {
    const rig = new Rig();
    const ticket = rig.buy("ABC") as OrderTicket & { readonly id: number };
    rig.report(ticket, REPORT.accepted);
    rig.report(ticket, REPORT.trade, { execId: 1, lots: 5, priceTicks: 1000 });
    const cash = { currency: "USD", minor: "-5000" };
    const fill: VenueFill = {
      ...{ execId: "1", orderId: "v1", clientOrderId: `tw-${ticket.id}`, instrument: "ABC@sim", side: "buy" },
      ...{ priceTicks: 1000, lots: 5, venueNs: rig.now, cash, fee: { currency: "USD", minor: "7" } },
    };
    const said = {
      fills: [fill],
      positions: [{ instrument: "ABC@sim", lots: 5 }],
      cash: [{ currency: "USD", minor: String(1_000_000_00n - 5000n - 7n) }],
    };
    const minor = (): bigint => rig.opened.session.kernel.ledger.cashMinor("USD");
    const before = minor();
    for (let i = 0; i < 3; i++) {
      rig.compare(said);
      for (const { kind, key } of rig.desk.breaks()) rig.desk.approve(kind, key, RISK);
    }
    expect(minor()).toBe(before - 7n);
    rig.crash();
    expect(minor()).toBe(before - 7n);
    for (let i = 0; i < 3; i++) rig.compare(said);
    expect(minor()).toBe(before - 7n);
    expect(rig.desk.breaks()).toEqual([]);
    rig.stop();
  });

  it("the venue's terms of an order are taken over", () => {
    const rig = new Rig();
    const ticket = rig.buy("ABC", 6) as OrderTicket & { readonly id: number };
    rig.report(ticket, REPORT.accepted);
    const names = {
      orderId: "v1",
      clientOrderId: `tw-${ticket.id}`,
      instrument: "ABC@sim",
      side: "buy",
    } as const;
    const said = { orders: [{ ...names, priceTicks: 1002, lots: 4, cumLots: 0, state: "open" as const }] };
    for (let i = 0; i < 3; i++) {
      rig.compare(said);
      for (const { kind, key } of rig.desk.breaks()) rig.desk.approve(kind, key, RISK);
    }
    const { orders, gate } = rig.opened.session.kernel;
    const row = orders.id.indexOf(ticket.id);
    expect([orders.lots[row], orders.priceTicks[row]]).toEqual([4, 1002]);
    expect(gate.parts.orders.heldLots.filter((lots) => lots > 0)).toEqual(new Float64Array([4]));
    rig.crash();
    expect(rig.opened.session.kernel.orders.lots[row]).toBe(4);
    rig.stop();
  });

  it("refuses what is no amount, and goes on", () => {
    const { session } = new Rig().opened;
    for (const wrong of [1, "1", 10n ** 31n, undefined])
      expect(() => session.adjust(0, wrong as never, 0)).toThrow(/session.adjust/);
    expect(() => session.adjust(9, 1n, 0)).toThrow(/session.station/);
    expect(session.isRunning).toBe(true);
  });
});

describe("remarks", () => {
  const remark: SessionRemark = {
    says: [
      {
        type: "marketDataQuality",
        payload: { feed: "a", problem: "gap", state: "stale" },
        actor: { kind: "service", id: "validator", role: "" },
      },
    ],
  };

  it.each([
    [
      "a type that is not a remark's",
      { says: [{ ...remark.says[0], type: "orderNew" }] },
      /remark.says\[0\].type/,
    ],
    ["a field too many", { ...remark, saysTo: 1 }, /saysTo/],
    ["a payload without a field", { says: [{ ...remark.says[0], payload: { feed: "a" } }] }, /problem|state/],
    ["no saying", {}, /remark.says/],
    ["what JSON has no word for", { ...remark, note: Number.NaN }, /remark.note/],
  ])("refuse %s, and nothing is recorded", (_, wrong, message) => {
    const rig = new Rig();
    const { lastSeq } = rig.opened.journal;
    expect(() => rig.opened.session.remark(wrong as SessionRemark)).toThrow(message);
    expect(rig.opened.journal.lastSeq).toBe(lastSeq);
    expect(rig.opened.session.isRunning).toBe(true);
  });

  it("of a callback are recorded behind its turn", () => {
    const rig = new Rig();
    rig.do(() => rig.opened.session.remark(remark));
    rig.opened.session.commit();
    const types = recordsOf(rig.disk).map(({ type }) => type);
    expect(types.filter((type) => type === SESSION.remark)).toHaveLength(1);
    expect(types.indexOf(SESSION.remark)).toBeGreaterThan(types.indexOf(SESSION.event));
  });
});

describe("the audit trail", () => {
  it("says who killed what and why, what broke, what was done, who approved, and what was refused; once", () => {
    const rig = new Rig(true);
    const scopes = new KillScopes({});
    const venue = { name: "sim", cancel() {}, massCancel() {}, queryOpenOrders() {} };
    const killSwitch = new KillSwitch({
      ...{ latch: new KillLatch(scopes.size), scopes, store: { save() {} }, venues: [venue] },
      authority: new KillAuthority(scopes, [
        { who: "ann", role: "riskManager" },
        { who: "rob", role: "riskManager" },
      ]),
      orders: { open: () => [], includes: () => true },
      pace: {
        ...{ cancelsPerStep: 20, retryNs: S, queryNs: S, inFlightNs: S, roundsMax: 9, escalateNs: 9 * S },
        requestNs: 60 * S,
      },
      onRecord: (record) => rig.opened.session.remark(killRemark(record)),
    });
    const asked = { scope: null, channel: "gui", reason: "a fast market" } as const;
    killSwitch.activate({ ...asked, who: "ann", level: 2 }, rig.now);
    killSwitch.step(rig.now);
    killSwitch.requestReenable({ ...asked, who: "ann", override: "empty, by telephone" }, rig.now + 1);
    killSwitch.confirmReenable({ ...asked, who: "rob" }, rig.now + 2);
    rig.buy("NOPE");
    for (let i = 0; i < 3; i++) rig.compare(drift(50_000));
    for (const { kind, key } of rig.desk.breaks()) rig.desk.approve(kind, key, RISK);
    rig.desk.resume(0, RISK);
    rig.crash();
    rig.stop();
    rig.audit?.chain.seal();
    const records = readTrail(rig.disk);
    const of = (type: string) => records.filter((record) => record.type === type);
    expect(of("killActivated")).toMatchObject([
      {
        actor: { id: "ann", role: "riskManager" },
        payload: { scope: "firm", level: 2, reason: "a fast market" },
      },
    ]);
    expect(of("killReenabled")).toMatchObject([{ payload: { requester: "ann", approver: "rob" } }]);
    expect(of("reconciliationBreak").length).toBeGreaterThan(0);
    const actions = of("reconciliationAction").map(({ actor, payload }) => ({ id: actor.id, ...payload }));
    expect(actions).toContainEqual(expect.objectContaining({ action: "haltSymbol", id: "reconciliation" }));
    expect(actions).toContainEqual(expect.objectContaining({ action: "resumed", id: "Ines", ...RISK }));
    expect(actions).toContainEqual(expect.objectContaining({ action: "approved haltSymbol", ...RISK }));
    const refused = of("systemEvent").filter(
      ({ payload }) => (payload as { component: string }).component === "orders",
    );
    expect(refused).toMatchObject([{ payload: { event: "ORDER_INSTRUMENT_UNKNOWN" }, strategy: "scripted" }]);
    expect(() => rig.audit?.note({ ...remarkOf("x"), actor: { kind: "user", id: "m", role: "r" } })).toThrow(
      /remark/,
    );
  });
});

function remarkOf(breakId: string) {
  const payload = { breakId, action: "told", reason: "a test" };
  return { type: "reconciliationAction", payload, actor: { kind: "user", id: "Ines", role: "" } } as const;
}
