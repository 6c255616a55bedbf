//! Fetching with filters.
use serde_json::{Value, json};
use testkit::both;

use crate::{Patient, Phone, plainly};

async fn ids(phone: &Phone, queries: Value) -> Vec<String> {
    let found = phone.fetch("steps", queries).await.expect(200);
    found.as_array().expect("a list").iter().map(|one| crate::text(&one["id"]).to_owned()).collect()
}

fn steps(id: &str, day: u32, app: &str) -> Value {
    json!({"startTime": format!("2026-10-{day:02}T04:00:00Z"), "endTime": format!("2026-10-{day:02}T04:10:00.500Z"),
        "count": 812, "metadata": {"id": id, "dataOrigin": app, "recordingMethod": 2}})
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_found_by_their_ids_apps_and_times() {
    both(|t| async move {
        let phone = Patient::new(&t).await.phone(&t).await;
        let sent = json!([steps("b", 2, "x"), steps("a", 1, "x"), steps("c", 3, "y"), steps("d", 4, "y")]);
        phone.sync("Steps", sent).await.expect(200);
        let whole = phone.fetch("steps", json!({"id": "b"})).await.expect(200);
        assert_eq!(
            whole,
            json!([{"_id": "b", "id": "b", "app": "x", "start": "2026-10-02T04:00:00Z",
            "end": "2026-10-02T04:10:00.500Z", "data": {"count": 812}}])
        );
        for (queries, expected) in [
            (json!({}), vec!["a", "b", "c", "d"]),
            (json!({"start": {"$gte": "2026-10-02T04:00:00Z"}}), vec!["b", "c", "d"]),
            (json!({"start": {"$gt": "2026-10-02T04:00:00Z", "$lte": "2026-10-03T04:00:00Z"}}), vec!["c"]),
            (json!({"end": {"$lt": "2026-10-02T04:10:00.500Z"}}), vec!["a"]),
            (json!({"end": {"$lte": "2026-10-02T04:10:00.500Z"}}), vec!["a", "b"]),
            (json!({"app": "y"}), vec!["c", "d"]),
            (json!({"_id": {"$in": ["d", "a", "absent"]}}), vec!["a", "d"]),
            (json!({"id": {"$nin": ["d", "a"]}}), vec!["b", "c"]),
            (json!({"$or": [{"id": "a"}, {"start": {"$gte": "2026-10-04"}}]}), vec!["a", "d"]),
            (json!({"$and": [{"app": "x"}, {"id": {"$ne": "a"}}]}), vec!["b"]),
            (json!({"id": "absent"}), vec![]),
        ] {
            let mut found = ids(&phone, queries.clone()).await;
            if queries["_id"].is_object() {
                found.sort();
            }
            assert_eq!(found, expected, "{queries}");
        }
        let none = phone.client.post("/api/v2/fetch/Steps", json!({})).await.expect(200);
        assert_eq!(none.as_array().map(Vec::len), Some(4));
        assert_eq!(phone.client.post("/api/v2/fetch/weight", json!({})).await.expect(200), json!([]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_is_not_known_is_refused() {
    both(|t| async move {
        let phone = Patient::new(&t).await.phone(&t).await;
        for queries in [json!({"$where": "sleep(1000)"}), json!({"data.count": 1}), json!({"id": {"$regex": "."}})] {
            phone.fetch("steps", queries.clone()).await.expect(400);
        }
        plainly(phone.fetch("steps", json!({"id": "a\u{0}b"})).await, 400, "NUL characters are not text");
        plainly(phone.fetch("steps", json!([])).await, 400, "queries is an object");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_records_come_in_one_answer() {
    both(|t| async move {
        let phone = Patient::new(&t).await.phone(&t).await;
        let minute = |n: usize| format!("2026-10-01T{:02}:{:02}:00Z", n / 60, n % 60);
        let one = |n: usize| json!({"time": minute(n), "weight": 70, "metadata": {"id": format!("w-{n:04}")}});
        phone.sync("Weight", (0..900).map(one).collect::<Vec<_>>().into()).await.expect(200);
        let found = phone.fetch("weight", json!({})).await.expect(200);
        let found = found.as_array().expect("a list");
        assert_eq!((found.len(), &found[899]["id"], &found[0]["end"]), (900, &json!("w-0899"), &Value::Null));
    })
    .await;
}
