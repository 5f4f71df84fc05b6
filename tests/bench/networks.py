"""The networks that are measured: what they are made of, what they are asked, and their weights."""

import json
import math
import shutil
import zlib
from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors import safe_open
from safetensors.torch import save_file

TREE = Path(__file__).resolve().parents[2]
# Models with weights of their own, and configs that get random ones.
MODELS = {"emoji": TREE / "www/models/emoji", "sd15": TREE / "tests/large/sd15"}

DTYPES = {"f32": torch.float32, "f16": torch.float16}


@dataclass(frozen=True)
class Case:
    """One network of a model for pictures of so many pixels, with guidance's batch of two for a UNet."""

    model: str
    network: str
    pixels: int

    @property
    def name(self) -> str:
        return f"{self.model}-{self.network}-{self.pixels}"


class Noise(torch.nn.Module):
    """A UNet as a function of tensors."""

    inputs = ("sample", "timestep", "encoder_hidden_states")
    output = "noise_pred"

    def __init__(self, net: UNet2DConditionModel) -> None:
        super().__init__()
        self.net = net

    def forward(self, sample, timestep, encoder_hidden_states):
        return self.net(sample, timestep, encoder_hidden_states, return_dict=False)[0]

    def shapes(self, side: int) -> list[list[int]]:
        config = self.net.config
        return [[2, config.in_channels, side, side], [1], [2, 77, config.cross_attention_dim]]


class Picture(torch.nn.Module):
    """An autoencoder's decoder as a function of tensors. The latents are already divided by scaling_factor."""

    inputs = ("latents",)
    output = "picture"

    def __init__(self, net: AutoencoderKL) -> None:
        super().__init__()
        del net.encoder, net.quant_conv
        self.net = net

    def forward(self, latents):
        return self.net.decode(latents, return_dict=False)[0]

    def shapes(self, side: int) -> list[list[int]]:
        return [[1, self.net.config.latent_channels, side, side]]


def build(configs: Path, network: str) -> torch.nn.Module:
    """The network as a config describes it, without weights."""
    kind, wrap = {"unet": (UNet2DConditionModel, Noise), "vae": (AutoencoderKL, Picture)}[network]
    with torch.device("meta"):
        return wrap(kind.from_config(json.loads((configs / network / "config.json").read_text()))).eval()


def ask(function: torch.nn.Module, case: Case, dtype=torch.float32) -> tuple[torch.Tensor, ...]:
    """The same inputs for the same case, anywhere."""
    random = torch.Generator("cpu").manual_seed(zlib.crc32(case.name.encode()))
    shapes = zip(function.inputs, function.shapes(case.pixels // 8))
    values = [torch.tensor([500.0]) if name == "timestep" else torch.randn(shape, generator=random) for name, shape in shapes]
    return tuple(value.to(dtype) for value in values)


def load(function: torch.nn.Module, model: Path, component: str, dtype=torch.float32, device="cpu") -> torch.nn.Module:
    """Puts a model's weights into a network that has none."""
    with safe_open(weights_of(model, component), "pt") as file:
        tensors = {f"net.{key}": file.get_tensor(key).to(device, dtype) for key in function.net.state_dict()}
    function.load_state_dict(tensors, assign=True)
    return function.requires_grad_(False)


def weights_of(model: Path, component: str) -> Path:
    return model / component / "diffusion_pytorch_model.safetensors"


def random_model(configs: Path, out: Path, components=("unet", "vae")) -> Path:
    """A checkpoint of random f16 weights for these configs."""
    out.mkdir(parents=True, exist_ok=True)
    shutil.copytree(configs, out, dirs_exist_ok=True)
    for component in components:
        with torch.device("meta"):
            kind = {"unet": UNet2DConditionModel, "vae": AutoencoderKL}[component]
            shapes = kind.from_config(json.loads((configs / component / "config.json").read_text())).state_dict()
        random = torch.Generator("cpu").manual_seed(zlib.crc32(component.encode()))
        save_file({key: draw(key, list(meta.shape), random) for key, meta in shapes.items()}, weights_of(out, component))
    return out


def draw(key: str, shape: list[int], random: torch.Generator) -> torch.Tensor:
    """Values of the size that a trained network's have, so that a signal passes through all layers in f16 too."""
    if len(shape) == 1:
        mean, deviation = (1.0, 0.2) if key.endswith("weight") else (0.0, 0.1)
    else:
        mean, deviation = 0.0, math.prod(shape[1:]) ** -0.5
    return torch.empty(shape).normal_(mean, deviation, generator=random).half()
