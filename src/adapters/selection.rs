//! Selection of the adapters of a picture, by names.

use std::rc::Rc;

use super::adapter::Adapter;
use super::set::{AdapterSet, WeightedAdapter};
use crate::params::{AdapterUse, GenerationParams};
use crate::prompt::{Grammar, NetworkRef, take_networks};
use crate::weights::Source;

/// Adapters of a picture.
#[derive(Debug)]
pub struct Selection<S> {
    /// Those that are in effect.
    pub set: AdapterSet<S>,
    /// Those that the form or the command line gives and the prompt does not name, for metadata.
    pub beside_prompt: Vec<AdapterUse>,
    /// Names of those that are not open.
    pub unknown: Vec<String>,
    /// What of the prompt's tags is not applied.
    pub ignored: Vec<String>,
}

impl<S: Source> Selection<S> {
    /// Selects those that `given` and the prompt of `params` name, of the adapters that are `open`. The
    /// prompt's weights replace the given ones.
    pub fn new(open: &[Rc<Adapter<S>>], given: &[AdapterUse], params: &GenerationParams) -> Self {
        let named = PromptAdapters::of(params);
        let beside_prompt = named.beside(given);
        let (set, unknown) = select(open, &[beside_prompt.clone(), named.uses].concat());
        Selection { set, beside_prompt, unknown, ignored: named.ignored }
    }
}

/// Returns the set of `uses`, of the adapters that are `open`, and the names of those that are not. Of
/// several uses of one adapter the last counts, at the place of the first.
///
/// A name is that of the file or the title in it; if none is the same, letters' case is ignored.
fn select<S: Source>(open: &[Rc<Adapter<S>>], uses: &[AdapterUse]) -> (AdapterSet<S>, Vec<String>) {
    let (mut rows, mut unknown): (Vec<WeightedAdapter<S>>, _) = (Vec::new(), Vec::new());
    for AdapterUse { name, unet, text_encoder } in uses {
        let Some(adapter) = find(open, name) else {
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
    (AdapterSet::new(rows), unknown)
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
            let NetworkRef { kind, name, text_encoder_weight, unet_weight, rank, arguments } =
                network;
            if !["lora", "lyco"].contains(&kind.as_str()) {
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

fn find<'a, S>(open: &'a [Rc<Adapter<S>>], name: &str) -> Option<&'a Rc<Adapter<S>>> {
    let is = |wanted: &dyn Fn(&str) -> bool| {
        open.iter().find(|adapter| {
            let title = adapter.summary.metadata.title.as_deref();
            wanted(&adapter.summary.name) || title.is_some_and(wanted)
        })
    };
    is(&|own| own == name).or_else(|| is(&|own| own.to_lowercase() == name.to_lowercase()))
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
