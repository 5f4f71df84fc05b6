"""Trains the autoencoder on drawn scenes, measures its latents, polishes its decoder."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from .. import loop, metrics
from ..train_vae import quality
from . import grammar, models, paths, pool, scene
from .muon import Muon
from .progress import Budget, autocast, seed_step
from .start import read_weights

SCENES = 4096  # of each size, drawn once
CROP = 64  # side; whole scenes follow at the end, since normalisation and attention see the whole area
CROPS_UNTIL = 0.8
CHECK = 180.0  # seconds between checkpoints


def to_tensor(pictures: np.ndarray, device: torch.device) -> torch.Tensor:
    """Returns (n, h, w, 3) uint8 as (n, 3, h, w) floats in [-1, 1] in the device's memory."""
    return torch.from_numpy(pictures).to(device).movedim(-1, 1).float() / 127.5 - 1


class Pictures:
    """Scenes of both sizes, drawn once, and the batches of each step."""

    crop = CROP

    def __init__(self, scenes: int = SCENES) -> None:
        self.large = pool.draw_many(range(scenes), 256)
        self.small = pool.draw_many(range(scenes, 2 * scenes), 128)

    def batch(self, step: int, size: int, whole: bool) -> np.ndarray:
        """Returns crops of both sizes, or whole scenes of the smaller or, each fourth time, the larger size."""
        rng = np.random.default_rng([grammar.SEED, 2, step])
        if whole:
            source = self.large if step % 4 == 0 else self.small
            number = max(1, size * self.crop**2 // source.shape[1] ** 2)  # as many pixels as the crops have
            return source[rng.choice(len(source), number, replace=False)]
        out = []
        for source, number in ((self.large, size * 5 // 8), (self.small, size - size * 5 // 8)):
            rows = rng.choice(len(source), number, replace=False)
            corners = rng.integers(0, source.shape[1] - self.crop + 1, (number, 2))
            out += [source[r, y : y + self.crop, x : x + self.crop] for r, (y, x) in zip(rows, corners)]
        return np.stack(out)


def probe(count: int = 48) -> np.ndarray:
    """Returns held-out scenes."""
    return np.stack([np.asarray(scene.draw(s, 256)) for s in pool.held_out_scenes(count)])


def train(
    device: torch.device, steps: int, minutes: float | None, batch: int, peak: float, start: Path | None = None, polish: bool = False,
    pictures: Pictures | None = None,
) -> None:
    """`start`: an exported autoencoder of the same shape to go on from. `polish`: the decoder alone, the
    encoder being settled because its latents are in use."""
    path = paths.DECODER if polish else paths.VAE
    pictures, unseen = pictures or Pictures(), probe()
    torch.manual_seed(grammar.SEED)
    vae = models.make_vae().to(device, memory_format=torch.channels_last).train()
    with torch.no_grad():
        # Start with little posterior noise: at its usual start (1) the decoder learns nothing.
        vae.quant_conv.bias[vae.config.latent_channels :] = -6.0
    if start:
        vae.load_state_dict(read_weights(start / "diffusion_pytorch_model.safetensors"))
    if polish:
        vae.load_state_dict(loop.load(paths.VAE)["weights"])
        vae.encoder.requires_grad_(False)
        vae.quant_conv.requires_grad_(False)
    parameters = [p for p in vae.parameters() if p.requires_grad]
    inner = [
        p for name, p in vae.named_parameters()
        if p.requires_grad and p.ndim >= 2 and "conv_in" not in name and "conv_out" not in name and "quant_conv" not in name
    ]
    taken = {id(p) for p in inner}
    muon = Muon(inner)
    optimizer = torch.optim.AdamW([p for p in parameters if id(p) not in taken], lr=peak, betas=(0.9, 0.99), weight_decay=0.0)
    average = loop.Average([vae], 0.997)
    state = loop.load(path) or {"step": 0, "spent": 0.0}
    budget = Budget(steps, minutes, state["step"], state["spent"])
    if "live" in state:
        vae.load_state_dict(state["live"])
        average.shadow = [t.to(device) for t in state["average"]]
        average.updates = state["step"]
        optimizer.load_state_dict(state["optimizer"])
        muon.velocity = [t.to(device) for t in state["velocity"]]

    def checkpoint(done: bool) -> None:
        average.swap()
        weights = {k: v.clone() for k, v in vae.state_dict().items()}
        figures = quality(vae.eval(), unseen if done else unseen[:16], device, batch=8)
        average.swap()
        vae.train()
        print(f"\nvae step {budget.step} ({budget.spent:.0f} s): PSNR {figures[0]:.2f} dB, SSIM {figures[1]:.4f}", flush=True)
        loop.save(path, {
            "live": vae.state_dict(), "average": average.shadow, "weights": weights, "optimizer": optimizer.state_dict(),
            "velocity": muon.velocity, "step": budget.step, "spent": budget.spent, "figures": figures, "done": done,
        })

    next_check = budget.spent + CHECK / 3
    bar = tqdm(total=steps, initial=budget.step, desc="vae", mininterval=20)
    while budget.progress < 1:
        seed_step(grammar.SEED, 2, budget.step)
        lr = optimizer.param_groups[0]["lr"] = loop.learning_rate(peak, budget, warm_up=100, hold=0.0 if polish else 0.3)
        x = to_tensor(pictures.batch(budget.step, batch, budget.progress >= CROPS_UNTIL), device)
        x = x.contiguous(memory_format=torch.channels_last)
        with autocast(device):
            posterior = vae.encode(x).latent_dist
            # A little noise on the latents makes the decoder forgive what the UNet gets wrong.
            y = vae.decode(posterior.sample()).sample
        y = y.float()
        mean, logvar = posterior.mean.float(), posterior.logvar.float()
        kl = 0.5 * (mean.square() + logvar.exp() - 1 - logvar).mean()
        error = y - x
        structure = 1 - metrics.ssim((x + 1) / 2, (y + 1) / 2).mean()
        loss = error.abs().mean() + 2 * error.square().mean() + (0.3 if polish else 0.15) * structure
        (loss + 1e-5 * kl).backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        muon.step(lr, weight_decay=0.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        average.update()
        budget.tick()
        bar.update(1)
        bar.set_postfix(loss=f"{loss.item():.4f}", refresh=False)
        if budget.spent > next_check:
            next_check = budget.spent + CHECK
            checkpoint(done=False)
    checkpoint(done=True)
    bar.close()


@torch.no_grad()
def encode(vae, pictures: np.ndarray, device: torch.device, batch: int = 64) -> torch.Tensor:
    """Returns the posterior's means, unscaled."""
    out = []
    for start in range(0, len(pictures), batch):
        x = to_tensor(pictures[start : start + batch], device).contiguous(memory_format=torch.channels_last)
        with autocast(device):
            out.append(vae.encode(x).latent_dist.mode().float().cpu())
    return torch.cat(out)


def load_vae(device: torch.device):
    vae = models.make_vae().to(device).eval()
    vae.load_state_dict(loop.load(paths.VAE)["weights"])
    return vae.to(memory_format=torch.channels_last)


@torch.no_grad()
def measure_latents(device: torch.device, count: int = 1024, pictures: np.ndarray | None = None) -> None:
    """Writes the scaling factor, and the linear map from latents to colours that previews use."""
    if pictures is None:
        pictures = pool.draw_many(range(count), 256)
    z = encode(load_vae(device), pictures, device, 32)
    rgb = torch.cat([torch.nn.functional.avg_pool2d(to_tensor(p, torch.device("cpu")), models.FACTOR) for p in np.array_split(pictures, 16)])
    scale = 1 / z.std().item()
    columns = (z * scale).movedim(1, -1).reshape(-1, 4)
    design = torch.cat([columns, torch.ones(len(columns), 1)], 1)
    fit = torch.linalg.lstsq(design, rgb.movedim(1, -1).reshape(-1, 3)).solution
    paths.LATENTS.write_text(json.dumps({
        "scaling_factor": scale,
        "channel_means": columns.mean(0).tolist(),
        "channel_stds": columns.std(0).tolist(),
        "latent_rgb_factors": fit[:4].tolist(),
        "latent_rgb_bias": fit[4].tolist(),
    }, indent=1) + "\n", "utf-8")
    print(paths.LATENTS.read_text("utf-8"))
