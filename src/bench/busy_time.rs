//! Wall time and busy time of a future.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Wall time and busy time of a future.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// From start to end, seconds.
    pub wall: f64,
    /// Within polls, when the thread is busy with it, seconds.
    pub busy: f64,
}

/// Awaits `future` and measures it. `clock` returns seconds.
pub async fn measure<F: Future>(future: F, clock: &dyn Fn() -> f64) -> (F::Output, Timing) {
    let busy = Cell::new(0.0);
    let start = clock();
    let output = Polled { future: Box::pin(future), clock, busy: &busy }.await;
    (output, Timing { wall: clock() - start, busy: busy.get() })
}

struct Polled<'a, F> {
    future: Pin<Box<F>>,
    clock: &'a dyn Fn() -> f64,
    busy: &'a Cell<f64>,
}

impl<F: Future> Future for Polled<'_, F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let start = (self.clock)();
        let state = self.future.as_mut().poll(context);
        self.busy.set(self.busy.get() + (self.clock)() - start);
        state
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::{Future, poll_fn};
    use std::task::Poll;

    use super::measure;

    #[test]
    fn measure_with_pending_future_excludes_waiting_from_busy_time() {
        let now = Cell::new(0.0);
        let clock = || now.get();
        let mut polls = 0;
        // Computes 1 s, waits 10 s, computes 2 s.
        let future = poll_fn(|context| {
            polls += 1;
            now.set(now.get() + f64::from(polls));
            if polls == 2 {
                return Poll::Ready("done");
            }
            context.waker().wake_by_ref();
            Poll::Pending
        });
        let mut measured = Box::pin(measure(future, &clock));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(measured.as_mut().poll(&mut context).is_pending());
        now.set(now.get() + 10.0);
        let Poll::Ready((output, took)) = measured.as_mut().poll(&mut context) else {
            unreachable!("it was ready at the second poll")
        };
        assert_eq!((output, took.wall, took.busy), ("done", 13.0, 3.0));
    }
}
