//! Statements on institutions of every type: the list, and what there is by region.
use kernel::{Listed, PageQuery, Result};
use store::{Sql, Where, args, from_row, sql};

use super::search;
use crate::asked::HospitalFilter;
use crate::institution_in::InstitutionFilter;
use crate::text::{finds_nobody, key};
use crate::{Hospital, InstitutionStatus, InstitutionType};

/// Starts from the index of names, which has the rows of a key in the order of the list. `CROSS` keeps SQLite from starting
/// elsewhere.
macro_rules! found {
    ($what:literal) => {
        concat!("SELECT ", $what, " FROM hospital_search s CROSS JOIN hospitals h")
    };
}

/// The institutions that fit, in the order they were registered.
pub async fn list(sql: &mut impl Sql, filter: &InstitutionFilter, page: &PageQuery) -> Result<Listed<Hospital>> {
    if [&filter.search, &filter.sounds_like].into_iter().any(|text| finds_nobody(text.as_deref())) {
        let none = Listed::new(Vec::new(), page, |hospital: &Hospital| hospital.id.0);
        return Ok(none.with_total(page.wants_total().then_some(0)));
    }
    let entries = page_of(sql, filter, None, page).await?;
    let total = match page.wants_total() {
        true => count(sql, filter, keys(filter)).await?,
        false => None,
    };
    Ok(Listed::new(entries, page, |hospital: &Hospital| hospital.id.0).with_total(total))
}

/// The active hospitals that fit, in the order they were registered.
pub async fn hospitals(sql: &mut impl Sql, filter: &HospitalFilter, page: &PageQuery) -> Result<Listed<Hospital>> {
    let HospitalFilter { search, city, specialization, has_beds } = filter;
    let filter = InstitutionFilter {
        institution_type: Some(InstitutionType::Hospital),
        search: search.clone(),
        city: city.clone(),
        specialization: specialization.clone(),
        ..InstitutionFilter::default()
    };
    let entries = match finds_nobody(search.as_deref()) {
        true => Vec::new(),
        false => page_of(sql, &filter, *has_beds, page).await?,
    };
    Ok(Listed::new(entries, page, |hospital: &Hospital| hospital.id.0))
}

/// A page of those that fit, and that have a bed to take or have none when that is asked.
async fn page_of(
    sql: &mut impl Sql,
    filter: &InstitutionFilter,
    has_beds: Option<bool>,
    page: &PageQuery,
) -> Result<Vec<Hospital>> {
    // The list goes on from an id even where it begins, so that the engines walk an index in its order.
    let (keys, after) = (keys(filter), page.after()?.unwrap_or_default());
    let free = "(h.occupied_beds + h.unavailable_beds < h.total_beds) = ?";
    let found = match keys.is_empty() {
        true => fitting("SELECT h.* FROM hospitals h", filter, keys)
            .and(free, has_beds)
            .and("h.id > ?", Some(after))
            .tail("ORDER BY h.id LIMIT ? OFFSET ?", args![page.rows(), page.skip()]),
        false => fitting(found!("h.*"), filter, keys)
            .and(free, has_beds)
            .and("s.hospital_id > ?", Some(after))
            .tail("ORDER BY s.hospital_id LIMIT ? OFFSET ?", args![page.rows(), page.skip()]),
    };
    Ok(sql.find(found).await?)
}

async fn count(sql: &mut impl Sql, filter: &InstitutionFilter, keys: Vec<Vec<u8>>) -> Result<Option<i64>> {
    let counted = match keys.is_empty() {
        true => "SELECT count(*) AS value FROM hospitals h",
        false => found!("count(*) AS value"),
    };
    Ok(sql.find(fitting(counted, filter, keys)).await?.pop())
}

/// What the name is to be found by, the key that the fewest have first: long words say more than short ones.
fn keys(filter: &InstitutionFilter) -> Vec<Vec<u8>> {
    let words = |text: &Option<String>| text.as_deref().map(kernel::words).unwrap_or_default();
    let mut keys: Vec<Vec<u8>> = words(&filter.search).iter().map(|word| search::beginning(word)).collect();
    keys.extend(words(&filter.sounds_like).iter().map(|word| search::sound(word)));
    keys.sort_by_key(|key| std::cmp::Reverse(key.len()));
    keys
}

fn fitting(all: &'static str, filter: &InstitutionFilter, keys: Vec<Vec<u8>>) -> Where {
    let asked = |word: &Option<String>| word.as_deref().map(key).filter(|word| !word.is_empty());
    let mut keys = keys.into_iter();
    let found = Where::new(all).and("h.id = s.hospital_id AND s.key = ?", keys.next());
    let found = keys.fold(found, |found, key| {
        let other = "EXISTS (SELECT 1 FROM hospital_search o WHERE o.key = ? AND o.hospital_id = h.id)";
        found.all(other, args![key])
    });
    let found = match filter.status {
        Some(InstitutionStatus::Inactive) => found.all("NOT h.is_active", []),
        Some(InstitutionStatus::Active) | None => found.all("h.is_active", []),
    };
    found
        .and("h.institution_type = ?", filter.institution_type)
        .and("h.region_key = ?", asked(&filter.region))
        .and("h.city_key = ?", asked(&filter.city))
        .and("h.verification_status = ?", filter.verification_status)
        .and(
            "h.id IN (SELECT hospital_id FROM hospital_specializations WHERE specialization_key = ?)",
            asked(&filter.specialization),
        )
}

/// The active institutions of one type in one region.
pub struct Count {
    pub region_key: Option<String>,
    pub region: Option<String>,
    pub institution_type: InstitutionType,
    pub institutions: i64,
    pub total_beds: i64,
    pub available_beds: i64,
}
from_row!(Count { region_key, region, institution_type, institutions, total_beds, available_beds });

sql!(
    INSTITUTIONS_BY_REGION = "SELECT region_key, MIN(region) AS region, institution_type, COUNT(*) AS institutions,
        CAST(SUM(total_beds) AS bigint) AS total_beds,
        CAST(SUM(total_beds - occupied_beds - unavailable_beds) AS bigint) AS available_beds
    FROM hospitals
    WHERE is_active
    GROUP BY region_key, institution_type"
);

/// What there is, by region and type.
pub async fn by_region(sql: &mut impl Sql) -> Result<Vec<Count>> {
    Ok(sql.all(&INSTITUTIONS_BY_REGION, args![]).await?)
}
