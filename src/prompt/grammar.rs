//! Grammars, and what their weights act on.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Message, messages};

/// Makes an enum with names.
macro_rules! named {
    ($(#[doc = $doc:literal])+ $type:ident, $field:literal: $($(#[$of:meta])+ $variant:ident = $name:literal $(| $alias:literal)*;)+) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub enum $type {
            $($(#[$of])+ $variant,)+
        }

        impl $type {
            /// All, in the order of a menu.
            pub const ALL: &[$type] = &[$($type::$variant),+];

            /// Returns its name.
            pub fn as_str(self) -> &'static str {
                match self {
                    $($type::$variant => $name,)+
                }
            }

            /// Returns all names in one line.
            pub fn list() -> String {
                [$($name),+].join(", ")
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $type {
            type Err = Error;

            /// Finds a name in any case, with spaces or dashes.
            fn from_str(text: &str) -> Result<Self, Error> {
                let wanted = text.trim().to_lowercase().replace([' ', '_'], "-");
                match wanted.as_str() {
                    $($name $(| $alias)* => Ok($type::$variant),)+
                    _ => Err(Error::InvalidRequest {
                        field: $field,
                        value: match text.trim() {
                            "" => messages::empty(),
                            text => Message::verbatim(text),
                        },
                        reason: messages::one_of($type::list()),
                    }),
                }
            }
        }
    };
}

named! {
    /// Grammar of the prompts.
    Grammar, "grammar":
    /// AUTOMATIC1111's: networks, AND, schedules, weights, BREAK, chunks of 75 tokens.
    #[default]
    A1111 = "a1111" | "automatic1111" | "webui" | "forge";
    /// ComfyUI's: weights in round brackets, chunks.
    Comfy = "comfy" | "comfyui";
    /// None: every sign is text, and what is behind the 75th token is cut off.
    Plain = "plain" | "diffusers";
}

named! {
    /// What AUTOMATIC1111's weights do to the text encoder's output.
    Emphasis, "emphasis":
    /// They multiply it, and its mean is restored.
    #[default]
    Original = "original";
    /// They multiply it.
    NoNorm = "no-norm";
    /// They are read and dropped.
    Ignore = "ignore";
    /// They are not read: brackets are text.
    None = "none";
}

impl Emphasis {
    /// Returns AUTOMATIC1111's name.
    pub fn a1111_name(self) -> &'static str {
        match self {
            Emphasis::Original => "Original",
            Emphasis::NoNorm => "No norm",
            Emphasis::Ignore => "Ignore",
            Emphasis::None => "None",
        }
    }
}
