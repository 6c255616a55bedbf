//! Signals against a plain map: whatever is stored, taken back, sent again and folded, both say the same.
use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRunner};
use signals::{Found, Metric, Point, Quality};
use testkit::both;
use uuid::Uuid;

use crate::body::{Body, MINUTE, device};

/// What happens to a patient's points.
#[derive(Debug, Clone)]
enum Step {
    /// Batches that are stored in one transaction.
    Store(Vec<(Uuid, Vec<Point>)>),
    /// The batches of an earlier step, once more.
    Again(prop::sample::Index),
    Fold,
}

const METRICS: [Metric; 3] = [Metric::HeartRate, Metric::Steps, Metric::Weight];

fn a_point() -> impl Strategy<Value = Point> {
    // Few places, so that many points meet; some days and years apart.
    let day = prop_oneof![6 => Just(0i64), 3 => 1i64..4, 1 => prop_oneof![Just(-3_000i64), Just(900)]];
    let length = prop_oneof![4 => Just(0i64), 1 => 1i64..3];
    let value = prop_oneof![6 => (50i64..60).prop_map(|v| Some(v as f64 / 2.0)), 1 => Just(None)];
    (prop::sample::select(&METRICS), day, 0i64..40, length, value, 0i64..3, 0u8..2).prop_map(
        |(metric, day, minute, length, value, version, quality)| {
            let from = day * 1_440 * MINUTE + minute * MINUTE;
            Point { metric, from, to: from + length * MINUTE, value, version, quality: Quality(quality) }
        },
    )
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let batch =
        (1u128..3, prop::collection::vec(a_point(), 0..40)).prop_map(|(source, points)| (device(source), points));
    let step = prop_oneof![
        6 => prop::collection::vec(batch, 1..4).prop_map(Step::Store),
        3 => any::<prop::sample::Index>().prop_map(Step::Again),
        2 => Just(Step::Fold),
    ];
    prop::collection::vec(step, 1..12)
}

type Map = BTreeMap<(i64, Metric, i64, Uuid), Point>;

fn put(map: &mut Map, source: Uuid, point: Point) {
    let known = map.entry((point.from, point.metric, point.to, source)).or_insert(point);
    if point.version >= known.version {
        *known = point;
    }
}

fn live(map: &Map) -> Vec<Found> {
    let all = map.iter().map(|(place, point)| Found { point: *point, source: place.3 });
    all.filter(|found| found.point.value.is_some()).collect()
}

async fn check(body: &Body, map: &Map, page: usize) {
    assert_eq!(body.history(&METRICS, page).await, live(map));
    let newest = signals::newest(&mut body.app.app.db(), &body.read, &body.key).await.expect("newest");
    for metric in METRICS {
        let of_metric = live(map).into_iter().filter(|found| found.point.metric == metric);
        let expected = of_metric.max_by_key(|found| (found.point.from, found.point.to, found.source));
        assert_eq!(newest.get(metric), expected);
    }
}

async fn run(body: &Body, steps: Vec<Step>, page: usize) {
    let (mut map, mut stored) = (Map::new(), Vec::<Vec<(Uuid, Vec<Point>)>>::new());
    for step in steps {
        let batches = match step {
            Step::Fold => {
                body.fold().await;
                continue;
            }
            Step::Again(_) if stored.is_empty() => continue,
            Step::Again(which) => which.get(&stored).clone(),
            Step::Store(batches) => batches,
        };
        let before = map.clone();
        batches.iter().for_each(|(source, points)| points.iter().for_each(|point| put(&mut map, *source, *point)));
        let outcomes = body.store_all(&batches).await;
        let told: usize = outcomes.iter().map(|o| o.new + o.replaced + o.same).sum();
        assert_eq!(told, batches.iter().map(|(_, points)| points.len()).sum::<usize>());
        let new: usize = outcomes.iter().map(|o| o.new).sum();
        assert_eq!(new, map.len() - before.len());
        stored.push(batches);
        check(body, &map, page).await;
    }
    body.fold().await;
    check(body, &map, 1_000).await;
}

/// How many lives are tried on each engine.
const LIVES: usize = 24;

#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_history_is_what_a_plain_map_would_hold() {
    both(|app| async move {
        // The same lives at each run: a failure that was seen can be seen again.
        let mut runner = TestRunner::new_with_rng(
            Config::default(),
            proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
        );
        for life in 0..LIVES {
            let steps = steps().new_tree(&mut runner).expect("a life").current();
            eprintln!("life {life}: {} steps", steps.len());
            run(&Body::new(&app).await, steps, 1 + life * 7).await;
        }
    })
    .await;
}
