//! Decides which readings deserve an alert: the documented rules and NEWS2 as pure functions, with no clock, no IO and no async.
//!
//! Owns: what counts as abnormal, when an alert opens, repeats, worsens and closes, and the sentence that explains why.
//! Never does: read a clock, touch a database, send anything, or know who the patient is. Time comes in with each reading.
//! Start reading at [`judge`], then [`RuleSet::documented`].
//!
//! # The decisions this crate takes, in one place
//!
//! - **Missing is not normal.** A rule that cannot see its values neither fires nor closes. An alert that was opened by a
//!   value closes only after that same value was measured again and was normal.
//! - **Closing needs evidence.** An alert closes itself on a normal reading that comes at least `normal_for` after the first
//!   normal one, with nothing in between that was not normal. Silence closes nothing.
//! - **A late reading cannot rewrite what is newer.** It never closes an alert, and it opens one only when nothing newer of
//!   that vital says otherwise. It may still prove that a vital had not stayed normal (or abnormal), and then the wait restarts.
//! - **A replayed reading changes nothing**, also after staff resolved the alert it had opened.
//! - **When unsure, alert.** Two different values at the same instant: the abnormal one counts.
//!
//! The caller must refuse readings from the future: with no clock here, a reading dated tomorrow makes everything measured
//! until tomorrow look late.

mod backtest;
mod decision;
mod documented;
mod explain;
mod judge;
mod message;
pub mod news2;
mod parameter;
mod picture;
mod reading;
mod rule;
mod ruleset;
mod state;
mod step;
mod verdict;
mod vital;

pub use backtest::backtest;
pub use decision::{CloseReason, Decision};
pub use explain::{Explanation, Passed, Used, Value};
pub use judge::judge;
pub use parameter::{Parameter, Parameters};
pub use picture::{Picture, Timed};
pub use reading::{PerVital, Reading};
pub use rule::{Condition, Limit, Rule, RuleId, Seconds, Severity, Side};
pub use ruleset::{News2Rule, RuleSet};
pub use state::{RuleState, State};
pub use vital::{Consciousness, Vital};
