//! The crash test: SIGKILL under load at seeded moments, a restart on the same data, and a count of what is gone.

use crate::load::{Acknowledged, Load, Mix, Tally, What};
use crate::machine;
use crate::options::{Crash, Engine};
use crate::report;
use crate::seed::Seed;
use crate::server::Server;
use crate::target::{SizeWatch, Target, WAL_LIMIT};
use crate::verify::{self, Gone, Span};
use crate::ward::{Ward, unix_micros};
use anyhow::{Context, Result, bail};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// From SIGKILL to the first answer that says a reading is kept.
const RESTART_LIMIT: Duration = Duration::from_millis(500);
/// More often than in the comparison, so that every round has alerts to lose.
const ABNORMAL_EVERY: u64 = 50;

pub async fn run(options: &Crash) -> Result<bool> {
    let mut passed = true;
    for engine in options.engine.list() {
        passed &= crash(options, *engine).await?;
    }
    Ok(passed)
}

async fn crash(options: &Crash, engine: Engine) -> Result<bool> {
    println!("crash test on {}, seed {}", engine.name(), options.seed);
    let mut target = Target::open(&options.common, engine, options.patients, "crash").await?;
    let watch = target.wal().map(SizeWatch::start);
    let (recipe, ward) = (target.recipe.clone(), target.ward.clone());
    let mut seed = Seed::new(options.seed);
    let (mut done, mut spans): (Vec<Acknowledged>, Vec<Span>) = Default::default();
    let mut slowest = Duration::ZERO;
    let mut gone = Gone::default();
    let mut memory = 0;
    for round in 1..=options.rounds {
        let moment = Duration::from_millis(seed.between(300, 2500));
        let load = UntilKilled::start(&target.server, &ward, options.connections).await?;
        tokio::time::sleep(moment).await;
        let killed = load.kill(&mut target.server)?;
        target.server = recipe.start()?;
        first_answer(&ward, &target.server, killed.at).await?;
        let down = killed.at.elapsed();
        slowest = slowest.max(down);
        memory = memory.max(killed.memory);
        let (some, span) = killed.acknowledged().await?;
        let all = summary(&some);
        println!(
            "  round {round}: killed after {} ms, back after {} ms; acknowledged {all}",
            moment.as_millis(),
            down.as_millis()
        );
        spans.push(span);
        done.extend(some);
        // Everything since the first round: a later crash may not take what an earlier one left.
        let all: Vec<&Acknowledged> = done.iter().collect();
        gone = verify::gone(&recipe, &mut target.server, &ward, &all, &spans).await?;
        println!("           {gone}");
        if !gone.nothing() {
            break;
        }
        target.server = recipe.start()?;
        target.server.wait_ready().await?;
    }
    let mut passed = report::check(&format!("{} acknowledged; {gone}", summary(&done)), "nothing gone", gone.nothing());
    let figure = format!("slowest first durable answer {} ms after SIGKILL", slowest.as_millis());
    passed &= report::check(&figure, "under 500 ms", slowest < RESTART_LIMIT);
    let figure = format!("peak memory {:.1} MB", report::megabytes(memory));
    passed &= report::check(&figure, "under 150 MB", memory < report::MEMORY_LIMIT);
    if let Some(watch) = watch {
        let figure = format!("write-ahead log at most {:.1} MB", report::megabytes(watch.largest()));
        passed &= report::check(&figure, "bounded", watch.largest() <= WAL_LIMIT);
    }
    if gone.nothing() {
        target.close().await?;
    }
    Ok(passed)
}

/// A load that runs until its server is killed.
pub struct UntilKilled {
    killed: Arc<AtomicBool>,
    running: JoinHandle<Result<Tally>>,
    from: i64,
}

pub struct Killed {
    pub at: Instant,
    /// Peak memory of the server just before, in bytes.
    pub memory: u64,
    span: Span,
    running: JoinHandle<Result<Tally>>,
}

impl UntilKilled {
    pub async fn start(server: &Server, ward: &Arc<Ward>, connections: usize) -> Result<UntilKilled> {
        let killed = Arc::new(AtomicBool::new(false));
        let load = Load {
            ward: ward.clone(),
            listen: server.listen,
            token: Ward::nurse(server.listen).await?.token()?.to_owned(),
            mix: Mix::Both,
            connections,
            abnormal_every: ABNORMAL_EVERY,
            warm_up: Duration::ZERO,
            span: Duration::from_secs(600),
            until_killed: Some(killed.clone()),
        };
        let from = unix_micros();
        Ok(UntilKilled { killed, running: tokio::spawn(load.run()), from })
    }

    pub fn kill(self, server: &mut Server) -> Result<Killed> {
        self.killed.store(true, Ordering::SeqCst);
        let memory = machine::peak_memory(server.pid)?;
        let at = server.kill()?;
        Ok(Killed { at, memory, span: Span { from: self.from, to: unix_micros() }, running: self.running })
    }
}

impl Killed {
    /// What the server had acknowledged, and when the load ran.
    pub async fn acknowledged(self) -> Result<(Vec<Acknowledged>, Span)> {
        let tally = self.running.await.context("the load's task failed")??;
        if let Some(first) = tally.first_refusal {
            bail!("{} requests were refused under load, first {first}", tally.refused);
        }
        if tally.acknowledged.is_empty() {
            bail!("nothing was acknowledged, so nothing could be lost");
        }
        Ok((tally.acknowledged, self.span))
    }
}

async fn first_answer(ward: &Ward, server: &Server, killed: Instant) -> Result<()> {
    loop {
        match ward.post_one(server.listen).await {
            Ok(_) => return Ok(()),
            Err(error) if killed.elapsed() > Duration::from_secs(30) => {
                return Err(error).context("no reading was kept within 30 seconds of the restart");
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(2)).await,
        }
    }
}

pub fn summary(done: &[Acknowledged]) -> String {
    let (mut readings, mut alerts, mut reads) = (0, 0, 0);
    for acknowledged in done {
        match &acknowledged.what {
            What::Reading { alerts: some, .. } => {
                readings += 1;
                alerts += some.len();
            }
            What::Read => reads += 1,
        }
    }
    format!("{readings} readings, {alerts} alerts, {reads} reads")
}
