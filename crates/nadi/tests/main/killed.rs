//! SIGKILL in the middle of things: a batch of a band's points is there whole or not at all, and a rotation of keys goes on.
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::join_all;
use serde_json::{Value, json};
use store::{Db, Options, Sql as _, Statement, Where, args};
use testkit::{Client, Engine, TestApp};

use crate::program::{Running, Server, nadi, said, served};
use crate::{text, until};

/// A place where a program that is killed is started again, on one engine.
pub struct Place {
    home: tempfile::TempDir,
    data: PathBuf,
    url: Option<String>,
    /// Whose database it is, on PostgreSQL.
    _app: Option<TestApp>,
}

impl Place {
    pub async fn new(engine: Engine) -> Option<Self> {
        let home = tempfile::tempdir().expect("a folder");
        if engine == Engine::Sqlite {
            return Some(Self { data: home.path().join("data"), home, url: None, _app: None });
        }
        let app = TestApp::start(engine).await?;
        // Its clock stands still, and what it would do in the background is the program's here.
        jobs::stop(&app.app).await;
        let url = app.settings.database_url.as_deref().map(str::to_owned);
        Some(Self { data: app.settings.data.clone(), home, url, _app: Some(app) })
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let data = self.data.display().to_string();
        let mut command = nadi(self.home.path(), &[arguments, &["--data", &data]].concat());
        command.env("NADI_ADMIN_EMAIL", "admin@example.org").env("NADI_ADMIN_PASSWORD", "correct-horse-battery");
        command.env("NADI_READS_PER_MINUTE", "0").env("NADI_WRITES_PER_MINUTE", "0");
        if let Some(url) = &self.url {
            command.env("DATABASE_URL", url);
        }
        command
    }

    pub fn serve(&self) -> Server {
        served(Running::start(self.command(&["serve", "--listen", "127.0.0.1:0"])))
    }

    pub fn run(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().expect("it runs");
        assert!(output.status.success(), "{}", said(&output));
        said(&output)
    }

    pub fn keys(&self) -> PathBuf {
        self.data.join("keys")
    }

    async fn db(&self) -> Db {
        let place = self.url.clone().unwrap_or_else(|| self.data.join("nadi.db").display().to_string());
        Db::open(&place, &Options { connections: 1, ..Options::default() }).await.expect("it opens")
    }
}

/// The same numbers each time (SplitMix64).
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (mixed ^ (mixed >> 27)) % limit
    }
}

const EMAIL: &str = "lata@example.org";
const PASSWORD: &str = "a-good-password";

/// A patient with a band who agreed: the id, and what signs in after every restart.
pub async fn patient(server: &Server) -> (String, String) {
    let admin = Client::new(&server.base).login("admin@example.org", "correct-horse-battery").await;
    let patient = json!({"name": "Lata Joshi", "date_of_birth": "1970-04-12", "gender": "female",
        "contact": "+91 98221 54321", "email": EMAIL, "password": PASSWORD});
    let patient = admin.post("/api/patients", patient).await.expect(201);
    let (id, lata) = (text(&patient["id"]), Client::new(&server.base).login(EMAIL, PASSWORD).await);
    lata.post("/api/wearables/consent", json!({"patient_id": id, "consent_given": true})).await.expect(201);
    lata.post("/api/v1/wearables/device/register", json!({"device_id": "band"})).await.expect(201);
    (id.to_owned(), lata.token.expect("a token"))
}

/// Points of each of the two metrics of a batch.
const POINTS: i64 = 100;

/// A batch of heart rates and breaths, in an hour of its own.
fn batch(patient: &str, start: DateTime<Utc>, number: i64) -> Value {
    let at = |point: i64| start + TimeDelta::hours(number) + TimeDelta::seconds(point);
    let point = |metric: &str, unit: &str, point: i64| json!({"metric_type": metric, "value": 60 + point % 30, "unit": unit, "timestamp": at(point)});
    let hearts = (0..POINTS).map(|place| point("heart_rate", "bpm", place));
    let points: Vec<Value> = hearts.chain((0..POINTS).map(|place| point("spo2", "%", place))).collect();
    json!({"patient_id": patient, "device_id": "band", "data_points": points})
}

/// Points that are stored of the hour of a batch.
async fn stored(lata: &Client, start: DateTime<Utc>, number: i64) -> i64 {
    let (from, to) = (start + TimeDelta::hours(number), start + TimeDelta::hours(number + 1));
    let written = |at: DateTime<Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    let path = format!("/api/v1/wearables/data/history?limit=1000&from={}&to={}", written(from), written(to));
    let found = lata.get(&path).await.expect(200);
    found["points"].as_array().unwrap_or_else(|| panic!("no points: {found}")).len() as i64
}

