//! The grid market maker of hftbacktest's own examples (same rules, same order of requests): ten levels a
//! side on a grid, post-only, order id = price in ticks, every 100 ms.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Result, Write};

use hftbacktest::backtest::Backtest;
use hftbacktest::prelude::{
    Bot, ElapseResult, INVALID_MAX, INVALID_MIN, MarketDepth, OrdType, Side, Status, TimeInForce,
};

use crate::options::Options;

const LEVELS: usize = 10;
const PERIOD_NS: i64 = 100_000_000;

/// The parameters of the strategy, in price and quantity units.
pub struct Grid {
    half_spread: f64,
    interval: f64,
    skew: f64,
    step: f64,
    qty: f64,
    max_position: f64,
}

impl Grid {
    pub fn new(o: &Options) -> Self {
        let (half_spread, interval, skew) = if o.touch {
            (0.0, 0.0, 1e-6)
        } else {
            (5e-5, 5e-5, 5e-6)
        };
        let qty = o.qty * o.lot_size;
        Grid {
            half_spread,
            interval,
            skew: o.skew.unwrap_or(skew),
            step: o.tick_size,
            qty,
            max_position: LEVELS as f64 * qty,
        }
    }

    /// Best grid prices and grid interval from the depth and the position.
    fn quotes<MD: MarketDepth>(&self, depth: &MD, position: f64) -> (f64, f64, f64) {
        let mid = (depth.best_bid() + depth.best_ask()) / 2.0;
        let lean = self.skew * (position / self.qty);
        let bid = (mid * (1.0 - (self.half_spread + lean))).min(depth.best_bid());
        let ask = (mid * (1.0 + (self.half_spread - lean))).max(depth.best_ask());
        let interval = ((mid * self.interval / self.step).round() * self.step).max(self.step);
        (
            (bid / interval).floor() * interval,
            (ask / interval).ceil() * interval,
            interval,
        )
    }
}

/// What a run left beside the state values; the lines are filled in dump mode only.
#[derive(Default)]
pub struct Outcome {
    pub calls: u64,
    pub submitted: u64,
    pub cancels: u64,
    pub last_call_ns: i64,
    pub error: Option<String>,
    /// Executed in part by the exchange, but absent from the position, because the local side books an
    /// execution only when its report says "filled". Counted in dump mode, when an order leaves.
    pub uncounted: f64,
    steps: Vec<String>,
    fills: Vec<(i64, i8, i64, f64)>,
}

impl Outcome {
    /// Notes the state as the strategy sees it: inactive orders not counted, nothing sent yet in this call.
    fn step<MD: MarketDepth>(&mut self, hbt: &Backtest<MD>, label: String) {
        let (mut open, mut bids, mut asks) = (0u64, 0i64, 0i64);
        for order in hbt.orders(0).values() {
            match order.status {
                Status::Filled => {
                    self.fills.push((
                        order.exch_timestamp,
                        order.side as i8,
                        order.exec_price_tick,
                        order.exec_qty,
                    ));
                    self.uncounted += order.qty - order.exec_qty;
                }
                Status::Expired | Status::Canceled => {
                    self.uncounted += order.qty - order.leaves_qty
                }
                _ => {
                    open += 1;
                    if order.side == Side::Buy {
                        bids += order.price_tick
                    } else {
                        asks += order.price_tick
                    }
                }
            }
        }
        let (s, d) = (hbt.state_values(0), hbt.depth(0));
        self.steps.push(format!(
            "{label} {} {} {} {} {open} {bids} {asks} {} {} {} {}",
            s.position + 0.0,
            s.balance + 0.0,
            s.num_trades,
            s.trading_volume,
            if d.best_bid_tick() == INVALID_MIN {
                -1
            } else {
                d.best_bid_tick()
            },
            if d.best_ask_tick() == INVALID_MAX {
                -1
            } else {
                d.best_ask_tick()
            },
            self.submitted,
            self.cancels,
        ));
    }

    pub fn write(&self, o: &Options) -> Result<()> {
        if let Some(path) = &o.steps {
            let mut out = BufWriter::new(File::create(path)?);
            for line in &self.steps {
                writeln!(out, "{line}")?;
            }
        }
        if let Some(path) = &o.fills {
            let mut fills = self.fills.clone();
            fills.sort_by_key(|f| (f.0, f.1, f.2));
            fills.dedup();
            let mut out = BufWriter::new(File::create(path)?);
            for (exch_ns, side, tick, lots) in fills {
                writeln!(out, "{exch_ns} {side} {tick} {lots}")?;
            }
        }
        Ok(())
    }
}

/// Cancels what left the grid of one side and posts what is missing.
fn requote<MD: MarketDepth>(
    hbt: &mut Backtest<MD>,
    side: Side,
    wanted: HashMap<u64, f64>,
    qty: f64,
    outcome: &mut Outcome,
) {
    let orders = hbt.orders(0);
    let stale: Vec<u64> = orders
        .values()
        .filter(|o| o.side == side && o.cancellable() && !wanted.contains_key(&o.order_id))
        .map(|o| o.order_id)
        .collect();
    let missing: Vec<(u64, f64)> = wanted
        .into_iter()
        .filter(|(id, _)| !orders.contains_key(id))
        .collect();
    for id in stale {
        hbt.cancel(0, id, false).unwrap();
        outcome.cancels += 1;
    }
    for (id, price) in missing {
        if side == Side::Buy {
            hbt.submit_buy_order(0, id, price, qty, TimeInForce::GTX, OrdType::Limit, false)
                .unwrap();
        } else {
            hbt.submit_sell_order(0, id, price, qty, TimeInForce::GTX, OrdType::Limit, false)
                .unwrap();
        }
        outcome.submitted += 1;
    }
}

fn ladder(from: f64, step: f64, tick_size: f64, wanted: bool) -> HashMap<u64, f64> {
    let mut prices = HashMap::new();
    let mut price = from;
    if wanted && price.is_finite() {
        for _ in 0..LEVELS {
            prices.insert((price / tick_size).round() as u64, price);
            price += step;
        }
    }
    prices
}

/// Runs the strategy to the end of the data.
pub fn run_grid<MD: MarketDepth, const DUMP: bool>(hbt: &mut Backtest<MD>, grid: &Grid) -> Outcome {
    let mut outcome = Outcome::default();
    let tick_size = hbt.depth(0).tick_size();
    loop {
        match hbt.elapse(PERIOD_NS) {
            Ok(ElapseResult::Ok) => {}
            Ok(_) => break,
            Err(error) => {
                outcome.error = Some(format!("{error}"));
                break;
            }
        }
        outcome.calls += 1;
        outcome.last_call_ns = hbt.current_timestamp();
        if DUMP {
            outcome.step(hbt, hbt.current_timestamp().to_string());
        }
        let depth = hbt.depth(0);
        let position = hbt.position(0);
        if depth.best_bid_tick() == INVALID_MIN || depth.best_ask_tick() == INVALID_MAX {
            continue;
        }
        let (bid, ask, interval) = grid.quotes(depth, position);
        hbt.clear_inactive_orders(Some(0));
        let bids = ladder(bid, -interval, tick_size, position < grid.max_position);
        requote(hbt, Side::Buy, bids, grid.qty, &mut outcome);
        let asks = ladder(ask, interval, tick_size, position > -grid.max_position);
        requote(hbt, Side::Sell, asks, grid.qty, &mut outcome);
    }
    if DUMP {
        outcome.step(hbt, "end".to_string());
    }
    outcome
}
