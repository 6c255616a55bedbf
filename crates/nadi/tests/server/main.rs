//! How the server bears slow clients, failing handlers and wrong places.
mod command_line;
mod connections;
mod import;
mod keys;
