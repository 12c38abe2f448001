import { describe, expect, it } from "vitest";
import { MESSAGE_FIELD as FIELD, REASONS, REPORT } from "../../src/model/index.ts";
import { BREAK_KINDS, type VenueFill } from "../../src/recon/index.ts";
import type { ReconDeskOptions } from "../../src/run/index.ts";
import { adopting, expectPeace, NO_CASH, RULES, unheard, working } from "../fixtures/recon-cases.ts";
import { ACCOUNT, ReconRig, RISK, S } from "../fixtures/recon-rig.ts";

/** One break of each kind: planted, seen twice, acted on, gone. */
const TABLE: readonly {
  readonly name: string;
  readonly options?: Partial<ReconDeskOptions>;
  readonly plant: (rig: ReconRig) => void;
  /** What the comparisons from the second on did. */
  readonly carried: readonly (readonly string[])[];
}[] = [
  {
    name: "an unknown fill of a known order",
    plant: (rig) => {
      working(rig);
      unheard(rig, () => rig.venue.fill(1, 4));
    },
    carried: [["unknownFill 1: bookFill done"]],
  },
  {
    name: "an unknown fill that ends its order",
    plant: (rig) => {
      working(rig);
      unheard(rig, () => rig.venue.fill(1, 10));
    },
    carried: [["unknownFill 1: bookFill done", "ghostOrder tw-1: queryHistory done"]],
  },
  {
    name: "an unknown fill of nobody's order",
    plant: (rig) => {
      const orderId = rig.venue.stranger(0, "sell", 100, 3);
      rig.venue.fill(rig.venue.byOrderId(orderId)?.id as number, 3);
    },
    carried: [["unknownFill 1: bookFill done"]],
  },
  {
    name: "a fill that the venue took back",
    plant: (rig) => {
      working(rig);
      rig.venue.fill(1, 4);
      rig.later(1);
      rig.venue.bust("1");
    },
    carried: [["missingFill 1: bustFill done"]],
  },
  {
    name: "a fill without an order that the venue took back",
    plant: (rig) => {
      const orderId = rig.venue.stranger(0, "sell", 100, 3);
      rig.venue.fill(rig.venue.byOrderId(orderId)?.id as number, 3);
      rig.compare();
      rig.compare();
      rig.venue.bust("1");
      (rig.venue.byOrderId(orderId) as { state: string }).state = "canceled";
    },
    carried: [["missingFill 1: bustFill done"]],
  },
  {
    name: "an order that the venue canceled unheard",
    plant: (rig) => {
      working(rig);
      unheard(rig, () => rig.venue.end(1, "canceled"));
    },
    carried: [["ghostOrder tw-1: queryHistory asked"], ["ghostOrder tw-1: applyTerminal done"]],
  },
  {
    name: "an order that expired unheard, partly filled",
    plant: (rig) => {
      working(rig);
      rig.venue.fill(1, 3);
      unheard(rig, () => rig.venue.end(1, "expired"));
    },
    carried: [["ghostOrder tw-1: queryHistory asked"], ["ghostOrder tw-1: applyTerminal done"]],
  },
  {
    name: "an order that was rejected unheard",
    plant: (rig) => {
      rig.later(1).submit("buy", 2, 100);
      unheard(rig, () => {
        rig.venue.accept();
        rig.venue.end(1, "rejected");
      });
    },
    carried: [["ghostOrder tw-1: queryHistory asked"], ["ghostOrder tw-1: applyTerminal done"]],
  },
  {
    name: "an order that was suspended, and rejected unheard: it can't be told as rejected",
    plant: (rig) => {
      rig.later(1).submit("buy", 2, 100);
      rig.venue.accept();
      rig.venue.tell(rig.venue.orders[0]!, REPORT.suspended);
      unheard(rig, () => rig.venue.end(1, "rejected"));
    },
    carried: [["ghostOrder tw-1: queryHistory asked"], ["ghostOrder tw-1: applyTerminal done"]],
  },
  {
    name: "an order that never arrived",
    plant: (rig) => {
      rig.venue.isDeaf = true;
      rig.later(1).submit("buy", 2, 100);
      rig.venue.isDeaf = false;
    },
    carried: [["ghostOrder tw-1: queryHistory asked"], ["ghostOrder tw-1: closeUnknown done"]],
  },
  {
    name: "an unheard acknowledgement",
    plant: (rig) => {
      rig.later(1).submit("buy", 2, 100);
      unheard(rig, () => rig.venue.accept());
    },
    carried: [["stuckPending tw-1: answerRequest done"]],
  },
  {
    name: "a replace that never arrived",
    plant: (rig) => {
      const ticket = working(rig);
      rig.venue.isDeaf = true;
      rig.ctx.replace(ticket, { lots: 12, priceTicks: 101 as never });
      rig.venue.isDeaf = false;
    },
    carried: [["stuckPending tw-1-1: requestStatus asked"], ["stuckPending tw-1-1: answerRequest done"]],
  },
  {
    name: "a replace whose answer was lost",
    plant: (rig) => {
      const ticket = working(rig);
      rig.ctx.replace(ticket, { lots: 12, priceTicks: 101 as never });
      unheard(rig, () => rig.venue.accept());
    },
    carried: [["stuckPending tw-1-1: answerRequest done"]],
  },
  {
    name: "a cancel that never arrived",
    plant: (rig) => {
      const ticket = working(rig);
      rig.venue.isDeaf = true;
      rig.ctx.cancel(ticket);
      rig.venue.isDeaf = false;
    },
    carried: [["stuckPending tw-1-1: requestStatus asked"], ["stuckPending tw-1-1: answerRequest done"]],
  },
  {
    name: "other terms at the venue",
    plant: (rig) => {
      working(rig);
      Object.assign(rig.venue.of(1) as object, { priceTicks: 97, lots: 8 });
    },
    carried: [["orderMismatch tw-1: takeVenueTerms done"]],
  },
  {
    name: "a stranger's order, to be canceled",
    plant: (rig) => void rig.venue.stranger(1, "buy", 50, 3),
    carried: [["orphanOrder V1: cancelOrder asked"]],
  },
  {
    name: "a stranger's order, to be adopted, with a fill",
    options: adopting,
    plant: (rig) => {
      const orderId = rig.venue.stranger(1, "buy", 50, 3);
      rig.venue.fill(rig.venue.byOrderId(orderId)?.id as number, 2);
    },
    carried: [["orphanOrder V1: adoptOrder done", "unknownFill 1: bookFill done"]],
  },
  {
    name: "a position that no fill explains, within the tolerance",
    options: { rules: { ...RULES, positionToleranceLots: 5, cashToleranceMinor: 1_000_00n } },
    plant: (rig) => {
      working(rig);
      rig.venue.fill(1, 4);
      rig.kernel.ledger.positionLots[0] = 2;
      rig.kernel.ledger.mark(0, 0);
    },
    carried: [["positionDrift ABC: correctPosition done"]],
  },
  {
    name: "another fee",
    options: { rules: { ...RULES, cashToleranceMinor: 10n } },
    plant: (rig) => {
      working(rig, "buy", 10, 100_000);
      const fill = rig.venue.fill(1, 10);
      const fee = { currency: "USD", minor: String(BigInt(fill.fee?.minor ?? 0) - 7n) };
      rig.venue.fills[0] = { ...fill, fee };
    },
    carried: [["feeDrift 1: adjustCash done"]],
  },
  {
    name: "other cash",
    options: { rules: { ...RULES, cashToleranceMinor: 10n } },
    plant: (rig) => rig.kernel.ledger.transfer("USD", -9n),
    carried: [["cashDrift USD: adjustCash done"]],
  },
];

