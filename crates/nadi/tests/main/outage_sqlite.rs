//! Another process holds the SQLite file: requests say so, and go on when it lets go.
use serde_json::json;
use store::{Db, Options};
use testkit::{Engine, on};

use crate::{reading, readings};

#[tokio::test(flavor = "multi_thread")]
async fn while_another_process_writes_reading_goes_on_and_writing_says_no() {
    on(Engine::Sqlite, |t| async move {
        let w = t.ward().await;
        let other = Db::open(&t.settings.database(), &Options::default()).await.expect("another handle");
        let busy = other.begin().await.expect("it writes");
        // The program waits a few seconds for its turn before it gives up.
        let refused = w.nurse.post("/vitals", reading(&w, json!({"hr_bpm": 70}))).await;
        assert!(refused.header("retry-after").is_some(), "{}", refused.text);
        refused.expect(503);
        assert_eq!(t.client().get("/ready").await.status.as_u16(), 200, "what only reads is not held up");
        drop(busy);
        w.nurse.post("/vitals", reading(&w, json!({"hr_bpm": 71}))).await.expect(201);
        let stored = readings(&w.nurse, w.patient_id()).await;
        assert_eq!((stored.len(), &stored[0]["hr_bpm"]), (1, &json!(71.0)));
    })
    .await;
}
