//! Files of the package that are generated from the table of parameters.
//!
//! After a change of the table: `HEARTH_UPDATE_GENERATED=1 cargo test --release --features page --test documents`, and
//! the difference is part of the review.

use std::fmt::Write as _;
use std::fs;

use crate::generated;
use hearth::params::{DefaultRule, FIELDS, Field, GenerationParams, IMAGES, Kind, Section};

#[test]
fn package_and_documentation_follow_the_table() {
    let files = [
        ("npm/src/fields.js", fields_js()),
        (
            "npm/index.d.ts",
            with_bodies(
                "npm/index.d.ts",
                &[
                    ("export interface GenerateRequest {\n", "}\n", request_type()),
                    ("export interface ResolvedRequest {\n", "}\n", resolved_type()),
                    ("  readonly defaults: Readonly<{\n", "  }>;\n", defaults_type()),
                ],
            ),
        ),
        (
            "npm/element.d.ts",
            with_bodies(
                "npm/element.d.ts",
                &[("  model: string;\n", "  /** Attribute `device`. */\n", properties_type())],
            ),
        ),
        (
            "docs/embedding.md",
            with_bodies(
                "docs/embedding.md",
                &[("<!-- parameters -->\n", "<!-- end of parameters -->\n", documentation())],
            ),
        ),
    ];
    let stale: Vec<&str> = files
        .iter()
        .filter(|(path, text)| generated::is_stale(path, text))
        .map(|(path, _)| *path)
        .collect();
    assert!(stale.is_empty(), "stale, see the head of tests/documents/parameters.rs: {stale:?}");
}

/// Returns the file with other text between each pair of lines: begin, end, text.
fn with_bodies(path: &str, bodies: &[(&str, &str, String)]) -> String {
    let file = fs::read_to_string(generated::absolute(path)).unwrap();
    bodies.iter().fold(file, |file, (begin, end, text)| {
        let from =
            file.find(begin).unwrap_or_else(|| panic!("{path} has no {begin:?}")) + begin.len();
        let to = from + file[from..].find(end).unwrap_or_else(|| panic!("{path} has no {end:?}"));
        [&file[..from], text, &file[to..]].concat()
    })
}

/// Every row, those of the picture to begin with last.
fn rows() -> impl Iterator<Item = &'static Field> {
    let of = |wanted: bool| {
        FIELDS.iter().filter(move |field| (field.section == Section::InitImage) == wanted)
    };
    of(false).chain(&IMAGES).chain(of(true))
}

fn fields_js() -> String {
    let mut text = String::from(
        "// The parameters of a picture. Generated from src/params by tests/documents/parameters.rs.\n\n\
         /** By their names in JavaScript; `name` is the engine's. */\nexport const FIELDS = {\n",
    );
    for field in rows() {
        let mut members = vec![format!("name: '{}'", field.name)];
        members.push(match field.kind {
            Kind::Text => "kind: 'text'".to_string(),
            Kind::Int { max, .. } if field.is_wide() => format!("kind: 'wide', max: {max}n"),
            Kind::Int { min, max, step } => {
                let [min, max] = [min, max].map(|bound| bound + field.offset());
                format!("kind: 'int', min: {min}, max: {max}, step: {step}")
            }
            Kind::Float { min, max, above } => {
                let mut range = "kind: 'float'".to_string();
                if min.is_finite() {
                    write!(range, ", {}: {min}", if above { "above" } else { "min" }).unwrap();
                }
                if max.is_finite() {
                    write!(range, ", max: {max}").unwrap();
                }
                range
            }
            Kind::Choice(choice) if field.default == DefaultRule::Fixed => {
                format!("kind: 'choice', values: ['{}']", (choice.names)().join("', '"))
            }
            Kind::Choice(_) => "kind: 'choice'".to_string(),
            Kind::Image => "kind: 'image'".to_string(),
        });
        members.extend(match field.default {
            DefaultRule::Model => Some("default: 'model'".to_string()),
            DefaultRule::Random => Some("default: 'random'".to_string()),
            DefaultRule::Masked([without, with]) => {
                Some(format!("default: {{ without: {without}, masked: {with} }}"))
            }
            DefaultRule::Fixed => {
                let value = field.shown(&GenerationParams::default().get(field).unwrap());
                let is_text = matches!(field.kind, Kind::Text | Kind::Choice(_));
                Some(format!("default: {}", if is_text { format!("'{value}'") } else { value }))
            }
            DefaultRule::Absent => None,
        });
        members.extend(field.count.map(|count| format!("offset: {}", count.offset)));
        members.extend(field.requires.map(|other| format!("requires: '{other}'")));
        members.extend(field.is_attribute.then(|| format!("attribute: '{}'", attribute(field))));
        writeln!(text, "  {}: {{ {} }},", field.js, members.join(", ")).unwrap();
    }
    text + "};\n"
}

