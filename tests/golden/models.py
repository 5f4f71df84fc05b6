"""Tiny random checkpoints in diffusers layout: sd1 and sd2."""

import json
import shutil
import zlib
from pathlib import Path

import torch
from diffusers import AutoencoderKL, DDIMScheduler, PNDMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

import vocabulary

DOWN = ("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D")
UP = ("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D")
VAE_LEVELS = {"down_block_types": ("DownEncoderBlock2D",) * 3, "up_block_types": ("UpDecoderBlock2D",) * 3}

# Only what SD 1.5's own config.json files say: readers must know the defaults of the rest.
UNET_KEYS = """_class_name _diffusers_version act_fn attention_head_dim block_out_channels center_input_sample
cross_attention_dim down_block_types downsample_padding flip_sin_to_cos freq_shift in_channels layers_per_block
mid_block_scale_factor norm_eps norm_num_groups out_channels sample_size up_block_types""".split()
VAE_KEYS = """_class_name _diffusers_version act_fn block_out_channels down_block_types in_channels latent_channels
layers_per_block norm_num_groups out_channels sample_size up_block_types""".split()

SCHEDULE = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "clip_sample": False}
SCHEDULE |= {"num_train_timesteps": 1000, "set_alpha_to_one": False, "skip_prk_steps": True, "steps_offset": 1}
SD1_SCHEDULER = {"_class_name": "PNDMScheduler", **SCHEDULE, "trained_betas": None}
SD2_SCHEDULER = {"_class_name": "DDIMScheduler", **SCHEDULE, "prediction_type": "v_prediction", "trained_betas": None}


def enliven(model: nn.Module, seed: int) -> nn.Module:
    """Random values everywhere, norms and biases too, so that nothing forgotten passes unseen."""
    for name, parameter in model.named_parameters():
        generator = torch.Generator("cpu").manual_seed(zlib.crc32(f"{seed} {name}".encode()))
        value = torch.randn(parameter.shape, generator=generator)
        if parameter.ndim == 1:
            # A norm's weight lies around one; every bias around zero.
            value = 1 + 0.2 * value if name.endswith("weight") else 0.1 * value
        elif "embedding.weight" in name:
            value = 0.5 * value
        else:
            # Keeps the size of the signal, whatever the width.
            value = value / parameter[0].numel() ** 0.5
        parameter.data.copy_(value)
    return model.eval()


def text_encoder(vocab_size: int, seed: int, **config) -> CLIPTextModel:
    shared = {"vocab_size": vocab_size, "max_position_embeddings": 77, "layer_norm_eps": 1e-5}
    return enliven(CLIPTextModel(CLIPTextConfig(**shared, **config)), seed)


def rewrite(path: Path, change) -> None:
    """Saves a safetensors file again with other names."""
    tensors = change(load_file(path))
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path, metadata={"format": "pt"})


def as_transformers_4(tensors: dict) -> dict:
    """The names that all published checkpoints have."""
    return {name if name.startswith("text_model.") else f"text_model.{name}": tensor for name, tensor in tensors.items()}


def keep_keys(path: Path, keys: list[str]) -> None:
    config = json.loads(path.read_text())
    write_json(path, {key: config[key] for key in keys if key in config})


def write_json(path: Path, value) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def added_token(content: str) -> dict:
    return {"content": content, "lstrip": False, "normalized": True, "rstrip": False, "single_word": False}


def write_tokenizer(folder: Path, pad: str) -> int:
    """The files of a published tokenizer folder; returns the number of tokens."""
    merges = vocabulary.learn_merges(vocabulary.TEXT, 200)
    size = len(vocabulary.write(folder, merges))
    start, end = added_token(vocabulary.START), added_token(vocabulary.END)
    special = {"bos_token": start, "eos_token": end, "pad_token": pad, "unk_token": end}
    write_json(folder / "special_tokens_map.json", special)
    typed = {key: {"__type": "AddedToken", **value} for key, value in special.items() if key != "pad_token"}
    # SD 2 says "!" in the map only; the map wins.
    config = {"add_prefix_space": False, **typed, "pad_token": vocabulary.END, "do_lower_case": True}
    config |= {"errors": "replace", "model_max_length": 77, "tokenizer_class": "CLIPTokenizer"}
    write_json(folder / "tokenizer_config.json", config)
    return size


