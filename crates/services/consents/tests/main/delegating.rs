//! Acting for a patient: a parent, a guardian, a spouse, a carer.
use chrono::TimeDelta;
use serde_json::{Value, json};
use testkit::{Client, TestApp, both};

use crate::{PASSWORD, People, account, at, people, text};

/// Another patient, signed in by a known address.
async fn mother(t: &TestApp, p: &People) -> Client {
    let record = t.patient(&p.w.nurse, "Sita Joshi").await;
    account(t, "sita@people.example", "patient", &record["id"]).await
}

fn delegates(p: &People) -> String {
    format!("/api/v1/patients/{}/delegates", p.patient())
}

fn parent(may: &str) -> Value {
    json!({"user": "Sita@People.example", "relationship": "parent", "may": may})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delegate_sees_what_the_patient_sees_and_one_who_manages_does_it_too() {
    both(|t| async move {
        let p = people(&t).await;
        let sita = mother(&t, &p).await;
        let chart = format!("/api/patients/{}", p.patient());
        sita.get(&chart).await.expect(404);
        let added = p.lata.post(&delegates(&p), parent("read")).await.expect(201);
        for open in [chart.clone(), p.vitals(), p.records(), delegates(&p)] {
            sita.get(&open).await.expect(200);
        }
        let asked = p.nair.post("/api/v1/consents/request", p.ask(json!(["vitals"]))).await.expect(201);
        sita.put(&at(&asked, "/approve"), json!({})).await.expect(403);
        sita.put(&chart, json!({"contact": "+91 98221 00000"})).await.expect(403);
        let own = sita.get("/api/v1/delegations").await.expect(200);
        assert_eq!((&own[0]["patient_id"], &own[0]["patient_name"]), (&p.w.patient["id"], &json!("Lata Joshi")));
        p.lata.post(&delegates(&p), parent("manage")).await.expect_about(409, "user");
        p.lata.delete(&format!("{}/{}", delegates(&p), text(&added["id"]))).await.expect(204);
        sita.get(&chart).await.expect(404);
        p.lata.post(&delegates(&p), parent("manage")).await.expect(201);
        sita.put(&chart, json!({"contact": "+91 98221 00000"})).await.expect(200);
        sita.put(&at(&asked, "/approve"), json!({})).await.expect(200);
        p.nair.get(&p.vitals()).await.expect(200);
        // What the patient may not do is not the delegate's either, nor is it to make others delegates.
        sita.post(&format!("{chart}/conditions"), json!({"condition_name": "asthma"})).await.expect(403);
        sita.post(&delegates(&p), parent("read")).await.expect(403);
        let listed = p.lata.get(&delegates(&p)).await.expect(200);
        assert_eq!((&listed[0]["is_active"], &listed[1]["is_active"]), (&json!(true), &json!(false)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_makes_a_guardian_for_a_child_and_may_look_at_nothing() {
    both(|t| async move {
        let p = people(&t).await;
        let (sita, admin) = (mother(&t, &p).await, t.admin().await);
        let guardian = json!({"user": "sita@people.example", "relationship": "guardian", "may": "manage"});
        // Who has an account says so themselves: else an administrator would choose who reads a chart.
        admin.post(&delegates(&p), guardian.clone()).await.expect(409);
        sita.get(&p.vitals()).await.expect(404);
        let child = t.patient(&p.w.nurse, "Anil Joshi").await;
        let (delegates, vitals) = (
            format!("/api/v1/patients/{}/delegates", text(&child["id"])),
            format!("/patients/{}/vitals/recent", text(&child["id"])),
        );
        let added = admin.post(&delegates, guardian).await.expect(201);
        assert_eq!(admin.get(&delegates).await.expect(200)[0]["id"], added["id"]);
        sita.get(&vitals).await.expect(200);
        admin.get(&vitals).await.expect(403);
        // The guardian may give it up.
        sita.delete(&format!("{delegates}/{}", text(&added["id"]))).await.expect(204);
        sita.get(&vitals).await.expect(404);
        sita.delete(&format!("{delegates}/{}", text(&added["id"]))).await.expect(404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_the_patients_to_give_to_another_person() {
    both(|t| async move {
        let p = people(&t).await;
        let sita = mother(&t, &p).await;
        for (who, status) in [(&p.nair, 404), (&sita, 404), (&p.w.nurse, 403), (&p.w.doctor, 403)] {
            who.post(&delegates(&p), parent("read")).await.expect(status);
        }
        for nobody in ["nobody@people.example", "admin@example.org", "0191d3a0-0000-7000-8000-000000000000"] {
            let said = json!({"user": nobody, "relationship": "carer"});
            p.lata.post(&delegates(&p), said).await.expect_about(422, "user");
        }
        let me = p.lata.get("/auth/me").await.expect(200)["data"]["id"].clone();
        p.lata.post(&delegates(&p), json!({"user": me, "relationship": "carer"})).await.expect_about(409, "user");
        let stranger = json!({"user": "sita@people.example", "relationship": "neighbour"});
        p.lata.post(&delegates(&p), stranger).await.expect_about(422, "relationship");
        assert_eq!(p.lata.get(&delegates(&p)).await.expect(200), json!([]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_that_runs_out_is_over_and_can_be_given_anew() {
    both(|t| async move {
        let p = people(&t).await;
        mother(&t, &p).await;
        let ends = (t.clock.now() + TimeDelta::minutes(5)).to_rfc3339();
        let said = crate::with(parent("read"), json!({"expires_at": ends}));
        p.lata.post(&delegates(&p), said).await.expect(201);
        let sita = t.client().login("sita@people.example", PASSWORD).await;
        sita.get(&p.vitals()).await.expect(200);
        t.clock.advance(TimeDelta::minutes(5));
        sita.get(&p.vitals()).await.expect(404);
        assert_eq!(sita.get("/api/v1/delegations").await.expect(200), json!([]));
        p.lata.post(&delegates(&p), parent("read")).await.expect(201);
        sita.get(&p.vitals()).await.expect(200);
    })
    .await;
}
