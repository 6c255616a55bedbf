//! What the signed-in doctor sees of oneself.
use serde_json::{Value, json};
use testkit::{Client, TestApp, both};

use crate::{newcomer, pair, text, v1};

async fn doctor(t: &TestApp, hospital: &Value, license: &str) -> (Value, Client) {
    let record = t.admin().await.post("/api/v1/doctors", newcomer(hospital, license)).await.expect(201);
    let email = text(&record["contact_email"]["email_address"]).to_owned();
    (record, t.client().login(&email, "a-good-password").await)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_keeps_the_own_profile_and_no_other() {
    both(|t| async move {
        let hospital = t.hospital("One", 1).await;
        let (record, own) = doctor(&t, &hospital, "L-1").await;
        let (neighbour, _) = doctor(&t, &hospital, "L-2").await;
        let path = "/api/v1/doctors/me/profile";
        let shown = own.get(path).await;
        assert_eq!(shown.header("etag"), Some("\"1\""));
        assert_eq!(shown.expect(200), record);
        let seen = own.with_header("if-match", "\"1\"");
        let changed = seen.put(path, json!({"first_name": "Usha", "consultation_fee": 750})).await.expect(200);
        assert_eq!((&changed["name"], &changed["consultation_fee"]), (&json!("Usha Rao"), &json!(750.0)));
        seen.put(path, json!({"first_name": "Isha"})).await.expect(412);
        own.put(path, json!({"institution_id": hospital["id"]})).await.expect(403);
        own.put(path, json!({"medical_license": "L-2"})).await.expect_about(409, "medical_license");
        let admin = t.admin().await;
        assert_eq!(admin.get(&v1(&neighbour, "")).await.expect(200), neighbour);
        assert_eq!(admin.get(&v1(&record, "")).await.expect(200), changed);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_a_doctors_own_is_for_doctors() {
    both(|t| async move {
        let hospital = t.hospital("One", 1).await;
        let nurse = t.nurse(&hospital).await;
        let patient = t.patient(&nurse, "Lata Joshi").await;
        let lata = t.account("patient", Some(&patient["id"])).await;
        let desk = t.account("hospital", Some(&hospital["id"])).await;
        for what in ["dashboard", "profile", "institution", "patients"] {
            let path = format!("/api/v1/doctors/me/{what}");
            for client in [&t.admin().await, &nurse, &lata, &desk, &t.responder(&hospital).await] {
                client.get(&path).await.expect(403);
            }
            t.client().get(&path).await.expect(401);
        }
        nurse.put("/api/v1/doctors/me/profile", json!({})).await.expect(403);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_sees_the_institution_and_the_place_there() {
    both(|t| async move {
        let (one, two) = (t.hospital("One", 1).await, t.hospital("Two", 1).await);
        let (record, own) = doctor(&t, &one, "L-1").await;
        let admin = t.admin().await;
        let place =
            |hospital: &Value| format!("/api/doctors/{}/hospitals/{}", text(&record["id"]), text(&hospital["id"]));
        admin.post(&place(&two), json!({"department": "Surgery"})).await.expect(201);
        let shown = own.get("/api/v1/doctors/me/institution").await.expect(200);
        assert_eq!((&shown["id"], &shown["name"]), (&one["id"], &json!("One")));
        assert_eq!(shown["affiliation"]["hospital_id"], one["id"]);
        assert_eq!(shown["affiliations"].as_array().map(Vec::len), Some(2));
        admin.delete(&format!("/api/hospitals/{}", text(&one["id"]))).await.expect(204);
        let shown = own.get("/api/v1/doctors/me/institution").await.expect(200);
        assert_eq!((&shown["id"], &shown["affiliation"]["department"]), (&two["id"], &json!("Surgery")));
        let (_, nowhere) = t.doctor("Dr. Sen").await;
        nowhere.get("/api/v1/doctors/me/institution").await.expect(404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_sees_the_own_patients_and_each_look_is_on_record() {
    both(|t| async move {
        let hospital = t.hospital("One", 1).await;
        let nurse = t.nurse(&hospital).await;
        let (record, own) = doctor(&t, &hospital, "L-1").await;
        let (_, other) = doctor(&t, &hospital, "L-2").await;
        let mut patients = Vec::new();
        for name in ["Lata Joshi", "Ravi Sen", "Tara Iyer"] {
            let patient = t.patient(&nurse, name).await;
            nurse.post(&pair(&record, &patient), json!({})).await.expect(201);
            patients.push(patient);
        }
        nurse.delete(&pair(&record, &patients[1])).await.expect(204);
        let path = "/api/v1/doctors/me/patients";
        let all = own.with_header("x-request-id", "looked").get(path).await.expect(200);
        assert_eq!(all["patient_count"], 2);
        let names: Vec<&str> = all["patients"].as_array().expect("a list").iter().map(|p| text(&p["name"])).collect();
        assert_eq!(names, ["Lata Joshi", "Tara Iyer"]);
        assert_eq!(all["patients"][0]["id"], patients[0]["id"]);
        let first = own.get(&format!("{path}?limit=1")).await;
        let next = first.next().expect("a next page");
        assert_eq!(first.expect(200)["patient_count"], 2);
        let second = own.get(&next).await;
        assert_eq!(second.next(), None);
        assert_eq!(second.expect(200)["patients"][0]["name"], "Tara Iyer");
        assert_eq!(other.get(path).await.expect(200), json!({"patient_count": 0, "patients": []}));
        let (mut db, mut after, mut looks) = (t.app.db(), 0, Vec::new());
        loop {
            let page = access::list(&mut db, after).await.expect("the chain");
            let Some(last) = page.last() else { break };
            after = last.seq;
            looks.extend(page.into_iter().filter(|e| e.request_id == "looked").filter_map(|e| e.patient_id));
        }
        let seen: Vec<String> = looks.iter().map(ToString::to_string).collect();
        assert_eq!(seen, [text(&patients[0]["id"]), text(&patients[2]["id"])]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dashboard_counts_and_says_where_the_day_is() {
    both(|t| async move {
        let hospital = t.hospital("One", 1).await;
        let nurse = t.nurse(&hospital).await;
        let (record, own) = doctor(&t, &hospital, "L-1").await;
        let path = "/api/v1/doctors/me/dashboard";
        let empty = own.get(path).await.expect(200);
        assert_eq!((&empty["total_patients"], &empty["today_appointments"]), (&json!(0), &json!(0)));
        assert_eq!((&empty["pending_reviews"], &empty["time_zone"]), (&json!(0), &json!("UTC")));
        assert_eq!((&empty["doctor_id"], &empty["name"]), (&record["id"], &record["name"]));
        let patient = t.patient(&nurse, "Lata Joshi").await;
        nurse.post(&pair(&record, &patient), json!({})).await.expect(201);
        let india = own.get(&format!("{path}?time_zone=%2B05:30")).await.expect(200);
        assert_eq!((&india["total_patients"], &india["time_zone"]), (&json!(1), &json!("+05:30")));
        let there = (t.clock.now() + chrono::TimeDelta::minutes(330)).date_naive().to_string();
        assert_eq!(india["date"], there);
        own.get(&format!("{path}?time_zone=Mars")).await.expect_about(422, "time_zone");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dashboard_counts_who_waits_to_be_validated_and_who_comes_today() {
    both(|t| async move {
        let hospital = t.hospital("One", 1).await;
        let nurse = t.nurse(&hospital).await;
        let (record, own) = doctor(&t, &hospital, "L-1").await;
        let (_, other) = doctor(&t, &hospital, "L-2").await;
        let figures = async |by: &Client| {
            let shown = by.get("/api/v1/doctors/me/dashboard").await.expect(200);
            ["total_patients", "pending_reviews", "today_appointments"]
                .map(|name| shown[name].as_i64().expect("a number"))
        };
        let said = json!({"doctor_id": record["id"], "first_name": "Lata", "last_name": "Joshi",
            "date_of_birth": "1970-04-12", "contact_phone": {"phone_number": "+91 98221 54321"}});
        let patient = nurse.post("/api/v1/patients", said).await.expect(201);
        assert_eq!(figures(&own).await, [0, 1, 0]);
        own.post(&format!("/api/v1/patients/{}/validation", text(&patient["id"])), json!({})).await.expect(200);
        assert_eq!(figures(&own).await, [1, 0, 0]);
        for minutes in [0, 26 * 60] {
            let at = t.clock.now() + chrono::TimeDelta::minutes(minutes);
            let booked = json!({"patient_id": patient["id"], "doctor_id": record["id"], "title": "Review",
                "scheduled_at": at});
            own.post("/api/appointments", booked).await.expect(201);
        }
        assert_eq!(figures(&own).await, [1, 0, 1]);
        assert_eq!(figures(&other).await, [0, 0, 0]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_reads_the_record_of_an_own_patient_and_of_no_other() {
    both(|t| async move {
        let hospital = t.hospital("One", 1).await;
        let nurse = t.nurse(&hospital).await;
        let (record, own) = doctor(&t, &hospital, "L-1").await;
        let (_, other) = doctor(&t, &hospital, "L-2").await;
        let patient = t.patient(&nurse, "Lata Joshi").await;
        let path = format!("/api/v1/doctors/me/patients/{}/medical-record", text(&patient["id"]));
        own.get(&path).await.expect(404);
        nurse.post(&pair(&record, &patient), json!({})).await.expect(201);
        let charted = json!({"condition_name": "asthma"});
        own.post(&format!("/api/patients/{}/conditions", text(&patient["id"])), charted).await.expect(201);
        let shown = own.get(&path).await.expect(200);
        assert_eq!(
            (&shown["patient_id"], &shown["conditions"][0]["condition_name"]),
            (&patient["id"], &json!("asthma"))
        );
        assert_eq!(
            shown,
            own.get(&format!("/api/v1/patients/{}/medical-record", text(&patient["id"]))).await.expect(200)
        );
        other.get(&path).await.expect(404);
        nurse.get(&path).await.expect(403);
        t.admin().await.get(&path).await.expect(403);
        t.client().get(&path).await.expect(401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dashboard_counts_people_and_everyone_who_waits() {
    both(|t| async move {
        let hospital = t.hospital("One", 1).await;
        let desk = t.account("hospital", Some(&hospital["id"])).await;
        let (record, own) = doctor(&t, &hospital, "L-1").await;
        let person = |more: &str| {
            json!({"first_name": "Lata", "last_name": "Joshi", "date_of_birth": "1970-04-12",
            "institution_id": hospital["id"], "contact_phone": {"phone_number": more}})
        };
        let mut records = Vec::new();
        for phone in ["+91 98221 54321", "+91 98221 54322"] {
            let made = desk.post("/api/v1/patients", person(phone)).await.expect(201);
            desk.post(&pair(&record, &made), json!({})).await.expect(201);
            records.push(made);
        }
        let dashboard = async || own.get("/api/v1/doctors/me/dashboard").await.expect(200);
        let queue = async || own.get("/api/v1/validations").await.expect(200).as_array().map(Vec::len);
        let before = dashboard().await;
        assert_eq!((&before["total_patients"], &before["pending_reviews"]), (&json!(2), &json!(2)));
        assert_eq!(queue().await, Some(2));
        let merge = format!("/api/v1/patients/{}/merge", text(&records[1]["id"]));
        desk.post(&merge, json!({"absorbed_id": records[0]["id"], "reason": "twice"})).await.expect(201);
        let after = dashboard().await;
        assert_eq!(after["total_patients"], 1);
        assert_eq!(after["pending_reviews"].as_u64(), queue().await.map(|length| length as u64));
        let mine = own.get("/api/v1/doctors/me/patients").await.expect(200);
        assert_eq!((&mine["patient_count"], &mine["patients"][0]["id"]), (&json!(1), &records[1]["id"]));
        assert_eq!(mine["patients"].as_array().map(Vec::len), Some(1));
        let nobody = own.get("/api/v1/doctors?search=%25").await.expect(200);
        assert_eq!((nobody, own.get("/api/v1/institutions?search=_").await.expect(200)), (json!([]), json!([])));
        assert_eq!(own.get("/api/hospitals?search=.").await.expect(200), json!([]));
    })
    .await;
}
