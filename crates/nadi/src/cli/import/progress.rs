//! How far the rows are, on one line that is written over.
use std::fmt;
use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use super::sender::Outcome;

pub struct Progress {
    total: usize,
    done: usize,
    created: usize,
    already: usize,
    would: usize,
    refused: usize,
    started: Instant,
    shown: Instant,
}

/// As often as one can read.
const EVERY: Duration = Duration::from_millis(200);

impl Progress {
    pub fn new(total: usize) -> Self {
        let now = Instant::now();
        Self { total, done: 0, created: 0, already: 0, would: 0, refused: 0, started: now, shown: now }
    }

    pub fn add(&mut self, outcome: &Outcome) {
        self.done += 1;
        *match outcome {
            Outcome::Created { .. } => &mut self.created,
            Outcome::Already { .. } => &mut self.already,
            Outcome::WouldCreate => &mut self.would,
            Outcome::Refused(_) => &mut self.refused,
        } += 1;
        if self.shown.elapsed() >= EVERY && std::io::stderr().is_terminal() {
            self.show();
        }
    }

    /// The last line, which stays.
    pub fn finish(&mut self) {
        self.show();
        eprintln!();
    }

    pub fn all_in(&self) -> bool {
        self.refused == 0 && self.done == self.total
    }

    fn show(&mut self) {
        self.shown = Instant::now();
        let ok = self.done - self.refused;
        let rate = self.done as f64 / self.started.elapsed().as_secs_f64().max(0.001);
        let left = (self.total.saturating_sub(self.done)) as f64 / rate.max(0.001);
        eprint!(
            "\r{}/{} rows, {ok} ok, {} refused, {rate:.0} a second, {} left ",
            self.done,
            self.total,
            self.refused,
            minutes(left)
        );
        let _ = std::io::stderr().flush();
    }
}

fn minutes(seconds: f64) -> String {
    let seconds = seconds.ceil() as u64;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            (self.created, "created"),
            (self.already, "already there"),
            (self.would, "would be created"),
            (self.refused, "refused"),
        ];
        let said: Vec<String> = parts
            .iter()
            .filter(|(count, word)| *count > 0 || *word == "refused")
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        write!(f, "{} of {} rows: {}", self.done, self.total, said.join(", "))
    }
}
