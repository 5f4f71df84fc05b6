"""Runs of diffusers' pipelines with clip_skip=1, DDIM's eta=1 and guidance_rescale: parameters.json and parameters.safetensors."""

from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from components import Cases
from pipeline import APPLE, run
from variants import assemble

RESCALED = {"prompt": APPLE, "negative_prompt": "blurry", "scheduler": "euler", "guidance_scale": 7.5, "eta": 0.0}
RESCALED |= {"num_inference_steps": 6, "seed": 42, "width": 40, "height": 24, "clip_skip": 0}


def requests() -> list[dict]:
    """The requests, by the words of the terminal; `width` and `height` in pixels."""
    base = {"prompt": APPLE, "negative_prompt": "blurry", "scheduler": "ddim", "guidance_scale": 7.5}
    base |= {"num_inference_steps": 6, "seed": 41, "width": 40, "height": 24}
    return [
        base | {"name": "eta-1", "eta": 1.0, "clip_skip": 0},
        base | {"name": "clip-skip-1", "eta": 0.0, "clip_skip": 1},
        base | {"name": "both", "eta": 1.0, "clip_skip": 1},
    ]


@torch.no_grad()
def main(out_dir: Path) -> None:
    cases = Cases()
    with TemporaryDirectory() as folder:
        for model in ("sd1", "sdxl", "sd2"):
            for request in requests() if model != "sd2" else []:
                name = f"{model}.{request.pop('name')}"
                # diffusers' own word for none left out is None.
                asked = request | {"clip_skip": request["clip_skip"] or None}
                latents, _ = run(assemble(out_dir, model, Path(folder)), asked)
                cases.add(name, "pipeline", model, {}, {"latents": latents}, request=request)
            # sd2 predicts v.
            for share in (0.7, 1.0):
                request = RESCALED | {"guidance_rescale": share}
                latents, _ = run(assemble(out_dir, model, Path(folder)), request | {"clip_skip": None})
                cases.add(f"{model}.rescale-{share}", "pipeline", model, {}, {"latents": latents}, request=request)
    cases.write(out_dir, "parameters")