describe("breaks end to end", () => {
  it.each(TABLE)("$name: planted, seen, acted on, gone", ({ options, plant, carried }) => {
    const rig = new ReconRig(options);
    plant(rig);
    const first = rig.carried();
    expect(first).toEqual([]);
    expect(rig.desk.breaks().length).toBeGreaterThan(0);
    for (const lines of carried) expect(rig.carried()).toEqual(lines);
    expectPeace(rig);
  });

  it("shows or explains each of the actions", () => {
    const shown = TABLE.flatMap(({ carried }) => carried.flat().map((line) => line.split(" ")[2]));
    const elsewhere = ["queryFills", "quarantineFill", "haltSymbol"];
    expect(new Set([...shown, ...elsewhere]).size).toBe(15);
  });

  it("shows every kind of break", () => {
    const shown = TABLE.flatMap(({ carried }) => carried.flat().map((line) => line.split(" ")[0]));
    const humans = ["conflictingFill"];
    expect([...new Set([...shown, ...humans])].sort()).toEqual([...BREAK_KINDS].sort());
  });

  it("asks for fills where they alone can explain a quantity", () => {
    const asked: unknown[] = [];
    const hands = { ...new ReconRig().hands(), queryFills: (...all: unknown[]) => void asked.push(all) };
    const { queryFills } = hands;
    const rig = new ReconRig({ hands: { queryFills } as never });
    working(rig);
    unheard(rig, () => rig.venue.fill(1, 4));
    rig.compare(["orders"]);
    expect(rig.carried(["orders"])).toEqual(["orderMismatch tw-1: queryFills asked"]);
    expect(asked).toEqual([[0, S]]);
    rig.compare();
    expect(rig.carried()).toEqual(["unknownFill 1: bookFill done"]);
    expectPeace(rig);
  });

  it("takes the venue's word for how an order ended, where the kernel's can't be changed", () => {
    const rig = new ReconRig();
    const ticket = working(rig);
    unheard(rig, () => rig.venue.end(1, "expired"));
    rig.venue.tell(rig.venue.of(1) as never, REPORT.canceled);
    rig.asked = ["tw-1"];
    rig.compare();
    expect(rig.carried()).toEqual(["orderMismatch tw-1: applyTerminal done"]);
    expect(ticket.status).toBe("canceled");
    expect(rig.desk.localView(rig.nowNs).orders[0]?.state).toBe("expired");
    expect(rig.made).toEqual([]);
    expectPeace(rig);
  });

  it("an order that was filled waits for its disputed fill before it is adopted or canceled", () => {
    for (const options of [adopting, {}]) {
      const rig = new ReconRig(options);
      const ticket = working(rig, "buy", 4);
      rig.venue.fill(1, 4);
      rig.venue.fills.length = 0;
      Object.assign(rig.venue.of(1) as object, { cumLots: 0, state: "open" });
      rig.compare();
      const action = options === adopting ? "adoptOrder" : "cancelOrder";
      const fill = "missingFill 1: quarantineFill";
      expect(rig.carried()).toEqual([`${fill} approval`, `orphanOrder V1: ${action} waiting`]);
      rig.desk.approve("missingFill", "1", RISK);
      expect(rig.later(10).carried()).toEqual([`${fill} done`, `orphanOrder V1: ${action} done`]);
      expect(ticket.status).toBe("new");
      expectPeace(rig);
    }
  });

  it("brings an order back that lives on at the venue", () => {
    const rig = new ReconRig(adopting);
    const ticket = working(rig);
    rig.isPrompt = false;
    rig.venue.tell(rig.venue.of(1) as never, REPORT.canceled);
    rig.isPrompt = true;
    rig.deliver(rig.post.pop() as never);
    expect(ticket.status).toBe("canceled");
    rig.compare();
    expect(rig.carried()).toEqual(["orphanOrder V1: adoptOrder done"]);
    expect(ticket.status).toBe("new");
    expectPeace(rig);
  });

  it("an order that was let go, or rejected, and lives at the venue becomes a new one, with its fills", () => {
    const rig = new ReconRig(adopting, 0);
    working(rig, "buy", 3);
    Object.assign(rig.venue.of(1) as object, { lots: 5 });
    rig.venue.fill(1, 3);
    expect(rig.kernel.orders.size).toBe(0);
    rig.compare();
    expect(rig.carried()).toEqual(["orphanOrder V1: adoptOrder done"]);
    expect(rig.ctx.openOrders().map(({ id, lots, cumLots }) => [id, lots, cumLots])).toEqual([[2, 5, 3]]);
    expectPeace(rig);
    const late = new ReconRig(adopting);
    late.later(1).submit("buy", 2, 100);
    const waiting = late.venue.waiting.splice(0);
    for (let i = 0; i < 3; i++) late.compare();
    expect(late.ctx.openOrders()).toEqual([]);
    late.venue.waiting.push(...waiting);
    unheard(late, () => late.venue.accept());
    late.compare();
    expect(late.carried()).toEqual(["orphanOrder V1: adoptOrder done"]);
    expectPeace(late);
  });

  it("books late fills of orders that were let go to the strategy it was given", () => {
    const rig = new ReconRig({}, 0);
    working(rig);
    unheard(rig, () => rig.venue.fill(1, 4));
    rig.venue.end(1, "canceled");
    expect(rig.kernel.orders.size).toBe(0);
    rig.compare();
    expect(rig.carried()).toEqual(["unknownFill 1: bookFill done"]);
    expect(rig.made.map((cells) => cells[FIELD.kind])).toEqual([REPORT.foreign]);
    expect(rig.positions()).toEqual([4, 4]);
    expectPeace(rig);
    rig.venue.bust("1");
    rig.compare();
    expect(rig.carried()).toEqual(["missingFill 1: bustFill done"]);
    expectPeace(rig);
  });

  it("charges a fill that no order explains as the venue says: as maker", () => {
    const rig = new ReconRig({ comparesCash: false });
    const orderId = rig.venue.stranger(0, "sell", 100, 3);
    rig.venue.fill(rig.venue.byOrderId(orderId)?.id as number, 3);
    rig.venue.fills[0] = { ...(rig.venue.fills[0] as VenueFill), isMaker: true };
    rig.compare(NO_CASH);
    expect(rig.carried(NO_CASH)).toEqual(["unknownFill 1: bookFill done"]);
    expect(rig.made.map((cells) => [cells[FIELD.kind], cells[FIELD.maker]])).toEqual([[REPORT.foreign, 1]]);
  });

  it("waits with a fill of an order of another id while a replace that may have made it is unanswered", () => {
    const rig = new ReconRig();
    const ticket = working(rig);
    rig.venue.isDeaf = true;
    rig.later(1).ctx.replace(ticket, { priceTicks: 101, lots: 9 });
    rig.venue.isDeaf = false;
    const orderId = rig.venue.stranger(0, "buy", 101, 9);
    const fill = rig.venue.fill(rig.venue.byOrderId(orderId)?.id as number, 9);
    const { clientOrderId: _, ...nameless } = fill;
    rig.venue.fills[0] = nameless;
    rig.compare();
    expect(rig.carried()).toContain("unknownFill 1: bookFill waiting");
    expect(rig.made.filter((cells) => cells[FIELD.kind] === REPORT.foreign)).toEqual([]);
  });

  it("books a fill to a replaced order whose new id was told to a process that died", () => {
    const rig = new ReconRig();
    const ticket = working(rig);
    rig.compare();
    rig.later(1).ctx.replace(ticket, { priceTicks: 101, lots: 9 });
    rig.later(1).venue.accept();
    // The venue put another order in its place, and nobody who heard so is there any more.
    (rig.venue.of(ticket.id) as { orderId: string }).orderId = "V9";
    unheard(rig, () => rig.venue.fill(ticket.id, 9));
    const { clientOrderId: _, ...nameless } = rig.venue.fills[0] as VenueFill;
    rig.venue.fills[0] = nameless;
    for (let i = 0; i < 4; i++) rig.compare();
    const kinds = rig.made.map((cells) => cells[FIELD.kind]);
    expect(kinds).toContain(REPORT.trade);
    expect(kinds).not.toContain(REPORT.foreign);
    expectPeace(rig);
  });

  it("gives reasons: a reconciled state, an unknown order, a request lost on the way, a reported fill", () => {
    const rig = new ReconRig();
    working(rig);
    working(rig);
    const third = working(rig);
    rig.venue.isDeaf = true;
    rig.later(1).submit("sell", 1, 200);
    rig.ctx.cancel(third);
    rig.venue.isDeaf = false;
    unheard(rig, () => {
      rig.venue.fill(1, 4);
      rig.venue.end(2, "canceled");
    });
    for (let i = 0; i < 3; i++) rig.compare();
    const told = rig.made.map((cells) => {
      const kind = Object.keys(REPORT)[cells[FIELD.kind] as number];
      return `${kind} ${cells[FIELD.id]} ${REASONS[cells[FIELD.reason] as number]}`;
    });
    expect(told.sort()).toEqual([
      "cancelRejected 3 lostOnTheWay",
      "canceled 2 reconciled",
      "rejected 4 unknownOrder",
      "trade 1 reported",
    ]);
    expectPeace(rig);
  });

  it("closes the requests of an order that is over", () => {
    const rig = new ReconRig();
    const ticket = working(rig);
    rig.venue.isDeaf = true;
    rig.ctx.replace(ticket, { lots: 12 });
    rig.ctx.cancel(ticket);
    rig.venue.isDeaf = false;
    unheard(rig, () => rig.venue.end(1, "expired"));
    for (let i = 0; i < 3; i++) rig.compare();
    expect(ticket.status).toBe("expired");
    expect(rig.kernel.orders.pendingCount[0]).toBe(0);
    expectPeace(rig);
  });
});

