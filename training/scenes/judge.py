"""A detector of things, trained on drawn scenes alone, that says what a picture shows.

For each cell of a 16 × 16 grid it tells whether a thing has its middle there, which one, and its colour; for
the whole picture, background and style.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from tqdm import tqdm

from .. import loop
from . import art, grammar, paths, pool, scene, things
from .grammar import Scene
from .progress import Budget, autocast, seed_step
from .train_vae import to_tensor

SIDE, GRID = 256, 16
GRADIENT = "gradient"
BACKGROUNDS = [*grammar.COLOURS, *grammar.PLACES, GRADIENT]
FIRST_SEED = 9_000_000  # scenes that the model itself never saw
CHECK = 120.0


def background_of(s: Scene) -> int:
    return BACKGROUNDS.index(GRADIENT if s.background.kind == "gradient" else s.background.names[0])


class Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(width, width, 5, padding=2, groups=width), nn.GroupNorm(8, width),
            nn.Conv2d(width, 3 * width, 1), nn.GELU(), nn.Conv2d(3 * width, width, 1),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.layers(x)


class Judge(nn.Module):
    def __init__(self, known: int) -> None:
        super().__init__()
        widths, blocks = (48, 96, 192), (2, 2, 6)
        layers: list[nn.Module] = [nn.Conv2d(3, widths[0], 4, stride=4), nn.GroupNorm(8, widths[0])]
        for k, (width, number) in enumerate(zip(widths, blocks)):
            if k:
                layers += [nn.Conv2d(widths[k - 1], width, 3, stride=2, padding=1), nn.GroupNorm(8, width)]
            layers += [Block(width) for _ in range(number)]
        self.body = nn.Sequential(*layers)
        self.middle = nn.Conv2d(widths[-1], 1, 1)
        self.thing = nn.Sequential(nn.Conv2d(widths[-1], 384, 1), nn.GELU(), nn.Conv2d(384, known, 1))
        self.colour = nn.Conv2d(widths[-1], len(grammar.COLOURS), 1)
        self.background = nn.Linear(widths[-1] * 2, len(BACKGROUNDS))
        self.style = nn.Linear(widths[-1] * 2, len(art.STYLES))
        nn.init.constant_(self.middle.bias, -4.0)

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        y = self.body(x)
        whole = torch.cat([y.mean((2, 3)), y.amax((2, 3))], 1)
        return {
            "middle": self.middle(y)[:, 0], "thing": self.thing(y), "colour": self.colour(y),
            "background": self.background(whole), "style": self.style(whole),
        }


def labelled(seed: int) -> tuple[np.ndarray, list[tuple[int, int, int, int]], int, int]:
    """Returns a drawn scene, its items as (row, column, thing, colour or -1), background and style."""
    s = grammar.training_scene(seed)
    image, boxes = scene.compose(s, SIDE)
    order = {t.code: i for i, t in enumerate(things.load())}
    items = []
    for item, (left, top, w, h) in zip(s.items, boxes):
        row, column = int(np.clip((top + h / 2) * GRID, 0, GRID - 1)), int(np.clip((left + w / 2) * GRID, 0, GRID - 1))
        items.append((row, column, order[item.thing.code], grammar.COLOURS.index(item.colour) if item.colour else -1))
    return np.asarray(image), items, background_of(s), s.style


def soften(x: torch.Tensor) -> torch.Tensor:
    """Blurs some pictures and adds noise, as a drawing model's pictures are softer than drawn ones."""
    if torch.rand(1).item() < 0.5:
        side = int(torch.randint(72, 200, (1,)))
        x = F.interpolate(F.interpolate(x, size=side, mode="bilinear", antialias=True), size=SIDE, mode="bilinear")
    gain = 1 + 0.08 * torch.randn(len(x), 3, 1, 1, device=x.device)
    return x * gain + 0.05 * torch.rand(1).item() * torch.randn_like(x)


def loss_of(out: dict[str, torch.Tensor], items: list, backgrounds: torch.Tensor, styles: torch.Tensor) -> torch.Tensor:
    device = out["middle"].device
    where = torch.tensor([(b, r, c, t, k) for b, rows in enumerate(items) for r, c, t, k in rows], device=device)
    b, r, c, t, k = where.T
    heat = torch.zeros_like(out["middle"])
    heat[b, r, c] = 1
    near = F.max_pool2d(heat[:, None], 3, 1, 1)[:, 0]
    weight = torch.where(heat > 0, 6.0, torch.where(near > 0, 0.3, 1.0))
    middle = F.binary_cross_entropy_with_logits(out["middle"].float(), heat, weight=weight)
    thing = F.cross_entropy(out["thing"].float()[b, :, r, c], t)
    named = k >= 0
    colour = F.cross_entropy(out["colour"].float()[b, :, r, c][named], k[named]) if named.any() else 0.0
    whole = F.cross_entropy(out["background"].float(), backgrounds) + F.cross_entropy(out["style"].float(), styles)
    return 8 * middle + thing + 0.5 * colour + 0.3 * whole


