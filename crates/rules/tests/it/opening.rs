//! When an alert opens: once, after its dwell, and again only after it was closed or resolved.

use rules::{Reading, RuleId, Seconds, Severity, State, Vital};

use crate::bedside::{Bed, Did, at, one};
use RuleId::{Hypertension, Tachycardia};
use Severity::High;

fn with_dwell(seconds: u32) -> Bed {
    let mut bed = Bed::new();
    bed.rules.rule_mut(Tachycardia).unwrap().dwell = Seconds(seconds);
    bed
}

#[test]
fn a_rule_without_its_value_says_nothing() {
    let mut bed = Bed::new();
    assert_eq!(bed.heart(0, 140.0), [Did::Opened(Tachycardia, High)]);
    for second in 1..1000 {
        assert_eq!(bed.one(second, Vital::Spo2, 98.0), []);
    }
    assert!(bed.state.is_open(Tachycardia));
}

#[test]
fn an_open_alert_counts_its_repeats_and_does_not_open_again() {
    let mut bed = Bed::new();
    assert_eq!(bed.heart(0, 140.0), [Did::Opened(Tachycardia, High)]);
    assert_eq!(bed.heart(1, 141.0), [Did::Repeated(Tachycardia, High, 1)]);
    assert_eq!(bed.heart(2, 142.0), [Did::Repeated(Tachycardia, High, 2)]);
    assert_eq!(bed.state.open().collect::<Vec<_>>(), [Tachycardia]);
}

#[test]
fn a_replayed_reading_changes_nothing() {
    let mut bed = Bed::new();
    bed.heart(0, 140.0);
    let before = bed.state.clone();
    assert_eq!(bed.heart(0, 140.0), []);
    assert_eq!(bed.state, before);
}

#[test]
fn with_a_dwell_the_alert_opens_only_when_it_held() {
    let mut bed = with_dwell(30);
    assert_eq!(bed.heart(0, 140.0), []);
    assert!(!bed.state.is_quiet());
    assert!(!bed.state.is_open(Tachycardia));
    assert_eq!(bed.heart(29, 140.0), []);
    assert_eq!(bed.heart(30, 140.0), [Did::Opened(Tachycardia, High)]);
}

#[test]
fn a_value_back_inside_the_limit_ends_the_hold() {
    let mut bed = with_dwell(30);
    bed.heart(0, 140.0);
    assert_eq!(bed.heart(20, 128.0), [], "128 is not abnormal, though it would not close an open alert");
    assert!(bed.state.is_quiet());
    assert_eq!(bed.heart(30, 140.0), []);
    assert_eq!(bed.heart(60, 140.0), [Did::Opened(Tachycardia, High)]);
}

#[test]
fn other_values_do_not_end_the_hold() {
    let mut bed = with_dwell(30);
    bed.heart(0, 140.0);
    bed.one(10, Vital::Spo2, 98.0);
    assert_eq!(bed.heart(30, 140.0), [Did::Opened(Tachycardia, High)]);
}

#[test]
fn a_normal_diastolic_does_not_end_the_hold_of_a_high_systolic() {
    let mut bed = Bed::new();
    bed.rules.rule_mut(Hypertension).unwrap().dwell = Seconds(30);
    bed.one(0, Vital::BpSystolic, 190.0);
    bed.one(10, Vital::BpDiastolic, 80.0);
    assert_eq!(bed.one(30, Vital::BpSystolic, 190.0), [Did::Opened(Hypertension, High)]);
}

#[test]
fn after_staff_resolved_it_the_next_abnormal_reading_opens_a_new_alert() {
    let mut bed = Bed::new();
    bed.heart(0, 140.0);
    assert!(bed.state.resolve(Tachycardia));
    assert!(!bed.state.is_open(Tachycardia));
    assert_eq!(bed.heart(1, 140.0), [Did::Opened(Tachycardia, High)]);
}

#[test]
fn a_reading_delivered_again_after_staff_resolved_its_alert_opens_nothing() {
    for folded_before in [false, true] {
        let mut bed = Bed::new();
        bed.heart(0, 140.0);
        bed.heart(5, 141.0);
        bed.state.resolve(Tachycardia);
        if folded_before {
            bed.picture.fold(&one(5, Vital::HeartRate, 141.0));
        }
        assert_eq!(bed.heart(0, 140.0), []);
        assert_eq!(bed.heart(5, 141.0), []);
        assert_eq!(bed.heart(6, 141.0), [Did::Opened(Tachycardia, High)]);
    }
}

#[test]
fn after_resolving_a_normal_reading_leaves_nothing_to_remember() {
    let mut bed = Bed::new();
    bed.heart(0, 140.0);
    bed.state.resolve(Tachycardia);
    bed.heart(1, 80.0);
    assert!(bed.state.is_quiet());
    assert_eq!(bed.heart(0, 140.0), [], "and the old reading is late by now");
}

#[test]
fn resolving_needs_an_open_alert() {
    let mut state = State::default();
    assert!(!state.resolve(Tachycardia));
    assert!(state.is_quiet());

    let mut bed = with_dwell(30);
    bed.heart(0, 140.0);
    assert!(!bed.state.resolve(Tachycardia));
    assert_eq!(bed.heart(30, 140.0), [Did::Opened(Tachycardia, High)], "what was pending stays pending");
}

#[test]
fn folding_the_reading_before_judging_makes_no_difference() {
    let readings = [
        one(0, Vital::HeartRate, 140.0),
        one(-10, Vital::HeartRate, 80.0),
        Reading::new(at(5)).with(Vital::HeartRate, 150.0).with(Vital::Temperature, 39.5),
        Reading::new(at(3)).with(Vital::RespRate, 30.0).with(Vital::Spo2, 85.0),
        one(700, Vital::HeartRate, 80.0),
        one(400, Vital::HeartRate, 180.0),
    ];
    let (mut before, mut after) = (Bed::with_news2(), Bed::with_news2());
    for reading in readings {
        before.picture.fold(&reading);
        assert_eq!(before.play(reading), after.play(reading));
        assert_eq!(before.state, after.state);
    }
}
