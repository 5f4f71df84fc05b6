"""Low-rank adapters of the UNet, in the format and with the keys of diffusers."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

RANK = 24
# The name of the adapter in Hearth is that of its folder.
FOLDER = "few-steps"
FILE = "pytorch_lora_weights.safetensors"


class Adapted(nn.Module):
    """A frozen linear or convolution layer with a trained low-rank addition."""

    def __init__(self, base: nn.Linear | nn.Conv2d, rank: int) -> None:
        super().__init__()
        self.base = base
        rank = min(rank, base.weight.shape[0], base.weight.shape[1])
        if isinstance(base, nn.Conv2d):
            self.lora_A = nn.Conv2d(base.in_channels, rank, base.kernel_size, base.stride, base.padding, bias=False)
            self.lora_B = nn.Conv2d(rank, base.out_channels, 1, bias=False)
        else:
            self.lora_A = nn.Linear(base.in_features, rank, bias=False)
            self.lora_B = nn.Linear(rank, base.out_features, bias=False)
        nn.init.normal_(self.lora_A.weight, std=1 / rank)
        nn.init.zeros_(self.lora_B.weight)
        self.to(base.weight.device)
        self.on = True

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.base(x)
        return y + self.lora_B(self.lora_A(x)) if self.on else y


def adapt(unet: nn.Module, rank: int = RANK) -> dict[str, Adapted]:
    """Puts an adapter on the attention and residual blocks; freezes all else. Returns them by path."""
    unet.requires_grad_(False)
    adapted = {}
    for name, module in list(unet.named_modules()):
        wanted = ".attentions." in name or ".resnets." in name or name.startswith("time_embedding")
        if wanted and isinstance(module, (nn.Linear, nn.Conv2d)):
            parent, _, child = name.rpartition(".")
            adapted[name] = Adapted(module, rank)
            setattr(unet.get_submodule(parent), child, adapted[name])
    return adapted


def switch(adapted: dict[str, Adapted], on: bool) -> None:
    for module in adapted.values():
        module.on = on


def save(adapted: dict[str, dict[str, torch.Tensor]], folder: Path) -> int:
    """Writes "unet.PATH.lora_A.weight" and "…lora_B.weight" in f16; returns the bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {
        f"unet.{name}.{part}.weight": tensor.detach().cpu().half().contiguous()
        for name, parts in adapted.items() for part, tensor in parts.items()
    }
    save_file(tensors, folder / FILE, metadata={"format": "pt", "note": json.dumps({"steps": 4, "guidance_scale": 1})})
    (folder / FILE).chmod(0o644)
    return (folder / FILE).stat().st_size


def weights(adapted: dict[str, Adapted]) -> dict[str, dict[str, torch.Tensor]]:
    return {
        name: {"lora_A": m.lora_A.weight.detach().clone(), "lora_B": m.lora_B.weight.detach().clone()}
        for name, m in adapted.items()
    }


@torch.no_grad()
def load(adapted: dict[str, Adapted], saved: dict[str, dict[str, torch.Tensor]]) -> None:
    for name, parts in saved.items():
        adapted[name].lora_A.weight.copy_(parts["lora_A"])
        adapted[name].lora_B.weight.copy_(parts["lora_B"])
