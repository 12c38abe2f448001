import { Fault, formatScaled, parseScaled, rescale } from "../base/index.ts";
import { COST_ITEMS, type CostItem } from "./tca-costs.ts";
import type { CostRow, OrderRow, TcaReport } from "./tca-report.ts";

/** A value as a record holds it: amounts are decimal texts. */
export type AsRecord<Value> = Value extends bigint
  ? string
  : Value extends readonly (infer Item)[]
    ? readonly AsRecord<Item>[]
    : Value extends object
      ? { readonly [Key in keyof Value]: AsRecord<Value[Key]> }
      : Value;

/** A {@link TcaReport} that is JSON-safe: amounts are decimal texts in its currency. */
export type TcaRecord = AsRecord<TcaReport>;

/**
 * A report as plain JSON; `tcaOfRecord` gives it back.
 *
 * @invariant Amounts never pass through a double.
 */
export function tcaRecord(report: TcaReport): TcaRecord {
  const plain = (value: unknown): unknown => {
    if (typeof value === "bigint") return formatScaled(value, report.decimals);
    if (Array.isArray(value)) return value.map(plain);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
  };
  return plain(report) as TcaRecord;
}

/** A report from its record. @throws `FAULT_INPUT` naming what is no record's */
export function tcaOfRecord(record: TcaRecord): TcaReport {
  const { schema, decimals } = record ?? {};
  if (schema !== "tickwright.tca/1" || !Number.isInteger(decimals)) {
    throw new Fault("FAULT_INPUT", { path: "tca.schema", value: schema, expected: "tickwright.tca/1" });
  }
  const amount = (path: string, text: string): bigint => {
    const scaled = typeof text === "string" ? parseScaled(text) : undefined;
    const minor = scaled === undefined ? undefined : rescale(scaled, decimals);
    if (minor !== undefined) return minor;
    throw new Fault("FAULT_INPUT", { path, value: text, expected: "an amount" });
  };
  const row = <Row extends CostRow | OrderRow>(path: string, one: AsRecord<Row>): Row => {
    const items = Object.fromEntries(
      COST_ITEMS.map((item) => [
        item,
        amount(`${path}.items.${item}`, (one.items as Record<CostItem, string>)[item]),
      ]),
    );
    const made: object = { ...one, items, total: amount(`${path}.total`, one.total as string) };
    return made as Row;
  };
  const rows = <Row extends CostRow | OrderRow>(name: string, all: readonly AsRecord<Row>[]): Row[] =>
    all.map((one, i) => row<Row>(`tca.${name}[${i}]`, one));
  const figures: object = record;
  return {
    ...(figures as TcaReport),
    total: row<CostRow>("tca.total", record.total),
    orders: rows<OrderRow>("orders", record.orders),
    byStrategy: rows<CostRow>("byStrategy", record.byStrategy),
    byVenue: rows<CostRow>("byVenue", record.byVenue),
    byDay: rows<CostRow>("byDay", record.byDay),
  };
}
