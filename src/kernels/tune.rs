//! Tile tuning by measurement on the device.

use std::collections::BTreeMap;

use burn::tensor::{DType, Device, Tensor};
use serde::Serialize;

use super::conv2d::{conv2d, geglu};
use super::dry_run::{DryRun, dry_run};
use super::epilogue::Epilogue;
use super::geometry::{Geometry, Padding};
use super::gpu;
use super::profile::Profile;
use super::storage_format::StorageFormat;
use super::tile::Tile;
use super::tile_choices::{MatrixProduct, TileChoices, TileConfig, with_tile};
use super::weights;

/// Measured tiles of a matrix product.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TileMeasurement {
    /// The measured product.
    pub product: MatrixProduct,
    /// Each tile with the seconds of one launch, the table's choice first.
    pub tried: Vec<(TileConfig, f64)>,
}

impl TileMeasurement {
    /// Returns the fastest tile: the table's, unless another is faster by more than noise.
    pub fn best(&self) -> Option<TileConfig> {
        const NOTICEABLY: f64 = 0.97;
        let (first, seconds) = *self.tried.first()?;
        let fastest = self.tried.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
        Some(if fastest.1 < seconds * NOTICEABLY { fastest.0 } else { first })
    }
}

impl TileChoices {
    /// Returns these choices with the best tiles of `measured` added or replaced.
    pub fn updated_with(&self, measured: &[TileMeasurement]) -> Self {
        let best = measured.iter().filter_map(|one| Some((one.product, one.best()?)));
        let mut all: BTreeMap<MatrixProduct, TileConfig> = self.iter().collect();
        all.extend(best);
        all.into_iter().collect()
    }
}

/// Returns the tiles worth measuring for `product` on `device`, the table's choice first; none
/// where products are not tiled.
pub fn tile_candidates(product: &MatrixProduct, device: &Device) -> Vec<TileConfig> {
    let any = gpu::to_buffer(Tensor::<1>::empty([1], (device, DType::F32)));
    any.map_or_else(Vec::new, |any| Tile::candidates(&any, product))
}

/// Returns the WGSL that [`tune`] needs, for a host that builds pipelines itself.
pub fn tuning_shaders(
    products: &[(MatrixProduct, f64)],
    device: &Device,
    most: usize,
) -> Vec<String> {
    Profile::start(false);
    for (product, _) in products {
        let Some(operation) = Operation::new(product, device) else { continue };
        for config in tile_candidates(product, device).into_iter().take(most) {
            let launch = async { with_tile(config, || operation.launch()) };
            dry_run(DryRun::Shaders, launch);
        }
    }
    Profile::finish().sources()
}

/// Measures `products`, given with their floating-point operations in a run, each in up to `most`
/// tiles, those with the most operations first, within about `budget` seconds. `clock` returns
/// seconds. Omits products for which no time is left, and all where the device has no timestamps.
pub async fn tune(
    products: &[(MatrixProduct, f64)],
    device: &Device,
    most: usize,
    budget: f64,
    clock: &dyn Fn() -> f64,
) -> Vec<TileMeasurement> {
    let mut by_work = products.to_vec();
    by_work.sort_by(|a, b| b.1.total_cmp(&a.1));
    let start = clock();
    let mut all = Vec::new();
    for (product, _) in by_work {
        let mut tried = Vec::new();
        let Some(run) = Operation::new(&product, device) else { continue };
        for config in tile_candidates(&product, device).into_iter().take(most) {
            if clock() - start > budget {
                break;
            }
            match run.seconds(config).await {
                Some(seconds) => tried.push((config, seconds)),
                None => break,
            }
        }
        // A single measurement compares nothing.
        if tried.len() > 1 {
            all.push(TileMeasurement { product, tried });
        }
    }
    all
}

/// A matrix product with uninitialised operands.
struct Operation {
    product: MatrixProduct,
    x: Tensor<4>,
    weight: Tensor<4>,
}

impl Operation {
    fn new(product: &MatrixProduct, device: &Device) -> Option<Self> {
        let MatrixProduct { m, n, c, kernel, gated, is_f16, stores_f16 } = *product;
        // Nearly square, so that as few taps fall outside as in an image.
        let width = (1..=m.isqrt()).rev().find(|width| m.is_multiple_of(*width))?;
        let format = |is_f16| if is_f16 { StorageFormat::F16 } else { StorageFormat::F32 };
        let x = weights::placeholder([1, m / width, width, c], format(is_f16), device)?;
        let rows = if gated { 2 * n } else { n };
        let weight = weights::placeholder([rows, c, kernel, kernel], format(stores_f16), device)?;
        let x = gpu::from_channels_last_buffer(gpu::empty_like(&gpu::to_buffer(x)?));
        let weight = gpu::empty_like(&gpu::to_channels_last_buffer(weight)?);
        Some(Operation { product: *product, x, weight: gpu::from_channels_last_buffer(weight) })
    }

    /// Returns the seconds of one launch in the tile `config`; `None` if the device has no
    /// timestamps.
    async fn seconds(&self, config: TileConfig) -> Option<f64> {
        /// Floating-point operations that take measurable time on the fastest card.
        const WORK: f64 = 4e10;
        let MatrixProduct { m, n, c, kernel, gated, .. } = self.product;
        let flop = [2, m, n, c, kernel * kernel, if gated { 2 } else { 1 }]
            .iter()
            .fold(1.0, |product, factor| product * *factor as f64);
        let times = (WORK / flop).ceil().clamp(2.0, 32.0) as usize;
        with_tile(config, || self.launch()); // Builds the pipeline.
        let client = gpu::to_buffer(self.x.clone())?.client;
        let window = client.profile_start().ok()?;
        with_tile(config, || (0..times).for_each(|_| self.launch()));
        let elapsed = client.profile_end(window).ok()?.resolve().await?;
        Some(elapsed.duration().as_secs_f64() / times as f64)
    }

    fn launch(&self) {
        let (x, weight) = (self.x.clone(), self.weight.clone());
        if self.product.gated {
            let [_, c, h, w] = x.dims();
            let [rows, ..] = weight.dims();
            geglu(x.permute([0, 2, 3, 1]).reshape([1, h * w, c]), weight.reshape([rows, c]), None);
            return;
        }
        let padding = Padding::symmetric(self.product.kernel / 2);
        let geometry = Geometry { stride: 1, padding, resized: None };
        conv2d(x.into(), weight, None, geometry, Epilogue::default());
    }
}
