"""What Pillow and diffusers make of pictures and masks before and after a run: images.json and images.safetensors."""

import struct
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from diffusers.image_processor import VaeImageProcessor
from diffusers.utils import load_image
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

from components import Cases


def picture(width: int, height: int, seed: int) -> Image.Image:
    """Slopes, an edge and noise, of any size."""
    y, x = np.mgrid[0:height, 0:width]
    values = np.stack([255 * x / width, 255 * y / height, 128 + 100 * np.sin(x / 3 + y / 5)], axis=-1)
    values[(x - width / 2) ** 2 + (y - height / 3) ** 2 < (height / 4) ** 2] = [230, 20, 40]
    values += np.random.default_rng(seed).normal(0, 12, values.shape)
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def mask(width: int, height: int, box: tuple[int, int, int, int]) -> Image.Image:
    """White inside an ellipse with this box: left, top, right, bottom."""
    image = Image.new("L", (width, height))
    ImageDraw.Draw(image).ellipse(box, fill=255)
    return image


def tensor(image: Image.Image) -> torch.Tensor:
    """Bytes, [h, w, 3] or [h, w]."""
    return torch.from_numpy(np.array(image))


def deep(image: Image.Image) -> bytes:
    """A PNG of 16 bits a channel, which Pillow does not write; the lower bytes are noise."""
    high = np.array(image)
    low = np.random.default_rng(40).integers(0, 256, high.shape, dtype=np.uint8)
    rows = np.stack([high, low], axis=-1).reshape(image.height, -1)
    data = b"".join(b"\0" + row.tobytes() for row in rows)
    head = struct.pack(">IIBBBBB", image.width, image.height, 16, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(data)), (b"IEND", b"")]
    png = b"\x89PNG\r\n\x1a\n"
    for kind, data in chunks:
        png += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return png


def files() -> dict[str, bytes]:
    """PNG, JPEG and WebP files of many kinds, by name."""
    image = picture(21, 13, 50)
    alpha = picture(21, 13, 51).convert("L")
    transparent = image.copy()
    transparent.putalpha(alpha)
    grey = image.convert("L")
    grey_alpha = grey.copy()
    grey_alpha.putalpha(alpha)
    found = {}

    def add(name: str, image: Image.Image, kind: str = "png", **options) -> None:
        file = BytesIO()
        image.save(file, kind, **options)
        found[name] = file.getvalue()

    add("rgb", image)
    add("rgba", transparent)
    add("grey", grey)
    add("grey_alpha", grey_alpha)
    add("palette", image.quantize(11), transparency=3)
    add("two_colours", grey.convert("1"))
    add("four_greys", grey.quantize(4), bits=2)
    add("hidden_colour", image, transparency=image.getpixel((2, 2)))
    found["deep"] = deep(image)
    gamma = PngImagePlugin.PngInfo()
    gamma.add(b"gAMA", struct.pack(">I", 100_000))
    add("gamma", image, pnginfo=gamma)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ"))
    add("profile", image, icc_profile=profile.tobytes())
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        add(f"orientation.{orientation}", image, exif=exif)
        if orientation in (3, 5, 6, 8):
            add(f"jpeg.orientation.{orientation}", image, "jpeg", quality=95, exif=exif)
            add(f"webp.orientation.{orientation}", image, "webp", lossless=True, exif=exif)
    # Behind the pixels, in a text as ImageMagick wrote it, and in XMP data.
    exif = Image.Exif()
    exif[0x0112] = 6
    profile = b"Exif\0\0" + exif.tobytes().removeprefix(b"Exif\0\0")
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Raw profile type exif", f"\nexif\n{len(profile):8}\n{profile.hex()}\n", zip=True)
    add("raw_profile", image, pnginfo=texts)
    texts = PngImagePlugin.PngInfo()
    texts.add_itxt("XML:com.adobe.xmp", '<rdf:Description tiff:Orientation="8"/>')
    add("xmp", image, pnginfo=texts)
    # The end is missing: the whole last chunk, or a part of it.
    whole = found["rgb"]
    found["no_end"] = whole[:-12]
    found["cut_end"] = whole[:-7]
    add("jpeg.444", image, "jpeg", quality=90, subsampling=0)
    add("jpeg.420", image, "jpeg", quality=90, subsampling=2)
    add("jpeg.progressive", image, "jpeg", quality=90, progressive=True)
    add("jpeg.grey", grey, "jpeg", quality=90)
    add("jpeg.cmyk", image.convert("CMYK"), "jpeg", quality=95)
    add("webp.lossless", image, "webp", lossless=True)
    add("webp.lossy", image, "webp", quality=90)
    add("webp.transparent", transparent, "webp", lossless=True, exact=True)
    return found


