//! How the memory of one rule moves on when a finding comes in: quiet, pending, open, quiet again.

use chrono::{DateTime, TimeDelta, Utc};

use crate::parameter::Parameters;
use crate::rule::Severity;
use crate::state::RuleState;
use crate::verdict::{Finding, Verdict};

/// How patient a rule is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    pub dwell: TimeDelta,
    pub normal_for: TimeDelta,
}

/// What happened to the alert of a rule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Step {
    Nothing,
    Opened { severity: Severity, held: TimeDelta },
    Repeated { severity: Severity, repeats: u32 },
    Worsened { from: Severity, severity: Severity, repeats: u32 },
    Closed { normal_since: DateTime<Utc> },
}

/// What the memory of a rule says must be measured again.
pub(crate) fn waiting_for(memory: Option<RuleState>) -> Parameters {
    match memory {
        Some(RuleState::Pending { waiting_for, .. } | RuleState::Open { waiting_for, .. }) => waiting_for,
        Some(RuleState::Resolved { .. }) | None => Parameters::NONE,
    }
}

/// Moves on with a finding of the moment `at`, which nothing known of this rule's vitals contradicts.
pub(crate) fn step(memory: &mut Option<RuleState>, finding: Finding, at: DateTime<Utc>, pace: Pace) -> Step {
    match *memory {
        None => start(memory, finding, at, at, pace),
        Some(RuleState::Resolved { until }) if at <= until => Step::Nothing,
        Some(RuleState::Resolved { .. }) => start(memory, finding, at, at, pace),
        Some(RuleState::Pending { since, .. }) if finding.verdict == Verdict::Unknown => {
            *memory = Some(RuleState::Pending { since, waiting_for: finding.waiting_for });
            Step::Nothing
        }
        Some(RuleState::Pending { since, .. }) => start(memory, finding, at, since, pace),
        Some(RuleState::Open { .. }) => step_open(memory, finding, at, pace),
    }
}

/// Opens an alert, waits for the dwell, or goes quiet.
fn start(
    memory: &mut Option<RuleState>,
    finding: Finding,
    at: DateTime<Utc>,
    since: DateTime<Utc>,
    pace: Pace,
) -> Step {
    let Finding { verdict: Verdict::Abnormal(severity), waiting_for } = finding else {
        *memory = None;
        return Step::Nothing;
    };
    let held = at.signed_duration_since(since);
    if held < pace.dwell {
        *memory = Some(RuleState::Pending { since, waiting_for });
        return Step::Nothing;
    }
    *memory = Some(RuleState::Open {
        since,
        last_abnormal_at: at,
        repeats: 0,
        normal_since: None,
        severity,
        lower_since: None,
        waiting_for,
    });
    Step::Opened { severity, held }
}

/// Moves an open alert on. A finding that is not newer than the last abnormal one is a replay or a part of the same moment:
/// it can make the alert more severe, but it neither counts as a repeat nor as normal.
fn step_open(memory: &mut Option<RuleState>, finding: Finding, at: DateTime<Utc>, pace: Pace) -> Step {
    let Some(RuleState::Open {
        last_abnormal_at,
        repeats,
        normal_since,
        severity: announced,
        lower_since,
        waiting_for,
        ..
    }) = memory
    else {
        return Step::Nothing;
    };
    *waiting_for = finding.waiting_for;
    let is_newer = at > *last_abnormal_at;
    let elapsed = |since: &DateTime<Utc>| at.signed_duration_since(since);
    match finding.verdict {
        Verdict::Unknown => Step::Nothing,
        Verdict::Abnormal(severity) => {
            if is_newer {
                *last_abnormal_at = at;
                *normal_since = None;
                *repeats = repeats.saturating_add(1);
            }
            if severity > *announced {
                let from = std::mem::replace(announced, severity);
                *lower_since = None;
                return Step::Worsened { from, severity, repeats: *repeats };
            }
            if !is_newer {
                return Step::Nothing;
            }
            if severity == *announced {
                *lower_since = None;
            } else if elapsed(lower_since.get_or_insert(at)) >= pace.normal_for {
                *announced = severity;
                *lower_since = None;
            }
            Step::Repeated { severity: *announced, repeats: *repeats }
        }
        Verdict::Between | Verdict::Normal if !is_newer => Step::Nothing,
        Verdict::Between => {
            lower_since.get_or_insert(at);
            *normal_since = None;
            Step::Nothing
        }
        Verdict::Normal => {
            lower_since.get_or_insert(at);
            let normal_since = *normal_since.get_or_insert(at);
            if elapsed(&normal_since) < pace.normal_for {
                return Step::Nothing;
            }
            *memory = None;
            Step::Closed { normal_since }
        }
    }
}

/// Takes in a finding of the moment `at` that is older than `newest`, when the vital was last measured and found as `now`.
/// It opens and closes nothing. It counts as a repeat if the alert is open, and it may prove that a wait was interrupted: then
/// the wait starts again at the newest value, because what lay between the two is not known.
pub(crate) fn step_late(
    memory: &mut Option<RuleState>,
    found: Verdict,
    at: DateTime<Utc>,
    now: Verdict,
    newest: DateTime<Utc>,
) -> Step {
    match memory {
        Some(RuleState::Pending { since, .. }) => {
            if matches!(found, Verdict::Normal | Verdict::Between) && at > *since && matches!(now, Verdict::Abnormal(_))
            {
                *since = newest;
            }
            Step::Nothing
        }
        Some(RuleState::Open { last_abnormal_at, repeats, normal_since, severity, .. }) => {
            let was_not_normal = matches!(found, Verdict::Abnormal(_) | Verdict::Between);
            if was_not_normal && normal_since.is_some_and(|since| since <= at) {
                *normal_since = (now == Verdict::Normal).then_some(newest);
            }
            if !matches!(found, Verdict::Abnormal(_)) || at <= *last_abnormal_at {
                return Step::Nothing;
            }
            *last_abnormal_at = at;
            *repeats = repeats.saturating_add(1);
            Step::Repeated { severity: *severity, repeats: *repeats }
        }
        Some(RuleState::Resolved { .. }) | None => Step::Nothing,
    }
}
