//! Tests of the whole program: a real server over a real database, and people who use it over HTTP.
//!
//! Start reading at [`both`]: it runs a test on SQLite and on PostgreSQL.
mod app;
mod client;
mod clients;
mod personas;
mod postgres;

pub use app::{Engine, TestApp, both, both_with, on, on_with};
pub use client::{Answer, Client};
pub use clients::clients;
pub use nadi::Settings;
pub use personas::{Ward, vitals};
