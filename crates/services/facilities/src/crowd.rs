//! How many may register from one address: enough for a family or a camp, too few to try out whose numbers are here.
use access::network;
use chrono::{DateTime, Utc};
use kernel::{Buckets, Quota, Result, request};

/// The edge that counts. The executable gives it.
pub struct Registrations {
    an_hour: u32,
    buckets: Buckets<String>,
}

/// Counts kept at most; each takes some 60 bytes.
const KEPT: usize = 50_000;

impl Registrations {
    /// So many an hour from one address; 0 sets no limit. Counts are this process's own and in memory.
    pub fn new(an_hour: u32) -> Self {
        Self { an_hour, buckets: Buckets::new(KEPT) }
    }

    /// Counts a registration that the current request asks for, before anything is looked up; 429 when there were too many.
    pub(crate) fn count(&self, now: DateTime<Utc>) -> Result<()> {
        let quota = Quota { name: "registrations", tries: self.an_hour, seconds: 3600 };
        if quota.tries == 0 {
            return Ok(());
        }
        let taken = self.buckets.take(&network(&request::current().from), quota, now);
        taken.map_err(|seconds| quota.refused("too many registrations from this address; wait a little", seconds))
    }
}
