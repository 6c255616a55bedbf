//! The program: settings, edges, services and the HTTP surface, put together.
//!
//! Everything is mounted here and nowhere else. Start reading at [`open`], then [`http::router`].
pub mod cli;
mod demo;
mod edges;
pub mod http;
mod migrations;
mod private;
mod reference;
mod secret;
pub mod settings;

pub use edges::{Opened, open, services};
pub use migrations::SERIES;
pub use secret::Secret;
pub use settings::Settings;
