"""Colours of backgrounds and of recoloured things."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image

from ..data import PALETTE
from . import art
from .things import Thing

CHINESE = {
    "red": "红色", "orange": "橙色", "yellow": "黄色", "green": "绿色", "teal": "青色", "blue": "蓝色",
    "purple": "紫色", "pink": "粉色", "brown": "棕色", "black": "黑色", "white": "白色", "grey": "灰色",
}
# Hue, saturation and value that the vivid part of a recoloured thing has on average.
TARGETS: dict[str, tuple[float, float, float]] = {
    "red": (0.995, 0.85, 0.86),
    "orange": (0.075, 0.88, 0.97),
    "yellow": (0.14, 0.78, 0.98),
    "green": (0.35, 0.72, 0.68),
    "teal": (0.49, 0.85, 0.62),
    "blue": (0.61, 0.78, 0.88),
    "purple": (0.77, 0.66, 0.76),
    "pink": (0.925, 0.42, 0.98),
    "brown": (0.06, 0.62, 0.48),
    "black": (0.62, 0.12, 0.18),
    "white": (0.62, 0.03, 0.95),
    "grey": (0.62, 0.04, 0.55),
}
REACH = 0.16  # hues this near to the main one are turned, those beyond stay


def can_recolour(style: int, thing: Thing) -> bool:
    """Tells whether the picture has a main hue, and the thing no colour of its own (skin, "black cat")."""
    named = any(word in PALETTE for word in thing.name.split())
    return thing.kind != "person" and not named and art.picture(style, thing.code).hue is not None


@lru_cache(maxsize=400)
def recoloured(style: int, code: str, colour: str) -> Image.Image:
    """Returns the thing with its main hue, and the saturation and value there, moved to the colour's."""
    picture = art.picture(style, code)
    hsv = np.asarray(picture.image.convert("RGB").convert("HSV"), np.float32) / 255
    alpha = np.asarray(picture.image.getchannel("A"))
    hue, saturation, value = hsv[..., 0], hsv[..., 1], hsv[..., 2]
    away = (hue - picture.hue + 0.5) % 1 - 0.5
    share = np.clip((REACH + 0.05 - np.abs(away)) / 0.05, 0, 1) * np.clip((saturation - 0.12) / 0.2, 0, 1)
    mask = (share > 0.5) & (alpha > 128)
    target_hue, target_saturation, target_value = TARGETS[colour]

    def moved(channel: np.ndarray, target: float) -> np.ndarray:
        """Returns the channel with its mean at the target and its shading kept."""
        mean = float(np.clip(channel[mask].mean() if mask.any() else 0.5, 0.02, 0.98))
        if target < mean:
            return channel * target / mean
        return 1 - (1 - channel) * (1 - target) / (1 - mean)

    new_hue = (target_hue + 0.35 * away) % 1
    if target_saturation < 0.2:
        new_saturation = np.full_like(saturation, target_saturation)
    else:
        new_saturation = moved(saturation, target_saturation)
    new_value = moved(value, target_value)
    if colour == "white":  # its shading would hardly be seen
        new_value = np.clip(0.95 + 0.5 * (value - value[mask].mean() if mask.any() else 0), 0.7, 1)
    turned = np.stack([new_hue, new_saturation, new_value], -1)
    rgb = np.asarray(Image.fromarray((turned * 255).astype(np.uint8), "HSV").convert("RGB"), np.float32)
    before = np.asarray(picture.image.convert("RGB"), np.float32)
    mixed = before + (rgb - before) * share[..., None]
    return Image.fromarray(np.dstack([mixed.astype(np.uint8), alpha]), "RGBA")
