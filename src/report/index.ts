export { renderCosts } from "./cost-summary.ts";
export { renderSessionDiff } from "./session-page.ts";
export { renderStress } from "./stress-summary.ts";
export { renderSummary, type SummaryOptions } from "./summary.ts";
export { renderSweep } from "./sweep-page.ts";
export { renderTearSheet, type TearSheetOptions } from "./tear-sheet.ts";
