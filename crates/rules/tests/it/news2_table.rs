//! The NEWS2 chart at every printed boundary, the rounding between boundaries, and partial scores.

use rules::news2::{Inputs, Risk, Scale, score};
use rules::{Consciousness, Parameter, Value};

fn points(inputs: Inputs) -> u8 {
    score(&inputs).total
}

/// Every boundary of one parameter: the value and its points.
fn check(name: &str, table: &[(f64, u8)], inputs: impl Fn(f64) -> Inputs) {
    for (value, wanted) in table {
        assert_eq!(points(inputs(*value)), *wanted, "{name} {value}");
    }
}

#[test]
fn respiratory_rate() {
    let table =
        [(0., 3), (8., 3), (8.4, 3), (8.5, 1), (9., 1), (11., 1), (11.4, 1), (11.5, 0), (12., 0), (20., 0), (20.4, 0)];
    let inputs = |value| Inputs { resp_rate: Some(value), ..Inputs::default() };
    check("respiratory rate", &table, inputs);
    check("respiratory rate", &[(20.5, 2), (21., 2), (24., 2), (24.4, 2), (24.5, 3), (25., 3), (80., 3)], inputs);
}

#[test]
fn saturation_on_scale_1() {
    let table = [(0., 3), (91., 3), (91.4, 3), (91.5, 2), (92., 2), (93., 2), (93.4, 2), (93.5, 1), (94., 1), (95., 1)];
    for on_oxygen in [None, Some(false)] {
        let inputs = |value| Inputs { spo2: Some(value), on_oxygen, ..Inputs::default() };
        check("scale 1", &table, inputs);
        check("scale 1", &[(95.4, 1), (95.5, 0), (96., 0), (100., 0)], inputs);
    }
}

#[test]
fn saturation_on_scale_2() {
    let low = [
        (0., 3),
        (83., 3),
        (83.5, 2),
        (84., 2),
        (85., 2),
        (85.5, 1),
        (86., 1),
        (87., 1),
        (87.5, 0),
        (88., 0),
        (92., 0),
    ];
    let high_on_oxygen =
        [(92.4, 0), (92.5, 1), (93., 1), (94., 1), (94.5, 2), (95., 2), (96., 2), (96.5, 3), (97., 3), (100., 3)];
    let high_on_air = [(93., 0), (95., 0), (97., 0), (100., 0)];
    let inputs =
        |on_oxygen| move |value| Inputs { scale: Scale::Two, spo2: Some(value), on_oxygen, ..Inputs::default() };
    check("scale 2 on air", &low, inputs(Some(false)));
    check("scale 2 on air", &high_on_air, inputs(Some(false)));
    check("scale 2, oxygen unknown", &low, inputs(None));
    check("scale 2, oxygen unknown", &high_on_air, inputs(None));
    let with_oxygen: Vec<_> =
        low.into_iter().chain(high_on_oxygen).map(|(value, points)| (value, points + 2)).collect();
    check("scale 2 on oxygen", &with_oxygen, inputs(Some(true)));
}

#[test]
fn oxygen_in_use() {
    assert_eq!(points(Inputs { on_oxygen: Some(true), ..Inputs::default() }), 2);
    assert_eq!(points(Inputs { on_oxygen: Some(false), ..Inputs::default() }), 0);
}

#[test]
fn systolic_pressure() {
    let table = [
        (0., 3),
        (90., 3),
        (90.4, 3),
        (90.5, 2),
        (91., 2),
        (100., 2),
        (100.5, 1),
        (101., 1),
        (110., 1),
        (110.5, 0),
        (111., 0),
        (219., 0),
        (219.4, 0),
        (219.5, 3),
        (220., 3),
        (300., 3),
    ];
    check("systolic", &table, |value| Inputs { bp_systolic: Some(value), ..Inputs::default() });
}

