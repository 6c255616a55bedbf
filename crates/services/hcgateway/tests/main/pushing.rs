//! Towards the phone.
use reqwest::Method;
use serde_json::json;
use testkit::both;

use crate::{Patient, Phone, text};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_for_the_phone_waits_for_it_and_nobody_says_it_was_sent() {
    both(|t| async move {
        let patient = Patient::new(&t).await;
        let phone = patient.phone(&t).await;
        let records = json!({"data": [{"recordType": "Steps", "count": 5}]});
        let nobody = json!({"error": "no fcm token found"});
        assert_eq!(phone.send(Method::PUT, "/api/v2/push/Steps", records.clone()).await, (404, nobody.clone()));
        let uuids = json!({"uuid": ["a"]});
        assert_eq!(phone.send(Method::DELETE, "/api/v2/delete/Steps", uuids.clone()).await, (404, nobody.clone()));
        let tokens = patient.log_in(&t, json!({"fcmToken": "f-1"})).await.expect(201);
        let reachable = Phone { client: t.client().with_token(text(&tokens["token"])), refresh: String::new() };
        for (method, path, body) in
            [(Method::PUT, "/api/v2/push/Steps", &records), (Method::DELETE, "/api/v2/delete/Steps", &uuids)]
        {
            let (status, answer) = phone.send(method, path, body.clone()).await;
            assert_eq!((status, &answer["sent"]), (202, &json!(false)), "{answer}");
        }
        let (status, answer) = phone.send(Method::PUT, "/api/v2/push/Steps", json!({})).await;
        assert_eq!((status, answer), (400, json!({"error": "no data provided"})));
        // With the phone goes what waited for it.
        reachable.client.delete("/api/v2/revoke").await.expect(200);
        assert_eq!(phone.send(Method::PUT, "/api/v2/push/Steps", records).await, (404, nobody));
    })
    .await;
}
