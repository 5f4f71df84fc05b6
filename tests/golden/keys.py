"""The keys of the published checkpoints at full size: in diffusers layout, and as one file.

Both sides of every difference come from others: the keys and shapes of a folder from diffusers and transformers, those
of a single file from a description of CompVis' and Stability's own modules, and which is which from diffusers' own
converters, run over tensors that carry their identity.
"""

import json
from pathlib import Path

import torch
from diffusers import AutoencoderKL, AutoencoderTiny, UNet2DConditionModel
from diffusers.loaders import single_file_utils as single_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

Shapes = dict[str, tuple[int, ...]]

# --- As published on the Hub -----------------------------------------------------------------------------------------

CROSS, PLAIN = "CrossAttnDownBlock2D", "DownBlock2D"
CROSS_UP, PLAIN_UP = "CrossAttnUpBlock2D", "UpBlock2D"
UNET = {"act_fn": "silu", "center_input_sample": False, "downsample_padding": 1, "flip_sin_to_cos": True}
UNET |= {"freq_shift": 0, "in_channels": 4, "layers_per_block": 2, "mid_block_scale_factor": 1, "norm_eps": 1e-05}
UNET |= {"norm_num_groups": 32, "out_channels": 4}
FOUR = {"block_out_channels": (320, 640, 1280, 1280), "down_block_types": (CROSS, CROSS, CROSS, PLAIN)}
FOUR |= {"up_block_types": (PLAIN_UP, CROSS_UP, CROSS_UP, CROSS_UP)}
THREE = {"block_out_channels": (320, 640, 1280), "down_block_types": (PLAIN, CROSS, CROSS)}
THREE |= {"up_block_types": (CROSS_UP, CROSS_UP, PLAIN_UP)}
TEXT_TIME = {"addition_embed_type": "text_time", "addition_time_embed_dim": 256}
TEXT_TIME |= {"projection_class_embeddings_input_dim": 2816}

SD1_UNET = UNET | FOUR | {"attention_head_dim": 8, "cross_attention_dim": 768, "sample_size": 64}
SD2_UNET = UNET | FOUR | {"attention_head_dim": (5, 10, 20, 20), "cross_attention_dim": 1024, "sample_size": 96}
SD2_UNET |= {"use_linear_projection": True, "upcast_attention": True}
SDXL_UNET = UNET | THREE | TEXT_TIME | {"attention_head_dim": (5, 10, 20), "cross_attention_dim": 2048}
SDXL_UNET |= {"sample_size": 128, "transformer_layers_per_block": (1, 2, 10), "use_linear_projection": True}

# segmind/small-sd and BK-SDM-Base, and what other smaller models have instead.
SMALL_UNET = SD1_UNET | {"layers_per_block": 1}
TINY = {"block_out_channels": (320, 640, 1280), "down_block_types": (CROSS,) * 3, "up_block_types": (CROSS_UP,) * 3}
SSD_1B = {"mid_block_type": "UNetMidBlock2D", "transformer_layers_per_block": [0, [2, 2], [4, 4]]}
SSD_1B |= {"reverse_transformer_layers_per_block": [[4, 4, 10], [2, 1, 1], 0]}
VEGA = {"mid_block_type": "UNetMidBlock2D", "transformer_layers_per_block": [0, [1, 1], [2, 2]]}
VEGA |= {"reverse_transformer_layers_per_block": [[2, 2, 2], [1, 1, 1], 0]}

VAE = {"act_fn": "silu", "block_out_channels": (128, 256, 512, 512), "in_channels": 3, "latent_channels": 4}
VAE |= {"down_block_types": ("DownEncoderBlock2D",) * 4, "up_block_types": ("UpDecoderBlock2D",) * 4}
VAE |= {"layers_per_block": 2, "norm_num_groups": 32, "out_channels": 3}

