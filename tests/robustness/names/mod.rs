//! Every key of the published checkpoints at full size: the names of our modules, where a single file
//! has each of them, and what is no checkpoint. The keys are diffusers' (`tests/golden/keys.py`).

mod keys;
mod published;
mod refused;
mod renamed;
mod smaller;
mod stated;
