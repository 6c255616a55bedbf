//! The names an account logs in by. Each has one spelling, and no text can be two kinds of name, so that a person who
//! takes another's address as a username gains nothing.
use kernel::{Error, Result};

/// Longer than any address that mail can be sent to.
pub(crate) const LONGEST: usize = 254;

/// The spelling that is kept and looked for, whatever kind of name it is.
pub(crate) fn spelled(text: &str) -> String {
    let text = text.trim();
    match is_phone(text) {
        true => text.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect(),
        false => text.to_lowercase(),
    }
}

/// An e-mail address.
pub(crate) fn email(text: &str) -> Result<String> {
    let spelled = spelled(text);
    let parts =
        spelled.split_once('@').filter(|(user, host)| !user.is_empty() && !host.is_empty() && !host.contains('@'));
    match parts.is_some() && is_plain(&spelled) {
        true => Ok(spelled),
        false => Err(Error::invalid("email", "is not an e-mail address")),
    }
}

/// A username: neither an address nor a phone number.
pub(crate) fn username(text: &str) -> Result<String> {
    let spelled = spelled(text);
    match is_plain(&spelled) && !spelled.contains('@') && !is_phone(&spelled) {
        true => Ok(spelled),
        false => Err(Error::invalid("username", "must be one word without @, and not a phone number")),
    }
}

/// A phone number, kept as its digits.
pub(crate) fn phone(text: &str) -> Result<String> {
    match is_phone(text) {
        true => Ok(spelled(text)),
        false => Err(Error::invalid("phone", "is not a phone number")),
    }
}

fn is_phone(text: &str) -> bool {
    kernel::contact(text, &()).is_ok()
}

fn is_plain(text: &str) -> bool {
    let letters = text.chars().all(|c| !c.is_whitespace() && !c.is_control());
    letters && !text.is_empty() && text.chars().count() <= LONGEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_however_it_is_typed() {
        assert_eq!(spelled(" Asha.Rao@Example.ORG "), "asha.rao@example.org");
        assert_eq!(spelled("+91 (98765) 432-10"), "+919876543210");
        assert_eq!(spelled("NurseJane"), "nursejane");
    }

    #[test]
    fn no_text_is_two_kinds_of_name() {
        for text in
            ["a@b", "asha.rao@example.org", "nurse_jane", "9876543210", "+1 555 0100", "12345", "x y", "@", "", "नर्स"]
        {
            let kinds = [email(text).is_ok(), username(text).is_ok(), phone(text).is_ok()];
            assert!(kinds.iter().filter(|fits| **fits).count() <= 1, "{text:?} fits {kinds:?}");
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in ["", " ", "a@", "@b", "a@b@c", "a b@c", "plain"] {
            assert!(email(text).is_err(), "{text:?}");
        }
        for text in ["", "a b", "a@b", "9876543210", &"x".repeat(LONGEST + 1)] {
            assert!(username(text).is_err(), "{text:?}");
        }
        for text in ["", "12345", "call me", "a@b"] {
            assert!(phone(text).is_err(), "{text:?}");
        }
    }
}
