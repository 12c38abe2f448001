import { existsSync, readdirSync } from "node:fs";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import type { BenchResult, BenchRow } from "./bench-row.ts";

/** Files of this folder that are no benches. */
const PARTS = new Set([
  "run",
  "rounds",
  "bench-row",
  "driven-book",
  "peers",
  "average-cross",
  "backtest-once",
  "bars-once",
  "gate-once",
  "match-once",
  "recovery-once",
  "ring-native-once",
  "ring-once",
  "scale-once",
  "map-book-hook",
  "net-tcp",
  "market-file",
]);

/** `npm run bench -- <name> [--json]`: runs one bench; without a name it lists them. */
async function main(args: readonly string[]): Promise<number> {
  const names = benches();
  const unknown = args.filter((arg) => arg.startsWith("-") && arg !== "--json");
  const wanted = args.filter((arg) => !arg.startsWith("-"));
  if (unknown.length > 0 || wanted.length > 1) {
    console.error(`bench: cannot read ${[...unknown, ...wanted.slice(1)].join(" ")}`);
    console.error("usage: npm run bench -- <name> [--json]");
    return 2;
  }
  const [name] = wanted;
  if (name === undefined) {
    console.log(names.join("\n"));
    return 0;
  }
  if (!names.includes(name)) {
    console.error(`bench: no bench is called ${JSON.stringify(name)}; there are: ${names.join(", ")}`);
    return 2;
  }
  const module = (await import(`./${name}.ts`)) as { bench?: () => Promise<BenchResult> };
  if (typeof module.bench !== "function") {
    console.error(`bench: test/bench/${name}.ts exports no function bench()`);
    return 2;
  }
  const { rows, notes } = await module.bench();
  if (args.includes("--json")) console.log(JSON.stringify({ bench: name, machine: machine(), rows, notes }));
  else print(name, rows, notes);
  return 0;
}

function benches(): string[] {
  const files = readdirSync(import.meta.dirname, { withFileTypes: true });
  const names = files.filter((file) => file.isFile() && file.name.endsWith(".ts"));
  return names
    .map((file) => file.name.slice(0, -3))
    .filter((name) => !PARTS.has(name) && existsSync(new URL(`./${name}.ts`, import.meta.url)))
    .sort();
}

function machine(): Record<string, string | number> {
  return {
    node: process.versions.node,
    v8: process.versions.v8,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    load: Number((loadavg()[0] ?? 0).toFixed(2)),
  };
}

function print(name: string, rows: readonly BenchRow[], notes: readonly string[]): void {
  const cells = [
    ["name", "ours", "unit", "peer", "peer's", "ratio", "min..max", "floor", "aim", "p50/p99/p99.9 ns"],
    ...rows.map((row) => [
      row.name,
      figure(row.ours),
      row.unit,
      row.peer,
      figure(row.peerValue),
      `${figure(row.ratio)}x`,
      `${figure(row.ratioMin)}..${figure(row.ratioMax)}`,
      ...[row.floor, row.aim].map((bound) => (bound === undefined ? "" : `${bound}x`)),
      [row.p50Ns, row.p99Ns, row.p999Ns].map((ns) => (ns === undefined ? "" : figure(ns))).join(" "),
    ]),
  ];
  const widths =
    cells[0]?.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0))) ?? [];
  const { node, cpu, cores, load } = machine();
  console.log(`${name}: node ${node}, ${cpu}, ${cores} cores, load ${load}`);
  for (const row of cells) {
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
  }
  for (const note of notes) console.log(note);
}

function figure(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString("en-US", { maximumFractionDigits: 4 });
}

process.exitCode = await main(process.argv.slice(2));
