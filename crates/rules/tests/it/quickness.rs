//! How long one judgement takes. Run with `cargo test -p rules --release -- --ignored --nocapture quick`.

use std::hint::black_box;
use std::time::Instant;

use rules::{Reading, RuleSet, State, Vital, judge};

use crate::bedside::{Bed, at};

#[test]
#[ignore = "a measurement, only meaningful in a release build"]
fn a_normal_reading_is_judged_quickly() {
    let rules = RuleSet::documented();
    let reading = Reading::new(at(0))
        .with(Vital::HeartRate, 72.0)
        .with(Vital::RespRate, 16.0)
        .with(Vital::Spo2, 98.0)
        .with(Vital::Temperature, 36.8)
        .with(Vital::BpSystolic, 120.0)
        .with(Vital::BpDiastolic, 80.0);
    let mut bed = Bed::with_news2();
    bed.play(reading);
    let (state, rounds) = (State::default(), 1_000_000);
    let started = Instant::now();
    for _ in 0..rounds {
        black_box(judge(&rules, black_box(&state), &bed.picture, black_box(&reading)));
    }
    let each = started.elapsed() / rounds;
    println!("{} ns for one normal reading", each.as_nanos());
    assert!(each.as_nanos() < 1000);
}
