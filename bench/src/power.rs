//! The power-loss test: the server runs under `strace`, and each cut leaves a disk that holds only what was synced by then.

use crate::crash::{UntilKilled, summary};
use crate::disk::Unsynced;
use crate::load::Acknowledged;
use crate::machine;
use crate::options::PowerLoss;
use crate::replay::Replay;
use crate::report;
use crate::seed::Seed;
use crate::server::Recipe;
use crate::verify::{self, Gone, Span};
use crate::ward::Ward;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// What was recorded of one server: two traces (preparing the ward, then the load) and what it acknowledged.
struct Recorded {
    recipe: Recipe,
    prepared: PathBuf,
    loaded: PathBuf,
    ward: Ward,
    acknowledged: Vec<Acknowledged>,
    span: Span,
}

/// What the cuts of one server took.
#[derive(Default)]
struct Losses {
    total: Gone,
    /// Images on which the server would not start or the ward was not there at all.
    unusable: usize,
}

pub async fn run(options: &PowerLoss) -> Result<bool> {
    println!("power loss on SQLite, seed {}: what was not synced is dropped", options.seed);
    let full = losses(options, false).await?;
    let mut passed = report::check(
        &format!("synchronous=FULL: {}, {} images unusable", full.total, full.unusable),
        "nothing gone",
        full.total.nothing() && full.unusable == 0,
    );
    let control = losses(options, true).await?;
    passed &= report::check(
        &format!("control, synchronous=NORMAL: {}, {} images unusable", control.total, control.unusable),
        "must lose readings",
        control.total.readings > 0,
    );
    Ok(passed)
}

async fn losses(options: &PowerLoss, control: bool) -> Result<Losses> {
    let name = if control { "power-loss-normal" } else { "power-loss-full" };
    println!("synchronous={}", if control { "NORMAL (the control)" } else { "FULL" });
    let work = machine::fresh_directory(&options.common.work, name)?;
    let recorded = record(options, &work, control).await?;
    println!("  acknowledged under load: {}", summary(&recorded.acknowledged));
    let mut replay = Replay::new(&recorded.recipe.data, &recorded.prepared)?;
    replay.advance(i64::MAX)?;
    replay.follow_next(&recorded.loaded)?;
    let mut losses = Losses::default();
    for (number, cut) in cuts(options, &recorded).into_iter().enumerate() {
        replay.advance(cut)?;
        let scattered = Unsynced::Scattered(options.seed ^ number as u64);
        for (kind, unsynced) in [("dropped", Unsynced::Dropped), ("scattered", scattered)] {
            let image = work.join(format!("image-{number}-{kind}"));
            replay.disk.image(&recorded.recipe.data, &image, unsynced)?;
            let found = check(&recorded, &image, cut).await;
            let after = (cut.min(recorded.span.to) - recorded.span.from) / 1000;
            let waiting = replay.disk.unsynced();
            match found {
                Ok((expected, gone)) => {
                    println!("  cut after {after} ms, {waiting} unsynced bytes {kind}: of {expected} {gone}");
                    losses.total = losses.total + gone;
                }
                Err(error) => {
                    println!("  cut after {after} ms, {waiting} unsynced bytes {kind}: unusable, {error:#}");
                    losses.unusable += 1;
                }
            }
        }
    }
    if !options.common.keep && (control || (losses.total.nothing() && losses.unusable == 0)) {
        std::fs::remove_dir_all(&work).context("removing the images")?;
    }
    Ok(losses)
}

/// Runs the server under `strace` twice: once to prepare the ward and stop properly, once under load until SIGKILL.
async fn record(options: &PowerLoss, work: &Path, control: bool) -> Result<Recorded> {
    let data = work.join("data");
    std::fs::create_dir(&data)?;
    let mut recipe = Recipe::new(&options.common.nadi.canonicalize()?, &data, None)?;
    recipe.unsafe_sync = control;
    let (prepared, loaded) = (work.join("prepare.strace"), work.join("load.strace"));
    let mut server = recipe.start_traced(&prepared)?;
    server.wait_ready().await?;
    let ward = Ward::open(server.listen, options.patients).await.context("preparing the ward")?;
    ward.try_out(server.listen).await?;
    server.stop()?;
    let mut server = recipe.start_traced(&loaded)?;
    server.wait_ready().await?;
    let ward = Arc::new(ward);
    let load = UntilKilled::start(&server, &ward, options.connections).await?;
    tokio::time::sleep(Duration::from_millis(Seed::new(options.seed).between(2500, 4000))).await;
    let (acknowledged, span) = load.kill(&mut server)?.acknowledged().await?;
    let ward = Arc::try_unwrap(ward).map_err(|_| anyhow::anyhow!("the load still runs"))?;
    Ok(Recorded { recipe, prepared, loaded, ward, acknowledged, span })
}

/// Seeded moments while the load ran, and the moment of the kill itself.
fn cuts(options: &PowerLoss, recorded: &Recorded) -> Vec<i64> {
    let mut seed = Seed::new(options.seed.wrapping_add(1));
    let Span { from, to } = recorded.span;
    let length = (to - from) as u64;
    let mut cuts: Vec<i64> =
        (1..options.cuts.max(1)).map(|_| from + seed.between(length / 10, length) as i64).collect();
    cuts.sort_unstable();
    cuts.push(i64::MAX);
    cuts
}

/// Starts an ordinary server on the image and looks for everything acknowledged before the cut.
async fn check(recorded: &Recorded, image: &Path, cut: i64) -> Result<(String, Gone)> {
    if !image.join("nadi.db").exists() {
        bail!("there is no database");
    }
    let expected: Vec<&Acknowledged> = recorded.acknowledged.iter().filter(|one| one.at <= cut).collect();
    let recipe = Recipe::new(&recorded.recipe.nadi, image, None)?;
    let mut server = recipe.start()?;
    server.wait_ready().await?;
    let gone = verify::gone(&recipe, &mut server, &recorded.ward, &expected, &[recorded.span]).await?;
    Ok((format!("{} acknowledgements", expected.len()), gone))
}
