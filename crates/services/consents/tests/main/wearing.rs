//! The consent to keep what a patient's wearables send.
use chrono::TimeDelta;
use kernel::PatientId;
use serde_json::json;
use testkit::both;

use crate::people;

const PATH: &str = "/api/wearables/consent";

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_gives_it_and_takes_it_back() {
    both(|t| async move {
        let p = people(&t).await;
        let shown = format!("{PATH}/{}", p.patient());
        let never = p.lata.get(&shown).await.expect(200);
        assert_eq!((&never["consent_given"], &never["consent_id"]), (&json!(false), &json!(null)));
        let said = |given: bool| json!({"patient_id": p.patient(), "consent_given": given});
        assert_eq!(p.lata.post(PATH, said(false)).await.expect(200)["consent_given"], false);
        let given = p.lata.post(PATH, said(true)).await.expect(201);
        assert_eq!(p.lata.get(&shown).await.expect(200), given);
        assert_eq!(p.w.nurse.get(&shown).await.expect(200)["consent_given"], true);
        // It is one of the patient's consents, and opens nothing to anybody.
        let listed = p.lata.get("/api/v1/consents").await.expect(200);
        assert_eq!((&listed[0]["id"], &listed[0]["grantee_kind"]), (&given["consent_id"], &json!("wearables")));
        p.nair.get(&shown).await.expect(404);
        let again = p.lata.post(PATH, said(true)).await.expect(200);
        assert_eq!(again["consent_id"], given["consent_id"]);
        let revoked = p.lata.post(PATH, said(false)).await.expect(200);
        assert_eq!((&revoked["consent_given"], &revoked["status"]), (&json!(false), &json!("revoked")));
        let anew = p.lata.post(PATH, said(true)).await.expect(201);
        assert_ne!(anew["consent_id"], given["consent_id"]);
        let revoke = format!("/api/v1/consents/{}/revoke", crate::text(&anew["consent_id"]));
        p.lata.put(&revoke, json!({})).await.expect(200);
        assert_eq!(p.lata.get(&shown).await.expect(200)["consent_given"], false);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_by_the_clock_and_only_the_patient_speaks() {
    both(|t| async move {
        let p = people(&t).await;
        let said =
            json!({"patient_id": p.patient(), "expires_at": (t.clock.now() + TimeDelta::minutes(5)).to_rfc3339()});
        for (who, status) in [(&p.nair, 404), (&p.w.nurse, 403), (&p.w.doctor, 403), (&t.admin().await, 403)] {
            who.post(PATH, said.clone()).await.expect(status);
        }
        let given = p.lata.post(PATH, said).await.expect(201);
        let patient: PatientId = p.patient().parse().expect("an id");
        let now = || t.clock.now();
        let in_force = consents::wearable_consent(&mut t.app.db(), patient, now()).await.expect("an answer");
        assert_eq!(in_force.map(|id| id.to_string()).as_deref(), given["consent_id"].as_str());
        t.clock.advance(TimeDelta::minutes(5));
        assert!(consents::wearable_consent(&mut t.app.db(), patient, now()).await.expect("an answer").is_none());
        assert_eq!(p.lata.get(&format!("{PATH}/{}", p.patient())).await.expect(200)["status"], "expired");
    })
    .await;
}
