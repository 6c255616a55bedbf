//! Another master key: everything opens as before, and the old key opens nothing.
use serde_json::json;
use testkit::{Client, Engine};

use crate::killed::{Place, patient};
use crate::program::{Running, said};
use crate::{readings, text};

#[tokio::test(flavor = "multi_thread")]
async fn with_another_master_key_everything_opens_as_before_and_with_the_old_one_nothing() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(place) = Place::new(engine).await else { continue };
        let server = place.serve();
        let (id, _) = patient(&server).await;
        // Signed by a key that lies in the database, sealed with the master key.
        place.run(&["keys", "rotate"]);
        let lata = Client::new(&server.base).login("lata@example.org", "a-good-password").await;
        let token = lata.token.clone().expect("a token");
        let reading = json!({"patient_id": id, "hr_bpm": 72, "spo2_pct": 98});
        let once = lata.with_header("idempotency-key", "once").post("/vitals", reading.clone()).await.expect(201);
        let wish = format!("/api/v1/patients/{id}/erasure");
        let reference = lata.get(&format!("/api/patients/{id}")).await.expect(200)["patient_id"].clone();
        lata.post(&wish, json!({"reason": "I move abroad", "confirm": reference})).await.expect(202);
        let before = readings(&lata, &id).await;
        let refused = place.command(&["keys", "rotate-master"]).output().expect("it runs");
        assert!(!refused.status.success(), "it was changed under a running server");
        server.child.signal("TERM");
        server.child.end().await;

        let changed = place.run(&["keys", "rotate-master", "--nobody-serves"]);
        assert!(changed.contains("under the new master key"), "{changed}");
        let keys = place.keys();
        let (now, then) = (keys.join("master.key"), keys.join("master.key.before-1"));
        let read = |path| std::fs::read(path).expect("a key");
        assert_ne!(read(&now), read(&then));
        for round in 0..3 {
            let server = place.serve();
            let lata = Client::new(&server.base).with_token(&token);
            assert_eq!(readings(&lata, &id).await, before, "round {round}");
            let again = lata.with_header("idempotency-key", "once").post("/vitals", reading.clone()).await;
            assert_eq!(again.header("idempotency-replayed"), Some("true"));
            assert_eq!(again.expect(201)["data"]["id"], once["data"]["id"]);
            assert_eq!(lata.get(&wish).await.expect(200)["reason"], "I move abroad");
            Client::new(&server.base).login("lata@example.org", "a-good-password").await;
            server.child.signal("TERM");
            server.child.end().await;
            let verified = place.run(&["audit", "verify"]);
            assert!(verified.contains("the audit chain is whole"), "{verified}");
            match round {
                // As a change that broke off when the database was under the new key, and the file not yet in its place.
                0 => {
                    std::fs::rename(&now, keys.join("master.key.next")).expect("renamed");
                    std::fs::copy(&then, &now).expect("copied");
                }
                // As one that broke off before: the key that waits is nobody's.
                1 => drop(std::fs::copy(&then, keys.join("master.key.next")).expect("copied")),
                _ => drop(std::fs::copy(&then, &now).expect("copied")),
            }
        }
        let old = place.command(&["serve", "--listen", "127.0.0.1:0"]);
        let (status, words) = Running::start(old).end().await;
        assert!(!status.success() && words.contains("the master key is not the one"), "{words}");
        let listed = said(&place.command(&["audit", "list"]).output().expect("it runs"));
        assert!(listed.contains("master_key.rotate"), "{}", text(&json!(listed)));
    }
}
