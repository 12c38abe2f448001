import { describe, expect, it } from "vitest";
import { crc32c, Fault, Prng } from "../../src/base/index.ts";
import {
  type ApprovedOrder,
  CircuitBreaker,
  type GateRules,
  Locates,
  NO_LIMITS,
  RepeatThrottle,
  type RiskGate,
  type RiskGateOptions,
  SelfMatch,
} from "../../src/risk/index.ts";
import { StateReader, StateWriter } from "../../src/risk/state-bytes.ts";
import { GateFlow } from "../fixtures/gate-flow.ts";
import {
  ABC,
  approved,
  at,
  codeOf,
  type GateSetup,
  makeGate,
  NOW,
  opened,
  order,
  RISK,
  SEATS,
  taken,
  verdict,
} from "../fixtures/gate-setup.ts";

const SECOND = 1e9;

/** A gate that nobody told anything, so that it can load. */
const fresh = (setup: GateSetup = {}) => makeGate({ book: null, capacity: 64, ...setup });
const withBook = (setup: GateSetup = {}) => makeGate({ capacity: 64, ...setup });
const settled = (gate: RiskGate) => {
  gate.drain(() => {});
  return gate.save();
};
const again = (gate: RiskGate, setup: GateSetup = {}) => {
  const other = fresh(setup);
  other.load(settled(gate));
  return other;
};
const pathOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof Fault) return `${error.code} ${error.path}`;
    throw error;
  }
  return "nothing thrown";
};
/** The bytes with a byte changed, and a checksum that is right. */
const forged = (bytes: Uint8Array, change: (copy: Uint8Array) => void): Uint8Array => {
  const copy = bytes.slice();
  change(copy);
  const body = copy.subarray(0, -4);
  new DataView(copy.buffer).setUint32(body.length, crc32c(body), true);
  return copy;
};

describe("numbers of a snapshot", () => {
  const numbers = [
    ...[0, 1, 223, 224, 65_535, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 48 - 1, 2 ** 48],
    ...[-1, -223, -224, -(2 ** 31), -(2 ** 31) - 1, -(2 ** 48) + 1, -(2 ** 48), 2 ** 53, 2 ** 53 - 1, 1e300],
    ...[-0, 0.5, -0.5, 5e-324, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 4_294_967_297],
  ];

  it("come back bit by bit, each as short as it can be", () => {
    const writer = new StateWriter();
    for (const number of numbers) writer.number(number);
    const reader = StateReader.open("state", writer.seal());
    for (const number of numbers) expect(Object.is(reader.number(), number)).toBe(true);
    reader.end();
    const lengthOf = (number: number) => {
      writer.clear();
      writer.number(number);
      return writer.seal().length - 4;
    };
    expect([0, 223, 224, 65_536, 2 ** 32, -1, 0.5, Number.NaN].map(lengthOf)).toEqual([
      1, 1, 3, 5, 7, 2, 9, 1,
    ]);
  });

  it("of a column are written where they are not what most are", () => {
    const columns = [
      Float64Array.of(0, -0, 7, Number.NaN, 0),
      Float64Array.of(Number.NaN, 1, Number.NaN, 0, Number.NaN),
      Int32Array.of(-1, 5, -1, -1, -7),
    ];
    const otherwise = [0, Number.NaN, -1];
    const specs = (of: readonly (Float64Array | Int32Array)[]) =>
      of.map((figures, i) => [`column${i}`, figures, otherwise[i] as number] as const);
    const writer = new StateWriter();
    writer.columns(specs(columns));
    const loaded = [new Float64Array(5).fill(9), new Float64Array(5), new Int32Array(5)];
    const apply = StateReader.open("state", writer.seal()).columns(specs(loaded));
    expect(loaded[0]).toEqual(new Float64Array(5).fill(9));
    apply();
    expect(loaded).toEqual(columns);
    writer.clear();
    writer.columns(specs([new Float64Array(100_000)]));
    expect(writer.seal().length).toBe(5 + 1 + 4);
  });
});

