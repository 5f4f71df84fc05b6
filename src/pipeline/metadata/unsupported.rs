//! Settings of other programs that are not implemented here.

/// Settings of other programs that change the image and are not implemented here, also with further
/// words behind: `ControlNet 0`. Other unknown settings are ignored.
pub(super) const UNSUPPORTED: [&str; 28] = [
    "ControlNet",
    "AddNet",
    "ADetailer model",
    "VAE",
    "ENSD",
    "First pass size",
    "TI hashes",
    "Conditional mask weight",
    "Dynamic thresholding enabled",
    "FreeU",
    "Hypertile",
    "NGMS",
    "RP Active",
    "SGM noise multiplier",
    "Skip Early CFG",
    "Tiled Diffusion",
    "Token merging ratio",
    "Ultimate SD upscale",
    "Zero Terminal SNR",
    "Hires upscale",
    "Hires resize",
    "Variation seed",
    "Refiner",
    "Face restoration",
    "Tiling",
    "Hypernet",
    "Lora hashes",
    "Image CFG scale",
];
