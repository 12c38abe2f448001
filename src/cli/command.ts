import process from "node:process";
import { Fault } from "../base/index.ts";
import { VERSION } from "../run/index.ts";
import { Usage } from "./usage.ts";

interface Command {
  readonly says: string;
  readonly run: (args: readonly string[]) => Promise<number>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  new: {
    says: "a strategy project to begin with: strategy, test, backtest, sweep, paper trading",
    run: async (args) => (await import("./new-command.ts")).newCommand(args),
  },
  backtest: {
    says: "run a strategy over tapes; writes report.html and result.json",
    run: async (args) => (await import("./backtest-command.ts")).backtestCommand(args),
  },
  sweep: {
    says: "backtests over a space of parameters, in threads; goes on where it was interrupted",
    run: async (args) => (await import("./sweep-command.ts")).sweepCommand(args),
  },
  trial: {
    says: "does your strategy know the future, and is its warm-up long enough?",
    run: async (args) => (await import("./trial-command.ts")).trialCommand(args),
  },
  replay: {
    says: "run a recorded session again: identical, or where it parts",
    run: async (args) => (await import("./session-command.ts")).replayCommand(args),
  },
  diff: {
    says: "compare two recorded sessions order by order, each difference with its cause",
    run: async (args) => (await import("./session-command.ts")).diffCommand(args),
  },
  report: {
    says: "make report.html anew from a result.json",
    run: async (args) => (await import("./report-command.ts")).reportCommand(args),
  },
  tape: {
    says: "download, import, check, cut, merge, export and query tapes: tickwright tape --help",
    run: async (args) => (await import("./tape-command.ts")).tapeCommand(args),
  },
  record: {
    says: "record live market data: raw messages, tapes, bars, what is missing",
    run: async (args) => (await import("./record-command.ts")).recordCommand(args),
  },
  audit: {
    says: "verify, export, query and prove an audit trail: tickwright audit --help",
    run: async (args) => (await import("./audit-command.ts")).auditCommand(args),
  },
  paper: {
    says: "trade on paper: live market data, simulated fills, a real journal",
    run: async (args) => (await import("./trade-command.ts")).paperCommand(args),
  },
  live: {
    says: "trade with real money: needs --live, limits, a kill agent and a green preflight",
    run: async (args) => (await import("./trade-command.ts")).liveCommand(args),
  },
  preflight: {
    says: "what speaks against a live start, and what to do about it",
    run: async (args) => (await import("./preflight-command.ts")).preflightCommand(args),
  },
  drill: {
    says: "kill a trading process again and again: how fast it comes back, what is lost",
    run: async (args) => (await import("./drill-command.ts")).drillCommand(args),
  },
  simulate: {
    says: "the engine, or your strategy, under faults in virtual time, seed after seed",
    run: async (args) => (await import("./simulate-command.ts")).simulateCommand(args),
  },
  exchange: {
    says: "a loopback exchange to rehearse against: Binance's spot protocol over a simulated venue",
    run: async (args) => (await import("./exchange-command.ts")).exchangeCommand(args),
  },
  doctor: {
    says: "what this machine offers a trading process, and what to change for each tier of latency",
    run: async (args) => (await import("./doctor-command.ts")).doctorCommand(args),
  },
  "build-native": {
    says: "build the native binary from source",
    run: async (args) => (await import("./build-native-command.ts")).buildNativeCommand(args),
  },
  demo: {
    says: "backtests on real S&P 500 days and on a tick-level market",
    run: async (args) => (await import("./demo-command.ts")).demoCommand(args),
  },
};

const HELP = `tickwright ${VERSION}: one deterministic kernel for backtests, sessions and their audit

  tickwright <command> [options]      tickwright <command> --help

${Object.entries(COMMANDS)
  .map(([name, { says }]) => `  ${name.padEnd(13)}${says}`)
  .join("\n")}

Exit codes: 0 done, 1 a fault (its code and what was expected are printed) or a check that found something,
2 a wrong call: an option that is not there, does nothing here, or has a value it does not take.
`;

/** Runs one command line; returns the exit code. */
export async function runCommand(argv: readonly string[]): Promise<number> {
  const [name, ...args] = argv;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    process.stdout.write(HELP);
    return name === undefined ? 2 : 0;
  }
  if (name === "--version" || name === "-v") {
    process.stdout.write(`${VERSION}\n`);
    return 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    process.stderr.write(
      `tickwright: there is no command ${JSON.stringify(name)}; tickwright --help lists them\n`,
    );
    return 2;
  }
  try {
    return await command.run(args);
  } catch (error) {
    return tell(error, name);
  }
}

function tell(error: unknown, command: string): number {
  if (error instanceof Usage) {
    process.stderr.write(`tickwright ${command}: ${error.message}\nTry: tickwright ${command} --help\n`);
    return 2;
  }
  if (error instanceof Fault) {
    process.stderr.write(`${error.message}\n`);
    if (error.code === "FAULT_CALLBACK" && error.cause instanceof Error) {
      process.stderr.write(`${error.cause.stack ?? ""}\n`);
    }
    return 1;
  }
  if (error instanceof TypeError && (error as NodeJS.ErrnoException).code?.startsWith("ERR_PARSE_ARGS")) {
    process.stderr.write(`tickwright ${command}: ${error.message}\nTry: tickwright ${command} --help\n`);
    return 2;
  }
  throw error;
}
