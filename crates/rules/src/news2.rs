//! NEWS2, the National Early Warning Score (Royal College of Physicians, 2017): points for seven parameters, summed.
//!
//! The printed bands are whole numbers, and tenths of a degree for temperature. A measured value is first rounded to that
//! resolution, halves away from zero, and then looked up: a respiratory rate of 8.4 is 8 (3 points), one of 8.5 is 9
//! (1 point); a temperature of 35.05 °C is 35.1 (1 point), one of 35.04 is 35.0 (3 points). So no value falls between bands.
//!
//! A missing parameter gives no points, so a partial score is a lower bound: it can prove that a patient is ill, never that
//! the patient is well. Not for patients under 16 or in pregnancy.

use serde::{Deserialize, Serialize};

use crate::explain::Value;
use crate::parameter::Parameter;
use crate::vital::Consciousness;

/// The parameters in the order of the printed chart.
pub const PARAMETERS: [Parameter; 7] = [
    Parameter::RespRate,
    Parameter::Spo2,
    Parameter::OnOxygen,
    Parameter::BpSystolic,
    Parameter::HeartRate,
    Parameter::Consciousness,
    Parameter::Temperature,
];

/// Which SpO2 scale applies. Scale 2 only where a target of 88 to 92 % was prescribed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    #[default]
    One,
    Two,
}

/// What is known of the seven parameters: breaths/min, %, mmHg, beats/min, °C.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Inputs {
    pub scale: Scale,
    pub resp_rate: Option<f64>,
    pub spo2: Option<f64>,
    pub on_oxygen: Option<bool>,
    pub bp_systolic: Option<f64>,
    pub heart_rate: Option<f64>,
    pub consciousness: Option<Consciousness>,
    pub temperature: Option<f64>,
}

/// The clinical risk of a total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// 0 to 4.
    Low,
    /// 0 to 4 with a single parameter at 3.
    LowMedium,
    /// 5 to 6: urgent.
    Medium,
    /// 7 and above: an emergency.
    High,
}

/// The points of one parameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    pub parameter: Parameter,
    pub value: Value,
    pub points: u8,
}

/// A score. When something is missing, total and risk are "at least".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct News2 {
    pub total: u8,
    pub risk: Risk,
    pub parts: Vec<Part>,
    pub missing: Vec<Parameter>,
}

impl News2 {
    /// Whether all seven parameters were known.
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty()
    }
}

/// The score of what is known.
pub fn score(inputs: &Inputs) -> News2 {
    let points = inputs.points();
    let total = total(&points);
    let mut parts = Vec::with_capacity(PARAMETERS.len());
    let mut missing = Vec::new();
    for (parameter, points) in PARAMETERS.into_iter().zip(points) {
        match (inputs.value(parameter), points) {
            (Some(value), Some(points)) => parts.push(Part { parameter, value, points }),
            _ => missing.push(parameter),
        }
    }
    let risk = match total {
        7.. => Risk::High,
        5..=6 => Risk::Medium,
        _ if points.contains(&Some(3)) => Risk::LowMedium,
        _ => Risk::Low,
    };
    News2 { total, risk, parts, missing }
}

pub(crate) fn total(points: &[Option<u8>; 7]) -> u8 {
    points.iter().flatten().sum()
}

impl Inputs {
    /// The points of each of [`PARAMETERS`], nothing where it is missing.
    pub(crate) fn points(&self) -> [Option<u8>; 7] {
        let spo2 = |percent| match self.scale {
            Scale::One => spo2_scale_1(percent),
            Scale::Two => spo2_scale_2(percent, self.on_oxygen),
        };
        [
            whole(self.resp_rate).map(resp_rate),
            whole(self.spo2).map(spo2),
            self.on_oxygen.map(|on_oxygen| if on_oxygen { 2 } else { 0 }),
            whole(self.bp_systolic).map(bp_systolic),
            whole(self.heart_rate).map(heart_rate),
            self.consciousness.map(|state| if state == Consciousness::Alert { 0 } else { 3 }),
            whole(self.temperature.map(|celsius| celsius * 10.0)).map(tenths_of_a_degree),
        ]
    }

    /// The value of one of the seven parameters.
    fn value(&self, parameter: Parameter) -> Option<Value> {
        match parameter {
            Parameter::RespRate => self.resp_rate.map(Value::Number),
            Parameter::Spo2 => self.spo2.map(Value::Number),
            Parameter::OnOxygen => self.on_oxygen.map(Value::Oxygen),
            Parameter::BpSystolic => self.bp_systolic.map(Value::Number),
            Parameter::HeartRate => self.heart_rate.map(Value::Number),
            Parameter::Consciousness => self.consciousness.map(Value::Consciousness),
            Parameter::Temperature => self.temperature.map(Value::Number),
            Parameter::BpDiastolic | Parameter::BpMean => None,
        }
    }
}

/// Rounds to the resolution of the bands. What is not a finite number is missing.
fn whole(value: Option<f64>) -> Option<i64> {
    // The conversion saturates, so an absurd value lands in the outermost band.
    value.filter(|value| value.is_finite()).map(|value| value.round() as i64)
}

fn resp_rate(per_minute: i64) -> u8 {
    match per_minute {
        ..=8 => 3,
        9..=11 => 1,
        12..=20 => 0,
        21..=24 => 2,
        25.. => 3,
    }
}

fn spo2_scale_1(percent: i64) -> u8 {
    match percent {
        ..=91 => 3,
        92..=93 => 2,
        94..=95 => 1,
        96.. => 0,
    }
}

/// On scale 2 a high saturation is only dangerous on oxygen. When it is not known whether oxygen is in use, the score takes
/// air, which gives the fewest points, and oxygen is listed as missing.
fn spo2_scale_2(percent: i64, on_oxygen: Option<bool>) -> u8 {
    match percent {
        ..=83 => 3,
        84..=85 => 2,
        86..=87 => 1,
        88..=92 => 0,
        _ if on_oxygen != Some(true) => 0,
        93..=94 => 1,
        95..=96 => 2,
        97.. => 3,
    }
}

fn bp_systolic(mmhg: i64) -> u8 {
    match mmhg {
        ..=90 => 3,
        91..=100 => 2,
        101..=110 => 1,
        111..=219 => 0,
        220.. => 3,
    }
}

fn heart_rate(per_minute: i64) -> u8 {
    match per_minute {
        ..=40 => 3,
        41..=50 => 1,
        51..=90 => 0,
        91..=110 => 1,
        111..=130 => 2,
        131.. => 3,
    }
}

fn tenths_of_a_degree(tenths: i64) -> u8 {
    match tenths {
        ..=350 => 3,
        351..=360 => 1,
        361..=380 => 0,
        381..=390 => 1,
        391.. => 2,
    }
}
