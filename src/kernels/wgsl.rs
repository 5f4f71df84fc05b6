//! The part of a kernel that is generated: bindings, the functions through which a body reads and
//! writes them, and the constants that select its variant.

use std::fmt::Write;
use std::hash::{Hash, Hasher};

use super::unroll::unroll;

/// How an operand's numbers lie in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Storage {
    /// f32
    F32,
    /// f16 on a device that computes with it.
    F16,
    /// f16 on a device that does not: words of two, unpacked when read.
    PackedF16,
    /// There is no such operand; reading gives zeros.
    Absent,
    /// Words that only the kernel itself understands: no functions, the array has the operand's name.
    Words,
}

/// A tensor that a kernel reads or writes, as far as its text depends on it.
#[derive(Debug, Clone)]
pub(super) struct Operand {
    pub name: &'static str,
    pub storage: Storage,
    /// It is only read four numbers at a time, each four at a multiple of four.
    pub aligned: bool,
    pub written: bool,
}

/// A constant of a kernel's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Constant {
    U32(u32),
    Bool(bool),
}

impl From<u32> for Constant {
    fn from(value: u32) -> Self {
        Constant::U32(value)
    }
}

impl From<bool> for Constant {
    fn from(value: bool) -> Self {
        Constant::Bool(value)
    }
}

/// What tells one pipeline from another. Every launch looks its pipeline up by this, so that it is compared and hashed
/// without reading a text: a body is launched from one place, which gives it the same names in the same order.
#[derive(Debug, Clone)]
pub(super) struct Variant {
    pub name: &'static str,
    pub body: &'static str,
    pub constants: Vec<(&'static str, Constant)>,
    /// In the order of the bindings.
    pub operands: Vec<Operand>,
    /// Loops that are written out: their bound as it is spelled, and its value.
    pub unrolled: Vec<(&'static str, u32)>,
    /// The kernel keeps tiles of its inputs in workgroup memory, as f16 or as f32.
    pub tile_f16: Option<bool>,
    /// Members of `Info`, all `u32`: the sizes, which differ from launch to launch.
    pub info: Vec<&'static str>,
}

impl PartialEq for Variant {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.body, other.body)
            && self.tile_f16 == other.tile_f16
            && self
                .constants
                .iter()
                .map(|(_, value)| value)
                .eq(other.constants.iter().map(|(_, value)| value))
            && self
                .operands
                .iter()
                .map(Operand::layout)
                .eq(other.operands.iter().map(Operand::layout))
    }
}

impl Eq for Variant {}

impl Hash for Variant {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let constants = self.constants.iter().map(|(_, value)| match value {
            Constant::U32(value) => *value,
            Constant::Bool(value) => u32::from(*value),
        });
        let layouts = self.operands.iter().map(|operand| {
            let (storage, aligned) = operand.layout();
            2 * storage as u32 + u32::from(aligned)
        });
        // One number in place of a write for each: a hasher takes its time over every write.
        let all = constants.chain(layouts).chain([self.body.len() as u32]);
        const FACTOR: u64 = 0x517c_c1b7_2722_0a95; // rustc's FxHash
        let fold = |hash: u64, value| (hash.rotate_left(5) ^ u64::from(value)).wrapping_mul(FACTOR);
        state.write_u64(all.fold(0, fold));
    }
}

impl Variant {
    /// The whole text.
    pub fn source(&self) -> String {
        let mut text = String::new();
        // Writing into a string cannot fail.
        let _ = self.write(&mut text);
        text + &unroll(&without_comments(self.body), &self.unrolled)
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        if self.operands.iter().any(|operand| operand.storage == Storage::F16) {
            writeln!(text, "enable f16;")?;
        }
        for (name, value) in &self.constants {
            match value {
                Constant::U32(value) => writeln!(text, "const {name}: u32 = {value}u;")?,
                Constant::Bool(value) => writeln!(text, "const {name}: bool = {value};")?,
            }
        }
        if let Some(is_f16) = self.tile_f16 {
            let number = if is_f16 { "f16" } else { "f32" };
            writeln!(text, "alias tile = {number};\nalias tile4 = vec4<{number}>;")?;
        }
        // What is not there has the type of the first.
        let first = self.operands.first().map_or(Storage::F32, |operand| operand.storage);
        let raw = self.tile_f16.map(|_| first);
        let mut binding = 0;
        for operand in &self.operands {
            operand.write(binding, raw, text)?;
            binding += u32::from(operand.storage != Storage::Absent);
        }
        let members: String = self.info.iter().map(|name| format!(" {name}: u32,")).collect();
        writeln!(text, "struct Info {{{members} }}")?;
        writeln!(text, "@group(0) @binding({binding}) var<uniform> info: Info;")
    }
}

