import type { BenchResult, BenchRow } from "./bench-row.ts";
import { benchOrders } from "./book/by-order.ts";
import { benchLevels } from "./book/by-price.ts";

/** The books: by order against nodejs-order-book, by price against ccxt's and against the designs that lost. */
export async function bench(): Promise<BenchResult> {
  const rows: BenchRow[] = [];
  const notes: string[] = [];
  for (const part of [benchOrders, benchLevels]) {
    const result = await part();
    rows.push(...result.rows);
    notes.push(...result.notes);
  }
  return { rows, notes };
}
