"""Writes held-out scenes for `hearth evaluate`: PNG files and captions.json.

python -m training.scenes.held_out FOLDER [--count 60] [--side 256]
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

from . import caption, grammar, pool, scene
from .evaluate import SEED


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--side", type=int, default=256)
    a = parser.parse_args()
    a.folder.mkdir(parents=True, exist_ok=True)
    captions = {}
    for index in range(a.count):
        kind = pool.KINDS[index % len(pool.KINDS)]
        held = grammar.held_out_scene(SEED + 200_000 + index, kind)
        name = f"{index:03d}-{kind}.png"
        scene.draw(held, a.side).save(a.folder / name)
        captions[name] = caption.caption(held, random.Random(index), caption.ENGLISH, complete=True)
    (a.folder / "captions.json").write_text(json.dumps(captions, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(f"{len(captions)} pictures in {a.folder}")


if __name__ == "__main__":
    main()
