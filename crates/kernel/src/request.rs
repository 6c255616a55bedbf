//! What is known of the request being answered, for errors, links and logs.
use std::sync::{Arc, OnceLock};

use crate::Left;

tokio::task_local! {
    static CURRENT: Arc<Request>;
}

/// The request being answered.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Sent by the caller as `X-Request-Id`, or made here.
    pub id: String,
    /// Path and query as asked.
    pub path: String,
    pub query: String,
    /// The caller's address.
    pub from: String,
    /// What is left of the limit that the request was counted under, once it was counted.
    pub left: Arc<OnceLock<Left>>,
}

/// Answers `work` with `request` known to everything inside it.
pub async fn scope<F: Future>(request: Request, work: F) -> F::Output {
    CURRENT.scope(Arc::new(request), work).await
}

/// As [`scope`], for work that is not async: background work answering for a request that waits.
pub fn within<T>(request: &Arc<Request>, work: impl FnOnce() -> T) -> T {
    CURRENT.sync_scope(request.clone(), work)
}

/// Remembers what is left of a limit, for the answer's headers. The first limit that a request meets is told.
pub fn counted(left: Left) {
    let _ = CURRENT.try_with(|request| request.left.set(left));
}

/// The current request; empty outside one, as in background work.
pub fn current() -> Arc<Request> {
    CURRENT.try_with(Arc::clone).unwrap_or_default()
}
