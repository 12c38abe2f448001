import { type ParquetColumn, writeParquetTable } from "../store/index.ts";
import { isPruned, type PointPruned, type PointResult } from "./point-result.ts";
import type { ParamValue } from "./search-space.ts";
import type { SweepResult } from "./sweep.ts";

/** A point that ran, to its end or not. */
type Tried = PointResult | PointPruned;

/** A column of a sweep's table. */
interface Column {
  readonly name: string;
  readonly of: (point: Tried) => ParamValue | null;
}

/**
 * The points of a sweep that ran, as comma-separated values: index, parameters, every figure, money, counts and
 * `runHash`; empty where a figure has no value. Of a sweep that ends points early `pruned` says what ended one (`no`
 * where nothing did) and `prunedMs` when, in epoch ms: such a point has money and counts until then, and no figures.
 */
export function sweepCsv(result: SweepResult): string {
  const columns = columnsOf(result);
  const lines = triedOf(result).map((point) => columns.map(({ of }) => cell(of(point))).join(","));
  return `${[columns.map(({ name }) => cell(name)).join(","), ...lines].join("\n")}\n`;
}

/** The same, with the points that ended early and those that failed apart, as one JSON-safe object. */
export function sweepJson(result: SweepResult): Readonly<Record<string, unknown>> {
  const { plan, points, failures, pruned, end, best } = result;
  return {
    schema: "tickwright.sweep/1",
    ...{ name: plan.name, id: plan.id, end, objective: `${plan.sign < 0 ? "-" : ""}${plan.objective}` },
    ...{ planned: plan.points.length, best: best?.index ?? null, making: plan.making },
    points: points.map(withoutReturns),
    pruned: pruned.map(withoutReturns),
    failures,
  };
}

/** By index. */
function triedOf({ points, pruned }: SweepResult): readonly Tried[] {
  return [...points, ...pruned].sort((a, b) => a.index - b.index);
}

function withoutReturns<Point extends Tried>(point: Point): Omit<Point, "returns"> {
  const { returns, ...rest } = point;
  return returns === undefined ? point : rest;
}

/** Writes the table of {@link sweepCsv} as a Parquet file. @throws as `writeParquetTable` of `store` */
export async function writeSweepParquet(path: string, result: SweepResult): Promise<void> {
  const columns = columnsOf(result).map(({ name, of }): ParquetColumn => {
    const values = triedOf(result).map(of);
    const known = values.filter((value) => value !== null);
    const is = (type: string): boolean => known.every((value) => typeof value === type);
    if (is("number")) return { name, type: "DOUBLE", values };
    if (is("boolean")) return { name, type: "BOOLEAN", values };
    return { name, type: "VARCHAR", values: values.map((value) => (value === null ? null : String(value))) };
  });
  await writeParquetTable(path, columns, { overwrite: true });
}

/** Parameters and figures may have one name: figures are told apart then. */
function columnsOf({ plan, points, pruned }: SweepResult): readonly Column[] {
  const params = plan.axes.map(({ name }) => name);
  const taken = new Set(params.map((name) => name.toLowerCase()));
  const own = (name: string): string => (taken.has(name.toLowerCase()) ? `result.${name}` : name);
  const figures = Object.keys(points[0]?.stats ?? {});
  const fields = ["initialEquity", "finalEquity", "fees", "orders", "fills", "trades"] as const;
  const rest = fields.filter((name) => !figures.includes(name));
  return [
    { name: own("index"), of: ({ index }) => index },
    ...params.map((name): Column => ({ name, of: (point) => point.params[name] ?? null })),
    ...figures.map(
      (name): Column => ({
        name: own(name),
        of: (point) => (isPruned(point) ? null : (point.stats[name] ?? null)),
      }),
    ),
    ...rest.map((name): Column => ({ name: own(name), of: (point) => Number(point[name]) })),
    ...(plan.prune === undefined && pruned.length === 0 ? [] : prunedColumns(own)),
    { name: own("runHash"), of: ({ runHash }) => runHash },
  ];
}

function prunedColumns(own: (name: string) => string): readonly Column[] {
  return [
    { name: own("pruned"), of: (point) => (isPruned(point) ? point.pruned.cause : "no") },
    { name: own("prunedMs"), of: (point) => (isPruned(point) ? point.pruned.ms : null) },
  ];
}

function cell(value: ParamValue | null): string {
  const text = value === null ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
