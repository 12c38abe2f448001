//! Drives hftbacktest's unmodified Rust core over a rows file with its grid example and prints one JSON line.
//! Arguments: see `options.rs`. Loading the file is outside the measured time.

mod grid;
mod options;
mod rows;

use std::time::Instant;

use grid::{Grid, Outcome, run_grid};
use hftbacktest::backtest::assettype::LinearAsset;
use hftbacktest::backtest::data::Data;
use hftbacktest::backtest::models::{
    CommonFees, ConstantLatency, PowerProbQueueFunc3, ProbQueueModel, QueueModel,
    RiskAdverseQueueModel, TradingValueFeeModel,
};
use hftbacktest::backtest::{Backtest, DataSource, ExchangeKind, L2AssetBuilder};
use hftbacktest::prelude::{
    Bot, Event, HashMapMarketDepth, L2MarketDepth, MarketDepth, ROIVectorMarketDepth,
};
use options::Options;

fn backtest<MD, QM>(
    data: Data<Event>,
    o: &Options,
    queue: QM,
    depth: fn(&Options) -> MD,
) -> Backtest<MD>
where
    MD: MarketDepth + L2MarketDepth + 'static,
    QM: QueueModel<MD> + 'static,
{
    let exchange = if o.partial {
        ExchangeKind::PartialFillExchange
    } else {
        ExchangeKind::NoPartialFillExchange
    };
    let owned = o.clone();
    let asset = L2AssetBuilder::new()
        .data(vec![DataSource::Data(data)])
        .latency_model(ConstantLatency::new(o.latency_ns, o.latency_ns))
        .asset_type(LinearAsset::new(1.0))
        .fee_model(TradingValueFeeModel::new(CommonFees::new(
            o.maker_fee,
            o.taker_fee,
        )))
        .exchange(exchange)
        .queue_model(queue)
        .depth(move || depth(&owned))
        .build()
        .expect("asset");
    Backtest::builder()
        .add_asset(asset)
        .build()
        .expect("backtest")
}

fn measure<MD: MarketDepth>(mut hbt: Backtest<MD>, o: &Options, rows: usize) {
    let grid = Grid::new(o);
    let start = Instant::now();
    let outcome = if o.steps.is_some() || o.fills.is_some() {
        run_grid::<MD, true>(&mut hbt, &grid)
    } else {
        run_grid::<MD, false>(&mut hbt, &grid)
    };
    let ns = start.elapsed().as_nanos();
    report(o, &hbt, &outcome, rows, ns);
}

fn report<MD: MarketDepth>(
    o: &Options,
    hbt: &Backtest<MD>,
    outcome: &Outcome,
    rows: usize,
    ns: u128,
) {
    let s = hbt.state_values(0);
    outcome.write(o).expect("dump");
    let uncounted = match outcome.uncounted {
        0.0 => String::new(),
        lots => format!(",\"uncountedLots\":{}", lots / o.lot_size),
    };
    let error = match &outcome.error {
        Some(text) => format!(",\"error\":\"{text}\""),
        None => String::new(),
    };
    println!(
        "{{\"engine\":\"hftbacktest-rust\",\"depth\":\"{}\",\"rows\":{rows},\"ns\":{ns},\"rowsPerSecond\":{},\
         \"calls\":{},\"submitted\":{},\"cancelRequests\":{},\"trades\":{},\"position\":{},\"balance\":{},\
         \"fee\":{},\"trading_volume\":{},\"trading_value\":{},\"lastCallNs\":{}{uncounted}{error}}}",
        if o.roi { "roivector" } else { "hashmap" },
        if outcome.error.is_some() {
            0.0
        } else {
            (rows as f64 * 1e9 / ns as f64).round()
        },
        outcome.calls,
        outcome.submitted,
        outcome.cancels,
        s.num_trades,
        s.position + 0.0,
        s.balance + 0.0,
        s.fee + 0.0,
        s.trading_volume,
        s.trading_value,
        outcome.last_call_ns,
    );
}

fn hashmap(o: &Options) -> HashMapMarketDepth {
    HashMapMarketDepth::new(o.tick_size, o.lot_size)
}

fn roivector(o: &Options) -> ROIVectorMarketDepth {
    ROIVectorMarketDepth::new(o.tick_size, o.lot_size, o.roi_low, o.roi_high)
}

fn main() {
    let mut o = Options::parse();
    let (data, rows) = rows::load(&mut o);
    match (o.roi, o.power) {
        (false, false) => measure(
            backtest(data, &o, RiskAdverseQueueModel::new(), hashmap),
            &o,
            rows,
        ),
        (false, true) => {
            let queue = ProbQueueModel::new(PowerProbQueueFunc3::new(3.0));
            measure(backtest(data, &o, queue, hashmap), &o, rows)
        }
        (true, false) => measure(
            backtest(data, &o, RiskAdverseQueueModel::new(), roivector),
            &o,
            rows,
        ),
        (true, true) => {
            let queue = ProbQueueModel::new(PowerProbQueueFunc3::new(3.0));
            measure(backtest(data, &o, queue, roivector), &o, rows)
        }
    }
}
