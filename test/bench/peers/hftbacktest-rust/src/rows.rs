//! Reads a rows file (header: count as u64; columns exch i64, local i64, kind u8, tick i32, lots f64, little
//! endian, one after another) into hftbacktest's events. Both time columns never fall, so that every row
//! carries the exchange flag and the local flag.

use std::fs;

use hftbacktest::backtest::data::Data;
use hftbacktest::prelude::{
    BUY_EVENT, DEPTH_CLEAR_EVENT, DEPTH_EVENT, DEPTH_SNAPSHOT_EVENT, EXCH_EVENT, Event,
    LOCAL_EVENT, SELL_EVENT, TRADE_EVENT,
};

use crate::options::Options;

const KIND_MASK: u8 = 0x1f;
const SNAPSHOT: u8 = 0x40;

/// The event flags of a row, or None for rows that hftbacktest has no event for.
fn flags(kind: u8) -> Option<u64> {
    let level = if kind & SNAPSHOT != 0 {
        DEPTH_SNAPSHOT_EVENT
    } else {
        DEPTH_EVENT
    };
    match kind & KIND_MASK {
        0 => Some(level | BUY_EVENT),
        1 => Some(level | SELL_EVENT),
        2 => Some(TRADE_EVENT | BUY_EVENT),
        3 => Some(TRADE_EVENT | SELL_EVENT),
        5 => Some(DEPTH_CLEAR_EVENT),
        _ => None,
    }
}

/// `units * size`, rounded as a decimal literal would be where one unit is 1 / n.
fn scale(units: f64, size: f64) -> f64 {
    let inverse = (1.0 / size).round();
    if inverse > 1.0 && (inverse * size - 1.0).abs() < 1e-12 {
        units / inverse
    } else {
        units * size
    }
}

/// Loads at most `max_rows` rows and sets the range of interest from the first level row.
pub fn load(o: &mut Options) -> (Data<Event>, usize) {
    let bytes = fs::read(&o.rows_file).unwrap_or_else(|e| panic!("{}: {e}", o.rows_file));
    let total = u64::from_le_bytes(bytes[0..8].try_into().unwrap()) as usize;
    assert_eq!(bytes.len(), 8 + total * 29, "size of the rows file");
    let n = total.min(o.max_rows);
    let (exch, local) = (8, 8 + total * 8);
    let kind = local + total * 8;
    let tick = kind + total;
    let lots = tick + total * 4;
    let mut events = Vec::with_capacity(n);
    let mut first_tick = 0;
    let mut last = (i64::MIN, i64::MIN);
    for i in 0..n {
        let word = |at: usize| -> [u8; 8] { bytes[at + i * 8..at + i * 8 + 8].try_into().unwrap() };
        let t = i32::from_le_bytes(bytes[tick + i * 4..tick + i * 4 + 4].try_into().unwrap());
        let Some(ev) = flags(bytes[kind + i]) else {
            continue;
        };
        let now = (
            i64::from_le_bytes(word(exch)),
            i64::from_le_bytes(word(local)),
        );
        assert!(
            now.0 >= last.0 && now.1 >= last.1,
            "time goes back at row {i}"
        );
        last = now;
        if first_tick == 0 {
            first_tick = t;
        }
        events.push(Event {
            ev: ev | EXCH_EVENT | LOCAL_EVENT,
            exch_ts: now.0,
            local_ts: now.1,
            px: scale(t as f64, o.tick_size),
            qty: scale(f64::from_le_bytes(word(lots)), o.lot_size),
            order_id: 0,
            ival: 0,
            fval: 0.0,
        });
    }
    let middle = scale(first_tick as f64, o.tick_size);
    o.roi_low = (middle * (1.0 - o.roi_share)).floor();
    o.roi_high = (middle * (1.0 + o.roi_share)).ceil();
    let rows = events.len();
    (Data::from_data(&events), rows)
}
