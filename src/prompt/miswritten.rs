//! Weights that are written otherwise than the grammars read them.

/// Larger numbers are hardly meant as weights: `（8：30）`.
const LARGEST: f64 = 10.0;

/// A piece of a prompt that looks like a weight and is text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MiswrittenWeight {
    /// As it is written: `（cat：1.2）`, `(cat:1,2)`.
    pub text: String,
    /// As it has to be written: `(cat:1.2)`.
    pub corrected: String,
}

/// Returns the first weight that has brackets, a colon or digits of an East Asian keyboard, or a comma in its
/// number.
pub fn miswritten_weight(prompt: &str) -> Option<MiswrittenWeight> {
    let mut open = Vec::new();
    let mut is_escaped = false;
    for (at, letter) in prompt.char_indices() {
        match letter {
            _ if is_escaped => {}
            '(' | '（' => open.push(at),
            ')' | '）' => {
                let piece = open.pop().map(|start| &prompt[start..at + letter.len_utf8()]);
                if let Some(found) = piece.and_then(miswritten) {
                    return Some(found);
                }
            }
            _ => {}
        }
        is_escaped = letter == '\\' && !is_escaped;
    }
    None
}

/// Returns the weight of a piece in brackets, if it is not written as one.
fn miswritten(piece: &str) -> Option<MiswrittenWeight> {
    let inside = piece.strip_prefix(['(', '（'])?.strip_suffix([')', '）'])?;
    let (words, number) = inside.rsplit_once([':', '：'])?;
    let (words, number) = (words.trim(), ascii_number(number.trim()));
    let is_weight = number.parse::<f64>().is_ok_and(|weight| (0.0..LARGEST).contains(&weight));
    let has_words = words.contains(char::is_alphabetic) && !words.contains(['(', ')', '（', '）']);
    let corrected = format!("({words}:{number})");
    let is_miswritten = piece.replace(' ', "") != corrected.replace(' ', "");
    (is_weight && has_words && is_miswritten)
        .then(|| MiswrittenWeight { text: piece.to_string(), corrected })
}

/// Returns a number in the signs that a weight has.
fn ascii_number(number: &str) -> String {
    let sign = |sign: char| match sign {
        '０'..='９' => char::from_digit(sign as u32 - '０' as u32, 10).unwrap_or(sign),
        ',' | '，' | '．' => '.',
        sign => sign,
    };
    number.chars().map(sign).collect()
}

#[cfg(test)]
mod tests {
    use super::miswritten_weight;

    #[test]
    fn weights_of_other_keyboards_are_found() {
        let found = |prompt: &str| miswritten_weight(prompt).map(|it| (it.text, it.corrected));
        for (prompt, text, corrected) in [
            ("一只（红猫：1.2）", "（红猫：1.2）", "(红猫:1.2)"),
            ("a (cat:1,2), red", "(cat:1,2)", "(cat:1.2)"),
            ("a (cat：0.8)", "(cat：0.8)", "(cat:0.8)"),
            ("(a:1.1) （b:1,3）", "（b:1,3）", "(b:1.3)"),
            ("（猫：１．２）", "（猫：１．２）", "(猫:1.2)"),
            ("((a:1,1):1.2)", "(a:1,1)", "(a:1.1)"),
        ] {
            assert_eq!(found(prompt), Some((text.to_string(), corrected.to_string())), "{prompt}");
        }
    }

    #[test]
    fn weights_and_other_brackets_are_not() {
        for prompt in [
            "(cat:1.2)",
            "( cat : 1.2 )",
            "((cat:1.2):1,3)",
            "猫（红色）",
            "（16：9）",
            "（早上 8：30）",
            "(at 5:30, noon)",
            r"\(x:1,2\)",
            "a) b",
            "（：1.2）",
        ] {
            assert_eq!(miswritten_weight(prompt), None, "{prompt}");
        }
    }
}
