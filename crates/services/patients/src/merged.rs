//! Which records were merged into which, and lists over all records of one person.
use std::cmp::Reverse;
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use futures::future::try_join_all;
use kernel::{Listed, PageQuery, PatientId, Result};
use store::Sql;
use uuid::Uuid;

use crate::model::{Patient, Stored};
use crate::queries::merges;

/// The merges that hold now among some patients: into whom each was merged.
#[derive(Debug, Default)]
pub struct Merges(HashMap<PatientId, PatientId>);

/// The merges around these patients. Few are merged, and nothing is asked for the others.
pub async fn among(sql: &mut impl Sql, patients: &[Stored]) -> Result<Merges> {
    let mut members = Vec::new();
    for patient in patients.iter().filter(|patient| patient.merge_group.is_some()) {
        if !members.contains(&patient.load_key) {
            members.append(&mut access::group(sql, patient.load_key).await?);
        }
    }
    Merges::of(sql, &members).await
}

/// The answer about a patient, with what was merged.
pub async fn answer(sql: &mut impl Sql, stored: Stored, now: DateTime<Utc>) -> Result<Patient> {
    let merges = among(sql, std::slice::from_ref(&stored)).await?;
    Ok(merges.tell(Patient::of(stored, now)))
}

impl Merges {
    /// The merges among the members of groups.
    pub async fn of(sql: &mut impl Sql, members: &[PatientId]) -> Result<Self> {
        if members.is_empty() {
            return Ok(Self::default());
        }
        let current = merges::current_among(sql, members).await?;
        Ok(Self(current.into_iter().map(|merge| (merge.absorbed_id, merge.survivor_id)).collect()))
    }

    /// The record this one was merged into.
    pub fn above(&self, patient: PatientId) -> Option<PatientId> {
        self.0.get(&patient).copied()
    }

    /// The records merged into this one and those merged into them, ordered by id.
    pub fn below(&self, patient: PatientId) -> Vec<PatientId> {
        let is_below = |mut record: PatientId| {
            while let Some(next) = self.above(record) {
                if next == patient {
                    return true;
                }
                record = next;
            }
            false
        };
        let mut below: Vec<PatientId> = self.0.keys().copied().filter(|record| is_below(*record)).collect();
        below.sort_unstable();
        below
    }

    /// Says in an answer what was merged.
    pub fn tell(&self, patient: Patient) -> Patient {
        Patient { merged_into: self.above(patient.id), merged_ids: self.below(patient.id), ..patient }
    }
}

/// The order of a list over several records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    OldestFirst,
    NewestFirst,
}

/// A page of the list over several records of one person; `lists` are those of the single records, each asked under its own
/// grant for the page that [`wide`] says.
pub async fn over<T, F: Future<Output = Result<Listed<T>>>>(
    lists: impl IntoIterator<Item = F>,
    page: &PageQuery,
    order: Order,
    key: impl Fn(&T) -> Uuid,
) -> Result<Listed<T>> {
    let lists = try_join_all(lists).await?;
    Ok(together(lists, page, order, key))
}

/// The page to ask of each of so many records, for [`over`].
pub fn wide(page: &PageQuery, records: usize) -> PageQuery {
    match records {
        0 | 1 => page.clone(),
        // Any one of them may have all entries of the page, those passed over, and the one that tells of a next page.
        _ => PageQuery { skip: None, limit: Some((page.skip() + page.rows()) as u32), ..page.clone() },
    }
}

/// The lists of several records as one.
fn together<T>(mut lists: Vec<Listed<T>>, page: &PageQuery, order: Order, key: impl Fn(&T) -> Uuid) -> Listed<T> {
    if lists.len() == 1
        && let Some(only) = lists.pop()
    {
        return only;
    }
    let mut entries: Vec<T> = lists.into_iter().flat_map(|list| list.entries).collect();
    match order {
        Order::OldestFirst => entries.sort_by_key(&key),
        Order::NewestFirst => entries.sort_by_key(|entry| Reverse(key(entry))),
    }
    let entries = entries.into_iter().skip(page.skip() as usize).collect();
    Listed::new(entries, page, key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u128) -> PatientId {
        PatientId(Uuid::from_u128(number))
    }

    #[test]
    fn what_was_merged_into_what_was_merged_is_below_too() {
        let merges = Merges(HashMap::from([(id(2), id(1)), (id(3), id(2)), (id(5), id(4))]));
        assert_eq!(merges.below(id(1)), [id(2), id(3)]);
        assert_eq!(merges.below(id(2)), [id(3)]);
        assert_eq!((merges.above(id(3)), merges.above(id(1))), (Some(id(2)), None));
        assert!(merges.below(id(3)).is_empty());
    }

    #[test]
    fn two_lists_are_paged_as_one() {
        let (odd, even) = ([1u128, 3, 5, 7], [2u128, 4, 6]);
        let page = |skip, limit| PageQuery { skip: Some(skip), limit: Some(limit), ..PageQuery::default() };
        let shown = |page: PageQuery| {
            let wide = wide(&page, 2);
            let list = |all: &[u128]| {
                Listed::new(all.iter().copied().take(wide.rows() as usize).collect(), &wide, |n| Uuid::from_u128(*n))
            };
            together(vec![list(&odd), list(&even)], &page, Order::OldestFirst, |n| Uuid::from_u128(*n)).entries
        };
        assert_eq!(shown(page(0, 3)), [1, 2, 3]);
        assert_eq!(shown(page(2, 3)), [3, 4, 5]);
        assert_eq!(shown(page(5, 9)), [6, 7]);
    }
}
