import { describe, expect, it } from "vitest";
import type { VenueFill } from "../../src/recon/index.ts";
import type { ReconDesk } from "../../src/run/index.ts";
import { expectPeace, NO_CASH, RULES, unheard, working } from "../fixtures/recon-cases.ts";
import { ALL, ReconRig, RISK } from "../fixtures/recon-rig.ts";

describe("what one word is good for", () => {
  /** The venue holds so many lots more than its executions say. */
  function drifting(rig: ReconRig): { lots: number } {
    const drift = { lots: 0 };
    const snapshot = rig.venue.snapshot.bind(rig.venue);
    rig.venue.snapshot = (...asked) => {
      const told = snapshot(...asked);
      const positions = told.positions?.map((each, i) =>
        i === 0 ? { ...each, lots: each.lots + drift.lots } : each,
      );
      return positions === undefined ? told : { ...told, positions };
    };
    return drift;
  }

  it("an approval is for the difference that was seen, not for another", () => {
    const rig = new ReconRig({ comparesCash: false });
    const drift = drifting(rig);
    rig.venue.fill(working(rig).id, 10);
    drift.lots = 2;
    for (let i = 0; i < 3; i++) rig.compare(NO_CASH);
    expect(rig.desk.approve("positionDrift", "ABC", RISK)).toBe(true);
    drift.lots = 50_000;
    for (let i = 0; i < 3; i++) rig.compare(NO_CASH);
    expect(rig.kernel.ledger.positionLots[0]).toBe(10);
    expect(rig.desk.approve("positionDrift", "ABC", RISK)).toBe(true);
    for (let i = 0; i < 2; i++) rig.compare(NO_CASH);
    expect(rig.kernel.ledger.positionLots[0]).toBe(50_010);
  });

  it("nothing is approved before it is seen", () => {
    const rig = new ReconRig({ comparesCash: false });
    expect(rig.desk.approve("positionDrift", "ABC", RISK)).toBe(false);
  });

  it("an execution that names no order of ours waits while one of ours has no venue id", () => {
    const rig = new ReconRig({ comparesCash: false });
    rig.later(1);
    const ticket = rig.submit("buy", 10, 100);
    rig.later(1);
    rig.isPrompt = false;
    rig.venue.accept();
    rig.venue.fill(ticket.id, 10);
    for (const [at, { clientOrderId: _, ...fill }] of rig.venue.fills.entries()) rig.venue.fills[at] = fill;
    for (let i = 0; i < 4; i++) rig.compare(NO_CASH);
    rig.isPrompt = true;
    for (const post of rig.post.splice(0)) rig.deliver(post);
    for (let i = 0; i < 4; i++) rig.compare(NO_CASH);
    expect(rig.positions(0)).toEqual([10, 10]);
  });
});

