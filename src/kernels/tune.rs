//! Measurement of tiles, on the device that will compute in them.

use std::collections::BTreeMap;

use burn::tensor::{DType, Device, Tensor};
use serde::Serialize;

use super::choices::{Choices, Preset, Product, with_tile};
use super::conv2d::{conv2d, geglu};
use super::epilogue::Epilogue;
use super::geometry::{Geometry, Padding};
use super::gpu;
use super::rehearse::{Rehearsal, rehearse};
use super::tally::Tally;
use super::tile::Tile;
use super::weights;

/// What was measured of a product: seconds with each tile, that of the table first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measured {
    /// The product.
    pub product: Product,
    /// The tiles that were tried.
    pub tried: Vec<(Preset, f64)>,
}

impl Measured {
    /// The fastest tile: the table's, unless another is so much faster that it cannot be chance.
    pub fn best(&self) -> Option<Preset> {
        const NOTICEABLY: f64 = 0.97;
        let (first, seconds) = *self.tried.first()?;
        let fastest = self.tried.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
        Some(if fastest.1 < seconds * NOTICEABLY { fastest.0 } else { first })
    }
}

impl Choices {
    /// These, and the best tiles of what was measured.
    pub fn with(&self, measured: &[Measured]) -> Self {
        let best = measured.iter().filter_map(|one| Some((one.product, one.best()?)));
        let mut all: BTreeMap<Product, Preset> = self.iter().collect();
        all.extend(best);
        all.into_iter().collect()
    }
}

/// The tiles that are worth trying for a product on `device`, the table's choice first; none where products are not tiled.
pub fn candidates(product: &Product, device: &Device) -> Vec<Preset> {
    let any = gpu::lower(Tensor::<1>::empty([1], (device, DType::F32)));
    any.map_or_else(Vec::new, |any| Tile::candidates(&any, product))
}

/// The WGSL that measuring `products` takes, for a host that builds pipelines by itself.
pub fn tuning_shaders(products: &[(Product, f64)], device: &Device, most: usize) -> Vec<String> {
    Tally::begin(false);
    for (product, _) in products {
        let Some(operation) = Operation::new(product, device) else { continue };
        for preset in candidates(product, device).into_iter().take(most) {
            let launch = async { with_tile(preset, || operation.launch()) };
            rehearse(Rehearsal::Shaders, launch);
        }
    }
    Tally::end().sources()
}

/// Measures `products`, each with the operations that it has in a run, within about `budget` seconds: those with the most
/// work first, each in up to `most` tiles. `clock` gives seconds. Products for which no time is left, and all where the
/// device tells no times, are left out.
pub async fn tune(
    products: &[(Product, f64)],
    device: &Device,
    most: usize,
    budget: f64,
    clock: &dyn Fn() -> f64,
) -> Vec<Measured> {
    let mut by_work = products.to_vec();
    by_work.sort_by(|a, b| b.1.total_cmp(&a.1));
    let start = clock();
    let mut all = Vec::new();
    for (product, _) in by_work {
        let mut tried = Vec::new();
        let Some(run) = Operation::new(&product, device) else { continue };
        for preset in candidates(&product, device).into_iter().take(most) {
            if clock() - start > budget {
                break;
            }
            match run.seconds(preset).await {
                Some(seconds) => tried.push((preset, seconds)),
                None => break,
            }
        }
        // One alone was compared with nothing.
        if tried.len() > 1 {
            all.push(Measured { product, tried });
        }
    }
    all
}

/// A product with operands of its own, of which only the shapes matter.
struct Operation {
    product: Product,
    x: Tensor<4>,
    weight: Tensor<4>,
}

impl Operation {
    fn new(product: &Product, device: &Device) -> Option<Self> {
        let Product { m, n, c, kernel, gated, is_f16, stores_f16 } = *product;
        // About as many pixels across as down, so that as few taps fall outside as in a picture.
        let width = (1..=m.isqrt()).rev().find(|width| m.is_multiple_of(*width))?;
        let dtype = |is_f16| if is_f16 { DType::F16 } else { DType::F32 };
        let x = weights::phantom([1, m / width, width, c], dtype(is_f16), device)?;
        let rows = if gated { 2 * n } else { n };
        let weight = weights::phantom([rows, c, kernel, kernel], dtype(stores_f16), device)?;
        let x = gpu::raise_channels_last(gpu::room_for(gpu::lower(x)?));
        let weight = gpu::room_for(gpu::lower_channels_last(weight)?);
        Some(Operation { product: *product, x, weight: gpu::raise_channels_last(weight) })
    }

    /// Seconds of one launch in this tile; `None` if the device does not tell.
    async fn seconds(&self, preset: Preset) -> Option<f64> {
        /// Floating-point operations that a timer can tell from nothing on the fastest card.
        const WORK: f64 = 4e10;
        let Product { m, n, c, kernel, gated, .. } = self.product;
        let flop = [2, m, n, c, kernel * kernel, if gated { 2 } else { 1 }]
            .iter()
            .fold(1.0, |product, factor| product * *factor as f64);
        let times = (WORK / flop).ceil().clamp(2.0, 32.0) as usize;
        with_tile(preset, || self.launch()); // Its pipeline is built.
        let client = gpu::lower(self.x.clone())?.client;
        let window = client.profile_start().ok()?;
        with_tile(preset, || (0..times).for_each(|_| self.launch()));
        let took = client.profile_end(window).ok()?.resolve().await?;
        Some(took.duration().as_secs_f64() / times as f64)
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
