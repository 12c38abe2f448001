import { type ParquetColumn, writeParquetTable } from "../store/index.ts";
import type { PointResult } from "./point-result.ts";
import type { ParamValue } from "./search-space.ts";
import type { SweepResult } from "./sweep.ts";

/** A column of a sweep's table. */
interface Column {
  readonly name: string;
  readonly of: (point: PointResult) => ParamValue | null;
}

/**
 * The points of a sweep that ran, as comma-separated values: index, parameters, every figure, money, counts and
 * `runHash`; empty where a figure has no value.
 */
export function sweepCsv(result: SweepResult): string {
  const columns = columnsOf(result);
  const lines = result.points.map((point) => columns.map(({ of }) => cell(of(point))).join(","));
  return `${[columns.map(({ name }) => cell(name)).join(","), ...lines].join("\n")}\n`;
}

/** The same, and the points that failed, as one JSON-safe object. */
export function sweepJson(result: SweepResult): Readonly<Record<string, unknown>> {
  const { plan, points, failures, end, best } = result;
  return {
    schema: "tickwright.sweep/1",
    ...{ name: plan.name, id: plan.id, end, objective: `${plan.sign < 0 ? "-" : ""}${plan.objective}` },
    ...{ planned: plan.points.length, best: best?.index ?? null, making: plan.making },
    points: points.map(withoutReturns),
    failures,
  };
}

function withoutReturns(point: PointResult): Omit<PointResult, "returns"> {
  const { returns, ...rest } = point;
  return returns === undefined ? point : rest;
}

/** Writes the table of {@link sweepCsv} as a Parquet file. @throws as `writeParquetTable` of `store` */
export async function writeSweepParquet(path: string, result: SweepResult): Promise<void> {
  const columns = columnsOf(result).map(({ name, of }): ParquetColumn => {
    const values = result.points.map(of);
    const known = values.filter((value) => value !== null);
    const is = (type: string): boolean => known.every((value) => typeof value === type);
    if (is("number")) return { name, type: "DOUBLE", values };
    if (is("boolean")) return { name, type: "BOOLEAN", values };
    return { name, type: "VARCHAR", values: values.map((value) => (value === null ? null : String(value))) };
  });
  await writeParquetTable(path, columns, { overwrite: true });
}

/** Parameters and figures may have one name: figures are told apart then. */
function columnsOf({ plan, points }: SweepResult): readonly Column[] {
  const params = plan.axes.map(({ name }) => name);
  const taken = new Set(params.map((name) => name.toLowerCase()));
  const own = (name: string): string => (taken.has(name.toLowerCase()) ? `result.${name}` : name);
  const figures = Object.keys(points[0]?.stats ?? {});
  const fields = ["initialEquity", "finalEquity", "fees", "orders", "fills", "trades"] as const;
  const rest = fields.filter((name) => !figures.includes(name));
  return [
    { name: own("index"), of: ({ index }) => index },
    ...params.map((name): Column => ({ name, of: (point) => point.params[name] ?? null })),
    ...figures.map((name): Column => ({ name: own(name), of: ({ stats }) => stats[name] ?? null })),
    ...rest.map((name): Column => ({ name: own(name), of: (point) => Number(point[name]) })),
    { name: own("runHash"), of: ({ runHash }) => runHash },
  ];
}

function cell(value: ParamValue | null): string {
  const text = value === null ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
