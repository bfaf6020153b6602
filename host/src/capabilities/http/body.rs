//! Bodies that are counted as they pass, in both directions. One that was read to
//! its end gives its connection back.

use super::budget::Budget;
use super::egress::Lease;
use super::rate::Turn;
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
    body: WasiBody,
    budget: Arc<Budget>,
    turn: Turn,
}

impl Outbound {
    pub(super) fn new(body: WasiBody, budget: Arc<Budget>) -> Self {
        Self { body, budget, turn: Turn::default() }
    }
}

impl Body for Outbound {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = &mut *self;
        if let Some(frame) = ready!(this.turn.poll(context)) {
            return Poll::Ready(Some(Ok(frame)));
        }
        let frame = match ready!(Pin::new(&mut this.body).poll_frame(context)) {
            Some(Ok(frame)) => frame,
            other => return Poll::Ready(other),
        };
        if let Err(sum) = this.budget.send(length(&frame)) {
            return Poll::Ready(Some(Err(Error::HttpRequestBodySize(Some(sum)))));
        }
        this.turn.poll_pass(&this.budget.rate, frame, context).map(|frame| frame.map(Ok))
    }

    fn is_end_stream(&self) -> bool {
        !self.turn.is_taken() && self.body.is_end_stream()
    }

    /// Asked for at the beginning. What waits is no part of the rest.
    fn size_hint(&self) -> SizeHint {
        if self.turn.is_taken() { SizeHint::default() } else { self.body.size_hint() }
    }
}

fn length(frame: &Frame<Bytes>) -> usize {
    frame.data_ref().map_or(0, Bytes::len)
}

/// A response's body on its way to the guest.
pub(super) struct Inbound<F> {
    body: Incoming,
    /// Gone when the body has ended.
    lease: Option<Lease>,
    budget: Arc<Budget>,
    /// The longest that the guest waits for more, if it said so.
    patience: Option<(Duration, Pin<Box<Sleep>>)>,
    turn: Turn,
    /// Says that it is more than an activation receives, once.
    over: Option<F>,
}

impl<F: FnOnce(u64)> Inbound<F> {
    pub(super) fn new(
        body: Incoming,
        lease: Lease,
        budget: Arc<Budget>,
        patience: Option<Duration>,
        over: F,
    ) -> Self {
        let patience = patience.map(|time| (time, Box::pin(tokio::time::sleep(time))));
        let lease = Some(lease);
        let (turn, over) = (Turn::default(), Some(over));
        let mut inbound = Self { body, lease, budget, patience, turn, over };
        inbound.look_for_the_end();
        inbound
    }

    /// What the host itself makes the guest wait is not the server's.
    fn wait_anew(&mut self) {
        if let Some((time, waited)) = &mut self.patience {
            waited.as_mut().reset(Instant::now() + *time);
        }
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

impl<F: FnOnce(u64) + Unpin> Body for Inbound<F> {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = &mut *self;
        if let Some(frame) = ready!(this.turn.poll(context)) {
            this.wait_anew();
            return Poll::Ready(Some(Ok(frame)));
        }
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
        this.wait_anew();
        match frame {
            Some(Ok(frame)) => {
                if let Err(sum) = this.budget.receive(length(&frame)) {
                    this.lease = None;
                    if let Some(over) = this.over.take() {
                        over(this.budget.bounds.received);
                    }
                    return Poll::Ready(Some(Err(Error::HttpResponseBodySize(Some(sum)))));
                }
                this.look_for_the_end();
                this.turn.poll_pass(&this.budget.rate, frame, context).map(|frame| frame.map(Ok))
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
        !self.turn.is_taken() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        if self.turn.is_taken() { SizeHint::default() } else { self.body.size_hint() }
    }
}
