//! The people to call.
use serde_json::{Value, json};
use testkit::both;

use crate::{at, each, named, register, text, with};

fn contact(name: &str) -> Value {
    json!({"name": name, "relationship": "sibling", "contact": "98765 43210"})
}

fn primary(name: &str) -> Value {
    with(contact(name), json!({"is_primary": true, "is_emergency_contact": true}))
}

fn primaries(contacts: &Value) -> Vec<&str> {
    let contacts = contacts.as_array().expect("a list").iter();
    contacts.filter(|contact| contact["is_primary"] == true).filter_map(|contact| contact["name"].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_primary_contact_takes_the_place_of_the_one_before() {
    both(|t| async move {
        let nurse = t.nurse(&t.hospital("City Hospital", 4).await).await;
        let patient =
            register(&nurse, "Asha Rao", json!({"family_contacts": [primary("Ravi"), contact("Meera")]})).await;
        let path = at(&patient, "/family-contacts");
        let listed = nurse.get(&path).await.expect(200);
        assert_eq!((each(&listed, "name"), primaries(&listed)), (vec!["Ravi".into(), "Meera".into()], vec!["Ravi"]));
        let added = nurse.post(&path, primary("Kiran")).await.expect(201);
        assert_eq!((&added["is_primary"], &added["patient_id"]), (&json!(true), &patient["id"]));
        let listed = nurse.get(&path).await.expect(200);
        assert_eq!(each(&listed, "name"), ["Ravi", "Meera", "Kiran"]);
        assert_eq!(primaries(&listed), ["Kiran"]);
        assert_eq!(each(&nurse.get(&format!("{path}?skip=1&limit=1")).await.expect(200), "name"), ["Meera"]);
        for (member, value) in [("name", json!("")), ("contact", json!("x")), ("email", json!("x"))] {
            let refused = nurse.post(&path, with(contact("Noor"), json!({member: value}))).await.expect(422);
            assert_eq!(named(&refused), [member]);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_saw_a_contact_as_the_primary_changes_it_no_more_once_another_is() {
    both(|t| async move {
        let nurse = t.nurse(&t.hospital("City Hospital", 4).await).await;
        let patient = register(&nurse, "Asha Rao", json!({})).await;
        let path = at(&patient, "/family-contacts");
        let ravi = nurse.post(&path, primary("Ravi")).await;
        let seen = ravi.header("etag").expect("a version").to_owned();
        let ravi = format!("{path}/{}", text(&ravi.expect(201)["id"]));
        // In the same moment, by a clock that stands still.
        nurse.post(&path, primary("Kiran")).await.expect(201);
        nurse.with_header("if-match", &seen).put(&ravi, primary("Ravi")).await.expect(412);
        assert_eq!(primaries(&nurse.get(&path).await.expect(200)), ["Kiran"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_primary_contacts_named_at_once_one_stays_primary() {
    both(|t| async move {
        let admin = t.admin().await;
        let patient = register(&admin, "Asha Rao", json!({})).await;
        let path = at(&patient, "/family-contacts");
        let asks: Vec<_> = (0..6)
            .map(|n| {
                let (admin, path) = (admin.clone(), path.clone());
                tokio::spawn(async move { admin.post(&path, primary(&format!("Contact {n}"))).await.status.as_u16() })
            })
            .collect();
        for ask in asks {
            assert_eq!(ask.await.expect("an answer"), 201);
        }
        let listed = admin.get(&path).await.expect(200);
        assert_eq!((listed.as_array().map(Vec::len), primaries(&listed).len()), (Some(6), 1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_is_corrected_and_removed_by_whoever_saw_it_last() {
    both(|t| async move {
        let nurse = t.nurse(&t.hospital("City Hospital", 4).await).await;
        let patient = register(&nurse, "Asha Rao", json!({"family_contacts": [primary("Ravi")]})).await;
        let path = at(&patient, "/family-contacts");
        let added = nurse.post(&path, contact("Meera")).await;
        let read = added.headers["etag"].to_str().expect("a tag").to_owned();
        let meera = format!("{path}/{}", added.json()["id"].as_str().expect("an id"));

        let clerk = nurse.with_header("if-match", &read);
        let changed = clerk.put(&meera, primary("Meera Rao")).await.expect(200);
        assert_eq!((&changed["name"], &changed["is_primary"]), (&json!("Meera Rao"), &json!(true)));
        assert_eq!(primaries(&nurse.get(&path).await.expect(200)), ["Meera Rao"]);
        clerk.put(&meera, contact("Somebody else")).await.expect(412);
        clerk.delete(&meera).await.expect(412);
        let refused = nurse.put(&meera, with(contact("Meera"), json!({"contact": "x"}))).await.expect(422);
        assert_eq!(named(&refused), ["contact"]);

        let other = register(&nurse, "Noor Khan", json!({})).await;
        let elsewhere = meera.replace(patient["id"].as_str().expect("an id"), other["id"].as_str().expect("an id"));
        nurse.put(&elsewhere, contact("Meera")).await.expect(404);
        nurse.delete(&elsewhere).await.expect(404);
        let stranger = t.nurse(&t.hospital("Hill Hospital", 4).await).await;
        stranger.delete(&meera).await.expect(404);

        nurse.delete(&meera).await.expect(204);
        nurse.delete(&meera).await.expect(404);
        assert_eq!(each(&nurse.get(&path).await.expect(200), "name"), ["Ravi"]);
    })
    .await;
}
