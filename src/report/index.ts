export {
  type ComparedPair,
  type ComparedReturns,
  type ComparedRun,
  type ComparisonOptions,
  compareRuns,
  type RunComparison,
} from "./comparison.ts";
export type { SharedCurves, SharedSpan } from "./comparison-curves.ts";
export type { ComparedFigure, FigureUnit } from "./comparison-figures.ts";
export type { ManifestDifference } from "./comparison-manifest.ts";
export type { ComparisonNotice } from "./comparison-notices.ts";
export { renderComparison } from "./comparison-page.ts";
export { comparisonCsv } from "./comparison-text.ts";
export { renderCosts } from "./cost-summary.ts";
export { renderSessionDiff } from "./session-page.ts";
export { renderStress } from "./stress-summary.ts";
export { renderSummary, type SummaryOptions } from "./summary.ts";
export { renderSweep } from "./sweep-page.ts";
export { renderTearSheet, type TearSheetOptions } from "./tear-sheet.ts";
