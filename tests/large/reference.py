"""What diffusers makes of a checkpoint in one step: latents and picture, for `make test-large`.

reference.py CHECKPOINT OUT.safetensors
"""

import sys

import torch
from diffusers import StableDiffusionPipeline
from safetensors.torch import save_file


@torch.no_grad()
def main(checkpoint: str, out: str) -> None:
    pipe = StableDiffusionPipeline.from_pretrained(checkpoint, torch_dtype=torch.float32)
    final = {}

    def keep(_pipe, _step, _timestep, values):
        final["latents"] = values["latents"]
        return values

    picture = pipe(
        prompt="a red apple on a blue background",
        width=64,
        height=64,
        num_inference_steps=1,
        guidance_scale=1.0,
        generator=torch.Generator("cpu").manual_seed(1),
        output_type="np",
        callback_on_step_end=keep,
    ).images
    save_file({"latents": final["latents"].contiguous(), "picture": torch.from_numpy(picture).contiguous()}, out)


main(*sys.argv[1:])
