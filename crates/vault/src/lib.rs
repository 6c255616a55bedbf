//! Keys: the master key, one data key a patient, seal and open, and the tokens' signing key.
//!
//! Nothing outside this crate touches key material; every cipher, digest and random secret of the program is made here.
//! The tables of data keys, erased patients, signing keys, the root secret and Aadhaar numbers belong to this crate. Start
//! reading at [`Vault`], then [`AadhaarVault`]; `rotation.rs` and `master.rs` change keys.
mod aadhaar;
mod aadhaar_vault;
mod attest;
mod digest;
mod erase;
mod foreign;
mod keys;
mod master;
mod one_time;
mod patient_key;
mod ring;
mod rotation;
mod seal;
mod sealed_column;
mod secrets;
mod tokens;
mod tombstones;

pub use aadhaar::{AadhaarNumber, AadhaarRules, AadhaarText};
pub use aadhaar_vault::{Aadhaar, AadhaarSecrets, AadhaarVault, SEALED, patient_of_uid};
pub use digest::{Digest, equal, hex, is_pbkdf2, sha256};
pub use foreign::{is_ecdsa_p256, is_hmac_sha1};
pub use keys::Vault;
pub use master::{change as change_master, finish_change};
pub use one_time::{base32, hotp, new_code};
pub use patient_key::PatientKey;
pub use ring::{OVERLAP, SYSTEM};
pub use rotation::{Counted, STAYS_FOR, TOLD_FOR};
pub use seal::{Row, Unsealed};
pub use sealed_column::{Ask, Bound, Found, Layers, Lowest, Pass, SealedColumn, SealedValue};
pub use secrets::{NewMaster, Secrets, new_secret, random_bytes};
pub use tokens::{Claims, Tokens};
pub use tombstones::Tombstones;
