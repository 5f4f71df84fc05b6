"""Runs with LoRA and its kin: adapters.json, adapters.safetensors, and the files in adapters/.

diffusers applies the plain ones (`load_lora_weights`); LyCORIS computes the changes of the other kinds, which are added
to the weights here, because diffusers does not read them or reads them in another way. LyCORIS' `get_diff_weight` of LoHa
and LoKr multiplies by alpha / rank twice, its forward pass and `get_weight` once: `get_weight` is used.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from diffusers import DiffusionPipeline
from lycoris.functional.general import weight_decompose
from lycoris.modules.full import FullModule
from lycoris.modules.loha import LohaModule
from lycoris.modules.lokr import LokrModule
from lycoris.modules.locon import LoConModule
from lycoris.modules.norms import NormModule
from safetensors.torch import load_file, save_file
from torch import nn

from components import Cases, randn
from pipeline import APPLE, SCHEDULERS, arguments
from variants import assemble

REQUEST = {"prompt": APPLE, "negative_prompt": "blurry", "scheduler": "ddim", "guidance_scale": 5.0}
REQUEST |= {"eta": 0.0, "clip_skip": None, "num_inference_steps": 3, "seed": 7, "width": 40, "height": 24}


TEXT_ENCODERS = {"lora_te_": "text_encoder", "lora_te1_": "text_encoder", "lora_te2_": "text_encoder_2"}


def run(pipe: DiffusionPipeline) -> torch.Tensor:
    """Final latents [1, 4, h, w]."""
    pipe.set_progress_bar_config(disable=True)
    scheduler, changes = SCHEDULERS[REQUEST["scheduler"]]
    pipe.scheduler = scheduler.from_config(pipe.scheduler.config, **changes)
    generator = torch.Generator("cpu").manual_seed(REQUEST["seed"])
    return pipe(**arguments(pipe, REQUEST), generator=generator, output_type="latent").images


def layers(network: nn.Module, kinds=(nn.Linear, nn.Conv2d)) -> dict[str, nn.Module]:
    return {name: module for name, module in network.named_modules() if isinstance(module, kinds)}


def low_rank(key: str, layer: nn.Module, rank: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Returns up [o, r] and down [r, i] of a linear layer, [o, r, 1, 1] and [r, i, k, k] of a convolution."""
    o, i, *k = layer.weight.shape
    up, down = randn(key + ".up", o, rank, *[1 for _ in k]), randn(key + ".down", rank, i, *k)
    return up * 0.2, down * (0.5 / (i * (k[0] ** 2 if k else 1)) ** 0.5)


def transformers(name: str) -> bool:
    return "attentions" in name or "self_attn" in name or "mlp" in name


def as_transformers_4(name: str) -> str:
    """transformers 5 has no `text_model.` in the names of modules; files have it."""
    return name if name.startswith("text_") else "text_model." + name


def sgm(name: str) -> str:
    """A name of the tiny SDXL's UNet, of one layer in a block and three levels, in Stability's spelling."""
    top = {"conv_in": "input_blocks.0.0", "conv_out": "out.2", "time_embedding.linear_1": "time_embed.0"}
    top |= {"time_embedding.linear_2": "time_embed.2"}
    top |= {"add_embedding.linear_1": "label_emb.0.0", "add_embedding.linear_2": "label_emb.0.2"}
    if name in top:
        return top[name]
    parts = name.split(".")
    inside = {"conv1": "in_layers.2", "conv2": "out_layers.3", "time_emb_proj": "emb_layers.1"}
    inside |= {"conv_shortcut": "skip_connection"}
    if parts[0] == "mid_block":
        block = 1 if parts[1] == "attentions" else 2 * int(parts[2])
        rest = ".".join(parts[3:])
        return f"middle_block.{block}.{inside.get(rest, rest)}"
    side, level, kind, index = parts[0], int(parts[1]), parts[2], int(parts[3])
    rest = ".".join(parts[4:])
    if side == "down_blocks":
        if kind == "downsamplers":
            return f"input_blocks.{2 * level + 2}.0.op"
        layer = 0 if kind == "resnets" else 1
        return f"input_blocks.{2 * level + index + 1}.{layer}.{inside.get(rest, rest)}"
    if kind == "upsamplers":
        # The last layer of the level's last block: after the attention, where there is one.
        return f"output_blocks.{2 * level + 1}.{2 if level < 2 else 1}.conv"
    layer = 0 if kind == "resnets" else 1
    return f"output_blocks.{2 * level + index}.{layer}.{inside.get(rest, rest)}"


