//! Weights that are written otherwise than the grammars read them.

/// A piece of a prompt that looks like a weight and is text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MiswrittenWeight {
    /// As it is written: `（cat：1.2）`, `(cat:1,2)`.
    pub text: String,
    /// As it has to be written: `(cat:1.2)`.
    pub corrected: String,
}

/// Returns the first weight that has brackets or a colon of an East Asian keyboard, or a comma in its number.
pub fn miswritten_weight(prompt: &str) -> Option<MiswrittenWeight> {
    let mut ends = prompt.match_indices([')', '）']);
    ends.find_map(|(end, close)| {
        let before = &prompt[..end];
        let start = before.rfind(['(', '（'])?;
        let open = before[start..].chars().next()?;
        if before[..start].ends_with('\\') {
            return None;
        }
        let inside = &before[start + open.len_utf8()..];
        let (at, colon) = inside.rmatch_indices([':', '：']).next()?;
        let (words, number) = (inside[..at].trim(), inside[at + colon.len()..].trim());
        let corrected = number.replace([',', '，', '．'], ".");
        let is_number = corrected.parse::<f64>().is_ok_and(f64::is_finite);
        let is_well_written =
            [open.to_string().as_str(), colon, close] == ["(", ":", ")"] && corrected == number;
        (is_number && !is_well_written && !words.is_empty()).then(|| MiswrittenWeight {
            text: prompt[start..end + close.len()].to_string(),
            corrected: format!("({words}:{corrected})"),
        })
    })
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
        ] {
            assert_eq!(found(prompt), Some((text.to_string(), corrected.to_string())), "{prompt}");
        }
    }

    #[test]
    fn weights_and_other_brackets_are_not() {
        for prompt in [
            "(cat:1.2)",
            "((cat:1.2):0.5)",
            "猫（红色）",
            "(at 5:30, noon)",
            r"\(x:1,2\)",
            "a) b",
            "（：1.2）",
        ] {
            assert_eq!(miswritten_weight(prompt), None, "{prompt}");
        }
    }
}
