"""What both training loops share: device, time budget, learning rate, average weights, checkpoints."""

from __future__ import annotations

import math
import os
import socket
import time
from pathlib import Path

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch import nn


def pick_device(name: str) -> torch.device:
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def workers_for(device: torch.device) -> int:
    return 1 if device.type == "cuda" else min(2, os.cpu_count() or 1)


class Workers:
    """One single-threaded process a core, gradients averaged. Two threads in one process wait for
    each other in every layer, which is slow when other programs want the cores too; two processes
    wait once a step."""

    def __init__(self, rank: int, count: int, parameters: list[nn.Parameter]) -> None:
        self.rank, self.count, self.parameters = rank, count, parameters

    def average(self, clock: float) -> float:
        """Averages the gradients, and a clock reading so that all workers agree on the time."""
        if self.count == 1:
            return clock
        gradients = [p.grad for p in self.parameters if p.grad is not None]
        flat = torch.cat([g.flatten() for g in gradients] + [torch.tensor([clock])])
        dist.all_reduce(flat)
        flat /= self.count
        torch._foreach_copy_(
            gradients, [part.view_as(g) for part, g in zip(flat[:-1].split([g.numel() for g in gradients]), gradients)]
        )
        return flat[-1].item()


def _start(rank: int, count: int, port: int, train, arguments: dict) -> None:
    if count > 1:
        torch.set_num_threads(1)
        dist.init_process_group("gloo", init_method=f"tcp://127.0.0.1:{port}", rank=rank, world_size=count)
    train(rank=rank, count=count, **arguments)
    if count > 1:
        dist.destroy_process_group()


def spawn(train, device: torch.device, **arguments) -> None:
    """Runs `train(rank, count, device, …)` in as many processes as suit the device."""
    count = workers_for(device)
    arguments["device"] = device
    if count == 1:
        return _start(0, 1, 0, train, arguments)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    mp.spawn(_start, (count, port, train, arguments), nprocs=count)


class Budget:
    """Training progress in [0, 1], by time spent rather than by steps: the learning rate then
    reaches its end on any machine, also when a run is interrupted and resumed."""

    def __init__(self, minutes: float, steps: int | None, spent: float = 0.0, step: int = 0) -> None:
        self.seconds, self.steps, self.spent, self.step = minutes * 60, steps, spent, step
        self._offset = spent - time.monotonic()

    def clock(self) -> float:
        """Seconds spent by now, earlier runs included."""
        return time.monotonic() + self._offset

    def tick(self, clock: float) -> None:
        self.spent = clock
        self.step += 1

    @property
    def progress(self) -> float:
        by_time = self.spent / self.seconds
        return min(1.0, max(by_time, self.step / self.steps) if self.steps else by_time)

    def skip_to(self, progress: float) -> None:
        """Shortens what is left (early stop): used to go straight to the annealing."""
        self.seconds = min(self.seconds, self.spent / progress)


def learning_rate(peak: float, budget: Budget, warm_up: int, hold: float = 0.0) -> float:
    """Linear warm-up, optionally flat until `hold` of the budget, then cosine to 1 % of the peak."""
    if budget.step < warm_up:
        return peak * (budget.step + 1) / warm_up
    x = max(0.0, (budget.progress - hold) / (1 - hold))
    return peak * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, x))))


class Average:
    """Exponential moving average of the weights; it is what is exported."""

    def __init__(self, modules: list[nn.Module], decay: float) -> None:
        self.live = [p for m in modules for p in m.parameters()]
        self.shadow = [p.detach().clone() for p in self.live]
        self.decay, self.updates = decay, 0

    @torch.no_grad()
    def update(self) -> None:
        self.updates += 1
        # A young average forgets faster, or it would drag the random start along.
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        torch._foreach_lerp_(self.shadow, [p.detach() for p in self.live], 1 - decay)

    @torch.no_grad()
    def swap(self) -> None:
        """Exchanges live and average weights: once to look at the average, once more to go on."""
        for live, shadow in zip(self.live, self.shadow):
            kept = live.detach().clone()
            live.copy_(shadow)
            shadow.copy_(kept)


def save(path: Path, content: dict) -> None:
    """Writes beside and renames, so that an interruption never leaves half a checkpoint."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".part")
    torch.save(content, beside)
    beside.replace(path)


def load(path: Path) -> dict | None:
    return torch.load(path, map_location="cpu", weights_only=False) if path.exists() else None
