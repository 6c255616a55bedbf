//! Who looked at me: every look with its reason, to the patient, to a hospital about its staff, and as a whole.
use serde_json::{Value, json};
use store::{Statement, args};
use testkit::{Client, both};

use crate::{at, people};

static FORGE: Statement = Statement::new("AUDIT_FORGE", "UPDATE audit_log SET hash = $1 WHERE seq = $2");

async fn audit(by: &Client, patient: &str) -> Vec<Value> {
    let (mut all, mut path) = (Vec::new(), format!("/api/v1/patients/{patient}/audit?limit=7"));
    loop {
        let page = by.get(&path).await;
        let next = page.next();
        all.extend(page.expect(200).as_array().expect("a list").clone());
        match next {
            Some(next) => path = next,
            None => return all,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_patient_sees_who_looked_when_why_and_from_where() {
    both(|t| async move {
        let p = people(&t).await;
        let given = p.agree(json!(["vitals"])).await;
        p.nair.with_header("x-request-id", "a-look").get(&p.vitals()).await.expect(200);
        p.lata.put(&at(&given, "/revoke"), json!({})).await.expect(200);
        p.nair.get(&p.vitals()).await.expect(404);
        t.monitor(&p.w.hospital)
            .await
            .post("/vitals", json!({"patient_id": p.patient(), "hr_bpm": 70}))
            .await
            .expect(201);
        let all = audit(&p.lata, p.patient()).await;
        assert!(all.windows(2).all(|two| two[0]["seq"].as_i64() > two[1]["seq"].as_i64()), "not the newest first");
        let look = all.iter().find(|look| look["request_id"] == "a-look").expect("the look");
        assert_eq!((&look["name"], &look["role"]), (&json!("Dr. Nair"), &json!("doctor")));
        assert_eq!((&look["action"], &look["allowed"]), (&json!("read vitals"), &json!(true)));
        let basis = format!("consent:{}", crate::text(&given["id"]));
        assert_eq!((&look["reason"], &look["address"]), (&json!(basis), &json!("127.0.0.1")));
        let refused = |look: &&Value| look["action"] == "read vitals" && look["allowed"] == false;
        assert!(all.iter().any(|look| refused(&look)), "the refused look is not told");
        assert!(all.iter().any(|look| look["action"] == "consent.approve"));
        assert!(all.iter().all(|look| look["role"] != "device"), "readings of monitors bury what people do");
        // The newest entry is this very look.
        assert_eq!(audit(&p.lata, p.patient()).await[0]["action"], "read consents");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_nobody_elses_to_see_who_looked() {
    both(|t| async move {
        let p = people(&t).await;
        let path = format!("/api/v1/patients/{}/audit", p.patient());
        for (who, status) in [(&p.nair, 404), (&p.w.nurse, 403), (&p.w.doctor, 403), (&t.admin().await, 403)] {
            who.get(&path).await.expect(status);
        }
        let other = t.account("patient", Some(&t.patient(&p.w.nurse, "Asha Rao").await["id"])).await;
        other.get(&path).await.expect(404);
        other.get("/api/v1/audit").await.expect(403);
        p.lata.get(&format!("{path}?cursor=never")).await.expect_about(422, "cursor");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hospital_sees_what_its_own_staff_did() {
    both(|t| async move {
        let p = people(&t).await;
        let desk = t.account("hospital", Some(&p.w.hospital["id"])).await;
        let lake = t.hospital("Lake Hospital", 4).await;
        let other = t.account("hospital", Some(&lake["id"])).await;
        p.w.nurse.with_header("x-request-id", "nurse-look").get(&p.vitals()).await.expect(200);
        p.w.doctor.with_header("x-request-id", "doctor-look").get(&p.vitals()).await.expect(200);
        let did = |list: Value, id: &str| list.as_array().expect("a list").iter().any(|look| look["request_id"] == id);
        let seen = desk.get("/api/v1/audit").await.expect(200);
        assert!(did(seen.clone(), "nurse-look") && !did(seen, "doctor-look"));
        let named = format!("/api/v1/audit?hospital={}", crate::text(&p.w.hospital["id"]));
        assert!(did(t.admin().await.get(&named).await.expect(200), "nurse-look"));
        assert!(!did(other.get("/api/v1/audit").await.expect(200), "nurse-look"));
        other.get(&named).await.expect(403);
        p.w.nurse.get("/api/v1/audit").await.expect(403);
        t.admin().await.get("/api/v1/audit").await.expect_about(422, "hospital");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chain_is_given_out_whole_and_its_daily_ends_are_signed() {
    both(|t| async move {
        let p = people(&t).await;
        p.nair.get(&p.vitals()).await.expect(404);
        let export = t.admin().await.get("/api/v1/audit/export").await;
        assert_eq!(export.header("content-type"), Some("application/x-ndjson"));
        let entries: Vec<Value> =
            export.text.lines().map(|line| serde_json::from_str(line).expect("one entry a line")).collect();
        assert!(entries.len() > 10);
        assert!(entries.iter().enumerate().all(|(n, entry)| entry["seq"] == json!(n + 1)), "an entry is missing");
        assert_eq!(entries[entries.len() - 1]["action"], "audit.export");
        let rest = t.admin().await.get(&format!("/api/v1/audit/export?after={}", entries.len())).await;
        assert_eq!(rest.text.lines().count(), 1, "{}", rest.text);
        for other in [&p.lata, &p.nair, &p.w.nurse] {
            other.get("/api/v1/audit/export").await.expect(403);
            other.get("/api/v1/audit/heads").await.expect(403);
        }
        let vault = t.app.edge::<vault::Vault>();
        for is_first in [true, false] {
            let signed = access::sign_audit_head(&t.app.db(), vault, t.clock.now()).await.expect("a look at the day");
            assert_eq!(signed, is_first, "a day has one head");
        }
        let heads = t.admin().await.get("/api/v1/audit/heads").await.expect(200);
        assert_eq!(heads[0]["signature"].as_str().map(str::len), Some(128));
        let verdict = access::verify_heads(&mut t.app.db(), vault).await.expect("a verdict");
        assert_eq!(verdict, access::Verdict::Whole { entries: 1 });
        // Whoever may write the table computes every hash anew; the signature stays the one of the row that was.
        let mut tx = t.app.db().begin().await.expect("a transaction");
        tx.run(&FORGE, args![vec![7u8; 32], heads[0]["seq"].as_i64().expect("a number")]).await.expect("a change");
        tx.commit().await.expect("a commit");
        let verdict = access::verify_heads(&mut t.app.db(), vault).await.expect("a verdict");
        assert!(matches!(verdict, access::Verdict::Broken { .. }), "{verdict:?}");
    })
    .await;
}
