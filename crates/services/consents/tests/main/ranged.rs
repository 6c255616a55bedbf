//! A consent of which time the data may be: what is of another time is not there for its grantee.
use chrono::TimeDelta;
use serde_json::{Value, json};
use testkit::{Client, TestApp, both};

use crate::{People, at, people, text, with};

const REQUEST: &str = "/api/v1/consents/request";

/// Charts something of 2024 and something of today, of everything that has a date of its own.
async fn chart(t: &TestApp, p: &People) -> Value {
    let (patient, w) = (p.patient(), &p.w);
    let now = t.clock.now();
    for (visit, onset, start, read) in [
        ("2024-02-03".to_owned(), json!("2024-03-04"), "2024-05-06".to_owned(), "2024-06-07T08:00:00Z".to_owned()),
        (now.to_rfc3339(), Value::Null, now.date_naive().to_string(), now.to_rfc3339()),
    ] {
        let record = json!({"record_type": "consultation", "title": "A visit", "visit_date": visit});
        w.doctor.post(&p.records(), record).await.expect(201);
        let condition = json!({"condition_name": "Asthma", "kind": "chronic", "diagnosed_date": onset});
        w.doctor.post(&format!("/api/patients/{patient}/conditions"), condition).await.expect(201);
        let taken = json!({"medications": [{"name": "Salbutamol"}], "start_date": start});
        w.doctor.post(&format!("/api/v1/patients/{patient}/prescriptions"), taken).await.expect(201);
        let reading = json!({"patient_id": patient, "hr_bpm": 71, "timestamp": read});
        w.nurse.post("/vitals", reading).await.expect(201);
    }
    let ward = format!("/api/v1/patients/{patient}");
    let illness = json!({"relative": "mother", "condition_name": "Diabetes"});
    w.doctor.post(&format!("{ward}/family-history"), illness).await.expect(201);
    w.doctor.put(&format!("{ward}/health-profile"), json!({"height_cm": 160})).await.expect(200);
    let note = json!({"encounter_id": w.encounter_id(), "note": "sleeps well"});
    w.nurse.post("/observations", note).await.expect(201);
    let racing = json!({"patient_id": patient, "hr_bpm": 140, "timestamp": (now + TimeDelta::seconds(1)).to_rfc3339()});
    t.clock.advance(TimeDelta::seconds(2));
    let alert = w.nurse.post("/vitals", racing).await.expect(201)["data"]["alerts"][0].clone();
    let visit = json!({"patient_id": patient, "title": "Check-up", "scheduled_at": now + TimeDelta::days(3),
        "doctor_id": w.doctor_id()});
    let visit = w.nurse.post("/api/appointments", visit).await.expect(201);
    let emergency = w.nurse.get("/api/emergency/alerts").await.expect(200)[0].clone();
    json!({"alert": alert["id"], "visit": visit["id"], "emergency": emergency["id"]})
}

/// How many entries a list has, wherever in the answer it stands.
async fn shown(by: &Client, path: &str, list: &str) -> usize {
    let answer = by.get(path).await.expect(200);
    answer.pointer(list).and_then(Value::as_array).unwrap_or_else(|| panic!("{path}: {answer}")).len()
}