describe("what a human decides", () => {
  it("a fill that the venue does not have is set aside until a human takes it back", () => {
    const rig = new ReconRig();
    working(rig);
    rig.venue.fill(1, 4);
    rig.venue.fills.length = 0;
    (rig.venue.of(1) as { cumLots: number }).cumLots = 0;
    rig.compare();
    expect(rig.carried()).toEqual(["missingFill 1: quarantineFill approval"]);
    expect(rig.carried()).toEqual(["missingFill 1: quarantineFill approval"]);
    expect(rig.reasons()).toEqual(["approval"]);
    expect(rig.positions()).toEqual([4, 0]);
    rig.desk.approve("missingFill", "1", RISK);
    expect(rig.carried()).toEqual(["missingFill 1: quarantineFill done"]);
    expectPeace(rig);
  });

  it.each([3600, 0])(
    "of two contents of a fill the venue's counts, once approved (linger %i s)",
    (linger) => {
      const rig = new ReconRig({}, linger * S);
      working(rig, "buy", 4);
      const fill = rig.venue.fill(1, 4);
      const cash = { currency: "USD", minor: "-303" };
      rig.venue.fills[0] = { ...fill, priceTicks: 101, lots: 3, cash };
      (rig.venue.of(1) as { cumLots: number }).cumLots = 3;
      rig.compare();
      expect(rig.carried()).toContain("conflictingFill 1: quarantineFill approval");
      rig.desk.approve("conflictingFill", "1", RISK);
      expect(rig.carried()).toContain("conflictingFill 1: quarantineFill done");
      const [ours, theirs] = rig.positions();
      expect([ours, theirs]).toEqual([3, 3]);
      const own = rig.desk.localView(rig.nowNs).fills;
      expect(own).toEqual([expect.objectContaining({ execId: "1", priceTicks: 101, lots: 3 })]);
    },
  );

  it("a large position drift halts the instrument once; approved, the venue's position is taken", () => {
    const rig = new ReconRig();
    working(rig);
    rig.venue.fill(1, 4);
    rig.kernel.ledger.positionLots[0] = 1;
    rig.compare(NO_CASH);
    expect(rig.desk.blocks(0)).toBe(false);
    expect(rig.carried(NO_CASH)).toEqual(["positionDrift ABC: haltSymbol halted"]);
    expect(rig.carried(NO_CASH)).toEqual(["positionDrift ABC: haltSymbol halted"]);
    expect([rig.halted, rig.reasons()]).toEqual([[0], ["halted"]]);
    expect([rig.desk.blocks(0), rig.desk.blocks(1)]).toEqual([true, false]);
    rig.desk.approve("positionDrift", "ABC", RISK);
    expect(rig.carried(NO_CASH)).toEqual(["positionDrift ABC: haltSymbol done"]);
    expect(rig.compare(NO_CASH).open).toBe(0);
    expect(rig.positions()).toEqual([4, 4]);
    expect(rig.desk.blocks(0)).toBe(true);
    rig.desk.resume(0, RISK);
    expect(rig.desk.blocks(0)).toBe(false);
  });

  it("an acknowledged order that the venue denies is closed only when approved", () => {
    const rig = new ReconRig();
    const ticket = working(rig);
    rig.venue.orders.length = 0;
    rig.compare();
    rig.compare();
    expect(rig.carried()).toEqual(["ghostOrder tw-1: closeUnknown approval"]);
    expect(ticket.isOpen).toBe(true);
    rig.desk.approve("ghostOrder", "tw-1", RISK);
    expect(rig.carried()).toEqual(["ghostOrder tw-1: closeUnknown done"]);
    expect(ticket.status).toBe("rejected");
    expectPeace(rig);
  });

  it("another side can't be taken over", () => {
    const rig = new ReconRig();
    working(rig);
    (rig.venue.of(1) as { side: string }).side = "sell";
    rig.compare();
    expect(rig.carried()).toEqual(["orderMismatch tw-1: takeVenueTerms approval"]);
    rig.desk.approve("orderMismatch", "tw-1", RISK);
    expect(rig.carried()).toEqual(["orderMismatch tw-1: takeVenueTerms wrongOrder"]);
    expect(rig.reasons()).toEqual(["approval", "wrongOrder"]);
  });

  it("a large cash drift waits for approval", () => {
    const rig = new ReconRig();
    rig.kernel.ledger.transfer("USD", 5n);
    rig.compare();
    expect(rig.carried()).toEqual(["cashDrift USD: adjustCash approval"]);
    rig.desk.approve("cashDrift", "USD", RISK);
    expect(rig.carried()).toEqual(["cashDrift USD: adjustCash done"]);
    expectPeace(rig);
  });

  it("says what it can't do: no hand, an instrument or a currency that is not ours, an id without a number", () => {
    const { adopt: _, restate: __, adjust: ___, ...hands } = new ReconRig().hands();
    const rig = new ReconRig({ ...adopting, rules: { ...adopting.rules, cashToleranceMinor: 9n } });
    const bare = new ReconRig({
      ...adopting,
      rules: { ...adopting.rules, cashToleranceMinor: 9n },
      hands: { ...hands, adopt: undefined, restate: undefined, adjust: undefined } as never,
    });
    bare.venue.stranger(0, "buy", 9, 1);
    working(bare);
    (bare.venue.of(1) as { priceTicks: number }).priceTicks = 99;
    bare.kernel.ledger.transfer("USD", 5n);
    bare.compare();
    expect(bare.carried()).toEqual([
      "orderMismatch tw-1: takeVenueTerms noHand",
      "orphanOrder V1: adoptOrder noHand",
      "cashDrift USD: adjustCash noHand",
    ]);
    const id = rig.venue.byOrderId(rig.venue.stranger(0, "buy", 9, 5))?.id as number;
    working(rig);
    rig.venue.fill(id, 2);
    unheard(rig, () => rig.venue.fill(1, 2));
    Object.assign(rig.venue.fills[0] as object, { instrument: "ELSE" });
    Object.assign(rig.venue.fills[1] as object, { execId: "no number" });
    Object.assign(rig.venue.orders[0] as object, { instrument: "ELSE" });
    rig.compare(["orders", "fills"]);
    expect(rig.carried(["orders", "fills"])).toEqual([
      "orphanOrder V1: adoptOrder instrument",
      "unknownFill 1: bookFill instrument",
      "unknownFill no number: bookFill execId",
    ]);
  });

  it("tells once that a break grew older than the grace", () => {
    const rig = new ReconRig();
    working(rig);
    unheard(rig, () => rig.venue.fill(1, 4));
    rig.compare();
    rig.later(700).desk.due(rig.nowNs);
    rig.later(700).desk.due(rig.nowNs);
    expect(rig.reasons()).toEqual(["grace"]);
  });
});

