//! Signatures over what must not be rewritten unnoticed, by a key of their own that follows from the root secret: it
//! outlives every signing key of tokens.
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use kernel::{Error, Result};

use crate::keys::Vault;

/// The key, from the root secret's HMAC.
pub(crate) fn key(root: &hmac::Key) -> Result<Ed25519KeyPair> {
    Ed25519KeyPair::from_seed_unchecked(hmac::sign(root, b"attestations").as_ref()).map_err(Error::internal)
}

impl Vault {
    /// Signs a text (Ed25519).
    pub fn attest(&self, text: &[u8]) -> Vec<u8> {
        self.attesting().sign(text).as_ref().to_vec()
    }

    /// Whether this vault, or another with the same root secret, signed the text.
    pub fn attests(&self, text: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.attestor()).verify(text, signature).is_ok()
    }

    /// The public key that signatures are checked with by whoever has no vault.
    pub fn attestor(&self) -> Vec<u8> {
        self.attesting().public_key().as_ref().to_vec()
    }
}
