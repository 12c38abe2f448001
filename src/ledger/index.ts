export { Conversion } from "./conversion.ts";
export { FeeModel, type FeeModelOptions, type SavedFeeModel } from "./fee-model.ts";
export { Ledger } from "./ledger.ts";
export type { LedgerOptions, LedgerSnapshot, LedgerTotals } from "./ledger-types.ts";
export type { SavedOrderFee } from "./order-fees.ts";
