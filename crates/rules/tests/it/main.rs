//! What a nurse, a doctor and an auditor expect of the rules, as sentences.
#![allow(clippy::unwrap_used, reason = "a test that finds nothing should stop")]

mod backtesting;
mod bedside;
mod closing;
mod composite;
mod documented;
mod explaining;
mod late;
mod names;
mod news2_alert;
mod news2_table;
mod opening;
mod properties;
mod recording;
mod settings;
