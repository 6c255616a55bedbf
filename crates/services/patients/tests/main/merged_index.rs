//! What leads to the record that stands for a person, while its records are changed.
use serde_json::{Value, json};
use testkit::both;

use crate::{at, each, register, text};

#[tokio::test(flavor = "multi_thread")]
async fn two_who_change_two_records_of_one_person_at_once_leave_no_old_phone_behind() {
    both(|t| async move {
        let hospital = t.hospital("City Hospital", 4).await;
        let desk = t.account("hospital", Some(&hospital["id"])).await;
        let one = register(&desk, "Asha Rao", json!({})).await;
        let two = register(&desk, "Asha Rao", json!({})).await;
        let merge = json!({"absorbed_id": two["id"], "reason": "registered twice"});
        desk.post(&format!("/api/v1/patients/{}/merge", text(&one["id"])), merge).await.expect(201);
        let found = async |phone: String| -> Value {
            desk.get(&format!("/api/patients?phone={}", phone.replace(' ', "%20"))).await.expect(200)
        };
        let phone = |record: usize, round: usize| format!("9{record}000 {round:05}");
        for round in 0..12 {
            for record in [&one, &two] {
                desk.put(&at(record, ""), json!({"contact": phone(0, round)})).await.expect(200);
            }
            let change = async |record: &Value, number: usize| {
                desk.put(&at(record, ""), json!({"contact": phone(number, round)})).await.expect(200)
            };
            tokio::join!(change(&one, 1), change(&two, 2));
            assert_eq!(found(phone(0, round)).await, json!([]), "a phone that neither record has leads to one");
            for number in [1, 2] {
                assert_eq!(each(&found(phone(number, round)).await, "id"), [text(&one["id"])]);
            }
        }
    })
    .await;
}
