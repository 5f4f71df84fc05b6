//! Schedules: `[before:after:0.5]` and `[one|other]`.
//!
//! AUTOMATIC1111 `modules/prompt_parser.py` (`get_learned_conditioning_prompt_schedules`), whose
//! grammar is
//!
//! ```text
//! start: (prompt | /[][():]/+)*
//! prompt: (emphasized | scheduled | alternate | plain | WHITESPACE)*
//! emphasized: "(" prompt ")" | "(" prompt ":" prompt ")" | "[" prompt "]"
//! scheduled: "[" [prompt ":"] prompt ":" [WHITESPACE] NUMBER [WHITESPACE] "]"
//! alternate: "[" prompt ("|" [prompt])+ "]"
//! plain: /([^\\\[\]():|]|\\.)+/
//! ```

use std::collections::BTreeSet;

use super::fault::{Fault, check_limits};

/// A text of a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Last evaluation that has the text, counted from 0 as AUTOMATIC1111 does: the first entry
    /// lasts one evaluation longer than the numbers say.
    pub until: usize,
    /// Text.
    pub text: String,
}

/// Returns the texts of a prompt over a run of `steps` evaluations. What does not parse as a
/// schedule is text.
///
/// # Errors
/// If a limit is exceeded.
pub fn schedule(prompt: &str, steps: usize) -> Result<Vec<Entry>, Fault> {
    check_limits(prompt)?;
    let steps = steps.max(1);
    let constant = || vec![Entry { until: steps, text: prompt.to_string() }];
    // Most prompts have none.
    if !prompt.contains('[') {
        return Ok(constant());
    }
    let Some(nodes) = (Parser { text: prompt, at: 0, steps }).start() else {
        return Ok(constant());
    };
    let mut ends = BTreeSet::from([steps]);
    collect_ends(&nodes, steps, &mut ends);
    let entry = |until: usize| {
        let mut text = String::new();
        write_at(&nodes, until, &mut text);
        Entry { until, text }
    };
    Ok(ends.into_iter().map(entry).collect())
}

/// A piece of a parsed prompt.
enum Node<'a> {
    Text(&'a str),
    Scheduled { before: Vec<Node<'a>>, after: Vec<Node<'a>>, when: usize },
    Alternate(Vec<Vec<Node<'a>>>),
}

fn collect_ends(nodes: &[Node<'_>], steps: usize, ends: &mut BTreeSet<usize>) {
    for node in nodes {
        match node {
            Node::Text(_) => {}
            Node::Scheduled { before, after, when } => {
                if *when >= 1 {
                    ends.insert(*when);
                }
                collect_ends(before, steps, ends);
                collect_ends(after, steps, ends);
            }
            Node::Alternate(options) => {
                ends.extend(1..=steps);
                options.iter().for_each(|option| collect_ends(option, steps, ends));
            }
        }
    }
}

/// Writes the text of `step`, from 1.
fn write_at(nodes: &[Node<'_>], step: usize, text: &mut String) {
    for node in nodes {
        match node {
            Node::Text(piece) => text.push_str(piece),
            Node::Scheduled { before, after, when } => {
                write_at(if step <= *when { before } else { after }, step, text);
            }
            Node::Alternate(options) => write_at(&options[(step - 1) % options.len()], step, text),
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    steps: usize,
}

impl<'a> Parser<'a> {
    fn next(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    /// Parses the whole prompt. A bracket that opens nothing is text; `None` if there is a sign that
    /// cannot be text.
    fn start(mut self) -> Option<Vec<Node<'a>>> {
        let mut nodes = Vec::new();
        loop {
            nodes.extend(self.prompt());
            match self.next() {
                None => return Some(nodes),
                Some('(' | ')' | '[' | ']' | ':') => {
                    nodes.push(Node::Text(&self.text[self.at..=self.at]));
                    self.at += 1;
                }
                Some(_) => return None, // `|` outside of brackets, or a last `\`.
            }
        }
    }

    /// Parses as much as is a prompt, and stops before the sign that is not.
    fn prompt(&mut self) -> Vec<Node<'a>> {
        let mut nodes = Vec::new();
        while let Some(sign) = self.next() {
            let before = self.at;
            let parsed = match sign {
                '(' => self.round(),
                '[' => self.square(),
                _ => self.plain().map(|text| vec![Node::Text(text)]),
            };
            match parsed {
                Some(parsed) => nodes.extend(parsed),
                None => {
                    self.at = before;
                    break;
                }
            }
        }
        nodes
    }

    /// Parses text without signs.
    fn plain(&mut self) -> Option<&'a str> {
        let start = self.at;
        while let Some(sign) = self.next() {
            match sign {
                '[' | ']' | '(' | ')' | ':' | '|' => break,
                '\\' => match self.text[self.at + 1..].chars().next() {
                    Some(letter) if letter != '\n' => self.at += 1 + letter.len_utf8(),
                    _ => break,
                },
                letter => self.at += letter.len_utf8(),
            }
        }
        (self.at > start).then(|| &self.text[start..self.at])
    }

    /// Parses `(prompt)` or `(prompt:prompt)`, which stay as they are.
    fn round(&mut self) -> Option<Vec<Node<'a>>> {
        let mut nodes = vec![self.sign('(')?];
        nodes.extend(self.prompt());
        if let Some(colon) = self.sign(':') {
            nodes.push(colon);
            nodes.extend(self.prompt());
        }
        nodes.push(self.sign(')')?);
        Some(nodes)
    }

    /// Parses `[prompt]`, which stays as it is, a schedule, or an alternation.
    fn square(&mut self) -> Option<Vec<Node<'a>>> {
        let open = self.sign('[')?;
        let mut segments = vec![self.prompt()];
        let (mut delimiter, mut last_start) = (None, self.at);
        let close = loop {
            if let Some(close) = self.sign(']') {
                break close;
            }
            let sign = self.next().filter(|sign| matches!(sign, ':' | '|'))?;
            let is_full = sign == ':' && segments.len() == 3;
            if *delimiter.get_or_insert(sign) != sign || is_full {
                return None;
            }
            self.at += 1;
            last_start = self.at;
            segments.push(self.prompt());
        };
        match delimiter {
            None => {
                let mut nodes = vec![open];
                nodes.extend(segments.pop()?);
                nodes.push(close);
                Some(nodes)
            }
            Some('|') => Some(vec![Node::Alternate(segments)]),
            Some(_) => {
                let number = &self.text[last_start..self.at - 1];
                let when = evaluations(number.trim(), self.steps)?;
                segments.pop();
                let after = segments.pop()?;
                let before = segments.pop().unwrap_or_default();
                Some(vec![Node::Scheduled { before, after, when }])
            }
        }
    }

    fn sign(&mut self, sign: char) -> Option<Node<'a>> {
        (self.next() == Some(sign)).then(|| {
            self.at += 1;
            Node::Text(&self.text[self.at - 1..self.at])
        })
    }
}

