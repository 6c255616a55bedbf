//! What else is promised of points: their size, a month sent again, charts, many patients at once, long histories.
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::time::Instant;

use super::batch::{Batch, POINTS};
use super::load::cpu;
use super::people::{FIRST, People};
use crate::options::{Engine, Signals};
use crate::postgres;
use crate::report::{check, percentile};
use crate::target::Target;
use crate::wire::Wire;

/// `parsing` is what a batch costs that is parsed and answered, in microseconds of processor.
pub async fn all(options: &Signals, target: &Target, people: &People, parsing: f64) -> Result<bool> {
    let mut passed = size(target, people).await?;
    passed &= month_again(target, people, parsing).await?;
    passed &= chart(target, people).await?;
    passed &= many(target, people).await?;
    growth(options, target, people).await?;
    Ok(passed)
}

/// Bytes on the disk for each point that was stored: tables, indexes, digests, and what lies half empty.
async fn size(target: &Target, people: &People) -> Result<bool> {
    let bytes = match target.engine {
        Engine::Sqlite => sqlite_bytes(target)?,
        Engine::Postgres => postgres_bytes(target).await?,
    };
    let each = bytes as f64 / people.sent().max(1) as f64;
    Ok(check(&format!("{each:.2} bytes a point, of {} points", people.sent()), "at most 2.5", each <= 2.5))
}

const TABLES: &str = "'signal_heads', 'signal_chunks', 'signal_segments', 'signal_seen'";

fn sqlite_bytes(target: &Target) -> Result<i64> {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let file = rusqlite::Connection::open_with_flags(target.recipe.data.join("nadi.db"), flags)?;
    let sum = format!("SELECT SUM(pgsize) FROM dbstat WHERE name IN ({TABLES})");
    file.query_row(&sum, [], |row| row.get(0)).context("dbstat")
}

async fn postgres_bytes(target: &Target) -> Result<i64> {
    let url = target.recipe.database.as_deref().context("a database")?;
    let server = postgres::connect(url).await?;
    let sum = format!("SELECT SUM(pg_total_relation_size(oid))::bigint FROM pg_class WHERE relname IN ({TABLES})");
    Ok(server.query_one(&sum, &[]).await?.try_get(0)?)
}

/// Batches of a month.
const MONTH: i64 = 44;

/// Sends batches of one patient one after another; answers the processor time in milliseconds.
async fn send(target: &Target, people: &People, patient: usize, from: i64, batches: i64) -> Result<u64> {
    let mut wire = Wire::connect(target.server.listen).await?;
    let mut batch = Batch::new(&people.patients[patient], &people.token);
    let before = cpu(&target.server)?;
    for number in 0..batches {
        let answer = wire.ask(batch.fill(from + number * POINTS as i64)).await?;
        if answer.status != 201 {
            bail!("a batch was answered {}: {}", answer.status, String::from_utf8_lossy(answer.body));
        }
    }
    Ok(cpu(&target.server)?.saturating_sub(before))
}

/// A month that is stored, and the same month again. Both are parsed and answered alike; what is compared is what comes on
/// top of that.
async fn month_again(target: &Target, people: &People, parsing: f64) -> Result<bool> {
    let (mut first, mut again, mut batches) = (0, 0, 0);
    for patient in 0..people.patients.len().min(16) {
        let from = people.reserve(patient, MONTH);
        first += send(target, people, patient, from, MONTH).await?;
        again += send(target, people, patient, from, MONTH).await?;
        batches += MONTH;
    }
    let each = |millis: u64| millis as f64 * 1000.0 / batches.max(1) as f64;
    let (first, again) = (each(first), each(again));
    println!(
        "            a month: {first:.0} µs of processor a batch, the same month again {again:.0} µs, of which parsing {parsing:.0} µs"
    );
    let share = (again - parsing).max(0.0) / (first - parsing).max(1.0);
    Ok(check(&format!("the month again costs {share:.2} of storing it, parsing aside"), "at most 0.1", share <= 0.1))
}

