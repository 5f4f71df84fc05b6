"""Writes the trained model: diffusers' folder layout, f16 safetensors, and the page's hearth.json."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

from . import data, knowledge, loop, models, paths, tokenizer

GUIDANCE_SCALE = 2.0
STEPS = 20

INDEX = {
    "_class_name": "StableDiffusionPipeline",
    "_diffusers_version": "0.42.1",
    "feature_extractor": [None, None],
    "image_encoder": [None, None],
    "requires_safety_checker": False,
    "safety_checker": [None, None],
    "scheduler": ["diffusers", "DDIMScheduler"],
    "text_encoder": ["transformers", "CLIPTextModel"],
    "tokenizer": ["transformers", "CLIPTokenizer"],
    "unet": ["diffusers", "UNet2DConditionModel"],
    "vae": ["diffusers", "AutoencoderKL"],
}


def _weights(module: nn.Module, path: Path, prefix: str = "") -> None:
    tensors = {}
    for name, tensor in module.state_dict().items():
        if name.endswith("position_ids"):
            continue
        if not name.startswith(prefix):
            name = prefix + name
        tensors[name] = tensor.detach().cpu().half().contiguous()
        assert torch.isfinite(tensors[name]).all(), f"{name} does not fit f16"
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, path, metadata={"format": "pt"})
    path.chmod(0o644)  # safetensors makes it private, but it is there to be served


def _config(path: Path, config: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", "utf-8")


def _public(config: dict) -> dict:
    """A diffusers configuration without the fields that only describe this machine."""
    return {k: v for k, v in dict(config).items() if k not in ("_name_or_path", "_use_default_values")}


def export(folder: Path = paths.MODEL) -> int:
    """Exports whatever has been trained so far; untrained parts keep their random start."""
    torch.manual_seed(data.SEED)
    vae_state = loop.load(paths.DECODER) or loop.load(paths.VAE)
    prepared, diffusion = loop.load(paths.LATENTS), loop.load(paths.DIFFUSION)
    vocabulary = len(json.loads((paths.TOKENIZER / "vocab.json").read_text("utf-8")))

    vae = models.make_vae(prepared["scaling_factor"] if prepared else 1.0)
    unet, text_encoder, scheduler = models.make_unet(), models.make_text_encoder(vocabulary), models.make_scheduler()
    if vae_state:
        vae.load_state_dict(vae_state["weights"])
    if diffusion:
        unet.load_state_dict(diffusion["weights"]["unet"])
        text_encoder.load_state_dict(diffusion["weights"]["text_encoder"])

    for part, module in (("vae", vae), ("unet", unet)):
        _weights(module, folder / part / "diffusion_pytorch_model.safetensors")
        _config(folder / part / "config.json", {**_public(module.config), "_class_name": type(module).__name__})
    # transformers 4 names the tensors "text_model.…", and so do all published Stable Diffusions.
    _weights(text_encoder, folder / "text_encoder" / "model.safetensors", prefix="text_model.")
    text_config = text_encoder.config.to_diff_dict()
    text_config |= {
        key: getattr(text_encoder.config, key)
        for key in (
            "vocab_size hidden_size intermediate_size projection_dim num_hidden_layers num_attention_heads "
            "max_position_embeddings hidden_act layer_norm_eps bos_token_id eos_token_id pad_token_id"
        ).split()
    }
    text_config |= {"architectures": ["CLIPTextModel"], "model_type": "clip_text_model", "torch_dtype": "float16"}
    _config(folder / "text_encoder" / "config.json", text_config)
    _config(folder / "scheduler" / "scheduler_config.json", {**_public(scheduler.config), "_class_name": "DDIMScheduler"})
    _config(folder / "model_index.json", INDEX)
    (folder / "tokenizer").mkdir(parents=True, exist_ok=True)
    for file in sorted(paths.TOKENIZER.iterdir()):
        shutil.copy(file, folder / "tokenizer" / file.name)

    files = [f for f in folder.rglob("*") if f.is_file() and f.name not in ("README.md", "hearth.json", knowledge.FILE)]
    total = sum(f.stat().st_size for f in files)
    page = {
        "name": "Hearth Emoji",
        "default_prompt": "a red apple on a blue background",
        "num_inference_steps": STEPS,
        "guidance_scale": GUIDANCE_SCALE,
        "width": data.SIZE,
        "height": data.SIZE,
        "latent_rgb_factors": prepared["latent_rgb_factors"] if prepared else [[0.0] * 3] * 4,
        "latent_rgb_bias": prepared["latent_rgb_bias"] if prepared else [0.0] * 3,
        "total_bytes": total,
        # By these a browser knows that what it keeps is whole, and that a new release is new.
        "sha256": {
            str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest()
            for f in sorted(folder.rglob("*.safetensors"))
        },
        "palette": data.PALETTE,
    }
    (folder / "hearth.json").write_text(json.dumps(page, indent=1) + "\n", "utf-8")
    knowledge.write(folder, knowledge.emoji())
    return total
