"""The training set: which emoji, how they look, what they are called, what is held out."""

from __future__ import annotations

import io
import os
import random
import re
import unicodedata
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from fontTools.ttLib import TTFont
from PIL import Image

SIZE = 128  # picture side, pixels
GLYPH = (110, 104)  # the font's 136x128 bitmap, scaled to leave a margin for the background
HELD_OUT_PER_EMOJI = 3  # of 12 colours: a quarter of all pairs
SEED = 20261123

FONT = Path(os.environ.get("HEARTH_FONT", "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"))
CLDR = Path(os.environ.get("HEARTH_CLDR", "/usr/share/unicode/cldr/common/annotations/en.xml"))
EMOJI_LIST = Path(__file__).with_name("emoji.txt")

PALETTE: dict[str, tuple[int, int, int]] = {
    "red": (220, 40, 40),
    "orange": (255, 140, 0),
    "yellow": (255, 225, 60),
    "green": (60, 170, 60),
    "teal": (0, 140, 150),
    "blue": (45, 90, 220),
    "purple": (125, 50, 180),
    "pink": (255, 150, 195),
    "brown": (120, 70, 35),
    "black": (20, 20, 20),
    "white": (250, 250, 250),
    "grey": (130, 130, 130),
}
COLOURS = list(PALETTE)


@dataclass(frozen=True)
class Emoji:
    codepoint: int
    name: str
    keywords: tuple[str, ...]  # CLDR keywords no other emoji of the set could mean


def _annotations() -> tuple[dict[int, str], dict[int, list[str]]]:
    """CLDR's names and keywords of every single-codepoint emoji."""
    names: dict[int, str] = {}
    keywords: dict[int, list[str]] = {}
    for node in ElementTree.parse(CLDR).iter("annotation"):
        text, characters = node.text or "", node.get("cp") or ""
        if len(characters) != 1:
            continue
        if node.get("type") == "tts":
            names[ord(characters)] = text
        else:
            keywords[ord(characters)] = [word.strip() for word in text.split("|")]
    return names, keywords


def cldr_words() -> list[str]:
    """Every annotation text: the everyday English the tokenizer learns its merges from."""
    names, keywords = _annotations()
    return [*names.values(), *(word for words in keywords.values() for word in words)]


def _whole_font() -> dict[int, str]:
    """All named emoji the font draws (the `--all` set), flags of colour or letters left out."""
    names, _ = _annotations()
    cmap = TTFont(FONT, lazy=True).getBestCmap()
    return {
        code: name
        for code, name in names.items()
        if code in cmap and code > 0xFF and unicodedata.category(chr(code)) == "So"
    }


@cache
def emoji_set(whole_font: bool = False) -> tuple[Emoji, ...]:
    if whole_font:
        listed = _whole_font()
    else:
        rows = (line.split(" ", 1) for line in EMOJI_LIST.read_text("utf-8").splitlines() if line[:1] != "#")
        listed = {int(code, 16): name for code, name in rows}
    _, keywords = _annotations()
    # A keyword is kept only if it points to one emoji: not shared, not a word of another's name,
    # and not a colour, which would be read as the background.
    uses: dict[str, int] = {}
    for code in listed:
        for word in set(keywords.get(code, [])):
            uses[word] = uses.get(word, 0) + 1
    taken = {word for name in listed.values() for word in [name, *re.findall(r"[a-z]+", name.lower())]}
    return tuple(
        Emoji(
            code,
            name,
            tuple(
                word
                for word in keywords.get(code, [])
                if uses[word] == 1 and word not in taken and word not in PALETTE and word.isascii()
            ),
        )
        for code, name in listed.items()
    )


@cache
def _bitmaps() -> tuple[dict[int, str], dict[str, object]]:
    font = TTFont(FONT, lazy=True)
    return font.getBestCmap(), font["CBDT"].strikeData[0]


def glyph(codepoint: int) -> Image.Image:
    """The emoji as RGBA, at the size it has in the pictures."""
    cmap, strike = _bitmaps()
    bitmap = Image.open(io.BytesIO(strike[cmap[codepoint]].imageData)).convert("RGBA")
    return bitmap.resize(GLYPH, Image.Resampling.LANCZOS)


def picture(codepoint: int, colour: str) -> np.ndarray:
    """(128, 128, 3) uint8: the emoji at its fixed place over one flat colour."""
    canvas = Image.new("RGBA", (SIZE, SIZE), (*PALETTE[colour], 255))
    canvas.alpha_composite(glyph(codepoint), ((SIZE - GLYPH[0]) // 2, (SIZE - GLYPH[1]) // 2))
    return np.asarray(canvas.convert("RGB"))


def pictures(emoji: tuple[Emoji, ...]) -> np.ndarray:
    """(emoji, colour, 128, 128, 3) uint8."""
    return np.stack([[picture(e.codepoint, c) for c in COLOURS] for e in emoji])


def held_out(emoji: tuple[Emoji, ...]) -> np.ndarray:
    """(emoji, colour) bool. Three colours of each emoji, drawn with the emoji's own seed, so that
    every emoji and every colour is still seen and the split survives edits of the list."""
    mask = np.zeros((len(emoji), len(COLOURS)), bool)
    for row, e in enumerate(emoji):
        mask[row, random.Random(SEED + e.codepoint).sample(range(len(COLOURS)), HELD_OUT_PER_EMOJI)] = True
    return mask


def article(noun: str) -> str:
    vowel = noun[0].lower() in "aeiou" and not noun.lower().startswith(("uni", "one", "eu", "ute"))
    return f"{'an' if vowel else 'a'} {noun}"


def caption(name: str, colour: str) -> str:
    """The canonical caption, the one the figures are measured with."""
    return f"{article(name)} on {article(colour)} background"


def training_caption(emoji: Emoji, colour: str, rng: random.Random) -> str:
    """Mostly the canonical caption; other wordings so that the prompt need not be exact."""
    name = rng.choice(emoji.keywords) if emoji.keywords and rng.random() < 0.1 else emoji.name
    kind = rng.random()
    if kind < 0.7:
        return caption(name, colour)
    if kind < 0.8:
        return f"{name}, {colour} background"
    if kind < 0.9:
        return f"{name} on {colour}"
    return f"{name} on {article(colour)} background"