class Files:
    """Writes adapter files and runs pipelines with them."""

    def __init__(self, out_dir: Path, folder: Path) -> None:
        self.out_dir, self.folder, self.cases = out_dir, folder, Cases()
        (out_dir / "adapters").mkdir(exist_ok=True)

    def pipe(self, model: str) -> DiffusionPipeline:
        return DiffusionPipeline.from_pretrained(assemble(self.out_dir, model, self.folder))

    def write(self, name: str, tensors: dict[str, torch.Tensor], **metadata: str) -> str:
        kept = {key: tensor.detach().clone().contiguous() for key, tensor in tensors.items()}
        save_file(kept, self.out_dir / "adapters" / f"{name}.safetensors", metadata=metadata or None)
        return f"{name}.safetensors"

    def add(self, name: str, model: str, adapters: list[tuple[str, float, float]], latents: torch.Tensor) -> None:
        """`adapters`: file, weight of the UNet, of the text encoders."""
        rows = [{"file": file, "unet": unet, "text_encoder": text} for file, unet, text in adapters]
        self.cases.add(f"{model}.{name}", "pipeline", model, {}, {"latents": latents.clone()}, request=REQUEST, adapters=rows)

    def with_diffusers(self, model: str, adapters: list[tuple[str, float, float]]) -> torch.Tensor:
        """The UNet's part by diffusers. Its loader of text encoders looks for `text_model.` in the names of modules, which
        transformers 5 does not have: there the product is added here."""
        pipe = self.pipe(model)
        for index, (file, _, text) in enumerate(adapters):
            tensors = load_file(self.out_dir / "adapters" / file)
            of_unet = {key: t for key, t in tensors.items() if not key.startswith("lora_te")}
            pipe.load_lora_weights(of_unet, adapter_name=f"a{index}")
            for prefix, part in TEXT_ENCODERS.items():
                for name, layer in layers(getattr(pipe, part, None) or nn.Module()).items():
                    key = prefix + as_transformers_4(name).replace(".", "_")
                    if f"{key}.lora_up.weight" in tensors:
                        up, down = tensors[f"{key}.lora_up.weight"], tensors[f"{key}.lora_down.weight"]
                        layer.weight += text * tensors[f"{key}.alpha"] / len(down) * up @ down
        pipe.unet.set_adapters([f"a{i}" for i in range(len(adapters))], [unet for _, unet, _ in adapters])
        return run(pipe)


