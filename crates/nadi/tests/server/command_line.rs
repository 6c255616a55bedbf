//! `nadi` in wrong places, and beside a running server.
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use testkit::Client;

pub const ADMIN: [(&str, &str); 2] =
    [("NADI_ADMIN_EMAIL", "admin@example.org"), ("NADI_ADMIN_PASSWORD", "correct-horse")];

pub fn nadi(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nadi"));
    command.env_clear().current_dir(home).args(arguments).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// A server, killed with the test.
pub struct Server {
    child: Child,
    pub base: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts a server on `./data` of this place and waits until it serves.
pub fn serve(home: &Path, more: &[&str]) -> Server {
    let mut child =
        nadi(home, &[&["serve", "--listen", "127.0.0.1:0"], more].concat()).envs(ADMIN).spawn().expect("it runs");
    let mut lines = BufReader::new(child.stderr.take().expect("its words")).lines();
    let base = lines.by_ref().find_map(|line| {
        let line = line.ok()?;
        Some(line.split_once("serving on ")?.1.split(' ').next()?.to_owned())
    });
    // Somebody has to listen, or the child stops at a full pipe.
    std::thread::spawn(move || lines.for_each(drop));
    Server { child, base: base.expect("it serves") }
}

#[test]
fn a_wrong_place_is_refused_in_one_sentence_with_exit_code_1() {
    let home = tempfile::tempdir().expect("a folder");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("an address").to_string();
    let silent = format!("postgres://nobody@{port}/none?connect_timeout=1");
    for (arguments, environment, words) in [
        (vec!["serve", "--listen", &port], None, "cannot listen on"),
        (vec!["serve", "--data", "/proc/nobody"], None, "cannot be made"),
        (vec!["serve"], Some(("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")), "cannot be opened"),
        (vec!["serve"], Some(("DATABASE_URL", silent.as_str())), "cannot be opened"),
        (
            vec!["user", "create-admin", "--email", "a@example.org", "--data", "/proc/nobody"],
            Some(ADMIN[1]),
            "cannot be made",
        ),
        (vec!["doctor", "--data", "/proc/nobody"], None, "WRONG program"),
    ] {
        let started = std::time::Instant::now();
        let output = nadi(home.path(), &arguments).envs(environment).output().expect("it runs");
        let all = said(&output);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {all}");
        assert!(all.contains(words) && !all.contains("panicked"), "{arguments:?}: {all}");
        assert!(all.lines().filter(|l| l.contains("rror:")).count() <= 1, "{arguments:?}: {all}");
        assert!(started.elapsed().as_secs() < 40, "{arguments:?} took {:?}", started.elapsed());
    }
}

#[test]
fn the_doctor_finds_nothing_wrong_with_a_new_installation() {
    let home = tempfile::tempdir().expect("a folder");
    std::fs::write(home.path().join("nadi.toml"), "listen = \"127.0.0.1:0\"").expect("settings");
    let output = nadi(home.path(), &["doctor"]).output().expect("it runs");
    let all = said(&output);
    assert!(output.status.success() && all.contains("ok    database") && !all.contains("WRONG"), "{all}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_is_made_beside_a_running_server() {
    let home = tempfile::tempdir().expect("a folder");
    let server = serve(home.path(), &[]);
    let make = || {
        let mut command = nadi(home.path(), &["user", "create-admin", "--email", "second@example.org"]);
        let mut child = command.stdin(Stdio::piped()).spawn().expect("it runs");
        child.stdin.take().expect("its ear").write_all(b"another horse\n").expect("the password");
        child.wait_with_output().expect("it ends")
    };
    let made = make();
    assert!(made.status.success(), "{}", said(&made));
    Client::new(&server.base).login("second@example.org", "another horse").await.get("/auth/me").await.expect(200);
    let again = make();
    assert_eq!(again.status.code(), Some(1));
    assert!(said(&again).contains("is an administrator already"), "{}", said(&again));
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn only_the_owner_may_read_what_the_server_writes() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = tempfile::tempdir().expect("a folder");
    let server = serve(home.path(), &["--demo"]);
    let data = home.path().join("demo-data");
    let mode = |name: &str| data.join(name).metadata().expect("it is there").permissions().mode() & 0o777;
    assert_eq!((mode("."), mode("keys")), (0o700, 0o700));
    for name in ["nadi.db", "nadi.db-wal", "nadi.lock", "demo.json", "keys/master.key", "keys/signing.key"] {
        assert_eq!(mode(name), 0o600, "{name}");
    }
    drop(server);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_without_its_keys_is_refused_and_nothing_is_put_in_their_place() {
    let home = tempfile::tempdir().expect("a directory");
    let server = serve(home.path(), &[]);
    let admin = Client::new(&server.base).login(ADMIN[0].1, ADMIN[1].1).await;
    let patient = serde_json::json!({"name": "Lata Joshi", "date_of_birth": "1970-04-12", "gender": "female", "contact": "+91 98221 54321"});
    admin.post("/api/patients", patient).await.expect(201);
    drop(server);
    let (keys, aside) = (home.path().join("data/keys"), home.path().join("aside"));
    std::fs::rename(&keys, &aside).expect("the keys are lost");
    let output = nadi(home.path(), &["serve", "--listen", "127.0.0.1:0"]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("sealed with keys that are not here"), "{}", said(&output));
    assert_eq!(std::fs::read_dir(&keys).map(Iterator::count).unwrap_or(0), 0, "new keys were left behind");
    std::fs::remove_dir_all(&keys).expect("the empty directory goes");
    std::fs::rename(&aside, &keys).expect("the keys are found");
    let _again = serve(home.path(), &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_signing_key_logs_nobody_out() {
    let home = tempfile::tempdir().expect("a folder");
    let server = serve(home.path(), &[]);
    let before = Client::new(&server.base).login(ADMIN[0].1, ADMIN[1].1).await;
    let rotate = |more: &[&str]| {
        let output = nadi(home.path(), &[&["keys", "rotate"], more].concat()).output().expect("it runs");
        assert!(output.status.success(), "{}", said(&output));
        String::from_utf8_lossy(&output.stdout).split(' ').next().unwrap_or_default().to_owned()
    };
    let published = |keys: serde_json::Value| {
        let keys = keys["keys"].as_array().expect("keys").clone();
        keys.iter().map(|key| key["kid"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    let id = rotate(&[]);
    before.get("/auth/me").await.expect(200);
    drop(server);
    let server = serve(home.path(), &[]);
    let at = |base: &str| Client::new(base).with_token(&before.token.clone().expect("a token"));
    at(&server.base).get("/auth/me").await.expect(200);
    let keys = published(Client::new(&server.base).get("/.well-known/jwks.json").await.expect(200));
    assert_eq!((keys.len(), &keys[0]), (2, &id));
    drop(server);
    let stolen = rotate(&["--stolen"]);
    let server = serve(home.path(), &[]);
    at(&server.base).get("/auth/me").await.expect(401);
    assert_eq!(published(Client::new(&server.base).get("/.well-known/jwks.json").await.expect(200)), [stolen]);
}
