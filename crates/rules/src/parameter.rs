//! Everything a rule may look at: the seven vitals, oxygen in use and consciousness, and small sets of them.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::vital::Vital;

/// One thing a rule may look at. On the wire it is written in snake case, for example `on_oxygen`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Parameter {
    HeartRate,
    RespRate,
    Spo2,
    Temperature,
    BpSystolic,
    BpDiastolic,
    BpMean,
    OnOxygen,
    Consciousness,
}

impl Parameter {
    /// Every parameter, in the order of the enum.
    pub const ALL: [Parameter; 9] = [
        Parameter::HeartRate,
        Parameter::RespRate,
        Parameter::Spo2,
        Parameter::Temperature,
        Parameter::BpSystolic,
        Parameter::BpDiastolic,
        Parameter::BpMean,
        Parameter::OnOxygen,
        Parameter::Consciousness,
    ];

    /// The vital this parameter is, or nothing for oxygen in use and consciousness.
    pub const fn vital(self) -> Option<Vital> {
        match self {
            Parameter::HeartRate => Some(Vital::HeartRate),
            Parameter::RespRate => Some(Vital::RespRate),
            Parameter::Spo2 => Some(Vital::Spo2),
            Parameter::Temperature => Some(Vital::Temperature),
            Parameter::BpSystolic => Some(Vital::BpSystolic),
            Parameter::BpDiastolic => Some(Vital::BpDiastolic),
            Parameter::BpMean => Some(Vital::BpMean),
            Parameter::OnOxygen | Parameter::Consciousness => None,
        }
    }

    /// The name in the middle of a sentence, for example `heart rate`.
    pub fn name(self) -> String {
        match self.vital() {
            Some(vital) => vital.label().to_lowercase(),
            None if self == Parameter::OnOxygen => "oxygen in use".to_owned(),
            None => "consciousness".to_owned(),
        }
    }

    /// The unit, empty where there is none.
    pub fn unit(self) -> &'static str {
        self.vital().map_or("", Vital::unit)
    }

    /// How old a value may be and still count as the patient's present state.
    ///
    /// Monitors measure continuously, so a vital sign that is more than 15 minutes old says nothing about now. Temperature,
    /// oxygen and consciousness are charted by hand on rounds, so they stand for 4 hours.
    pub fn max_age(self) -> TimeDelta {
        match self {
            Parameter::Temperature | Parameter::OnOxygen | Parameter::Consciousness => TimeDelta::hours(4),
            _ => TimeDelta::minutes(15),
        }
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

impl From<Vital> for Parameter {
    fn from(vital: Vital) -> Self {
        match vital {
            Vital::HeartRate => Parameter::HeartRate,
            Vital::RespRate => Parameter::RespRate,
            Vital::Spo2 => Parameter::Spo2,
            Vital::Temperature => Parameter::Temperature,
            Vital::BpSystolic => Parameter::BpSystolic,
            Vital::BpDiastolic => Parameter::BpDiastolic,
            Vital::BpMean => Parameter::BpMean,
        }
    }
}

/// A set of parameters that costs two bytes. It is stored as a list of their names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "Vec<Parameter>", from = "Vec<Parameter>")]
pub struct Parameters(u16);

impl Parameters {
    /// The set without members.
    pub const NONE: Parameters = Parameters(0);

    pub const fn insert(&mut self, parameter: Parameter) {
        self.0 |= parameter.bit();
    }

    pub const fn contains(self, parameter: Parameter) -> bool {
        self.0 & parameter.bit() != 0
    }

    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// What is in this set or in the other.
    pub const fn union(self, other: Parameters) -> Parameters {
        Parameters(self.0 | other.0)
    }

    /// What is in this set and not in the other.
    pub const fn without(self, other: Parameters) -> Parameters {
        Parameters(self.0 & !other.0)
    }

    /// The members, in the order of the enum.
    pub fn iter(self) -> impl Iterator<Item = Parameter> {
        Parameter::ALL.into_iter().filter(move |parameter| self.contains(*parameter))
    }
}

impl FromIterator<Parameter> for Parameters {
    fn from_iter<I: IntoIterator<Item = Parameter>>(members: I) -> Self {
        let mut set = Parameters::NONE;
        members.into_iter().for_each(|member| set.insert(member));
        set
    }
}

impl From<Vec<Parameter>> for Parameters {
    fn from(members: Vec<Parameter>) -> Self {
        members.into_iter().collect()
    }
}

impl From<Parameters> for Vec<Parameter> {
    fn from(set: Parameters) -> Self {
        set.iter().collect()
    }
}
