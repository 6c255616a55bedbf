//! The entry: takes the rules, what is remembered and one reading, and answers what is remembered now and what was decided.

use chrono::{DateTime, TimeDelta, Utc};

use crate::decision::{CloseReason, Decision};
use crate::explain::Explanation;
use crate::message::{fill, number};
use crate::news2;
use crate::parameter::Parameter;
use crate::picture::{Picture, Timed};
use crate::reading::Reading;
use crate::rule::{Condition, Limit, Rule, RuleId, Seconds};
use crate::ruleset::{News2Rule, RuleSet};
use crate::state::{RuleState, State};
use crate::step::{Pace, Step, step, step_late, waiting_for};
use crate::verdict::{self, Verdict, present};
use crate::vital::Vital;

/// Judges one reading of one patient.
///
/// `picture` is what was known of the patient; whether the reading was already folded into it makes no difference. The caller
/// stores the new state, acts on the decisions, and folds the reading into the picture.
///
/// - Rules on single values look only at the values in this reading. Where a newer value of the vital is already known, the
///   reading is late: it closes nothing, and opens an alert only if the newer value is abnormal too.
/// - SEPSIS_RISK, RESPIRATORY_DISTRESS and NEWS2 look at the latest value of each of their parameters, when the reading brings
///   one of those. They are judged at the moment of the newest of these values, and values that were too old by then
///   ([`Parameter::max_age`]) take no part. So a temperature charted five minutes late still meets the present heart rate.
///
/// There is at most one decision per rule. It does not fail: there is no reading and no state it panics on.
pub fn judge(rules: &RuleSet, state: &State, picture: &Picture, reading: &Reading) -> (State, Vec<Decision>) {
    let mut latest = *picture;
    latest.fold(reading);
    let mut judged = Judged { rules, reading, latest, state: state.clone(), decisions: Vec::new() };
    judged.close_what_is_switched_off();
    for (id, rule) in rules.rules().filter(|(_, rule)| rule.on) {
        match &rule.condition {
            Condition::Any(limits) => judged.judge_any(id, rule, limits),
            Condition::All(limits) => judged.judge_all(id, rule, limits),
        }
    }
    if rules.news2.on {
        judged.judge_news2(&rules.news2);
    }
    (judged.state, judged.decisions)
}

struct Judged<'a> {
    rules: &'a RuleSet,
    reading: &'a Reading,
    /// The picture with the reading folded in.
    latest: Picture,
    state: State,
    decisions: Vec<Decision>,
}