def save(folder: Path, scheduler, scheduler_config: dict, pad: str, parts: dict) -> None:
    write_tokenizer(folder / "tokenizer", pad)
    pipe = StableDiffusionPipeline(
        tokenizer=CLIPTokenizer.from_pretrained(folder / "tokenizer"),
        scheduler=scheduler.from_config(scheduler_config),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
        **parts,
    )
    pipe.save_pretrained(folder, safe_serialization=True)
    # The tokenizer and scheduler again as published: newer libraries write them otherwise.
    (folder / "tokenizer/tokenizer.json").unlink()
    write_tokenizer(folder / "tokenizer", pad)
    write_json(folder / "scheduler/scheduler_config.json", scheduler_config)
    rewrite(folder / "text_encoder/model.safetensors", as_transformers_4)


def write_sd1(folder: Path) -> None:
    """As SD 1.5: short configs, one number of heads, convolutions around attention, old VAE names."""
    vocab_size = write_tokenizer(folder / "tokenizer", vocabulary.END)
    unet = UNet2DConditionModel(
        sample_size=16, block_out_channels=(8, 16, 24), norm_num_groups=4, down_block_types=DOWN, up_block_types=UP,
        attention_head_dim=2, layers_per_block=2, cross_attention_dim=24,
    )  # fmt: skip
    vae = AutoencoderKL(block_out_channels=(8, 12, 16), norm_num_groups=4, sample_size=64, **VAE_LEVELS)
    text = {"hidden_size": 24, "intermediate_size": 60, "num_hidden_layers": 2, "num_attention_heads": 4}
    text |= {"hidden_act": "quick_gelu", "bos_token_id": 0, "eos_token_id": 2, "pad_token_id": 1}
    parts = {"unet": enliven(unet, 1), "vae": enliven(vae, 2), "text_encoder": text_encoder(vocab_size, 3, **text)}
    save(folder, PNDMScheduler, SD1_SCHEDULER, vocabulary.END, parts)

    keep_keys(folder / "unet/config.json", UNET_KEYS)
    keep_keys(folder / "vae/config.json", VAE_KEYS)
    old = {".to_q.": ".query.", ".to_k.": ".key.", ".to_v.": ".value.", ".to_out.0.": ".proj_attn."}

    def old_attention(tensors: dict) -> dict:
        for new_part, old_part in old.items():
            tensors = {name.replace(new_part, old_part): tensor for name, tensor in tensors.items()}
        return tensors

    rewrite(folder / "vae/diffusion_pytorch_model.safetensors", old_attention)
    # SD 1.5 carries this buffer, which is no weight.
    position_ids = {"text_model.embeddings.position_ids": torch.arange(77).reshape(1, 77)}
    rewrite(folder / "text_encoder/model.safetensors", lambda tensors: tensors | position_ids)


def write_sd2(folder: Path) -> None:
    """As SD 2.1: heads per level, linear projections, v prediction, pad "!", tokenizer.json alone."""
    vocab_size = write_tokenizer(folder / "tokenizer", "!")
    unet = UNet2DConditionModel(
        sample_size=24, block_out_channels=(8, 16, 32), norm_num_groups=8, down_block_types=DOWN, up_block_types=UP,
        attention_head_dim=[2, 4, 4], layers_per_block=1, cross_attention_dim=32, use_linear_projection=True,
        upcast_attention=True,
    )  # fmt: skip
    vae = AutoencoderKL(
        block_out_channels=(8, 16, 16), norm_num_groups=8, sample_size=96, layers_per_block=2, scaling_factor=0.31,
        mid_block_add_attention=False, use_quant_conv=False, use_post_quant_conv=False, **VAE_LEVELS,
    )  # fmt: skip
    text = {"hidden_size": 32, "intermediate_size": 72, "num_hidden_layers": 3, "num_attention_heads": 2}
    text |= {"hidden_act": "gelu", "bos_token_id": vocab_size - 2, "eos_token_id": vocab_size - 1, "pad_token_id": 0}
    parts = {"unet": enliven(unet, 4), "vae": enliven(vae, 5), "text_encoder": text_encoder(vocab_size, 6, **text)}
    save(folder, DDIMScheduler, SD2_SCHEDULER, "!", parts)

    tokenizer = folder / "tokenizer"
    CLIPTokenizer.from_pretrained(tokenizer).backend_tokenizer.save(str(tokenizer / "tokenizer.json"))
    for name in ("vocab.json", "merges.txt"):
        (tokenizer / name).unlink()


def main(out_dir: Path) -> None:
    for name in ("sd1", "sd2"):
        shutil.rmtree(out_dir / name, ignore_errors=True)
    write_sd1(out_dir / "sd1")
    write_sd2(out_dir / "sd2")
