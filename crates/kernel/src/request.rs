//! What is known of the request being answered, for errors, links and logs.
use std::sync::Arc;

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
}

/// Answers `work` with `request` known to everything inside it.
pub async fn scope<F: Future>(request: Request, work: F) -> F::Output {
    CURRENT.scope(Arc::new(request), work).await
}

/// As [`scope`], for work that is not async: background work answering for a request that waits.
pub fn within<T>(request: &Arc<Request>, work: impl FnOnce() -> T) -> T {
    CURRENT.sync_scope(request.clone(), work)
}

/// The current request; empty outside one, as in background work.
pub fn current() -> Arc<Request> {
    CURRENT.try_with(Arc::clone).unwrap_or_default()
}
