"""Distils many guided steps into four without guidance, as a low-rank adapter.

The sampler's way from noise to picture is cut into four segments, those of a run of four steps. From any
point of a segment the teacher (the model without adapter, with guidance) walks to its end in several DDIM
steps; the adapter learns to land there in one.
"""

from __future__ import annotations

import torch
from torch import nn
from tqdm import tqdm

from .. import loop
from . import grammar, lora, models, paths
from .latents import Scenes, Tokens
from .progress import Budget, autocast, seed_step
from .train_diffusion import SMALL_SHARE, make_networks

STEPS = 4
BOUNDARIES = (999, 749, 499, 249, 0)  # trailing spacing of 1,000 times in four steps
SUBSTEPS = 4
GUIDANCE = 3.0
AT_START = 0.6  # share of samples at the exact times of a run of four steps
CHECK = 240.0


class Ways:
    """DDIM's arithmetic between two times, in terms of v."""

    def __init__(self, device: torch.device) -> None:
        self.alphas = models.make_scheduler().alphas_cumprod.to(device)

    def scales(self, t: torch.Tensor, clean: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor]:
        """Returns a and s of a·x0 + s·noise; samples marked clean are at the picture itself."""
        alpha = self.alphas[t.clamp(0, 999)]
        # The scheduler ends at the first time's alpha, not at 1 (set_alpha_to_one is false).
        if clean is not None:
            alpha = torch.where(clean, self.alphas[0], alpha)
        alpha = alpha.view(-1, 1, 1, 1)
        return alpha.sqrt(), (1 - alpha).sqrt()

    def step(self, x: torch.Tensor, v: torch.Tensor, t: torch.Tensor, to: torch.Tensor) -> torch.Tensor:
        a, s = self.scales(t)
        a2, s2 = self.scales(to, to <= 0)
        return a2 * (a * x - s * v) + s2 * (s * x + a * v)

    def v_that_lands(self, x: torch.Tensor, end: torch.Tensor, t: torch.Tensor, to: torch.Tensor) -> torch.Tensor:
        """Returns the v with which one step from x at t is at `end`: step() solved for v."""
        a, s = self.scales(t)
        a2, s2 = self.scales(to, to <= 0)
        return (end - (a2 * a + s2 * s) * x) / (s2 * a - a2 * s)


def segment_times(batch: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Returns start times and the ends of their segments, all segments alike."""
    segment = torch.arange(batch) % STEPS
    upper, lower = torch.tensor(BOUNDARIES[:-1])[segment], torch.tensor(BOUNDARIES[1:])[segment]
    inside = lower + 1 + (torch.rand(batch) * (upper - lower)).long()
    return torch.where(torch.rand(batch) < AT_START, upper, torch.minimum(inside, upper)), lower


def train(
    device: torch.device, samples: int, batch: int, peak: float, minutes: float | None = None,
    scenes: tuple | None = None,
) -> None:
    tokens = Tokens()
    unet, text_encoder = make_networks(len(tokens), device)
    trained = loop.load(paths.DIFFUSION)["weights"]
    unet.load_state_dict(trained["unet"])
    text_encoder.load_state_dict(trained["text_encoder"])
    text_encoder.requires_grad_(False)
    torch.manual_seed(grammar.SEED)
    adapted = lora.adapt(unet)
    parameters = [p for p in unet.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=peak, betas=(0.9, 0.99), weight_decay=0.0)
    average = loop.Average([m for a in adapted.values() for m in (a.lora_A, a.lora_B)], 0.98)
    state = loop.load(paths.ADAPTER) or {"step": 0, "spent": 0.0, "loss": None}
    budget = Budget(samples // batch, minutes, state["step"], state["spent"])
    if "live" in state:
        lora.load(adapted, state["live"])
        optimizer.load_state_dict(state["optimizer"])
        average.shadow = [t.to(device) for t in state["average"]]
        average.updates = budget.step
    small, large = scenes or (Scenes(128, device), Scenes(256, device))
    ways, smooth = Ways(device), state["loss"]
    with torch.no_grad(), autocast(device):
        empty = text_encoder(tokens([""]).to(device)).last_hidden_state

    def checkpoint(done: bool) -> None:
        live = lora.weights(adapted)
        average.swap()
        averaged = lora.weights(adapted)
        average.swap()
        loop.save(paths.ADAPTER, {
            "live": live, "average": average.shadow, "weights": averaged, "optimizer": optimizer.state_dict(),
            "step": budget.step, "spent": budget.spent, "loss": smooth, "samples": budget.step * batch, "done": done,
        })
        print(f"\nadapter step {budget.step}, {budget.spent:.0f} s, loss {smooth:.4f}", flush=True)

    @torch.no_grad()
    def walk(x: torch.Tensor, start: torch.Tensor, end: torch.Tensor, hidden: torch.Tensor) -> torch.Tensor:
        lora.switch(adapted, False)
        both = torch.cat([empty.expand_as(hidden), hidden])
        for k in range(SUBSTEPS):
            t = start - (start - end) * k // SUBSTEPS
            to = start - (start - end) * (k + 1) // SUBSTEPS
            with autocast(device):
                plain, guided = unet(torch.cat([x, x]), torch.cat([t, t]), both).sample.float().chunk(2)
            x = ways.step(x, plain + GUIDANCE * (guided - plain), t, to)
        lora.switch(adapted, True)
        return x

    next_check = budget.spent + CHECK
    bar = tqdm(total=budget.steps, initial=budget.step, desc="adapter", mininterval=30)
    while budget.progress < 1:
        step = budget.step
        seed_step(grammar.SEED, 4, step)
        optimizer.param_groups[0]["lr"] = loop.learning_rate(peak, budget, warm_up=50, hold=0.3)
        x0, ids = (small if step % SMALL_SHARE == 0 else large).batch(step * batch, batch)
        start, end = (t.to(device) for t in segment_times(batch))
        a, s = ways.scales(start)
        noise = torch.randn_like(x0)
        # Sampling starts from noise alone, at the last time.
        x = torch.where((start == BOUNDARIES[0]).view(-1, 1, 1, 1), noise, a * x0 + s * noise)
        with torch.no_grad(), autocast(device):
            hidden = text_encoder(ids).last_hidden_state
        target = ways.v_that_lands(x, walk(x, start, end, hidden), start, end)
        with autocast(device):
            v = unet(x.contiguous(memory_format=torch.channels_last), start, hidden).sample
        # Huber's loss: a guided teacher's few outliers would else steer the adapter.
        loss = nn.functional.huber_loss(v.float(), target, delta=0.5)
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        average.update()
        budget.tick()
        smooth = loss.item() if smooth is None else 0.98 * smooth + 0.02 * loss.item()
        bar.update(1)
        bar.set_postfix(loss=f"{smooth:.4f}", refresh=False)
        if budget.spent > next_check:
            next_check = budget.spent + CHECK
            checkpoint(done=False)
    checkpoint(done=True)
    bar.close()
