//! What judging a reading may decide about an alert.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use crate::explain::Explanation;
use crate::rule::{RuleId, Severity};

/// A decision about the alert of one rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "decision", rename_all = "snake_case")]
pub enum Decision {
    /// A new alert: notify.
    Opened { rule: RuleId, severity: Severity, message: String, explanation: Explanation },
    /// The open alert saw another abnormal reading: count it, do not notify again. `severity` is the one in force; it falls
    /// below the last one only after the milder state held for `normal_for`, so that a later rise is announced again.
    Repeated { rule: RuleId, severity: Severity, repeats: u32, message: String, explanation: Explanation },
    /// The open alert became more severe (NEWS2 from urgent to emergency): notify again.
    Worsened {
        rule: RuleId,
        from: Severity,
        severity: Severity,
        repeats: u32,
        message: String,
        explanation: Explanation,
    },
    /// The open alert closed itself.
    Closed { rule: RuleId, reason: CloseReason },
}

impl Decision {
    /// The rule this decision is about.
    pub fn rule(&self) -> RuleId {
        match self {
            Decision::Opened { rule, .. }
            | Decision::Repeated { rule, .. }
            | Decision::Worsened { rule, .. }
            | Decision::Closed { rule, .. } => *rule,
        }
    }
}

/// Why an alert closed itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum CloseReason {
    /// Every reading since this moment was normal.
    BackToNormal { since: DateTime<Utc> },
    /// The rule was switched off while its alert was open.
    RuleSwitchedOff,
}

impl fmt::Display for CloseReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CloseReason::BackToNormal { since } => {
                write!(formatter, "back to normal since {}", since.to_rfc3339_opts(SecondsFormat::Secs, true))
            }
            CloseReason::RuleSwitchedOff => formatter.write_str("the rule was switched off"),
        }
    }
}
