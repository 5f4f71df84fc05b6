"""Muon (Jordan et al. 2024): momentum whose matrices are orthogonalised before they are applied.

It learns these pictures in clearly fewer steps than AdamW, because rare directions (one emoji out of
hundreds) move as far as common ones.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import torch
import torch.distributed as dist
from torch import nn


@cache
def matrix_type(device: torch.device) -> torch.dtype:
    """Returns bf16, or f32 on a CPU that has no instructions for it and takes ten times as long."""
    if device.type == "cpu" and not has_fast_bf16():
        return torch.float32
    return torch.bfloat16


def has_fast_bf16() -> bool:
    try:
        flags = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags


def orthogonalise(matrix: torch.Tensor, steps: int = 5) -> torch.Tensor:
    """Newton-Schulz iteration towards the nearest matrix with singular values around 1."""
    x = matrix.to(matrix_type(matrix.device))
    tall = x.shape[0] > x.shape[1]
    if tall:
        x = x.T
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        square = x @ x.T
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * (square @ square)) @ x
    return (x.T if tall else x).bfloat16()


class Muon:
    """For the weights of two and more dimensions; each worker orthogonalises its share of them."""

    def __init__(self, parameters: list[nn.Parameter], rank: int, count: int, momentum: float = 0.95) -> None:
        self.parameters, self.rank, self.momentum = parameters, rank, momentum
        self.velocity = [torch.zeros_like(p) for p in parameters]
        self.shares: list[list[int]] = [[] for _ in range(count)]
        load = [0.0] * count
        for i in sorted(range(len(parameters)), key=self._cost, reverse=True):
            lightest = load.index(min(load))
            self.shares[lightest].append(i)
            load[lightest] += self._cost(i)

    def _cost(self, i: int) -> float:
        rows = self.parameters[i].shape[0]
        columns = self.parameters[i].numel() // rows
        return min(rows, columns) ** 2 * max(rows, columns)

    def _sizes(self, share: list[int]) -> list[int]:
        return [self.parameters[i].numel() for i in share]

    @torch.no_grad()
    def step(self, lr: float, weight_decay: float = 0.01) -> None:
        """Applies and clears the gradients of its parameters."""
        updates = []
        for p, velocity in zip(self.parameters, self.velocity):
            velocity.lerp_(p.grad, 1 - self.momentum)
        for i in self.shares[self.rank]:
            p = self.parameters[i]
            nesterov = p.grad.lerp(self.velocity[i], self.momentum)
            updates.append(orthogonalise(nesterov.reshape(p.shape[0], -1)).flatten())
        flat = [torch.cat(updates)]
        if len(self.shares) > 1:
            longest = max(sum(self._sizes(share)) for share in self.shares)
            # As plain bytes, which every backend can send.
            mine = nn.functional.pad(flat[0], (0, longest - flat[0].numel())).view(torch.uint8)
            parts = [torch.empty_like(mine) for _ in self.shares]
            dist.all_gather(parts, mine)
            flat = [part.view(torch.bfloat16) for part in parts]
        for share, part in zip(self.shares, flat):
            sizes = self._sizes(share)
            for i, update in zip(share, part[: sum(sizes)].split(sizes)):
                p = self.parameters[i]
                rows = p.shape[0]
                # The size AdamW's steps usually have, so that both share one learning rate.
                scale = 0.2 * max(rows, p.numel() // rows) ** 0.5
                p.mul_(1 - lr * weight_decay).add_(update.view_as(p).float(), alpha=-lr * scale)
                p.grad = None
