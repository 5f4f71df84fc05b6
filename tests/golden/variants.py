"""Tiny random checkpoints of the other families: SDXL, LCM, inpainting, TAESD, turbo.

Most are a few files laid over another checkpoint: models.json says over which, `assemble` puts them together.
"""

import json
import shutil
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    AutoencoderTiny,
    EulerDiscreteScheduler,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPTextConfig, CLIPTextModelWithProjection, CLIPTokenizer

import vocabulary
from models import (
    DOWN,
    SCHEDULE,
    UP,
    VAE_LEVELS,
    as_transformers_4,
    enliven,
    rewrite,
    text_encoder,
    write_json,
    write_tokenizer,
)

# Written by structures.py.
STRUCTURES = {
    "bk_sdm_small": ["bk_sdm_small", "sd1"],
    "bk_sdm_tiny": ["bk_sdm_tiny", "sd1"],
    "sdxs": ["sdxs", "taesd", "sd1"],
    "sdxs_0_9": ["sdxs_0_9", "sd2"],
    "ssd_1b": ["ssd_1b", "sdxl"],
    "vega": ["vega", "sdxl"],
}

# Name to folders; a file is taken from the first that has it.
LAYERS = {
    "sd1": ["sd1"],
    "sd2": ["sd2"],
    "sdxl": ["sdxl"],
    "sd_turbo": ["sd_turbo", "sd2"],
    "sdxl_turbo": ["sdxl_turbo", "sdxl"],
    "sdxl_plain": ["sdxl_plain", "sdxl"],
    "sdxl_inpaint": ["sdxl_inpaint", "sdxl"],
    "sdxl_noobai": ["sdxl_noobai", "sdxl"],
    "lcm": ["lcm", "sd1"],
    "inpaint": ["inpaint", "sd1"],
    "taesd": ["taesd", "sd1"],
    **STRUCTURES,
}

SDXL_DOWN = ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D")
SDXL_UP = ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D")
SDXL_TEXT = [16, 24]
PROJECTION, TIME_IDS, PER_TIME_ID = 20, 6, 8

EULER = {"interpolation_type": "linear", "prediction_type": "epsilon", "sample_max_value": 1.0, "trained_betas": None}
EULER |= {"timestep_spacing": "leading", "use_karras_sigmas": False}
SDXL_SCHEDULER = {"_class_name": "EulerDiscreteScheduler", **SCHEDULE, **EULER}
TRAILING = {**SCHEDULE, **EULER, "timestep_spacing": "trailing"}
# What the markers `v_pred` and `ztsnr` in a single file mean.
NOOBAI = {**SDXL_SCHEDULER, "prediction_type": "v_prediction", "rescale_betas_zero_snr": True}
LCM_SCHEDULER = {"_class_name": "LCMScheduler", **SCHEDULE, "set_alpha_to_one": True, "original_inference_steps": 50}
LCM_SCHEDULER |= {"prediction_type": "epsilon", "timestep_scaling": 10.0, "timestep_spacing": "leading"}
# What StableDiffusionPipeline would put right, and SDXL's takes as it is.
OUTDATED = {"_class_name": "DDIMScheduler", **SCHEDULE, "steps_offset": 0, "clip_sample": True}
# What StableDiffusionInpaintPipeline puts right.
OUTDATED_PNDM = {"_class_name": "PNDMScheduler", **SCHEDULE, "steps_offset": 0, "skip_prk_steps": False}
SCHEDULER = "scheduler/scheduler_config.json"


def assemble(out_dir: Path, name: str, folder: Path) -> Path:
    """The whole checkpoint, in a folder of its own."""
    for layer in reversed(LAYERS[name]):
        shutil.copytree(out_dir / layer, folder / name, dirs_exist_ok=True)
    return folder / name


def sdxl_unet(seed: int, **config) -> UNet2DConditionModel:
    unet = UNet2DConditionModel(
        sample_size=16, norm_num_groups=4, down_block_types=SDXL_DOWN, up_block_types=SDXL_UP,
        layers_per_block=1, cross_attention_dim=sum(SDXL_TEXT), use_linear_projection=True, upcast_attention=None,
        addition_embed_type="text_time", addition_time_embed_dim=PER_TIME_ID,
        projection_class_embeddings_input_dim=PROJECTION + TIME_IDS * PER_TIME_ID, **config,
    )  # fmt: skip
    return enliven(unet, seed)


