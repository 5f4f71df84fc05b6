//! The adapters that are in effect.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::adapter::Adapter;
use super::names::Layer;
use crate::error::Result;
use crate::model::{Component, NetworkKind};
use crate::params::{AdapterUse, NamedHash};
use crate::weights::Source;
use crate::weights::patch::{Patch, Patches};

/// An adapter with its weights.
#[derive(Debug)]
pub struct WeightedAdapter<S> {
    /// The adapter.
    pub adapter: Rc<Adapter<S>>,
    /// Weight of its change of the UNet.
    pub unet: f64,
    /// Weight of its change of the text encoders.
    pub text_encoder: f64,
}

impl<S> Clone for WeightedAdapter<S> {
    fn clone(&self) -> Self {
        let WeightedAdapter { adapter, unet, text_encoder } = self;
        WeightedAdapter { adapter: Rc::clone(adapter), unet: *unet, text_encoder: *text_encoder }
    }
}

impl<S> WeightedAdapter<S> {
    fn weight(&self, component: Component) -> f64 {
        match component.kind {
            NetworkKind::ClipText => self.text_encoder,
            _ => self.unet,
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.adapter, &other.adapter)
            && self.unet == other.unet
            && self.text_encoder == other.text_encoder
    }
}

/// Adapters in effect, in the order in which they apply.
#[derive(Debug)]
pub struct AdapterSet<S>(Vec<WeightedAdapter<S>>);

impl<S> Default for AdapterSet<S> {
    fn default() -> Self {
        AdapterSet(Vec::new())
    }
}

impl<S> Clone for AdapterSet<S> {
    fn clone(&self) -> Self {
        AdapterSet(self.0.clone())
    }
}

impl<S: Source> AdapterSet<S> {
    /// Returns a set of these adapters.
    pub fn new(adapters: Vec<WeightedAdapter<S>>) -> Self {
        AdapterSet(adapters)
    }

    /// Returns the adapters.
    pub fn adapters(&self) -> &[WeightedAdapter<S>] {
        &self.0
    }

    /// Returns the adapters by name, for metadata.
    pub fn uses(&self) -> Vec<AdapterUse> {
        let one = |row: &WeightedAdapter<S>| AdapterUse {
            name: row.adapter.summary.name.clone(),
            unet: row.unet,
            text_encoder: row.text_encoder,
        };
        self.0.iter().map(one).collect()
    }

    /// Returns the hashes of the adapters' files, for metadata.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub async fn hashes(&self) -> Result<Vec<NamedHash>> {
        let mut hashes = Vec::new();
        for WeightedAdapter { adapter, .. } in &self.0 {
            let hash = Some(adapter.hash().await?);
            hashes.push(NamedHash { name: adapter.summary.name.clone(), hash });
        }
        Ok(hashes)
    }

    /// Returns whether both sets have the same effect.
    pub fn is_same(&self, other: &Self) -> bool {
        self.0.len() == other.0.len() && self.0.iter().zip(&other.0).all(|(a, b)| a.is_same(b))
    }

    /// Returns the paths of the parameters of `component` that change from `before` to this set.
    pub fn changed_since(&self, before: &Self, component: Component) -> BTreeSet<String> {
        let own = |set: &Self| -> Vec<WeightedAdapter<S>> {
            let active = set.0.iter().filter(|row| row.weight(component) != 0.0);
            active.cloned().collect()
        };
        let (now, before) = (own(self), own(before));
        // Adapters at the beginning that are the same in both may still touch what later ones touch.
        let same = now.iter().zip(&before).take_while(|(a, b)| a.is_same(b)).count();
        let rest = now[same..].iter().chain(&before[same..]);
        rest.flat_map(|row| row.adapter.paths(component)).collect()
    }

    /// Returns the changes of the parameters of `component`.
    pub fn patches(&self, component: Component) -> ComponentPatches<'_, S> {
        let active = self.0.iter().filter(|row| row.weight(component) != 0.0);
        let active: Vec<_> = active.collect();
        let paths = active.iter().flat_map(|row| row.adapter.paths(component)).collect();
        ComponentPatches { component, active, paths }
    }
}

/// Changes of the parameters of one network.
#[derive(Debug)]
pub struct ComponentPatches<'a, S> {
    component: Component,
    active: Vec<&'a WeightedAdapter<S>>,
    paths: BTreeSet<String>,
}

impl<S: Source> Patches for ComponentPatches<'_, S> {
    fn contains(&self, path: &str) -> bool {
        self.paths.contains(path)
    }

    async fn patches(&self, path: &str, shape: &[usize]) -> Result<Vec<Patch>> {
        let mut patches = Vec::new();
        let Some((layer, parameter)) = path.rsplit_once('.') else { return Ok(patches) };
        let layer = Layer { component: self.component, path: layer.to_string() };
        for row in &self.active {
            let Some((change, values)) = row.adapter.read(&layer).await? else { continue };
            let weight = row.weight(self.component) as f32;
            patches.extend(match parameter {
                "bias" => change.bias_patch(values, weight),
                _ => change.weight_patch(values, shape, weight)?,
            });
        }
        Ok(patches)
    }
}
