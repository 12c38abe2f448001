import { describe, expect, it } from "vitest";
import { MarketDataStage } from "../../src/run/index.ts";
import { ABC, StageWorld } from "../fixtures/stage-world.ts";

const garbage = (side: "bid" | "ask", tick: number, lots: number) => [{ side, tick, lots }];

describe("market data of one source", () => {
  const only = (): StageWorld => {
    const world = new StageWorld({}, ["a"]);
    world.connect("a");
    return world;
  };

  it("is suspect until its book is known and five messages were sound", () => {
    const world = only();
    world.snapshot("a");
    world.sound("a", 5);
    expect(world.news()).toEqual([
      ...["suspect FEED_UNSYNCED", "a clear", "a bid", "a bid", "a bid", "valid", "a bid", "a bid"],
    ]);
    expect(world.words.map(({ words }) => words)).toEqual(["ABC@x by a: gap, FEED_UNSYNCED"]);
  });

  it("leaves out what cannot be, counts it, says so, and asks for the book", () => {
    const world = only();
    world.begin("a");
    world.news();
    world.change("a", garbage("bid", 9_999, -4));
    expect(world.news()).toEqual(["suspect FEED_VOLUME_INVALID"]);
    expect(world.figures("a")).toMatchObject({ dropped: 1, validity: "suspect", isCurrent: true });
    expect(world.asked).toEqual(["a"]);
    world.pass(1_100);
    expect(world.words.at(-1)?.saying).toMatchObject({
      type: "marketDataQuality",
      payload: { feed: "a", instrument: "ABC@x", problem: "FEED_VOLUME_INVALID", state: "suspect" },
    });
    expect(world.words.at(-1)?.words).toContain("1 messages dropped, 2 changes, FEED_VOLUME_INVALID 1");
    expect(world.best).toEqual([9_999, 10_001]);
  });

  it("asks again until the book comes, and is valid when it has come", () => {
    const world = only();
    world.begin("a");
    world.change("a", garbage("bid", 9_999, -4));
    world.pass(4_500);
    expect(world.asked).toEqual(["a", "a", "a"]);
    world.snapshot("a", 400);
    world.pass(4_500);
    expect(world.asked.length).toBe(3);
    world.news();
    world.sound("a", 5);
    expect(world.figures("a").validity).toBe("valid");
  });

  it("passes a gap row on, behind the word that the data is halted, and goes on after the book came", () => {
    const world = only();
    world.begin("a");
    world.news();
    world.gapRow("a");
    expect(world.news()).toEqual(["halted FEED_SEQUENCE_GAP", "a gap"]);
    world.sound("a", 2);
    expect(world.news()).toEqual([]);
    expect(world.figures("a").dropped).toBe(2);
    world.snapshot("a", 900);
    world.sound("a", 20);
    expect(world.news().filter((each) => !each.startsWith("a "))).toEqual(["valid"]);
  });

  it("is halted when its connection is lost, at once said", () => {
    const world = only();
    world.begin("a");
    world.news();
    world.cut("a");
    expect(world.news()).toEqual(["halted FEED_DEAD"]);
    expect(world.words.at(-1)?.saying.payload).toMatchObject({ problem: "FEED_DEAD", state: "down" });
  });

  it("is suspect when nothing comes for longer than is usual", () => {
    const world = only();
    world.begin("a");
    world.news();
    world.pass(6_000);
    expect(world.news()).toEqual(["suspect FEED_SILENT"]);
  });

  it("is joined here where its client does not: what is missing halts it, and what came since is not lost", () => {
    const world = new StageWorld({}, ["a"], "range");
    world.begin("a");
    world.news();
    world.change("a", garbage("bid", 9_997, 1), 3);
    expect(world.news()).toEqual(["halted FEED_SEQUENCE_GAP"]);
    expect(world.asked).toEqual(["a", "a"]);
    world.change("a", garbage("bid", 9_996, 7));
    const behind = 100 + 8 + 3;
    world.snapshot("a", behind);
    expect(world.figures("a").dropped).toBe(0);
    expect([world.book.bidLots(9_996), world.book.bidLots(9_997)]).toEqual([7, 1]);
  });
});

