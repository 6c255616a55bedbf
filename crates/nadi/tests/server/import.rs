//! `nadi import`: every row once, however often it is stopped and started, and whatever the others are like.
use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use serde_json::{Value, json};
use testkit::Client;

use crate::command_line::{ADMIN, Server, nadi, said, serve};

/// A server, an administrator, a hospital, and a folder for files.
struct Desk {
    admin: Client,
    hospital: String,
    server: Server,
    home: tempfile::TempDir,
}

impl Desk {
    async fn open() -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let server = serve(home.path(), &[]);
        let admin = Client::new(&server.base).login(ADMIN[0].1, ADMIN[1].1).await;
        let hospital = hospital(&admin, "City Hospital").await;
        Self { admin, hospital, server, home }
    }

    fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.home.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path
    }

    /// Patients of the hospital, numbered from 1.
    fn patients(&self, name: &str, count: usize, column: &str) -> PathBuf {
        let row = |n: usize| format!("Asha,Rao {n},1980-05-17,{},+91 98220 {n:05},MRN-{n}\n", self.hospital);
        let rows: String = (1..=count).map(row).collect();
        self.file(name, format!("first_name,last_name,date_of_birth,institution_id,phone,{column}\n{rows}"))
    }

    fn command(&self, kind: &str, file: &Path, more: &[&str]) -> Command {
        import(self.home.path(), &self.server.base, kind, file, more)
    }

    /// Imports to the end.
    async fn import(&self, kind: &str, file: &Path, more: &[&str]) -> (Option<i32>, String) {
        ended(self.command(kind, file, more)).await
    }

    async fn registered(&self) -> Vec<String> {
        names(&self.admin).await
    }
}

fn import(home: &Path, base: &str, kind: &str, file: &Path, more: &[&str]) -> Command {
    let file = file.display().to_string();
    let arguments = ["import", kind, &file, "--url", base, "--login", ADMIN[0].1];
    let mut command = nadi(home, &[&arguments, more].concat());
    // A name counts before a token that lies about.
    command.env("NADI_PASSWORD", ADMIN[1].1).env("NADI_TOKEN", "old");
    command
}

async fn ended(mut command: Command) -> (Option<i32>, String) {
    let output: Output = tokio::task::spawn_blocking(move || command.output()).await.expect("an end").expect("it runs");
    (output.status.code(), said(&output))
}

async fn hospital(admin: &Client, name: &str) -> String {
    let body = json!({"hospital_name": name, "registration_number": name, "hospital_type": "general", "total_beds": 3,
        "contact": "+91 20 1234 5678", "email": "desk@hospital.example"});
    let made = admin.post("/api/hospitals", body).await.expect(201);
    made["id"].as_str().expect("an id").to_owned()
}

/// The names of all patients.
async fn names(admin: &Client) -> Vec<String> {
    let (mut all, mut next) = (Vec::new(), Some("/api/patients?limit=1000".to_owned()));
    while let Some(path) = next {
        let page = admin.get(&path).await;
        next = page.next();
        let entries = page.expect(200);
        all.extend(entries.as_array().expect("a list").iter().map(|p| p["name"].as_str().expect("a name").to_owned()));
    }
    all
}

/// The report: for each row its number, outcome, id, member and reason.
fn report(path: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_path(path).expect("a report");
    assert_eq!(reader.headers().expect("a header"), vec!["row", "outcome", "id", "member", "reason"]);
    reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect()
}

