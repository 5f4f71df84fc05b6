"""How scikit-image compares pictures: scores.json and scores.safetensors."""

from pathlib import Path

import numpy as np
import torch
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from components import Cases
from images import mask, picture

TOLERANCE = 8


def main(out_dir: Path) -> None:
    cases = Cases()
    for width, height in [(37, 23), (64, 48), (7, 7)]:
        truth = np.array(picture(width, height, 1))
        completed = np.array(picture(width, height, 2))
        completed[height // 2 :, : width // 2] = truth[height // 2 :, : width // 2]
        white = np.array(mask(width, height, (width // 5, height // 5, width - 2, height - 3))) > 0
        overall, similar = structural_similarity(truth, completed, channel_axis=2, data_range=255, full=True)
        near = (np.abs(truth.astype(int) - completed.astype(int)) <= TOLERANCE).all(axis=2)
        byte_mask = torch.from_numpy(white.astype(np.uint8) * 255)
        cases.add(
            f"{width}x{height}",
            "scores",
            "",
            {"truth": torch.from_numpy(truth), "completed": torch.from_numpy(completed), "mask": byte_mask},
            {},
            inside=dict(
                pixel_accuracy=float(near[white].mean()),
                psnr=float(peak_signal_noise_ratio(truth[white], completed[white], data_range=255)),
                ssim=float(similar[white].mean()),
            ),
            overall=dict(
                pixel_accuracy=float(near.mean()),
                psnr=float(peak_signal_noise_ratio(truth, completed, data_range=255)),
                ssim=float(overall),
            ),
        )
    cases.write(out_dir, "scores")
