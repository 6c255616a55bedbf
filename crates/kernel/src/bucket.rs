//! Token buckets: how often somebody may do something, counted in this process' memory.
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hash};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use quick_cache::unsync::Cache;

use crate::{Error, Quota};

/// The buckets of many callers; the least used go first when there are too many. Each is one number: when the bucket will
/// be full again, in microseconds. Nobody holds a lock for longer than it takes to change that number.
pub struct Buckets<K> {
    shards: Vec<Mutex<Cache<K, i64>>>,
    hasher: RandomState,
}

/// Locks, so that requests on different cores seldom want the same one.
const SHARDS: usize = 16;

impl<K: Hash + Eq + Clone> Buckets<K> {
    pub fn new(kept: usize) -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::new(Cache::new(kept.div_ceil(SHARDS)))).collect();
        Self { shards, hasher: RandomState::new() }
    }

    /// Takes one token; an error tells in how many seconds there will be one.
    pub fn take(&self, key: &K, quota: Quota, now: DateTime<Utc>) -> Result<(), u64> {
        self.take_of(key, quota, now).map(drop)
    }

    /// As [`take`](Self::take), and says what is left.
    pub fn take_of(&self, key: &K, quota: Quota, now: DateTime<Utc>) -> Result<Left, u64> {
        let now = now.timestamp_micros();
        let mut shard = self.shard(key);
        let next = shard.get(key).copied().unwrap_or_default().max(now) + quota.refill();
        match u64::try_from(next - now - quota.window()) {
            Ok(wait) if wait > 0 => Err(wait.div_ceil(1_000_000)),
            _ => {
                shard.insert(key.clone(), next);
                let (used, left) = (next - now, quota.window() - (next - now));
                Ok(Left {
                    quota,
                    // A quota may be so large that a token is there again in less than a microsecond.
                    tries: (left / quota.refill().max(1)) as u32,
                    full_in: (used as u64).div_ceil(1_000_000) as u32,
                })
            }
        }
    }

    /// Gives a token back that turns out not to count.
    pub fn give_back(&self, key: &K, quota: Quota) {
        if let Some(mut full_at) = self.shard(key).get_mut(key) {
            *full_at -= quota.refill();
        }
    }

    fn shard(&self, key: &K) -> MutexGuard<'_, Cache<K, i64>> {
        let at = self.hasher.hash_one(key) % SHARDS as u64;
        self.shards[at as usize].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a caller may still do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    pub quota: Quota,
    /// How often, at once.
    pub tries: u32,
    /// Seconds until it is the whole quota again.
    pub full_in: u32,
}

impl Quota {
    fn window(self) -> i64 {
        i64::from(self.seconds) * 1_000_000
    }

    /// What one token takes to come back.
    fn refill(self) -> i64 {
        self.window() / i64::from(self.tries.max(1))
    }

    /// 429 for somebody whose bucket is empty for this many seconds.
    #[track_caller]
    pub fn refused(self, why: &'static str, seconds: u64) -> Error {
        Error::too_many(why).retry_after(seconds).under(self)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    const THREE: Quota = Quota { name: "three", tries: 3, seconds: 60 };

    #[test]
    fn as_many_as_the_quota_at_once_and_then_as_they_come_back() {
        let (buckets, now) = (Buckets::new(100), DateTime::from_timestamp(1_700_000_000, 0).unwrap());
        for (tries, full_in) in [(2, 20), (1, 40), (0, 60)] {
            assert_eq!(buckets.take_of(&"asha", THREE, now), Ok(Left { quota: THREE, tries, full_in }));
        }
        assert_eq!(buckets.take(&"asha", THREE, now), Err(20));
        assert!(buckets.take(&"meera", THREE, now).is_ok());
        assert!(buckets.take(&"asha", THREE, now + TimeDelta::seconds(19)).is_err());
        assert!(buckets.take(&"asha", THREE, now + TimeDelta::seconds(20)).is_ok());
        buckets.give_back(&"asha", THREE);
        assert!(buckets.take(&"asha", THREE, now + TimeDelta::seconds(20)).is_ok());
    }

    #[test]
    fn a_quota_that_nobody_uses_up_is_counted_too() {
        let (buckets, now) = (Buckets::new(100), DateTime::from_timestamp(1_700_000_000, 0).unwrap());
        let endless = Quota { name: "endless", tries: u32::MAX, seconds: 60 };
        assert!(buckets.take_of(&"asha", endless, now).is_ok());
    }

    #[test]
    fn many_threads_get_no_more_than_the_quota() {
        let (buckets, now) = (Buckets::new(100), DateTime::from_timestamp(1_700_000_000, 0).unwrap());
        let quota = Quota { name: "hundred", tries: 100, seconds: 60 };
        let taken: usize = std::thread::scope(|scope| {
            let each = || (0..50).filter(|_| buckets.take(&"asha", quota, now).is_ok()).count();
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(each)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(taken, 100);
    }
}
