import type { MakeBacktest } from "tickwright/sweep";
import { backtestOf } from "./market.ts";
import { strategy } from "./strategy.ts";

/** What every thread of a sweep loads: the backtest of one point. */
export const recipe = (): MakeBacktest => (params, tapes) => backtestOf(tapes, strategy(params));
