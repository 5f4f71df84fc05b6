//! Conditions of a run: those of each combination of texts that occurs in it.

use burn::tensor::Tensor;

use super::family::UNetFamily;
use super::prompt::{PromptStates, TextState};
use crate::model::{AddedConditions, UNetConditions};
use crate::params::GenerationParams;
use crate::pipeline::Prompts;
use crate::pipeline::guidance::Guidance;

/// Longest prompt that is repeated to the length of another one, in chunks. Beyond that they are
/// predicted one after the other.
const LONGEST_REPEATED: usize = 12;

/// Conditions of all evaluations of a run.
#[derive(Debug, Clone)]
pub struct RunConditions {
    /// Distinct conditions: the batches that are predicted one after the other.
    pub contexts: Vec<Vec<UNetConditions>>,
    /// Index of the context of each evaluation; the last holds for all further ones.
    pub of_evaluation: Vec<usize>,
}

impl From<UNetConditions> for RunConditions {
    fn from(conditions: UNetConditions) -> Self {
        RunConditions { contexts: vec![vec![conditions]], of_evaluation: Vec::new() }
    }
}

impl RunConditions {
    /// Returns the index of the context of an evaluation, from 0.
    pub fn context_at(&self, evaluation: usize) -> usize {
        let context = self.of_evaluation.get(evaluation).or(self.of_evaluation.last());
        context.copied().unwrap_or(0)
    }
}

/// Combines the encoded texts of every evaluation.
pub(super) fn run_conditions(
    family: &UNetFamily,
    params: &GenerationParams,
    prompts: &Prompts,
    guidance: Guidance,
    states: &PromptStates,
) -> RunConditions {
    let mut combinations: Vec<Vec<usize>> = Vec::new();
    let mut of_evaluation = Vec::new();
    // From the last change on everything stays as it is.
    for evaluation in 0..=prompts.changing_evaluations() {
        let mut texts = vec![match &states.negative {
            Some(texts) if texts.len() > 1 => prompts.negative.text_at(evaluation),
            _ => 0,
        }];
        texts.extend(prompts.positive.iter().map(|part| part.text_at(evaluation)));
        let known = combinations.iter().position(|known| *known == texts);
        of_evaluation.push(known.unwrap_or(combinations.len()));
        if known.is_none() {
            combinations.push(texts);
        }
    }
    let context = |texts: &Vec<usize>| {
        let negative = states.negative.as_ref().and_then(|states| states.get(texts[0]));
        let positive = states.positive.iter().zip(&texts[1..]);
        let positive: Vec<TextState> =
            positive.filter_map(|(states, text)| states.get(*text)).cloned().collect();
        let tokens = family.text_encoders.first();
        let tokens = tokens.map_or(1, |encoder| encoder.tokenizer.model_max_length());
        let batches = batches(negative.cloned(), equally_long(positive), tokens);
        let conditions = batches.into_iter().map(|rows| conditions(family, params, guidance, rows));
        conditions.collect()
    };
    RunConditions { contexts: combinations.iter().map(context).collect(), of_evaluation }
}

/// Repeats the last vector of shorter parts, as AUTOMATIC1111 does
/// (`reconstruct_multicond_batch`).
fn equally_long(parts: Vec<TextState>) -> Vec<TextState> {
    let longest = parts.iter().map(|part| part.states.dims()[1]).max().unwrap_or(0);
    let lengthened = parts.into_iter().map(|part| {
        let missing = longest - part.states.dims()[1];
        if missing == 0 {
            return part;
        }
        let last = part.states.clone().narrow(1, longest - missing - 1, 1);
        let states = Tensor::cat(vec![part.states, last.repeat_dim(1, missing)], 1);
        TextState { states, ..part }
    });
    lengthened.collect()
}

/// Returns the rows of each batch. Prompts of different lengths are repeated to their least common
/// multiple: the softmax of an attention gives every copy of a key its share of the weight, so that
/// the result is the same. `tokens` are those of a chunk.
fn batches(
    negative: Option<TextState>,
    positive: Vec<TextState>,
    tokens: usize,
) -> Vec<Vec<TextState>> {
    let Some(negative) = negative else { return vec![positive] };
    let [short, long] = [Some(&negative), positive.first()]
        .map(|state| state.map_or(tokens, |state| state.states.dims()[1]));
    let common = short / gcd(short, long) * long;
    if short == long || common <= LONGEST_REPEATED * tokens {
        let rows = [negative].into_iter().chain(positive).map(|row| {
            let copies = common / row.states.dims()[1];
            let states = if copies > 1 { row.states.repeat_dim(1, copies) } else { row.states };
            TextState { states, ..row }
        });
        return vec![rows.collect()];
    }
    vec![vec![negative], positive]
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a.max(1) } else { gcd(b, a % b) }
}

fn conditions(
    family: &UNetFamily,
    params: &GenerationParams,
    guidance: Guidance,
    rows: Vec<TextState>,
) -> UNetConditions {
    let pooled: Option<Vec<_>> = rows.iter().map(|row| row.pooled.clone()).collect();
    let states: Vec<_> = rows.into_iter().map(|row| row.states).collect();
    let encoder_hidden_states = Tensor::cat(states, 0);
    let added = match (family.spec.conditioning.time_ids, pooled) {
        (Some(time_ids), Some(pooled)) => Some(AddedConditions {
            text_embeds: Tensor::cat(pooled, 0),
            time_ids: time_ids(params.size()),
        }),
        _ => None,
    };
    let timestep_cond = guidance.timestep_cond(&encoder_hidden_states.device());
    UNetConditions { encoder_hidden_states, timestep_cond, added }
}

#[cfg(test)]
mod tests {
    use super::gcd;

    #[test]
    fn gcd_of_lengths() {
        assert_eq!((gcd(154, 77), gcd(231, 154), gcd(5, 0), gcd(0, 0)), (77, 77, 5, 1));
    }
}
