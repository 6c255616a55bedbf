//! A rule set is played over stored history before it is switched on.

use rules::{RuleSet, Vital, backtest};

use crate::bedside::{Bed, Did, at, brief, one};
use rules::{RuleId::Tachycardia, Severity::High};

#[test]
fn it_decides_what_the_bedside_would_have_decided() {
    let readings = [(0, 80.0), (10, 140.0), (20, 141.0), (30, 90.0), (25, 150.0), (400, 90.0)]
        .map(|(s, v)| one(s, Vital::HeartRate, v));
    let mut rules = RuleSet::documented();
    rules.news2.on = false;
    let taken = backtest(&rules, readings.iter());
    let brief: Vec<_> = taken.iter().map(|(moment, decision)| (*moment, brief(decision))).collect();
    assert_eq!(
        brief,
        [
            (at(10), Did::Opened(Tachycardia, High)),
            (at(20), Did::Repeated(Tachycardia, High, 1)),
            (at(25), Did::Repeated(Tachycardia, High, 2)),
            (at(400), Did::Closed(Tachycardia)),
        ]
    );
    let mut bed = Bed::new();
    let live: Vec<_> = readings.iter().flat_map(|reading| bed.decide(reading)).collect();
    assert_eq!(live, taken.into_iter().map(|(_, decision)| decision).collect::<Vec<_>>());
    assert_eq!(backtest(&rules, readings).len(), 4, "readings may also be given away");
}
