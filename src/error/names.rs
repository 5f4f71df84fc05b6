//! Messages for what has a name in requests, in code or in other programs' files.

use super::message::Message;
use super::messages;

/// A request's field, by its public name.
pub fn field_name(field: &str) -> Message {
    match field {
        "prompt" => messages::field_prompt(),
        "negative_prompt" => messages::field_negative_prompt(),
        "num_inference_steps" => messages::field_num_inference_steps(),
        "guidance_scale" => messages::field_guidance_scale(),
        "guidance_rescale" => messages::field_guidance_rescale(),
        "seed" => messages::field_seed(),
        "scheduler" => messages::field_scheduler(),
        "width" => messages::field_width(),
        "height" => messages::field_height(),
        "size" => messages::field_size(),
        "model" => messages::field_model(),
        "vae" => messages::field_vae(),
        "device" => messages::field_device(),
        "image" => messages::field_image(),
        "mask" => messages::field_mask(),
        "strength" => messages::field_strength(),
        "padding_mask_crop" => messages::field_padding_mask_crop(),
        "mask_blur" => messages::field_mask_blur(),
        "clip_skip" => messages::field_clip_skip(),
        "clip_skip_negative" => messages::field_clip_skip_negative(),
        "grammar" => messages::field_grammar(),
        "emphasis" => messages::field_emphasis(),
        "eta" => messages::field_eta(),
        "noise" => messages::field_noise(),
        "start" => messages::field_start(),
        other => Message::verbatim(other),
    }
}

/// What was to be done with a picture.
pub fn action_name(action: &str) -> Message {
    match action {
        "made" => messages::action_made(),
        "written" => messages::action_written(),
        "read" => messages::action_read(),
        "fitted" => messages::action_fitted(),
        other => Message::verbatim(other),
    }
}

/// A setting that another program writes into a picture's file, by its name there.
pub fn setting_name(setting: &str) -> Message {
    match setting {
        "Steps" => messages::setting_steps(),
        "CFG scale" => messages::setting_cfg_scale(),
        "Seed" => messages::setting_seed(),
        "Size" => messages::setting_size(),
        "Sampler" => messages::setting_sampler(),
        "Schedule type" => messages::setting_schedule_type(),
        "Denoising strength" => messages::setting_denoising_strength(),
        "Masked area padding" => messages::setting_masked_area_padding(),
        "Mask blur" => messages::setting_mask_blur(),
        "Clip skip" => messages::setting_clip_skip(),
        "Eta" => messages::setting_eta(),
        "Eta DDIM" => messages::setting_eta_ddim(),
        "Hires upscale" => messages::setting_hires_upscale(),
        "Hires resize" => messages::setting_hires_resize(),
        "Variation seed" => messages::setting_variation_seed(),
        "Refiner" => messages::setting_refiner(),
        "Face restoration" => messages::setting_face_restoration(),
        "Tiling" => messages::setting_tiling(),
        "Hypernet" => messages::setting_hypernet(),
        "Lora hashes" => messages::setting_lora_hashes(),
        "Image CFG scale" => messages::setting_image_cfg_scale(),
        other => Message::verbatim(other),
    }
}