impl Judged<'_> {
    fn close_what_is_switched_off(&mut self) {
        if self.state.is_quiet() {
            return;
        }
        let off: Vec<_> = self.state.remembered().filter(|(rule, _)| !self.rules.is_on(*rule)).collect();
        for (rule, memory) in off {
            self.state.put(rule, None);
            if matches!(memory, RuleState::Open { .. }) {
                self.decisions.push(Decision::Closed { rule, reason: CloseReason::RuleSwitchedOff });
            }
        }
    }

    /// A rule that looks only at the values of this reading.
    fn judge_any(&mut self, id: RuleId, rule: &Rule, limits: &[Limit]) {
        let (at, reading, latest) = (self.reading.at, self.reading, self.latest);
        let carried = |vital| reading.value(vital).is_some();
        let measured_at = |limit: &Limit| latest.latest(limit.vital).map(|known| known.at);
        let Some(newest) = limits.iter().filter(|limit| carried(limit.vital)).filter_map(measured_at).max() else {
            return;
        };
        let pace = self.pace(rule.dwell);
        let mut memory = self.state.get(id).copied();
        let before = memory;
        let waiting = waiting_for(memory);
        let found = verdict::any(limits, rule.severity, waiting, |vital| reading.value(vital));
        let happened = if newest <= at {
            step(&mut memory, found, at, pace)
        } else {
            let known = |vital| latest.latest(vital).filter(|_| carried(vital)).map(|known| known.value);
            let now = verdict::any(limits, rule.severity, waiting, known);
            match (found.verdict, now.verdict) {
                (Verdict::Abnormal(_), Verdict::Abnormal(_)) => step(&mut memory, now, at, pace),
                _ => step_late(&mut memory, found.verdict, at, now.verdict, newest),
            }
        };
        self.remember(id, before, memory);
        let value = |vital| reading.value(vital).map(|value| Timed { value, at });
        self.decide(id, happened, |held| explain_limits(id, rule, limits, value, held));
    }

    /// A rule that looks at several values together, whenever each was measured.
    fn judge_all(&mut self, id: RuleId, rule: &Rule, limits: &[Limit]) {
        let Some(now) = self.moment(limits.iter().map(|limit| Parameter::from(limit.vital))) else { return };
        let latest = self.latest;
        let value = |vital| present(&latest, vital, now);
        let mut memory = self.state.get(id).copied();
        let before = memory;
        let found = verdict::all(limits, rule.severity, |vital| value(vital).map(|known| known.value));
        let happened = step(&mut memory, found, now, self.pace(rule.dwell));
        self.remember(id, before, memory);
        self.decide(id, happened, |held| explain_limits(id, rule, limits, value, held));
    }

    fn judge_news2(&mut self, rule: &News2Rule) {
        let Some(now) = self.moment(news2::PARAMETERS.into_iter()) else { return };
        let latest = self.latest;
        let inputs = latest.news2_inputs(now, rule.scale);
        let mut memory = self.state.get(RuleId::News2).copied();
        let before = memory;
        let found = verdict::news2(rule, waiting_for(memory), &inputs);
        let happened = step(&mut memory, found, now, self.pace(rule.dwell));
        self.remember(RuleId::News2, before, memory);
        self.decide(RuleId::News2, happened, |held| explain_news2(rule, &inputs, &latest, held));
    }

    /// When to judge a rule on several parameters: at the newest of their values, if the reading brings one of them.
    fn moment(&self, parameters: impl Iterator<Item = Parameter> + Clone) -> Option<DateTime<Utc>> {
        if !parameters.clone().any(|parameter| self.carries(parameter)) {
            return None;
        }
        parameters.filter_map(|parameter| self.latest.measured_at(parameter)).max()
    }

    fn carries(&self, parameter: Parameter) -> bool {
        match parameter.vital() {
            Some(vital) => self.reading.value(vital).is_some(),
            None if parameter == Parameter::OnOxygen => self.reading.on_oxygen.is_some(),
            None => self.reading.consciousness.is_some(),
        }
    }

    fn pace(&self, dwell: Seconds) -> Pace {
        Pace { dwell: dwell.delta(), normal_for: self.rules.normal_for.delta() }
    }

    fn remember(&mut self, id: RuleId, before: Option<RuleState>, after: Option<RuleState>) {
        if before != after {
            self.state.put(id, after);
        }
    }

    /// Turns what happened into a decision. The words are only made when there is one.
    fn decide(
        &mut self,
        rule: RuleId,
        happened: Step,
        explain: impl FnOnce(Option<TimeDelta>) -> (String, Explanation),
    ) {
        let decision = match happened {
            Step::Nothing => return,
            Step::Opened { severity, held } => {
                let (message, explanation) = explain(Some(held).filter(|held| *held > TimeDelta::zero()));
                Decision::Opened { rule, severity, message, explanation }
            }
            Step::Repeated { severity, repeats } => {
                let (message, explanation) = explain(None);
                Decision::Repeated { rule, severity, repeats, message, explanation }
            }
            Step::Worsened { from, severity, repeats } => {
                let (message, explanation) = explain(None);
                Decision::Worsened { rule, from, severity, repeats, message, explanation }
            }
            Step::Closed { normal_since } => {
                Decision::Closed { rule, reason: CloseReason::BackToNormal { since: normal_since } }
            }
        };
        self.decisions.push(decision);
    }
}

fn explain_limits(
    id: RuleId,
    rule: &Rule,
    limits: &[Limit],
    value: impl Fn(Vital) -> Option<Timed<f64>>,
    held: Option<TimeDelta>,
) -> (String, Explanation) {
    let message = fill(&rule.message, |vital| value(vital).map(|known| known.value));
    (message, Explanation::of_limits(id, limits, value, held))
}

fn explain_news2(
    rule: &News2Rule,
    inputs: &news2::Inputs,
    latest: &Picture,
    held: Option<TimeDelta>,
) -> (String, Explanation) {
    let score = news2::score(inputs);
    let (threshold, word) =
        if score.total >= rule.emergency { (rule.emergency, "emergency") } else { (rule.urgent, "urgent") };
    // A score with something missing is a lower bound, and the message must not make it look exact.
    let bound = if score.is_complete() { "" } else { "at least " };
    let message = format!("High NEWS2 Score detected: {bound}{} points ({word})", number(f64::from(score.total)));
    (message, Explanation::of_news2(rule, score, latest, threshold, held))
}
