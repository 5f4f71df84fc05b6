//! What the kernels did, for whoever measures. Nothing is counted unless someone does.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};

use cubecl::client::{Client, ProfileWindow};
use cubecl::profile::ProfileDuration;

use super::choices::Product;
use super::wgsl::Variant;

/// What was launched on this thread since [`Tally::begin`].
#[derive(Default)]
pub struct Tally {
    /// By the kernel's name.
    pub kernels: BTreeMap<&'static str, Launches>,
    /// Floating-point operations of the products of matrices, by what decides their tiles.
    pub products: BTreeMap<Product, f64>,
    variants: HashSet<Variant>,
    /// Each launch is timed by itself, which slows all of them down.
    is_timed: bool,
}

/// The launches of one kernel.
#[derive(Default)]
pub struct Launches {
    /// How many.
    pub count: usize,
    /// Floating-point operations.
    pub flop: f64,
    /// Bytes of all its operands.
    pub bytes: f64,
    times: Vec<ProfileDuration>,
}

thread_local! {
    /// Set while someone measures: the one thing here that outlives a call.
    static TALLY: RefCell<Option<Tally>> = const { RefCell::new(None) };
}

impl Tally {
    /// Counts from now on; with `is_timed`, also how long each kernel takes, where a device tells.
    pub fn begin(is_timed: bool) {
        TALLY.replace(Some(Tally { is_timed, ..Tally::default() }));
    }

    /// Counts no more.
    pub fn end() -> Tally {
        TALLY.take().unwrap_or_default()
    }

    /// How many different pipelines were launched.
    pub fn pipelines(&self) -> usize {
        self.variants.len()
    }

    /// The WGSL of each pipeline, sorted.
    pub fn sources(&self) -> Vec<String> {
        let mut sources: Vec<String> = self.variants.iter().map(Variant::source).collect();
        sources.sort_unstable();
        sources
    }

    /// How many pipelines of `other` are not among these.
    pub fn misses(&self, other: &Tally) -> usize {
        other.variants.difference(&self.variants).count()
    }

    /// How many launches.
    pub fn launches(&self) -> usize {
        self.kernels.values().map(|launches| launches.count).sum()
    }

    /// Floating-point operations of all of them.
    pub fn flop(&self) -> f64 {
        self.kernels.values().fold(0.0, |sum, launches| sum + launches.flop)
    }
}

impl Launches {
    /// Seconds of all of them; `None` if the device does not tell, be it of one.
    pub async fn seconds(&mut self) -> Option<f64> {
        let times: Vec<ProfileDuration> = self.times.drain(..).collect();
        if times.is_empty() || times.len() != self.count {
            return None;
        }
        let mut sum = 0.0;
        for time in times {
            sum += time.resolve().await?.duration().as_secs_f64();
        }
        Some(sum)
    }
}

/// A launch under way.
pub(super) struct Timing(Option<ProfileWindow>);

/// Before a launch.
pub(super) fn before(
    variant: &Variant,
    product: Option<Product>,
    flop: f64,
    bytes: f64,
    client: &Client,
) -> Timing {
    TALLY.with_borrow_mut(|tally| {
        let Some(tally) = tally else { return Timing(None) };
        let launches = tally.kernels.entry(variant.name).or_default();
        launches.count += 1;
        launches.flop += flop;
        launches.bytes += bytes;
        if let Some(product) = product {
            *tally.products.entry(product).or_default() += flop;
        }
        tally.variants.insert(variant.clone());
        Timing(if tally.is_timed { client.profile_start().ok() } else { None })
    })
}

/// After it.
pub(super) fn after(name: &'static str, timing: Timing, client: &Client) {
    let Some(window) = timing.0 else { return };
    let Ok(time) = client.profile_end(window) else { return };
    TALLY.with_borrow_mut(|tally| {
        if let Some(launches) = tally.as_mut().and_then(|tally| tally.kernels.get_mut(name)) {
            launches.times.push(time);
        }
    });
}
