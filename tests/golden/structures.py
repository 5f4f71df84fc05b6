"""Models with fewer or other blocks: BK-SDM, SDXS, SSD-1B, Segmind Vega. Writes tiny random ones of each structure,
and what their UNets and whole runs compute: structures.json and structures.safetensors."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from diffusers import DiffusionPipeline, UNet2DConditionModel

from components import Cases, randn
from models import enliven
from pipeline import APPLE, run
from variants import PER_TIME_ID, PROJECTION, SDXL_DOWN, SDXL_TEXT, SDXL_UP, STRUCTURES, TIME_IDS, assemble

CROSS, PLAIN = "CrossAttnDownBlock2D", "DownBlock2D"
UP_CROSS, UP_PLAIN = "CrossAttnUpBlock2D", "UpBlock2D"

SD1 = {"cross_attention_dim": 24, "attention_head_dim": 2, "layers_per_block": 1}
SD2 = {"cross_attention_dim": 32, "attention_head_dim": [2, 4, 4], "layers_per_block": 1, "use_linear_projection": True}
SDXL = {
    "block_out_channels": (8, 8, 12),
    "down_block_types": SDXL_DOWN,
    "up_block_types": SDXL_UP,
    "layers_per_block": 2,
    "attention_head_dim": [2, 2, 3],
    "cross_attention_dim": sum(SDXL_TEXT),
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": PER_TIME_ID,
    "projection_class_embeddings_input_dim": PROJECTION + TIME_IDS * PER_TIME_ID,
}

# The UNet of each: what is different from diffusers' defaults beside the sizes of a tiny model.
UNETS = {
    # BK-SDM-Small: one layer per block, no middle block.
    "bk_sdm_small": SD1 | {
        "block_out_channels": (8, 8, 16, 16),
        "down_block_types": (CROSS, CROSS, CROSS, PLAIN),
        "up_block_types": (UP_PLAIN, UP_CROSS, UP_CROSS, UP_CROSS),
        "mid_block_type": None,
    },
    # BK-SDM-Tiny: a level less, attention at the lowest.
    "bk_sdm_tiny": SD1 | {
        "block_out_channels": (8, 8, 16),
        "down_block_types": (CROSS,) * 3,
        "up_block_types": (UP_CROSS,) * 3,
        "mid_block_type": None,
    },
    # SDXS-512-DreamShaper: no attention at full resolution.
    "sdxs": SD1 | {
        "block_out_channels": (8, 8, 16),
        "down_block_types": (PLAIN, CROSS, CROSS),
        "up_block_types": (UP_CROSS, UP_CROSS, UP_PLAIN),
        "mid_block_type": None,
    },
    # SDXS-512-0.9: at full resolution both attentions are over the prompt.
    "sdxs_0_9": SD2 | {
        "block_out_channels": (8, 16, 16),
        "down_block_types": (CROSS,) * 3,
        "up_block_types": (UP_CROSS,) * 3,
        "mid_block_type": None,
        "only_cross_attention": [True, False, False],
    },
    # SSD-1B: depths for each layer, other ones on the way up, one residual block in the middle.
    "ssd_1b": SDXL | {
        "transformer_layers_per_block": [0, [2, 2], [4, 4]],
        "reverse_transformer_layers_per_block": [[4, 4, 5], [2, 1, 1], 0],
        "mid_block_type": "UNetMidBlock2D",
    },
    # Segmind Vega: the same with smaller depths, here with a middle block that has attention.
    "vega": SDXL | {
        "transformer_layers_per_block": [1, [1, 1], [2, 2]],
        "reverse_transformer_layers_per_block": [[2, 2, 2], [1, 1, 1], 1],
    },
}  # fmt: skip

# Latents [h, w], batch and timestep of single passes; the second size does not halve evenly.
PASSES = [((8, 12), 2, 999), ((9, 7), 1, 333.25)]
BASE = {"prompt": APPLE, "negative_prompt": "blurry", "guidance_scale": 7.5, "eta": 0.0, "width": 40, "height": 32}
# SDXS makes its picture in one step without guidance.
ONE = {"scheduler": "ddim-trailing", "num_inference_steps": 1, "guidance_scale": 0.0, "seed": 52}
RUNS = [
    ("bk_sdm_small", BASE | {"scheduler": None, "num_inference_steps": 6, "seed": 50}),
    ("bk_sdm_tiny", BASE | {"scheduler": "dpmpp-2m", "num_inference_steps": 6, "seed": 51}),
    ("sdxs", BASE | ONE),
    ("sdxs_0_9", BASE | ONE | {"seed": 53}),
    ("ssd_1b", BASE | {"scheduler": None, "num_inference_steps": 6, "seed": 54}),
    ("vega", BASE | {"scheduler": "euler", "num_inference_steps": 5, "seed": 55}),
]


def write_models(out_dir: Path) -> None:
    for (seed, (name, config)) in enumerate(UNETS.items(), start=60):
        shutil.rmtree(out_dir / name, ignore_errors=True)
        unet = enliven(UNet2DConditionModel(sample_size=16, norm_num_groups=4, **config), seed)
        unet.save_pretrained(out_dir / name / "unet", safe_serialization=True)


def unet_cases(cases: Cases, model: str, unet: UNet2DConditionModel) -> None:
    for (height, width), batch, timestep in PASSES:
        name = f"{model}.unet.{height}x{width}.t{timestep}"
        sample = randn(name, batch, unet.config.in_channels, height, width)
        states = randn(f"{name}.states", batch, 7, unet.config.cross_attention_dim)
        inputs = {"sample": sample, "encoder_hidden_states": states}
        values, added = {"timestep": timestep, "batch": batch}, None
        if unet.config.addition_embed_type == "text_time":
            inputs["text_embeds"] = randn(f"{name}.text_embeds", batch, PROJECTION)
            values["time_ids"] = [1024, 768, 0, 8, 1024, 1024]
            ids = torch.tensor([values["time_ids"]] * batch, dtype=torch.float32)
            added = {"text_embeds": inputs["text_embeds"], "time_ids": ids}
        output = unet(sample, timestep, states, added_cond_kwargs=added).sample
        cases.add(name, "unet", model, inputs, {"sample": output}, **values)


@torch.no_grad()
def main(out_dir: Path) -> None:
    assert list(UNETS) == list(STRUCTURES), "models.json names others"
    write_models(out_dir)
    cases = Cases()
    with TemporaryDirectory() as folder:
        for model, request in RUNS:
            checkpoint = assemble(out_dir, model, Path(folder))
            unet_cases(cases, model, DiffusionPipeline.from_pretrained(checkpoint).unet)
            latents, pictures = run(checkpoint, request)
            outputs = {"latents": latents, "pictures": pictures}
            cases.add(f"{model}.run", "pipeline", model, {}, outputs, request=request)
    cases.write(out_dir, "structures")
