//! TypeScript types of the messages, for the npm package's client.
//!
//! After a change: `HEARTH_UPDATE_GENERATED=1 cargo test --release --features page --lib protocol`.
#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::path::Path;

use ts_rs::{Config, TS};

use super::*;
use crate::params::{FIELDS, Kind};

const FILE: &str = "npm/src/protocol.d.ts";

const HEAD: &str = "// Messages between page and worker. Generated from src/app/protocol by its unit test typescript.rs.

/** A text of the catalogue with its arguments, and in English. */
export type Message = { text: string, id?: string, arguments?: Message[] };
";

#[test]
fn package_has_the_types_of_all_messages() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    let text = declarations();
    let is_stale = std::fs::read_to_string(&file).ok().as_deref() != Some(&text);
    if is_stale && std::env::var_os("HEARTH_UPDATE_GENERATED").is_some() {
        std::fs::write(&file, text).unwrap();
    } else {
        assert!(!is_stale, "{FILE} is out of date, see the head of typescript.rs");
    }
}

fn declarations() -> String {
    let config = Config::new().with_large_int("number");
    let mut text = HEAD.to_string();
    declare::<Request>(&mut text, &config);
    declare::<Command>(&mut text, &config);
    declare::<DeviceChoice>(&mut text, &config);
    declare::<Choice>(&mut text, &config);
    declare::<Place>(&mut text, &config);
    declare::<ModelOptions>(&mut text, &config);
    text += &generation_params();
    declare::<Start>(&mut text, &config);
    declare::<Pixels>(&mut text, &config);
    declare::<WorkerMessage>(&mut text, &config);
    declare::<Event>(&mut text, &config);
    declare::<Origin>(&mut text, &config);
    declare::<Stage>(&mut text, &config);
    declare::<Remark>(&mut text, &config);
    declare::<Response>(&mut text, &config);
    declare::<ModelSheet>(&mut text, &config);
    declare::<ModelName>(&mut text, &config);
    declare::<Memory>(&mut text, &config);
    declare::<Card>(&mut text, &config);
    declare::<Plan>(&mut text, &config);
    declare::<Recipe>(&mut text, &config);
    declare::<Library>(&mut text, &config);
    declare::<Kept>(&mut text, &config);
    declare::<Scores>(&mut text, &config);
    declare::<Score>(&mut text, &config);
    declare::<Fault>(&mut text, &config);
    text
}

fn declare<T: TS>(text: &mut String, config: &Config) {
    write!(text, "\n{}export {}\n", T::docs().unwrap_or_default(), T::decl(config)).unwrap();
}

/// The parameters serialise themselves by their table.
fn generation_params() -> String {
    let mut text =
        "\n/** The parameters of an image. */\nexport type GenerationParams = { ".to_string();
    for field in FIELDS {
        let kind = match field.kind {
            Kind::Int { .. } | Kind::Float { .. } if !field.is_wide() => "number",
            _ => "string",
        };
        write!(text, "{}: {kind}, ", field.name).unwrap();
    }
    text + "};\n\n/** A request for an image: its parameters, and the init image. */\n\
            export type GenerateRequest = Partial<GenerationParams> & { start?: Start | null };\n"
}
