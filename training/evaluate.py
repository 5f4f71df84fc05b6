"""Measures the exported f16 model, run in f32, on held-out (emoji, colour) prompts.

    python -m training.evaluate [--prompts 400] [--guidance 3] [--steps 20] [--sheet sheet.png]
"""

from __future__ import annotations

import argparse
import json
import random
import time
from pathlib import Path

import numpy as np
import torch
from diffusers import StableDiffusionPipeline
from PIL import Image
from tqdm import tqdm

from . import data, loop, paths, train_vae

BORDER = 6  # pixels; the emoji's margin is 9 at the sides and 12 above and below


def prompts(emoji: tuple[data.Emoji, ...], count: int) -> list[tuple[int, int]]:
    """The first `count` held-out (emoji, colour) pairs of one seeded order."""
    pairs = [(int(e), int(c)) for e, c in np.argwhere(data.held_out(emoji))]
    random.Random(data.SEED).shuffle(pairs)
    return pairs[:count]


def load(folder: Path, device: torch.device) -> StableDiffusionPipeline:
    pipeline = StableDiffusionPipeline.from_pretrained(folder, torch_dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline.to(device)


def draw(
    pipeline: StableDiffusionPipeline, texts: list[str], steps: int, guidance: float, first_seed: int = 0, batch: int = 50
) -> np.ndarray:
    """(n, 128, 128, 3) uint8; prompt i has its own generator, seeded first_seed + i."""
    out = []
    for start in tqdm(range(0, len(texts), batch), desc="pictures"):
        part = texts[start : start + batch]
        seeds = range(first_seed + start, first_seed + start + len(part))
        images = pipeline(
            part,
            height=data.SIZE,
            width=data.SIZE,
            num_inference_steps=steps,
            guidance_scale=guidance,
            generator=[torch.Generator("cpu").manual_seed(seed) for seed in seeds],
            output_type="np",
        ).images
        out.append((images * 255).round().astype(np.uint8))
    return np.concatenate(out)


def border_colour(picture: np.ndarray) -> int:
    """The palette colour nearest to the mean of the picture's border."""
    mask = np.ones(picture.shape[:2], bool)
    mask[BORDER:-BORDER, BORDER:-BORDER] = False
    palette = np.array(list(data.PALETTE.values()), float)
    return int(np.square(palette - picture[mask].mean(0)).sum(1).argmin())


def ranks(drawn: np.ndarray, wanted: list[tuple[int, int]], pictures: np.ndarray) -> np.ndarray:
    """For each picture, how many emoji of the set, laid over the asked background, are nearer to it
    than the asked one. Distance: mean squared RGB difference of the 32x32 averages (4x4 blocks)."""

    def small(x: np.ndarray) -> np.ndarray:
        n, h, w, _ = x.shape
        return x.reshape(n, h // 4, 4, w // 4, 4, 3).mean((2, 4), dtype=np.float32).reshape(n, -1)

    result = []
    for picture, (e, c) in zip(small(drawn), wanted):
        distance = np.square(small(pictures[:, c]) - picture).mean(1)
        result.append(int((distance < distance[e]).sum()))
    return np.array(result)


def sheet(drawn: np.ndarray, path: Path, columns: int = 10) -> None:
    drawn = drawn[: len(drawn) // columns * columns]
    tiles = drawn.reshape(-1, columns, data.SIZE, data.SIZE, 3).transpose(0, 2, 1, 3, 4)
    Image.fromarray(tiles.reshape(-1, columns * data.SIZE, 3)).save(path)


def evaluate(
    folder: Path, device: torch.device, count: int = 400, steps: int | None = None, guidance: float | None = None,
    whole_font: bool = False, sheet_path: Path | None = None,
) -> dict:
    page = json.loads((folder / "hearth.json").read_text("utf-8"))
    steps = steps or page["num_inference_steps"]
    guidance = guidance or page["guidance_scale"]
    emoji = data.emoji_set(whole_font)
    pictures, held = data.pictures(emoji), data.held_out(emoji)
    wanted = prompts(emoji, count)
    texts = [data.caption(emoji[e].name, data.COLOURS[c]) for e, c in wanted]
    pipeline = load(folder, device)
    started = time.monotonic()
    drawn = draw(pipeline, texts, steps, guidance)
    seconds = time.monotonic() - started
    rank = ranks(drawn, wanted, pictures)
    background = np.array([border_colour(p) == c for p, (_, c) in zip(drawn, wanted)])
    unseen = pictures[held]
    psnr, ssim = train_vae.quality(pipeline.vae, unseen[:: max(1, len(unseen) // count)], device)
    if sheet_path:
        sheet(drawn[:100], sheet_path)
    return {
        "prompts": len(wanted),
        "steps": steps,
        "guidance_scale": guidance,
        "scheduler": type(pipeline.scheduler).__name__,
        "background": round(float(background.mean()), 4),
        "nearest": round(float((rank == 0).mean()), 4),
        "first_five": round(float((rank < 5).mean()), 4),
        "vae_psnr": round(psnr, 2),
        "vae_ssim": round(ssim, 4),
        "seconds": round(seconds),
        "date": time.strftime("%Y-%m-%d"),
        "missed": [f"{t} (rank {r + 1})" for t, r in zip(texts, rank) if r > 0],
        "wrong_background": [t for t, ok in zip(texts, background) if not ok],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=paths.MODEL)
    parser.add_argument("--prompts", type=int, default=400)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--guidance", type=float)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--all", action="store_true", help="the model was trained on the whole font")
    parser.add_argument("--sheet", type=Path, help="write the first 100 pictures to this PNG")
    a = parser.parse_args()
    report = evaluate(a.model, loop.pick_device(a.device), a.prompts, a.steps, a.guidance, a.all, a.sheet)
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