def plain(files: Files) -> None:
    """What diffusers reads: SD 1 and SDXL in kohya's, Stability's and diffusers' names."""
    pipe = files.pipe("sd1")
    tensors = {}
    for name, layer in layers(pipe.unet).items():
        if transformers(name):
            up, down = low_rank("kohya." + name, layer, 3)
            key = "lora_unet_" + name.replace(".", "_")
            tensors |= {f"{key}.lora_up.weight": up, f"{key}.lora_down.weight": down, f"{key}.alpha": torch.tensor(2.0)}
    for name, layer in layers(pipe.text_encoder).items():
        if transformers(name):
            up, down = low_rank("kohya.te." + name, layer, 3)
            key = "lora_te_" + as_transformers_4(name).replace(".", "_")
            tensors |= {f"{key}.lora_up.weight": up, f"{key}.lora_down.weight": down, f"{key}.alpha": torch.tensor(2.0)}
    kohya = files.write("kohya", tensors, ss_base_model_version="sd_v1", ss_output_name="A tiny style", ss_network_module="networks.lora")
    for name, unet, text in (("kohya", 1.0, 1.0), ("kohya-weights", 0.8, 0.5), ("kohya-negative", -0.6, 0.0)):
        adapters = [(kohya, unet, text)]
        files.add(name, "sd1", adapters, files.with_diffusers("sd1", adapters))

    tensors, attention = {}, {}
    for name, layer in layers(pipe.unet).items():
        up, down = low_rank("peft." + name, layer, 1 if "conv" in name else 5)
        tensors |= {f"unet.{name}.lora_B.weight": up, f"unet.{name}.lora_A.weight": down}
        if ".to_" in name:
            attention[name] = (up, down)
    peft = files.write("peft", tensors)
    files.add("peft", "sd1", [(peft, 0.9, 1.0)], files.with_diffusers("sd1", [(peft, 0.9, 1.0)]))
    both = [(kohya, 0.7, 0.7), (peft, -0.4, -0.4)]
    files.add("two", "sd1", both, files.with_diffusers("sd1", both))

    # The same matrices in three spellings; diffusers reads the first.
    spelled = {f"unet.{name}.{part}.weight": t for name, ab in attention.items() for part, t in zip(("lora_B", "lora_A"), ab)}
    first = files.write("attention", spelled)
    latents = files.with_diffusers("sd1", [(first, 1.0, 1.0)])
    files.add("attention", "sd1", [(first, 1.0, 1.0)], latents)
    processors, wrapped = {}, {}
    for name, ab in attention.items():
        block, layer = name.removesuffix(".0").rsplit(".", 1)
        for part, t in zip(("up", "down"), ab):
            processors[f"{block}.processor.{layer}_lora.{part}.weight"] = t
        for part, t in zip(("lora_B", "lora_A"), ab):
            wrapped[f"base_model.model.{name}.{part}.default.weight"] = t
    for name, tensors in (("processors", processors), ("base-model", wrapped)):
        file = files.write(name, tensors)
        files.add(name, "sd1", [(file, 1.0, 1.0)], latents)

    pipe = files.pipe("sdxl")
    tensors, dotted = {}, {}
    for name, layer in layers(pipe.unet).items():
        up, down = low_rank("sgm." + name, layer, 2)
        key = "lora_unet_" + sgm(name).replace(".", "_")
        tensors |= {f"{key}.lora_up.weight": up, f"{key}.lora_down.weight": down, f"{key}.alpha": torch.tensor(1.0)}
        dotted |= {f"diffusion_model.{sgm(name)}.lora_up.weight": up, f"diffusion_model.{sgm(name)}.lora_down.weight": down / 2}
    for prefix, long, network in (
        ("lora_te1_", "text_encoders.clip_l.transformer.", pipe.text_encoder),
        ("lora_te2_", "text_encoders.clip_g.transformer.", pipe.text_encoder_2),
    ):
        for name, layer in layers(network).items():
            if transformers(name):
                up, down = low_rank(prefix + name, layer, 2)
                key = prefix + as_transformers_4(name).replace(".", "_")
                tensors |= {f"{key}.lora_up.weight": up, f"{key}.lora_down.weight": down, f"{key}.alpha": torch.tensor(1.0)}
                key = long + as_transformers_4(name)
                dotted |= {f"{key}.lora_up.weight": up, f"{key}.lora_down.weight": down / 2}
    file = files.write("sgm", tensors, ss_base_model_version="sdxl_base_v1-0")
    latents = files.with_diffusers("sdxl", [(file, 0.75, 0.5)])
    files.add("sgm", "sdxl", [(file, 0.75, 0.5)], latents)
    file = files.write("dotted", dotted)
    files.add("dotted", "sdxl", [(file, 0.75, 0.5)], latents)


def changed(files: Files, name: str, select, make, weight: float) -> None:
    """A file for SD 1 whose modules `make` builds with LyCORIS: it returns tensors by suffix, and the changed weight."""
    pipe = files.pipe("sd1")
    tensors = {}
    chosen = {n: m for n, m in layers(pipe.unet, (nn.Linear, nn.Conv2d, nn.GroupNorm, nn.LayerNorm)).items() if select(n, m) and n.startswith(("down_blocks.1.", "mid_block.", "conv_"))}
    assert chosen, name
    for path, layer in chosen.items():
        parts, weights = make(f"{name}.{path}", layer, weight)
        tensors |= {f"lora_unet_{path.replace('.', '_')}.{suffix}": t for suffix, t in parts.items()}
        for parameter, value in weights.items():
            getattr(layer, parameter).copy_(value)
    file = files.write(name, tensors, ss_network_module="lycoris.kohya")
    files.add(name, "sd1", [(file, weight, weight)], run(pipe))


def randomized(module: nn.Module, key: str, scale: float) -> nn.Module:
    """Random factors: some begin as zeros."""
    module.eval()
    for name, parameter in module.named_parameters():
        if name not in ("alpha", "dora_scale", "scalar"):
            parameter.copy_(randn(f"{key}.{name}", *parameter.shape) * scale)
    return module


def parts_of(module: nn.Module) -> dict[str, torch.Tensor]:
    return {name: tensor for name, tensor in module.custom_state_dict().items() if tensor is not None}


def loha(tucker: bool):
    def make(key: str, layer: nn.Module, weight: float):
        module = randomized(LohaModule("lora", layer, 1.0, 3, 2.0, use_tucker=tucker), key, 0.4)
        return parts_of(module), {"weight": layer.weight + weight * module.get_weight(layer.weight.shape)}

    return make


