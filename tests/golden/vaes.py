"""Runs with another autoencoder: vaes.json, vaes.safetensors, and the autoencoders in vaes/.

`other.safetensors` has the keys of CompVis, as the files of A1111's VAE folder, and no config. `other/` is a folder of
diffusers. Weights are stored in f16 and computed in f32.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from diffusers import AutoencoderKL, DiffusionPipeline
from diffusers.loaders.single_file_utils import convert_ldm_vae_checkpoint
from safetensors.torch import save_file

from components import Cases
from images import picture, tensor
from img2img import pipeline_class
from models import VAE_LEVELS, enliven
from pipeline import APPLE, arguments
from variants import assemble

REQUEST = {"prompt": APPLE, "negative_prompt": "blurry", "scheduler": None, "guidance_scale": 5.0, "eta": 0.0}
REQUEST |= {"num_inference_steps": 4, "seed": 71, "width": 40, "height": 24}

# What a file without a config leaves open is as in the model's own autoencoder.
MODELS = {"sd1": {"norm_num_groups": 4, "scaling_factor": 0.18215}, "sdxl": {"norm_num_groups": 2, "scaling_factor": 0.13025}}

CHANNELS = (8, 8, 16)


def file_vae(**usual) -> AutoencoderKL:
    vae = AutoencoderKL(block_out_channels=CHANNELS, layers_per_block=2, sample_size=64, **VAE_LEVELS, **usual)
    return enliven(vae, 90).half().float()


def folder_vae() -> AutoencoderKL:
    vae = AutoencoderKL(
        block_out_channels=(4, 8, 8), norm_num_groups=2, sample_size=64, scaling_factor=0.25, force_upcast=False,
        use_quant_conv=False, **VAE_LEVELS,
    )  # fmt: skip
    return enliven(vae, 91).half().float()


def compvis_key(key: str) -> str:
    """The key of CompVis for one of diffusers."""
    half, _, rest = key.partition(".")
    if half not in ("encoder", "decoder"):
        return key
    for index in range(2):
        rest = rest.replace(f"mid_block.resnets.{index}", f"mid.block_{index + 1}")
    rest = rest.replace("mid_block.attentions.0.group_norm", "mid.attn_1.norm").replace("conv_norm_out", "norm_out")
    for ours, theirs in (("to_q", "q"), ("to_k", "k"), ("to_v", "v"), ("to_out.0", "proj_out")):
        rest = rest.replace(f"mid_block.attentions.0.{ours}", f"mid.attn_1.{theirs}")
    for level in range(len(CHANNELS)):
        # The decoder's levels are counted from the highest resolution there.
        for way, other in (("down", level), ("up", len(CHANNELS) - 1 - level)):
            rest = rest.replace(f"{way}_blocks.{level}.resnets.", f"{way}.{other}.block.")
            rest = rest.replace(f"{way}_blocks.{level}.{way}samplers.0.", f"{way}.{other}.{way}sample.")
    return f"{half}.{rest.replace('conv_shortcut', 'nin_shortcut')}"


def compvis(vae: AutoencoderKL) -> dict[str, torch.Tensor]:
    """The weights of CompVis, where projections of attention are convolutions."""
    tensors = {}
    for key, value in vae.state_dict().items():
        key = compvis_key(key)
        is_projection = "attn_1" in key and key.endswith("weight") and ".norm." not in key
        tensors[key] = (value[:, :, None, None] if is_projection else value).half().contiguous()
    # diffusers' own converter takes it back.
    back = convert_ldm_vae_checkpoint({key: value.float() for key, value in tensors.items()}, vae.config)
    assert back.keys() == vae.state_dict().keys()
    assert all(torch.equal(back[key], value) for key, value in vae.state_dict().items())
    # Remains of training.
    return tensors | {"loss.logvar": torch.zeros(())}


def run(pipe: DiffusionPipeline, request: dict) -> tuple[dict, dict]:
    """What is given, and final latents [1, 4, h, w] and pictures [1, h, w, 3] between 0 and 1."""
    inputs, words = {}, arguments(pipe, request)
    if "strength" in request:
        given = picture(request["width"], request["height"], request["seed"])
        inputs["picture"] = tensor(given)
        pipe = pipeline_class(pipe, request).from_pipe(pipe, vae=pipe.vae)
        words = {key: value for key, value in words.items() if key not in ("width", "height")}
        words |= {"image": given, "strength": request["strength"]}
    pipe.set_progress_bar_config(disable=True)
    final = {}

    def keep(_pipe, _step, _timestep, values):
        final["latents"] = values["latents"]
        return values

    generator = torch.Generator("cpu").manual_seed(request["seed"])
    pictures = pipe(**words, generator=generator, output_type="np", callback_on_step_end=keep).images
    return inputs, {"latents": final["latents"], "pictures": torch.from_numpy(pictures)}


@torch.no_grad()
def main(out_dir: Path) -> None:
    folder = out_dir / "vaes"
    folder.mkdir(exist_ok=True)
    save_file(compvis(file_vae(norm_num_groups=4)), folder / "other.safetensors", metadata={"format": "pt"})
    folder_vae().half().save_pretrained(folder / "other", variant="fp16")
    cases = Cases()
    with TemporaryDirectory() as temporary:
        for model, usual in MODELS.items():
            checkpoint = assemble(out_dir, model, Path(temporary))
            vaes = {"other.safetensors": file_vae(**usual), "other": folder_vae()}
            for place, vae in vaes.items():
                for kind, request in (("text", REQUEST), ("image", REQUEST | {"strength": 0.75})):
                    pipe = DiffusionPipeline.from_pretrained(checkpoint, vae=vae)
                    assert pipe.vae.config.scaling_factor == (0.25 if place == "other" else usual["scaling_factor"])
                    inputs, outputs = run(pipe, request)
                    layout = "folder" if place == "other" else "file"
                    name = f"{model}.{layout}.{kind}"
                    cases.add(name, "pipeline", model, inputs, outputs, request=request, vae=place)
    cases.write(out_dir, "vaes")
