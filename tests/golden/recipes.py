"""Settings that other programs save in pictures: recipes.json and recipes.safetensors.

Each case has a program's text, what Hearth is to take over and what it is to name as lost, written here by hand from
that program's source or documentation, and the latents that diffusers makes with these values. Nothing here reads the
text. The sizes and steps are small; the forms are the programs'.

Noise of graphics cards is that of AUTOMATIC1111's modules/rng_philox.py (below HEARTH_PROGRAMS, see README.md).
"""

import importlib.util
import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import torch
from diffusers import DiffusionPipeline
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import rescale_noise_cfg
from diffusers.schedulers import scheduling_euler_ancestral_discrete
from diffusers.utils.torch_utils import randn_tensor

import adapters
import img2img
from components import Cases
from pipeline import SCHEDULERS
from prompting import MODES, Encoders, plain
from variants import assemble

CLASSES = SCHEDULERS | {"heun-karras": (SCHEDULERS["heun"][0], {"use_karras_sigmas": True})}
CLASSES |= {"euler-karras": (SCHEDULERS["euler"][0], {"use_karras_sigmas": True})}
APPLE = "a red apple on a blue background"
SIZE = {"width": 40, "height": 24}
RED = [[("a ", 1.0), ("red", 1.4), (" apple, ", 1.0), ("blue", 1 / 1.1), (" background", 1.0)]]


def params(scheduler: str, steps: int, scale: float, seed: int, **others) -> dict:
    """All values that are taken over."""
    of_a1111 = {"clip_skip": 0, "clip_skip_negative": 0, "grammar": "a1111", "emphasis": "original", "eta": 0.0, "guidance_rescale": 0.0}
    # A seed may be too wide for a number of JavaScript and is a text.
    values = {"scheduler": scheduler, "num_inference_steps": steps, "guidance_scale": scale, "seed": str(seed)}
    return {"negative_prompt": "blurry"} | of_a1111 | SIZE | values | others


def parameters(text: str) -> list:
    return [["parameters", text]]


def api(nodes: dict, **changes: dict) -> list:
    """ComfyUI's `prompt`: id to class and inputs."""
    nodes = nodes | changes
    graph = {key: {"inputs": inputs, "class_type": kind, "_meta": {"title": kind}} for key, (kind, inputs) in nodes.items()}
    return [["prompt", json.dumps(graph)], ["workflow", json.dumps({"nodes": [], "links": [], "version": 0.4})]]