/// Asks for everything of a span of time, and is told yes.
async fn agree(p: &People, from: &str, to: &str) -> Value {
    let ask = with(p.ask(json!(["all"])), json!({"data_from": from, "data_to": to, "actions": ["read", "write"]}));
    let asked = p.nair.post(REQUEST, ask).await.expect(201);
    p.lata.put(&at(&asked, "/approve"), json!({})).await.expect(200)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_another_time_than_the_consent_says_nothing_is_seen() {
    both(|t| async move {
        let p = people(&t).await;
        let things = chart(&t, &p).await;
        let (patient, id) = (p.patient(), |name: &str| text(&things[name]).to_owned());
        let of_2024 = agree(&p, "2024-01-01T00:00:00Z", "2024-12-31T23:59:59Z").await;
        let (old, v1, stay) = (
            format!("/api/patients/{patient}"),
            format!("/api/v1/patients/{patient}"),
            format!("/encounters/{}", p.w.encounter_id()),
        );
        // Each list with how many it has for the doctor who treats, and how many are of 2024.
        for (path, list, all, ranged) in [
            (format!("{old}/records"), "", 2, 1),
            (format!("{old}/conditions"), "", 2, 1),
            (format!("{old}?include=records"), "/chronic_conditions", 2, 1),
            (format!("{v1}/prescriptions"), "", 2, 1),
            (format!("{v1}/medications"), "", 2, 1),
            (format!("{v1}/family-history"), "", 1, 0),
            (format!("{v1}/medical-record"), "/conditions", 2, 1),
            (format!("{v1}/medical-record"), "/prescriptions", 2, 1),
            (format!("{v1}/medical-record"), "/family_history", 1, 0),
            (format!("{v1}/dashboard"), "/conditions", 2, 1),
            (format!("{v1}/dashboard"), "/appointments", 1, 0),
            (format!("/api/v1/doctors/me/patients/{patient}/medical-record"), "/conditions", 2, 1),
            (format!("/patients/{patient}/vitals"), "/data/readings", 3, 1),
            (format!("/patients/{patient}/vitals/recent"), "/data/vitals", 3, 1),
            (format!("/api/appointments?patient_id={patient}"), "", 1, 0),
            ("/api/emergency/alerts".to_owned(), "", 1, 0),
            (format!("/api/emergency/patients/{patient}/alerts"), "", 1, 0),
        ] {
            let seen = (shown(&p.w.doctor, &path, list).await, shown(&p.nair, &path, list).await);
            assert_eq!(seen, (all, ranged), "{path} {list}");
        }
        assert_eq!(p.nair.get(&format!("{v1}/health-profile")).await.expect(200)["height_cm"], Value::Null);
        p.nair.put(&format!("{v1}/health-profile"), json!({"weight_kg": 60})).await.expect(403);
        // The stay is of today, and so is all that happened in it.
        for path in [
            format!("/patients/{patient}/encounter"),
            format!("{stay}/overview"),
            format!("{stay}/observations"),
            format!("{stay}/alerts"),
            format!("/alerts/{}", id("alert")),
            format!("/api/emergency/alerts/{}", id("emergency")),
            format!("/api/appointments/{}", id("visit")),
        ] {
            p.w.doctor.get(&path).await.expect(200);
            p.nair.get(&path).await.expect(404);
        }
        p.nair.patch(&format!("/alerts/{}/resolve", id("alert")), json!({})).await.expect(404);
        p.nair.delete(&format!("/api/appointments/{}", id("visit"))).await.expect(404);
        // With a consent to all of it beside, the widest counts; and the narrow one again when that is taken back.
        let wide = p.agree(json!(["all"])).await;
        assert_eq!(shown(&p.nair, &format!("{old}/records"), "").await, 2);
        p.nair.get(&format!("{stay}/overview")).await.expect(200);
        p.lata.put(&at(&wide, "/revoke"), json!({})).await.expect(200);
        assert_eq!(shown(&p.nair, &format!("{old}/records"), "").await, 1);
        p.lata.put(&at(&of_2024, "/revoke"), json!({})).await.expect(200);
        p.nair.get(&format!("{old}/records")).await.expect(404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_full_of_what_the_consent_shows() {
    both(|t| async move {
        let p = people(&t).await;
        for year in [2024, 2025, 2024, 2025, 2024] {
            let record =
                json!({"record_type": "consultation", "title": "A visit", "visit_date": format!("{year}-02-03")});
            p.w.doctor.post(&p.records(), record).await.expect(201);
        }
        agree(&p, "2024-01-01T00:00:00Z", "2024-12-31T23:59:59Z").await;
        let first = p.nair.get(&format!("{}?limit=2", p.records())).await;
        let next = first.header("link").expect("a next page").to_owned();
        assert_eq!(first.expect(200).as_array().expect("a list").len(), 2);
        let next = next.trim_start_matches('<').split('>').next().expect("a link").to_owned();
        let last = p.nair.get(&next).await;
        assert!(last.header("link").is_none());
        assert_eq!(last.expect(200).as_array().expect("a list").len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_ends_when_its_copies_are_to_be_erased_and_the_grantee_is_told() {
    both(|t| async move {
        let p = people(&t).await;
        let erase = t.clock.now() + TimeDelta::minutes(10);
        let ask = with(p.ask(json!(["vitals"])), json!({"erase_at": erase.to_rfc3339()}));
        let given = p.nair.post(REQUEST, ask).await.expect(201);
        let given = p.lata.put(&at(&given, "/approve"), json!({})).await.expect(200);
        assert_eq!((&given["expires_at"], &given["must_erase"]), (&given["erase_at"], &json!(false)));
        p.nair.get(&p.vitals()).await.expect(200);
        assert_eq!(consents::sweep(&t.app).await.expect("a sweep"), 0);
        t.clock.advance(TimeDelta::minutes(10));
        p.nair.get(&p.vitals()).await.expect(404);
        let seen = p.nair.get(&at(&given, "")).await.expect(200);
        assert_eq!((&seen["status"], &seen["must_erase"]), (&json!("expired"), &json!(true)));
        // Once, however often anybody looks.
        for told in [1, 0] {
            assert_eq!(consents::sweep(&t.app).await.expect("a sweep"), told);
        }
        let events = t.app.edge::<events::Log>().after(&mut t.app.db(), "consents", 0, 100).await.expect("the log");
        let due = events.iter().find(|event| event.body["kind"] == "consent.erase_due").expect("it is told");
        assert_eq!((&due.body["id"], &due.body["grantee_id"]), (&given["id"], &p.record["id"]));
    })
    .await;
}
