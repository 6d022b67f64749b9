//! Where requests come in: what can be answered at once, and the routes for the rest.

use std::convert::Infallible;
use std::fmt;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Bytes, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use axum::routing::future::RouteFuture;
use axum::{BoxError, Router};
use futures_util::future::Either;
use tower::Service;

/// A request without its body.
#[derive(Clone, Copy)]
pub(crate) struct Head<'a> {
    pub(crate) method: &'a Method,
    pub(crate) uri: &'a Uri,
    pub(crate) headers: &'a HeaderMap,
}

/// Answers what it can answer at once, and counts it; `None` for all else.
pub(crate) type Quick = Arc<dyn Fn(Head<'_>) -> Option<Response> + Send + Sync>;

/// Takes every request. Cheap to clone.
#[derive(Clone)]
pub struct Entrance {
    quick: Option<Quick>,
    router: Router,
}

/// An answer, there or awaited.
pub(crate) type Answering = Either<Ready<Result<Response, Infallible>>, RouteFuture<Infallible>>;

impl fmt::Debug for Entrance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entrance")
    }
}

impl From<Router> for Entrance {
    fn from(router: Router) -> Self {
        Self { quick: None, router }
    }
}

impl Entrance {
    /// Asks `quick` before `router`.
    pub(crate) fn new(quick: Quick, router: Router) -> Self {
        Self { quick: Some(quick), router }
    }

    /// Answers `request`. What only the routes need to know of it, `prepare` adds.
    pub(crate) fn take<B>(&self, mut request: Request<B>, prepare: impl FnOnce(&mut Request<B>)) -> Answering
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let head = Head { method: request.method(), uri: request.uri(), headers: request.headers() };
        if let Some(response) = self.quick.as_ref().and_then(|quick| quick(head)) {
            return Either::Left(ready(Ok(response)));
        }
        prepare(&mut request);
        Either::Right(self.router.clone().call(request))
    }
}

impl<B> Service<Request<B>> for Entrance
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, _ctx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Answering {
        self.take(request, |_| {})
    }
}