def train(device: torch.device, samples: int, batch: int, peak: float, minutes: float | None = None, workers: int = 0) -> None:
    torch.manual_seed(grammar.SEED)
    judge = Judge(len(things.load())).to(device, memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(judge.parameters(), lr=peak, weight_decay=0.05)
    average = loop.Average([judge], 0.998)
    state = loop.load(paths.JUDGE) or {"step": 0, "spent": 0.0}
    budget = Budget(samples // batch, minutes, state["step"], state["spent"])
    if "live" in state:
        judge.load_state_dict(state["live"])
        average.shadow = [t.to(device) for t in state["average"]]
        average.updates = budget.step
        optimizer.load_state_dict(state["optimizer"])

    def checkpoint(done: bool) -> None:
        live = {k: v.clone() for k, v in judge.state_dict().items()}
        average.swap()
        averaged = {k: v.clone() for k, v in judge.state_dict().items()}
        average.swap()
        loop.save(paths.JUDGE, {
            "live": live, "average": average.shadow, "weights": averaged, "optimizer": optimizer.state_dict(),
            "step": budget.step, "spent": budget.spent, "done": done,
        })

    class Drawn(torch.utils.data.Dataset):
        def __len__(self) -> int:
            return budget.steps * batch

        def __getitem__(self, index: int):
            return labelled(FIRST_SEED + index)

    start = budget.step * batch
    loader = torch.utils.data.DataLoader(
        Drawn(), batch_size=batch, sampler=range(start, budget.steps * batch), num_workers=workers,
        collate_fn=lambda rows: tuple(zip(*rows)), prefetch_factor=4 if workers else None, multiprocessing_context="fork" if workers else None,
    )
    next_check = budget.spent + CHECK
    bar = tqdm(total=budget.steps, initial=budget.step, desc="judge", mininterval=20)
    for pictures, items, backgrounds, styles in loader:
        if budget.progress >= 1:
            break
        seed_step(grammar.SEED, 5, budget.step)
        optimizer.param_groups[0]["lr"] = loop.learning_rate(peak, budget, warm_up=200, hold=0.2)
        x = soften(to_tensor(np.stack(pictures), device)).contiguous(memory_format=torch.channels_last)
        with autocast(device):
            out = judge(x)
        loss = loss_of(out, items, torch.tensor(backgrounds, device=device), torch.tensor(styles, device=device))
        loss.backward()
        nn.utils.clip_grad_norm_(judge.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        average.update()
        budget.tick()
        bar.update(1)
        bar.set_postfix(loss=f"{loss.item():.3f}", refresh=False)
        if budget.spent > next_check:
            next_check = budget.spent + CHECK
            checkpoint(done=False)
    checkpoint(done=True)
    loop.save(paths.JUDGE, {"weights": loop.load(paths.JUDGE)["weights"], "step": budget.step, "spent": budget.spent, "done": True})
    bar.close()


@dataclass(frozen=True)
class Found:
    x: float
    y: float
    code: str
    colour: str


@dataclass(frozen=True)
class Verdict:
    found: tuple[Found, ...]
    background: str
    style: int


def load(device: torch.device) -> Judge:
    judge = Judge(len(things.load())).to(device).eval()
    judge.load_state_dict(loop.load(paths.JUDGE)["weights"])
    return judge


@torch.no_grad()
def look(judge: Judge, pictures: np.ndarray, device: torch.device, batch: int = 100) -> list[Verdict]:
    """Returns what (n, 256, 256, 3) uint8 pictures show."""
    known, verdicts = things.load(), []
    for first in range(0, len(pictures), batch):
        out = judge(to_tensor(pictures[first : first + batch], device))
        heat = out["middle"].sigmoid()
        peak = (heat == F.max_pool2d(heat[:, None], 3, 1, 1)[:, 0]) & (heat > 0.4)
        for n in range(len(heat)):
            found = []
            for r, c in peak[n].nonzero().tolist():
                code = known[int(out["thing"][n, :, r, c].argmax())].code
                colour = grammar.COLOURS[int(out["colour"][n, :, r, c].argmax())]
                found.append(Found((c + 0.5) / GRID, (r + 0.5) / GRID, code, colour))
            verdicts.append(Verdict(tuple(found), BACKGROUNDS[int(out["background"][n].argmax())], int(out["style"][n].argmax())))
    return verdicts


def agrees(kind: str, s: Scene, verdict: Verdict) -> bool:
    """Tells whether the picture shows what a prompt of this kind asked for."""
    codes = [f.code for f in verdict.found]
    asked = [item.thing.code for item in s.items]
    if kind == "thing":
        return asked[0] in codes
    if kind == "pair":
        return set(asked) <= set(codes)
    if kind == "count":
        return len(codes) == len(asked)
    if kind == "relation":
        first = [f for f in verdict.found if f.code == asked[0]]
        second = [f for f in verdict.found if f.code == asked[1]]
        axis = "x" if s.arrangement == "left" else "y"
        return bool(first and second) and getattr(first[0], axis) < getattr(second[0], axis)
    if kind == "colour":
        wanted = [(i.thing.code, i.colour) for i in s.items if i.colour]
        return all(any(f.code == code and f.colour == colour for f in verdict.found) for code, colour in wanted)
    if kind == "place":
        return verdict.background == BACKGROUNDS[background_of(s)]
    return verdict.style == s.style


def accuracy(judge: Judge, seeds: range, device: torch.device) -> dict[str, float]:
    """Returns how often the judge agrees with held-out drawn scenes: its own errors."""
    result = {}
    for kind in pool.KINDS:
        scenes = [grammar.held_out_scene(seed, kind) for seed in seeds]
        verdicts = look(judge, np.stack([np.asarray(scene.draw(s, SIDE)) for s in scenes]), device)
        result[kind] = float(np.mean([agrees(kind, s, v) for s, v in zip(scenes, verdicts)]))
    return result
