//! Parameters of an image as command line arguments.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::{Arg, ArgMatches, Command, error::ErrorKind};
use hearth::error::messages;
use hearth::families::Checkpoint;
use hearth::params::{
    DefaultRule, FIELDS, Field, GenerationParams, IMAGES, Kind, PartialParams, STRENGTH, Section,
    Value,
};
use hearth::pipeline::metadata;
use hearth::scheduler::SigmaSchedule;
use hearth::{Error, Result, runtime};

use super::model_args::OpenedCheckpoint;
use super::sampler_flags;

/// Default of `--width` and `--height`, which depends on the init image.
const SIZE_DEFAULT: &str = "the model's own size; with --image the picture's own, or as many pixels as the model's own \
                            size has if the picture has more than twice as many; with --padding-mask-crop the model's own";

/// Short flags and other names of the flags, as in stable-diffusion.cpp, AUTOMATIC1111's programs
/// and diffusers' scripts.
const ALIASES: [(&str, Option<char>, &[&str]); 10] = [
    ("prompt", Some('p'), &[]),
    ("negative_prompt", Some('n'), &["neg-prompt", "negative"]),
    ("num_inference_steps", None, &["steps", "sampling-steps"]),
    ("guidance_scale", None, &["cfg-scale", "cfg", "guidance"]),
    ("seed", Some('s'), &[]),
    ("width", Some('W'), &[]),
    ("height", Some('H'), &[]),
    ("image", Some('i'), &["init-img", "init-image"]),
    ("strength", None, &["denoising-strength"]),
    ("mask", None, &["mask-image"]),
];

/// What stands for another seed each time: the usual −1, or the word.
const RANDOM_SEEDS: [&str; 2] = ["-1", "random"];

/// All parameters: values and images.
#[derive(Debug, Default, Clone)]
pub struct ParamsArguments {
    /// Values that the user gave; no seed is a random one.
    pub params: PartialParams,
    /// Path of the init image.
    pub image: Option<PathBuf>,
    /// Path of the mask.
    pub mask: Option<PathBuf>,
    /// Sigma schedule for the model's own sampler.
    pub schedule: Option<SigmaSchedule>,
}

/// Parameters of the denoising, for every subcommand that generates images.
#[derive(Debug, Default, Clone)]
pub struct SamplingArguments {
    /// Values that the user gave.
    pub params: PartialParams,
    /// Sigma schedule for the model's own sampler.
    pub schedule: Option<SigmaSchedule>,
}

impl SamplingArguments {
    /// Returns the model's defaults, replaced by the user's values. Prints which scheduler is used
    /// if the checkpoint's own is not supported and the user gave none.
    ///
    /// # Errors
    /// If the schedule has no meaning with the model's own sampler.
    pub fn complete(&self, opened: &OpenedCheckpoint<'_>) -> Result<GenerationParams> {
        print_replaced_scheduler(&self.params, &opened.checkpoint, &opened.defaults);
        sampler_flags::with_schedule(opened.defaults.clone().with(&self.params), self.schedule)
    }
}

impl ParamsArguments {
    /// Returns the model's defaults, replaced by the user's values, except for the size. Prints
    /// which scheduler is used if the checkpoint's own is not supported and the user gave none.
    ///
    /// # Errors
    /// If the schedule has no meaning with the model's own sampler.
    pub fn complete(&self, opened: &OpenedCheckpoint<'_>) -> Result<GenerationParams> {
        print_replaced_scheduler(&self.params, &opened.checkpoint, &opened.defaults);
        let mut params = opened.defaults.clone().with(&self.params);
        if let (None, DefaultRule::Masked(values)) = (self.params.strength, STRENGTH.default) {
            params.strength = values[usize::from(self.mask.is_some())];
        }
        sampler_flags::with_schedule(params, self.schedule)
    }
}

