//! The ladder of validation.
use serde_json::{Value, json};
use testkit::{Client, TestApp, both};

use crate::people::{affiliate, person, v1};
use crate::{admit, at, each, text, with};

/// A hospital with a doctor, and a stranger to both.
pub struct House {
    pub hospital: Value,
    pub nurse: Client,
    pub desk: Client,
    pub doctor: Value,
    pub meera: Client,
    pub admin: Client,
}

pub async fn house(t: &TestApp) -> House {
    let hospital = t.hospital("City Hospital", 4).await;
    let (doctor, meera) = t.doctor("Dr. Meera Iyer").await;
    affiliate(t, &doctor, &hospital).await;
    let desk = t.account("hospital", Some(&hospital["id"])).await;
    House { nurse: t.nurse(&hospital).await, desk, hospital, doctor, meera, admin: t.admin().await }
}

/// A patient whom an administrator registers with these.
pub async fn asked(house: &House, more: Value) -> Value {
    house.admin.post("/api/v1/patients", with(person("Asha", "Rao"), more)).await.expect(201)
}

pub fn of(house: &House) -> Value {
    json!({"doctor_id": house.doctor["id"], "institution_id": house.hospital["id"]})
}

pub async fn queue(client: &Client) -> Vec<String> {
    each(&client.get("/api/v1/validations").await.expect(200), "patient_id")
}

pub async fn step(client: &Client, patient: &Value) -> Value {
    client.post(&v1(patient, "/validation"), json!({})).await.expect(200)
}

/// The last step, which has to be said.
pub async fn open(client: &Client, patient: &Value) -> Value {
    client.post(&v1(patient, "/validation"), json!({"step": "full_access"})).await.expect(200)
}

