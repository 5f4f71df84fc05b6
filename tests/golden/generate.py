"""Writes every golden value into tests/golden/data: `python generate.py [topic ...]`."""

import os
import sys
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch  # noqa: E402

import adapters  # noqa: E402
import components  # noqa: E402
import hooks  # noqa: E402
import images  # noqa: E402
import img2img  # noqa: E402
import keys  # noqa: E402
import models  # noqa: E402
import noise  # noqa: E402
import page  # noqa: E402
import parameters  # noqa: E402
import pipeline  # noqa: E402
import prompting  # noqa: E402
import recipes  # noqa: E402
import samplers  # noqa: E402
import schedulers  # noqa: E402
import scores  # noqa: E402
import structures  # noqa: E402
import tokenizer  # noqa: E402
import vaes  # noqa: E402
import variants  # noqa: E402

# In this order: what reads checkpoints comes behind models and variants, which write them.
TOPICS = {
    "models": models.main,
    "variants": variants.main,
    "components": components.main,
    "hooks": hooks.main,
    "pipeline": pipeline.main,
    "parameters": parameters.main,
    "prompting": prompting.main,
    "structures": structures.main,
    "adapters": adapters.main,
    "images": images.main,
    "img2img": img2img.main,
    "vaes": vaes.main,
    "recipes": recipes.main,
    "page": page.main,
    "scores": scores.main,
    "schedulers": schedulers.main,
    "samplers": samplers.main,
    "noise": noise.main,
    "tokenizer": tokenizer.main,
    "keys": keys.main,
}


def main() -> None:
    names = sys.argv[1:] or list(TOPICS)
    unknown = [name for name in names if name not in TOPICS]
    if unknown:
        sys.exit(f"unknown topic {', '.join(unknown)}; there are {', '.join(TOPICS)}")
    # One thread: the order of a sum must not depend on the machine.
    torch.set_num_threads(1)
    out_dir = Path(__file__).parent / "data"
    out_dir.mkdir(exist_ok=True)
    for name in names:
        TOPICS[name](out_dir)
        print(f"{name} written")


if __name__ == "__main__":
    main()
