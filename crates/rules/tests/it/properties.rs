//! What must hold for any readings in any order: the alert board stays consistent and the scores are monotone.

use std::collections::BTreeSet;

use proptest::prelude::*;
use rules::news2::{Inputs, Scale, score};
use rules::{Consciousness, Decision, Picture, Reading, RuleId, RuleSet, Seconds, Vital, judge};

use crate::bedside::{Bed, at};

fn consciousness() -> impl Strategy<Value = Consciousness> {
    prop::sample::select(vec![Consciousness::Alert, Consciousness::Confused, Consciousness::Pain])
}

/// Values around the thresholds, so that rules open, hover and close.
fn value(vital: Vital) -> impl Strategy<Value = f64> {
    let (low, high) = match vital {
        Vital::HeartRate => (30, 160),
        Vital::RespRate => (4, 35),
        Vital::Spo2 => (80, 100),
        Vital::Temperature => (34, 41),
        Vital::BpSystolic => (70, 230),
        Vital::BpDiastolic | Vital::BpMean => (40, 130),
    };
    (low * 10..=high * 10).prop_map(|tenths| f64::from(tenths) / 10.0)
}

fn reading() -> impl Strategy<Value = Reading> {
    let values: Vec<_> = Vital::ALL.into_iter().map(|vital| prop::option::weighted(0.4, value(vital))).collect();
    (0..4000_i64, values, prop::option::weighted(0.1, any::<bool>()), prop::option::weighted(0.1, consciousness()))
        .prop_map(|(seconds, values, on_oxygen, consciousness)| {
            let values =
                Vital::ALL.into_iter().zip(values).filter_map(|(vital, value)| Some((vital, value?))).collect();
            Reading { at: at(seconds), values, on_oxygen, consciousness }
        })
}

/// Readings in order and out of order, some of them twice.
fn readings() -> impl Strategy<Value = Vec<Reading>> {
    (prop::collection::vec(reading(), 1..60), any::<bool>()).prop_map(|(mut readings, in_order)| {
        if in_order {
            readings.sort_by_key(|reading| reading.at);
        }
        readings
    })
}

fn rules() -> impl Strategy<Value = RuleSet> {
    (0..120_u32, 0..600_u32).prop_map(|(dwell, normal_for)| {
        let mut rules = RuleSet::documented();
        rules.normal_for = Seconds(normal_for);
        for rule in [RuleId::Tachycardia, RuleId::Hypertension, RuleId::SepsisRisk] {
            rules.rule_mut(rule).unwrap().dwell = Seconds(dwell);
        }
        rules
    })
}

/// The inputs of a score with only one parameter known.
type OfOne = fn(f64) -> Inputs;