def sampler(seed: int, steps: int, cfg: float, name: str, schedule: str, **others) -> tuple:
    links = {"model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0]}
    values = {"seed": seed, "steps": steps, "cfg": cfg, "sampler_name": name, "scheduler": schedule, "denoise": 1.0}
    return "KSampler", values | links | others


# The graph that ComfyUI begins with.
DEFAULT = {
    "3": sampler(11, 6, 7.0, "dpmpp_2m", "karras"),
    "4": ("CheckpointLoaderSimple", {"ckpt_name": "v1-5-pruned-emaonly-fp16.safetensors"}),
    "5": ("EmptyLatentImage", {**SIZE, "batch_size": 1}),
    "6": ("CLIPTextEncode", {"text": APPLE, "clip": ["4", 1]}),
    "7": ("CLIPTextEncode", {"text": "blurry", "clip": ["4", 1]}),
    "8": ("VAEDecode", {"samples": ["3", 0], "vae": ["4", 2]}),
    "9": ("SaveImage", {"filename_prefix": "ComfyUI", "images": ["8", 0]}),
}
COMFY = {"grammar": "comfy"}


def workflow() -> list:
    """ComfyUI's `workflow` alone, with a reroute, a text of its own, a bypassed LoRA and a note."""

    def node(number: int, kind: str, inputs: list, outputs: list, widgets: list, mode: int = 0) -> dict:
        inputs = [{"name": name, "type": of, "link": link} for name, of, link in inputs]
        outputs = [{"name": of, "type": of, "links": []} for of in outputs]
        named = {"id": number, "type": kind, "mode": mode, "properties": {"Node name for S&R": kind}}
        return named | {"inputs": inputs, "outputs": outputs, "widgets_values": widgets}

    nodes = [
        node(3, "KSampler", [("model", "MODEL", 10), ("positive", "CONDITIONING", 4), ("negative", "CONDITIONING", 6), ("latent_image", "LATENT", 2)], ["LATENT"], [2**53 + 7, "randomize", 5, 6.5, "euler", "karras", 1]),
        node(4, "CheckpointLoaderSimple", [], ["MODEL", "CLIP", "VAE"], ["sdxl\\juggernautXL_v9.safetensors"]),
        node(5, "EmptyLatentImage", [], ["LATENT"], [SIZE["width"], SIZE["height"], 1]),
        node(6, "CLIPTextEncode", [("clip", "CLIP", 3), ("text", "STRING", 12)], ["CONDITIONING"], [""]),
        node(7, "CLIPTextEncode", [("clip", "CLIP", 5)], ["CONDITIONING"], ["blurry"]),
        node(8, "VAEDecode", [("samples", "LATENT", 7), ("vae", "VAE", 8)], ["IMAGE"], []),
        node(9, "SaveImage", [("images", "IMAGE", 9)], [], ["ComfyUI"]),
        node(10, "Reroute", [("", "*", 11)], ["MODEL"], []),
        node(11, "LoraLoaderModelOnly", [("model", "MODEL", 1)], ["MODEL"], ["kohya.safetensors", 1], mode=4),
        node(12, "StringConstant", [], ["STRING"], [APPLE]),
        node(13, "Note", [], [], ["seed: 5, steps: 99"]),
    ]  # fmt: skip
    links = [
        [1, 4, 0, 11, 0, "MODEL"], [2, 5, 0, 3, 3, "LATENT"], [3, 4, 1, 6, 0, "CLIP"], [4, 6, 0, 3, 1, "CONDITIONING"],
        [5, 4, 1, 7, 0, "CLIP"], [6, 7, 0, 3, 2, "CONDITIONING"], [7, 3, 0, 8, 0, "LATENT"], [8, 4, 2, 8, 1, "VAE"],
        [9, 8, 0, 9, 0, "IMAGE"], [10, 10, 0, 3, 0, "MODEL"], [11, 11, 0, 10, 0, "*"], [12, 12, 0, 6, 1, "STRING"],
    ]  # fmt: skip
    return [["workflow", json.dumps({"last_node_id": 13, "nodes": nodes, "links": links, "groups": [], "version": 0.4})]]


def swarm() -> list:
    values = {"prompt": APPLE, "negativeprompt": "blurry", "model": "OfficialStableDiffusion/v1-5-pruned", "images": 1, "seed": 21}
    values |= {"steps": 5, "cfgscale": 6.0, "aspectratio": "Custom", **SIZE, "sampler": "dpmpp_2m", "scheduler": "karras"}
    values |= {"loras": ["styles/kohya"], "loraweights": ["0.8"], "loratencweights": ["0.5"], "automaticvae": True, "swarm_version": "0.9.6.2"}
    return parameters(json.dumps({"sui_image_params": values, "sui_extra_data": {"date": "2025-06-01", "generation_time": "1.00 sec"}}))


def fooocus() -> list:
    values = {"adaptive_cfg": 7.0, "adm_guidance": "(1.5, 0.8, 0.3)", "base_model": "juggernautXL_v8Rundiffusion", "base_model_hash": "aeb7e9e689"}
    values |= {"clip_skip": 2, "full_negative_prompt": ["blurry"], "full_prompt": [APPLE], "guidance_scale": 4.0, "loras": [["sgm", 0.75, "e3b0c44298"]]}
    values |= {"metadata_scheme": "fooocus", "negative_prompt": "blurry", "performance": "Speed", "prompt": APPLE, "prompt_expansion": ""}
    values |= {"refiner_model": "None", "refiner_switch": 0.5, "resolution": f"({SIZE['width']}, {SIZE['height']})", "sampler": "euler"}
    values |= {"scheduler": "karras", "seed": "22", "sharpness": 2.0, "steps": 5, "styles": "[]", "vae": "Default (model)", "version": "Fooocus v2.5.5"}
    return [*parameters(json.dumps(values)), ["fooocus_scheme", "fooocus"]]


def invoke() -> list:
    model = {"key": "0c1d", "hash": "blake3:00", "name": "stable-diffusion-v1-5", "base": "sd-1", "type": "main"}
    values = {"generation_mode": "txt2img", "cfg_scale": 5.5, "cfg_rescale_multiplier": 0, "width": SIZE["width"], "height": SIZE["height"]}
    values |= {"positive_prompt": APPLE, "negative_prompt": "blurry", "model": model, "seed": 23, "steps": 6, "rand_device": "cpu"}
    values |= {"scheduler": "dpmpp_2m_k", "clip_skip": 1, "vae": {"key": "1", "name": "sd-vae-ft-mse", "type": "vae"}, "app_version": "5.6.0"}
    return [["invokeai_metadata", json.dumps(values)], ["invokeai_graph", json.dumps({"nodes": {}})]]


def novel() -> list:
    values = {"prompt": APPLE, "steps": 6, **SIZE, "scale": 5.0, "uncond_scale": 1.0, "cfg_rescale": 0.0, "seed": 24, "n_samples": 1}
    values |= {"noise_schedule": "karras", "uc": "blurry", "sampler": "k_dpmpp_2m", "sm": False, "sm_dyn": False, "dynamic_thresholding": False}
    texts = [["Title", "AI generated image"], ["Description", APPLE], ["Software", "NovelAI"], ["Source", "Stable Diffusion 1D44365E"]]
    return [*texts, ["Comment", json.dumps(values)]]


def recipes() -> list[dict]:
    """`run`: how the picture differs from one of the plain prompt; `negative` and `parts` as in prompting.py."""
    size = f"Size: {SIZE['width']}x{SIZE['height']}"
    red = "a (red:1.4) apple, [blue] background"
    weighted = {"parts": [(1.0, RED)]}
    cases = [
        # The web UI of 2022: no version, no schedule, the CPU's noise where `RNG` is not yet written.
        ("a1111-2022", "sd1", parameters(f"{APPLE}\nNegative prompt: blurry\nSteps: 5, Sampler: DDIM, CFG scale: 7, Seed: 1, {size}, Model hash: 7460a6fa"),
         params("ddim", 5, 7.0, 1, prompt=APPLE), None, [], {}),
        ("a1111-plms", "sd1", parameters(f"{APPLE}\nNegative prompt: blurry\nSteps: 6, Sampler: PLMS, CFG scale: 7.5, Seed: 2, {size}, Model hash: cc6cb27103, Model: v1-5-pruned-emaonly, Batch size: 2, Batch pos: 1"),
         params("pndm", 6, 7.5, 2, prompt=APPLE), "v1-5-pruned-emaonly", [], {}),
        # The schedule is part of the sampler's name; without RNG the noise is the card's.
        ("a1111-1.6", "sd1", parameters(f"{red}\nNegative prompt: blurry\nSteps: 6, Sampler: DPM++ 2M Karras, CFG scale: 7, Seed: 3, {size}, Model hash: cc6cb27103, Model: v1-5-pruned-emaonly, Version: v1.6.0"),
         params("dpmpp-2m-karras", 6, 7.0, 3, prompt=red, noise="nv"), "v1-5-pruned-emaonly", [], weighted),
        ("a1111-1.8-break", "sd1", parameters(f"a red apple BREAK an (old:0.7) house\nNegative prompt: blurry\nSteps: 5, Sampler: Heun, CFG scale: 5, Seed: 4, {size}, Model hash: cc6cb27103, Model: v1-5-pruned-emaonly, Clip skip: 2, RNG: CPU, Version: v1.8.0"),
         params("heun", 5, 5.0, 4, prompt="a red apple BREAK an (old:0.7) house", clip_skip=1, clip_skip_negative=1), "v1-5-pruned-emaonly", [],
         {"parts": [(1.0, [[("a red apple", 1.0)], [("an ", 1.0), ("old", 0.7), (" house", 1.0)]])]}),
        ("a1111-1.10", "sd1", parameters(f"{red}\nNegative prompt: blurry\nSteps: 6, Sampler: Euler, Schedule type: Exponential, CFG scale: 7, Seed: 5, {size}, Model hash: 6ce0161689, Model: v1-5-pruned-emaonly, Emphasis: No norm, RNG: CPU, Version: v1.10.1"),
         params("euler-exponential", 6, 7.0, 5, prompt=red, emphasis="no-norm"), "v1-5-pruned-emaonly", [], weighted | {"mode": ("a1111", "no-norm")}),
        # The card's noise in each step too.
        ("a1111-euler-a", "sd1", parameters(f"{APPLE}\nNegative prompt: blurry\nSteps: 5, Sampler: Euler a, Schedule type: Automatic, CFG scale: 6, Seed: 6, {size}, Model hash: 6ce0161689, Model: v1-5-pruned-emaonly, Version: v1.10.0"),
         params("euler-ancestral", 5, 6.0, 6, prompt=APPLE, noise="nv"), "v1-5-pruned-emaonly", [], {}),
        ("a1111-and", "sd1", parameters(f"a red apple AND an old house :0.6\nNegative prompt: blurry\nSteps: 5, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 5, Seed: 7, {size}, RNG: CPU, Version: v1.10.1"),
         params("dpmpp-2m-karras", 5, 5.0, 7, prompt="a red apple AND an old house :0.6"), None, [], {"parts": [(1.0, plain("a red apple")), (0.6, plain(" an old house"))]}),
        ("a1111-lora", "sd1", parameters(f"{APPLE} <lora:kohya:0.5:0.8>\nNegative prompt: blurry\nSteps: 5, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 6, Seed: 8, {size}, Model: v1-5-pruned-emaonly, RNG: CPU, Lora hashes: \"kohya: 0123456789ab\", Version: v1.9.4"),
         params("dpmpp-2m-karras", 5, 6.0, 8, prompt=f"{APPLE} <lora:kohya:0.5:0.8>"), "v1-5-pruned-emaonly", [], {"lora": ("kohya", 0.8, 0.5)}),
        # The first pass is made; what comes after it is named.
        ("a1111-hires", "sd1", parameters(f"{APPLE}\nNegative prompt: blurry\nSteps: 5, Sampler: DPM++ 2M Karras, CFG scale: 7, Seed: 9, {size}, Model: v1-5-pruned-emaonly, VAE hash: 735e4c3a44, VAE: vae-ft-mse-840000-ema-pruned.safetensors, Denoising strength: 0.5, ADetailer model: face_yolov8n.pt, Hires upscale: 2, Hires upscaler: Latent, RNG: CPU, Version: v1.7.0"),
         params("dpmpp-2m-karras", 5, 7.0, 9, prompt=APPLE), "v1-5-pruned-emaonly",
         ["ADetailer model: face_yolov8n.pt", "Hires upscale: 2", "Hires upscaler: Latent"], {"vae": {"name": "vae-ft-mse-840000-ema-pruned.safetensors", "hash": "735e4c3a44"}}),
        ("a1111-img2img", "sd1", parameters(f"{APPLE}\nNegative prompt: blurry\nSteps: 8, Sampler: DDIM, CFG scale: 6, Seed: 10, {size}, Model: v1-5-pruned-emaonly, Denoising strength: 0.75, RNG: CPU, Version: v1.10.1"),
         params("ddim", 8, 6.0, 10, prompt=APPLE, strength=0.75), "v1-5-pruned-emaonly", [], {"img2img": True}),
        # With the samplers of k-diffusion the web UI makes one more step: 7 of 8.
        ("a1111-img2img-euler", "sd1", parameters(f"{APPLE}\nNegative prompt: blurry\nSteps: 8, Sampler: Euler, Schedule type: Karras, CFG scale: 6, Seed: 25, {size}, Model: v1-5-pruned-emaonly, Denoising strength: 0.75, RNG: CPU, Version: v1.10.1"),
         params("euler-karras", 8, 6.0, 25, prompt=APPLE, strength=0.875), "v1-5-pruned-emaonly", [], {"img2img": True}),
        # The web UI skips no layer of SDXL.
        ("a1111-sdxl", "sdxl", parameters(f"{APPLE}\nNegative prompt: blurry\nSteps: 5, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 5, Seed: 26, {size}, Model: sd_xl_base_1.0, Clip skip: 2, RNG: CPU, Version: v1.10.1"),
         params("dpmpp-2m-karras", 5, 5.0, 26, prompt=APPLE), "sd_xl_base_1.0", [], {}),
        # Velocity, zero terminal SNR and rescaled guidance; the web UI skips no layer of SDXL.
        ("a1111-noobai", "sdxl_noobai", parameters(f"{APPLE}\nNegative prompt: blurry\nSteps: 6, Sampler: Euler, CFG scale: 4.5, Seed: 27, {size}, Model: NoobAI-XL-Vpred-v1.0, Clip skip: 2, CFG Rescale: 0.7, RNG: CPU, Version: v1.8.0"),
         params("euler", 6, 4.5, 27, prompt=APPLE, guidance_rescale=0.7), "NoobAI-XL-Vpred-v1.0", [], {}),
        ("forge", "sdxl", parameters(f"{APPLE}\nNegative prompt: blurry\nSteps: 5, Sampler: Euler, Schedule type: Karras, CFG scale: 5, Seed: 12, {size}, Model hash: 1f69731261, Model: dreamshaperXL, RNG: CPU, Version: f2.0.1v1.10.1-previous-664-gd557aef9, Module 1: sdxl_vae"),
         params("euler-karras", 5, 5.0, 12, prompt=APPLE), "dreamshaperXL", [], {"vae": {"name": "sdxl_vae"}}),
        ("comfyui", "sd1", api(DEFAULT), params("dpmpp-2m-karras", 6, 7.0, 11, prompt=APPLE, **COMFY), "v1-5-pruned-emaonly-fp16", [], {}),
        ("comfyui-weights", "sd1", api(DEFAULT, **{
            "3": sampler(13, 5, 5.0, "heun", "karras"),
            "6": ("CLIPTextEncode", {"text": "a (red:1.4) [apple]", "clip": ["10", 0]}),
            "7": ("CLIPTextEncode", {"text": "blurry", "clip": ["10", 0]}),
            "10": ("CLIPSetLastLayer", {"stop_at_clip_layer": -2, "clip": ["4", 1]})}),
         params("heun-karras", 5, 5.0, 13, prompt="a (red:1.4) [apple]", clip_skip=1, clip_skip_negative=1, **COMFY), "v1-5-pruned-emaonly-fp16", [],
         {"parts": [(1.0, [[("a ", 1.0), ("red", 1.4), (" [apple]", 1.0)]])], "mode": ("comfy", "original")}),
        ("comfyui-lora", "sd1", api(DEFAULT, **{
            "3": sampler(14, 5, 6.0, "dpmpp_2m", "karras", model=["10", 0]),
            "6": ("CLIPTextEncode", {"text": APPLE, "clip": ["10", 1]}),
            "7": ("CLIPTextEncode", {"text": "blurry", "clip": ["10", 1]}),
            "10": ("LoraLoader", {"lora_name": "styles/kohya.safetensors", "strength_model": 0.8, "strength_clip": 0.5, "model": ["4", 0], "clip": ["4", 1]})}),
         params("dpmpp-2m-karras", 5, 6.0, 14, prompt=APPLE, **COMFY), "v1-5-pruned-emaonly-fp16", [], {"lora": ("kohya", 0.8, 0.5), "adapters": True}),
        ("comfyui-workflow", "sdxl", workflow(), params("euler-karras", 5, 6.5, 2**53 + 7, prompt=APPLE, **COMFY), "juggernautXL_v9", [], {}),
        # A second pass at twice the size, a ControlNet, another autoencoder, an enlarged picture: named, each once.
        ("comfyui-hires", "sd1", api(DEFAULT, **{
            "3": sampler(15, 6, 6.0, "euler", "exponential", positive=["12", 0]),
            "8": ("VAEDecode", {"samples": ["11", 0], "vae": ["14", 0]}),
            "9": ("SaveImage", {"filename_prefix": "ComfyUI", "images": ["15", 0]}),
            "10": ("LatentUpscaleBy", {"upscale_method": "nearest-exact", "scale_by": 1.5, "samples": ["3", 0]}),
            "11": sampler(16, 9, 8.0, "euler", "normal", latent_image=["10", 0], denoise=0.5),
            "12": ("ControlNetApply", {"strength": 1.0, "conditioning": ["6", 0], "control_net": ["13", 0], "image": ["16", 0]}),
            "13": ("ControlNetLoader", {"control_net_name": "canny.safetensors"}),
            "14": ("VAELoader", {"vae_name": "vae-ft-mse-840000-ema-pruned.safetensors"}),
            "15": ("ImageUpscaleWithModel", {"upscale_model": ["17", 0], "image": ["8", 0]}),
            "16": ("LoadImage", {"image": "a.png"}),
            "17": ("UpscaleModelLoader", {"model_name": "4x.safetensors"})}),
         params("euler-exponential", 6, 6.0, 15, prompt=APPLE, **COMFY), "v1-5-pruned-emaonly-fp16",
         ["ImageUpscaleWithModel", "LatentUpscaleBy", "KSampler that goes on from another one’s picture", "ControlNetApply"],
         {"vae": {"name": "vae-ft-mse-840000-ema-pruned.safetensors"}}),
        # Its 4 steps are the last of 8.
        ("comfyui-img2img", "sd1", api(DEFAULT, **{
            "3": sampler(17, 4, 6.0, "dpmpp_2m", "karras", denoise=0.5),
            "5": ("VAEEncode", {"pixels": ["10", 0], "vae": ["4", 2]}),
            "10": ("LoadImage", {"image": "photo.png"})}),
         params("dpmpp-2m-karras", 8, 6.0, 17, prompt=APPLE, strength=0.5, **COMFY), "v1-5-pruned-emaonly-fp16", [], {"img2img": True, "size": "of the picture"}),
        # Prompts and seed from nodes of their own, steps for a part, ancestral noise.
        ("comfyui-advanced", "sd1", api(DEFAULT, **{
            "3": ("KSamplerAdvanced", {"add_noise": "enable", "noise_seed": ["10", 0], "steps": 6, "cfg": 5.0, "sampler_name": "euler", "scheduler": "karras",
                  "start_at_step": 0, "end_at_step": 10000, "return_with_leftover_noise": "disable",
                  "model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0]}),
            "6": ("CLIPTextEncode", {"text": ["11", 0], "clip": ["4", 1]}),
            "10": ("Seed Everywhere", {"seed": 18}),
            "11": ("Text Multiline", {"text": APPLE})}),
         params("euler-karras", 6, 5.0, 18, prompt=APPLE, **COMFY), "v1-5-pruned-emaonly-fp16", [], {}),
        # On a model that predicts v, where both programs rescale the same.
        ("comfyui-rescale", "sd2", api(DEFAULT, **{
            "3": sampler(19, 5, 6.0, "euler", "karras", model=["10", 0]),
            "10": ("RescaleCFG", {"multiplier": 0.7, "model": ["4", 0]})}),
         params("euler-karras", 5, 6.0, 19, prompt=APPLE, guidance_rescale=0.7, **COMFY), "v1-5-pruned-emaonly-fp16", [], {}),
        ("swarmui", "sd1", swarm(), params("dpmpp-2m-karras", 5, 6.0, 21, prompt=APPLE, **COMFY), "OfficialStableDiffusion/v1-5-pruned", [], {"lora": ("kohya", 0.8, 0.5), "adapters": True}),
        ("fooocus", "sdxl", fooocus(), params("euler-karras", 5, 4.0, 22, prompt=APPLE, **COMFY), "juggernautXL_v8Rundiffusion",
         ["sharpness: 2.0", "adm_guidance: (1.5, 0.8, 0.3)"], {"lora": ("sgm", 0.75, 0.75), "adapters": True}),
        ("invokeai", "sd1", invoke(), params("dpmpp-2m-karras", 6, 5.5, 23, prompt=APPLE, grammar="plain", clip_skip=1, clip_skip_negative=1), "stable-diffusion-v1-5",
         [], {"vae": {"name": "sd-vae-ft-mse"}}),
        ("novelai", "sd1", novel(), params("dpmpp-2m-karras", 6, 5.0, 24, prompt=APPLE, grammar="plain"), None, [], {}),
    ]  # fmt: skip
    keys = ("name", "model", "texts", "params", "model_name", "lost", "run")
    return [dict(zip(keys, case)) for case in cases]


class Noise:
    """torch.randn of the CPU, or of NVIDIA cards as AUTOMATIC1111 imitates them."""

    def __init__(self, source: str | None, seed: int) -> None:
        self.generator = torch.Generator("cpu").manual_seed(seed)
        self.card = None
        if source == "nv":
            path = Path(os.environ["HEARTH_PROGRAMS"], "webui/modules/rng_philox.py")
            spec = importlib.util.spec_from_file_location("rng_philox", path)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            self.card = module.Generator(seed)

    def __call__(self, shape: tuple, **_) -> torch.Tensor:
        if self.card is None:
            return randn_tensor(tuple(shape), generator=self.generator)
        return torch.from_numpy(self.card.randn(tuple(shape))).float()


def denoise(pipe: DiffusionPipeline, values: dict, run: dict) -> torch.Tensor:
    """Final latents [1, 4, h, w]."""
    encoders, mode = Encoders(pipe), run.get("mode", MODES[0])
    negative = encoders.encode([plain(values["negative_prompt"])], mode, values["clip_skip_negative"])[0]
    parts = run.get("parts", [(1.0, plain(APPLE))])
    parts = [(weight, encoders.encode([chunks], mode, values["clip_skip"])[0]) for weight, chunks in parts]
    kind, changes = CLASSES[values["scheduler"]]
    scheduler = kind.from_config(pipe.scheduler.config, **changes)
    scheduler.set_timesteps(values["num_inference_steps"])
    noise = Noise(values.get("noise"), int(values["seed"]))
    size = [values["height"], values["width"]]
    latents = noise((1, 4, *(side // pipe.vae_scale_factor for side in size))) * scheduler.init_noise_sigma

    def predict(sample: torch.Tensor, timestep, text: tuple) -> torch.Tensor:
        states, pooled = text
        added = None if pooled is None else {"text_embeds": pooled, "time_ids": torch.tensor([[*size, 0.0, 0.0, *size]])}
        return pipe.unet(sample, timestep, encoder_hidden_states=states, added_cond_kwargs=added).sample

    with mock.patch.object(scheduling_euler_ancestral_discrete, "randn_tensor", noise):
        for timestep in scheduler.timesteps:
            sample = scheduler.scale_model_input(latents, timestep)
            uncond = predict(sample, timestep, negative)
            guided = uncond
            for weight, text in parts:
                predicted = predict(sample, timestep, text)
                guided = guided + weight * values["guidance_scale"] * (predicted - uncond)
            if values["guidance_rescale"]:
                guided = rescale_noise_cfg(guided, predicted, values["guidance_rescale"])
            latents = scheduler.step(guided, timestep, latents).prev_sample
    return latents


@torch.no_grad()
def main(out_dir: Path) -> None:
    cases = Cases()
    with TemporaryDirectory() as folder:
        for case in recipes():
            name, values, run, inputs = case["name"], case["params"], case.pop("run"), {}
            request = values | {"prompt": APPLE, "seed": int(values["seed"]), "clip_skip": values["clip_skip"] or None}
            if "lora" in run:
                file, unet, text = run["lora"]
                with mock.patch.object(adapters, "REQUEST", request), mock.patch.object(adapters, "SCHEDULERS", CLASSES):
                    files = adapters.Files(out_dir, Path(folder))
                    latents = files.with_diffusers(case["model"], [(f"{file}.safetensors", unet, text)])
                if run.get("adapters"):
                    run["adapters"] = [{"name": file, "unet": unet, "text_encoder": text}]
            elif "img2img" in run:
                with mock.patch.object(img2img, "SCHEDULERS", CLASSES):
                    inputs, outputs = img2img.run(assemble(out_dir, case["model"], Path(folder)), request)
                latents = outputs["latents"]
            else:
                pipe = DiffusionPipeline.from_pretrained(assemble(out_dir, case["model"], Path(folder)))
                latents = denoise(pipe, values, run)
            expected = {key: case[key] for key in ("texts", "params", "model_name", "lost")}
            expected |= {"adapters": run.get("adapters", []), "vae": run.get("vae")}
            if "size" in run:
                expected["params"] = {key: value for key, value in values.items() if key not in SIZE}
            cases.add(name, "pipeline", case["model"], inputs, {"latents": latents.clone()}, **expected)
    cases.write(out_dir, "recipes")
