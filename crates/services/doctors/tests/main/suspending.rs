//! Doctors suspended, reinstated and retired: what closes at once, what comes back, and what stays on record.
use serde_json::{Value, json};
use testkit::{Client, TestApp, both, vitals};
use tokio::time::{Duration, timeout};

use crate::{at, newcomer, pair, text, v1};

const PASSWORD: &str = "a-good-password";

/// A hospital with its nurse, and a doctor whom one patient is assigned to, signed in on two devices.
struct House {
    hospital: Value,
    nurse: Client,
    record: Value,
    email: String,
    doctor: Client,
    phone: Client,
    patient: Value,
}

async fn house(t: &TestApp) -> House {
    let hospital = t.hospital("One", 5).await;
    let (admin, nurse) = (t.admin().await, t.nurse(&hospital).await);
    let record = admin.post("/api/v1/doctors", newcomer(&hospital, "L-1")).await.expect(201);
    let email = text(&record["contact_email"]["email_address"]).to_owned();
    let (doctor, phone) = (t.client().login(&email, PASSWORD).await, t.client().login(&email, PASSWORD).await);
    let patient = t.patient(&nurse, "Lata Joshi").await;
    nurse.post(&pair(&record, &patient), json!({})).await.expect(201);
    House { hospital, nurse, record, email, doctor, phone, patient }
}

async fn become_of(by: &Client, doctor: &Value, status: &str) -> Value {
    let body = json!({"status": status, "reason": "by order of the council"});
    by.put(&v1(doctor, "/professional-status"), body).await.expect(200)
}

async fn may_log_in(t: &TestApp, h: &House) -> u16 {
    t.client().post("/auth/login", json!({"email": h.email, "password": PASSWORD})).await.status.as_u16()
}

