//! Settings of other programs that are not implemented here.

/// Settings of other programs that change the image and are not implemented here, also with further
/// words behind: `ControlNet 0`. Other unknown settings are ignored.
pub(super) const UNSUPPORTED: [&str; 57] = [
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
    "Hires steps",
    "Hires upscaler",
    "Variation seed",
    "Variation seed strength",
    "Refiner",
    "Face restoration",
    "Tiling",
    "Hypernet",
    "Image CFG scale",
    "Distilled CFG Scale",
    "Beta schedule alpha",
    "Beta schedule beta",
    "Discard penultimate sigma",
    "Downcast alphas_cumprod",
    "Extra noise",
    "Mask mode",
    "Masked content",
    "Noise Schedule",
    "Noise multiplier",
    "Old prompt editing timelines",
    "Pad conds",
    "Schedule max sigma",
    "Schedule min sigma",
    "Schedule rho",
    "Sigma churn",
    "Sigma noise",
    "Sigma tmax",
    "Sigma tmin",
    "Soft inpainting enabled",
    "UniPC lower order final",
    "UniPC order",
    "UniPC skip type",
    "UniPC variant",
];

/// Values that mean "off".
pub(super) const OFF: [&str; 5] = ["None", "Automatic", "False", "0", "Original"];

/// Returns whether a setting says that an extension was on, as those of Forge do: `freeu_enabled: True`.
pub(super) fn is_extension((key, value): &&(String, String)) -> bool {
    key.ends_with("_enabled") && value == "True"
}
