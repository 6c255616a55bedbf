//! Keys: the master key, one data key a patient, seal and open, and the tokens' signing key.
//!
//! Nothing outside this crate touches key material; every cipher, digest and random secret of the program is made here.
//! The data keys' table belongs to this crate. Start reading at [`Vault`].
mod digest;
mod keys;
mod seal;
mod secrets;
mod tokens;

pub use digest::{Digest, equal, sha256};
pub use keys::{PatientKey, Vault};
pub use seal::{Row, Unsealed};
pub use secrets::{Secrets, new_secret};
pub use tokens::{Claims, Tokens};
