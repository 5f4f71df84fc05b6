"""Trains the UNet and the text encoder together, at 128 × 128 first, then at 256 × 256."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers.models.attention_processor import AttnProcessor
from torch import nn
from tqdm import tqdm

from .. import loop
from ..train_diffusion import PURE_NOISE, times
from . import grammar, models, paths
from .latents import Scenes, Tokens
from .muon import Muon
from .progress import Budget, autocast, seed_step
from .start import load_networks

SMALL_SHARE = 4  # at 256 × 256, each fourth step is one of 128 × 128, which previews are drawn at
CHECK = 240.0  # seconds between checkpoints


def make_networks(vocabulary: int, device: torch.device) -> tuple[nn.Module, nn.Module]:
    torch.manual_seed(grammar.SEED)
    unet = models.make_unet().to(device, memory_format=torch.channels_last)
    text_encoder = models.make_text_encoder(vocabulary).to(device)
    if device.type == "cpu":
        # At this size plain matrix products are faster than the fused CPU attention.
        unet.set_attn_processor(AttnProcessor())
        text_encoder.set_attn_implementation("eager")
    return unet, text_encoder


def split_parameters(modules: list[nn.Module]) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """Returns the inner matrices, for Muon, and the rest: embeddings, first and last layer, norms, biases."""
    inner, outer = [], []
    for module in modules:
        for name, p in module.named_parameters():
            is_inner = p.ndim >= 2 and "embedding." not in name and not name.startswith(("conv_in", "conv_out"))
            (inner if is_inner else outer).append(p)
    return inner, outer


def noisy(x0: torch.Tensor, alphas: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Returns noisy latents, their times and the v targets."""
    batch = len(x0)
    t = times(batch)
    pure = torch.rand(batch) < PURE_NOISE
    t[pure] = 999
    noise = torch.randn_like(x0)
    t, pure = t.to(x0.device), pure.to(x0.device).view(-1, 1, 1, 1)
    alpha = alphas[t].view(-1, 1, 1, 1)
    a, s = alpha.sqrt(), (1 - alpha).sqrt()
    # The schedule ends a little before pure noise, yet sampling starts from it. Those samples see
    # noise alone, with the target that makes the sampler land on the picture.
    x = torch.where(pure, noise, a * x0 + s * noise)
    return x, t, (a * x - x0) / s


def train(
    device: torch.device, samples: tuple[int, int], batch: int, peak: float, minutes: float | None = None,
    scenes: tuple | None = None, compiled: bool = False, start: Path | None = None,
) -> None:
    """`samples`: how many at 128 × 128 and then at 256 × 256. `scenes`: where those of both sizes come from,
    if not from shards encoded as they are needed. `start`: an exported model to go on from."""
    unet, text_encoder = make_networks(len(Tokens()), device)
    if start:
        load_networks(start, unet, text_encoder)
    both = [unet.train(), text_encoder.train()]
    parameters = [p for module in both for p in module.parameters()]
    inner, outer = split_parameters(both)
    muon = Muon(inner)
    optimizer = torch.optim.AdamW(outer, lr=peak, betas=(0.9, 0.99), weight_decay=0.01, fused=device.type == "cuda")
    average = loop.Average(both, 0.999)
    alphas = models.make_scheduler().alphas_cumprod.to(device)
    state = loop.load(paths.DIFFUSION) or {"step": 0, "spent": 0.0, "loss": None}
    first = samples[0] // batch
    budget = Budget(first + samples[1] // batch, minutes, state["step"], state["spent"])
    if "live" in state:
        for module, name in zip(both, ("unet", "text_encoder")):
            module.load_state_dict(state["live"][name])
        average.shadow = [t.to(device) for t in state["average"]]
        average.updates = budget.step
        optimizer.load_state_dict(state["optimizer"])
        muon.velocity = [t.to(device) for t in state["velocity"]]
    small, large = scenes or (Scenes(128, device), Scenes(256, device))
    forward = torch.compile(unet, dynamic=False) if compiled else unet
    smooth = state["loss"]

    def weights() -> dict:
        return {n: {k: v.clone() for k, v in m.state_dict().items()} for m, n in zip(both, ("unet", "text_encoder"))}

    def checkpoint(done: bool) -> None:
        live = weights()
        average.swap()
        averaged = weights()
        average.swap()
        loop.save(paths.DIFFUSION, {
            "live": live, "average": average.shadow, "weights": averaged, "optimizer": optimizer.state_dict(),
            "velocity": muon.velocity, "step": budget.step, "spent": budget.spent, "loss": smooth,
            "samples": budget.step * batch, "done": done,
        })
        print(f"\ndiffusion step {budget.step}, {budget.step * batch} samples, {budget.spent:.0f} s, loss {smooth:.4f}", flush=True)

    next_check = budget.spent + CHECK
    bar = tqdm(total=budget.steps, initial=budget.step, desc="diffusion", mininterval=30)
    while budget.progress < 1:
        step = budget.step
        seed_step(grammar.SEED, 3, step)
        lr = optimizer.param_groups[0]["lr"] = loop.learning_rate(peak, budget, warm_up=200, hold=0.5)
        in_first = (step < first) if not minutes else budget.progress < first / budget.steps
        source = small if in_first or step % SMALL_SHARE == 0 else large
        z, ids = source.batch(step * batch, batch)
        x, t, target = noisy(z, alphas)
        with autocast(device):
            hidden = text_encoder(ids).last_hidden_state
            v = forward(x.contiguous(memory_format=torch.channels_last), t, hidden).sample
        # Unweighted: which thing and which place is settled at high noise, where v is the picture
        # itself and min-SNR weights would all but ignore it.
        loss = (v.float() - target).square().mean()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        muon.step(lr)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        average.update()
        budget.tick()
        if device.type == "cpu" or step % 20 == 0:  # reading the loss waits for the card
            smooth = loss.item() if smooth is None else 0.99 * smooth + 0.01 * loss.item()
            bar.update(budget.step - bar.n)
            bar.set_postfix(loss=f"{smooth:.4f}", refresh=False)
        if budget.spent > next_check:
            next_check = budget.spent + CHECK
            checkpoint(done=False)
    checkpoint(done=True)
    bar.close()
