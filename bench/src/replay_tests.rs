//! The power-loss model against SQLite itself: a small writer is traced and killed, and its commits are looked for in the image.

use crate::disk::Unsynced;
use crate::replay::Replay;
use crate::trace::CALLS;
use crate::ward::unix_micros;
use rusqlite::Connection;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// A file in the writer's working directory that says how it is to sync. Where there is none, the writer does nothing.
const SYNCHRONOUS: &str = "bench-test-synchronous";

/// Not a test by itself: the writer, which the other tests run in a process of its own. Every line it prints is a promise.
#[test]
fn writer() {
    let Ok(synchronous) = std::fs::read_to_string(SYNCHRONOUS) else { return };
    let database = Connection::open("data/nadi.db").unwrap();
    database.pragma_update(None, "journal_mode", "wal").unwrap();
    database.pragma_update(None, "synchronous", synchronous).unwrap();
    database.pragma_update(None, "wal_autocheckpoint", 200).unwrap();
    database.execute_batch("CREATE TABLE IF NOT EXISTS reading (id INTEGER PRIMARY KEY, bytes BLOB)").unwrap();
    for number in 1.. {
        database.execute("INSERT INTO reading VALUES (?1, zeroblob(?2))", (number, number % 5000)).unwrap();
        println!("kept {number} {}", unix_micros());
    }
}

/// Promises broken by a power loss, and whether SQLite finds each image whole.
fn broken_promises(synchronous: &str, unsynced: Unsynced) -> usize {
    let work = tempfile::tempdir().unwrap();
    let root = work.path().canonicalize().unwrap().join("data");
    std::fs::create_dir(&root).unwrap();
    std::fs::write(work.path().join(SYNCHRONOUS), synchronous).unwrap();
    let trace = work.path().join("trace");
    let mut strace = Command::new("strace")
        .args(["-f", "-qq", "--seccomp-bpf", "-y", "-xx", "-s", "33554432", "-ttt", "-T", "-e", "signal=none"])
        .args(["-e", &format!("trace={}", CALLS.join(",")), "-o"])
        .arg(&trace)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "replay_tests::writer", "--nocapture"])
        .current_dir(work.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut kept: Vec<(i64, i64)> = Vec::new();
    for line in BufReader::new(strace.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        if let [.., "kept", number, at] = line.split(' ').collect::<Vec<_>>()[..] {
            kept.push((number.parse().unwrap(), at.parse().unwrap()));
        }
        if kept.len() == 700 {
            let writer = crate::machine::children(strace.id());
            Command::new("kill").arg("-KILL").arg(writer[0].to_string()).status().unwrap();
        }
    }
    strace.wait().unwrap();
    let mut replay = Replay::new(&root, &trace).unwrap();
    let mut broken = 0;
    for (number, cut) in [kept[50].1, kept[333].1, kept[600].1, i64::MAX].into_iter().enumerate() {
        replay.advance(cut).unwrap();
        let image = work.path().join(number.to_string());
        std::fs::create_dir(&image).unwrap();
        replay.disk.image(&root, &image, unsynced).unwrap();
        let database = Connection::open(image.join("nadi.db")).unwrap();
        let sound: String = database.query_row("PRAGMA integrity_check", (), |row| row.get(0)).unwrap();
        assert_eq!(sound, "ok");
        let last = database.query_row("SELECT coalesce(max(id), 0) FROM reading", (), |row| row.get(0));
        let last: i64 = last.unwrap_or(0);
        broken += kept.iter().filter(|(number, at)| *at <= cut && *number > last).count();
    }
    broken
}

fn strace_is_missing() -> bool {
    let missing = Command::new("strace").arg("-V").output().is_err();
    if missing {
        eprintln!("strace is not installed: the power-loss model is not tested");
    }
    missing
}

#[test]
fn synchronous_full_keeps_every_promise_through_a_power_loss() {
    if !strace_is_missing() {
        assert_eq!(broken_promises("FULL", Unsynced::Dropped), 0);
        assert_eq!(broken_promises("FULL", Unsynced::Scattered(7)), 0);
    }
}

#[test]
fn synchronous_normal_breaks_promises_and_the_model_notices() {
    if !strace_is_missing() {
        assert!(broken_promises("NORMAL", Unsynced::Dropped) > 0);
        assert!(broken_promises("NORMAL", Unsynced::Scattered(7)) > 0);
    }
}
