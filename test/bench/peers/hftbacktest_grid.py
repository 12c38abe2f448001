"""Drives the hftbacktest wheel over a rows file with its grid example in a Numba loop and prints one JSON line.

The options are those of hftbacktest-rust/src/options.rs. Loading, building and compiling are outside the
measured time: the loop is compiled by a run over the first rows of the file.
"""

import argparse
import json
import math
import time

import numpy as np
from hftbacktest import (
    BUY_EVENT,
    DEPTH_CLEAR_EVENT,
    DEPTH_EVENT,
    DEPTH_SNAPSHOT_EVENT,
    EXCH_EVENT,
    LOCAL_EVENT,
    SELL_EVENT,
    TRADE_EVENT,
    BUY,
    FILLED,
    GTX,
    LIMIT,
    SELL,
    BacktestAsset,
    HashMapMarketDepthBacktest,
    ROIVectorMarketDepthBacktest,
)
from hftbacktest.order import CANCELED, EXPIRED
from hftbacktest.types import event_dtype
from numba import njit, uint64
from numba.typed import Dict, List
from numba.types import Tuple, float64, int64

LEVELS = 10
PERIOD_NS = 100_000_000
INVALID_BID = -(2**63)
INVALID_ASK = 2**63 - 1
SNAPSHOT = 0x40
WARM_UP_ROWS = 60_000
STEP_COLUMNS = 12
FILL = Tuple((int64, int64, int64, float64))  # exchange ns, side, price tick, quantity


@njit
def ladder(start, step, tick_size, wanted):
    prices = Dict.empty(uint64, float64)
    price = start
    if wanted and np.isfinite(price):
        for _ in range(LEVELS):
            prices[uint64(round(price / tick_size))] = price
            price += step
    return prices


@njit
def requote(hbt, side, wanted, qty, counts):
    """Cancels what left the grid of one side, posts what is missing."""
    orders = hbt.orders(0)
    stale = [uint64(0) for _ in range(0)]
    values = orders.values()
    while values.has_next():
        order = values.get()
        if order.side == side and order.cancellable and not (order.order_id in wanted):
            stale.append(order.order_id)
    missing = [(uint64(0), 0.0) for _ in range(0)]
    for order_id, price in wanted.items():
        if order_id not in orders:
            missing.append((order_id, price))
    for order_id in stale:
        hbt.cancel(0, order_id, False)
        counts[2] += 1
    for order_id, price in missing:
        if side == BUY:
            hbt.submit_buy_order(0, order_id, price, qty, GTX, LIMIT, False)
        else:
            hbt.submit_sell_order(0, order_id, price, qty, GTX, LIMIT, False)
        counts[1] += 1


@njit
def note(hbt, counts, step, fills):
    """The state as the strategy sees it: inactive orders not counted, nothing sent yet in this call."""
    values = hbt.orders(0).values()
    state = hbt.state_values(0)
    step[:] = 0.0
    while values.has_next():
        order = values.get()
        if order.status == FILLED:
            fill = (order.exch_timestamp, int64(order.side), order.exec_price_tick, order.exec_qty)
            fills.append(fill)
        elif order.status != EXPIRED and order.status != CANCELED:
            step[4] += 1
            if order.side == BUY:
                step[5] += order.price_tick
            else:
                step[6] += order.price_tick
    depth = hbt.depth(0)
    step[0] = state.position
    step[1] = state.balance
    step[2] = state.num_trades
    step[3] = state.trading_volume
    step[7] = -1 if depth.best_bid_tick == INVALID_BID else depth.best_bid_tick
    step[8] = -1 if depth.best_ask_tick == INVALID_ASK else depth.best_ask_tick
    step[9] = counts[1]
    step[10] = counts[2]


