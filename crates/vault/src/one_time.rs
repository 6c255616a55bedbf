//! What is typed once: codes of six digits, those of authenticator apps (RFC 4226), and secrets to copy by hand.
use aws_lc_rs::hmac;
use kernel::{Error, Result};

const DIGITS: u32 = 1_000_000;

/// Six digits, each code as likely as any other.
pub fn new_code() -> Result<String> {
    // The largest multiple of a million that fits: what is above it would make the smaller codes likelier.
    const EVEN: u32 = u32::MAX - u32::MAX % DIGITS;
    loop {
        let mut bytes = [0; 4];
        aws_lc_rs::rand::fill(&mut bytes).map_err(Error::internal)?;
        let number = u32::from_le_bytes(bytes);
        if number < EVEN {
            return Ok(format!("{:06}", number % DIGITS));
        }
    }
}

/// The code that an authenticator shows at this count: HMAC-SHA1, six digits, as every app does it.
pub fn hotp(secret: &[u8], count: u64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &count.to_be_bytes());
    let tag = tag.as_ref();
    let at = usize::from(tag[tag.len() - 1] & 0xf);
    let number = u32::from_be_bytes([tag[at] & 0x7f, tag[at + 1], tag[at + 2], tag[at + 3]]);
    format!("{:06}", number % DIGITS)
}

/// RFC 4648 without padding: no two letters of it look alike, and apps take secrets in it.
pub fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    let (mut held, mut bits) = (0u32, 0);
    for byte in bytes {
        (held, bits) = ((held << 8) | u32::from(*byte), bits + 8);
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(LETTERS[((held >> bits) & 31) as usize]));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        text.push(char::from(LETTERS[((held << (5 - bits)) & 31) as usize]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_rfc_4226_and_rfc_6238() {
        let secret = b"12345678901234567890";
        let counted: Vec<String> = (0..4).map(|count| hotp(secret, count)).collect();
        assert_eq!(counted, ["755224", "287082", "359152", "969429"]);
        // RFC 6238, appendix B, the last six of its eight digits.
        for (seconds, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")]
        {
            assert_eq!(hotp(secret, seconds / 30), code);
        }
    }

    #[test]
    fn secrets_are_spelled_as_rfc_4648_says() {
        for (bytes, text) in
            [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("foobar", "MZXW6YTBOI")]
        {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn a_code_has_six_digits() {
        for _ in 0..100 {
            let code = new_code().unwrap();
            assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
        }
    }
}
