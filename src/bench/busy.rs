//! Time that a future computes, without the time that it waits.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// What a future took.
#[derive(Debug, Clone, Copy)]
pub struct Took {
    /// From beginning to end, seconds.
    pub wall: f64,
    /// Within its polls, seconds: the thread was busy with it.
    pub busy: f64,
}

/// Waits for `future` and measures it. `clock` gives seconds.
pub async fn measure<F: Future>(future: F, clock: &dyn Fn() -> f64) -> (F::Output, Took) {
    let busy = Cell::new(0.0);
    let start = clock();
    let output = Busy { future: Box::pin(future), clock, busy: &busy }.await;
    (output, Took { wall: clock() - start, busy: busy.get() })
}

struct Busy<'a, F> {
    future: Pin<Box<F>>,
    clock: &'a dyn Fn() -> f64,
    busy: &'a Cell<f64>,
}

impl<F: Future> Future for Busy<'_, F> {
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
    fn waiting_is_not_busy() {
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
