"""Draws a described scene."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from . import art, colours, places
from .grammar import SEED, Item, Scene

MARGIN = 0.04


def picture_of(item: Item, style: int) -> Image.Image:
    if item.colour:
        return colours.recoloured(style, item.thing.code, item.colour)
    return art.picture(style, item.thing.code).image


def stage_of(scene: Scene, side: int, rng: np.random.Generator) -> places.Stage:
    canvas = places.Canvas(side, rng)
    background = scene.background
    if background.kind == "flat":
        return places.flat(*background.names, canvas)
    if background.kind == "gradient":
        return places.gradient(*background.names, canvas)
    return places.PLACES[background.names[0]](canvas)


def scaled_extent(picture: Image.Image, extent: float) -> tuple[float, float]:
    """Returns width and height, the longer side being the extent, wide and tall things a little larger."""
    w, h = picture.size
    scale = extent / max(w, h) * min(1.18, (max(w, h) / min(w, h)) ** 0.3)
    return w * scale, h * scale


def extents(scene: Scene, rng: np.random.Generator) -> list[float]:
    """Returns the size of each item as a share of the side."""
    number = len(scene.items)
    if number == 1:
        ranges = {None: (0.5, 0.64), "large": (0.76, 0.86), "small": (0.24, 0.32)}
    elif number == 2:
        ranges = {None: (0.36, 0.42), "large": (0.46, 0.52), "small": (0.2, 0.25)}
    elif number == 3:
        ranges = {None: (0.26, 0.29), "large": (0.29, 0.31), "small": (0.17, 0.2)}
    else:
        ranges = {None: (0.2, 0.22), "large": (0.22, 0.23), "small": (0.14, 0.16)}
    if scene.arrangement == "count":
        return [rng.uniform(*ranges[scene.items[0].size])] * number
    return [rng.uniform(*ranges[item.size]) for item in scene.items]


Box = tuple[float, float, float, float]  # left, top, width, height, as shares of the side


def along_row(sizes: list[tuple[float, float]], rng: np.random.Generator) -> list[float]:
    """Returns the left edges of things side by side, the row as a whole somewhere near the middle."""
    gap = rng.uniform(0.03, 0.06)
    total = sum(w for w, _ in sizes) + gap * (len(sizes) - 1)
    room = 1 - 2 * MARGIN
    if total > room:
        gap = max(0.0, (room - sum(w for w, _ in sizes)) / max(1, len(sizes) - 1))
        total = sum(w for w, _ in sizes) + gap * (len(sizes) - 1)
    left = (1 - total) / 2 + rng.uniform(-0.5, 0.5) * max(0.0, room - total) * 0.5
    edges = []
    for w, _ in sizes:
        edges.append(left)
        left += w + gap
    return edges


def layout(scene: Scene, stage: places.Stage, sizes: list[tuple[float, float]], rng: np.random.Generator) -> tuple[list[Box], list[bool]]:
    """Returns each item's box, and whether it stands on the floor."""
    free = stage.floor is None
    flying = [item.thing.zone == "air" for item in scene.items]
    if scene.background.names == ("under water",):
        flying = [item.thing.zone != "ground" for item in scene.items]
    feet = rng.uniform(*stage.floor) if stage.floor else 0.0
    if scene.arrangement == "above":
        (w0, h0), (w1, h1) = sizes
        middle = 0.5 + rng.uniform(-0.12, 0.12)
        gap = rng.uniform(0.02, 0.05)
        bottom = max(feet, min(0.95, h0 + h1 + gap + MARGIN)) if not free else (1 + h0 + h1 + gap) / 2 + rng.uniform(-0.03, 0.03)
        bottom = min(bottom, 0.96)
        top = max(0.02, bottom - h1 - gap - h0)
        upper = (middle + rng.uniform(-0.05, 0.05) - w0 / 2, top, w0, h0)
        return [upper, (middle - w1 / 2, bottom - h1, w1, h1)], [False, not free and not flying[1]]
    if scene.arrangement == "count" and len(sizes) == 4 and free and rng.random() < 0.5:
        grow = 1.5  # two rows of two
        w, h = sizes[0][0] * grow, sizes[0][1] * grow
        dx, dy = w / 2 + rng.uniform(0.02, 0.05), h / 2 + rng.uniform(0.02, 0.05)
        return [(0.5 + sx * dx - w / 2, 0.5 + sy * dy - h / 2, w, h) for sy in (-1, 1) for sx in (-1, 1)], [False] * 4
    edges = along_row(sizes, rng)
    together = 0.5 + rng.uniform(-0.08, 0.08)
    boxes = []
    for item, (w, h), left, flies in zip(scene.items, sizes, edges, flying):
        if free:
            top = together - h / 2
        elif flies:
            low, high = stage.sky
            if len(sizes) > 1:  # beside another thing: not far above it
                low = high = min(0.55, feet - 0.3)
            top = rng.uniform(low, high) - h / 2
        else:
            top = feet - h
        boxes.append((left, float(np.clip(top, 0.02, 0.98 - h)), w, h))
    if scene.arrangement == "count":  # the same height for all
        boxes = [(left, boxes[0][1], w, h) for left, _, w, h in boxes]
    return boxes, [not free and not flies for flies in flying]


def draw_shadow(image: Image.Image, box: Box, opacity: float) -> Image.Image:
    """Darkens a blurred ellipse under the feet."""
    side = image.width
    left, top, w, h = box
    x, y = (left + w / 2) * side, (top + h) * side
    rx, ry = 0.44 * w * side, max(1.5, 0.09 * w * side)
    mask = Image.new("L", image.size)
    ImageDraw.Draw(mask).ellipse((x - rx, y - 1.2 * ry, x + rx, y + 0.8 * ry), fill=int(255 * opacity))
    mask = mask.filter(ImageFilter.GaussianBlur(0.012 * side))
    return Image.composite(Image.new("RGB", image.size, (12, 14, 30)), image, mask)


def compose(scene: Scene, side: int) -> tuple[Image.Image, list[Box]]:
    """Returns the scene as RGB, and where its things are; the same scene is drawn alike at every size but
    for its smallest parts."""
    rng = np.random.default_rng([SEED, 1, scene.seed])
    stage = stage_of(scene, side, rng)
    pictures = [picture_of(item, scene.style) for item in scene.items]
    sizes = [scaled_extent(p, e) for p, e in zip(pictures, extents(scene, rng))]
    widest = sum(w for w, _ in sizes) if scene.arrangement not in ("single", "above") else max(w for w, _ in sizes)
    tallest = sum(h for _, h in sizes) if scene.arrangement == "above" else max(h for _, h in sizes)
    shrink = min(1.0, (1 - 2 * MARGIN) / widest, 0.9 / tallest)
    sizes = [(w * shrink, h * shrink) for w, h in sizes]
    boxes, standing = layout(scene, stage, sizes, rng)
    image = stage.image
    for box, stands in zip(boxes, standing):
        if stands and stage.shadow:
            image = draw_shadow(image, box, stage.shadow)
    for picture, (left, top, w, h) in zip(pictures, boxes):
        size = (max(2, round(w * side)), max(2, round(h * side)))
        small = picture.resize(size, Image.Resampling.BOX if max(size) * 2 < max(picture.size) else Image.Resampling.BICUBIC)
        image.paste(small, (round(left * side), round(top * side)), small)
    return image, boxes


def draw(scene: Scene, side: int) -> Image.Image:
    return compose(scene, side)[0]
