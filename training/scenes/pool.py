"""Scenes drawn ahead, in parallel where there are cores to spare."""

from __future__ import annotations

import multiprocessing
import os
from functools import partial

import numpy as np

from . import grammar, scene

KINDS = ("thing", "pair", "count", "relation", "colour", "place", "style")


def draw_one(seed: int, side: int) -> np.ndarray:
    return np.asarray(scene.draw(grammar.training_scene(seed), side))


def processes() -> int:
    """Returns how many processes draw: one on a small machine, which has other work."""
    cores = len(os.sched_getaffinity(0))
    return cores - 1 if cores > 4 else 1


def draw_many(seeds: range, side: int) -> np.ndarray:
    """Returns the training scenes of these seeds, (n, side, side, 3) uint8."""
    out = np.empty((len(seeds), side, side, 3), np.uint8)
    job = partial(draw_one, side=side)
    if processes() == 1:
        for index, seed in enumerate(seeds):
            out[index] = job(seed)
    else:
        with multiprocessing.get_context("fork").Pool(processes()) as workers:
            for index, picture in enumerate(workers.imap(job, seeds, chunksize=64)):
                out[index] = picture
    return out


def held_out_scenes(count: int, kinds: tuple[str, ...] = KINDS) -> list[grammar.Scene]:
    """Returns scenes with held-out combinations, the kinds in turn."""
    return [grammar.held_out_scene(seed, kinds[seed % len(kinds)]) for seed in range(count)]
