//! hospitals
