//! Guessing at passwords.
use chrono::TimeDelta;
use serde_json::json;
use testkit::{Answer, TestApp, both, both_with};

use crate::{PASSWORD, log_in, responder, with_token};

async fn guess(t: &TestApp, name: &str) -> Answer {
    t.client().post("/auth/login", json!({"email": name, "password": "wrong horse"})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sixth_wrong_password_in_a_minute_is_told_to_wait() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        for name in ["asha@example.org", "nobody@example.org"] {
            for _ in 0..5 {
                guess(&t, name).await.expect(401);
            }
            // Another spelling is the same account, known or not.
            let answer = guess(&t, &format!(" {}", name.to_uppercase())).await;
            assert_eq!(answer.header("content-type"), Some("application/problem+json"));
            assert_eq!(answer.header("retry-after"), Some("12"));
            assert_eq!(answer.header("ratelimit-policy"), Some("\"login\";q=5;w=60"));
            assert_eq!(answer.header("ratelimit"), Some("\"login\";r=0;t=12"));
            answer.expect(429);
        }
        let right = json!({"email": "asha@example.org", "password": PASSWORD});
        t.client().post("/api/v1/auth/login", right.clone()).await.expect(429);
        t.clock.advance(TimeDelta::seconds(12));
        t.client().post("/api/v1/auth/login", right).await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_knows_the_password_logs_in_as_often_as_needed() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        for _ in 0..7 {
            log_in(&t, "asha@example.org").await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_session_does_not_help_to_guess_the_password() {
    both(|t| async move {
        responder(&t, "asha@example.org").await;
        let session = with_token(&t, &log_in(&t, "asha@example.org").await);
        let guess = json!({"current_password": "wrong horse", "new_password": "another horse"});
        for _ in 0..5 {
            session.put("/api/v1/auth/password", guess.clone()).await.expect(422);
        }
        session.put("/api/v1/auth/password", guess).await.expect(429);
    })
    .await;
}

/// Wrong logins from many addresses, as many as one account takes from strangers.
async fn attack(t: &TestApp, name: &str) {
    for n in 0..30 {
        from(t, &format!("203.0.113.{n}"))
            .post("/auth/login", json!({"email": name, "password": "guess"}))
            .await
            .expect(401);
    }
}

fn from(t: &TestApp, address: &str) -> testkit::Client {
    t.client().with_header("x-forwarded-for", address)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attack_from_many_addresses_slows_strangers_and_not_the_owner() {
    // A server that believes its proxy, so that the test has many addresses.
    both_with(
        |settings| settings.trust_proxy = true,
        |t| async move {
            responder(&t, "asha@example.org").await;
            let right = json!({"email": "asha@example.org", "password": PASSWORD});
            from(&t, "198.51.100.7").post("/auth/login", right.clone()).await.expect(200);
            for name in ["asha@example.org", "nobody@example.org"] {
                attack(&t, name).await;
                let guess = json!({"email": name, "password": "guess"});
                let answer = from(&t, "203.0.113.99").post("/auth/login", guess).await;
                assert_eq!(answer.header("ratelimit-policy"), Some("\"account\";q=30;w=60"));
                answer.expect(429);
            }
            // The owner, from where she signs in anyway.
            from(&t, "198.51.100.7").post("/auth/login", right.clone()).await.expect(200);
            // From elsewhere she waits two seconds, as everybody does.
            from(&t, "198.51.100.8").post("/auth/login", right.clone()).await.expect(429);
            t.clock.advance(TimeDelta::seconds(2));
            from(&t, "198.51.100.8").post("/auth/login", right.clone()).await.expect(200);
            // A month later the address is forgotten.
            t.clock.advance(TimeDelta::days(31));
            attack(&t, "asha@example.org").await;
            from(&t, "198.51.100.7").post("/auth/login", right).await.expect(429);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_has_one_count_by_whichever_of_its_names_it_is_tried() {
    both(|t| async move {
        let names = json!({"email": "asha@example.org", "username": "asha", "phone": "+919876543210",
            "password": PASSWORD, "user_type": "responder"});
        t.admin().await.post("/users/create", names).await.expect(201);
        for name in ["asha@example.org", "asha", "+91 98765 43210", "ASHA", "asha@example.org"] {
            guess(&t, name).await.expect(401);
        }
        for name in ["asha@example.org", "asha", "+919876543210"] {
            guess(&t, name).await.expect(429);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_login_checks_one_password_whoever_it_is_that_tries() {
    both(|t| async move {
        let admin = t.admin().await;
        responder(&t, "asha@example.org").await;
        let closed = responder(&t, "shut@example.org").await["id"].clone();
        admin.post(&format!("/users/{}/disable", crate::text(&closed)), json!({})).await.expect(200);
        for (name, password, status) in [
            ("asha@example.org", PASSWORD, 200),
            ("asha@example.org", "wrong horse", 401),
            ("nobody@example.org", PASSWORD, 401),
            ("shut@example.org", PASSWORD, 401),
            ("shut@example.org", "wrong horse", 401),
        ] {
            let before = identity::passwords_checked(&t.app);
            t.client().post("/auth/login", json!({"email": name, "password": password})).await.expect(status);
            assert_eq!(identity::passwords_checked(&t.app) - before, 1, "{name}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_too_much_is_told_to_wait_and_others_are_not() {
    both(|t| async move {
        for name in ["asha@example.org", "ravi@example.org"] {
            responder(&t, name).await;
        }
        let low = |settings: &mut testkit::Settings| {
            settings.reads_per_minute = 3;
            settings.writes_per_minute = 2;
            settings.anonymous_per_minute = 4;
        };
        let door = t.beside(low).await.client();
        let (asha, ravi) = (log_in(&t, "asha@example.org").await, log_in(&t, "ravi@example.org").await);
        let client = |who: &serde_json::Value| door.with_token(crate::text(&who["access_token"]));
        // Each answer says what is left, and for how many seconds it is less than all.
        for left in ["\"reads\";r=2;t=20", "\"reads\";r=1;t=40", "\"reads\";r=0;t=60"] {
            let answer = client(&asha).get("/auth/me").await;
            assert_eq!(answer.header("ratelimit-policy"), Some("\"reads\";q=3;w=60"));
            assert_eq!(answer.header("ratelimit"), Some(left));
            answer.expect(200);
        }
        let keyed = client(&asha).with_header("idempotency-key", "1").post("/auth/session/validate", json!({})).await;
        assert_eq!(keyed.header("ratelimit"), Some("\"writes\";r=1;t=30"));
        let answer = client(&asha).get("/auth/me").await;
        assert_eq!(answer.header("retry-after"), Some("20"));
        assert_eq!(answer.header("ratelimit-policy"), Some("\"reads\";q=3;w=60"));
        assert_eq!(answer.header("ratelimit"), Some("\"reads\";r=0;t=20"));
        answer.expect(429);
        // Changes are counted apart, and so is everybody else.
        client(&asha).post("/auth/session/validate", json!({})).await.expect(200);
        client(&ravi).get("/auth/me").await.expect(200);
        t.clock.advance(TimeDelta::seconds(20));
        client(&asha).get("/auth/me").await.expect(200);
        // Strangers are counted by their address.
        for _ in 0..4 {
            door.post("/auth/verify-token", json!({"token": "nonsense"})).await.expect(200);
        }
        door.post("/auth/verify-token", json!({"token": "nonsense"})).await.expect(429);
        door.post("/api/auth/refresh", json!({"refresh_token": "nonsense"})).await.expect(429);
    })
    .await;
}