describe("the schedule", () => {
  it("asks at every interval, and again while breaks wait", () => {
    const rig = new ReconRig({ recheckNs: 20 * S });
    expect(rig.at(299).desk.due(rig.nowNs)).toBeUndefined();
    const ask = rig.at(300).desk.due(rig.nowNs);
    expect(ask).toMatchObject({
      causes: ["interval"],
      sections: NO_CASH,
      fillsFromNs: null,
      clientOrderIds: [],
    });
    expect(rig.desk.due(rig.nowNs)).toBeUndefined();
    working(rig);
    unheard(rig, () => rig.venue.end(1, "canceled"));
    rig.compare(NO_CASH);
    expect(rig.desk.nextNs()).toBe(rig.nowNs + 20 * S);
    rig.later(20);
    expect(rig.desk.due(rig.nowNs)).toMatchObject({ causes: ["recheck"], isComplete: true });
    expect(rig.carried()).toEqual(["ghostOrder tw-1: queryHistory asked"]);
    expect(rig.later(20).desk.due(rig.nowNs)).toMatchObject({ clientOrderIds: ["tw-1"] });
  });

  it("asks again after a failure, a refused snapshot or one without an answer", () => {
    const rig = new ReconRig();
    rig.at(300).desk.due(rig.nowNs);
    rig.desk.failed(rig.nowNs);
    expect(rig.at(310).desk.due(rig.nowNs)).toMatchObject({ causes: ["interval"] });
    const wrong = { ...ACCOUNT, venue: "else", asOfNs: rig.nowNs };
    expect(rig.desk.take(wrong, rig.nowNs)).toMatchObject({ code: "RECON_ACCOUNT_WRONG" });
    expect(rig.reasons()).toEqual(["snapshot"]);
    expect(rig.at(320).desk.due(rig.nowNs)).toMatchObject({ causes: ["interval"] });
    rig.desk.take({ ...ACCOUNT, asOfNs: rig.nowNs, orders: [] }, rig.nowNs);
    expect(rig.at(321).desk.due(rig.nowNs)).toBeUndefined();
    expect(rig.at(380).desk.due(rig.nowNs)).toBeUndefined();
    expect(rig.at(390).desk.due(rig.nowNs)).toMatchObject({ causes: ["interval"] });
  });

  it("asks for everything at a reconnection, a promotion, the end of the day; for fills after a drop copy", () => {
    const rig = new ReconRig();
    const causes = (): unknown => {
      const due = rig.later(5).desk.due(rig.nowNs);
      const venue = rig.venue.snapshot(rig.startMinor, [], due?.sections, due?.isComplete);
      rig.desk.take(venue, rig.nowNs);
      return [due?.causes, due?.sections.length];
    };
    rig.desk.connected(rig.nowNs);
    expect(causes()).toEqual([["reconnect"], 3]);
    rig.desk.promoted(rig.nowNs);
    expect(causes()).toEqual([["promotion"], 4]);
    rig.desk.dropCopied(rig.nowNs);
    expect(causes()).toEqual([["dropCopy"], 1]);
    rig.desk.planEndOfDay(rig.nowNs + S);
    expect(causes()).toEqual([["endOfDay"], 4]);
    expect(new ReconRig({ comparesCash: false }).desk).toBeDefined();
  });

  it("asks for no cash, and compares none, where others use the account", () => {
    const rig = new ReconRig({ comparesCash: false });
    rig.kernel.ledger.transfer("USD", 5n);
    rig.desk.promoted(0);
    expect(rig.desk.due(0)?.sections).toEqual(NO_CASH);
    expect(rig.compare().open).toBe(0);
  });

  it("does not ask the same thing at every comparison", () => {
    const rig = new ReconRig({ recheckNs: 25 * S });
    working(rig);
    unheard(rig, () => rig.venue.end(1, "canceled"));
    rig.compare();
    rig.compare();
    rig.asked = [];
    expect(rig.carried()).toEqual(["ghostOrder tw-1: queryHistory waiting"]);
    rig.carried();
    expect(rig.carried()).toEqual(["ghostOrder tw-1: queryHistory asked"]);
    expect(rig.queried).toEqual(["tw-1", "tw-1"]);
  });
});