describe("the snapshot of a gate", () => {
  it("of equal gates is equal, and of a gate that was loaded from it too", () => {
    const gates = [1, 2].map(() => withBook());
    const [one, two] = gates.map(settled);
    expect(one).toEqual(two);
    const other = again(gates[0] as RiskGate);
    expect(other.save()).toEqual(one);
    expect(other.parts.references.bidTicks[0]).toBe(9_999);
  });

  it("of a small book is small, whatever the capacity", () => {
    const gate = withBook({ capacity: 1 << 16, records: 1 << 12 });
    const empty = settled(gate).length;
    for (let i = 0; i < 100; i++) {
      opened(gate, { slice: i });
      gate.drain(() => {});
    }
    const full = settled(gate).length;
    expect([empty < 700, full - empty < 100 * 70]).toEqual([true, true]);
  });

  it("of a quiet book is small, whatever was sent before", () => {
    const gate = withBook();
    const empty = settled(gate).length;
    for (let i = 1; i <= 200; i++) {
      const nowNs = NOW + i * SECOND;
      gate.quote(0, 9_999, 10_001, nowNs);
      gate.settlement.forget(opened(gate, {}, nowNs));
      gate.drain(() => {});
    }
    expect(settled(gate).length - empty).toBeLessThan(200);
  });

  it("leaves the kill latch out", () => {
    const gate = withBook();
    const before = settled(gate);
    gate.parts.latch.set(0, 2);
    expect(gate.save()).toEqual(before);
    expect(verdict(again(gate))).not.toBe("RISK_KILLED");
  });

  it("waits for records to be sealed and for approvals to be taken or given up", () => {
    const gate = withBook();
    const approval = approved(gate.check(order(), NOW));
    expect(pathOf(() => gate.save())).toBe("FAULT_INPUT gateSnapshot.recordsWaiting");
    gate.drain(() => {});
    expect(pathOf(() => gate.save())).toBe("FAULT_INPUT gateSnapshot.approvals");
    taken(gate, approval);
    expect(pathOf(() => gate.save())).toBe("nothing thrown");
    const slot = gate.lastSlot;
    const id = gate.parts.orders.id[slot] as number;
    const replace = (request: number) =>
      gate.checkReplace(slot, id, request, 12, 10_000, NOW) as ApprovedOrder;
    replace(1);
    const second = replace(2);
    expect(pathOf(() => settled(gate))).toBe("FAULT_INPUT gateSnapshot.approvals");
    gate.abandon(second);
    expect(pathOf(() => settled(gate))).toBe("nothing thrown");
    const late = replace(3);
    gate.control.change([at("account", { maxLongLots: 500 })], RISK, "news", NOW);
    expect(pathOf(() => taken(gate, late))).toBe("FAULT_APPROVAL approvedOrder");
    expect(pathOf(() => settled(gate))).toBe("FAULT_INPUT gateSnapshot.approvals");
    gate.settlement.closed(slot);
    expect(pathOf(() => settled(gate))).toBe("nothing thrown");
  });

  it("is loaded by a gate that has decided nothing, and by no other", () => {
    const bytes = settled(withBook());
    const used: ((gate: RiskGate) => unknown)[] = [
      (gate) => opened(gate),
      (gate) => gate.control.newDay(NOW, 1),
      (gate) => gate.check(order({ lots: -1 }), NOW),
    ];
    for (const use of used) {
      const gate = withBook();
      use(gate);
      expect(pathOf(() => gate.load(bytes))).toBe("FAULT_INPUT gateSnapshot.gate");
    }
    const open = withBook({ firm: NO_LIMITS });
    const empty = settled(open);
    opened(open);
    open.settlement.forget(open.lastSlot);
    expect(pathOf(() => open.load(empty))).toBe("FAULT_INPUT gateSnapshot.gate");
    // What it was told before is overwritten.
    const told = withBook({ book: [50, 60] });
    told.load(bytes);
    expect(told.save()).toEqual(bytes);
  });
});

