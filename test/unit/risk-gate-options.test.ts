import { describe, expect, it } from "vitest";
import { Instrument } from "../../src/model/index.ts";
import { KillLatch, KillScopes, LEVELS, LIMIT, LIMIT_NAMES, NO_LIMITS } from "../../src/risk/index.ts";
import { LIMIT_COLUMNS, LimitTable, parseMoneyBound, REQUIRED_MASK } from "../../src/risk/limit-table.ts";
import { Worth } from "../../src/risk/worth.ts";
import {
  ABC,
  at,
  makeGate,
  NOW,
  order,
  PATH,
  RISK,
  SEATS,
  verdict,
  worth,
  XYZ,
} from "../fixtures/gate-setup.ts";

const messageOf = (call: () => unknown): string => {
  try {
    call();
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing was thrown";
};

describe("what a gate says it was made from", () => {
  it("is plain data, objects of the caller's by their names", () => {
    const own = { allows: () => true };
    const currency = { code: "USD", decimals: 2 };
    const gate = makeGate({
      ...{ currency, hours: { "ABC@XNAS": own, "XYZ@XNYS": "always" } },
      ...{ rules: { breakers: [] }, marginBps: { "ABC@XNAS": 150 }, dailyVolumeLots: { "ABC@XNAS": 5 } },
      ...{ ages: { quoteNs: 7 }, duplicates: { windowNs: 10, count: 3 }, selfMatch: "none" },
      ...{ lossWindowNs: 1, drawdownWindowNs: 2, protectsMarketOrders: false, replacesByCancel: ["XNAS"] },
    });
    const said = gate.describe();
    expect(said).toEqual({
      ...{ currency, seats: SEATS, limits: said?.limits, capital: [], hours: ["ABC@XNAS", "XYZ@XNYS"] },
      ...{ status: "trusted", rules: ["breakers"], classes: { "ABC@XNAS": "stocks", "XYZ@XNYS": "stocks" } },
      ...{ marginBps: { "ABC@XNAS": 150 }, dailyVolumeLots: { "ABC@XNAS": 5 }, ages: { quoteNs: 7 } },
      ...{ duplicates: { windowNs: 10, count: 3 }, selfMatch: "none", lossWindowNs: 1, drawdownWindowNs: 2 },
      ...{ protectsMarketOrders: false, replacesByCancel: ["XNAS"] },
    });
    expect(JSON.parse(JSON.stringify(said))).toEqual(said);
  });

  it("leaves out what was left out, and gives a currency its two decimals", () => {
    const said = makeGate().describe();
    expect(Object.keys(said ?? {})).toEqual([
      ...["currency", "seats", "limits", "capital", "hours", "status", "rules", "classes"],
    ]);
    expect(said).toMatchObject({ currency: { code: "USD", decimals: 2 }, hours: "always", rules: [] });
  });
});

describe("an option that is none", () => {
  const odd = (options: object) => messageOf(() => makeGate(options as never));

  it.each([
    ["an unknown one", { currencys: "USD" }, "currencys"],
    ["no currency", { currency: "" }, "riskGate.currency"],
    ["a currency of too few decimals", { currency: { code: "USD", decimals: -1 } }, "riskGate.currency"],
    ["no instruments", { instruments: [] }, "riskGate.instruments"],
    ["an instrument twice", { instruments: [ABC, ABC] }, "each instrument once"],
    ["an instrument twice", { instruments: [ABC, ABC] }, "riskGate.instruments"],
    ["classes of others", { classes: { "QQQ@XNAS": "x" } }, "riskGate.classes"],
    ["hours of others", { hours: { "QQQ@XNAS": "always" } }, "riskGate.hours"],
    ["ages of others", { ages: { bookNs: 1 } }, "riskGate.ages"],
    ["an unknown rule", { rules: { drifts: {} } }, "riskGate.rules"],
    ["an unknown mode", { selfMatch: "never" }, "riskGate.selfMatch"],
    ["a switch that is none", { protectsMarketOrders: 1 }, "riskGate.protectsMarketOrders"],
    ["a venue without instruments", { replacesByCancel: ["XLON"] }, "riskGate.replacesByCancel"],
    ["a venue without instruments", { replacesByCancel: ["XLON"] }, "a venue that lists an instrument"],
    ["no place for orders", { capacity: 0 }, "riskGate.capacity"],
    ["too many places", { capacity: 2 ** 20 + 1 }, "riskGate.capacity"],
    ["one record", { records: 1 }, "riskGate.records"],
    ["too many records", { records: 2 ** 21 }, "riskGate.records"],
    ["records that are no power of two", { records: 3 }, "riskGate.records (a power of two)"],
    ["no window of losses", { lossWindowNs: 0 }, "riskGate.lossWindowNs"],
    ["no window of drawdowns", { drawdownWindowNs: 0 }, "riskGate.drawdownWindowNs"],
    ["an age below 0", { valueAtRiskAgeNs: -1 }, "riskGate.valueAtRiskAgeNs"],
    ["an age of quotes below 0", { ages: { quoteNs: -1 } }, "riskGate.ages.quoteNs"],
    ["an age of trades below 0", { ages: { tradeNs: -1 } }, "riskGate.ages.tradeNs"],
    ["an age of closes below 0", { ages: { closeNs: -1 } }, "riskGate.ages.closeNs"],
    ["warnings before their time", { warnEveryNs: -1 }, "riskGate.warnEveryNs"],
    ["a margin of others", { marginBps: { "QQQ@XNAS": 1 } }, "one of ABC@XNAS, XYZ@XNYS"],
    ["a margin of others", { marginBps: { "QQQ@XNAS": 1 } }, "riskGate.marginBps"],
    ["a margin below 0", { marginBps: { "ABC@XNAS": -1 } }, "riskGate.marginBps.ABC@XNAS"],
    ["a volume that is none", { dailyVolumeLots: { "ABC@XNAS": Number.NaN } }, "dailyVolumeLots.ABC@XNAS"],
    ["a volume past 1e12", { dailyVolumeLots: { "ABC@XNAS": 1e12 + 1 } }, "dailyVolumeLots.ABC@XNAS"],
    [
      "hours that are none",
      { hours: { "ABC@XNAS": "never", "XYZ@XNYS": "always" } },
      "riskGate.hours.ABC@XNAS",
    ],
    ["hours that are none", { hours: { "ABC@XNAS": {}, "XYZ@XNYS": "always" } }, 'trading hours or "always"'],
    ["no capital", { capital: undefined }, "riskGate.capital"],
    ["capital that is none", { capital: [worth("firm", "x")] }, "riskGate.capital[0].amount"],
    ["capital of nobody", { capital: [{ level: "desk", name: "fx", amount: "1" }] }, "riskGate.capital[0]"],
    ["capital of nobody", { capital: [{ level: "desk", name: "fx", amount: "1" }] }, "desk fx"],
    ["capital of nobody", { capital: [{ level: "desk", amount: "1" }] }, "no name for the firm"],
    [
      "a limit that is none",
      { limits: [at("desk", { maxOrderLots: -1 })] },
      "riskGate.limits[1].limits.maxOrderLots",
    ],
    ["a limit of nobody", { limits: [{ level: "desk", name: "fx", limits: {} }] }, "riskGate.limits[1]"],
    [
      "a burst that is none",
      { limits: [at("desk", { maxOrdersPerSecond: { rate: 1, burst: 0.5 } })] },
      "maxOrdersPerSecond.burst",
    ],
    [
      "a misspelt burst",
      { limits: [at("desk", { maxOrdersPerSecond: { rate: 1, bursts: 1 } as never })] },
      "bursts",
    ],
    [
      "a rate that is none",
      { limits: [at("desk", { maxOrdersPerSecond: null as never })] },
      "maxOrdersPerSecond",
    ],
    ["no seats", { seats: [] }, "riskGate.seats"],
    ["a seat without a desk", { seats: [{ ...SEATS[0], desk: "" }] }, "riskGate.seats[0].desk"],
    ["a misspelt seat", { seats: [{ ...SEATS[0], desks: "" }] }, "riskGate.seats[0]"],
    ["a strategy twice", { seats: [SEATS[0], { ...SEATS[1], strategy: "pairs" }] }, "each strategy once"],
    ["a strategy twice", { seats: [SEATS[0], { ...SEATS[1], strategy: "pairs" }] }, '["pairs","pairs"]'],
    ["a rate of the gate's money", { rates: { USD: "1" } }, "another currency than USD"],
    ["a rate of no instrument's", { rates: { EUR: "1" } }, "another currency than USD"],
  ])("%s is refused by name", (_, options, word) => {
    const text = odd(options);
    expect(text).toContain("FAULT_CONFIG");
    expect(text).toContain(word);
  });

  it("is a latch with fewer scopes than are given", () => {
    const scopes = new KillScopes({ strategy: ["pairs"] });
    const text = odd({ kill: { latch: new KillLatch(1), scopes } });
    for (const word of ["riskGate.kill.latch", "a latch of at least 2 scopes"]) expect(text).toContain(word);
    expect(odd({ kill: { latch: new KillLatch(3), scopes } })).toBe("nothing was thrown");
  });

  it("may stand at the ends of its range", () => {
    const fine = [
      { capacity: 1 },
      { records: 2 },
      { lossWindowNs: 1, drawdownWindowNs: 1, valueAtRiskAgeNs: 0, warnEveryNs: 0 },
      { ages: { quoteNs: 0, tradeNs: 0, closeNs: 0 } },
      { marginBps: { "ABC@XNAS": 0, "XYZ@XNYS": 1e12 } },
    ];
    for (const options of fine) expect(odd(options)).toBe("nothing was thrown");
  });
});

describe("options left out", () => {
  it("are what they are said to be", () => {
    const gate = makeGate({ ages: undefined as never });
    const { parts } = gate;
    expect([parts.orders.capacity, parts.log.capacity, parts.perMinute.capacity]).toEqual([4096, 4096, 4096]);
    expect([parts.protectsMarketOrders, parts.selfMatchMode, parts.day, parts.rules]).toEqual([
      true,
      1,
      0,
      {},
    ]);
    expect([[...parts.isAtomic], [...parts.volumeLots]]).toEqual([
      [1, 1],
      [Number.NaN, Number.NaN],
    ]);
    expect([...parts.exposure.marginBps]).toEqual([10_000, 10_000]);
    const day = 86_400e9;
    for (const [source, age] of [
      ["quote", 5e9],
      ["trade", 60e9],
      ["close", 5 * day],
    ] as const) {
      const one = makeGate({ book: null });
      if (source === "quote") one.quote(0, 9_999, 10_001, NOW);
      else if (source === "trade") one.trade(0, 10_000, NOW);
      else one.settlement.close(0, 10_000, NOW);
      const { references } = one.parts;
      expect([references.twice(0, NOW + age), references.twice(0, NOW + age + 1)]).toEqual([
        20_000,
        Number.NaN,
      ]);
    }
  });

  it("class every instrument together", () => {
    const gate = makeGate({ classes: { "ABC@XNAS": "stocks" } });
    const { hierarchy } = gate.parts;
    const names = hierarchy.nameOf.filter((_, node) => LEVELS[hierarchy.levelOf[node] as number] === "class");
    expect(names).toEqual(["stocks", "all"]);
    expect(makeGate({ classes: undefined as never }).parts.hierarchy.find("class", "all")).toBeDefined();
  });

  it("warn once a minute", () => {
    const gate = makeGate({ limits: [at("user", { maxOrderLots: 10 })], ages: { quoteNs: 1e12 } });
    const warned = (nowNs: number) => {
      verdict(gate, { lots: 9 }, nowNs);
      let count = -1;
      gate.drain(() => (count += 1));
      return count;
    };
    expect([NOW, NOW + 60e9 - 1, NOW + 60e9].map(warned)).toEqual([1, 0, 1]);
  });

  it("measure losses within a minute, and falls within a day", () => {
    for (const [laterNs, code] of [
      [59e9, "RISK_WINDOW_LOSS"],
      [61e9, "approved"],
    ] as const) {
      const gate = makeGate({ limits: [at("user", { maxWindowLoss: "1" })], ages: { quoteNs: 1e15 } });
      const lose = (nowNs: number) => {
        gate.settlement.charge(0, 0, 60);
        return verdict(gate, {}, nowNs);
      };
      expect([verdict(gate), lose(NOW + 30e9), lose(NOW + laterNs)]).toEqual(["approved", "approved", code]);
    }
    const fall = makeGate({
      ...{
        limits: [at("user", { maxDrawdown: "1" })],
        capital: [worth("user", "100")],
        ages: { quoteNs: 1e15 },
      },
    });
    expect(verdict(fall)).toBe("approved");
    fall.settlement.charge(0, 0, 100);
    expect(verdict(fall, {}, NOW + 3_600e9)).toBe("RISK_DRAWDOWN");
  });

  it("take a value at risk of a day", () => {
    const gate = makeGate({ limits: [at("desk", { maxValueAtRisk: "10" })], ages: { quoteNs: 1e15 } });
    gate.control.setValueAtRisk("desk", "equities", 500, [50, 0], NOW);
    expect(verdict(gate, {}, NOW + 86_400e9)).toBe("approved");
    expect(verdict(gate, {}, NOW + 86_400e9 + 1)).toBe("RISK_REFERENCE_UNAVAILABLE");
  });
});

describe("whether a gate limits anything", () => {
  const bare = { firm: NO_LIMITS } as const;

  it.each([
    ["nothing", {}, true],
    ["a status", { status: { staleNs: 1 } }, false],
    ["a rule", { rules: { breakers: [] } }, false],
    ["hours", { hours: { "ABC@XNAS": { allows: () => true }, "XYZ@XNYS": "always" } }, false],
    ["no real hours", { hours: { "ABC@XNAS": "always", "XYZ@XNYS": "always" } }, true],
    ["a limit anywhere", { limits: [at("symbol", { maxOpenOrders: 5 })] }, false],
    ["the width of a collar", { limits: [at("symbol", { priceCollarTicks: 5 })] }, true],
    [
      "a required limit that only a desk says",
      { firm: without("maxOrderLots"), limits: [at("desk", NO_LIMITS)] },
      false,
    ],
  ] as const)("with %s", (_, setup, isUnlimited) => {
    expect(makeGate({ ...bare, ...(setup as object) }).isUnlimited).toBe(isUnlimited);
  });

  it("is said where somebody changes what limits nothing", () => {
    const gate = makeGate(bare);
    const text = messageOf(() => gate.control.change([at("user", { maxOrderLots: 1 })], RISK, "late", NOW));
    expect(text).toContain("a gate that was built with a limit");
    expect(text).toContain("limits");
  });
});

describe("the kill scopes of a gate", () => {
  it("are its venues and names, each once", () => {
    const { parts } = makeGate();
    const found = (kind: string, name: string) => parts.scopes.indexOf({ kind, name } as never);
    const names = [
      ...["venue XNAS", "venue XNYS", "account A1", "account B7", "desk equities", "desk macro", "user mara"],
      ...["user noor", "user olu", "strategy pairs", "strategy grid", "strategy carry", "symbol ABC@XNAS"],
      "symbol XYZ@XNYS",
    ];
    const places = names.map((each) => found(...(each.split(" ") as [string, string])));
    expect([...places].sort((a, b) => a - b)).toEqual(names.map((_, i) => i + 1));
    expect(parts.scopes.size).toBe(names.length + 1);
    expect([parts.latch.scopes >= parts.scopes.size, parts.scopeOfVenue[0], parts.scopeOfVenue[1]]).toEqual([
      true,
      found("venue", "XNAS"),
      found("venue", "XNYS"),
    ]);
    const scope = (level: (typeof LEVELS)[number]) =>
      parts.scopeOfNode[parts.node("", level, level === "firm" ? undefined : PATH[level])];
    expect(LEVELS.map(scope)).toEqual([
      0,
      ...(["desk", "account", "user", "strategy"] as const).map((level) => found(level, PATH[level])),
      -1,
      found("symbol", PATH.symbol),
    ]);
  });
});

describe("a node by its level and name", () => {
  it("is found, or refused with what was asked for", () => {
    const { parts } = makeGate();
    expect(parts.node("x", "firm", undefined)).toBe(0);
    for (const [level, name, said] of [
      ["firm", "F", "firm F"],
      ["desk", undefined, "desk"],
      ["floor", "equities", "floor equities"],
    ] as const) {
      const text = messageOf(() => parts.node("where", level as never, name));
      for (const word of ["FAULT_CONFIG", "where", `"${said}"`, "a level and name of the gate's seats"])
        expect(text).toContain(word);
    }
  });
});

describe("the limits of a table", () => {
  const parse = (limits: object) => new LimitTable(1, 2).parse("at", limits as never);

  it.each([
    ["maxOrderLots", Number.MAX_SAFE_INTEGER, [-1, 0.5, Number.NaN, "5", 2 ** 53]],
    ["maxOpenOrders", 1_000_000, [-1, 0.5, Number.NaN, true, 1_000_001]],
    ["priceCollarBps", 1_000_000, [-0.1, Number.NaN, 1_000_000.5]],
    ["priceCollarTicks", 1_000_000_000, [-1, 0.5, "unlimited", 1_000_000_001]],
    ["maxTicksThrough", 1_000_000_000, [-1, 0.5, 1_000_000_001]],
    ["maxConcentration", 1_000_000, [-0.1, 1_000_000.5, null]],
    ["maxLeverage", 1_000_000_000, [-0.1, 1_000_000_000.5]],
    ["maxDrawdownShare", 1, [1.1, 0.00009, 0]],
    ["maxOrdersPerSecond", 1_000_000, [-1, 0.5, 1_000_001]],
  ] as const)("%s go up to %d", (name, most, wrong) => {
    expect(parse({ [name]: most }).get(name)).toBe(most);
    expect(Object.is(parse({ [name]: name === "maxDrawdownShare" ? 0.0001 : 0 }).get(name), -0)).toBe(false);
    for (const value of wrong) {
      const text = messageOf(() => parse({ [name]: value }));
      expect(text).toContain("FAULT_CONFIG");
      expect(text).toContain(`at.${name}`);
      expect(text).toContain("unlimited");
    }
  });

  it("take a share of a basis point, parts of basis points, and -0 as 0", () => {
    expect(parse({ maxDrawdownShare: 0.0001 }).get("maxDrawdownShare")).toBe(0.0001);
    expect(parse({ priceCollarBps: 0.5, maxLeverage: 0.5, maxConcentration: 0.5 }).size).toBe(3);
    expect(Object.is(parse({ maxOrderLots: -0 }).get("maxOrderLots"), 0)).toBe(true);
    expect(parse({ maxOrdersPerSecond: { rate: 4, burst: 9 } }).get("maxOrdersPerSecond")).toBe(4);
    expect(parse({ maxDrawdownShare: "unlimited" }).get("maxDrawdownShare")).toBe(Number.POSITIVE_INFINITY);
  });

  it("say what each number may be", () => {
    expect(messageOf(() => parse({ maxOrderLots: 0.5 }))).toContain("a whole number within 0 and");
    expect(messageOf(() => parse({ priceCollarBps: -1 }))).toContain("a number within 0 and 1000000");
    for (const name of ["maxWindowLoss", "maxDrawdown"] as const) {
      const said = "at least 1 and at most 1125899906842624 in its smallest unit";
      expect(messageOf(() => parse({ [name]: "0" }))).toContain(said);
      expect(messageOf(() => parse({ [name]: "11258999068426.25" }))).toContain(said);
      expect(parse({ [name]: "11258999068426.24" }).get(name)).toBe(2 ** 50);
    }
    expect(messageOf(() => parse({ maxDrawdownShare: 2 }))).toContain("at least 0.0001 and at most 1 in its");
    expect(messageOf(() => parse({ maxOrdersPerSecond: { rates: 1 } }))).toContain("rates");
    expect(messageOf(() => parse({ maxOrdersPerSecond: null }))).toContain("a whole number within 0 and");
    const gate = { limits: [at("desk", { maxOrdersPerSecond: { rate: 1, burst: 1_000_001 } })] };
    expect(messageOf(() => makeGate(gate))).toContain("a whole number within 0 and 1000000");
    expect(
      messageOf(() =>
        makeGate({ limits: [at("desk", { maxOrdersPerSecond: { rate: 1, burst: 1_000_000 } })] }),
      ),
    ).toBe("nothing was thrown");
  });

  it("of money are whole minor units within 2^53", () => {
    expect(["0", "0.01", "90071992547409.91"].map((text) => parseMoneyBound("at", text, 2))).toEqual([
      0,
      1,
      Number.MAX_SAFE_INTEGER,
    ]);
    expect(parseMoneyBound("at", "1.50", 1)).toBe(15);
    for (const text of ["-0.01", "90071992547409.92", "0.001", "x", 5, undefined]) {
      const said = messageOf(() => parseMoneyBound("at", text, 2));
      expect(said).toContain("FAULT_CONFIG");
      expect(said).toContain("with at most 2 decimals");
    }
  });

  it("warn from four fifths on, and know which were said", () => {
    const table = new LimitTable(2, 2);
    expect([table.isUnlimited, table.said[1], table.hasShares(1)]).toEqual([true, 0, false]);
    expect([...table.hard].filter((value) => value === 0)).toHaveLength(2);
    table.set(1, "maxOrderLots", 10);
    expect([table.isUnlimited, table.of(1, "maxOrderLots"), table.of(0, "maxOrderLots")]).toEqual([
      false,
      10,
      Number.POSITIVE_INFINITY,
    ]);
    expect(table.soft[LIMIT_COLUMNS + LIMIT.maxOrderLots]).toBe(8);
    table.say(1, "maxOrderLots");
    table.say(1, "maxLeverage");
    table.say(1, "maxOrderLots");
    expect(table.said[1]).toBe((1 << LIMIT.maxOrderLots) | (1 << LIMIT.maxLeverage));
    expect([LIMIT_COLUMNS, LIMIT_NAMES.length]).toEqual([22, 22]);
    let required = 0;
    for (const name of Object.keys(NO_LIMITS) as (keyof typeof LIMIT)[]) required |= 1 << LIMIT[name];
    expect(REQUIRED_MASK).toBe(required);
    for (const name of ["maxConcentration", "maxMarginShare", "maxLeverage"] as const) {
      const one = new LimitTable(1, 2);
      one.set(0, name, 1);
      expect(one.hasShares(0)).toBe(true);
    }
  });
});

describe("money", () => {
  it("is said with its currency, and as a number where it can't be", () => {
    const { parts } = makeGate();
    expect([parts.money(12_345), parts.money(-5), parts.money(Number.NaN), parts.money(2 ** 53)]).toEqual([
      "123.45 USD",
      "-0.05 USD",
      "NaN USD",
      "9007199254740992 USD",
    ]);
    const yen = makeGate({ currency: { code: "JPY", decimals: 0 }, rates: { USD: "150" } });
    expect([yen.parts.money(5), yen.parts.worth.up(0, 1)]).toEqual(["5 JPY", 2]);
    const text = makeGate({ limits: [at("user", { maxOrderValue: "10" })] }).check(order(), NOW);
    expect(text).toMatchObject({
      message:
        "RISK_NOTIONAL_EXCEEDED maxOrderValue: found 1000.00 USD, expected at most 10.00 USD (maxOrderValue of user mara)",
    });
  });
});

describe("what a tick times a lot is worth", () => {
  const euro = new Instrument({ symbol: "E", venue: "XNAS", tickSize: "0.01", lotSize: "1", quote: "EUR" });
  const currency = { code: "USD", decimals: 2 };
  const worthOf = (rate: string) => {
    const table = new Worth(currency, [euro, XYZ]);
    table.setRate("EUR", rate);
    return table;
  };

  it.each(["0", "-1", "x", "", 1, undefined, Number.NaN])("takes no rate of %j", (rate) => {
    const text = messageOf(() => worthOf(rate as never));
    for (const word of ["FAULT_CONFIG", "rates.EUR", "a decimal number above 0, as text"])
      expect(text).toContain(word);
  });

  it("is not known without a rate, exact in the gate's own money", () => {
    const table = new Worth(currency, [euro, XYZ]);
    expect([table.up(0, 1), table.down(0, 1), table.minorUp(0, 1)]).toEqual([
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ]);
    expect([table.up(1, 7), table.down(1, 7), table.minorUp(1, 7), table.up(1, -7)]).toEqual([7, 7, 7, -7]);
    expect(messageOf(() => table.setRate("USD", "1"))).toContain("rates");
    expect(messageOf(() => table.setRate("GBP", "1"))).toContain("another currency than USD");
  });

  it("is rounded against us, and apart for buys and sells", () => {
    const table = worthOf("1.0837");
    expect([table.numerator[0], table.denominator[0]]).toEqual([10_837, 10_000]);
    expect([table.up(0, 1), table.down(0, 1), table.up(0, -1), table.down(0, -1)]).toEqual([2, 1, -1, -2]);
    expect([table.minorUp(0, 1), table.minorUp(0, -1), table.minorUp(0, 10_000)]).toEqual([2, -1, 10_837]);
    expect([worthOf("0.5").numerator[0], worthOf("0.50").denominator[0]]).toEqual([1, 2]);
  });

  it("is never below the exact worth past 2^53", () => {
    const table = worthOf("1.0837");
    for (const tickLots of [2 ** 52 + 1, 2 ** 53 - 1, -(2 ** 52) - 1, 2 ** 40 + 1, -(2 ** 40) - 1]) {
      const exact = BigInt(tickLots) * 10_837n;
      const [up, down] = [BigInt(table.up(0, tickLots)), BigInt(table.down(0, tickLots))];
      expect(up * 10_000n >= exact && down * 10_000n <= exact).toBe(true);
      expect(Number(up - down)).toBeLessThan(1 + 1e-14 * Math.abs(tickLots));
    }
  });

  it("is exact up to 2^53 and no further", () => {
    const table = new Worth(currency, [XYZ]);
    const most = Number.MAX_SAFE_INTEGER;
    expect([table.up(0, most), table.up(0, -most), table.down(0, most)]).toEqual([most, -most, most]);
    expect(table.up(0, most + 1)).toBeGreaterThan(most + 1);
    expect(table.up(0, -most - 1)).toBeGreaterThan(-most - 1);
  });
});

function without(name: keyof typeof NO_LIMITS) {
  const { [name]: _, ...rest } = NO_LIMITS;
  return rest;
}
