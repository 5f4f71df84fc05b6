//! Networks that a prompt names: `<lora:name:0.8>`.
//!
//! AUTOMATIC1111 `modules/extra_networks.py` (`re_extra_net`) and
//! `extensions-builtin/Lora/extra_networks_lora.py`.

/// A network that a prompt names, with the weights that it asks for.
///
/// `<lora:NAME:TE:UNET:DYN>`: the second weight defaults to the first, the first to 1. Each may also
/// be given by name: `te=0.5`, `unet=0.8`, `dyn=16`.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkRef {
    /// Kind, in lower case: `lora`, `hypernet`, …
    pub kind: String,
    /// Name: that of the file without its ending, or an alias.
    pub name: String,
    /// Factor of what it adds to the text encoders.
    pub text_encoder_weight: f64,
    /// Factor of what it adds to the UNet.
    pub unet_weight: f64,
    /// Rank to which it is cut; `None`: as it is.
    pub rank: Option<usize>,
    /// Named arguments that are not listed above, in their order: `lbw=1,0,1`.
    pub arguments: Vec<(String, String)>,
    /// A weight that is no number.
    pub wrong_weight: Option<String>,
}

/// Takes all `<kind:…>` out of a prompt. Returns the rest, in which the spaces around them stay, and
/// what they name.
pub fn take_networks(prompt: &str) -> (String, Vec<NetworkRef>) {
    let (mut rest, mut networks) = (String::with_capacity(prompt.len()), Vec::new());
    let mut remaining = prompt;
    while let Some(start) = remaining.find('<') {
        let (before, tag) = remaining.split_at(start);
        rest.push_str(before);
        match split_tag(tag) {
            Some((kind, arguments, behind)) => {
                networks.push(NetworkRef::new(kind, arguments));
                remaining = behind;
            }
            None => {
                rest.push('<');
                remaining = &tag[1..];
            }
        }
    }
    rest.push_str(remaining);
    (rest, networks)
}

/// Returns the LoRAs that a prompt names.
pub fn named_loras(prompt: &str) -> impl Iterator<Item = NetworkRef> {
    take_networks(prompt).1.into_iter().filter(NetworkRef::is_lora)
}

/// Splits `<kind:arguments>rest` (`<(\w+):([^>]+)>`).
fn split_tag(tag: &str) -> Option<(&str, &str, &str)> {
    let inside = tag.strip_prefix('<')?;
    let is_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    let (kind, behind) = inside.split_at(inside.find(|letter| !is_name(letter))?);
    let (arguments, behind) = behind.strip_prefix(':')?.split_once('>')?;
    (!kind.is_empty() && !arguments.is_empty()).then_some((kind, arguments, behind))
}

impl NetworkRef {
    /// Returns whether it is a LoRA or one of its kin.
    pub fn is_lora(&self) -> bool {
        matches!(self.kind.as_str(), "lora" | "lyco")
    }

    fn new(kind: &str, arguments: &str) -> Self {
        let (mut positional, mut named) = (Vec::new(), Vec::new());
        for argument in arguments.split(':') {
            match argument.split_once('=') {
                Some((key, value)) => {
                    named.push((key.trim().to_string(), value.trim().to_string()))
                }
                None => positional.push(argument.trim()),
            }
        }
        let mut take = |key: &str| {
            let at = named.iter().position(|(name, _)| name == key)?;
            Some(named.remove(at).1)
        };
        let mut wrong_weight = None;
        let mut weight = |at: usize, given: Option<String>| {
            let text = given.or_else(|| positional.get(at).map(ToString::to_string))?;
            let number = text.parse().ok().filter(|value: &f64| value.is_finite());
            if number.is_none() && wrong_weight.is_none() {
                wrong_weight = Some(text);
            }
            number
        };
        let text_encoder_weight = weight(1, take("te"));
        let unet_weight = weight(2, take("unet"));
        let rank = take("dyn").and_then(|rank| rank.parse().ok());
        let rank = rank.or_else(|| positional.get(3).and_then(|rank| rank.parse().ok()));
        let text_encoder_weight = text_encoder_weight.unwrap_or(1.0);
        NetworkRef {
            kind: kind.to_lowercase(),
            name: positional.first().copied().unwrap_or_default().to_string(),
            text_encoder_weight,
            unet_weight: unet_weight.unwrap_or(text_encoder_weight),
            rank,
            arguments: named,
            wrong_weight,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::take_networks;

    /// Kind, name, weights of text encoder and UNet.
    fn named(prompt: &str) -> Vec<(String, String, f64, f64)> {
        let networks = take_networks(prompt).1.into_iter();
        networks
            .map(|network| {
                let weights = (network.text_encoder_weight, network.unet_weight);
                (network.kind, network.name, weights.0, weights.1)
            })
            .collect()
    }

    #[test]
    fn weights_default_to_one_and_to_the_first() {
        let lora = |name: &str, te, unet| ("lora".to_string(), name.to_string(), te, unet);
        assert_eq!(named("<lora:a>"), [lora("a", 1.0, 1.0)]);
        assert_eq!(named("<lora:a:0.8>"), [lora("a", 0.8, 0.8)]);
        assert_eq!(named("<LORA:a b:0.7:-0.5>"), [lora("a b", 0.7, -0.5)]);
        assert_eq!(named("<lora:a:unet=0.4>"), [lora("a", 1.0, 0.4)]);
        assert_eq!(named("<lora:a:te=0.3>"), [lora("a", 0.3, 0.3)]);
    }

    #[test]
    fn rank_and_other_arguments_are_kept() {
        let networks = take_networks("<lora:a:1:1:16> <lora:b:lbw=1,0:dyn=4:1>").1;
        assert_eq!((networks[0].rank, networks[1].rank), (Some(16), Some(4)));
        assert_eq!(networks[1].arguments, [("lbw".to_string(), "1,0".to_string())]);
    }

    #[test]
    fn text_around_tags_stays() {
        let rest = |prompt: &str| take_networks(prompt).0;
        assert_eq!(rest("photo <lora:style:0.8> of <hypernet:x:1>a cat"), "photo  of a cat");
        for text in ["a < b", "<lora>", "<lora:>", "<lora:a", "<:a>", "a <b:", "<< x", "<lo ra:a>"]
        {
            assert_eq!(rest(text), text);
            assert!(named(text).is_empty(), "{text}");
        }
        assert_eq!(rest("a <<lora:b>"), "a <");
    }
}
