//! When an alert closes itself: on evidence that the value stayed normal, never on silence.

use rules::{CloseReason, Decision, Reading, RuleId, Seconds, Severity, Vital};

use crate::bedside::{Bed, Did, at, one};
use RuleId::{Hypertension, Tachycardia};
use Severity::High;
use Vital::{BpDiastolic, BpSystolic};

fn open() -> Bed {
    let mut bed = Bed::new();
    assert_eq!(bed.heart(0, 140.0), [Did::Opened(Tachycardia, High)]);
    bed
}

#[test]
fn an_alert_closes_after_five_normal_minutes() {
    let mut bed = open();
    assert_eq!(bed.heart(10, 80.0), []);
    assert_eq!(bed.heart(309, 80.0), []);
    let closed = bed.decide(&one(310, Vital::HeartRate, 80.0));
    assert_eq!(closed, [Decision::Closed { rule: Tachycardia, reason: CloseReason::BackToNormal { since: at(10) } }]);
    assert!(bed.state.is_quiet());
}

#[test]
fn one_normal_reading_never_closes_however_late_it_comes() {
    let mut bed = open();
    assert_eq!(bed.heart(100_000, 80.0), []);
    assert!(bed.state.is_open(Tachycardia));
}

#[test]
fn an_abnormal_reading_starts_the_wait_again() {
    let mut bed = open();
    bed.heart(10, 80.0);
    assert_eq!(bed.heart(200, 135.0), [Did::Repeated(Tachycardia, High, 1)]);
    assert_eq!(bed.heart(310, 80.0), []);
    assert_eq!(bed.heart(609, 80.0), []);
    assert_eq!(bed.heart(610, 80.0), [Did::Closed(Tachycardia)]);
}

#[test]
fn a_value_that_hovers_at_the_limit_keeps_one_alert_open() {
    let mut bed = open();
    for second in 1..2000 {
        let did = bed.heart(second, if second % 2 == 0 { 131.0 } else { 129.0 });
        assert!(did.iter().all(|did| matches!(did, Did::Repeated(..))), "{did:?}");
    }
    for second in 2000..4000 {
        assert_eq!(bed.heart(second, 125.1), [], "125.1 is neither abnormal nor back to normal");
    }
    assert_eq!(bed.heart(4000, 125.0), []);
    assert_eq!(bed.heart(4100, 126.0), [], "which starts the wait again");
    assert_eq!(bed.heart(4300, 125.0), []);
    assert_eq!(bed.heart(4600, 125.0), [Did::Closed(Tachycardia)]);
}

#[test]
fn every_documented_rule_closes_at_its_margin_and_not_before() {
    use Vital::{HeartRate, RespRate, Spo2, Temperature};
    let table = [
        (RuleId::Tachycardia, HeartRate, 140.0, 125.1, 125.0),
        (RuleId::Bradycardia, HeartRate, 40.0, 52.9, 53.0),
        (RuleId::Hypoxia, Spo2, 85.0, 91.9, 92.0),
        (RuleId::Fever, Temperature, 39.0, 38.1, 38.0),
        (RuleId::Hypertension, BpSystolic, 190.0, 171.0, 170.0),
        (RuleId::Hypertension, BpDiastolic, 120.0, 106.0, 105.0),
        (RuleId::Hypotension, BpSystolic, 80.0, 94.0, 95.0),
        (RuleId::Tachypnea, RespRate, 30.0, 22.1, 22.0),
        (RuleId::Bradypnea, RespRate, 5.0, 9.9, 10.0),
    ];
    for (rule, vital, abnormal, between, normal) in table {
        for (value, closes) in [(between, false), (normal, true)] {
            let mut bed = Bed::new();
            bed.one(0, vital, abnormal);
            assert!(bed.state.is_open(rule));
            bed.one(10, vital, value);
            bed.one(310, vital, value);
            assert_eq!(!bed.state.is_open(rule), closes, "{rule} at {value}");
        }
    }
}

#[test]
fn a_margin_in_tenths_closes_on_the_tenth() {
    let mut bed = Bed::new();
    let limit = &mut bed.rules.rule_mut(RuleId::Fever).unwrap().condition.limits_mut()[0];
    (limit.limit, limit.hysteresis) = (38.4, 0.2);
    bed.one(0, Vital::Temperature, 38.5);
    bed.one(10, Vital::Temperature, 38.2);
    assert_eq!(bed.one(310, Vital::Temperature, 38.2), [Did::Closed(RuleId::Fever)]);
}

#[test]
fn a_normal_diastolic_does_not_close_what_a_systolic_opened() {
    let mut bed = Bed::new();
    bed.one(0, BpSystolic, 190.0);
    for second in [10, 400, 800] {
        assert_eq!(bed.one(second, BpDiastolic, 80.0), []);
    }
    bed.one(900, BpSystolic, 120.0);
    assert_eq!(
        bed.one(1200, BpSystolic, 120.0),
        [Did::Closed(Hypertension)],
        "a source without diastolic can close it"
    );
}

#[test]
fn both_pressures_that_were_high_must_come_back() {
    let mut bed = Bed::new();
    bed.play(Reading::new(at(0)).with(BpSystolic, 190.0).with(BpDiastolic, 120.0));
    bed.one(10, BpSystolic, 120.0);
    assert_eq!(bed.one(500, BpSystolic, 120.0), []);
    bed.one(510, BpDiastolic, 80.0);
    assert_eq!(bed.one(810, BpSystolic, 120.0), [Did::Closed(Hypertension)]);
}

#[test]
fn a_closed_alert_opens_again_as_a_new_one() {
    let mut bed = open();
    bed.heart(10, 80.0);
    bed.heart(310, 80.0);
    assert_eq!(bed.heart(311, 140.0), [Did::Opened(Tachycardia, High)]);
}

#[test]
fn the_wait_is_a_setting_and_may_be_zero() {
    let mut bed = open();
    bed.rules.normal_for = Seconds(0);
    assert_eq!(bed.heart(0, 80.0), [], "at the same instant the abnormal value counts");
    assert_eq!(bed.heart(1, 80.0), [Did::Closed(Tachycardia)]);
}

#[test]
fn switching_a_rule_off_closes_its_alert() {
    let mut bed = open();
    bed.rules.rule_mut(Tachycardia).unwrap().on = false;
    assert_eq!(bed.one(1, Vital::Spo2, 98.0), [Did::SwitchedOff(Tachycardia)]);
    assert!(bed.state.is_quiet());
    assert_eq!(bed.heart(2, 150.0), []);
}