fn print_replaced_scheduler(
    given: &PartialParams,
    checkpoint: &Checkpoint,
    defaults: &GenerationParams,
) {
    if let (None, Some(used), Err(error)) =
        (given.scheduler, defaults.scheduler, runtime::own_scheduler(&checkpoint.scheduler))
    {
        eprintln!("hearth: {error} {used} is used.");
    }
}

/// AUTOMATIC1111's number of the text encoder's last layer, for both prompts.
const CLIP_SKIP: &str = "clip-skip";

/// The argument that stands for both parameters of skipped layers.
fn clip_skip() -> Arg {
    Arg::new(CLIP_SKIP)
        .long(CLIP_SKIP)
        .value_name("N")
        .help(
            "Clip skip as AUTOMATIC1111 counts, for both prompts: 1 leaves out no layer of the text encoder, 2 the \
             last [default: 1]",
        )
        .value_parser(clap::value_parser!(u64).range(1..=33))
        .conflicts_with_all(["clip_skip", "clip_skip_negative"])
}

impl clap::Args for ParamsArguments {
    fn augment_args(command: Command) -> Command {
        let fields = FIELDS.iter().chain(&IMAGES).map(|field| match field.name {
            "prompt" => argument(field).required_unless_present("prompts"),
            _ => argument(field),
        });
        command.arg(clip_skip()).args(fields).args(sampler_flags::arguments())
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for ParamsArguments {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let path = |name: &str| matches.get_one::<PathBuf>(name).cloned();
        let mut params = given(matches, FIELDS.iter())?;
        let schedule = sampler_flags::apply(matches, &mut params)?;
        Ok(ParamsArguments { params, image: path("image"), mask: path("mask"), schedule })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl clap::Args for SamplingArguments {
    fn augment_args(command: Command) -> Command {
        command.arg(clip_skip()).args(sampling().map(argument)).args(sampler_flags::arguments())
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for SamplingArguments {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut params = given(matches, sampling())?;
        let schedule = sampler_flags::apply(matches, &mut params)?;
        Ok(SamplingArguments { params, schedule })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn sampling() -> impl Iterator<Item = &'static Field> {
    FIELDS.iter().filter(|field| field.section == Section::Sampling)
}

/// Returns the argument of a row.
fn argument(field: &'static Field) -> Arg {
    let argument = Arg::new(field.name)
        .long(field.flag)
        .value_name(field.value_name)
        .help(help(field))
        // A number below zero is a value, which is taken or refused as one.
        .allow_negative_numbers(true)
        // With underscores, as diffusers' scripts have it.
        .aliases((field.name != field.flag).then_some(field.name));
    let argument = match ALIASES.iter().find(|(name, ..)| *name == field.name) {
        Some((_, short, long)) => {
            let argument = argument.visible_aliases(long.first()).aliases(long.iter().skip(1));
            match short {
                Some(short) => argument.short(*short),
                None => argument,
            }
        }
        None => argument,
    };
    let argument = match field.requires {
        Some(other) => argument.requires(other),
        None => argument,
    };
    match field.kind {
        Kind::Image => argument.value_parser(clap::value_parser!(PathBuf)),
        _ => argument.value_parser(move |text: &str| parse(field, text)),
    }
}

/// Returns whether a parameter has this name: its own, JavaScript's, or that of its flag or an alias.
pub fn stands_for(field: &Field, name: &str) -> bool {
    let aliases = ALIASES.iter().find(|(of, ..)| *of == field.name);
    let aliases = aliases.map_or(&[][..], |(_, _, long)| long);
    [field.name, field.js, field.flag].contains(&name) || aliases.contains(&name)
}

/// Parses a value, also in the words of other programs.
pub fn parse(field: &'static Field, text: &str) -> Result<Value> {
    match field.name {
        "seed" if RANDOM_SEEDS.contains(&text.trim().to_lowercase().as_str()) => {
            Ok(Value::Text("random".to_string()))
        }
        "seed" => field.parse(text).map_err(|error| match error {
            Error::InvalidRequest { field, value, .. } => {
                Error::InvalidRequest { field, value, reason: messages::seed_choices(u64::MAX) }
            }
            other => other,
        }),
        "scheduler" => field.parse(text).or_else(|error| {
            let name = metadata::scheduler_of_any_name(text).ok_or(error)?;
            Ok(Value::Text(name.to_string()))
        }),
        "schedule" => field.parse(text).or_else(|error| {
            let sigmas = metadata::schedule_of_any_name(text).ok_or(error)?;
            Ok(Value::Text(sigmas.as_str().to_string()))
        }),
        _ => field.parse(text),
    }
}

/// Returns the command line with a text that begins with a dash joined to its flag, `--prompt=-1girl`,
/// as clap wants it. What looks like a flag stays one: a forgotten prompt must not swallow it.
pub fn with_joined_texts(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut joined: Vec<OsString> = Vec::new();
    for argument in arguments {
        let begins_with_dash = argument.to_string_lossy().starts_with('-');
        match joined.last_mut() {
            Some(flag) if begins_with_dash && is_text_flag(flag) && !looks_like_flag(&argument) => {
                // Short flags take the text without a sign between them.
                if flag.to_string_lossy().starts_with("--") {
                    flag.push("=");
                }
                flag.push(argument);
            }
            _ => joined.push(argument),
        }
    }
    joined
}

/// Returns whether this is a flag whose value is a text.
fn is_text_flag(argument: &OsStr) -> bool {
    let texts = FIELDS.iter().filter(|field| matches!(field.kind, Kind::Text));
    texts.into_iter().any(|field| {
        let aliases = ALIASES.iter().find(|(name, ..)| *name == field.name);
        let (short, long) = aliases.map_or((None, &[][..]), |(_, short, long)| (*short, *long));
        let mut names = long.iter().copied().chain([field.flag, field.name]);
        let text = argument.to_string_lossy();
        short.is_some_and(|short| *text == *format!("-{short}"))
            || text.strip_prefix("--").is_some_and(|flag| names.any(|name| name == flag))
    })
}

/// `--steps`, `--width=64` or `-o`.
fn looks_like_flag(argument: &OsStr) -> bool {
    let text = argument.to_string_lossy();
    let name = text.split('=').next().unwrap_or_default();
    match name.strip_prefix("--") {
        Some(name) => name.chars().all(|c| c.is_ascii_alphabetic() || "-_".contains(c)),
        None => text.len() == 2 && text.ends_with(|c: char| c.is_ascii_alphabetic()),
    }
}

fn help(field: &Field) -> String {
    let names = match field.kind {
        Kind::Choice(choice) => format!(": {}", (choice.summary)()),
        _ => String::new(),
    };
    let default = match field.default {
        _ if field.section == Section::Size => SIZE_DEFAULT.to_string(),
        DefaultRule::Model if field.name == "prompt" => String::new(),
        DefaultRule::Model => "the model's own".to_string(),
        DefaultRule::Masked([without, with]) => format!("{without}, with --mask {with}"),
        DefaultRule::Random => "random".to_string(),
        DefaultRule::Fixed => {
            let value = GenerationParams::default().get(field);
            value.map_or(String::new(), |value: Value| value.to_string())
        }
        DefaultRule::Absent => String::new(),
    };
    match default.as_str() {
        "" => format!("{}{names}", field.help),
        default => format!("{}{names} [default: {default}]", field.help),
    }
}

/// Returns the values that the user gave for these fields.
fn given<'a>(
    matches: &ArgMatches,
    fields: impl Iterator<Item = &'a Field>,
) -> Result<PartialParams, clap::Error> {
    let mut params = PartialParams::default();
    for field in fields {
        if let Some(value) = matches.get_one::<Value>(field.name)
            && !(field.name == "seed" && matches!(value, Value::Text(_)))
            && !params.set(field, value)
        {
            let message = format!("--{} cannot be {value}\n", field.flag);
            return Err(clap::Error::raw(ErrorKind::InvalidValue, message));
        }
    }
    if let Some(number) = matches.get_one::<u64>(CLIP_SKIP) {
        let skipped = number.saturating_sub(1) as usize;
        (params.clip_skip, params.clip_skip_negative) = (Some(skipped), Some(skipped));
    }
    Ok(params)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use clap::{Args, Command, FromArgMatches};
    use hearth::params::{FIELDS, IMAGES};

    use super::{ParamsArguments, SamplingArguments};

    #[test]
    fn arguments_are_all_rows_of_the_table() {
        let command = ParamsArguments::augment_args(Command::new("hearth"));
        command.clone().debug_assert();
        let flags: Vec<_> =
            command.get_arguments().filter_map(|argument| argument.get_long()).collect();
        let rows = FIELDS.iter().chain(&IMAGES).map(|field| field.flag);
        let rows = std::iter::once(super::CLIP_SKIP).chain(rows);
        let rows: Vec<_> = rows.chain(["sampler", "schedule"]).collect();
        assert_eq!(flags, rows);
    }

    #[test]
    fn parsing_returns_only_given_values() {
        let command = SamplingArguments::augment_args(Command::new("hearth"));
        let matches = command.get_matches_from([
            "hearth",
            "--clip-skip",
            "2",
            "--eta",
            "1",
            "--guidance-scale",
            "-2",
        ]);
        let given = SamplingArguments::from_arg_matches(&matches).unwrap().params;
        assert_eq!((given.clip_skip, given.eta), (Some(1), Some(1.0)));
        assert_eq!(given.clip_skip_negative, Some(1));
        assert_eq!(given.guidance_scale, Some(-2.0));
        assert_eq!((given.num_inference_steps, given.scheduler), (None, None));
    }

    #[test]
    fn sampler_and_schedule_take_names_of_other_programs() {
        let scheduler = |arguments: &[&str]| {
            let command = SamplingArguments::augment_args(Command::new("hearth"));
            let matches = command.try_get_matches_from([&["hearth"], arguments].concat())?;
            let given = SamplingArguments::from_arg_matches(&matches)?;
            Ok::<_, clap::Error>((given.params.scheduler.map(|name| name.as_str()), given.schedule))
        };
        for (arguments, expected) in [
            (&["--sampler", "DPM++ 2M"][..], "dpmpp-2m"),
            (&["--sampler", "DPM++ 2M Karras"], "dpmpp-2m-karras"),
            (&["--sampler", "dpmpp_2m", "--schedule", "karras"], "dpmpp-2m-karras"),
            (&["--sampler", "EULER A", "--schedule", "SGM Uniform"], "euler-ancestral-sgm-uniform"),
            (&["--sampler", "uni_pc_bh2", "--schedule", "ddim_uniform"], "unipc-ddim-uniform"),
            (&["--sampler", "euler-karras"], "euler-karras"),
            (&["--scheduler", "euler", "--schedule", "Align Your Steps"], "euler-align-your-steps"),
            (&["--scheduler", "heun-karras", "--schedule", "beta"], "heun-beta"),
        ] {
            assert_eq!(scheduler(arguments).unwrap(), (Some(expected), None), "{arguments:?}");
        }
        let (sampler, schedule) = scheduler(&["--schedule", "Karras"]).unwrap();
        assert_eq!((sampler, schedule), (None, Some(hearth::scheduler::SigmaSchedule::Karras)));
        for arguments in [
            &["--sampler", "Euler", "--scheduler", "euler"][..],
            &["--sampler", "PLMS", "--schedule", "karras"],
            &["--schedule", "kerras"],
            &["--sampler", "HeunPP2"],
        ] {
            assert!(scheduler(arguments).is_err(), "{arguments:?}");
        }
    }

    #[test]
    fn unknown_scheduler_is_error_with_all_names() {
        let command = SamplingArguments::augment_args(Command::new("hearth"));
        let error = command.try_get_matches_from(["hearth", "--scheduler", "x"]).unwrap_err();
        assert!(error.to_string().contains("euler-ancestral"), "{error}");
    }
}
