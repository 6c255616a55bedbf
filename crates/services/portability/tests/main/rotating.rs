//! Rotation of patients' keys: everything stays readable, nothing stays under the old key.
mod apart;
mod whole;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use chrono::TimeDelta;
use jobs::State;
use kernel::PatientId;
use portability::{rotate_keys, rotations, sealed_columns};
use serde_json::json;
use store::{Sql as _, Where, args};
use testkit::{TestApp, both, vitals};
use vault::{STAYS_FOR, TOLD_FOR, Vault};

use whole::{Whole, send, whole};

/// Columns of bytes that no patient's key seals, and why.
const OTHERS: &[(&str, &str)] = &[
    ("wrapped", "keys, sealed by the master key"),
    ("digests", "secrets behind digests, sealed by the master key"),
    ("key", "what words are found by"),
    ("part", "what words are found by"),
    ("hash", "a digest"),
    ("secret_hash", "a digest"),
    ("token_hash", "a digest"),
    ("code_hash", "a digest"),
    ("key_hash", "a digest"),
    ("request_hash", "a digest"),
    ("refresh_hash", "a digest"),
    ("browser_hash", "a digest"),
    ("digest", "a digest"),
    ("owner_index", "a digest"),
    ("blind_index", "a digest"),
    ("key_check", "a digest"),
    ("signature", "over the audit chain"),
    ("root_secrets.sealed", "sealed by the master key, and written by whoever changes it"),
    ("signing_keys.sealed", "sealed by the master key"),
    ("second_factors.sealed", "sealed by the master key"),
    ("erasures.reason", "sealed by the master key: it outlives the patient's"),
    ("idempotency_keys.answer", "sealed by the master key"),
];

/// Every column of bytes in the migrations, with the crate that owns its table.
fn columns_of_bytes() -> Vec<(String, String, String)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../migrations");
    let mut files: Vec<_> = std::fs::read_dir(folder).expect("the migrations").flatten().map(|f| f.path()).collect();
    files.sort();
    let mut owners = std::collections::HashMap::new();
    let (mut owner, mut table) = (String::new(), String::new());
    let mut found: Vec<(String, String, String)> = Vec::new();
    for line in files
        .iter()
        .flat_map(|f| std::fs::read_to_string(f).expect("text").lines().map(str::to_owned).collect::<Vec<_>>())
    {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["--", "owner:", name, ..] => name.clone_into(&mut owner),
            ["CREATE", "TABLE", name, ..] => {
                name.clone_into(&mut table);
                owners.insert(table.clone(), owner.clone());
            }
            ["ALTER", "TABLE", name, ..] => name.clone_into(&mut table),
            ["DROP", "COLUMN", column] => {
                let column = column.trim_end_matches(';');
                found.retain(|(_, of, name)| *of != table || name != column);
            }
            [column, kind, ..] | ["ADD", "COLUMN", column, kind, ..] if kind.starts_with("bytea") => {
                found.push((owners[&table].clone(), table.clone(), column.to_owned()));
            }
            _ => {}
        }
    }
    found
}

#[test]
fn every_sealed_column_is_declared_by_the_crate_that_owns_it() {
    let all = columns_of_bytes();
    assert!(all.len() > 50, "only {} columns were found", all.len());
    let declared: BTreeSet<_> =
        sealed_columns().map(|(owner, c)| (owner.to_owned(), c.table.to_owned(), c.column.to_owned())).collect();
    let is_other = |table: &str, column: &str| {
        OTHERS.iter().any(|(other, _)| *other == column || *other == format!("{table}.{column}"))
    };
    for (owner, table, column) in &all {
        let known = declared.contains(&(owner.clone(), table.clone(), column.clone()));
        assert!(
            known != is_other(table, column),
            "{table}.{column}: declare it with `sealed_column!` in {owner}, or say here what it is"
        );
    }
    assert!(declared.iter().all(|declared| all.contains(declared)), "a column that is not there is declared");
}

/// How many values of a column lie under a version of the patient's key.
async fn count(t: &TestApp, table: &str, column: &str, version: u8) -> i64 {
    let text = format!("SELECT count(*) AS value FROM {table} WHERE substr({column}, 1, 5) = ?").leak();
    let counted = Where::new("").tail(text, args![vec![1u8, version, 0, 0, 0]]);
    t.app.db().find::<i64>(counted).await.expect("a count").remove(0)
}