describe("a lost connection", () => {
  it("puts orders in doubt, blocks what could break the limit, and ends with the venue's answer", () => {
    const rig = new ReconRig({ maxPositionLots: () => 12 });
    working(rig, "buy", 8);
    working(rig, "sell", 2, 120);
    unheard(rig, () => rig.later(1).submit("buy", 3, 99));
    rig.desk.disconnected(rig.nowNs);
    expect(rig.desk.localView(rig.nowNs).orders.map((order) => order.isUnknown)).toEqual([true, true, true]);
    expect([rig.desk.blocks(0, 1, 1), rig.desk.blocks(0, 1, 2), rig.desk.blocks(0, -1, 10)]).toEqual([
      false,
      true,
      false,
    ]);
    expect(rig.desk.blocks(1)).toBe(false);
    rig.venue.fill(1, 8);
    expect(rig.desk.blocks(0, 1, 1)).toBe(false);
    expect(rig.desk.blocks(0, 1, 2)).toBe(true);
    rig.later(5).desk.connected(rig.nowNs);
    expect(rig.desk.due(rig.nowNs)?.causes).toEqual(["reconnect"]);
    rig.venue.waiting.length = 0;
    rig.compare();
    expect(rig.desk.blocks(0, 1, 2)).toBe(false);
    for (let i = 0; i < 3; i++) rig.compare();
    expectPeace(rig);
    expect(rig.desk.localView(rig.nowNs).orders.map((order) => order.isUnknown)).toEqual([
      false,
      false,
      false,
    ]);
  });

  it("a doubt the kernel has as well ends with a status that agrees", () => {
    const rig = new ReconRig();
    const ticket = working(rig);
    for (const station of rig.kernel.stations) rig.kernel.disconnected(station);
    expect(rig.desk.localView(rig.nowNs).orders[0]?.isUnknown).toBe(true);
    rig.compare();
    expect(rig.made.map((cells) => cells[FIELD.kind])).toEqual([REPORT.status]);
    expect(rig.desk.localView(rig.nowNs).orders[0]?.isUnknown).toBe(false);
    expect(ticket.isOpen).toBe(true);
    expect(rig.kernel.anomalies).toBe(0);
  });

  it("counts orders that are not in doubt as well", () => {
    const rig = new ReconRig({ maxPositionLots: () => 12 });
    working(rig, "buy", 6);
    rig.desk.disconnected(rig.nowNs);
    expect([rig.desk.blocks(0, 1, 6), rig.desk.blocks(0, 1, 7)]).toEqual([false, true]);
    working(rig, "sell", 5, 120);
    working(rig, "buy", 4, 99);
    expect([rig.desk.blocks(0, 1, 2), rig.desk.blocks(0, 1, 3)]).toEqual([false, true]);
    expect([rig.desk.blocks(0, 0, 2), rig.desk.blocks(0, 0, 3)]).toEqual([false, true]);
  });

  it("without a limit every doubt blocks its instrument; reports end doubts as well", () => {
    const rig = new ReconRig({ cancelsOnDisconnect: true });
    working(rig);
    rig.desk.disconnected(rig.nowNs);
    expect([rig.desk.blocks(0), rig.desk.blocks(1)]).toEqual([true, false]);
    rig.venue.end(1, "canceled");
    expect(rig.desk.blocks(0)).toBe(false);
    expect(rig.reasons()).toEqual([]);
  });
});
