"""Whole runs that begin with a picture: img2img.json and img2img.safetensors."""

from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from diffusers import (
    DiffusionPipeline,
    LatentConsistencyModelImg2ImgPipeline,
    StableDiffusionImg2ImgPipeline,
    StableDiffusionInpaintPipeline,
    StableDiffusionXLImg2ImgPipeline,
    StableDiffusionXLInpaintPipeline,
)

from components import Cases
from images import mask, picture, tensor
from pipeline import APPLE, SCHEDULERS
from variants import assemble

STRENGTHS = [0.75, 0.3, 1.0, 0.6]
SMALL = {"width": 40, "height": 24}


def requests() -> list[tuple[str, str, dict]]:
    """Model, name and request, by the words of the terminal. `white`: the box of the mask's ellipse."""
    base = {"prompt": APPLE, "negative_prompt": "", "scheduler": None, "guidance_scale": 7.5, "eta": 0.0} | SMALL
    white = {"white": [9, 3, 30, 17]}
    cases = []
    for model in ("sd1", "sd2"):
        for index, scheduler in enumerate(SCHEDULERS):
            shared = base | {"scheduler": scheduler, "seed": 40 + index}
            shared |= {"guidance_scale": 1.5} if scheduler == "lcm" else {}
            for kind, shift in (("image", 0), ("mask", 1)):
                # sd2's strengths are others than sd1's.
                strength = STRENGTHS[(index + shift + (model == "sd2")) % 4]
                steps = {0.3: 7, 0.6: 5, 0.75: 9, 1.0: 3}[strength]
                given = {"strength": strength, "num_inference_steps": steps} | (white if kind == "mask" else {})
                cases.append((model, f"{kind}.{scheduler}", shared | given))
    few = base | {"seed": 61, "num_inference_steps": 5, "strength": 0.75}
    many = {"num_inference_steps": 20, "strength": 0.5}
    padded = {"white": [40, 20, 58, 33], "picture_width": 90, "picture_height": 70, "padding": 5}
    cases += [
        ("sd1", "image.negative", few | {"negative_prompt": "blurry, low quality"}),
        ("sd1", "image.unguided", few | {"guidance_scale": 1.0}),
        ("sd1", "image.eta", few | {"scheduler": "ddim", "eta": 0.5}),
        ("sd1", "image.dpmpp-2m-20", few | many | {"scheduler": "dpmpp-2m"}),
        ("sd1", "image.karras-13", few | {"num_inference_steps": 13, "scheduler": "dpmpp-2m-karras"}),
        ("sd1", "mask.full", few | {"white": [-400, -400, 400, 400]}),
        ("sd1", "mask.eta", few | white | {"scheduler": "ddim", "eta": 0.5}),
        ("sd1", "mask.unguided", few | white | {"guidance_scale": 1.0, "num_inference_steps": 11}),
        ("sd1", "padding", few | padded),
        ("sd1", "padding.wide", few | padded | {"white": [2, 30, 85, 36], "padding": 0, "strength": 1.0}),
        ("sd1", "padding.corner", few | padded | {"white": [75, 0, 89, 30], "padding": 40, "scheduler": "euler"}),
        ("sd1", "blur", few | padded | {"blur": 3}),
        ("inpaint", "blur", few | padded | {"blur": 6, "white": [30, 20, 70, 50]}),
        ("sd_turbo", "image", few | {"num_inference_steps": 2, "strength": 0.5, "guidance_scale": 0.0}),
        ("taesd", "image", few),
        ("taesd", "mask", few | white | {"scheduler": "euler-ancestral"}),
        ("lcm", "image.four", few | {"num_inference_steps": 4, "strength": 0.5, "guidance_scale": 8.5}),
        ("lcm", "image.seven", few | {"num_inference_steps": 7, "strength": 0.8, "guidance_scale": 2.0}),
        ("lcm", "mask.four", few | white | {"num_inference_steps": 4, "strength": 0.75, "guidance_scale": 8.5}),
        ("inpaint", "mask", few | white),
        ("inpaint", "mask.max", few | white | {"strength": 1.0}),
        ("inpaint", "mask.ancestral", few | white | {"scheduler": "euler-ancestral", "guidance_scale": 1.0}),
        ("inpaint", "padding", few | padded),
        ("sdxl", "image", few | {"negative_prompt": "blurry"}),
        ("sdxl", "image.ddim", few | {"scheduler": "ddim", "num_inference_steps": 7, "strength": 0.3}),
        ("sdxl", "image.max", few | {"strength": 1.0}),
        ("sdxl", "mask", few | white),
        ("sdxl", "mask.max", few | white | {"strength": 1.0, "scheduler": "dpmpp-2m-karras"}),
        ("sdxl", "padding", few | padded),
        ("sdxl_turbo", "image", few | {"num_inference_steps": 2, "strength": 0.5, "guidance_scale": 0.0}),
        ("sdxl_inpaint", "mask", few | white),
        ("sdxl_inpaint", "mask.max", few | white | {"strength": 1.0, "scheduler": "euler-ancestral"}),
    ]
    return cases


