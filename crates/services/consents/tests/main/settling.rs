//! Approving, denying and revoking: once, by whom it concerns, and at once.
use serde_json::json;
use testkit::both;

use crate::{at, people, text, with};

const REQUEST: &str = "/api/v1/consents/request";

#[tokio::test(flavor = "multi_thread")]
async fn nobody_settles_anothers_consent() {
    both(|t| async move {
        let p = people(&t).await;
        let asked = p.nair.post(REQUEST, p.ask(json!(["vitals"]))).await.expect(201);
        let asha = t.patient(&p.w.nurse, "Asha Rao").await;
        let other_patient = t.account("patient", Some(&asha["id"])).await;
        let (_, stranger) = t.doctor("Dr. Other").await;
        for step in ["/approve", "/deny"] {
            p.nair.put(&at(&asked, step), json!({})).await.expect(403);
        }
        for step in ["/approve", "/deny", "/revoke"] {
            other_patient.put(&at(&asked, step), json!({})).await.expect(404);
            stranger.put(&at(&asked, step), json!({})).await.expect(404);
            // Who treats the patient, and who keeps the directory, know the patient; it is not theirs to say.
            for known in [&p.w.nurse, &p.w.doctor, &t.admin().await] {
                known.put(&at(&asked, step), json!({})).await.expect(403);
            }
        }
        assert_eq!(p.lata.get(&at(&asked, "")).await.expect(200)["status"], "requested");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_is_settled_once() {
    both(|t| async move {
        let p = people(&t).await;
        let asked = p.nair.post(REQUEST, p.ask(json!(["vitals"]))).await.expect(201);
        let denied = p.lata.put(&at(&asked, "/deny"), json!({"reason": "I do not know you"})).await.expect(200);
        assert_eq!((&denied["status"], &denied["reason"]), (&json!("denied"), &json!("I do not know you")));
        for step in ["/approve", "/deny", "/revoke"] {
            p.lata.put(&at(&asked, step), json!({})).await.expect_about(409, "status");
        }
        let given = p.agree(json!(["vitals"])).await;
        p.lata.put(&at(&given, "/approve"), json!({})).await.expect_about(409, "status");
        p.lata.put(&at(&given, "/deny"), json!({})).await.expect_about(409, "status");
        p.lata.put(&at(&given, "/revoke"), json!({})).await.expect(200);
        p.lata.put(&at(&given, "/revoke"), json!({})).await.expect_about(409, "status");
        // Of twenty who answer at once, one does.
        let asked = p.nair.post(REQUEST, p.ask(json!(["vitals"]))).await.expect(201);
        let answers = (0..20).map(|n| {
            let (lata, step) = (p.lata.clone(), if n % 2 == 0 { "/approve" } else { "/deny" });
            let path = at(&asked, step);
            tokio::spawn(async move { lata.put(&path, json!({})).await.status.as_u16() })
        });
        let mut settled = 0;
        for answer in answers.collect::<Vec<_>>() {
            settled += i32::from(answer.await.expect("no panic") == 200);
        }
        assert_eq!(settled, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_not_seen_the_newest_version_is_told_so() {
    both(|t| async move {
        let p = people(&t).await;
        let asked = p.nair.post(REQUEST, p.ask(json!(["vitals"]))).await;
        let tag = asked.header("etag").expect("a version").to_owned();
        let asked = asked.expect(201);
        let stale = p.lata.with_header("if-match", "\"7\"");
        stale.put(&at(&asked, "/approve"), json!({})).await.expect(412);
        let fresh = p.lata.with_header("if-match", &tag);
        fresh.put(&at(&asked, "/approve"), json!({})).await.expect(200);
        fresh.put(&at(&asked, "/revoke"), json!({})).await.expect(412);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_patient_narrows_and_never_widens() {
    both(|t| async move {
        let p = people(&t).await;
        let until = |days| (t.clock.now() + chrono::TimeDelta::days(days)).to_rfc3339();
        let ask = with(
            p.ask(json!(["vitals", "records"])),
            json!({"actions": ["read", "write"], "expires_at": until(30), "erase_at": until(60)}),
        );
        let asked = p.nair.post(REQUEST, ask).await.expect(201);
        for (member, wider) in [
            ("data_categories", json!({"data_categories": ["vitals", "care"]})),
            ("data_categories", json!({"data_categories": ["all"]})),
            ("actions", json!({"actions": ["share"]})),
            ("expires_at", json!({"expires_at": until(31)})),
            ("expires_at", json!({"expires_at": until(-1)})),
            ("erase_at", json!({"erase_at": until(61)})),
        ] {
            p.lata.put(&at(&asked, "/approve"), wider).await.expect_about(422, member);
        }
        p.nair.get(&p.vitals()).await.expect(404);
        let less = json!({"data_categories": ["vitals"], "actions": ["read"], "expires_at": until(3)});
        let given = p.lata.put(&at(&asked, "/approve"), less).await.expect(200);
        assert_eq!((&given["data_categories"], &given["actions"]), (&json!(["vitals"]), &json!(["read"])));
        p.nair.get(&p.vitals()).await.expect(200);
        p.nair.get(&p.records()).await.expect(403);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_that_is_taken_back_opens_nothing_from_then_on() {
    both(|t| async move {
        let p = people(&t).await;
        let given = p.agree(json!(["vitals"])).await;
        p.nair.get(&p.vitals()).await.expect(200);
        let revoked = p.lata.put(&at(&given, "/revoke"), json!({"reason": "Thank you"})).await.expect(200);
        assert_eq!((&revoked["status"], &revoked["reason"]), (&json!("revoked"), &json!("Thank you")));
        assert!(revoked["granted_at"].is_string() && revoked["revoked_at"].is_string(), "{revoked}");
        p.nair.get(&p.vitals()).await.expect(404);
        // One that is left opens on; the grantee may give it back.
        let (one, two) = (p.agree(json!(["vitals"])).await, p.agree(json!(["vitals", "alerts"])).await);
        p.lata.put(&at(&one, "/revoke"), json!({})).await.expect(200);
        p.nair.get(&p.vitals()).await.expect(200);
        p.nair.put(&at(&two, "/revoke"), json!({})).await.expect(200);
        p.nair.get(&p.vitals()).await.expect(404);
        // Taking one back takes nothing else away.
        p.w.doctor.get(&p.vitals()).await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_who_leaves_takes_every_consent_along() {
    both(|t| async move {
        let p = people(&t).await;
        let asha = t.patient(&p.w.nurse, "Asha Rao").await;
        let client = t.account("patient", Some(&asha["id"])).await;
        let ask = with(p.ask(json!(["vitals"])), json!({"patient_id": asha["id"]}));
        let given = p.nair.post(REQUEST, ask.clone()).await.expect(201);
        client.put(&at(&given, "/approve"), json!({})).await.expect(200);
        let waiting = p.nair.post(REQUEST, ask.clone()).await.expect(201);
        client.delete(&format!("/api/patients/{}", text(&asha["id"]))).await.expect(204);
        p.nair.get(&format!("/patients/{}/vitals/recent", text(&asha["id"]))).await.expect(404);
        for consent in [&given, &waiting] {
            assert_eq!(p.nair.get(&at(consent, "")).await.expect(200)["status"], "revoked");
        }
        p.nair.post(REQUEST, ask).await.expect(404);
    })
    .await;
}
