import { afterEach, beforeEach, expect, test } from "vitest";
import { type Json, Rehearsal } from "../fixtures/exchange.ts";

const MINUTE = 60_000;
let here: Rehearsal;
let startMs: number;

/** Ten minutes with a trade each but the fifth and the sixth, the clock 30 s into the last. */
beforeEach(async () => {
  here = await new Rehearsal().start();
  here.book();
  startMs = here.clock.ms;
  const market = here.server.market("BTCUSDT");
  for (let i = 0; i < 10; i++) {
    if (i !== 4 && i !== 5) market.trade(i % 2 === 0 ? "buy" : "sell", `${100 + i}.00`, `0.${i + 1}`);
    here.move(i < 9 ? MINUTE : 30_000);
  }
});
afterEach(async () => {
  await here.close();
});

async function ask(path: string, parameters: Readonly<Record<string, string | number>> = {}): Promise<Json> {
  const answer = await here.send(
    "GET",
    `/api/v3/${path}`,
    { symbol: "BTCUSDT", ...parameters },
    { sign: false },
  );
  return answer.body;
}

const opens = (bars: Json): number[] => bars.map((bar: Json) => (bar[0] - startMs) / MINUTE);

test("klines: start and end count by the time a bar opens, both included; silent ones repeat the close", async () => {
  const interval = { interval: "1m" };
  expect(opens(await ask("klines", interval))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const within = { ...interval, startTime: startMs + 2 * MINUTE, endTime: startMs + 5 * MINUTE };
  const bars = await ask("klines", within);
  expect(opens(bars)).toEqual([2, 3, 4, 5]);
  expect(bars[2].slice(1, 6)).toEqual([
    "103.00000000",
    "103.00000000",
    "103.00000000",
    "103.00000000",
    "0.00000000",
  ]);
  expect(bars[0][6]).toBe(startMs + 3 * MINUTE - 1);
  expect(opens(await ask("klines", { ...within, startTime: startMs + 2 * MINUTE + 1 }))).toEqual([3, 4, 5]);
  // From a time on the first, else the newest.
  expect(opens(await ask("klines", { ...interval, startTime: startMs - 100 * MINUTE, limit: 2 }))).toEqual([
    0, 1,
  ]);
  expect(opens(await ask("klines", { ...interval, limit: 2 }))).toEqual([8, 9]);
  expect(await ask("klines", { ...interval, startTime: startMs + 60 * MINUTE })).toEqual([]);
});

test("aggTrades: by number, by time, the newest; not by both", async () => {
  const ids = (trades: Json): number[] => trades.map((trade: Json) => trade.a);
  expect(ids(await ask("aggTrades"))).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(ids(await ask("aggTrades", { limit: 2 }))).toEqual([7, 8]);
  expect(ids(await ask("aggTrades", { fromId: 0, limit: 1 }))).toEqual([1]);
  expect(ids(await ask("aggTrades", { fromId: 3, limit: 2 }))).toEqual([3, 4]);
  expect(await ask("aggTrades", { fromId: 9 })).toEqual([]);
  const times = { startTime: startMs + MINUTE, endTime: startMs + 3 * MINUTE };
  expect(ids(await ask("aggTrades", times))).toEqual([2, 3, 4]);
  const both = { code: -1128, msg: "Combination of optional parameters invalid." };
  expect(await ask("aggTrades", { fromId: 3, ...times })).toEqual(both);
  expect(await ask("aggTrades", { fromId: 3, endTime: startMs })).toEqual(both);
  expect(await ask("aggTrades", { fromId: "x" })).toMatchObject({ code: -1100 });
  expect(await ask("aggTrades", { limit: "-1" })).toMatchObject({ code: -1100 });
});

test("weights: bars 2, aggregates 4, trades 25", async () => {
  const used = async (path: string): Promise<number> => {
    const answer = await here.send(
      "GET",
      `/api/v3/${path}`,
      { symbol: "BTCUSDT", interval: "1m" },
      { sign: false },
    );
    return Number(answer.headers.get("x-mbx-used-weight-1m"));
  };
  const first = await used("klines");
  const told = [
    await used("klines"),
    await used("aggTrades"),
    await used("trades"),
    await used("historicalTrades"),
  ];
  expect(told.map((each, i) => each - (told[i - 1] ?? first))).toEqual([2, 4, 25, 25]);
});
