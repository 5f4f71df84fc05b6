"""What is added inside of a UNet's pass and what is seen of it: hooks.json and hooks.safetensors."""

from pathlib import Path

import torch
from diffusers import UNet2DConditionModel

from components import Cases, randn

SIZE, BATCH, TOKENS, TIMESTEP = (6, 7), 2, 9, 321


def skip_shapes(unet: UNet2DConditionModel, sample: torch.Tensor, states: torch.Tensor) -> tuple[list, torch.Size]:
    """Shapes of the skip connections and of the middle block's result."""
    shapes, seen = [], {}
    hooks = [unet.conv_in.register_forward_hook(lambda _m, _i, output: shapes.append(output.shape))]
    for block in unet.down_blocks:
        hooks.append(block.register_forward_hook(lambda _m, _i, output: shapes.extend(s.shape for s in output[1])))
    hooks.append(unet.mid_block.register_forward_hook(lambda _m, _i, output: seen.update(mid=output.shape)))
    unet(sample, TIMESTEP, states)
    for hook in hooks:
        hook.remove()
    return shapes, seen["mid"]


def attention_maps(unet: UNet2DConditionModel, sample: torch.Tensor, states: torch.Tensor) -> dict:
    """Path of every attention over the prompt, and its probabilities `[b, h·w, tokens]`, the mean of all heads."""
    maps, hooks = {}, []
    for path, module in unet.named_modules():
        if not path.endswith("attn2"):
            continue

        def keep(module, arguments, options, path=path):
            query = module.head_to_batch_dim(module.to_q(arguments[0]))
            key = module.head_to_batch_dim(module.to_k(options["encoder_hidden_states"]))
            scores = module.get_attention_scores(query, key)
            maps[path] = scores.unflatten(0, (BATCH, module.heads)).mean(1)

        hooks.append(module.register_forward_pre_hook(keep, with_kwargs=True))
    unet(sample, TIMESTEP, states)
    for hook in hooks:
        hook.remove()
    return maps


@torch.no_grad()
def main(out_dir: Path) -> None:
    cases = Cases()
    for model in ("sd1", "sd2"):
        unet = UNet2DConditionModel.from_pretrained(out_dir / model / "unet")
        name = f"{model}.unet.hooks"
        sample = randn(f"{name}.sample", BATCH, unet.config.in_channels, *SIZE)
        states = randn(f"{name}.states", BATCH, TOKENS, unet.config.cross_attention_dim)
        shapes, mid_shape = skip_shapes(unet, sample, states)
        down = [randn(f"{name}.down.{i}", *shape) for i, shape in enumerate(shapes)]
        mid = randn(f"{name}.mid", *mid_shape)
        controlled = unet(
            sample,
            TIMESTEP,
            states,
            down_block_additional_residuals=down,
            mid_block_additional_residual=mid,
        ).sample
        maps = attention_maps(unet, sample, states)
        inputs = {"sample": sample, "encoder_hidden_states": states, "mid": mid}
        inputs |= {f"down.{i}": residual for i, residual in enumerate(down)}
        values = {"timestep": TIMESTEP, "residuals": len(down), "attentions": list(maps)}
        cases.add(name, "unet", model, inputs, {"sample": controlled} | maps, **values)
    cases.write(out_dir, "hooks")