def main(out_dir: Path) -> None:
    cases = Cases()
    processor = VaeImageProcessor(vae_scale_factor=8)
    mask_processor = VaeImageProcessor(
        vae_scale_factor=8, do_normalize=False, do_binarize=True, do_convert_grayscale=True
    )
    sizes = [(37, 23), (64, 48), (50, 90)]
    targets = [(16, 16), (40, 24), (24, 56), (48, 40)]
    for index, (width, height) in enumerate(sizes):
        image = picture(width, height, index)
        key = f"picture.{index}"
        cases.tensors[key] = tensor(image)
        for to_width, to_height in targets[index:]:
            for mode in ("default", "crop", "fill"):
                output = processor.resize(image, to_height, to_width, resize_mode=mode)
                name = f"{width}x{height}.{to_width}x{to_height}.{mode}"
                cases.add(name, "resize", "", {"picture": key}, {"picture": tensor(output)}, mode=mode)
    # Width, height, what is white, and the size that is worked at.
    regions = [
        ((64, 48), (20, 10, 31, 25), (40, 24)),
        ((64, 48), (0, 0, 8, 8), (40, 40)),
        ((64, 48), (50, 40, 63, 47), (24, 72)),
        ((90, 50), (10, 5, 80, 9), (40, 40)),
        ((50, 90), (3, 2, 47, 88), (64, 32)),
        ((33, 33), (15, 15, 17, 18), (48, 40)),
    ]
    for index, ((width, height), box, (to_width, to_height)) in enumerate(regions):
        mask_image = mask(width, height, box)
        original, painted = picture(width, height, 10 + index), picture(to_width, to_height, 20 + index)
        for padding in (0, 7, 200):
            region = mask_processor.get_crop_region(mask_image, to_width, to_height, pad=padding)
            # What is worked on, binary again.
            work = mask_processor.preprocess(
                mask_image, to_height, to_width, resize_mode="fill", crops_coords=region
            )
            outputs = {"mask": (255 * work[0, 0]).to(torch.uint8)}
            outputs["picture"] = tensor(processor.apply_overlay(mask_image, original, painted, region))
            inputs = {"mask": tensor(mask_image), "picture": tensor(original), "painted": tensor(painted)}
            if padding:
                inputs = {key: f"region.{index}.0.inputs.{key}" for key in inputs}
            cases.add(
                f"region.{index}.{padding}", "region", "", inputs, outputs, padding=padding, region=list(region)
            )
    grey = Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16))
    colours = picture(16, 16, 30)
    for name, image in (("grey", grey.convert("RGB")), ("colours", colours)):
        binary = mask_processor.preprocess(image, 16, 16)
        cases.add(
            f"mask.{name}", "mask", "", {"picture": tensor(image)}, {"mask": (255 * binary[0, 0]).to(torch.uint8)}
        )
    for name, file in files().items():
        path = out_dir / "picture.png"
        path.write_bytes(file)
        loaded = load_image(str(path))
        path.unlink()
        bytes_ = torch.from_numpy(np.frombuffer(file, dtype=np.uint8).copy())
        cases.add(f"load.{name}", "load", "", {"file": bytes_}, {"picture": tensor(loaded)})
    # A mask that is grey at its edges, which becomes black and white only after it was resized.
    soft = picture(90, 70, 60)
    cases.tensors["soft"] = tensor(soft)
    for width, height in ((40, 24), (24, 56)):
        for mode in ("crop", "fill"):
            binary = mask_processor.preprocess(soft, height, width, resize_mode=mode)
            outputs = {"mask": (255 * binary[0, 0]).to(torch.uint8)}
            name = f"mask.soft.{width}x{height}.{mode}"
            cases.add(name, "fitted mask", "", {"picture": "soft"}, outputs, mode=mode)
    cases.write(out_dir, "images")
