//! Virtual time: waiting costs nothing, and every run goes through the same events.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

/// A clock that advances when nothing else can happen.
#[derive(Clone, Default)]
pub struct VirtualTime {
    state: Rc<State>,
}

#[derive(Default)]
struct State {
    now: Cell<Duration>,
    timers: RefCell<BTreeMap<(Duration, u64), Waker>>,
    timers_made: Cell<u64>,
}

impl VirtualTime {
    pub fn now(&self) -> Duration {
        self.state.now.get()
    }

    pub fn sleep(&self, time: Duration) -> Sleep {
        let id = self.state.timers_made.get();
        self.state.timers_made.set(id + 1);
        Sleep { time: self.clone(), key: (self.now() + time, id) }
    }

    /// Runs a future to its end.
    pub fn run<R>(&self, future: impl Future<Output = R>) -> R {
        self.run_steps(usize::MAX, future).expect("more steps than there are numbers")
    }

    /// Runs a future and drops it after `steps` events; `None` if that is before its end.
    pub fn run_steps<R>(&self, steps: usize, future: impl Future<Output = R>) -> Option<R> {
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        let waker = Waker::from(Arc::clone(&woken));
        let mut future = pin!(future);
        for _ in 0..steps {
            if woken.0.swap(false, Ordering::Relaxed) {
                if let Poll::Ready(result) = future.as_mut().poll(&mut Context::from_waker(&waker))
                {
                    return Some(result);
                }
                continue;
            }
            let next = self.state.timers.borrow_mut().pop_first();
            let ((deadline, _), waker) = next.expect("it waits for something that never happens");
            self.state.now.set(deadline);
            waker.wake();
        }
        None
    }
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A wait; dropped, it is cancelled.
pub struct Sleep {
    time: VirtualTime,
    key: (Duration, u64),
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.time.now() >= self.key.0 {
            return Poll::Ready(());
        }
        self.time.state.timers.borrow_mut().insert(self.key, context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.time.state.timers.borrow_mut().remove(&self.key);
    }
}
