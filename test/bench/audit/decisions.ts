import { AuditBuffer, AuditWriter } from "../../../src/audit/index.ts";

/** Records of a round. */
export const RECORDS = 65_536;
/** Numbers of a gate's row. */
export const STRIDE = 16;
const BASE_NS = 1_732_187_000_000_000_000n;

/** A gate's rows: most approved, some refused. */
export function decisions(): Float64Array {
  const rows = new Float64Array(RECORDS * STRIDE);
  for (let i = 0; i < RECORDS; i++) {
    const at = i * STRIDE;
    const isRefused = i % 10 === 9;
    const row = [
      i + 1,
      i * 10_000,
      0,
      isRefused ? 13 : 0,
      i + 1,
      i % 3,
      i % 2,
      i % 2 === 0 ? 1 : -1,
      100 + (i % 50),
    ];
    rows.set(
      [...row, 10_000 + (i % 100), isRefused ? 4 : -1, isRefused ? 9 : -1, isRefused ? 60_000.5 : 0, 0, 1, 0],
      at,
    );
  }
  return rows;
}

/** The hot path's writer. */
export function writer(): AuditWriter {
  return new AuditWriter({
    node: "ldn-1",
    epoch: 3,
    cfgHash: "ab".repeat(32),
    buildHash: "cd".repeat(32),
    baseNs: BASE_NS,
    seats: ["pairs", "maker", "momentum"].map((strategy, i) => ({ strategy, account: `A${i}` })),
    instruments: ["ABC@XNAS", "DEF@XNYS"].map((symbol) => ({ symbol, venue: symbol.slice(4) })),
    rules: { RISK_NOTIONAL_EXCEEDED: 13 },
  });
}

/** Each row as a record's bytes. */
export function encoded(rows: Float64Array): Uint8Array[] {
  const into = new AuditBuffer(4096);
  const each = writer();
  return Array.from({ length: RECORDS }, (_, i) => {
    into.length = 0;
    each.decision(into, rows, i * STRIDE);
    return into.bytes.slice(0, into.length);
  });
}