describe("a snapshot that is not right", () => {
  const flow = new GateFlow(new Prng(3));
  for (let i = 0; i < 150; i++) flow.step();
  const bytes = flow.fork();

  it("is found out by any byte", () => {
    const gate = flow.make();
    const before = gate.save();
    for (let i = 0; i < bytes.length; i++) {
      const other = bytes.slice();
      other[i] = (other[i] as number) ^ (1 << (i & 7));
      expect(pathOf(() => gate.load(other))).toBe("FAULT_INPUT gateSnapshot.checksum");
    }
    expect(pathOf(() => gate.load(new Uint8Array(3)))).toBe("FAULT_INPUT gateSnapshot.length");
    for (const length of [4, 9, bytes.length - 1]) {
      expect(pathOf(() => gate.load(bytes.subarray(0, length)))).toMatch(/^FAULT_INPUT gateSnapshot\./);
    }
    expect(pathOf(() => gate.load(Uint8Array.of(...bytes, 0)))).toBe("FAULT_INPUT gateSnapshot.checksum");
    expect(pathOf(() => gate.load([1] as unknown as Uint8Array))).toBe("FAULT_INPUT gateSnapshot");
    expect(gate.save()).toEqual(before);
    gate.load(bytes);
    expect(gate.save()).toEqual(bytes);
  });

  it("is of another kind, another version, other sections", () => {
    const gate = flow.make();
    const refused = (change: (copy: Uint8Array) => void) => pathOf(() => gate.load(forged(bytes, change)));
    const flip = (place: number) =>
      refused((copy) => {
        copy[place] = (copy[place] as number) + 1;
      });
    expect([flip(0), flip(4), flip(9)]).toEqual([
      "FAULT_INPUT gateSnapshot.magic",
      "FAULT_INPUT gateSnapshot.version",
      "FAULT_INPUT gateSnapshot.sections",
    ]);
    const longer = new Uint8Array(bytes.length + 1);
    longer.set(bytes);
    expect(pathOf(() => gate.load(forged(longer, () => {})))).toMatch(/^FAULT_INPUT gateSnapshot\.sections$/);
  });

  it("changes nothing whatever its bytes are, or is loaded as a whole", () => {
    const random = new Prng(11);
    let loaded = 0;
    let gate = flow.make();
    const before = gate.save();
    for (let i = 0; i < 4_000; i++) {
      const other = forged(bytes, (copy) => {
        copy[8 + random.below(copy.length - 12)] = random.below(256);
      });
      const answer = pathOf(() => gate.load(other));
      if (answer === "nothing thrown") {
        loaded += 1;
        gate = flow.make();
      } else expect(answer).toMatch(/^FAULT_INPUT gateSnapshot\.\w+/);
    }
    expect(gate.save()).toEqual(before);
    expect(loaded).toBeGreaterThan(100);
  });

  const refusing = (options: Partial<RiskGateOptions> & GateSetup) =>
    pathOf(() => fresh(options).load(settled(withBook())));

  it("is of another gate", () => {
    expect(refusing({ capacity: 65 })).toBe("FAULT_INPUT gateSnapshot.gate.capacity");
    expect(refusing({ records: 64 })).toBe("FAULT_INPUT gateSnapshot.gate.records");
    expect(refusing({ seats: SEATS.slice(0, 2) })).toBe("FAULT_INPUT gateSnapshot.gate.seats");
    expect(refusing({ instruments: [ABC], classes: {} })).toBe("FAULT_INPUT gateSnapshot.gate.instruments");
    const others = SEATS.map((seat) => ({ ...seat, user: "mara" }));
    expect(refusing({ seats: others })).toBe("FAULT_INPUT gateSnapshot.gate.nodes");
    for (const option of [
      { limits: [at("account", { maxLongLots: 5 })] },
      { warnEveryNs: 1 },
      { valueAtRiskAgeNs: 1 },
      { marginBps: { "ABC@XNAS": 5 } },
      { rules: { selfMatch: new SelfMatch({ groups: 16, instruments: 2, orders: 64 }) } },
      { seats: SEATS.map((seat) => ({ ...seat, strategy: `${seat.strategy}2` })) },
    ]) {
      expect(refusing(option)).toBe("FAULT_INPUT gateSnapshot.gate.options");
    }
  });

  it("is of rules of other sizes", () => {
    const breaker = (name: string) => new CircuitBreaker({ name, onTransition: () => {} });
    const load = (saved: GateRules, into: GateRules) =>
      pathOf(() => fresh({ rules: into }).load(settled(fresh({ rules: saved }))));
    expect(load({ breakers: [breaker("a")] }, { breakers: [breaker("a"), breaker("b")] })).toBe(
      "FAULT_INPUT gateSnapshot.breakers.length",
    );
    const locates = (orders: number) => ({ locates: new Locates({ accounts: 16, instruments: 2, orders }) });
    expect(load(locates(64), locates(65))).toBe("FAULT_INPUT gateSnapshot.locates.orderKey");
  });
});

