"""Training in minutes on a graphics card: scenes drawn and encoded ahead, all held in memory, graphs compiled.

While the processor's cores draw, the card trains the autoencoder on what is there; then it encodes everything
once, and no step waits for anything.
"""

from __future__ import annotations

import mmap
import multiprocessing
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch._dynamo

from . import caption, distill, export, grammar, latents, models, paths, scene, train_diffusion, train_vae
from .progress import done
from .train_vae import encode, load_vae

SIDES = (128, 256)
COUNTS = (100_000, 100_000)  # scenes of each side, at 10 minutes on 16 cores
FIRST_SEEDS = (20_000_000, 30_000_000)
FOR_VAE = 4096  # scenes of each side that are drawn first
VARIANTS = 4  # captions of a scene
BATCH = 1024  # at 512 the card waits for launches half of the time
# When each phase ends, as a share of the whole time.
ENDS = {"vae": 0.2, "diffusion": 0.78, "adapter": 0.9, "decoder": 0.96}


def shared_array(shape: tuple[int, ...], dtype: type) -> np.ndarray:
    """Returns an array that forked processes share."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    return np.frombuffer(mmap.mmap(-1, size), dtype).reshape(shape)


class Ahead:
    """Scenes and their captions' ids, made by forked processes in the background."""

    def __init__(self, counts: tuple[int, int]) -> None:
        self.counts = counts
        self.pictures = [shared_array((n, side, side, 3), np.uint8) for n, side in zip(counts, SIDES)]
        self.ids = [shared_array((n, VARIANTS, models.TEXT_LENGTH), np.uint16) for n in counts]
        first = [min(FOR_VAE, n) for n in counts]
        # Jobs in the order of their need: (which side, from, to).
        self.runs = [(0, 0, first[0]), (1, 0, first[1]), (0, first[0], counts[0]), (1, first[1], counts[1])]
        self.workers = max(1, len(os.sched_getaffinity(0)) - 1)
        self.made = shared_array((self.workers,), np.int64)
        context = multiprocessing.get_context("fork")
        self.processes = [context.Process(target=self._work, args=(rank,), daemon=True) for rank in range(self.workers)]
        for process in self.processes:
            process.start()

    def _work(self, rank: int) -> None:
        torch.set_num_threads(1)
        os.environ["TOKENIZERS_PARALLELISM"] = "false"
        tokens, position = latents.Tokens(), 0
        for which, start, stop in self.runs:
            for index in range(start, stop):
                position += 1
                if position % self.workers != rank:
                    continue
                seed = FIRST_SEEDS[which] + index
                drawn, rng = grammar.training_scene(seed), random.Random(seed)
                self.pictures[which][index] = np.asarray(scene.draw(drawn, SIDES[which]))
                texts = [caption.caption(drawn, rng) for _ in range(VARIANTS)]
                self.ids[which][index] = tokens(texts).numpy()
                self.made[rank] = position
        self.made[rank] = 2**60

    def wait(self, which: int, count: int) -> None:
        """Waits until the first scenes of a side are there."""
        needed = 0
        for side, start, stop in self.runs:
            if side == which and stop >= count:
                needed += count - start
                break
            needed += stop - start
        # A worker's next job is `workers` behind its last one.
        while int(self.made.min()) <= min(needed, sum(self.counts)) - self.workers:
            if not any(p.is_alive() for p in self.processes) and int(self.made.min()) < 2**60:
                raise RuntimeError("a drawing process ended early")
            time.sleep(0.1)


class Resident:
    """Latents and caption ids in the card's memory."""

    def __init__(self, z: torch.Tensor, ids: torch.Tensor, empty: torch.Tensor, device: torch.device) -> None:
        self.z, self.ids, self.empty = z.to(device), ids.to(device), empty.to(device)
        self.generator = torch.Generator(device)

    def batch(self, samples: int, size: int) -> tuple[torch.Tensor, torch.Tensor]:
        self.generator.manual_seed(grammar.SEED + samples)
        where = {"generator": self.generator, "device": self.z.device}
        rows = torch.randint(len(self.z), (size,), **where)
        variants = torch.randint(VARIANTS, (size,), **where)
        dropped = torch.rand(size, **where) < latents.EMPTY_PROMPT
        ids = torch.where(dropped[:, None], self.empty, self.ids[rows, variants].long())
        return self.z[rows].float(), ids


class CroppedPictures(train_vae.Pictures):
    """The autoencoder's batches from the scenes drawn ahead, larger crops than a CPU takes."""

    crop = 128

    def __init__(self, ahead: Ahead) -> None:
        for which in (0, 1):
            ahead.wait(which, min(FOR_VAE, ahead.counts[which]))
        self.small, self.large = (p[:FOR_VAE] for p in ahead.pictures)


