//! Keys of the published checkpoints at full size.
//!
//! They are the names of Hearth's modules and the keys of single files, and of files that are no
//! checkpoints. The keys are diffusers' (`tests/golden/keys.py`).

pub mod keys;
mod published;
mod refused;
mod renamed;
mod smaller;
mod stated;
