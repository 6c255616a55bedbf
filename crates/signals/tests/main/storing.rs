//! Points are stored once, whatever is sent again and in whatever pieces.
use access::{Grant, Read, data};
use kernel::PatientId;
use signals::{Metric, Outcome, Outdoes, Point, Quality, Window};
use testkit::both;
use vault::Vault;

use crate::body::{Body, MINUTE, at, device, minutes_of_heart, point};

const START: i64 = 1_790_000_000_000_000 - 1_790_000_000_000_000 % (1_440 * MINUTE);

#[tokio::test(flavor = "multi_thread")]
async fn the_same_batch_again_changes_nothing_and_is_known() {
    both(|app| async move {
        let (body, band) = (Body::new(&app).await, device(1));
        let heart = minutes_of_heart(START, 1_000);
        assert_eq!(body.store(band, &heart).await, Outcome { new: 1_000, replaced: 0, same: 0 });
        assert_eq!(body.store(band, &heart).await, Outcome { new: 0, replaced: 0, same: 1_000 });
        let mut mixed = heart.clone();
        mixed.reverse();
        assert_eq!(body.store(band, &mixed).await.same, 1_000, "in another order");
        let history = body.history(&[Metric::HeartRate], 300).await;
        assert_eq!(history.iter().map(|found| found.point).collect::<Vec<_>>(), heart);
        assert_eq!(body.store(device(2), &heart).await.new, 1_000, "another source's points are others");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_sent_again_with_other_borders_is_there_once() {
    both(|app| async move {
        let (body, band) = (Body::new(&app).await, device(1));
        let month = minutes_of_heart(START, 29 * 1_440);
        for batch in month.chunks(1_000) {
            body.store(band, batch).await;
        }
        // Two hours later, in batches that begin elsewhere.
        let later: Vec<Point> = minutes_of_heart(START + 120 * MINUTE, 29 * 1_440);
        let mut new = 0;
        for batch in later.chunks(777) {
            new += body.store(band, batch).await.new;
        }
        assert_eq!(new, 120);
        let history = body.history(&[Metric::HeartRate], 5_000).await;
        assert_eq!(history.len(), 29 * 1_440 + 120);
        assert!(history.is_sorted_by(|a, b| a.point.from < b.point.from));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_version_replaces_and_an_older_one_never_does() {
    both(|app| async move {
        let (body, scale) = (Body::new(&app).await, device(1));
        let weight = |value: f64, version: i64| Point { version, ..point(Metric::Weight, START, START, value) };
        body.store(scale, &[weight(80.0, 2)]).await;
        assert_eq!(body.store(scale, &[weight(81.0, 3)]).await.replaced, 1);
        assert_eq!(body.store(scale, &[weight(79.0, 1)]).await.same, 1);
        assert_eq!(body.store(scale, &[weight(80.0, 2)]).await.same, 1);
        let history = body.history(&[Metric::Weight], 10).await;
        assert_eq!(history.iter().map(|f| f.point.value).collect::<Vec<_>>(), [Some(81.0)]);
        // Of equal versions the last said counts, also when it was said before.
        assert_eq!(body.store(scale, &[weight(82.0, 3)]).await.replaced, 1);
        assert_eq!(body.store(scale, &[weight(81.0, 3)]).await.replaced, 1);
        assert_eq!(body.history(&[Metric::Weight], 10).await[0].point.value, Some(81.0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_what_is_stored_is_heard_again_once_something_else_was_said() {
    both(|app| async move {
        let (body, band) = (Body::new(&app).await, device(1));
        let heart = minutes_of_heart(START, 3);
        body.store(band, &heart).await;
        // All of it is there already, so that it makes no chunk of its own.
        assert_eq!(body.store(band, &heart[..1]).await.same, 1);
        let other = Point { value: Some(99.0), ..heart[0] };
        assert_eq!(body.store(band, &[other]).await.replaced, 1);
        assert_eq!(body.store(band, &heart[..1]).await.replaced, 1, "of equal versions the last said counts");
        assert_eq!(body.store(band, &[other]).await.replaced, 1);
        assert_eq!(body.history(&[Metric::HeartRate], 10).await[0].point, other);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_point_that_was_taken_back_stays_away_when_it_is_sent_again() {
    both(|app| async move {
        let (body, band) = (Body::new(&app).await, device(1));
        let heart = minutes_of_heart(START, 100);
        body.store(band, &heart).await;
        let gone = Point { value: None, version: 1, ..heart[99] };
        assert_eq!(body.store(band, &[gone]).await.replaced, 1);
        let newest = signals::newest(&mut app.app.db(), &body.read, &body.key).await.expect("newest");
        assert_eq!(newest.get(Metric::HeartRate).map(|f| f.point), Some(heart[98]), "the one before is the newest");
        body.fold().await;
        body.store(band, &heart).await;
        body.store(band, &minutes_of_heart(START + 50 * MINUTE, 50)).await;
        assert_eq!(body.history(&[Metric::HeartRate], 1_000).await.len(), 99);
        let all = heart.iter().map(|p| Point { value: None, version: 1, ..*p }).collect::<Vec<_>>();
        body.store(band, &all).await;
        let newest = signals::newest(&mut app.app.db(), &body.read, &body.key).await.expect("newest");
        assert_eq!(newest.get(Metric::HeartRate), None);
        assert!(body.history(&[Metric::HeartRate], 1_000).await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_brings_its_points_back_and_takes_them_along_whatever_their_versions() {
    both(|app| async move {
        let (body, app_of_phone) = (Body::new(&app).await, device(1));
        let weight =
            |value: Option<f64>, version: i64| Point { value, version, ..point(Metric::Weight, START, START, 80.0) };
        let newest = || async { body.history(&[Metric::Weight], 10).await.first().and_then(|f| f.point.value) };
        body.store_of_record(app_of_phone, &[weight(Some(80.0), 9)]).await;
        body.store_of_record(app_of_phone, &[weight(None, 9)]).await;
        assert_eq!(newest().await, None);
        assert_eq!(body.store_of_record(app_of_phone, &[weight(Some(81.0), 0)]).await.replaced, 1, "it came again");
        assert_eq!(newest().await, Some(81.0));
        assert_eq!(body.store_of_record(app_of_phone, &[weight(Some(70.0), 3)]).await.same, 1, "a newer one is there");
        let again = [(app_of_phone, vec![weight(Some(82.0), 0)])];
        assert_eq!(body.store_outdoing(&again, Outdoes::Everything).await[0].replaced, 1, "it reads otherwise now");
        assert_eq!(newest().await, Some(82.0));
        body.fold().await;
        assert_eq!(body.store_of_record(app_of_phone, &[weight(None, 0)]).await.replaced, 1, "and went again");
        assert_eq!(newest().await, None);
        body.fold().await;
        assert_eq!(body.store_of_record(app_of_phone, &[weight(Some(81.0), 0)]).await.replaced, 1);
        assert_eq!(newest().await, Some(81.0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_is_what_began_last_whenever_it_is_said_to_end() {
    both(|app| async move {
        let (body, band) = (Body::new(&app).await, device(1));
        let mean = point(Metric::HeartRate, START, START + 1_440 * MINUTE, 72.0);
        let beat =
            |minute: i64, value: f64| point(Metric::HeartRate, START + minute * MINUTE, START + minute * MINUTE, value);
        let newest = || async {
            let newest = signals::newest(&mut app.app.db(), &body.read, &body.key).await.expect("newest");
            newest.get(Metric::HeartRate).and_then(|found| found.point.value)
        };
        body.store(band, &[beat(5, 70.0), mean]).await;
        assert_eq!(newest().await, Some(70.0));
        body.store(device(2), &[beat(6, 71.0)]).await;
        assert_eq!(newest().await, Some(71.0));
        body.fold().await;
        body.store(device(2), &[Point { value: None, version: 1, ..beat(6, 71.0) }]).await;
        assert_eq!(newest().await, Some(70.0));
        body.store(band, &[Point { value: None, version: 1, ..beat(5, 70.0) }]).await;
        assert_eq!(newest().await, Some(72.0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_of_every_second_of_a_day_is_read_back_in_pages() {
    both(|app| async move {
        let (body, chest_strap) = (Body::new(&app).await, device(1));
        let rate = |second: i64| {
            point(
                Metric::HeartRate,
                START + second * 1_000_000,
                START + second * 1_000_000,
                60.0 + (second % 40) as f64,
            )
        };
        let day: Vec<Point> = (0..86_400).map(rate).collect();
        for batch in day.chunks(5_000) {
            body.store(chest_strap, batch).await;
        }
        body.fold().await;
        let missed: Vec<Point> = [rate(86_400), Point { value: Some(200.0), ..rate(40_000) }].to_vec();
        assert_eq!(body.store(chest_strap, &missed).await, Outcome { new: 1, replaced: 1, same: 0 });
        let history = body.history(&[Metric::HeartRate], 10_000).await;
        assert_eq!(history.len(), 86_401);
        assert_eq!(history[40_000].point.value, Some(200.0));
        let window =
            Window { metrics: vec![Metric::HeartRate], from: START + 50_000_000_000, to: START + 50_010_000_000 };
        let some = signals::history(&mut app.app.db(), &body.read, &body.key, &window, None, 100).await.expect("some");
        assert_eq!(some.iter().map(|f| f.point).collect::<Vec<_>>(), day[50_000..50_010]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_of_many_patients_come_with_one_question() {
    both(|app| async move {
        let mut bodies = Vec::new();
        for number in 0..20 {
            let body = Body::new(&app).await;
            body.store(device(1), &[point(Metric::HeartRate, START, START, 60.0 + f64::from(number))]).await;
            bodies.push(body);
        }
        bodies.push(Body::new(&app).await);
        let asked: Vec<_> = bodies.iter().map(|body| (&body.read, &body.key)).collect();
        let found = signals::newest_of_many(&mut app.app.db(), &asked).await.expect("newest");
        assert_eq!(found.len(), 20);
        let seventh = found[&bodies[7].key.patient()].get(Metric::HeartRate).expect("a heart rate");
        assert_eq!(seventh.point.value, Some(67.0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_patient_has_no_points() {
    both(|app| async move {
        let (body, band) = (Body::new(&app).await, device(1));
        body.store(band, &minutes_of_heart(START, 3_000)).await;
        body.fold().await;
        body.store(band, &minutes_of_heart(START + 3_000 * MINUTE, 10)).await;
        let mut tx = app.app.db().begin().await.expect("a transaction");
        signals::forget(&mut tx, body.key.patient()).await.expect("forgotten");
        tx.commit().await.expect("committed");
        assert!(body.history(&[Metric::HeartRate], 100).await.is_empty());
        assert_eq!(body.store(band, &minutes_of_heart(START, 10)).await.new, 10, "not even a digest is left");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_refused_and_nothing_is_stored() {
    both(|app| async move {
        let body = Body::new(&app).await;
        let good = point(Metric::HeartRate, START, START, 60.0);
        for bad in [
            Point { to: START - 1, ..good },
            Point { value: Some(f64::NAN), ..good },
            Point { from: i64::MIN, ..good },
            Point { to: i64::MAX, ..good },
        ] {
            let mut tx = app.app.db().begin().await.expect("a transaction");
            let points = [good, bad];
            let new = signals::NewPoints {
                grant: &body.write,
                key: &body.key,
                source: device(1),
                outdoes: Outdoes::Versions,
                points: &points,
            };
            let refused = signals::store(&mut tx, &[new]).await;
            assert!(refused.is_err_and(|error| error.status() == 422));
        }
        assert!(body.history(&[Metric::HeartRate], 10).await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_over_one_patient_shows_nothing_of_another() {
    both(|app| async move {
        let (body, other) = (Body::new(&app).await, Body::new(&app).await);
        let window = Window { metrics: vec![Metric::HeartRate], from: 0, to: START };
        let found = signals::history(&mut app.app.db(), &other.read, &body.key, &window, None, 10).await;
        assert!(found.is_err());
        assert!(signals::newest(&mut app.app.db(), &other.read, &body.key).await.is_err());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flag_and_a_time_to_the_microsecond_come_back() {
    both(|app| async move {
        let (body, meter) = (Body::new(&app).await, device(1));
        let exact = Point {
            quality: Quality::MANUAL.and(Quality::DOUBTFUL),
            ..point(Metric::Glucose, at("2026-11-20T05:00:00.123457Z"), at("2026-11-20T05:00:01.000001Z"), 101.37)
        };
        body.store(meter, &[exact]).await;
        body.fold().await;
        let found = body.history(&[Metric::Glucose], 10).await;
        assert_eq!((found[0].point, found[0].source), (exact, meter));
        assert!(found[0].point.quality.is(Quality::MANUAL) && !found[0].point.quality.is(Quality::ESTIMATED));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bedside_vitals_are_not_shown_through_a_grant_over_wearables() {
    both(|app| async move {
        let body = Body::new(&app).await;
        body.store(device(1), &[point(Metric::HeartRate, START, START, 60.0)]).await;
        let patient: PatientId = body.key.patient();
        let vitals: Grant<Read, data::Vitals> = Grant::for_operator(&app.app, patient).await.expect("a grant");
        let key = app.app.edge::<Vault>().key(&app.app.db(), patient).await.expect("a key");
        let latest = signals::latest(&mut app.app.db(), &vitals, &key).await.expect("latest");
        assert_eq!(latest.newest(), None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_breaks_off_leaves_nothing_and_comes_again() {
    both(|app| async move {
        let (body, band) = (Body::new(&app).await, device(1));
        // As many chunks as are folded with the next one, so that what breaks off is a fold too.
        for part in minutes_of_heart(START, 31 * 10).chunks(10) {
            body.store(band, part).await;
        }
        let next = minutes_of_heart(START + 310 * MINUTE, 1_000);
        let mut tx = app.app.db().begin().await.expect("a transaction");
        let new = signals::NewPoints {
            grant: &body.write,
            key: &body.key,
            source: band,
            outdoes: Outdoes::Versions,
            points: &next,
        };
        assert_eq!(signals::store(&mut tx, &[new]).await.expect("stored")[0].new, 1_000);
        drop(tx);
        assert_eq!(body.history(&[Metric::HeartRate], 1_000).await.len(), 310);
        assert_eq!(body.store(band, &next).await.new, 1_000);
        assert_eq!(body.history(&[Metric::HeartRate], 1_000).await.len(), 1_310);
    })
    .await;
}
