//! Reading large bodies: one object or an array, and what is wrong said as everywhere else.
use kernel::{Error, Result};
use serde::de::DeserializeOwned;

/// One, or many.
#[derive(Debug)]
pub enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

/// Reads one object, or an array of objects; of an array the place of what does not fit is named.
pub fn one_or_many<T: DeserializeOwned>(text: &[u8]) -> Result<OneOrMany<T>> {
    match text.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'[') => json(text).map(OneOrMany::Many),
        _ => object(text).map(OneOrMany::One),
    }
}

/// Reads one object.
pub fn object<T: DeserializeOwned>(text: &[u8]) -> Result<T> {
    match text.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => json(text),
        Some(_) if serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok() => {
            Err(Error::unprocessable("the body is not an object"))
        }
        _ => Err(Error::malformed("the body is not JSON")),
    }
}

fn json<T: DeserializeOwned>(text: &[u8]) -> Result<T> {
    let mut json = serde_json::Deserializer::from_slice(text);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let around = error.path().to_string();
        unreadable(&around, error.inner())
    })?;
    json.end().map_err(|error| Error::malformed(format!("the body is not JSON: {error}")))?;
    Ok(value)
}

/// What is wrong with a body, about the member that it stands in; `.` is the whole.
pub fn unreadable(around: &str, error: &serde_json::Error) -> Error {
    if error.classify() != serde_json::error::Category::Data {
        return Error::malformed(format!("the body is not JSON: {error}"));
    }
    let why = plain(error);
    let missing = why.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
    match missing {
        Some(member) if around == "." => Error::invalid(member, "is required"),
        Some(member) => Error::invalid(format!("{around}.{member}"), "is required"),
        None if around == "." => Error::unprocessable(format!("the body does not fit: {why}")),
        None => Error::invalid(around, why),
    }
}

/// serde_json's message without its position in the text, which tells a caller nothing about the member.
pub fn plain(error: &serde_json::Error) -> String {
    let message = error.to_string();
    message.split(" at line ").next().unwrap_or(&message).to_owned()
}
