//! Logins beside readings: as many as a large network makes in a busy hour must not slow the wards.

use crate::load::{Load, Mix, Tally};
use crate::machine;
use crate::options::{Engine, Logins};
use crate::report::{self, Turn};
use crate::target::Target;
use crate::ward::Ward;
use anyhow::{Context, Result, bail};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// How much of their rate readings must keep.
const BAR: f64 = 0.9;
const WARM_UP: Duration = Duration::from_secs(1);
/// One abnormal reading in this many, as in the comparison.
const ABNORMAL_EVERY: u64 = 500;

/// Readings alone and readings beside logins take turns on each engine.
pub async fn run(options: &Logins) -> Result<bool> {
    let mut passed = true;
    for engine in options.engine.list() {
        let target = Target::open(&options.common, *engine, options.patients, "logins").await?;
        passed &= compare(options, &target).await?;
        target.close().await?;
    }
    Ok(passed)
}

async fn compare(options: &Logins, target: &Target) -> Result<bool> {
    println!("\nPOST /vitals over {} connections, {} logins an hour beside it", options.connections, options.per_hour);
    let mut alone = vec![turn(options, target, Beside::Nothing).await?.0];
    let (mut beside, mut micros) = (Vec::new(), Vec::new());
    for _ in 0..options.rounds.max(3) {
        let (turn_beside, mut logins) = turn(options, target, Beside::Logins).await?;
        beside.push(turn_beside);
        micros.append(&mut logins);
        alone.push(turn(options, target, Beside::Nothing).await?.0);
    }
    micros.sort_unstable();
    let slowest = micros.last().copied().unwrap_or_default();
    let median = micros.get(micros.len() / 2).copied().unwrap_or_default();
    println!("            {} logins, p50 {} ms, at most {} ms", micros.len(), median / 1000, slowest / 1000);
    Ok(report::print_kept(target.engine, BAR, &alone, &beside))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Beside {
    Nothing,
    Logins,
}

/// What the readings did, and how long each login took, in microseconds.
async fn turn(options: &Logins, target: &Target, beside: Beside) -> Result<(Turn, Vec<u32>)> {
    if let Some(share) = machine::wait_quiet().await? {
        eprintln!("bench: other work keeps the machine {:.0} % busy; the figures suffer", share * 100.0);
    }
    let (server, span) = (&target.server, Duration::from_secs(options.seconds));
    let cpu = machine::cpu_millis(server.pid)?;
    let own = machine::cpu_millis(std::process::id())?;
    let (started, stop) = (Instant::now(), Arc::new(AtomicBool::new(false)));
    let logins = match beside {
        Beside::Logins => Some(tokio::spawn(sign_in(options.per_hour, server.listen, stop.clone()))),
        Beside::Nothing => None,
    };
    let load = Load {
        ward: target.ward.clone(),
        listen: server.listen,
        token: String::new(),
        mix: Mix::Vitals,
        connections: options.connections,
        abnormal_every: ABNORMAL_EVERY,
        warm_up: WARM_UP,
        span,
        until_killed: None,
    };
    let Tally { mut micros, refused, first_refusal, .. } = load.run().await?;
    let elapsed = started.elapsed().as_secs_f64();
    stop.store(true, Ordering::SeqCst);
    let logins = match logins {
        Some(running) => running.await.context("the logins' task failed")??,
        None => Vec::new(),
    };
    if refused > 0 {
        bail!("{refused} requests were refused, first {}", first_refusal.unwrap_or_default());
    }
    micros.sort_unstable();
    let turn = Turn {
        rate: micros.len() as f64 / span.as_secs_f64(),
        p50: report::percentile(&micros, 0.50),
        p99: report::percentile(&micros, 0.99),
        cpu: (machine::cpu_millis(server.pid)? - cpu) as f64 / 1000.0 / elapsed,
        own_cpu: (machine::cpu_millis(std::process::id())? - own) as f64 / 1000.0 / elapsed,
        memory: machine::peak_memory(server.pid)?,
        wal: None,
    };
    report::print_turn(name(target.engine, beside), &turn);
    Ok((turn, logins))
}

fn name(engine: Engine, beside: Beside) -> &'static str {
    match (engine, beside) {
        (Engine::Sqlite, Beside::Nothing) => "sqlite",
        (Engine::Sqlite, Beside::Logins) => "+ logins",
        (Engine::Postgres, Beside::Nothing) => "postgres",
        (Engine::Postgres, Beside::Logins) => "+ logins",
    }
}

/// Logs in at an even pace until told to stop, however long each login takes: people do not wait for each other.
async fn sign_in(per_hour: u32, listen: std::net::SocketAddr, stop: Arc<AtomicBool>) -> Result<Vec<u32>> {
    let mut pace = tokio::time::interval(Duration::from_secs(3600) / per_hour.max(1));
    let mut running: JoinSet<Result<u32>> = JoinSet::new();
    while !stop.load(Ordering::SeqCst) {
        pace.tick().await;
        running.spawn(async move {
            let sent = Instant::now();
            Ward::nurse(listen).await?;
            Ok(sent.elapsed().as_micros() as u32)
        });
    }
    let mut micros = Vec::new();
    while let Some(one) = running.join_next().await {
        micros.push(one.context("a login's task failed")??);
    }
    Ok(micros)
}
