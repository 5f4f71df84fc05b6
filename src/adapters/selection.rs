//! Selection of the adapters of a picture, by names.

use std::rc::Rc;

use super::adapter::Adapter;
use super::set::{AdapterSet, WeightedAdapter};
use crate::params::{AdapterUse, GenerationParams};
use crate::prompt::{Grammar, NetworkRef, TextualInversion, take_networks};
use crate::weights::Source;

/// The adapters and textual inversions that are open for a model. A name is in one of both lists.
#[derive(Debug)]
pub struct OpenAdapters<S> {
    networks: Vec<Rc<Adapter<S>>>,
    embeddings: Vec<Rc<TextualInversion>>,
}

impl<S> Default for OpenAdapters<S> {
    fn default() -> Self {
        OpenAdapters { networks: Vec::new(), embeddings: Vec::new() }
    }
}

/// Adapters of a picture.
#[derive(Debug)]
pub struct Selection<S> {
    /// Those that are in effect.
    pub set: AdapterSet<S>,
    /// Textual inversions that the prompts may name: the given ones, and those in the adapters' files.
    pub embeddings: Vec<Rc<TextualInversion>>,
    /// Adapters that the form or the command line gives and the prompt does not name, for metadata.
    pub beside_prompt: Vec<AdapterUse>,
    /// Names of those that are not open.
    pub unknown: Vec<String>,
    /// What of the prompt's tags is not applied.
    pub ignored: Vec<String>,
}

impl<S: Source> OpenAdapters<S> {
    /// Adds an adapter, in place of one of the same name.
    pub fn put(&mut self, adapter: Rc<Adapter<S>>) {
        self.remove(&adapter.summary.name);
        self.networks.push(adapter);
    }

    /// Adds a textual inversion, in place of one of the same name.
    pub fn put_embedding(&mut self, embedding: Rc<TextualInversion>) {
        self.remove(&embedding.name);
        self.embeddings.push(embedding);
    }

    /// Removes the one of this name.
    pub fn remove(&mut self, name: &str) {
        self.networks.retain(|other| other.summary.name != name);
        self.embeddings.retain(|other| other.name != name);
    }

    /// Selects those that `given` and the prompt of `params` name. The prompt's weights replace the given
    /// ones. Of several uses of one adapter the last counts, at the place of the first.
    ///
    /// A name is that of the file or the title in it; if none is the same, letters' case is ignored.
    pub fn select(&self, given: &[AdapterUse], params: &GenerationParams) -> Selection<S> {
        let named = PromptAdapters::of(params);
        let beside = named.beside(given).into_iter();
        let find =
            |row: &AdapterUse| self.embeddings.iter().find(|own| is_same(&own.name, &row.name));
        let (given, beside_prompt): (Vec<_>, Vec<_>) = beside.partition(|row| find(row).is_some());
        let mut embeddings: Vec<_> = given.iter().filter_map(find).cloned().collect();
        let mut rows: Vec<WeightedAdapter<S>> = Vec::new();
        let mut unknown: Vec<String> = Vec::new();
        for AdapterUse { name, unet, text_encoder } in beside_prompt.iter().chain(&named.uses) {
            let Some(adapter) = find_named(&self.networks, name) else {
                if !unknown.contains(name) {
                    unknown.push(name.clone());
                }
                continue;
            };
            let row = WeightedAdapter {
                adapter: Rc::clone(adapter),
                unet: *unet,
                text_encoder: *text_encoder,
            };
            match rows.iter_mut().find(|row| Rc::ptr_eq(&row.adapter, adapter)) {
                Some(earlier) => *earlier = row,
                None => rows.push(row),
            }
        }
        for bundled in rows.iter().flat_map(|row| &row.adapter.embeddings) {
            // One from a file of its own is what the user chose.
            if !embeddings
                .iter()
                .any(|own: &Rc<TextualInversion>| is_same(&own.name, &bundled.name))
            {
                embeddings.push(Rc::clone(bundled));
            }
        }
        let set = AdapterSet::new(rows);
        Selection { set, embeddings, beside_prompt, unknown, ignored: named.ignored }
    }
}

