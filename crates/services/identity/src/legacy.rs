//! Password hashes of older systems: bcrypt and werkzeug's. Each is checked until its owner has signed in once.
use std::num::NonZeroU32;

use kernel::{Error, Result};

/// A hash of an older system, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Legacy<'a> {
    Bcrypt(&'a str),
    Pbkdf2 { rounds: NonZeroU32, salt: &'a str, hash: Vec<u8> },
    Scrypt { log_n: u8, r: u32, p: u32, salt: &'a str, hash: Vec<u8> },
}

/// What one check may cost at most, so that nobody brings a hash that keeps the server busy: about half a second each.
const BCRYPT_COST: std::ops::RangeInclusive<u32> = 4..=13;
const PBKDF2_ROUNDS: u32 = 1_500_000;
const SCRYPT_LOG_N: std::ops::RangeInclusive<u32> = 1..=17;
/// Blocks times lanes, where the usual hash has 8.
const SCRYPT_WORK: u32 = 16;

impl<'a> Legacy<'a> {
    /// Takes a hash apart; none when it is of no kind that is known here, or costs too much to check.
    pub fn of(text: &'a str) -> Option<Self> {
        if ["$2a$", "$2b$", "$2y$"].iter().any(|prefix| text.starts_with(prefix)) {
            let parts: bcrypt::HashParts = text.parse().ok()?;
            return (BCRYPT_COST.contains(&parts.get_cost()) && text.len() == 60).then_some(Self::Bcrypt(text));
        }
        let mut parts = text.splitn(3, '$');
        let (method, salt, hash) = (parts.next()?, parts.next()?, parts.next()?);
        let hash = hex::decode(hash).ok().filter(|hash| !salt.is_empty() && (16..=64).contains(&hash.len()))?;
        match method.split(':').collect::<Vec<_>>()[..] {
            ["pbkdf2", "sha256", rounds] => {
                let rounds = rounds.parse().ok().filter(|rounds| *rounds <= PBKDF2_ROUNDS).and_then(NonZeroU32::new)?;
                Some(Self::Pbkdf2 { rounds, salt, hash })
            }
            ["scrypt", n, r, p] => {
                let (n, r, p): (u32, u32, u32) = (n.parse().ok()?, r.parse().ok()?, p.parse().ok()?);
                let work = r.checked_mul(p).filter(|work| (1..=SCRYPT_WORK).contains(work));
                let fits = n.is_power_of_two() && SCRYPT_LOG_N.contains(&n.ilog2()) && work.is_some();
                fits.then(|| Self::Scrypt { log_n: n.ilog2() as u8, r, p, salt, hash })
            }
            _ => None,
        }
    }

    /// Whether the password is this one.
    pub fn is(&self, password: &str) -> Result<bool> {
        match self {
            // Longer passwords were cut at 72 bytes there, so they are here.
            Self::Bcrypt(hash) => bcrypt::verify(password, hash).map_err(Error::internal),
            Self::Pbkdf2 { rounds, salt, hash } => {
                Ok(vault::is_pbkdf2(*rounds, salt.as_bytes(), password.as_bytes(), hash))
            }
            Self::Scrypt { log_n, r, p, salt, hash } => {
                let params = scrypt::Params::new(*log_n, *r, *p).map_err(Error::internal)?;
                let mut derived = vec![0; hash.len()];
                scrypt::scrypt(password.as_bytes(), salt.as_bytes(), &params, &mut derived).map_err(Error::internal)?;
                Ok(vault::equal(&derived, hash))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by Python's bcrypt and by werkzeug, of the password `correct horse`.
    const MADE: [&str; 3] = [
        "$2b$06$YebusD6vyIdavQsmdrw3fuIGtoq5Yy0gxyfjwKcBbkWq2dklKm2rW",
        "pbkdf2:sha256:20000$1KwB5vsOgV3fyc8O$25b2d00a6b568c35c7f560ce722fecc277426833e315e2f4078d2fc9eee4ecea",
        "scrypt:32768:8:1$D4Kgwu7aeGs49iOo$7bb6d4af152800340da0ddc3580eee722165960262f054b29a8311112d1ecac972188fdfafc0e2fcffdf27c52ec290e5c0558698df9727902f418c2b1a9f0ef4",
    ];

    #[test]
    fn hashes_of_the_older_systems_are_known() {
        for hash in MADE {
            let legacy = Legacy::of(hash).unwrap_or_else(|| panic!("{hash} is not known"));
            assert!(legacy.is("correct horse").unwrap(), "{hash}");
            assert!(!legacy.is("Correct horse").unwrap(), "{hash}");
        }
    }

    #[test]
    fn what_is_no_such_hash_or_costs_too_much_is_not_taken() {
        let key = "00".repeat(32);
        for text in [
            String::new(),
            "correct horse".to_owned(),
            "5f4dcc3b5aa765d61d8327deb882cf99".to_owned(),
            format!("$argon2id$v=19$m=19456,t=2,p=1${key}${key}"),
            "$2b$31$abcdefghijklmnopqrstuuKq9gZ8FvnH7vCzLq1Z8cXJ0b4nQyQ8a".to_owned(),
            format!("pbkdf2:sha256:2000000$salt${key}"),
            format!("pbkdf2:sha256:0$salt${key}"),
            format!("pbkdf2:md5:1000$salt${key}"),
            format!("pbkdf2:sha256:1000$${key}"),
            "pbkdf2:sha256:1000$salt$00".to_owned(),
            "pbkdf2:sha256:1000$salt$no hex".to_owned(),
            format!("scrypt:1048576:8:1$salt${key}"),
            format!("scrypt:32767:8:1$salt${key}"),
            format!("scrypt:32768:8:64$salt${key}"),
            format!("scrypt:0:8:1$salt${key}"),
        ] {
            assert_eq!(Legacy::of(&text), None, "{text}");
        }
    }
}
