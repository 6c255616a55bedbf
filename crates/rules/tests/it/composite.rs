//! Rules on several values, which arrive in separate readings and grow old.

use chrono::TimeDelta;
use rules::{Reading, RuleId, Severity, Vital};

use crate::bedside::{Bed, Did, at, minute};
use RuleId::{RespiratoryDistress, SepsisRisk};
use Severity::Critical;
use Vital::{HeartRate, RespRate, Spo2, Temperature};

#[test]
fn sepsis_risk_is_seen_across_separate_readings() {
    let mut bed = Bed::new();
    bed.one(0, Temperature, 39.0);
    bed.one(60, HeartRate, 110.0);
    assert_eq!(bed.one(120, RespRate, 22.0), [Did::Opened(SepsisRisk, Critical)]);
}

#[test]
fn a_temperature_counts_for_four_hours_and_a_heart_rate_for_fifteen_minutes() {
    for (minutes, opens) in [(240, true), (241, false)] {
        let mut bed = Bed::new();
        bed.one(0, Temperature, 39.0);
        let later = Reading::new(minute(minutes)).with(HeartRate, 110.0).with(RespRate, 22.0);
        assert_eq!(bed.play(later).contains(&Did::Opened(SepsisRisk, Critical)), opens, "after {minutes} minutes");
    }
    for (seconds, opens) in [(900, true), (901, false)] {
        let mut bed = Bed::new();
        bed.play(Reading::new(at(0)).with(HeartRate, 110.0).with(Temperature, 39.0));
        let did = bed.one(seconds, RespRate, 22.0);
        assert_eq!(did.contains(&Did::Opened(SepsisRisk, Critical)), opens, "after {seconds} seconds");
    }
}

#[test]
fn a_reading_without_any_of_its_values_does_not_judge_it() {
    let mut bed = Bed::new();
    bed.picture.fold(&Reading::new(at(0)).with(Spo2, 90.0).with(RespRate, 28.0));
    assert_eq!(bed.one(1, Temperature, 37.0), []);
    assert!(bed.one(2, RespRate, 28.0).contains(&Did::Opened(RespiratoryDistress, Critical)));
}

#[test]
fn one_value_back_to_normal_for_five_minutes_closes_it() {
    let mut bed = Bed::new();
    bed.play(Reading::new(at(0)).with(Spo2, 90.0).with(RespRate, 28.0));
    assert!(bed.state.is_open(RespiratoryDistress));
    bed.one(10, Spo2, 94.0);
    let did = bed.one(310, Spo2, 94.0);
    assert!(did.contains(&Did::Closed(RespiratoryDistress)), "{did:?}");
}

#[test]
fn within_the_hysteresis_it_stays_open() {
    let mut bed = Bed::new();
    bed.play(Reading::new(at(0)).with(Spo2, 90.0).with(RespRate, 28.0));
    for second in [10, 310, 610] {
        bed.play(Reading::new(at(second)).with(Spo2, 93.9).with(RespRate, 22.1));
    }
    assert!(bed.state.is_open(RespiratoryDistress));
}

#[test]
fn a_value_that_grew_old_does_not_close_it() {
    let mut bed = Bed::new();
    bed.play(Reading::new(at(0)).with(Spo2, 90.0).with(RespRate, 28.0));
    for minutes in (16..200).step_by(2) {
        bed.play(Reading::new(minute(minutes)).with(RespRate, 28.0));
    }
    assert!(bed.state.is_open(RespiratoryDistress), "the saturation was never measured again");
}

#[test]
fn the_picture_keeps_the_newest_value_and_knows_its_age() {
    let mut bed = Bed::new();
    bed.heart(60, 80.0);
    bed.heart(0, 140.0);
    let age = TimeDelta::minutes(15);
    let value = |now| bed.picture.value_at(HeartRate, now, age);
    assert_eq!(value(at(60)), Some(80.0));
    assert_eq!(value(at(960)), Some(80.0));
    assert_eq!(value(at(961)), None);
    assert_eq!(value(at(59)), None, "it was not known yet");
    assert_eq!(bed.picture.latest(HeartRate).map(|known| known.at), Some(at(60)));
}

#[test]
fn a_correction_for_the_same_moment_replaces_the_value() {
    let mut bed = Bed::new();
    bed.heart(0, 80.0);
    bed.heart(0, 82.0);
    assert_eq!(bed.picture.latest(HeartRate).map(|known| known.value), Some(82.0));
    bed.picture.fold(&Reading::new(at(9)).with(HeartRate, f64::NAN));
    assert_eq!(bed.picture.latest(HeartRate).map(|known| known.value), Some(82.0));
}
