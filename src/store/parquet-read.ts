import { statSync } from "node:fs";
import { basename } from "node:path";
import { checkText, Fault } from "../base/index.ts";
import { type TapeHead, TimeBase, utcDayBase } from "../feed/index.ts";
import { type BarBlock, type DepthBlock, Instrument, type TapeSchema } from "../model/index.ts";
import { type DuckDbSession, literal, onFile, openDuckDb } from "./duckdb.ts";
import { ChunkReader } from "./parquet-chunk.ts";
import { type ColumnKind, type FoundColumn, findColumns, fromBase } from "./parquet-columns.ts";
import { type ParquetMeta, readMeta } from "./parquet-meta.ts";
import {
  checkBarOptions,
  checkTickOptions,
  type ParquetBarOptions,
  type ParquetReadOptions,
  type ParquetTickOptions,
} from "./parquet-options.ts";
import { BarChunks, type BarColumns, TickChunks, type TickColumns } from "./parquet-rows.ts";
import { type ChunkRows, ParquetTape } from "./parquet-tape.ts";

/** The columns of our own files, by how numbers are written. */
const OWN = {
  steps: { tick: "tick", lots: "lots" },
  decimals: { tick: "price", lots: "quantity" },
} as const;

/**
 * Opens a Parquet file of bars. Our own files say what they hold; of others the options name instrument and
 * columns.
 *
 * @throws `FAULT_PEER_MISSING` without `@duckdb/node-api`; `FAULT_CONFIG` naming the option; `FAULT_IO` where there
 * is no such file; `FAULT_INPUT` naming file and column: one that is missing or of a wrong type, a file that is no
 * Parquet file, holds ticks, or is empty.
 * @cost About 1 us a bar; one block and one chunk of 2,048 rows in memory.
 */
export async function readParquetBars(
  path: string,
  options: ParquetBarOptions = {},
): Promise<ParquetTape<BarBlock>> {
  checkBarOptions(options);
  return await open(path, options, "bars", (meta) => {
    const names = options.columns ?? {};
    const { bar } = options;
    const single = bar === undefined ? undefined : names.time;
    const volume = names.volume === undefined ? "volume" : (names.volume ?? undefined);
    const columns: BarColumns = {
      openNs:
        single === undefined ? (names.openNs ?? "open_ns") : bar?.timeIs === "open" ? single : undefined,
      closeNs:
        single === undefined ? (names.closeNs ?? "close_ns") : bar?.timeIs === "close" ? single : undefined,
      lengthNs: bar?.lengthNs ?? 0,
      kind: meta === undefined ? undefined : "kind",
      open: names.open ?? "open",
      high: names.high ?? "high",
      low: names.low ?? "low",
      close: names.close ?? "close",
      volume,
      factor: names.factor ?? (meta === undefined ? undefined : "factor"),
    };
    const { openNs, closeNs, kind, factor, open: first, high, low, close } = columns;
    return {
      time: (closeNs ?? openNs) as string,
      shiftNs: closeNs === undefined ? columns.lengthNs : 0,
      wanted: [
        ["time", [openNs, closeNs]],
        ["code", [kind]],
        ["price", [first, high, low, close]],
        ["quantity", [volume]],
        ["factor", [factor]],
      ],
      makeRows: (reader) => new BarChunks(reader, columns),
    };
  });
}

/**
 * Opens a Parquet file of ticks: a depth tape that `writeParquet` wrote, or trades by others.
 *
 * @throws as {@link readParquetBars}
 * @cost About 1 us a row; one block and one chunk of 2,048 rows in memory.
 */
export async function readParquetTicks(
  path: string,
  options: ParquetTickOptions = {},
): Promise<ParquetTape<DepthBlock>> {
  checkTickOptions(options);
  return await open(path, options, "depth", (meta) => {
    const names = options.columns ?? {};
    const time = names.time ?? "time";
    const own = OWN[meta?.numbers ?? "decimals"];
    const columns: TickColumns = {
      localNs: meta === undefined ? time : "local_ns",
      exchNs: meta === undefined ? time : "exch_ns",
      kind: meta === undefined ? undefined : "kind",
      tick: names.price ?? own.tick,
      lots: names.quantity ?? own.lots,
      side: names.side,
    };
    const { localNs, exchNs, kind, tick, lots, side } = columns;
    return {
      time: localNs,
      shiftNs: 0,
      wanted: [
        ["time", localNs === exchNs ? [localNs] : [localNs, exchNs]],
        ["code", [kind]],
        ["price", [tick]],
        ["quantity", [lots]],
        ["side", [side]],
      ],
      makeRows: (reader) => new TickChunks(reader, columns),
    };
  });
}

/** How one kind of file is read. */
interface Layout<Block> {
  /** The column a range is taken by, and what lies between it and the time meant. */
  readonly time: string;
  readonly shiftNs: number;
  readonly wanted: readonly (readonly [ColumnKind, readonly (string | undefined)[]])[];
  readonly makeRows: (reader: ChunkReader) => ChunkRows<Block>;
}

async function open<Block extends DepthBlock | BarBlock>(
  path: string,
  options: ParquetReadOptions & { readonly columns?: object },
  schema: TapeSchema,
  layoutOf: (meta: ParquetMeta | undefined) => Layout<Block>,
): Promise<ParquetTape<Block>> {
  checkFile(path);
  const session = await openDuckDb();
  try {
    return await onFile(path, () => plan(session, path, options, schema, layoutOf));
  } catch (error) {
    session.close();
    throw error;
  }
}

