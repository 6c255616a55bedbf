//! Bodies of what phones and bands send: large, and packed when the sender packs them.
use std::io::Read as _;
use std::sync::Arc;

use access::Caller;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use flate2::read::MultiGzDecoder;
use kernel::{App, Arriving, Error, Result};

use crate::bounds;
use crate::large::{LARGE, Large, Place};

/// Bytes of a body at most, as it is sent and as it is unpacked.
pub const LARGEST: usize = 16 * 1024 * 1024;
/// A body up to this many bytes is unpacked and read where it arrives; a larger one on a thread that may take long.
const SMALL: usize = 64 * 1024;

/// The JSON of a sync, unpacked: 413 when it is larger than [`LARGEST`], 400 when it ends early. Give the route
/// [`limit`] as a layer. A large one has a place as long as it lives: keep it until what it holds is stored.
pub struct Packed {
    text: Arc<Vec<u8>>,
    _place: Option<Place>,
}

impl Packed {
    /// Reads the body, without holding up other requests when it is large.
    pub async fn read<T: Send + 'static>(&self, read: impl FnOnce(&[u8]) -> Result<T> + Send + 'static) -> Result<T> {
        match self.text.len() <= SMALL {
            true => read(&self.text),
            false => {
                let text = self.text.clone();
                tokio::task::spawn_blocking(move || read(&text)).await.map_err(Error::internal)?
            }
        }
    }

    /// As [`read`](Self::read), of a body whose list `member` has so many entries at most; else 413.
    pub async fn read_at_most<T: Send + 'static>(
        &self,
        (member, most): (&'static str, usize),
        read: impl FnOnce(&[u8]) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.read(move |text| {
            bounds::at_most(text, member, most)?;
            read(text)
        })
        .await
    }
}

/// Lets a route take bodies of [`LARGEST`] bytes.
pub fn limit() -> axum::extract::DefaultBodyLimit {
    axum::extract::DefaultBodyLimit::max(LARGEST)
}

impl FromRequest<App> for Packed {
    type Rejection = Error;
    async fn from_request(request: Request, app: &App) -> Result<Self> {
        let kind =
            request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json")) {
            return Err(Error::unsupported_media_type("send the body as application/json"));
        }
        Self::whatever(request, app).await
    }
}

impl Packed {
    /// The body, whatever it is said to be.
    pub async fn whatever(request: Request, app: &App) -> Result<Self> {
        let packing = request.headers().get(header::CONTENT_ENCODING);
        let packing = packing.map(|value| value.to_str().unwrap_or("?").trim().to_lowercase());
        // Strangers may not send so much; should they, they share one account's places.
        let account = request.extensions().get::<Caller>().map(|caller| caller.actor).unwrap_or_default();
        let place = || app.edge::<Large>().place(account);
        let (mut arriving, mut sent, mut taken) = (Arriving::of(request)?, Vec::new(), None);
        while let Some(part) = arriving.next().await? {
            if taken.is_none() && sent.len() + part.len() > LARGE {
                taken = Some(place().await?);
            }
            sent.extend_from_slice(&part);
        }
        match packing.as_deref() {
            None | Some("" | "identity") => Ok(Self { text: Arc::new(sent), _place: taken }),
            Some("gzip" | "x-gzip") => {
                let sent = Arc::new(sent);
                let unpack = |most: usize| {
                    let sent = sent.clone();
                    tokio::task::spawn_blocking(move || unpacked(&sent, most))
                };
                let small = if taken.is_none() { unpack(LARGE).await.map_err(Error::internal)?? } else { None };
                if let Some(text) = small {
                    return Ok(Self { text: Arc::new(text), _place: None });
                }
                let taken = match taken {
                    Some(taken) => taken,
                    None => place().await?,
                };
                let text = unpack(LARGEST).await.map_err(Error::internal)??;
                let too_large = || Error::too_large("the unpacked body is larger than this server accepts");
                Ok(Self { text: Arc::new(text.ok_or_else(too_large)?), _place: Some(taken) })
            }
            Some(_) => Err(Error::unsupported_media_type("pack the body with gzip, or send it as it is")),
        }
    }
}

/// What was packed; none when it is larger than that.
fn unpacked(packed: &[u8], largest: usize) -> Result<Option<Vec<u8>>> {
    let mut plain = Vec::new();
    // One byte past the bound tells that there is more, and no more is ever unpacked.
    let mut bounded = MultiGzDecoder::new(packed).take(largest as u64 + 1);
    bounded.read_to_end(&mut plain).map_err(|_| Error::malformed("the body ended early, or is not gzip"))?;
    Ok(Some(plain).filter(|plain| plain.len() <= largest))
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
        assert!(unpacked(&packed(&zeros), 10_000).unwrap().is_none());
        assert_eq!(unpacked(&packed(&zeros[1..]), 10_000).unwrap().map(|plain| plain.len()), Some(10_000));
        let whole = packed(b"{\"data_points\": []}");
        assert_eq!(unpacked(&whole[..whole.len() - 4], 10_000).unwrap_err().status(), 400);
    }
}
