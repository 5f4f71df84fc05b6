"""All phases in order: tokenizer, autoencoder, latents, diffusion, export, evaluation, model card.

Finished phases are skipped, interrupted ones go on from their last checkpoint.
"""

from __future__ import annotations

import argparse
import json

from . import card, evaluate, export, loop, paths, tokenizer, train_diffusion, train_vae


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--minutes", type=float, default=150, help="for everything; a third goes to the autoencoder")
    parser.add_argument("--vae-minutes", type=float, help="instead of the third")
    parser.add_argument("--diffusion-minutes", type=float, help="instead of the rest")
    parser.add_argument("--polish-minutes", type=float, default=10, help="decoder alone, at the end")
    parser.add_argument("--vae-steps", type=int, help="stop the autoencoder after so many steps, annealed")
    parser.add_argument("--diffusion-steps", type=int, help="stop the diffusion after so many steps, annealed")
    parser.add_argument("--all", action="store_true", help="every emoji of the font (wants a GPU)")
    parser.add_argument("--prompts", type=int, default=400, help="held-out prompts of the evaluation")
    a = parser.parse_args()
    device = loop.pick_device(a.device)
    vae_minutes = a.vae_minutes or a.minutes / 3
    diffusion_minutes = a.diffusion_minutes or max(1.0, a.minutes - vae_minutes - a.polish_minutes)

    if not (paths.TOKENIZER / "vocab.json").exists():
        print(f"tokenizer: {tokenizer.write(paths.TOKENIZER, a.all)} tokens")
    if not (loop.load(paths.VAE) or {}).get("done"):
        train_vae.run(device, vae_minutes, a.vae_steps, a.all)
        # What was made with another autoencoder means nothing now.
        for file in (paths.LATENTS, paths.DECODER, paths.DIFFUSION):
            file.unlink(missing_ok=True)
    if not paths.LATENTS.exists():
        train_vae.prepare_latents(device, a.all)
    if not (loop.load(paths.DIFFUSION) or {}).get("done"):
        train_diffusion.run(device, diffusion_minutes, a.diffusion_steps, a.all)
    if a.polish_minutes and not (loop.load(paths.DECODER) or {}).get("done"):
        train_vae.run(device, a.polish_minutes, None, a.all, polish=True)
    print(f"exported {export.export()} bytes to {paths.MODEL}")
    report = evaluate.evaluate(paths.MODEL, device, a.prompts, whole_font=a.all)
    paths.REPORT.write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    card.write(report, a.all)
    print(json.dumps({k: v for k, v in report.items() if not isinstance(v, list)}, indent=1))


if __name__ == "__main__":
    main()