@njit
def grid(hbt, half_spread, interval, skew, qty, counts, times, steps, fills):
    """Returns the code of the last elapse: 1 at the end of the data. `steps` with no rows: no dump."""
    tick_size = hbt.depth(0).tick_size
    max_position = LEVELS * qty
    dump = len(steps) > 0
    code = hbt.elapse(PERIOD_NS)
    while code == 0:
        if dump:
            times[counts[0]] = hbt.current_timestamp
            note(hbt, counts, steps[counts[0]], fills)
        counts[0] += 1
        counts[3] = hbt.current_timestamp
        depth = hbt.depth(0)
        position = hbt.position(0)
        if depth.best_bid_tick != INVALID_BID and depth.best_ask_tick != INVALID_ASK:
            mid = (depth.best_bid + depth.best_ask) / 2.0
            lean = skew * (position / qty)
            bid = min(mid * (1.0 - (half_spread + lean)), depth.best_bid)
            ask = max(mid * (1.0 + (half_spread - lean)), depth.best_ask)
            step = max(np.round(mid * interval / tick_size) * tick_size, tick_size)
            bid = np.floor(bid / step) * step
            ask = np.ceil(ask / step) * step
            hbt.clear_inactive_orders(0)
            requote(hbt, BUY, ladder(bid, -step, tick_size, position < max_position), qty, counts)
            requote(hbt, SELL, ladder(ask, step, tick_size, position > -max_position), qty, counts)
        code = hbt.elapse(PERIOD_NS)
    if dump:
        note(hbt, counts, steps[counts[0]], fills)
    return code


def column(file, dtype, total, wanted):
    data = np.fromfile(file, dtype=dtype, count=total)
    return data[:wanted]


def scale(units, size):
    inverse = round(1.0 / size)
    if inverse > 1 and abs(inverse * size - 1.0) < 1e-12:
        return units / float(inverse)
    return units * size


def load(options):
    with open(options.rows_file, "rb") as file:
        total = int(np.fromfile(file, dtype="<u8", count=1)[0])
        wanted = min(total, options.rows)
        exch = column(file, "<i8", total, wanted)
        local = column(file, "<i8", total, wanted)
        kind = column(file, "u1", total, wanted)
        tick = column(file, "<i4", total, wanted)
        lots = column(file, "<f8", total, wanted)
    events = np.zeros(wanted, dtype=event_dtype)
    base = kind & 0x1F
    level = np.where(kind & SNAPSHOT, DEPTH_SNAPSHOT_EVENT, DEPTH_EVENT).astype(np.uint64)
    both = np.uint64(EXCH_EVENT | LOCAL_EVENT)
    known = np.zeros(wanted, dtype=bool)
    for value, flag in (
        (0, level | np.uint64(BUY_EVENT)),
        (1, level | np.uint64(SELL_EVENT)),
        (2, np.full(wanted, TRADE_EVENT | BUY_EVENT, dtype=np.uint64)),
        (3, np.full(wanted, TRADE_EVENT | SELL_EVENT, dtype=np.uint64)),
        (5, np.full(wanted, DEPTH_CLEAR_EVENT, dtype=np.uint64)),
    ):
        mask = base == value
        events["ev"][mask] = flag[mask] | both
        known |= mask
    events["exch_ts"], events["local_ts"] = exch, local
    events["px"] = scale(tick.astype(np.float64), options.tick_size)
    events["qty"] = scale(lots, options.lot_size)
    return events[known]


def build(events, options):
    middle = events["px"][events["px"] > 0][0]
    asset = (
        BacktestAsset()
        .data([events])
        .linear_asset(1.0)
        .constant_order_latency(options.latency_ns, options.latency_ns)
        .trading_value_fee_model(options.maker_fee, options.taker_fee)
        .tick_size(options.tick_size)
        .lot_size(options.lot_size)
        .last_trades_capacity(0)
    )
    asset = asset.power_prob_queue_model3(3.0) if options.queue == "power3" else asset.risk_adverse_queue_model()
    asset = asset.partial_fill_exchange() if options.fill == "partial" else asset.no_partial_fill_exchange()
    if options.depth == "hashmap":
        return HashMapMarketDepthBacktest([asset])
    low = math.floor(middle * (1.0 - options.roi_share))
    high = math.ceil(middle * (1.0 + options.roi_share))
    return ROIVectorMarketDepthBacktest([asset.roi_lb(low).roi_ub(high)])


