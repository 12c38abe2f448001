"""Runs backtesting.py or backtrader over a bar CSV with a 10/30 average cross and prints one JSON line.

Rules, the same for all: signal at the close of a bar where the fast average was below and is now above the slow
one (buy one unit if flat) or was above and is now below (sell it); fill at the next open; no costs; the last
position stays open and is valued at the last close. Reading the file is outside the measured time.
"""

import argparse
import json
import time

import pandas as pd

FAST, SLOW = 10, 30
CASH = 1_000_000.0


def run_backtesting(bars):
    from backtesting import Backtest, Strategy

    def average(values, n):
        return pd.Series(values).rolling(n).mean()

    class Cross(Strategy):
        def init(self):
            self.fast = self.I(average, self.data.Close, FAST)
            self.slow = self.I(average, self.data.Close, SLOW)

        def next(self):
            before, now = self.fast[-2] - self.slow[-2], self.fast[-1] - self.slow[-1]
            if before < 0 < now and not self.position:
                self.buy(size=1)
            elif before > 0 > now and self.position:
                self.position.close()

    bt = Backtest(bars, Cross, cash=CASH, commission=0.0)
    start = time.perf_counter_ns()
    stats = bt.run()
    ns = time.perf_counter_ns() - start
    return ns, int(stats["# Trades"]), float(stats["Equity Final [$]"])


def run_backtrader(bars):
    import backtrader as bt

    class Cross(bt.Strategy):
        def __init__(self):
            self.fast = bt.indicators.SMA(self.data.close, period=FAST)
            self.slow = bt.indicators.SMA(self.data.close, period=SLOW)
            self.closed = 0

        def notify_trade(self, trade):
            self.closed += trade.isclosed

        def next(self):
            if len(self) <= SLOW:
                return
            before, now = self.fast[-1] - self.slow[-1], self.fast[0] - self.slow[0]
            if before < 0 < now and not self.position:
                self.buy(size=1)
            elif before > 0 > now and self.position:
                self.close()

    cerebro = bt.Cerebro(stdstats=False)
    cerebro.adddata(bt.feeds.PandasData(dataname=bars))
    cerebro.addstrategy(Cross)
    cerebro.broker.setcash(CASH)
    start = time.perf_counter_ns()
    strategy = cerebro.run()[0]
    ns = time.perf_counter_ns() - start
    return ns, strategy.closed, cerebro.broker.getvalue()


def main():
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--engine", choices=["backtesting", "backtrader"], required=True)
    parser.add_argument("--csv", required=True)
    options = parser.parse_args()
    bars = pd.read_csv(options.csv, index_col=0, parse_dates=True)
    run = run_backtesting if options.engine == "backtesting" else run_backtrader
    ns, trades, equity = run(bars)
    result = {
        "engine": options.engine,
        "bars": len(bars),
        "ns": ns,
        "barsPerSecond": round(len(bars) * 1e9 / ns),
        "trades": trades,
        "finalEquity": round(equity, 6),
    }
    print(json.dumps(result))


main()
