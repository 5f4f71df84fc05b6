"""Whole runs of diffusers' pipelines: pipeline.json and pipeline.safetensors."""

from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from diffusers import (
    DDIMScheduler,
    DiffusionPipeline,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    HeunDiscreteScheduler,
    KDPM2DiscreteScheduler,
    LCMScheduler,
    PNDMScheduler,
    StableDiffusionPipeline,
)
from transformers import CLIPTextModel

from components import Cases
from variants import assemble

# transformers 5 has no `text_model` any more; diffusers still asks for it where clip_skip is set.
CLIPTextModel.text_model = property(lambda self: self)

# Name at the terminal to class and what it changes in the checkpoint's config.
SCHEDULERS = {
    "ddim": (DDIMScheduler, {}),
    "pndm": (PNDMScheduler, {}),
    "euler": (EulerDiscreteScheduler, {}),
    "euler-ancestral": (EulerAncestralDiscreteScheduler, {}),
    "dpmpp-2m": (DPMSolverMultistepScheduler, {}),
    "dpmpp-2m-karras": (DPMSolverMultistepScheduler, {"use_karras_sigmas": True}),
    "lcm": (LCMScheduler, {}),
    "heun": (HeunDiscreteScheduler, {}),
    "kdpm2-karras": (KDPM2DiscreteScheduler, {"use_karras_sigmas": True}),
    "euler-exponential": (EulerDiscreteScheduler, {"use_exponential_sigmas": True}),
}

# Used for single models.
OTHER_SCHEDULERS = {"ddim-trailing": (DDIMScheduler, {"timestep_spacing": "trailing"})}

APPLE = "a red apple on a blue background"
SIZES = [(40, 24), (56, 32), (72, 48), (32, 64), (48, 40), (24, 56), (64, 40), (40, 32), (48, 24), (32, 40)]


def requests() -> list[dict]:
    """The requests, by the words of the terminal; `width` and `height` in pixels."""
    base = {"prompt": APPLE, "negative_prompt": "", "scheduler": None, "guidance_scale": 7.5, "eta": 0.0}
    cases = []
    for (index, scheduler), (width, height) in zip(enumerate(SCHEDULERS), SIZES):
        steps, seed = 4 + index, 100 + index
        case = {"scheduler": scheduler, "num_inference_steps": steps, "seed": seed, "width": width, "height": height}
        # LCM is meant for few steps and little guidance; else it magnifies the last bits.
        cases.append(base | case | ({"num_inference_steps": 4, "guidance_scale": 1.5} if scheduler == "lcm" else {}))
    small = {"width": 40, "height": 24, "num_inference_steps": 4, "seed": 7}
    cases += [
        base | small | {"name": "default"},
        base | small | {"name": "negative", "negative_prompt": "blurry, low quality", "num_inference_steps": 12},
        base | small | {"name": "guidance-1", "guidance_scale": 1.0},
        base | small | {"name": "guidance-0", "guidance_scale": 0.0, "negative_prompt": "blurry"},
        base | small | {"name": "guidance-1.5", "guidance_scale": 1.5, "seed": 2**32 + 7},
        base | small | {"name": "empty-prompt", "prompt": "", "seed": 0},
        base | small | {"name": "long-prompt", "prompt": "old house by the sea, " * 30},
        base | small | {"name": "ddim-eta", "scheduler": "ddim", "eta": 0.5, "num_inference_steps": 6},
        base | small | {"name": "pndm-3", "scheduler": "pndm", "num_inference_steps": 3},
        base | small | {"name": "dpmpp-2m-20", "scheduler": "dpmpp-2m", "num_inference_steps": 20},
        base | small | {"name": "euler-1", "scheduler": "euler", "num_inference_steps": 1},
        base | small | {"name": "clip-skip", "clip_skip": 1},
    ]
    return cases


