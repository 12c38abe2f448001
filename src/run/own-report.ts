import { MESSAGE_FIELD as FIELD } from "../model/index.ts";

/** The order, and the request of it, that a report is about. */
export interface OwnReport {
  readonly row: number;
  readonly id: number;
  readonly requestId: number;
}

/** Writes a report of the session's own into a record of `MESSAGE_FIELD`: of what never left. */
export function ownReport(
  cells: Float64Array,
  kind: number,
  { row, id, requestId }: OwnReport,
  reason: number,
  nowNs: number,
): Float64Array {
  cells.fill(0);
  cells[FIELD.timeNs] = nowNs;
  cells[FIELD.exchNs] = nowNs;
  cells[FIELD.kind] = kind;
  cells[FIELD.row] = row;
  cells[FIELD.id] = id;
  cells[FIELD.requestId] = requestId;
  cells[FIELD.reason] = reason;
  return cells;
}
