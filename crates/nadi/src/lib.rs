//! nadi
