import { afterEach, describe, expect, it } from "vitest";
import { replaySession, SESSION } from "../../src/run/index.ts";
import type { BookView, Strategy, StrategyContext, ValidityView } from "../../src/strategy/index.ts";
import { until } from "../fixtures/feed-ear.ts";
import { lots, tick } from "../fixtures/played-market.ts";
import { TWIN_FAULTS, type TwinFault, TwinWorld } from "../fixtures/twin-world.ts";

const MS = 1_000_000;
const KEY = "BTCUSDT";

/** Notes what it sees, and keeps one order open where it sees valid data. */
class Watcher implements Strategy {
  readonly name = "watcher";
  readonly states: string[] = [];
  valid = 0;
  /** The highest bid and lowest ask that were seen on valid data. */
  highest = 0;
  lowest = Number.POSITIVE_INFINITY;

  onBook(book: BookView, ctx: StrategyContext): void {
    this.#note(book);
    if (book.validity !== "valid" || !book.hasBid || !book.hasAsk) return;
    this.highest = Math.max(this.highest, book.bestBid);
    this.lowest = Math.min(this.lowest, book.bestAsk);
    const [open] = ctx.openOrders();
    if (open === undefined) {
      const order = { instrument: KEY, side: "buy", lots: 1_000, priceTicks: book.bestBid } as const;
      ctx.submit({ ...order, postOnly: true });
    } else if (this.valid % 16 === 0) ctx.cancel(open);
  }

  onTrade(trade: ValidityView): void {
    this.#note(trade);
  }

  #note({ validity, validityReason }: ValidityView): void {
    if (validity === "valid") this.valid += 1;
    const state = `${validity} ${validityReason}`.trim();
    if (this.states.at(-1) !== state) this.states.push(state);
  }
}

let world: TwinWorld;
let watcher: Watcher;

afterEach(async () => {
  await world.close();
  world.remove();
});

async function begin(joins: boolean): Promise<void> {
  // A machine that is busy makes both sources late, which is no fault of theirs.
  const soon = { holdDownNs: 100 * MS, probationNs: 100 * MS, silentNsMax: 3_000 * MS };
  const patience = { ...soon, staleNs: 5_000 * MS };
  world = new TwinWorld({
    ...{ seed: 5, joins, strategies: () => [(watcher = new Watcher())] },
    stage: {
      validation: { latencyNsMax: 3_000 * MS },
      arbiter: patience,
      suspectHoldNs: 0,
      remarkEveryNs: 0,
    },
  });
  await world.start();
  world.run(200);
  await world.whole();
}

/** Something befalls the exchange whose rows are seen, until the other's are, and for a while. */
async function befall(fault: TwinFault): Promise<void> {
  const from = world.current;
  const { switches } = world.trader.status().sources[0] ?? { switches: 0 };
  world.twins[from]?.inject(fault);
  await until(`${fault}: the other source is taken`, () => {
    return (world.trader.status().sources[0]?.switches ?? 0) > switches;
  });
  const seen = watcher.valid;
  await until(`${fault}: valid data is seen`, () => watcher.valid > seen + 5);
  world.twins[from]?.heal();
  await world.whole();
}

describe.each([true, false])("a market of two exchanges, joined by their feeds: %s", (joins) => {
  it("is seen whole whatever befalls one of them, and is replayed to the bit", async () => {
    await begin(joins);
    for (const fault of TWIN_FAULTS) await befall(fault);
    world.pause();
    const { instrument, market, trader } = world;
    const book = () => trader.session.kernel.stations[0]?.book.copy();
    const told = () => book()?.bids.map(({ priceTicks, lots: size }) => [priceTicks, size]);
    const truth = [...market.bids].map(([price, size]) => [tick(price), lots(size)]);
    truth.sort((a, b) => (b[0] as number) - (a[0] as number));
    await until("the last diff came", () => JSON.stringify(told()) === JSON.stringify(truth));

    // No strategy saw what was wrong on valid data; each change of source was seen, and told.
    expect(watcher.highest).toBeLessThan(6_030_000);
    expect(watcher.lowest).toBeGreaterThan(5_900_000);
    expect(
      watcher.states.filter((each) => each === "valid FEED_SOURCE_CHANGED").length,
    ).toBeGreaterThanOrEqual(TWIN_FAULTS.length);
    const codes = new Set(world.alerts.map(({ code }) => code));
    expect([...codes]).toEqual(expect.arrayContaining(["TRADER_DATA_QUALITY", "TRADER_FEED_SWITCHED"]));

    const { sources } = trader.status();
    const dropped = sources.reduce((sum, each) => sum + each.dropped, 0);
    const told2 = world.alerts.flatMap(({ words }) => /(\d+) messages dropped/.exec(words)?.[1] ?? []);
    expect(told2.reduce((sum, count) => sum + Number(count), 0)).toBe(dropped);

    const { runHash, isClean } = await trader.stop();
    expect(isClean).toBe(true);
    const records = world.records();
    const remarks = records.filter(({ type }) => type === SESSION.remark);
    expect(remarks.length).toBeGreaterThanOrEqual(2 * TWIN_FAULTS.length);
    const replay = replaySession(records, { strategies: [new Watcher()] });
    expect([replay.isIdentical, replay.runHash]).toEqual([true, runHash]);
    expect(instrument.symbol).toBe(KEY);
  }, 60_000);

  it("is held where both are lost, and let go on when one is valid again", async () => {
    await begin(joins);
    const held = () => world.trader.status().instruments[0]?.held ?? [];
    await until("it trades", () => held().length === 0);
    for (const twin of world.twins) twin.inject("disconnect");
    await until("it is held", () => held().includes("data"));
    await until("what was open is canceled", () => world.trader.status().openOrders === 0);
    expect(watcher.states).toContain("halted FEED_DEAD");
    for (const twin of world.twins) twin.heal();
    await until("it is let go", () => held().length === 0);
    const seen = watcher.valid;
    await until("it trades on", () => watcher.valid > seen + 5 && world.trader.status().openOrders === 1);
    expect((await world.trader.stop()).isClean).toBe(true);
  }, 60_000);
});
