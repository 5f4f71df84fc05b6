//! Launch counts, operations and times of kernels.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};

use cubecl::client::{Client, ProfileWindow};
use cubecl::profile::ProfileDuration;

use super::tile_choices::MatrixProduct;
use super::wgsl::Shader;

/// The kernels launched on this thread since [`Profile::start`].
#[derive(Default)]
pub struct Profile {
    /// By kernel name.
    pub kernels: BTreeMap<&'static str, KernelProfile>,
    /// Floating-point operations of each matrix product.
    pub products: BTreeMap<MatrixProduct, f64>,
    shaders: HashSet<Shader>,
    /// Each launch is timed, which slows all of them down.
    is_timed: bool,
}

/// All launches of one kernel.
#[derive(Default)]
pub struct KernelProfile {
    /// Launches.
    pub count: usize,
    /// Floating-point operations.
    pub flop: f64,
    /// Bytes of all operands.
    pub bytes: f64,
    times: Vec<ProfileDuration>,
}

thread_local! {
    /// Set while a profile is recorded.
    static PROFILE: RefCell<Option<Profile>> = const { RefCell::new(None) };
}

impl Profile {
    /// Starts recording; with `is_timed` also the time of each launch, where the device has
    /// timestamps.
    pub fn start(is_timed: bool) {
        PROFILE.replace(Some(Profile { is_timed, ..Profile::default() }));
    }

    /// Stops recording and returns the profile.
    pub fn finish() -> Profile {
        PROFILE.take().unwrap_or_default()
    }

    /// Returns the number of different pipelines.
    pub fn pipelines(&self) -> usize {
        self.shaders.len()
    }

    /// Returns the WGSL of each pipeline, sorted.
    pub fn sources(&self) -> Vec<String> {
        let mut sources: Vec<String> = self.shaders.iter().map(Shader::source).collect();
        sources.sort_unstable();
        sources
    }

    /// Returns the number of pipelines that `other` does not have.
    pub fn pipelines_not_in(&self, other: &Profile) -> usize {
        self.shaders.difference(&other.shaders).count()
    }

    /// Returns the number of launches of all kernels.
    pub fn launches(&self) -> usize {
        self.kernels.values().map(|launches| launches.count).sum()
    }

    /// Returns the floating-point operations of all kernels.
    pub fn flop(&self) -> f64 {
        self.kernels.values().fold(0.0, |sum, launches| sum + launches.flop)
    }
}

impl KernelProfile {
    /// Returns the seconds of all launches; `None` if the device did not time every one.
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

/// The timestamps of a launch in progress, if it is timed.
pub(super) struct Timing(Option<ProfileWindow>);

/// Records a launch that is about to be submitted.
pub(super) fn begin_launch(
    shader: &Shader,
    product: Option<MatrixProduct>,
    flop: f64,
    bytes: f64,
    client: &Client,
) -> Timing {
    PROFILE.with_borrow_mut(|profile| {
        let Some(profile) = profile else { return Timing(None) };
        let launches = profile.kernels.entry(shader.name).or_default();
        launches.count += 1;
        launches.flop += flop;
        launches.bytes += bytes;
        if let Some(product) = product {
            *profile.products.entry(product).or_default() += flop;
        }
        profile.shaders.insert(shader.clone());
        Timing(if profile.is_timed { client.profile_start().ok() } else { None })
    })
}

/// Records the time of a launch that has been submitted.
pub(super) fn end_launch(name: &'static str, timing: Timing, client: &Client) {
    let Some(window) = timing.0 else { return };
    let Ok(time) = client.profile_end(window) else { return };
    PROFILE.with_borrow_mut(|profile| {
        if let Some(launches) = profile.as_mut().and_then(|profile| profile.kernels.get_mut(name)) {
            launches.times.push(time);
        }
    });
}