async function plan<Block extends DepthBlock | BarBlock>(
  session: DuckDbSession,
  path: string,
  options: ParquetReadOptions & { readonly columns?: object },
  schema: TapeSchema,
  layoutOf: (meta: ParquetMeta | undefined) => Layout<Block>,
): Promise<ParquetTape<Block>> {
  const { connection } = session;
  const meta = await readMeta(connection, path);
  if (meta !== undefined && meta.tape.schema !== schema) {
    throw new Fault("FAULT_INPUT", {
      path,
      value: `a tape of ${meta.tape.schema}`,
      expected: `a tape of ${schema}`,
    });
  }
  const instrument = options.instrument ?? meta?.tape.instrument;
  if (instrument === undefined) {
    const expected = "an instrument: the file does not say what it is of";
    throw new Fault("FAULT_CONFIG", { path: "parquet.instrument", value: undefined, expected });
  }
  const checked = new Instrument(instrument);
  const layout = layoutOf(meta);
  const wanted = layout.wanted.flatMap(([kind, names]) =>
    names.flatMap((name) => (name === undefined ? [] : [{ name, kind }])),
  );
  const snap = options.snapWithin ?? {};
  const floats = { price: snap.price !== undefined, quantity: snap.quantity !== undefined };
  const found = await findColumns(connection, path, wanted, floats);
  const range = await rangeOf(session, path, found, layout, options);
  const baseNs = meta === undefined ? utcDayBase(range.firstNs) : BigInt(meta.tape.baseNs);
  const columns = found.map((column) => fromBase(column, baseNs, range.spans.get(column.name)));
  const head: TapeHead = {
    instrument,
    baseNs,
    source: meta?.tape.source ?? `parquet ${basename(path)}`,
    simulated: options.simulated ?? meta?.tape.simulated ?? false,
  };
  const isWhole = range.where === "" && options.instrument === undefined && options.columns === undefined;
  const terms = { path, instrument: checked, base: new TimeBase(baseNs), snap };
  return new ParquetTape<Block>({
    path,
    head,
    rows: range.rows,
    recorded: isWhole ? meta?.tape : undefined,
    session,
    sql: `SELECT ${columns.flatMap(({ sql }) => sql).join(", ")} FROM read_parquet(${literal(path)})${range.where}`,
    makeRows: () => layout.makeRows(new ChunkReader(terms, columns)),
  });
}

/** What a range holds: rows, its first moment, and the first and last moment of each time column. */
interface FoundRange {
  readonly where: string;
  readonly rows: number;
  readonly firstNs: bigint;
  readonly spans: ReadonlyMap<string, readonly [firstNs: bigint, lastNs: bigint]>;
}

/** Counts the rows of the range asked for and finds its moments. */
async function rangeOf(
  session: DuckDbSession,
  path: string,
  columns: readonly FoundColumn[],
  layout: Layout<DepthBlock | BarBlock>,
  options: ParquetReadOptions,
): Promise<FoundRange> {
  const time = columns.find(({ name }) => name === layout.time) as FoundColumn;
  const epoch = time.epoch as string;
  const limits: string[] = [];
  const { fromNs, toNs } = options;
  if (fromNs !== undefined) limits.push(`${epoch} >= ${fromNs - BigInt(layout.shiftNs)}`);
  if (toNs !== undefined) limits.push(`${epoch} < ${toNs - BigInt(layout.shiftNs)}`);
  const where = limits.length === 0 ? "" : ` WHERE ${limits.join(" AND ")}`;
  const times = columns.filter((column) => column.epoch !== undefined);
  const ends = times.flatMap((column) => [`min(${column.epoch})`, `max(${column.epoch})`]);
  const found = await session.connection.runAndReadAll(
    `SELECT count(*), ${ends.join(", ")} FROM read_parquet(${literal(path)})${where}`,
  );
  const [rows, ...moments] = found.getRows()[0] as [bigint, ...(bigint | null)[]];
  const spans = new Map<string, [bigint, bigint]>();
  for (const [i, { name }] of times.entries()) {
    const [first, last] = [moments[2 * i], moments[2 * i + 1]];
    if (typeof first === "bigint" && typeof last === "bigint") spans.set(name, [first, last]);
  }
  const firstNs = spans.get(time.name)?.[0];
  if (rows === 0n || firstNs === undefined) {
    throw new Fault("FAULT_INPUT", {
      path,
      value: `${rows} rows`,
      expected: `at least one row with a ${time.name}`,
    });
  }
  return { where, rows: Number(rows), firstNs, spans };
}

/** DuckDB would take patterns and addresses too: one local file is meant. */
function checkFile(path: string): void {
  checkText("path", path);
  if (/[*?[\]{}]/.test(path)) {
    throw new Fault("FAULT_CONFIG", {
      path: "path",
      value: path,
      expected: "the path of one file, without * ? [ ]",
    });
  }
  let isFile = false;
  try {
    isFile = statSync(path).isFile();
  } catch (cause) {
    const value = cause instanceof Error ? cause.message : String(cause);
    throw new Fault("FAULT_IO", { path, value, expected: "a file that can be read", cause });
  }
  if (!isFile) throw new Fault("FAULT_IO", { path, value: "no file", expected: "a file that can be read" });
}
