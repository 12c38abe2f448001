import { existsSync } from "node:fs";
import process from "node:process";
import { type BarRule, type BuildBarsOptions, buildBars, type MemoryTape } from "../feed/index.ts";
import { buildBinanceBars, isTape, openDepthTape, openTape, writeTape } from "../host/index.ts";
import { exportTape, mergeTapeFiles, sliceTapeFile } from "../library/index.ts";
import {
  type BarBlock,
  type DepthBlock,
  NANOS_PER_DAY,
  NANOS_PER_HOUR,
  NANOS_PER_MILLI,
  NANOS_PER_MINUTE,
  NANOS_PER_SECOND,
} from "../model/index.ts";
import type { TapeSource } from "../port/index.ts";
import { marketOf, momentOf, type TapeCall, tellTape } from "./tape-words.ts";
import { Usage, usageOf } from "./usage.ts";

/** `tickwright tape merge`: several tapes to one. */
export async function mergeCommand({ paths, values }: TapeCall): Promise<number> {
  if (paths.length < 2) throw new Usage("tape merge which tapes? two or more");
  const out = outOf(values);
  const { overlap } = values;
  if (overlap !== undefined && overlap !== "first" && overlap !== "last") {
    throw new Usage(`--overlap is first or last, not ${overlap}`);
  }
  const meta = mergeTapeFiles(paths, out, {
    ...fileOptions(values),
    ...(overlap === undefined ? {} : { overlap }),
  });
  return tellTape(meta, values.json === true);
}

/** `tickwright tape slice`: a part of a tape. */
export async function sliceCommand({ paths, values }: TapeCall): Promise<number> {
  const path = oneOf("slice", paths);
  const out = outOf(values);
  const [fromNs, toNs] = [momentOf("from", values.from), momentOf("to", values.to)];
  if (fromNs === undefined && toNs === undefined) throw new Usage("--from or --to which moment?");
  const window = { ...(fromNs === undefined ? {} : { fromNs }), ...(toNs === undefined ? {} : { toNs }) };
  const meta = await usageOf({ "window.fromNs": "--from", "window.toNs": "--to" }, () =>
    sliceTapeFile(path, out, window, fileOptions(values)),
  );
  return tellTape(meta, values.json === true);
}

/** `tickwright tape export`: a tape as CSV or Parquet. */
export async function exportCommand({ paths, values }: TapeCall): Promise<number> {
  const path = oneOf("export", paths);
  const out = outOf(values);
  const { times, numbers } = values;
  if (times !== undefined && times !== "iso" && times !== "ns") {
    throw new Usage(`--times is iso or ns, not ${times}`);
  }
  if (numbers !== undefined && numbers !== "steps" && numbers !== "decimals") {
    throw new Usage(`--numbers is steps or decimals, not ${numbers}`);
  }
  const isCsv = out.endsWith(".csv");
  if (isCsv && numbers !== undefined) throw new Usage("--numbers does nothing in a CSV file");
  if (!isCsv && times !== undefined) throw new Usage("--times does nothing in a Parquet file");
  const tape = openTape(path);
  try {
    await usageOf({ path: "--out" }, () =>
      exportTape(tape as TapeSource<DepthBlock>, out, {
        overwrite: values.overwrite === true,
        ...(times === undefined ? {} : { times }),
        ...(isCsv ? {} : { numbers: numbers ?? "decimals" }),
      }),
    );
    const { rows } = tape.meta;
    if (values.json === true) process.stdout.write(`${JSON.stringify({ out, rows })}\n`);
    else process.stdout.write(`${out}: ${rows.toLocaleString("en-US")} rows\n`);
    return 0;
  } finally {
    tape.close();
  }
}

const UNITS: Readonly<Record<string, number>> = {
  ...{ ms: NANOS_PER_MILLI, s: NANOS_PER_SECOND, m: NANOS_PER_MINUTE },
  ...{ h: NANOS_PER_HOUR, d: NANOS_PER_DAY },
};

