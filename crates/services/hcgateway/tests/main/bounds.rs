//! How much a phone may send, and what it takes up.
use reqwest::Method;
use serde_json::{Value, json};
use signals::Metric;
use store::Sql as _;
use testkit::both;

use crate::{Patient, Phone, history, plainly, text};

fn weight(n: usize, app: &str) -> Value {
    let time = format!("2026-11-19T{:02}:{:02}:{:02}Z", n / 3600, n / 60 % 60, n % 60);
    json!({"time": time, "weight": 70, "metadata": {"id": format!("w{n}"), "dataOrigin": app}})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_sync_is_stored_in_pieces_between_which_others_write() {
    both(|t| async move {
        let patient = Patient::new(&t).await;
        let phone = patient.phone(&t).await;
        let mut records: Vec<Value> = (0..2100).map(|n| weight(n, "scales")).collect();
        records[1500] = json!({"weight": 70});
        // The same record again, pieces later, is the same record.
        records.push(weight(7, "scales"));
        let log = t.app.edge::<events::Log>();
        let before = log.head(&mut t.app.db()).await.expect("a number");
        let answer = phone.sync("Weight", records.clone().into()).await.expect(200);
        assert_eq!(answer, json!({"success": true, "count": 2100, "skipped": 1}));
        let told = log.after(&mut t.app.db(), "wearables", before, 100).await.expect("events");
        assert_eq!(told.len(), 3, "each piece is a transaction of its own");
        assert_eq!(phone.counts().await, json!({"Weight": 2099}));
        // A phone that was cut off sends everything again.
        let answer = phone.sync("Weight", records.into()).await.expect(200);
        assert_eq!(answer, json!({"success": true, "count": 2100, "skipped": 1}));
        assert_eq!(history(&t, patient.id(), Metric::Weight).await.len(), 2099);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nonsense_without_end_takes_up_little_and_is_never_in_the_way() {
    store::sql!(KEPT = "SELECT count(*) AS value FROM gateway_quarantine");
    both(|t| async move {
        let patient = Patient::new(&t).await;
        let phone = patient.phone(&t).await;
        let mut sent = vec![json!(0); 3000];
        sent[2500] = weight(1, "scales");
        // More values in one record than any day has.
        sent.push(json!({"time": "2026-11-19T05:00:00Z", "weight": vec![0; 600_000], "metadata": {"id": "huge"}}));
        let answer = phone.sync("Weight", sent.into()).await.expect(200);
        assert_eq!(answer, json!({"success": true, "count": 1, "skipped": 3000}));
        let kept = async || -> Option<i64> { t.app.db().one(&KEPT, Vec::new()).await.expect("a number") };
        assert_eq!(kept().await, Some(1), "the same nonsense is set aside once");
        let different: Vec<Value> = (0..1500).map(|n| json!({"nonsense": n})).collect();
        phone.sync("Weight", different.into()).await.expect(200);
        assert_eq!(kept().await, Some(1001), "of one body the first thousand are kept");
        let far_too_many = phone.sync("Weight", vec![0; 100_001].into()).await;
        plainly(far_too_many, 413, "data has more than 100000 entries: send them in pieces");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_app_too_many_is_no_reason_to_refuse_anything() {
    both(|t| async move {
        let patient = Patient::new(&t).await;
        let phone = patient.phone(&t).await;
        let records: Vec<Value> = (0..510).map(|n| weight(n, &format!("app{n}"))).collect();
        for _ in 0..2 {
            let answer = phone.sync("Weight", records.clone().into()).await.expect(200);
            assert_eq!(answer, json!({"success": true, "count": 510, "skipped": 0}));
        }
        assert_eq!(history(&t, patient.id(), Metric::Weight).await.len(), 510);
        let (mut next, mut apps) = (Some("/api/v1/wearables/devices?limit=100".to_owned()), Vec::new());
        while let Some(page) = next {
            let answer = patient.account.get(&page).await;
            next = answer.next();
            apps.extend(answer.expect(200).as_array().expect("a list").iter().map(|app| app["device_id"].clone()));
        }
        assert_eq!((apps.len(), apps.contains(&json!("hcgateway"))), (501, true), "the rest is hcgateway's");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_nested_too_deeply_never_waits_for_a_phone() {
    both(|t| async move {
        let patient = Patient::new(&t).await;
        let tokens = patient.log_in(&t, json!({"fcmToken": "f-1"})).await.expect(201);
        let phone = Phone { client: t.client().with_token(text(&tokens["token"])), refresh: String::new() };
        for (depth, status) in [(100, 202), (124, 202), (126, 400), (127, 400), (1000, 400)] {
            let body = format!("{{\"data\": [{}1{}]}}", "{\"a\":".repeat(depth), "}".repeat(depth));
            let put = phone.client.request(Method::PUT, "/api/v2/push/Zed").body(body);
            let answer = put.header("content-type", "application/json").send().await.expect("an answer");
            assert_eq!(answer.status().as_u16(), status, "{depth}");
        }
        let grant = access::Grant::for_operator(&t.app, patient.id()).await.expect("a grant");
        let waiting = hcgateway::portable::waiting(&t.app, &grant, &kernel::PageQuery::default()).await;
        assert!(waiting.is_ok(), "an export ends on it");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_app_says_when_it_was_heard_and_what_was_taken_back_is_not_counted() {
    both(|t| async move {
        let patient = Patient::new(&t).await;
        let phone = patient.phone(&t).await;
        let records: Vec<Value> = (0..5).map(|n| weight(n, &format!("app{}", n % 3))).collect();
        phone.sync("Weight", records.into()).await.expect(200);
        let devices = patient.account.get("/api/v1/wearables/devices").await.expect(200);
        let heard: Vec<bool> =
            devices.as_array().expect("a list").iter().map(|device| device["last_sync"].is_string()).collect();
        assert_eq!(heard, [true; 3], "{devices}");
        let nurse = &patient.ward.nurse;
        let total = async || nurse.get("/api/wearables/statistics").await.expect(200)["total_records"].clone();
        assert_eq!(total().await, 5);
        phone.unsync("Weight", json!(["w0", "w1", "w4"])).await;
        assert_eq!(total().await, 2);
    })
    .await;
}

/// Measures, and so it is run by itself: `cargo test --release -p hcgateway -- --ignored how_long_a_sync_takes --nocapture`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "it measures"]
async fn how_long_a_sync_takes() {
    both(|t| async move {
        let patient = Patient::new(&t).await;
        let phone = patient.phone(&t).await;
        let records: Vec<Value> = (0..50_000).map(|n| weight(n, "scales")).collect();
        let engine = if t.app.db().is_sqlite() { "SQLite" } else { "PostgreSQL" };
        for what in ["stored", "sent again"] {
            let began = std::time::Instant::now();
            phone.sync("Weight", records.clone().into()).await.expect(200);
            println!("{engine}: {what}: {:.0} µs a record", began.elapsed().as_secs_f64() * 1e6 / records.len() as f64);
        }
    })
    .await;
}