def resident_scenes(ahead: Ahead, device: torch.device) -> tuple[Resident, Resident]:
    vae, scale, empty = load_vae(device), latents.scaling(), latents.Tokens()([""])[0]
    found = []
    for which in (0, 1):
        ahead.wait(which, ahead.counts[which])
        z = encode(vae, ahead.pictures[which], device, 256 if which == 0 else 128) * scale
        found.append(Resident(z.half(), torch.from_numpy(ahead.ids[which].astype(np.int16)), empty, device))
    return found[0], found[1]


def warm_up(device: torch.device) -> None:
    """Fills the compiler's cache: run in a second process while the autoencoder is trained."""
    unet, text_encoder = train_diffusion.make_networks(len(latents.Tokens()), device)
    forward = torch.compile(unet.train(), dynamic=False)
    text_encoder.train()
    for side in SIDES:
        x = torch.randn(BATCH, 4, side // 8, side // 8, device=device).contiguous(memory_format=torch.channels_last)
        ids = torch.zeros(BATCH, models.TEXT_LENGTH, dtype=torch.long, device=device)
        with train_diffusion.autocast(device):
            hidden = text_encoder(ids).last_hidden_state
            v = forward(x, torch.zeros(BATCH, dtype=torch.long, device=device), hidden).sample
        v.float().square().mean().backward()


class Usage:
    """How busy the card is, asked twice a second."""

    def __init__(self) -> None:
        self.file = paths.CACHE / "usage.txt"
        self.process = None
        if shutil.which("nvidia-smi"):
            command = ["nvidia-smi", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits", "-lms", "500"]
            self.process = subprocess.Popen(command, stdout=self.file.open("w"), stderr=subprocess.DEVNULL)

    def mean(self) -> float | None:
        if not self.process:
            return None
        self.process.terminate()
        numbers = [int(line) for line in self.file.read_text().split() if line.isdigit()]
        return sum(numbers) / len(numbers) if numbers else None


def train(
    device: torch.device, minutes: float, vae_start: Path | None = None, start: Path | None = None,
    counts: tuple[int, int] | None = None,
) -> None:
    """Trains and exports everything in so many minutes. `vae_start`: an autoencoder to go on from. `start`: a whole
    model to go on from, whose autoencoder is done."""
    started, usage = time.monotonic(), Usage()
    scale = min(1.0, minutes / 10 * len(os.sched_getaffinity(0)) / 16)
    ahead = Ahead(counts or tuple(max(FOR_VAE, int(n * scale)) for n in COUNTS))  # before anything uses the card
    helper = subprocess.Popen([sys.executable, "-m", __spec__.name, str(device)]) if device.type == "cuda" else None

    def left(phase: str) -> float:
        return max(0.2, ENDS[phase] * minutes - (time.monotonic() - started) / 60)

    def report(phase: str) -> None:
        print(f"{phase} ended after {time.monotonic() - started:.0f} s", flush=True)

    torch.set_float32_matmul_precision("high")
    torch._dynamo.config.suppress_errors = True  # what cannot be compiled runs as it is
    pictures = CroppedPictures(ahead)
    report("first scenes")
    if not done(paths.VAE):
        peak = 1e-3 if vae_start else 2e-3
        train_vae.train(device, 10**6, left("vae"), batch=64, peak=peak, start=vae_start, pictures=pictures)
        train_vae.measure_latents(device, pictures=pictures.large[:1024])
        report("autoencoder")
    scenes = resident_scenes(ahead, device)
    report("encoding")
    if helper:
        try:
            helper.wait(30)
        except subprocess.TimeoutExpired:
            helper.kill()
    train_diffusion.train(
        device, (35 * 10**8, 65 * 10**8), BATCH, peak=1.5e-3, minutes=left("diffusion"), scenes=scenes,
        compiled=device.type == "cuda", start=start,
    )
    report("diffusion")
    distill.train(device, 10**9, 256, peak=1e-3, minutes=left("adapter"), scenes=scenes)
    report("adapter")
    if not done(paths.DECODER):
        train_vae.train(device, 10**6, left("decoder"), batch=64, peak=1e-3, polish=True, pictures=pictures)
    print(f"exported {export.export()} bytes of networks to {paths.MODEL}")
    report("everything")
    if (busy := usage.mean()) is not None:
        print(f"the card was busy {busy:.0f} % of the time")


if __name__ == "__main__":
    warm_up(torch.device(sys.argv[1]))
