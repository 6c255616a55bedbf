//! Fills the words of an alert with values, and prints numbers the way they are read aloud.

use crate::vital::Vital;

/// What stands where a value is not known, as on a monitor.
const UNKNOWN: &str = "--";

/// A number with at most two decimals and no trailing zeros: `140`, `38.6`.
pub(crate) fn number(value: f64) -> String {
    let rounded = (value * 100.0).round() / 100.0;
    // Adding zero turns a negative zero into a plain one.
    format!("{}", rounded + 0.0)
}

/// Fills `{heart_rate}` and the like. A vital that was not measured prints `--`; a name that is no vital is left as it stands.
pub(crate) fn fill(template: &str, value: impl Fn(Vital) -> Option<f64>) -> String {
    let mut message = String::with_capacity(template.len() + 8);
    for piece in pieces(template) {
        match piece {
            Piece::Text(text) => message.push_str(text),
            Piece::Name(name) => match Vital::from_code(name) {
                Some(vital) => message.push_str(&value(vital).map_or_else(|| UNKNOWN.to_owned(), number)),
                None => {
                    message.push('{');
                    message.push_str(name);
                    message.push('}');
                }
            },
        }
    }
    message
}

/// The first name in braces that is not a vital sign.
pub(crate) fn unknown_name(template: &str) -> Option<&str> {
    pieces(template).find_map(|piece| match piece {
        Piece::Name(name) if Vital::from_code(name).is_none() => Some(name),
        _ => None,
    })
}

enum Piece<'a> {
    Text(&'a str),
    Name(&'a str),
}

/// Cuts a template into its texts and its names in braces.
fn pieces(template: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = template;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some(inner) = rest.strip_prefix('{')
            && let Some((name, after)) = inner.split_once('}')
        {
            rest = after;
            return Some(Piece::Name(name));
        }
        // The first character is taken along even when it is a brace, so that an unclosed one cannot loop for ever.
        let end = rest.char_indices().skip(1).find(|(_, letter)| *letter == '{').map_or(rest.len(), |(at, _)| at);
        let (text, after) = rest.split_at(end);
        rest = after;
        Some(Piece::Text(text))
    })
}
