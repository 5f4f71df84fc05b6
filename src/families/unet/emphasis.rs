//! Weights of tokens, which act on a text encoder's output.

use burn::tensor::{DType, Tensor, TensorData};

use crate::error::{Error, Message, Result};
use crate::pipeline::Prompts;
use crate::prompt::{Emphasis, Grammar};

/// An encoded chunk.
pub(super) struct EncodedChunk {
    /// Hidden states, `[1, n, d]`.
    pub(super) states: Tensor<3>,
    /// Weight of each position, `[n]`.
    pub(super) weights: Vec<f32>,
}

impl EncodedChunk {
    /// Returns whether a weight differs from 1.
    pub(super) fn is_weighted(&self) -> bool {
        self.weights.iter().any(|weight| *weight != 1.0)
    }
}

/// Applies the weights of the texts of a schedule to their chunks, `[text][chunk]`. `entries` are
/// the numbers of the schedule's entries with each text; `empty` is an encoded chunk without tokens.
///
/// It computes on the host: these are a few ten thousand numbers, once for each image.
pub(super) async fn weigh(
    texts: &mut [Vec<EncodedChunk>],
    entries: &[usize],
    prompts: &Prompts,
    empty: Tensor<3>,
) -> Result<()> {
    if prompts.grammar == Grammar::Comfy {
        let empty = read(&empty).await?;
        for chunk in texts.iter_mut().flatten().filter(|chunk| chunk.is_weighted()) {
            interpolate(chunk, &empty).await?;
        }
        return Ok(());
    }
    let count = texts.iter().map(Vec::len).min().unwrap_or(0);
    for index in 0..count {
        let chunks: Vec<&mut EncodedChunk> =
            texts.iter_mut().filter_map(|text| text.get_mut(index)).collect();
        if chunks.iter().any(|chunk| chunk.is_weighted()) {
            multiply(chunks, entries, prompts.emphasis == Emphasis::Original).await?;
        }
    }
    Ok(())
}

/// Multiplies the states by the weights. If `restores_mean`, then so that the mean of all texts is
/// as before: AUTOMATIC1111 encodes the entries of a schedule as one batch
/// (`modules/sd_emphasis.py`, `EmphasisOriginal`).
async fn multiply(
    chunks: Vec<&mut EncodedChunk>,
    entries: &[usize],
    restores_mean: bool,
) -> Result<()> {
    let (mut before, mut after) = (0.0, 0.0);
    let mut weighted = Vec::new();
    for (chunk, entries) in chunks.iter().zip(entries) {
        let mut values = read(&chunk.states).await?;
        before += sum(&values) * *entries as f64;
        let width = values.len() / chunk.weights.len().max(1);
        for (row, weight) in values.chunks_mut(width.max(1)).zip(&chunk.weights) {
            row.iter_mut().for_each(|value| *value *= weight);
        }
        after += sum(&values) * *entries as f64;
        weighted.push(values);
    }
    let ratio = before / after;
    let ratio = if restores_mean && ratio.is_finite() { ratio as f32 } else { 1.0 };
    for (chunk, mut values) in chunks.into_iter().zip(weighted) {
        values.iter_mut().for_each(|value| *value *= ratio);
        write(chunk, values);
    }
    Ok(())
}

/// Moves each weighted position away from the empty prompt's, or towards it (ComfyUI
/// `ClipTokenWeightEncoder`).
async fn interpolate(chunk: &mut EncodedChunk, empty: &[f32]) -> Result<()> {
    let mut values = read(&chunk.states).await?;
    let width = (values.len() / chunk.weights.len().max(1)).max(1);
    let rows = values.chunks_mut(width).zip(empty.chunks(width)).zip(&chunk.weights);
    for ((row, empty), weight) in rows.filter(|(_, weight)| **weight != 1.0) {
        for (value, empty) in row.iter_mut().zip(empty) {
            *value = (*value - empty) * weight + empty;
        }
    }
    write(chunk, values);
    Ok(())
}

fn sum(values: &[f32]) -> f64 {
    values.iter().map(|value| f64::from(*value)).sum()
}

async fn read(states: &Tensor<3>) -> Result<Vec<f32>> {
    let failed = |reason: String| Error::Gpu { reason: Message::verbatim(reason) };
    let data = states.clone().into_data_async().await.map_err(|e| failed(e.to_string()))?;
    data.convert::<f32>().try_into_vec::<f32>().map_err(|e| failed(format!("{e:?}")))
}

fn write(chunk: &mut EncodedChunk, values: Vec<f32>) {
    let data = TensorData::new(values, chunk.states.dims());
    chunk.states = Tensor::from_data(data, (&chunk.states.device(), DType::F32));
}