fn column(report: &[Vec<String>], at: usize) -> Vec<&str> {
    report.iter().map(|row| row[at].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_file_twice_registers_everyone_once() {
    let desk = Desk::open().await;
    let file = desk.patients("people.csv", 12, "address.ward");
    let (code, said) = desk.import("patients", &file, &[]).await;
    assert!(code == Some(0) && said.contains("12 of 12 rows: 12 created, 0 refused"), "{said}");
    let first = report(&desk.home.path().join("people.report.csv"));
    assert_eq!(column(&first, 1), ["created"; 12]);
    assert_eq!((first[0][0].as_str(), first[11][0].as_str()), ("2", "13"));
    let shown = desk.admin.get(&format!("/api/patients/{}", first[0][2])).await.expect(200);
    assert_eq!((&shown["name"], &shown["address"]), (&json!("Asha Rao 1"), &json!({"ward": "MRN-1"})));

    let elsewhere = desk.home.path().join("again.csv");
    let again = elsewhere.display().to_string();
    let (code, said) = desk.import("patients", &file, &["--report", &again, "--concurrency", "1"]).await;
    assert!(code == Some(0) && said.contains("12 already there") && said.contains("again.csv"), "{said}");
    assert_eq!(column(&report(&elsewhere), 2), column(&first, 2), "the ids of the first time");
    assert_eq!(desk.registered().await.len(), 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_killed_goes_on_to_the_same_end() {
    let desk = Desk::open().await;
    let file = desk.patients("people.csv", 500, "address.ward");
    let mut child: Child = desk.command("patients", &file, &["--concurrency", "4"]).spawn().expect("it runs");
    while desk.registered().await.len() < 20 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    child.kill().expect("it is killed");
    child.wait().expect("it ends");
    let before = desk.registered().await.len();
    assert!(before < 500, "it was over before it was killed");
    let (code, said) = desk.import("patients", &file, &[]).await;
    assert_eq!(code, Some(0), "{said}");
    let all = desk.registered().await;
    let distinct: BTreeSet<&String> = all.iter().collect();
    assert_eq!((all.len(), distinct.len()), (500, 500), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_and_comes_back_gets_the_rest() {
    let home = tempfile::tempdir().expect("a folder");
    // Its settings name the port, so that it comes back where it was.
    let port = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address").port();
    let start = || {
        let mut command = nadi(home.path(), &["serve", "--listen", &format!("127.0.0.1:{port}")]);
        let child = command.envs(ADMIN).stderr(std::process::Stdio::null()).spawn().expect("it runs");
        Killed(child)
    };
    let base = format!("http://127.0.0.1:{port}");
    let first = start();
    answers(&base).await;
    let admin = Client::new(&base).login(ADMIN[0].1, ADMIN[1].1).await;
    let id = hospital(&admin, "City Hospital").await;
    let row = |n: usize| format!("Asha,Rao {n},1980-05-17,{id},+91 98220 {n:05},MRN-{n}\n");
    let rows: String = (1..=300).map(row).collect();
    let file = home.path().join("people.csv");
    std::fs::write(&file, format!("first_name,last_name,date_of_birth,institution_id,phone,patient_id\n{rows}"))
        .expect("a file");
    let mut running = import(home.path(), &base, "patients", &file, &["--concurrency", "4"]);
    let running = tokio::task::spawn_blocking(move || running.output());
    while names(&admin).await.len() < 20 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(first);
    tokio::time::sleep(Duration::from_millis(500)).await;
    let _second = start();
    let output = running.await.expect("an end").expect("it runs");
    let all = names(&admin).await;
    let distinct: BTreeSet<&String> = all.iter().collect();
    assert_eq!((all.len(), distinct.len()), (300, 300), "{}", said(&output));
    // A row whose first try was cut off after it was done is said to be there; nothing else is refused.
    let refused = report(&home.path().join("people.report.csv"));
    for row in refused.iter().filter(|row| row[1] == "refused") {
        assert!(row[3] == "patient_id" && row[4].contains("cut off"), "{row:?}");
    }
}

/// A child that goes with the test.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn answers(base: &str) {
    for _ in 0..600 {
        if let Ok(answer) = reqwest::get(format!("{base}/ready")).await
            && answer.status().is_success()
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{base} does not answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_does_not_fit_is_named_and_stops_no_other() {
    let desk = Desk::open().await;
    let h = &desk.hospital;
    // As a spreadsheet writes it: with a byte order mark, line ends of two characters, and a line inside a cell.
    let text = format!(
        "\u{feff}first_name,last_name,date_of_birth,institution_id,phone,address.lines\r\n\
         Asha,Rao,17/05/1980,{h},9822012345,\"12, MG Road\r\nPune\"\r\n\
         Ravi,Rao,17/05/2999,{h},9822012346,\r\n\
         Mina,Rao,31/02/1980,{h},9822012347,\r\n\
         Lata,Rao,17/05/1980,Lake Hospital,9822012348,\r\n\
         Short,Rao\r\n\
         ,Rao,17/05/1980,{h},9822012349,\r\n\
         Devi,Rao,1980-05-17,{h},9822012350,\r\n"
    );
    let file = desk.file("people.csv", text);
    let (code, said) = desk.import("patients", &file, &["--day-first"]).await;
    assert!(code == Some(1) && said.contains("7 of 7 rows: 2 created, 5 refused"), "{said}");
    let path = desk.home.path().join("people.report.csv");
    assert!(said.contains(&path.display().to_string()), "{said}");
    let rows = report(&path);
    let outcomes = ["created", "refused", "refused", "refused", "refused", "refused", "created"];
    assert_eq!(column(&rows, 1), outcomes);
    let members = ["", "date_of_birth", "date_of_birth", "institution_id", "", "first_name", ""];
    assert_eq!(column(&rows, 3), members, "{rows:?}");
    assert!(rows.iter().all(|row| row[4].is_empty() == (row[1] == "created")), "{rows:?}");
    assert_eq!(desk.registered().await, ["Asha Rao", "Devi Rao"]);
    let asha = desk.admin.get(&format!("/api/patients/{}", rows[0][2])).await.expect(200);
    assert_eq!(asha["address"]["lines"], "12, MG Road\r\nPune");

    // What is put right on the server fits the next time, without a change to the file.
    let body = json!({"hospital_name": "Lake Hospital", "registration_number": "L-1", "hospital_type": "general",
        "contact": "+91 20 1234 5678", "email": "lake@hospital.example", "total_beds": 1});
    desk.admin.post("/api/hospitals", body).await.expect(201);
    for created in ["1 created, 2 already there, 4 refused", "3 already there, 4 refused"] {
        let (code, said) = desk.import("patients", &file, &["--day-first"]).await;
        assert!(code == Some(1) && said.contains(created), "{said}");
    }
    assert_eq!(desk.registered().await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_checks_everything_and_keeps_nothing() {
    let desk = Desk::open().await;
    let file = desk.patients("people.csv", 5, "address.ward");
    let (code, said) = desk.import("patients", &file, &["--dry-run"]).await;
    assert!(code == Some(0) && said.contains("5 of 5 rows: 5 would be created, 0 refused"), "{said}");
    assert_eq!(column(&report(&desk.home.path().join("people.report.csv")), 1), ["would create"; 5]);
    assert_eq!(desk.registered().await.len(), 0);
    let doctors = doctors(&desk);
    let (code, said) = desk.import("doctors", &doctors, &["--dry-run"]).await;
    assert!(code == Some(1) && said.contains("2 would be created, 1 refused"), "{said}");
    assert_eq!(desk.admin.get("/api/v1/doctors").await.expect(200), json!([]));
    // And then in earnest.
    let (code, said) = desk.import("patients", &file, &[]).await;
    assert!(code == Some(0) && said.contains("5 created"), "{said}");
}

/// Three doctors, one of a specialty that nobody knows.
fn doctors(desk: &Desk) -> PathBuf {
    let h = &desk.hospital;
    desk.file(
        "doctors.csv",
        format!(
            "institution_id,first_name,last_name,medical_license,specialty_id,years_experience,consultation_fee,email,qualification,password\n\
             {h},Meera,Iyer,MH-1,cardiology,12,500.50,meera@doctors.example,MBBS; MD,a good password\n\
             {h},Arjun,Nair,MH-2,,3,,arjun@doctors.example,, another one \n\
             {h},Nobody,Rao,MH-3,astrology,3,,nobody@doctors.example,,a third one\n"
        ),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn doctors_come_with_their_logins() {
    let desk = Desk::open().await;
    let file = doctors(&desk);
    let (code, said) = desk.import("doctors", &file, &[]).await;
    assert!(code == Some(1) && said.contains("2 created, 1 refused"), "{said}");
    let rows = report(&desk.home.path().join("doctors.report.csv"));
    assert_eq!(column(&rows, 3), ["", "", "specialty_id"]);
    let client = Client::new(&desk.server.base).login("meera@doctors.example", "a good password").await;
    let meera: Value = client.get(&format!("/api/v1/doctors/{}", rows[0][2])).await.expect(200);
    assert_eq!((&meera["first_name"], &meera["years_experience"]), (&json!("Meera"), &json!(12)));
    assert_eq!(meera["qualification"], json!(["MBBS", "MD"]));
    // White space is part of a password.
    Client::new(&desk.server.base).login("arjun@doctors.example", " another one ").await;
    let (_, said) = desk.import("doctors", &file, &[]).await;
    assert!(said.contains("2 already there, 1 refused"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_start_says_so_and_sends_nothing() {
    let desk = Desk::open().await;
    let good = desk.patients("people.csv", 3, "address.ward");
    let strange = desk.file("strange.csv", "first_name,last_name,date_of_birth,shoe_size\nAsha,Rao,1980-05-17,38\n");
    let thin = desk.file("thin.csv", "first_name\nAsha\n");
    let (base, missing) = (desk.server.base.as_str(), desk.home.path().join("nowhere.csv"));
    let silent = format!(
        "http://127.0.0.1:{}",
        TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port()
    );
    for (file, url, more, words) in [
        (&strange, base, vec![], "no such columns: shoe_size; the columns are: contact_email.email_address, "),
        (&strange, base, vec![], "date_of_birth, "),
        (&thin, base, vec![], "need these columns too: "),
        (&missing, base, vec![], "cannot be read"),
        (&good, &silent, vec![], "does not answer"),
        (&good, base, vec!["--report", "/proc/nobody/report.csv"], "cannot be written"),
        (&good, base, vec!["--report", "people.csv"], "would take the place of"),
        (&good, base, vec!["--concurrency", "0"], "concurrency"),
    ] {
        let (code, said) = ended(import(desk.home.path(), url, "patients", file, &more)).await;
        assert!(code == Some(2) && said.contains(words) && !said.contains("panicked"), "{words}: {said}");
    }
    let mut wrong = desk.command("patients", &good, &[]);
    wrong.env("NADI_PASSWORD", "not this one");
    let (code, said) = ended(wrong).await;
    assert!(code == Some(2) && said.contains("signing in as"), "{said}");
    let file = good.display().to_string();
    for token in ["nonsense", ""] {
        let command = nadi(desk.home.path(), &["import", "patients", &file, "--url", base, "--token", token]);
        let (code, said) = ended(command).await;
        assert!(code == Some(2) && said.contains("token"), "{said}");
    }
    assert_eq!(desk.registered().await.len(), 0);
}

/// A server that answers each row so, one answer after the other, and remembers the keys.
async fn moody(answers: Vec<(u16, &'static str)>) -> (String, Arc<Mutex<Vec<String>>>) {
    let keys: Arc<Mutex<Vec<String>>> = Arc::default();
    let heard = keys.clone();
    let take = move |headers: HeaderMap| async move {
        let key = headers["idempotency-key"].to_str().expect("a key").to_owned();
        let mut heard = heard.lock().expect("no test failed inside");
        let (status, detail) = answers[heard.len().min(answers.len() - 1)];
        heard.push(key);
        let replayed = if detail == "known" { "idempotency-replayed" } else { "x-new" };
        let status = StatusCode::from_u16(status).expect("a status");
        (status, [("retry-after", "0"), (replayed, "true")], axum::Json(json!({"id": "1", "detail": detail})))
    };
    let router = Router::new().route("/auth/me", get(|| async {})).route("/api/v1/patients", post(take));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (base, keys)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_server_is_asked_again_with_the_same_key() {
    let home = tempfile::tempdir().expect("a folder");
    let file = home.path().join("people.csv");
    std::fs::write(&file, "first_name,last_name,date_of_birth\nAsha,Rao,1980-05-17\n").expect("a file");
    let run = async |base: &str| {
        let path = file.display().to_string();
        ended(nadi(home.path(), &["import", "patients", &path, "--url", base, "--token", "t"])).await
    };
    let unfinished = "an earlier request with this key has not finished; look";
    let (base, keys) = moody(vec![(503, ""), (429, ""), (500, ""), (409, unfinished), (201, "")]).await;
    let (code, said) = run(&base).await;
    assert!(code == Some(0) && said.contains("1 created"), "{said}");
    let keys = keys.lock().expect("no test failed inside").clone();
    assert_eq!((keys.len(), keys.iter().collect::<BTreeSet<_>>().len()), (5, 1), "{keys:?}");

    // A refusal of an earlier run is not the last word, and one that is new is.
    let (base, keys) = moody(vec![(422, "known"), (422, "known"), (422, "is not known here")]).await;
    let (code, said) = run(&base).await;
    assert!(code == Some(1) && said.contains("1 refused"), "{said}");
    let keys = keys.lock().expect("no test failed inside").clone();
    assert_eq!((keys.len(), keys.iter().collect::<BTreeSet<_>>().len()), (3, 3), "{keys:?}");
    assert_eq!(report(&home.path().join("people.report.csv"))[0][4], "is not known here");

    // A server that fails each time keeps one row from being registered, and not the next.
    let (base, keys) = moody(vec![(500, "")]).await;
    let (code, said) = run(&base).await;
    assert!(code == Some(1) && said.contains("1 refused"), "{said}");
    assert_eq!(keys.lock().expect("no test failed inside").len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_caller_may_not_do_is_refused_row_by_row() {
    let desk = Desk::open().await;
    let file = desk.patients("people.csv", 2, "address.ward");
    let account = json!({"email": "help@example.org", "password": "a good password", "user_type": "responder",
        "reference_id": desk.hospital});
    desk.admin.post("/users/create", account).await.expect(201);
    let token = Client::new(&desk.server.base).login("help@example.org", "a good password").await.token;
    let path = file.display().to_string();
    let token = token.expect("a token");
    let mut command = nadi(desk.home.path(), &["import", "patients", &path, "--url", &desk.server.base]);
    command.env("NADI_TOKEN", token);
    let (code, said) = ended(command).await;
    assert!(code == Some(1) && said.contains("2 refused"), "{said}");
    assert!(report(&desk.home.path().join("people.report.csv"))[0][4].contains("not for the role"));
}
