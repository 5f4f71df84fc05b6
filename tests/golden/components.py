"""What each part of the tiny checkpoints computes: components.json and components.safetensors."""

import json
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from diffusers import DiffusionPipeline, StableDiffusionPipeline, UNet2DConditionModel
from safetensors.torch import save_file

from variants import assemble

PROMPTS = ["", "a red apple on a blue background!", "zebra; 12 birds <|endoftext|> ü 😀 " + "castle " * 90]
# Latents [h, w]; sizes that do not halve evenly make the upsamplers ask for their output size.
UNET_CASES = [
    {"size": (8, 12), "batch": 2, "timestep": 999},
    {"size": (8, 8), "batch": 1, "timestep": 0},
    {"size": (16, 4), "batch": 2, "timestep": 500},
    {"size": (9, 7), "batch": 2, "timestep": 21},
    {"size": (5, 6), "batch": 3, "timestep": 333.25},
    {"size": (10, 14), "batch": 1, "timestep": 651.7},
    {"size": (3, 2), "batch": 2, "timestep": 1},
]
# SDXL is told sizes and crops beside the timestep.
ADDED_CASES = [
    {"size": (8, 12), "batch": 2, "timestep": 999, "time_ids": [1024, 1024, 0, 0, 1024, 1024]},
    {"size": (7, 9), "batch": 3, "timestep": 1, "time_ids": [48, 40, 8, 16, 72, 56]},
    {"size": (10, 4), "batch": 1, "timestep": 413.5, "time_ids": [2048, 768, 512, 3, 832, 1216]},
]
# A distilled UNet is told the guidance.
DISTILLED_CASES = [
    {"size": (8, 12), "batch": 2, "timestep": 999, "guidance_scale": 8.5},
    {"size": (5, 6), "batch": 3, "timestep": 259, "guidance_scale": 1.0},
    {"size": (9, 7), "batch": 1, "timestep": 19, "guidance_scale": 0.0},
]
DECODE_SIZES = [(8, 8), (6, 10), (9, 7), (12, 3)]
# Pixels [h, w]; the last two do not divide by the VAE's factor.
ENCODE_SIZES = [(32, 32), (24, 40), (30, 18), (21, 27)]


def randn(key: str, *shape: int) -> torch.Tensor:
    """The same values for the same key, whatever else is generated."""
    return torch.randn(shape, generator=torch.Generator("cpu").manual_seed(zlib.crc32(key.encode())))


class Cases:
    """Collects tensors and the list of cases that names them."""

    def __init__(self) -> None:
        self.tensors: dict[str, torch.Tensor] = {}
        self.cases: list[dict] = []

    def add(self, name: str, component: str, model: str, inputs: dict, outputs: dict, **values) -> None:
        """Keeps tensors as `NAME.inputs.KEY` and `NAME.outputs.KEY`; a string is the key of one kept already."""
        case = {"name": name, "component": component, "model": model, **values}
        for role, tensors in (("inputs", inputs), ("outputs", outputs)):
            case[role] = {}
            for key, tensor in tensors.items():
                if not isinstance(tensor, str):
                    stored = f"{name}.{role}.{key}"
                    assert stored not in self.tensors, stored
                    self.tensors[stored] = tensor.detach().contiguous()
                    tensor = stored
                case[role][key] = tensor
        self.cases.append(case)

    def write(self, out_dir: Path, stem: str) -> None:
        save_file(self.tensors, out_dir / f"{stem}.safetensors")
        (out_dir / f"{stem}.json").write_text(json.dumps({"cases": self.cases}, indent=1) + "\n")


def text_cases(cases: Cases, model: str, pipe: StableDiffusionPipeline) -> None:
    text_encoder, size = pipe.text_encoder, pipe.text_encoder.config.vocab_size
    ids = pipe.tokenizer(PROMPTS, padding="max_length", truncation=True, return_tensors="pt").input_ids
    # Any ids at all, the end at a place that is not the last.
    wild = torch.randint(0, size - 2, (2, 77), generator=torch.Generator("cpu").manual_seed(11))
    wild[0, 40], wild[1, 3] = size - 1, size - 1
    for name, input_ids in (("prompts", ids), ("wild", wild), ("short", wild[:, :5].clone())):
        output = text_encoder(input_ids, output_hidden_states=True)
        # As encode_prompt with clip_skip=1 does.
        clip_skip_1 = text_encoder.final_layer_norm(output.hidden_states[-2])
        outputs = {"last_hidden_state": output.last_hidden_state, "clip_skip_1": clip_skip_1}
        if name != "short":
            outputs["pooled_output"] = output.pooler_output
        inputs = {"input_ids": input_ids.to(torch.int32)}
        values = {"prompts": PROMPTS} if name == "prompts" else {}
        cases.add(f"{model}.text_encoder.{name}", "text_encoder", model, inputs, outputs, **values)


def unet_cases(cases: Cases, model: str, unet: UNet2DConditionModel) -> None:
    states = f"{model}.encoder_hidden_states"
    cases.tensors[states] = randn(states, 3, 77, unet.config.cross_attention_dim)
    for case in UNET_CASES:
        (height, width), batch, timestep = case["size"], case["batch"], case["timestep"]
        name = f"{model}.unet.{height}x{width}.t{timestep}"
        sample = randn(name, batch, unet.config.in_channels, height, width)
        output = unet(sample, timestep, cases.tensors[states][:batch]).sample
        # The states are kept once, for the largest batch: a case takes its first rows.
        inputs = {"sample": sample, "encoder_hidden_states": states}
        cases.add(name, "unet", model, inputs, {"sample": output}, timestep=timestep, batch=batch)


