//! Institutions listed by what is asked, by region, and those registered before names were indexed.
use serde_json::{Value, json};
use store::{Statement, args};
use testkit::both;

use crate::institutions::{institution, institution_at, registered};
use crate::text;

fn names(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|institution| text(&institution["name"])).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn institutions_are_listed_by_what_is_asked() {
    both(|t| async move {
        let admin = t.admin().await;
        let some = [
            ("Lakshmi Krishna Hospital", "hospital", "Maharashtra", "Nashik"),
            ("Lake View Clinic", "clinic", "Goa", "Panaji"),
            ("St. Catherine's Laboratory", "laboratory", "Goa", "Margao"),
            ("Shreya Insurance", "insurer", "Maharashtra", "Pune"),
        ];
        for (index, (name, kind, region, city)) in some.into_iter().enumerate() {
            let mut body = institution(name, &format!("LIC-{index}"), kind);
            body["region"] = json!(region);
            body["address"] = json!({"city": city});
            if kind == "clinic" {
                body["specializations"] = json!(["Dermatology"]);
            }
            admin.post("/api/v1/institutions", body).await.expect(201);
        }
        let [lakshmi, lake, catherine, shreya] = some.map(|(name, ..)| name);
        let asked = [
            ("", vec![lakshmi, lake, catherine, shreya]),
            ("search=LAK", vec![lakshmi, lake]),
            ("search=hosp%20lak", vec![lakshmi]),
            ("search=akshmi", vec![]),
            ("search=cather", vec![catherine]),
            ("search=%25", vec![]),
            ("sounds_like=Laxmi", vec![lakshmi]),
            ("sounds_like=krushna%20laxmi", vec![lakshmi]),
            ("sounds_like=Sreya", vec![shreya]),
            ("sounds_like=Katherines", vec![catherine]),
            ("sounds_like=Reddy", vec![]),
            ("institution_type=clinic", vec![lake]),
            ("region=goa", vec![lake, catherine]),
            ("region=GOA&institution_type=laboratory", vec![catherine]),
            ("city=pune", vec![shreya]),
            ("verification_status=verified", vec![]),
            ("specialization=dermatology", vec![lake]),
            ("status=active&search=lake", vec![lake]),
            ("status=inactive", vec![]),
            ("skip=1&limit=1", vec![lake]),
        ];
        for (query, expected) in asked {
            let found = admin.get(&format!("/api/v1/institutions?{query}")).await.expect(200);
            assert_eq!(names(&found), expected, "{query}");
        }
        let first = admin.get("/api/v1/institutions?limit=3&total=true&region=").await;
        assert_eq!(first.header("x-total-count"), Some("4"));
        let next = admin.get(&first.next().expect("a next page")).await;
        assert!(next.next().is_none());
        assert_eq!(names(&next.expect(200)), [shreya]);
        assert!(admin.get("/api/v1/institutions").await.header("x-total-count").is_none());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_institution_is_found_by_its_new_name_alone() {
    both(|t| async move {
        let admin = t.admin().await;
        let made = registered(&admin, "Lake Clinic", "LIC-1", "clinic").await;
        admin.put(&institution_at(&made, ""), json!({"name": "River Clinic"})).await.expect(200);
        for (query, count) in [("search=lake", 0), ("search=river", 1), ("sounds_like=rivar", 1)] {
            let found = admin.get(&format!("/api/v1/institutions?{query}")).await.expect(200);
            assert_eq!(names(&found).len(), count, "{query}");
        }
        admin.delete(&institution_at(&made, "")).await.expect(204);
        assert_eq!(names(&admin.get("/api/v1/institutions?search=river").await.expect(200)), [""; 0]);
        let closed = admin.get("/api/v1/institutions?search=river&status=inactive").await.expect(200);
        assert_eq!(names(&closed), ["River Clinic"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_region_says_what_there_is() {
    both(|t| async move {
        let admin = t.admin().await;
        for (index, (kind, region, beds)) in
            [("hospital", json!("Goa"), 10), ("clinic", json!(" goa "), 0), ("clinic", json!("Kerala"), 0)]
                .into_iter()
                .enumerate()
        {
            let mut body = institution("One", &format!("LIC-{index}"), kind);
            body["region"] = region;
            body["total_beds"] = json!(beds);
            admin.post("/api/v1/institutions", body).await.expect(201);
        }
        t.hospital("Elsewhere", 3).await;
        let regions = admin.get("/api/v1/regions").await.expect(200);
        let goa = &regions[0];
        assert_eq!(goa["by_type"], json!({"clinic": 1, "hospital": 1}));
        assert_eq!(
            (&goa["institutions"], &goa["total_beds"], &goa["available_beds"]),
            (&json!(2), &json!(10), &json!(10))
        );
        assert_eq!(regions[1]["region"], "Kerala");
        assert_eq!((&regions[2]["region"], &regions[2]["total_beds"]), (&Value::Null, &json!(3)));
    })
    .await;
}

static FORGET: Statement = Statement::new("FORGET", "UPDATE hospitals SET is_indexed = FALSE, email_key = NULL");
static FORGET_NAMES: Statement = Statement::new("FORGET_NAMES", "DELETE FROM hospital_search");
static SAME_EMAIL: Statement = Statement::new("SAME_EMAIL", "UPDATE hospitals SET email = 'desk@hospital.example'");

#[tokio::test(flavor = "multi_thread")]
async fn hospitals_from_before_are_indexed_at_the_start() {
    both(|t| async move {
        let admin = t.admin().await;
        let [one, two] = [t.hospital("Lakshmi Hospital", 1).await, t.hospital("Krishna Hospital", 1).await];
        let mut tx = t.app.db().begin().await.expect("a transaction");
        for change in [&FORGET, &FORGET_NAMES, &SAME_EMAIL] {
            tx.run(change, args![]).await.expect("a change");
        }
        tx.commit().await.expect("a commit");
        assert_eq!(names(&admin.get("/api/v1/institutions?search=lakshmi").await.expect(200)), [""; 0]);
        for task in (hospitals::SERVICE.work)(&t.app) {
            task.await;
        }
        assert_eq!(names(&admin.get("/api/v1/institutions?sounds_like=laxmi").await.expect(200)), ["Lakshmi Hospital"]);
        // Of two that shared an address before none could, both go on, and nobody else takes it.
        for hospital in [&one, &two] {
            admin.put(&institution_at(hospital, ""), json!({"region": "Goa"})).await.expect(200);
        }
        let mut third = institution("Third", "LIC-3", "clinic");
        third["contact_email"]["email_address"] = json!("Desk@Hospital.example");
        admin.post("/api/v1/institutions", third).await.expect_about(409, "contact_email.email_address");
    })
    .await;
}
