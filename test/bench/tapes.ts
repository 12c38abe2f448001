import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Prng } from "../../src/base/index.ts";
import { DepthTapeBuilder } from "../../src/feed/index.ts";
import { openDepthTape, writeTape } from "../../src/host/index.ts";
import { DepthBlock, LAST, ROW } from "../../src/model/index.ts";
import { readParquetTicks, writeParquet } from "../../src/store/index.ts";
import { type BenchResult, type BenchRow, ratioFields } from "./bench-row.ts";
import { interleave, type Measured, ratioOf, type Spread, spreadOf, type Variant } from "./rounds.ts";

const ROWS = 2_000_000;
/** Rows a second, in millions. */
const FLOORS = { tape: 20, parquet: 5 } as const;

/** Reading a depth tape of two million rows: our file, our Parquet reader, DuckDB alone, hyparquet. */
export async function bench(): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), "tickwright-bench-tapes-"));
  try {
    const [path, zipped, parquet] = ["a.tape", "b.tape", "c.parquet"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const tape = made();
    writeTape(path, tape);
    writeTape(zipped, tape, { codec: "zstd" });
    await writeParquet(tape, parquet, { compression: "snappy" });
    const variants: Variant[] = [
      { name: "tape", run: () => ({ units: byTape(path) }) },
      { name: "tape zstd", run: () => ({ units: byTape(zipped) }) },
      { name: "parquet", run: async () => ({ units: await byParquet(parquet) }) },
      { name: "DuckDB", run: async () => ({ units: await byDuckDb(parquet) }) },
      { name: "hyparquet", run: async () => ({ units: await byHyparquet(parquet) }) },
    ];
    const measured = await interleave(variants, { rounds: 5, warmUps: 1 });
    const of = (name: string): Measured => measured.get(name) as Measured;
    const sizes = [path, zipped, parquet].map((name) => (statSync(name).size / ROWS).toFixed(1));
    return {
      rows: [
        floorRow("tape file", of("tape"), FLOORS.tape),
        floorRow("parquet, ours", of("parquet"), FLOORS.parquet),
        row("tape file", of("tape"), of("DuckDB")),
        row("tape file, zstd", of("tape zstd"), of("DuckDB")),
        row("parquet, ours", of("parquet"), of("DuckDB")),
        row("tape file", of("tape"), of("hyparquet")),
        row("parquet, ours", of("parquet"), of("hyparquet")),
      ],
      notes: [
        `${ROWS} generated rows of five columns; bytes a row: tape ${sizes[0]}, zstd ${sizes[1]}, Parquet (snappy) ${sizes[2]}`,
        "ours checks every row and ends in blocks of typed arrays; DuckDB alone ends in its vectors, hyparquet in arrays",
      ],
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function made() {
  const instrument = { symbol: "ABC", venue: "bench", tickSize: "0.01", lotSize: "1", quote: "USD" };
  const baseNs = 1_723_075_200_000_000_000n;
  const builder = new DepthTapeBuilder({ instrument, baseNs, source: "generated", simulated: true });
  const random = new Prng(8);
  let at = 0;
  for (let i = 0; i < ROWS; i++) {
    at += 1 + random.below(2_000_000);
    const kind = random.below(2) === 0 ? ROW.bid : ROW.ask;
    builder.push(at - 1, at, kind | LAST, 10_000 + random.below(200), random.below(5_000));
  }
  return builder.build();
}

function byTape(path: string): number {
  const tape = openDepthTape(path);
  const block = new DepthBlock();
  let rows = 0;
  for (let i = 0; i < tape.blockCount; i++) {
    tape.read(i, block);
    rows += block.n;
  }
  tape.close();
  return checked(rows);
}

async function byParquet(path: string): Promise<number> {
  const reading = await readParquetTicks(path);
  let rows = 0;
  for await (const block of reading.blocks()) rows += block.n;
  reading.close();
  return checked(rows);
}

async function byDuckDb(path: string): Promise<number> {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
  const connection = await instance.connect();
  const result = await connection.stream(`SELECT * FROM read_parquet('${path}')`);
  let rows = 0;
  for (let chunk = await result.fetchChunk(); chunk !== null; chunk = await result.fetchChunk()) {
    if (chunk.rowCount === 0) break;
    for (let k = 0; k < chunk.columnCount; k++) chunk.getColumnVector(k);
    rows += chunk.rowCount;
  }
  connection.closeSync();
  instance.closeSync();
  return checked(rows);
}

async function byHyparquet(path: string): Promise<number> {
  const { asyncBufferFromFile, parquetRead } = await import("hyparquet");
  const file = await asyncBufferFromFile(path);
  let cells = 0;
  await parquetRead({
    file,
    onChunk: ({ rowStart, rowEnd }) => {
      cells += rowEnd - rowStart;
    },
  });
  return checked(cells / 5);
}

function checked(rows: number): number {
  if (rows === ROWS) return rows;
  throw new Error(`read ${rows} rows, expected ${ROWS}`);
}

function millions(nsPerRow: number): number {
  return 1_000 / nsPerRow;
}

function floorRow(name: string, ours: Measured, floor: number): BenchRow {
  const { median, min, max } = spreadOf(ours.nsPerUnit);
  const spread: Spread = {
    median: millions(median) / floor,
    min: millions(max) / floor,
    max: millions(min) / floor,
  };
  return {
    ...{ name, ours: millions(median), unit: "M rows/s", peer: "floor", peerValue: floor, floor: 1 },
    ...ratioFields(spread),
  };
}

function row(name: string, ours: Measured, peer: Measured): BenchRow {
  return {
    ...{ name, ours: millions(spreadOf(ours.nsPerUnit).median), unit: "M rows/s", peer: peer.name },
    peerValue: millions(spreadOf(peer.nsPerUnit).median),
    ...ratioFields(ratioOf(peer, ours)),
  };
}
