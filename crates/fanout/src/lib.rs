//! Live push to connected clients of this process: topics that many follow and one tells.
//!
//! A hub loses nothing silently: a follower that falls behind is told how much it missed and reads the event log
//! instead. Start reading at [`Hub`].
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::broadcast;
pub use tokio::sync::broadcast::error::RecvError;

/// Topics `K` with messages `M`. Cheap to clone.
pub struct Hub<K, M>(Arc<Mutex<HashMap<K, broadcast::Sender<M>>>>);

impl<K, M> Clone for Hub<K, M> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K, M> Default for Hub<K, M> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

/// Messages a slow follower may be behind before it has to catch up from the log.
const BACKLOG: usize = 256;

impl<K: Eq + Hash + Clone, M: Clone> Hub<K, M> {
    /// Follows a topic from now on.
    pub fn follow(&self, topic: K) -> broadcast::Receiver<M> {
        let mut topics = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Topics nobody follows any more are swept when somebody comes.
        topics.retain(|_, sender| sender.receiver_count() > 0);
        topics.entry(topic).or_insert_with(|| broadcast::Sender::new(BACKLOG)).subscribe()
    }

    /// Whether anybody follows the topic now.
    pub fn is_followed(&self, topic: &K) -> bool {
        let topics = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        topics.get(topic).is_some_and(|sender| sender.receiver_count() > 0)
    }

    /// Tells whoever follows the topic; `message` is made only when somebody does.
    pub fn tell(&self, topic: &K, message: impl FnOnce() -> M) {
        let sender = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(topic).cloned();
        if let Some(sender) = sender.filter(|s| s.receiver_count() > 0) {
            // An error means that the last follower has just left.
            let _ = sender.send(message());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn followers_hear_their_topic_and_no_other() {
        let hub: Hub<&str, u8> = Hub::default();
        let mut a = hub.follow("a");
        hub.tell(&"b", || unreachable!("nobody follows b"));
        hub.tell(&"a", || 7);
        assert_eq!(a.recv().await, Ok(7));
    }

    #[tokio::test]
    async fn a_slow_follower_is_told_what_it_missed() {
        let hub: Hub<(), usize> = Hub::default();
        let mut slow = hub.follow(());
        (0..BACKLOG + 3).for_each(|n| hub.tell(&(), || n));
        assert_eq!(slow.recv().await, Err(RecvError::Lagged(3)));
    }
}
