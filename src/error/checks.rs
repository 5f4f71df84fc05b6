//! Checks of texts, which run in the compiler.

/// Whether the names in braces of `text` are exactly `parameters`. Runs in the compiler.
pub const fn fits(text: &str, parameters: &[&str]) -> bool {
    let text = text.as_bytes();
    let mut is_used = [false; MOST_PARAMETERS];
    let mut at = 0;
    while at < text.len() {
        if text[at] == b'{' {
            let mut which = 0;
            while which < parameters.len() && !stands_at(text, at + 1, parameters[which].as_bytes())
            {
                which += 1;
            }
            if which == parameters.len() {
                return false;
            }
            is_used[which] = true;
        }
        at += 1;
    }
    let mut which = 0;
    while which < parameters.len() {
        if !is_used[which] {
            return false;
        }
        which += 1;
    }
    true
}

const MOST_PARAMETERS: usize = 8;

/// Whether the names in braces of `text` are `parameters`, each for the first time in their order. Runs in
/// the compiler.
pub const fn names_in_order(text: &str, parameters: &[&str]) -> bool {
    let bytes = text.as_bytes();
    let (mut at, mut found) = (0, 0);
    while at < bytes.len() {
        if bytes[at] == b'{' {
            let mut which = 0;
            while which < found && !stands_at(bytes, at + 1, parameters[which].as_bytes()) {
                which += 1;
            }
            if which == found {
                let is_next = found < parameters.len()
                    && stands_at(bytes, at + 1, parameters[found].as_bytes());
                if !is_next {
                    return false;
                }
                found += 1;
            }
        }
        at += 1;
    }
    found == parameters.len()
}

/// FNV-1a.
pub const fn hash(name: &str) -> u32 {
    let name = name.as_bytes();
    let (mut hash, mut at) = (0x811c_9dc5_u32, 0);
    while at < name.len() {
        hash = (hash ^ name[at] as u32).wrapping_mul(0x0100_0193);
        at += 1;
    }
    hash
}

/// Whether `name` and a closing brace stand in `text` at this place.
const fn stands_at(text: &[u8], place: usize, name: &[u8]) -> bool {
    if place + name.len() >= text.len() || text[place + name.len()] != b'}' {
        return false;
    }
    let mut at = 0;
    while at < name.len() {
        if text[place + at] != name[at] {
            return false;
        }
        at += 1;
    }
    true
}
