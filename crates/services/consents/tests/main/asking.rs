//! Asking a patient for consent, and what a consent opens.
use serde_json::json;
use testkit::both;

use crate::{at, people, text, with};

const REQUEST: &str = "/api/v1/consents/request";

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_open_until_the_patient_says_yes() {
    both(|t| async move {
        let p = people(&t).await;
        p.nair.get(&p.vitals()).await.expect(404);
        let asked = p.nair.post(REQUEST, p.ask(json!(["vitals"]))).await.expect(201);
        assert_eq!((&asked["status"], &asked["actions"]), (&json!("requested"), &json!(["read"])));
        assert_eq!((&asked["grantee_name"], &asked["doctor_id"]), (&json!("Dr. Nair"), &p.record["id"]));
        p.nair.get(&p.vitals()).await.expect(404);
        let seen = p.lata.get("/api/v1/consents?status=pending").await.expect(200);
        assert_eq!((&seen[0]["id"], &seen[0]["purpose"]), (&asked["id"], &json!("A second opinion")));
        let given = p.lata.put(&at(&asked, "/approve"), json!({})).await.expect(200);
        assert_eq!((&given["status"], &given["opens"]), (&json!("approved"), &json!(["vitals"])));
        assert!(given["expires_at"].is_string(), "a consent does not last for ever: {given}");
        p.nair.get(&p.vitals()).await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_opens_what_it_says_and_no_more() {
    both(|t| async move {
        let p = people(&t).await;
        p.agree(json!(["vitals"])).await;
        let chart = format!("/api/patients/{}", p.patient());
        for closed in [p.records(), chart.clone(), format!("/patients/{}/encounter", p.patient())] {
            p.nair.get(&closed).await.expect(403);
        }
        // What is granted is to read.
        p.nair.post("/vitals", json!({"patient_id": p.patient(), "hr_bpm": 70})).await.expect(403);
        // Whoever consented is in no list of one's own patients.
        assert_eq!(p.nair.get("/api/patients").await.expect(200), json!([]));
        let asked = with(p.ask(json!(["lab_reports", "registration"])), json!({"actions": ["read", "write", "share"]}));
        let asked = p.nair.post(REQUEST, asked).await.expect(201);
        assert_eq!(asked["opens"], json!(["registration", "contacts", "records"]));
        p.lata.put(&at(&asked, "/approve"), json!({})).await.expect(200);
        p.nair.get(&p.records()).await.expect(200);
        p.nair.get(&chart).await.expect(200);
        let condition = json!({"condition_name": "asthma"});
        p.nair.post(&format!("{chart}/conditions"), condition).await.expect(201);
        // Registration is read by consent and never written, nor are doctors named by it.
        p.nair.put(&chart, json!({"contact": "+91 98221 00000"})).await.expect(403);
        let everything = with(p.ask(json!(["all"])), json!({"actions": ["read", "write"]}));
        let everything = p.nair.post(REQUEST, everything).await.expect(201);
        p.lata.put(&at(&everything, "/approve"), json!({})).await.expect(200);
        for hidden in ["audit", "break-glass", "delegates"] {
            p.nair.get(&format!("/api/v1/patients/{}/{hidden}", p.patient())).await.expect(403);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hospitals_consent_is_for_its_staff() {
    both(|t| async move {
        let p = people(&t).await;
        let lake = t.hospital("Lake Hospital", 4).await;
        let (nurse, desk) = (t.nurse(&lake).await, t.account("hospital", Some(&lake["id"])).await);
        let other = t.nurse(&t.hospital("Hill Hospital", 4).await).await;
        let asked = nurse.post(REQUEST, p.ask(json!(["vitals"]))).await.expect(201);
        assert_eq!((&asked["facility_id"], &asked["grantee_name"]), (&lake["id"], &json!("Lake Hospital")));
        p.lata.put(&at(&asked, "/approve"), json!({})).await.expect(200);
        nurse.get(&p.vitals()).await.expect(200);
        desk.get(&p.vitals()).await.expect(200);
        assert_eq!(desk.get("/api/v1/consents").await.expect(200)[0]["id"], asked["id"]);
        other.get(&p.vitals()).await.expect(404);
        p.nair.get(&p.vitals()).await.expect(404);
        t.monitor(&lake).await.post("/vitals", json!({"patient_id": p.patient(), "hr_bpm": 70})).await.expect(404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_asked_for_is_refused_by_name() {
    both(|t| async move {
        let p = people(&t).await;
        p.nair.post(REQUEST, p.ask(json!(["vitals", "horoscope"]))).await.expect_about(422, "data_categories[1]");
        for (member, wrong) in [
            ("data_categories", json!({"data_categories": []})),
            ("actions", json!({"actions": []})),
            ("actions[0]", json!({"actions": ["own"]})),
            ("purpose", json!({"purpose": " "})),
            ("purpose_code", json!({"purpose_code": "CURIOSITY"})),
            ("expires_at", json!({"expires_at": "2020-01-01T00:00:00Z"})),
            ("data_to", json!({"data_from": "2024-02-01T00:00:00Z", "data_to": "2024-01-01T00:00:00Z"})),
        ] {
            p.nair.post(REQUEST, with(p.ask(json!(["vitals"])), wrong)).await.expect_about(422, member);
        }
        assert_eq!(p.lata.get("/api/v1/consents").await.expect(200), json!([]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_tells_nothing_of_whom_one_does_not_know() {
    both(|t| async move {
        let p = people(&t).await;
        let ask = |name: &str| with(p.ask(json!(["vitals"])), json!({"patient_id": name}));
        let nobody = p.nair.post(REQUEST, ask("0191d3a0-0000-7000-8000-000000000000")).await.expect(404);
        // A reference can be guessed; an id cannot.
        let asha = json!({"patient_id": "MRN-77", "name": "Asha Rao", "date_of_birth": "1970-04-12", "gender": "female",
            "contact": "+91 98221 54321"});
        let asha = p.w.nurse.post("/api/patients", asha).await.expect(201);
        let guessed = p.nair.post(REQUEST, ask("MRN-77")).await.expect(404);
        assert_eq!(nobody["detail"], guessed["detail"]);
        p.nair.post(REQUEST, ask(text(&asha["id"]))).await.expect(201);
        // Whoever knows the patient may use it.
        p.w.nurse.post(REQUEST, ask("MRN-77")).await.expect(201);
        for other in [t.admin().await, p.lata.clone(), t.responder(&p.w.hospital).await, t.monitor(&p.w.hospital).await]
        {
            other.post(REQUEST, p.ask(json!(["vitals"]))).await.expect(403);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_worn_down_by_being_asked() {
    both(|t| async move {
        let p = people(&t).await;
        let asks = (0..12).map(|_| {
            let (nair, ask) = (p.nair.clone(), p.ask(json!(["vitals"])));
            tokio::spawn(async move { nair.post(REQUEST, ask).await.status.as_u16() })
        });
        let mut answers = Vec::new();
        for ask in asks.collect::<Vec<_>>() {
            answers.push(ask.await.expect("no panic"));
        }
        answers.sort_unstable();
        assert_eq!(answers, [[201; 5].as_slice(), &[409; 7]].concat());
        let first = p.lata.get("/api/v1/consents").await.expect(200)[0].clone();
        p.lata.put(&at(&first, "/deny"), json!({"reason": "Not now"})).await.expect(200);
        p.nair.post(REQUEST, p.ask(json!(["vitals"]))).await.expect(201);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_lists_their_own_and_nobody_elses() {
    both(|t| async move {
        let p = people(&t).await;
        let given = p.agree(json!(["vitals"])).await;
        let asked = p.nair.post(REQUEST, p.ask(json!(["records"]))).await.expect(201);
        let (_, stranger) = t.doctor("Dr. Other").await;
        let all = p.lata.get("/api/v1/consents?total=true").await;
        assert_eq!(all.header("x-total-count"), Some("2"));
        let all = all.expect(200);
        assert_eq!((&all[0]["id"], &all[1]["id"]), (&asked["id"], &given["id"]));
        assert_eq!(p.nair.get("/api/v1/consents").await.expect(200), all);
        let first = p.nair.get("/api/v1/consents?limit=1").await;
        let next = first.next().expect("a next page");
        assert_eq!(p.nair.get(&next).await.expect(200)[0]["id"], given["id"]);
        let named = format!("/api/v1/consents?patient={}&status=approved", p.patient());
        assert_eq!(p.nair.get(&named).await.expect(200)[0]["id"], given["id"]);
        assert_eq!(stranger.get("/api/v1/consents").await.expect(200), json!([]));
        assert_eq!(stranger.get(&named).await.expect(200), json!([]));
        stranger.get(&at(&given, "")).await.expect(404);
        let by_doctor = format!("/api/v1/consents?grantee={}", text(&p.record["id"]));
        assert_eq!(p.lata.get(&by_doctor).await.expect(200).as_array().expect("a list").len(), 2);
        // Whoever treats the patient does not see what the patient agreed to with others.
        assert_eq!(p.w.doctor.get(&named).await.expect(200), json!([]));
        p.w.doctor.get(&at(&given, "")).await.expect(403);
        t.admin().await.get(&named).await.expect(403);
        let other = t.account("patient", Some(&t.patient(&p.w.nurse, "Asha Rao").await["id"])).await;
        other.get(&named).await.expect(404);
        assert_eq!(p.nair.get(&at(&given, "")).await.expect(200)["purpose"], "A second opinion");
    })
    .await;
}
