//! Keys: the master key, one data key a patient, seal and open, and the tokens' signing key.
//!
//! Nothing outside this crate touches key material; every cipher, digest and random secret of the program is made here.
//! The tables of data keys, erased patients, signing keys and Aadhaar numbers belong to this crate. Start reading at
//! [`Vault`], then [`AadhaarVault`].
mod aadhaar;
mod aadhaar_vault;
mod attest;
mod digest;
mod erase;
mod foreign;
mod keys;
mod one_time;
mod ring;
mod seal;
mod secrets;
mod tokens;
mod tombstones;

pub use aadhaar::{AadhaarNumber, AadhaarRules, AadhaarText};
pub use aadhaar_vault::{Aadhaar, AadhaarSecrets, AadhaarVault, patient_of_uid};
pub use digest::{Digest, equal, hex, is_pbkdf2, sha256};
pub use foreign::{is_ecdsa_p256, is_hmac_sha1};
pub use keys::{PatientKey, Vault};
pub use one_time::{base32, hotp, new_code};
pub use ring::OVERLAP;
pub use seal::{Row, Unsealed};
pub use secrets::{Secrets, new_secret, random_bytes};
pub use tokens::{Claims, Tokens};
pub use tombstones::Tombstones;
