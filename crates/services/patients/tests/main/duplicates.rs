//! Looking for records of the same person.
use serde_json::{Value, json};
use testkit::{Client, Engine, both, on};

use crate::{each, register, text};

async fn duplicates(client: &Client, patient: &Value, query: &str) -> Vec<Value> {
    let path = format!("/api/v1/patients/{}/duplicates{query}", text(&patient["id"]));
    client.get(&path).await.expect(200)["candidates"].as_array().expect("a list").clone()
}

fn shown(candidates: &[Value]) -> Vec<String> {
    candidates.iter().map(|candidate| text(&candidate["patient"]["name"]).to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_typed_twice_is_found_and_explained() {
    both(|t| async move {
        let hospital = t.hospital("City Hospital", 4).await;
        let desk = t.account("hospital", Some(&hospital["id"])).await;
        let home = json!({"line": "1 Ghat Road", "city": "Pune"});
        let first = json!({"date_of_birth": "1980-05-07", "contact": "+91 98765 43210", "address": home});
        let first = register(&desk, "Priya Sharma", first).await;
        let again = json!({"date_of_birth": "1980-07-05", "contact": "098765 43211", "address": home});
        register(&desk, "Sharma Preeya", again).await;
        let brother = json!({"date_of_birth": "1984-11-02", "contact": "+91 98765 43210", "address": home});
        register(&desk, "Ravi Sharma", brother).await;
        register(&desk, "Lata Joshi", json!({"date_of_birth": "1980-05-07", "contact": "91234 56780"})).await;
        for client in [t.admin().await, desk.clone()] {
            let found = duplicates(&client, &first, "").await;
            assert_eq!(shown(&found), ["Sharma Preeya"]);
            let parts = found[0]["parts"].as_array().expect("parts");
            assert_eq!(each(&found[0]["parts"], "member"), ["name", "date_of_birth", "phone", "address"]);
            assert!(parts.iter().all(|part| !text(&part["because"]).is_empty()), "{parts:?}");
            let sum = |member: &str| parts.iter().filter_map(|part| part[member].as_i64()).sum::<i64>();
            let exact = sum("points") as f64 * 100.0 / sum("of") as f64;
            let score = found[0]["score"].as_i64().expect("a score");
            assert!((score as f64 - exact).abs() <= 0.5 && score >= 80, "{score} of {exact}");
            // The brother shares phone and house.
            assert_eq!(shown(&duplicates(&client, &first, "?min_score=30").await), ["Sharma Preeya", "Ravi Sharma"]);
            assert_eq!(shown(&duplicates(&client, &first, "?min_score=0&limit=1").await), ["Sharma Preeya"]);
        }
        let path = format!("/api/v1/patients/{}/duplicates?min_score=101", text(&first["id"]));
        desk.get(&path).await.expect_about(422, "min_score");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_ones_own_records_are_compared_and_each_look_is_on_the_chain() {
    both(|t| async move {
        let (city, lake) = (t.hospital("City Hospital", 4).await, t.hospital("Lake Hospital", 4).await);
        let city = t.account("hospital", Some(&city["id"])).await;
        let lake = t.account("hospital", Some(&lake["id"])).await;
        let here = register(&city, "Asha Rao", json!({})).await;
        let twin = register(&city, "Aasha Rao", json!({})).await;
        let there = register(&lake, "Asha Rao", json!({})).await;
        assert_eq!(shown(&duplicates(&city, &here, "").await), ["Aasha Rao"]);
        assert!(duplicates(&lake, &there, "").await.is_empty());
        lake.get(&format!("/api/v1/patients/{}/duplicates", text(&here["id"]))).await.expect(404);
        assert_eq!(duplicates(&t.admin().await, &here, "").await.len(), 2);
        let looks = looks_at(&t, &twin).await;
        assert!(looks.iter().any(|path| path.ends_with("/duplicates")), "{looks:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn anothers_many_records_do_not_crowd_out_ones_own() {
    on(Engine::Sqlite, |t| async move {
        let (city, lake) = (t.hospital("City Hospital", 4).await, t.hospital("Lake Hospital", 4).await);
        let city = t.account("hospital", Some(&city["id"])).await;
        let lake = t.account("hospital", Some(&lake["id"])).await;
        for n in 0..510 {
            let other =
                json!({"contact": "98765 43210", "date_of_birth": "1950-01-01", "patient_id": format!("lake-{n}")});
            register(&lake, "Ravi Kumar", other).await;
        }
        let here = register(&city, "Asha Rao", json!({"contact": "98765 43210"})).await;
        register(&city, "Ravi Kumar", json!({"contact": "98765 43210", "date_of_birth": "1950-01-01"})).await;
        assert_eq!(shown(&duplicates(&city, &here, "?min_score=0").await), ["Ravi Kumar"]);
    })
    .await;
}

/// The paths under which a patient's registration was read.
async fn looks_at(t: &testkit::TestApp, patient: &Value) -> Vec<String> {
    let (mut db, mut after, mut paths) = (t.app.db(), 0, Vec::new());
    loop {
        let records = access::list(&mut db, after).await.expect("the chain");
        let Some(last) = records.last() else { return paths };
        after = last.seq;
        let of = |id: &kernel::PatientId| id.to_string() == text(&patient["id"]);
        let looks = records.into_iter().filter(|r| r.patient_id.as_ref().is_some_and(of));
        paths.extend(looks.filter(|r| r.action == "read registration").map(|r| r.object));
    }
}