describe("save and load", () => {
  it("goes on where it was, through JSON", () => {
    const rig = new ReconRig({ maxPositionLots: () => 3 });
    working(rig);
    rig.venue.fill(1, 2);
    const ticket = working(rig);
    rig.ctx.cancel(ticket);
    unheard(rig, () => {
      rig.venue.accept();
      rig.venue.fill(1, 3);
    });
    rig.compare();
    rig.desk.disconnected(rig.nowNs);
    const saved = JSON.parse(JSON.stringify(rig.desk.save()));
    const before = rig.desk;
    rig.desk = rig.makeDesk();
    rig.desk.load(saved);
    expect(rig.desk.save()).toEqual(saved);
    expect(rig.desk.localView(rig.nowNs)).toEqual(before.localView(rig.nowNs));
    expect(rig.desk.blocks(0, 1, 5)).toBe(true);
    expect(rig.carried()).toEqual(
      ["unknownFill 3: bookFill done", "ghostOrder tw-2: queryHistory asked"].map((line) =>
        line.replace("3:", "2:"),
      ),
    );
    for (let i = 0; i < 3; i++) rig.compare();
    expectPeace(rig);
  });

  it("refuses anything else, and nothing changes", () => {
    const rig = new ReconRig();
    working(rig);
    rig.venue.fill(1, 2);
    const saved = rig.desk.save();
    for (const [field, value] of [
      ["orders", [{}]],
      ["orders", 5],
      ["fills", { ...saved.fills, rows: [[5]] }],
      ["doubts", [{}]],
      ["book", {}],
      ["schedule", {}],
      ["notes", [{}]],
      ["nextOwn", 0.5],
    ] as const) {
      expect(() => rig.desk.load({ ...saved, [field]: value } as never)).toThrow(/FAULT_INPUT/);
    }
    expect(() => rig.desk.load(undefined as never)).toThrow(/FAULT_INPUT/);
    expect(rig.desk.save()).toEqual(saved);
  });

  it("keeps and forgets what recorded reports of a desk say, as the desk that made them", () => {
    const rig = new ReconRig();
    const [first, second] = [working(rig), working(rig)];
    rig.venue.fill(first.id, 2);
    rig.venue.fill(second.id, 3);
    const { notes } = rig;
    rig.venue.fill(first.id, 1);
    const saved = JSON.parse(JSON.stringify(rig.desk.save()));
    rig.venue.fills.splice(0, 1, { ...(rig.venue.fills[0] as VenueFill), lots: 1 });
    rig.venue.fills.splice(1, 1);
    for (let i = 0; i < 3; i++) {
      rig.compare();
      for (const { kind, key } of rig.desk.breaks()) rig.desk.approve(kind, key, RISK);
    }
    expect(notes.length).toBeGreaterThan(1);
    const again = rig.makeDesk();
    again.load(saved);
    for (const { station, note } of notes) {
      again.replaying(station, note, false);
      again.replaying(station, note, true);
    }
    const facts = (desk: ReconDesk): unknown => {
      const { fills, nextOwn } = desk.save();
      const rows = fills.rows.map(([execId, id, number, , , , lots]) => ({ execId, id, number, lots }));
      return {
        rows: rows.sort((a, b) => a.execId.localeCompare(b.execId)),
        names: fills.otherNames,
        nextOwn,
      };
    };
    expect(facts(again)).toEqual(facts(rig.desk));
    for (const note of ["", "5", "[]", "{"]) {
      expect(() => again.replaying(0, note, false)).toThrow(/FAULT_JOURNAL_FORMAT/);
    }
  });

  it("equal calls lead to equal reports and states", () => {
    const run = (): unknown => {
      const rig = new ReconRig();
      working(rig);
      const ticket = working(rig);
      rig.ctx.replace(ticket, { lots: 5 });
      unheard(rig, () => {
        rig.venue.fill(1, 3);
        rig.venue.accept();
        rig.venue.end(1, "expired");
      });
      for (let i = 0; i < 4; i++) rig.compare();
      return [rig.made.map((cells) => [...cells]), rig.desk.save(), rig.kernel.finalState()];
    };
    expect(run()).toEqual(run());
  });
});

describe("options", () => {
  const bad: readonly [string, object][] = [
    ["reconDesk.fillKept", { fillKept: 5 }],
    ["reconDesk.stations", { stations: [] }],
    ["reconDesk.stations[0]", { stations: [2] }],
    ["reconDesk.stations", { stations: [0, 0] }],
    ["reconDesk.fillsKept", { fillsKept: 0 }],
    ["reconDesk.recheckNs", { recheckNs: -1 }],
    ["reconDesk.comparesCash", { comparesCash: 1 }],
    ["reconDesk.foreignStrategy", { foreignStrategy: 1 }],
    ["reconDesk.maxPositionLots", { maxPositionLots: 5 }],
    ["reconDesk.names.execID", { names: { execID: String } }],
    ["reconDesk.hands.report", { hands: { report: undefined } as never }],
    ["recon.ackTimeoutNs", { rules: { ...RULES, ackTimeoutNs: 0 } }],
    ["reconSchedule.intervalNs", { schedule: { startNs: 0, intervalNs: 0 } }],
  ];

  it.each(bad)("refuses %s by name", (path, options) => {
    expect(() => new ReconRig(options)).toThrow(path);
  });
});

it("ALL names every section", () => expect(ALL).toHaveLength(4));

it("one id of two orders is told, and the first one kept", () => {
  const names = { execId: () => "7" };
  const rig = new ReconRig({ names });
  working(rig);
  working(rig);
  rig.venue.fill(1, 1);
  rig.venue.fill(2, 1);
  expect(rig.reasons()).toEqual(["execId"]);
  expect(rig.desk.localView(rig.nowNs).fills).toHaveLength(1);
});
