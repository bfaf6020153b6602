//! Bodies that are counted as they pass, in both directions. One that was read to
//! its end gives its connection back.

use super::budget::Budget;
use super::egress::Lease;
use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep};
use wasmtime_wasi_http::{Error, WasiBody};

/// A request's body on its way to the server.
pub(super) struct Outbound {
    pub(super) body: WasiBody,
    pub(super) budget: Arc<Budget>,
}

impl Body for Outbound {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
            && let Err(sum) = self.budget.send(data.len())
        {
            return Poll::Ready(Some(Err(Error::HttpRequestBodySize(Some(sum)))));
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A response's body on its way to the guest.
pub(super) struct Inbound {
    body: Incoming,
    /// Gone when the body has ended.
    lease: Option<Lease>,
    budget: Arc<Budget>,
    /// The longest that the guest waits for more, if it said so.
    patience: Option<(Duration, Pin<Box<Sleep>>)>,
}

impl Inbound {
    pub(super) fn new(
        body: Incoming,
        lease: Lease,
        budget: Arc<Budget>,
        patience: Option<Duration>,
    ) -> Self {
        let patience = patience.map(|time| (time, Box::pin(tokio::time::sleep(time))));
        let mut inbound = Self { body, lease: Some(lease), budget, patience };
        inbound.look_for_the_end();
        inbound
    }

    /// With a length that is said, the end is seen before it is asked for.
    fn look_for_the_end(&mut self) {
        if self.body.is_end_stream()
            && let Some(lease) = self.lease.take()
        {
            lease.give_back();
        }
    }
}

impl Body for Inbound {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = &mut *self;
        let frame = match Pin::new(&mut this.body).poll_frame(context) {
            Poll::Ready(frame) => frame,
            Poll::Pending => {
                if let Some((_, waited)) = &mut this.patience {
                    ready!(waited.as_mut().poll(context));
                    this.lease = None;
                    return Poll::Ready(Some(Err(Error::ConnectionReadTimeout)));
                }
                return Poll::Pending;
            }
        };
        if let Some((time, waited)) = &mut this.patience {
            waited.as_mut().reset(Instant::now() + *time);
        }
        match frame {
            Some(Ok(frame)) => {
                let bytes = frame.data_ref().map_or(0, Bytes::len);
                if let Err(sum) = this.budget.receive(bytes) {
                    this.lease = None;
                    return Poll::Ready(Some(Err(Error::HttpResponseBodySize(Some(sum)))));
                }
                this.look_for_the_end();
                Poll::Ready(Some(Ok(frame)))
            }
            Some(Err(_)) => {
                this.lease = None;
                Poll::Ready(Some(Err(Error::HttpResponseIncomplete)))
            }
            None => {
                if let Some(lease) = this.lease.take() {
                    lease.give_back();
                }
                Poll::Ready(None)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