def pipeline_class(pipe: DiffusionPipeline, request: dict) -> type[DiffusionPipeline]:
    name = type(pipe).__name__
    if "white" in request:
        return StableDiffusionXLInpaintPipeline if "XL" in name else StableDiffusionInpaintPipeline
    if name == "LatentConsistencyModelPipeline":
        return LatentConsistencyModelImg2ImgPipeline
    return StableDiffusionXLImg2ImgPipeline if "XL" in name else StableDiffusionImg2ImgPipeline


def run(checkpoint: Path, request: dict) -> tuple[dict, dict]:
    """What is given, and final latents [1, 4, h, w] and picture, bytes [h, w, 3]."""
    pipe = DiffusionPipeline.from_pretrained(checkpoint)
    if request["scheduler"]:
        scheduler, changes = SCHEDULERS[request["scheduler"]]
        pipe.scheduler = scheduler.from_config(pipe.scheduler.config, **changes)
    pipe = pipeline_class(pipe, request).from_pipe(pipe, vae=pipe.vae)
    pipe.set_progress_bar_config(disable=True)
    width, height = (request.get(f"picture_{side}", request[side]) for side in ("width", "height"))
    words = {key: request[key] for key in ("prompt", "num_inference_steps", "guidance_scale", "strength")}
    words["image"] = picture(width, height, request["seed"])
    inputs = {"picture": tensor(words["image"])}
    if not isinstance(pipe, LatentConsistencyModelImg2ImgPipeline):
        words |= {"eta": request["eta"], "negative_prompt": request["negative_prompt"] or None}
    if "white" in request:
        words["mask_image"] = mask(width, height, tuple(request["white"]))
        inputs["mask"] = tensor(words["mask_image"])
        if "blur" in request:
            words["mask_image"] = pipe.mask_processor.blur(words["mask_image"], request["blur"])
        words |= {"width": request["width"], "height": request["height"]}
        words["padding_mask_crop"] = request.get("padding")
    final = {}

    def keep(_pipe, _step, _timestep, values):
        final["latents"] = values["latents"]
        return values

    image = pipe(
        **words, generator=torch.Generator("cpu").manual_seed(request["seed"]), callback_on_step_end=keep
    ).images[0]
    return inputs, {"latents": final["latents"], "picture": tensor(image)}


@torch.no_grad()
def main(out_dir: Path) -> None:
    cases = Cases()
    with TemporaryDirectory() as folder:
        for model, name, request in requests():
            inputs, outputs = run(assemble(out_dir, model, Path(folder)), request)
            cases.add(f"{model}.{name}", "pipeline", model, inputs, outputs, request=request)
    cases.write(out_dir, "img2img")
