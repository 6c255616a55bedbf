//! Signatures that other services put on what they send: checked here, made nowhere.
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};

/// Whether `tag` is the HMAC-SHA1 of a body under a shared secret, as some services still sign.
pub fn is_hmac_sha1(secret: &[u8], body: &[u8], tag: &[u8]) -> bool {
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret), body, tag).is_ok()
}

/// Whether `signature` (ASN.1) over SHA-256 of a body is by the owner of this P-256 key, an uncompressed point.
pub fn is_ecdsa_p256(key: &[u8], body: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key).verify(body, signature).is_ok()
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};

    use super::*;

    #[test]
    fn a_tag_counts_for_its_own_secret_and_body_alone() {
        // RFC 2202, test case 2.
        let tag = hex("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
        assert!(is_hmac_sha1(b"Jefe", b"what do ya want for nothing?", &tag));
        assert!(!is_hmac_sha1(b"Jefe", b"what do ya want for something?", &tag));
        assert!(!is_hmac_sha1(b"Jeff", b"what do ya want for nothing?", &tag));
        assert!(!is_hmac_sha1(b"Jefe", b"what do ya want for nothing?", &tag[..10]));
    }

    #[test]
    fn a_signature_counts_for_its_own_key_and_body_alone() {
        let pair = || EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key");
        let (own, other) = (pair(), pair());
        let signature = own.sign(&SystemRandom::new(), b"steps").expect("a signature");
        assert!(is_ecdsa_p256(own.public_key().as_ref(), b"steps", signature.as_ref()));
        assert!(!is_ecdsa_p256(other.public_key().as_ref(), b"steps", signature.as_ref()));
        assert!(!is_ecdsa_p256(own.public_key().as_ref(), b"stops", signature.as_ref()));
        assert!(!is_ecdsa_p256(b"no key", b"steps", signature.as_ref()));
    }

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal")).collect()
    }
}