const ROUNDS: u64 = 5;
const AT_ONCE: i64 = 6;

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_there_whole_or_not_at_all_whenever_the_process_is_killed() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(place) = Place::new(engine).await else { continue };
        let (mut seed, start) = (Seeded(7), kernel::Clock::system().now() - TimeDelta::days(6));
        let mut server = place.serve();
        let (id, token) = patient(&server).await;
        let (mut sent, mut partly) = (0, 0);
        for _ in 0..ROUNDS {
            let heard = Arc::new(AtomicU64::new(0));
            let senders = (sent..sent + AT_ONCE).map(|number| {
                let (url, token) = (format!("{}/api/v1/wearables/data/sync", server.base), token.clone());
                let (body, heard) = (batch(&id, start, number), heard.clone());
                tokio::spawn(async move {
                    let request = reqwest::Client::new().post(url).bearer_auth(token).json(&body);
                    let acknowledged = request.send().await.is_ok_and(|answer| answer.status() == 201);
                    heard.fetch_add(u64::from(acknowledged), Ordering::SeqCst);
                    acknowledged
                })
            });
            let senders: Vec<_> = senders.collect();
            // When so many are acknowledged, and a little later: in the middle of the others.
            let enough = seed.below(AT_ONCE as u64);
            until("enough are acknowledged", || async { heard.load(Ordering::SeqCst) >= enough }).await;
            tokio::time::sleep(Duration::from_millis(seed.below(20))).await;
            server.child.signal("KILL");
            server.child.end().await;
            let answers: Vec<bool> = join_all(senders).await.into_iter().map(|a| a.expect("no panic")).collect();
            server = place.serve();
            let lata = Client::new(&server.base).with_token(&token);
            for (number, acknowledged) in (sent..).zip(&answers) {
                let there = stored(&lata, start, number).await;
                assert!(there == 0 || there == 2 * POINTS, "{there} points of batch {number} are there");
                assert!(!acknowledged || there > 0, "batch {number} was acknowledged and is gone");
                partly += i64::from(there == 0);
                // Whoever heard nothing sends it again.
                lata.post("/api/v1/wearables/data/sync", batch(&id, start, number)).await.expect(201);
                assert_eq!(stored(&lata, start, number).await, 2 * POINTS, "batch {number} is doubled or lost");
            }
            sent += AT_ONCE;
        }
        eprintln!("{engine:?}: {sent} batches, {partly} of them were not there after the kill");
    }
}

static MAKE_DUE: Statement = Statement::new(
    "MAKE_DUE",
    "UPDATE jobs SET run_after = created_at, leased_until = CASE WHEN leased_until IS NULL THEN NULL ELSE created_at END
    WHERE kind = 'key_rotation'",
);
static MAKE_OLD: Statement =
    Statement::new("MAKE_OLD", "UPDATE data_keys SET created_at = $1, used_from = CASE WHEN is_in_use THEN $1 END");

/// As if an hour had gone by: what waits is due, no lease is left, what was told of may be used, and what is in use was so
/// for long enough.
async fn an_hour_later(db: &Db) {
    let mut tx = db.begin().await.expect("a transaction");
    tx.run(&MAKE_DUE, args![]).await.expect("a change");
    let before = kernel::Clock::system().now() - TimeDelta::hours(1);
    tx.run(&MAKE_OLD, args![before]).await.expect("a change");
    tx.commit().await.expect("a commit");
}

/// Readings under a version of the key.
async fn under(db: &Db, version: u8) -> i64 {
    let counted = Where::new("SELECT count(*) AS value FROM readings")
        .all("substr(sealed, 1, 5) = ?", args![vec![1u8, version, 0, 0, 0]]);
    db.clone().find::<i64>(counted).await.expect("a count").remove(0)
}

async fn versions(db: &Db) -> i64 {
    vault::Vault::count_keys(&mut db.clone()).await.expect("a count").versions
}

const READINGS: i64 = 400;

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_that_is_killed_again_and_again_goes_on_to_its_end() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(place) = Place::new(engine).await else { continue };
        let (mut seed, server) = (Seeded(11), place.serve());
        let (id, token) = patient(&server).await;
        let lata = Client::new(&server.base).with_token(&token);
        for n in 0..READINGS {
            lata.post("/vitals", json!({"patient_id": id, "hr_bpm": 60 + n % 40, "spo2_pct": 98})).await.expect(201);
        }
        let before = crate::readings(&lata, &id).await;
        let db = place.db().await;
        place.run(&["keys", "rotate-data"]);
        until("the new version is told of", || async { versions(&db).await == 2 }).await;
        server.child.signal("KILL");
        server.child.end().await;
        let (mut kills, mut halfway) = (0, 0);
        while under(&db, 1).await > 0 {
            assert!(kills < 40, "it does not come to its end");
            let server = place.serve();
            an_hour_later(&db).await;
            let enough = under(&db, 2).await + 1 + seed.below(READINGS as u64 / 4) as i64;
            for _ in 0..5_000 {
                if under(&db, 2).await >= enough.min(READINGS) {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            server.child.signal("KILL");
            server.child.end().await;
            kills += 1;
            let left = under(&db, 1).await;
            halfway += i64::from(left > 0 && left < READINGS);
            assert_eq!(left + under(&db, 2).await, READINGS);
        }
        eprintln!("{engine:?}: killed {kills} times, {halfway} of them halfway");
        let server = place.serve();
        let lata = Client::new(&server.base).with_token(&token);
        assert_eq!(crate::readings(&lata, &id).await, before);
        for _ in 0..4 {
            an_hour_later(&db).await;
            tokio::time::sleep(Duration::from_millis(1500)).await;
        }
        until("the old version is destroyed", || async { versions(&db).await == 1 }).await;
        assert_eq!(crate::readings(&lata, &id).await, before);
        let status = place.run(&["keys", "status"]);
        assert!(status.contains("1 patients have 1 data keys") && status.contains("retire done: 100%"), "{status}");
        db.close().await;
    }
}
