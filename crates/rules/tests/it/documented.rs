//! The ten documented rules at both sides of each threshold, with their severities and words.

use rules::{Decision, Reading, RuleId, RuleSet, Severity, Vital};

use crate::bedside::{Bed, Did, at, brief};
use Severity::{Critical, High, Medium};
use Vital::{BpDiastolic, BpSystolic, HeartRate, RespRate, Spo2, Temperature};

/// What was measured in one reading.
type Values<'a> = &'a [(Vital, f64)];

fn judged(values: &[(Vital, f64)]) -> Vec<Decision> {
    let reading = Reading { values: values.iter().copied().collect(), ..Reading::new(at(0)) };
    Bed::new().decide(&reading)
}

fn opened(values: &[(Vital, f64)]) -> Vec<Did> {
    judged(values).iter().map(brief).collect()
}

#[test]
fn every_rule_fires_just_past_its_threshold_and_not_on_it() {
    let table = [
        (RuleId::Tachycardia, High, HeartRate, 130.0, 130.1),
        (RuleId::Bradycardia, High, HeartRate, 50.0, 49.9),
        (RuleId::Hypoxia, High, Spo2, 90.0, 89.9),
        (RuleId::Fever, Medium, Temperature, 38.5, 38.6),
        (RuleId::Hypertension, High, BpSystolic, 180.0, 181.0),
        (RuleId::Hypertension, High, BpDiastolic, 110.0, 111.0),
        (RuleId::Hypotension, High, BpSystolic, 90.0, 89.0),
        (RuleId::Tachypnea, Medium, RespRate, 24.0, 24.1),
        (RuleId::Bradypnea, High, RespRate, 8.0, 7.9),
    ];
    for (rule, severity, vital, on, past) in table {
        assert_eq!(opened(&[(vital, on)]), [], "{rule} must not fire on {on}");
        assert_eq!(opened(&[(vital, past)]), [Did::Opened(rule, severity)], "{rule} must fire on {past}");
    }
}

#[test]
fn sepsis_risk_needs_all_three() {
    let sick = [(Temperature, 38.6), (HeartRate, 101.0), (RespRate, 21.0)];
    assert!(opened(&sick).contains(&Did::Opened(RuleId::SepsisRisk, Critical)));
    for (vital, on) in [(Temperature, 38.5), (HeartRate, 100.0), (RespRate, 20.0)] {
        let mut values = sick.to_vec();
        values.retain(|(other, _)| *other != vital);
        assert!(!opened(&values).contains(&Did::Opened(RuleId::SepsisRisk, Critical)), "without {vital:?}");
        values.push((vital, on));
        assert!(!opened(&values).contains(&Did::Opened(RuleId::SepsisRisk, Critical)), "{vital:?} at {on}");
    }
}

#[test]
fn respiratory_distress_needs_both() {
    let did = Did::Opened(RuleId::RespiratoryDistress, Critical);
    assert!(opened(&[(Spo2, 91.9), (RespRate, 24.1)]).contains(&did));
    assert!(!opened(&[(Spo2, 92.0), (RespRate, 24.1)]).contains(&did));
    assert!(!opened(&[(Spo2, 91.9), (RespRate, 24.0)]).contains(&did));
}

#[test]
fn a_healthy_patient_alerts_nobody() {
    let well = [
        (HeartRate, 72.0),
        (RespRate, 16.0),
        (Spo2, 98.0),
        (Temperature, 36.8),
        (BpSystolic, 120.0),
        (BpDiastolic, 80.0),
    ];
    assert_eq!(opened(&well), []);
}

#[test]
fn the_messages_have_the_documented_form() {
    let message = |values: &[(Vital, f64)], wanted: RuleId| {
        judged(values).into_iter().find_map(|decision| match decision {
            Decision::Opened { rule, message, .. } if rule == wanted => Some(message),
            _ => None,
        })
    };
    let table: [(RuleId, Values, &str); 13] = [
        (RuleId::Tachycardia, &[(HeartRate, 140.0)], "High Heart Rate detected: 140 BPM"),
        (RuleId::Tachycardia, &[(HeartRate, 130.456)], "High Heart Rate detected: 130.46 BPM"),
        (RuleId::Bradycardia, &[(HeartRate, 45.0)], "Low Heart Rate detected: 45 BPM"),
        (RuleId::Hypoxia, &[(Spo2, 88.0)], "Low Oxygen Saturation detected: 88%"),
        (RuleId::Fever, &[(Temperature, f64::from(38.6_f32))], "High Temperature detected: 38.6 °C"),
        (
            RuleId::Hypertension,
            &[(BpSystolic, 190.0), (BpDiastolic, 100.0)],
            "High Blood Pressure detected: 190/100 mmHg",
        ),
        (RuleId::Hypertension, &[(BpSystolic, 190.0)], "High Blood Pressure detected: 190/-- mmHg"),
        (RuleId::Hypertension, &[(BpDiastolic, 115.0)], "High Blood Pressure detected: --/115 mmHg"),
        (RuleId::Hypotension, &[(BpSystolic, 85.0)], "Low Systolic Blood Pressure detected: 85 mmHg"),
        (RuleId::Tachypnea, &[(RespRate, 26.0)], "High Respiratory Rate detected: 26 breaths/min"),
        (RuleId::Bradypnea, &[(RespRate, 6.0)], "Low Respiratory Rate detected: 6 breaths/min"),
        (
            RuleId::SepsisRisk,
            &[(Temperature, 39.2), (HeartRate, 110.0), (RespRate, 24.0)],
            "Sepsis Risk detected: Temperature 39.2 °C, Heart Rate 110 BPM, Respiratory Rate 24 breaths/min",
        ),
        (
            RuleId::RespiratoryDistress,
            &[(Spo2, 90.0), (RespRate, 28.0)],
            "Respiratory Distress detected: Oxygen Saturation 90%, Respiratory Rate 28 breaths/min",
        ),
    ];
    for (rule, values, wanted) in table {
        assert_eq!(message(values, rule).as_deref(), Some(wanted));
    }
}

#[test]
fn a_value_that_is_no_number_was_not_measured() {
    for nonsense in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let all: Vec<_> = Vital::ALL.into_iter().map(|vital| (vital, nonsense)).collect();
        assert_eq!(opened(&all), []);
    }
}

#[test]
fn the_documented_set_has_no_problems() {
    assert_eq!(RuleSet::documented().problems(), Vec::<String>::new());
    assert_eq!(RuleSet::default(), RuleSet::documented());
}
