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


def main(cache: Path, names: list[str], graphs: tuple[str, ...] = ("f32",)) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    kept = json.loads((cache / "cases.json").read_text())["cases"] if (cache / "cases.json").exists() else []
    cases = {entry["name"]: entry for entry in kept}
    for name in names:
        model, network, pixels = name.split("-")
        case = Case(model, network, int(pixels))
        made_from = digest(case, graphs)
        if cases.get(name, {}).get("made_from") != made_from:
            print(f"preparing {name}", flush=True)
            cases[name] = {**prepare(case, checkpoint(case, cache), cache / name, graphs), "made_from": made_from}
            (cache / "cases.json").write_text(json.dumps({"cases": list(cases.values())}, indent=1))


def digest(case: Case, graphs: tuple[str, ...]) -> str:
    """Of everything that a case is made from."""
    sources = [*Path(__file__).parent.glob("*.py"), *sorted((MODELS[case.model] / case.network).iterdir())]
    made_from = hashlib.sha256(repr(graphs).encode())
    for source in sources:
        if source.name in ("networks.py", "graph.py", "prepare.py") or source.parent.name == case.network:
            made_from.update(source.read_bytes())
    return made_from.hexdigest()


def checkpoint(case: Case, cache: Path) -> Path:
    """The model's folder; one of random weights is made if there are only configs."""
    model = MODELS[case.model]
    if networks.weights_of(model, case.network).exists():
        return model
    made = cache / "models" / case.model
    return made if networks.weights_of(made, case.network).exists() else networks.random_model(model, made)


@torch.inference_mode()
def prepare(case: Case, model: Path, folder: Path, graphs: tuple[str, ...]) -> dict:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "model").symlink_to(model)

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
