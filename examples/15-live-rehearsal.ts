/**
 * Live trading, rehearsed: `desk.ts` trades through ccxt at a loopback exchange that speaks Binance's protocol. An answer
 * is lost on the way, the kill switch is pulled while this thread hangs, and in the end both sides agree to the lot.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import type { AccountTruth } from "tickwright/exchange";
import { readJournal } from "tickwright/host";
import { FIRM_SCOPE } from "tickwright/risk";
import {
  KillTrigger,
  LiveTrader,
  preflightSetup,
  replaySession,
  type SessionRecord,
  traderOptionsOf,
} from "tickwright/run";
import desk, { Quoter } from "./desk.ts";

const say = (words: string): void => void process.stdout.write(`${words}\n`);
const exchange = fork(new URL("./rehearsal-exchange.ts", import.meta.url));
const [{ rest, apiKey, secret }] = await once(exchange, "message");
Object.assign(process.env, { EXCHANGE_URL: rest, EXCHANGE_API_KEY: apiKey, EXCHANGE_SECRET: secret });
const truth = async (): Promise<AccountTruth> =>
  (await (await fetch(`${rest}/control/truth?account=rehearsal`)).json()) as AccountTruth;
/** Waits for something, 30 seconds at most. */
const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  for (let i = 0; i < 300 && !(await holds()); i++) await sleep(100);
};

const folder = join(mkdtempSync(join(tmpdir(), "rehearsal-")), "journal");
const setup = await desk("live", folder);
if (setup.live === undefined) throw new Error("a desk that trades live");
const { credentials: _names, kill, ...doors } = setup.live;
const trader = new LiveTrader({
  ...{ ...traderOptionsOf(setup), ...doors, kill },
  preflight: async () => preflightSetup(await desk("preflight", folder), setup),
});
trader.on("alert", ({ level, words }) => level !== "info" && say(`${level}: ${words}`));
await trader.start();
say(`preflight: ${trader.preflight?.failed} fail, ${trader.preflight?.warned} warn`);

// The next order is executed, and its answer never comes.
const rule = { method: "POST", headers: { "content-type": "application/json" } };
await fetch(`${rest}/control/faults`, { ...rule, body: JSON.stringify({ kind: "dropAck", on: "submit" }) });
await until(async () => trader.status().fills > 0 && (await truth()).openOrders.length > 0);
say(`${trader.status().fills > 0 ? "filled" : "nothing filled"}, and an order is open`);

// Any thread may pull this: the agent cancels from its own while this one hangs.
new KillTrigger(kill.trigger).pull(FIRM_SCOPE, 2);
for (const end = performance.now() + 1_000; performance.now() < end; );
say(`killed: ${(await truth()).openOrders.length} orders open at the exchange`);

const { runHash, isClean } = await trader.stop();
await setup.close?.();
const { balances } = await truth();
exchange.disconnect();
const [lots = 0] = trader.status().instruments.map(({ positionLots }) => positionLots);
const bitcoin = Number(balances["BTC"]?.free);
say(
  `stopped ${isClean ? "cleanly" : "late"}; ${(lots / 1e5).toFixed(5)} BTC here, ${bitcoin.toFixed(5)} there`,
);

const records: SessionRecord[] = [];
readJournal(folder, ({ seq, type, payload }) => records.push({ seq, type, payload: payload.slice() }));
const replay = replaySession(records, {
  strategies: [new Quoter()],
  ...(setup.risk && { risk: setup.risk }),
});
say(`replay of ${records.length} records: ${replay.runHash === runHash ? "identical" : "differs"}`);
