"""Picture quality: PSNR and SSIM on pictures in [0, 1], shape (n, 3, height, width)."""

from __future__ import annotations

import torch
import torch.nn.functional as F


def psnr(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return -10 * torch.log10((a - b).square().mean((1, 2, 3)).clamp_min(1e-10))


def ssim(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The standard SSIM of Wang et al. 2004: 11-tap gaussian window, sigma 1.5, data range 1,
    windows wholly inside the picture."""
    taps = torch.exp(-((torch.arange(11, dtype=a.dtype, device=a.device) - 5) ** 2) / (2 * 1.5**2))
    taps = taps / taps.sum()
    channels = a.shape[1]

    def blur(x: torch.Tensor) -> torch.Tensor:
        x = F.conv2d(x, taps.view(1, 1, 1, 11).expand(x.shape[1], 1, 1, 11), groups=x.shape[1])
        return F.conv2d(x, taps.view(1, 1, 11, 1).expand(x.shape[1], 1, 11, 1), groups=x.shape[1])

    means = blur(torch.cat([a, b, a * a, b * b, a * b], 1))
    mu_a, mu_b, aa, bb, ab = means.split(channels, 1)
    var_a, var_b, cov = aa - mu_a * mu_a, bb - mu_b * mu_b, ab - mu_a * mu_b
    c1, c2 = 0.01**2, 0.03**2
    index = ((2 * mu_a * mu_b + c1) * (2 * cov + c2)) / ((mu_a**2 + mu_b**2 + c1) * (var_a + var_b + c2))
    return index.mean((1, 2, 3))