def lokr(**options):
    def make(key: str, layer: nn.Module, weight: float):
        module = randomized(LokrModule("lora", layer, 1.0, alpha=1.5, **options), key, 0.3)
        return parts_of(module), {"weight": layer.weight + weight * module.get_weight(layer.weight.shape)}

    return make


def locon(tucker: bool, decompose=None):
    def make(key: str, layer: nn.Module, weight: float):
        options = {} if decompose is None else {"weight_decompose": True, "wd_on_out": decompose == "rows"}
        module = randomized(LoConModule("lora", layer, 1.0, 3, 2.0, use_tucker=tucker, **options), key, 0.3)
        scaled = module.make_weight() * module.scale
        if decompose is None:
            return parts_of(module), {"weight": layer.weight + weight * scaled}
        # The magnitudes that training began with, changed.
        module.dora_scale.mul_(1 + 0.3 * randn(key + ".dora", *module.dora_scale.shape))
        merged = weight_decompose(layer.weight + scaled, module.dora_scale, 1.0, module.wd_on_out)
        return parts_of(module), {"weight": layer.weight + weight * (merged - layer.weight)}

    return make


def full(key: str, layer: nn.Module, weight: float):
    diff, diff_b = randn(key + ".w", *layer.weight.shape) * 0.1, None
    values = {"weight": layer.weight + weight * diff}
    parts = {"diff": diff}
    if layer.bias is not None:
        diff_b = randn(key + ".b", *layer.bias.shape) * 0.1
        parts["diff_b"], values["bias"] = diff_b, layer.bias + weight * diff_b
    return parts, values


def norm(key: str, layer: nn.Module, weight: float):
    w, b = (randn(f"{key}.{x}", *layer.weight.shape) * 0.2 for x in "wb")
    return {"w_norm": w, "b_norm": b}, {"weight": layer.weight + weight * w, "bias": layer.bias + weight * b}


def differing_alphas(key: str, layer: nn.Module, weight: float):
    """LoRA by its formula: diffusers gives attention layers a wrong scale if the alphas of a file differ."""
    rank, alpha = (2, 1.0) if "attn1" in key else (4, 3.0)
    up, down = low_rank(key, layer, rank)
    change = (up.flatten(1) @ down.flatten(1)).reshape(layer.weight.shape)
    parts = {"lora_up.weight": up, "lora_down.weight": down, "alpha": torch.tensor(alpha)}
    return parts, {"weight": layer.weight + weight * alpha / rank * change}


def kinds(files: Files) -> None:
    linear = lambda name, module: isinstance(module, nn.Linear) and "transformer_blocks" in name  # noqa: E731
    convolution = lambda name, module: isinstance(module, nn.Conv2d) and "resnets" in name  # noqa: E731
    either = lambda name, module: linear(name, module) or convolution(name, module)  # noqa: E731
    norms = lambda name, module: isinstance(module, (nn.GroupNorm, nn.LayerNorm))  # noqa: E731
    layer = lambda name, module: isinstance(module, (nn.Linear, nn.Conv2d))  # noqa: E731
    changed(files, "alphas", either, differing_alphas, 0.9)
    changed(files, "tucker", convolution, locon(True), 0.8)
    changed(files, "loha", either, loha(False), 0.7)
    changed(files, "loha-tucker", convolution, loha(True), 0.7)
    changed(files, "lokr", either, lokr(lora_dim=2, factor=4), 0.6)
    changed(files, "lokr-factored", either, lokr(lora_dim=1, factor=4, decompose_both=True), 0.6)
    changed(files, "lokr-whole", either, lokr(lora_dim=1000, factor=2), 0.5)
    changed(files, "lokr-tucker", convolution, lokr(lora_dim=1, factor=2, use_tucker=True), 0.5)
    changed(files, "full", layer, full, 0.5)
    changed(files, "norms", norms, norm, 0.5)
    changed(files, "dora-columns", either, locon(False, "columns"), 0.8)
    changed(files, "dora-rows", either, locon(False, "rows"), 0.8)


@torch.no_grad()
def main(out_dir: Path) -> None:
    with TemporaryDirectory() as folder:
        files = Files(out_dir, Path(folder))
        for model in ("sd1", "sdxl"):
            files.add("none", model, [], run(files.pipe(model)))
        plain(files)
        kinds(files)
        files.cases.write(out_dir, "adapters")
