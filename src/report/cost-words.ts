import type { CostItem } from "../stat/index.ts";

/** What the items of a cost are called. */
export const COST_LABELS: Readonly<Record<CostItem, string>> = {
  fees: "Fees",
  slippage: "Slippage",
  impact: "Impact",
  opportunity: "Opportunity",
  infrastructure: "Infrastructure",
  spreadCrossing: "Spread",
};
