//! Document 004's own surface: registering oneself, proving an Aadhaar number, linking facilities, and the figures that
//! patients and hospitals begin their day with.
//!
//! Owns the tables `aadhaar_codes` and `facility_links`. Emits on the topic `facilities` the kinds `facility.linked`,
//! `facility.unlinked` and `aadhaar.verified`. It keeps no Aadhaar numbers (`vault` does), no patients, doctors or
//! hospitals, and never decides who may see a patient. The executable gives it a [`CodeProvider`]
//! and [`Registrations`]. Start reading at
//! `newcomer.rs`, then `proof.rs` and `links.rs`.
mod answer;
mod asked;
mod codes;
mod crowd;
mod dashboard;
mod gateway;
mod links;
mod newcomer;
mod newcomers;
mod portable;
mod proof;
mod provider;
mod queries;
mod routes;
mod sealed;
mod summary;
mod tell;

use kernel::Service;

pub use crowd::Registrations;
pub use gateway::Gateway;
pub use links::Facility;
pub use portable::{facilities, forget};
pub use provider::CodeProvider;
pub use sealed::SEALED;

pub const SERVICE: Service = Service::new("facilities", routes::routes);