/// An answer, and after how many microseconds the last of it had come. Reading it is the caller's time and not the server's.
async fn ask(wire: &mut Wire, path: &str, token: &str) -> Result<(Value, u32)> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n");
    let asked = Instant::now();
    let answer = wire.ask(request.as_bytes()).await?;
    let micros = asked.elapsed().as_micros() as u32;
    if answer.status != 200 {
        bail!("{path} was answered {}: {}", answer.status, String::from_utf8_lossy(answer.body));
    }
    Ok((serde_json::from_slice(answer.body).context("an answer that is no JSON")?, micros))
}

/// A day of minutes, as a chart asks for it.
async fn chart(target: &Target, people: &People) -> Result<bool> {
    let mut wire = Wire::connect(target.server.listen).await?;
    let mut micros = Vec::new();
    for turn in 0..100 {
        let day = |days: i64| {
            let at = chrono::DateTime::from_timestamp((FIRST + 2 * 1_440 + days * 1_440) * 60, 0).unwrap_or_default();
            at.format("%Y-%m-%dT00:00:00Z").to_string()
        };
        let patient = &people.patients[turn % people.patients.len()];
        let (from, to) = (day(turn as i64 % 20), day(turn as i64 % 20 + 1));
        let path = format!(
            "/api/v1/wearables/data/history?patient_id={patient}&metric_type=heart_rate&from={from}&to={to}&bucket=minute"
        );
        let (found, micro) = ask(&mut wire, &path, &people.token).await?;
        micros.push(micro);
        let many = found["buckets"].as_array().map(Vec::len).unwrap_or_default();
        if many != 1_440 {
            bail!("a day had {many} minutes");
        }
    }
    micros.sort_unstable();
    let millis = f64::from(percentile(&micros, 0.5)) / 1000.0;
    Ok(check(
        &format!("a day of minutes in {millis:.2} ms (p99 {:.2} ms)", f64::from(percentile(&micros, 0.99)) / 1000.0),
        "under 5 ms",
        millis < 5.0,
    ))
}

/// The newest of all patients, page by page.
async fn many(target: &Target, people: &People) -> Result<bool> {
    let mut wire = Wire::connect(target.server.listen).await?;
    let (mut best, mut found) = (f64::MAX, 0);
    for _ in 0..5 {
        let (asked, mut cursor) = (Instant::now(), String::new());
        found = 0;
        loop {
            let request = format!(
                "GET /api/v1/wearables/latest?limit=500{cursor} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {}\r\n\r\n",
                people.token
            );
            let answer = wire.ask(request.as_bytes()).await?;
            if answer.status != 200 {
                bail!("the newest were answered {}: {}", answer.status, String::from_utf8_lossy(answer.body));
            }
            let page: Value = serde_json::from_slice(answer.body)?;
            let page = page.as_array().or(page["data"].as_array()).context("a page")?.clone();
            found += page.len();
            match page.last() {
                Some(last) if page.len() == 500 => {
                    cursor = format!("&after={}", last["patient_id"].as_str().unwrap_or_default())
                }
                _ => break,
            }
        }
        best = best.min(asked.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(check(
        &format!("the newest of {found} patients in {best:.1} ms, each look on record"),
        "under 50 ms for 1,000",
        best < 50.0,
    ))
}

/// What a batch costs as a history grows from a day to ten years.
async fn growth(options: &Signals, target: &Target, people: &People) -> Result<()> {
    let patients: Vec<usize> = (0..people.patients.len().min(4)).collect();
    let mut stored = 0i64;
    for (name, days) in [("a day", 1i64), ("a month", 30), ("a year", 365), ("ten years", 3_650)] {
        let until = (days * 1_440 / POINTS as i64).min(options.growth as i64).max(stored);
        let mut spent = 0;
        // Of the last stretch alone, so that the figure is of a history this long.
        let (fill, timed) = (until - stored, 64.min(options.growth as i64));
        for patient in &patients {
            let from = people.reserve(*patient, fill + timed);
            send(target, people, *patient, from, fill).await?;
            spent += send(target, people, *patient, from + fill * POINTS as i64, timed).await?;
        }
        stored = until + timed;
        let each = spent as f64 * 1000.0 / (timed * patients.len() as i64) as f64;
        println!(
            "            after {name} ({stored} batches and what the turns sent): {each:.0} µs of processor a batch"
        );
    }
    Ok(())
}
