//! A month of each app: synced, sent again, shifted by a day, corrected and deleted. Nothing is lost and nothing doubled.
use chrono::{DateTime, Days, TimeDelta, Utc};
use kernel::PatientId;
use serde_json::{Value, json};
use signals::{Metric, Step, Window};
use testkit::{TestApp, both};

use crate::apps::AppKind;
use crate::health_connect::{HealthConnect, KINDS, METRICS, Said};
use crate::{Patient, history};

/// The days before this one, so many of them.
fn lived(now: DateTime<Utc>, days: u64) -> HealthConnect {
    let mut store = HealthConnect::default();
    for ago in 1..=days {
        store.live_through(now.date_naive() - Days::new(ago));
    }
    store
}

/// What is kept is what is in the phone: every value, what each day comes to, and how many records there are.
async fn agrees(t: &TestApp, patient: PatientId, store: &HealthConnect, counts: &Value) {
    for metric in METRICS {
        assert_eq!(history(t, patient, metric).await, store.values(metric), "{metric:?}");
    }
    for metric in [Metric::Steps, Metric::Distance, Metric::EnergyIntake] {
        let kept = day_sums(t, patient, metric).await;
        assert_eq!(kept, store.day_sums(metric), "{metric:?}");
    }
    for kind in KINDS {
        let count = store.count(kind);
        assert_eq!(counts[kind].as_u64().unwrap_or_default(), count as u64, "{kind} of {counts}");
    }
}

async fn day_sums(t: &TestApp, patient: PatientId, metric: Metric) -> Vec<(DateTime<Utc>, f64)> {
    let grant = access::Grant::for_operator(&t.app, patient).await.expect("a grant");
    let key = t.app.edge::<vault::Vault>().key(&t.app.db(), patient).await.expect("a key");
    let window = Window { metrics: vec![metric], from: 0, to: i64::MAX };
    let zone = chrono_tz::Tz::UTC;
    let found = signals::buckets(&mut t.app.db(), &grant, &key, &window, Step::Day, zone, &|_, _| 0).await;
    let day = |from| DateTime::from_timestamp_micros(from).expect("a time");
    found.expect("buckets").iter().map(|bucket| (day(bucket.from), bucket.sum)).collect()
}

async fn a_month_of(kind: AppKind) {
    both(|t| async move {
        let patient = Patient::new(&t).await;
        let mut phone = patient.phone(&t).await;
        let mut store = lived(t.clock.now(), 28);
        let sent = kind.run(&phone, &store, t.clock.now()).await;
        assert_eq!(sent, store.records.len());
        agrees(&t, patient.id(), &store, &phone.counts().await).await;

        // The same month again, and again with a day more.
        assert_eq!(kind.run(&phone, &store, t.clock.now()).await, sent);
        agrees(&t, patient.id(), &store, &phone.counts().await).await;
        store.live_through(t.clock.now().date_naive());
        t.clock.advance(TimeDelta::days(1));
        phone.sync("Steps", json!([])).await.expect(401);
        phone.renew().await;
        kind.run(&phone, &store, t.clock.now()).await;
        agrees(&t, patient.id(), &store, &phone.counts().await).await;

        // Corrected: other numbers, fewer samples, and more of them.
        let before = store.clone();
        let steps = store.correct("Steps", 40, |said| *said = Said::Steps(9000));
        store.correct("Distance", 41, |said| *said = Said::Distance(77.5));
        let fewer = |said: &mut Said| {
            let Said::Beats(beats) = said else { panic!("no beats") };
            beats.truncate(20);
            beats[3] = 99;
        };
        let beats = store.correct("HeartRate", 30, fewer);
        kind.run(&phone, &store, t.clock.now()).await;
        agrees(&t, patient.id(), &store, &phone.counts().await).await;
        if kind == AppKind::Upstream {
            // What was on its way for long is older than what is there.
            for id in [&steps, &beats] {
                let late = &before.records[id];
                phone.sync(late.kind(), kind.write(late)).await.expect(200);
            }
            agrees(&t, patient.id(), &store, &phone.counts().await).await;
        }

        // Deleted.
        for (kind, id) in [("Steps", &steps), ("HeartRate", &beats)] {
            assert_eq!(phone.unsync(kind, json!(id)).await, json!({"success": true}));
            store.records.remove(id);
        }
        agrees(&t, patient.id(), &store, &phone.counts().await).await;
        kind.run(&phone, &store, t.clock.now()).await;
        agrees(&t, patient.id(), &store, &phone.counts().await).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_of_the_older_app_is_neither_lost_nor_doubled() {
    a_month_of(AppKind::Upstream).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_of_the_newer_app_is_neither_lost_nor_doubled() {
    a_month_of(AppKind::Fork).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_changes_the_app_has_every_record_once() {
    both(|t| async move {
        let patient = Patient::new(&t).await;
        let phone = patient.phone(&t).await;
        let store = lived(t.clock.now(), 5);
        for kind in [AppKind::Upstream, AppKind::Fork, AppKind::Upstream] {
            kind.run(&phone, &store, t.clock.now()).await;
            agrees(&t, patient.id(), &store, &phone.counts().await).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_there_already_is_told_to_nobody() {
    both(|t| async move {
        let patient = Patient::new(&t).await;
        let phone = patient.phone(&t).await;
        let store = lived(t.clock.now(), 28);
        AppKind::Fork.run(&phone, &store, t.clock.now()).await;
        AppKind::Fork.run(&phone, &store, t.clock.now()).await;
        let log = t.app.edge::<events::Log>();
        let seen = log.head(&mut t.app.db()).await.expect("a number");
        AppKind::Fork.run(&phone, &store, t.clock.now()).await;
        assert_eq!(log.head(&mut t.app.db()).await.expect("a number"), seen, "an event was told again");
    })
    .await;
}
