//! How the server bears slow clients, failing handlers and wrong places.
mod apple;
mod command_line;
mod connections;
mod import;
mod keys;