#[test]
fn pulse() {
    let table = [
        (0., 3),
        (40., 3),
        (40.4, 3),
        (40.5, 1),
        (41., 1),
        (50., 1),
        (50.5, 0),
        (51., 0),
        (90., 0),
        (90.5, 1),
        (91., 1),
        (110., 1),
        (110.5, 2),
        (111., 2),
        (130., 2),
        (130.4, 2),
        (130.5, 3),
        (131., 3),
        (300., 3),
    ];
    check("pulse", &table, |value| Inputs { heart_rate: Some(value), ..Inputs::default() });
}

#[test]
fn temperature() {
    let table = [
        (20., 3),
        (35.0, 3),
        (35.04, 3),
        (35.05, 1),
        (35.1, 1),
        (36.0, 1),
        (36.04, 1),
        (36.05, 0),
        (36.1, 0),
        (38.0, 0),
        (38.04, 0),
        (38.06, 1),
        (38.1, 1),
        (39.0, 1),
        (39.04, 1),
        (39.06, 2),
        (39.1, 2),
        (45., 2),
    ];
    check("temperature", &table, |value| Inputs { temperature: Some(value), ..Inputs::default() });
    // A thermometer that sends 32-bit numbers must land in the same band.
    let printed = [(35.0_f32, 3), (35.1, 1), (36.0, 1), (36.1, 0), (38.0, 0), (38.1, 1), (39.0, 1), (39.1, 2)];
    let printed = printed.map(|(value, points)| (f64::from(value), points));
    check("temperature", &printed, |value| Inputs { temperature: Some(value), ..Inputs::default() });
}

#[test]
fn consciousness() {
    use Consciousness::{Alert, Confused, Pain, Unresponsive, Voice};
    for (state, wanted) in [(Alert, 0), (Confused, 3), (Voice, 3), (Pain, 3), (Unresponsive, 3)] {
        assert_eq!(points(Inputs { consciousness: Some(state), ..Inputs::default() }), wanted, "{state:?}");
    }
}

fn well() -> Inputs {
    Inputs {
        scale: Scale::One,
        resp_rate: Some(16.0),
        spo2: Some(98.0),
        on_oxygen: Some(false),
        bp_systolic: Some(120.0),
        heart_rate: Some(70.0),
        consciousness: Some(Consciousness::Alert),
        temperature: Some(37.0),
    }
}

#[test]
fn the_risk_follows_the_total_and_a_single_three() {
    let all_threes = Inputs {
        resp_rate: Some(30.0),
        spo2: Some(80.0),
        on_oxygen: Some(true),
        bp_systolic: Some(70.0),
        heart_rate: Some(150.0),
        consciousness: Some(Consciousness::Pain),
        temperature: Some(34.0),
        ..well()
    };
    let table = [
        (well(), 0, Risk::Low),
        (Inputs { on_oxygen: Some(true), resp_rate: Some(22.0), ..well() }, 4, Risk::Low),
        (Inputs { resp_rate: Some(30.0), ..well() }, 3, Risk::LowMedium),
        (Inputs { resp_rate: Some(30.0), on_oxygen: Some(true), ..well() }, 5, Risk::Medium),
        (Inputs { resp_rate: Some(30.0), bp_systolic: Some(80.0), ..well() }, 6, Risk::Medium),
        (Inputs { resp_rate: Some(30.0), on_oxygen: Some(true), heart_rate: Some(120.0), ..well() }, 7, Risk::High),
        (all_threes, 20, Risk::High),
    ];
    for (inputs, total, risk) in table {
        let score = score(&inputs);
        assert_eq!((score.total, score.risk), (total, risk), "{inputs:?}");
        assert!(score.is_complete());
    }
}

#[test]
fn a_partial_score_says_what_is_missing() {
    let score = score(&Inputs { consciousness: None, temperature: None, heart_rate: Some(f64::NAN), ..well() });
    assert_eq!(score.missing, [Parameter::HeartRate, Parameter::Consciousness, Parameter::Temperature]);
    assert_eq!(score.parts.len(), 4);
    assert!(!score.is_complete());
    assert_eq!(score.parts[0].parameter, Parameter::RespRate);
    assert_eq!(score.parts[0].value, Value::Number(16.0));
}
