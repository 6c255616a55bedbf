//! A real recording from an intensive care bed, when it is at hand.

use std::collections::BTreeSet;
use std::path::Path;

use rules::{Decision, Reading, RuleId, RuleSet, Vital, backtest};

use crate::bedside::minute;

fn readings(text: &str) -> Vec<Reading> {
    let mut lines = text.lines();
    let names: Vec<_> = lines.next().unwrap().split(',').collect();
    lines
        .map(|line| {
            let cells: Vec<_> = line.split(',').collect();
            let cell = |wanted: &str| -> Option<f64> {
                let column = names.iter().position(|name| *name == wanted)?;
                cells[column].parse().ok()
            };
            // The arterial line is the better measurement; the cuff stands in where there is none.
            let either = |arterial: &str, cuff: &str| cell(arterial).or_else(|| cell(cuff));
            let values = [
                (Vital::HeartRate, cell("hr_bpm")),
                (Vital::RespRate, cell("resp_rate")),
                (Vital::Spo2, cell("spo2_pct")),
                (Vital::BpSystolic, either("abp_systolic", "nbp_systolic")),
                (Vital::BpDiastolic, either("abp_diastolic", "nbp_diastolic")),
                (Vital::BpMean, either("abp_mean", "nbp_mean")),
            ];
            let values = values.into_iter().filter_map(|(vital, value)| Some((vital, value?))).collect();
            Reading { values, ..Reading::new(minute(cell("minute").unwrap() as i64)) }
        })
        .collect()
}

#[test]
fn the_recorded_patient_opens_bradycardia_and_bradypnea_and_nothing_else() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/icu-s00001.csv");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: there is no recording at {}", path.display());
        return;
    };
    let readings = readings(&text);
    assert_eq!(readings.len(), 1936);
    let taken = backtest(&RuleSet::documented(), &readings);
    let opened: Vec<_> = taken
        .iter()
        .filter_map(|(moment, decision)| match decision {
            Decision::Opened { rule, message, .. } => Some((*rule, *moment, message)),
            _ => None,
        })
        .collect();
    for (rule, moment, message) in &opened {
        println!("{rule} {moment} {message}");
    }
    let rules: BTreeSet<_> = opened.iter().map(|(rule, ..)| *rule).collect();
    assert_eq!(rules, BTreeSet::from([RuleId::Bradycardia, RuleId::Bradypnea]));
    assert_eq!(opened.iter().filter(|(rule, ..)| *rule == RuleId::Bradycardia).count(), 3);
    assert_eq!(opened[0].2.as_str(), "Low Respiratory Rate detected: 7.5 breaths/min");
}