/// `guidanceScale` → `guidance-scale`.
fn attribute(field: &Field) -> String {
    let dashed = |c: char| match c.is_ascii_uppercase() {
        true => format!("-{}", c.to_ascii_lowercase()),
        false => c.to_string(),
    };
    field.js.chars().map(dashed).collect()
}

fn type_of(field: &Field) -> &'static str {
    match field.kind {
        Kind::Text | Kind::Choice(_) => "string",
        Kind::Int { .. } if field.is_wide() => "number | bigint | string",
        Kind::Int { .. } | Kind::Float { .. } => "number",
        Kind::Image => "ImageSource | null",
    }
}

/// What it does, and what it is where it is left out.
fn described(field: &Field) -> String {
    let mut text = format!("{}.", field.count.map_or(field.help, |count| count.help));
    if let Some(other) = field.requires {
        write!(text, " Only with `{other}`.").unwrap();
    }
    if field.is_wide() {
        text += " Beyond 2^53 as bigint or text.";
    }
    match (field.default, field.kind) {
        (_, Kind::Image) => {
            text += " It fills the size, and is cut where it is too long. `null`: none."
        }
        (DefaultRule::Fixed, Kind::Choice(choice)) => {
            let value = GenerationParams::default().get(field).unwrap();
            write!(text, " One of {}. Left out: {value}.", (choice.summary)()).unwrap();
        }
        (_, Kind::Choice(_)) => {
            text += " One of the model’s `schedulers`. Left out: the model’s own."
        }
        (DefaultRule::Model, _) => text += " Left out: the model’s own.",
        (DefaultRule::Random, _) => text += " Left out: a random one.",
        (DefaultRule::Masked([without, with]), _) => {
            write!(text, " Left out: {without}, with a mask {with}.").unwrap();
        }
        (DefaultRule::Fixed, Kind::Text) | (DefaultRule::Absent, _) => {}
        (DefaultRule::Fixed, _) => {
            let value = field.shown(&GenerationParams::default().get(field).unwrap());
            write!(text, " Left out: {value}.").unwrap();
        }
    }
    text
}

fn request_type() -> String {
    let rows = rows().fold(String::new(), |text, field| {
        text + &format!("  /** {} */\n  {}?: {};\n", described(field), field.js, type_of(field))
    });
    rows + "  /**\n   * LoRAs, in the order in which they apply, and embeddings, which act where a prompt names them. They are opened if \
        need be.\n   * Left out: the model’s own (`model.adapter`), if it has one, which its name stands for in a list; an \
        empty list: none.\n   */\n  adapters?: readonly (AdapterSource | AdapterUse)[] | null;\n"
}

fn resolved_type() -> String {
    rows().fold(String::new(), |text, field| {
        let optional = if field.section == Section::InitImage { "?" } else { "" };
        let (comment, of) = match field.kind {
            Kind::Image => (
                "  /** What was given, not a copy: who changes it gets another picture. */\n",
                "ImageSource",
            ),
            _ if field.is_wide() => {
                ("  /** As text, because a number cannot hold every value. */\n", "string")
            }
            _ => ("", type_of(field)),
        };
        text + &format!("{comment}  {}{optional}: {of};\n", field.js)
    }) + "  adapters?: Required<AdapterUse>[];\n"
}

fn defaults_type() -> String {
    FIELDS
        .iter()
        .filter(|field| field.default == DefaultRule::Model)
        .fold(String::new(), |text, field| {
            text + &format!("    {}: {};\n", field.js, type_of(field))
        })
}

fn properties_type() -> String {
    FIELDS.iter().filter(|field| field.is_attribute).fold(String::new(), |text, field| {
        let js = field.js;
        let comment = format!("  /** Attribute `{}`. {} */\n", attribute(field), described(field));
        let property = match field.kind {
            Kind::Text | Kind::Choice(_) => format!("  {js}: string;\n"),
            _ if field.is_wide() => {
                format!(
                    "  get {js}(): string | null;\n  set {js}({js}: {} | null);\n",
                    type_of(field)
                )
            }
            _ => format!("  {js}: number | null;\n"),
        };
        text + &comment + &property
    })
}

fn documentation() -> String {
    let head =
        "\n| Module and property | Attribute | Terminal | | Since |\n|---|---|---|---|---|\n";
    let mut text = head.to_string();
    for field in rows() {
        let attribute = match field.is_attribute {
            true => format!("`{}`", attribute(field)),
            false => String::new(),
        };
        let less = match field.offset() {
            0 => String::new(),
            offset => format!(", {offset} less"),
        };
        writeln!(
            text,
            "| `{}` | {attribute} | `--{}`{less} | {} | {} |",
            field.js,
            field.flag,
            described(field),
            field.since
        )
        .unwrap();
    }
    text + "\n"
}
