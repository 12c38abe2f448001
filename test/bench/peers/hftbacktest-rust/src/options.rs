//! Command line: `--name value` pairs; an unknown name ends the program.

/// What one run does. `qty` is in lots; prices and quantities are scaled by `tick_size` and `lot_size`.
#[derive(Clone)]
pub struct Options {
    pub rows_file: String,
    pub touch: bool,
    pub power: bool,
    pub partial: bool,
    pub roi: bool,
    pub qty: f64,
    pub tick_size: f64,
    pub lot_size: f64,
    pub skew: Option<f64>,
    pub latency_ns: i64,
    pub maker_fee: f64,
    pub taker_fee: f64,
    pub max_rows: usize,
    /// Half width of the range of interest, as a share of the first price.
    pub roi_share: f64,
    pub roi_low: f64,
    pub roi_high: f64,
    pub steps: Option<String>,
    pub fills: Option<String>,
}

fn choice(name: &str, value: &str, off: &str, on: &str) -> bool {
    if value != off && value != on {
        panic!("{name} is {off} or {on}, not {value}");
    }
    value == on
}

impl Options {
    pub fn parse() -> Self {
        let mut o = Options {
            rows_file: String::new(),
            touch: false,
            power: false,
            partial: false,
            roi: false,
            qty: 1.0,
            tick_size: 1.0,
            lot_size: 1.0,
            skew: None,
            latency_ns: 5_000_000,
            maker_fee: 0.0,
            taker_fee: 0.0,
            max_rows: usize::MAX,
            roi_share: 0.05,
            roi_low: 0.0,
            roi_high: 0.0,
            steps: None,
            fills: None,
        };
        let words: Vec<String> = std::env::args().skip(1).collect();
        for pair in words.chunks(2) {
            let name = pair[0].as_str();
            let value = pair
                .get(1)
                .unwrap_or_else(|| panic!("{name} needs a value"))
                .as_str();
            let number = || {
                value
                    .parse::<f64>()
                    .unwrap_or_else(|_| panic!("{name}: {value} is not a number"))
            };
            match name {
                "--rows-file" => o.rows_file = value.to_string(),
                "--variant" => o.touch = choice(name, value, "wide", "touch"),
                "--queue" => o.power = choice(name, value, "riskAverse", "power3"),
                "--fill" => o.partial = choice(name, value, "noPartial", "partial"),
                "--depth" => o.roi = choice(name, value, "hashmap", "roivector"),
                "--qty" => o.qty = number(),
                "--tick-size" => o.tick_size = number(),
                "--lot-size" => o.lot_size = number(),
                "--skew" => o.skew = Some(number()),
                "--latency-ns" => o.latency_ns = number() as i64,
                "--maker-fee" => o.maker_fee = number(),
                "--taker-fee" => o.taker_fee = number(),
                "--rows" => o.max_rows = number() as usize,
                "--roi-share" => o.roi_share = number(),
                "--steps" => o.steps = Some(value.to_string()),
                "--fills" => o.fills = Some(value.to_string()),
                _ => panic!("unknown option {name}"),
            }
        }
        assert!(!o.rows_file.is_empty(), "--rows-file is needed");
        o
    }
}
