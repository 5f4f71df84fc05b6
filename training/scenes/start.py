"""Goes on from an exported model, whose checkpoints are elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn

from .. import loop
from . import paths


def read_weights(file: Path) -> dict[str, torch.Tensor]:
    return {k: v.float() for k, v in load_file(file).items()}


def take_autoencoder(folder: Path) -> None:
    """Makes the exported autoencoder, with its scaling factor and preview colours, the finished one here:
    the UNet to go on from knows its latents."""
    weights = read_weights(folder / "vae" / "diffusion_pytorch_model.safetensors")
    for path in (paths.VAE, paths.DECODER):
        loop.save(path, {"weights": weights, "done": True})
    page = json.loads((folder / "hearth.json").read_text("utf-8"))
    scale = json.loads((folder / "vae" / "config.json").read_text("utf-8"))["scaling_factor"]
    colours = {key: page[key] for key in ("latent_rgb_factors", "latent_rgb_bias")}
    paths.LATENTS.write_text(json.dumps({"scaling_factor": scale} | colours, indent=1) + "\n", "utf-8")


def load_networks(folder: Path, unet: nn.Module, text_encoder: nn.Module) -> None:
    unet.load_state_dict(read_weights(folder / "unet" / "diffusion_pytorch_model.safetensors"))
    known = text_encoder.state_dict()
    # transformers 4 names the tensors "text_model.…", transformers 5 does not.
    found = read_weights(folder / "text_encoder" / "model.safetensors")
    renamed = {k if k in known else k.removeprefix("text_model."): v for k, v in found.items()}
    result = text_encoder.load_state_dict(renamed, strict=False)
    missing = [k for k in result.missing_keys if not k.endswith("position_ids")]
    if missing:
        raise ValueError(f"{folder / 'text_encoder'} has no {missing[0]}")
