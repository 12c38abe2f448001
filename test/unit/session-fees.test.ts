import { describe, expect, it } from "vitest";
import {
  DepthBlock,
  MESSAGE_FIELD as FIELD,
  type Instrument,
  LAST,
  MESSAGE_STRIDE,
  REPORT,
  ROW,
} from "../../src/model/index.ts";
import { replaySession, SESSION, type SessionRecord } from "../../src/run/index.ts";
import { PositionTarget } from "../../src/strategies/position-target.ts";
import type { StrategyContext } from "../../src/strategy/index.ts";
import { baseFee, FeeWorld, SPOT, SPOT_CASH, withoutFees } from "../fixtures/fee-world.ts";
import { ACT, MS, ToldStrategy, type VenueWorldOptions } from "../fixtures/venue-world.ts";

/** What a strategy hears of fills, with what it could deliver then; it sells that where a print says `market`, once. */
class Hearing extends ToldStrategy {
  readonly fills: string[] = [];
  readonly target = new PositionTarget();

  onFill(
    {
      feeMinor,
      feeCurrency,
      instrument,
    }: { readonly feeMinor: bigint; readonly feeCurrency: string; readonly instrument: Instrument },
    ctx: StrategyContext,
  ): void {
    const { lots, deliverableLots } = ctx.position(instrument.key);
    this.fills.push(`${feeMinor} ${feeCurrency}, ${deliverableLots} of ${lots}`);
  }
}

async function begun(
  options: VenueWorldOptions,
): Promise<{ readonly world: FeeWorld; readonly heard: Hearing }> {
  const heard = new Hearing();
  const world = new FeeWorld({ ...options, session: { ...options.session, strategies: [heard] } });
  await world.start();
  await world.clock.advance(100 * MS);
  return { world, heard };
}

async function bought(
  options: VenueWorldOptions,
): Promise<{ readonly world: FeeWorld; readonly heard: Hearing }> {
  const made = await begun(options);
  made.world.act(0, ACT.market, 7, 1_010);
  await made.world.clock.advance(20 * MS);
  return made;
}

describe("a fee in the base currency", () => {
  it("is booked with the report that tells it: strategies see what they can deliver within their onFill", async () => {
    const { world, heard } = await bought({ venue: { feeOf: baseFee } });
    expect(heard.fills).toEqual(["700 ABC, 6 of 7"]);
    const { ledger, portfolio } = world.session.kernel;
    expect([ledger.cashMinor("ABC"), ledger.feesMinor(0), ledger.otherFeesMinor("ABC")]).toEqual([
      -700n,
      0n,
      700n,
    ]);
    // 0.007 were bought at 10.10 and are worth it; the fee of 0.000007 of them is gone.
    expect(portfolio.equityMinor).toBe(1_000_000_00_000_000n - 7_070n);
    expect(world.desk.desk.breaks()).toEqual([]);
  });

  it("that no report told is charged after the next comparison, within two seconds", async () => {
    const { world } = await bought({
      venue: { feeOf: baseFee },
      wrap: (client) => withoutFees(client, () => true),
    });
    const { ledger } = world.session.kernel;
    expect([ledger.cashMinor("ABC"), ledger.feesMinor(0)]).toEqual([0n, 3_535n]);
    await world.clock.advance(2_000 * MS);
    expect([ledger.cashMinor("ABC"), ledger.feesMinor(0), ledger.otherFeesMinor("ABC")]).toEqual([
      -700n,
      0n,
      700n,
    ]);
    expect(world.cash().ours).toEqual(world.cash().venue);
    expect(world.alerts).toEqual([]);
  });

  it("outlives the process, told or not, and replays", async () => {
    for (const isTold of [true, false]) {
      const world = new FeeWorld({
        venue: { feeOf: baseFee },
        wrap: (client) => withoutFees(client, () => !isTold),
      });
      await world.start();
      await world.clock.advance(100 * MS);
      world.act(0, ACT.market, 7, 0);
      await world.clock.advance(20 * MS);
      await world.kill();
      await world.start();
      await world.settle();
      expect(world.cash().ours).toEqual(world.cash().venue);
      expect(await world.replays()).toBe(true);
    }
  });

  it("is given back where the execution is busted, and stays where it is corrected", async () => {
    const { world } = await bought({ venue: { feeOf: baseFee } });
    const { session, desk } = world;
    const { ledger, orders } = session.kernel;
    const row = orders.id.indexOf(1);
    const node = orders.firstExecution[row] as number;
    const cells = new Float64Array(MESSAGE_STRIDE);
    const put = (kind: number, execId: number, refers: number, lots: number): void => {
      cells.fill(0);
      const said = { kind, row, id: 1, execId, requestId: refers, priceTicks: 1_010, lots };
      for (const [name, value] of Object.entries(said)) cells[FIELD[name as keyof typeof FIELD]] = value;
      const now = world.clock.nowNs();
      cells[FIELD.timeNs] = now;
      cells[FIELD.exchNs] = now;
      session.report(0, cells, 0, now, undefined, desk.desk.feeOf(0, cells, 0, undefined));
    };
    put(REPORT.corrected, 9_001, orders.executions.execId[node] as number, 5);
    expect([ledger.positionLots[0], ledger.cashMinor("ABC"), ledger.feesMinor(0)]).toEqual([5, -700n, 0n]);
    put(REPORT.busted, 9_002, 9_001, 0);
    expect([ledger.positionLots[0], ledger.cashMinor("ABC"), ledger.feesMinor(0)]).toEqual([0, 0n, 0n]);
    expect(ledger.cashMinor("USD")).toBe(SPOT_CASH[0]?.minor);
  });

  it("lets a target of flat sell what can be delivered, and no more", async () => {
    const { world, heard } = await bought({ venue: { feeOf: baseFee } });
    const sent: number[] = [];
    const [instrument] = SPOT as [Instrument];
    const { kernel } = world.session;
    const ctx = {
      isWarm: true,
      position: (name: string) => kernel.portfolio.position(name),
      portfolio: kernel.portfolio,
      submit: ({ lots }: { readonly lots: number }) => {
        sent.push(lots);
        return { ok: false };
      },
    } as unknown as StrategyContext;
    heard.target.moveTo(ctx, instrument, 0, 1, 10);
    expect(sent).toEqual([6]);
  });

  it("above what its journal can hold, or in an unknown currency, is refused before it is recorded", async () => {
    const { world } = await begun({});
    const cells = new Float64Array(MESSAGE_STRIDE);
    cells[FIELD.kind] = REPORT.trade;
    const report = (currency: string, minor: bigint): void =>
      world.session.report(0, cells, 0, world.clock.nowNs(), undefined, { currency, minor });
    expect(() => report("EUR", 1n)).toThrow(/session\.fee.*a currency of the books/s);
    expect(() => report("ABC", 10n ** 31n)).toThrow(/session\.fee.*10\^30/s);
    expect(() => world.session.adjust(0, 1n, world.clock.nowNs(), undefined, { currency: "EUR" })).toThrow(
      /session\.adjust.*a currency of the books/s,
    );
    expect(world.session.isRunning).toBe(true);
  });
});

