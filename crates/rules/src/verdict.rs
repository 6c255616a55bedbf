//! What the values say about one rule at one moment: abnormal, normal, in between, or nothing.

use chrono::{DateTime, Utc};

use crate::news2;
use crate::parameter::{Parameter, Parameters};
use crate::picture::{Picture, Timed, fresh};
use crate::rule::{Limit, Severity, Side};
use crate::ruleset::News2Rule;
use crate::vital::Vital;

/// What the values say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Verdict {
    /// Not enough is known to say anything.
    Unknown,
    Normal,
    /// Inside the limit but within the hysteresis: not abnormal, and not normal enough to close an alert.
    Between,
    Abnormal(Severity),
}

/// What the values say, and what must still be measured again before the rule may say "normal".
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Finding {
    pub verdict: Verdict,
    pub waiting_for: Parameters,
}

enum Place {
    Passed,
    Between,
    Normal,
}

impl Limit {
    pub(crate) fn is_passed(&self, value: f64) -> bool {
        match self.side {
            Side::Above => value > self.limit,
            Side::Below => value < self.limit,
        }
    }

    fn place(&self, value: f64) -> Place {
        // Subtracting decimals such as 38.4 - 0.2 misses the round number by a hair, which no thermometer can show.
        const HAIR: f64 = 1e-9;
        let normal = match self.side {
            Side::Above => value <= self.limit - self.hysteresis + HAIR,
            Side::Below => value >= self.limit + self.hysteresis - HAIR,
        };
        match (self.is_passed(value), normal) {
            (true, _) => Place::Passed,
            (false, true) => Place::Normal,
            (false, false) => Place::Between,
        }
    }
}

/// A rule that is abnormal when any of its limits is passed. What was abnormal before and is not among the values stays
/// waited for: a normal diastolic pressure says nothing about a systolic one that was too high.
pub(crate) fn any(
    limits: &[Limit],
    severity: Severity,
    waiting_for: Parameters,
    value: impl Fn(Vital) -> Option<f64>,
) -> Finding {
    let (mut seen, mut passed, mut between) = (Parameters::NONE, Parameters::NONE, Parameters::NONE);
    for limit in limits {
        let Some(value) = value(limit.vital) else { continue };
        let parameter = Parameter::from(limit.vital);
        seen.insert(parameter);
        match limit.place(value) {
            Place::Passed => passed.insert(parameter),
            Place::Between => between.insert(parameter),
            Place::Normal => {}
        }
    }
    let normal = seen.without(passed).without(between);
    let waiting_for = waiting_for.without(normal).union(passed);
    let verdict = if !passed.is_empty() {
        Verdict::Abnormal(severity)
    } else if !between.is_empty() {
        Verdict::Between
    } else if seen.is_empty() || !waiting_for.is_empty() {
        Verdict::Unknown
    } else {
        Verdict::Normal
    };
    Finding { verdict, waiting_for }
}

/// A rule that is abnormal when all of its limits are passed together. One value that is back inside is enough to say no,
/// so nothing is waited for.
pub(crate) fn all(limits: &[Limit], severity: Severity, value: impl Fn(Vital) -> Option<f64>) -> Finding {
    let (mut passed, mut between, mut normal) = (0, 0, 0);
    for limit in limits {
        match value(limit.vital).map(|value| limit.place(value)) {
            Some(Place::Passed) => passed += 1,
            Some(Place::Between) => between += 1,
            Some(Place::Normal) => normal += 1,
            None => {}
        }
    }
    let verdict = if normal > 0 {
        Verdict::Normal
    } else if between > 0 {
        Verdict::Between
    } else if passed > 0 && passed == limits.len() {
        Verdict::Abnormal(severity)
    } else {
        Verdict::Unknown
    };
    Finding { verdict, waiting_for: Parameters::NONE }
}

/// NEWS2. A parameter that gave points and has since gone missing is waited for: a score that fell because a sensor came off,
/// or because a note grew old, did not fall.
pub(crate) fn news2(rule: &News2Rule, waiting_for: Parameters, inputs: &news2::Inputs) -> Finding {
    let points = inputs.points();
    let (mut seen, mut giving) = (Parameters::NONE, Parameters::NONE);
    for (parameter, points) in news2::PARAMETERS.into_iter().zip(points) {
        if let Some(points) = points {
            seen.insert(parameter);
            if points > 0 {
                giving.insert(parameter);
            }
        }
    }
    let gone = waiting_for.without(seen);
    let total = news2::total(&points);
    let verdict = if total >= rule.emergency {
        Verdict::Abnormal(rule.emergency_severity)
    } else if total >= rule.urgent {
        Verdict::Abnormal(rule.urgent_severity)
    } else if total > rule.urgent.saturating_sub(rule.hysteresis) {
        Verdict::Between
    } else if seen.is_empty() || !gone.is_empty() {
        Verdict::Unknown
    } else {
        Verdict::Normal
    };
    Finding { verdict, waiting_for: gone.union(giving) }
}

/// The latest value of a vital, if at `now` it still counts as the patient's present state.
pub(crate) fn present(picture: &Picture, vital: Vital, now: DateTime<Utc>) -> Option<Timed<f64>> {
    fresh(picture.latest(vital), now, Parameter::from(vital).max_age())
}
