//! Plays stored readings through a rule set, to see what it would have alerted on before it is switched on.

use std::borrow::Borrow;

use chrono::{DateTime, Utc};

use crate::decision::Decision;
use crate::judge::judge;
use crate::picture::Picture;
use crate::reading::Reading;
use crate::ruleset::RuleSet;
use crate::state::State;

/// Every decision the rules would have taken on these readings of one patient, in the order given, each with the moment of the
/// reading that led to it. It starts from an empty memory, and no staff resolves anything.
pub fn backtest<R: Borrow<Reading>>(
    rules: &RuleSet,
    readings: impl IntoIterator<Item = R>,
) -> Vec<(DateTime<Utc>, Decision)> {
    let (mut state, mut picture, mut taken) = (State::default(), Picture::default(), Vec::new());
    for reading in readings {
        let reading = reading.borrow();
        let (next, decisions) = judge(rules, &state, &picture, reading);
        state = next;
        picture.fold(reading);
        taken.extend(decisions.into_iter().map(|decision| (reading.at, decision)));
    }
    taken
}
