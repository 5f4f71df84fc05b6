"""What diffusers makes of a picture file with the model that ships with the page: page.json and page.safetensors."""

from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from diffusers import StableDiffusionImg2ImgPipeline
from diffusers.image_processor import VaeImageProcessor
from diffusers.utils import load_image

from components import Cases
from images import picture, tensor

MODEL = Path(__file__).parents[2] / "www" / "models" / "emoji"
REQUEST = {
    "prompt": "a red apple on a blue background",
    "num_inference_steps": 5,
    "strength": 0.4,
    "guidance_scale": 4.0,
    "seed": 1,
}


def main(out_dir: Path) -> None:
    pipe = StableDiffusionImg2ImgPipeline.from_pretrained(MODEL, dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    file = BytesIO()
    picture(150, 110, 70).save(file, "png")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "picture.png"
        path.write_bytes(file.getvalue())
        loaded = load_image(str(path))
    cases = Cases()
    cases.tensors["file"] = torch.from_numpy(np.frombuffer(file.getvalue(), dtype=np.uint8).copy())
    for mode in ("crop", "fill"):
        fitted = VaeImageProcessor(vae_scale_factor=8).resize(loaded, 64, 64, resize_mode=mode)
        arguments = {key: value for key, value in REQUEST.items() if key != "seed"}
        generator = torch.Generator("cpu").manual_seed(REQUEST["seed"])
        made = pipe(image=fitted, generator=generator, output_type="pil", **arguments).images[0]
        outputs = {"fitted": tensor(fitted), "picture": tensor(made)}
        cases.add(mode, "page", "emoji", {"file": "file"}, outputs, mode=mode, request=REQUEST)
    cases.write(out_dir, "page")
