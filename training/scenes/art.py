"""Pictures of the things in five styles, from pinned packages, in one archive.

Fetching and rendering need Node.js and its packages; training reads the archive alone.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import tempfile
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from . import paths, things

SIDE = 192  # pixels of a picture in the archive
OUTLINE = 7  # pixels of a sticker's white edge
STYLES = ("3D render", "flat icon", "soft 3D", "cartoon", "sticker")
RENDERED = "@lobehub/fluent-emoji-3d"
VECTORS = {
    "flat icon": "fluent-emoji-flat",
    "soft 3D": "fluent-emoji",
    "cartoon": "noto",
    "sticker": "twemoji",
}


def install() -> None:
    """Installs the packages of package.json, whose lock file pins their content."""
    if (paths.NPM / "node_modules" / RENDERED).exists():
        return
    paths.NPM.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(paths.HERE / name, paths.NPM / name)
    subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=paths.NPM, check=True)


def render(jobs: list[list[str]]) -> None:
    """Renders [package, icon, file] jobs; a picture that ends the renderer is left out."""
    while jobs:
        child = subprocess.run(
            ["node", paths.HERE / "render.mjs", paths.NPM, str(SIDE)],
            input=json.dumps(jobs), text=True, capture_output=True,
        )
        if child.returncode == 0:
            return
        if not child.stdout:
            raise RuntimeError(child.stderr)
        failed = int(child.stdout.split()[-1])
        print(f"left out: {'/'.join(jobs[failed][:2])}")
        jobs = jobs[failed + 1 :]


def icon_names(package: str) -> dict[str, str]:
    """Returns the package's icon of each code point sequence."""
    if package == "fluent-emoji":  # has no such list, and the same icons as the flat set
        package = "fluent-emoji-flat"
    file = paths.NPM / "node_modules" / "@iconify-json" / package / "chars.json"
    return {code.replace("-fe0f", ""): icon for code, icon in json.loads(file.read_text("utf-8")).items()}


def sticker(picture: Image.Image) -> Image.Image:
    """Returns the picture, a little smaller, with a white edge around it."""
    inner = picture.resize((SIDE - 2 * OUTLINE,) * 2, Image.Resampling.LANCZOS)
    canvas = Image.new("RGBA", (SIDE, SIDE))
    canvas.paste(inner, (OUTLINE, OUTLINE))
    alpha = canvas.getchannel("A")
    edge = alpha.point(lambda a: 255 if a > 96 else 0).filter(ImageFilter.MaxFilter(2 * OUTLINE - 3))
    edge = edge.filter(ImageFilter.GaussianBlur(1.6)).point(lambda a: min(255, max(0, (a - 64) * 2)))
    white = Image.new("RGBA", (SIDE, SIDE), (255, 255, 255, 255))
    white.putalpha(edge)
    white.alpha_composite(canvas)
    return white


def pack() -> None:
    """Writes the archive: one WebP file for each thing and style."""
    install()
    jobs, wanted = [], []
    with tempfile.TemporaryDirectory() as scratch:
        for style, package in VECTORS.items():
            chars = icon_names(package)
            for thing in things.load():
                file = Path(scratch) / f"{STYLES.index(style)}-{thing.code}.png"
                if thing.code in chars:
                    jobs.append([package, chars[thing.code], str(file)])
                    wanted.append((style, thing.code, file))
        render(jobs)
        folder = paths.NPM / "node_modules" / RENDERED / "assets"
        rendered = {file.stem.replace("-fe0f", ""): file for file in folder.glob("*.webp")}
        wanted += [(STYLES[0], t.code, rendered[t.code]) for t in things.load() if t.code in rendered]
        partial = paths.ART.with_suffix(".part")
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as archive:
            for style, code, file in wanted:
                if not file.exists():
                    continue
                picture = Image.open(file).convert("RGBA")
                if picture.size != (SIDE, SIDE):
                    picture = picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
                if style == "sticker":
                    picture = sticker(picture)
                data = io.BytesIO()
                picture.save(data, "WEBP", quality=92, method=4)
                archive.writestr(zipfile.ZipInfo(f"{STYLES.index(style)}/{code}.webp"), data.getvalue())
        partial.replace(paths.ART)
    print(f"art: {len(wanted)} pictures, {paths.ART.stat().st_size / 1e6:.1f} MB")


@dataclass(frozen=True)
class Picture:
    """Visible part of a thing's picture."""

    image: Image.Image  # RGBA, cropped to what is visible
    hue: float | None  # most frequent hue in [0, 1) of a picture that can be recoloured


def main_hue(image: Image.Image) -> float | None:
    """Returns the most frequent hue where at least 30 % of the visible pixels are saturated and
    half of those have that hue."""
    rgba = np.asarray(image, np.uint8)
    hsv = np.asarray(image.convert("RGB").convert("HSV"), np.uint8)
    seen = rgba[..., 3] > 128
    vivid = seen & (hsv[..., 1] > 90) & (hsv[..., 2] > 70)
    if vivid.sum() < 0.3 * seen.sum():
        return None
    counts = np.bincount(hsv[..., 0][vivid], minlength=256).astype(float)
    around = sum(np.roll(counts, k) for k in range(-14, 15))
    best = int(around.argmax())
    if around[best] < 0.5 * vivid.sum():
        return None
    return best / 256


@cache
def _archive() -> dict[str, bytes]:
    with zipfile.ZipFile(paths.ART) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@cache
def styles_of(code: str) -> tuple[int, ...]:
    return tuple(s for s in range(len(STYLES)) if f"{s}/{code}.webp" in _archive())


@cache
def picture(style: int, code: str) -> Picture:
    image = Image.open(io.BytesIO(_archive()[f"{style}/{code}.webp"])).convert("RGBA")
    image = image.crop(image.getchannel("A").point(lambda a: 255 if a > 24 else 0).getbbox())
    return Picture(image, main_hue(image))
