//! emergency
