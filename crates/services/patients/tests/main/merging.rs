//! Merging two records of one person, and undoing it.
use serde_json::{Value, json};
use testkit::{Client, TestApp, both};

use crate::{PASSWORD, admit, at, discharge, each, register, text};

/// Two records of one person at one hospital, and everybody around them.
pub struct Twice {
    pub hospital: Value,
    pub desk: Client,
    pub nurse: Client,
    pub admin: Client,
    pub doctor: Value,
    pub treating: Client,
    pub one: Value,
    pub two: Value,
    pub one_herself: Client,
    pub two_herself: Client,
}

impl Twice {
    /// The doctor looks after the first record, and the hospital treats the second.
    pub async fn of(t: &TestApp) -> Self {
        let hospital = t.hospital("City Hospital", 4).await;
        let desk = t.account("hospital", Some(&hospital["id"])).await;
        let nurse = t.nurse(&hospital).await;
        let (doctor, treating) = t.doctor("Dr Iyer").await;
        let account = |email: &str| json!({"email": email, "password": PASSWORD});
        let one = register(&desk, "Asha Rao", account("one@example.org")).await;
        let two = register(&desk, "Aasha Rao", account("two@example.org")).await;
        assign(&desk, &doctor, &one).await;
        admit(&nurse, &hospital, &two).await;
        let asthma = json!({"condition_name": "asthma", "kind": "chronic"});
        treating.post(&at(&one, "/conditions"), asthma).await.expect(201);
        nurse
            .post(&at(&two, "/conditions"), json!({"condition_name": "penicillin", "kind": "allergy"}))
            .await
            .expect(201);
        treating.post(&at(&one, "/records"), visit("first")).await.expect(201);
        nurse.post(&at(&two, "/records"), visit("second")).await.expect(201);
        for (record, name) in [(&one, "Ravi Rao"), (&two, "Mira Rao")] {
            let contact = json!({"name": name, "relationship": "spouse", "contact": "98765 43219"});
            desk.post(&at(record, "/family-contacts"), contact).await.expect(201);
        }
        let sign_in = async |email: &str| t.client().login(email, PASSWORD).await;
        let (one_herself, two_herself) = (sign_in("one@example.org").await, sign_in("two@example.org").await);
        let admin = t.admin().await;
        Self { hospital, desk, nurse, admin, doctor, treating, one, two, one_herself, two_herself }
    }

    pub async fn merge(&self, by: &Client) -> testkit::Answer {
        merge(by, &self.one, &self.two).await
    }

    /// Everything that everybody sees of either record.
    async fn seen(&self) -> Vec<(u16, Value)> {
        let people = [&self.admin, &self.desk, &self.nurse, &self.treating, &self.one_herself, &self.two_herself];
        let mut seen = Vec::new();
        for person in people {
            for record in [&self.one, &self.two] {
                for rest in ["", "?include=records", "/conditions", "/records", "/family-contacts"] {
                    seen.push(shown(person, &at(record, rest)).await);
                }
                for rest in
                    ["medical-record", "dashboard", "prescriptions", "family-history", "care-team", "medications"]
                {
                    let path = format!("/api/v1/patients/{}/{rest}", text(&record["id"]));
                    seen.push(shown(person, &path).await);
                }
            }
            seen.push(shown(person, "/api/patients").await);
            seen.push(shown(person, "/api/v1/patients?search=rao").await);
        }
        seen
    }
}

/// A status, and what was shown; how a refusal is worded names the request.
async fn shown(client: &Client, path: &str) -> (u16, Value) {
    let answer = client.get(path).await;
    let body = if answer.status.is_success() { answer.json() } else { Value::Null };
    (answer.status.as_u16(), body)
}

fn visit(title: &str) -> Value {
    json!({"record_type": "consultation", "title": title, "visit_date": "2024-03-01"})
}

async fn assign(by: &Client, doctor: &Value, patient: &Value) {
    let path = format!("/api/doctors/{}/patients/{}", text(&doctor["id"]), text(&patient["id"]));
    by.post(&path, json!({})).await.expect(201);
}