describe("market data of two sources", () => {
  const both = (options = {}): StageWorld => {
    const world = new StageWorld(options);
    world.begin("a", "b");
    world.news();
    world.words.length = 0;
    return world;
  };
  const switched = ["valid FEED_SOURCE_CHANGED", "b clear", "valid"];

  it("is that of the first", () => {
    const world = both();
    world.sound("a");
    world.sound("b");
    expect(world.news()).toEqual(["a bid"]);
    expect([world.stage.currentOf(ABC), world.figures("b").isCurrent]).toEqual(["a", false]);
  });

  it("is the other's at once where a connection is lost, and that is told", () => {
    const world = both();
    world.cut("a");
    expect(world.news()).toEqual(switched);
    const failover = world.words.filter(({ saying }) => saying.type === "marketDataFailover");
    expect(failover.map(({ saying }) => saying.payload)).toEqual([
      { fromFeed: "a", toFeed: "b", reason: "ABC@x: disconnected" },
    ]);
    expect(world.best).toEqual([9_999, 10_001]);
  });

  it("is the other's before a single bad row was seen: garbage, crossed, a gap", () => {
    const faults: readonly ((world: StageWorld) => void)[] = [
      (world) => world.change("a", garbage("bid", 10_900, 5)),
      (world) => world.change("a", garbage("ask", 9_000, 5)),
      (world) => world.change("a", garbage("bid", 9_999, -1)),
      (world) => world.gapRow("a"),
      (world) => world.change("a", garbage("bid", 9_999, 5), 7),
      (world) => world.shift("a", 2_000),
    ];
    for (const fault of faults) {
      const world = both();
      fault(world);
      expect([world.news(), world.best]).toEqual([switched, [9_999, 10_001]]);
      world.sound("b");
      expect(world.news()).toEqual(["b bid"]);
    }
  });

  it("is the other's where the one is silent, within the bound that is stated", () => {
    const world = both();
    for (let i = 0; i < 300; i++) for (const source of ["a", "b"]) world.sound(source);
    const bound = world.figures("a").silenceBoundNs as number;
    world.news();
    const from = world.nowNs;
    while (world.stage.currentOf(ABC) === "a" && world.nowNs < from + 1e9) world.sound("b");
    expect(world.stage.currentOf(ABC)).toBe("b");
    expect(world.nowNs - from).toBeLessThanOrEqual(bound + 1e6);
    expect(world.news().slice(0, 3)).toEqual(switched);
  });

  it("is not silent where this process stood still, but where it says nothing after that", () => {
    const world = both();
    for (let i = 0; i < 300; i++) for (const source of ["a", "b"]) world.sound(source);
    world.news();
    const asked = (): void => world.stage.idle(world.nowNs, world.out);
    world.nowNs += 30_000e6;
    asked();
    for (const source of ["b", "a"]) world.sound(source);
    expect(world.news().filter((each) => each.includes("clear") || each.includes("gap"))).toEqual([]);
    expect(world.stage.currentOf(ABC)).toBe("a");
    world.nowNs += 30_000e6;
    asked();
    world.sound("b", 60);
    expect(world.stage.currentOf(ABC)).toBe("b");
  });

  it("does not leave a source that is suspect where the other is, too: strategies are told", () => {
    const world = both();
    world.change("b", garbage("bid", 10_900, 5));
    world.change("a", garbage("bid", 10_900, 5));
    expect(world.news()).toEqual(["suspect FEED_PRICE_OUTLIER", "a bid"]);
    expect(world.stage.currentOf(ABC)).toBe("a");
  });

  it("does not go to and fro: a suspect source is left once in so long", () => {
    const world = both();
    for (let i = 0; i < 50; i++) {
      for (const source of ["a", "b"]) {
        world.trade(source, 10_900, 1);
        world.sound(source, 6);
      }
    }
    expect(world.nowNs).toBeLessThan(1_000e6 + 5e9);
    expect(world.figures("a").switches).toBeLessThanOrEqual(2);
  });

  it("is halted where none is left, and goes on with the first that is whole again", () => {
    const world = both();
    world.cut("b");
    world.cut("a");
    expect(world.news()).toEqual(["halted FEED_DEAD", "a gap"]);
    expect(world.stage.currentOf(ABC)).toBe("");
    world.connect("b");
    expect(world.asked.at(-1)).toBe("b");
    world.snapshot("b", 700);
    world.sound("b", 25);
    expect(world.news().filter((each) => !each.endsWith("bid"))).toEqual([
      ...["valid FEED_SOURCE_CHANGED", "b clear", "valid"],
    ]);
  });

  it("tells of drops that change nothing, but not of each", () => {
    const world = both({ remarkEveryNs: 1e9 });
    for (let i = 0; i < 10; i++) world.change("b", garbage("bid", 9_999, -4));
    world.pass(1_200);
    const told = world.words.filter(({ saying }) => "feed" in saying.payload && saying.payload.feed === "b");
    expect(told.length).toBeLessThan(4);
    expect(world.figures("b").dropped).toBe(10);
    expect(world.news()).toEqual([]);
  });
});

