//! How readings and newest values are written before they are sealed: a format number, then postcard.
use kernel::{Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The format written today. A reader knows every format ever written.
const FORMAT: u8 = 1;

pub(crate) fn write(value: &impl Serialize) -> Result<Vec<u8>> {
    postcard::to_extend(value, vec![FORMAT]).map_err(Error::internal)
}

pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    match bytes.split_first() {
        Some((&FORMAT, body)) => postcard::from_bytes(body).map_err(Error::internal),
        _ => Err(Error::internal("a stored signal has a format this program does not know")),
    }
}
