//! Why an alert exists: the values it used, when they were measured, and the arithmetic as a sentence.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::message::number;
use crate::news2::{self, News2};
use crate::parameter::Parameter;
use crate::picture::{Picture, Timed};
use crate::rule::{Limit, RuleId, Side};
use crate::ruleset::News2Rule;
use crate::vital::{Consciousness, Vital};

/// A value a rule used. In JSON it is a number, true or false, or a word.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    Number(f64),
    Oxygen(bool),
    Consciousness(Consciousness),
}

/// One value a rule used, its unit (empty where there is none) and when it was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Used {
    pub parameter: Parameter,
    pub value: Value,
    pub unit: String,
    pub at: DateTime<Utc>,
}

/// Why an alert was decided. Meant for JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    pub rule: RuleId,
    /// Every value the rule looked at, abnormal or not.
    pub values: Vec<Used>,
    /// For example `heart rate 140 > 130`.
    pub arithmetic: String,
    /// The points of each parameter and what was missing, for NEWS2 only.
    pub news2: Option<News2>,
    /// The first limit that was passed; absent for NEWS2, and where an older program explained.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed: Option<Passed>,
}

/// A limit and the value that passed it, with their unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Passed {
    pub parameter: Parameter,
    pub value: f64,
    pub limit: f64,
    pub unit: String,
}

impl Explanation {
    /// Why limits were passed. `held` is how long they have been, where the rule has a dwell.
    pub(crate) fn of_limits(
        rule: RuleId,
        limits: &[Limit],
        value: impl Fn(Vital) -> Option<Timed<f64>>,
        held: Option<TimeDelta>,
    ) -> Self {
        let mut values = Vec::with_capacity(limits.len());
        let (mut passed, mut first) = (Vec::with_capacity(limits.len()), None);
        for limit in limits {
            let Some(Timed { value, at }) = value(limit.vital) else { continue };
            values.push(used(limit.vital.into(), Value::Number(value), at));
            if limit.is_passed(value) {
                let parameter = Parameter::from(limit.vital);
                let unit = parameter.unit().to_owned();
                first.get_or_insert(Passed { parameter, value, limit: limit.limit, unit });
                let sign = if limit.side == Side::Above { '>' } else { '<' };
                // The arithmetic prints the exact number: rounded, 130.001 > 130 would read 130 > 130.
                passed.push(format!("{} {value} {sign} {}", parameter.name(), limit.limit));
            }
        }
        let arithmetic = passed.join(" and ") + &held_for(held);
        Explanation { rule, values, arithmetic, news2: None, passed: first }
    }

    /// Why the score is high.
    pub(crate) fn of_news2(
        rule: &News2Rule,
        score: News2,
        picture: &Picture,
        threshold: u8,
        held: Option<TimeDelta>,
    ) -> Self {
        let mut sentence = String::new();
        for part in &score.parts {
            sentence.push_str(&format!("{} {} gives {}, ", part.parameter.name(), describe(part), part.points));
        }
        sentence.push_str(&format!("total {} >= {threshold}", score.total));
        sentence.push_str(&held_for(held));
        if rule.scale == news2::Scale::Two {
            sentence.push_str("; oxygen saturation on scale 2");
        }
        if !score.missing.is_empty() {
            let missing: Vec<_> = score.missing.iter().map(|parameter| parameter.name()).collect();
            sentence.push_str(&format!("; missing: {}", missing.join(", ")));
        }
        let values = score
            .parts
            .iter()
            .filter_map(|part| Some(used(part.parameter, part.value, picture.measured_at(part.parameter)?)))
            .collect();
        Explanation { rule: RuleId::News2, values, arithmetic: sentence, news2: Some(score), passed: None }
    }
}

fn used(parameter: Parameter, value: Value, at: DateTime<Utc>) -> Used {
    Used { parameter, value, unit: parameter.unit().to_owned(), at }
}

fn describe(part: &news2::Part) -> String {
    match part.value {
        Value::Number(value) => number(value),
        Value::Oxygen(true) => "yes".to_owned(),
        Value::Oxygen(false) => "no".to_owned(),
        Value::Consciousness(state) => format!("({})", state.label()),
    }
}

fn held_for(held: Option<TimeDelta>) -> String {
    held.map(|held| format!(", held for {} s", held.num_seconds())).unwrap_or_default()
}