pub async fn name(client: &Client, patient: &Value, named: Value) -> Value {
    client.put(&v1(patient, ""), named).await.expect(200)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_opens_what_it_says_to_whom_it_says() {
    both(|t| async move {
        let house = house(&t).await;
        let House { nurse, desk, meera, .. } = &house;
        let patient = asked(&house, of(&house)).await;
        let own = [text(&patient["id"]).to_owned()];
        // To be named opens nothing but that one is asked.
        for named in [meera, nurse, desk] {
            for rest in ["", "/profile", "/medical-record", "/care-team", "/dashboard"] {
                named.get(&v1(&patient, rest)).await.expect(404);
            }
            assert_eq!(named.get(&v1(&patient, "/validation")).await.expect(200)["validation_status"], "pending");
        }
        assert_eq!((queue(meera).await, queue(nurse).await), (own.to_vec(), vec![]));
        let waiting = meera.get("/api/v1/validations").await.expect(200)[0].clone();
        assert_eq!((&waiting["name"], &waiting["date_of_birth"]), (&json!("Asha Rao"), &json!("1980-05-17")));
        assert_eq!(waiting["requested_at"], patient["created_at"]);

        let note = json!({"step": "validated_by_doctor", "note": "saw the identity card"});
        let taken = meera.post(&v1(&patient, "/validation"), note).await;
        assert_eq!(taken.header("etag"), Some("\"2\""));
        let taken = taken.expect(200);
        assert_eq!(taken["next_step"], "validated_by_institution");
        let entry = &taken["history"][0];
        assert_eq!((&entry["note"], &entry["holder_id"]), (&json!("saw the identity card"), &house.doctor["id"]));
        assert_eq!((&entry["role"], &entry["from_status"]), (&json!("doctor"), &json!("pending")));
        // An ordinary assignment, which opens everything.
        meera.get(&v1(&patient, "/dashboard")).await.expect(200);
        let patients = format!("/api/doctors/{}/patients", text(&house.doctor["id"]));
        assert_eq!(each(&meera.get(&patients).await.expect(200), "patient_id"), own);
        assert_eq!((queue(meera).await, queue(nurse).await), (vec![], own.to_vec()));

        nurse.get(&v1(&patient, "")).await.expect(404);
        step(nurse, &patient).await;
        for rest in ["", "/profile", "/medical-record", "/care-team"] {
            nurse.get(&v1(&patient, rest)).await.expect(200);
        }
        nurse.get(&format!("/patients/{}/vitals", own[0])).await.expect(403);
        nurse.put(&v1(&patient, "/health-profile"), json!({"height_cm": 160})).await.expect(403);
        nurse.put(&v1(&patient, ""), json!({"address": {"city": "Pune"}})).await.expect(200);
        assert_eq!((queue(nurse).await, queue(desk).await), (vec![], own.to_vec()));
        assert_eq!(queue(&house.admin).await, own);

        // Sent twice, the step before is taken once.
        desk.post(&v1(&patient, "/validation"), json!({})).await.expect_about(422, "step");
        let top = open(desk, &patient).await;
        assert_eq!((&top["validation_status"], &top["next_step"]), (&json!("full_access"), &Value::Null));
        assert_eq!(
            each(&top["history"], "to_status"),
            ["validated_by_doctor", "validated_by_institution", "full_access"]
        );
        nurse.get(&format!("/patients/{}/vitals", own[0])).await.expect(200);
        nurse.put(&v1(&patient, "/health-profile"), json!({"height_cm": 160})).await.expect(200);
        assert!(queue(desk).await.is_empty() && queue(&house.admin).await.is_empty());
        assert_eq!(nurse.get(&at(&patient, "")).await.expect(200)["validation_status"], "full_access");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_step_is_taken_by_anybody_else() {
    both(|t| async move {
        let house = house(&t).await;
        let patient = asked(&house, of(&house)).await;
        let path = v1(&patient, "/validation");
        let lake = t.hospital("Lake Hospital", 4).await;
        let (colleague, at_the_same_hospital) = t.doctor("Dr. Nair").await;
        affiliate(&t, &colleague, &house.hospital).await;
        let (_, far_doctor) = t.doctor("Dr. Stranger").await;
        let other = asked(&house, of(&house)).await;
        let strangers = [
            at_the_same_hospital,
            far_doctor,
            t.nurse(&lake).await,
            t.account("hospital", Some(&lake["id"])).await,
            t.responder(&house.hospital).await,
            t.account("patient", Some(&other["id"])).await,
        ];
        let own = t.account("patient", Some(&patient["id"])).await;
        let refused = async |status: &str| {
            for stranger in &strangers {
                stranger.get(&path).await.expect(404);
                stranger.post(&path, json!({})).await.expect(404);
                for rest in ["", "/profile", "/medical-record", "/care-team", "/dashboard", "/prescriptions"] {
                    stranger.get(&v1(&patient, rest)).await.expect(404);
                }
            }
            own.post(&path, json!({})).await.expect(403);
            assert_eq!(own.get(&path).await.expect(200)["validation_status"], status);
        };
        refused("pending").await;
        // Who treats the patient may not skip what the institution says, and the reverse.
        for (early, said) in [(&house.nurse, json!({})), (&house.desk, json!({})), (&house.admin, json!({}))] {
            let problem = early.post(&path, said).await.expect_about(409, "validation_status");
            assert!(text(&problem["detail"]).contains("pending"), "{problem}");
        }
        house.nurse.post(&path, json!({"step": "full_access"})).await.expect(403);
        step(&house.meera, &patient).await;
        refused("validated_by_doctor").await;
        house.meera.post(&path, json!({})).await.expect_about(409, "validation_status");
        house.admin.post(&path, json!({})).await.expect_about(409, "validation_status");
        step(&house.nurse, &patient).await;
        refused("validated_by_institution").await;
        house.nurse.post(&path, json!({})).await.expect_about(409, "validation_status");
        house
            .desk
            .post(&path, json!({"step": "validated_by_institution"}))
            .await
            .expect_about(409, "validation_status");
        // A hospital that admits the patient knows them, and still gives itself no full access.
        let lake_desk = &strangers[3];
        admit(lake_desk, &lake, &patient).await;
        lake_desk.post(&path, json!({"step": "full_access"})).await.expect(403);
        open(&house.admin, &patient).await;
        for late in [&house.meera, &house.nurse, &house.desk, &house.admin] {
            late.post(&path, json!({})).await.expect_about(409, "validation_status");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn validation_is_taken_back_by_the_patient_and_who_writes_the_care_team() {
    both(|t| async move {
        let house = house(&t).await;
        let House { nurse, desk, meera, admin, .. } = &house;
        let patient = asked(&house, of(&house)).await;
        let path = v1(&patient, "/validation");
        let own = t.account("patient", Some(&patient["id"])).await;
        own.delete(&path).await.expect_about(409, "validation_status");
        step(meera, &patient).await;
        step(nurse, &patient).await;
        open(desk, &patient).await;
        let vitals = format!("/patients/{}/vitals", text(&patient["id"]));
        nurse.get(&vitals).await.expect(200);
        admin.delete(&path).await.expect(403);
        own.with_header("if-match", "\"1\"").delete(&path).await.expect(412);
        own.delete(&path).await.expect(204);
        for staff in [nurse, desk] {
            staff.get(&vitals).await.expect(404);
            staff.get(&path).await.expect(404);
        }
        let shown = own.get(&path).await.expect(200);
        assert_eq!((&shown["validation_status"], &shown["institution_id"]), (&json!("pending"), &Value::Null));
        assert_eq!(shown["history"][3]["to_status"], "pending");
        // The assignment stays until it is ended, and who is assigned may begin anew.
        meera.get(&vitals).await.expect(200);
        step(meera, &patient).await;
        nurse.post(&path, json!({})).await.expect(404);
        let events = t.app.edge::<events::Log>().after(&mut t.app.db(), "patients", 0, 1000).await.expect("the log");
        assert!(events.iter().any(|event| event.body["kind"] == "patient.validation_withdrawn"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_who_was_validated_stays_who_they_are() {
    both(|t| async move {
        let house = house(&t).await;
        let patient = asked(&house, of(&house)).await;
        let own = t.account("patient", Some(&patient["id"])).await;
        name(&own, &patient, json!({"first_name": "Aasha"})).await;
        step(&house.meera, &patient).await;
        for (member, value) in [
            ("first_name", json!("Uma")),
            ("last_name", json!("Iyer")),
            ("date_of_birth", json!("1999-01-01")),
            ("sex_id", json!("male")),
            ("gender", json!("male")),
        ] {
            own.put(&v1(&patient, ""), json!({member: value})).await.expect_about(409, member);
        }
        own.put(&at(&patient, ""), json!({"name": "Uma Iyer"})).await.expect_about(409, "name");
        name(&own, &patient, json!({"first_name": "Aasha", "address": {"city": "Pune"}})).await;
        name(&house.meera, &patient, json!({"first_name": "Uma"})).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_take_the_same_step_take_it_once() {
    both(|t| async move {
        let house = house(&t).await;
        let patient = asked(&house, of(&house)).await;
        let stale = house.meera.with_header("if-match", "\"7\"");
        stale.post(&v1(&patient, "/validation"), json!({})).await.expect(412);
        let asks = (0..6).map(|_| {
            let (meera, path) = (house.meera.clone(), v1(&patient, "/validation"));
            tokio::spawn(async move { meera.post(&path, json!({})).await.status.as_u16() })
        });
        let mut statuses = Vec::new();
        for ask in asks.collect::<Vec<_>>() {
            statuses.push(ask.await.expect("an answer"));
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409, 409, 409, 409, 409]);
        let history = house.meera.get(&v1(&patient, "/validation")).await.expect(200)["history"].clone();
        assert_eq!(history.as_array().map(Vec::len), Some(1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_who_comes_back_is_validated_anew() {
    both(|t| async move {
        let house = house(&t).await;
        let patient = asked(&house, of(&house)).await;
        step(&house.meera, &patient).await;
        house.admin.delete(&v1(&patient, "")).await.expect(204);
        let back = house.admin.post(&at(&patient, "/activate"), json!({})).await.expect(200);
        assert_eq!(back["validation_status"], "pending");
        house.meera.get(&v1(&patient, "")).await.expect(404);
        let past = format!("/api/doctors/{}/patients?relationship_type=previous", text(&house.doctor["id"]));
        assert_eq!(each(&house.meera.get(&past).await.expect(200), "patient_id"), [text(&patient["id"])]);
        assert_eq!(queue(&house.meera).await, [text(&patient["id"])]);
        let again = step(&house.meera, &patient).await;
        assert_eq!(each(&again["history"], "to_status"), ["validated_by_doctor", "pending", "validated_by_doctor"]);
        house.meera.get(&v1(&patient, "")).await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_is_read_page_by_page() {
    both(|t| async move {
        let house = house(&t).await;
        let mut expected = Vec::new();
        for more in
            [of(&house), json!({"institution_id": house.hospital["id"]}), json!({"doctor_id": house.doctor["id"]})]
        {
            expected.push(text(&asked(&house, more).await["id"]).to_owned());
        }
        let first = house.meera.get("/api/v1/validations?limit=2").await;
        let next = first.next().expect("a next page");
        assert_eq!(each(&first.expect(200), "patient_id"), expected[..2]);
        assert_eq!(each(&house.meera.get(&next).await.expect(200), "patient_id"), expected[2..]);
        assert_eq!(each(&house.meera.get("/api/v1/validations?skip=1").await.expect(200), "patient_id"), expected[1..]);
        let patient = json!({"id": expected[0]});
        t.account("patient", Some(&patient["id"])).await.get("/api/v1/validations").await.expect(403);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_and_each_refused_one_is_on_record() {
    both(|t| async move {
        let house = house(&t).await;
        let patient = asked(&house, of(&house)).await;
        let (_, stranger) = t.doctor("Dr. Stranger").await;
        let path = v1(&patient, "/validation");
        stranger.with_header("x-request-id", "refused").post(&path, json!({})).await.expect(404);
        house.meera.with_header("x-request-id", "taken").post(&path, json!({"note": "passport"})).await.expect(200);
        let (mut db, mut entries) = (t.app.db(), Vec::new());
        loop {
            let more = access::list(&mut db, entries.last().map_or(0, |entry: &access::Record| entry.seq)).await;
            match more.expect("the chain is read") {
                page if page.is_empty() => break,
                page => entries.extend(page),
            }
        }
        let of_request = |id: &str| entries.iter().filter(|entry| entry.request_id == id).collect::<Vec<_>>();
        assert!(of_request("refused").iter().any(|entry| !entry.allowed));
        let taken = of_request("taken");
        let step = taken.iter().find(|entry| entry.action == "patient.validate").expect("an entry");
        assert_eq!((step.object.as_str(), &*step.role), ("validated_by_doctor", "doctor"));
        assert_eq!(step.patient_id.map(|id| id.to_string()).as_deref(), Some(text(&patient["id"])));
        assert!(taken.iter().any(|entry| entry.action == "assignment.assigned"));
        let events = t.app.edge::<events::Log>().after(&mut db, "patients", 0, 1000).await.expect("the log is read");
        let told = events.iter().find(|event| event.body["kind"] == "patient.validated").expect("an event");
        assert_eq!(told.body["patient_id"], patient["id"]);
        assert!(!told.body.to_string().contains("passport"));
    })
    .await;
}
