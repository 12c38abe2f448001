/**
 * npm run paper [-- SECONDS]: trades on paper at an exchange of its own on 127.0.0.1, which plays the sample ten times
 * as fast. Then the session is replayed from its journal and has to come out the same.
 */
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { ExchangeServer } from "tickwright/exchange";
import { readJournal } from "tickwright/host";
import { PaperTrader, replaySession, type SessionRecord, traderOptionsOf } from "tickwright/run";
import desk from "../src/desk.ts";
import { sampleTape } from "../src/market.ts";
import { strategy } from "../src/strategy.ts";

const seconds = Number(process.argv[2] ?? 10);
if (!(seconds > 0)) throw new Error(`${process.argv[2]} is no number of seconds`);
const exchange = new ExchangeServer({
  markets: [{ tape: sampleTape(), speed: 10, repeat: true }],
  accounts: [{ name: "nobody", balances: { USDT: "0" } }],
});
const { rest } = await exchange.start();
process.env["EXCHANGE_URL"] = rest;
try {
  const setup = await desk();
  const trader = new PaperTrader({ ...traderOptionsOf(setup), ...setup.paper });
  trader.on("alert", ({ level, words }) => console.log(`${level.padEnd(5)} ${words}`));
  trader.on("fill", ({ instrument, side, lots, priceTicks, reason }) =>
    console.log(`fill  ${side} ${lots} at ${instrument.formatPrice(priceTicks)}, ${reason}`),
  );
  await trader.start();
  console.log(`trading for ${seconds} s; Ctrl-C ends it`);
  const interrupted = new AbortController();
  process.once("SIGINT", () => interrupted.abort());
  await sleep(seconds * 1_000, undefined, { signal: interrupted.signal }).catch(() => {});
  const { runHash, isClean } = await trader.stop();
  const { fills, instruments } = trader.status();
  for (const { instrument, positionLots } of instruments)
    console.log(`${instrument}: ${positionLots} lots held`);
  console.log(`${fills} fills; stopped ${isClean ? "clean" : "NOT clean"}; journal in ${setup.folder}`);

  const records: SessionRecord[] = [];
  readJournal(setup.folder, ({ seq, type, payload }) =>
    records.push({ seq, type, payload: payload.slice() }),
  );
  const replay = replaySession(records, {
    strategies: [strategy()],
    ...(setup.risk && { risk: setup.risk }),
  });
  const isEqual = replay.isIdentical && replay.runHash === runHash;
  console.log(`replay of ${records.length} records: ${isEqual ? "identical" : "DIFFERS"}`);
  process.exitCode = isClean && isEqual ? 0 : 1;
} finally {
  await exchange.close();
}
