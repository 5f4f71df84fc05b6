"""Draws pictures with an exported folder, many prompts at a time.

    python -m training.scenes.sample sheet.png "a fox in a meadow" "two cats on a beach" [--side 128] [--adapter]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from PIL import Image
from safetensors.torch import load_file
from tqdm import tqdm
from transformers import CLIPTextModel, CLIPTokenizer

from . import lora, models, paths
from .progress import autocast


class Model:
    """The exported networks, with or without the adapter."""

    def __init__(self, folder: Path, device: torch.device, adapter: bool) -> None:
        self.device = device
        self.tokenizer = CLIPTokenizer.from_pretrained(folder / "tokenizer")
        self.text_encoder = CLIPTextModel.from_pretrained(folder / "text_encoder", torch_dtype=torch.float32).to(device).eval()
        self.unet = UNet2DConditionModel.from_pretrained(folder / "unet", torch_dtype=torch.float32).to(device).eval()
        self.vae = AutoencoderKL.from_pretrained(folder / "vae", torch_dtype=torch.float32).to(device).eval()
        self.scheduler = DDIMScheduler.from_pretrained(folder / "scheduler")
        if adapter:
            saved: dict[str, dict[str, torch.Tensor]] = {}
            for key, tensor in load_file(folder / lora.FOLDER / lora.FILE).items():
                name, part, _ = key.removeprefix("unet.").rsplit(".", 2)
                saved.setdefault(name, {})[part] = tensor.float()
            lora.load(lora.adapt(self.unet), saved)

    @torch.no_grad()
    def encode_prompts(self, texts: list[str]) -> torch.Tensor:
        ids = self.tokenizer(texts, padding="max_length", truncation=True, max_length=models.TEXT_LENGTH, return_tensors="pt").input_ids
        return self.text_encoder(ids.to(self.device)).last_hidden_state

    @torch.no_grad()
    def draw(self, texts: list[str], steps: int, guidance: float, side: int = 256, first_seed: int = 0, batch: int = 100) -> np.ndarray:
        """Returns (n, side, side, 3) uint8; prompt i has its own generator, seeded first_seed + i."""
        out = []
        self.scheduler.set_timesteps(steps)
        for start in tqdm(range(0, len(texts), batch), desc="pictures", mininterval=20):
            part = texts[start : start + batch]
            size = (4, side // models.FACTOR, side // models.FACTOR)
            seeds = range(first_seed + start, first_seed + start + len(part))
            x = torch.stack([torch.randn(size, generator=torch.Generator("cpu").manual_seed(s)) for s in seeds]).to(self.device)
            hidden = self.encode_prompts(part)
            if guidance != 1:
                hidden = torch.cat([self.encode_prompts([""]).expand_as(hidden), hidden])
            for t in self.scheduler.timesteps:
                with autocast(self.device):
                    v = self.unet(torch.cat([x, x]) if guidance != 1 else x, t, hidden).sample.float()
                if guidance != 1:
                    plain, guided = v.chunk(2)
                    v = plain + guidance * (guided - plain)
                x = self.scheduler.step(v, t, x).prev_sample
            with autocast(self.device):
                y = self.vae.decode(x / self.vae.config.scaling_factor).sample.float()
            out.append(((y / 2 + 0.5).clamp(0, 1) * 255).round().byte().movedim(1, -1).cpu().numpy())
        return np.concatenate(out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sheet", type=Path, help="PNG to write")
    parser.add_argument("prompts", nargs="+")
    parser.add_argument("--model", type=Path, default=paths.MODEL)
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--guidance", type=float, default=3.0)
    parser.add_argument("--adapter", action="store_true", help="four steps without guidance")
    parser.add_argument("--columns", type=int, default=8)
    a = parser.parse_args()
    model = Model(a.model, torch.device("cpu"), a.adapter)
    drawn = model.draw(a.prompts, a.steps or (4 if a.adapter else 20), 1.0 if a.adapter else a.guidance, a.side, batch=8)
    columns = min(a.columns, len(drawn))
    canvas = Image.new("RGB", (columns * a.side, -(-len(drawn) // columns) * a.side))
    for index, picture in enumerate(drawn):
        canvas.paste(Image.fromarray(picture), (index % columns * a.side, index // columns * a.side))
    canvas.save(a.sheet)


if __name__ == "__main__":
    main()