/// The columns with a value under a version.
async fn under(t: &TestApp, version: u8) -> Vec<String> {
    let mut found = Vec::new();
    for (_, table, column) in columns_of_bytes() {
        if table != "data_keys" && count(t, &table, &column, version).await > 0 {
            found.push(format!("{table}.{column}"));
        }
    }
    found
}

/// The columns whose values tell the version of the patient's key.
fn telling() -> Vec<String> {
    let telling = sealed_columns().filter(|(_, column)| column.layers == vault::Layers::Patient);
    telling.map(|(_, column)| format!("{}.{}", column.table, column.column)).collect()
}

/// Every entry on the audit chain.
async fn deeds(t: &TestApp) -> Vec<access::Record> {
    let mut all: Vec<access::Record> = Vec::new();
    loop {
        let after = all.last().map_or(0, |last| last.seq);
        let page = access::list(&mut t.app.db(), after).await.expect("entries");
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

async fn versions(t: &TestApp) -> i64 {
    Vault::count_keys(&mut t.app.db()).await.expect("a count").versions
}

/// Waits until so many jobs of a rotation were put down and those before the last are done.
async fn jobs(t: &TestApp, patient: Option<PatientId>, number: usize, last: State) {
    for _ in 0..1500 {
        let found = rotations(&t.app, patient).await.expect("a look");
        assert!(found.iter().all(|one| one.job.state != State::Failed), "{:?}", found[0].job);
        let done = found.iter().skip(1).all(|one| one.job.state == State::Done);
        if found.len() == number && done && found[0].job.state == last {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let found = rotations(&t.app, patient).await.expect("a look");
    panic!("the rotation does not go on: {:?}", found.iter().map(|one| &one.job).collect::<Vec<_>>());
}

/// Begins a rotation, and waits until the new version is in use and everything is sealed anew.
async fn renewed(t: &TestApp, patient: Option<PatientId>) {
    t.clock.advance(TimeDelta::seconds(1));
    rotate_keys(&t.app, patient).await.expect("begun");
    jobs(t, patient, 2, State::Queued).await;
    t.clock.advance(TOLD_FOR);
    jobs(t, patient, 3, State::Queued).await;
}

/// Lets the old version be destroyed, looking again as often as something was written meanwhile.
async fn retired(t: &TestApp, patient: Option<PatientId>) {
    t.clock.advance(STAYS_FOR);
    for number in 3..8 {
        for _ in 0..1500 {
            let found = rotations(&t.app, patient).await.expect("a look");
            if found.len() > number || found[0].job.state == State::Done {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        if rotations(&t.app, patient).await.expect("a look")[0].job.state == State::Done {
            return;
        }
        t.clock.advance(TimeDelta::minutes(1));
    }
    panic!("the old version is not destroyed");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_rotation_everything_is_readable_and_nothing_under_the_old_key() {
    both(|t| async move {
        let p = whole(&t).await;
        let before = p.read().await;
        let (there, telling) = (under(&t, 1).await, telling());
        let missing: Vec<_> = telling.iter().filter(|column| !there.contains(column)).collect();
        assert!(missing.is_empty(), "nothing lies in {missing:?}");
        let strange: Vec<_> = there.iter().filter(|column| !telling.contains(column)).collect();
        assert!(strange.is_empty(), "sealed with a patient's key and not declared: {strange:?}");

        renewed(&t, Some(p.id)).await;
        assert_eq!(under(&t, 1).await, [""; 0]);
        assert_eq!(versions(&t).await, 2, "whoever holds the old version still may use it");
        assert_eq!(p.read().await, before);
        retired(&t, Some(p.id)).await;
        assert_eq!(versions(&t).await, 1);
        let there = under(&t, 2).await;
        assert!(telling.iter().all(|column| there.contains(column)), "{there:?}");
        assert_eq!(p.read().await, before);
        // What nobody shows opens too: the number, and what was put there by hand.
        let mut db = t.app.db();
        for (_, column) in sealed_columns() {
            let ask = vault::Ask { patient: p.id, version: vec![255; 4], after: (column.first)(), limit: 64 };
            assert!(!(column.others)(&mut db, ask).await.expect("rows").is_empty());
            let pass = column.renew(&t.app, p.id).await.expect("a pass");
            assert!(pass.is_clean(), "{}.{}: {pass:?}", column.table, column.column);
        }
        let deeds = deeds(&t).await;
        for deed in ["data_key.rotate", "data_key.retire"] {
            assert!(deeds.iter().any(|entry| entry.action == deed && entry.patient_id == Some(p.id)), "{deed}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_writes_and_reads_meanwhile_notices_nothing() {
    both(|t| async move {
        let p = Arc::new(whole(&t).await);
        let (stop, rounds) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicI64::new(0)));
        let busy = tokio::spawn(write(t.clone(), p.clone(), stop.clone(), rounds.clone()));
        // Some rounds of every phase, however slow the machine is.
        let more = || async {
            let wanted = rounds.load(Ordering::SeqCst) + 2;
            while rounds.load(Ordering::SeqCst) < wanted && !busy.is_finished() {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        };
        more().await;
        renewed(&t, None).await;
        more().await;
        retired(&t, None).await;
        more().await;
        stop.store(true, Ordering::SeqCst);
        let written = busy.await.expect("every answer was good");
        let people = Vault::count_keys(&mut t.app.db()).await.expect("a count");
        assert_eq!(people.patients, people.versions);
        assert_eq!(under(&t, 1).await, [""; 0]);
        p.read().await;
        let readings = format!("/patients/{}/vitals?limit=1000", p.w.patient_id());
        let readings = p.lata.get(&readings).await.expect(200)["data"]["readings"].clone();
        assert_eq!(readings.as_array().expect("a list").len() as i64, 3 + written.min(997));
        let profile = format!("/api/v1/patients/{}/health-profile", p.w.patient_id());
        assert_eq!(p.lata.get(&profile).await.expect(200)["weight_kg"].as_f64(), Some((40 + written % 50) as f64));
    })
    .await;
}

/// Writes and reads of all kinds, round by round, until it is told to stop; answers the rounds.
async fn write(t: TestApp, p: Arc<Whole>, stop: Arc<AtomicBool>, rounds: Arc<AtomicI64>) -> i64 {
    let (id, mut round) = (p.w.patient_id(), 0);
    let start = t.clock.now();
    while !stop.load(Ordering::SeqCst) && round < 900 {
        round += 1;
        let mut reading = vitals(id);
        (reading["hr_bpm"], reading["timestamp"]) = (json!(150), json!(start - TimeDelta::milliseconds(round)));
        p.w.nurse.post("/vitals", reading).await.expect(201);
        let profile = json!({"height_cm": 160, "weight_kg": 40 + round % 50});
        p.w.doctor.put(&format!("/api/v1/patients/{id}/health-profile"), profile).await.expect(200);
        send(&t, &p.lata, id, 60 + round, 60 + round % 40).await;
        p.read().await;
        rounds.store(round, Ordering::SeqCst);
    }
    round
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_comes_again_after_a_rotation_is_the_same() {
    both(|t| async move {
        let p = whole(&t).await;
        let point = json!({"metric_type": "heart_rate", "value": 70, "unit": "bpm", "timestamp": t.clock.now()});
        let batch = json!({"patient_id": p.w.patient_id(), "device_id": "band", "data_points": [point]});
        let sync = "/api/v1/wearables/data/sync";
        p.lata.post(sync, batch.clone()).await.expect(201);
        let seen = || async {
            let rows = Where::new("SELECT count(*) AS value FROM signal_seen");
            t.app.db().find::<i64>(rows).await.expect("a count").remove(0)
        };
        let before = seen().await;
        // Twice: the second version has to hand the secret on as well.
        for _ in 0..2 {
            t.clock.advance(TimeDelta::seconds(1));
            let patient = Some(p.id);
            let begun = rotations(&t.app, patient).await.expect("a look").len();
            rotate_keys(&t.app, patient).await.expect("begun");
            jobs(&t, patient, begun + 2, State::Queued).await;
            t.clock.advance(TOLD_FOR);
            jobs(&t, patient, begun + 3, State::Queued).await;
            t.clock.advance(STAYS_FOR);
            jobs(&t, patient, begun + 3, State::Done).await;
            assert_eq!(versions(&t).await, 1);
            p.lata.post(sync, batch.clone()).await;
            assert_eq!(seen().await, before, "it was taken for another batch");
        }
        assert_eq!(under(&t, 3).await.len(), telling().len());
    })
    .await;
}
