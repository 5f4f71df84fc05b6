//! Recognition of families by pipeline class and single file.

use std::collections::BTreeMap;

use super::sd::STABLE_DIFFUSION;
use super::sdxl::STABLE_DIFFUSION_XL;
use super::spec::{FamilySpec, PipelineClass};
use crate::error::{Error, Result, messages};
use crate::weights::diffusers::MODEL_INDEX;
use crate::weights::safetensors::Entry;
use crate::weights::single_file::{self, SingleFile};
use crate::weights::{Architecture, Prediction};

/// All families.
pub static FAMILIES: [&FamilySpec; 2] = [&STABLE_DIFFUSION, &STABLE_DIFFUSION_XL];

/// Returns the family and the row of a diffusers pipeline class.
///
/// # Errors
/// [`Error::Unsupported`] if no family has such a pipeline.
pub fn find(class_name: &str) -> Result<(&'static FamilySpec, &'static PipelineClass)> {
    let pipelines = |family: &'static FamilySpec| family.pipelines.iter().map(move |p| (family, p));
    let mut all = FAMILIES.into_iter().flat_map(pipelines);
    all.find(|(_, pipeline)| pipeline.name == class_name).ok_or_else(|| Error::Unsupported {
        path: MODEL_INDEX.to_string(),
        what: messages::pipeline_kind(class_name),
        remedy: messages::families_that_work(),
    })
}

/// Returns the architectures of all single files.
pub fn architectures() -> Vec<&'static Architecture> {
    FAMILIES.iter().flat_map(|family| family.architectures).copied().collect()
}

/// Recognises a single file by its tensors; see [`single_file::recognise`].
///
/// # Errors
/// As [`single_file::recognise`].
pub fn recognise(
    path: &str,
    entries: &[Entry],
    metadata: &BTreeMap<String, String>,
    prediction: Option<Prediction>,
) -> Result<SingleFile> {
    single_file::recognise(path, entries, metadata, &architectures(), prediction, None)
}
