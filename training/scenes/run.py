"""All phases in order: art, tokenizer, autoencoder, diffusion, adapter, decoder, export, judge, evaluation, card.

Finished phases are skipped, interrupted ones go on from their last checkpoint. With `--device cuda` everything
is drawn and encoded ahead and held in memory, and `--minutes` is the time from nothing to the exported folder.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

import torch

from .. import loop
from . import art, card, distill, evaluate, export, fast, judge, paths, start, tokenizer, train_diffusion, train_vae
from .progress import done


def prepare() -> None:
    """Makes what needs packages or is quick: art and tokenizer."""
    if not paths.ART.exists():
        art.pack()
    if not (paths.TOKENIZER / "vocab.json").exists():
        print(f"tokenizer: {tokenizer.write()} tokens")


def train_slowly(device: torch.device, a: argparse.Namespace) -> None:
    if not done(paths.VAE):
        train_vae.train(device, a.vae_steps, a.vae_minutes, batch=16, peak=1e-3 if a.vae_start else 2e-3, start=a.vae_start)
    if not paths.LATENTS.exists():
        train_vae.measure_latents(device, 256)
    if not done(paths.DIFFUSION):
        train_diffusion.train(device, (a.samples, a.large_samples), batch=a.batch, peak=a.peak, start=a.start)
    if not done(paths.ADAPTER):
        distill.train(device, a.adapter_samples, batch=16, peak=5e-4)
    if a.polish_minutes and not done(paths.DECODER):
        train_vae.train(device, a.vae_steps, a.polish_minutes, batch=16, peak=1e-3, polish=True)
    print(f"exported {export.export()} bytes of networks to {paths.MODEL}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.scenes", description=__doc__)
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--minutes", type=float, default=10, help="on a card: from nothing to the exported folder")
    parser.add_argument("--vae-start", type=Path, help="folder of an exported autoencoder of the same shape to go on from")
    parser.add_argument("--start", type=Path, help="folder of an exported model to go on from: its autoencoder stays as it is")
    parser.add_argument("--vae-steps", type=int, default=6000)
    parser.add_argument("--vae-minutes", type=float)
    parser.add_argument("--polish-minutes", type=float, default=20, help="decoder alone, at the end")
    parser.add_argument("--samples", type=int, default=1_000_000, help="of the diffusion at 128 × 128")
    parser.add_argument("--large-samples", type=int, default=300_000, help="of the diffusion at 256 × 256 after that")
    parser.add_argument("--batch", type=int, default=64, help="of the diffusion")
    parser.add_argument("--peak", type=float, default=1e-3, help="learning rate of the diffusion")
    parser.add_argument("--adapter-samples", type=int, default=20_000)
    parser.add_argument("--judge-samples", type=int, default=400_000)
    parser.add_argument("--judge-minutes", type=float)
    parser.add_argument("--prompts", type=int, default=400, help="held-out prompts of each kind")
    parser.add_argument("--until", choices=("art", "model", "judge", "card"), default="card", help="last phase")
    a = parser.parse_args()
    device = loop.pick_device(a.device)
    paths.CACHE.mkdir(parents=True, exist_ok=True)
    (paths.CACHE / "pid").write_text(str(os.getpid()))
    if device.type == "cpu":
        torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", 1)))
    prepare()
    if a.until == "art":
        return
    if a.start and not done(paths.VAE):
        start.take_autoencoder(a.start)
    if device.type == "cuda":
        if not (done(paths.ADAPTER) and (paths.MODEL / "hearth.json").exists()):
            fast.train(device, a.minutes, a.vae_start, a.start)
    else:
        train_slowly(device, a)
    if a.until == "model":
        return
    if not done(paths.JUDGE):
        workers = max(0, len(os.sched_getaffinity(0)) - 2)
        batch = 128 if device.type == "cuda" else 32
        judge.train(device, a.judge_samples, batch, peak=2e-3, minutes=a.judge_minutes, workers=workers)
    if a.until == "judge":
        return
    report = evaluate.evaluate(paths.MODEL, device, a.prompts, paths.CACHE / "sheet.png")
    paths.REPORT.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", "utf-8")
    card.write(report)


if __name__ == "__main__":
    main()
