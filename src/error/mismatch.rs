//! How the tensors of a file differ from those its config describes, in words.

use super::message::{Id, Message};
use super::messages;

/// Names the first few tensors of each kind: a wrong file can differ in hundreds.
pub(super) fn differences(
    missing: &[String],
    unexpected: &[String],
    wrong_shape: &[Message],
) -> Message {
    let verbatim = |names: &[String]| names.iter().map(Message::verbatim).collect::<Vec<_>>();
    let kinds = [
        (verbatim(missing), Id::tensors_missing),
        (verbatim(unexpected), Id::tensors_unexpected),
        (wrong_shape.to_vec(), Id::tensors_wrong_shape),
    ];
    let some = kinds.into_iter().filter(|(names, _)| !names.is_empty());
    let parts: Vec<Message> = some
        .map(|(names, id)| {
            let arguments = vec![Message::verbatim(names.len()), first_of(&names)];
            Message::Known { id, arguments }
        })
        .collect();
    chain(&parts, messages::joined)
}

fn first_of(names: &[Message]) -> Message {
    const SHOWN: usize = 3;
    let mut shown = names[..names.len().min(SHOWN)].to_vec();
    if names.len() > SHOWN {
        shown.push(Message::verbatim("…"));
    }
    chain(&shown, messages::listed)
}

/// One message of several.
fn chain(parts: &[Message], link: fn(Message, Message) -> Message) -> Message {
    let mut rest = parts.iter().rev().cloned();
    let last = rest.next().unwrap_or_else(|| Message::verbatim(""));
    rest.fold(last, |rest, first| link(first, rest))
}
