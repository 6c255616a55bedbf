//! Figures in words: one line a turn, one table a comparison, and whether each bar is met.

use crate::options::Engine;
use crate::target::WAL_LIMIT;

/// Peak memory the server may reach, in bytes.
pub const MEMORY_LIMIT: u64 = 150 * 1000 * 1000;

/// What one server did in one turn.
pub struct Turn {
    /// Answers a second.
    pub rate: f64,
    /// Latency in microseconds.
    pub p50: u32,
    pub p99: u32,
    /// Processors the server and the load generator kept busy.
    pub cpu: f64,
    pub own_cpu: f64,
    /// Peak memory since the server started, in bytes.
    pub memory: u64,
    /// The largest size of SQLite's write-ahead log, in bytes.
    pub wal: Option<u64>,
}

pub fn print_turn(name: &str, turn: &Turn) {
    println!(
        "  {name:<9} {:>8.0}/s   p50 {:>7}  p99 {:>7}   cpu {:.2} + {:.2} (generator)   memory {:>5.1} MB{}",
        turn.rate,
        millis(turn.p50),
        millis(turn.p99),
        turn.cpu,
        turn.own_cpu,
        megabytes(turn.memory),
        turn.wal.map(|wal| format!("   wal {:.1} MB", megabytes(wal))).unwrap_or_default()
    );
}

pub fn print_floor(floors: &[Turn]) {
    let rate = median(floors.iter().map(|turn| turn.rate));
    println!("  floor     {rate:>8.0}/s   {}", latencies(floors));
}

/// Prints an engine's figures beside the floor's and answers whether every bar is met.
pub fn print_engine(engine: Engine, bar: f64, floors: &[Turn], turns: &[Turn]) -> bool {
    // Each turn is compared with the floor just before and just after it.
    let around = floors.windows(2).map(|pair| (pair[0].rate + pair[1].rate) / 2.0);
    let ratios: Vec<f64> = turns.iter().zip(around).map(|(turn, floor)| turn.rate / floor).collect();
    let ratio = median(ratios.iter().copied());
    let rate = median(turns.iter().map(|turn| turn.rate));
    let memory = turns.iter().map(|turn| turn.memory).max().unwrap_or_default();
    let each: Vec<String> = ratios.iter().map(|ratio| format!("{ratio:.3}")).collect();
    println!("  {:<9} {rate:>8.0}/s   {}", engine.name(), latencies(turns));
    let mut passed =
        check(&format!("ratio {ratio:.3} ({})", each.join(", ")), &format!("at least {bar}"), ratio >= bar);
    passed &= check(&format!("peak memory {:.1} MB", megabytes(memory)), "under 150 MB", memory < MEMORY_LIMIT);
    if let Some(wal) = turns.iter().filter_map(|turn| turn.wal).max() {
        passed &= check(&format!("write-ahead log at most {:.1} MB", megabytes(wal)), "bounded", wal <= WAL_LIMIT);
    }
    passed
}

/// Prints how much of their rate readings keep beside something else, and answers whether it is enough. Each turn beside it
/// is compared with the turns alone just before and just after.
pub fn print_kept(engine: Engine, bar: f64, alone: &[Turn], beside: &[Turn]) -> bool {
    let around = alone.windows(2).map(|pair| (pair[0].rate + pair[1].rate) / 2.0);
    let kept: Vec<f64> = beside.iter().zip(around).map(|(turn, alone)| turn.rate / alone).collect();
    let each: Vec<String> = kept.iter().map(|kept| format!("{kept:.3}")).collect();
    for (name, turns) in [("alone", alone), ("beside", beside)] {
        let rate = median(turns.iter().map(|turn| turn.rate));
        println!("  {:<9} {name:<7} {rate:>8.0}/s   {}", engine.name(), latencies(turns));
    }
    let ratio = median(kept.iter().copied());
    check(&format!("keeps {ratio:.3} of its rate ({})", each.join(", ")), &format!("at least {bar}"), ratio >= bar)
}

/// The value below which this share of them lies.
pub fn percentile(sorted: &[u32], share: f64) -> u32 {
    let index = (sorted.len() as f64 * share) as usize;
    sorted.get(index.min(sorted.len().saturating_sub(1))).copied().unwrap_or_default()
}

pub fn check(figure: &str, bar: &str, met: bool) -> bool {
    println!("            {figure}: {bar}, {}", if met { "met" } else { "MISSED" });
    met
}

fn latencies(turns: &[Turn]) -> String {
    let p50 = median(turns.iter().map(|turn| f64::from(turn.p50)));
    let p99 = median(turns.iter().map(|turn| f64::from(turn.p99)));
    format!("p50 {}  p99 {}", millis(p50 as u32), millis(p99 as u32))
}

pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        count if count % 2 == 1 => values[count / 2],
        count => (values[count / 2 - 1] + values[count / 2]) / 2.0,
    }
}

fn millis(micros: u32) -> String {
    format!("{:.2} ms", f64::from(micros) / 1000.0)
}

pub fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1_000_000.0
}
