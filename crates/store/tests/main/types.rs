//! Every type comes back as it was put in, on both engines, and so does its absence.
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::{Value as Json, json};
use store::{Migration, Sql as _, args, from_row, sql};
use uuid::Uuid;

use crate::{at_both, id};

const SERIES: &[Migration] = &[Migration {
    version: 1,
    name: "0001_everything",
    ddl: "CREATE TABLE everything (
    number bigint NOT NULL PRIMARY KEY,
    who uuid,
    words text,
    count bigint,
    amount double precision,
    flag boolean,
    at timestamptz,
    day date,
    raw bytea,
    tree jsonb
);
",
}];

sql!(
    EVERYTHING_ADD = "INSERT INTO everything (number, who, words, count, amount, flag, at, day, raw, tree)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
);
sql!(EVERYTHING = "SELECT number, who, words, count, amount, flag, at, day, raw, tree FROM everything ORDER BY number");
sql!(
    BY_VALUE = "SELECT number AS value FROM everything WHERE (at = $1 OR $1 IS NULL) AND (who = $2 OR $2 IS NULL) ORDER BY number"
);

#[derive(Debug, Clone, PartialEq, Default)]
struct Everything {
    number: i64,
    who: Option<Uuid>,
    words: Option<String>,
    count: Option<i64>,
    amount: Option<f64>,
    flag: Option<bool>,
    at: Option<DateTime<Utc>>,
    day: Option<NaiveDate>,
    raw: Option<Vec<u8>>,
    tree: Option<Json>,
}
from_row!(Everything { number, who, words, count, amount, flag, at, day, raw, tree });

impl Everything {
    fn args(&self) -> store::Args {
        args![
            self.number,
            self.who,
            &self.words,
            self.count,
            self.amount,
            self.flag,
            self.at,
            self.day,
            &self.raw,
            &self.tree
        ]
    }
}

fn time(text: &str) -> Option<DateTime<Utc>> {
    Some(text.parse().expect("a time"))
}

fn day(text: &str) -> Option<NaiveDate> {
    Some(text.parse().expect("a day"))
}

fn samples() -> Vec<Everything> {
    let one = |number| Everything { number, ..Everything::default() };
    vec![
        one(0),
        Everything {
            who: Some(id()),
            words: Some("नाड़ी, 脈, ماء, 🫀 'quoted' \"twice\" \\ $1 ?".into()),
            count: Some(i64::MAX),
            amount: Some(0.1 + 0.2),
            flag: Some(true),
            at: time("2024-02-29T23:59:59.999999Z"),
            day: day("2024-02-29"),
            raw: Some((0..=255).collect()),
            tree: Some(json!({"a": [1, 2.5, null, "x", {"b": true}], "ключ": "значение"})),
            ..one(1)
        },
        Everything {
            who: Some(Uuid::nil()),
            words: Some(String::new()),
            count: Some(i64::MIN),
            amount: Some(f64::MAX),
            flag: Some(false),
            at: time("1970-01-01T00:00:00Z"),
            day: day("1970-01-01"),
            raw: Some(Vec::new()),
            tree: Some(json!([])),
            ..one(2)
        },
        Everything {
            who: Some(Uuid::max()),
            words: Some("x".repeat(100_000)),
            count: Some(0),
            amount: Some(f64::MIN_POSITIVE),
            at: time("1923-07-04T05:06:07.000001Z"),
            day: day("1899-12-31"),
            tree: Some(json!("text")),
            ..one(3)
        },
        Everything {
            count: Some(-1),
            amount: Some(-37.0),
            at: time("2999-12-31T23:59:59.000001Z"),
            day: day("2999-12-31"),
            tree: Some(json!(9_007_199_254_740_993_i64)),
            ..one(4)
        },
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_type_comes_back_as_it_was() {
    at_both(|place| async move {
        let mut db = place.open().await;
        db.migrate(SERIES).await.expect("a table");
        let samples = samples();
        let mut tx = db.begin().await.expect("a transaction");
        for sample in &samples[..3] {
            tx.run(&EVERYTHING_ADD, sample.args()).await.expect("a row");
        }
        tx.run_each(&EVERYTHING_ADD, &samples[3..].iter().map(Everything::args).collect::<Vec<_>>())
            .await
            .expect("rows");
        let inside: Vec<Everything> = tx.all(&EVERYTHING, args![]).await.expect("rows");
        assert_eq!(inside, samples);
        tx.commit().await.expect("a commit");
        let outside: Vec<Everything> = db.all(&EVERYTHING, args![]).await.expect("rows");
        assert_eq!(outside, samples);
        // What was read finds its row again, to the microsecond.
        for sample in &samples[1..] {
            let found: Vec<i64> = db.all(&BY_VALUE, args![sample.at, sample.who]).await.expect("rows");
            assert_eq!(found, [sample.number]);
            let beside = sample.at.map(|at| at + TimeDelta::microseconds(1));
            let found: Vec<i64> = db.all(&BY_VALUE, args![beside, sample.who]).await.expect("rows");
            assert_eq!(found, [0; 0]);
        }
        let all: Vec<i64> = db.all(&BY_VALUE, args![None::<DateTime<Utc>>, None::<Uuid>]).await.expect("rows");
        assert_eq!(all, [0, 1, 2, 3, 4]);
        db.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_finer_than_a_microsecond_is_cut() {
    at_both(|place| async move {
        let mut db = place.open().await;
        db.migrate(SERIES).await.expect("a table");
        let fine = Everything { at: time("2024-05-06T07:08:09.123456789Z"), ..Everything::default() };
        let mut tx = db.begin().await.expect("a transaction");
        tx.run(&EVERYTHING_ADD, fine.args()).await.expect("a row");
        tx.commit().await.expect("a commit");
        let found: Vec<Everything> = db.all(&EVERYTHING, args![]).await.expect("rows");
        assert_eq!(found[0].at, time("2024-05-06T07:08:09.123456Z"));
        db.close().await;
    })
    .await;
}

struct Strict {
    words: String,
}
from_row!(Strict { words });

struct Renamed {
    absent: String,
}
from_row!(Renamed { absent });

#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_is_null_absent_or_of_another_type_is_an_error() {
    at_both(|place| async move {
        let mut db = place.open().await;
        db.migrate(SERIES).await.expect("a table");
        let mut tx = db.begin().await.expect("a transaction");
        tx.run(&EVERYTHING_ADD, Everything::default().args()).await.expect("a row");
        tx.commit().await.expect("a commit");
        let null: Result<Vec<Strict>, _> = db.all(&EVERYTHING, args![]).await;
        assert!(null.map(|rows| rows[0].words.len()).is_err(), "NULL is no text");
        let absent: Result<Vec<Renamed>, _> = db.all(&EVERYTHING, args![]).await;
        assert!(absent.map(|rows| rows[0].absent.len()).is_err(), "there is no such column");
        db.close().await;
    })
    .await;
}
