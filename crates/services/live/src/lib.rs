//! The live layer: Socket.IO at `/socket.io/` and plain WebSockets at `/ws`, with the same topics on both.
//!
//! Owns no table and emits nothing: it tells what `ward` has made true, alerts from the event log and ticks from the hub of
//! this process. Never shows anything without a grant, and asks again before each thing it says. Start reading at
//! [`connection`], then [`subscription`].
mod alerts;
mod connection;
mod model;
mod outlet;
mod routes;
mod socket_io;
mod subscription;
mod web_socket;

use kernel::{Builder, Service};

pub const SERVICE: Service = Service {
    name: "live",
    routes: routes::routes,
    open: |builder: Builder| {
        builder.with(alerts::Told::default()).with(connection::Attempts::default()).with(socket_io::Sockets::open())
    },
    work: |app| vec![Box::pin(alerts::dispatch(app.clone()))],
};