/// Returns the evaluation at which a schedule changes: a share of all with a point in the number,
/// else their number; 0 for one before the first.
fn evaluations(number: &str, steps: usize) -> Option<usize> {
    let is_number =
        number.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'+' | b'-' | b'e' | b'E'));
    let starts_well = !number.starts_with(['e', 'E']);
    let value: f64 = number.parse().ok().filter(|_| is_number && starts_well)?;
    let value = if number.contains('.') { value * steps as f64 } else { value };
    Some((value as usize).min(steps)) // Negative numbers become 0.
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::schedule;

    fn entries(prompt: &str, steps: usize) -> Vec<(usize, String)> {
        let entries = schedule(prompt, steps).unwrap().into_iter();
        entries.map(|entry| (entry.until, entry.text)).collect()
    }

    /// AUTOMATIC1111's doctests of `get_learned_conditioning_prompt_schedules`, with 10 steps.
    #[test]
    fn schedules_equal_the_examples_of_automatic1111() {
        let owned = |entries: &[(usize, &str)]| -> Vec<(usize, String)> {
            entries.iter().map(|(until, text)| (*until, text.to_string())).collect()
        };
        let cases: [(&str, &[(usize, &str)]); 15] = [
            ("test", &[(10, "test")]),
            ("a [b:3]", &[(3, "a "), (10, "a b")]),
            ("a [b: 3]", &[(3, "a "), (10, "a b")]),
            ("a [[[b]]:2]", &[(2, "a "), (10, "a [[b]]")]),
            ("[(a:2):3]", &[(3, ""), (10, "(a:2)")]),
            ("a [b : c : 1] d", &[(1, "a b  d"), (10, "a  c  d")]),
            ("a[b:[c:d:2]:1]e", &[(1, "abe"), (2, "ace"), (10, "ade")]),
            ("a [unbalanced", &[(10, "a [unbalanced")]),
            ("a [b:.5] c", &[(5, "a  c"), (10, "a b c")]),
            ("a [{b|d{:.5] c", &[(10, "a [{b|d{:.5] c")]),
            ("((a][:b:c [d:3]", &[(3, "((a][:b:c "), (10, "((a][:b:c d")]),
            (
                "[a|(b:1.1)]",
                &[
                    (1, "a"),
                    (2, "(b:1.1)"),
                    (3, "a"),
                    (4, "(b:1.1)"),
                    (5, "a"),
                    (6, "(b:1.1)"),
                    (7, "a"),
                    (8, "(b:1.1)"),
                    (9, "a"),
                    (10, "(b:1.1)"),
                ],
            ),
            (
                "[fe|]male",
                &[
                    (1, "female"),
                    (2, "male"),
                    (3, "female"),
                    (4, "male"),
                    (5, "female"),
                    (6, "male"),
                    (7, "female"),
                    (8, "male"),
                    (9, "female"),
                    (10, "male"),
                ],
            ),
            ("[a:b:0]", &[(10, "b")]),
            ("a [b:c] [d:e:5]", &[(5, "a [b:c] d"), (10, "a [b:c] e")]),
        ];
        for (prompt, expected) in cases {
            assert_eq!(entries(prompt, 10), owned(expected), "{prompt}");
        }
    }

    #[test]
    fn number_beyond_the_run_never_comes() {
        assert_eq!(entries("a [red:1.5] b", 20), [(20, "a  b".to_string())]);
        assert_eq!(entries("a [red:-3] b", 20), [(20, "a red b".to_string())]);
    }
}
