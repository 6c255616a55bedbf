//! Charts: what minutes, hours, days and weeks come to, in the patient's own time.
use chrono_tz::Tz;
use signals::{Bucket, Metric, Step, Window};
use testkit::both;
use uuid::Uuid;

use crate::body::{Body, MINUTE, at, device, minutes_of_heart, point};

const HOUR: i64 = 60 * MINUTE;

async fn buckets(body: &Body, metric: Metric, from: &str, to: &str, step: Step, zone: Tz) -> Vec<Bucket> {
    let window = Window { metrics: vec![metric], from: at(from), to: at(to) };
    let band_first = |_: Metric, source: Uuid| source.as_u128() as i64;
    let mut db = body.app.app.db();
    let found = signals::buckets(&mut db, &body.read, &body.key, &window, step, zone, &band_first);
    found.await.expect("buckets")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_of_a_heart_comes_to_its_hours() {
    both(|app| async move {
        let body = Body::new(&app).await;
        let day = minutes_of_heart(at("2026-11-20T00:00:00Z"), 1_440);
        body.store(device(1), &day).await;
        let hours =
            buckets(&body, Metric::HeartRate, "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z", Step::Hour, Tz::UTC)
                .await;
        assert_eq!(hours.len(), 24);
        let seven: Vec<f64> = day[7 * 60..8 * 60].iter().filter_map(|p| p.value).collect();
        assert_eq!(hours[7].count, 60);
        assert_eq!(hours[7].sum, seven.iter().sum::<f64>());
        assert_eq!(hours[7].mean, seven.iter().sum::<f64>() / 60.0);
        assert_eq!(hours[7].max, seven.iter().copied().fold(f64::MIN, f64::max));
        assert_eq!(hours[7].min, seven.iter().copied().fold(f64::MAX, f64::min));
        assert_eq!(hours[7].last, seven[59]);
        body.fold().await;
        let again =
            buckets(&body, Metric::HeartRate, "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z", Step::Hour, Tz::UTC)
                .await;
        assert_eq!(again, hours, "folded or not");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn days_are_the_patients_own_in_the_nights_when_clocks_change() {
    both(|app| async move {
        let (body, berlin) = (Body::new(&app).await, chrono_tz::Europe::Berlin);
        // One step in every quarter of an hour of a whole week in UTC.
        let from = at("2026-10-19T00:00:00Z");
        let steps: Vec<_> =
            (0..10 * 96).map(|q| point(Metric::Steps, from + q * HOUR / 4, from + (q + 1) * HOUR / 4, 1.0)).collect();
        body.store(device(1), &steps).await;
        let days =
            buckets(&body, Metric::Steps, "2026-10-23T22:00:00Z", "2026-10-26T23:00:00Z", Step::Day, berlin).await;
        assert_eq!(days.iter().map(|day| day.sum).collect::<Vec<_>>(), [96.0, 100.0, 96.0]);
        let hours =
            buckets(&body, Metric::Steps, "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", Step::Hour, berlin).await;
        assert_eq!(hours.len(), 25);
        let week =
            buckets(&body, Metric::Steps, "2026-10-20T00:00:00Z", "2026-10-20T01:00:00Z", Step::Week, berlin).await;
        assert_eq!(week.len(), 1);
        assert_eq!((week[0].to - week[0].from) / HOUR, 7 * 24 + 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_sources_of_one_heart_are_not_mixed() {
    both(|app| async move {
        let body = Body::new(&app).await;
        let from = at("2026-11-20T00:00:00Z");
        body.store(device(2), &minutes_of_heart(from, 120)).await;
        let band: Vec<_> =
            (60..120).map(|m| point(Metric::HeartRate, from + m * MINUTE, from + m * MINUTE, 99.0)).collect();
        body.store(device(1), &band).await;
        let hours =
            buckets(&body, Metric::HeartRate, "2026-11-20T00:00:00Z", "2026-11-20T02:00:00Z", Step::Hour, Tz::UTC)
                .await;
        assert_eq!(hours.iter().map(|hour| hour.source).collect::<Vec<_>>(), [device(2), device(1)]);
        assert_eq!((hours[1].mean, hours[1].count), (99.0, 60));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn four_thousand_steps_of_a_band_and_the_phones_are_not_added() {
    both(|app| async move {
        let body = Body::new(&app).await;
        let from = at("2026-11-20T06:00:00Z");
        body.store(device(1), &[point(Metric::Steps, from, from + 8 * HOUR, 4_000.0)]).await;
        body.store(device(2), &[point(Metric::Steps, from + 6 * HOUR, from + 10 * HOUR, 3_800.0)]).await;
        let day =
            buckets(&body, Metric::Steps, "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z", Step::Day, Tz::UTC).await;
        assert_eq!(day.iter().map(|d| (d.sum, d.source)).collect::<Vec<_>>(), [(5_900.0, device(1))]);
        // A chart that begins later sees what had begun before.
        let late =
            buckets(&body, Metric::Steps, "2026-11-20T12:00:00Z", "2026-11-20T13:00:00Z", Step::Hour, Tz::UTC).await;
        assert_eq!(late.iter().map(|d| d.sum).collect::<Vec<_>>(), [500.0]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_shown_hour_by_hour() {
    both(|app| async move {
        let body = Body::new(&app).await;
        body.store(device(1), &minutes_of_heart(at("2026-11-20T03:30:00Z"), 60)).await;
        body.store(device(1), &minutes_of_heart(at("2026-11-20T08:00:00Z"), 60)).await;
        let window = Window {
            metrics: vec![Metric::HeartRate, Metric::Steps],
            from: at("2026-11-20T02:15:00Z"),
            to: at("2026-11-20T10:00:00Z"),
        };
        let found = signals::coverage(&mut app.app.db(), &body.read, &body.key, &window).await.expect("coverage");
        let hour = |h: &str| at(&format!("2026-11-20T{h}:00:00Z"));
        assert_eq!(found[0].covered, [(hour("03"), hour("05")), (hour("08"), hour("09"))]);
        assert_eq!(found[0].missing, [(hour("02"), hour("03")), (hour("05"), hour("08")), (hour("09"), hour("10"))]);
        assert_eq!(found[0].points, 120);
        assert_eq!((found[1].points, found[1].missing.clone()), (0, vec![(hour("02"), hour("10"))]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_metric_that_is_named_twice_is_counted_once() {
    both(|app| async move {
        let body = Body::new(&app).await;
        let from = at("2026-11-20T00:00:00Z");
        body.store(device(1), &[point(Metric::Steps, from, from + HOUR, 600.0)]).await;
        let window = Window { metrics: vec![Metric::Steps; 30], from, to: from + HOUR };
        let order = |_: Metric, _: Uuid| 0;
        let mut db = app.app.db();
        let asked = signals::buckets(&mut db, &body.read, &body.key, &window, Step::Minute, Tz::UTC, &order);
        assert_eq!(asked.await.expect("buckets").len(), 60);
        let asked = signals::coverage(&mut db, &body.read, &body.key, &window);
        assert_eq!(asked.await.expect("coverage").len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn charts_that_are_too_much_together_are_refused() {
    both(|app| async move {
        let body = Body::new(&app).await;
        let from = at("2026-10-01T00:00:00Z");
        let month = |metric: Metric| point(metric, from, from + 30 * 24 * HOUR, 600.0);
        body.store(device(1), &[month(Metric::Steps), month(Metric::Distance)]).await;
        let order = |_: Metric, _: Uuid| 0;
        let mut db = app.app.db();
        for (metrics, is_refused) in [(vec![Metric::Steps], false), (vec![Metric::Steps, Metric::Distance], true)] {
            let window = Window { metrics, from, to: from + 30 * 24 * HOUR };
            let asked = signals::buckets(&mut db, &body.read, &body.key, &window, Step::Minute, Tz::UTC, &order);
            assert_eq!(asked.await.is_err_and(|error| error.status() == 422), is_refused);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chart_of_too_many_steps_is_refused() {
    both(|app| async move {
        let body = Body::new(&app).await;
        body.store(device(1), &[point(Metric::HeartRate, 0, 0, 60.0)]).await;
        body.store(device(1), &minutes_of_heart(at("2026-11-20T03:30:00Z"), 1)).await;
        let window = Window { metrics: vec![Metric::HeartRate], from: i64::MIN / 4, to: i64::MAX / 4 };
        let order = |_: Metric, _: Uuid| 0;
        let mut db = app.app.db();
        let asked = signals::buckets(&mut db, &body.read, &body.key, &window, Step::Minute, Tz::UTC, &order);
        assert!(asked.await.is_err_and(|error| error.status() == 422));
    })
    .await;
}