def run(events, options, dump):
    """One backtest over the events: counts, code, ns, state and what was dumped."""
    hbt = build(events, options)
    qty = options.qty * options.lot_size
    half_spread, interval, skew = (0.0, 0.0, 1e-6) if options.variant == "touch" else (5e-5, 5e-5, 5e-6)
    skew = options.skew if options.skew is not None else skew
    span = int(events["local_ts"].max() - events["exch_ts"].min())
    calls = span // PERIOD_NS + 8 if dump else 0
    counts = np.zeros(4, dtype=np.int64)
    times, steps = np.zeros(calls, dtype=np.int64), np.zeros((calls, STEP_COLUMNS))
    fills = List.empty_list(FILL)
    start = time.perf_counter_ns()
    code = grid(hbt, half_spread, interval, skew, qty, counts, times, steps, fills)
    ns = time.perf_counter_ns() - start
    s = hbt.state_values(0)
    state = {
        "trades": int(s.num_trades),
        "position": s.position + 0.0,
        "balance": s.balance + 0.0,
        "fee": s.fee + 0.0,
        "trading_volume": s.trading_volume,
        "trading_value": s.trading_value,
    }
    hbt.close()
    return counts, code, ns, state, (times, steps, fills)


def text(value):
    return str(int(value)) if value == int(value) else repr(float(value))


def write_dump(options, counts, dumped):
    times, steps, fills = dumped
    calls = int(counts[0])
    if options.steps:
        with open(options.steps, "w") as out:
            for i in range(calls + 1):
                label = "end" if i == calls else str(times[i])
                out.write(" ".join([label, *(text(v) for v in steps[i][:11])]) + "\n")
    if options.fills:
        with open(options.fills, "w") as out:
            for exch, side, tick, lots in sorted(set(fills), key=lambda f: f[:3]):
                out.write(f"{exch} {side} {tick} {text(lots)}\n")


def parse():
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--rows-file", required=True)
    parser.add_argument("--variant", choices=["wide", "touch"], default="wide")
    parser.add_argument("--queue", choices=["riskAverse", "power3"], default="riskAverse")
    parser.add_argument("--fill", choices=["noPartial", "partial"], default="noPartial")
    parser.add_argument("--depth", choices=["hashmap", "roivector"], default="hashmap")
    parser.add_argument("--qty", type=float, default=1.0)
    parser.add_argument("--tick-size", type=float, default=1.0)
    parser.add_argument("--lot-size", type=float, default=1.0)
    parser.add_argument("--skew", type=float)
    parser.add_argument("--latency-ns", type=int, default=5_000_000)
    parser.add_argument("--maker-fee", type=float, default=0.0)
    parser.add_argument("--taker-fee", type=float, default=0.0)
    parser.add_argument("--rows", type=int, default=2**62)
    parser.add_argument("--roi-share", type=float, default=0.05)
    parser.add_argument("--steps")
    parser.add_argument("--fills")
    return parser.parse_args()


def main():
    options = parse()
    events = load(options)
    run(events[:WARM_UP_ROWS].copy(), options, False)
    dump = bool(options.steps or options.fills)
    counts, code, ns, state, dumped = run(events, options, dump)
    if dump:
        write_dump(options, counts, dumped)
    result = {
        "engine": "hftbacktest-python",
        "depth": options.depth,
        "rows": len(events),
        "ns": ns,
        "rowsPerSecond": round(len(events) * 1e9 / ns) if code == 1 else 0,
        "calls": int(counts[0]),
        "submitted": int(counts[1]),
        "cancelRequests": int(counts[2]),
        **state,
        "lastCallNs": int(counts[3]),
    }
    if code != 1:
        result["error"] = f"code {code}"
    print(json.dumps(result))


main()
