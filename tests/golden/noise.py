"""torch.randn with torch.Generator("cpu"): noise.json and noise.safetensors."""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file

# Seed, and the shapes that one generator gives one after the other.
CASES = [
    (0, [[1]]),
    (0, [[16]]),
    (1, [[2], [1], [1]]),
    (42, [[15], [15], [3]]),
    (2**32 - 1, [[16], [17]]),
    (2**32 + 5, [[17]]),
    (2**63, [[31]]),
    (2**64 - 1, [[100], [33]]),
    (7, [[1, 4, 16, 16]]),
    (8, [[1, 4, 9, 7]]),
    (9, [[2, 4, 6, 10], [2, 4, 6, 10], [2, 4, 6, 10]]),
    # A small call leaves half a pair behind; a large one between must not disturb it.
    (10, [[1], [16], [1], [5], [47], [2], [1, 4, 5, 3], [3]]),
    (2147483647, [[7, 3], [0], [9]]),
    (123456789, [[4, 64, 64]]),
    # Long enough to stir the whole state several times over.
    (77, [[700], [13], [1300], [624]]),
]


def main(out_dir: Path) -> None:
    tensors, cases = {}, []
    for index, (seed, shapes) in enumerate(CASES):
        generator = torch.Generator("cpu").manual_seed(seed)
        calls = []
        for call, shape in enumerate(shapes):
            key = f"{index}.{call}"
            tensors[key] = torch.randn(shape, generator=generator)
            calls.append({"shape": shape, "key": key})
        cases.append({"seed": seed, "calls": calls})
    save_file(tensors, out_dir / "noise.safetensors")
    (out_dir / "noise.json").write_text(json.dumps({"cases": cases}, indent=1) + "\n")
