//! What is sensitive is seen by the patient, by whoever wrote it, by a consent that names it, and by whoever breaks the
//! glass; to everybody else it is not there.
use serde_json::{Value, json};
use testkit::{Client, both};

use crate::{People, at, people, text, with};

const REQUEST: &str = "/api/v1/consents/request";

/// How many entries of each kind somebody sees: records, conditions, prescriptions, what is taken, what was done lately.
async fn seen(p: &People, by: &Client) -> [usize; 5] {
    let (old, v1) = (format!("/api/patients/{}", p.patient()), format!("/api/v1/patients/{}", p.patient()));
    let mut found = [0; 5];
    for (count, path) in found.iter_mut().zip([
        format!("{old}/records"),
        format!("{old}/conditions"),
        format!("{v1}/prescriptions"),
        format!("{v1}/medications"),
        format!("{v1}/dashboard"),
    ]) {
        let answer = by.get(&path).await;
        let list = if answer.status.as_u16() == 403 { json!([]) } else { answer.expect(200) };
        let list = list.get("recent_activity").cloned().unwrap_or(list);
        *count = list.as_array().unwrap_or_else(|| panic!("{path}: {list}")).len();
    }
    found
}

/// The attending doctor charts one of each kind, all sensitive; answers them.
async fn charted(p: &People) -> [Value; 3] {
    let (old, v1) = (format!("/api/patients/{}", p.patient()), format!("/api/v1/patients/{}", p.patient()));
    let record = json!({"record_type": "consultation", "title": "Depression", "visit_date": "2024-02-03",
        "record_id": "R-1", "is_sensitive": true});
    let record = p.w.doctor.post(&format!("{old}/records"), record).await.expect(201);
    let condition = json!({"condition_name": "Depression", "kind": "chronic", "is_sensitive": true});
    let condition = p.w.doctor.post(&format!("{old}/conditions"), condition).await.expect(201);
    // It rests on a sensitive record, and so is sensitive without a word.
    let taken = json!({"medications": [{"name": "Sertraline"}], "record_id": "R-1"});
    let taken = p.w.doctor.post(&format!("{v1}/prescriptions"), taken).await.expect(201);
    assert_eq!([&record, &condition, &taken].map(|one| &one["is_sensitive"]), [&json!(true); 3]);
    [record, condition, taken]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sensitive_is_not_there_for_those_it_was_not_opened_to() {
    both(|t| async move {
        let p = people(&t).await;
        let [_, condition, taken] = charted(&p).await;
        assert_eq!((seen(&p, &p.lata).await, seen(&p, &p.w.doctor).await), ([1, 1, 1, 1, 3], [1, 1, 1, 1, 3]));
        // Who treats, but did not write it.
        let (record, assigned) = t.doctor("Dr. Assigned").await;
        let path = format!("/api/doctors/{}/patients/{}", text(&record["id"]), p.patient());
        p.w.nurse.post(&path, json!({})).await.expect(201);
        assert_eq!((seen(&p, &assigned).await, seen(&p, &p.w.nurse).await), ([0; 5], [0; 5]));
        let (v1, old) = (format!("/api/v1/patients/{}", p.patient()), format!("/api/patients/{}", p.patient()));
        let whole = assigned.get(&format!("{v1}/medical-record")).await.expect(200);
        assert_eq!((&whole["conditions"], &whole["prescriptions"]), (&json!([]), &json!([])));
        let shown = assigned.get(&format!("{old}?include=records")).await.expect(200);
        assert_eq!(shown["chronic_conditions"], json!([]));
        // Nor are they changed unseen, found by a name that is known, or said to be resolved by a list that lacks them.
        let prescription = format!("{v1}/prescriptions/{}", text(&taken["id"]));
        assigned.get(&prescription).await.expect(404);
        assigned.patch(&prescription, json!({"status": "stopped"})).await.expect(404);
        let of = format!("{old}/conditions/{}", text(&condition["id"]));
        assigned.patch(&of, json!({"status": "resolved"})).await.expect(404);
        let resting = json!({"medications": [{"name": "Aspirin"}], "record_id": "R-1"});
        assigned.post(&format!("{v1}/prescriptions"), resting).await.expect_about(422, "record_id");
        assigned.put(&old, json!({"chronic_conditions": ["Asthma"]})).await.expect(200);
        let known = p.lata.get(&format!("{old}/conditions")).await.expect(200);
        assert_eq!((&known[0]["condition_name"], &known[0]["status"]), (&json!("Depression"), &json!("active")));
        assert_eq!(known[1]["condition_name"], "Asthma");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sensitive_is_opened_by_its_name_and_by_the_patient_alone() {
    both(|t| async move {
        let p = people(&t).await;
        charted(&p).await;
        p.agree(json!(["all"])).await;
        assert_eq!(seen(&p, &p.nair).await, [0; 5], "everything is not what is sensitive");
        // Nobody narrows what was asked for to something that was not.
        let asked = p.nair.post(REQUEST, p.ask(json!(["all"]))).await.expect(201);
        let more = json!({"data_categories": ["records", "sensitive"]});
        p.lata.put(&at(&asked, "/approve"), more).await.expect_about(422, "data_categories");
        let asked = p.nair.post(REQUEST, p.ask(json!(["sensitive"]))).await.expect(201);
        assert_eq!(asked["opens"], json!(["records", "sensitive"]));
        // Who acts for the patient reads the records, and does not see or open what is sensitive.
        let mother = t.patient(&p.w.nurse, "Sita Joshi").await;
        let mother = t.account("patient", Some(&mother["id"])).await;
        let me = mother.get("/auth/me").await.expect(200)["data"]["id"].clone();
        let parent = json!({"user": me, "relationship": "parent", "may": "manage"});
        p.lata.post(&format!("/api/v1/patients/{}/delegates", p.patient()), parent).await.expect(201);
        assert_eq!(seen(&p, &mother).await, [0; 5]);
        mother.put(&at(&asked, "/approve"), json!({})).await.expect(403);
        p.lata.put(&at(&asked, "/approve"), json!({})).await.expect(200);
        assert_eq!(seen(&p, &p.nair).await, [1, 1, 1, 1, 3]);
        let looks = p.lata.get(&format!("/api/v1/patients/{}/audit", p.patient())).await.expect(200).to_string();
        assert!(looks.contains("sensitive ones too"), "the patient sees that they were open: {looks}");
        p.lata.put(&at(&asked, "/revoke"), json!({})).await.expect(200);
        assert_eq!(seen(&p, &p.nair).await, [0; 5]);
        let (_, breaker) = t.doctor("Dr. Breaker").await;
        let why = json!({"reason": "Found unconscious at the station"});
        breaker.post(&format!("/api/v1/patients/{}/break-glass", p.patient()), why).await.expect(201);
        assert_eq!(seen(&p, &breaker).await, [1, 1, 1, 1, 3]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_patient_marks_any_entry_and_whoever_charts_what_they_see() {
    both(|t| async move {
        let p = people(&t).await;
        let (old, path) =
            (format!("/api/patients/{}", p.patient()), format!("/api/v1/patients/{}/sensitive", p.patient()));
        let record =
            json!({"record_type": "consultation", "title": "HIV", "visit_date": "2024-02-03", "record_id": "R-1"});
        let record = p.w.doctor.post(&format!("{old}/records"), record).await.expect(201);
        let taken = json!({"medications": [{"name": "Dolutegravir"}], "record_id": "R-1"});
        p.w.doctor.post(&format!("/api/v1/patients/{}/prescriptions", p.patient()), taken).await.expect(201);
        let condition =
            p.w.nurse.post(&format!("{old}/conditions"), json!({"condition_name": "HIV"})).await.expect(201);
        assert_eq!(seen(&p, &p.w.nurse).await, [1, 1, 1, 1, 3]);
        let mark = |kind: &str, what: &Value, so: bool| json!({"kind": kind, "id": what["id"], "is_sensitive": so});
        p.lata.put(&path, mark("record", &record, true)).await.expect(200);
        // With it goes what was prescribed because of it.
        assert_eq!(seen(&p, &p.w.nurse).await, [0, 1, 0, 0, 1]);
        p.w.doctor.put(&path, mark("condition", &condition, true)).await.expect(200);
        assert_eq!((seen(&p, &p.w.doctor).await, seen(&p, &p.w.nurse).await), ([1, 0, 1, 1, 2], [0, 1, 0, 0, 1]));
        // Whoever does not see it cannot take the mark away.
        p.w.doctor.put(&path, mark("condition", &condition, false)).await.expect(404);
        p.w.nurse.put(&path, mark("record", &record, false)).await.expect(404);
        p.nair.put(&path, mark("record", &record, false)).await.expect(404);
        t.admin().await.put(&path, mark("record", &record, false)).await.expect(403);
        let unknown = with(mark("record", &record, true), json!({"id": condition["id"]}));
        p.lata.put(&path, unknown).await.expect(404);
        p.lata.put(&path, mark("condition", &condition, false)).await.expect(200);
        assert_eq!(seen(&p, &p.w.doctor).await, [1, 1, 1, 1, 3]);
        let looks = p.lata.get(&format!("/api/v1/patients/{}/audit", p.patient())).await.expect(200).to_string();
        assert!(looks.contains("patient.mark_sensitive") && looks.contains("patient.unmark_sensitive"), "{looks}");
    })
    .await;
}
