//! `bench`: how fast Nadi keeps readings beside a server that keeps nothing, and what it still has after a kill or a power loss.

mod api;
mod compare;
mod crash;
mod disk;
mod floor;
mod load;
mod logins;
mod machine;
mod options;
mod postgres;
mod power;
mod replay;
#[cfg(test)]
mod replay_tests;
mod report;
mod request;
mod seed;
mod server;
mod signals;
mod target;
mod trace;
mod verify;
mod ward;
mod wire;

use anyhow::{Context, Result};
use options::Command;
use std::future::Future;
use std::process::ExitCode;

/// The same allocator as `nadi`, so that the floor is not handicapped by it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let passed = match options::command() {
        Command::Floor(options) => floor::serve(&options).map(|()| true),
        Command::Vitals(options) => on_one_thread(compare::run(&options, &[compare::Work::Vitals])),
        Command::Reads(options) => on_one_thread(compare::run(&options, &[compare::Work::Reads])),
        Command::All(options) => on_one_thread(compare::run(&options, &[compare::Work::Vitals, compare::Work::Reads])),
        Command::Logins(options) => on_one_thread(logins::run(&options)),
        Command::Signals(options) => on_one_thread(signals::run(&options)),
        Command::Rows(options) => signals::serve_rows(&options).map(|()| true),
        Command::Crash(options) => on_one_thread(crash::run(&options)),
        Command::PowerLoss(options) => on_one_thread(power::run(&options)),
    };
    match passed {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// The load comes from one thread, so that it takes as little as it can from the two processors the server also needs.
fn on_one_thread<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().context("starting the runtime")?.block_on(work)
}
