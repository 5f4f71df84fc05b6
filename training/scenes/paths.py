"""Work files and finished model of the scenes training."""

import os
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE = Path(os.environ.get("HEARTH_CACHE", Path.home() / ".cache" / "hearth")) / "training" / "scenes"
MODEL = Path(os.environ.get("HEARTH_SCENES_MODEL", HERE.parents[1] / "www" / "models" / "scenes"))

NPM = CACHE / "npm"  # packages that the art comes from
ART = CACHE / "art.zip"  # pictures of the things, WebP
TOKENIZER = CACHE / "tokenizer"
VAE = CACHE / "vae.pt"
DECODER = CACHE / "decoder.pt"  # the autoencoder with its decoder polished
LATENTS = CACHE / "latents.json"  # scaling factor and preview colours
POOL = CACHE / "pool"  # scenes encoded ahead
DIFFUSION = CACHE / "diffusion.pt"
ADAPTER = CACHE / "adapter.pt"
JUDGE = CACHE / "judge.pt"
REPORT = CACHE / "report.json"
