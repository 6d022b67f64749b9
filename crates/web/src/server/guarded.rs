//! A stream that gives up on clients that do not read, and that closes without losing the last answer.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

/// How long bytes of a client are still taken, and thrown away, after the last answer.
///
/// A socket that is closed with bytes unread sends a reset, and the reset may overtake the answer (RFC 9112 §9.6): the client
/// of a body that is too large would never learn why. Chosen: two round trips of the worst line.
const LINGER: Duration = Duration::from_secs(2);
const DISCARD_BYTES: usize = 16 * 1024;

/// A stream with a limit on how long written bytes may wait.
pub(super) struct Guarded<S> {
    inner: S,
    stall: Duration,
    timer: Option<Pin<Box<Sleep>>>,
    closing: Closing,
}

enum Closing {
    Not,
    Lingering(Pin<Box<Sleep>>),
    Done,
}

impl<S> Guarded<S> {
    pub(super) const fn new(inner: S, stall: Duration) -> Self {
        Self { inner, stall, timer: None, closing: Closing::Not }
    }

    /// Passes on what the stream said; an error when it has been waiting for too long.
    fn timed<T>(&mut self, ctx: &mut Context<'_>, said: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if said.is_ready() {
            self.timer = None;
            return said;
        }
        let stall = self.stall;
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(stall)));
        match timer.as_mut().poll(ctx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(mut self: Pin<&mut Self>, ctx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(ctx, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(mut self: Pin<&mut Self>, ctx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let said = Pin::new(&mut self.inner).poll_write(ctx, bytes);
        self.timed(ctx, said)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        ctx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let said = Pin::new(&mut self.inner).poll_write_vectored(ctx, slices);
        self.timed(ctx, said)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, ctx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let said = Pin::new(&mut self.inner).poll_flush(ctx);
        self.timed(ctx, said)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, ctx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Closing::Not = self.closing {
            let said = Pin::new(&mut self.inner).poll_shutdown(ctx);
            match self.timed(ctx, said) {
                Poll::Ready(Ok(())) => {
                    self.closing = Closing::Lingering(Box::pin(tokio::time::sleep_until(Instant::now() + LINGER)));
                }
                other => return other,
            }
        }
        let this = &mut *self;
        if let Closing::Lingering(until) = &mut this.closing {
            if until.as_mut().poll(ctx).is_pending() && discard(&mut this.inner, ctx).is_pending() {
                return Poll::Pending;
            }
            this.closing = Closing::Done;
        }
        Poll::Ready(Ok(()))
    }
}

/// Throws away what the client still sends; ready at its end.
fn discard<S: AsyncRead + Unpin>(stream: &mut S, ctx: &mut Context<'_>) -> Poll<()> {
    let mut scratch = [0; DISCARD_BYTES];
    loop {
        let mut buffer = ReadBuf::new(&mut scratch);
        match Pin::new(&mut *stream).poll_read(ctx, &mut buffer) {
            Poll::Ready(Ok(())) if buffer.filled().is_empty() => return Poll::Ready(()),
            Poll::Ready(Ok(())) => {}
            Poll::Ready(Err(_gone)) => return Poll::Ready(()),
            Poll::Pending => return Poll::Pending,
        }
    }
}
