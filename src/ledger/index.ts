export { Conversion } from "./conversion.ts";
export { FeeModel, type FeeModelOptions, type SavedFeeModel } from "./fee-model.ts";
export { Ledger, type LedgerOptions, type LedgerSnapshot, type LedgerTotals } from "./ledger.ts";
