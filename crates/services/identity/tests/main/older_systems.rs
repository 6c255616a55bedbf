//! Passwords that older systems hashed.
use serde_json::{Value, json};
use testkit::{TestApp, both};

use crate::{audit, text};

/// Made by Python's bcrypt and by werkzeug, of the password `correct horse`.
const MADE: [&str; 3] = [
    "$2b$06$YebusD6vyIdavQsmdrw3fuIGtoq5Yy0gxyfjwKcBbkWq2dklKm2rW",
    "pbkdf2:sha256:20000$1KwB5vsOgV3fyc8O$25b2d00a6b568c35c7f560ce722fecc277426833e315e2f4078d2fc9eee4ecea",
    "scrypt:32768:8:1$D4Kgwu7aeGs49iOo$7bb6d4af152800340da0ddc3580eee722165960262f054b29a8311112d1ecac972188fdfafc0e2fcffdf27c52ec290e5c0558698df9727902f418c2b1a9f0ef4",
];

async fn bring(t: &TestApp, email: &str, hash: &str) -> Value {
    let ask = json!({"email": email, "password_hash": hash, "user_type": "responder"});
    t.admin().await.post("/users/create", ask).await.expect(201)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_of_an_older_system_signs_in_and_is_hashed_anew() {
    both(|t| async move {
        for (n, hash) in MADE.iter().enumerate() {
            let email = format!("nurse{n}@example.org");
            let id = bring(&t, &email, hash).await["id"].clone();
            let with = |password: &str| json!({"email": email, "password": password});
            t.client().post("/auth/login", with("wrong horse")).await.expect(401);
            for _ in 0..2 {
                t.client().post("/auth/login", with("correct horse")).await.expect(200);
            }
            t.client().post("/auth/login", with("wrong horse")).await.expect(401);
            let all = audit(&t).await;
            let anew = all.iter().filter(|e| e.action == "password.rehash" && e.object == text(&id));
            assert_eq!(anew.count(), 1, "{hash}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hash_is_brought_by_an_administrator_in_place_of_a_password() {
    both(|t| async move {
        let (admin, hospital) = (t.admin().await, t.hospital("City Hospital", 4).await);
        let ask = |more: Value| {
            let mut ask = json!({"email": "asha@example.org", "user_type": "nurse", "reference_id": hospital["id"]});
            ask.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            ask
        };
        for hash in ["correct horse", "5f4dcc3b5aa765d61d8327deb882cf99", "pbkdf2:sha256:9000000$salt$00"] {
            admin.post("/users/create", ask(json!({"password_hash": hash}))).await.expect_about(422, "password_hash");
        }
        let both = json!({"password_hash": MADE[0], "password": "correct horse"});
        admin.post("/users/create", ask(both)).await.expect_about(422, "password_hash");
        admin.post("/users/create", ask(json!({}))).await.expect_about(422, "password");
        let desk = t.account("hospital", Some(&hospital["id"])).await;
        desk.post("/users/create", ask(json!({"password_hash": MADE[0]}))).await.expect(403);
        let made = admin.post("/users/create", ask(json!({"password_hash": MADE[0]}))).await.expect(201);
        assert!(!made.to_string().contains("$2b$"), "the hash is shown");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_checked_once_against_an_older_hash_as_well() {
    both(|t| async move {
        bring(&t, "asha@example.org", MADE[0]).await;
        for name in ["asha@example.org", "nobody@example.org"] {
            let before = identity::passwords_checked(&t.app);
            t.client().post("/auth/login", json!({"email": name, "password": "wrong"})).await.expect(401);
            assert_eq!(identity::passwords_checked(&t.app) - before, 1, "{name}");
        }
    })
    .await;
}
