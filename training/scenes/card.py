"""Writes the model card next to the weights, from the measured figures."""

from __future__ import annotations

import json
from pathlib import Path

from .. import loop
from . import art, colours, evaluate, grammar, lora, paths, pool, things

NOTES = Path(__file__).with_name("notes.md")
# Measured with `hearth evaluate` after the weights are there.
COMPLETION = Path(__file__).with_name("completion.md")
LABELS = {
    "thing": "thing right", "pair": "both of two right", "count": "count right", "relation": "relation right",
    "colour": "colour right", "place": "place or background right", "style": "style right",
}


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def figures(report: dict) -> str:
    """Returns the table of the judged figures; what is not reached says so."""
    settings = [name for name in ("base", "adapter") if name in report]
    head = " | ".join(f"{report[n]['steps']} steps{', adapter' if n == 'adapter' else ''} | the same in Chinese" for n in settings)
    rows = [f"| figure | wanted | {head} | reached | judge itself |", "|---" * (2 * len(settings) + 4) + "|"]
    for kind in pool.KINDS:
        shares = [report[n][language][kind] for n in settings for language in ("en", "zh")]
        near = all(abs(report[n]["en"][kind] - report[n]["zh"][kind]) <= 0.03 for n in settings)
        close = len(settings) == 1 or report["base"]["en"][kind] - report["adapter"]["en"][kind] <= 0.03
        reached = min(report[n]["en"][kind] for n in settings) >= evaluate.WANTED[kind] and near and close
        cells = " | ".join(percent(s) for s in shares)
        rows.append(
            f"| {LABELS[kind]} | {percent(evaluate.WANTED[kind])} | {cells} | {'yes' if reached else '**no**'} "
            f"| {percent(report['judge'][kind])} |"
        )
    return "\n".join(rows)


def steps_of(path: Path) -> str:
    state = loop.load(path) or {}
    return f"{state.get('step', 0):,} steps in {state.get('spent', 0) / 60:.0f} minutes"


def write(report: dict, folder: Path = paths.MODEL) -> None:
    page = json.loads((folder / "hearth.json").read_text("utf-8"))
    optional = [f.read_text("utf-8").strip() for f in (COMPLETION, NOTES) if f.exists()]
    known = things.load()
    sample = ", ".join(f"{t.name} ({t.chinese[0]})" for t in known)
    vae_met = "yes" if report["vae_psnr"] >= 32 and report["vae_ssim"] >= 0.95 else "**no**"
    text = f"""# Hearth Scenes

A Stable Diffusion in {page["total_bytes"] / 1e6:.1f} MB that draws small scenes of 256 × 256 (and 128 × 128): {len(known)} things, counted,
coloured and placed, in {len(grammar.PLACES)} places and {len(art.STYLES)} styles, from English or Chinese words. The layout is that of diffusers, weights are
f16 safetensors:

```python
from diffusers import DDIMScheduler, StableDiffusionPipeline
pipe = StableDiffusionPipeline.from_pretrained("www/models/scenes")
pipe("{page["default_prompt"]}", height=256, width=256,
     num_inference_steps={page["num_inference_steps"]}, guidance_scale={page["guidance_scale"]}).images[0]
pipe.load_lora_weights("www/models/scenes/{lora.FOLDER}")  # four steps, without guidance
pipe("{page["default_prompt"]}", height=256, width=256, num_inference_steps=4, guidance_scale=1).images[0]
```

## Figures

Measured on the f16 files in this folder on {report["prompts"]} held-out prompts of each kind, with free word order, picture i seeded with i.
Date: {report["date"]}. Device: {report["device"]}. Command: `python -m training.scenes.evaluate --prompts {report["prompts"]}`

{figures(report)}

A row is reached where English meets the figure with both settings, Chinese is within 3 points of it, and four steps
are within 3 points of twenty. *Judge itself*: the same question asked of drawn held-out scenes. The judge was trained on drawn scenes alone.

Autoencoder on held-out scenes: {report["vae_psnr"]:.2f} dB, SSIM {report["vae_ssim"]:.3f} (wanted 32 dB and 0.95: {vae_met}).

{(chr(10) * 2).join(optional)}

## Data

Scenes drawn by code from a seed (`training/scenes`). A tenth of the combinations (thing × colour, thing × place, count, thing × relation × thing)
was never trained on. Colours: {", ".join(colours.PALETTE)}. Places: {", ".join(grammar.PLACES)}. Styles: {", ".join(art.STYLES)}.

## Recipe

`python -m training.scenes`. Autoencoder: {steps_of(paths.VAE)}. UNet and text encoder: {steps_of(paths.DIFFUSION)}, {(loop.load(paths.DIFFUSION) or {}).get("samples", 0):,} samples,
at 128 × 128 first, then at 256 × 256. Adapter: {steps_of(paths.ADAPTER)}.

## Licences

Pictures: Fluent Emoji, 3D, flat and with gradients (© Microsoft, MIT); Noto Emoji (© Google, Apache-2.0); Twemoji (© Twitter, Inc. and other
contributors, CC BY 4.0). Names: chosen by hand beside emojibase (© Miles Johnson, MIT) and CLDR (© Unicode, Inc., Unicode Licence).

## What it knows

{sample}
"""
    (folder / "README.md").write_text(text, "utf-8")
