//! Names and codes are a contract: what is stored and sent must not drift.

use rules::{Consciousness, Parameter, Parameters, Picture, Reading, RuleId, Severity, State, Vital};
use serde::Serialize;

use crate::bedside::{Bed, at};

fn word(value: impl Serialize) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
}

#[test]
fn rules_are_written_as_their_codes() {
    let codes = [
        "TACHYCARDIA",
        "BRADYCARDIA",
        "HYPOXIA",
        "FEVER",
        "HYPERTENSION",
        "HYPOTENSION",
        "TACHYPNEA",
        "BRADYPNEA",
        "SEPSIS_RISK",
        "RESPIRATORY_DISTRESS",
        "NEWS2",
    ];
    for (rule, code) in RuleId::ALL.into_iter().zip(codes) {
        assert_eq!((rule.code(), word(rule).as_str(), rule.to_string().as_str()), (code, code, code));
        assert_eq!(RuleId::from_code(code), Some(rule));
    }
    assert_eq!(RuleId::from_code("tachycardia"), None);
}

#[test]
fn vitals_are_written_in_snake_case() {
    for vital in Vital::ALL {
        assert_eq!(word(vital), vital.code());
        assert_eq!(word(Parameter::from(vital)), vital.code());
        assert_eq!(Vital::from_code(vital.code()), Some(vital));
        assert_eq!(Parameter::from(vital).vital(), Some(vital));
    }
    assert_eq!((Vital::HeartRate.label(), Vital::HeartRate.unit()), ("Heart Rate", "BPM"));
    assert_eq!(word(Parameter::OnOxygen), "on_oxygen");
    assert_eq!(word(Consciousness::Unresponsive), "unresponsive");
}

#[test]
fn severities_are_lowercase_and_ordered() {
    use Severity::{Critical, High, Low, Medium};
    assert_eq!([Low, Medium, High, Critical].map(word), ["low", "medium", "high", "critical"]);
    assert!(Low < Medium && Medium < High && High < Critical);
}

#[test]
fn a_reading_is_stored_as_a_map_of_what_was_measured() {
    let reading = Reading::new(at(0)).with(Vital::Spo2, 97.0).with_oxygen(true);
    let json = serde_json::json!({
        "at": "2026-03-02T10:00:00Z", "values": {"spo2": 97.0}, "on_oxygen": true, "consciousness": null
    });
    assert_eq!(serde_json::to_value(reading).unwrap(), json);
    assert_eq!(serde_json::from_value::<Reading>(json).unwrap(), reading);
    let bare = serde_json::from_str::<Reading>(r#"{"at": "2026-03-02T10:00:00Z"}"#).unwrap();
    assert_eq!(bare, Reading::new(at(0)));
    assert!(bare.values.is_empty());
}

#[test]
fn a_set_of_parameters_is_stored_as_a_list() {
    let set: Parameters = [Parameter::Spo2, Parameter::HeartRate, Parameter::Spo2].into_iter().collect();
    assert_eq!(serde_json::to_string(&set).unwrap(), r#"["heart_rate","spo2"]"#);
}

#[test]
fn what_is_remembered_survives_being_stored() {
    let mut bed = Bed::with_news2();
    bed.rules.rule_mut(RuleId::Fever).unwrap().dwell = rules::Seconds(60);
    assert_eq!(serde_json::to_string(&bed.state).unwrap(), "{}");
    let sick = Vital::ALL.into_iter().map(|vital| (vital, 39.0)).collect();
    bed.play(Reading { values: sick, ..Reading::new(at(0)).with_oxygen(true) });
    bed.heart(1, 80.0);
    bed.state.resolve(RuleId::Hypoxia);
    assert!(bed.state.get(RuleId::Fever).is_some() && bed.state.is_open(RuleId::News2));

    let json = serde_json::to_string(&(&bed.state, &bed.picture)).unwrap();
    let (state, picture) = serde_json::from_str::<(State, Picture)>(&json).unwrap();
    assert_eq!((&state, picture), (&bed.state, bed.picture));

    let bytes = postcard::to_stdvec(&(&bed.state, &bed.picture)).unwrap();
    let (state, picture) = postcard::from_bytes::<(State, Picture)>(&bytes).unwrap();
    assert_eq!((&state, picture), (&bed.state, bed.picture));
}
