//! Readings that arrive out of order must neither open nor close wrongly, and never panic.

use chrono::{DateTime, Utc};
use rules::{Reading, RuleId, Seconds, Severity, Vital};

use crate::bedside::{Bed, Did, at};
use RuleId::{Hypertension, SepsisRisk, Tachycardia};
use Severity::{Critical, High};

#[test]
fn a_late_abnormal_reading_opens_nothing_when_a_newer_one_is_normal() {
    let mut bed = Bed::new();
    bed.heart(10, 80.0);
    assert_eq!(bed.heart(5, 140.0), []);
    assert!(bed.state.is_quiet());
}

#[test]
fn a_late_abnormal_reading_opens_when_nothing_newer_of_that_vital_is_known() {
    let mut bed = Bed::new();
    bed.one(10, Vital::Spo2, 98.0);
    assert_eq!(bed.heart(5, 140.0), [Did::Opened(Tachycardia, High)]);
}

#[test]
fn a_late_abnormal_reading_opens_when_the_newer_one_is_abnormal_too() {
    let mut bed = Bed::new();
    bed.picture.fold(&Reading::new(at(10)).with(Vital::HeartRate, 150.0));
    assert_eq!(bed.heart(5, 140.0), [Did::Opened(Tachycardia, High)]);
}

#[test]
fn a_late_normal_reading_does_not_close() {
    let mut bed = Bed::new();
    bed.heart(0, 80.0);
    bed.heart(1000, 140.0);
    for second in [100, 500, 999] {
        assert_eq!(bed.heart(second, 80.0), []);
    }
    bed.heart(1100, 80.0);
    assert_eq!(bed.heart(1050, 80.0), [], "nor does it make the normal time longer");
    assert_eq!(bed.heart(1399, 80.0), []);
    assert_eq!(bed.heart(1400, 80.0), [Did::Closed(Tachycardia)]);
}

#[test]
fn a_late_abnormal_reading_proves_that_the_value_had_not_stayed_normal() {
    let mut bed = Bed::new();
    bed.heart(0, 140.0);
    bed.heart(10, 80.0);
    bed.heart(200, 80.0);
    assert_eq!(bed.heart(100, 150.0), [Did::Repeated(Tachycardia, High, 1)]);
    assert_eq!(bed.heart(310, 80.0), [], "the wait began again at the newest normal value");
    assert_eq!(bed.heart(500, 80.0), [Did::Closed(Tachycardia)]);
}

#[test]
fn a_late_value_within_the_hysteresis_restarts_the_wait_without_repeating() {
    let mut bed = Bed::new();
    bed.heart(0, 140.0);
    bed.heart(10, 80.0);
    bed.heart(200, 80.0);
    assert_eq!(bed.heart(100, 128.0), []);
    assert_eq!(bed.heart(310, 80.0), []);
    assert_eq!(bed.heart(500, 80.0), [Did::Closed(Tachycardia)]);
}

#[test]
fn a_late_abnormal_reading_from_before_the_normal_time_leaves_it_alone() {
    let mut bed = Bed::new();
    bed.heart(0, 140.0);
    bed.heart(50, 80.0);
    assert_eq!(bed.heart(20, 150.0), [Did::Repeated(Tachycardia, High, 1)]);
    assert_eq!(bed.heart(20, 150.0), [], "delivered again it does not count again");
    assert_eq!(bed.heart(350, 80.0), [Did::Closed(Tachycardia)]);
}

#[test]
fn a_late_normal_reading_interrupts_a_dwell() {
    let mut bed = Bed::new();
    bed.rules.rule_mut(Tachycardia).unwrap().dwell = Seconds(30);
    bed.heart(0, 140.0);
    bed.heart(20, 140.0);
    assert_eq!(bed.heart(10, 80.0), []);
    assert_eq!(bed.heart(30, 140.0), [], "it has only held since second 20");
    assert_eq!(bed.heart(50, 140.0), [Did::Opened(Tachycardia, High)]);
}