describe("a fee in a third currency", () => {
  const inBnb = (): { currency: string; minor: bigint } => ({ currency: "BNB", minor: 12_345n });

  it("is charged to the cash that lists it, and is worth what its instrument trades at", async () => {
    const { world, heard } = await begun({ venue: { feeOf: inBnb } });
    const { kernel } = world.session;
    // No price of it yet: it counts for nothing, and nothing faults.
    expect(kernel.portfolio.equityMinor).toBe(SPOT_CASH[0]?.minor);
    const block = new DepthBlock(1);
    block.kind[0] = ROW.trade | LAST;
    block.tick[0] = 60_000;
    block.lots[0] = ACT.cancel;
    world.session.row(2, block, 0, world.clock.nowNs());
    expect(kernel.portfolio.equityMinor).toBe(1_000_000_00_000_000n + 6_000_00_000_000n);
    world.act(0, ACT.market, 7, 0);
    await world.clock.advance(20 * MS);
    expect(heard.fills).toEqual(["12345 BNB, 7 of 7"]);
    expect(kernel.ledger.cashMinor("BNB")).toBe(10_00_000_000n - 12_345n);
    kernel.portfolio.mark();
    expect(kernel.ledger.totals().feesMinor).toBe(12_345n * 600n);
  });

  it("that cannot be valued is told once, and the scheduled one stays", async () => {
    const inDoge = (): { currency: string; minor: bigint } => ({ currency: "DOGE", minor: 5n });
    const { world, heard } = await bought({ venue: { feeOf: inDoge } });
    world.act(0, ACT.market, 7, 0);
    await world.clock.advance(5_000 * MS);
    expect(heard.fills).toEqual(["3535 USD, 7 of 7", "3535 USD, 14 of 14"]);
    expect(world.alerts.map(({ reason }) => reason)).toEqual(["feeCurrency"]);
    expect(world.desk.desk.breaks()).toEqual([]);
  });
});

describe("what a desk keeps of a fee", () => {
  it("is saved with its currency where that is not the quote; what was saved before loads", async () => {
    const { world } = await bought({ venue: { feeOf: baseFee } });
    world.act(0, ACT.sell, 6, 980);
    await world.clock.advance(20 * MS);
    const { desk } = world.desk;
    const saved = desk.save();
    const feesOf = (): unknown => desk.localView(world.clock.nowNs()).fills.map(({ fee }) => fee);
    const [bought700, sold] = feesOf() as readonly unknown[];
    expect(bought700).toEqual({ currency: "ABC", minor: "700" });
    expect(sold).toMatchObject({ currency: "USD" });
    expect(saved.fills.rows.map((row) => row.length)).toEqual([14, 13]);
    desk.load(JSON.parse(JSON.stringify(saved)));
    expect(feesOf()).toEqual([bought700, sold]);
    expect(desk.save().fills).toEqual(saved.fills);
    const rows = saved.fills.rows.map((row) => [...row.slice(0, 13), 5]);
    expect(() => desk.load({ ...saved, fills: { ...saved.fills, rows: rows as never } })).toThrow(
      /what save wrote/,
    );
  });
});

describe("the journal of a fee", () => {
  it("stands behind the cells of its report; what is none is named", async () => {
    const { world } = await bought({ venue: { feeOf: baseFee } });
    world.session.stop(world.clock.nowNs());
    await world.kill();
    const records = world.records();
    const at = records.findIndex(
      ({ type, payload }) =>
        type === SESSION.report && new TextDecoder().decode(payload.subarray(112)) === "700 ABC",
    );
    expect(at).toBeGreaterThan(0);
    const { payload, ...record } = records[at] as SessionRecord;
    const replayed = (text: string): unknown => {
      const bytes = payload.slice();
      bytes.set(new TextEncoder().encode(text), 112);
      return replaySession(records.with(at, { ...record, payload: bytes }), { strategies: [new Hearing()] });
    };
    expect(replayed("700 ABC")).toMatchObject({ isIdentical: true });
    expect(replayed("701 ABC")).toMatchObject({ isIdentical: false });
    expect(() => replayed("700 ABD")).toThrow(/one of USD, BNB, ABC, XYZ/);
    expect(() => replayed("7x0 ABC")).toThrow(/an amount, and a currency/);
  });
});
