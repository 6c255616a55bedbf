//! The audit chain after a day's work: whole, and broken by every hand that touches it.
use access::{Record, Verdict};
use chrono::TimeDelta;
use serde_json::{Value, json};
use store::{Sql as _, Statement, args, from_row};
use testkit::{TestApp, both};

use crate::{reading, text};

/// What people do on a day: admissions, readings, alerts, notes, emergencies, strangers who look, and a discharge.
async fn a_day(t: &TestApp) {
    let w = t.ward().await;
    let (lata, responder) = (t.account("patient", Some(&w.patient["id"])).await, t.responder(&w.hospital).await);
    let (_, stranger) = t.doctor("Dr. Stranger").await;
    let monitor = t.monitor(&w.hospital).await;
    for rate in [72, 140, 150, 80, 75] {
        t.clock.advance(TimeDelta::minutes(2));
        monitor.post("/vitals", reading(&w, json!({"hr_bpm": rate, "temp_c": 37.5}))).await.expect(201);
    }
    stranger.get(&format!("/patients/{}/vitals", w.patient_id())).await.expect(404);
    t.admin().await.get(&format!("/encounters/{}/overview", w.encounter_id())).await.expect(403);
    let note = json!({"encounter_id": w.encounter["id"], "note": "Feels better."});
    w.nurse.post("/observations", note).await.expect(201);
    let condition = json!({"condition_name": "asthma"});
    w.doctor.post(&format!("/api/patients/{}/conditions", w.patient_id()), condition).await.expect(201);
    let emergency = responder.get("/api/emergency/alerts").await.expect(200)[0]["id"].clone();
    responder.patch(&format!("/api/emergency/alerts/{}/resolve", text(&emergency)), json!({})).await.expect(200);
    lata.get(&format!("/encounters/{}/overview", w.encounter_id())).await.expect(200);
    let path = format!("/api/hospitals/{}/patients/{}/discharge", text(&w.hospital["id"]), w.patient_id());
    w.nurse.post(&path, json!({"discharge_summary": "well"})).await.expect(200);
    stranger.post("/auth/logout", json!({})).await.expect(200);
}

async fn verdict(t: &TestApp) -> Verdict {
    access::verify(&mut t.app.db(), |_| {}).await.expect("the chain is read")
}

#[track_caller]
fn is_broken_at(verdict: &Verdict, expected: i64, what: &str) {
    assert!(
        matches!(verdict, Verdict::Broken { seq, .. } if *seq == expected),
        "{what}: {verdict:?} instead of {expected}"
    );
}

/// A row of the chain as it is kept: the entries of one transaction, numbered from `first` to `seq`.
#[derive(Debug, Clone, PartialEq)]
struct Kept {
    seq: i64,
    first: i64,
    entries: String,
    hash: Vec<u8>,
}
from_row!(Kept { seq, first, entries, hash });

static ROWS: Statement = Statement::new("AUDIT_ROWS", "SELECT seq, first, entries, hash FROM audit_log ORDER BY seq");
static CHANGE: Statement =
    Statement::new("AUDIT_CHANGE", "UPDATE audit_log SET first = $2, entries = $3, hash = $4 WHERE seq = $1");
static DELETE: Statement = Statement::new("AUDIT_DELETE", "DELETE FROM audit_log WHERE seq = $1");
static INSERT: Statement =
    Statement::new("AUDIT_INSERT", "INSERT INTO audit_log (seq, first, entries, hash) VALUES ($1, $2, $3, $4)");
static HEAD: Statement = Statement::new("AUDIT_HEAD_MOVED", "UPDATE audit_head SET seq = $1");
static HEAD_GONE: Statement = Statement::new("AUDIT_HEAD_GONE", "DELETE FROM audit_head");

impl Kept {
    fn args(&self) -> store::Args {
        args![self.seq, self.first, &self.entries, &self.hash]
    }
}

async fn rows(t: &TestApp) -> Vec<Kept> {
    t.app.db().all(&ROWS, args![]).await.expect("rows")
}

/// Every entry, in order.
pub async fn records(t: &TestApp) -> Vec<Record> {
    let mut all: Vec<Record> = Vec::new();
    loop {
        let after = all.last().map_or(0, |record| record.seq);
        let next = access::list(&mut t.app.db(), after).await.expect("records");
        if next.is_empty() {
            return all;
        }
        all.extend(next);
    }
}

/// Does this to the database behind the program's back.
async fn tamper(t: &TestApp, statement: &'static Statement, args: store::Args) {
    let mut tx = t.app.db().begin().await.expect("a transaction");
    assert!(tx.run(statement, args).await.expect("a change") > 0, "nothing was changed");
    tx.commit().await.expect("a commit");
}

