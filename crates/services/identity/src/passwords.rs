//! Passwords: hashed and checked one or two at a time, away from the threads that answer requests.
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use argon2::password_hash::{Error as HashError, PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use kernel::{App, Error, Result};
use store::{Bind, Column, PgRow, Raw, Value};
use tokio::sync::Semaphore;

use crate::legacy::Legacy;

/// A password as it is kept. Only hashing one, taking one over, or reading one back makes this.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl std::fmt::Debug for PasswordHash {
    // A hash in a log could be guessed at.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash")
    }
}

impl PasswordHash {
    /// A hash that an older system made; none when it is of no kind that is known here.
    pub fn taken_over(text: &str) -> Option<Self> {
        Legacy::of(text).map(|_| Self(text.to_owned()))
    }

    /// That of an account nobody is to sign in by.
    pub(crate) fn nobody() -> Self {
        Self(NOBODY.to_owned())
    }

    /// Whether an older system made it.
    pub(crate) fn is_legacy(&self) -> bool {
        Legacy::of(&self.0).is_some()
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
    checked: AtomicU64,
}

/// What checking a password found.
pub(crate) struct Checked {
    pub right: bool,
    /// The right password hashed as we do it, when an older system's hash was checked.
    pub anew: Option<PasswordHash>,
    /// How long the check took, once its turn had come.
    pub took: Duration,
}

/// What a refusal takes at least while hashes of older systems are about, which take longer to check than ours or
/// shorter: otherwise the time would tell that there is such an account.
const EVENED_OUT: Duration = Duration::from_millis(1200);

impl Checked {
    /// Waits until the longest check would be over.
    pub async fn even_out(&self) {
        tokio::time::sleep(EVENED_OUT.saturating_sub(self.took)).await;
    }
}

impl Passwords {
    pub fn new() -> Self {
        let turns = turns(std::thread::available_parallelism().map_or(1, usize::from));
        let places = Arc::new(Semaphore::new(turns * (1 + WAITING)));
        Self { turns: Arc::new(Semaphore::new(turns)), places, checked: AtomicU64::new(0) }
    }

    /// Whether the password is this one. Without a hash the answer is no, and takes as long.
    pub async fn verify(&self, password: &str, hash: Option<&PasswordHash>) -> Result<Checked> {
        let hash = hash.map_or(NOBODY, |hash| &hash.0).to_owned();
        let password = password.to_owned();
        let checked = self.in_turn(move || check(&password, &hash)).await?;
        self.checked.fetch_add(1, Ordering::Relaxed);
        checked
    }

    /// How many passwords were checked since the start.
    pub fn count(&self) -> u64 {
        self.checked.load(Ordering::Relaxed)
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

fn check(password: &str, hash: &str) -> Result<Checked> {
    let started = Instant::now();
    let right = is_right(password, hash)?;
    let took = started.elapsed();
    let anew = (right && Legacy::of(hash).is_some()).then(|| hashed(password)).transpose()?;
    Ok(Checked { right, anew, took })
}

fn is_right(password: &str, hash: &str) -> Result<bool> {
    if let Some(legacy) = Legacy::of(hash) {
        return legacy.is(password);
    }
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
    fn a_hash_of_an_older_system_is_made_anew_when_its_password_is_known() {
        let legacy = bcrypt::hash("correct horse", 4).unwrap();
        let right = check("correct horse", &legacy).unwrap();
        let anew = right.anew.unwrap();
        assert!(right.right && anew.0.starts_with("$argon2id$") && is_right("correct horse", &anew.0).unwrap());
        let wrong = check("wrong horse", &legacy).unwrap();
        assert!(!wrong.right && wrong.anew.is_none());
        assert!(check("correct horse", &anew.0).unwrap().anew.is_none());
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
