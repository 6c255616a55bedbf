//! Bodies of what phones and bands send: large, and packed when the sender packs them.
use std::io::Read as _;

use axum::extract::{FromRequest, Request};
use axum::http::header;
use flate2::read::MultiGzDecoder;
use kernel::{App, Error, Result};

/// Bytes of a body at most, as it is sent and as it is unpacked.
pub const LARGEST: usize = 16 * 1024 * 1024;
/// A body up to this many bytes is unpacked and read where it arrives; a larger one on a thread that may take long.
const SMALL: usize = 64 * 1024;

/// The JSON of a sync, unpacked: 413 when it is larger than [`LARGEST`], 400 when it ends early. Give the route
/// [`limit`] as a layer.
pub struct Packed(Vec<u8>);

impl Packed {
    /// Reads the body, without holding up other requests when it is large.
    pub async fn read<T: Send + 'static>(self, read: impl FnOnce(&[u8]) -> Result<T> + Send + 'static) -> Result<T> {
        match self.0.len() <= SMALL {
            true => read(&self.0),
            false => tokio::task::spawn_blocking(move || read(&self.0)).await.map_err(Error::internal)?,
        }
    }
}

/// Lets a route take bodies of [`LARGEST`] bytes.
pub fn limit() -> axum::extract::DefaultBodyLimit {
    axum::extract::DefaultBodyLimit::max(LARGEST)
}

impl FromRequest<App> for Packed {
    type Rejection = Error;
    async fn from_request(request: Request, _: &App) -> Result<Self> {
        let kind =
            request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json")) {
            return Err(Error::unsupported_media_type("send the body as application/json"));
        }
        Self::whatever(request).await
    }
}

impl Packed {
    /// The body, whatever it is said to be.
    pub async fn whatever(request: Request) -> Result<Self> {
        let packing = request.headers().get(header::CONTENT_ENCODING);
        let packing = packing.map(|value| value.to_str().unwrap_or("?").trim().to_lowercase());
        let sent = kernel::body(request).await?;
        match packing.as_deref() {
            None | Some("" | "identity") => Ok(Self(sent.into())),
            Some("gzip" | "x-gzip") => {
                let unpacking = tokio::task::spawn_blocking(move || unpacked(&sent, LARGEST));
                unpacking.await.map_err(Error::internal)?.map(Self)
            }
            Some(_) => Err(Error::unsupported_media_type("pack the body with gzip, or send it as it is")),
        }
    }
}

fn unpacked(packed: &[u8], largest: usize) -> Result<Vec<u8>> {
    let mut plain = Vec::new();
    // One byte past the bound tells that there is more, and no more is ever unpacked.
    let mut bounded = MultiGzDecoder::new(packed).take(largest as u64 + 1);
    bounded.read_to_end(&mut plain).map_err(|_| Error::malformed("the body ended early, or is not gzip"))?;
    match plain.len() > largest {
        true => Err(Error::too_large("the unpacked body is larger than this server accepts")),
        false => Ok(plain),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn packed(plain: &[u8]) -> Vec<u8> {
        let mut packing = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packing.write_all(plain).unwrap();
        packing.finish().unwrap()
    }

    #[test]
    fn a_bomb_is_refused_and_a_body_cut_off_is_not_half_a_body() {
        let zeros = [b'0'; 10_001];
        assert_eq!(unpacked(&packed(&zeros), 10_000).unwrap_err().status(), 413);
        assert_eq!(unpacked(&packed(&zeros[1..]), 10_000).unwrap().len(), 10_000);
        let whole = packed(b"{\"data_points\": []}");
        assert_eq!(unpacked(&whole[..whole.len() - 4], 10_000).unwrap_err().status(), 400);
    }
}
