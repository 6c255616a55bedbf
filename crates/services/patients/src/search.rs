//! Searching patients: what each is found by, kept in an index of its own, and the walks that find them again.
mod index;
mod key;
mod query;
mod walk;

pub use index::{index, index_old, is_found_alike, keys_of, keys_of_each, reindex, settle, work};
pub use key::Key;
pub use query::Search;
pub use walk::{count, find};
