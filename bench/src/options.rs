//! The command line.

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Parser)]
#[command(name = "bench", about = "Measures Nadi beside a server that stores nothing, and kills it under load")]
struct Options {
    #[command(subcommand)]
    command: Command,
}

/// What was asked for; with no argument at all, the whole comparison with its defaults.
pub fn command() -> Command {
    match std::env::args_os().len() {
        0 | 1 => Options::parse_from(["bench", "all"]).command,
        _ => Options::parse().command,
    }
}

#[derive(Subcommand)]
pub enum Command {
    /// `POST /vitals`: every reading synced to disk before its answer
    Vitals(Compare),
    /// `GET /api/patients/{id}`: every read's audit entry synced to disk before its answer
    Reads(Compare),
    /// Both, one after the other, on the same servers
    All(Compare),
    /// `POST /vitals` alone and beside logins, each checked with argon2
    Logins(Logins),
    /// Batches of a thousand points from wearables, beside a server that only parses them and one that keeps a row a point
    Signals(Signals),
    /// SIGKILL under load at seeded random moments; nothing acknowledged may be gone
    Crash(Crash),
    /// Power loss on SQLite: what was not synced is dropped, with synchronous=NORMAL as a control that must lose
    PowerLoss(PowerLoss),
    /// The server that stores nothing (started by the others)
    #[command(hide = true)]
    Floor(Floor),
    /// The server that keeps a row a point (started by `signals`)
    #[command(hide = true)]
    Rows(Rows),
}

#[derive(Args, Clone)]
pub struct Common {
    /// The server to measure
    #[arg(long, default_value = "target/release/nadi")]
    pub nadi: PathBuf,
    /// Where data directories are made; must be on a disk, not in memory
    #[arg(long, default_value = "target/bench-data")]
    pub work: PathBuf,
    /// Address of a PostgreSQL server that may be given a database (fsync must be on)
    #[arg(long, env = "NADI_TEST_POSTGRES", hide_env_values = true)]
    pub postgres: Option<String>,
    #[arg(long, env = "DATABASE_URL", hide = true, hide_env_values = true)]
    pub database_url: Option<String>,
    /// Leave the data directories behind
    #[arg(long)]
    pub keep: bool,
}

#[derive(Args, Clone)]
pub struct Compare {
    #[command(flatten)]
    pub common: Common,
    #[arg(long, value_enum, default_value = "both")]
    pub engine: Engines,
    /// Measured seconds of each turn (one more second warms up)
    #[arg(long, default_value_t = 10)]
    pub seconds: u64,
    #[arg(long, default_value_t = 64)]
    pub connections: usize,
    #[arg(long, default_value_t = 200)]
    pub patients: usize,
    /// Turns of each server; the floor has one more
    #[arg(long, default_value_t = 3)]
    pub rounds: usize,
    /// Measure the floor alone
    #[arg(long)]
    pub floor_only: bool,
}

#[derive(Args, Clone)]
pub struct Logins {
    #[command(flatten)]
    pub common: Common,
    #[arg(long, value_enum, default_value = "both")]
    pub engine: Engines,
    /// Logins an hour, at an even pace
    #[arg(long, default_value_t = 10_000)]
    pub per_hour: u32,
    /// Measured seconds of each turn (one more second warms up)
    #[arg(long, default_value_t = 10)]
    pub seconds: u64,
    #[arg(long, default_value_t = 64)]
    pub connections: usize,
    #[arg(long, default_value_t = 200)]
    pub patients: usize,
    /// Turns beside logins; there is one more without
    #[arg(long, default_value_t = 3)]
    pub rounds: usize,
}

#[derive(Args, Clone)]
pub struct Signals {
    #[command(flatten)]
    pub common: Common,
    #[arg(long, value_enum, default_value = "both")]
    pub engine: Engines,
    /// Seconds of each turn
    #[arg(long, default_value_t = 10)]
    pub seconds: u64,
    #[arg(long, default_value_t = 16)]
    pub connections: usize,
    #[arg(long, default_value_t = 64)]
    pub patients: usize,
    /// Turns of each server; the floor has one more
    #[arg(long, default_value_t = 3)]
    pub rounds: usize,
    /// Batches of a patient at most, when a history is made to grow to ten years
    #[arg(long, default_value_t = 5_256)]
    pub growth: usize,
}

#[derive(Args, Clone)]
pub struct Rows {
    #[arg(long)]
    pub listen: SocketAddr,
    /// An address of PostgreSQL, or the path of a file
    #[arg(long)]
    pub database: String,
}

#[derive(Args, Clone)]
pub struct Crash {
    #[command(flatten)]
    pub common: Common,
    #[arg(long, value_enum, default_value = "both")]
    pub engine: Engines,
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    #[arg(long, default_value_t = 5)]
    pub rounds: usize,
    #[arg(long, default_value_t = 64)]
    pub connections: usize,
    #[arg(long, default_value_t = 200)]
    pub patients: usize,
}

#[derive(Args, Clone)]
pub struct PowerLoss {
    #[command(flatten)]
    pub common: Common,
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Moments at which the power goes
    #[arg(long, default_value_t = 5)]
    pub cuts: usize,
    #[arg(long, default_value_t = 16)]
    pub connections: usize,
    #[arg(long, default_value_t = 32)]
    pub patients: usize,
}

#[derive(Args, Clone)]
pub struct Floor {
    #[arg(long)]
    pub listen: SocketAddr,
    /// Bytes in the body of the answer to a reading
    #[arg(long, default_value_t = 300)]
    pub vitals_bytes: usize,
    /// Bytes in the body of the answer to a read
    #[arg(long, default_value_t = 600)]
    pub read_bytes: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Engines {
    Sqlite,
    Postgres,
    Both,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engines {
    pub fn list(self) -> &'static [Engine] {
        match self {
            Engines::Sqlite => &[Engine::Sqlite],
            Engines::Postgres => &[Engine::Postgres],
            Engines::Both => &[Engine::Sqlite, Engine::Postgres],
        }
    }
}

impl Engine {
    pub fn name(self) -> &'static str {
        match self {
            Engine::Sqlite => "sqlite",
            Engine::Postgres => "postgres",
        }
    }
}

impl Common {
    pub fn postgres_url(&self) -> Result<&str> {
        self.postgres
            .as_deref()
            .or(self.database_url.as_deref())
            .context("set NADI_TEST_POSTGRES to a PostgreSQL server, or choose --engine sqlite")
    }
}
