//! Every alert explains itself: the rule, the values with units and times, and the arithmetic.

use rules::{Decision, Explanation, Reading, RuleId, Seconds, Used, Value, Vital};

use crate::bedside::{Bed, at, one};

fn explanation(decisions: Vec<Decision>, wanted: RuleId) -> Explanation {
    decisions
        .into_iter()
        .find_map(|decision| match decision {
            Decision::Opened { rule, explanation, .. } | Decision::Repeated { rule, explanation, .. }
                if rule == wanted =>
            {
                Some(explanation)
            }
            _ => None,
        })
        .unwrap()
}

#[test]
fn a_single_value_is_compared_with_its_limit() {
    let mut bed = Bed::new();
    let opened = explanation(bed.decide(&one(0, Vital::HeartRate, 140.0)), RuleId::Tachycardia);
    assert_eq!(opened.arithmetic, "heart rate 140 > 130");
    assert_eq!(
        opened.values,
        [Used { parameter: Vital::HeartRate.into(), value: Value::Number(140.0), unit: "BPM".to_owned(), at: at(0) }]
    );
    let repeated = explanation(bed.decide(&one(1, Vital::HeartRate, 130.001)), RuleId::Tachycardia);
    assert_eq!(repeated.arithmetic, "heart rate 130.001 > 130");
}

#[test]
fn only_the_pressure_that_is_too_high_is_in_the_sentence_but_both_were_used() {
    let reading = Reading::new(at(0)).with(Vital::BpSystolic, 190.0).with(Vital::BpDiastolic, 100.0);
    let opened = explanation(Bed::new().decide(&reading), RuleId::Hypertension);
    assert_eq!(opened.arithmetic, "systolic blood pressure 190 > 180");
    assert_eq!(opened.values.len(), 2);
}

#[test]
fn values_from_several_readings_keep_their_own_times() {
    let mut bed = Bed::new();
    bed.decide(&one(0, Vital::Temperature, 39.0));
    bed.decide(&one(60, Vital::HeartRate, 110.0));
    let opened = explanation(bed.decide(&one(120, Vital::RespRate, 22.0)), RuleId::SepsisRisk);
    assert_eq!(opened.arithmetic, "temperature 39 > 38.5 and heart rate 110 > 100 and respiratory rate 22 > 20");
    assert_eq!(opened.values.iter().map(|used| used.at).collect::<Vec<_>>(), [at(0), at(60), at(120)]);
}

#[test]
fn a_dwell_is_part_of_the_arithmetic() {
    let mut bed = Bed::new();
    bed.rules.rule_mut(RuleId::Hypoxia).unwrap().dwell = Seconds(10);
    bed.decide(&one(0, Vital::Spo2, 85.0));
    let opened = explanation(bed.decide(&one(12, Vital::Spo2, 85.0)), RuleId::Hypoxia);
    assert_eq!(opened.arithmetic, "oxygen saturation 85 < 90, held for 12 s");
}

#[test]
fn a_decision_is_plain_json_and_comes_back_the_same() {
    let mut bed = Bed::with_news2();
    let reading = Reading::new(at(0))
        .with(Vital::HeartRate, 140.0)
        .with(Vital::RespRate, 30.0)
        .with_oxygen(true)
        .with_consciousness(rules::Consciousness::Confused);
    let mut decisions = bed.decide(&reading);
    for second in [1, 400] {
        decisions.extend(bed.decide(&one(second, Vital::HeartRate, 80.0)));
    }
    assert!(decisions.iter().any(|decision| matches!(decision, Decision::Closed { .. })));
    for decision in decisions {
        let json = serde_json::to_string(&decision).unwrap();
        assert_eq!(serde_json::from_str::<Decision>(&json).unwrap(), decision, "{json}");
    }
    let opened = serde_json::to_value(Bed::new().decide(&one(0, Vital::HeartRate, 140.0))).unwrap();
    assert_eq!(
        opened,
        serde_json::json!([{
            "decision": "opened", "rule": "TACHYCARDIA", "severity": "high",
            "message": "High Heart Rate detected: 140 BPM",
            "explanation": {
                "rule": "TACHYCARDIA", "arithmetic": "heart rate 140 > 130", "news2": null,
                "values": [{"parameter": "heart_rate", "value": 140.0, "unit": "BPM", "at": "2026-03-02T10:00:00Z"}],
                "passed": {"parameter": "heart_rate", "value": 140.0, "limit": 130.0, "unit": "BPM"}
            }
        }])
    );
}
