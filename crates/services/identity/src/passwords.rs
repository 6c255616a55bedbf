//! Passwords: hashed and checked one or two at a time, away from the threads that answer requests.
use std::sync::Arc;

use argon2::password_hash::{Error as HashError, PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use kernel::{App, Error, Result};
use store::{Bind, Column, PgRow, Raw, Value};
use tokio::sync::Semaphore;

/// A password as it is kept. Only hashing one, or reading one back, makes this.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl std::fmt::Debug for PasswordHash {
    // A hash in a log could be guessed at.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash")
    }
}

impl Bind for PasswordHash {
    const NULL: Value = Value::Text(None);
    fn bind(self) -> Value {
        self.0.bind()
    }
}

impl Column for PasswordHash {
    fn from_sqlite(value: Raw<'_>) -> Option<Self> {
        String::from_sqlite(value).map(Self)
    }
    fn from_postgres(row: &PgRow, name: &str) -> store::Result<Self> {
        String::from_postgres(row, name).map(Self)
    }
}

/// How long a password may be, in characters.
const LENGTH: std::ops::RangeInclusive<usize> = 8..=128;
/// Hashes computed at once at most: a flood of logins takes this many threads and 19 MiB each, never more.
const AT_ONCE: usize = 2;
/// Requests that may wait for each turn; at some 25 ms a hash the last one waits about a second.
const WAITING: usize = 32;

/// What an unknown account's password is checked against, so that the answer takes as long as a known one's. A hash of
/// zeros has no known password, and a test holds its cost to that of real ones.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The edge through which every password goes.
pub(crate) struct Passwords {
    turns: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

impl Passwords {
    pub fn new() -> Self {
        let turns = turns(std::thread::available_parallelism().map_or(1, usize::from));
        Self { turns: Arc::new(Semaphore::new(turns)), places: Arc::new(Semaphore::new(turns * (1 + WAITING))) }
    }

    /// Whether the password is this one. Without a hash the answer is no, and takes as long.
    pub async fn verify(&self, password: &str, hash: Option<&PasswordHash>) -> Result<bool> {
        let hash = hash.map_or(NOBODY, |hash| &hash.0).to_owned();
        let password = password.to_owned();
        self.in_turn(move || is_right(&password, &hash)).await?
    }

    async fn hash(&self, password: String) -> Result<PasswordHash> {
        self.in_turn(move || hashed(&password)).await?
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let full = |_| Error::unavailable("too many people are signing in at this moment; try again");
        let place = self.places.clone().try_acquire_owned().map_err(full)?;
        let turn = self.turns.clone().acquire_owned().await.map_err(Error::internal)?;
        // The turn goes with the work: a caller who hangs up does not make room while the hash is still computed.
        let work = move || {
            let _held = (place, turn);
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)
    }
}

/// Half of the cores at most, so that a flood of logins leaves the other half to the wards' vitals.
fn turns(cores: usize) -> usize {
    (cores / 2).clamp(1, AT_ONCE)
}

/// Hashes a password of 8 to 128 characters, in its turn.
pub async fn hash_password(app: &App, password: &str) -> Result<PasswordHash> {
    if !LENGTH.contains(&password.chars().count()) {
        return Err(Error::invalid("password", "must have 8 to 128 characters"));
    }
    app.edge::<Passwords>().hash(password.to_owned()).await
}

/// Argon2id with 19 MiB, two passes, one lane: the first choice of OWASP's password storage sheet.
fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(Error::internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hashed(password: &str) -> Result<PasswordHash> {
    let salt = vault::sha256(vault::new_secret()?.as_bytes());
    let hash = argon2()?.hash_password_with_salt(password.as_bytes(), &salt[..16]).map_err(Error::internal)?;
    Ok(PasswordHash(hash.to_string()))
}

fn is_right(password: &str, hash: &str) -> Result<bool> {
    match argon2()?.verify_password(password.as_bytes(), hash) {
        Ok(()) => Ok(true),
        Err(HashError::PasswordInvalid) => Ok(false),
        Err(error) => Err(Error::internal(error)),
    }
}

/// A hash that fits no password, for tests that need one.
#[cfg(test)]
pub(crate) fn for_tests() -> PasswordHash {
    PasswordHash(NOBODY.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_again_and_no_other() {
        let kept = hashed("correct horse").unwrap();
        assert!(is_right("correct horse", &kept.0).unwrap());
        assert!(!is_right("Correct horse", &kept.0).unwrap());
        assert_ne!(kept, hashed("correct horse").unwrap());
    }

    #[test]
    fn an_unknown_account_costs_as_much_as_a_known_one() {
        let cost = |hash: &str| hash.rsplitn(3, '$').last().map(str::to_owned);
        let lengths = |hash: &str| hash.split('$').map(str::len).collect::<Vec<_>>();
        let kept = hashed("correct horse").unwrap();
        assert_eq!(cost(NOBODY), cost(&kept.0));
        assert_eq!(lengths(NOBODY), lengths(&kept.0));
        assert!(!is_right("", NOBODY).unwrap());
    }

    #[test]
    fn a_hash_does_not_show_in_a_log() {
        let shown = format!("{:?}", hashed("correct horse").unwrap());
        assert_eq!(shown, "PasswordHash");
    }

    #[test]
    fn hashing_leaves_half_of_the_cores_to_others() {
        assert_eq!([1, 2, 3, 4, 64].map(turns), [1, 1, 1, 2, 2]);
    }

    #[tokio::test]
    async fn a_flood_is_turned_away_and_those_before_it_are_served() {
        let passwords = Passwords::new();
        let places = passwords.places.available_permits();
        let flood =
            (0..places + 10).map(|_| passwords.in_turn(|| std::thread::sleep(std::time::Duration::from_millis(2))));
        let answers = futures::future::join_all(flood).await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), places);
        assert!(passwords.in_turn(|| ()).await.is_ok());
    }
}
