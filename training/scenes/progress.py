"""Budget of a training run, in steps, with an optional limit in minutes."""

from __future__ import annotations

import time
from pathlib import Path

import torch

from .. import loop
from ..muon import has_fast_bf16

PAUSE = 60.0  # seconds; a step this much longer than usual contains a pause


class Budget:
    """Progress in [0, 1]. Counting steps makes a run repeatable; with minutes the learning rate reaches
    its end on time on a machine of any speed. Time while the process is stopped does not count."""

    def __init__(self, steps: int, minutes: float | None = None, step: int = 0, spent: float = 0.0) -> None:
        self.steps, self.minutes, self.step, self.spent = steps, minutes, step, spent
        self._usual: float | None = None
        self._last = time.monotonic()

    def tick(self) -> None:
        now = time.monotonic()
        took, self._last = now - self._last, now
        if self._usual is not None and took > 4 * self._usual + PAUSE:
            took = self._usual
        self._usual = took if self._usual is None else 0.95 * self._usual + 0.05 * took
        self.spent += took
        self.step += 1

    @property
    def progress(self) -> float:
        by_steps = self.step / self.steps
        return min(1.0, max(by_steps, self.spent / (60 * self.minutes)) if self.minutes else by_steps)


def autocast(device: torch.device) -> torch.autocast:
    """Returns bf16 where it is faster: emulated on a CPU it takes three times as long as f32."""
    return torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda" or has_fast_bf16())


def seed_step(*numbers: int) -> None:
    """Seeds PyTorch from the step, so that a resumed run goes on as an uninterrupted one."""
    seed = 1469598103934665603
    for number in numbers:
        seed = ((seed ^ number) * 1099511628211) % 2**63
    torch.manual_seed(seed)


def done(checkpoint: Path) -> bool:
    return bool((loop.load(checkpoint) or {}).get("done"))
