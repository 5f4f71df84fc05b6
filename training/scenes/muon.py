"""Muon for one process: matrices of one shape are orthogonalised together, in few launches."""

from __future__ import annotations

import torch
from torch import nn

from ..muon import matrix_type


def orthogonalise(matrices: torch.Tensor, steps: int = 5) -> torch.Tensor:
    """Newton-Schulz iteration of `training.muon`, on (n, rows, columns)."""
    x = matrices.to(matrix_type(matrices.device))
    tall = x.shape[1] > x.shape[2]
    if tall:
        x = x.mT
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(steps):
        square = x @ x.mT
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * (square @ square)) @ x
    return x.mT if tall else x


class Muon:
    """For the weights of two and more dimensions."""

    def __init__(self, parameters: list[nn.Parameter], momentum: float = 0.95) -> None:
        self.parameters, self.momentum = parameters, momentum
        self.velocity = [torch.zeros_like(p) for p in parameters]
        self.groups: dict[tuple[int, int], list[int]] = {}
        for index, p in enumerate(parameters):
            self.groups.setdefault((p.shape[0], p.numel() // p.shape[0]), []).append(index)

    @torch.no_grad()
    def step(self, lr: float, weight_decay: float = 0.01) -> None:
        """Applies and clears the gradients of its parameters."""
        gradients = [p.grad for p in self.parameters]
        torch._foreach_lerp_(self.velocity, gradients, 1 - self.momentum)
        nesterov = torch._foreach_lerp(gradients, self.velocity, self.momentum)
        torch._foreach_mul_(self.parameters, 1 - lr * weight_decay)
        for (rows, columns), indices in self.groups.items():
            updates = orthogonalise(torch.stack([nesterov[i].reshape(rows, columns) for i in indices]))
            # The size AdamW's steps usually have, so that both share one learning rate.
            scale = 0.2 * max(rows, columns) ** 0.5
            for i, update in zip(indices, updates.float()):
                self.parameters[i].add_(update.view_as(self.parameters[i]), alpha=-lr * scale)
        for p in self.parameters:
            p.grad = None