fn is_same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// Adapters that a prompt names.
#[derive(Debug, Clone, Default, PartialEq)]
struct PromptAdapters {
    /// The adapters with their weights.
    uses: Vec<AdapterUse>,
    /// What of the tags is not applied: `hypernet:a`, `lora:b dyn=4`.
    ignored: Vec<String>,
}

impl PromptAdapters {
    /// Returns what the prompt of `params` names with `<lora:name:weight>`, in the grammar that has it.
    fn of(params: &GenerationParams) -> Self {
        let mut found = PromptAdapters::default();
        if params.grammar != Grammar::A1111 {
            return found;
        }
        for network in take_networks(&params.prompt).1 {
            let is_lora = network.is_lora();
            // A wrong weight is an error of the prompt.
            let NetworkRef {
                kind, name, text_encoder_weight, unet_weight, rank, arguments, ..
            } = network;
            if !is_lora {
                found.ignored.push(format!("{kind}:{name}"));
                continue;
            }
            let rank = rank.map(|rank| ("dyn".to_string(), rank.to_string()));
            for (key, value) in rank.into_iter().chain(arguments) {
                found.ignored.push(format!("{kind}:{name} {key}={value}"));
            }
            found.uses.push(AdapterUse {
                name,
                unet: unet_weight,
                text_encoder: text_encoder_weight,
            });
        }
        found
    }

    /// Returns those of `uses` that the prompt does not name.
    fn beside(&self, uses: &[AdapterUse]) -> Vec<AdapterUse> {
        let is_named = |row: &&AdapterUse| self.uses.iter().all(|named| named.name != row.name);
        uses.iter().filter(is_named).cloned().collect()
    }
}

fn find_named<'a, S>(open: &'a [Rc<Adapter<S>>], name: &str) -> Option<&'a Rc<Adapter<S>>> {
    let is = |wanted: &dyn Fn(&str) -> bool| {
        open.iter().find(|adapter| {
            let title = adapter.summary.metadata.title.as_deref();
            wanted(&adapter.summary.name) || title.is_some_and(wanted)
        })
    };
    is(&|own| own == name).or_else(|| is(&|own| is_same(own, name)))
}

#[cfg(test)]
mod tests {
    use super::PromptAdapters;
    use crate::params::{AdapterUse, GenerationParams};
    use crate::prompt::Grammar;

    fn named(prompt: &str, grammar: Grammar) -> PromptAdapters {
        let prompt = prompt.to_string();
        PromptAdapters::of(&GenerationParams { prompt, grammar, ..GenerationParams::default() })
    }

    fn adapter(name: &str, text_encoder: f64, unet: f64) -> AdapterUse {
        AdapterUse { name: name.to_string(), unet, text_encoder }
    }

    #[test]
    fn tags_name_adapters_and_what_is_not_applied_is_listed() {
        let prompt = "cat <lora:a:0.8> <lora:b c:0.5:1> <hypernet:h:1> <lora:d:1:lbw=1,0:dyn=4>";
        let found = named(prompt, Grammar::A1111);
        let uses = [adapter("a", 0.8, 0.8), adapter("b c", 0.5, 1.0), adapter("d", 1.0, 1.0)];
        assert_eq!(found.uses, uses);
        assert_eq!(found.ignored, ["hypernet:h", "lora:d dyn=4", "lora:d lbw=1,0"]);
        assert_eq!(named(prompt, Grammar::Plain), PromptAdapters::default());
    }

    #[test]
    fn weights_in_the_prompt_replace_those_of_the_form() {
        let found = named("<lora:a:0.2>", Grammar::A1111);
        let form = [adapter("a", 1.0, 1.0), adapter("z", 1.0, 1.0)];
        assert_eq!(found.beside(&form), [adapter("z", 1.0, 1.0)]);
    }
}
