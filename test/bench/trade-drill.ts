import { capturedMarket, gridMaker, measurePair } from "./backtest-pair.ts";
import type { BenchResult, BenchRow } from "./bench-row.ts";

/** A backtest whose single trades are kept beside the same without: what the observer and the second walk cost. */
export async function bench(): Promise<BenchResult> {
  const tape = await capturedMarket(2);
  const rows: BenchRow[] = [];
  const notes: string[] = [];
  for (const [name, halfSpread, skew] of [
    ["grid maker", 5e-5, 5e-6],
    ["grid maker at the touch", 2e-6, 2e-7],
  ] as const) {
    const { row, result } = await measurePair({
      ...{ name, tape, make: () => gridMaker(halfSpread, skew), what: "drill" },
      ...{ with: { tca: false, drill: true }, without: { tca: false, drill: false } },
    });
    const { orders, fills, drill } = result;
    const bytes = JSON.stringify(drill).length;
    notes.push(
      `${name}: ${orders.submitted} orders, ${fills.count} fills, ${bytes} bytes of JSON, equal hashes`,
    );
    rows.push(row);
  }
  return { rows, notes };
}