def write_sdxl(folder: Path) -> None:
    """As SDXL 1.0: two text encoders, added conditions, no attention at full resolution, `null`s in the configs."""
    for tokenizer, pad in (("tokenizer", vocabulary.END), ("tokenizer_2", "!")):
        vocab_size = write_tokenizer(folder / tokenizer, pad)
    unet = sdxl_unet(21, block_out_channels=(8, 12, 16), attention_head_dim=[2, 3, 4], transformer_layers_per_block=[1, 2, 3])
    # Two channels a group: of one alone the norm of an empty picture, which inpainting encodes, is all rounding.
    vae = AutoencoderKL(
        block_out_channels=(4, 8, 8), norm_num_groups=2, sample_size=64, scaling_factor=0.13025, force_upcast=True,
        **VAE_LEVELS,
    )  # fmt: skip
    ids = {"bos_token_id": 0, "eos_token_id": 2, "pad_token_id": 1, "projection_dim": PROJECTION}
    first = {"hidden_size": SDXL_TEXT[0], "intermediate_size": 40, "num_hidden_layers": 3, "num_attention_heads": 2}
    second = {"hidden_size": SDXL_TEXT[1], "intermediate_size": 56, "num_hidden_layers": 4, "num_attention_heads": 4}
    shared = {"vocab_size": vocab_size, "max_position_embeddings": 77, "layer_norm_eps": 1e-5, "hidden_act": "gelu"}
    projecting = CLIPTextModelWithProjection(CLIPTextConfig(**shared, **ids, **second))
    pipe = StableDiffusionXLPipeline(
        tokenizer=CLIPTokenizer.from_pretrained(folder / "tokenizer"),
        tokenizer_2=CLIPTokenizer.from_pretrained(folder / "tokenizer_2"),
        text_encoder=text_encoder(vocab_size, 22, hidden_act="quick_gelu", **ids, **first),
        text_encoder_2=enliven(projecting, 23),
        unet=unet,
        vae=enliven(vae, 24),
        scheduler=EulerDiscreteScheduler.from_config(SDXL_SCHEDULER),
        add_watermarker=False,
    )
    pipe.save_pretrained(folder, safe_serialization=True)
    for tokenizer, pad in (("tokenizer", vocabulary.END), ("tokenizer_2", "!")):
        (folder / tokenizer / "tokenizer.json").unlink()
        write_tokenizer(folder / tokenizer, pad)
    write_json(folder / SCHEDULER, SDXL_SCHEDULER)
    rewrite(folder / "text_encoder/model.safetensors", as_transformers_4)


def write_sdxl_inpaint(folder: Path, sdxl: Path) -> None:
    unet = sdxl_unet(25, in_channels=9, block_out_channels=(8, 8, 12), attention_head_dim=[2, 2, 3])
    unet.save_pretrained(folder / "unet", safe_serialization=True)
    write_index(folder, sdxl, "StableDiffusionXLInpaintPipeline", requires_aesthetics_score=False)


def write_lcm(folder: Path, sd1: Path) -> None:
    """As LCM_Dreamshaper: the guidance is a condition of the UNet."""
    unet = UNet2DConditionModel(
        sample_size=16, block_out_channels=(8, 8, 16), norm_num_groups=4, down_block_types=DOWN, up_block_types=UP,
        attention_head_dim=2, layers_per_block=1, cross_attention_dim=24, time_cond_proj_dim=10,
    )  # fmt: skip
    enliven(unet, 26).save_pretrained(folder / "unet", safe_serialization=True)
    write_scheduler(folder, LCM_SCHEDULER)
    write_index(folder, sd1, "LatentConsistencyModelPipeline")


def write_inpaint(folder: Path, sd1: Path) -> None:
    """Nine channels in, a number of layers per level, and an outdated scheduler config."""
    unet = UNet2DConditionModel(
        sample_size=16, in_channels=9, block_out_channels=(8, 16, 16), norm_num_groups=4, down_block_types=DOWN,
        up_block_types=UP, attention_head_dim=(2, 4, 8), layers_per_block=(1, 2, 1), cross_attention_dim=24,
    )  # fmt: skip
    enliven(unet, 7).save_pretrained(folder / "unet", safe_serialization=True)
    write_scheduler(folder, OUTDATED_PNDM)
    write_index(folder, sd1, "StableDiffusionInpaintPipeline")


def write_taesd(folder: Path, sd1: Path) -> None:
    """TAESD's numbers of blocks, but fewer channels; it has one level more than the autoencoder it replaces."""
    vae = AutoencoderTiny(encoder_block_out_channels=(8,) * 4, decoder_block_out_channels=(8,) * 4)
    enliven(vae, 27).save_pretrained(folder / "vae", safe_serialization=True)
    write_index(folder, sd1, "StableDiffusionPipeline", vae=["diffusers", "AutoencoderTiny"])


def write_scheduler(folder: Path, config: dict) -> None:
    (folder / "scheduler").mkdir(parents=True, exist_ok=True)
    write_json(folder / SCHEDULER, config)


def write_index(folder: Path, base: Path, class_name: str, **changes) -> None:
    """The base's model_index.json with another class, and the scheduler's class as in its config."""
    index = json.loads((base / "model_index.json").read_text()) | {"_class_name": class_name} | changes
    own = folder / SCHEDULER
    if own.exists():
        index["scheduler"] = ["diffusers", json.loads(own.read_text())["_class_name"]]
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "model_index.json", index)


def main(out_dir: Path) -> None:
    for layers in LAYERS.values():
        if layers[0] not in ("sd1", "sd2", *STRUCTURES):
            shutil.rmtree(out_dir / layers[0], ignore_errors=True)
    sd1, sd2, sdxl = (out_dir / name for name in ("sd1", "sd2", "sdxl"))
    with torch.no_grad():
        write_sdxl(sdxl)
        write_sdxl_inpaint(out_dir / "sdxl_inpaint", sdxl)
        write_lcm(out_dir / "lcm", sd1)
        write_inpaint(out_dir / "inpaint", sd1)
        write_taesd(out_dir / "taesd", sd1)
    turbo = {"sd_turbo": (sd2, "EulerDiscreteScheduler"), "sdxl_turbo": (sdxl, "EulerAncestralDiscreteScheduler")}
    for name, (base, scheduler) in turbo.items():
        write_scheduler(out_dir / name, {"_class_name": scheduler, **TRAILING})
        class_name = json.loads((base / "model_index.json").read_text())["_class_name"]
        write_index(out_dir / name, base, class_name)
    write_scheduler(out_dir / "sdxl_plain", OUTDATED)
    write_scheduler(out_dir / "sdxl_noobai", NOOBAI)
    plain = {"force_zeros_for_empty_prompt": False}
    write_index(out_dir / "sdxl_plain", sdxl, "StableDiffusionXLPipeline", **plain)
    write_json(out_dir / "models.json", LAYERS)
