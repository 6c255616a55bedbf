//! Finding doctors by what they are and how their names begin or sound.
use serde_json::{Value, json};
use store::{Sql as _, Statement, args};
use testkit::{Client, TestApp, both};

use crate::{at, newcomer, registration, text, v1, with};

fn names(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|doctor| text(&doctor["name"])).collect()
}

async fn find(by: &Client, query: &str) -> Vec<String> {
    let found = by.get(&format!("/api/v1/doctors?{query}")).await.expect(200);
    names(&found).into_iter().map(str::to_owned).collect()
}

/// Two institutions; three doctors at the first, of whom one works at the second too, and one who works nowhere.
async fn house(t: &TestApp) -> (Value, Value, Vec<Value>) {
    let (admin, one, two) = (t.admin().await, t.hospital("One", 1).await, t.hospital("Two", 1).await);
    let mut made = Vec::new();
    for (license, first, last, specialty, years) in [
        ("L-1", "Lakshmi", "Reddy", "cardiology", 3),
        ("L-2", "Mohammed", "D'Souza", "surgery", 12),
        ("L-3", "Priya", "Rao-Reddy", "Cardiology", 25),
    ] {
        let more =
            json!({"first_name": first, "last_name": last, "specialty_id": specialty, "years_experience": years});
        made.push(admin.post("/api/v1/doctors", with(newcomer(&one, license), &more)).await.expect(201));
    }
    let free = with(registration("Redmond Sen", "L-4"), &json!({"specializations": ["Surgery", "heart rhythm"]}));
    made.push(admin.post("/api/doctors", free).await.expect(201));
    admin.post(&at(&made[1], "/hospitals/two"), json!({})).await.expect(201);
    (one, two, made)
}

