//! Signals over a real database, on both engines.
mod body;
mod buckets;
mod model;
mod storing;
