"""Where work files and the finished model live."""

import os
from pathlib import Path

CACHE = Path(os.environ.get("HEARTH_CACHE", Path.home() / ".cache" / "hearth")) / "training"
MODEL = Path(__file__).resolve().parents[1] / "www" / "models" / "emoji"

TOKENIZER = CACHE / "tokenizer"
VAE = CACHE / "vae.pt"
DECODER = CACHE / "decoder.pt"  # the autoencoder with a polished decoder
LATENTS = CACHE / "latents.pt"
DIFFUSION = CACHE / "diffusion.pt"
REPORT = CACHE / "report.json"
