//! Selection of the adapters of a picture, by names.

use std::rc::Rc;

use super::adapter::Adapter;
use super::set::{AdapterSet, WeightedAdapter};
use crate::params::AdapterUse;
use crate::weights::Source;

/// Returns the set of `uses`, of the adapters that are `open`, and the names of those that are not. Of
/// several uses of one adapter the last counts, at the place of the first.
///
/// A name is that of the file or the title in it; if none is the same, letters' case is ignored.
pub fn select<S: Source>(
    open: &[Rc<Adapter<S>>],
    uses: &[AdapterUse],
) -> (AdapterSet<S>, Vec<String>) {
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

fn find<'a, S>(open: &'a [Rc<Adapter<S>>], name: &str) -> Option<&'a Rc<Adapter<S>>> {
    let is = |wanted: &dyn Fn(&str) -> bool| {
        open.iter().find(|adapter| {
            let title = adapter.summary.metadata.title.as_deref();
            wanted(&adapter.summary.name) || title.is_some_and(wanted)
        })
    };
    is(&|own| own == name).or_else(|| is(&|own| own.to_lowercase() == name.to_lowercase()))
}
