//! The forms that e-mail addresses, phones and cities are compared in, however they were typed.

/// Digits of a phone number in India without its trunk `0` or country code.
const NATIONAL: usize = 10;

/// An e-mail address in lower case.
pub fn email_key(text: &str) -> String {
    text.trim().to_lowercase()
}

/// The digits of a phone number. `+91 98765 43210`, `098765 43210` and `9876543210` are one phone: what India's numbers
/// begin with (`+91`, `0091`, a trunk `0`) is dropped; another country's code stays. Empty when there are no digits.
pub fn phone_key(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let abroad = digits.strip_prefix("00").filter(|rest| rest.len() > NATIONAL).unwrap_or(&digits);
    let without_country = abroad.strip_prefix("91").filter(|rest| is_national(rest)).unwrap_or(abroad);
    let national = without_country.strip_prefix('0').filter(|rest| rest.len() == NATIONAL).unwrap_or(without_country);
    national.to_owned()
}

/// Ten digits, or eleven with the trunk `0` that some write behind the country code.
fn is_national(digits: &str) -> bool {
    digits.len() == NATIONAL || (digits.len() == NATIONAL + 1 && digits.starts_with('0'))
}

/// A city in lower case.
pub(crate) fn city_key(text: &str) -> String {
    text.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_is_one_however_it_is_typed() {
        let typed = [
            "+91 98765 43210",
            "098765 43210",
            "9876543210",
            "(91) 98765-43210",
            "0091 98765 43210",
            "+91 (0) 98765 43210",
            "98765.43210",
        ];
        for text in typed {
            assert_eq!(phone_key(text), "9876543210", "{text}");
        }
        assert_eq!(phone_key("+91 20 1234 5678"), phone_key("020 1234 5678"));
    }

    #[test]
    fn phones_that_differ_stay_apart() {
        let others =
            ["+1 555 010 0123", "+44 20 7946 0958", "9123456789", "91234567", "+91 98765 43211", "1800 123 456"];
        let mut keys: Vec<String> = others.map(phone_key).to_vec();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), others.len(), "{keys:?}");
        // A number of ten digits may itself begin with 91.
        assert_eq!(phone_key("9123456789"), "9123456789");
        assert_eq!(phone_key("call us"), "");
    }

    #[test]
    fn letters_of_an_address_are_alike_in_either_case() {
        assert_eq!(email_key(" Asha.Rao@Example.ORG "), "asha.rao@example.org");
    }
}
