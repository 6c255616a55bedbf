//! What filters let through and what they refuse.
use serde_json::json;

use super::*;

fn at(text: &str) -> DateTime<Utc> {
    time(text).unwrap()
}

fn fits(queries: &Value) -> bool {
    let (start, end) = (at("2026-11-20T04:00:00Z"), Some(at("2026-11-20T04:10:00Z")));
    Filter::read(queries).unwrap().fits(&Seen { id: "a-1", app: Some("com.example"), start, end })
}

#[test]
fn every_operator_does_what_it_says() {
    for (queries, expected) in [
        (json!({}), true),
        (json!(null), true),
        (json!({"id": "a-1"}), true),
        (json!({"_id": {"$eq": "a-1"}}), true),
        (json!({"id": {"$ne": "a-1"}}), false),
        (json!({"id": {"$in": ["a-1", "a-2"]}}), true),
        (json!({"id": {"$nin": ["a-1"]}}), false),
        (json!({"app": "com.other"}), false),
        (json!({"start": {"$gte": "2026-11-20T04:00:00Z"}}), true),
        (json!({"start": {"$gt": "2026-11-20T04:00:00Z"}}), false),
        (json!({"start": {"$gte": "2026-11-20T09:30:00+05:30"}}), true),
        (json!({"start": {"$gte": "2026-11-20", "$lt": "2026-11-21"}}), true),
        (json!({"end": {"$lte": "2026-11-20T04:10:00.000Z"}}), true),
        (json!({"end": {"$lt": "2026-11-20T04:10:00Z"}}), false),
        (json!({"end": null}), false),
        (json!({"$or": [{"id": "x"}, {"app": "com.example"}]}), true),
        (json!({"$and": [{"id": "a-1"}, {"$or": [{"id": "x"}, {"id": "y"}]}]}), false),
        (json!({"id": "a-1", "app": "com.other"}), false),
    ] {
        assert_eq!(fits(&queries), expected, "{queries}");
    }
}

#[test]
fn what_is_not_known_is_refused_and_never_passed_on() {
    let mut deep = json!({"id": "a"});
    for _ in 0..20 {
        deep = json!({"$and": [deep]});
    }
    for queries in [
        json!([]),
        json!("x"),
        json!({"data": 1}),
        json!({"user": "a"}),
        json!({"$where": "1"}),
        json!({"id": {"$regex": ".*"}}),
        json!({"id": {"$gt": 7}}),
        json!({"id": {}}),
        json!({"id": ["a"]}),
        json!({"id": {"$in": "a"}}),
        json!({"start": "yesterday"}),
        json!({"$or": []}),
        json!({"$or": {"id": "a"}}),
        json!({"$and": ["a"]}),
        json!({"$nor": [{"id": "a"}]}),
        json!({"id": {"$not": {"$eq": "a"}}}),
        json!({"start.x": "a"}),
        deep,
    ] {
        assert_eq!(Filter::read(&queries).unwrap_err().status(), 400, "{queries}");
    }
}

#[test]
fn what_happened_at_one_moment_has_no_end() {
    let moment = Seen { id: "a", app: None, start: at("2026-11-20"), end: None };
    let fits = |queries: Value| Filter::read(&queries).unwrap().fits(&moment);
    assert!(fits(json!({"end": null})));
    assert!(fits(json!({"app": null})));
    assert!(!fits(json!({"end": {"$gt": "2000-01-01"}})));
    assert!(!fits(json!({"end": {"$lt": "2100-01-01"}})));
    assert!(fits(json!({"end": {"$ne": "2000-01-01"}})));
}

#[test]
fn bounds_let_everything_through_that_fits() {
    let filter = |queries: Value| Filter::read(&queries).unwrap();
    let day = filter(json!({"start": {"$gte": "2026-11-20", "$lt": "2026-11-21"}, "app": "x"}));
    assert_eq!(day.span(Field::Start), (Some(at("2026-11-20")), Some(at("2026-11-21"))));
    assert_eq!(day.span(Field::End), (None, None));
    let either = filter(json!({"$or": [{"start": {"$gte": "2026-11-20"}}, {"id": "a"}]}));
    assert_eq!((either.span(Field::Start), either.ids()), ((None, None), None));
    let named = filter(json!({"$and": [{"id": {"$in": ["a", "b"]}}]}));
    assert_eq!(named.ids(), Some(vec!["a", "b"]));
    let moments = filter(json!({"end": {"$in": [null, "2026-11-20"]}}));
    assert_eq!(moments.span(Field::End), (None, None));
}
