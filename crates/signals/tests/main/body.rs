//! A patient whose wearables are stored and read without the services above.
use access::{Grant, Read, Write, data};
use chrono::{DateTime, Utc};
use kernel::PatientId;
use signals::{Found, Metric, NewPoints, Outcome, Outdoes, Place, Point, Quality, Window};
use testkit::TestApp;
use uuid::Uuid;
use vault::{PatientKey, Vault};

pub struct Body {
    pub app: TestApp,
    pub key: PatientKey,
    pub write: Grant<Write, data::Wearables>,
    pub read: Grant<Read, data::Wearables>,
}

impl Body {
    pub async fn new(app: &TestApp) -> Self {
        let (patient, mut tx) = (PatientId::new(), app.app.db().begin().await.expect("a transaction"));
        let key = app.app.edge::<Vault>().create_key(&mut tx, patient, app.clock.now()).await.expect("a key");
        tx.commit().await.expect("committed");
        let write = Grant::for_operator(&app.app, patient).await.expect("a grant to write");
        let read = Grant::for_operator(&app.app, patient).await.expect("a grant to read");
        Self { app: app.clone(), key, write, read }
    }

    /// Stores one batch of one source.
    pub async fn store(&self, source: Uuid, points: &[Point]) -> Outcome {
        self.store_all(&[(source, points.to_vec())]).await[0]
    }

    /// Stores several batches in one transaction.
    pub async fn store_all(&self, batches: &[(Uuid, Vec<Point>)]) -> Vec<Outcome> {
        self.store_outdoing(batches, Outdoes::Versions).await
    }

    pub async fn store_outdoing(&self, batches: &[(Uuid, Vec<Point>)], outdoes: Outdoes) -> Vec<Outcome> {
        let mut tx = self.app.app.db().begin().await.expect("a transaction");
        let new = |(source, points): &'_ (Uuid, Vec<Point>)| (*source, points.clone());
        let owned: Vec<_> = batches.iter().map(new).collect();
        let new: Vec<NewPoints<'_>> = owned
            .iter()
            .map(|(source, points)| NewPoints { grant: &self.write, key: &self.key, source: *source, outdoes, points })
            .collect();
        let outcomes = signals::store(&mut tx, &new).await.expect("stored");
        tx.commit().await.expect("committed");
        outcomes
    }

    /// Stores what a record says: whether its points are there is its to say.
    pub async fn store_of_record(&self, source: Uuid, points: &[Point]) -> Outcome {
        self.store_outdoing(&[(source, points.to_vec())], Outdoes::Presence).await[0]
    }

    pub async fn fold(&self) {
        let mut tx = self.app.app.db().begin().await.expect("a transaction");
        signals::fold_waiting(&mut tx, &self.key).await.expect("folded");
        tx.commit().await.expect("committed");
    }

    /// The whole history of some metrics, read in pages.
    pub async fn history(&self, metrics: &[Metric], page: usize) -> Vec<Found> {
        let window = Window { metrics: metrics.to_vec(), from: i64::MIN / 4, to: i64::MAX / 4 };
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let found = signals::history(&mut self.app.app.db(), &self.read, &self.key, &window, after, page).await;
            let found = found.expect("a page");
            assert!(found.len() <= page);
            let Some(last) = found.last() else { return all };
            after = Some(Place::of(last));
            all.extend(found);
        }
    }
}

/// Microseconds since 1970.
pub fn at(text: &str) -> i64 {
    text.parse::<DateTime<Utc>>().expect("a time").timestamp_micros()
}

pub const MINUTE: i64 = 60_000_000;

pub fn point(metric: Metric, from: i64, to: i64, value: f64) -> Point {
    Point { metric, from, to, value: Some(value), version: 0, quality: Quality::NONE }
}

pub fn device(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// A heart that was measured every minute.
pub fn minutes_of_heart(from: i64, many: i64) -> Vec<Point> {
    let rate = |minute: i64| 60.0 + ((minute * 7919) % 23) as f64;
    (0..many).map(|m| point(Metric::HeartRate, from + m * MINUTE, from + m * MINUTE, rate(m + from / MINUTE))).collect()
}