#[test]
fn a_late_normal_reading_from_before_the_dwell_leaves_it_alone() {
    let mut bed = Bed::new();
    bed.rules.rule_mut(Tachycardia).unwrap().dwell = Seconds(30);
    bed.heart(0, 140.0);
    bed.heart(20, 140.0);
    assert_eq!(bed.heart(-10, 80.0), []);
    assert_eq!(bed.heart(30, 140.0), [Did::Opened(Tachycardia, High)]);
}

#[test]
fn at_the_same_instant_the_abnormal_value_counts() {
    let mut bed = Bed::new();
    bed.heart(0, 140.0);
    bed.heart(10, 80.0);
    bed.heart(20, 80.0);
    assert_eq!(bed.heart(10, 150.0), [Did::Repeated(Tachycardia, High, 1)]);
    assert_eq!(bed.heart(310, 80.0), []);
    assert_eq!(bed.heart(320, 80.0), [Did::Closed(Tachycardia)]);
}

#[test]
fn an_old_diastolic_does_not_speak_for_a_late_systolic() {
    let mut bed = Bed::new();
    bed.picture.fold(&Reading::new(at(0)).with(Vital::BpDiastolic, 120.0));
    bed.one(10, Vital::BpSystolic, 120.0);
    assert_eq!(bed.one(5, Vital::BpSystolic, 190.0), []);
}

#[test]
fn a_late_diastolic_that_nothing_contradicts_still_alerts() {
    let mut bed = Bed::new();
    bed.one(10, Vital::BpSystolic, 120.0);
    let late = Reading::new(at(5)).with(Vital::BpSystolic, 190.0).with(Vital::BpDiastolic, 120.0);
    assert_eq!(bed.play(late), [Did::Opened(Hypertension, High)]);
}

#[test]
fn a_temperature_charted_late_meets_the_present_heart_rate() {
    let mut bed = Bed::new();
    bed.play(Reading::new(at(600)).with(Vital::HeartRate, 110.0).with(Vital::RespRate, 22.0));
    let did = bed.one(300, Vital::Temperature, 39.0);
    assert!(did.contains(&Did::Opened(SepsisRisk, Critical)), "{did:?}");
}

#[test]
fn a_late_composite_reading_that_adds_nothing_decides_nothing() {
    let sick = |seconds| {
        Reading::new(at(seconds))
            .with(Vital::Temperature, 39.0)
            .with(Vital::HeartRate, 110.0)
            .with(Vital::RespRate, 22.0)
    };
    let mut bed = Bed::new();
    bed.play(
        Reading::new(at(600)).with(Vital::Temperature, 37.0).with(Vital::HeartRate, 80.0).with(Vital::RespRate, 16.0),
    );
    assert_eq!(bed.play(sick(300)), []);
    assert!(bed.state.is_quiet());
}

#[test]
fn the_order_of_two_late_readings_does_not_open_or_close() {
    for shuffled in [[0, 5, 10], [0, 10, 5], [5, 0, 10], [5, 10, 0], [10, 0, 5], [10, 5, 0]] {
        let mut bed = Bed::new();
        bed.heart(20, 80.0);
        for second in shuffled {
            assert_eq!(bed.heart(second, 140.0), []);
        }
    }
}

#[test]
fn time_at_its_very_ends_never_panics() {
    let ends = [DateTime::<Utc>::MAX_UTC, DateTime::<Utc>::MIN_UTC, at(0), DateTime::<Utc>::MAX_UTC];
    for dwell in [0, u32::MAX] {
        let mut bed = Bed::with_news2();
        bed.rules.rule_mut(Tachycardia).unwrap().dwell = Seconds(dwell);
        bed.rules.normal_for = Seconds(dwell);
        for moment in ends {
            for value in [200.0, 80.0, 20.0, f64::MAX, f64::MIN] {
                let values = Vital::ALL.into_iter().map(|vital| (vital, value)).collect();
                bed.play(Reading { values, ..Reading::new(moment).with_oxygen(true) });
            }
        }
    }
}
