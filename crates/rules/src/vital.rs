//! The vital signs a monitor measures, with the names, units and codes a nurse reads on a screen.

use serde::{Deserialize, Serialize};

/// A measured vital sign. On the wire it is written in snake case, for example `heart_rate`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Vital {
    /// Beats per minute.
    HeartRate,
    /// Breaths per minute.
    RespRate,
    /// Oxygen saturation of the blood, percent.
    Spo2,
    /// Body temperature, degrees Celsius.
    Temperature,
    /// Systolic blood pressure, mmHg.
    BpSystolic,
    /// Diastolic blood pressure, mmHg.
    BpDiastolic,
    /// Mean blood pressure, mmHg.
    BpMean,
}

impl Vital {
    /// How many vitals there are.
    pub const COUNT: usize = 7;

    /// Every vital, in the order of the enum.
    pub const ALL: [Vital; Vital::COUNT] = [
        Vital::HeartRate,
        Vital::RespRate,
        Vital::Spo2,
        Vital::Temperature,
        Vital::BpSystolic,
        Vital::BpDiastolic,
        Vital::BpMean,
    ];

    /// The name as it stands in an alert message, for example `Heart Rate`.
    pub const fn label(self) -> &'static str {
        match self {
            Vital::HeartRate => "Heart Rate",
            Vital::RespRate => "Respiratory Rate",
            Vital::Spo2 => "Oxygen Saturation",
            Vital::Temperature => "Temperature",
            Vital::BpSystolic => "Systolic Blood Pressure",
            Vital::BpDiastolic => "Diastolic Blood Pressure",
            Vital::BpMean => "Mean Blood Pressure",
        }
    }

    /// The unit as it stands in an alert message, for example `BPM`.
    pub const fn unit(self) -> &'static str {
        match self {
            Vital::HeartRate => "BPM",
            Vital::RespRate => "breaths/min",
            Vital::Spo2 => "%",
            Vital::Temperature => "°C",
            Vital::BpSystolic | Vital::BpDiastolic | Vital::BpMean => "mmHg",
        }
    }

    /// The name as it stands in stored and sent data, for example `heart_rate`.
    pub const fn code(self) -> &'static str {
        match self {
            Vital::HeartRate => "heart_rate",
            Vital::RespRate => "resp_rate",
            Vital::Spo2 => "spo2",
            Vital::Temperature => "temperature",
            Vital::BpSystolic => "bp_systolic",
            Vital::BpDiastolic => "bp_diastolic",
            Vital::BpMean => "bp_mean",
        }
    }

    /// The vital with this code, if there is one.
    pub fn from_code(code: &str) -> Option<Vital> {
        Vital::ALL.into_iter().find(|vital| vital.code() == code)
    }

    /// The place of this vital in an array of [`Vital::COUNT`].
    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

/// How awake the patient is: the ACVPU scale that NEWS2 uses. `Confused` means newly confused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consciousness {
    Alert,
    Confused,
    Voice,
    Pain,
    Unresponsive,
}

impl Consciousness {
    /// The word as it stands in an explanation, for example `new confusion`.
    pub const fn label(self) -> &'static str {
        match self {
            Consciousness::Alert => "alert",
            Consciousness::Confused => "new confusion",
            Consciousness::Voice => "responds to voice",
            Consciousness::Pain => "responds to pain",
            Consciousness::Unresponsive => "unresponsive",
        }
    }
}