#[tokio::test(flavor = "multi_thread")]
async fn doctors_are_found_by_what_is_asked_at_one_institution_or_at_all() {
    both(|t| async move {
        let (one, two, made) = house(&t).await;
        let nurse = t.nurse(&one).await;
        let admin = t.admin().await;
        admin.patch(&at(&made[2], "/availability"), json!({"is_available": false})).await.expect(200);
        admin.post(&v1(&made[0], "/license-verification"), json!({"status": "verified"})).await.expect(201);
        let cardiology = text(&made[0]["specialty_id"]).to_owned();
        let (lakshmi, mohammed, priya, redmond) =
            ("Lakshmi Reddy", "Mohammed D'Souza", "Priya Rao-Reddy", "Redmond Sen");
        let asked: Vec<(String, Vec<&str>)> = vec![
            ("specialty=cardiology".into(), vec![lakshmi, priya]),
            (format!("specialty_id={cardiology}"), vec![lakshmi, priya]),
            ("specialty=Heart%20Rhythm".into(), vec![redmond]),
            ("specialty=phrenology".into(), vec![]),
            ("search=red".into(), vec![lakshmi, priya, redmond]),
            ("search=REDDY".into(), vec![lakshmi, priya]),
            ("search=rao%20pri".into(), vec![priya]),
            ("search=eddy".into(), vec![]),
            ("search=d%27s".into(), vec![mohammed]),
            ("search=%25".into(), vec![]),
            ("sounds_like=laxmi".into(), vec![lakshmi]),
            ("sounds_like=Muhamad%20Dsouza".into(), vec![mohammed]),
            ("sounds_like=reddi&min_experience=20".into(), vec![priya]),
            ("min_experience=12".into(), vec![mohammed, priya]),
            ("available=false".into(), vec![priya]),
            ("available=true&specialty=cardiology".into(), vec![lakshmi]),
            ("license_status=verified".into(), vec![lakshmi]),
            ("license_status=pending&search=red".into(), vec![priya, redmond]),
            ("professional_status=suspended".into(), vec![]),
            ("professional_status=active&search=sen".into(), vec![redmond]),
        ];
        for (query, expected) in asked {
            assert_eq!(find(&nurse, &query).await, expected, "{query}");
            let here: Vec<&str> = expected.into_iter().filter(|name| *name != redmond).collect();
            assert_eq!(find(&nurse, &format!("{query}&institution={}", text(&one["id"]))).await, here, "{query}");
            let there: Vec<&str> = here.into_iter().filter(|name| *name == mohammed).collect();
            assert_eq!(find(&nurse, &format!("institution_id=two&{query}")).await, there, "{query}");
        }
        assert_eq!(two["hospital_name"], "Two");
        // The other surface finds the same specialties.
        let found = nurse.get("/api/doctors?specialization=cardiology").await.expect(200);
        assert_eq!(names(&found), [lakshmi, priya]);
        for (member, value) in
            [("institution", "nowhere"), ("license_status", "lost"), ("min_experience", "-1"), ("available", "perhaps")]
        {
            nurse.get(&format!("/api/v1/doctors?{member}={value}")).await.expect_about(422, member);
        }
        t.client().get("/api/v1/doctors").await.expect(401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_come_in_pages_and_are_counted_when_asked() {
    both(|t| async move {
        let (one, _, _) = house(&t).await;
        let admin = t.admin().await;
        for (query, expected) in [("".to_owned(), 4), (format!("institution={}&", text(&one["id"])), 3)] {
            let mut seen = Vec::new();
            let mut next = Some(format!("/api/v1/doctors?{query}limit=2&total=true"));
            while let Some(path) = next {
                let page = admin.get(&path).await;
                // Counting takes longer than a page, so the link to the next does not ask for it again.
                let counted = seen.is_empty().then(|| expected.to_string());
                assert_eq!(page.header("x-total-count"), counted.as_deref());
                next = page.next();
                seen.extend(names(&page.expect(200)).into_iter().map(str::to_owned));
            }
            assert_eq!(seen.len(), expected);
            let skipped = admin.get(&format!("/api/v1/doctors?{query}skip=1&limit=1")).await;
            assert_eq!(skipped.header("x-total-count"), None);
            assert_eq!(names(&skipped.expect(200)), [seen[1].as_str()]);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_is_found_by_the_new_name_and_no_longer_by_the_old() {
    both(|t| async move {
        let (_, _, made) = house(&t).await;
        let admin = t.admin().await;
        admin.put(&at(&made[0], ""), json!({"name": "Catherine Nair"})).await.expect(200);
        assert_eq!(find(&admin, "search=laksh").await, [""; 0]);
        assert_eq!(find(&admin, "sounds_like=katherine").await, ["Catherine Nair"]);
    })
    .await;
}

static FORGET: Statement = Statement::new("FORGET", "DELETE FROM doctor_names");
static UNSOUND: Statement = Statement::new("UNSOUND", "UPDATE doctors SET is_indexed = false");
static LEFT: Statement = Statement::new("LEFT", "SELECT count(*) AS value FROM doctors WHERE NOT is_indexed");

#[tokio::test(flavor = "multi_thread")]
async fn doctors_who_were_there_before_names_were_indexed_are_found_after_a_start() {
    both(|t| async move {
        house(&t).await;
        let admin = t.admin().await;
        let mut tx = t.app.db().begin().await.expect("a transaction");
        tx.run(&FORGET, args![]).await.expect("no words");
        tx.run(&UNSOUND, args![]).await.expect("as before the migration");
        tx.commit().await.expect("a commit");
        assert_eq!(find(&admin, "sounds_like=laxmi").await, [""; 0]);
        for task in (doctors::SERVICE.work)(&t.app) {
            task.await;
        }
        assert_eq!(t.app.db().one::<i64>(&LEFT, args![]).await.expect("a count"), Some(0));
        assert_eq!(find(&admin, "sounds_like=laxmi").await, ["Lakshmi Reddy"]);
    })
    .await;
}
