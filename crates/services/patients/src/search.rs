//! Searching patients: what each is found by, kept in an index of its own, and the walks that find them again.
mod index;
mod key;
mod query;
mod walk;

pub use index::{index, index_old, keys_of, keys_of_each, points_of, reindex, work};
pub use key::Key;
pub use query::Search;
pub use walk::{count, find};