/** Where a fault of the making of bars tells of an option. */
const BAR_PATHS = {
  "bars.periodNs": "--period",
  "bars.prices": "--prices",
  "bars.clock": "--clock",
  "bars.empty": "--empty",
  "bars.late": "--late",
  "bars.latenessNs": "--lateness",
};

/** `tickwright tape bars`: ticks of a tape, or trades of a raw capture, to bars. */
export async function barsCommand({ paths, values }: TapeCall): Promise<number> {
  const path = oneOf("bars", paths);
  const out = outOf(values);
  const rule = {
    periodNs: lengthOf("period", values.period),
    ...(values.empty === undefined ? {} : { empty: values.empty }),
  } as { readonly periodNs: number; readonly empty?: "skip" | "repeat" };
  const bars = await usageOf(BAR_PATHS, () =>
    isTape(path) ? barsOfTape(path, rule, values) : barsOfCapture(path, rule, values),
  );
  return tellTape(writeTape(out, bars, fileOptions(values)), values.json === true);
}

function barsOfTape(path: string, rule: BarRule, values: TapeCall["values"]): MemoryTape<BarBlock> {
  for (const name of ["late", "lateness", "market", "symbol"] as const) {
    if (values[name] === undefined) continue;
    throw new Usage(`--${name} is for captures: a tape says what it is of, and its times never fall`);
  }
  const { prices, clock } = values;
  const tape = openDepthTape(path);
  try {
    return buildBars(tape, {
      ...rule,
      ...(prices === undefined ? {} : { prices }),
      ...(clock === undefined ? {} : { clock }),
    } as BuildBarsOptions);
  } finally {
    tape.close();
  }
}

async function barsOfCapture(
  path: string,
  rule: BarRule,
  values: TapeCall["values"],
): Promise<MemoryTape<BarBlock>> {
  for (const name of ["prices", "clock"] as const) {
    if (values[name] === undefined) continue;
    throw new Usage(
      `--${name}: bars of a capture are of its trades, by the exchange's clock; import it first`,
    );
  }
  const { late, lateness, symbol } = values;
  return await buildBinanceBars({
    path,
    market: marketOf(path, values.market),
    ...(symbol === undefined ? {} : { symbol }),
    bars: {
      ...rule,
      ...(late === undefined ? {} : { late: late as "fail" | "drop" | "carry" }),
      ...(lateness === undefined ? {} : { latenessNs: lengthOf("lateness", lateness) }),
    },
  });
}

/** A length of time such as 1s or 5m. @units ns */
function lengthOf(name: string, text = ""): number {
  const match = /^(\d+)(ms|s|m|h|d)$/.exec(text);
  if (match !== null) return Number(match[1]) * (UNITS[match[2] as string] as number);
  throw new Usage(`--${name} is such as 1s, 5m, 1h or 1d, not ${text === "" ? "left out" : text}`);
}

function oneOf(verb: string, paths: readonly string[]): string {
  const [path, more] = paths;
  if (path === undefined) throw new Usage(`tape ${verb} which file?`);
  if (more !== undefined) throw new Usage(`tape ${verb} takes one file, and ${more} is another`);
  return path;
}

function outOf(values: TapeCall["values"]): string {
  const out = values.out ?? "";
  if (out === "") throw new Usage("--out which file?");
  if (values.overwrite !== true && existsSync(out)) {
    throw new Usage(`--out: ${out} is there already; --overwrite replaces it`);
  }
  return out;
}

function fileOptions(values: TapeCall["values"]): { overwrite: boolean; codec: "none" | "zstd" } {
  const codec = values.codec ?? "none";
  if (codec !== "none" && codec !== "zstd") throw new Usage(`--codec is none or zstd, not ${codec}`);
  return { overwrite: values.overwrite === true, codec };
}
