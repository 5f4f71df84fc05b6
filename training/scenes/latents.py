"""Scenes encoded ahead: shards of latents, and the captions drawn for them at each use."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import torch
from transformers import CLIPTokenizer

from .. import loop
from . import caption, grammar, models, paths, pool, train_vae

SHARD = 4096
WINDOW = 16  # shards in use at a time
FIRST = 2  # shards before the first step
PASSES = 3.0  # uses of a scene before new ones take its place
EMPTY_PROMPT = 0.1  # share of captions dropped, for classifier-free guidance
FIRST_SEED = 1_000_000  # the autoencoder saw those below


def scaling() -> float:
    return json.loads(paths.LATENTS.read_text("utf-8"))["scaling_factor"]


def shard_path(number: int, side: int) -> Path:
    return paths.POOL / f"{side}-{number:04d}.pt"


def seeds(number: int) -> range:
    return range(FIRST_SEED + number * SHARD, FIRST_SEED + (number + 1) * SHARD)


def make_shard(number: int, side: int, device: torch.device, vae=None) -> torch.Tensor:
    """Returns the scaled latents of a shard, from the disk if it is there."""
    path = shard_path(number, side)
    if path.exists():
        return torch.load(path)
    vae = vae or train_vae.load_vae(device)
    parts = []
    for start in range(0, SHARD, 1024):  # a whole shard of pictures would fill the memory
        part = seeds(number)[start : start + 1024]
        parts.append(train_vae.encode(vae, pool.draw_many(part, side), device))
    latents = (torch.cat(parts) * scaling()).half()
    loop.save(path, latents)
    return latents


class Tokens:
    """Token ids of captions."""

    def __init__(self) -> None:
        self.tokenizer = CLIPTokenizer.from_pretrained(paths.TOKENIZER)

    def __len__(self) -> int:
        return len(self.tokenizer)

    def __call__(self, texts: list[str]) -> torch.Tensor:
        ids = self.tokenizer(texts, padding="max_length", truncation=True, max_length=models.TEXT_LENGTH).input_ids
        return torch.tensor(ids)


class Scenes:
    """Latents and captions of the shards that a step may use.

    Which shards those are follows from the step, so a resumed run uses the same scenes.
    """

    def __init__(self, side: int, device: torch.device) -> None:
        self.side, self.device, self.tokens = side, device, Tokens()
        self.shards: dict[int, torch.Tensor] = {}
        self.vae = None

    def window(self, samples: int) -> range:
        last = FIRST + int(samples / (PASSES * SHARD))
        return range(max(0, last - WINDOW), last)

    def _shard(self, number: int) -> torch.Tensor:
        if number not in self.shards:
            if self.vae is None:
                self.vae = train_vae.load_vae(self.device)
            self.shards[number] = make_shard(number, self.side, self.device, self.vae)
        return self.shards[number]

    def batch(self, samples: int, size: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Returns the latents and token ids of the step that begins after so many samples."""
        window = self.window(samples)
        for number in [n for n in self.shards if n not in window]:
            del self.shards[number]
            shard_path(number, self.side).unlink(missing_ok=True)
        rng = np.random.default_rng([grammar.SEED, 3, self.side, samples])
        numbers = rng.integers(window.start, window.stop, size)
        rows = rng.integers(0, SHARD, size)
        z = torch.stack([self._shard(int(n))[r] for n, r in zip(numbers, rows)]).float()
        words = random.Random(int(rng.integers(2**62)))
        texts = []
        for number, row in zip(numbers, rows):
            text = caption.caption(grammar.training_scene(seeds(int(number))[int(row)]), words)
            texts.append("" if words.random() < EMPTY_PROMPT else text)
        return z.to(self.device), self.tokens(texts).to(self.device)
