//! Words as types: enums kept as text, and checks on what people type.
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

/// An enum kept as one of a few words in the database and in JSON.
pub trait Text: Sized + 'static {
    const ALL: &'static [Self];
    fn word(&self) -> &'static str;
    fn from_word(word: &str) -> Option<Self>;
}

/// Declares such an enum: `text_enum!(Gender { Male = "male", Female = "female" });`, with other accepted spellings as
/// `Apositive = "A_POSITIVE" | "A+"`.
#[macro_export]
macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal $(| $other:literal)*),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, $crate::serde::Serialize)]
        #[serde(crate = "::kernel::serde")]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),* }

        impl $crate::Text for $name {
            const ALL: &'static [Self] = &[$(Self::$variant),*];
            fn word(&self) -> &'static str { match self { $(Self::$variant => $word),* } }
            fn from_word(word: &str) -> Option<Self> {
                match word { $($word $(| $other)* => Some(Self::$variant),)* _ => None }
            }
        }
        // Written out: the derive does not see a rename that a macro hands it.
        impl $crate::utoipa::PartialSchema for $name {
            fn schema() -> $crate::utoipa::openapi::RefOr<$crate::utoipa::openapi::schema::Schema> {
                $crate::utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type($crate::utoipa::openapi::schema::Type::String)
                    .enum_values(Some([$($word),*]))
                    .into()
            }
        }
        impl $crate::utoipa::ToSchema for $name {
            fn name() -> ::std::borrow::Cow<'static, str> { ::std::stringify!($name).into() }
        }
        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result { f.write_str($crate::Text::word(self)) }
        }
        impl<'de> $crate::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                let word = <::std::string::String as $crate::serde::Deserialize>::deserialize(deserializer)?;
                <Self as $crate::Text>::from_word(&word).ok_or_else(|| $crate::serde::de::Error::unknown_variant(&word, &[$($word),*]))
            }
        }
        impl $crate::store::Bind for $name {
            const NULL: $crate::store::Value = $crate::store::Value::Text(None);
            fn bind(self) -> $crate::store::Value { $crate::store::Bind::bind($crate::Text::word(&self)) }
        }
        impl $crate::store::Column for $name {
            fn from_sqlite(value: $crate::store::Raw<'_>) -> Option<Self> {
                <::std::string::String as $crate::store::Column>::from_sqlite(value).and_then(|w| <Self as $crate::Text>::from_word(&w))
            }
            fn from_postgres(row: &$crate::store::PgRow, name: &str) -> $crate::store::Result<Self> {
                let word = <::std::string::String as $crate::store::Column>::from_postgres(row, name)?;
                <Self as $crate::Text>::from_word(&word).ok_or_else(|| $crate::store::Error::unreadable(name, &word))
            }
        }
    };
}

/// Refuses text of white space alone.
pub fn not_blank(value: &str, _: &()) -> garde::Result {
    if value.trim().is_empty() { Err(garde::Error::new("must not be blank")) } else { Ok(()) }
}

/// Refuses what is nobody's name: white space alone, nothing but signs, and characters that make a name look like another
/// one or break a line.
pub fn name(value: &str, context: &()) -> garde::Result {
    not_blank(value, context)?;
    let turns = |c: char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    if value.trim().chars().any(|c| turns(c) || breaks(c)) {
        return Err(garde::Error::new(
            "has characters that no name has: line breaks, control characters or changes of direction",
        ));
    }
    match value.chars().any(char::is_alphanumeric) {
        true => Ok(()),
        false => Err(garde::Error::new("has neither a letter nor a digit")),
    }
}

/// Bytes that a value which its sender shapes, such as an address, may take as JSON.
const SMALL: usize = 4096;

/// Refuses JSON that is larger than anyone would write by hand.
pub fn small_json<T: serde::Serialize>(value: &T, _: &()) -> garde::Result {
    let length = serde_json::to_string(value).map_or(usize::MAX, |text| text.len());
    if length <= SMALL { Ok(()) } else { Err(garde::Error::new(format!("is larger than {SMALL} bytes"))) }
}

/// A phone number as people write it: 6 to 20 digits, with `+ - ( )` and spaces between.
pub fn contact(value: &str, _: &()) -> garde::Result {
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let plain = value.chars().all(|c| c.is_ascii_digit() || " +-().".contains(c));
    if plain && (6..=20).contains(&digits) { Ok(()) } else { Err(garde::Error::new("is not a phone number")) }
}

/// An e-mail address, as far as one can tell without writing to it; white space around it is passed over.
pub fn email(value: &str, _: &()) -> garde::Result {
    let text = value.trim();
    let parts = text.split_once('@').filter(|(who, host)| !who.is_empty() && !host.is_empty() && !host.contains('@'));
    let plain = !text.chars().any(|c| c.is_whitespace() || c.is_control()) && text.chars().count() <= 254;
    if parts.is_some() && plain { Ok(()) } else { Err(garde::Error::new("is not an email address")) }
}

/// A date of birth: not in the future, and not before anyone alive was born.
pub fn not_future(value: &NaiveDate, _: &()) -> garde::Result {
    past(*value, crate::clock::real_now())
}

/// East of Greenwich it is tomorrow already: a newborn's day is in the future when it has begun nowhere on Earth, the
/// furthest being 14 hours ahead.
fn past(value: NaiveDate, now: DateTime<Utc>) -> garde::Result {
    let today = (now + TimeDelta::hours(14)).date_naive();
    let oldest = NaiveDate::from_ymd_opt(1880, 1, 1).unwrap_or_default();
    match value {
        date if date > today => Err(garde::Error::new("is in the future")),
        date if date < oldest => Err(garde::Error::new("is before 1880")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_something_one_can_read() {
        for fine in ["Asha Rao", " José ", "प्रिया शर्मा", "علي", "Ward 12", "O'Brien-Smith Jr."]
        {
            assert!(name(fine, &()).is_ok(), "{fine}");
        }
        for not in ["", " ", "--", "🙂", "Asha\nRao", "As\u{0}ha", "\u{202E}oaR", "Asha\u{2066}", "A\u{2028}B", "A\tB"]
        {
            assert!(name(not, &()).is_err(), "{not:?}");
        }
    }

    #[test]
    fn an_email_address_has_a_name_and_a_host() {
        for fine in ["a@b", "desk@st-anna.example", " a@b.org "] {
            assert!(email(fine, &()).is_ok(), "{fine}");
        }
        for not in ["", "@b", "a@", "a b@c", "a@b@c", "plain", "a@b\u{0}", &format!("{}@b", "a".repeat(253))] {
            assert!(email(not, &()).is_err(), "{not:?}");
        }
    }

    #[test]
    fn a_newborn_east_of_greenwich_is_not_of_the_future() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        // Two in the morning of the 15th in India.
        let now: DateTime<Utc> = "2026-08-14T20:30:00Z".parse().unwrap();
        assert!(past(day("2026-08-15"), now).is_ok());
        assert!(past(day("2026-08-16"), now).is_err());
        let morning: DateTime<Utc> = "2026-08-14T09:59:59Z".parse().unwrap();
        assert!(past(day("2026-08-15"), morning).is_err(), "it is nowhere the 15th yet");
        assert!(past(day("1879-12-31"), now).is_err());
    }
}