describe("a gate that goes on", () => {
  it("uses places in the same order", () => {
    const gate = withBook();
    const slots = [1, 2, 3, 4, 5].map((slice) => opened(gate, { slice }));
    for (const i of [1, 3, 0]) gate.settlement.forget(slots[i] as number);
    const other = again(gate);
    const next = [gate, other].map((each) => [6, 7, 8, 9].map((slice) => opened(each, { slice })));
    expect(next[0]).toEqual(next[1]);
    expect(next[0]?.slice(0, 3)).toEqual([slots[0], slots[3], slots[1]]);
  });

  it("answers replaces that wait, in both ways, and keeps what they hold", () => {
    const gate = withBook();
    const slot = opened(gate, { lots: 10 });
    const id = gate.parts.orders.id[slot] as number;
    for (const [request, lots] of [
      [1, 30],
      [2, 20],
    ] as const) {
      taken(gate, approved(gate.checkReplace(slot, id, request, lots, 10_000 + request, NOW)));
    }
    const other = again(gate);
    for (const each of [gate, other]) {
      expect(each.parts.orders.heldLots[slot]).toBe(30);
      each.settlement.replaceRejected(slot, 1);
      expect(each.parts.orders.heldLots[slot]).toBe(20);
      each.settlement.replaced(slot, 2);
      expect(each.parts.orders.priceTicks[slot]).toBe(10_002);
    }
    expect(settled(other)).toEqual(settled(gate));
  });

  it("ends overrides in time, and keeps limits that were changed", () => {
    const setup = { limits: [at("account", { maxOrderLots: 50, maxOrdersPerSecond: 10 })] };
    const gate = withBook(setup);
    gate.control.change([at("strategy", { maxOrderLots: 40 })], RISK, "news", NOW);
    const people = {
      requestedBy: { name: "B. Oss", role: "management" },
      approvedBy: RISK,
      reason: "once",
    } as const;
    const override = { ...at("account", { maxOrdersPerSecond: 1 }), ...people, untilNs: NOW + 5 };
    expect(gate.control.override(override, NOW)).toEqual({ ok: true });
    const [other, second] = [again(gate, setup), again(gate, setup)];
    const codes = (each: RiskGate) =>
      [NOW + 1, NOW + 2, NOW + 5].map((nowNs, i) => verdict(each, { slice: 100 + i }, nowNs));
    expect(codes(gate)).toEqual(["approved", "RISK_RATE_SECOND", "approved"]);
    expect(codes(other)).toEqual(["approved", "RISK_RATE_SECOND", "approved"]);
    expect(verdict(second, { lots: 41 })).toBe("RISK_QUANTITY_EXCEEDED");
    expect([second.control.version, gate.control.version]).toEqual([3, 4]);
  });

  it("refuses the same order again while its window lasts, and forgets older ones", () => {
    const gate = withBook({ duplicates: { capacity: 4 } });
    for (let i = 0; i < 12; i++) opened(gate, { slice: i, lots: 2 }, NOW + i * 200_000_000);
    const other = again(gate, { duplicates: { capacity: 4 } });
    const last = NOW + 11 * 200_000_000;
    for (const each of [gate, other]) {
      const codes = [11, 10, 9, 8].map((slice) => verdict(each, { slice, lots: 2 }, last));
      expect(codes).toEqual([
        ...["RISK_DUPLICATE_ORDER", "RISK_DUPLICATE_ORDER", "RISK_DUPLICATE_ORDER", "approved"],
      ]);
    }
  });

  it("keeps the log of a minute that had to grow", () => {
    const gate = withBook({ limits: [at("account", { maxOrdersPerMinute: 3 })] });
    gate.control.change([at("firm", { maxOrdersPerMinute: 50_000 })], RISK, "more", NOW);
    gate.control.change([at("account", { maxOrdersPerMinute: 40_000 })], RISK, "more", NOW);
    opened(gate);
    const other = again(gate, { limits: [at("account", { maxOrdersPerMinute: 3 })] });
    expect([other.parts.perMinute.capacity, other.save()]).toEqual([
      gate.parts.perMinute.capacity,
      gate.save(),
    ]);
    expect(other.parts.perMinute.capacity).toBeGreaterThan(65_536);
  });

  it("forgets what windows without a limit held, as the gate it was loaded from does", () => {
    const limits = [at("account", { maxWindowLoss: "1000", maxDrawdown: "1000" })];
    const setup = { limits, capital: [{ level: "account", name: "A1", amount: "50000" }] } as const;
    const gate = withBook(setup);
    gate.settlement.book(0, 0, 1, 10, 10_000, NOW);
    const none = { maxWindowLoss: "unlimited", maxDrawdown: "unlimited" } as const;
    gate.control.change([at("account", none)], RISK, "off", NOW);
    const other = again(gate, setup);
    for (const each of [gate, other]) {
      each.control.newDay(NOW + 77, 1);
      each.quote(0, 9_000, 9_002, NOW + 78);
    }
    expect(settled(other)).toEqual(settled(gate));
    for (const each of [gate, other]) each.control.change(limits, RISK, "on", NOW + 79);
    expect(settled(other)).toEqual(settled(gate));
  });

  it("counts executions of a strategy since it was enabled last", () => {
    const rules = () => {
      const repeats = new RepeatThrottle({ strategies: 3, capacity: 16, windowNsMax: 10 * SECOND });
      repeats.configure(0, { count: 2, windowNs: 10 * SECOND });
      return { repeats };
    };
    const [mine, others] = [rules(), rules()];
    const gate = fresh({ rules: mine });
    for (const nowNs of [1, 2]) mine.repeats.executed(0, 0, 1, 7, nowNs);
    mine.repeats.enable(0, "R. Okafor");
    fresh({ rules: others }).load(gate.save());
    expect([3, 4].map((nowNs) => others.repeats.executed(0, 0, 1, 7, nowNs))).toEqual([false, true]);
  });

  it("without any limit as well", () => {
    const gate = withBook({ firm: NO_LIMITS });
    const slot = opened(gate, { lots: 7 });
    const other = again(gate, { firm: NO_LIMITS });
    expect([other.isUnlimited, other.lastSlot, other.parts.orders.heldLots[slot]]).toEqual([true, slot, 7]);
    expect(codeOf(other.check(order(), NOW))).toBe("approved");
  });
});