def family_requests() -> list[tuple[str, dict]]:
    """Model and request: each family's own scheduler over twenty steps, and what it is made for."""
    base = {"prompt": APPLE, "negative_prompt": "", "scheduler": None, "guidance_scale": 7.5, "eta": 0.0}
    base |= {"num_inference_steps": 20, "seed": 31, "width": 48, "height": 40}
    negative = {"negative_prompt": "blurry, low quality"}
    return [
        ("sd1", base | {"name": "twenty"}),
        ("sd2", base | {"name": "twenty"}),
        ("sd_turbo", base | {"name": "one", "num_inference_steps": 1, "guidance_scale": 0.0}),
        ("sd_turbo", base | {"name": "four", "num_inference_steps": 4, "guidance_scale": 0.0, "seed": 32}),
        ("sd_turbo", base | {"name": "twenty", "guidance_scale": 0.0}),
        ("sd_turbo", base | {"name": "guided"} | negative),
        ("lcm", base | {"name": "four", "num_inference_steps": 4, "guidance_scale": 8.5}),
        ("lcm", base | {"name": "eight", "num_inference_steps": 8, "guidance_scale": 1.0, "seed": 33}),
        ("lcm", base | {"name": "twenty", "guidance_scale": 8.5}),
        # StableDiffusionPipeline gives such a UNet its guidance too.
        ("lcm", base | {"name": "ddim", "scheduler": "ddim", "guidance_scale": 4.0, "pipeline": "StableDiffusionPipeline"}),
        ("inpaint", base | {"name": "twenty"}),
        ("inpaint", base | {"name": "unguided", "guidance_scale": 1.0, "num_inference_steps": 5}),
        ("inpaint", base | {"name": "noisy", "scheduler": "euler-ancestral", "num_inference_steps": 6} | negative),
        ("taesd", base | {"name": "twenty", "width": 64}),
        ("sdxl", base | {"name": "twenty"}),
        ("sdxl", base | {"name": "negative", "seed": 34} | negative),
        ("sdxl", base | {"name": "empty-prompt", "prompt": "", "num_inference_steps": 8}),
        ("sdxl", base | {"name": "unguided", "guidance_scale": 1.0, "num_inference_steps": 8, "width": 32, "height": 56}),
        ("sdxl", base | {"name": "clip-skip", "clip_skip": 1, "num_inference_steps": 5} | negative),
        ("sdxl", base | {"name": "ddim", "scheduler": "ddim"}),
        # Few steps: clipped again and again, rounding grows.
        ("sdxl_plain", base | {"name": "six", "num_inference_steps": 6, "guidance_scale": 3.0}),
        ("sdxl_turbo", base | {"name": "one", "num_inference_steps": 1, "guidance_scale": 0.0}),
        ("sdxl_turbo", base | {"name": "four", "num_inference_steps": 4, "guidance_scale": 0.0, "seed": 35}),
        ("sdxl_turbo", base | {"name": "twenty", "guidance_scale": 0.0}),
        ("sdxl_inpaint", base | {"name": "twenty"} | negative),
    ]


def arguments(pipe: DiffusionPipeline, request: dict) -> dict:
    """The request in the words of its pipeline."""
    shared = ("prompt", "width", "height", "num_inference_steps", "guidance_scale")
    words = {key: request[key] for key in shared} | {"clip_skip": request.get("clip_skip")}
    if "guidance_rescale" in request:
        words["guidance_rescale"] = request["guidance_rescale"]
    name = type(pipe).__name__
    if name != "LatentConsistencyModelPipeline":
        # An empty negative prompt is none: only SDXL tells the two apart.
        words |= {"eta": request["eta"], "negative_prompt": request["negative_prompt"] or None}
    if "Inpaint" in name:
        # Nothing is given, everything is painted.
        size = (request["height"], request["width"])
        words |= {"image": torch.zeros(1, 3, *size), "mask_image": torch.ones(1, 1, *size), "strength": 1.0}
    return words


def run(checkpoint: Path, request: dict, dtype=torch.float32) -> tuple[torch.Tensor, torch.Tensor]:
    """Final latents [b, 4, h, w] and pictures [b, h, w, 3] between 0 and 1."""
    pipe = DiffusionPipeline.from_pretrained(checkpoint, dtype=dtype)
    if request.get("pipeline") == "StableDiffusionPipeline":
        pipe = StableDiffusionPipeline(**pipe.components, requires_safety_checker=False)
    pipe.set_progress_bar_config(disable=True)
    if request["scheduler"]:
        scheduler, changes = (SCHEDULERS | OTHER_SCHEDULERS)[request["scheduler"]]
        pipe.scheduler = scheduler.from_config(pipe.scheduler.config, **changes)
    final = {}

    def keep(_pipe, _step, _timestep, values):
        final["latents"] = values["latents"]
        return values

    pictures = pipe(
        **arguments(pipe, request),
        generator=torch.Generator("cpu").manual_seed(request["seed"]),
        output_type="np",
        callback_on_step_end=keep,
    ).images
    return final["latents"], torch.from_numpy(pictures)


@torch.no_grad()
def main(out_dir: Path) -> None:
    cases = Cases()
    runs = [(model, request) for model in ("sd1", "sd2") for request in requests()] + family_requests()
    with TemporaryDirectory() as folder:
        for model, request in runs:
            name = f"{model}.{request.pop('name', request['scheduler'])}"
            latents, pictures = run(assemble(out_dir, model, Path(folder)), request)
            cases.add(name, "pipeline", model, {}, {"latents": latents, "pictures": pictures}, request=request)
    cases.write(out_dir, "pipeline")
