import process from "node:process";
import { parseArgs } from "node:util";
import { Fault } from "../base/index.ts";
import {
  LiveTrader,
  PaperTrader,
  planTrader,
  runPreflight,
  type Trader,
  type TraderAlert,
  type TraderSetup,
} from "../run/index.ts";
import { checkCredentials, loadDesk, traderOptionsOf } from "./load-desk.ts";
import { numberOf } from "./model-options.ts";
import { Usage } from "./usage.ts";

const COMMON = `  --config FILE      a module whose default export makes the desk: README of tickwright/run, Trading live
  --strategy FILE    trades this in place of the module's strategies
  --param NAME=VALUE a parameter for the strategy's class or function; give it again for more
  --seconds N        stops after N seconds; SIGINT and SIGTERM stop it otherwise
  --suspend          leaves the session to go on with the next start; it ends unless given
  --json             alerts and the status at the end as lines of JSON
`;
const PAPER_HELP = `tickwright paper --config FILE [options]

Trades on paper: live market data, fills by the simulator's models, a real journal.

${COMMON}`;
const LIVE_HELP = `tickwright live --config FILE --live [options]

Trades with real money. Nothing is sent without --live, a green preflight, explicit limits, a durable journal and a kill
agent that has rehearsed; credentials come from the environment.

  --live             yes, with real money
${COMMON}`;
const OPTIONS = {
  help: { type: "boolean", short: "h" },
  config: { type: "string" },
  strategy: { type: "string" },
  param: { type: "string", multiple: true },
  seconds: { type: "string" },
  suspend: { type: "boolean" },
  json: { type: "boolean" },
  live: { type: "boolean" },
} as const;

type Values = ReturnType<typeof parse>;

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS }).values;
}

/** `tickwright paper`: a desk on paper until it is told to stop. */
export async function paperCommand(args: readonly string[]): Promise<number> {
  const values = parse(args);
  if (values.live === true) throw new Usage("--live is for tickwright live");
  return trade(values, PAPER_HELP, "paper", (setup) => {
    return new PaperTrader({ ...traderOptionsOf(setup), ...setup.paper });
  });
}

/** `tickwright live`: a desk with real money until it is told to stop. */
export async function liveCommand(args: readonly string[]): Promise<number> {
  const values = parse(args);
  if (values.help !== true && values.live !== true)
    throw new Usage(
      "--live is missing: nothing trades with real money by default; tickwright paper does not",
    );
  return trade(values, LIVE_HELP, "live", (setup, path) => {
    const { live, preflight } = setup;
    if (live === undefined || preflight === undefined) {
      const expected = "a desk with `live` and `preflight`";
      throw new Fault("FAULT_CONFIG", { path, value: Object.keys(setup), expected });
    }
    const { credentials = [], ...doors } = live;
    checkCredentials(credentials);
    // The preflight's clients are its own: a module that is called twice makes them twice.
    return new LiveTrader({
      ...traderOptionsOf(setup),
      ...doors,
      preflight: async () => {
        const again = await loadDesk(path, "preflight", values.strategy, values.param ?? []);
        const parts = { ...(again.preflight ?? preflight), kill: live.kill };
        const plan = planTrader(traderOptionsOf({ ...again, ...(setup.risk && { risk: setup.risk }) }), []);
        try {
          return await runPreflight(plan, parts);
        } finally {
          await again.close?.();
        }
      },
    });
  });
}

async function trade(
  values: Values,
  help: string,
  mode: "paper" | "live",
  make: (setup: TraderSetup, path: string) => Trader,
): Promise<number> {
  if (values.help === true) {
    process.stdout.write(help);
    return 0;
  }
  const { config, json = false } = values;
  if (config === undefined) throw new Usage("--config which file?");
  const seconds = numberOf("--seconds", values.seconds, Number.POSITIVE_INFINITY);
  if (!(seconds > 0)) throw new Usage(`--seconds: ${values.seconds} is not above 0`);
  const setup = await loadDesk(config, mode, values.strategy, values.param ?? []);
  try {
    const trader = make(setup, config);
    trader.on("alert", (alert) => tell(alert, json));
    await trader.start();
    await told(trader, seconds);
    const stopped = await trader.stop({ ends: values.suspend !== true });
    process.stdout.write(`${JSON.stringify({ ...stopped, status: trader.status() })}\n`);
    return stopped.isClean && trader.failure === undefined ? 0 : 1;
  } finally {
    await setup.close?.();
  }
}

/** Resolves when the trader is to stop: a signal, the time, or a failure. */
function told(trader: Trader, seconds: number): Promise<void> {
  return new Promise((done) => {
    const over = (): void => {
      clearTimeout(timer);
      process.off("SIGINT", over);
      process.off("SIGTERM", over);
      done();
    };
    const timer = setTimeout(over, Math.min(seconds * 1000, 2 ** 31 - 1));
    process.on("SIGINT", over);
    process.on("SIGTERM", over);
    trader.on("state", (state) => {
      if (state === "failed") over();
    });
  });
}

function tell({ level, code, words, fields }: TraderAlert, json: boolean): void {
  const line = json
    ? JSON.stringify({ level, code, words, ...fields })
    : `${level.padEnd(5)} ${code}  ${words}`;
  process.stderr.write(`${line}\n`);
}
