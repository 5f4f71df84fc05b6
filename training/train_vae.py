"""Trains the autoencoder on the pictures of the set, then prepares their latents once."""

from __future__ import annotations

import numpy as np
import torch
from tqdm import tqdm

from . import data, loop, metrics, models, paths
from .muon import Muon

# Crops show more different emoji for the same work; whole pictures follow, since normalisation and
# attention see the whole area.
CROPS_UNTIL = 0.7


def to_tensor(pictures: np.ndarray) -> torch.Tensor:
    """uint8 (..., h, w, 3) to float (..., 3, h, w) in [-1, 1], what AutoencoderKL works on."""
    return torch.from_numpy(pictures).movedim(-1, -3).float() / 127.5 - 1


def crop(pictures: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One random quarter of each picture."""
    side = data.SIZE // 2
    corners = rng.integers(0, side + 1, (len(pictures), 2))
    return np.stack([p[y : y + side, x : x + side] for p, (y, x) in zip(pictures, corners)])


@torch.no_grad()
def quality(vae, pictures: np.ndarray, device: torch.device, batch: int = 32) -> tuple[float, float]:
    """Mean PSNR and SSIM of the reconstructions of (n, h, w, 3) uint8 pictures."""
    psnr, ssim = [], []
    for part in np.array_split(pictures, max(1, len(pictures) // batch)):
        x = to_tensor(part).to(device)
        y = vae.decode(vae.encode(x).latent_dist.mode()).sample.clamp(-1, 1)
        x, y = (x + 1) / 2, (y + 1) / 2
        psnr.append(metrics.psnr(x, y))
        ssim.append(metrics.ssim(x, y))
    return torch.cat(psnr).mean().item(), torch.cat(ssim).mean().item()


def train(
    rank: int,
    count: int,
    device: torch.device,
    minutes: float,
    steps: int | None,
    batch: int,
    peak: float,
    whole_font: bool,
    polish: bool = False,
) -> None:
    """`polish`: only the decoder, the encoder being settled because its latents are in use."""
    path = paths.DECODER if polish else paths.VAE
    emoji = data.emoji_set(whole_font)
    pictures, held = data.pictures(emoji), data.held_out(emoji)
    seen, unseen = pictures[~held], pictures[held]
    probe = unseen[np.random.default_rng(0).choice(len(unseen), 64, replace=False)]

    torch.manual_seed(data.SEED)
    vae = models.make_vae().to(device).train()
    with torch.no_grad():
        # Start with little posterior noise: at its usual start (1) the decoder learns nothing.
        vae.quant_conv.bias[vae.config.latent_channels :] = -6.0
    if polish:
        vae.load_state_dict(loop.load(paths.VAE)["weights"])
        vae.encoder.requires_grad_(False)
        vae.quant_conv.requires_grad_(False)
    parameters = [p for p in vae.parameters() if p.requires_grad]
    average = loop.Average([vae], 0.995)
    workers = loop.Workers(rank, count, parameters)
    # The polish is short, so it uses the quicker optimizer for the inner weights.
    inner = [p for n, p in vae.decoder.named_parameters() if p.ndim >= 2 and n != "conv_out.weight"] if polish else []
    muon = Muon(inner, rank, count) if polish else None
    taken = {id(p) for p in inner}
    outer = [p for p in parameters if id(p) not in taken]
    optimizer = torch.optim.AdamW(outer, lr=peak, betas=(0.9, 0.99), weight_decay=0.0)
    state = loop.load(path) or {"spent": 0.0, "step": 0}
    budget = loop.Budget(minutes, steps, state["spent"], state["step"])
    if "vae" in state:
        vae.load_state_dict(state["vae"])
        average.shadow = [t.to(device) for t in state["average"]]
        average.updates = state["step"]
        optimizer.load_state_dict(state["optimizer"])
        if muon:
            muon.velocity = [t.to(device) for t in state["velocity"]]

    def checkpoint(done: bool) -> None:
        average.swap()
        weights = {k: v.clone() for k, v in vae.state_dict().items()}
        figures = quality(vae.eval(), probe, device)
        average.swap()
        vae.train()
        print(f"\nvae step {budget.step}: PSNR {figures[0]:.2f} dB, SSIM {figures[1]:.4f}", flush=True)
        loop.save(
            path,
            {
                "vae": vae.state_dict(),
                "average": average.shadow,
                "weights": weights,
                "optimizer": optimizer.state_dict(),
                "velocity": muon.velocity if muon else [],
                "spent": budget.spent,
                "step": budget.step,
                "figures": figures,
                "done": done,
            },
        )

    rng = np.random.default_rng([budget.step, rank])
    torch.manual_seed(budget.step * count + rank)
    next_check = budget.spent + 60
    bar = tqdm(total=round(budget.seconds), initial=round(budget.spent), unit="s", desc="vae", mininterval=20, disable=rank > 0)
    while budget.progress < 1:
        lr = optimizer.param_groups[0]["lr"] = loop.learning_rate(peak, budget, warm_up=100, hold=0.0 if polish else 0.3)
        crops = budget.progress < CROPS_UNTIL and not polish
        rows = rng.choice(len(seen), batch // count // (1 if crops else 4), replace=False)
        x = to_tensor(crop(seen[rows], rng) if crops else seen[rows]).to(device)
        with torch.autocast(device.type, torch.bfloat16):
            posterior = vae.encode(x).latent_dist
            # A little noise on the latents makes the decoder forgive what the UNet gets wrong.
            z = posterior.sample()
            y = vae.decode(z).sample
        y = y.float()
        mean, logvar = posterior.mean.float(), posterior.logvar.float()
        kl = 0.5 * (mean.square() + logvar.exp() - 1 - logvar).mean()
        error = y - x
        structure = 1 - metrics.ssim((x + 1) / 2, (y + 1) / 2).mean()
        loss = error.abs().mean() + error.square().mean() + (0.3 if polish else 0.1) * structure
        (loss + 1e-5 * kl).backward()
        clock = workers.average(budget.clock())
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        if muon:
            muon.step(lr, weight_decay=0.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        average.update()
        budget.tick(clock)
        bar.update(round(budget.spent) - bar.n)
        bar.set_postfix(step=budget.step, loss=f"{loss.item():.4f}", refresh=False)
        if rank == 0 and budget.spent > next_check:
            next_check = budget.spent + 120
            checkpoint(done=False)
    if rank == 0:
        checkpoint(done=True)
    bar.close()


def run(device: torch.device, minutes: float, steps: int | None = None, whole_font: bool = False, polish: bool = False) -> None:
    peak = 1e-3 if polish else 2e-3
    loop.spawn(train, device, minutes=minutes, steps=steps, batch=16, peak=peak, whole_font=whole_font, polish=polish)


@torch.no_grad()
def prepare_latents(device: torch.device, whole_font: bool) -> None:
    """Encodes every picture once (the posterior's mean: the pictures never change), measures the
    scaling factor, and fits the linear latent-to-RGB map the page previews with."""
    emoji = data.emoji_set(whole_font)
    pictures, held = data.pictures(emoji), data.held_out(emoji)
    vae = models.make_vae().to(device).eval()
    vae.load_state_dict(loop.load(paths.VAE)["weights"])
    flat = pictures.reshape(-1, data.SIZE, data.SIZE, 3)
    latents, small = [], []
    for start in tqdm(range(0, len(flat), 64), desc="latents"):
        x = to_tensor(flat[start : start + 64]).to(device)
        latents.append(vae.encode(x).latent_dist.mode().cpu())
        small.append(torch.nn.functional.avg_pool2d(x, 8).cpu())
    z, rgb = torch.cat(latents).contiguous(), torch.cat(small)
    train = torch.from_numpy(~held.reshape(-1))
    scale = 1 / z[train].std().item()
    z *= scale
    columns = z[train].movedim(1, -1).reshape(-1, 4)
    design = torch.cat([columns, torch.ones(len(columns), 1)], 1)
    fit = torch.linalg.lstsq(design, rgb[train].movedim(1, -1).reshape(-1, 3)).solution
    loop.save(
        paths.LATENTS,
        {
            "latents": z.reshape(*held.shape, *z.shape[1:]),
            "scaling_factor": scale,
            "channel_means": columns.mean(0),
            "latent_rgb_factors": fit[:4].tolist(),
            "latent_rgb_bias": fit[4].tolist(),
        },
    )
    print(f"scaling factor {scale:.4f}, channel means {columns.mean(0).tolist()}, stds {columns.std(0).tolist()}")
