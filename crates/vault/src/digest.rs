//! SHA-256, in one call or piece by piece, and what rests on it.
use std::num::NonZeroU32;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{Context, SHA256};
use aws_lc_rs::pbkdf2;

/// A digest over several parts, each preceded by its length so that parts cannot run into each other.
pub struct Digest(Context);

impl Default for Digest {
    fn default() -> Self {
        Self(Context::new(&SHA256))
    }
}

impl Digest {
    #[must_use]
    pub fn part(mut self, bytes: &[u8]) -> Self {
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self
    }

    pub fn finish(self) -> Vec<u8> {
        self.0.finish().as_ref().to_vec()
    }
}

/// In hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    ::hex::encode(bytes)
}

/// SHA-256 of the bytes as they are.
pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    aws_lc_rs::digest::digest(&SHA256, bytes).as_ref().to_vec()
}

/// Compares secrets in a time that does not tell where they differ.
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    verify_slices_are_equal(a, b).is_ok()
}

/// Whether PBKDF2 with HMAC-SHA-256 makes `derived` of this secret, as an older system may have kept it.
pub fn is_pbkdf2(rounds: NonZeroU32, salt: &[u8], secret: &[u8], derived: &[u8]) -> bool {
    pbkdf2::verify(pbkdf2::PBKDF2_HMAC_SHA256, rounds, salt, secret, derived).is_ok()
}