pub async fn merge(by: &Client, survivor: &Value, absorbed: &Value) -> testkit::Answer {
    let path = format!("/api/v1/patients/{}/merge", text(&survivor["id"]));
    by.post(&path, json!({"absorbed_id": absorbed["id"], "reason": "registered twice"})).await
}

pub async fn unmerge(by: &Client, survivor: &Value, absorbed: &Value) -> testkit::Answer {
    let path = format!("/api/v1/patients/{}/unmerge", text(&survivor["id"]));
    by.post(&path, json!({"absorbed_id": absorbed["id"]})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_knows_one_record_sees_both_and_undoing_leaves_no_trace() {
    both(|t| async move {
        let twice = Twice::of(&t).await;
        let Twice { one, two, treating, nurse, .. } = &twice;
        let before = twice.seen().await;
        let merge = twice.merge(&twice.desk).await.expect(201);
        assert_eq!((&merge["survivor_id"], &merge["absorbed_id"]), (&one["id"], &two["id"]));
        assert!(merge["score"].as_i64().is_some_and(|score| score > 80), "{merge}");

        for person in [treating, nurse] {
            for record in [one, two] {
                let conditions = person.get(&at(record, "/conditions")).await.expect(200);
                assert_eq!(each(&conditions, "condition_name"), ["asthma", "penicillin"]);
                assert_eq!([&conditions[0]["patient_id"], &conditions[1]["patient_id"]], [&one["id"], &two["id"]]);
                let records = person.get(&at(record, "/records")).await.expect(200);
                assert_eq!(each(&records, "title"), ["second", "first"]);
                let whole = format!("/api/v1/patients/{}/medical-record", text(&record["id"]));
                let whole = person.get(&whole).await.expect(200);
                assert_eq!(
                    (&whole["patient_id"], whole["allergies"].as_array().map(Vec::len)),
                    (&record["id"], Some(1))
                );
                assert_eq!(each(&whole["conditions"], "condition_name"), ["asthma"]);
                let summary = person.get(&at(record, "?include=records")).await.expect(200);
                assert_eq!(
                    (&summary["allergies"], &summary["chronic_conditions"]),
                    (&json!(["penicillin"]), &json!(["asthma"]))
                );
            }
            assert_eq!(each(&person.get("/api/patients").await.expect(200), "id"), [text(&one["id"])]);
            let both = person.get("/api/patients?include_merged=true").await.expect(200);
            assert_eq!(each(&both, "id"), [text(&one["id"]), text(&two["id"])]);
        }
        // A patient's account sees the record that it stands for, as before: a front desk may have made it.
        for (herself, own, other) in [(&twice.one_herself, one, two), (&twice.two_herself, two, one)] {
            for rest in ["", "/conditions", "/records"] {
                herself.get(&at(own, rest)).await.expect(200);
                herself.get(&at(other, rest)).await.expect(404);
            }
            let conditions = herself.get(&at(own, "/conditions")).await.expect(200);
            assert_eq!(conditions.as_array().map(Vec::len), Some(1));
            assert_eq!(each(&herself.get("/api/patients").await.expect(200), "id"), [text(&own["id"])]);
        }
        let contacts = twice.admin.get(&at(two, "/family-contacts")).await.expect(200);
        assert_eq!(each(&contacts, "name"), ["Ravi Rao", "Mira Rao"]);
        assert_eq!(twice.desk.get(&at(two, "")).await.expect(200)["merged_into"], one["id"]);
        assert_eq!(twice.desk.get(&at(one, "")).await.expect(200)["merged_ids"], json!([two["id"]]));
        let listed = twice.desk.get("/api/v1/patients").await.expect(200);
        assert_eq!(listed[0]["merged_ids"], json!([two["id"]]));
        let counted = twice.desk.get("/api/patients?total=true").await;
        assert_eq!(counted.header("x-total-count"), Some("1"));

        unmerge(&twice.desk, one, two).await.expect(200);
        assert_eq!(twice.seen().await, before);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merged_chart_is_paged_as_one() {
    both(|t| async move {
        let twice = Twice::of(&t).await;
        twice.merge(&twice.desk).await.expect(201);
        for number in 0..3 {
            let named = |name: String| json!({"condition_name": name});
            twice.nurse.post(&at(&twice.one, "/conditions"), named(format!("one {number}"))).await.expect(201);
            twice.nurse.post(&at(&twice.two, "/conditions"), named(format!("two {number}"))).await.expect(201);
        }
        let all = ["asthma", "penicillin", "one 0", "two 0", "one 1", "two 1", "one 2", "two 2"];
        let (mut seen, mut next) = (Vec::new(), Some(at(&twice.two, "/conditions?limit=3")));
        while let Some(path) = next {
            let answer = twice.treating.get(&path).await;
            next = answer.next();
            seen.push(each(&answer.expect(200), "condition_name"));
        }
        assert_eq!(seen, [&all[..3], &all[3..6], &all[6..]]);
        let skipped = twice.treating.get(&at(&twice.one, "/conditions?skip=5&limit=2")).await;
        assert!(skipped.next().is_some());
        assert_eq!(each(&skipped.expect(200), "condition_name"), all[5..7]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_begins_after_the_merge_covers_both_and_stays_with_its_own() {
    both(|t| async move {
        let twice = Twice::of(&t).await;
        let Twice { one, two, desk, .. } = &twice;
        twice.merge(desk).await.expect(201);
        let (later, doctor) = t.doctor("Dr Later").await;
        doctor.get(&at(one, "")).await.expect(404);
        assign(desk, &later, two).await;
        for record in [one, two] {
            doctor.get(&at(record, "/conditions")).await.expect(200);
        }
        // What ends, ends over both.
        discharge(&twice.nurse, &twice.hospital, two).await;
        for record in [one, two] {
            twice.nurse.get(&at(record, "/conditions")).await.expect(403);
        }
        let path = format!("/api/doctors/{}/patients/{}", text(&twice.doctor["id"]), text(&one["id"]));
        desk.delete(&path).await.expect(204);
        for record in [one, two] {
            twice.treating.get(&at(record, "")).await.expect(404);
        }
        unmerge(desk, one, two).await.expect(200);
        doctor.get(&at(two, "/conditions")).await.expect(200);
        doctor.get(&at(one, "")).await.expect(404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_of_merged_records_is_parted_where_it_was_joined() {
    both(|t| async move {
        let twice = Twice::of(&t).await;
        let Twice { one, two, desk, treating, .. } = &twice;
        let three = register(desk, "Asha R Rao", json!({})).await;
        merge(desk, two, &three).await.expect(201);
        treating.get(&at(&three, "")).await.expect(404);
        twice.merge(desk).await.expect(201);
        treating.get(&at(&three, "/conditions")).await.expect(200);
        assert_eq!(desk.get(&at(one, "")).await.expect(200)["merged_ids"], json!([two["id"], three["id"]]));
        assert_eq!(desk.get(&at(&three, "")).await.expect(200)["merged_into"], two["id"]);
        // The middle one leaves with what was merged into it.
        unmerge(desk, one, two).await.expect(200);
        treating.get(&at(&three, "")).await.expect(404);
        twice.nurse.get(&at(&three, "/conditions")).await.expect(200);
        assert_eq!(each(&desk.get("/api/patients").await.expect(200), "id"), [text(&one["id"]), text(&two["id"])]);
        unmerge(desk, two, &three).await.expect(200);
        twice.nurse.get(&at(&three, "/conditions")).await.expect(403);
        assert_eq!(desk.get("/api/patients").await.expect(200).as_array().map(Vec::len), Some(3));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_and_the_chain_say_who_did_it() {
    both(|t| async move {
        let twice = Twice::of(&t).await;
        let Twice { one, two, desk, .. } = &twice;
        twice.merge(desk).await.expect(201);
        unmerge(&twice.admin, one, two).await.expect(200);
        twice.merge(&twice.admin).await.expect(201);
        for record in [one, two] {
            let journal = desk.get(&format!("/api/v1/patients/{}/merges", text(&record["id"]))).await.expect(200);
            assert_eq!(journal.as_array().map(Vec::len), Some(2));
            assert_eq!((&journal[0]["unmerged_at"], &journal[1]["reason"]), (&Value::Null, &json!("registered twice")));
            assert_ne!(journal[1]["merged_by"], journal[1]["unmerged_by"]);
            assert_eq!(journal[0]["merged_by"], journal[1]["unmerged_by"]);
        }
        let entries = access::list(&mut t.app.db(), 0).await.expect("the chain");
        let mut entries: Vec<_> = entries.into_iter().collect();
        while let Some(last) = entries.last() {
            let more = access::list(&mut t.app.db(), last.seq).await.expect("the chain");
            if more.is_empty() {
                break;
            }
            entries.extend(more);
        }
        for (deed, times) in [("patient.merge", 4), ("patient.unmerge", 2)] {
            assert_eq!(entries.iter().filter(|entry| entry.action == deed).count(), times, "{deed}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_of_one_record_is_answered_by_the_other_too() {
    both(|t| async move {
        let twice = Twice::of(&t).await;
        let Twice { one, two, desk, .. } = &twice;
        let responder = t.responder(&twice.hospital).await;
        twice.merge(desk).await.expect(201);
        twice.treating.post(&at(two, "/emergency"), json!({"emergency_type": "seizure"})).await.expect(201);
        for record in [one, two] {
            responder.get(&at(record, "/conditions")).await.expect(200);
        }
        twice.treating.delete(&at(two, "/emergency")).await.expect(200);
        for record in [one, two] {
            responder.get(&at(record, "")).await.expect(404);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merged_patient_is_found_once_by_what_either_record_says() {
    both(|t| async move {
        let w = t.hospital("City Hospital", 4).await;
        let desk = t.account("hospital", Some(&w["id"])).await;
        let clients = [t.admin().await, desk.clone()];
        let one = register(&desk, "Asha Rao", json!({"contact": "98765 43210", "date_of_birth": "1980-05-07"})).await;
        let other = json!({"contact": "91234 56780", "email": "venkat@example.org", "date_of_birth": "1981-06-08",
            "address": {"city": "Mysuru"}});
        let two = register(&desk, "Venkataramanan Iyer", other).await;
        let found = async |query: &str| {
            let mut found = Vec::new();
            for client in &clients {
                let answer = client.get(&format!("/api/patients?{query}&total=true")).await;
                let total = answer.header("x-total-count").map(str::to_owned);
                found.push((each(&answer.expect(200), "id"), total));
            }
            found
        };
        let queries = [
            "search=venkataramanan",
            "sounds_like=Iyar",
            "phone=91234%2056780",
            "email=venkat@example.org",
            "date_of_birth=1981-06-08",
            "city=mysuru",
            "search=asha",
            "phone=98765%2043210",
            "search=venkataramanax",
            "search=iyer&include_merged=true",
            "phone=99999%2000000",
        ];
        let mut before = Vec::new();
        for query in queries {
            before.push(found(query).await);
        }
        merge(&desk, &one, &two).await.expect(201);
        let survivor = vec![(vec![text(&one["id"]).to_owned()], Some("1".to_owned())); 2];
        for query in &queries[..8] {
            assert_eq!(found(query).await, survivor, "{query}");
        }
        assert!(found("search=venkataramanax").await.iter().all(|(ids, _)| ids.is_empty()));
        // What is changed in the absorbed record while it is merged leads to the survivor too, and no longer by the old.
        desk.put(&at(&two, ""), json!({"contact": "99999 00000"})).await.expect(200);
        assert_eq!(found("phone=99999%2000000").await, survivor);
        assert!(found("phone=91234%2056780").await.iter().all(|(ids, _)| ids.is_empty()));
        desk.put(&at(&two, ""), json!({"contact": "91234 56780"})).await.expect(200);
        unmerge(&desk, &one, &two).await.expect(200);
        for (query, before) in queries.iter().zip(before) {
            assert_eq!(found(query).await, before, "{query}");
        }
    })
    .await;
}
