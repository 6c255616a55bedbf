//! What a record says as numbers: one table for every kind, for the unit objects of the one app and the plain numbers of
//! the other.
mod quantity;
mod read;
mod table;

pub use read::read;

/// Whether records of this kind say numbers.
pub fn measures(kind: &str) -> bool {
    table::shape(kind).is_some()
}

#[cfg(test)]
mod tests;