/// `text` without comments, indentation and empty lines.
fn without_comments(text: &str) -> String {
    let code = |line: &str| line.split("//").next().unwrap_or_default().trim().to_string();
    text.lines().map(code).filter(|line| !line.is_empty()).map(|line| line + "\n").collect()
}

impl Operand {
    /// What differs between launches of a kernel.
    fn layout(&self) -> (Storage, bool) {
        (self.storage, self.aligned)
    }

    fn write(&self, binding: u32, raw: Option<Storage>, text: &mut String) -> std::fmt::Result {
        let Operand { name, storage, aligned, written } = self;
        let has = *storage != Storage::Absent;
        writeln!(text, "const HAS_{}: bool = {has};", name.to_uppercase())?;
        if !has {
            return self.write_load(raw, text);
        }
        // Outside a browser several tensors share one buffer, and no buffer may be bound for reading
        // and for writing at once: there everything is bound for both.
        let access = if *written || !cfg!(target_family = "wasm") { "read_write" } else { "read" };
        let element = match (storage, aligned) {
            (Storage::F32, true) => "vec4<f32>",
            (Storage::F32, false) => "f32",
            (Storage::F16, true) => "vec4<f16>",
            (Storage::F16, false) => "f16",
            (Storage::PackedF16, true) => "vec2<u32>",
            _ => "u32",
        };
        let array =
            if *storage == Storage::Words { (*name).to_string() } else { format!("{name}_data") };
        writeln!(
            text,
            "@group(0) @binding({binding}) var<storage, {access}> {array}: array<{element}>;"
        )?;
        match (storage, written) {
            (Storage::Words, _) => Ok(()),
            (_, false) => self.write_load(raw, text),
            (_, true) => self.write_store(text),
        }
    }

    /// Elements `e..e + 4` as f32, those from `valid` on as zeros; and the same in
    /// the type in which they are stored, for kernels that put them into tiles.
    fn write_load(&self, raw: Option<Storage>, text: &mut String) -> std::fmt::Result {
        let Operand { name, storage, aligned, .. } = self;
        let number = |at: u32| match storage {
            Storage::PackedF16 => {
                format!("unpack2x16float({name}_data[(e + {at}u) >> 1u])[(e + {at}u) & 1u]")
            }
            _ => format!("f32({name}_data[e + {at}u])"),
        };
        let body = match (storage, aligned) {
            (Storage::Absent, _) => "return vec4<f32>();".to_string(),
            (Storage::PackedF16, true) => format!(
                "let pair = {name}_data[e >> 2u];\n    \
                 return vec4<f32>(unpack2x16float(pair.x), unpack2x16float(pair.y));"
            ),
            (_, true) => format!("return vec4<f32>({name}_data[e >> 2u]);"),
            (_, false) => {
                let mut body = "var v = vec4<f32>();\n".to_string();
                for at in 0..4 {
                    let _ =
                        writeln!(body, "    if (valid > {at}u) {{ v[{at}] = {}; }}", number(at));
                }
                body + "    return v;"
            }
        };
        writeln!(text, "fn load_{name}(e: u32, valid: u32) -> vec4<f32> {{\n    {body}\n}}")?;
        let Some(first) = raw else { return Ok(()) };
        let storage = if *storage == Storage::Absent { first } else { *storage };
        let number = if storage == Storage::F16 { "f16" } else { "f32" };
        let raw = match (storage, aligned) {
            _ if self.storage == Storage::Absent => format!("{name}4()"),
            (Storage::F32 | Storage::F16, true) => format!("{name}_data[e >> 2u]"),
            _ => format!("{name}4(load_{name}(e, valid))"),
        };
        writeln!(text, "alias {name}4 = vec4<{number}>;")?;
        writeln!(text, "fn raw_{name}(e: u32, valid: u32) -> {name}4 {{ return {raw}; }}")
    }

    /// Writes the first `valid` of four numbers to `e..`.
    fn write_store(&self, text: &mut String) -> std::fmt::Result {
        let Operand { name, storage, aligned, .. } = self;
        let number = if *storage == Storage::F16 { "f16" } else { "f32" };
        let body = if *aligned {
            format!("{name}_data[e >> 2u] = vec4<{number}>(v);")
        } else {
            (0..4)
                .map(|at| {
                    format!("if (valid > {at}u) {{ {name}_data[e + {at}u] = {number}(v[{at}]); }}")
                })
                .collect::<Vec<_>>()
                .join("\n    ")
        };
        writeln!(text, "fn store_{name}(e: u32, valid: u32, v: vec4<f32>) {{\n    {body}\n}}")
    }
}
