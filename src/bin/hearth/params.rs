//! Parameters of an image as command line arguments.

use std::path::PathBuf;

use clap::{Arg, ArgMatches, Command, error::ErrorKind};
use hearth::families::Checkpoint;
use hearth::params::{
    DefaultRule, FIELDS, Field, GenerationParams, IMAGES, Kind, PartialParams, STRENGTH, Section,
    Value,
};
use hearth::{Result, runtime};

use super::model_args::OpenedCheckpoint;

/// Default of `--width` and `--height`, which depends on the init image.
const SIZE_DEFAULT: &str = "the model's own size; with --image the picture's own, or as many pixels as the model's own \
                            size has if the picture has more than twice as many; with --padding-mask-crop the model's own";

/// All parameters: values and images.
#[derive(Debug, Default, Clone)]
pub struct ParamsArguments {
    /// Values that the user gave.
    pub params: PartialParams,
    /// Path of the init image.
    pub image: Option<PathBuf>,
    /// Path of the mask.
    pub mask: Option<PathBuf>,
}

/// Parameters of the denoising, for every subcommand that generates images.
#[derive(Debug, Default, Clone)]
pub struct SamplingArguments {
    /// Values that the user gave.
    pub params: PartialParams,
}

impl SamplingArguments {
    /// Returns the model's defaults, replaced by the user's values. Prints which scheduler is used
    /// if the checkpoint's own is not supported and the user gave none.
    pub fn complete(&self, opened: &OpenedCheckpoint<'_>) -> GenerationParams {
        print_replaced_scheduler(&self.params, &opened.checkpoint, &opened.defaults);
        opened.defaults.clone().with(&self.params)
    }
}

impl ParamsArguments {
    /// Returns the model's defaults, replaced by the user's values, except for the size. Prints
    /// which scheduler is used if the checkpoint's own is not supported and the user gave none.
    pub fn complete(&self, opened: &OpenedCheckpoint<'_>) -> GenerationParams {
        print_replaced_scheduler(&self.params, &opened.checkpoint, &opened.defaults);
        let mut params = opened.defaults.clone().with(&self.params);
        if let (None, DefaultRule::Masked(values)) = (self.params.strength, STRENGTH.default) {
            params.strength = values[usize::from(self.mask.is_some())];
        }
        params
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

impl clap::Args for ParamsArguments {
    fn augment_args(command: Command) -> Command {
        command.args(FIELDS.iter().chain(&IMAGES).map(argument))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for ParamsArguments {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let path = |name: &str| matches.get_one::<PathBuf>(name).cloned();
        let params = given(matches, FIELDS.iter())?;
        Ok(ParamsArguments { params, image: path("image"), mask: path("mask") })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl clap::Args for SamplingArguments {
    fn augment_args(command: Command) -> Command {
        command.args(sampling().map(argument))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for SamplingArguments {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(SamplingArguments { params: given(matches, sampling())? })
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
        .required(field.name == "prompt")
        // A value out of range is refused later, as an invalid request.
        .allow_negative_numbers(matches!(field.kind, Kind::Float { .. }));
    let argument = match field.requires {
        Some(other) => argument.requires(other),
        None => argument,
    };
    match field.kind {
        Kind::Image => argument.value_parser(clap::value_parser!(PathBuf)),
        _ => argument.value_parser(move |text: &str| field.parse(text)),
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
        DefaultRule::Model => "what the model is used to".to_string(),
        DefaultRule::Masked([without, with]) => format!("{without}, with --mask {with}"),
        DefaultRule::Fixed | DefaultRule::Random => {
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
            && !params.set(field, value)
        {
            let message = format!("--{} cannot be {value}\n", field.flag);
            return Err(clap::Error::raw(ErrorKind::InvalidValue, message));
        }
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
        let rows: Vec<_> = FIELDS.iter().chain(&IMAGES).map(|field| field.flag).collect();
        assert_eq!(flags, rows);
    }

    #[test]
    fn parsing_returns_only_given_values() {
        let command = SamplingArguments::augment_args(Command::new("hearth"));
        let matches = command.get_matches_from([
            "hearth",
            "--clip-skip",
            "1",
            "--eta",
            "1",
            "--guidance-scale",
            "-2",
        ]);
        let given = SamplingArguments::from_arg_matches(&matches).unwrap().params;
        assert_eq!((given.clip_skip, given.eta), (Some(1), Some(1.0)));
        assert_eq!(given.guidance_scale, Some(-2.0));
        assert_eq!((given.num_inference_steps, given.scheduler), (None, None));
    }

    #[test]
    fn unknown_scheduler_is_error_with_all_names() {
        let command = SamplingArguments::augment_args(Command::new("hearth"));
        let error = command.try_get_matches_from(["hearth", "--scheduler", "x"]).unwrap_err();
        assert!(error.to_string().contains("euler-ancestral"), "{error}");
    }
}
