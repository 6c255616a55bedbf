//! The NEWS2 alert: urgent from 5, an emergency from 7, announced again when it worsens, and never closed by what is missing.

use rules::news2::Scale;
use rules::{Consciousness, Decision, Reading, RuleId, Seconds, Severity, State, Vital};

use crate::bedside::{Bed, Did, at, minute};
use RuleId::News2;
use Severity::{Critical, High};
use Vital::{BpSystolic, HeartRate, RespRate, Spo2, Temperature};

/// A bed where only NEWS2 is on.
fn bed() -> Bed {
    let mut bed = Bed::with_news2();
    for rule in RuleId::ALL {
        if let Some(rule) = bed.rules.rule_mut(rule) {
            rule.on = false;
        }
    }
    bed
}

/// A complete reading that scores 0.
fn well(seconds: i64) -> Reading {
    Reading::new(at(seconds))
        .with(RespRate, 16.0)
        .with(Spo2, 98.0)
        .with(BpSystolic, 120.0)
        .with(HeartRate, 70.0)
        .with(Temperature, 37.0)
        .with_oxygen(false)
        .with_consciousness(Consciousness::Alert)
}

/// 2 for oxygen and 1 for the pulse: 3.
fn three(seconds: i64) -> Reading {
    well(seconds).with_oxygen(true).with(HeartRate, 100.0)
}

/// 2 for oxygen and 2 for the breathing: 4.
fn four(seconds: i64) -> Reading {
    well(seconds).with_oxygen(true).with(RespRate, 22.0)
}

fn five(seconds: i64) -> Reading {
    four(seconds).with(HeartRate, 100.0)
}

fn seven(seconds: i64) -> Reading {
    five(seconds).with(BpSystolic, 95.0)
}

#[test]
fn it_opens_urgent_at_five_and_as_an_emergency_at_seven() {
    assert_eq!(bed().play(four(0)), []);
    assert_eq!(bed().play(five(0)), [Did::Opened(News2, High)]);
    assert_eq!(bed().play(four(0).with(BpSystolic, 95.0)), [Did::Opened(News2, High)], "6 is urgent");
    assert_eq!(bed().play(seven(0)), [Did::Opened(News2, Critical)]);
}

#[test]
fn a_single_three_is_left_to_the_rules_on_single_values() {
    assert_eq!(bed().play(well(0).with_consciousness(Consciousness::Unresponsive)), []);
}

#[test]
fn it_adds_up_across_separate_readings() {
    let mut bed = bed();
    assert_eq!(bed.play(Reading::new(at(0)).with_oxygen(true)), []);
    assert_eq!(bed.play(Reading::new(at(9)).with_consciousness(Consciousness::Voice)), [Did::Opened(News2, High)]);
}

#[test]
fn a_rise_to_an_emergency_is_announced_again() {
    let mut bed = bed();
    bed.play(five(0));
    assert_eq!(bed.play(five(1)), [Did::Repeated(News2, High, 1)]);
    assert_eq!(bed.play(seven(2)), [Did::Worsened(News2, Critical, 2)]);
    assert_eq!(bed.play(seven(2)), [], "the same reading again says nothing new");
    assert_eq!(bed.play(seven(3)), [Did::Repeated(News2, Critical, 3)]);
}

#[test]
fn a_note_charted_late_or_at_the_same_moment_can_still_make_it_worse() {
    for seconds in [60, 30] {
        let mut bed = bed();
        bed.play(Reading::new(at(60)).with(RespRate, 30.0).with(BpSystolic, 95.0));
        let note = Reading::new(at(seconds)).with_consciousness(Consciousness::Confused);
        assert_eq!(bed.play(note), [Did::Worsened(News2, Critical, 0)]);
        assert_eq!(bed.play(note), []);
    }
}

#[test]
fn hovering_between_urgent_and_emergency_is_announced_once() {
    let mut bed = bed();
    bed.play(seven(0));
    for second in 1..1000 {
        let did = bed.play(if second % 2 == 0 { seven(second) } else { five(second) });
        assert_eq!(did, [Did::Repeated(News2, Critical, u32::try_from(second).unwrap())]);
    }
}

#[test]
fn a_second_emergency_after_five_milder_minutes_is_announced_again() {
    let mut bed = bed();
    bed.play(seven(0));
    assert_eq!(bed.play(five(10)), [Did::Repeated(News2, Critical, 1)]);
    assert_eq!(bed.play(five(310)), [Did::Repeated(News2, High, 2)]);
    assert_eq!(bed.play(seven(400)), [Did::Worsened(News2, Critical, 3)]);
}

