import process from "node:process";
import { parseArgs } from "node:util";
import { Fault } from "../base/index.ts";
import type { LogRedaction } from "../host/index.ts";
import {
  LiveTrader,
  PaperTrader,
  preflightSetup,
  type Trader,
  type TraderAlert,
  type TraderSetup,
  traderOptionsOf,
} from "../run/index.ts";
import { checkCredentials, loadDesk } from "./load-desk.ts";
import { numberOf } from "./model-options.ts";
import { StopSignals } from "./stop-signals.ts";
import { environmentRedaction, hidden, hiddenJson, LOG_HELP, LOG_OPTIONS, openLog } from "./trade-log.ts";
import { stoppedLines } from "./trade-words.ts";
import { Usage } from "./usage.ts";

const COMMON = `  --config FILE      a module whose default export makes the desk: README of tickwright/run, Trading live
  --strategy FILE    trades this in place of the module's strategies
  --param NAME=VALUE a parameter for the strategy's class or function; give it again for more
  --seconds N        stops after N seconds; SIGINT and SIGTERM stop it otherwise
  --suspend          leaves the session to go on with the next start; it ends unless given
  --json             alerts, and how it ended and stands, as lines of JSON
${LOG_HELP}
A first signal stops: no new orders, cancels, a last comparison. A second one ends the process at once, as a crash
would: what is open stays open, and the session goes on with the next start.

Exit codes: 0 stopped clean, 1 a fault, or not clean before the deadline, 2 a wrong call, 130 and 143 a second signal.
`;
const PAPER_HELP = `tickwright paper --config FILE [options]

Trades on paper: live market data, fills by the simulator's models, a real journal.

${COMMON}`;
const LIVE_HELP = `tickwright live --config FILE --live [options]

Trades with real money. Nothing is sent without --live, a green preflight, explicit limits, a durable journal and a kill
agent that has rehearsed; credentials come from the environment, and are in nothing that is written.

  --live             yes, with real money
  --keep-orders      with --suspend: leaves open orders at the venue, where nobody looks after them
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
  "keep-orders": { type: "boolean" },
  ...LOG_OPTIONS,
} as const;

type Values = ReturnType<typeof parse>;

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS }).values;
}

/** `tickwright paper`: a desk on paper until it is told to stop. */
export async function paperCommand(args: readonly string[]): Promise<number> {
  const values = parse(args);
  if (values.live === true) throw new Usage("--live is for tickwright live");
  if (values["keep-orders"] === true)
    throw new Usage("--keep-orders is for tickwright live: simulated orders end with their process");
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
  if (values["keep-orders"] === true && values.suspend !== true)
    throw new Usage("--keep-orders needs --suspend: an ended session looks after no order");
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
      preflight: async () =>
        preflightSetup(await loadDesk(path, "preflight", values.strategy, values.param ?? []), setup),
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
  const { config } = values;
  if (config === undefined) throw new Usage("--config which file?");
  const seconds = numberOf("--seconds", values.seconds, Number.POSITIVE_INFINITY);
  if (!(seconds > 0)) throw new Usage(`--seconds: ${values.seconds} is not above 0`);
  const signals = new StopSignals(() =>
    process.stderr.write("stopped at once: the session goes on with the next start\n"),
  );
  let redaction = environmentRedaction();
  try {
    const setup = await loadDesk(config, mode, values.strategy, values.param ?? []);
    redaction = environmentRedaction(setup.live?.credentials ?? []);
    return await run(setup, { ...values, config, seconds }, redaction, signals, make);
  } catch (error) {
    throw hidden(error, redaction);
  } finally {
    signals.close();
  }
}

/** Trades until it is told to stop, or fails. */
async function run(
  setup: TraderSetup,
  values: Omit<Values, "seconds"> & { readonly config: string; readonly seconds: number },
  redaction: LogRedaction,
  signals: StopSignals,
  make: (setup: TraderSetup, path: string) => Trader,
): Promise<number> {
  const { config, json = false, seconds, suspend, "keep-orders": keeps } = values;
  try {
    const log = await openLog(values, redaction);
    try {
      const trader = make(log.logger === undefined ? setup : { ...setup, logger: log.logger }, config);
      trader.on("alert", (alert) => tell(alert, json, redaction));
      trader.on("state", (state) => {
        if (state === "failed") signals.stop();
      });
      await trader.start();
      signals.after(seconds);
      await signals.told;
      const stopped = await trader.stop({ ends: suspend !== true, cancels: keeps !== true });
      const said = json
        ? hiddenJson({ ...stopped, status: trader.status() }, redaction)
        : redaction.withoutSecrets(stoppedLines(trader, stopped).join("\n"));
      process.stdout.write(`${said}\n`);
      return stopped.isClean && trader.failure === undefined ? 0 : 1;
    } finally {
      await log.close();
    }
  } finally {
    await setup.close?.();
  }
}

function tell({ level, code, words, fields }: TraderAlert, json: boolean, redaction: LogRedaction): void {
  const line = json
    ? hiddenJson({ level, code, words, ...fields }, redaction)
    : `${level.padEnd(5)} ${code}  ${redaction.withoutSecrets(words)}`;
  process.stderr.write(`${line}\n`);
}
