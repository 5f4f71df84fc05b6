"""Hearth beside onnxruntime-webgpu and PyTorch on one real GPU, in turns, in f32 and f16.

native.py CACHE OUT.json [--case sd15-unet-512] [--rounds 5] [--runs 5] [--hearth BINARY]

Needs torch, diffusers, onnx, onnxscript, safetensors and onnxruntime-webgpu, a Vulkan driver, and no network:
the weights are random, the graph is made on the spot. A run counts from inputs on the host to the output on
the host for everyone: a third of a megabyte in f16, beside which nothing is copied. No time counts before the
output equals that of PyTorch on the CPU in f32.

`hearth bench --cases CACHE --case NAME --dtype f16 --runs N --json` says its own figures, as bench.html does.
"""

import argparse
import json
import statistics
import subprocess
import time
from datetime import date
from functools import partial
from pathlib import Path

import numpy
import onnxruntime
import torch

import networks
import prepare

# max |error| / max |reference|
TOLERANCE = {"f32": 1e-3, "f16": 1e-2}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("cache", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--case", default="sd15-unet-512")
    parser.add_argument("--dtypes", default="f16,f32")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--hearth")
    options = parser.parse_args()

    dtypes = options.dtypes.split(",")
    # An old opset spells group normalization and attention out, which an engine may like better.
    graphs = [f"{dtype}{opset}" for dtype in dtypes for opset in ("", "-opset18")]
    prepare.main(options.cache, [options.case], tuple(graphs))
    case = next(one for one in json.loads((options.cache / "cases.json").read_text())["cases"] if one["name"] == options.case)
    makers = {}
    for dtype in dtypes:
        if options.hearth:
            makers[f"hearth {dtype}"] = partial(Hearth, options.hearth, options.runs)
        makers[f"onnxruntime-webgpu {dtype}"] = partial(Onnxruntime, "")
        makers[f"onnxruntime-webgpu opset 18 {dtype}"] = partial(Onnxruntime, "-opset18")
        makers[f"pytorch {dtype}"] = partial(Torch, torch.contiguous_format)
        makers[f"pytorch channels last {dtype}"] = partial(Torch, torch.channels_last)

    engines, figures = {}, {}
    for name, make in makers.items():
        dtype = name.split()[-1]
        figures[name] = {"dtype": dtype, "turns_s": []}
        try:
            start = time.perf_counter()
            engine = make(options.cache, case, dtype)
            figures[name]["session_s"] = time.perf_counter() - start
            figures[name] |= engine.first()
            assert figures[name]["max_error"] <= TOLERANCE[dtype], f"wrong: {figures[name]['max_error']}"
            engines[name] = engine
        except Exception as error:  # Whoever fails is named, and the others go on.
            figures[name]["failed"] = f"{type(error).__name__}: {error}"[:2000]
        print(name, figures[name], flush=True)

    for _ in range(options.rounds):
        for name, engine in engines.items():
            figures[name]["turns_s"] += engine.turn(options.runs)
        write(options.out, case, figures)
    for name in engines:
        print(f"{name}: {figures[name]['median_s'] * 1000:.2f} ms ({min(figures[name]['turns_s']) * 1000:.2f} to "
              f"{max(figures[name]['turns_s']) * 1000:.2f}), {case['gflop'] / figures[name]['median_s'] / 1000:.1f} TFLOP/s")


def write(out: Path, case: dict, figures: dict) -> None:
    """What is known so far."""
    for engine in figures.values():
        if engine["turns_s"]:
            engine["median_s"] = statistics.median(engine["turns_s"])
    versions = {"onnxruntime-webgpu": onnxruntime.__version__, "pytorch": torch.__version__}
    adapter = torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"
    case = {key: case[key] for key in ("name", "gflop", "parameters")}
    out.write_text(json.dumps({"kind": "native", "date": str(date.today()), "adapter": adapter, "versions": versions, **case, "engines": figures}, indent=1))


def read(cache: Path, entry: dict) -> numpy.ndarray:
    return numpy.fromfile(cache / entry["file"], numpy.float32).reshape(entry["shape"])


def timed(work, runs: int) -> list[float]:
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return times


class Engine:
    """Someone who runs the case with `run`, from host to host."""

    def first(self) -> dict:
        start = time.perf_counter()
        output = self.run()
        seconds = time.perf_counter() - start
        error = float(numpy.abs(output.astype(numpy.float32) - self.reference).max() / numpy.abs(self.reference).max())
        timed(self.run, 2)  # Who chooses algorithms by trying does so now.
        return {"first_s": seconds, "max_error": error}

    def turn(self, runs: int) -> list[float]:
        return timed(self.run, runs)


class Onnxruntime(Engine):
    def __init__(self, opset: str, cache: Path, case: dict, dtype: str) -> None:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(
            cache / case["graphs"][dtype + opset]["file"], options, providers=["WebGpuExecutionProvider", "CPUExecutionProvider"]
        )
        assert self.session.get_providers()[0] == "WebGpuExecutionProvider", "there is no WebGPU"
        kind = {"f32": numpy.float32, "f16": numpy.float16}[dtype]
        self.inputs = {name: read(cache, entry).astype(kind) for name, entry in case["inputs"].items()}
        self.reference = read(cache, case["output"])

    def run(self) -> numpy.ndarray:
        return self.session.run(None, self.inputs)[0]


class Torch(Engine):
    def __init__(self, layout: torch.memory_format, cache: Path, case: dict, dtype: str) -> None:
        torch.backends.cudnn.benchmark = True
        torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False  # f32 shall be f32.
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        model, kind = cache / case["model"], networks.DTYPES[dtype]
        function = networks.build(model, case["network"])
        self.function = networks.load(function, model, case["network"], kind, self.device).to(memory_format=layout)
        self.inputs = [torch.from_numpy(read(cache, entry)).to(kind) for entry in case["inputs"].values()]
        self.reference = read(cache, case["output"])

    @torch.inference_mode()
    def run(self) -> numpy.ndarray:
        return self.function(*(values.to(self.device) for values in self.inputs)).cpu().numpy()


class Hearth(Engine):
    """A program of its own: each turn opens the network anew, before the clock starts."""

    def __init__(self, binary: str, runs: int, cache: Path, case: dict, dtype: str) -> None:
        self.command = [binary, "bench", "--cases", cache, "--case", case["name"], "--dtype", dtype, "--json", "--runs"]
        self.runs = runs

    def ask(self, runs: int) -> dict:
        said = subprocess.run([*self.command, str(runs)], stdout=subprocess.PIPE, check=True, text=True, timeout=120).stdout
        return json.loads(said)["cases"][0]

    def first(self) -> dict:
        self.said = self.ask(self.runs)
        return {key: value for key, value in self.said.items() if key != "runs_s"}

    def turn(self, runs: int) -> list[float]:
        return self.ask(runs)["runs_s"]


if __name__ == "__main__":
    main()
