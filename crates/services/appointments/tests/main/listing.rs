//! Lists of appointments.
use serde_json::json;
use testkit::{Client, both};

use crate::{PATH, each, later, patient, visit, with};

/// Every page of a list, as its `Link` headers lead.
async fn pages(client: &Client, first: &str) -> Vec<Vec<String>> {
    let (mut pages, mut next) = (Vec::new(), Some(first.to_owned()));
    while let Some(path) = next {
        let answer = client.get(&path).await;
        next = answer.next();
        pages.push(each(&answer.expect(200), "title"));
    }
    pages
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_goes_by_time_page_by_page() {
    both(|t| async move {
        let w = t.ward().await;
        let lata = t.account("patient", Some(&w.patient["id"])).await;
        for (title, minutes) in [("c", 300), ("a", 60), ("e", 500), ("b", 120), ("d", 400)] {
            w.nurse.post(PATH, with(visit(&t, &w, minutes), json!({"title": title}))).await.expect(201);
        }
        let of_patient = format!("{PATH}?patient_id={}", w.patient_id());
        let of_doctor = format!("{PATH}?doctor_id={}", w.doctor_id());
        let me = format!("{PATH}?doctor_id=me");
        let asks = [(&w.nurse, &of_patient), (&w.nurse, &of_doctor), (&w.doctor, &me), (&lata, &format!("{PATH}?a=b"))];
        for (client, path) in asks {
            let two_by_two = pages(client, &format!("{path}&limit=2")).await;
            assert_eq!(two_by_two, [vec!["a", "b"], vec!["c", "d"], vec!["e"]], "{path}");
            assert_eq!(pages(client, &format!("{path}&skip=3")).await, [["d", "e"]], "{path}");
            let (from, to) = (later(&t, 120).replace('+', "%2B"), later(&t, 400).replace('+', "%2B"));
            assert_eq!(pages(client, &format!("{path}&from={from}&to={to}")).await, [["b", "c"]], "{path}");
            for wrong in [
                "limit=0",
                "cursor=x",
                "cursor=1.x",
                "cursor=-9000000000000000000.0191d3a0000070008000000000000000",
                "from=soon",
                "from=-200000-01-01T00:00:00Z",
                "status=lost",
            ] {
                client.get(&format!("{path}&{wrong}")).await.expect(422);
            }
        }
        for (client, path) in [(&w.nurse, &of_patient), (&w.nurse, &of_doctor), (&w.doctor, &me)] {
            let counted = client.get(&format!("{path}&limit=2&total=true")).await;
            assert_eq!(counted.header("x-total-count"), Some("5"));
            assert!(client.get(&format!("{path}&limit=2")).await.header("x-total-count").is_none());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_goes_on_where_it_ended_while_others_book_and_move() {
    both(|t| async move {
        let w = t.ward().await;
        let mut booked = Vec::new();
        for (title, minutes) in [("a", 60), ("b", 120), ("c", 180)] {
            let said = with(visit(&t, &w, minutes), json!({"title": title}));
            booked.push(w.nurse.post(PATH, said).await.expect(201));
        }
        let first = w.doctor.get(&format!("{PATH}?limit=2")).await;
        let next = first.next().expect("a next page");
        assert_eq!(each(&first.expect(200), "title"), ["a", "b"]);
        // The last one shown is moved away, and another comes before.
        w.nurse.put(&crate::at(&booked[1]), json!({"scheduled_at": later(&t, 600)})).await.expect(200);
        w.nurse.post(PATH, with(visit(&t, &w, 20), json!({"title": "z"}))).await.expect(201);
        assert_eq!(each(&w.doctor.get(&next).await.expect(200), "title"), ["c", "b"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_sees_of_a_doctors_day_the_patients_it_has_to_do_with() {
    both(|t| async move {
        let w = t.ward().await;
        let other_nurse = t.nurse(&t.hospital("Lake Hospital", 4).await).await;
        let (bala, client) = patient(&t, &other_nurse, "Bala").await;
        for minutes in [60, 120, 180] {
            w.nurse.post(PATH, with(visit(&t, &w, minutes), json!({"title": "ours"}))).await.expect(201);
            let theirs = json!({"title": "theirs", "patient_id": bala["id"]});
            other_nurse.post(PATH, with(visit(&t, &w, minutes + 30), theirs)).await.expect(201);
        }
        let day = format!("{PATH}?doctor_id={}&limit=2", w.doctor_id());
        assert_eq!(pages(&w.nurse, &day).await, [vec!["ours", "ours"], vec!["ours"]]);
        assert_eq!(pages(&other_nurse, &day).await, [vec!["theirs", "theirs"], vec!["theirs"]]);
        assert_eq!(pages(&client, &day).await, [vec!["theirs", "theirs"], vec!["theirs"]]);
        let all = w.doctor.get(&format!("{PATH}?doctor_id=me")).await.expect(200);
        assert_eq!(each(&all, "title"), ["ours", "theirs", "ours", "theirs", "ours", "theirs"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_has_to_be_named() {
    both(|t| async move {
        let w = t.ward().await;
        w.nurse.get(PATH).await.expect_about(422, "patient_id");
        w.nurse.get(&format!("{PATH}?doctor_id=me")).await.expect_about(422, "doctor_id");
        w.nurse.get(&format!("{PATH}?doctor_id=nobody")).await.expect_about(422, "doctor_id");
        w.nurse.get(&format!("{PATH}?patient_id=nobody")).await.expect(404);
        assert_eq!(w.doctor.get(PATH).await.expect(200), json!([]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_booked_for_a_person_is_listed_under_each_of_the_merged_ids() {
    both(|t| async move {
        let w = t.ward().await;
        let desk = t.account("hospital", Some(&w.hospital["id"])).await;
        let two = t.patient(&desk, "Lata Joshi").await;
        let (one, two) = (w.patient["id"].clone(), two["id"].clone());
        for (patient, title, minutes) in [(&one, "b", 120), (&two, "a", 60), (&one, "d", 400), (&two, "c", 300)] {
            let booked = with(visit(&t, &w, minutes), json!({"patient_id": patient, "title": title}));
            desk.post(PATH, booked).await.expect(201);
        }
        let merge = format!("/api/v1/patients/{}/merge", one.as_str().expect("an id"));
        desk.post(&merge, json!({"absorbed_id": two, "reason": "twice"})).await.expect(201);
        for id in [&one, &two] {
            let id = id.as_str().expect("an id");
            let path = format!("{PATH}?patient_id={id}");
            assert_eq!(pages(&desk, &format!("{path}&limit=3")).await, [vec!["a", "b", "c"], vec!["d"]]);
            assert_eq!(pages(&desk, &format!("{path}&skip=1&limit=2")).await, [vec!["b", "c"], vec!["d"]]);
            let counted = desk.get(&format!("{path}&limit=1&total=true")).await;
            assert_eq!(counted.header("x-total-count"), Some("4"));
            let next = w.nurse.get(&format!("/api/v1/patients/{id}/dashboard")).await.expect(200);
            assert_eq!(each(&next["appointments"], "title"), ["a", "b", "c", "d"]);
        }
    })
    .await;
}
