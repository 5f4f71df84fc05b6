//! Ends of an adapter's keys: which part of which kind of change a tensor is.

/// Part of the change of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// LoRA `[o, r]`.
    Up,
    /// LoRA `[r, i, …]`.
    Down,
    /// LoRA between both, `[r, r, k, k]`.
    Mid,
    /// Scale is alpha / rank.
    Alpha,
    /// Scale itself.
    Scale,
    /// DoRA's norms, of inputs or outputs by their shape.
    DoraScale,
    /// DoRA's norms, of outputs.
    Magnitude,
    /// LoHa.
    HadaW1A,
    /// LoHa.
    HadaW1B,
    /// LoHa.
    HadaW2A,
    /// LoHa.
    HadaW2B,
    /// LoHa.
    HadaT1,
    /// LoHa.
    HadaT2,
    /// LoKr.
    LokrW1,
    /// LoKr.
    LokrW1A,
    /// LoKr.
    LokrW1B,
    /// LoKr.
    LokrW2,
    /// LoKr.
    LokrW2A,
    /// LoKr.
    LokrW2B,
    /// LoKr.
    LokrT2,
    /// Difference of the weight.
    Diff,
    /// Difference of the bias.
    DiffBias,
    /// Something that is not read: GLoRA, OFT, IA³, a whole new weight.
    Other,
}

/// Suffixes; the first that ends a key counts.
const SUFFIXES: [(&str, Part); 55] = [
    (".lora_up.weight", Part::Up),
    (".lora_down.weight", Part::Down),
    (".lora_mid.weight", Part::Mid),
    (".lora_B.weight", Part::Up),
    (".lora_A.weight", Part::Down),
    (".lora_B.default.weight", Part::Up),
    (".lora_A.default.weight", Part::Down),
    (".lora_B.bias", Part::DiffBias),
    (".lora_B.default.bias", Part::DiffBias),
    (".lora_B", Part::Up),
    (".lora_A", Part::Down),
    (".lora_linear_layer.up.weight", Part::Up),
    (".lora_linear_layer.down.weight", Part::Down),
    (".lora.up.weight", Part::Up),
    (".lora.down.weight", Part::Down),
    ("_lora.up.weight", Part::Up),
    ("_lora.down.weight", Part::Down),
    (".alpha", Part::Alpha),
    (".scale", Part::Scale),
    (".dora_scale", Part::DoraScale),
    (".lora_magnitude_vector.default.weight", Part::Magnitude),
    (".lora_magnitude_vector.default", Part::Magnitude),
    (".lora_magnitude_vector.weight", Part::Magnitude),
    (".lora_magnitude_vector", Part::Magnitude),
    (".hada_w1_a", Part::HadaW1A),
    (".hada_w1_b", Part::HadaW1B),
    (".hada_w2_a", Part::HadaW2A),
    (".hada_w2_b", Part::HadaW2B),
    (".hada_t1", Part::HadaT1),
    (".hada_t2", Part::HadaT2),
    (".lokr_w1", Part::LokrW1),
    (".lokr_w1_a", Part::LokrW1A),
    (".lokr_w1_b", Part::LokrW1B),
    (".lokr_w2", Part::LokrW2),
    (".lokr_w2_a", Part::LokrW2A),
    (".lokr_w2_b", Part::LokrW2B),
    (".lokr_t2", Part::LokrT2),
    (".lokr_t1", Part::Other),
    (".diff", Part::Diff),
    (".diff_b", Part::DiffBias),
    (".w_norm", Part::Diff),
    (".b_norm", Part::DiffBias),
    (".set_weight", Part::Other),
    (".a1.weight", Part::Other),
    (".a2.weight", Part::Other),
    (".b1.weight", Part::Other),
    (".b2.weight", Part::Other),
    (".bm.weight", Part::Other),
    (".oft_blocks", Part::Other),
    (".oft_diag", Part::Other),
    (".rescale", Part::Other),
    (".on_input", Part::Other),
    (".boft", Part::Other),
    (".reshape_weight", Part::Other),
    (".weight", Part::Other),
];

/// Splits a key into the layer's name and the part; `None` if it ends in none of them.
///
/// Names of diffusers' attention processors of 2023 (`attn1.processor.to_q_lora.up.weight`) become those
/// of the layers.
pub fn split(key: &str) -> Option<(String, Part)> {
    let found = |(suffix, part): &(&str, Part)| key.strip_suffix(suffix).map(|name| (name, *part));
    let (name, part) = SUFFIXES.iter().find_map(found)?;
    Some((layer_name(name, key.contains("_lora.")), part))
}

/// Returns the name of a layer in today's spelling. `is_processor`: it ended in `_lora`.
fn layer_name(name: &str, is_processor: bool) -> String {
    /// A text encoder's projections had the names of the UNet's.
    const PROJECTIONS: [(&str, &str); 4] = [
        ("self_attn.to_q", "self_attn.q_proj"),
        ("self_attn.to_k", "self_attn.k_proj"),
        ("self_attn.to_v", "self_attn.v_proj"),
        ("self_attn.to_out", "self_attn.out_proj"),
    ];
    let name = name.replace(".processor.", ".");
    for (old, new) in PROJECTIONS {
        if let Some(block) = name.strip_suffix(old) {
            return format!("{block}{new}");
        }
    }
    match is_processor && name.ends_with(".to_out") {
        true => name + ".0",
        false => name,
    }
}

#[cfg(test)]
mod tests {
    use super::{Part, split};

    #[test]
    fn keys_of_every_dialect_are_split() {
        for (key, name, part) in [
            ("lora_unet_conv_in.lora_up.weight", "lora_unet_conv_in", Part::Up),
            ("lora_te_a_fc1.alpha", "lora_te_a_fc1", Part::Alpha),
            ("unet.a.attn1.to_q.lora_A.weight", "unet.a.attn1.to_q", Part::Down),
            ("base_model.model.a.to_q.lora_B.default.weight", "base_model.model.a.to_q", Part::Up),
            ("a.attn1.processor.to_q_lora.down.weight", "a.attn1.to_q", Part::Down),
            ("a.attn2.processor.to_out_lora.up.weight", "a.attn2.to_out.0", Part::Up),
            (
                "text_encoder.b.self_attn.to_out_lora.up.weight",
                "text_encoder.b.self_attn.out_proj",
                Part::Up,
            ),
            (
                "text_encoder.b.self_attn.q_proj.lora_linear_layer.up.weight",
                "text_encoder.b.self_attn.q_proj",
                Part::Up,
            ),
            ("x.lora_magnitude_vector.default.weight", "x", Part::Magnitude),
            ("x.lokr_w1_a", "x", Part::LokrW1A),
            ("x.b_norm", "x", Part::DiffBias),
            ("x.oft_blocks", "x", Part::Other),
        ] {
            assert_eq!(split(key), Some((name.to_string(), part)), "{key}");
        }
        assert_eq!(split("x.lora_up.wei"), None);
    }
}
