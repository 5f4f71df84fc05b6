"""Measures the exported model on held-out prompts with the judge: four steps beside twenty, both languages.

    python -m training.scenes.evaluate [--prompts 400] [--sheet sheet.png]
"""

from __future__ import annotations

import argparse
import json
import random
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from .. import loop
from ..train_vae import quality
from . import caption, distill, grammar, judge, paths, pool, train_vae
from .sample import Model

WANTED = {"thing": 0.95, "pair": 0.9, "count": 0.85, "relation": 0.85, "colour": 0.9, "place": 0.97, "style": 0.95}
SEED = 4_000_000  # first seed of the measured scenes


def prompts(kind: str, count: int, language: str) -> tuple[list[grammar.Scene], list[str]]:
    """Returns held-out scenes and one complete caption of each."""
    scenes = [grammar.held_out_scene(SEED + n, kind) for n in range(count)]
    return scenes, [caption.caption(s, random.Random(s.seed), language, complete=True) for s in scenes]


def measure(model: Model, referee: judge.Judge, count: int, steps: int, guidance: float, language: str) -> tuple[dict, list[str]]:
    """Returns the share of prompts of each kind that the judge agrees with, and those it does not."""
    shares, missed = {}, []
    for kind in pool.KINDS:
        scenes, texts = prompts(kind, count, language)
        verdicts = judge.look(referee, model.draw(texts, steps, guidance), model.device)
        right = [judge.agrees(kind, s, v) for s, v in zip(scenes, verdicts)]
        shares[kind] = round(float(np.mean(right)), 4)
        missed += [f"{kind}: {text}" for text, ok in zip(texts, right) if not ok]
    return shares, missed


def sheet(model: Model, path: Path, steps: int, guidance: float, count: int = 48, columns: int = 8) -> list[str]:
    """Draws pictures that were not chosen; returns their prompts."""
    texts = []
    for n in range(count):
        s = grammar.held_out_scene(SEED + 100_000 + n, pool.KINDS[n % len(pool.KINDS)])
        texts.append(caption.caption(s, random.Random(n), caption.CHINESE if n % 6 == 5 else caption.ENGLISH, complete=True))
    drawn = model.draw(texts, steps, guidance, batch=8)
    tiles = drawn.reshape(-1, columns, 256, 256, 3).transpose(0, 2, 1, 3, 4)
    Image.fromarray(tiles.reshape(-1, columns * 256, 3)).save(path)
    return texts


def evaluate(folder: Path, device: torch.device, count: int = 400, sheet_path: Path | None = None) -> dict:
    started = time.monotonic()
    page = json.loads((folder / "hearth.json").read_text("utf-8"))
    referee = judge.load(device)
    report: dict = {"prompts": count, "judge": judge.accuracy(referee, range(SEED, SEED + count), device), "missed": []}
    settings = [("base", page["num_inference_steps"], page["guidance_scale"], False)]
    if page["adapter"]:
        settings.append(("adapter", distill.STEPS, 1.0, True))
    for name, steps, guidance, adapter in settings:
        model = Model(folder, device, adapter)
        report[name] = {"steps": steps, "guidance_scale": guidance}
        for language in (caption.ENGLISH, caption.CHINESE):
            report[name][language], missed = measure(model, referee, count, steps, guidance, language)
            report["missed"] += [f"{name} {m}" for m in missed]
        if sheet_path:
            report[f"{name}_sheet"] = sheet(model, sheet_path.with_stem(f"{sheet_path.stem}-{name}"), steps, guidance)
    psnr, ssim = quality(model.vae, train_vae.probe(count), device, batch=16)
    report |= {
        "vae_psnr": round(psnr, 2), "vae_ssim": round(ssim, 4), "seconds": round(time.monotonic() - started),
        "date": time.strftime("%Y-%m-%d"), "device": str(device),
    }
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=paths.MODEL)
    parser.add_argument("--prompts", type=int, default=400)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--sheet", type=Path, help="write 48 pictures of each setting to PNG files of this name")
    a = parser.parse_args()
    report = evaluate(a.model, loop.pick_device(a.device), a.prompts, a.sheet)
    paths.REPORT.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(json.dumps({k: v for k, v in report.items() if k != "missed"}, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
