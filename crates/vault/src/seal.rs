//! Seal and open: AES-256-GCM, bound to the patient, the table, the row and the key's version.
use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use kernel::{Error, PatientId, Result};
use uuid::Uuid;

use crate::digest::Digest;

/// What a sealed value is bound to, besides its patient: moved to another row or table, it does not open.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    pub table: &'a str,
    pub id: Uuid,
}

/// Bytes that were sealed.
pub type Unsealed = Vec<u8>;

/// Format 1: the format's number, the key's version, the nonce, then ciphertext and tag.
const FORMAT: u8 = 1;
const NONCE: usize = 12;
const HEADER: usize = 1 + 4 + NONCE;

pub(crate) fn cipher(key: &[u8]) -> Result<RandomizedNonceKey> {
    RandomizedNonceKey::new(&AES_256_GCM, key).map_err(Error::internal)
}

pub(crate) fn seal(cipher: &RandomizedNonceKey, version: u32, binding: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
    let mut body = Vec::with_capacity(plain.len() + 16);
    body.extend_from_slice(plain);
    let nonce = cipher.seal_in_place_append_tag(Aad::from(binding), &mut body).map_err(Error::internal)?;
    let mut sealed = Vec::with_capacity(HEADER + body.len());
    sealed.push(FORMAT);
    sealed.extend_from_slice(&version.to_le_bytes());
    sealed.extend_from_slice(nonce.as_ref());
    sealed.append(&mut body);
    Ok(sealed)
}

pub(crate) fn open(cipher: &RandomizedNonceKey, binding: &[u8], sealed: &[u8]) -> Result<Unsealed> {
    let damaged = || Error::internal("a sealed value is damaged or was moved");
    if sealed.len() < HEADER || sealed[0] != FORMAT {
        return Err(damaged());
    }
    let nonce = Nonce::try_assume_unique_for_key(&sealed[5..HEADER]).map_err(|_| damaged())?;
    let mut body = sealed[HEADER..].to_vec();
    let length = cipher.open_in_place(nonce, Aad::from(binding), &mut body).map_err(|_| damaged())?.len();
    body.truncate(length);
    Ok(body)
}

/// The version of the key a value was sealed with.
pub(crate) fn version_of(sealed: &[u8]) -> Option<u32> {
    sealed.get(1..5)?.try_into().ok().map(u32::from_le_bytes)
}

/// Binds a value to its place; every part has a fixed length or its length in front.
pub(crate) fn binding(patient: PatientId, row: Row<'_>, version: u32) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(40 + row.table.len());
    bytes.extend_from_slice(patient.0.as_bytes());
    bytes.extend_from_slice(row.id.as_bytes());
    bytes.extend_from_slice(&version.to_le_bytes());
    bytes.extend_from_slice(row.table.as_bytes());
    bytes
}

/// What a value of the system (not of a patient) is bound to.
pub(crate) fn system_binding(purpose: &str) -> Vec<u8> {
    Digest::default().part(b"system").part(purpose.as_bytes()).finish()
}
