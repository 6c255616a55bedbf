//! What one rule is: its name, how severe it is, the limits it watches and the words it alerts with.

use std::fmt;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::vital::Vital;

/// The name of a rule. On the wire and in the database it is its code, for example `TACHYCARDIA`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RuleId {
    Tachycardia,
    Bradycardia,
    Hypoxia,
    Fever,
    Hypertension,
    Hypotension,
    Tachypnea,
    Bradypnea,
    SepsisRisk,
    RespiratoryDistress,
    News2,
}

impl RuleId {
    /// Every rule, in the order of the document, NEWS2 last.
    pub const ALL: [RuleId; 11] = [
        RuleId::Tachycardia,
        RuleId::Bradycardia,
        RuleId::Hypoxia,
        RuleId::Fever,
        RuleId::Hypertension,
        RuleId::Hypotension,
        RuleId::Tachypnea,
        RuleId::Bradypnea,
        RuleId::SepsisRisk,
        RuleId::RespiratoryDistress,
        RuleId::News2,
    ];

    /// The documented code, for example `TACHYCARDIA`.
    pub const fn code(self) -> &'static str {
        match self {
            RuleId::Tachycardia => "TACHYCARDIA",
            RuleId::Bradycardia => "BRADYCARDIA",
            RuleId::Hypoxia => "HYPOXIA",
            RuleId::Fever => "FEVER",
            RuleId::Hypertension => "HYPERTENSION",
            RuleId::Hypotension => "HYPOTENSION",
            RuleId::Tachypnea => "TACHYPNEA",
            RuleId::Bradypnea => "BRADYPNEA",
            RuleId::SepsisRisk => "SEPSIS_RISK",
            RuleId::RespiratoryDistress => "RESPIRATORY_DISTRESS",
            RuleId::News2 => "NEWS2",
        }
    }

    /// The rule with this code, if there is one. Codes are matched exactly.
    pub fn from_code(code: &str) -> Option<RuleId> {
        RuleId::ALL.into_iter().find(|rule| rule.code() == code)
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

/// How urgent an alert is, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

/// A length of time in whole seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seconds(pub u32);

impl Seconds {
    pub fn delta(self) -> TimeDelta {
        TimeDelta::seconds(i64::from(self.0))
    }
}

/// Which side of the limit is abnormal. The limit itself is never abnormal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Above,
    Below,
}

/// One limit on one vital: `heart_rate above 130` with a hysteresis of 5 is abnormal at 130.1 and normal again at 125.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    pub vital: Vital,
    pub side: Side,
    /// In the unit of [`Vital::unit`]; strictly past it is abnormal.
    pub limit: f64,
    /// How far back inside the limit a value must come to count as normal, in the unit of the vital, zero or more.
    /// It only matters while an alert is open: it keeps a value that hovers at the limit from opening and closing one.
    pub hysteresis: f64,
}

/// When a rule is abnormal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Any of the limits is passed. Looks only at the values of the reading being judged.
    Any(Vec<Limit>),
    /// All of the limits are passed together. Looks at the latest value of each vital, so that a temperature charted by hand
    /// and a heart rate from the monitor meet, and is judged whenever the reading brings one of them.
    All(Vec<Limit>),
}

impl Condition {
    pub fn limits(&self) -> &[Limit] {
        match self {
            Condition::Any(limits) | Condition::All(limits) => limits,
        }
    }

    pub fn limits_mut(&mut self) -> &mut Vec<Limit> {
        match self {
            Condition::Any(limits) | Condition::All(limits) => limits,
        }
    }
}

/// One rule with limits. NEWS2 has its own form, [`crate::News2Rule`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// A rule that is switched off opens nothing and closes what it had open.
    pub on: bool,
    pub severity: Severity,
    pub condition: Condition,
    /// How long the condition must hold before the alert opens. Zero opens at once. A value that is not abnormal ends the hold.
    pub dwell: Seconds,
    /// The words of the alert, with values in braces: `High Heart Rate detected: {heart_rate} BPM`.
    pub message: String,
}
