//! What a list is searched by: entries of the index, and the ids between which it can lie.
use std::collections::HashSet;

use chrono::TimeDelta;
use kernel::Result;
use store::Db;
use uuid::Uuid;

use super::Key;
use crate::model::PatientFilter;
use crate::queries::search;

/// A filter as the index answers it.
#[derive(Debug, Default)]
pub struct Search {
    /// Every one has to hold; the one that few patients have comes first.
    pub keys: Vec<Key>,
    /// Ids after this one.
    pub after: Option<Uuid>,
    /// Ids before this one.
    pub before: Option<Uuid>,
}

/// How far the clock that makes ids and the clock of registrations may be apart.
const SLACK: TimeDelta = TimeDelta::hours(1);

impl Search {
    /// None when nobody can fit, as when a search has no letter in it.
    pub async fn of(db: &mut Db, filter: &PatientFilter, after: Option<Uuid>) -> Result<Option<Self>> {
        let Some(mut keys) = keys(filter) else { return Ok(None) };
        if keys.len() > 1 {
            keys = rarest_first(db, keys).await?;
        }
        let mut search = Self { keys, after, before: None };
        // Ids are in the order of registration, so a time leads to where to begin and to end.
        if let Some(time) = filter.created_after {
            let Some(first) = search::first_created(db, time).await? else { return Ok(None) };
            search.after = search.after.max(Some(moved(first, -SLACK)));
        }
        if let Some(time) = filter.created_before {
            let Some(last) = search::last_created(db, time).await? else { return Ok(None) };
            search.before = Some(moved(last, SLACK));
        }
        Ok(Some(search))
    }
}

/// The entry that fewest patients have leads: few are looked at then, however many have the others. Those that many have
/// stay in the order that is the best guess.
async fn rarest_first(db: &mut Db, keys: Vec<Key>) -> Result<Vec<Key>> {
    let mut sized = Vec::with_capacity(keys.len());
    for key in keys {
        sized.push((search::size(db, &key).await?, key));
    }
    sized.sort_by_key(|(size, _)| *size);
    Ok(sized.into_iter().map(|(_, key)| key).collect())
}

/// The entries a filter asks for, the one that fewest patients are likely to have first; none when nobody can fit.
fn keys(filter: &PatientFilter) -> Option<Vec<Key>> {
    let mut keys = Vec::new();
    keys.extend(given(&filter.phone).map(|phone| Key::phone(phone).ok_or(())));
    keys.extend(given(&filter.email).map(|email| Key::email(email).ok_or(())));
    keys.extend(filter.date_of_birth.map(|date| Ok(Key::born(date))));
    keys.extend(words(&filter.search, Key::beginning));
    keys.extend(words(&filter.sounds_like, Key::sound));
    keys.extend(given(&filter.city).map(|city| Key::city(city).ok_or(())));
    let (keys, mut seen): (Vec<Key>, _) = (keys.into_iter().collect::<Result<_, ()>>().ok()?, HashSet::new());
    Some(keys.into_iter().filter(|key| seen.insert(key.clone())).collect())
}

fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|text| !text.trim().is_empty())
}

/// The entries of a text's words, the longest word first: fewest names have it.
fn words(text: &Option<String>, key: fn(&str) -> Key) -> Vec<Result<Key, ()>> {
    let Some(text) = given(text) else { return Vec::new() };
    let mut words = kernel::words(text);
    words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    match words.is_empty() {
        true => vec![Err(())],
        false => words.iter().map(|word| Ok(key(word))).collect(),
    }
}

/// The lowest or highest id of a moment before or after the one this id was made at.
fn moved(id: Uuid, by: TimeDelta) -> Uuid {
    const RANDOM_BITS: u32 = 80;
    let made = (id.as_u128() >> RANDOM_BITS) as i64;
    let millis = made.saturating_add(by.num_milliseconds()).max(0) as u128;
    let rest = if by < TimeDelta::zero() { 0 } else { (1 << RANDOM_BITS) - 1 };
    Uuid::from_u128((millis << RANDOM_BITS) | rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(search: &str) -> PatientFilter {
        PatientFilter { search: Some(search.to_owned()), ..PatientFilter::default() }
    }

    #[test]
    fn the_longest_word_leads() {
        assert_eq!(keys(&search("ra Venkat")), Some(vec![Key::beginning("venkat"), Key::beginning("ra")]));
        assert_eq!(keys(&search("  ")), Some(vec![]));
        assert_eq!(keys(&search("%")), None);
    }

    #[test]
    fn an_id_is_moved_in_time() {
        let id = kernel::ids::new();
        assert!(moved(id, -SLACK) < id && id < moved(id, SLACK));
        assert!(moved(Uuid::nil(), -SLACK) == Uuid::nil());
    }
}
