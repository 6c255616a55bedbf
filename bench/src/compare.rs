//! The comparison: the floor and Nadi on each engine take turns in one run, under the same load from the same process.

use crate::load::{Load, Mix, Tally};
use crate::machine;
use crate::options::Compare;
use crate::report::{self, Turn};
use crate::server::Server;
use crate::target::{SizeWatch, Target};
use crate::ward::{Sizes, Ward};
use anyhow::{Result, bail};
use std::sync::Arc;
use std::time::{Duration, Instant};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Work {
    Vitals,
    Reads,
}

/// One abnormal reading in this many.
const ABNORMAL_EVERY: u64 = 500;
const WARM_UP: Duration = Duration::from_secs(1);

struct Measured<'a> {
    options: &'a Compare,
    work: Work,
}

pub async fn run(options: &Compare, work: &[Work]) -> Result<bool> {
    let engines = if options.floor_only { &[] } else { options.engine.list() };
    let directory = machine::fresh_directory(&options.common.work, "probe")?;
    println!("one synced 4 KiB page takes {} µs on this disk", machine::sync_micros(&directory)?);
    std::fs::remove_dir_all(&directory)?;
    let mut targets = Vec::new();
    for engine in engines {
        targets.push(Target::open(&options.common, *engine, options.patients, "compare").await?);
    }
    let (ward, sizes) = match targets.first() {
        Some(target) => (target.ward.clone(), target.sizes),
        None => (Arc::new(Ward::imaginary(options.patients)?), Sizes { vitals: 300, read: 600 }),
    };
    let mut floor = Server::start_floor(sizes.vitals, sizes.read)?;
    floor.wait_ready().await?;
    let mut passed = true;
    for work in work {
        passed &= Measured { options, work: *work }.compare(&floor, &ward, &targets).await?;
    }
    for target in targets {
        target.close().await?;
    }
    Ok(passed)
}

impl Measured<'_> {
    async fn compare(&self, floor: &Server, ward: &Arc<Ward>, targets: &[Target]) -> Result<bool> {
        let rounds = self.options.rounds.max(3);
        let mut floors = vec![self.turn(floor, ward, None).await?];
        let mut turns: Vec<Vec<Turn>> = targets.iter().map(|_| Vec::new()).collect();
        for _ in 0..rounds {
            for (target, turns) in targets.iter().zip(&mut turns) {
                turns.push(self.turn(&target.server, &target.ward, Some(target)).await?);
            }
            floors.push(self.turn(floor, ward, None).await?);
        }
        println!("\n{} over {} connections, {} patients", self.what(), self.options.connections, self.options.patients);
        report::print_floor(&floors);
        let mut passed = true;
        for (target, turns) in targets.iter().zip(&turns) {
            passed &= report::print_engine(target.engine, self.bar(), &floors, turns);
        }
        Ok(passed)
    }

    async fn turn(&self, server: &Server, ward: &Arc<Ward>, target: Option<&Target>) -> Result<Turn> {
        if let Some(share) = machine::wait_quiet().await? {
            eprintln!("bench: other work keeps the machine {:.0} % busy; the figures suffer", share * 100.0);
        }
        let token = match (self.work, target) {
            (Work::Reads, Some(_)) => Ward::nurse(server.listen).await?.token()?.to_owned(),
            // As long as a real one, for the floor to read past.
            _ => "t".repeat(400),
        };
        let watch = target.and_then(Target::wal).map(SizeWatch::start);
        let cpu = machine::cpu_millis(server.pid)?;
        let own = machine::cpu_millis(std::process::id())?;
        let started = Instant::now();
        let span = Duration::from_secs(self.options.seconds);
        let load = Load {
            ward: ward.clone(),
            listen: server.listen,
            token,
            mix: if self.work == Work::Vitals { Mix::Vitals } else { Mix::Reads },
            connections: self.options.connections,
            abnormal_every: ABNORMAL_EVERY,
            warm_up: WARM_UP,
            span,
            until_killed: None,
        };
        let Tally { mut micros, refused, first_refusal, .. } = load.run().await?;
        let elapsed = started.elapsed().as_secs_f64();
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
            wal: watch.map(|watch| watch.largest()),
        };
        report::print_turn(target.map_or("floor", |target| target.engine.name()), &turn);
        Ok(turn)
    }

    fn what(&self) -> &'static str {
        match self.work {
            Work::Vitals => "POST /vitals",
            Work::Reads => "GET /api/patients/{id}",
        }
    }

    /// The least share of the floor that is good enough.
    fn bar(&self) -> f64 {
        match self.work {
            Work::Vitals => 0.35,
            Work::Reads => 0.3,
        }
    }
}
