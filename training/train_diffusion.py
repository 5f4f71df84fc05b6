"""Trains the UNet and the text encoder together on the prepared latents."""

from __future__ import annotations

import random

import torch
from diffusers.models.attention_processor import AttnProcessor
from torch import nn
from tqdm import tqdm
from transformers import CLIPTokenizer

from . import data, loop, models, paths
from .muon import Muon

EMPTY_PROMPT = 0.1  # share of captions dropped, for classifier-free guidance
PURE_NOISE = 0.04  # share of samples that see noise alone, as sampling's first step does


def times(batch: int) -> torch.Tensor:
    """Evenly spread random times, half of the batch in the noisy third: there, and only there, the
    words decide what the picture becomes; below it the picture itself says what it is."""
    low = batch // 2
    spread = (torch.arange(low) + torch.rand(low)) / low * 1000
    noisy = 700 + (torch.arange(batch - low) + torch.rand(batch - low)) / (batch - low) * 300
    return torch.cat([spread, noisy])[torch.randperm(batch)].long().clamp_max(999)


def train(
    rank: int,
    count: int,
    device: torch.device,
    minutes: float,
    steps: int | None,
    batch: int,
    peak: float,
    whole_font: bool,
) -> None:
    emoji = data.emoji_set(whole_font)
    latents = loop.load(paths.LATENTS)["latents"]
    pairs = (~torch.from_numpy(data.held_out(emoji))).nonzero()
    tokenizer = CLIPTokenizer.from_pretrained(paths.TOKENIZER)
    token_cache: dict[str, torch.Tensor] = {}

    def tokens(text: str) -> torch.Tensor:
        if text not in token_cache:
            ids = tokenizer(text, padding="max_length", truncation=True, max_length=models.TEXT_LENGTH).input_ids
            token_cache[text] = torch.tensor(ids)
        return token_cache[text]

    torch.manual_seed(data.SEED)
    unet = models.make_unet().to(device).train()
    text_encoder = models.make_text_encoder(len(tokenizer)).to(device).train()
    if device.type == "cpu":
        # At this size plain matrix products are 1.7 times faster than the fused CPU attention.
        unet.set_attn_processor(AttnProcessor())
        text_encoder.set_attn_implementation("eager")
    both: list[nn.Module] = [unet, text_encoder]
    parameters = [p for module in both for p in module.parameters()]
    alphas = models.make_scheduler().alphas_cumprod.to(device)
    workers = loop.Workers(rank, count, parameters)
    # The inner matrices by Muon; embeddings, first and last layer, norms and biases by AdamW.
    inner = [
        p
        for module in both
        for name, p in module.named_parameters()
        if p.ndim >= 2 and "embedding." not in name and not name.startswith(("conv_in", "conv_out"))
    ]
    taken = {id(p) for p in inner}
    muon = Muon(inner, rank, count)
    outer = [p for p in parameters if id(p) not in taken]
    optimizer = torch.optim.AdamW(outer, lr=peak, betas=(0.9, 0.99), weight_decay=0.01)
    average = loop.Average(both, 0.998)
    state = loop.load(paths.DIFFUSION) or {"spent": 0.0, "step": 0}
    budget = loop.Budget(minutes, steps, state["spent"], state["step"])
    if "live" in state:
        unet.load_state_dict(state["live"]["unet"])
        text_encoder.load_state_dict(state["live"]["text_encoder"])
        average.shadow = [t.to(device) for t in state["average"]]
        average.updates = budget.step
        optimizer.load_state_dict(state["optimizer"])
        muon.velocity = [t.to(device) for t in state["velocity"]]

    def weights() -> dict:
        return {
            "unet": {k: v.clone() for k, v in unet.state_dict().items()},
            "text_encoder": {k: v.clone() for k, v in text_encoder.state_dict().items()},
        }

    def checkpoint(done: bool) -> None:
        live = weights()
        average.swap()
        averaged = weights()
        average.swap()
        loop.save(
            paths.DIFFUSION,
            {
                "live": live,
                "average": average.shadow,
                "weights": averaged,
                "optimizer": optimizer.state_dict(),
                "velocity": muon.velocity,
                "spent": budget.spent,
                "step": budget.step,
                "done": done,
            },
        )

    batch //= count
    rng = random.Random(budget.step * count + rank)
    torch.manual_seed(budget.step * count + rank)
    queue: list[int] = []  # every pair once before any comes again
    next_check, smooth = budget.spent + 150, None
    bar = tqdm(total=round(budget.seconds), initial=round(budget.spent), unit="s", desc="diffusion", mininterval=20, disable=rank > 0)
    while budget.progress < 1:
        lr = optimizer.param_groups[0]["lr"] = loop.learning_rate(peak, budget, warm_up=200)
        if len(queue) < batch:
            queue = rng.sample(range(len(pairs)), len(pairs))
        rows = pairs[[queue.pop() for _ in range(batch)]]
        texts = [
            "" if rng.random() < EMPTY_PROMPT else data.training_caption(emoji[e], data.COLOURS[c], rng)
            for e, c in rows.tolist()
        ]
        ids = torch.stack([tokens(text) for text in texts]).to(device)
        x0 = latents[rows[:, 0], rows[:, 1]].to(device)

        t = times(batch)
        pure = torch.rand(batch) < PURE_NOISE
        t[pure] = 999
        t, pure = t.to(device), pure.to(device)
        alpha = alphas[t].view(-1, 1, 1, 1)
        a, s = alpha.sqrt(), (1 - alpha).sqrt()
        noise = torch.randn_like(x0)
        x = a * x0 + s * noise
        # The schedule ends a little before pure noise, yet sampling starts from it. Those samples
        # see noise alone, with the target that makes the sampler land on the picture.
        x = torch.where(pure.view(-1, 1, 1, 1), noise, x)
        target = (a * x - x0) / s  # equal to a·noise − s·x0 where x is the usual mixture

        with torch.autocast(device.type, torch.bfloat16):
            hidden = text_encoder(ids).last_hidden_state
            v = unet(x, t, hidden).sample
        # Unweighted: which emoji and which background is settled at high noise, where v is the picture
        # itself and min-SNR weights would all but ignore it.
        loss = (v.float() - target).square().mean()
        loss.backward()
        clock = workers.average(budget.clock())
        nn.utils.clip_grad_norm_(parameters, 1.0)
        muon.step(lr)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        average.update()
        budget.tick(clock)

        smooth = loss.item() if smooth is None else 0.98 * smooth + 0.02 * loss.item()
        bar.update(round(budget.spent) - bar.n)
        bar.set_postfix(step=budget.step, loss=f"{smooth:.4f}", refresh=False)
        if rank == 0 and budget.spent > next_check:
            next_check = budget.spent + 150
            checkpoint(done=False)
    if rank == 0:
        checkpoint(done=True)
    bar.close()


def run(device: torch.device, minutes: float, steps: int | None = None, whole_font: bool = False) -> None:
    loop.spawn(train, device, minutes=minutes, steps=steps, batch=32, peak=1e-3, whole_font=whole_font)
