import type { BenchResult } from "./bench-row.ts";
import { benchBatches } from "./book/native-batch.ts";

/** The native body of the book by order against the one in TypeScript. */
export async function bench(): Promise<BenchResult> {
  return await benchBatches();
}
