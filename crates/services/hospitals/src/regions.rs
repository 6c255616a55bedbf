//! The geographic organisation: what there is in each region.
use std::collections::BTreeMap;

use kernel::Result;
use serde::Serialize;
use store::Sql;
use utoipa::ToSchema;

use crate::queries::institutions;

/// The active institutions of a region.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Region {
    /// Absent for the institutions that name none, which come last.
    pub region: Option<String>,
    pub institutions: i64,
    /// How many there are of each type; types of which there are none are left out.
    pub by_type: BTreeMap<String, i64>,
    pub total_beds: i64,
    pub available_beds: i64,
}

/// Every region, in the order of the names. They are few, so there are no pages.
pub async fn list(sql: &mut impl Sql) -> Result<Vec<Region>> {
    // Whether a key is absent is compared first.
    let mut regions: BTreeMap<(bool, Option<String>), Region> = BTreeMap::new();
    for count in institutions::by_region(sql).await? {
        let region = regions.entry((count.region_key.is_none(), count.region_key)).or_default();
        // Of several spellings, one that does not depend on the order of the rows.
        region.region = region.region.take().into_iter().chain(count.region).min();
        region.institutions += count.institutions;
        region.total_beds += count.total_beds;
        region.available_beds += count.available_beds;
        region.by_type.insert(count.institution_type.to_string(), count.institutions);
    }
    Ok(regions.into_values().collect())
}
