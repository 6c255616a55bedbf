//! `bench signals`: batches of a thousand points beside a server that only parses them and one that keeps a row a point.
mod batch;
mod load;
mod measure;
mod people;
mod rows;

use anyhow::Result;
use std::time::Duration;

use crate::machine;
use crate::options::Signals;
use crate::report::{check, median};
use crate::server::Server;
use crate::target::Target;
use load::{Load, Turn};
use people::People;

pub use rows::{parse_only, serve as serve_rows};

/// The least share of the parse-only rate that is good enough.
const BAR: f64 = 0.35;

pub async fn run(options: &Signals) -> Result<bool> {
    let (mut passed, mut targets) = (true, Vec::new());
    for engine in options.engine.list() {
        let target = Target::open(&options.common, *engine, options.patients, "signals").await?;
        let people = People::of(&target).await?;
        targets.push((target, people));
    }
    let mut floor = Server::start_floor(300, 600)?;
    floor.wait_ready().await?;
    let nobody = People::imaginary(options.patients);
    let mut rows = Vec::new();
    for engine in options.engine.list() {
        rows.push((*engine, rows::start(&options.common, *engine).await?));
    }
    let mut floors = vec![turn(options, "parse only", &floor, &nobody).await?];
    let mut turns: Vec<Vec<Turn>> = targets.iter().map(|_| Vec::new()).collect();
    let mut by_row: Vec<Vec<Turn>> = rows.iter().map(|_| Vec::new()).collect();
    for _ in 0..options.rounds.max(1) {
        for ((target, people), turns) in targets.iter().zip(&mut turns) {
            turns.push(turn(options, target.engine.name(), &target.server, people).await?);
        }
        for ((engine, running), turns) in rows.iter().zip(&mut by_row) {
            turns.push(turn(options, &format!("row a point, {}", engine.name()), &running.server, &nobody).await?);
        }
        floors.push(turn(options, "parse only", &floor, &nobody).await?);
    }
    println!(
        "\nbatches of {} points over {} connections, {} patients",
        batch::POINTS,
        options.connections,
        options.patients
    );
    print("parse only", &floors);
    for ((engine, _), turns) in rows.iter().zip(&by_row) {
        print(&format!("row a point, {}", engine.name()), turns);
    }
    for ((target, _), turns) in targets.iter().zip(&turns) {
        print(target.engine.name(), turns);
        passed &= compare(&floors, turns);
    }
    let parsing = median(floors.iter().map(|turn| turn.cpu));
    for (target, people) in &targets {
        println!("\n{}", target.engine.name());
        passed &= measure::all(options, target, people, parsing).await?;
    }
    for (_, running) in rows {
        running.close().await?;
    }
    for (target, _) in targets {
        target.close().await?;
    }
    Ok(passed)
}

async fn turn(options: &Signals, name: &str, server: &Server, people: &People) -> Result<Turn> {
    if let Some(share) = machine::wait_quiet().await? {
        eprintln!("bench: other work keeps the machine {:.0} % busy; the figures suffer", share * 100.0);
    }
    let load = Load { people, server, connections: options.connections, span: Duration::from_secs(options.seconds) };
    let turn = load.run().await?;
    println!("  {name:<22} {turn}");
    Ok(turn)
}

fn print(name: &str, turns: &[Turn]) {
    let rate = median(turns.iter().map(|turn| turn.rate));
    let cpu = median(turns.iter().map(|turn| turn.cpu));
    println!("  {name:<22} {:>6.2} million points/s   {cpu:>6.0} µs of processor a batch", rate / 1e3);
}

fn compare(floors: &[Turn], turns: &[Turn]) -> bool {
    let share = |figure: fn(&Turn) -> f64| {
        let around = floors.windows(2).map(|pair| (figure(&pair[0]) + figure(&pair[1])) / 2.0);
        median(turns.iter().zip(around).map(|(turn, floor)| figure(turn) / floor))
    };
    let (rate, cpu) = (share(|turn| turn.rate), 1.0 / share(|turn| turn.cpu));
    let met = check(&format!("{rate:.3} of the parse-only rate"), &format!("at least {BAR}"), rate >= BAR);
    println!("            {cpu:.3} by processor time a batch, which other work on the machine changes little");
    met
}
