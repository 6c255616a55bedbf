//! Providers: services that a patient's band or watch sends to, and that the patient lets us fetch it from.
//!
//! Owns the tables `provider_connections`, `provider_notices` and `provider_journeys`; tokens are sealed with the patient's
//! key. Emits on the topic `providers` the kinds `provider.connected` and `provider.ended`. What it fetches goes through
//! `wearables`, which alone decides whether it may be kept; it stores no measurement itself. The executable gives it
//! [`Providers`]. Start reading at `connect.rs`, then `webhooks/` and `fetch.rs`.
mod client;
mod connect;
mod connections;
mod ending;
mod fetch;
mod fitbit;
mod google;
mod journeys;
mod notices;
mod oauth;
mod portable;
mod provider;
mod routes;
mod schedule;
mod sealed;
mod tell;
mod tokens;
mod trouble;
mod webhooks;

use jobs::{Jobs, Worker};
use kernel::{Builder, Service};

pub use portable::{connections, forget};
pub use provider::{Application, Provider, Providers};
pub use sealed::SEALED;

pub const SERVICE: Service = Service { name: "providers", routes: routes::routes, open, work: schedule::tasks };

/// How often one job is begun at most. What a provider answers is no failure of the job: it has its own patience.
const ATTEMPTS: i64 = 5;

/// Says how fetching and leaving are done.
fn open(builder: Builder) -> Builder {
    if let Some(jobs) = builder.edge::<Jobs>() {
        for provider in <Provider as kernel::Text>::ALL {
            let fetch = Worker { run: |app, run| Box::pin(fetch::run(app, run)), attempts: ATTEMPTS };
            jobs.register_asking(provider.fetching(), fetch);
        }
        jobs.register_asking(
            ending::LEAVING,
            Worker { run: |app, run| Box::pin(ending::leave(app, run)), attempts: ATTEMPTS },
        );
    }
    builder
}
