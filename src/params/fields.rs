//! Table of all parameters, one row each.

use super::choices::{EMPHASES, GRAMMARS, NOISE_SOURCES, SCHEDULERS, SCHEDULES};
use super::field::{A1111, Count, DefaultRule, Field, Kind, Section, Unwise, Value};
use super::parameter::{Parameter, Scalar};
use crate::error::{Message, Result, messages};
use crate::prompt::{Emphasis, Grammar};
use crate::scheduler::{NoiseSource, SchedulerName};

/// Generates from each row a field of [`GenerationParams`] and of [`PartialParams`], and a line of
/// [`FIELDS`].
macro_rules! table {
    ($($(#[doc = $doc:literal])+ $name:ident: $type:ty = $default:expr, $row:expr;)*) => {
        /// Parameters of an image apart from init image and mask: the arguments of diffusers'
        /// `StableDiffusionPipeline.__call__` and of its variants, with their names.
        #[derive(Debug, Clone, PartialEq)]
        pub struct GenerationParams {
            $($(#[doc = $doc])+ pub $name: $type,)*
        }

        impl Default for GenerationParams {
            fn default() -> Self {
                GenerationParams { $($name: $default,)* }
            }
        }

        /// Parameters of which any may be unknown or left unset.
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct PartialParams {
            $($(#[doc = $doc])+ pub $name: Option<<$type as Parameter>::Inner>,)*
        }

        /// All parameters that are values, in the order in which they are shown.
        pub static FIELDS: &[Field] = &[$(Field { name: stringify!($name), ..$row }),*];

        impl GenerationParams {
            /// Returns the value of a field; `None` if it is unset.
            pub fn get(&self, field: &Field) -> Option<Value> {
                match field.name {
                    $(stringify!($name) => Parameter::to_value(&self.$name),)*
                    _ => None,
                }
            }

            /// Returns these parameters, replaced by those that `given` has.
            pub fn with(mut self, given: &PartialParams) -> Self {
                $(if let Some(value) = given.$name.clone() {
                    self.$name = Parameter::from_inner(value);
                })*
                self
            }
        }

        impl PartialParams {
            /// Returns the value of a field, if it is known.
            pub fn get(&self, field: &Field) -> Option<Value> {
                match field.name {
                    $(stringify!($name) => self.$name.as_ref().map(Scalar::to_value),)*
                    _ => None,
                }
            }

            /// Sets the value of a field. Returns false, and changes nothing, if it is of the wrong
            /// kind.
            pub fn set(&mut self, field: &Field, value: &Value) -> bool {
                match field.name {
                    $(stringify!($name) => match Scalar::from_value(value) {
                        Some(value) => {
                            self.$name = Some(value);
                            true
                        }
                        None => false,
                    },)*
                    _ => false,
                }
            }
        }
    };
}

/// Values that most rows share.
const FIELD: Field = Field {
    name: "",
    js: "",
    flag: "",
    value_name: "N",
    id: "",
    label: "",
    help: "",
    kind: Kind::Text,
    input: None,
    count: None,
    default: DefaultRule::Fixed,
    section: Section::Sampling,
    a1111: None,
    json: None,
    requires: None,
    is_attribute: true,
    unwise: &[],
    since: "0.1.0",
};

/// Maximum of counts: u32 in the engine, exact in JavaScript.
const LARGEST_COUNT: u64 = u32::MAX as u64;

/// Sizes are multiples of this, as in diffusers.
pub const SIZE_STEP: usize = 8;

/// Maximum side of an image. The largest models make images of about 2,000 pixels; a larger number
/// is a mistake.
pub const LONGEST_SIDE: usize = 4096;

/// Row of a side of the image.
const SIDE: Field = Field {
    help: "Pixels, a multiple of 8, at most 4096",
    kind: Kind::Int { min: SIZE_STEP as u64, max: LONGEST_SIDE as u64, step: SIZE_STEP as u64 },
    default: DefaultRule::Model,
    section: Section::Size,
    ..FIELD
};

table! {
    /// Prompt; may be empty.
    prompt: String = String::new(), Field {
        js: "prompt",
        flag: "prompt",
        value_name: "TEXT",
        id: "prompt",
        label: "prompt",
        help: "What to draw",
        default: DefaultRule::Model,
        section: Section::Prompt,
        ..FIELD
    };

    /// Negative prompt; may be empty. It has no effect without guidance.
    negative_prompt: String = String::new(), Field {
        js: "negativePrompt",
        flag: "negative-prompt",
        value_name: "TEXT",
        id: "negative-prompt",
        label: "negative_prompt",
        help: "What not to draw; has no effect without guidance",
        section: Section::Prompt,
        ..FIELD
    };

    /// Denoising steps.
    num_inference_steps: usize = 20, Field {
        js: "steps",
        flag: "num-inference-steps",
        id: "steps",
        label: "steps",
        help: "Denoising steps",
        kind: Kind::Int { min: 1, max: LARGEST_COUNT, step: 1 },
        input: Some([1.0, 1000.0, 1.0]),
        default: DefaultRule::Model,
        a1111: Some(A1111::plain("Steps")),
        ..FIELD
    };

    /// Classifier-free guidance; at 1 or less there is none.
    guidance_scale: f64 = 7.5, Field {
        js: "guidanceScale",
        flag: "guidance-scale",
        value_name: "F",
        id: "guidance",
        label: "guidance",
        help: "Classifier-free guidance; 1 or less turns it off",
        kind: Kind::Float { min: f64::NEG_INFINITY, max: f64::INFINITY, above: false },
        input: Some([0.0, 100.0, 0.1]),
        default: DefaultRule::Model,
        a1111: Some(A1111::plain("CFG scale")),
        // Beyond 30, x₀ leaves the range that the autoencoder knows at every step of any published
        // model; 1 to 15 are used in practice.
        unwise: &[
            Unwise { below: f64::NEG_INFINITY, above: 30.0, why: messages::guidance_burns },
            Unwise { below: 0.0, above: f64::INFINITY, why: messages::guidance_negative },
        ],
        ..FIELD
    };

    /// Seed of the initial noise, as `torch.Generator("cpu").manual_seed(seed)`.
    seed: u64 = 0, Field {
        js: "seed",
        flag: "seed",
        id: "seed",
        label: "seed",
        help: "Seed of the noise, 0 to 2^64 − 1",
        kind: Kind::Int { min: 0, max: u64::MAX, step: 1 },
        default: DefaultRule::Random,
        section: Section::Prompt,
        a1111: Some(A1111::plain("Seed")),
        ..FIELD
    };

    /// Sampler and sigma schedule; `None`: those of the checkpoint's config. AUTOMATIC1111's
    /// metadata have them as `Sampler` and `Schedule type`.
    scheduler: Option<SchedulerName> = None, Field {
        js: "scheduler",
        flag: "scheduler",
        value_name: "NAME",
        id: "scheduler",
        label: "scheduler",
        help: "The sampler and its noise levels",
        kind: Kind::Choice(SCHEDULERS),
        default: DefaultRule::Model,
        ..FIELD
    };

    /// Source of the noise; `None`: the sampler's own. AUTOMATIC1111's metadata have it as `RNG`,
    /// where its absence means the graphics card's generator.
    noise: Option<NoiseSource> = None, Field {
        js: "noise",
        flag: "noise",
        value_name: "NAME",
        id: "noise",
        label: "noise",
        help: "The noise: of PyTorch on the CPU, with a Brownian path for the steps, or of NVIDIA cards",
        kind: Kind::Choice(NOISE_SOURCES),
        default: DefaultRule::Absent,
        ..FIELD
    };

    /// Pixels, a multiple of 8 and of the autoencoder's factor. The metadata of AUTOMATIC1111 has
    /// it in `Size`.
    width: usize = 512, Field {
        js: "width",
        flag: "width",
        value_name: "W",
        id: "width",
        label: "width",
        ..SIDE
    };

    /// Pixels, as `width`.
    height: usize = 512, Field {
        js: "height",
        flag: "height",
        value_name: "H",
        id: "height",
        label: "height",
        ..SIDE
    };

    /// Layers of the text encoder left out at the end for `prompt`; 0 for none.
    ///
    /// diffusers' `clip_skip`: 1 takes `hidden_states[-2]` and the final norm (`encode_prompt` of
    /// `pipeline_stable_diffusion.py`), of the prompt only, not of the negative one; SDXL counts
    /// from the layer before the last, which it always takes (`hidden_states[-(clip_skip + 2)]`).
    /// AUTOMATIC1111 counts from 1: its `Clip skip: 2` is `hidden_states[-2]`
    /// (`CLIP_stop_at_last_layers` in `modules/sd_hijack_clip.py`), diffusers' 1; it skips for both
    /// prompts, by default not for SDXL, and writes nothing where nothing is skipped.
    clip_skip: usize = 0, Field {
        js: "clipSkip",
        flag: "skip-layers",
        id: "clip-skip",
        label: "clip_skip",
        help: "Layers of the text encoder left out at the end, for the prompt; 0 leaves out none",
        kind: Kind::Int { min: 0, max: 32, step: 1 },
        input: Some([1.0, 13.0, 1.0]),
        count: Some(Count {
            offset: 1,
            help: "Clip skip for the prompt as AUTOMATIC1111 counts: 1 leaves out no layer of the text encoder, 2 the last",
        }),
        a1111: Some(A1111 { offset: 1, omits_default: true, ..A1111::plain("Clip skip") }),
        ..FIELD
    };

    /// As `clip_skip`, for the negative prompt; diffusers leaves out none of its layers.
    /// AUTOMATIC1111 leaves out as many as for the prompt.
    clip_skip_negative: usize = 0, Field {
        js: "clipSkipNegative",
        flag: "skip-layers-negative",
        id: "clip-skip-negative",
        label: "clip_skip_negative",
        help: "Layers of the text encoder left out at the end, for the negative prompt",
        kind: Kind::Int { min: 0, max: 32, step: 1 },
        input: Some([1.0, 13.0, 1.0]),
        count: Some(Count {
            offset: 1,
            help: "Clip skip for the negative prompt, counted as `clipSkip`; AUTOMATIC1111 takes one number for both",
        }),
        a1111: Some(A1111 { offset: 1, omits_default: true, ..A1111::plain("Clip skip negative") }),
        is_attribute: false,
        ..FIELD
    };

    /// Grammar of both prompts. Without any of its signs, and with at most 75 tokens, a prompt means
    /// the same in all of them: what diffusers makes of it.
    grammar: Grammar = Grammar::A1111, Field {
        js: "grammar",
        flag: "grammar",
        value_name: "NAME",
        id: "grammar",
        label: "grammar",
        help: "How signs in the prompts are read: as AUTOMATIC1111 or ComfyUI does, or as they are",
        kind: Kind::Choice(GRAMMARS),
        ..FIELD
    };

    /// What weights do in AUTOMATIC1111's grammar (its `opts.emphasis`).
    emphasis: Emphasis = Emphasis::Original, Field {
        js: "emphasis",
        flag: "emphasis",
        value_name: "NAME",
        id: "emphasis",
        label: "emphasis",
        help: "How weights in AUTOMATIC1111's grammar act: with the mean restored, or without",
        kind: Kind::Choice(EMPHASES),
        is_attribute: false,
        ..FIELD
    };

    /// Share φ of the guided prediction whose standard deviation is set back to that of the prompt's
    /// own (Lin et al. 2023, arXiv:2305.08891, section 3.4).
    ///
    /// diffusers' `guidance_rescale` (`rescale_noise_cfg`), ComfyUI's `RescaleCFG`, and `CFG Rescale`
    /// of an extension of AUTOMATIC1111's web UI.
    guidance_rescale: f64 = 0.0, Field {
        js: "guidanceRescale",
        flag: "guidance-rescale",
        value_name: "F",
        id: "guidance-rescale",
        label: "guidance_rescale",
        help: "How much of guidance's gain in contrast is taken back: 0 nothing, 1 all; 0.7 for models with zero terminal SNR",
        kind: Kind::Float { min: 0.0, max: 1.0, above: false },
        input: Some([0.0, 1.0, 0.05]),
        a1111: Some(A1111 {
            other_keys: &["CFG Rescale φ", "CFG Rescale phi", "CFG Rescale Phi"],
            omits_default: true,
            ..A1111::plain("CFG Rescale")
        }),
        is_attribute: false,
        ..FIELD
    };

    /// η of DDIM: 0 is deterministic, 1 is DDPM. Other samplers ignore it.
    ///
    /// diffusers' `eta` (`DDIMScheduler.step`). AUTOMATIC1111 has two: `Eta DDIM` is this one,
    /// written where it is not 0 (`CompVisSampler` in `modules/sd_samplers_timesteps.py`); `Eta`
    /// scales the noise of its ancestral samplers, where 1 is usual. Before version 1.6 `Eta` stood
    /// for both.
    eta: f64 = 0.0, Field {
        js: "eta",
        flag: "eta",
        value_name: "F",
        id: "eta",
        label: "eta",
        help: "How much new noise each step of DDIM adds: 0 none, 1 as much as DDPM",
        kind: Kind::Float { min: 0.0, max: 1.0, above: false },
        input: Some([0.0, 1.0, 0.05]),
        a1111: Some(A1111 { omits_default: true, ..A1111::plain("Eta DDIM") }),
        ..FIELD
    };

    /// Strength of the replacement of the init image: the share of the steps that are taken. With a
    /// mask and a strength of 1, nothing of the masked part remains.
    strength: f64 = 0.8, STRENGTH;

    /// Works only on the mask and this many pixels around it, at the requested size; `None`: on the
    /// whole image. AUTOMATIC1111 also writes `Inpaint area: Only masked`.
    padding_mask_crop: Option<usize> = None, PADDING_MASK_CROP;

    /// Radius of the Gaussian blur of the mask, pixels; 0 leaves its edge hard.
    ///
    /// The mask that `VaeImageProcessor.blur` of diffusers gives, which is Pillow's `GaussianBlur`.
    /// AUTOMATIC1111's `Mask blur` is the same σ, of OpenCV's kernel.
    mask_blur: usize = 0, MASK_BLUR;
}

/// Row of `strength`, whose default differs with and without a mask.
pub const STRENGTH: Field = Field {
    name: "strength",
    js: "strength",
    flag: "strength",
    value_name: "F",
    id: "strength",
    label: "strength",
    help: "How much of the picture is given up: above 0, at most 1",
    kind: Kind::Float { min: 0.0, max: 1.0, above: true },
    input: Some([0.0, 1.0, 0.01]),
    default: DefaultRule::Masked([0.8, 1.0]),
    section: Section::InitImage,
    a1111: Some(A1111::plain("Denoising strength")),
    unwise: &[Unwise { below: 0.1, above: f64::INFINITY, why: messages::strength_changes_nothing }],
    requires: Some("image"),
    ..FIELD
};

/// Row of `padding_mask_crop`.
pub const PADDING_MASK_CROP: Field = Field {
    name: "padding_mask_crop",
    js: "padding",
    flag: "padding-mask-crop",
    id: "mask-padding",
    label: "padding",
    help: "Work at full size on the mask and N pixels around it alone; the rest stays as it is",
    kind: Kind::Int { min: 0, max: LARGEST_COUNT, step: 1 },
    input: Some([0.0, 4096.0, 1.0]),
    default: DefaultRule::Absent,
    section: Section::InitImage,
    a1111: Some(A1111::plain("Masked area padding")),
    json: Some("padding"),
    requires: Some("mask"),
    is_attribute: false,
    ..FIELD
};

/// Row of `mask_blur`.
pub const MASK_BLUR: Field = Field {
    name: "mask_blur",
    js: "maskBlur",
    flag: "mask-blur",
    id: "mask-blur",
    label: "mask_blur",
    help: "Soft edge of the mask: the radius in pixels of its blur; 0 leaves the edge hard",
    kind: Kind::Int { min: 0, max: 512, step: 1 },
    input: Some([0.0, 128.0, 1.0]),
    section: Section::InitImage,
    a1111: Some(A1111 { omits_default: true, ..A1111::plain("Mask blur") }),
    requires: Some("mask"),
    is_attribute: false,
    ..FIELD
};

/// Init image and mask, which are sent next to the values.
pub static IMAGES: [Field; 2] = [
    Field {
        name: "image",
        js: "image",
        flag: "image",
        value_name: "FILE.png",
        id: "start-choose",
        label: "image",
        help: "The picture to begin with",
        kind: Kind::Image,
        default: DefaultRule::Absent,
        section: Section::InitImage,
        is_attribute: false,
        ..FIELD
    },
    Field {
        name: "mask",
        js: "mask",
        flag: "mask",
        value_name: "FILE.png",
        id: "start-mask",
        label: "mask",
        help: "The part of the picture to change: white changes, black stays as it is",
        kind: Kind::Image,
        default: DefaultRule::Absent,
        section: Section::InitImage,
        requires: Some("image"),
        is_attribute: false,
        ..FIELD
    },
];

/// Number of images, each with the next seed. It is not part of a request.
pub static NUM_IMAGES: Field = Field {
    name: "num_images",
    flag: "num-images",
    id: "pictures",
    label: "pictures",
    help: "How many pictures, each with the next seed",
    kind: Kind::Int { min: 1, max: 16, step: 1 },
    is_attribute: false,
    ..FIELD
};

/// Noise levels of the sampler, apart from it, as an axis of a matrix: `scheduler` has both.
pub static SCHEDULE: Field = Field {
    name: "schedule",
    flag: "schedule",
    id: "schedule",
    label: "schedule",
    help: "The sampler's noise levels",
    kind: Kind::Choice(SCHEDULES),
    is_attribute: false,
    ..FIELD
};

/// Texts as an axis of a matrix, of which each takes the place of the first in both prompts:
/// AUTOMATIC1111's "Prompt S/R".
pub static REPLACEMENT: Field = Field {
    name: "replacement",
    flag: "replace",
    label: "replacement",
    help: "Texts that take the place of the first in both prompts",
    section: Section::Prompt,
    is_attribute: false,
    ..FIELD
};

/// Returns the row of field `name`.
pub fn field(name: &str) -> Option<&'static Field> {
    FIELDS.iter().chain(&IMAGES).find(|field| field.name == name)
}

impl GenerationParams {
    /// Checks every value against its row.
    ///
    /// # Errors
    /// If one is out of range; the error names it.
    pub fn check(&self) -> Result<()> {
        FIELDS.iter().try_for_each(|field| match self.get(field) {
            Some(value) => field.check(&value),
            None => Ok(()),
        })
    }

    /// Returns what the user should know before these values are computed with.
    /// `has_init_image`: whether the values for one count.
    pub fn warnings(&self, has_init_image: bool) -> Vec<Message> {
        let counts = |field: &&Field| has_init_image || field.section != Section::InitImage;
        let warning = |field: &Field| field.warning(&self.get(field)?);
        FIELDS.iter().filter(counts).filter_map(warning).collect()
    }

    /// Returns width and height in pixels.
    pub fn size(&self) -> [usize; 2] {
        [self.width, self.height]
    }

    /// Returns default values for images of `size`, `[width, height]`, with or without guidance.
    pub fn of_size([width, height]: [usize; 2], is_guided: bool) -> Self {
        let guidance_scale = if is_guided { 5.0 } else { 1.0 };
        GenerationParams { width, height, guidance_scale, ..GenerationParams::default() }
    }

    /// Returns whether the negative prompt has an effect: a scale of 1 or less disables guidance.
    pub fn is_guided(&self) -> bool {
        self.guidance_scale > 1.0
    }

    /// Returns whether a field has its default value, if that is the same for every model.
    pub fn is_default(&self, field: &Field) -> bool {
        matches!(field.default, DefaultRule::Fixed | DefaultRule::Absent)
            && self.get(field) == GenerationParams::default().get(field)
    }
}

impl From<GenerationParams> for PartialParams {
    fn from(params: GenerationParams) -> Self {
        let mut partial = PartialParams::default();
        for field in FIELDS {
            if let Some(value) = params.get(field) {
                // A value fits the field that it comes from.
                partial.set(field, &value);
            }
        }
        partial
    }
}
