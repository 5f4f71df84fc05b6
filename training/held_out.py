"""Writes pictures that the model has not seen, for `hearth evaluate`: PNG files and captions.json.

python -m training.held_out FOLDER [--count 60]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from PIL import Image

from . import data
from .evaluate import prompts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--all", action="store_true", help="the model was trained on the whole font")
    a = parser.parse_args()
    emoji = data.emoji_set(a.all)
    a.folder.mkdir(parents=True, exist_ok=True)
    captions = {}
    for index, (e, c) in enumerate(prompts(emoji, a.count)):
        name = f"{index:03d}-{emoji[e].name.replace(' ', '-')}-{data.COLOURS[c]}.png"
        Image.fromarray(data.picture(emoji[e].codepoint, data.COLOURS[c])).save(a.folder / name)
        captions[name] = data.caption(emoji[e].name, data.COLOURS[c])
    (a.folder / "captions.json").write_text(json.dumps(captions, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(f"{len(captions)} pictures in {a.folder}")


if __name__ == "__main__":
    main()
