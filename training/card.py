"""Writes the model card next to the weights, from the measured figures."""

from __future__ import annotations

import json
from pathlib import Path

from . import data, loop, paths

NOTES = Path(__file__).with_name("notes.md")
# Measured with `hearth evaluate` after the weights are there.
COMPLETION = Path(__file__).with_name("completion.md")


def _yes(met: bool) -> str:
    return "yes" if met else "**no**"


def write(report: dict, whole_font: bool = False, folder: Path = paths.MODEL) -> None:
    emoji = data.emoji_set(whole_font)
    page = json.loads((folder / "hearth.json").read_text("utf-8"))
    vae, decoder, diffusion = (loop.load(path) or {} for path in (paths.VAE, paths.DECODER, paths.DIFFUSION))
    share = {key: f"{100 * report[key]:.1f} %" for key in ("background", "nearest", "first_five")}
    listed = ", ".join(f"{chr(e.codepoint)} {e.name}" for e in emoji)
    colours = ", ".join(f"{name} ({r}, {g}, {b})" for name, (r, g, b) in data.PALETTE.items())
    text = f"""# Hearth Emoji

A real Stable Diffusion in {page["total_bytes"] / 1e6:.1f} MB: CLIP text encoder, UNet and autoencoder, trained from scratch on
{len(emoji)} emoji in front of 12 flat colours. It draws 128x128 pictures. The layout is that of diffusers, weights are f16 safetensors:

```python
from diffusers import StableDiffusionPipeline
pipe = StableDiffusionPipeline.from_pretrained("www/models/emoji")
pipe("{page["default_prompt"]}", height=128, width=128,
     num_inference_steps={page["num_inference_steps"]}, guidance_scale={page["guidance_scale"]}).images[0]
```

| part | class | parameters |
|---|---|---|
| text encoder | `CLIPTextModel`, 3 layers, width 192, own 2,014-token vocabulary | 1.4 M |
| UNet | `UNet2DConditionModel`, (96, 128, 160), v-prediction, 16x16x4 latents | 7.8 M |
| autoencoder | `AutoencoderKL`, (16, 32, 96, 128), 8x smaller, 4 channels | 3.1 M |
| scheduler | `DDIMScheduler`, scaled linear 0.00085–0.012, trailing | |

## Figures

Measured on the f16 files in this folder, run in f32, on {report["prompts"]} prompts of (emoji, colour) pairs held
out of training ("a {{name}} on a {{colour}} background", picture i seeded with i on the CPU), {report["steps"]} steps of
{report["scheduler"]}, guidance {report["guidance_scale"]}. Machine: 2 CPU cores. Date: {report["date"]}. Command:
`python -m training.evaluate --prompts {report["prompts"]}`

| figure | reached | wanted | met |
|---|---|---|---|
| background is the asked colour | {share["background"]} | 95 % | {_yes(report["background"] >= 0.95)} |
| nearest emoji of the set is the asked one | {share["nearest"]} | 80 % | {_yes(report["nearest"] >= 0.8)} |
| asked one is among the nearest five | {share["first_five"]} | 90 % | {_yes(report["first_five"] >= 0.9)} |
| autoencoder PSNR, held-out pictures | {report["vae_psnr"]:.2f} dB | 27 dB | {_yes(report["vae_psnr"] >= 27)} |
| autoencoder SSIM, held-out pictures | {report["vae_ssim"]:.3f} | 0.90 | {_yes(report["vae_ssim"] >= 0.9)} |

*Background*: the mean of the outer {6} pixels is nearer to the asked palette colour than to the other eleven.
*Nearest*: mean squared RGB difference of the 4x4-block averages, to every emoji of the set laid over the
asked background. *SSIM*: 11x11 gaussian window, sigma 1.5, data range 1, mean over channels.

{COMPLETION.read_text("utf-8").strip()}

{NOTES.read_text("utf-8").strip()}

## Data

Pictures: Noto Color Emoji (Debian package `fonts-noto-color-emoji`, bitmaps of the CBDT table), each emoji at one
fixed place over one flat colour: {colours}. Words: the English names and keywords of Unicode CLDR
(Debian package `unicode-cldr-core`). Of the {len(emoji)} x 12 pairs a quarter, three colours of every emoji drawn by a
seeded rule, was never trained on.

## Recipe

`python -m training` with the pinned `training/requirements.txt`. Autoencoder: L1 + MSE + 0.1 (1 − SSIM) and a very
small KL term, {vae.get("step", 0):,} steps in {vae.get("spent", 0) / 60:.0f} minutes; then the decoder alone, {decoder.get("step", 0):,} steps in {decoder.get("spent", 0) / 60:.0f} minutes.
Diffusion: UNet and text encoder together on latents prepared once, {diffusion.get("step", 0):,} steps of batch 32 in {diffusion.get("spent", 0) / 60:.0f}
minutes, plain v loss, 10 % empty prompts, average of the weights exported. Muon for the inner matrices, AdamW for
the rest, cosine decay, bf16 autocast.

## Limits

It knows these {len(emoji)} emoji and 12 colours, one emoji a picture, in the middle. A prompt about anything else gives
some emoji or a blend of several. Fine detail is soft, since the pictures go through 16x16 latents. Small texts
and thin lines suffer most.

## Licences

Noto Emoji: the font files, of which the training pictures are made, are under the SIL Open Font License 1.1, the
project's images and tools under Apache-2.0 (© 2013–2017 Google Inc., Arjen Nienhuis). CLDR: Unicode Licence (Unicode-DFS-2016),
© 1991–2022 Unicode, Inc. The weights were trained from scratch on these alone.

## The {len(emoji)} emoji

{listed}
"""
    (folder / "README.md").write_text(text, "utf-8")
