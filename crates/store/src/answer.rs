//! What a statement answers: the statement is sent at once, the answer awaited when it is needed.
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use futures::future::BoxFuture;
use tokio::task::JoinHandle;

use crate::{Error, Result};

/// The answer to a statement that was sent already. Statements sent before the first answer is awaited cost PostgreSQL one
/// round trip together; SQLite has answered by then.
///
/// Two statements that are on their way at the same time may be run in either order the first time a connection meets one
/// of them: only those that do not depend on each other belong there.
#[must_use = "a statement's failure is told by its answer"]
pub struct Answer<T>(State<T>);

enum State<T> {
    Known(Option<Result<T>>),
    /// A task of its own takes the answer from the connection, which brings no other before somebody does.
    Sent(JoinHandle<Result<T>>),
}

impl<T: Send + 'static> Answer<T> {
    pub(crate) fn known(answer: Result<T>) -> Self {
        Self(State::Known(Some(answer)))
    }

    /// Starts the work now: what it sends before it has to wait is sent.
    pub(crate) fn send(work: impl Future<Output = Result<T>> + Send + 'static) -> Self {
        let mut work: BoxFuture<'static, Result<T>> = Box::pin(work);
        match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => Self::known(answer),
            Poll::Pending => Self(State::Sent(tokio::spawn(work))),
        }
    }
}

// Nothing in it is pinned but what is boxed.
impl<T> Unpin for Answer<T> {}

impl<T> Future for Answer<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T>> {
        match &mut self.0 {
            State::Known(answer) => match answer.take() {
                Some(answer) => Poll::Ready(answer),
                None => unreachable!("an answer is awaited once"),
            },
            State::Sent(task) => Poll::Ready(match ready!(Pin::new(task).poll(context)) {
                Ok(answer) => answer,
                Err(error) => Err(Error::unavailable(error.to_string())),
            }),
        }
    }
}
