"""A checkpoint in diffusers layout as one file in CompVis' naming, by the key tables of the goldens.

single_file.py CHECKPOINT KEYS.json NAME OUT.safetensors
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

FILES = {"unet": "unet/diffusion_pytorch_model", "vae": "vae/diffusion_pytorch_model", "text_encoder": "text_encoder/model"}


def main(checkpoint: str, keys: str, name: str, out: str) -> None:
    table = json.loads(Path(keys).read_text())["checkpoints"][name]
    tensors = {}
    for component, file in FILES.items():
        weights = load_file(f"{checkpoint}/{file}.safetensors")
        for row in table[component]["rows"]:
            path, _, key, part, shape = row.split()
            assert part in ("whole", "squeezed"), f"{part} is not done here"
            key = table[component]["prefix"] + (path if key == "=" else key)
            tensors[key] = weights[path].reshape([int(side) for side in shape.split("x")])
    # What published files carry beside the weights.
    for row in table["beside"]:
        key, shape = row.split()
        tensors.setdefault(key, torch.zeros([int(side) for side in shape.split("x") if side.isdigit()]))
    save_file(tensors, out)


main(*sys.argv[1:])
