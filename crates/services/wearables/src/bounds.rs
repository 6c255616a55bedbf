//! How much one request may hold: its list is counted before anything is made of it.
use kernel::{Error, Result};

/// Data points, or samples of Apple Health, in one request: phones and bands send hundreds at a time.
pub const POINTS: usize = 10_000;
/// Data of document 000 in one request: each is a row of its own, and they are stored all or none.
pub const DATA: usize = 1000;
/// Values in one body: 16 MB of what anything measures have fewer, and each takes up to a hundred bytes in memory.
const VALUES: usize = 1_000_000;
/// Entries of a list that are named when they do not fit; the others are counted.
pub const NAMED: usize = 100;

/// Whether there is nothing to say of a number of errors.
#[allow(clippy::trivially_copy_pass_by_ref)] // serde hands it over so.
pub fn is_none(errors: &usize) -> bool {
    *errors == 0
}

/// How many commas there are: one less than there are values, or more. They are counted at the speed of memory.
pub fn commas(text: &[u8]) -> usize {
    text.iter().filter(|byte| **byte == b',').count()
}

/// Refuses with 413 a body whose list has more entries than that, and one that has more values than anybody measures.
/// `member` names the list in words.
pub fn at_most(body: &[u8], member: &str, most: usize) -> Result<()> {
    let commas = commas(body);
    if commas >= VALUES {
        return Err(Error::too_large(format!("the body has more than {VALUES} values: send them in pieces")));
    }
    match commas >= most && entries(body) > most {
        true => {
            Err(Error::too_large(format!("{member} has more than {most} entries: send them in pieces")).about(member))
        }
        false => Ok(()),
    }
}

/// How many entries the longest list has that is the body itself, or one of its members. What is no JSON has some number,
/// and is refused by whoever reads it.
pub fn entries(body: &[u8]) -> usize {
    let (mut depth, mut list, mut count, mut longest) = (0_usize, None, 0, 0);
    let mut bytes = body.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => skip_text(&mut bytes),
            b'[' | b'{' => {
                depth += 1;
                if *byte == b'[' && depth <= 2 && list.is_none() {
                    (list, count) = (Some(depth), 1);
                }
            }
            b',' if list == Some(depth) => count += 1,
            b']' | b'}' => {
                if list == Some(depth) {
                    (list, longest) = (None, longest.max(count));
                }
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
    }
    longest.max(if list.is_some() { count } else { 0 })
}

/// Goes on after a text's closing quotation mark.
fn skip_text(bytes: &mut std::slice::Iter<'_, u8>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => drop(bytes.next()),
            b'"' => return,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_counted_and_what_is_in_its_entries_is_not() {
        for (body, count) in [
            (r#"{"device_id": "a,b", "data_points": [{"a": 1, "b": [1, 2, 3, 4]}, 0, "x,\",y"], "more": 7}"#, 3),
            ("[1, [2, 3], {\"a\": [4, 5, 6]}]", 3),
            (r#"{"a": [1, 2], "b": [1, 2, 3, 4], "c": [1]}"#, 4),
            (r#"{"a": {"deep": [1, 2, 3]}, "b": 1}"#, 0),
            ("[1, 2, 3", 3),
            ("]]}}[1,2", 2),
            ("7", 0),
        ] {
            assert_eq!(entries(body.as_bytes()), count, "{body}");
        }
    }

    #[test]
    fn one_entry_too_many_is_refused_by_the_name_of_its_list() {
        let body = |n: usize| format!("{{\"data_points\": [{}]}}", vec!["0"; n].join(","));
        assert!(at_most(body(10).as_bytes(), "data_points", 10).is_ok());
        let refused = at_most(body(11).as_bytes(), "data_points", 10).unwrap_err();
        assert_eq!((refused.status().as_u16(), refused.problem().errors[0].member.as_str()), (413, "data_points"));
    }
}
