//! Keys of the EMA copy of a UNet (`ldm/modules/ema.py`).
//!
//! They have no dots: `model.diffusion_model.input_blocks.11.0.in_layers.2.weight` is
//! `model_ema.diffusion_modelinput_blocks110in_layers2weight`. The dots can be restored, because
//! only the number of a block and of a transformer block has more than one digit.

/// Prefix of the copy.
pub(super) const PREFIX: &str = "model_ema.diffusion_model";

/// Layers whose names contain a dot before a number.
const LAYERS: [(&str, &str); 14] = [
    ("in_layers0", "in_layers.0"),
    ("in_layers2", "in_layers.2"),
    ("emb_layers1", "emb_layers.1"),
    ("out_layers0", "out_layers.0"),
    ("out_layers3", "out_layers.3"),
    ("attn1to_q", "attn1.to_q"),
    ("attn1to_k", "attn1.to_k"),
    ("attn1to_v", "attn1.to_v"),
    ("attn1to_out0", "attn1.to_out.0"),
    ("attn2to_q", "attn2.to_q"),
    ("attn2to_k", "attn2.to_k"),
    ("attn2to_v", "attn2.to_v"),
    ("attn2to_out0", "attn2.to_out.0"),
    ("ffnet0proj", "ff.net.0.proj"),
];

/// Returns the UNet's key of a tensor of the copy; `None` for other keys.
pub(super) fn key(flat: &str) -> Option<String> {
    let rest = flat.strip_prefix(PREFIX)?;
    let kind = ["weight", "bias"].into_iter().find(|kind| rest.ends_with(kind))?;
    let rest = rest.strip_suffix(kind)?;
    let stem = match rest {
        "time_embed0" => "time_embed.0".to_string(),
        "time_embed2" => "time_embed.2".to_string(),
        "label_emb00" => "label_emb.0.0".to_string(),
        "label_emb02" => "label_emb.0.2".to_string(),
        "out0" => "out.0".to_string(),
        "out2" => "out.2".to_string(),
        _ => block(rest)?,
    };
    Some(format!("{stem}.{kind}"))
}

fn block(rest: &str) -> Option<String> {
    let (head, rest) = if let Some(rest) = rest.strip_prefix("middle_block") {
        let (number, rest) = digits(rest)?;
        (format!("middle_block.{number}"), rest)
    } else {
        let side = ["input_blocks", "output_blocks"].into_iter().find(|s| rest.starts_with(s))?;
        let (numbers, rest) = digits(rest.strip_prefix(side)?)?;
        let (block, layer) = numbers.split_at_checked(numbers.len() - 1)?;
        (format!("{side}.{block}.{layer}"), rest)
    };
    if rest.is_empty() {
        return Some(head); // The first convolution.
    }
    let Some(rest) = rest.strip_prefix("transformer_blocks") else {
        return Some(format!("{head}.{}", layer(rest)));
    };
    let (number, rest) = digits(rest)?;
    Some(format!("{head}.transformer_blocks.{number}.{}", layer(rest)))
}

fn layer(flat: &str) -> &str {
    match flat {
        "ffnet2" => "ff.net.2",
        _ => LAYERS.iter().find(|(from, _)| *from == flat).map_or(flat, |(_, to)| to),
    }
}

/// Splits a text after its first digits, of which there must be one.
fn digits(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}
