//! What is remembered about a patient between two readings: which rules are waiting, which alerts are open.

use std::collections::BTreeMap;

use chrono::serde::{ts_microseconds, ts_microseconds_option};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::parameter::Parameters;
use crate::rule::{RuleId, Severity};

/// The memory of one rule. A rule that is quiet has none.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleState {
    /// Abnormal, but not yet for as long as the dwell asks.
    Pending {
        #[serde(with = "ts_microseconds")]
        since: DateTime<Utc>,
        /// What was abnormal and must be measured again before the rule may say "normal".
        waiting_for: Parameters,
    },
    /// An alert is open.
    Open {
        /// When it became abnormal (with a dwell: before the alert opened).
        #[serde(with = "ts_microseconds")]
        since: DateTime<Utc>,
        #[serde(with = "ts_microseconds")]
        last_abnormal_at: DateTime<Utc>,
        /// How many abnormal readings came after the one that opened the alert.
        repeats: u32,
        /// Since when every reading was normal.
        #[serde(with = "ts_microseconds_option")]
        normal_since: Option<DateTime<Utc>>,
        /// The severity last announced.
        severity: Severity,
        /// Since when every reading was less severe than announced.
        #[serde(with = "ts_microseconds_option")]
        lower_since: Option<DateTime<Utc>>,
        /// What was abnormal and must be measured again before the rule may say "normal".
        waiting_for: Parameters,
    },
    /// Staff resolved the alert. Readings up to `until` belong to it: should one be delivered again, it must not open another.
    /// The first newer reading replaces this.
    Resolved {
        #[serde(with = "ts_microseconds")]
        until: DateTime<Utc>,
    },
}

/// The memory of all rules of one patient. Store it beside the [`crate::Picture`], in any serde format.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct State(BTreeMap<RuleId, RuleState>);

impl State {
    /// Whether there is nothing to remember. Such a state holds no memory and need not be stored.
    pub fn is_quiet(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a rule has an open alert.
    pub fn is_open(&self, rule: RuleId) -> bool {
        matches!(self.0.get(&rule), Some(RuleState::Open { .. }))
    }

    /// The rules with an open alert.
    pub fn open(&self) -> impl Iterator<Item = RuleId> {
        self.0.keys().copied().filter(|rule| self.is_open(*rule))
    }

    /// What is remembered about one rule.
    pub fn get(&self, rule: RuleId) -> Option<&RuleState> {
        self.0.get(&rule)
    }

    /// Staff resolved the alert of this rule by hand: the rule goes back to quiet, and the next abnormal reading opens a new
    /// alert. Answers whether an alert was open. A rule that is only pending stays so, because there was nothing to resolve.
    pub fn resolve(&mut self, rule: RuleId) -> bool {
        let Some(RuleState::Open { last_abnormal_at, .. }) = self.get(rule).copied() else { return false };
        self.0.insert(rule, RuleState::Resolved { until: last_abnormal_at });
        true
    }

    /// Every rule with something remembered.
    pub(crate) fn remembered(&self) -> impl Iterator<Item = (RuleId, RuleState)> {
        self.0.iter().map(|(rule, memory)| (*rule, *memory))
    }

    pub(crate) fn put(&mut self, rule: RuleId, memory: Option<RuleState>) {
        match memory {
            Some(memory) => self.0.insert(rule, memory),
            None => self.0.remove(&rule),
        };
    }
}