def second_text_cases(cases: Cases, model: str, pipe: DiffusionPipeline) -> None:
    """What SDXL reads of each encoder: a layer from the end, and the second's projected prompt."""
    for encoder, tokenizer in (("text_encoder", pipe.tokenizer), ("text_encoder_2", pipe.tokenizer_2)):
        ids = tokenizer(PROMPTS, padding="max_length", truncation=True, return_tensors="pt").input_ids
        output = getattr(pipe, encoder)(ids, output_hidden_states=True)
        outputs = {"penultimate": output.hidden_states[-2], "penultimate_skip_1": output.hidden_states[-3]}
        outputs["last_hidden_state"] = output.last_hidden_state
        if encoder == "text_encoder_2":
            outputs["text_embeds"] = output.text_embeds
        cases.add(f"{model}.{encoder}.layers", encoder, model, {"input_ids": ids.to(torch.int32)}, outputs)


def added_cases(cases: Cases, model: str, unet: UNet2DConditionModel, projection: int) -> None:
    for case in ADDED_CASES:
        (height, width), batch, timestep = case["size"], case["batch"], case["timestep"]
        name = f"{model}.unet.{height}x{width}.t{timestep}"
        sample = randn(name, batch, unet.config.in_channels, height, width)
        states = randn(f"{name}.states", batch, 7, unet.config.cross_attention_dim)
        embeds = randn(f"{name}.text_embeds", batch, projection)
        added = {"text_embeds": embeds, "time_ids": torch.tensor([case["time_ids"]] * batch, dtype=torch.float32)}
        output = unet(sample, timestep, states, added_cond_kwargs=added).sample
        inputs = {"sample": sample, "encoder_hidden_states": states, "text_embeds": embeds}
        values = {"timestep": timestep, "batch": batch, "time_ids": case["time_ids"]}
        cases.add(name, "unet", model, inputs, {"sample": output}, **values)


def distilled_cases(cases: Cases, model: str, pipe: DiffusionPipeline) -> None:
    unet = pipe.unet
    for case in DISTILLED_CASES:
        (height, width), batch, timestep = case["size"], case["batch"], case["timestep"]
        name = f"{model}.unet.{height}x{width}.t{timestep}"
        sample = randn(name, batch, unet.config.in_channels, height, width)
        states = randn(f"{name}.states", batch, 7, unet.config.cross_attention_dim)
        scales = torch.tensor(case["guidance_scale"] - 1).repeat(batch)
        condition = pipe.get_guidance_scale_embedding(scales, embedding_dim=unet.config.time_cond_proj_dim)
        output = unet(sample, timestep, states, timestep_cond=condition).sample
        inputs = {"sample": sample, "encoder_hidden_states": states, "timestep_cond": condition}
        values = {"timestep": timestep, "batch": batch, "guidance_scale": case["guidance_scale"]}
        cases.add(name, "unet", model, inputs, {"sample": output}, **values)


def tiny_vae_cases(cases: Cases, model: str, vae) -> None:
    for height, width in ((6, 4), (3, 5)):
        name = f"{model}.vae_decode.{height}x{width}"
        # Wide enough for the clamp to matter.
        latents = 3 * randn(name, 2, vae.config.latent_channels, height, width)
        cases.add(name, "vae_decode", model, {"latents": latents}, {"sample": vae.decode(latents).sample})
    for height, width in ((32, 24), (21, 27)):
        name = f"{model}.vae_encode.{height}x{width}"
        sample = randn(name, 1, 3, height, width).clamp(-1, 1)
        cases.add(name, "vae_encode", model, {"sample": sample}, {"latents": vae.encode(sample).latents})


def vae_cases(cases: Cases, model: str, pipe: StableDiffusionPipeline) -> None:
    vae = pipe.vae
    for height, width in DECODE_SIZES:
        name = f"{model}.vae_decode.{height}x{width}"
        latents = randn(name, 2, vae.config.latent_channels, height, width)
        cases.add(name, "vae_decode", model, {"latents": latents}, {"sample": vae.decode(latents).sample})
    for height, width in ENCODE_SIZES:
        name = f"{model}.vae_encode.{height}x{width}"
        sample = randn(name, 1, 3, height, width).clamp(-1, 1)
        moments = vae.encode(sample).latent_dist
        # The mean is also the mode.
        outputs = {"mean": moments.mean, "logvar": moments.logvar}
        cases.add(name, "vae_encode", model, {"sample": sample}, outputs)


@torch.no_grad()
def main(out_dir: Path) -> None:
    cases = Cases()
    for model in ("sd1", "sd2"):
        pipe = StableDiffusionPipeline.from_pretrained(out_dir / model)
        text_cases(cases, model, pipe)
        unet_cases(cases, model, pipe.unet)
        vae_cases(cases, model, pipe)
    with TemporaryDirectory() as folder:
        sdxl, inpaint, xl_inpaint, lcm, taesd = (
            DiffusionPipeline.from_pretrained(assemble(out_dir, name, Path(folder)))
            for name in ("sdxl", "inpaint", "sdxl_inpaint", "lcm", "taesd")
        )
    unet_cases(cases, "inpaint", inpaint.unet)
    second_text_cases(cases, "sdxl", sdxl)
    projection = sdxl.text_encoder_2.config.projection_dim
    added_cases(cases, "sdxl", sdxl.unet, projection)
    added_cases(cases, "sdxl_inpaint", xl_inpaint.unet, projection)
    vae_cases(cases, "sdxl", sdxl)
    distilled_cases(cases, "lcm", lcm)
    tiny_vae_cases(cases, "taesd", taesd.vae)
    cases.write(out_dir, "components")
