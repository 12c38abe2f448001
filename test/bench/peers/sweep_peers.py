"""Sweeps an average cross over a bar CSV with backtesting.py's optimiser or vectorbt and prints one JSON line.

Rules, the same for all: signal at the close of a bar where the fast average was below and is now above the slow one
(buy one unit if flat) or was above and is now below (sell it); fill at the next open; no costs; the last position stays
open and is valued at the last close. Averages are compared as whole sums of cents, so that no rounding decides a cross.
Every window of the fast average goes with every one of the slow average. Reading the file is outside the measured time.
"""

import argparse
import json
import time

import numpy as np
import pandas as pd

CASH = 1_000_000.0


def gap_of(closes, fast, slow):
    """The fast mean less the slow one, times both windows; NaN until the slow one is full."""
    cents = np.rint(np.asarray(closes) * 100)
    sums = np.concatenate(([0.0], np.cumsum(cents)))
    gap = np.full(len(cents), np.nan)
    at = np.arange(slow, len(cents) + 1)
    gap[slow - 1 :] = (sums[at] - sums[at - fast]) * slow - (sums[at] - sums[at - slow]) * fast
    return gap


def sweep_backtesting(bars, fasts, slows):
    from backtesting import Backtest

    bt = Backtest(bars, cross_class(), cash=CASH, commission=0.0)
    start = time.perf_counter_ns()
    _, heat = bt.optimize(fast=fasts, slow=slows, maximize="Equity Final [$]", return_heatmap=True)
    ns = time.perf_counter_ns() - start
    return ns, [[int(fast), int(slow), float(equity)] for (fast, slow), equity in heat.items()]


def cross_class():
    """The strategy, as an attribute of this module: the optimiser's processes look it up by name."""
    from backtesting import Strategy

    class Cross(Strategy):
        fast = 10
        slow = 30

        def init(self):
            self.gap = self.I(gap_of, self.data.Close, self.fast, self.slow)

        def next(self):
            before, now = self.gap[-2], self.gap[-1]
            if before < 0 < now and not self.position:
                self.buy(size=1)
            elif before > 0 > now and self.position:
                self.position.close()

    Cross.__qualname__ = "Cross"
    globals()["Cross"] = Cross
    return Cross


def sweep_vectorbt(bars, fasts, slows):
    import vectorbt as vbt

    opens, closes = bars["Open"], bars["Close"]

    def run(pairs):
        entries, exits = {}, {}
        for fast, slow in pairs:
            gap = gap_of(closes, fast, slow)
            before, now = gap[:-1], gap[1:]
            # What is decided at a close is done at the next open.
            entries[(fast, slow)] = np.concatenate(([False, False], ((before < 0) & (now > 0))[:-1]))
            exits[(fast, slow)] = np.concatenate(([False, False], ((before > 0) & (now < 0))[:-1]))
        book = vbt.Portfolio.from_signals(
            closes,
            pd.DataFrame(entries, index=bars.index),
            pd.DataFrame(exits, index=bars.index),
            price=opens,
            size=1,
            init_cash=CASH,
        )
        # As an optimiser: value, return, drawdown and Sharpe of every point.
        return book.final_value(), book.total_return(), book.max_drawdown(), book.sharpe_ratio(freq="1min")

    pairs = [(fast, slow) for fast in fasts for slow in slows]
    run(pairs[:2])  # Compiles.
    start = time.perf_counter_ns()
    finals = run(pairs)[0]
    ns = time.perf_counter_ns() - start
    return ns, [[fast, slow, float(value)] for (fast, slow), value in zip(pairs, finals)]


def main():
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--engine", choices=["backtesting", "vectorbt"], required=True)
    parser.add_argument("--csv", required=True)
    parser.add_argument("--fast", required=True)
    parser.add_argument("--slow", required=True)
    options = parser.parse_args()
    bars = pd.read_csv(options.csv, index_col=0, parse_dates=True)
    fasts = [int(word) for word in options.fast.split(",")]
    slows = [int(word) for word in options.slow.split(",")]
    run = sweep_backtesting if options.engine == "backtesting" else sweep_vectorbt
    ns, finals = run(bars, fasts, slows)
    result = {
        "engine": options.engine,
        "bars": len(bars),
        "points": len(finals),
        "ns": ns,
        "pointsPerSecond": len(finals) * 1e9 / ns,
        "finals": finals,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
