//! Rule sets as a ward changes and stores them.

use rules::{RuleId, RuleSet, Seconds, Severity, Vital};

use crate::bedside::{Bed, Did};

#[test]
fn a_rule_set_survives_being_stored() {
    let set = RuleSet::documented();
    let json = serde_json::to_string(&set).unwrap();
    assert_eq!(serde_json::from_str::<RuleSet>(&json).unwrap(), set);
    let bytes = postcard::to_stdvec(&set).unwrap();
    assert_eq!(postcard::from_bytes::<RuleSet>(&bytes).unwrap(), set);
}

#[test]
fn a_rule_left_out_of_a_stored_set_keeps_its_documented_form() {
    assert_eq!(serde_json::from_str::<RuleSet>("{}").unwrap(), RuleSet::documented());
    let json = r#"{"rules": {"TACHYCARDIA": {"on": true, "severity": "medium", "dwell": 5, "message": "High Heart Rate detected: {heart_rate} BPM",
        "condition": {"any": [{"vital": "heart_rate", "side": "above", "limit": 150, "hysteresis": 5}]}}}}"#;
    let set = serde_json::from_str::<RuleSet>(json).unwrap();
    assert_eq!(set.rules().count(), 10);
    assert_eq!(set.rule(RuleId::Hypoxia), RuleSet::documented().rule(RuleId::Hypoxia));
    assert_eq!(set.rule(RuleId::Tachycardia).unwrap().severity, Severity::Medium);
    assert_eq!(set.problems(), Vec::<String>::new());
}

#[test]
fn a_setting_that_is_misspelt_or_misplaced_is_refused() {
    let news2 = r#"{"rules": {"NEWS2": {"on": true, "severity": "high", "dwell": 0, "message": "x", "condition": {"any": []}}}}"#;
    assert!(serde_json::from_str::<RuleSet>(news2).unwrap_err().to_string().contains("member news2"));
    assert!(serde_json::from_str::<RuleSet>(r#"{"rules": {"TACHYCARDYA": {}}}"#).is_err());
    assert!(serde_json::from_str::<RuleSet>(r#"{"rules": {"TACHYCARDIA": {"on": false}}}"#).is_err());
}

#[test]
fn a_patient_may_have_limits_of_their_own() {
    let mut bed = Bed::new();
    bed.rules.rule_mut(RuleId::Tachycardia).unwrap().condition.limits_mut()[0].limit = 150.0;
    assert_eq!(bed.heart(0, 150.0), []);
    assert_eq!(bed.heart(1, 151.0), [Did::Opened(RuleId::Tachycardia, Severity::High)]);
}

#[test]
fn problems_are_named_in_sentences() {
    let problems = |change: fn(&mut RuleSet)| {
        let mut set = RuleSet::documented();
        change(&mut set);
        set.problems().join(" ")
    };
    fn fever(set: &mut RuleSet) -> &mut rules::Rule {
        set.rule_mut(RuleId::Fever).unwrap()
    }
    assert!(problems(|set| fever(set).condition.limits_mut().clear()).contains("FEVER watches nothing"));
    assert!(problems(|set| fever(set).condition.limits_mut()[0].limit = f64::NAN).contains("must be a number"));
    assert!(problems(|set| fever(set).condition.limits_mut()[0].hysteresis = -1.0).contains("zero or more"));
    assert!(problems(|set| fever(set).message = "Hot: {temp} °C".to_owned()).contains("{temp}"));
    assert!(problems(|set| fever(set).message = " ".to_owned()).contains("empty"));
    assert!(problems(|set| fever(set).dwell = Seconds(3601)).contains("an hour"));
    assert!(problems(|set| set.news2.urgent = 7).contains("above urgent"));
    assert!(problems(|set| set.news2.hysteresis = 6).contains("never be normal"));
    assert!(problems(|set| set.news2.emergency_severity = Severity::Low).contains("less severe"));
    assert!(problems(|set| set.news2.dwell = Seconds(3601)).contains("an hour"));
    assert!(problems(|set| set.normal_for = Seconds(90_000)).contains("a day"));
}

#[test]
fn a_rule_that_watches_nothing_never_fires() {
    let mut bed = Bed::new();
    for rule in RuleId::ALL {
        if let Some(rule) = bed.rules.rule_mut(rule) {
            rule.condition.limits_mut().clear();
        }
    }
    assert_eq!(bed.heart(0, 300.0), []);
}

#[test]
fn words_with_stray_braces_are_printed_as_they_stand() {
    let mut bed = Bed::new();
    bed.rules.rule_mut(RuleId::Tachycardia).unwrap().message = "{heart_rate} {x} {é {heart_rate".to_owned();
    let decisions = bed.decide(&crate::bedside::one(0, Vital::HeartRate, 140.0));
    let [rules::Decision::Opened { message, .. }] = decisions.as_slice() else { panic!("{decisions:?}") };
    assert_eq!(message, "140 {x} {é {heart_rate");
}