TEXT = {"vocab_size": 49408, "max_position_embeddings": 77, "layer_norm_eps": 1e-05}
TEXT |= {"bos_token_id": 0, "eos_token_id": 2, "pad_token_id": 1}
CLIP_L = TEXT | {"hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12}
CLIP_L |= {"hidden_act": "quick_gelu", "projection_dim": 768}
OPEN_CLIP_H = TEXT | {"hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 23}
OPEN_CLIP_H |= {"num_attention_heads": 16, "hidden_act": "gelu", "projection_dim": 512}
OPEN_CLIP_G = TEXT | {"hidden_size": 1280, "intermediate_size": 5120, "num_hidden_layers": 32}
OPEN_CLIP_G |= {"num_attention_heads": 20, "hidden_act": "gelu", "projection_dim": 1280}

CHECKPOINTS = {
    "sd1": {"unet": SD1_UNET, "vae": VAE | {"sample_size": 512}, "text_encoder": CLIP_L},
    "sd1_inpainting": {"unet": SD1_UNET | {"in_channels": 9}},
    "sd2": {"unet": SD2_UNET, "vae": VAE | {"sample_size": 768}, "text_encoder": OPEN_CLIP_H},
    "sd2_base": {"unet": SD2_UNET | {"sample_size": 64, "upcast_attention": False}},
    "sd2_inpainting": {"unet": SD2_UNET | {"in_channels": 9, "sample_size": 64, "upcast_attention": False}},
    "sdxl": {
        "unet": SDXL_UNET,
        "vae": VAE | {"sample_size": 1024, "scaling_factor": 0.13025},
        "text_encoder": CLIP_L,
        "text_encoder_2": OPEN_CLIP_G,
    },
    "sdxl_inpainting": {"unet": SDXL_UNET | {"in_channels": 9}},
    "lcm_dreamshaper_v7": {"unet": SD1_UNET | {"sample_size": 96, "time_cond_proj_dim": 256}},
    "sd_turbo": {"unet": SD2_UNET | {"sample_size": 64, "upcast_attention": None}, "text_encoder": OPEN_CLIP_H},
    "sdxl_turbo": {"unet": SDXL_UNET | {"sample_size": 64}},
    "taesd": {"vae": {}},
    "small_sd": {"unet": SMALL_UNET},
    "bk_sdm_small": {"unet": SMALL_UNET | {"mid_block_type": None}},
    "bk_sdm_tiny": {"unet": SMALL_UNET | TINY | {"mid_block_type": None}},
    "ssd_1b": {"unet": SDXL_UNET | SSD_1B},
    "vega": {"unet": SDXL_UNET | VEGA},
}
# Whose other parts, and whose keys where they are the same, a checkpoint has.
LIKE = {"sd1_inpainting": "sd1", "sd2_base": "sd2", "sd2_inpainting": "sd2", "sdxl_inpainting": "sdxl"}
LIKE |= {"lcm_dreamshaper_v7": "sd1", "sd_turbo": "sd2", "sdxl_turbo": "sdxl"}
LIKE |= {"small_sd": "sd1", "bk_sdm_small": "sd1", "bk_sdm_tiny": "sd1", "ssd_1b": "sdxl", "vega": "sdxl"}


def build(checkpoint: str, component: str, config: dict):
    with torch.device("meta"):
        match component:
            case "unet":
                return UNet2DConditionModel(**config)
            case "vae":
                return AutoencoderTiny(**config) if checkpoint == "taesd" else AutoencoderKL(**config)
            case "text_encoder":
                return CLIPTextModel(CLIPTextConfig(**config))
            case "text_encoder_2":
                return CLIPTextModelWithProjection(CLIPTextConfig(**config))


def folder_shapes(model, component: str) -> Shapes:
    """The keys as all published checkpoints have them: transformers 5 has dropped the prefix `text_model`."""
    shapes = {key: tuple(tensor.shape) for key, tensor in model.state_dict().items()}
    if not component.startswith("text_encoder"):
        return shapes
    top = ("text_model.", "text_projection.")
    return {key if key.startswith(top) else f"text_model.{key}": shape for key, shape in shapes.items()}


# --- A single file, as the modules of CompVis and Stability save it --------------------------------------------------


def affine(name: str, *shape: int) -> Shapes:
    """A weight and its bias, of a convolution or a linear layer."""
    return {f"{name}.weight": shape, f"{name}.bias": shape[:1]}


def norm(name: str, channels: int) -> Shapes:
    return {f"{name}.weight": (channels,), f"{name}.bias": (channels,)}


def res_block(name: str, channels: int, out: int, embedding: int) -> Shapes:
    """`ResBlock` of ldm/modules/diffusionmodules/openaimodel.py"""
    shapes = norm(f"{name}.in_layers.0", channels) | affine(f"{name}.in_layers.2", out, channels, 3, 3)
    shapes |= affine(f"{name}.emb_layers.1", out, embedding)
    shapes |= norm(f"{name}.out_layers.0", out) | affine(f"{name}.out_layers.3", out, out, 3, 3)
    return shapes if channels == out else shapes | affine(f"{name}.skip_connection", out, channels, 1, 1)


def spatial_transformer(name: str, channels: int, context: int, depth: int, linear: bool) -> Shapes:
    """`SpatialTransformer` of ldm/modules/attention.py"""
    project = (channels, channels) if linear else (channels, channels, 1, 1)
    shapes = norm(f"{name}.norm", channels) | affine(f"{name}.proj_in", *project) | affine(f"{name}.proj_out", *project)
    for block in (f"{name}.transformer_blocks.{i}" for i in range(depth)):
        for attention, width in (("attn1", channels), ("attn2", context)):
            shapes |= {f"{block}.{attention}.to_q.weight": (channels, channels)}
            shapes |= {f"{block}.{attention}.to_{part}.weight": (channels, width) for part in "kv"}
            shapes |= affine(f"{block}.{attention}.to_out.0", channels, channels)
        shapes |= affine(f"{block}.ff.net.0.proj", 8 * channels, channels)
        shapes |= affine(f"{block}.ff.net.2", channels, 4 * channels)
        for i in (1, 2, 3):
            shapes |= norm(f"{block}.norm{i}", channels)
    return shapes


def ldm_unet(
    in_channels: int, mult: tuple, attention: tuple, depth: tuple, context: int, linear: bool, adm: int,
    res_blocks: int = 2, up: tuple | None = None, middle: str | None = "attention",
) -> Shapes:  # fmt: skip
    """`UNetModel` of the same file; of sgm/modules/diffusionmodules/openaimodel.py where `depth` differs by level.

    Of smaller models `up` has the depths of the blocks on the way up, in their order, and `middle` is "resnet" for a
    residual block alone or `None` for no middle block.
    """
    model = 320
    embedding = 4 * model
    shapes = affine("time_embed.0", embedding, model) | affine("time_embed.2", embedding, embedding)
    if adm:
        shapes |= affine("label_emb.0.0", embedding, adm) | affine("label_emb.0.2", embedding, embedding)
    shapes |= affine("input_blocks.0.0", model, in_channels, 3, 3)
    channels, factor, block, skips = model, 1, 1, [model]
    for level, m in enumerate(mult):
        for _ in range(res_blocks):
            shapes |= res_block(f"input_blocks.{block}.0", channels, m * model, embedding)
            channels = m * model
            if factor in attention:
                shapes |= spatial_transformer(f"input_blocks.{block}.1", channels, context, depth[level], linear)
            skips.append(channels)
            block += 1
        if level + 1 < len(mult):
            shapes |= affine(f"input_blocks.{block}.0.op", channels, channels, 3, 3)
            skips.append(channels)
            factor, block = factor * 2, block + 1
    if middle:
        shapes |= res_block("middle_block.0", channels, channels, embedding)
    if middle == "attention":
        shapes |= spatial_transformer("middle_block.1", channels, context, depth[-1], linear)
        shapes |= res_block("middle_block.2", channels, channels, embedding)
    block = 0
    for level, m in reversed(list(enumerate(mult))):
        for i in range(res_blocks + 1):
            shapes |= res_block(f"output_blocks.{block}.0", channels + skips.pop(), m * model, embedding)
            channels, layer = m * model, 1
            if factor in attention:
                layers = up[block] if up else depth[level]
                shapes |= spatial_transformer(f"output_blocks.{block}.1", channels, context, layers, linear)
                layer = 2
            if level and i == res_blocks:
                shapes |= affine(f"output_blocks.{block}.{layer}.conv", channels, channels, 3, 3)
                factor //= 2
            block += 1
    return shapes | norm("out.0", channels) | affine("out.2", 4, model, 3, 3)


def ldm_vae() -> Shapes:
    """`AutoencoderKL` of ldm/models/autoencoder.py, its halves of ldm/modules/diffusionmodules/model.py"""
    ch, mult, res_blocks, z = 128, (1, 2, 4, 4), 2, 4

    def resnet(name: str, channels: int, out: int) -> Shapes:
        shapes = norm(f"{name}.norm1", channels) | affine(f"{name}.conv1", out, channels, 3, 3)
        shapes |= norm(f"{name}.norm2", out) | affine(f"{name}.conv2", out, out, 3, 3)
        return shapes if channels == out else shapes | affine(f"{name}.nin_shortcut", out, channels, 1, 1)

    def middle(name: str, channels: int) -> Shapes:
        shapes = resnet(f"{name}.block_1", channels, channels) | norm(f"{name}.attn_1.norm", channels)
        for part in ("q", "k", "v", "proj_out"):
            shapes |= affine(f"{name}.attn_1.{part}", channels, channels, 1, 1)
        return shapes | resnet(f"{name}.block_2", channels, channels)

    channels = ch
    shapes = affine("encoder.conv_in", ch, 3, 3, 3)
    for level, m in enumerate(mult):
        for block in range(res_blocks):
            shapes |= resnet(f"encoder.down.{level}.block.{block}", channels, ch * m)
            channels = ch * m
        if level + 1 < len(mult):
            shapes |= affine(f"encoder.down.{level}.downsample.conv", channels, channels, 3, 3)
    shapes |= middle("encoder.mid", channels) | norm("encoder.norm_out", channels)
    shapes |= affine("encoder.conv_out", 2 * z, channels, 3, 3)
    shapes |= affine("decoder.conv_in", channels, z, 3, 3) | middle("decoder.mid", channels)
    for level, m in reversed(list(enumerate(mult))):
        for block in range(res_blocks + 1):
            shapes |= resnet(f"decoder.up.{level}.block.{block}", channels, ch * m)
            channels = ch * m
        if level:
            shapes |= affine(f"decoder.up.{level}.upsample.conv", channels, channels, 3, 3)
    shapes |= norm("decoder.norm_out", channels) | affine("decoder.conv_out", 3, channels, 3, 3)
    return shapes | affine("quant_conv", 2 * z, 2 * z, 1, 1) | affine("post_quant_conv", z, z, 1, 1)


def open_clip(width: int, layers: int) -> Shapes:
    """The text half of open_clip's `CLIP`, with every layer, its projection and its temperature."""
    shapes = {"positional_embedding": (77, width), "text_projection": (width, width), "logit_scale": ()}
    shapes |= {"token_embedding.weight": (49408, width)} | norm("ln_final", width)
    for layer in (f"transformer.resblocks.{i}" for i in range(layers)):
        shapes |= {f"{layer}.attn.in_proj_weight": (3 * width, width), f"{layer}.attn.in_proj_bias": (3 * width,)}
        shapes |= affine(f"{layer}.attn.out_proj", width, width) | norm(f"{layer}.ln_1", width)
        shapes |= affine(f"{layer}.mlp.c_fc", 4 * width, width) | affine(f"{layer}.mlp.c_proj", width, 4 * width)
        shapes |= norm(f"{layer}.ln_2", width)
    return shapes


def clip_l() -> Shapes:
    """transformers' `CLIPTextModel` as of 2022, with the buffer that it saved then."""
    with torch.device("meta"):
        model = CLIPTextModel(CLIPTextConfig(**CLIP_L))
    return folder_shapes(model, "text_encoder") | {"text_model.embeddings.position_ids": (1, 77)}


SCHEDULE = """betas alphas_cumprod alphas_cumprod_prev sqrt_alphas_cumprod sqrt_one_minus_alphas_cumprod
log_one_minus_alphas_cumprod sqrt_recip_alphas_cumprod sqrt_recipm1_alphas_cumprod posterior_variance
posterior_log_variance_clipped posterior_mean_coef1 posterior_mean_coef2""".split()
VAE_PREFIX, UNET_PREFIX = "first_stage_model.", "model.diffusion_model."
SINGLE_FILES = {
    "sd1": {
        "unet": (UNET_PREFIX, lambda n: ldm_unet(n, (1, 2, 4, 4), (4, 2, 1), (1, 1, 1, 1), 768, False, 0)),
        "vae": (VAE_PREFIX, lambda _: ldm_vae()),
        "text_encoder": ("cond_stage_model.transformer.", lambda _: clip_l()),
    },
    "sd2": {
        "unet": (UNET_PREFIX, lambda n: ldm_unet(n, (1, 2, 4, 4), (4, 2, 1), (1, 1, 1, 1), 1024, True, 0)),
        "vae": (VAE_PREFIX, lambda _: ldm_vae()),
        "text_encoder": ("cond_stage_model.model.", lambda _: open_clip(1024, 24)),
    },
    "sdxl": {
        "unet": (UNET_PREFIX, lambda n: ldm_unet(n, (1, 2, 4), (4, 2), (1, 2, 10), 2048, True, 2816)),
        "vae": (VAE_PREFIX, lambda _: ldm_vae()),
        "text_encoder": ("conditioner.embedders.0.transformer.", lambda _: clip_l()),
        "text_encoder_2": ("conditioner.embedders.1.model.", lambda _: open_clip(1280, 32)),
    },
}
# UNets of smaller models, as files that count blocks as the full models do.
SD1_LIKE = ((1, 1, 1, 1), 768, False, 0, 1)
SMALLER_UNETS = {
    "small_sd": lambda n: ldm_unet(n, (1, 2, 4, 4), (4, 2, 1), *SD1_LIKE),
    "bk_sdm_small": lambda n: ldm_unet(n, (1, 2, 4, 4), (4, 2, 1), *SD1_LIKE, middle=None),
    "bk_sdm_tiny": lambda n: ldm_unet(n, (1, 2, 4), (4, 2, 1), *SD1_LIKE, middle=None),
    "ssd_1b": lambda n: ldm_unet(
        n, (1, 2, 4), (4, 2), (0, 2, 4), 2048, True, 2816, up=(4, 4, 10, 2, 1, 1), middle="resnet"
    ),
    "vega": lambda n: ldm_unet(
        n, (1, 2, 4), (4, 2), (0, 1, 2), 2048, True, 2816, up=(2, 2, 2, 1, 1, 1), middle="resnet"
    ),
}
BESIDE = {
    "sd1": {name: (1000,) for name in SCHEDULE} | {"model_ema.decay": (), "model_ema.num_updates": ()},
    "sd2": {name: (1000,) for name in SCHEDULE} | {"global_step": ()},
    "sdxl": {"denoiser.sigmas": (1000,)},
}

# --- Which is which, by diffusers' converters ------------------------------------------------------------------------


def tensor(identity: int, key: str, shape: tuple[int, ...]) -> torch.Tensor:
    """Eight times its identity, plus what tells its parts from each other; it takes no memory but for its rows."""
    if key.endswith(("in_proj_weight", "in_proj_bias")):
        code = torch.arange(shape[0]) * 3 // shape[0]  # Which third.
    elif key.endswith("text_projection"):
        code = torch.arange(shape[0]) % 2  # Rows differ, columns do not.
    else:
        return torch.full((), 8 * identity, dtype=torch.int32).expand(shape)
    code = (8 * identity + code).to(torch.int32)
    return code.reshape(-1, *[1] * (len(shape) - 1)).expand(shape)


def convert(component: str, model, file: dict, prefix: str) -> dict:
    if component == "unet":
        return single_file.convert_ldm_unet_checkpoint(file, model.config)
    if component == "vae":
        return single_file.convert_ldm_vae_checkpoint(file, model.config)
    if prefix.endswith("transformer."):
        return single_file.convert_ldm_clip_checkpoint(file)
    return single_file.convert_open_clip_checkpoint(model, file, prefix=prefix)


def dims(shape) -> str:
    return "x".join(map(str, shape)) or "-"


def rows(checkpoint: str, component: str, model) -> tuple[list[str], list[str]]:
    """`path shape`, and for a single file `key part shape`; then the file's keys that are left out, with shapes."""
    folder = folder_shapes(model, component)
    source = SINGLE_FILES.get(LIKE.get(checkpoint, checkpoint), {}).get(component)
    if source is None or checkpoint in ("lcm_dreamshaper_v7", "sd_turbo", "sdxl_turbo"):
        return [f"{path} {dims(shape)}" for path, shape in folder.items()], []
    prefix, describe = source
    describe = SMALLER_UNETS.get(checkpoint, describe)
    shapes = describe(model.config.in_channels if component == "unet" else 0)
    keys = list(shapes)
    file = {f"{prefix}{key}": tensor(i, key, shapes[key]) for i, key in enumerate(keys)}
    converted = convert(component, model, file, prefix)
    assert folder.keys() <= converted.keys(), (checkpoint, component, folder.keys() - converted.keys())
    assert {path: tuple(converted[path].shape) for path in folder} == folder, (checkpoint, component)
    buffers = converted.keys() - folder.keys()
    assert buffers <= {"text_model.embeddings.position_ids"}, buffers

    lines, used = [], set()
    for path, shape in folder.items():
        found = converted[path]
        value = found.flatten()[0].item()
        key, code = keys[value // 8], value % 8
        part = "whole"
        if "in_proj" in key:
            assert (found == value).all()
            part = f"rows{code}/3"
        elif found.ndim == 2 and found[0, 0] != found[0, 1]:
            part = "transposed"
        elif tuple(found.shape) != shapes[key]:
            part = "squeezed"
        used.add(key)
        lines.append(f"{path} {dims(shape)} {'=' if key == path else key} {part} {dims(shapes[key])}")
    return lines, [f"{prefix}{key} {dims(shapes[key])}" for key in keys if key not in used]


def tables() -> dict:
    result = {}
    for checkpoint, configs in CHECKPOINTS.items():
        like = LIKE.get(checkpoint)
        entry = {"like": like} if like else {}
        for component, config in configs.items():
            model = build(checkpoint, component, config)
            lines, left_out = rows(checkpoint, component, model)
            name = type(model).__name__
            if component.startswith("text_encoder"):
                full = model.config.to_dict() | {"architectures": [name]}
            else:
                full = {"_class_name": name} | dict(model.config)
            part = {"config": {key: value for key, value in full.items() if key == "_class_name" or key[0] != "_"}}
            if like and component in result[like]:
                # Only what differs: these checkpoints share nearly every key.
                known = result[like][component]["rows"]
                bare = [" ".join(line.split(" ")[:2]) for line in known]
                same = known if len(lines[0].split(" ")) > 2 else bare
                part["removed"] = [line.split(" ")[0] for line in same if line not in lines]
                part["added"] = [line for line in lines if line not in same]
                assert [line for line in lines if line in same] == [line for line in same if line in lines]
            else:
                part["rows"] = lines
                if checkpoint in SINGLE_FILES:
                    part |= {"prefix": SINGLE_FILES[checkpoint][component][0], "left_out": left_out}
            entry[component] = part
        if checkpoint in BESIDE:
            entry["beside"] = [f"{key} {dims(shape)}" for key, shape in BESIDE[checkpoint].items()]
        result[checkpoint] = entry
    return result


def main(out_dir: Path) -> None:
    checkpoints = tables()
    # One line per key: a change of one shows as such.
    (out_dir / "keys.json").write_text(json.dumps({"checkpoints": checkpoints}, indent=0) + "\n", encoding="utf-8")
