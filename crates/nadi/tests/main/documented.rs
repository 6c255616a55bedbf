//! Every documented route is in the document, and answers.
use std::collections::BTreeSet;

use testkit::both;

use crate::coverage::operations;
use crate::shared;

/// A path with its parameters' names left out.
fn shape(path: &str) -> String {
    let mut shape = String::new();
    let mut inside = false;
    for c in path.chars() {
        match c {
            '{' => inside = true,
            '}' => {
                inside = false;
                shape.push_str("{}");
            }
            c if !inside => shape.push(c),
            _ => {}
        }
    }
    shape
}

/// The documented routes of the services that are here: method and path.
fn documented() -> Option<Vec<(String, String)>> {
    let routes = std::fs::read_to_string(shared("contract/routes.tsv")?).expect("a readable file");
    let rows = routes.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut cells = line.split('\t');
        let (seed, method, path) = (cells.next()?, cells.next()?, cells.next()?);
        let here = seed == "002"
            || seed == "000"
            || seed == "003" && path.starts_with("/api/appointments")
            || seed == "004"
                && [
                    "/api/v1/auth",
                    "/api/v1/consents",
                    "/api/v1/patient/",
                    "/api/v1/wearables",
                    "/api/v1/hospital/dashboard",
                ]
                .iter()
                .any(|p| path.starts_with(p));
        here.then(|| (method.to_owned(), path.to_owned()))
    });
    Some(rows.collect())
}

#[test]
fn every_documented_route_is_in_the_document() {
    let Some(routes) = documented() else { return };
    assert!(routes.len() > 50, "only {} routes", routes.len());
    let served: BTreeSet<(String, String)> =
        operations().into_iter().map(|(method, path, _)| (method.to_string(), shape(&path))).collect();
    let missing: Vec<_> =
        routes.into_iter().filter(|(method, path)| !served.contains(&(method.clone(), shape(path)))).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_documented_route_answers_and_no_other_does() {
    both(|t| async move {
        let Some(routes) = documented() else { return };
        for (method, path) in routes {
            let at = shape(&path).replace("{}", "0191d3a0-0000-7000-8000-000000000000");
            let method: reqwest::Method = method.parse().expect("a method");
            let request = t.client().request(method.clone(), &at).json(&serde_json::json!({}));
            let answer = request.send().await.expect("an answer");
            let (status, text) = (answer.status().as_u16(), answer.text().await.expect("a body"));
            assert!(status != 405 && !text.contains("no such route"), "{method} {path} answers {status}: {text}");
        }
        for nowhere in ["/api", "/api/patient", "/encounters/", "/vitals/latest", "/nadi.db", "/../keys/master.key"] {
            let answer = t.client().get(nowhere).await;
            assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{nowhere}");
            answer.expect(404);
        }
        let wrong = t.client().delete("/vitals").await;
        assert_eq!(wrong.header("content-type"), Some("application/problem+json"));
        wrong.expect(405);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_and_its_readers_are_served() {
    both(|t| async move {
        let document = t.client().get("/openapi.json").await.expect(200);
        assert_eq!(document["info"]["title"], "Nadi");
        for page in ["/docs/", "/redoc"] {
            let answer = t.client().get(page).await;
            assert!(answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html")), "{page}");
            answer.expect(200);
        }
    })
    .await;
}