describe("lines of one source", () => {
  it("are one: what one loses the other brings, copies go no further", () => {
    const world = new StageWorld(
      { lines: { ab: { sources: ["a", "b"], numbering: "range" } } },
      ["a", "b"],
      "range",
    );
    world.connect("a", "b");
    world.snapshot("a", 100);
    world.snapshot("b", 100);
    world.sound("a", 3);
    world.sound("b", 3);
    world.sound("a", 3);
    world.sound("b", 3);
    world.news();
    world.change("b", garbage("bid", 9_990, 3)); // a loses it
    world.change("a", garbage("bid", 9_989, 4), 1);
    world.trade("a", 10_001, 2, 50);
    world.trade("b", 10_001, 2, 50);
    expect(world.news()).toEqual(["ab bid", "ab bid", "ab buy"]);
    expect([world.book.bidLots(9_990), world.book.bidLots(9_989)]).toEqual([3, 4]);
    world.cut("a");
    expect(world.news()).toEqual([]);
    world.cut("b");
    expect(world.news()).toEqual(["halted FEED_DEAD"]);
  });

  it("that differ are not believed", () => {
    const lines = { ab: { sources: ["a", "b"], numbering: "range" } } as const;
    const world = new StageWorld({ lines }, ["a", "b"], "range");
    world.connect("a", "b");
    world.snapshot("a", 100);
    world.change("a", garbage("bid", 9_990, 3));
    world.news();
    const asked = world.asked.length;
    world.change("b", garbage("bid", 9_990, 4));
    expect(world.news()).toEqual(["halted FEED_SEQUENCE_GAP"]);
    expect(world.asked.length).toBe(asked + 1);
  });
});

describe("a stage's options", () => {
  it.each([
    ["stage.validatoin", { validatoin: {} }],
    ["validator.tier", { validation: { tier: "huge" } }],
    ["stage.arbiter.sources", { arbiter: { sources: [] } }],
    ["stage.instruments.ABC.lookEveryNs", { instruments: { ABC: { lookEveryNs: 1 } } }],
    ["stage.lookEveryNs", { lookEveryNs: 0 }],
    ["stage.numbering.a", { numbering: { a: "odd" } }],
    ["stage.board.sources", { board: { sources: 3 } }],
  ])("are checked: %s", (path, options) => {
    expect(() => new MarketDataStage(options as never)).toThrow(path);
  });

  it("name lines that there are, and a stage serves one trader", () => {
    const lines = { ab: { sources: ["a", "c"], numbering: "range" } } as const;
    expect(() => new StageWorld({ lines })).toThrow("stage.lines.ab");
    const { stage } = new StageWorld();
    expect(() => stage.attach({ requestSnapshot: () => {}, tell: () => {} }, [])).toThrow("trader.stage");
  });
});

describe("a change of the book that changes nothing", () => {
  it.each(["none", "range"] as const)("counts by its numbers, numbering %s", (numbering) => {
    const world = new StageWorld({}, ["a"], numbering);
    world.begin("a");
    world.news();
    world.change("a", []);
    world.sound("a");
    expect([world.news(), world.figures("a").validity]).toEqual([["a bid"], "valid"]);
  });
});

describe("a book that stands still while its trades go on", () => {
  const trades = (world: StageWorld, count: number): void => {
    for (let i = 0; i < count; i++) {
      world.sound("b");
      world.trade("a", 10_001, 1 + (i % 2));
    }
  };

  it("is lost where the other's goes on, and is asked for", () => {
    const world = new StageWorld();
    world.begin("a", "b");
    const asked = world.asked.length;
    trades(world, 200);
    expect([world.stage.currentOf(ABC), world.asked.length]).toEqual(["a", asked]);
    trades(world, 120);
    expect([world.stage.currentOf(ABC), world.asked.length]).toEqual(["b", asked + 1]);
    expect(world.figures("a")).toMatchObject({ validity: "halted", reason: "FEED_SEQUENCE_GAP" });
  });

  it("is not where it is told more seldom as a rule", () => {
    const world = new StageWorld();
    world.connect("a", "b");
    world.snapshot("a");
    world.snapshot("b");
    for (let i = 0; i < 40; i++) {
      world.sound("b", 100);
      world.trade("a", 10_001, 1 + (i % 2));
      if (i % 2 === 0) world.sound("a");
    }
    for (let i = 0; i < 6; i++) {
      world.sound("b", 100);
      world.trade("a", 10_001, 1 + (i % 2));
    }
    expect(world.figures("a").validity).toBe("valid");
  });
});
