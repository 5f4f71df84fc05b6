"""What the measured networks compute, and the same networks for the peer.

prepare.py CACHE CASE...    (emoji-unet-128, sd15-vae-512, ...)

Fills CACHE with a folder for each case: `model/` in diffusers layout, `f32/graph.onnx` with its weights beside
it, the inputs and diffusers' output as raw f32; and with `cases.json`, which names them. What is there already
and was made from the same programs and configs is left as it is.
"""

import hashlib
import json
import shutil
import sys
from pathlib import Path

import torch
from torch.utils.flop_counter import FlopCounterMode

import graph
import networks
from networks import MODELS, Case

HERE = Path(__file__).parent


def main(cache: Path, names: list[str], graphs: tuple[str, ...] = ("f32",)) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    kept = json.loads((cache / "cases.json").read_text())["cases"] if (cache / "cases.json").exists() else []
    cases = {entry["name"]: entry for entry in kept}
    for name in names:
        model, network, pixels = name.split("-")
        case = Case(model, network, int(pixels))
        weights = checkpoint(case.model, cache)
        age = str(networks.weights_of(weights, network).stat().st_mtime_ns)
        made_from = digest(weights / network / "config.json", age, "networks.py", "graph.py", "prepare.py", *graphs)
        if cases.get(name, {}).get("made_from") != made_from:
            print(f"preparing {name}", flush=True)
            cases[name] = {**prepare(case, weights, cache / name, graphs), "made_from": made_from}
            (cache / "cases.json").write_text(json.dumps({"cases": list(cases.values())}, indent=1))
        link = cache / name / "model"
        link.unlink(missing_ok=True)
        link.symlink_to(weights.resolve())


def digest(*parts: Path | str) -> str:
    """Of files, of this folder's programs by their names, and of words."""
    made_from = hashlib.sha256()
    for part in parts:
        path = HERE / part
        made_from.update(path.read_bytes() if path.is_file() else str(part).encode())
    return made_from.hexdigest()


def checkpoint(name: str, cache: Path) -> Path:
    """The model's folder; one of random weights is made if there are only configs."""
    model = MODELS[name]
    if networks.weights_of(model, "unet").exists():
        return model
    made, stamp = cache / "models" / name, cache / "models" / f"{name}.made-from"
    made_from = digest(*(model / network / "config.json" for network in ("unet", "vae")), "networks.py")
    if not stamp.exists() or stamp.read_text() != made_from:
        print(f"making random weights for {name}", flush=True)
        networks.random_model(model, made)
        stamp.write_text(made_from)
    return made


@torch.inference_mode()
def prepare(case: Case, model: Path, folder: Path, graphs: tuple[str, ...]) -> dict:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    traced = {}
    for kind in graphs:
        dtype, _, opset = kind.partition("-opset")
        function = networks.build(model, case.network)
        made = graph.trace(function, networks.ask(function, case, networks.DTYPES[dtype]), int(opset or graph.OPSET))
        weights = graph.fill(made, model, case.network, folder / kind)
        traced[kind] = {"file": f"{case.name}/{kind}/graph.onnx", "weights": weights}

    function = networks.load(networks.build(model, case.network), model, case.network)
    inputs = networks.ask(function, case)
    with FlopCounterMode(display=False) as flops:
        output = function(*inputs)
    return {
        "name": case.name,
        "network": case.network,
        "pixels": case.pixels,
        "gflop": flops.get_total_flops() / 1e9,
        "parameters": sum(values.numel() for values in function.parameters()),
        "model": f"{case.name}/model/",
        "graphs": traced,
        "inputs": {name: write(folder, name, values) for name, values in zip(function.inputs, inputs)},
        "output": {"name": function.output, **write(folder, function.output, output)},
    }


def write(folder: Path, name: str, values: torch.Tensor) -> dict:
    (folder / f"{name}.f32").write_bytes(values.contiguous().numpy().tobytes())
    return {"file": f"{folder.name}/{name}.f32", "shape": list(values.shape)}


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