proptest! {
    #[test]
    fn an_alert_opens_once_and_only_an_open_one_repeats_worsens_or_closes(
        rules in rules(),
        readings in readings(),
        resolve in prop::collection::vec(0..40_usize, 60),
    ) {
        let mut bed = Bed { rules, ..Bed::new() };
        let mut open = BTreeSet::new();
        for (reading, resolve) in readings.iter().zip(resolve) {
            let decisions = bed.decide(reading);
            let decided: BTreeSet<_> = decisions.iter().map(Decision::rule).collect();
            prop_assert_eq!(decided.len(), decisions.len(), "one decision per rule");
            for decision in &decisions {
                let rule = decision.rule();
                match decision {
                    Decision::Opened { .. } => prop_assert!(open.insert(rule), "{} opened twice", rule),
                    Decision::Closed { .. } => prop_assert!(open.remove(&rule), "{} closed but was not open", rule),
                    Decision::Repeated { .. } => prop_assert!(open.contains(&rule)),
                    Decision::Worsened { from, severity, .. } => {
                        prop_assert!(open.contains(&rule));
                        prop_assert!(from < severity);
                    }
                }
            }
            prop_assert_eq!(&bed.state.open().collect::<BTreeSet<_>>(), &open);
            if let Some(rule) = RuleId::ALL.get(resolve) {
                prop_assert_eq!(bed.state.resolve(*rule), open.remove(rule));
            }
        }
    }

    #[test]
    fn judging_is_deterministic_and_does_not_mind_when_the_picture_is_folded(rules in rules(), readings in readings()) {
        let mut bed = Bed { rules, ..Bed::new() };
        for reading in &readings {
            let mut folded: Picture = bed.picture;
            folded.fold(reading);
            let first = judge(&bed.rules, &bed.state, &bed.picture, reading);
            prop_assert_eq!(&first, &judge(&bed.rules, &bed.state, &bed.picture, reading));
            prop_assert_eq!(&first, &judge(&bed.rules, &bed.state, &folded, reading));
            bed.decide(reading);
        }
    }

    #[test]
    fn replaying_readings_opens_nothing_and_repeats_nothing(rules in rules(), readings in readings(), resolve in 0..40_usize) {
        let mut bed = Bed { rules, ..Bed::new() };
        for reading in &readings {
            bed.decide(reading);
            if let Some(rule) = RuleId::ALL.get(resolve) {
                bed.state.resolve(*rule);
            }
            let before = bed.state.clone();
            let again = bed.decide(reading);
            prop_assert!(again.is_empty(), "{:?}", again);
            prop_assert_eq!(&bed.state, &before);
        }
    }

    #[test]
    fn replaying_history_opens_nothing_new(mut readings in prop::collection::vec(reading(), 1..60)) {
        // At the same instant two values of one vital contradict each other, and then the order of delivery decides.
        readings.sort_by_key(|reading| reading.at);
        readings.dedup_by_key(|reading| reading.at);
        let mut bed = Bed::with_news2();
        for reading in &readings {
            bed.decide(reading);
        }
        for reading in &readings {
            let again = bed.decide(reading);
            prop_assert!(again.is_empty(), "{:?}", again);
        }
    }

    #[test]
    fn the_newest_abnormal_value_is_never_missed(readings in readings(), beats in 131.0..300.0) {
        let mut bed = Bed::with_news2();
        for reading in &readings {
            bed.decide(reading);
        }
        bed.heart(5000, beats);
        prop_assert!(bed.state.is_open(RuleId::Tachycardia));
    }

    #[test]
    fn points_rise_away_from_the_normal_range(a in 0.0..300.0, b in 0.0..300.0) {
        let (low, high) = if a < b { (a, b) } else { (b, a) };
        let rising: [(f64, OfOne); 5] = [
            (12.0, |value| Inputs { resp_rate: Some(value), ..Inputs::default() }),
            (51.0, |value| Inputs { heart_rate: Some(value), ..Inputs::default() }),
            (111.0, |value| Inputs { bp_systolic: Some(value), ..Inputs::default() }),
            (36.1, |value| Inputs { temperature: Some(value), ..Inputs::default() }),
            (88.0, |value| Inputs { spo2: Some(value), scale: Scale::Two, on_oxygen: Some(true), ..Inputs::default() }),
        ];
        for (from, inputs) in rising {
            if low >= from {
                prop_assert!(score(&inputs(low)).total <= score(&inputs(high)).total);
            }
        }
        let falling: [(f64, OfOne); 6] = [
            (20.0, |value| Inputs { resp_rate: Some(value), ..Inputs::default() }),
            (90.0, |value| Inputs { heart_rate: Some(value), ..Inputs::default() }),
            (219.0, |value| Inputs { bp_systolic: Some(value), ..Inputs::default() }),
            (38.0, |value| Inputs { temperature: Some(value), ..Inputs::default() }),
            (300.0, |value| Inputs { spo2: Some(value), ..Inputs::default() }),
            (92.0, |value| Inputs { spo2: Some(value), scale: Scale::Two, on_oxygen: Some(true), ..Inputs::default() }),
        ];
        for (to, inputs) in falling {
            if high <= to {
                prop_assert!(score(&inputs(low)).total >= score(&inputs(high)).total);
            }
        }
    }

    #[test]
    fn a_partial_score_is_a_lower_bound(
        numbers in (0.0..60.0, 50.0..100.0, 50.0..250.0, 20.0..200.0, 30.0..43.0),
        on_oxygen in any::<bool>(),
        state in consciousness(),
        two in any::<bool>(),
        keep in prop::array::uniform7(any::<bool>()),
    ) {
        let (resp_rate, spo2, bp_systolic, heart_rate, temperature) = numbers;
        let full = Inputs {
            scale: if two { Scale::Two } else { Scale::One },
            resp_rate: Some(resp_rate),
            spo2: Some(spo2),
            on_oxygen: Some(on_oxygen),
            bp_systolic: Some(bp_systolic),
            heart_rate: Some(heart_rate),
            consciousness: Some(state),
            temperature: Some(temperature),
        };
        let partial = Inputs {
            scale: full.scale,
            resp_rate: full.resp_rate.filter(|_| keep[0]),
            spo2: full.spo2.filter(|_| keep[1]),
            on_oxygen: full.on_oxygen.filter(|_| keep[2]),
            bp_systolic: full.bp_systolic.filter(|_| keep[3]),
            heart_rate: full.heart_rate.filter(|_| keep[4]),
            consciousness: full.consciousness.filter(|_| keep[5]),
            temperature: full.temperature.filter(|_| keep[6]),
        };
        let (full, partial) = (score(&full), score(&partial));
        prop_assert!(partial.total <= full.total && partial.risk <= full.risk);
        prop_assert_eq!(partial.parts.len() + partial.missing.len(), 7);
        prop_assert_eq!(partial.total, partial.parts.iter().map(|part| part.points).sum::<u8>());
        prop_assert!(full.is_complete() && full.total <= 20);
    }
}
