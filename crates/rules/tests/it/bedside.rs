//! A bedside for tests: plays readings in and tells in short words what was decided.

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use rules::{CloseReason, Decision, Picture, Reading, RuleId, RuleSet, Severity, State, Vital, judge};

/// The moment this many seconds after ten o'clock.
pub fn at(seconds: i64) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 2, 10, 0, 0).unwrap() + TimeDelta::seconds(seconds)
}

/// The moment this many minutes after ten o'clock.
pub fn minute(minutes: i64) -> DateTime<Utc> {
    at(minutes * 60)
}

/// A reading of one vital, this many seconds after ten o'clock.
pub fn one(seconds: i64, vital: Vital, value: f64) -> Reading {
    Reading::new(at(seconds)).with(vital, value)
}

/// What was decided, without the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Did {
    Opened(RuleId, Severity),
    Repeated(RuleId, Severity, u32),
    Worsened(RuleId, Severity, u32),
    Closed(RuleId),
    SwitchedOff(RuleId),
}

pub fn brief(decision: &Decision) -> Did {
    match decision {
        Decision::Opened { rule, severity, .. } => Did::Opened(*rule, *severity),
        Decision::Repeated { rule, severity, repeats, .. } => Did::Repeated(*rule, *severity, *repeats),
        Decision::Worsened { rule, severity, repeats, .. } => Did::Worsened(*rule, *severity, *repeats),
        Decision::Closed { rule, reason: CloseReason::BackToNormal { .. } } => Did::Closed(*rule),
        Decision::Closed { rule, reason: CloseReason::RuleSwitchedOff } => Did::SwitchedOff(*rule),
    }
}

/// One patient with the documented rules and without NEWS2, which has tests of its own.
pub struct Bed {
    pub rules: RuleSet,
    pub state: State,
    pub picture: Picture,
}

impl Bed {
    pub fn new() -> Self {
        let mut rules = RuleSet::documented();
        rules.news2.on = false;
        Bed { rules, state: State::default(), picture: Picture::default() }
    }

    pub fn with_news2() -> Self {
        Bed { rules: RuleSet::documented(), ..Bed::new() }
    }

    pub fn decide(&mut self, reading: &Reading) -> Vec<Decision> {
        let (state, decisions) = judge(&self.rules, &self.state, &self.picture, reading);
        self.state = state;
        self.picture.fold(reading);
        decisions
    }

    pub fn play(&mut self, reading: Reading) -> Vec<Did> {
        self.decide(&reading).iter().map(brief).collect()
    }

    pub fn one(&mut self, seconds: i64, vital: Vital, value: f64) -> Vec<Did> {
        self.play(one(seconds, vital, value))
    }

    pub fn heart(&mut self, seconds: i64, beats: f64) -> Vec<Did> {
        self.one(seconds, Vital::HeartRate, beats)
    }
}
