//! Public keys as Tink writes them: JSON around a protocol buffer with the two coordinates of a point.
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

/// A key of a Tink keyset: its number and its uncompressed point. None for one that is disabled, or is not ECDSA over
/// P-256 with SHA-256 and signatures in ASN.1.
pub fn key(entry: &Value) -> Option<(u32, Vec<u8>)> {
    let data = &entry["keyData"];
    let is_ours = entry["status"] == "ENABLED"
        && entry["outputPrefixType"] == "TINK"
        && data["typeUrl"].as_str().is_some_and(|name| name.ends_with("EcdsaPublicKey"));
    let number = u32::try_from(entry["keyId"].as_u64()?).ok().filter(|_| is_ours)?;
    let message = STANDARD.decode(data["value"].as_str()?).ok()?;
    let (mut x, mut y, mut params) = (None, None, None);
    for (member, value) in members(&message)? {
        match (member, value) {
            (2, Member::Bytes(bytes)) => params = Some(bytes),
            (3, Member::Bytes(bytes)) => x = Some(bytes),
            (4, Member::Bytes(bytes)) => y = Some(bytes),
            _ => {}
        }
    }
    is_p256(params?)?;
    Some((number, point(x?, y?)?))
}

/// A key of RFC 7517 whose name is a number.
pub fn jwk(entry: &Value) -> Option<(u32, Vec<u8>)> {
    let named = &entry["kid"];
    let number = named.as_u64().and_then(|n| u32::try_from(n).ok()).or_else(|| named.as_str()?.parse().ok())?;
    let part = |name: &str| URL_SAFE_NO_PAD.decode(entry[name].as_str()?.trim_end_matches('=')).ok();
    let is_p256 = entry["kty"] == "EC" && entry["crv"] == "P-256";
    is_p256.then_some(())?;
    Some((number, point(&part("x")?, &part("y")?)?))
}

const SHA256: u64 = 3;
const P256: u64 = 2;
const ASN1: u64 = 2;

fn is_p256(params: &[u8]) -> Option<()> {
    let numbers = members(params)?;
    let has =
        |member, wanted| numbers.iter().any(|(found, value)| *found == member && *value == Member::Number(wanted));
    (has(1, SHA256) && has(2, P256) && has(3, ASN1)).then_some(())
}

const COORDINATE: usize = 32;

/// An uncompressed point. A coordinate may come with zeros in front, or without.
fn point(x: &[u8], y: &[u8]) -> Option<Vec<u8>> {
    let mut point = vec![4];
    for coordinate in [x, y] {
        let zeros = coordinate.iter().take_while(|byte| **byte == 0).count();
        let digits = &coordinate[zeros..];
        point.resize(point.len() + COORDINATE.checked_sub(digits.len())?, 0);
        point.extend_from_slice(digits);
    }
    Some(point)
}

#[derive(Debug, PartialEq, Eq)]
enum Member<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// The members of a protocol buffer that has numbers and bytes alone.
fn members(mut message: &[u8]) -> Option<Vec<(u64, Member<'_>)>> {
    let mut found = Vec::new();
    while !message.is_empty() {
        let (tag, rest) = number(message)?;
        let (value, rest) = number(rest)?;
        match tag & 7 {
            0 => {
                found.push((tag >> 3, Member::Number(value)));
                message = rest;
            }
            2 => {
                let (bytes, rest) = rest.split_at_checked(usize::try_from(value).ok()?)?;
                found.push((tag >> 3, Member::Bytes(bytes)));
                message = rest;
            }
            _ => return None,
        }
    }
    Some(found)
}

/// A number of seven bits a byte, the lowest first.
fn number(message: &[u8]) -> Option<(u64, &[u8])> {
    let length = message.iter().take(9).position(|byte| byte & 0x80 == 0)? + 1;
    let (digits, rest) = message.split_at(length);
    Some((digits.iter().rev().fold(0, |sum, byte| sum << 7 | u64::from(byte & 0x7f)), rest))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn keyset(message: &[u8]) -> Value {
        json!({"keyId": 7, "status": "ENABLED", "outputPrefixType": "TINK", "keyData": {
            "typeUrl": "type.googleapis.com/google.crypto.tink.EcdsaPublicKey", "value": STANDARD.encode(message)}})
    }

    fn message(params: &[u8], x: &[u8], y: &[u8]) -> Vec<u8> {
        let mut message = vec![8, 0];
        for (tag, bytes) in [(0x12, params), (0x1a, x), (0x22, y)] {
            message.extend([tag, bytes.len() as u8]);
            message.extend_from_slice(bytes);
        }
        message
    }

    #[test]
    fn a_point_is_read_with_zeros_in_front_or_without() {
        let (x, y) = ([&[0][..], &[0x91; 32]].concat(), [0x22; 31]);
        let (number, point) = key(&keyset(&message(&[8, 3, 16, 2, 24, 2], &x, &y))).expect("a key");
        assert_eq!(number, 7);
        assert_eq!(point, [&[4][..], &[0x91; 32], &[0], &[0x22; 31]].concat());
    }

    #[test]
    fn other_keys_and_broken_ones_are_passed_over() {
        let (x, whole) = ([1; 32], [8, 3, 16, 2, 24, 2]);
        let good = message(&whole, &x, &x);
        for odd in [[8, 4, 16, 2, 24, 2], [8, 3, 16, 3, 24, 2], [8, 3, 16, 2, 24, 1]] {
            assert!(key(&keyset(&message(&odd, &x, &x))).is_none(), "{odd:?}");
        }
        for length in 0..good.len() {
            assert!(key(&keyset(&good[..length])).is_none(), "cut after {length}");
        }
        assert!(key(&keyset(&message(&whole, &[1; 33], &x))).is_none(), "a coordinate that is too long");
        let disabled = json!({"status": "DISABLED"});
        assert!(key(&disabled).is_none() && key(&Value::Null).is_none());
        assert!(members(&[0x80; 20]).is_none());
    }
}