fn chart(patient: &Value) -> String {
    format!("/api/patients/{}?include=records", text(&patient["id"]))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_doctor_is_out_at_once_and_back_with_the_same_patients() {
    both(|t| async move {
        let (h, admin) = (house(&t).await, t.admin().await);
        h.doctor.get(&chart(&h.patient)).await.expect(200);
        let suspended = become_of(&admin, &h.record, "suspended").await;
        assert_eq!(
            (&suspended["professional_status"], &suspended["is_available"]),
            (&json!("suspended"), &json!(false))
        );
        for old in [&h.doctor, &h.phone] {
            for path in [chart(&h.patient), at(&h.record, "/patients"), "/api/v1/doctors/me/profile".to_owned()] {
                old.get(&path).await.expect(401);
            }
        }
        assert_eq!(may_log_in(&t, &h).await, 401);
        // The assignment stays, and the directory says what became of the doctor.
        let shown = h.nurse.get(&v1(&h.record, "")).await.expect(200);
        assert_eq!((&shown["professional_status"], &shown["is_active"]), (&json!("suspended"), &json!(true)));
        h.nurse.post(&pair(&h.record, &h.patient), json!({})).await.expect(409);

        let back = become_of(&admin, &h.record, "active").await;
        assert_eq!((&back["professional_status"], &back["is_available"]), (&json!("active"), &json!(true)));
        // What ended stays ended: the doctor signs in anew.
        h.doctor.get(&chart(&h.patient)).await.expect(401);
        let doctor = t.client().login(&h.email, PASSWORD).await;
        doctor.get(&chart(&h.patient)).await.expect(200);
        let patients = doctor.get(&at(&h.record, "/patients?relationship_type=current")).await.expect(200);
        assert_eq!((&patients[0]["patient_id"], patients.as_array().map(Vec::len)), (&h.patient["id"], Some(1)));
        let places = doctor.get(&at(&h.record, "/hospitals")).await.expect(200);
        assert_eq!(places[0]["hospital_id"], h.hospital["id"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ended_during_a_suspension_does_not_come_back() {
    both(|t| async move {
        let (h, admin) = (house(&t).await, t.admin().await);
        become_of(&admin, &h.record, "suspended").await;
        h.nurse.delete(&pair(&h.record, &h.patient)).await.expect(204);
        become_of(&admin, &h.record, "active").await;
        let doctor = t.client().login(&h.email, PASSWORD).await;
        doctor.get(&chart(&h.patient)).await.expect(404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_stream_tells_a_suspended_doctor_nothing_more() {
    both(|t| async move {
        let (h, admin) = (house(&t).await, t.admin().await);
        let path = format!("/patients/{}/vitals/stream", text(&h.patient["id"]));
        let mut stream = h.doctor.request("GET".parse().expect("a method"), &path).send().await.expect("an answer");
        assert_eq!(stream.status().as_u16(), 200);
        let ticket = h.phone.post("/api/emergency/stream/ticket", json!({})).await.expect(201);
        become_of(&admin, &h.record, "suspended").await;
        let lata = t.account("patient", Some(&h.patient["id"])).await;
        let reading = lata.post("/vitals", vitals(text(&h.patient["id"]))).await.expect(201)["data"]["id"].clone();
        let mut said = String::new();
        let rest = async {
            while let Ok(Some(chunk)) = stream.chunk().await {
                said.push_str(&String::from_utf8_lossy(&chunk));
            }
        };
        timeout(Duration::from_secs(20), rest).await.expect("the stream ends");
        assert!(!said.contains(text(&reading)), "{said}");
        let path = format!("/api/emergency/stream?ticket={}", text(&ticket["ticket"]));
        t.client().get(&path).await.expect(401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_way_around_a_suspension_opens_anything() {
    both(|t| async move {
        let (h, admin) = (house(&t).await, t.admin().await);
        let users = admin.get(&format!("/users?reference_id={}", text(&h.record["id"]))).await.expect(200);
        let refresh = t.client().post("/auth/login", json!({"email": h.email, "password": PASSWORD})).await.expect(200);
        become_of(&admin, &h.record, "suspended").await;
        let account = format!("/users/{}", text(&users[0]["id"]));
        admin.post(&format!("{account}/enable"), json!({})).await.expect_about(422, "reference_id");
        let other = json!({"email": "other@doctors.example", "password": PASSWORD, "user_type": "doctor",
            "reference_id": h.record["id"]});
        admin.post("/users/create", other).await.expect_about(422, "reference_id");
        admin.post(&format!("{account}/password"), json!({"new_password": "another-password"})).await.expect(204);
        let again = json!({"email": h.email, "password": "another-password"});
        t.client().post("/auth/login", again).await.expect(401);
        let renewed = json!({"refresh_token": refresh["refresh_token"]});
        t.client().post("/api/auth/refresh", renewed).await.expect(401);
        // A session that somebody opened all the same does not live.
        let session = access::NewSession {
            user: users[0]["id"].as_str().expect("an id").parse().expect("an id"),
            role: access::Role::Doctor,
            reference: Some(text(&h.record["id"]).parse().expect("an id")),
            device: "test".to_owned(),
            expires_at: t.clock.now() + chrono::TimeDelta::hours(1),
        };
        let (user, mut tx) = (session.user, t.app.db().begin().await.expect("a transaction"));
        let session = access::open(&mut tx, session, t.clock.now()).await.expect("a session");
        tx.commit().await.expect("a commit");
        let vault = t.app.edge::<vault::Vault>();
        let token = vault.tokens().sign(user.0, session.0, t.clock.now().timestamp(), 600).expect("a token");
        let around = t.client().with_token(&token);
        around.get(&chart(&h.patient)).await.expect(401);
        become_of(&admin, &h.record, "active").await;
        around.get(&chart(&h.patient)).await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_was_disabled_by_hand_stays_so() {
    both(|t| async move {
        let (h, admin) = (house(&t).await, t.admin().await);
        let users = admin.get(&format!("/users?reference_id={}", text(&h.record["id"]))).await.expect(200);
        let disable = format!("/users/{}/disable", text(&users[0]["id"]));
        admin.post(&disable, json!({})).await.expect(200);
        become_of(&admin, &h.record, "suspended").await;
        become_of(&admin, &h.record, "active").await;
        assert_eq!(may_log_in(&t, &h).await, 401);
        admin.post(&disable.replace("disable", "enable"), json!({})).await.expect(200);
        assert_eq!(may_log_in(&t, &h).await, 200);
        // During a suspension too.
        become_of(&admin, &h.record, "suspended").await;
        admin.post(&disable, json!({})).await.expect(200);
        become_of(&admin, &h.record, "active").await;
        assert_eq!(may_log_in(&t, &h).await, 401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_practise_is_given_nothing_to_do() {
    both(|t| async move {
        let (h, admin) = (house(&t).await, t.admin().await);
        let other = t.patient(&h.nurse, "Ravi Sen").await;
        let elsewhere = t.hospital("Two", 1).await;
        for status in ["suspended", "retired"] {
            become_of(&admin, &h.record, status).await;
            h.nurse.post(&pair(&h.record, &other), json!({})).await.expect_about(409, "doctor_id");
            let admit = json!({"department": "medicine", "reason": "fever", "doctor_id": h.record["id"]});
            let path = format!("/api/hospitals/{}/patients/{}/admit", text(&h.hospital["id"]), text(&other["id"]));
            h.nurse.post(&path, admit).await.expect_about(422, "doctor_id");
            let place = at(&h.record, &format!("/hospitals/{}", text(&elsewhere["id"])));
            admin.post(&place, json!({})).await.expect_about(409, "doctor_id");
            let available = json!({"is_available": true});
            admin.patch(&at(&h.record, "/availability"), available.clone()).await.expect_about(409, "is_available");
            admin.put(&v1(&h.record, ""), available).await.expect_about(409, "is_available");
            admin.put(&v1(&h.record, ""), json!({"years_experience": 30})).await.expect(200);
            assert_eq!(admin.get("/api/doctors?available=true").await.expect(200), json!([]));
            let found = admin.get(&format!("/api/v1/doctors?professional_status={status}")).await.expect(200);
            assert_eq!(found[0]["id"], h.record["id"]);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retired_doctor_leaves_patients_and_places_and_may_come_back_without_them() {
    both(|t| async move {
        let (h, admin) = (house(&t).await, t.admin().await);
        let path =
            |what| format!("/api/hospitals/{}/patients/{}/{what}", text(&h.hospital["id"]), text(&h.patient["id"]));
        let admit = json!({"department": "medicine", "reason": "fever", "doctor_id": h.record["id"]});
        h.nurse.post(&path("admit"), admit).await.expect(201);
        let retire = json!({"status": "retired", "reason": "age"});
        admin.put(&v1(&h.record, "/professional-status"), retire).await.expect(409);
        // Nothing of it was done.
        h.doctor.get(&chart(&h.patient)).await.expect(200);
        assert_eq!(admin.get(&v1(&h.record, "")).await.expect(200)["professional_status"], "active");
        h.nurse.post(&path("discharge"), json!({})).await.expect(200);

        become_of(&admin, &h.record, "retired").await;
        h.doctor.get(&chart(&h.patient)).await.expect(401);
        assert_eq!(may_log_in(&t, &h).await, 401);
        assert_eq!(admin.get(&at(&h.record, "/hospitals")).await.expect(200), json!([]));
        let suspend = json!({"status": "suspended", "reason": "inquiry"});
        admin.put(&v1(&h.record, "/professional-status"), suspend).await.expect_about(409, "status");
        become_of(&admin, &h.record, "active").await;
        let doctor = t.client().login(&h.email, PASSWORD).await;
        doctor.get(&chart(&h.patient)).await.expect(404);
        let patients = doctor.get(&at(&h.record, "/patients")).await.expect(200);
        assert_eq!(patients[0]["relationship_type"], "previous");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_of_status_is_on_record_and_administrators_alone_make_one() {
    both(|t| async move {
        let (h, admin) = (house(&t).await, t.admin().await);
        let path = v1(&h.record, "/professional-status");
        let (_, other) = t.doctor("Dr. Sen").await;
        let desk = t.account("hospital", Some(&h.hospital["id"])).await;
        for client in [&h.doctor, &h.nurse, &other, &desk] {
            client.put(&path, json!({"status": "suspended", "reason": "envy"})).await.expect(403);
        }
        for client in [&h.nurse, &other, &desk] {
            client.get(&path).await.expect(403);
        }
        assert_eq!(h.doctor.get(&path).await.expect(200), json!([]));
        admin.put(&path, json!({"status": "asleep", "reason": "night"})).await.expect_about(422, "status");
        admin.put(&path, json!({"status": "suspended", "reason": " "})).await.expect_about(422, "reason");
        admin.put(&path, json!({"status": "suspended"})).await.expect(422);
        admin.put(&path, json!({"status": "active", "reason": "yes"})).await.expect_about(409, "status");
        admin
            .put("/api/v1/doctors/nobody/professional-status", json!({"status": "retired", "reason": "age"}))
            .await
            .expect(404);
        for status in ["suspended", "active", "retired"] {
            become_of(&admin, &h.record, status).await;
        }
        let history = admin.get(&path).await.expect(200);
        let kept: Vec<&str> =
            history.as_array().expect("a list").iter().map(|change| text(&change["status"])).collect();
        assert_eq!(kept, ["suspended", "active", "retired"]);
        let me = admin.get("/auth/me").await.expect(200)["id"].clone();
        assert_eq!((&history[0]["changed_by"], &history[0]["reason"]), (&me, &json!("by order of the council")));
        let log = t.app.edge::<events::Log>();
        let heard = log.after(&mut t.app.db(), "doctors", 0, 10).await.expect("the events");
        let kinds: Vec<&str> =
            heard.iter().filter(|e| e.body["doctor_id"] == h.record["id"]).map(|e| text(&e.body["kind"])).collect();
        assert_eq!(kinds, ["doctor.created", "doctor.suspended", "doctor.reinstated", "doctor.retired"]);
        let (mut db, mut after, mut actions) = (t.app.db(), 0, Vec::new());
        loop {
            let page = access::list(&mut db, after).await.expect("the chain");
            let Some(last) = page.last() else { break };
            after = last.seq;
            actions.extend(page.into_iter().filter(|e| e.object == text(&h.record["id"])).map(|e| e.action));
        }
        assert_eq!(actions, ["doctor.create", "doctor.suspend", "doctor.reinstate", "doctor.retire"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_doctor_gets_no_place_by_a_change_of_the_profile() {
    both(|t| async move {
        let (h, admin) = (house(&t).await, t.admin().await);
        let other = t.hospital("Two", 5).await;
        become_of(&admin, &h.record, "suspended").await;
        let change = json!({"institution_id": other["id"]});
        admin.put(&v1(&h.record, ""), change.clone()).await.expect_about(409, "institution_id");
        // What needs no practice is changed all the same.
        let kept = admin.put(&v1(&h.record, ""), json!({"consultation_fee": 500.0})).await.expect(200);
        assert_eq!(kept["institution_id"], h.hospital["id"]);
        become_of(&admin, &h.record, "active").await;
        assert_eq!(admin.put(&v1(&h.record, ""), change).await.expect(200)["institution_id"], other["id"]);
    })
    .await;
}