/// The row with one of its bytes changed, for some of its bytes.
fn flipped(row: &Kept) -> Vec<(String, Kept)> {
    let step = (row.entries.len() / 40).max(1);
    let mut changes: Vec<_> = (0..row.entries.len())
        .step_by(step)
        .chain([row.entries.len() - 1])
        .map(|at| {
            let mut bytes = row.entries.clone().into_bytes();
            bytes[at] ^= 1;
            let entries = String::from_utf8(bytes).expect("the entries of these people are ASCII");
            (format!("byte {at} of {}", row.entries), Kept { entries, ..row.clone() })
        })
        .collect();
    for at in [0, row.hash.len() - 1] {
        let mut hash = row.hash.clone();
        hash[at] ^= 1;
        changes.push((format!("byte {at} of the hash"), Kept { hash, ..row.clone() }));
    }
    changes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_leaves_a_whole_chain_and_one_flipped_byte_names_its_row() {
    both(|t| async move {
        a_day(&t).await;
        let (all, records) = (rows(&t).await, records(&t).await);
        let entries = records.len() as i64;
        assert!(entries > 30 && all.len() > 20, "only {entries} entries in {} rows", all.len());
        assert_eq!(verdict(&t).await, Verdict::Whole { entries });
        assert!(records.iter().map(|record| record.seq).eq(1..=entries));
        let longest = all.iter().max_by_key(|row| row.seq - row.first).expect("a row");
        assert!(longest.seq > longest.first, "no transaction left two entries");
        for row in [&all[0], longest, &all[all.len() / 2], &all[all.len() - 1]] {
            for (what, changed) in flipped(row) {
                tamper(&t, &CHANGE, changed.args()).await;
                is_broken_at(&verdict(&t).await, row.first, &what);
            }
            tamper(&t, &CHANGE, row.args()).await;
        }
        assert_eq!(verdict(&t).await, Verdict::Whole { entries });
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_taken_away_swapped_or_slipped_in_is_named() {
    both(|t| async move {
        a_day(&t).await;
        let all = rows(&t).await;
        let (count, end) = (all.len(), all[all.len() - 1].seq);
        for gone in [&all[count - 1], &all[count / 2], &all[0]] {
            tamper(&t, &DELETE, args![gone.seq]).await;
            is_broken_at(&verdict(&t).await, gone.first, "a row taken away");
            tamper(&t, &INSERT, gone.args()).await;
        }
        for gone in &all[count - 2..] {
            tamper(&t, &DELETE, args![gone.seq]).await;
        }
        is_broken_at(&verdict(&t).await, all[count - 2].first, "the last two rows taken away");
        for gone in &all[count - 2..] {
            tamper(&t, &INSERT, gone.args()).await;
        }
        let (one, other) = (&all[count / 3], &all[count / 3 + 4]);
        let swapped = |place: &Kept, content: &Kept| Kept { seq: place.seq, first: place.first, ..content.clone() };
        tamper(&t, &CHANGE, swapped(one, other).args()).await;
        tamper(&t, &CHANGE, swapped(other, one).args()).await;
        is_broken_at(&verdict(&t).await, one.first, "two rows swapped");
        tamper(&t, &CHANGE, one.args()).await;
        tamper(&t, &CHANGE, other.args()).await;
        // An entry that moved from one row to the next.
        let (before, after) = (Kept { seq: 0, ..all[1].clone() }, &all[2]);
        tamper(&t, &CHANGE, Kept { first: before.first, ..after.clone() }.args()).await;
        tamper(&t, &DELETE, args![all[1].seq]).await;
        is_broken_at(&verdict(&t).await, before.first, "two rows made one");
        tamper(&t, &INSERT, all[1].args()).await;
        tamper(&t, &CHANGE, after.args()).await;
        let forged = Kept { seq: end + 1, first: end + 1, ..all[count - 1].clone() };
        tamper(&t, &INSERT, forged.args()).await;
        is_broken_at(&verdict(&t).await, end + 1, "a row slipped in at the end");
        tamper(&t, &DELETE, args![end + 1]).await;
        assert_eq!(verdict(&t).await, Verdict::Whole { entries: end });
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_that_was_moved_or_taken_away_is_noticed() {
    both(|t| async move {
        a_day(&t).await;
        let end = records(&t).await.len() as i64;
        tamper(&t, &HEAD, args![end + 1]).await;
        is_broken_at(&verdict(&t).await, end + 1, "an end that is further on");
        tamper(&t, &HEAD_GONE, args![]).await;
        let verdict = verdict(&t).await;
        assert!(matches!(verdict, Verdict::Broken { .. }), "without its end the chain is {verdict:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_look_at_once_leave_one_chain() {
    both(|t| async move {
        let w = t.ward().await;
        let before = records(&t).await.len();
        let looks = (0..100).map(|n| {
            let (by, path) = match n % 4 {
                0 => (&w.nurse, format!("/patients/{}/vitals/recent", w.patient_id())),
                1 => (&w.doctor, format!("/encounters/{}/alerts", w.encounter_id())),
                2 => (&w.nurse, format!("/api/patients/{}/conditions", w.patient_id())),
                _ => (&w.doctor, format!("/api/patients/{}", w.patient_id())),
            };
            let by = by.clone();
            tokio::spawn(async move { by.get(&path).await.expect(200) })
        });
        let looks: Vec<_> = looks.collect();
        for look in looks {
            let _: Value = look.await.expect("no panic");
        }
        let after = records(&t).await;
        assert!(after.len() >= before + 100);
        assert_eq!(verdict(&t).await, Verdict::Whole { entries: after.len() as i64 });
    })
    .await;
}
