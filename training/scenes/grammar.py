"""Descriptions of scenes: which things, how many, where, in which colours and style."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache

import numpy as np

from . import art, colours, places, things
from .things import Thing

SEED = 20261127
HELD_OUT = 0.1  # share of the combinations that training never sees
COLOURS = list(colours.PALETTE)
PLACES = list(places.PLACES)
ARRANGEMENTS = ("single", "count", "left", "above", "beside", "list")


@dataclass(frozen=True)
class Item:
    thing: Thing
    colour: str | None = None
    size: str | None = None  # large, small or None


@dataclass(frozen=True)
class Background:
    kind: str  # flat, gradient or place
    names: tuple[str, ...]  # a colour, two colours or a place


@dataclass(frozen=True)
class Scene:
    seed: int
    style: int
    style_named: bool
    arrangement: str
    items: tuple[Item, ...]
    background: Background

    def combinations(self) -> list[tuple[str, ...]]:
        """Returns what can be held out of this scene."""
        codes = [item.thing.code for item in self.items]
        found = [("colour", i.thing.code, i.colour) for i in self.items if i.colour]
        found += [("place", code, *self.background.names) for code in codes]
        if self.arrangement == "count":
            found.append(("count", codes[0], str(len(codes))))
        elif self.arrangement in ("left", "above"):
            found.append((self.arrangement, *codes))
        elif self.arrangement == "beside":
            found.append(("beside", *sorted(codes)))
        return list(dict.fromkeys(found))

    def held_out(self) -> list[tuple[str, ...]]:
        return [c for c in self.combinations() if is_held_out(c)]


def is_held_out(combination: tuple[str, ...]) -> bool:
    """Decides by a hash, so that the split survives edits of the list."""
    text = "|".join((str(SEED), *combination)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=4).digest(), "big") < HELD_OUT * 2**32


@cache
def countable() -> tuple[Thing, ...]:
    return tuple(t for t in things.load() if any(n.countable for n in t.names))


def pick_background(rng: np.random.Generator) -> Background:
    kind = rng.random()
    if kind < 0.4:
        return Background("flat", (COLOURS[rng.integers(len(COLOURS))],))
    if kind < 0.48:
        first, second = rng.choice(len(COLOURS), 2, replace=False)
        return Background("gradient", (COLOURS[first], COLOURS[second]))
    return Background("place", (PLACES[rng.integers(len(PLACES))],))


def pick_items(arrangement: str, rng: np.random.Generator) -> list[Item]:
    known = things.load()
    if arrangement == "count":
        chosen = [countable()[rng.integers(len(countable()))]] * int(rng.integers(2, 5))
    else:
        number = {"single": 1, "list": 3}.get(arrangement, 2)
        chosen = [known[i] for i in rng.choice(len(known), number, replace=False)]
    colour = COLOURS[rng.integers(len(COLOURS))] if rng.random() < 0.25 else None
    size = None
    if rng.random() < {"single": 0.3, "count": 0.12}.get(arrangement, 0.0):
        size = ("large", "small")[rng.integers(2)]
    items = [Item(chosen[0], colour, size)] + [Item(t) for t in chosen[1:]]
    if arrangement == "count":
        return [items[0]] * len(chosen)
    if arrangement in ("left", "above", "beside"):
        if rng.random() < 0.2:
            items[1] = Item(chosen[1], COLOURS[rng.integers(len(COLOURS))])
        if rng.random() < 0.15:  # one large, one small
            sizes = ("large", "small") if rng.random() < 0.5 else ("small", "large")
            items = [Item(i.thing, i.colour, s) for i, s in zip(items, sizes)]
        if rng.random() < 0.5:
            items.reverse()
    return items


def draft(seed: int, attempt: int = 0) -> Scene:
    """Returns any scene, one that contains held-out combinations among them."""
    rng = np.random.default_rng([SEED, seed, attempt])
    arrangement = str(rng.choice(ARRANGEMENTS, p=(0.46, 0.2, 0.11, 0.09, 0.07, 0.07)))
    items = pick_items(arrangement, rng)
    style = int(rng.choice(5, p=(0.6, 0.1, 0.1, 0.1, 0.1)))
    if not all(style in art.styles_of(i.thing.code) for i in items):
        style = 0
    named = style > 0 or rng.random() < 0.15
    # A colour only where the picture of the style can take it.
    items = [
        i if i.colour is None or colours.can_recolour(style, i.thing) else Item(i.thing, None, i.size)
        for i in items
    ]
    background = pick_background(rng)
    # A thing in the background's colour could not be seen.
    if background.kind == "flat" and any(i.colour == background.names[0] for i in items):
        background = Background("place", (PLACES[rng.integers(len(PLACES))],))
    return Scene(seed, style, named, arrangement, tuple(items), background)


def training_scene(seed: int) -> Scene:
    """Returns a scene without any held-out combination."""
    for attempt in range(100):
        scene = draft(seed, attempt)
        if not scene.held_out():
            return scene
    raise RuntimeError(f"no training scene for seed {seed}")


@cache
def held_out_scene(seed: int, kind: str) -> Scene:
    """Returns a scene with a held-out combination of that kind: thing, pair, count, relation, colour,
    place or style. Things and styles cannot be held out, so those scenes hold any combination."""
    wanted = {
        "pair": ("beside", "left", "above"), "count": ("count",), "relation": ("left", "above"),
        "colour": ("colour",), "place": ("place",),
    }.get(kind)
    for attempt in range(100_000):
        scene = draft(seed, attempt + 1000)
        out = {c[0] for c in scene.held_out()}
        if kind == "thing" and (scene.arrangement != "single" or not out):
            continue
        if kind == "style" and (scene.arrangement != "single" or not scene.style_named or not out):
            continue
        if wanted is None or out & set(wanted):
            return scene
    raise RuntimeError(f"no held-out scene of kind {kind}")