#[test]
fn five_milder_minutes_count_whatever_the_score_was_in_them() {
    for milder in [three, four, five] {
        let mut bed = bed();
        bed.play(seven(0));
        bed.play(milder(10));
        let did = bed.play(five(310));
        assert!(matches!(did[..], [Did::Repeated(News2, High, _)]), "{did:?}");
    }
}

#[test]
fn milder_minutes_from_before_the_emergency_do_not_count() {
    let mut bed = bed();
    bed.play(five(0));
    bed.play(four(10));
    assert_eq!(bed.play(seven(20)), [Did::Worsened(News2, Critical, 1)]);
    assert_eq!(bed.play(five(319)), [Did::Repeated(News2, Critical, 2)]);
}

#[test]
fn it_closes_after_five_minutes_at_three_or_below() {
    let mut bed = bed();
    bed.play(five(0));
    bed.play(four(10));
    assert_eq!(bed.play(four(400)), [], "4 is within the hysteresis");
    bed.play(three(500));
    assert_eq!(bed.play(three(799)), []);
    assert_eq!(bed.play(three(800)), [Did::Closed(News2)]);
}

#[test]
fn a_confused_patient_does_not_recover_because_the_note_grew_old() {
    let mut bed = bed();
    bed.play(well(0).with_consciousness(Consciousness::Confused).with_oxygen(true));
    assert!(bed.state.is_open(News2));
    let vitals = |minutes| Reading::new(minute(minutes)).with(RespRate, 16.0).with(HeartRate, 70.0);
    for minutes in (1..600).step_by(3) {
        bed.play(vitals(minutes));
    }
    assert!(bed.state.is_open(News2), "nobody looked at the patient again");
    bed.play(Reading::new(minute(601)).with_consciousness(Consciousness::Alert).with_oxygen(false));
    assert_eq!(bed.play(vitals(606)), [Did::Closed(News2)]);
}

#[test]
fn a_sensor_that_came_off_does_not_close_it() {
    let mut bed = bed();
    bed.play(Reading::new(at(0)).with(Spo2, 90.0).with(HeartRate, 135.0));
    assert!(bed.state.is_open(News2));
    for minutes in 1..60 {
        bed.play(Reading::new(minute(minutes)).with(RespRate, 16.0));
    }
    assert!(bed.state.is_open(News2));
}

#[test]
fn a_dwell_waits_before_it_opens() {
    let mut bed = bed();
    bed.rules.news2.dwell = Seconds(60);
    assert_eq!(bed.play(five(0)), []);
    assert_eq!(bed.play(seven(60)), [Did::Opened(News2, Critical)]);
}

#[test]
fn on_scale_2_a_high_saturation_on_oxygen_counts() {
    let reading = well(0).with_oxygen(true).with(Spo2, 97.0);
    assert_eq!(bed().play(reading), []);
    let mut bed = bed();
    bed.rules.news2.scale = Scale::Two;
    assert_eq!(bed.play(reading), [Did::Opened(News2, High)]);
}

#[test]
fn switched_off_it_says_nothing() {
    let mut bed = bed();
    bed.rules.news2.on = false;
    assert_eq!(bed.play(seven(0)), []);
    assert_eq!(bed.state, State::default());
}

#[test]
fn it_explains_the_points_and_what_is_missing() {
    let mut bed = bed();
    bed.play(Reading::new(at(0)).with(RespRate, 25.4));
    let decisions = bed.decide(&Reading::new(at(60)).with(BpSystolic, 90.0).with_oxygen(false));
    let [Decision::Opened { message, explanation, .. }] = decisions.as_slice() else { panic!("{decisions:?}") };
    assert_eq!(message, "High NEWS2 Score detected: at least 6 points (urgent)");
    assert_eq!(
        explanation.arithmetic,
        "respiratory rate 25.4 gives 3, oxygen in use no gives 0, systolic blood pressure 90 gives 3, total 6 >= 5; \
         missing: oxygen saturation, heart rate, consciousness, temperature"
    );
    assert_eq!(explanation.values.iter().map(|used| used.at).collect::<Vec<_>>(), [at(0), at(60), at(60)]);
    assert_eq!(explanation.news2.as_ref().map(|score| (score.total, score.missing.len())), Some((6, 4)));
    let complete = bed.decide(&seven(61));
    let [Decision::Worsened { message, from, .. }] = complete.as_slice() else { panic!("{complete:?}") };
    assert_eq!((message.as_str(), *from), ("High NEWS2 Score detected: 7 points (emergency)", High));
}
