"""Writes the trained model: diffusers' folder layout, f16 safetensors, the adapter, and the page's hearth.json.

    python -m training.scenes.export    # what has been trained so far
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import torch

from .. import knowledge as page, loop
from ..export import INDEX, _config, _public, _weights
from . import caption, colours, distill, grammar, lora, models, paths, things

GUIDANCE_SCALE = 3.0
STEPS = 20
PROMPTS = (
    "a fox in a meadow", "three strawberries on a wooden table", "a cat to the left of a dog in a meadow",
    "a blue dragon at sunset", "flat icon of a penguin in the snow", "两只猫在沙滩上",
)


# Prompts of the page's dice; see training/README.md for the slots.
TEMPLATES = {
    "en": [
        "{a thing} {place}", "{a colour thing} {place}", "{number things} {place}", "{number things} on {a colour} background",
        "{a thing} to the left of {another thing} {place}", "{a thing} above {another thing} on {a colour} background",
        "{a thing} next to {another thing} {place}", "{style} of {a thing} {place}", "{style} of {number things} {place}",
    ],
    "zh-Hans": [
        "{a thing}在{place}", "{place}的{a colour thing}", "{number things}在{place}", "{number things}，{colour}背景",
        "{a thing}在{another thing}的左边，{place}", "{a thing}在{another thing}上面，{colour}背景",
        "{a thing}和{another thing}，{place}", "{style}：{a thing}，{place}", "{style}：{number things}，{place}",
    ],
}
# One ability each: English and Chinese prompt, English and Chinese label.
EXAMPLES = (
    ("place", "a fox in a meadow", "一只狐狸在草地上", "fox in a meadow", "草地上的狐狸"),
    ("count", "three strawberries on a wooden table", "三颗草莓在木桌上", "three strawberries", "三颗草莓"),
    ("relation", "a cat to the left of a dog in a meadow", "一只猫在一只狗的左边，草地上", "cat left of a dog", "猫在狗的左边"),
    ("colour", "a blue dragon at sunset", "一条蓝色的龙，日落时", "blue dragon", "蓝色的龙"),
    ("style", "flat icon of a penguin in the snow", "扁平图标：一只企鹅，雪地里", "flat icon", "扁平图标"),
)


def knowledge() -> dict:
    """Returns what the model knows, for the page's list, dice, examples and hints on unknown words."""
    known = [
        {
            "name": t.name, "plural": t.names[0].many, "others": [n.one for n in t.names[1:]],
            "chinese": list(t.chinese), "measure": t.measure, "kind": t.kind, "character": page.character(t.code),
        }
        for t in things.load()
    ]
    return {
        "kinds": page.used_kinds(known),
        "things": known,
        "colours": page.coloured(),
        "backgrounds": {"en": "on {a colour} background", "zh-Hans": "{colour}背景"},
        "places": [{"english": caption.PLACES[name][0][0], "chinese": caption.CHINESE_PLACES[name][0]} for name in caption.PLACES],
        "styles": [{"english": of, "chinese": zh} for (_, of), zh in zip(caption.STYLES, caption.CHINESE_STYLES)],
        "numbers": [{"english": en, "chinese": zh} for en, zh in page.NUMBERS],
        "prompts": TEMPLATES,
        "examples": [
            {"ability": ability, "prompts": {"en": en, "zh-Hans": zh}, "labels": {"en": label, "zh-Hans": zh_label}}
            for ability, en, zh, label, zh_label in EXAMPLES
        ],
    }


def export(folder: Path = paths.MODEL) -> int:
    """Exports whatever has been trained so far, untrained parts with their random start; returns the bytes
    of the networks in f16, without the adapter."""
    torch.manual_seed(grammar.SEED)
    vae_state = loop.load(paths.DECODER) or loop.load(paths.VAE)
    diffusion, adapter = loop.load(paths.DIFFUSION), loop.load(paths.ADAPTER)
    latents = json.loads(paths.LATENTS.read_text("utf-8"))
    vocabulary = len(json.loads((paths.TOKENIZER / "vocab.json").read_text("utf-8")))
    vae = models.make_vae(latents["scaling_factor"])
    unet, text_encoder, scheduler = models.make_unet(), models.make_text_encoder(vocabulary), models.make_scheduler()
    if vae_state:
        vae.load_state_dict(vae_state["weights"])
    if diffusion:
        unet.load_state_dict(diffusion["weights"]["unet"])
        text_encoder.load_state_dict(diffusion["weights"]["text_encoder"])

    for part, module in (("vae", vae), ("unet", unet)):
        _weights(module, folder / part / "diffusion_pytorch_model.safetensors")
        _config(folder / part / "config.json", {**_public(module.config), "_class_name": type(module).__name__})
    # transformers 4 names the tensors "text_model.…", and so do all published Stable Diffusions.
    _weights(text_encoder, folder / "text_encoder" / "model.safetensors", prefix="text_model.")
    text_config = text_encoder.config.to_diff_dict()
    text_config |= {
        key: getattr(text_encoder.config, key)
        for key in (
            "vocab_size hidden_size intermediate_size projection_dim num_hidden_layers num_attention_heads "
            "max_position_embeddings hidden_act layer_norm_eps bos_token_id eos_token_id pad_token_id"
        ).split()
    }
    text_config |= {"architectures": ["CLIPTextModel"], "model_type": "clip_text_model", "torch_dtype": "float16"}
    _config(folder / "text_encoder" / "config.json", text_config)
    _config(folder / "scheduler" / "scheduler_config.json", {**_public(scheduler.config), "_class_name": "DDIMScheduler"})
    _config(folder / "model_index.json", INDEX)
    (folder / "tokenizer").mkdir(parents=True, exist_ok=True)
    for file in sorted(paths.TOKENIZER.iterdir()):
        shutil.copy(file, folder / "tokenizer" / file.name)
    total = sum(f.stat().st_size for f in folder.glob("*/*.safetensors") if f.parent.name != lora.FOLDER)
    if adapter:
        lora.save(adapter["weights"], folder / lora.FOLDER)

    sheet = {
        "name": "Hearth Scenes",
        "default_prompt": PROMPTS[0],
        "example_prompts": PROMPTS,
        "num_inference_steps": STEPS,
        "guidance_scale": GUIDANCE_SCALE,
        "width": 256,
        "height": 256,
        "adapter": {"file": f"{lora.FOLDER}/{lora.FILE}", "num_inference_steps": distill.STEPS, "guidance_scale": 1.0} if adapter else None,
        "latent_rgb_factors": latents["latent_rgb_factors"],
        "latent_rgb_bias": latents["latent_rgb_bias"],
        "total_bytes": sum(f.stat().st_size for f in folder.rglob("*") if f.is_file() and f.name not in ("README.md", "hearth.json", page.FILE)),
        # By these a browser knows that what it keeps is whole, and that a new release is new.
        "sha256": {
            str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest() for f in sorted(folder.rglob("*.safetensors"))
        },
        "palette": colours.PALETTE,
    }
    (folder / "hearth.json").write_text(json.dumps(sheet, indent=1, ensure_ascii=False) + "\n", "utf-8")
    page.write(folder, knowledge())
    return total


if __name__ == "__main__":
    print(f"exported {export()} bytes of networks to {paths.MODEL}")
