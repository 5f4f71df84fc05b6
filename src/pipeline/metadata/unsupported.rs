//! Settings of other programs that are not implemented here.

/// Hashes of the files that a prompt's `<lora:…>` name.
pub(super) const LORA_HASHES: &str = "Lora hashes";

/// Settings of other programs that change the image and are not implemented here, also with further
/// words behind: `ControlNet 0`. Other unknown settings are ignored.
pub(super) const UNSUPPORTED: [&str; 32] = [
    "ControlNet",
    "AddNet",
    "ADetailer model",
    "VAE Encoder",
    "VAE Decoder",
    "Module",
    "FP8 weight",
    "Seed resize from",
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
    LORA_HASHES,
    "Image CFG scale",
];

/// Values that mean "off".
pub(super) const OFF: [&str; 5] = ["None", "Automatic", "False", "0", "Original"];
