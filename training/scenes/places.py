"""Backgrounds drawn by code: flat colours, gradients, and places with variation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

import numpy as np
from PIL import Image, ImageDraw

from .colours import PALETTE

Colour = tuple[float, float, float]


@dataclass
class Stage:
    """A background and where things may stand on it; heights are shares of the side, from the top."""

    image: Image.Image
    floor: tuple[float, float] | None = None  # where feet may be; None: things hang freely
    shadow: float = 0.0  # opacity of shadows on the floor
    sky: tuple[float, float] = (0.12, 0.5)  # where the middle of a flying thing may be


class Canvas:
    """A picture drawn at twice its size, so that edges are smooth, with a jittered palette."""

    def __init__(self, side: int, rng: np.random.Generator) -> None:
        self.side, self.rng, self.full = side, rng, 2 * side

    def jitter(self, colour: Colour, amount: float = 10) -> Colour:
        shift = self.rng.normal(0, amount / 2) + self.rng.normal(0, amount / 2, 3)
        return tuple(float(np.clip(c + s, 0, 255)) for c, s in zip(colour, shift))

    def gradient(self, *stops: tuple[float, Colour]) -> None:
        """Fills everything with a vertical gradient through (height, colour) stops."""
        y = np.linspace(0, 1, self.full)
        columns = [np.interp(y, [s[0] for s in stops], [s[1][c] for s in stops]) for c in range(3)]
        rows = np.stack(columns, -1).astype(np.uint8)[:, None]
        self.image = Image.fromarray(np.repeat(rows, self.full, 1))
        self.draw = ImageDraw.Draw(self.image)

    def points(self, outline: list[tuple[float, float]]) -> list[tuple[float, float]]:
        return [(x * self.full, y * self.full) for x, y in outline]

    def polygon(self, outline: list[tuple[float, float]], colour: Colour) -> None:
        self.draw.polygon(self.points(outline), fill=tuple(int(c) for c in colour))

    def hills(self, height: float, amplitude: float, colour: Colour, waves: float = 1.3) -> None:
        """Fills below a wavy line."""
        x = np.linspace(0, 1, 33)
        a, b = self.rng.uniform(0, 6.28, 2)
        y = height + amplitude * (np.sin(a + x * waves * 6.28) + 0.5 * np.sin(b + x * waves * 11)) / 1.5
        self.polygon([*zip(x, y), (1, 1), (0, 1)], colour)

    def floor(self, height: float, top: Colour, bottom: Colour) -> None:
        """Fills below a straight horizon with a gradient."""
        start = int(height * self.full)
        ramp = np.linspace(0, 1, self.full - start)[:, None]
        rows = (np.array(top) + ramp * (np.array(bottom) - np.array(top))).astype(np.uint8)[:, None]
        self.image.paste(Image.fromarray(np.repeat(rows, self.full, 1)), (0, start))

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        self.ellipse(x, y, radius, radius, colour)

    def ellipse(self, x: float, y: float, rx: float, ry: float, colour: Colour) -> None:
        f = self.full
        box = ((x - rx) * f, (y - ry) * f, (x + rx) * f, (y + ry) * f)
        self.draw.ellipse(box, fill=tuple(int(c) for c in colour))

    def rectangle(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        f = self.full
        self.draw.rectangle((left * f, top * f, right * f, bottom * f), fill=tuple(int(c) for c in colour))

    def line(self, x0: float, y0: float, x1: float, y1: float, width: float, colour: Colour) -> None:
        points = self.points([(x0, y0), (x1, y1)])
        self.draw.line(points, fill=tuple(int(c) for c in colour), width=max(1, round(width * self.full)))

    def cloud(self, x: float, y: float, size: float, colour: Colour) -> None:
        for dx, dy, r in ((-0.9, 0.1, 0.55), (0, -0.15, 0.75), (0.9, 0.1, 0.5)):
            self.ellipse(x + dx * size, y + dy * size, r * size, 0.7 * r * size, colour)

    def clouds(self, count: int, colour: Colour, top: float = 0.08, bottom: float = 0.3) -> None:
        for _ in range(count):
            x, y = self.rng.uniform(0, 1), self.rng.uniform(top, bottom)
            self.cloud(x, y, self.rng.uniform(0.05, 0.09), self.jitter(colour, 4))

    def stars(self, count: int, bottom: float) -> None:
        for x, y, r in zip(*self.rng.uniform(0, 1, (3, count))):
            light = 150 + 105 * self.rng.uniform()
            self.disc(x, y * bottom, 0.002 + 0.003 * r, (light, light, light * 0.95))

    def stage(self, floor: tuple[float, float] | None, shadow: float = 0.3, sky: tuple[float, float] = (0.12, 0.5)) -> Stage:
        return Stage(self.image.reduce(2), floor, shadow, sky)


def meadow(c: Canvas) -> Stage:
    h = c.rng.uniform(0.5, 0.62)
    c.gradient((0, c.jitter((105, 180, 240))), (h, c.jitter((205, 232, 250))))
    c.clouds(c.rng.integers(0, 4), (250, 250, 252))
    c.hills(h - 0.03, 0.035, c.jitter((120, 190, 90)))
    c.hills(h + 0.05, 0.03, c.jitter((85, 165, 65)))
    for x, y in c.rng.uniform((0, h + 0.12), (1, 1), (c.rng.integers(0, 14), 2)):
        c.disc(x, y, 0.007, [(250, 250, 250), (250, 220, 80), (240, 140, 180)][c.rng.integers(3)])
    return c.stage((h + 0.14, 0.95))


def beach(c: Canvas) -> Stage:
    h = c.rng.uniform(0.4, 0.5)
    c.gradient((0, c.jitter((80, 170, 240))), (h, c.jitter((190, 228, 250))))
    c.clouds(c.rng.integers(0, 3), (250, 250, 252), 0.06, 0.25)
    c.floor(h, c.jitter((20, 120, 190)), c.jitter((60, 170, 215)))
    shore = c.rng.uniform(0.6, 0.66)
    c.hills(shore - 0.015, 0.02, (235, 245, 250), 0.7)
    c.hills(shore + 0.01, 0.02, c.jitter((240, 210, 150)), 0.7)
    return c.stage((shore + 0.1, 0.95))


def snow(c: Canvas) -> Stage:
    h = c.rng.uniform(0.5, 0.62)
    c.gradient((0, c.jitter((150, 185, 225))), (h, c.jitter((215, 228, 242))))
    c.hills(h - 0.02, 0.04, c.jitter((222, 232, 245), 5))
    c.hills(h + 0.07, 0.03, c.jitter((243, 247, 252), 4))
    for x, y, r in zip(*c.rng.uniform(0, 1, (3, c.rng.integers(25, 60)))):
        c.disc(x, y, 0.004 + 0.006 * r, (255, 255, 255))
    return c.stage((h + 0.16, 0.95), 0.2)


def desert(c: Canvas) -> Stage:
    h = c.rng.uniform(0.5, 0.6)
    c.gradient((0, c.jitter((110, 185, 235))), (h, c.jitter((250, 225, 180))))
    if c.rng.random() < 0.5:
        c.disc(c.rng.uniform(0.15, 0.85), c.rng.uniform(0.1, 0.22), 0.06, (255, 240, 170))
    c.hills(h - 0.02, 0.05, c.jitter((225, 165, 90)), 0.8)
    c.hills(h + 0.08, 0.05, c.jitter((240, 190, 110)), 0.6)
    return c.stage((h + 0.2, 0.95))


def mountains(c: Canvas) -> Stage:
    h = c.rng.uniform(0.58, 0.66)
    c.gradient((0, c.jitter((120, 185, 240))), (h, c.jitter((220, 235, 248))))
    for _ in range(c.rng.integers(2, 5)):
        x, top, width = c.rng.uniform(0, 1), c.rng.uniform(0.14, 0.34), c.rng.uniform(0.28, 0.45)
        base, snow_line = h + 0.02, 0.3
        rock = c.jitter((120, 125, 145))
        c.polygon([(x, top), (x + width, base), (x - width, base)], rock)
        c.polygon([(x, top), (x + width, base), (x + 0.2 * width, base)], tuple(0.85 * v for v in rock))
        cap = top + snow_line * (base - top)
        c.polygon(
            [(x, top), (x + snow_line * width, cap), (x + 0.1 * width, cap - 0.03), (x - 0.05 * width, cap + 0.02),
             (x - snow_line * width, cap)], (248, 250, 253))
    c.hills(h, 0.02, c.jitter((95, 160, 80)))
    return c.stage((h + 0.1, 0.95))


def fir(c: Canvas, x: float, base: float, height: float, colour: Colour) -> None:
    c.rectangle(x - 0.012, base - 0.04, x + 0.012, base, (95, 65, 40))
    for k in range(3):
        top = base - height + k * height * 0.25
        width = height * (0.16 + 0.07 * k)
        c.polygon([(x, top), (x + width, top + height * 0.42), (x - width, top + height * 0.42)], colour)


def forest(c: Canvas) -> Stage:
    h = c.rng.uniform(0.56, 0.64)
    c.gradient((0, c.jitter((165, 210, 190))), (h, c.jitter((205, 230, 190))))
    for _ in range(9):
        fir(c, c.rng.uniform(0, 1), h + 0.02, c.rng.uniform(0.3, 0.5), c.jitter((90, 145, 105)))
    for _ in range(8):
        fir(c, c.rng.uniform(0, 1), h + 0.06, c.rng.uniform(0.4, 0.62), c.jitter((35, 100, 55)))
    c.hills(h + 0.04, 0.015, c.jitter((70, 115, 50)))
    return c.stage((h + 0.14, 0.95))


def sea(c: Canvas) -> Stage:
    h = c.rng.uniform(0.46, 0.56)
    c.gradient((0, c.jitter((95, 175, 240))), (h, c.jitter((205, 232, 250))))
    c.clouds(c.rng.integers(0, 4), (250, 250, 252), 0.06, 0.28)
    c.floor(h, c.jitter((30, 110, 180)), c.jitter((15, 75, 150)))
    for y in c.rng.uniform(h + 0.05, 0.98, 12):
        x, w = c.rng.uniform(0, 1), c.rng.uniform(0.03, 0.09)
        c.line(x - w, y, x + w, y, 0.006, c.jitter((110, 180, 225)))
    return c.stage((h + 0.16, 0.9), 0.22)


def under_water(c: Canvas) -> Stage:
    h = c.rng.uniform(0.8, 0.86)
    c.gradient((0, c.jitter((40, 150, 205))), (1, c.jitter((8, 60, 125))))
    c.hills(h, 0.025, c.jitter((205, 180, 120)))
    for _ in range(c.rng.integers(0, 6)):
        x = c.rng.choice([c.rng.uniform(0, 0.2), c.rng.uniform(0.8, 1)])
        c.polygon([(x - 0.015, 1), (x + c.rng.uniform(-0.04, 0.04), c.rng.uniform(0.6, 0.75)), (x + 0.015, 1)], c.jitter((40, 130, 90)))
    for x, y, r in zip(*c.rng.uniform(0, 1, (3, c.rng.integers(6, 18)))):
        c.disc(x, y * 0.8, 0.006 + 0.01 * r, c.jitter((120, 200, 235)))
        c.disc(x, y * 0.8, 0.003 + 0.008 * r, c.jitter((60, 155, 210)))
    return c.stage((h + 0.05, 0.96), 0.25, (0.3, 0.6))


def space(c: Canvas) -> Stage:
    c.gradient((0, c.jitter((14, 10, 34), 6)), (1, c.jitter((34, 16, 56), 8)))
    c.stars(int(c.rng.integers(50, 110)), 1)
    if c.rng.random() < 0.35:
        x, y = c.rng.choice([0.12, 0.88]), c.rng.choice([0.12, 0.88])
        c.disc(x, y, c.rng.uniform(0.05, 0.09), c.jitter([(200, 120, 80), (110, 140, 210), (170, 110, 190)][c.rng.integers(3)]))
    return c.stage(None)


def night(c: Canvas) -> Stage:
    h = c.rng.uniform(0.6, 0.7)
    c.gradient((0, c.jitter((8, 12, 50), 6)), (h, c.jitter((45, 45, 105), 8)))
    c.stars(int(c.rng.integers(30, 60)), h)
    x, y = c.rng.uniform(0.12, 0.88), c.rng.uniform(0.1, 0.2)
    c.disc(x, y, 0.06, (253, 240, 190))
    if c.rng.random() < 0.4:
        c.disc(x + 0.03, y - 0.012, 0.05, (14, 18, 58))
    c.hills(h, 0.025, c.jitter((18, 48, 50), 6))
    return c.stage((h + 0.1, 0.95), 0.35)


def sunset(c: Canvas) -> Stage:
    h = c.rng.uniform(0.58, 0.66)
    c.gradient((0, c.jitter((85, 50, 120))), (0.6 * h, c.jitter((225, 95, 95))), (h, c.jitter((255, 190, 90))))
    c.disc(c.rng.uniform(0.2, 0.8), h - c.rng.uniform(0, 0.08), c.rng.uniform(0.08, 0.12), (255, 225, 120))
    c.hills(h, 0.02, c.jitter((95, 45, 65)))
    return c.stage((h + 0.1, 0.95))


def rain(c: Canvas) -> Stage:
    h = c.rng.uniform(0.58, 0.66)
    c.gradient((0, c.jitter((90, 100, 118))), (h, c.jitter((160, 170, 182))))
    c.clouds(6, (120, 128, 142), 0, 0.14)
    c.hills(h, 0.015, c.jitter((95, 120, 100)))
    for x, y in c.rng.uniform(0, 1, (c.rng.integers(40, 70), 2)):
        c.line(x, y, x - 0.012, y + 0.05, 0.005, (195, 215, 235))
    return c.stage((h + 0.12, 0.95))


def room(c: Canvas) -> Stage:
    h = c.rng.uniform(0.62, 0.7)
    wall = c.jitter([(235, 220, 195), (200, 215, 225), (225, 205, 215), (205, 220, 200)][c.rng.integers(4)])
    c.gradient((0, wall), (1, tuple(0.93 * v for v in wall)))
    x = c.rng.choice([c.rng.uniform(0.05, 0.2), c.rng.uniform(0.62, 0.75)])
    c.rectangle(x - 0.015, 0.115, x + 0.235, 0.415, (250, 250, 248))
    c.rectangle(x, 0.13, x + 0.22, 0.4, c.jitter((150, 205, 240)))
    c.rectangle(x + 0.103, 0.13, x + 0.117, 0.4, (250, 250, 248))
    c.rectangle(x, 0.258, x + 0.22, 0.272, (250, 250, 248))
    c.floor(h, c.jitter((170, 120, 75)), c.jitter((190, 140, 90)))
    c.rectangle(0, h - 0.02, 1, h, (248, 246, 240))
    return c.stage((h + 0.1, 0.95))


def table(c: Canvas) -> Stage:
    h = c.rng.uniform(0.56, 0.64)
    wall = c.jitter([(222, 208, 188), (196, 206, 212), (214, 196, 190)][c.rng.integers(3)])
    c.gradient((0, wall), (1, wall))
    c.floor(h, c.jitter((150, 95, 50)), c.jitter((185, 125, 70)))
    for y in np.linspace(h, 1.05, 5)[1:]:
        c.line(0, y, 1, y, 0.005, (125, 78, 40))
    c.rectangle(0, h, 1, h + 0.015, (195, 138, 84))
    return c.stage((h + 0.12, 0.95))


def street(c: Canvas) -> Stage:
    h = c.rng.uniform(0.6, 0.66)
    c.gradient((0, c.jitter((150, 200, 240))), (h, c.jitter((222, 234, 246))))
    x = -0.03
    while x < 1:
        width, top = c.rng.uniform(0.14, 0.26), c.rng.uniform(0.12, 0.4)
        wall = c.jitter([(200, 120, 95), (215, 190, 150), (150, 165, 185), (185, 150, 165)][c.rng.integers(4)])
        c.rectangle(x, top, x + width, h, wall)
        for wx in np.arange(x + 0.03, x + width - 0.04, 0.06):
            for wy in np.arange(top + 0.04, h - 0.07, 0.085):
                c.rectangle(wx, wy, wx + 0.03, wy + 0.045, (235, 240, 215))
        x += width + c.rng.uniform(0, 0.02)
    c.floor(h, (190, 190, 190), (180, 180, 180))
    c.floor(h + 0.06, c.jitter((88, 90, 96), 6), c.jitter((72, 74, 80), 6))
    for x in np.arange(c.rng.uniform(-0.1, 0), 1, 0.22):
        c.rectangle(x, 0.86, x + 0.11, 0.875, (240, 240, 235))
    return c.stage((h + 0.12, 0.95))


PLACES: dict[str, Callable[[Canvas], Stage]] = {
    "meadow": meadow, "beach": beach, "snow": snow, "desert": desert, "mountains": mountains, "forest": forest,
    "sea": sea, "under water": under_water, "space": space, "night": night, "sunset": sunset, "rain": rain,
    "room": room, "table": table, "street": street,
}


def flat(colour: str, canvas: Canvas) -> Stage:
    return Stage(Image.new("RGB", (canvas.side, canvas.side), PALETTE[colour]))


def gradient(top: str, bottom: str, canvas: Canvas) -> Stage:
    canvas.gradient((0, PALETTE[top]), (1, PALETTE[bottom]))
    return canvas.stage(None)
