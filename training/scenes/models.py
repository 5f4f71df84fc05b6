"""Network shapes, in the classes and configurations of Stable Diffusion."""

from __future__ import annotations

from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel

from ..models import make_scheduler

__all__ = ["make_scheduler", "make_text_encoder", "make_unet", "make_vae"]

TEXT_WIDTH = 256
TEXT_LENGTH = 77
FACTOR = 8  # pixels of a latent's side


def make_vae(scaling_factor: float = 1.0) -> AutoencoderKL:
    # Few channels where the picture is large: those layers cost most, here and in the browser.
    return AutoencoderKL(
        in_channels=3,
        out_channels=3,
        latent_channels=4,
        sample_size=256,
        block_out_channels=(16, 32, 96, 128),
        layers_per_block=1,
        norm_num_groups=8,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        scaling_factor=scaling_factor,
        force_upcast=False,
    )


def make_unet() -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=32,
        in_channels=4,
        out_channels=4,
        block_out_channels=(96, 160, 224),
        layers_per_block=1,
        # No attention at the first level, where it would cost half of the time.
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=TEXT_WIDTH,
        attention_head_dim=4,  # heads, by Stable Diffusion 1's naming
        norm_num_groups=32,
    )


def make_text_encoder(vocabulary: int) -> CLIPTextModel:
    # CLIP's file format puts the two special tokens last.
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=vocabulary,
            hidden_size=TEXT_WIDTH,
            intermediate_size=512,
            projection_dim=TEXT_WIDTH,
            num_hidden_layers=3,
            num_attention_heads=4,
            max_position_embeddings=TEXT_LENGTH,
            hidden_act="quick_gelu",
            bos_token_id=vocabulary - 2,
            eos_token_id=vocabulary - 1,
            pad_token_id=vocabulary - 1,
        )
    )
