//! Who may not merge, and what cannot be merged.
use serde_json::json;
use testkit::both;

use crate::merging::{Twice, merge, unmerge};
use crate::{admit, at, discharge, register, text};

#[tokio::test(flavor = "multi_thread")]
async fn only_a_front_desk_or_an_administrator_who_may_change_both_merges() {
    both(|t| async move {
        let twice = Twice::of(&t).await;
        for nobody in [&twice.nurse, &twice.one_herself, &twice.treating] {
            twice.merge(nobody).await.expect(403);
        }
        let lake = t.hospital("Lake Hospital", 4).await;
        let lake = t.account("hospital", Some(&lake["id"])).await;
        twice.merge(&lake).await.expect(404);
        let theirs = register(&lake, "Asha Rao", json!({"patient_id": "LAKE-1"})).await;
        merge(&lake, &theirs, &twice.two).await.expect_about(422, "absorbed_id");
        merge(&twice.desk, &twice.one, &theirs).await.expect_about(422, "absorbed_id");
        let path = format!("/api/v1/patients/{}/merge", text(&twice.one["id"]));
        let named = json!({"absorbed_id": "no-such-patient", "reason": "x"});
        twice.desk.post(&path, named).await.expect_about(422, "absorbed_id");
        let blank = json!({"absorbed_id": twice.two["id"], "reason": " "});
        twice.desk.post(&path, blank).await.expect_about(422, "reason");
        // Nothing of that was done.
        twice.treating.get(&at(&twice.two, "")).await.expect(404);
        let by_reference = json!({"absorbed_id": "LAKE-1", "reason": "moved"});
        twice.admin.post(&path, by_reference).await.expect(201);
        unmerge(&twice.nurse, &twice.one, &theirs).await.expect(403);
        unmerge(&twice.admin, &twice.one, &theirs).await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hospital_that_only_admitted_a_patient_merges_nothing() {
    both(|t| async move {
        let twice = Twice::of(&t).await;
        let lake = t.hospital("Lake Hospital", 4).await;
        let desk = t.account("hospital", Some(&lake["id"])).await;
        let theirs = register(&desk, "Asha Rao", json!({})).await;
        admit(&desk, &lake, &twice.one).await;
        merge(&desk, &theirs, &twice.one).await.expect(403);
        merge(&desk, &twice.one, &theirs).await.expect(403);
        // Nor does it part what others merged, or merge further by what a merge gave it.
        merge(&twice.admin, &twice.one, &theirs).await.expect(201);
        unmerge(&desk, &twice.one, &theirs).await.expect(403);
        let more = register(&desk, "Asha Rao", json!({})).await;
        merge(&desk, &twice.one, &more).await.expect(403);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_make_no_sense_is_refused() {
    both(|t| async move {
        let twice = Twice::of(&t).await;
        let Twice { one, two, desk, admin, .. } = &twice;
        merge(desk, one, one).await.expect_about(422, "absorbed_id");
        unmerge(desk, one, two).await.expect_about(409, "absorbed_id");
        let gone = register(desk, "Asha Gone", json!({})).await;
        admin.delete(&at(&gone, "")).await.expect(204);
        merge(admin, one, &gone).await.expect_about(409, "absorbed_id");
        admit(&twice.nurse, &twice.hospital, one).await;
        twice.merge(desk).await.expect(409);
        discharge(&twice.nurse, &twice.hospital, one).await;

        twice.merge(desk).await.expect(201);
        let path = format!("/api/hospitals/{}/patients/{}/admit", text(&twice.hospital["id"]), text(&one["id"]));
        twice.nurse.post(&path, json!({"department": "medicine", "reason": "observation"})).await.expect(409);
        twice.merge(desk).await.expect_about(409, "absorbed_id");
        let cycle = merge(desk, two, one).await.expect_about(409, "absorbed_id");
        assert!(text(&cycle["detail"]).contains("cycle"), "{cycle}");
        let three = register(desk, "Asha R", json!({})).await;
        merge(desk, &three, two).await.expect_about(409, "absorbed_id");
        let into = merge(desk, two, &three).await.expect(409);
        assert!(text(&into["detail"]).contains(text(&one["id"])), "{into}");
        unmerge(desk, &three, two).await.expect_about(409, "absorbed_id");
        admin.delete(&at(two, "")).await.expect(409);
        twice.one_herself.delete(&at(one, "")).await.expect(409);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_merge_at_once_one_does() {
    both(|t| async move {
        let twice = Twice::of(&t).await;
        let (there, back) =
            tokio::join!(merge(&twice.desk, &twice.one, &twice.two), merge(&twice.admin, &twice.two, &twice.one));
        let mut statuses = [there.status.as_u16(), back.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_opens_no_chart_by_merging_it_with_a_record_made_for_that() {
    both(|t| async move {
        let twice = Twice::of(&t).await;
        let Twice { one, admin, treating, .. } = &twice;
        // The administrator makes a patient with a login, which lets a doctor in before the merge and another one after it.
        let account = json!({"email": "made.up@example.org", "password": crate::PASSWORD});
        let made_up = register(admin, "Asha Rao", account).await;
        let herself = t.client().login("made.up@example.org", crate::PASSWORD).await;
        let let_in = async |doctor: &serde_json::Value| {
            let path = format!("/api/doctors/{}/patients/{}", text(&doctor["id"]), text(&made_up["id"]));
            herself.post(&path, json!({})).await.expect(201);
        };
        let ((before_record, before), (after_record, after)) =
            (t.doctor("Dr Before").await, t.doctor("Dr After").await);
        let_in(&before_record).await;
        merge(admin, one, &made_up).await.expect(201);
        let_in(&after_record).await;
        for doctor in [&before, &after] {
            doctor.get(&at(&made_up, "/conditions")).await.expect(200);
            for rest in ["", "/conditions", "/records"] {
                doctor.get(&at(one, rest)).await.expect(404);
            }
            let chart = doctor.get(&at(&made_up, "/conditions")).await.expect(200);
            assert_eq!(chart, json!([]), "what is charted under the other id is not shown through this one");
        }
        // Nor does it take from those who treat, or give them the other record.
        treating.get(&at(one, "/conditions")).await.expect(200);
        treating.get(&at(&made_up, "/conditions")).await.expect(404);
        // A hospital that knew both records and merged them shares them as ever, and with no third.
        merge(&twice.desk, one, &twice.two).await.expect(201);
        treating.get(&at(&twice.two, "/conditions")).await.expect(200);
        for doctor in [&before, &after] {
            doctor.get(&at(&twice.two, "/conditions")).await.expect(404);
        }
        unmerge(admin, one, &made_up).await.expect(200);
        treating.get(&at(&twice.two, "/conditions")).await.expect(200);
        before.get(&at(one, "/conditions")).await.expect(404);
    })
    .await;
}
