//! What one running process carries, and what a service is.
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use store::Db;
use utoipa_axum::router::OpenApiRouter;

use crate::Clock;

/// The running process: the database, the clock, and the edges opened at start (vault, access, fan-out, …), found by type.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    db: Db,
    clock: Clock,
    edges: HashMap<TypeId, Box<dyn Any + Send + Sync>>,
}

/// A background loop of a service.
pub type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A service is a name, its routes and its background work.
#[derive(Clone, Copy)]
pub struct Service {
    pub name: &'static str,
    pub routes: fn() -> OpenApiRouter<App>,
    /// Opens what the service keeps in memory, before the first request.
    pub open: fn(Builder) -> Builder,
    /// Loops that run as long as the process does.
    pub work: fn(&App) -> Vec<Task>,
}

impl Service {
    /// A service with routes alone.
    pub const fn new(name: &'static str, routes: fn() -> OpenApiRouter<App>) -> Self {
        Self { name, routes, open: |builder| builder, work: |_| Vec::new() }
    }
}

impl App {
    pub fn builder(db: Db, clock: Clock) -> Builder {
        Builder(Inner { db, clock, edges: HashMap::new() })
    }

    /// A handle to the database.
    pub fn db(&self) -> Db {
        self.0.db.clone()
    }

    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The edge of this type. The executable opens every edge before the first request, so a missing one is a mistake
    /// in assembling the program and stops it at once.
    pub fn edge<T: Any>(&self) -> &T {
        let found = self.0.edges.get(&TypeId::of::<T>()).and_then(|edge| edge.downcast_ref());
        found.unwrap_or_else(|| panic!("{} was not opened", std::any::type_name::<T>()))
    }
}

/// Collects the edges of an [`App`].
pub struct Builder(Inner);

impl Builder {
    pub fn db(&self) -> &Db {
        &self.0.db
    }

    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    #[must_use]
    pub fn with<T: Any + Send + Sync>(mut self, edge: T) -> Self {
        self.0.edges.insert(TypeId::of::<T>(), Box::new(edge));
        self
    }

    /// An edge opened earlier.
    pub fn edge<T: Any>(&self) -> Option<&T> {
        self.0.edges.get(&TypeId::of::<T>())?.downcast_ref()
    }

    pub fn build(self) -> App {
        App(Arc::new(self.0))
    }
}
