//! What a statement answers: the statement is sent at once, the answer awaited when it is needed.
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use futures::future::BoxFuture;

use crate::Result;

/// The answer to a statement that was sent already. Statements sent before the first answer is awaited cost PostgreSQL one
/// round trip together; SQLite has answered by then.
///
/// Two statements that are on their way at the same time may be run in either order the first time a connection meets one
/// of them: only those that do not depend on each other belong there.
#[must_use = "a statement's failure is told by its answer"]
pub struct Answer<T>(State<T>);

enum State<T> {
    Known(Option<Result<T>>),
    Sent(BoxFuture<'static, Result<T>>),
}

impl<T> Answer<T> {
    pub(crate) fn known(answer: Result<T>) -> Self {
        Self(State::Known(Some(answer)))
    }

    /// Starts the work now: what it sends before it has to wait is sent.
    pub(crate) fn send(work: impl Future<Output = Result<T>> + Send + 'static) -> Self {
        let mut work: BoxFuture<'static, Result<T>> = Box::pin(work);
        match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => Self::known(answer),
            Poll::Pending => Self(State::Sent(work)),
        }
    }

    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U + Send + 'static) -> Answer<U>
    where
        T: Send + 'static,
    {
        match self.0 {
            State::Known(answer) => Answer(State::Known(answer.map(|answer| answer.map(change)))),
            State::Sent(work) => Answer(State::Sent(Box::pin(async move { work.await.map(change) }))),
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
            State::Sent(work) => work.as_mut().poll(context),
        }
    }
}
