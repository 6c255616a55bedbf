//! The rules that apply to a patient: the ten documented ones and NEWS2, as values that a ward or a patient may change.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::message;
use crate::news2::Scale;
use crate::rule::{Rule, RuleId, Seconds, Severity};

/// The rules for one patient. A stored set that leaves a rule out keeps the documented form of that rule: only
/// `"on": false` switches one off, never forgetfulness.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RuleSet {
    #[serde(deserialize_with = "over_documented")]
    pub(crate) rules: BTreeMap<RuleId, Rule>,
    pub news2: News2Rule,
    /// How long a value must have stayed normal before its alert closes itself.
    pub normal_for: Seconds,
}

/// When NEWS2 alerts. It is not meant for patients under 16 or in pregnancy: switch it off for them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct News2Rule {
    pub on: bool,
    /// Which SpO2 scale the patient is scored on. Scale 2 is prescribed, for a target of 88 to 92 %.
    pub scale: Scale,
    /// The total, in points, that is urgent. A single parameter at 3 is not enough, because the single-parameter rules cover it.
    pub urgent: u8,
    pub urgent_severity: Severity,
    /// The total, in points, that is an emergency.
    pub emergency: u8,
    pub emergency_severity: Severity,
    /// The score counts as normal at `urgent` less this many points, or below.
    pub hysteresis: u8,
    /// How long the score must hold before the alert opens.
    pub dwell: Seconds,
}

impl Default for RuleSet {
    fn default() -> Self {
        RuleSet::documented()
    }
}

impl RuleSet {
    /// One rule. Nothing for NEWS2, which is in `news2`.
    pub fn rule(&self, id: RuleId) -> Option<&Rule> {
        self.rules.get(&id)
    }

    /// One rule, to change it. Nothing for NEWS2, which is in `news2`.
    pub fn rule_mut(&mut self, id: RuleId) -> Option<&mut Rule> {
        self.rules.get_mut(&id)
    }

    /// Every rule with limits, in the order of the document.
    pub fn rules(&self) -> impl Iterator<Item = (RuleId, &Rule)> {
        self.rules.iter().map(|(id, rule)| (*id, rule))
    }

    /// Whether a rule may open alerts.
    pub fn is_on(&self, id: RuleId) -> bool {
        if id == RuleId::News2 { self.news2.on } else { self.rule(id).is_some_and(|rule| rule.on) }
    }

    /// What is wrong with this set, one sentence each; empty when it may be used. Ask before storing a changed set.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for (id, rule) in self.rules() {
            if rule.condition.limits().is_empty() {
                problems.push(format!("{id} watches nothing: give it at least one limit."));
            }
            for limit in rule.condition.limits() {
                if !limit.limit.is_finite() || !limit.hysteresis.is_finite() || limit.hysteresis < 0.0 {
                    let vital = limit.vital.code();
                    problems
                        .push(format!("{id}: the limit on {vital} must be a number and its hysteresis zero or more."));
                }
            }
            if rule.dwell > Seconds(3600) {
                problems.push(format!("{id}: a dwell of more than an hour would hide the patient's state."));
            }
            if let Some(unknown) = message::unknown_name(&rule.message) {
                problems.push(format!("{id}: the message names {{{unknown}}}, which is not a vital sign."));
            }
            if rule.message.trim().is_empty() {
                problems.push(format!("{id}: the message is empty."));
            }
        }
        let news2 = &self.news2;
        if news2.urgent == 0 || news2.urgent >= news2.emergency || news2.emergency > 20 {
            problems.push("NEWS2: urgent must be at least 1, emergency above urgent and at most 20 points.".to_owned());
        }
        if news2.hysteresis > news2.urgent {
            problems.push("NEWS2: with a hysteresis above urgent the score would never be normal again.".to_owned());
        }
        if news2.emergency_severity < news2.urgent_severity {
            problems.push("NEWS2: an emergency cannot be less severe than urgent.".to_owned());
        }
        if news2.dwell > Seconds(3600) {
            problems.push("NEWS2: a dwell of more than an hour would hide the patient's state.".to_owned());
        }
        if self.normal_for > Seconds(86_400) {
            problems.push("normal_for must be at most a day.".to_owned());
        }
        problems
    }
}

/// Lays the stored rules over the documented ones, so that none is ever absent.
fn over_documented<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<RuleId, Rule>, D::Error> {
    let stored = BTreeMap::<RuleId, Rule>::deserialize(deserializer)?;
    if stored.contains_key(&RuleId::News2) {
        return Err(D::Error::custom("NEWS2 is not a rule with limits; it is set in the member news2"));
    }
    let mut rules = RuleSet::documented().rules;
    rules.extend(stored);
    Ok(rules)
}
